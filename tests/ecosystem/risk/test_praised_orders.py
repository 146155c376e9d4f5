"""Members of whose orders far more are praised than is usual."""

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.risk.review_patterns.praised_orders import praised_orders

MEMBERS, LINES, PRAISED = 25, 40, 12


def market(more: int, differing: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(member, praised) of 25 members with 40 lines, 12 of them praised, or 2 to 30; the first one has praised lines more."""
    member = np.r_[np.repeat(np.arange(1, MEMBERS + 1), LINES), np.ones(more, int)]
    times = np.linspace(2, 30, MEMBERS) if differing else np.full(MEMBERS, PRAISED)
    praised = np.tile(np.arange(LINES), MEMBERS) < np.repeat(times, LINES)
    return member, np.r_[praised, np.ones(more, bool)]


def test_far_more_praise_than_the_other_orders_let_expect_is_a_lead() -> None:
    """28 lines of each of 24 others have no praise, and 12 have: 672 : 288. With fifty more lines as in all markets that is
    707 : 303; two standard deviations fewer without praise are 653.8, odds of 0.463. Beside 28 + 1 lines 13.4 are usual."""
    member, praised = market(60)
    every = np.ones(len(member), bool)
    found = praised_orders(member, every.astype(int), praised, every, every)
    at = int(np.flatnonzero(found.member == 1)[0])
    odds = 303 / (707 - 2 * 707**0.5)
    assert found.p_value[at] == pytest.approx(stats.binom.cdf(28, 100, 1 / (1 + 1.5**2 * odds)), rel=1e-6)
    assert (found.p_value[found.member > 1] == 1).all()
    assert found.reasons(int(found.cell[at])) == (
        "72 of 100 order lines have a review of four or five stars; for 28 without one, 13.4 are usual",
    )
    assert found.rows is not None
    assert np.flatnonzero(found.rows(int(found.cell[at]))).tolist() == [*range(12), *range(1000, 1060)]


def test_members_whose_buyers_differ_in_how_often_they_praise_are_no_lead() -> None:
    member, praised = market(20, differing=True)
    every = np.ones(len(member), bool)
    assert praised_orders(member, every.astype(int), praised, every, every).p_value.min() > 1e-3


def test_that_none_of_few_other_lines_is_praised_proves_nothing() -> None:
    """20 lines of another member without any praise: one of 21 is usual, times the squared factor of 1.5."""
    member = np.repeat([1, 2], [100, 20])
    praised, every = np.arange(120) < 8, np.ones(120, bool)
    found = praised_orders(member, every.astype(int), praised, every, every)
    assert found.p_value[0] == 1
    many = praised_orders(member, every.astype(int), np.arange(120) < 40, every, every)
    assert many.p_value[0] == pytest.approx(stats.binom.cdf(60, 100, 1 / (1 + 1.5**2 / 21)), rel=1e-6)


def test_young_orders_and_those_before_the_last_weeks_tell_nothing() -> None:
    member, praised = market(60)
    every = np.ones(len(member), bool)
    only = np.arange(len(member)) < 20
    found = praised_orders(member, every.astype(int), praised, every, only)
    assert found.reasons(0)[0].startswith("12 of 20 order lines")
    for some in ((~every, every), (every, ~every)):
        assert praised_orders(member, every.astype(int), praised, *some).member.tolist() == []
    assert praised_orders(member, every.astype(int), ~every, every, every).member.tolist() == []
