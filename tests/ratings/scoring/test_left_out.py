"""Nobody's cards in other roles count in what a card is compared with."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.ratings.cases.case_counts import CaseCounts
from core.ratings.cases.case_matrix import Cards, CaseMatrix
from core.ratings.scoring import grades, peers
from core.ratings.scoring.bounded_influence import told
from core.ratings.scoring.group_priors import GroupPriors, _everybody_else
from core.ratings.scoring.left_out import felt, has_several, of_others, own_others
from core.ratings.scoring.priors import Members
from core.ratings.scoring.scores import scores
from tests.ratings.cases.test_algebra_of_evidence import COMPONENTS, MATRIX

Floats = NDArray[np.float64]
PERSONS = 20


def test_sums_leave_out_whose_they_are() -> None:
    values, owner, group = np.array([[1.0, 2, 4, 8]]), np.array([1, 1, 2, 1]), np.array([0, 0, 0, 1])
    assert own_others(values, owner).tolist() == [[10, 9, 0, 3]]
    assert own_others(np.stack([values, 3 * values]), owner)[1].tolist() == [[30, 27, 0, 9]]
    assert own_others(np.zeros((2, 0)), owner[:0]).shape == (2, 0)
    assert of_others(values, group, owner).tolist() == [[4, 4, 3, 0]]


def test_persons_are_felt_who_have_more_than_a_2000th_of_all() -> None:
    """Persons 1 to 4 have two cards each, 5 has one; of 8,001 cases 4 are one 2,000th and 5 more than that."""
    who = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5])
    cases = np.array([[2.0, 2, 3, 2, 0, 0, 0, 0, 7992], [0, 0, 0, 0, 1, 0, 0, 0, 9]])
    assert np.flatnonzero(felt(who, cases)).tolist() == [2, 3, 4, 5, 8]
    assert felt(who[:0], cases[:, :0]).tolist() == []
    assert np.flatnonzero(~has_several(who)).tolist() == [8]


def test_what_the_widest_group_leans_to_leaves_out_the_others_of_the_owner() -> None:
    """Of 60 cases 6 are bad, and 30 violations are of one without cases: the first sees 40 and 4, without its owner's others."""
    members = Members(np.array([10.0, 20, 30, 0]), np.array([1.0, 2, 3, 30]), np.zeros(4, np.int64))
    lean = _everybody_else(members, np.array([0, 1, 3]), np.array([0, 0, 0]), False)
    assert lean.mean == pytest.approx([4.5 / 41, 5.5 / 51, 3.5 / 31])


def test_violations_of_one_without_orders_move_none_of_a_persons_other_scores() -> None:
    matrix, n, k = two_roles()
    n[3, 0] = k[3, 0] = 0
    more = k.copy()
    more[3, 0] = 30
    (_, before), (_, after) = judged(matrix, n, k), judged(matrix, n, more)
    assert after[1] == pytest.approx(before[1], abs=0.3)
    assert after[0] < before[0] - 3


def two_roles() -> tuple[CaseMatrix, Floats, Floats]:
    """Twenty persons who are affiliates and live hosts; cases and bad ones of each card."""
    rng, size = np.random.default_rng(11), 2 * PERSONS
    cards = Cards(
        np.repeat(np.arange(PERSONS), 2) + 1, np.tile([0, 1], PERSONS), 0 * np.arange(size), ("affiliate", "live_host")
    )
    matrix = replace(MATRIX, cards=cards, cell_card=np.arange(size), cell_category=0 * np.arange(size), streams=())
    n = rng.uniform(5, 120, (len(COMPONENTS), size))
    k = rng.poisson(n * rng.gamma(5, 0.05 / 5, n.shape)).astype(float)
    return matrix, n, np.minimum(k, n)


def judged(matrix: CaseMatrix, n: Floats, k: Floats) -> tuple[peers.Peers, Floats]:
    """What peers are like, and the scores."""
    found = peers.find(matrix, *(CaseCounts(n=n, squares=n, k=k, cases=n, bad=k),) * 2)
    return found, scores(found.weight, grades.beliefs(matrix, found, np.arange(n.shape[1]), n, k)).score


@pytest.mark.parametrize("row", [0, 1, 3])
def test_bad_orders_in_one_role_do_not_raise_the_score_in_another(row: int) -> None:
    matrix, n, k = two_roles()
    more_n, more_k = n.copy(), k.copy()
    more_n[row, 0] += 30
    more_k[row, 0] += 30
    (_, before), (_, after) = judged(matrix, n, k), judged(matrix, more_n, more_k)
    assert after[0] < before[0] - 3
    assert abs(after[1] - before[1]) < 0.5
    strangers = replace(matrix, cards=replace(matrix.cards, who=np.arange(2 * PERSONS)))
    moved = judged(strangers, more_n, more_k)[1] - judged(strangers, n, k)[1]
    assert moved[1] > 2 * abs(after[1] - before[1]), "those of somebody else do count"


