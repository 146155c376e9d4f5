"""Leads to risk by counts, chances and shares counted by hand, and members by the weeks in which they were active."""

from itertools import combinations, product
from typing import cast

import numpy as np
import pytest
from scipy import stats

from core.base.days import iso
from core.ecosystem.members.activity import BEFORE, NOW, Activity
from core.ecosystem.members.member_groups import main_values
from core.ecosystem.members.newcomers import is_new, newcomers
from core.ecosystem.members.silence_curve import silence_curve
from core.ecosystem.results.health_results import Risk
from core.ecosystem.risk.accounts_of_person import many_accounts
from core.ecosystem.risk.buyer_patterns import (
    BuyerGroups,
    Purchases,
    _met_again,
    few_buyers,
    refund_rings,
    same_day_orders,
)
from core.ecosystem.risk.hourly_bursts import hourly_bursts
from core.ecosystem.risk.identical_reviews import identical_reviews
from core.ecosystem.risk.lead_tests import ago, by_member
from core.ecosystem.risk.review_bursts import _due, weeks_later
from core.ecosystem.risk.risk_leads import _is_shadow, _Lead, _purity, _repeated
from core.ecosystem.risk.shared_buyers import _common_chance, _joined
from core.ecosystem.risk.tail_tests import _spread, scaled, tail, unusual
from core.ecosystem.risk.unknown_buyers import unknown_buyers
from core.ratings.cases.accounts import Accounts, SortedWords
from core.workspace.read.rating_rows import NEVER

HOUR = 3600


def test_a_member_is_tested_once_by_its_least_chance() -> None:
    member, count = np.array([7, 3, 7, 3, 9]), np.array([5, 9, 4, 6, 30])
    chances, expected = np.array([1e-3, 1e-4, 1e-9, 1e-6, 1e-9]), np.array([1.0, 3.0, 0.1, 2.1, 10.0])
    leads = by_member("kind", member, chances, count, expected, lambda cell: (str(cell),))
    assert leads.member.tolist() == [3, 7, 9]
    assert leads.p_value.tolist() == pytest.approx([2e-4, 2e-3, 1e-9])
    assert leads.cell.tolist() == [1, 0, 4], "four are too few, and six are not three times 2.1"
    of_all = by_member("kind", member, chances, count, expected, lambda cell: (), tested=5)
    assert of_all.p_value.tolist() == pytest.approx([1e-4, 1e-3, 1e-9, 1.0, 1.0])
    assert [ago(week) for week in (0, 1, 2)] == ["the newest", "1 week before the newest", "2 weeks before the newest"]


@pytest.mark.parametrize("count", [0, 1, 5, 20])
def test_tails_are_negative_binomial_with_the_spread_of_rates(count: int) -> None:
    one, mean = np.array([count]), np.array([4.0])
    assert tail(one, mean, 0.0)[0] == pytest.approx(stats.poisson.sf(count - 1, 4.0))
    assert tail(one, mean, 0.5)[0] == pytest.approx(stats.nbinom.sf(count - 1, 2, 2 / 6))


def test_the_crowd_without_what_stands_out_tells_what_is_usual() -> None:
    rng = np.random.default_rng(1)
    base = rng.uniform(5, 20, (300, 1))
    count = rng.poisson(2 * base[:, 0])
    count[7] = 200
    chances, expected = unusual(count, base)
    assert expected == pytest.approx(2 * base[:, 0], rel=0.05)
    assert chances.argmin() == 7
    assert chances[7] < 1e-12 < 1e-5 < np.delete(chances, 7).min()
    assert _spread(count[:5], 1.0 * count[:5], np.zeros(5)) == 0.02
    pair, tens = np.array([0, 20]), np.array([10.0, 10.0])
    assert _spread(pair, tens, np.zeros(2)) == pytest.approx((100 + 100 - 20) / 200)
    assert _spread(pair, tens, np.array([0.1, 0.3])) == pytest.approx((100 + 100 - 20 - 10 - 30) / 200)
    assert scaled(np.array([1.0, 3.0]), np.array([4, 4])).tolist() == [2.0, 6.0]
    assert scaled(np.zeros(2), np.array([4, 4])).tolist() == [0.0, 0.0]


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


