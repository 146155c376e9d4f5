"""Weeks in which far more goes bad than before: what counts of them, counted by hand."""

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from core.catalogue.rating_rules import packaged
from core.ratings.cases import bad_weeks
from core.ratings.cases.case_outcomes import Cases
from core.ratings.cases.independence.excess import evened
from core.ratings.cases.order_facts import NONE

Ints = NDArray[np.int64]
RULES = packaged()
REASONS = list(RULES.reasons)
FIRST = 7 * 2900


def orders(day: list[int], reason: str = "") -> Cases:
    """Orders of one member by day of delivery, counted from the first day of a week; all go wrong for one reason, or none."""
    nothing = np.zeros(len(day), np.int64)
    at = np.array(day, np.int64) + FIRST
    ones = np.ones(len(day))
    low = reason == "review"
    return Cases(
        id=nothing, day=at, seller=nothing, who=nothing + 1, market=nothing, category=nothing, channel=nothing,
        content=nothing, product=nothing, base=at, refundable=nothing == 0, late=nothing > 0,
        fault=nothing + (REASONS.index(reason) if reason else NONE), known=at, stars=nothing + 1 * low,
        reviewed=(at + 2) * low, due=nothing, dispatch=nothing + NONE, gmv=nothing, delivery_weight=ones,
        dispatch_weight=ones, review_weight=ones * low,
    )  # fmt: skip


def together(*parts: Cases) -> Cases:
    return Cases(**{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Cases)})


def limited(cases: Cases, role: Ints | None = None) -> Cases:
    return bad_weeks.limited(cases, cases.who, np.zeros(len(cases.who), np.int64) if role is None else role, RULES)


GOOD = orders([7 * week + 3 for week in range(14) for _ in range(12)])
ONE = orders([2], "content")


def test_what_goes_bad_in_a_week_counts_up_to_what_chance_makes_of_the_weeks_before() -> None:
    """One bad order in eight weeks, and one that everybody has: .25 a week. 2 x .25 + 2 x .5 + 1 = 2.5 count in the tenth one.

    Ten are two doublings, a tenth more: 2.75; 40 are four: 3. The two weeks before tell nothing. So in the eleventh 2 / 9 a week
    is usual, the limit 2.387, and of ten 2.634 count; in the fourteenth 4.75 / 11 is usual, the limit 3.178, and 3.441 count.
    """
    for size, counts in ((10, [2.75]), (40, [3.0]), (10, [2.75, 2.634]), (10, [2.75, 2.634, 2.538, 3.441])):
        attack = orders([7 * (10 + week) + 3 for week in range(len(counts)) for _ in range(size)], "content")
        weight = limited(together(GOOD, ONE, attack)).delivery_weight[len(GOOD.id) + 1 :]
        assert weight.reshape(-1, size).sum(axis=1) == pytest.approx(counts, abs=1e-3)


def test_what_goes_bad_in_the_place_of_usual_orders_counts_in_full() -> None:
    """Twelve orders a week are usual. Beside six good ones six bad ones count, and of eight 6 x (1 + log2(8 / 6) / 20).

    If others of the market sell half of a hundred, 12 x (50 + 20) / (100 + 20) = 7 are expected: one is missing, so 1 + 2 / 8 +
    2 / 8 ** .5 count as after eight weeks without a bad order.
    """
    usual = orders([7 * week + 3 for week in range(10) for _ in range(12)])
    for size, others, limit in ((6, 100, 6.0), (8, 100, 6.0), (6, 50, 1 + 2 / 8 + 2 / 8**0.5)):
        rivals = orders([7 * week + 3 for week in range(11) for _ in range(100 if week < 10 else others)])
        cases = together(usual, orders([73] * 6), rivals, orders([73] * size, "product"))
        cases.who[len(usual.id) + 6 : -size] = 2
        counts = min(size, limit * (1 + max(np.log2(size / limit), 0) / 20))
        assert limited(cases).delivery_weight[-size:].sum() == pytest.approx(counts)


def test_the_newest_of_a_week_count_and_those_of_a_day_evenly() -> None:
    """Of ten 2.75 count: the newest in full, and 1.75 of the four of the day before it."""
    attack = orders([70, 74, 76, 74, 74, 74, 70, 71, 71, 71], "content")
    weight = limited(together(GOOD, ONE, attack)).delivery_weight
    assert weight[-10:] == pytest.approx([0, 0.4375, 1, 0.4375, 0.4375, 0.4375, 0, 0, 0, 0])
    assert (weight[:-10] == 1).all()


