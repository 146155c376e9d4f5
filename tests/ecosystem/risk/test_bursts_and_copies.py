"""Reviews and orders that come at once, texts that are the same, accounts of one person."""

from typing import Any, cast

import numpy as np
import pytest

from core.ecosystem.risk import hourly_bursts as hours
from core.ecosystem.risk.accounts_of_person import many_accounts
from core.ecosystem.risk.hourly_bursts import hourly_bursts
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.review_patterns import identical_reviews as copies
from core.ecosystem.risk.review_patterns import review_bursts as module
from core.ecosystem.risk.review_patterns.identical_reviews import identical_reviews
from core.ecosystem.risk.review_patterns.review_bursts import LAGS, _due, review_bursts
from core.ecosystem.risk.tail_tests import tail, unusual
from core.workspace.read.rating_rows import NEVER
from tests.ecosystem.members.test_activity import accounts
from tests.ecosystem.risk.test_risk import ODD, leads

HOUR = 3600


def test_reviews_come_as_late_after_orders_as_they_do_on_average() -> None:
    """Of five known delays one is of no day, two of three days, one of ten and one of 34; an older one does not count."""
    late = np.array([-1, 0, 3, 3, 10, 34, 35])
    orders = np.repeat(9, 4), np.array([6, 9, 40, 13 * 7])
    due = np.zeros((2, 8))
    # the order of 6 days ago: 0 and 3 days later in the newest week; that of 9 days ago: 0 in week 1, 3 days later in week 0
    due[1, 0] += 3 / 5 + 2 / 5
    due[1, 1] += 1 / 5
    # of 40 days ago: 0 and 3 days later in week 5, 10 days later in week 4, 34 days later in week 0; an older one tells nothing
    due[1, [5, 4, 0]] += [3 / 5, 1 / 5, 1 / 5]
    assert _due(np.array([2, 9]), late, *orders, 8) == pytest.approx(due)


def test_reviews_are_held_against_what_is_due_and_what_other_weeks_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """Member 1 has five, two and one reviews in three weeks, member 3 one; an older week and nobody's reviews do not count."""
    asked: list[Any] = []
    monkeypatch.setattr(
        module, "unusual", lambda count, bases: asked.append((count, bases)) or (np.ones(6), np.full(6, 0.5))
    )
    monkeypatch.setattr(module, "by_member", lambda *values: values)
    due = np.array([[1.0, 2.0, 3.0], [0.0, 6.0, 6.0]])
    monkeypatch.setattr(module, "_due", lambda *values: due)
    member = np.array([1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 0])
    week = np.array([0, 0, 0, 0, 0, 1, 1, 2, 1, 3, 0])
    rating = np.array([5, 4, 3, 1, 5, 4, 2, 3, 5, 5, 5])
    none = np.zeros(0, int)
    kind, members, _, counts, _, reasons = cast(Any, review_bursts(member, 7 * week, none, rating, none, none, 3))
    assert (kind, members.tolist(), counts.tolist()) == ("review_burst", [1, 1, 1, 3, 3, 3], [5, 2, 1, 0, 1, 0])
    ((count, bases),) = asked
    assert count.tolist() == counts.tolist()
    # nine reviews where 18 are due: halves; and half of what the two other weeks have
    assert bases.tolist() == [[max(0.5, 1.5)], [max(1, 3)], [max(1.5, 3.5)], [max(0, 0.5)], [max(3, 0)], [max(3, 0.5)]]
    assert reasons(1) == (
        "2 reviews in one week, 1 week before the newest, where its orders and its other weeks predict 0.5",
        "50% of them have four or five stars",
    )
    assert reasons(0)[1].startswith("60% ")


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
    assert hourly_bursts("hourly_orders", "orders", who, days, 0 * days, 1029).member.tolist() == [], (
        "days without hours"
    )


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
    five, names = many_accounts(accounts(["P"] * 5 + ["Q"] * 4, [999, 1000, 1026, 1027, NEVER, *[NEVER] * 4]))
    assert (five.member.tolist(), names) == ([0, 1], ("P", "Q"))
    usual = unusual(np.array([4, 3]), np.ones((2, 1)))
    assert five.p_value.tolist() == [usual[0][0], 1.0]
    assert five.reasons(0) == (
        f"5 accounts of one person, where {1 + usual[1][0]:.1f} are usual", "3 of them opened within four weeks",
    )  # fmt: skip
    assert len(five.reasons(1)) == 1
    assert len(many_accounts(accounts(["P"] * 5, [999, *[NEVER] * 4]))[0].reasons(0)) == 1