def purchases(rows: list[tuple[int, int, int, int, int]]) -> Purchases:
    """Rows of member, market, age in days, buyer, refunded."""
    return Purchases.of(*(np.array(column) for column in zip(*rows, strict=True)))


def test_lines_of_one_buyer_at_one_member_on_one_day_are_a_purchase() -> None:
    bought = purchases(
        [(1, 1, 3, 5, 0), (1, 1, 3, 5, 1), (1, 1, 9, 5, 0), (2, 1, 3, 5, 0), (0, 1, 3, 6, 0), (2, 1, 3, 0, 1)]
    )
    assert (bought.member.tolist(), bought.week.tolist()) == ([1, 1, 2], [0, 1, 0])
    assert (bought.refunded.tolist(), bought.buyer.tolist()) == ([1, 0, 0], [0, 0, 0])
    groups = BuyerGroups.by(np.array([1, 1, 1, 2, 1]), np.array([0, 0, 0, 0, 1]))
    assert (groups.size.tolist(), groups.repeats.tolist(), groups.pairs.tolist()) == ([4, 1], [2, 0], [3, 0])


def crowd(buyers_of_first: int, seed: int = 3) -> list[tuple[int, int, int, int, int]]:
    """Forty members with forty purchases in eight weeks each; in the newest week the first has forty more of so few buyers."""
    rng = np.random.default_rng(seed)
    rows = [
        (member, 1, int(rng.integers(0, 56)), int(rng.integers(1, 3000)), 0)
        for member in range(1, 41)
        for _ in range(40)
    ]
    return rows + [(1, 1, at % 7, 5000 + at % buyers_of_first, 0) for at in range(40)]


@pytest.mark.parametrize(("buyers", "lead"), [(8, True), (36, False)])
def test_purchases_of_few_buyers_in_a_week(buyers: int, lead: bool) -> None:
    found = few_buyers(purchases(crowd(buyers)))
    assert bool(found.p_value[found.member == 1][0] < 1e-6) is lead
    assert found.p_value[found.member != 1].min() > 1e-3
    if lead:
        (first, _) = found.reasons(int(found.cell[found.member == 1][0]))
        assert "by a buyer of that week again" in first


@pytest.mark.parametrize(("again", "lines", "lead"), [(10, 100, True), (9, 90, False), (10, 101, False)])
def test_further_lines_of_a_day(again: int, lines: int, lead: bool) -> None:
    rng = np.random.default_rng(4)
    member, age = np.repeat(np.arange(2, 42), 60), rng.integers(0, 56, 2400)
    buyer = rng.permutation(2400) + 1
    own = np.r_[np.full(again + 1, 9999), 10_000 + np.arange(lines - again - 1)]
    ages = np.r_[np.full(again + 1, 3), np.arange(lines - again - 1) % 56]
    who = np.r_[member, np.ones(lines, int)]
    found = same_day_orders(who, np.ones(len(who), int), np.r_[age, ages], np.r_[buyer, own])
    assert bool(found.p_value[found.member == 1][0] < 1e-6) is lead
    if lead:
        first, second = found.reasons(int(found.cell[found.member == 1][0]))
        assert first.startswith(f"{again} of {lines} order lines")
        assert first.endswith(f"{lines - again} buyers in all")
        assert second == f"one buyer made {again + 1} in a day"


def test_refunds_to_the_same_buyers_again_and_again() -> None:
    rng = np.random.default_rng(5)
    rows = [
        (member, 1, int(rng.integers(0, 56)), int(rng.integers(1, 400)), int(rng.random() < 0.05))
        for member in range(1, 31)
        for _ in range(80)
    ]
    rows += [(1, 1, 2 * at, 1000 + at % 4, 1) for at in range(24)]
    found = refund_rings(purchases(rows))
    assert found.p_value[found.member == 1][0] < 1e-6
    assert found.p_value[found.member != 1].min() > 1e-4
    (text,) = found.reasons(int(found.cell[found.member == 1][0]))
    refunded = sum(row[0] == 1 and row[4] for row in rows)
    assert f"{refunded} of " in text
    assert refund_rings(purchases([(1, 1, 0, 5, 0)])).member.tolist() == []


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


