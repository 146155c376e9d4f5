"""Gaps, selection and demotion of groups whose truth is known; how much grades move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.ecosystem.fairness.mobility import shorrocks
from core.ecosystem.fairness.rating_gaps import difference, selection
from core.ecosystem.proportions import fisher, ratio_of


def test_a_gap_by_hand() -> None:
    score, here = np.array([10.0, 12.0, 20.0, 22.0, 24.0]), np.array([True, True, False, False, False])
    score, here = np.append(score, 11.0), np.append(here, True)
    mean, gap, interval, chance = difference(score, np.arange(6), here)
    assert (mean, gap) == (11.0, -11.0)
    assert chance is not None
    assert 0.001 < chance < 0.01
    assert interval is not None
    assert interval[0] < -11 < interval[1] < 0


@pytest.mark.parametrize("cards", [1, 4])
def test_the_interval_of_a_gap_covers_it_however_many_cards_a_person_has(cards: int) -> None:
    random, covered = np.random.default_rng(cards), 0
    for _ in range(400):
        person = np.repeat(np.arange(60), cards)
        here = np.repeat(np.arange(60) < 12, cards)
        score = 60 - 3.0 * here + random.normal(0, 4, 60)[person] + random.normal(0, 1, 60 * cards)
        low, high = difference(score, person, here)[2] or (0.0, 0.0)
        covered += low <= -3 <= high
    assert 366 <= covered <= 394


def test_no_mean_score_lies_beyond_the_scale() -> None:
    """Three of 80 to 97 against three whose mean is 90: at most 10 better; of 10 to 90 it may be anything."""
    others, here = [88.0, 90.0, 92.0], np.arange(6) < 3
    _, gap, interval, _ = difference(np.array([80.0, 90.0, 97.0, *others]), np.arange(6), here)
    assert interval is not None
    assert (gap, interval[0] < -15, interval[1]) == (-1, True, 10)
    _, gap, interval, chance = difference(np.array([10.0, 50.0, 90.0, *others]), np.arange(6), here)
    assert (gap, interval) == (-40, None)
    assert chance is not None
    assert chance > 0.1


def test_too_few_to_tell() -> None:
    assert difference(np.array([1.0, 2.0, 3.0]), np.arange(3), np.array([True, False, False]))[2:] == (None, None)
    assert np.isnan(difference(np.array([1.0]), np.arange(1), np.array([True]))[1])


def test_a_low_ratio_of_few_is_chance_and_of_many_is_not() -> None:
    def chosen(times: int) -> tuple[np.ndarray, np.ndarray]:
        return np.repeat([True] * 6 + [False] * 4 + [True] * 9 + [False], times), np.repeat(
            [True] * 10 + [False] * 10, times
        )

    few, many = selection(*chosen(1)), selection(*chosen(30))
    assert few[0] == many[0] == pytest.approx(6 / 9)
    assert few[2] is not None
    assert few[2] > 0.05
    assert many[2] is not None
    assert many[2] < 1e-6
    assert few[1] is not None
    assert few[1][1] > 1
    assert many[1] is not None
    assert many[1][1] < 0.8


def test_nobody_to_compare_with() -> None:
    assert selection(np.array([True, False]), np.array([True, True])) == (None, None, None)
    assert selection(np.array([True, False]), np.array([True, False])) == (None, None, None)


@pytest.mark.parametrize(("p", "q", "n", "m"), [(0.9, 0.8, 20, 60), (0.3, 0.6, 40, 40), (1.0, 0.9, 8, 100)])
def test_the_interval_of_a_ratio_covers_it(p: float, q: float, n: int, m: int) -> None:
    random, covered = np.random.default_rng(1), 0
    for _ in range(500):
        low, high = ratio_of((int(random.binomial(n, p)), n), (int(random.binomial(m, q)), m))
        covered += low <= p / q <= high
    assert covered >= 460


@given(st.integers(2, 40), st.integers(2, 40), st.data())
def test_the_ratio_the_other_way_round_has_the_interval_the_other_way_round(
    n: int, m: int, data: st.DataObject
) -> None:
    first, second = (data.draw(st.integers(1, n - 1)), n), (data.draw(st.integers(1, m - 1)), m)
    low, high = ratio_of(first, second)
    other = ratio_of(second, first)
    assert (1 / high, 1 / low) == pytest.approx(other, rel=1e-6)
    assert low < first[0] * m / (n * second[0]) < high


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_fishers_chance_is_that_of_scipy(n: int, m: int, data: st.DataObject) -> None:
    from scipy.stats import fisher_exact

    a, c = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    assert fisher((a, n), (c, m)) == pytest.approx(fisher_exact([[a, n - a], [c, m - c]])[1], abs=1e-6)


def test_nobody_moves() -> None:
    index, interval = shorrocks(np.diag([40, 30, 0, 50]))
    assert index == 0
    assert interval is not None
    assert interval[0] == 0
    assert 0 < interval[1] < 0.2


def test_grades_drawn_anew_are_perfectly_mobile() -> None:
    assert shorrocks(np.full((4, 4), 25))[0] == pytest.approx(1)


def test_one_grade_tells_nothing() -> None:
    assert shorrocks(np.array([[0, 0], [0, 9]])) == (None, None)


def test_the_interval_of_mobility_covers_the_truth() -> None:
    random, covered = np.random.default_rng(3), 0
    chances = np.array([[0.8, 0.2, 0.0], [0.1, 0.8, 0.1], [0.0, 0.3, 0.7]])
    truth = (3 - np.trace(chances)) / 2
    for _ in range(300):
        matrix = np.array([random.multinomial(n, p) for n, p in zip((50, 200, 30), chances, strict=True)])
        low, high = shorrocks(matrix)[1] or (0.0, 0.0)
        covered += low <= truth <= high
    assert 275 <= covered <= 297


def test_creators_of_one_shop_share_its_good_and_bad_orders() -> None:
    """Two groups of two shops with ten creators each; scores are 60, 66, 64 and 70 by shop, give or take one.

    Between shops the gap of 4 has the standard error (3^2/2 2 + 3^2/2 2)^.5 = 18^.5, with two degrees of freedom.
    """
    shop, here = np.repeat([1, 2, 3, 4], 10), np.repeat([True, False], 20)
    score = np.array([60.0, 66, 64, 70])[shop - 1] + np.tile([-1.0, 1], 20)
    alone, together = (difference(score, np.arange(40), here, some) for some in (None, shop))
    assert alone[1] == together[1] == -4
    assert alone[3] is not None
    assert alone[3] < 1e-3
    assert together[3] == pytest.approx(2 * stats.t.sf(4 / 18**0.5, 2))
    assert together[2] == pytest.approx((-4 - stats.t.isf(0.025, 2) * 18**0.5, -4 + stats.t.isf(0.025, 2) * 18**0.5))
    apart = difference(score, np.arange(40), here, np.where(here, shop, 3))
    assert apart[2:] == alone[2:], "one shop tells nothing of how shops differ"


def test_scores_that_lean_to_their_peers_hide_how_much_records_differ() -> None:
    """Scores of variance 1 within groups whose posteriors have variance 3: reliability 1/4, errors four times as wide."""
    here = np.arange(40) < 20
    score = np.where(here, 62.0, 60.0) + np.tile([-1.0, 1.0], 20)
    sure, wide = (difference(score, np.arange(40), here, None, some) for some in (None, np.full(40, 3**0.5)))
    assert sure[2] is not None
    assert wide[2] is not None
    assert wide[2][1] - 2 == pytest.approx(4 * (sure[2][1] - 2))
    assert sure[3] is not None
    assert wide[3] == pytest.approx(2 * stats.t.sf(2 / (4 * (2 / 19) ** 0.5), 38))