def test_orders_and_reviews_of_one_hour() -> None:
    random = np.random.default_rng(7)
    member, day = random.integers(1, 60, 9000), random.integers(0, 56, 9000)
    moment = day * 86_400 + random.integers(1, 86_400, 9000)
    assert leads([hourly_bursts("hourly_orders", "orders", member, day, moment, 55)]) == {}
    burst = np.full(40, ODD), np.full(40, 50), np.full(40, 50 * 86_400 + 5 * 3600) + np.arange(40) * 60
    columns = [np.append(*one) for one in zip((member, day, moment), burst, strict=True)]
    found = hourly_bursts("hourly_orders", "orders", *columns, 55)
    assert leads([found]).keys() == {"hourly_orders"}
    assert leads([found])["hourly_orders"].keys() == {ODD}
    assert "5 days before the newest day" in leads([found])["hourly_orders"][ODD]
    # a campaign of one member: 200 times the orders of a usual day, at all hours
    sale = np.full(500, ODD), np.full(500, 20), 20 * 86_400 + random.integers(1, 86_400, 500)
    columns = [np.append(*one) for one in zip((member, day, moment), sale, strict=True)]
    assert leads([hourly_bursts("hourly_orders", "orders", *columns, 55)]) == {}
    assert found.rows is not None
    assert found.rows(int(found.cell[np.flatnonzero(found.member == ODD)[0]])).sum() >= 40


@pytest.mark.parametrize(("campaign", "places", "is_lead"), [(2, 3, False), (1, 3, True), (2, 1, False)])
def test_an_hour_of_a_campaign_is_that_of_all_of_its_market(campaign: int, places: int, is_lead: bool) -> None:
    """A quarter of the orders of market 2 come in one hour of a day; of a member of market 1 that is a burst."""
    rng = np.random.default_rng(8)
    member = np.r_[rng.integers(1, 61, 9000), np.full(2000, ODD)]
    day, second = rng.integers(0, 56, len(member)), rng.integers(1, 86_400, len(member))
    market = np.where((member % places == 0) | (member == ODD), 2, 1)
    crowd = (day == 50) & ((market == campaign) if not is_lead else (member == ODD)) & (rng.random(len(member)) < 0.4)
    moment = day * 86_400 + np.where(crowd, 20 * 3600 + second % 3600, second)
    found = hourly_bursts("hourly_orders", "orders", member, day, moment, 55, market)
    assert (found.p_value[found.member == ODD][0] < 1e-4) == is_lead


def test_others_tell_how_much_of_a_day_falls_in_an_hour() -> None:
    """Cell 0 has three events in group 0, two of them in hour 7, and one in group 1; hour 8 of group 1 is the last of all."""
    cell, group = np.array([0, 0, 0, 0, 1, 1, 1, 2, 3]), np.array([0, 0, 0, 1, 0, 0, 0, 1, 1])
    hour = np.array([7, 7, 9, 8, 7, 9, 9, 5, 8])
    expected = [
        3 * (1 + 1) / (3 + 12) + 1 * (0 + 1) / (2 + 12),
        3 * (1 + 1) / (3 + 12),
        1 * (0 + 1) / (2 + 12),
        1 * (1 + 1) / (2 + 12),
    ]
    assert hours._as_others(cell, group, hour, np.array([7, 9, 5, 8])) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("members", "together", "are_leads"), [(20, 3, True), (20, 10, False), (9, 4, False), (3, 3, False)]
)
def test_few_who_burst_together_do_not_excuse_each_other(members: int, together: int, are_leads: bool) -> None:
    """Sixty orders within one hour of each; a campaign is in the hours of many, and in a small market of few."""
    rng = np.random.default_rng(11)
    usual = np.repeat(np.arange(1, members + 1), 300)
    member = np.r_[usual, np.repeat(np.arange(1, together + 1), 60)]
    day = np.r_[rng.integers(0, 30, len(usual)), np.full(60 * together, 20)]
    second = np.r_[rng.integers(6 * HOUR, 24 * HOUR, len(usual)), rng.integers(3 * HOUR, 4 * HOUR, 60 * together)]
    found = hourly_bursts("hourly_orders", "orders", member, day, day * 24 * HOUR + second, 29, np.ones_like(member))
    leads = found.member[found.p_value < 1e-4]
    assert sorted(leads.tolist()) == ([1, 2, 3] if are_leads else [])


def test_the_largest_counts_of_an_hour_are_summed_in_order() -> None:
    """Hour 0 has 1, 7, 3 and 5 events of four members, hour 1 has 2 of one."""
    sums = hours._sums_of_largest(np.array([0, 1, 0, 0, 0]), np.array([1, 2, 7, 3, 5]))
    assert sums.tolist() == [[0, 0], [7, 2], [12, 2], [15, 2]]