def test_an_order_of_the_last_day_of_a_week_is_of_the_week_before_its_review() -> None:
    """As of day 100 the newest week is 94 to 100, the one before 87 to 93."""
    ordered, day = np.array([93, 94, 86, 0]), np.array([94, 100, 100, 100])
    assert weeks_later(100, ordered, day).tolist() == [1, 0, 2, -1]


def test_whoever_sells_half_of_a_market_meets_its_buyers_again() -> None:
    """200 buyers a market. Pairs of lines of one day by one buyer: of member 1 alone, and what others' pairs let expect."""
    rng = np.random.default_rng(9)
    member = np.r_[np.full(2400, 1), np.repeat(np.arange(2, 42), 60)]
    day, buyer = rng.integers(0, 30, 4800), rng.integers(1, 201, 4800)
    assert same_day_orders(member, np.ones(4800, int), day, buyer).p_value.min() > 0.01
    # two lines of member 1 and one of each other member, all of one day; 2 and 3 have a buyer in common
    few = np.array([1, 1, 2, 3, 4]), np.ones(5, int), np.zeros(5, int), np.array([7, 7, 8, 8, 9])
    assert _met_again(*few).tolist() == pytest.approx([0, 1 / 9, 0, 0, 0]), "1 of the 10 - 1 pairs at different members"


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


def accounts(persons: list[str], joined: list[int] | None = None) -> Accounts:
    words = ("", *(f"c{at:02}" for at in range(1, len(persons) + 1)))
    nothing = np.zeros(len(words), np.int64)
    return Accounts(
        side="creators", names=SortedWords(words, np.arange(len(words))), persons=("", *persons), own_shop=nothing - 1,
        market=nothing, joined=np.array([NEVER, *(joined or [NEVER] * len(persons))]), roles=(),
        markets=SortedWords(("",), nothing[:1]), categories=SortedWords(("",), nothing[:1]), listed=nothing > -1,
    )  # fmt: skip


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


def test_orders_of_buyers_whom_nobody_else_has() -> None:
    rng = np.random.default_rng(7)
    member, buyer = np.repeat(np.arange(1, 31), 40), rng.integers(1, 600, 1200)
    buyer[:40] = 1000 + np.arange(40)
    market, recent = np.ones(1200, int), np.ones(1200, bool)
    found = unknown_buyers(member, market, buyer, recent)
    assert found.p_value[found.member == 1][0] < 1e-10
    assert found.p_value[found.member != 1].min() > 1e-3
    cell = int(found.cell[found.member == 1][0])
    assert found.reasons(cell)[0].startswith("40 of 40 order lines")
    assert found.rows is not None
    assert np.flatnonzero(found.rows(cell)).tolist() == list(range(40))
    assert unknown_buyers(member, market, buyer, ~recent).member.tolist() == []


@pytest.mark.parametrize(("size", "is_tested"), [(100, False), (30, True)])
def test_buyers_of_who_has_most_of_a_market_need_not_be_known_elsewhere(size: int, is_tested: bool) -> None:
    """Member 1 sells to strangers; the ten others share 37 buyers and have a hundred lines."""
    others = np.arange(100)
    member, buyer = np.r_[np.ones(size, int), 2 + others % 10], np.r_[1000 + np.arange(size), 1 + others % 37]
    found = unknown_buyers(member, np.ones(len(member), int), buyer, np.ones(len(member), bool))
    assert (found.p_value[found.member == 1][0] < 1e-3) == is_tested


