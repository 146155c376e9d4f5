"""Buyers whom other members have too, or nobody else."""

from collections import Counter
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.risk import unknown_buyers as module
from core.ecosystem.risk.shared_buyers import _common_chance, _joined, regulars, shared_buyers
from core.ecosystem.risk.unknown_buyers import unknown_buyers
from core.ratings.cases.independence.buyer_independence import usual_odds
from core.ratings.cases.independence.buyer_systems import buyer_systems
from tests.ecosystem.risk.test_buyer_patterns import purchases


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


def test_lines_of_buyers_with_few_other_members_by_the_odds_of_their_markets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three limits, one test each: no other member, at most one, at most two; nobody's lines and old ones are no evidence."""
    rng = np.random.default_rng(61)
    member, market, buyer = rng.integers(0, 9, 500), rng.integers(0, 3, 500), rng.integers(0, 160, 500)
    member[:30] = 8
    market[:30] = 2
    recent = rng.random(500) < 0.8
    asked: list[Any] = []
    monkeypatch.setattr(module, "by_member", lambda *values, rows: asked.append((*values, rows)))
    unknown_buyers(member, market, buyer, recent)
    kind, members, chances, counts, expected, reasons, rows = asked[0]
    assert kind == "unknown_buyers"
    lines = [at for at in range(500) if member[at] and buyer[at] and recent[at]]
    # nobody's lines are one other's
    others = {at: len({*member[buyer == buyer[at]].tolist()} - {int(member[at])}) for at in lines}
    cells = sorted({(int(member[at]), int(market[at])) for at in lines})
    of_cell = [[at for at in lines if (member[at], market[at]) == cell] for cell in cells]
    size = np.array([len(mine) for mine in of_cell])
    known = np.array([(recent & (buyer > 0) & (market == where)).sum() for where in range(3)])
    rated = np.array([sum(market[at] == where for at in lines) for where in range(3)]) / known
    who = sorted({of for of, _ in cells})
    assert members.tolist() == who * 3
    where = np.array([at for _, at in cells])
    for least in (1, 2, 3):
        few = np.array([sum(others[at] < least for at in mine) for mine in of_cell])
        odds, most = (usual_odds(where, (size - few) * 1.0, few * 1.0, rated[where], least, more) for more in (0, 2))
        for at, of in enumerate(who):
            mine = np.array([cell[0] == of for cell in cells])
            place = (least - 1) * len(who) + at
            total = size[mine].sum()
            dominates = any(size[mine] > known[where[mine]] / 3)
            chance = stats.binom.cdf((size - few)[mine].sum(), total, (size / (1 + 2 * most))[mine].sum() / total)
            assert chances[place] == pytest.approx(1.0 if dominates else chance)
            assert counts[place] == few[mine].sum()
            assert expected[place] == pytest.approx(
                (np.where(np.isfinite(odds), odds, 0) * (size - few + 1))[mine].sum()
            )
            assert np.flatnonzero(rows(place)).tolist() == [
                np.flatnonzero(np.flatnonzero(recent) == line)[0]
                for line in lines
                if member[line] == of and others[line] < least
            ]
    words = ("no other member", "at most one other member", "at most two other members")
    for place in (0, len(who), 3 * len(who) - 1):
        assert f"buyers who buy from {words[place // len(who)]}; usual are {expected[place]:.1f}" in reasons(place)[0]
    assert {chances[at] == 1.0 for at in range(len(chances))} == {True, False}


@pytest.mark.parametrize(("strangers", "is_sure"), [(5, False), (20, True)])
def test_the_first_buyers_whom_nobody_else_has_are_not_sure_to_be_unusual(strangers: int, is_sure: bool) -> None:
    """A hundred buyers buy once of each of ten members. Nine others count as 450 lines, with all markets as 500; two standard
    deviations fewer are 455.3. With two lines of the other kind that is 2 of 457.3, of nine tenths of the market."""
    member = np.r_[np.tile(np.arange(1, 11), 100), np.ones(strangers, int)]
    buyer = np.r_[np.repeat(np.arange(1, 101), 10), 1000 + np.arange(strangers)]
    found = unknown_buyers(member, np.ones(len(member), int), buyer, np.ones(len(member), bool))
    share = (2 / (502 - 2 * 500**0.5)) ** 0.9
    chance = stats.binom.cdf(100, 100 + strangers, 1 / (1 + 2 * share / (1 - share)))
    assert found.p_value[0] == pytest.approx(3 * chance, rel=1e-6)
    assert (found.p_value[0] < 1e-9) == is_sure


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


@pytest.mark.parametrize(("guests", "systems"), [(1, 2), (2, 1)])
def test_sources_with_one_in_a_hundred_buyers_in_common_call_them_alike(guests: int, systems: int) -> None:
    """Sources 1 and 2 share a hundred buyers, 3 and 4 five; 1 and 3, of 200 and more, only one or two ids of guests."""
    of = {1: range(1, 201), 2: range(101, 301), 3: [*range(501, 701), *range(1, 1 + guests)], 4: range(696, 706)}
    source = np.concatenate([np.full(len(buyers), at) for at, buyers in of.items()])
    found = buyer_systems(source, np.concatenate([np.array(buyers) for buyers in of.values()]))
    by_source = {at: set(found[source == at].tolist()) for at in of}
    assert by_source[1] == by_source[2]
    assert by_source[3] == by_source[4]
    assert len(set(found.tolist())) == systems
    assert buyer_systems(np.full(3, 7), np.arange(3)).tolist() == [0, 0, 0], "one source"
    assert len(set(buyer_systems(np.array([1, 2]), np.zeros(2, int)).tolist())) == 2, "nobody has a name"


