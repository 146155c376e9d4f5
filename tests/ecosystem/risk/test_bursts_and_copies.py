"""Reviews and orders that come at once, texts that are the same, accounts of one person."""

import numpy as np
import pytest

from core.ecosystem.risk.accounts_of_person import many_accounts
from core.ecosystem.risk.hourly_bursts import hourly_bursts
from core.ecosystem.risk.identical_reviews import identical_reviews
from core.ecosystem.risk.review_bursts import _due, weeks_later
from core.ecosystem.risk.tail_tests import tail
from core.workspace.read.rating_rows import NEVER
from tests.ecosystem.members.test_activity import accounts

HOUR = 3600


def test_reviews_come_as_late_after_orders_as_they_do_on_average() -> None:
    rng = np.random.default_rng(2)
    who, weeks = np.array([2, 5, 9]), 8
    lag = np.array([-1, 0, 0, 1, 4, 5, 2])
    member, week = rng.choice([2, 5, 6, 9], 80), rng.integers(0, 15, 80)
    delay = np.array([2, 1, 1, 0, 1]) / 5
    due = np.zeros((3, weeks))
    for customer, sold in zip(member, week, strict=True):
        for late, share in enumerate(delay):
            if customer in who and 0 <= sold - late < weeks and sold < weeks + 5:
                due[who.tolist().index(customer), sold - late] += share
    assert _due(who, lag, member, week, weeks) == pytest.approx(due)


def test_an_order_of_the_last_day_of_a_week_is_of_the_week_before_its_review() -> None:
    """As of day 100 the newest week is 94 to 100, the one before 87 to 93."""
    ordered, day = np.array([93, 94, 86, 0]), np.array([94, 100, 100, 100])
    assert weeks_later(100, ordered, day).tolist() == [1, 0, 2, -1]


@pytest.mark.parametrize(("events", "lead"), [(8, True), (7, False)])
def test_events_of_one_hour(events: int, lead: bool) -> None:
    rng = np.random.default_rng(6)
    member, day = np.repeat(np.arange(2, 62), 30), np.tile(np.arange(30), 60)
    moment = (1000 + day) * 24 * HOUR + rng.integers(1, 24 * HOUR, 1800)
    burst = np.full(events, (1000 + 12) * 24 * HOUR + 15 * HOUR) + np.arange(events)
    who, days = np.r_[member, np.ones(events, int)], np.r_[day + 1000, np.full(events, 1012)]
    found = hourly_bursts("hourly_orders", "orders", who, days, np.r_[moment, burst], 1029)
    assert bool(found.p_value[found.member == 1][0] < 1e-4) is lead
    if lead:
        cell = int(found.cell[found.member == 1][0])
        assert found.reasons(cell)[0].startswith("8 orders within one hour, 17 days before the newest day")
        assert found.rows is not None
        assert np.flatnonzero(found.rows(cell)).tolist() == list(range(1800, 1808))
    midnight = hourly_bursts(
        "hourly_orders", "orders", who, days, 0 * burst[:1] + np.r_[moment, burst] // (24 * HOUR) * 24 * HOUR, 1029
    )
    assert midnight.member.tolist() == [], "days without hours"


@pytest.mark.parametrize(("copies", "users", "lead"), [(12, 1, True), (12, 7, False)])
def test_one_text_of_one_member(copies: int, users: int, lead: bool) -> None:
    """A text that seven members have is a common phrase."""
    member = np.repeat(np.arange(1, 31), 20)
    text = np.full(600, -1)
    text[:copies] = 0
    for other in range(1, users):
        text[20 * other] = 0
    found = identical_reviews(member, text, ("x" * 70,))
    chance = found.p_value[found.member == 1][0]
    assert bool(chance < 1e-6) is lead
    if lead:
        share = 0.5 / (600 - 20 + 1)
        assert chance == pytest.approx(tail(np.array([12]), np.array([20 * share]), 1.0)[0])
        first, second = found.reasons(int(found.cell[0]))
        assert first.startswith("12 of its 20 reviews")
        assert second == f"the text: {'x' * 57}..."
        assert found.rows is not None
        assert np.flatnonzero(found.rows(int(found.cell[0]))).tolist() == list(range(12))


def test_persons_with_many_accounts() -> None:
    persons = ["P"] * 12 + [f"Q{at}" for at in range(40)]
    found, names = many_accounts(accounts(persons, [1000 + 3 * at for at in range(12)] + [NEVER] * 40))
    at = names.index("P")
    assert found.p_value[found.member == at][0] < 1e-6
    assert found.p_value[found.member != at].min() == 1.0
    assert found.reasons(at) == (
        "12 accounts of one person, where 1.0 are usual",
        "10 of them opened within four weeks",
    )
    assert many_accounts(accounts(["P"] * 4 + ["Q"]))[0].member.tolist() == []
