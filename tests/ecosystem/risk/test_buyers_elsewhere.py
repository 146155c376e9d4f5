"""Buyers whom other members have too, or nobody else."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.risk.shared_buyers import _common_chance, _joined
from core.ecosystem.risk.unknown_buyers import unknown_buyers
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