def test_peers_without_the_others_of_a_person_are_what_they_are_when_these_have_no_cases() -> None:
    matrix, n, k = two_roles()
    k[1, 0] = n[1, 0] = 15
    none = n.copy()
    none[:, 0] = 0
    found, empty = judged(matrix, n, k)[0], judged(matrix, none, np.minimum(k, none))[0]
    strangers = judged(replace(matrix, cards=replace(matrix.cards, who=np.arange(2 * PERSONS))), n, k)[0]
    for name, near in (("mean", 0.05), ("a", 0.1), ("reference", 0.05), ("weight", 0.2)):
        seen, expected, with_them = (getattr(entry, name)[1, 1] for entry in (found, empty, strangers))
        assert seen == pytest.approx(expected, rel=near), name
        assert abs(with_them - expected) > 2 * abs(seen - expected), name


def test_only_groupings_that_some_cell_needs_are_fitted() -> None:
    """Twenty members of a role are too few for a group of their own: all are compared with everybody."""
    matrix, n, k = two_roles()
    counts = CaseCounts(n=n, squares=n, k=k, cases=n, bad=k)
    priors = GroupPriors(matrix, counts, counts, counts, n > 0, np.flatnonzero(felt(matrix.cards.who, n)))
    level = priors.of_cells(matrix.rules.groups)[1]
    assert set(level.tolist()) == {3}
    assert list(priors._fits) == [((),)]


def test_a_card_tells_of_others_as_many_bad_cases_as_are_not_far_from_theirs() -> None:
    """Forty others have 100 cases each, 10 of them bad: 10 are expected, 10 + 6 x sqrt(10 + 2 x 10 x 10) + 1 = 97.9 tell."""
    n, k = np.full((1, 41), 100.0), np.full((1, 41), 10.0)
    role, who = np.zeros(41, np.int64), np.arange(41)
    for bad, most in ((97.0, 97.0), (100.0, 98.0)):
        k[0, 0] = bad
        share = told(n, k, [role], who)
        assert share[0, 0] * bad == pytest.approx(most, abs=0.1)
        assert (share[0, 1:] == 1).all()
    # in a role of its own it is held against all roles; 100 cases lean to them
    assert told(n, k, [role, (who > 0).astype(int)], who)[0, 0] * 100 == pytest.approx(98, abs=0.1)
    assert told(np.zeros((1, 2)), np.ones((1, 2)), [role[:2]], who[:2]).tolist() == [[1, 1]], "a first one always tells"


def test_a_small_market_where_everybody_has_fifty_times_as_many_bad_cases_tells_in_full() -> None:
    """A thousand members have 1,000 cases each, two of them bad; in another market twenty have a hundred. By what is usual in all
    markets, 3.8 of a thousand, these would tell of 39: 3.8 + 6 x sqrt(3.8 + 2 x 3.8 x 3.8) + 1."""
    market, role = np.repeat([0, 1], [1000, 20]), np.zeros(1020, np.int64)
    n, k = np.full((1, 1020), 1000.0), np.where(market > 0, 100.0, 2.0)[None]
    assert (told(n, k, [role, market], np.arange(1020)) == 1).all()
    assert told(n, k, [role], np.arange(1020))[0, -1] * 100 == pytest.approx(39, abs=0.5)


@pytest.mark.parametrize("seed", [0, 1])
def test_ever_more_bad_cases_never_raise_a_score(seed: int) -> None:
    """Forty creators who are as bad at one thing as at another; the first has thirty cases of everything, and one is bad."""
    rng = np.random.default_rng(seed)
    matrix, n, _ = two_roles()
    cards = replace(matrix.cards, who=np.arange(2 * PERSONS), role=np.zeros(2 * PERSONS, np.int64))
    matrix, n = replace(matrix, cards=cards), rng.uniform(5, 120, n.shape)
    k = np.minimum(rng.poisson(n * 0.05 * rng.gamma(1, 1, 2 * PERSONS)).astype(float), n)
    n[:, 0], k[:, 0] = 30, 1
    series = []
    for bad in (1, 3, 8, 12, 16, 20, 25, 30):
        k[0, 0] = bad
        series.append(judged(matrix, n, k)[1])
    own, others = np.array(series)[:, 0], np.array(series)[:, 1:]
    assert (np.diff(own) < -0.5).all()
    assert np.abs(others[-1] - others[0]).max() < 10