def test_the_chance_of_a_common_buyer_is_that_of_all_pairs() -> None:
    rows = [
        (1, 1, 0, 5, 0),
        (1, 1, 1, 6, 0),
        (2, 1, 0, 5, 0),
        (2, 1, 1, 7, 0),
        (3, 2, 0, 5, 0),
        (3, 2, 1, 8, 0),
        (4, 2, 1, 8, 0),
    ]
    bought = purchases(rows)
    of = {member: {(market, buyer) for who, market, _, buyer, _ in rows if who == member} for member in (1, 2, 3, 4)}
    sizes = np.array([[0, 2, 0], [0, 2, 0], [0, 0, 2], [0, 0, 1]], float)
    chance = _common_chance(bought, sizes)
    inside = {
        market: [(a, b) for a, b in combinations(of, 2) if {m for m, _ in of[a] | of[b]} == {market}]
        for market in (1, 2)
    }
    for market, pairs in inside.items():
        common = sum(len(of[a] & of[b]) for a, b in pairs)
        assert chance[market, market] == pytest.approx(common / sum(len(of[a]) * len(of[b]) for a, b in pairs))
    across = [(a, b) for a, b in product((1, 2), (3, 4))]
    common = sum(len({buyer for _, buyer in of[a]} & {buyer for _, buyer in of[b]}) for a, b in across)
    assert chance[1, 2] == pytest.approx(common / sum(len(of[a]) * len(of[b]) for a, b in across))


def test_others_who_have_the_buyers_of_a_pair() -> None:
    from scipy.sparse import csr_array

    table = np.zeros((4, 40))
    table[0, :12] = table[1, :10] = table[2, 2:9] = table[3, 20:25] = 1
    times, chance, usual = _joined(csr_array(table), 0, 1)
    assert times.tolist() == [0, 0, 7, 0]
    part = 3 * 7 / 40
    assert chance[2] == pytest.approx(stats.binom.sf(6, 10, part))
    assert chance[3] == 1.0
    assert usual[2] == pytest.approx(10 * part)


def lead(column: str, member: int, rows: list[int], size: int = 40, source: str = "orders") -> _Lead:
    flags = np.isin(np.arange(size), rows)
    return _Lead(risk=cast(Risk, None), column=column, member=member, source=source, rows=flags)


def test_a_pattern_stands_at_the_door_of_those_who_make_it() -> None:
    """Forty lines: shop 1 has all, creators 1 to 4 ten each."""
    places = {"seller_id": np.ones(40, int), "creator_id": np.repeat(np.arange(1, 5), 10)}
    shop, ring = lead("seller_id", 1, list(range(10))), lead("creator_id", 1, list(range(10)))
    assert _purity(ring.rows, [ring], places) == 1.0
    assert _purity(shop.rows, [shop], places) == 0.25
    assert _is_shadow(shop, [shop, ring], places)
    assert not _is_shadow(ring, [shop, ring], places)
    other = lead("seller_id", 1, list(range(10)), source="reviews")
    assert not _is_shadow(shop, [shop, other, lead("creator_id", 2, list(range(10, 20)))], places)
    half = lead("creator_id", 1, list(range(4)))
    assert not _is_shadow(shop, [shop, half], places), "less than half of its lines"
    whole = lead("seller_id", 1, list(range(40)))
    small = lead("creator_id", 2, list(range(10, 20)))
    assert _is_shadow(small, [small, whole], places), "its lines are few of the other's"
    assert not _is_shadow(whole, [small, whole], places)
    most = lead("seller_id", 1, list(range(30)))
    assert _purity(most.rows, [most], places) == 0.75
    assert not _is_shadow(small, [small, most], places), "all of its own lines are odd, three quarters of the shop's"
    assert _repeated(np.array([True] * 4 + [False]), np.array([3, 3, 0, 4, 4])).tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]


def activity(
    weeks: list[list[int]], joined: list[int] | None = None, persons: list[str] | None = None, days: int = 26 * 7
) -> Activity:
    """For each member the weeks (0 = newest) in which it was active, with 10 cents of gmv in each."""
    cells = [(at + 1, week) for at, row in enumerate(weeks) for week in row]
    member, week = (np.array([cell[side] for cell in cells], np.int64) for side in (0, 1))
    people = persons or [f"P{at}" for at in range(len(weeks))]
    return Activity(
        crowd=accounts(people, joined), as_of=1000 + days - 1, first=1000, member=member, week=week,
        amounts={"gmv": np.full(len(cells), 10)},
    )  # fmt: skip


