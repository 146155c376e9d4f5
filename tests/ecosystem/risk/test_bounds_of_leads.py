"""Leads from their rows: what peers let expect of buyers who come back, whose lines count, and the words that are said."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.ecosystem import claim_families
from core.ecosystem.changes.activity_changes import _with_causes
from core.ecosystem.changes.newcomer_changes import _moves
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.fairness.exposure import _FEWEST, Seen, merit_claims
from core.ecosystem.risk import risk_leads
from core.ecosystem.risk.buyer_patterns import few_buyers, refund_rings, same_day_orders
from core.ecosystem.risk.lead_tests import Leads, ago
from core.ecosystem.risk.tail_tests import unusual
from core.ecosystem.spread.concentration import _gainers
from tests.ecosystem.changes.test_algebra_of_weeks import figure, panel
from tests.ecosystem.fairness.test_algebra_of_fairness import claim
from tests.ecosystem.risk.test_algebra_of_leads import purchases
from tests.ecosystem.spread.test_concentration import activity


def rows(seed: int = 1) -> list[tuple[int, int, int, int, int]]:
    """Nine members in two markets over three weeks; some buyers come back."""
    rng = np.random.default_rng(seed)
    made = [
        (member, 1 + member % 2, int(rng.integers(0, 21)), int(rng.integers(1, 30)), int(rng.random() < 0.3))
        for member in range(1, 10)
        for _ in range(24)
    ]
    return made + [(1, 2, 1 + at % 5, 50 + at % 3, 1) for at in range(15)]


def counted(keys: list[Any]) -> dict[Any, int]:
    return {key: keys.count(key) for key in set(keys)}


def test_buyers_who_come_back_in_a_week_against_their_peers() -> None:
    data = rows()
    bought = {(member, market, age // 7, age, buyer) for member, market, age, buyer, _ in data}
    of = sorted({(member, week) for member, _, week, _, _ in bought})

    def repeats(some: set[Any]) -> tuple[int, int, int]:
        """(size, repeats, pairs of one buyer)."""
        times = counted([item[4] for item in some]).values()
        return len(some), sum(n - 1 for n in times), sum(n * (n - 1) // 2 for n in times)

    found = few_buyers(purchases(data))
    bases, again, sizes = [], [], []
    weekly = {cell: repeats({item for item in bought if (item[0], item[2]) == cell}) for cell in of}
    for member, week in of:
        alike = 0.0
        for market in (1, 2):
            mine = {item for item in bought if item[:3] == (member, market, week)}
            if mine:
                peers = {item for item in bought if item[1:3] == (market, week)}
                cells = [repeats({item for item in peers if item[0] == other}) for other in {item[0] for item in peers}]
                whole = repeats(peers)
                pairs = whole[2] - sum(cell[2] for cell in cells)
                possible = whole[0] * (whole[0] - 1) // 2 - sum(n * (n - 1) // 2 for n, _, _ in cells)
                alike += len(mine) * (len(mine) - 1) / 2 * pairs / possible
        size, back, _ = weekly[member, week]
        others = sum(weekly[cell][1] for cell in of if cell[0] == member and cell != (member, week))
        bases.append([alike, size, others / 2])
        again.append(back)
        sizes.append(size)
    table = np.array(bases)
    table[:, 1] *= sum(again) / sum(sizes)
    p_value, expected = unusual(np.array(again), table)
    for at, member in enumerate(found.member.tolist()):
        mine = [row for row, cell in enumerate(of) if cell[0] == member]
        fit = [
            p_value[row] if again[row] >= max(5, 3 * expected[row]) and again[row] >= 0.15 * sizes[row] else 1.0
            for row in mine
        ]
        assert found.p_value[at] == pytest.approx(min(1.0, min(fit) * len(mine)))
    cell = int(found.cell[0])
    first, second = found.reasons(cell)
    member, week = of[cell]
    assert first.startswith(f"{sizes[cell]} purchases by {sizes[cell] - again[cell]} buyers in one week, {ago(week)}")
    assert first.endswith(f"where peers of that size have {expected[cell]:.1f}")
    usual = np.median([sizes[row] for row, at in enumerate(of) if at[0] == member and at != (member, week)])
    assert second == f"other weeks: {usual:.0f} purchases"


def test_refunds_of_buyers_who_had_one_before() -> None:
    data = rows()
    bought = purchases(data)
    found = refund_rings(bought)
    lines: dict[tuple[int, int, int], int] = {}
    for member, _, age, buyer, refunded in data:
        lines[member, age, buyer] = max(lines.get((member, age, buyer), 0), refunded)
    usual = sum(lines.values()) / len(lines)
    again, bases, sizes = [], [], []
    members = sorted({key[0] for key, refunded in lines.items() if refunded})
    for member in members:
        mine = [key for key in lines if key[0] == member]
        back = [key[2] for key in mine if lines[key]]
        times = counted([key[2] for key in mine])
        once = [key for key in mine if times[key[2]] == 1]
        lean = 30
        share = (sum(lines[key] for key in once) + lean * usual) / (len(once) + lean)
        bases.append([sum(n * (n - 1) // 2 for n in times.values()) * share**2, len(back)])
        again.append(len(back) - len(set(back)))
        sizes.append((len(back), len(mine)))
    table = np.array(bases, float)
    table[:, 1] *= sum(again) / table[:, 1].sum()
    p_value, expected = unusual(np.array(again), table)
    fits = (np.array(again) >= 5) & (np.array(again) >= 3 * expected)
    assert found.member.tolist() == members
    assert found.p_value == pytest.approx(np.where(fits, p_value, 1.0))
    (text,) = found.reasons(int(found.cell[0]))
    n, size = sizes[0]
    assert text.startswith(
        f"{n} of {size} purchases were refunded, to {n - again[0]} buyers: {again[0]} to one who had"
    )


def test_lines_of_the_first_member_and_the_first_buyer_count_and_of_nobody_do_not() -> None:
    rng = np.random.default_rng(3)
    member, age, buyer = np.repeat(np.arange(2, 32), 30), rng.integers(0, 56, 900), rng.permutation(900) + 10
    own = np.full(14, 1)
    alone = same_day_orders(np.r_[member, own], np.ones(914, int), np.r_[age, own], np.r_[buyer, own])
    assert alone.member.tolist() == list(range(1, 32))
    assert alone.p_value[0] < 1e-4
    assert alone.reasons(int(alone.cell[0]))[1] == "one buyer made 14 in a day"
    noise = [np.r_[item, zero] for item, zero in ((member, [0] * 9), (age, [1] * 9), (buyer, [1] * 9))]
    unknown = [np.r_[item, zero] for item, zero in ((noise[0], [5] * 9), (noise[1], [1] * 9), (noise[2], [0] * 9))]
    who, day, customer = (np.r_[item, own] for item in unknown)
    more = same_day_orders(who, np.ones(len(who), int), day, customer)
    assert more.p_value.tolist() == alone.p_value.tolist()
    assert same_day_orders(np.zeros(3, int), own[:3], own[:3], own[:3]).member.tolist() == []


def test_which_lines_count_among_those_of_buyers_who_come_back() -> None:
    orders = {
        "buyer_id": np.array([0, 1, 1, 2, 1]),
        "day": np.array([99, 99, 98, 90, 90]),
        "refunded": np.array([1, 0, 1, 1, 1]),
    }
    found = risk_leads._buyers(orders, 100)
    assert found["refund_ring"].tolist() == [0, 0, 1, 2, 1]
    assert found["shared_buyers"].tolist() == [0, 1, 1, 2, 1]
    weekly = found[""]
    assert weekly[0] == 0
    assert weekly[1] == weekly[2] > 0
    assert len({*weekly[[1, 3, 4]].tolist()}) == 3


@pytest.mark.parametrize("kind", ["order_burst", "review_burst"])
def test_the_lines_of_a_lead_without_rows_of_its_own(kind: str) -> None:
    leads = Leads(kind=kind, member=np.array([7, 3]), p_value=np.array([1e-9, 1.0]), cell=np.array([4, 5]),
                  reasons=lambda cell: (f"cell {cell}",))  # fmt: skip
    tested = risk_leads._Tested("seller_id", tuple("abcdefgh"), leads)
    places = {"seller_id": np.array([7, 7, 3, 7, 7])}
    buyers = {"": np.array([1, 1, 1, 2, 0])}
    found = risk_leads._lead(tested, 0, 0.01, {"orders": places, "reviews": places}, buyers)
    assert (dict(found.risk.subject), found.risk.score, found.risk.reasons) == ({"seller_id": "h"}, 90.0, ("cell 4",))
    assert found.source == ("reviews" if kind == "review_burst" else "orders")
    lines = [True, True, False, True, True] if kind == "review_burst" else [True, True, False, False, False]
    assert found.rows.tolist() == lines
    elsewhere = risk_leads._lead(tested, 0, 0.01, {"orders": {}, "reviews": {}}, buyers)
    assert elsewhere.rows.tolist() == []


def test_moves_of_members_over_their_own_weeks() -> None:
    share = np.random.default_rng(2).uniform(0.1, 1, (4, 18))
    share[2, :9] = 0
    first = np.array([-1, 10, 17, 2])
    for length, shift in ((2, 0), (3, 4), (4, 0)):
        change, usable = _moves(share, length, first, shift)
        for member in range(4):
            weeks = range(shift + length, min(shift + length + 12, 18))
            own = [share[member, week] for week in weeks if week < first[member] or first[member] < 0]
            assert usable[member] == bool(own and sum(own) > 0)
            if usable[member]:
                old, new = np.mean(own), share[member, shift : shift + length].mean()
                assert change[member] == pytest.approx(np.log(max(new, 0.05 * old) / old))


def test_everybody_is_silent_because_of_the_surest_group() -> None:
    base = {"topic": "activity", "is_factor": False, "effect": 0.3}
    whole = claim(**cast(Any, base), p=1e-5)
    sure = claim(**cast(Any, base), p=1e-8, where={"agency": "A"})
    less = claim(**cast(Any, base), p=1e-6, where={"agency": "B"})
    better = claim(**cast(Any, base), p=1e-12, where={"agency": "C"}, is_worse=False)
    told = _with_causes([whole, less, better, sure])
    assert [item.cause for item in told[:2]] == [{"agency": "A"}] * 2
    assert told[3] is sure
    unsure = [whole, replace(sure, p_value=1e-3)]
    assert _with_causes(unsure) == unsure


def test_movements_are_claimed_of_sides_that_were_rated_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_amount_claims", "_quality_claims", "_member_claims", "gap_claims", "calibration_claims"):
        monkeypatch.setattr(claim_families, name, lambda *_: ())
    monkeypatch.setattr(claim_families, "seen", lambda *_: None)
    monkeypatch.setattr(claim_families, "mobility", lambda item: item.side)
    monkeypatch.setattr(claim_families, "mobility_claim", lambda _, moved, day: (moved, day) if moved != "x" else None)
    sides = [
        SimpleNamespace(side=side, before=before) for side, before in (("creators", 1), ("sellers", None), ("x", 1))
    ]
    activities = [SimpleNamespace(crowd=SimpleNamespace(side=item.side), weeks=3) for item in sides]
    sources = cast(Any, SimpleNamespace(activities=activities, standings=sides, as_of=1000))
    places: dict[str, Any] = {item.side: {} for item in sides}
    assert list(claim_families.all_claims(sources, places, (), (), ())) == [("creators", 1000)]


def test_merit_needs_its_fewest_members() -> None:
    rng = np.random.default_rng(4)
    score, views = rng.uniform(40, 90, _FEWEST), rng.poisson(50, (_FEWEST, 6)) + 1.0
    assert len(list(merit_claims("creators", Seen(score, views, {}), 1000))) == 1
    assert list(merit_claims("creators", Seen(score[1:], views[1:], {}), 1000)) == []


def test_members_are_those_of_the_weeks_before_the_newest_four() -> None:
    """A segment whose third member was only there four weeks ago, or five."""
    rng = np.random.default_rng(5)
    amount = rng.poisson(100, (12, 12)).astype(float)
    market = np.r_[np.full(3, 1), 2 + np.arange(9) % 2]
    for week, tested in ((3, {"B", "C"}), (4, {"A", "B", "C"})):
        some = amount.copy()
        some[2] = 0
        some[2, week] = 100
        assert {item.where["market"] for item in segment_changes(panel(some, market), figure(some))} == tested


def test_who_gained_or_lost_most_of_an_amount() -> None:
    amount = np.ones((8, 9))
    amount[3, :4], amount[5, :4], amount[6, :4] = 5, 3, 0
    crowd = activity([1] * 7, [1] * 7)
    words = crowd.crowd.names.words
    assert _gainers(crowd, amount, True) == (words[3], words[5])
    assert _gainers(crowd, amount, False)[0] == words[6]
    assert len(_gainers(crowd, amount, False)) == 3
