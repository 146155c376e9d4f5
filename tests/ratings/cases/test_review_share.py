"""Orders without a review count as far as an account's reviewed ones predict, and the other way round."""

import numpy as np
import pytest

from core.base.arrays import Floats, Ints
from core.ratings.cases.independence.buyer_independence import Buyings
from core.ratings.cases.independence.review_share import _shown, times_usual, usually_reviewed

WAIT, TODAY = 28, 1000
PERSONS, EACH = 10, 40
"""Members of a market, and how many orders with a review each has, and without one."""


def factors(
    extra_good: int, extra_bad: int = 0, bad_of_ten: int = 0, age: int = 100, praised: bool = False
) -> tuple[Buyings, Ints, Floats]:
    """(lines, reviewed, factors) when the first member has so many more orders without a review, or with one, delivered so long
    ago."""
    extra = extra_good + extra_bad
    account = np.concatenate([np.repeat(np.arange(1, PERSONS + 1), 2 * EACH), np.ones(extra, np.int64)])
    base = np.concatenate([np.full(2 * EACH * PERSONS, TODAY - 100), np.full(extra, TODAY - age)])
    reviewed = np.where((np.arange(len(base)) % 2 == 0) & (np.arange(len(base)) < 2 * EACH * PERSONS), base + 5, 0)
    reviewed[2 * EACH * PERSONS :] = TODAY - 95 if praised else 0
    bad = np.concatenate([np.arange(2 * EACH * PERSONS) // 2 % 10 < bad_of_ten, np.arange(extra) < extra_bad])
    size = len(account)
    lines = Buyings(
        person=account,
        market=np.ones(size, np.int64),
        week=np.zeros(size, np.int64),
        others=np.zeros(size, np.int64),
        weight=np.ones(size),
        outcome=bad.astype(np.int64),
    )
    return lines, reviewed, usually_reviewed(lines, np.ones(size, np.int64), base, reviewed, TODAY, WAIT)


def rate_of_first(lines: Buyings, factor: Floats) -> float:
    own = lines.person == 1
    return float(factor[own & (lines.outcome > 0)].sum() / factor[own].sum())


@pytest.mark.parametrize("praised", [False, True])
def test_far_more_orders_with_or_without_a_review_count_up_to_one_and_a_half_times_the_usual_odds(
    praised: bool,
) -> None:
    """Fifty orders of each of nine others tell what is usual: 225 : 225, and one ninth more of all markets, 250 : 250. Two
    standard deviations fewer of the other kind are 250 : 218.4. So 1.5 x 1.145 x (40 + 5) of the first one's 440 count."""
    lines, reviewed, factor = factors(400, praised=praised)
    many = (lines.person == 1) & ((reviewed > 0) == praised)
    assert factor[many] == pytest.approx(1.5 * 250 / (250 - 2 * 250**0.5) * 45 / 440)
    assert (factor[~many] == 1).all(), "orders of the other kind, and those of others, count in full"


def test_silent_buyers_leave_the_rate_as_it_is() -> None:
    """A fifth of all orders are refunded: as many good ones without a review count as 32 reviewed good ones predict, and as
    many refunded ones as eight reviewed refunded ones do."""
    lines, reviewed, factor = factors(240, 60, bad_of_ten=2)
    assert rate_of_first(lines, factor) == pytest.approx(0.2, abs=0.004)
    counted = 1.5 * 250 / (250 - 2 * 250**0.5) * ((32 + 5) + (8 + 5 * 0.2))
    assert factor[(lines.person == 1) & (reviewed == 0)].sum() == pytest.approx(counted)


def test_silent_buyers_whose_orders_go_bad_more_often_than_the_reviewed_ones_leave_their_rate() -> None:
    """Of 340 good and 100 bad ones without a review, none of the reviewed ones bad, as many count as of all 440."""
    lines, reviewed, factor = factors(300, 100)
    silent = (lines.person == 1) & (reviewed == 0)
    limit = 1.5 * 250 / (250 - 2 * 250**0.5) * 45
    assert factor[silent & (lines.outcome == 0)] == pytest.approx(limit / 340)
    assert factor[silent & (lines.outcome == 1)] == pytest.approx(limit / 440)


def test_orders_of_nobody_and_those_that_never_came_are_left_alone() -> None:
    lines, reviewed, factor = factors(400)
    account, base = np.append(lines.person, [0] * 300 + [2] * 300), np.where(reviewed > 0, reviewed - 5, TODAY - 100)
    more = Buyings(
        person=account, market=np.ones(len(account), np.int64), week=0 * account, others=0 * account,
        weight=np.ones(len(account)), outcome=np.zeros(len(account), np.int64),
    )  # fmt: skip
    base = np.append(base, [TODAY - 100] * 300 + [0] * 300)
    found = usually_reviewed(more, np.ones(len(base), np.int64), base, np.append(reviewed, [0] * 600), TODAY, WAIT)
    assert (found[-600:] == 1).all()
    assert found[:-600] == pytest.approx(factor)


def test_reviews_come_evenly_until_they_tell_how_late_they_are() -> None:
    """After 0, 1 and 9 days, with twenty more that come evenly within the four days."""
    assert _shown(np.array([0, 1, 9]), 3) == pytest.approx([6 / 23, 12 / 23, 17 / 23, 1])


def test_each_further_refund_makes_the_rate_worse() -> None:
    rates = [rate_of_first(*(factors(200, bad, bad_of_ten=1)[at] for at in (0, 2))) for bad in (0, 10, 20, 60, 200)]
    assert (np.diff(rates) > 0).all()


def test_orders_too_young_for_a_review_are_not_silent() -> None:
    """Reviews come five days after the delivery."""
    assert (factors(400, age=1)[2] == 1).all()
    assert (factors(400, age=5)[2] < 1).any()


def test_where_nobody_reviews_all_orders_count() -> None:
    lines, reviewed, _ = factors(400)
    assert (
        usually_reviewed(lines, *np.ones((2, len(reviewed)), np.int64), np.zeros_like(reviewed), TODAY, WAIT) == 1
    ).all()


def test_reviews_of_one_member_alone_count_in_full_and_so_do_its_orders_without_one() -> None:
    """Those of others may not be in the data: nobody tells how many are usual."""
    lines, reviewed, _ = factors(0)
    for kind in (np.where(lines.person == 1, reviewed, 0), np.where(lines.person == 1, reviewed, TODAY - 95)):
        assert (usually_reviewed(lines, 0 * kind, np.full(len(kind), TODAY - 100), kind, TODAY, WAIT) == 1).all()


def test_orders_at_shops_without_a_review_do_not_tell_how_many_reviews_are_usual() -> None:
    """400 reviewed orders of the first one are too many compared with its other 40, and with 4,000 at another shop."""
    lines, reviewed, factor = factors(400, praised=True)
    more = np.arange(4000) % 2 + 1
    both = Buyings(
        person=np.append(lines.person, more), market=np.append(lines.market, 0 * more + 1),
        week=np.append(lines.others, 0 * more), others=np.append(lines.others, 0 * more),
        weight=np.append(lines.weight, np.ones(4000)), outcome=np.append(lines.outcome, 0 * more),
    )  # fmt: skip
    shop, base = np.repeat([1, 2], [len(reviewed), 4000]), np.full(len(reviewed) + 4000, TODAY - 100)
    found = usually_reviewed(both, shop, base, np.append(reviewed, 0 * more), TODAY, WAIT)[: len(reviewed)]
    assert found[reviewed > 0] == pytest.approx(factor[reviewed > 0])


def test_members_who_differ_honestly_set_how_many_orders_without_a_review_are_usual() -> None:
    """A fifth of the members have ten orders without a review to a reviewed one, the others five to six: all of them count."""
    account = np.repeat(np.arange(1, 11), 110)
    silent = np.tile(np.arange(110), 10) >= np.where(account <= 2, 10, 60)
    reviewed = np.where(silent, 0, TODAY - 90)
    lines = Buyings(
        person=account, market=np.ones(1100, np.int64), week=0 * account, others=0 * account, weight=np.ones(1100),
        outcome=np.zeros(1100, np.int64),
    )  # fmt: skip
    assert usually_reviewed(lines, 0 * account, np.full(1100, TODAY - 100), reviewed, TODAY, WAIT).min() > 0.9


@pytest.mark.parametrize(
    ("ratios", "limit"), [((9,), 1.5), ((9, 0.5), 1.5), ((9, 8), 8), ((9, 8, 7), 8), ((*range(1, 21), 50), 19)]
)
def test_nobody_sets_the_limit_of_its_own(ratios: tuple[float, ...], limit: float) -> None:
    """Of up to twenty members it is that of the second one; those with few orders tell nothing."""
    few = (80.0, 90.0)
    assert times_usual(np.array([*ratios, *few]), np.array([20.0] * len(ratios) + [19.9] * len(few))) == limit