def test_shops_of_a_second_platform_have_no_buyers_of_the_first() -> None:
    """Two of thirty shops, whose buyers have ids of their own: nobody could have met them elsewhere."""
    rng = np.random.default_rng(7)
    member, buyer, every = np.repeat(np.arange(1, 31), 40), rng.integers(1, 600, 1200), np.ones(1200, bool)
    buyer[:80] += 1000
    found = unknown_buyers(member, every.astype(int), buyer, every)
    assert found.p_value[found.member <= 2].max() < 1e-10
    systems = buyer_systems(np.where(member <= 2, 1, 2), buyer)
    assert unknown_buyers(member, systems, buyer, every).p_value.min() > 1e-3


@pytest.mark.parametrize(("ring", "is_lead"), [(12, True), (5, False)])
def test_a_ring_of_regular_buyers_at_busy_members(ring: int, is_lead: bool) -> None:
    """Members 1 and 2 have 53 of 400 buyers in common by chance, everybody has six regular ones; some come to both six times."""
    rng = np.random.default_rng(3)
    rows = [(who, int(one)) for who in range(1, 25) for one in rng.integers(1, 3000, 400 if who < 3 else 40)]
    rows += [(who, 4000 + 6 * who + at) for who in range(1, 25) for at in range(6) for _ in range(4)]
    rows += [(who, 5000 + at) for who in (1, 2) for at in range(ring) for _ in range(6)]
    bought = purchases([(who, 1, at % 50, buyer, 0) for at, (who, buyer) in enumerate(rows)])
    names, person = tuple(map(str, range(30))), np.arange(30)
    assert shared_buyers(bought, person, names).p_value.min() > 0.01
    times = Counter(zip(bought.member.tolist(), bought.buyer.tolist(), strict=True))
    some = regulars(bought)
    members = Counter(buyer for _, buyer in times)
    regular = {(who, buyer): n for (who, buyer), n in times.items() if n > 2 or (n == 2 and members[buyer] < 4)}
    assert Counter(some.member.tolist()) == Counter(who for (who, _), n in regular.items() for _ in range(n))
    assert int(some.buyer.max()) + 1 == len({buyer for _, buyer in regular})
    found = shared_buyers(some, person, names, kind="shared_regulars")
    assert sorted(found.member[found.p_value < 1e-6].tolist()) == ([1, 2] if is_lead else [])
    assert (found.p_value.min() < 1e-5) == is_lead
    if is_lead:
        assert found.reasons(int(found.cell[0]))[0] == "shares 12 regular buyers with 2, where 0.1 are usual"


@pytest.mark.parametrize("is_known", [False, True])
def test_a_ring_is_no_measure_of_itself(is_known: bool) -> None:
    """Twelve buyers come twice to members 1 and 2, others to one of thirty, or two of these: fewer are usual of the two without
    the twelve, unless they had come before."""
    rows = [(who, 1, 5 + 20 * when, 100 + at, 0) for who in (1, 2) for at in range(12) for when in range(2)]
    rows += [
        (who, 1, 5 + 20 * when, 1000 + 10 * who + at, 0) for who in range(3, 33) for at in range(2) for when in range(2)
    ]
    rows += [(who, 1, 6 + 20 * when, 2000 + (who + 1) // 2, 0) for who in range(3, 33) for when in range(2)]
    rows += [(who, 1, 60, 100 + at, 0) for who in (1, 2) for at in range(12) if is_known]
    names, person = tuple(map(str, range(40))), np.arange(40)
    found = shared_buyers(regulars(purchases(rows).newest(8)), person, names, kind="shared_regulars")
    chance = found.p_value[np.isin(found.member, [1, 2])]
    # of 27 pairs of purchases by one buyer, 15 are of others; one case more than was seen
    usual = 27 / ((114**2 - 2 * 12**2 - 30 * 3**2) / 2) * 12**2
    expected = usual * 16 / (27 - usual + 1)
    part = 1.0 if is_known else (expected + 1) / 13
    due = max(expected * part**2, 0.1)
    assert chance == pytest.approx(31 * stats.nbinom.sf(11, 0.5, 0.5 / (0.5 + due)), rel=1e-6)
    assert (chance < 1e-6).all() != is_known


@pytest.mark.parametrize(("members", "is_regular"), [(3, True), (4, False)])
def test_who_comes_twice_to_few_members_is_a_regular_buyer(members: int, is_regular: bool) -> None:
    bought = purchases([(who, 1, 4 * when, 7, 0) for who in range(1, members + 1) for when in range(2)])
    assert len(regulars(bought).member) == (2 * members if is_regular else 0)