def test_other_faults_roles_and_members_and_what_rivals_cannot_cause_are_not_limited_by_it() -> None:
    attack, few = orders([70] * 40, "content"), orders([70], "product")
    late = orders([70] * 20)
    late = Cases(**{one.name: getattr(late, one.name) for one in fields(Cases)} | {"dispatch": late.dispatch + 3})
    cases = together(GOOD, ONE, attack, few, late)
    weights = limited(cases)
    assert weights.delivery_weight[-21] == 1
    assert weights.dispatch_weight.tolist() == cases.dispatch_weight.tolist()
    role = np.zeros(len(cases.id), np.int64)
    role[-31:-21] = 1
    apart = limited(cases, role).delivery_weight
    assert apart[-31:-21].sum() == 10, "of a card that begins then nothing is known"
    assert apart[-61:-31].sum() == pytest.approx(2.5 * (1 + np.log2(12) / 20))


def test_bad_reviews_are_limited_by_the_day_of_the_review() -> None:
    """Delivered on the last day of the thirteenth week, reviewed in the fourteenth: eleven weeks tell what is usual."""
    attack = orders([7 * 12 + 6] * 30, "review")
    weights, limit = limited(together(GOOD, attack)), 1 + 2 / 11 + 2 / 11**0.5
    assert weights.review_weight[-30:].sum() == pytest.approx(limit * (1 + np.log2(30 / limit) / 20))
    assert (weights.delivery_weight == 1).all()


def test_in_the_first_four_weeks_of_a_card_all_counts() -> None:
    for day, counts in ((27, 8.0), (28, 1 + 2 / 2 + 2 / 2**0.5)):
        weight = limited(together(GOOD, orders([day] * 8, "service"))).delivery_weight
        assert weight[-8:].sum() == pytest.approx(counts, rel=0.07), "8 are 1.2 doublings: 6 % more"


def test_more_bad_orders_of_a_week_never_count_less() -> None:
    rng = np.random.default_rng(1)
    days = rng.integers(0, 98, 400).tolist()
    counted = [
        limited(together(GOOD, orders(days[:size], "content"))).delivery_weight[len(GOOD.id) :]
        for size in range(1, 400, 7)
    ]
    fading = [float((weight * 0.99 ** (98 - np.array(days[: len(weight)]))).sum()) for weight in counted]
    assert (np.diff(fading) > -1e-12).all()


def test_weeks_with_most_bad_orders_are_cut_first_whichever_orders_are_in_excess() -> None:
    """Of 2, 6 and 10 in three weeks 12 count: 2, 5 and 5. Of another member's 1 and 3 all count, of a third's 8 and 8 half."""
    full = np.array([2.0, 3, 3, 9, 1, 1, 3, 8, 8])
    limited_ = np.array([1.0, 3, 2, 5, 1, 1, 3, 0, 8])
    series, week = np.array([0, 0, 0, 0, 0, 1, 1, 2, 2]), np.array([4, 1, 1, 3, 3, 4, 4, 1, 0])
    assert evened(full, limited_, series, week) == pytest.approx([2, 2.5, 2.5, 4.5, 0.5, 1, 3, 4, 4])
    assert evened(full[:0], full[:0], series[:0], week[:0]).tolist() == []


def test_bad_orders_that_are_in_excess_and_come_in_one_week_never_count_less_the_more_they_are() -> None:
    """A bad order every other week; of all at most ten count. An even cut would take from those of the other weeks."""
    usual = [7 * week + 1 for week in range(0, 14, 2)]
    counted = []
    for size in range(0, 60, 5):
        bad = orders(usual + [75] * size, "content")
        weight = np.ones(len(bad.id))
        weight = evened(weight, weight * min(1, 10 / len(weight)), 0 * bad.day, bad.day // 7)
        cases = together(GOOD, bad)
        cases.delivery_weight[len(GOOD.id) :] = weight
        counted.append(float(limited(cases).delivery_weight[len(GOOD.id) :].sum()))
    assert (np.diff(counted) > -1e-9).all()
    assert counted[0] == 7
    assert counted[-1] > 8
