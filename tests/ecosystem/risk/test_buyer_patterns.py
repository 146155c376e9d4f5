"""Buyers who come back: counts, pairs and chances counted by hand."""

from typing import Any

import numpy as np
import pytest

from core.ecosystem.risk.buyer_patterns import (
    BuyerGroups,
    Purchases,
    _met_again,
    few_buyers,
    refund_rings,
    same_day_orders,
)
from core.ecosystem.risk.lead_tests import ago
from core.ecosystem.risk.tail_tests import unusual


def purchases(rows: list[tuple[int, int, int, int, int]]) -> Purchases:
    """Rows of member, market, age in days, buyer, refunded."""
    return Purchases.of(*(np.array(column) for column in zip(*rows, strict=True)))


def test_lines_of_one_buyer_at_one_member_on_one_day_are_a_purchase() -> None:
    bought = purchases(
        [(1, 1, 3, 5, 0), (1, 1, 3, 5, 1), (1, 1, 9, 5, 0), (2, 1, 3, 5, 0), (0, 1, 3, 6, 0), (2, 1, 3, 0, 1)]
    )
    assert (bought.member.tolist(), bought.week.tolist()) == ([1, 1, 2], [0, 1, 0])
    assert (bought.refunded.tolist(), bought.buyer.tolist()) == ([1, 0, 0], [0, 0, 0])
    assert bought.first_week.tolist() == [1, 1, 0]
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
    rows = crowd(buyers) + [(1, 1, 7 + at, 9000 + at, 0) for at in range(49)]
    found = few_buyers(purchases(rows))
    assert bool(found.p_value[found.member == 1][0] < 1e-6) is lead
    assert found.p_value[found.member != 1].min() > 1e-3
    if lead:
        first, usual = found.reasons(int(found.cell[found.member == 1][0]))
        assert "by a buyer of that week again" in first
        own = np.bincount([age // 7 for member, _, age, _, _ in rows if member == 1], minlength=8)
        assert usual == f"other weeks: {np.median(own[1:]):.0f} purchases", "its own"


def test_a_member_of_one_week_has_no_other_weeks_and_one_of_two_has_one() -> None:
    for more, usual in (([], 0), ([(50, 1, 9, 9999, 0)] * 3, 1)):
        found = few_buyers(purchases([*crowd(8), *((50, 1, at, 8000 + at % 3, 0) for at in range(6)), *more]))
        cell = int(found.cell[found.member == 50][0])
        told, others = found.reasons(cell)
        assert told.startswith("6 purchases by 3 buyers in one week, the newest: 3 were")
        assert others == f"other weeks: {usual} purchases"


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


def test_whoever_sells_half_of_a_market_meets_its_buyers_again() -> None:
    """200 buyers a market. Pairs of lines of one day by one buyer: of member 1 alone, and what others' pairs predict."""
    rng = np.random.default_rng(9)
    member = np.r_[np.full(2400, 1), np.repeat(np.arange(2, 42), 60)]
    day, buyer = rng.integers(0, 30, 4800), rng.integers(1, 201, 4800)
    assert same_day_orders(member, np.ones(4800, int), day, buyer).p_value.min() > 0.01
    # two lines of member 1 and one of each other member, all of one day; 2 and 3 have a buyer in common
    few = np.array([1, 1, 2, 3, 4]), np.ones(5, int), np.zeros(5, int), np.array([7, 7, 8, 8, 9])
    assert _met_again(*few).tolist() == pytest.approx([0, 1 / 9, 0, 0, 0]), "1 of the 10 - 1 pairs at different members"


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
