"""What newcomers are seen against themselves and against earlier ones."""

from itertools import product
from math import log

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.changes.newcomer_changes import Beginnings, _at, _moves, exposure_claims, rank_test


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
