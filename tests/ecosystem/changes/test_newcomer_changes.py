"""What newcomers are seen against themselves and against earlier ones."""

from itertools import product
from math import log

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.changes.newcomer_changes import Beginnings, _at, _moves, exposure_claims
from core.ecosystem.ranks import rank_test


def test_moves_of_newcomers_are_by_their_whole_weeks() -> None:
    share = np.array([[4.0, 2, 1, 1, 1, 9], [1.0, 1, 2, 2, 2, 2], [0.0, 0, 1, 1, 1, 1]])
    change, usable = _moves(share, 2, np.array([5, -1, -1]), 0)
    assert change == pytest.approx([log(3), log(0.5), log(0.05)]), (
        "the week of the beginning is left out; at least a twentieth"
    )
    assert usable.tolist() == [True, True, True]
    shifted, known = _moves(share, 2, np.array([5, -1, 3]), 2)
    assert shifted[:2] == pytest.approx([0.0, 0.0])
    assert known.tolist() == [True, True, False]
    assert not _moves(share, 2, np.array([2, -1, -1]), 0)[1][0], "nothing before"
    assert np.isnan(_at(share, np.array([-1, 2, 6]))).tolist() == [True, False, True]


def test_newcomers_who_are_starved_are_told_by_ranks() -> None:
    rng = np.random.default_rng(6)
    first = np.r_[np.full(40, -1), rng.integers(5, 12, 12), rng.integers(13, 20, 12), rng.integers(1, 5, 8)]
    seen = rng.lognormal(3, 0.3, (72, 24))
    seen *= (np.arange(24) <= first[:, None]) | (first < 0)[:, None]
    calm = {
        claim.figure: claim
        for claim in exposure_claims(
            Beginnings(side="c", last=1000, names=tuple(map(str, range(72))), seen=seen, first=first)
        )
    }
    assert set(calm) == {"newcomer_exposure", "first_weeks_exposure"}
    assert min(claim.p_value for claim in calm.values()) > 0.01
    starved = seen.copy()
    starved[40:52, :4] *= 0.3
    found = {
        claim.figure: claim
        for claim in exposure_claims(
            Beginnings(side="c", last=1000, names=tuple(map(str, range(72))), seen=starved, first=first)
        )
    }
    claim = found["newcomer_exposure"]
    assert claim.p_value < 1e-3
    assert claim.effect == pytest.approx(0.3, rel=0.35)
    assert claim.is_worse
    assert claim.onset in {1001 - 7 * weeks for weeks in (2, 3, 4)}
    assert {int(name) for name in claim.who} <= set(range(40, 52))
    beginning = seen.copy()
    beginning[64:] *= 0.2
    late = {
        claim.figure: claim
        for claim in exposure_claims(
            Beginnings(side="c", last=1000, names=tuple(map(str, range(72))), seen=beginning, first=first)
        )
    }
    assert late["first_weeks_exposure"].p_value < 1e-3
    assert late["first_weeks_exposure"].onset == 1001 - 7 * 4
    assert late["first_weeks_exposure"].effect == pytest.approx(0.2, rel=0.35)
    few = Beginnings(side="c", last=1000, names=("a",) * 44, seen=seen[:44], first=first[:44])
    assert exposure_claims(few) == []


def test_ranks_with_ties_against_every_pair() -> None:
    first, second = np.array([1.0, 2, 2, 5, 7, 7]), np.array([2.0, 3, 3, 4, 8, 9, 9])
    u = sum((a > b) + 0.5 * (a == b) for a, b in product(first, second))
    n, m = 6, 7
    ties = sum(t**3 - t for t in np.unique(np.r_[first, second], return_counts=True)[1])
    sd = (n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))) ** 0.5
    assert rank_test(first, second) == pytest.approx(2 * stats.norm.sf((abs(u - n * m / 2) - 0.5) / sd))
    assert rank_test(np.ones(3), np.ones(4)) == 1.0


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


@pytest.mark.parametrize("earlier", [4, 5])
def test_newcomers_are_held_against_others_and_against_five_newcomers_before_them(earlier: int) -> None:
    """Weeks of beginning on either side of each limit; the least chance of three lengths counts three times."""
    rng = np.random.default_rng(9)
    before = np.r_[7, 9, np.full(earlier - 2, 16)]
    first = np.r_[np.full(30, -1), 2, 3, 4, 5, 12, 12, 8, before, 13, 17, 0]
    seen = rng.lognormal(3, 0.4, (len(first), 30))
    seen[(np.arange(30) > first[:, None]) & (first >= 0)[:, None]] = 0
    seen[np.ix_((first > 2) & (first <= 12), range(4))] *= 0.4
    names = tuple(map(str, range(len(first))))
    found = {
        item.figure: item
        for item in exposure_claims(Beginnings(side="creators", last=1000, names=names, seen=seen, first=first))
    }["newcomer_exposure"]
    share = seen / seen[:30].sum(axis=0)
    tested = {}
    for length in (2, 3, 4):
        change, usable = _moves(share, length, first, 0)
        mine, others = usable & (first > length) & (first <= 12), usable & (first < 0)
        older = []
        for shift in (4, 8):
            then, known = _moves(share, length, first, shift)
            older += then[known & (first > shift + length) & (first <= 12 + shift)].tolist()
        chance = rank_test(change[mine], change[others])
        if len(older) >= 5:
            chance = max(chance, rank_test(change[mine], np.array(older)))
        tested[length] = chance, change, mine, others
    weeks = min(tested, key=lambda length: tested[length][0])
    chance, change, mine, others = tested[weeks]
    assert (found.p_value, found.onset) == (pytest.approx(3 * chance), 1001 - 7 * weeks)
    usual, step = np.median(change[others]), np.median(change[mine]) - np.median(change[others])
    assert found.effect == found.now == pytest.approx(np.exp(step))
    reach = [middle_of(change[some]) for some in (mine, others)]
    (below, above), (below_usual, above_usual) = reach
    assert found.interval == pytest.approx(
        (np.exp(step - np.hypot(below, above_usual)), np.exp(step + np.hypot(above, below_usual)))
    )
    moved = np.where(mine, (change - usual) * np.sign(step), -np.inf)
    assert found.who == tuple(names[at] for at in np.argsort(-moved)[:3])
    assert found.is_worse is bool(step < 0)


def middle_of(values: np.ndarray) -> tuple[float, float]:
    """How far below and above the median its interval reaches: order statistics of the sign test, three lengths counted."""
    ordered, size = np.sort(values), len(values)
    reach = max(int(np.floor(size / 2 - stats.norm.ppf(1 - 0.025 / 3) / 2 * size**0.5)), 0)
    return np.median(values) - ordered[reach], ordered[size - 1 - reach] - np.median(values)


@pytest.mark.parametrize(("others", "newcomers", "is_tested"), [(5, 5, True), (4, 5, False), (5, 4, False)])
def test_five_of_each_kind_are_compared(others: int, newcomers: int, is_tested: bool) -> None:
    first = np.r_[np.full(others, -1), np.full(newcomers, 8)]
    seen = np.where(np.arange(16) <= np.where(first < 0, 16, first)[:, None], 5.0, 0.0)
    names = tuple(map(str, range(len(first))))
    found = exposure_claims(Beginnings(side="creators", last=1000, names=names, seen=seen, first=first))
    assert any(item.figure == "newcomer_exposure" for item in found) is is_tested
