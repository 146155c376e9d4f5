"""Orders of buyers whom nobody else has: honest ones count in full, bought ones hardly."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.ratings.cases.buyer_independence import Buyings, has_no_other, independence, independence_of_reviews

Ints = NDArray[np.int64]
PERSONS, ORDERS, BUYERS = 40, 60, 1500


def honest(seed: int, market_two: bool = False) -> Buyings:
    """Persons whose buyers come from one crowd; a fifth of their orders are bad."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(1, PERSONS + 1), ORDERS)
    size = len(person)
    market = np.where((person > PERSONS // 2) & market_two, 2, 1)
    buyer = np.where(market == 2, rng.integers(BUYERS, 9 * BUYERS, size), rng.integers(1, BUYERS, size))
    return Buyings(
        person=person, account=person, market=market, buyer=buyer, weight=np.ones(size), bad=rng.random(size) < 0.2
    )


def with_bought(lines: Buyings, times: int, shared_buyers: bool = False) -> Buyings:
    """The first person buys good orders from itself, each of a new buyer."""
    first = int(lines.buyer.max()) + 1
    buyer = np.resize(lines.buyer[ORDERS:], times) if shared_buyers else np.arange(first, first + times)
    return Buyings(
        person=np.concatenate([lines.person, np.ones(times, np.int64)]),
        account=np.concatenate([lines.person, np.ones(times, np.int64)]),
        market=np.concatenate([lines.market, np.ones(times, np.int64)]),
        buyer=np.concatenate([lines.buyer, buyer]),
        weight=np.ones(len(lines.person) + times),
        bad=np.concatenate([lines.bad, np.zeros(times, bool)]),
    )


def factor_of(lines: Buyings) -> NDArray[np.float64]:
    return independence(lines, has_no_other(lines.person, lines.buyer))


def rate_of_first(lines: Buyings) -> float:
    weight = lines.weight * factor_of(lines)
    own = lines.person == 1
    return float(weight[own & lines.bad].sum() / weight[own].sum())


@pytest.mark.parametrize("market_two", [False, True])
def test_honest_orders_keep_their_weight(market_two: bool) -> None:
    lines = honest(1, market_two)
    factor = factor_of(lines)
    assert factor.max() == 1
    assert factor.mean() > 0.99, "buyers are alike within a market, whatever they are in another one"


@pytest.mark.parametrize("times", [20, 100, 500, 5000])
def test_bought_orders_of_new_buyers_hardly_lower_the_rate(times: int) -> None:
    lines = honest(2)
    before, after = rate_of_first(lines), rate_of_first(with_bought(lines, times))
    assert 0.8 * before < after <= before


@pytest.mark.parametrize("times", [20, 500])
def test_a_praised_order_of_every_new_buyer_counts_no_more_than_usual_reviews_do(times: int) -> None:
    """Three of ten honest orders have a review, all of the bought ones: weights of orders alone would let them in."""
    plain = honest(2)
    reviewed = np.random.default_rng(3).random(len(plain.person)) < 0.3
    stars = np.where(reviewed, np.where(plain.bad, 1, 5), 0)

    def happy(lines: Buyings, stars: Ints) -> tuple[float, float]:
        alone = has_no_other(lines.person, lines.buyer)
        weight = independence_of_reviews(lines, alone, stars)
        assert (weight[stars == 0] == 1).all()
        weight, own = np.where(stars > 0, weight, 0.0), lines.person == 1
        return float(weight[own & (stars == 5)].sum() / weight[own].sum()), float(weight[own & alone].sum())

    before, _ = happy(plain, stars)
    bought = with_bought(plain, times)
    after, of_unknown = happy(bought, np.concatenate([stars, np.full(times, 5)]))
    assert before <= after < before + 0.05
    assert of_unknown < 0.3 * reviewed[:ORDERS].sum()


def test_orders_of_buyers_whom_others_have_count() -> None:
    lines = honest(2)
    assert rate_of_first(with_bought(lines, 60, shared_buyers=True)) < 0.6 * rate_of_first(lines)


def test_bad_orders_of_new_buyers_never_help() -> None:
    lines = honest(3)
    bought = with_bought(lines, 30)
    worse = Buyings(
        person=bought.person, account=bought.person, market=bought.market, buyer=bought.buyer, weight=bought.weight,
        bad=bought.bad | (np.arange(len(bought.bad)) >= len(lines.bad)),
    )  # fmt: skip
    assert rate_of_first(worse) > rate_of_first(lines)


def test_where_no_buyer_comes_back_nothing_is_cut() -> None:
    lines = honest(4)
    alone = np.arange(1, len(lines.buyer) + 1)
    for buyer in (alone, np.zeros_like(alone)):
        once = Buyings(
            person=lines.person,
            account=lines.person,
            market=lines.market,
            buyer=buyer,
            weight=lines.weight,
            bad=lines.bad,
        )
        assert (factor_of(once) == 1).all()


def test_nobody_changes_what_is_usual_for_oneself() -> None:
    lines = with_bought(honest(5), 400)
    others = lines.person > 1
    assert factor_of(lines)[others].mean() > 0.99
    only = Buyings(
        person=lines.person[~others], account=lines.person[~others], market=lines.market[~others], buyer=lines.buyer[~others],
        weight=lines.weight[~others], bad=lines.bad[~others],
    )  # fmt: skip
    assert (factor_of(only) == 1).all(), "of one person alone nothing is known to compare with"


def test_orders_without_a_buyer_count_as_they_are() -> None:
    lines = with_bought(honest(6), 400)
    nameless = Buyings(
        person=lines.person, account=lines.person, market=lines.market,
        buyer=np.where(np.arange(len(lines.buyer)) % 4 == 0, 0, lines.buyer),
        weight=lines.weight, bad=lines.bad,
    )  # fmt: skip
    factor = factor_of(nameless)
    assert (factor[nameless.buyer == 0] == 1).all()
    assert factor[len(honest(6).person) :][nameless.buyer[len(honest(6).person) :] > 0].max() < 0.2