def test_who_is_active_and_how_much_by_week() -> None:
    told = activity([[0, 3], [4, 7], [8]])
    assert told.weeks == 26
    assert told.active(NOW).tolist() == [False, True, False, False]
    assert told.active(BEFORE).tolist() == [False, False, True, False]
    assert told.amount("gmv", NOW).tolist() == [0, 20, 0, 0]
    assert told.active_weeks(5).sum(axis=0).tolist() == [1, 0, 0, 1, 1]
    assert told.weekly("gmv", 8)[2].tolist() == [0, 0, 0, 0, 10, 0, 0, 10]
    assert told.oldest_week().tolist() == [-1, 3, 7, 8]


@pytest.mark.parametrize(
    ("oldest", "joined", "new"),
    [
        (2, NEVER, True), (17, NEVER, True), (18, NEVER, False), (2, 1000 + 22 * 7, True), (2, 1000 + 10 * 7, False),
        (2, 1000 + 23 * 7 - 56, True), (2, 1000 + 23 * 7 - 57, False), (2, 999, False), (24, 1000, True), (24, 999, False),
    ],
)  # fmt: skip
def test_a_newcomer_begins_with_a_young_account_or_after_eight_silent_weeks(
    oldest: int, joined: int, new: bool
) -> None:
    assert is_new(activity([[0, oldest]], [joined]))[1] == new


def test_several_accounts_of_one_person_are_one_newcomer() -> None:
    told = activity([[0, 3], [3], [1], [0, 2]], persons=["P", "P", "P", "Q"])
    assert is_new(told).tolist() == [False, True, False, False, True]
    old = activity([[0, 3], [0]], [1000 + 22 * 7, 900], persons=["P", "P"])
    assert not is_new(old).any(), "the person was there before the data"


def test_coming_and_going_of_members() -> None:
    told = activity([[0, 5], [1], [6, 12], [2, 9], [0, 4, 11], [3, 10, 14]])
    found = newcomers(told)
    assert (found.active, found.active_before, found.stayed) == (5, 3, 2)
    assert (found.joined, found.came_back, found.went_quiet) == (1, 2, 1)
    assert found.of_members.share == pytest.approx(1 / 5)
    assert found.of_gmv is not None
    assert found.of_gmv.share == pytest.approx(10 / 50)
    survival = {row.weeks: (row.members, row.active) for row in found.survival}
    # members began 5, 1, 12, 9, 11 and 14 weeks ago; four weeks at an age of so many must be past
    assert survival == {4: (4, 4), 8: (3, 2)}
    assert sum(cohort.members for cohort in found.cohorts) == 6
    assert iso(found.cohorts[0].day) == iso(told.as_of - 7 * 14 - 6)


def test_the_curve_of_the_silent_and_its_usual_rate() -> None:
    weeks = [list(range(16)), [*range(2, 16)], [0, 1, *range(6, 16)], [0, 8, 12]]
    curve = list(silence_curve(activity(weeks)))
    assert [row.day for row in curve] == [1181 - 7 * week - 6 for week in range(10, -1, -1)]
    newest = curve[-1]
    assert (newest.active, newest.regular, newest.silent) == (3, 2, 1)
    by_week = {(1181 - 6 - row.day) // 7: row for row in curve}
    assert [by_week[week].silent for week in (4, 3, 2, 1, 0)] == [1, 1, 0, 0, 1]
    assert newest.usual == pytest.approx(sum(row.silent for row in curve[:-1]) / sum(row.regular for row in curve[:-1]))
    assert curve[0].usual is None


def test_the_main_value_of_each_member() -> None:
    member, value, amount = np.array([1, 1, 1, 2, 2]), np.array([1, 2, 2, 0, 1]), np.array([5.0, 3, 3, 99, 1])
    assert main_values(member, value, amount, 4, 3).tolist() == [0, 2, 1, 0]