def test_the_busiest_hour_is_held_against_other_days_and_the_rest_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Member 1: day 10 with three and two an hour, day 11 with one; nobody's, and what has no time of day, do not count."""
    asked: list[Any] = []
    monkeypatch.setattr(
        hours, "unusual", lambda count, bases: asked.append((count, bases)) or (np.zeros(3), np.ones(3))
    )
    monkeypatch.setattr(hours, "by_member", lambda *values, rows: (*values, rows))
    moment = np.array([1, 2, 3, HOUR, HOUR + 1, 30, 30, 0, 30]) + 24 * HOUR * np.array(
        [10, 10, 10, 10, 10, 11, 10, 0, 10]
    )
    member, day = np.array([1, 1, 1, 1, 1, 1, 2, 1, 0]), np.array([10, 10, 10, 10, 10, 11, 10, 10, 10])
    kind, who, chances, busiest, _, reasons, rows = cast(Any, hourly_bursts("k", "orders", member, day, moment, 12))
    ((count, bases),) = asked
    assert (kind, who.tolist(), busiest.tolist(), chances.tolist()) == ("k", [1, 1, 2], [3, 1, 1], [1, 1, 1])
    assert count.tolist() == busiest.tolist()
    # the other day of member 1 has 1, or 5; the rest of the day 2, or none
    assert bases == pytest.approx(np.array([[1, 0.2, 0.4], [1, 1, 0], [1, 0, 0]]))
    assert rows(0).tolist() == [True] * 3 + [False] * 6
    assert reasons(0)[1] == "5 orders on that day, 1.0 on its other days"


def test_a_text_is_expected_as_often_as_others_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Member 1 has text 0 in three of four reviews, member 2 in one of six, which has text 1 twice."""
    monkeypatch.setattr(copies, "by_member", lambda *values, rows: (*values, rows))
    member, text = np.array([1] * 4 + [2] * 6 + [0]), np.array([0, 0, 0, -1, 0, 1, 1, -1, -1, -1, 0])
    long, longer = "x" * 60, "y" * 61
    found = cast(Any, identical_reviews(member, text, (long, longer)))
    _, who, chances, count, expected, reasons, rows = found
    assert (who.tolist(), count.tolist()) == ([1, 2, 2], [3, 1, 2])
    # of the six of member 2 one has text 0, of the four of member 1 three have, and none text 1
    assert expected == pytest.approx([4 * 1.5 / 7, 6 * 3.5 / 5, 6 * 0.5 / 5])
    assert chances == pytest.approx(tail(count, expected, 1.0))
    assert [reasons(at)[1] for at in (0, 2)] == [f"the text: {long}", f"the text: {'y' * 57}..."]
    assert rows(1).tolist() == [False] * 4 + [True] + [False] * 6


def test_one_text_again_and_again_at_one_member_and_a_common_phrase() -> None:
    random = np.random.default_rng(8)
    member = random.integers(1, 60, 3000)
    phrase = np.where(random.random(3000) < 0.3, 0, -1)
    assert leads([identical_reviews(member, phrase, ("very nice indeed",))]) == {}
    more = np.append(member, np.full(15, ODD)), np.append(phrase, np.full(15, 1))
    found = leads([identical_reviews(*more, ("very nice indeed", "best thing ever, buy it now"))])["identical_reviews"]
    assert found.keys() == {ODD}
    assert "best thing ever" in found[ODD]


def reviews(seed: int, burst: int) -> Leads:
    """Half of the orders are reviewed one to three weeks later; a burst of five stars at one member, two weeks ago."""
    random, weeks = np.random.default_rng(seed), 8
    member = np.repeat(np.arange(1, 61), random.negative_binomial(2, 2 / (2 + 150), 60))
    ordered = random.integers(0, weeks + LAGS, len(member))
    lag = random.integers(1, 4, len(member))
    keep = (random.random(len(member)) < 0.5) & (ordered - lag >= 0)
    who = np.concatenate([member[keep], np.full(burst, ODD)])
    week = np.concatenate([(ordered - lag)[keep], np.full(burst, 2)])
    late = np.concatenate([lag[keep], np.full(burst, -1)])
    return review_bursts(
        member=who,
        age=7 * week + 3,
        late=7 * late,
        rating=np.full(len(who), 5),
        order_member=member,
        order_age=7 * ordered + 3,
        weeks=weeks,
    )


def test_a_burst_of_reviews() -> None:
    assert leads([reviews(1, 0)]) == leads([reviews(2, 0)]) == {}
    found = leads([reviews(1, 90)])["review_burst"]
    assert found.keys() == {ODD}
    assert "2 weeks before the newest" in found[ODD]


def test_the_first_reviews_of_a_member_are_due_by_its_orders() -> None:
    """Nine members with two reviews a week and twelve orders in some, one who began three weeks ago with sixty orders, thirty of
    them reviewed a week later."""
    member, week = np.repeat(np.arange(1, 10), 2 * 8), np.tile(np.repeat(np.arange(8), 2), 9)
    orders = np.repeat(np.arange(1, 10), 36), np.repeat(np.arange(27) % 9, 12)
    found = review_bursts(
        member=np.append(member, np.full(30, ODD)), age=7 * np.append(week, np.full(30, 1)), late=np.full(9 * 16 + 30, 7),
        rating=np.full(9 * 16 + 30, 5), order_member=np.append(orders[0], np.full(60, ODD)),
        order_age=7 * np.append(orders[1], np.full(60, 2)), weeks=8,
    )  # fmt: skip
    assert leads([found]) == {}
