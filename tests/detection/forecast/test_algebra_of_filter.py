"""The filter and the variances of sums against the same algebra written out with whole matrices."""

from itertools import combinations

import numpy as np
import pytest

from core.base.days import Window
from core.detection.detector.window_sums import WindowSums
from core.detection.expected_values import _cautious, _exposure, _open, _sum_variance
from core.detection.forecast.panel import CLOSED, IGNORED, Panel
from core.detection.forecast.residual_noise import ResidualNoise, persistence, reach_over
from core.detection.forecast.state_space import (
    LEVEL,
    SLOPE,
    SPEEDS,
    STATES,
    WEEK,
    WEEKDAY,
    LevelState,
    StateSpace,
    trend_days,
    weekday_share,
)

OPEN = np.ones((WEEK, 2), bool)
OPEN[5:, 1] = False
FADE = 0.4


def week_effects(is_open: np.ndarray) -> np.ndarray:
    """Covariance of effects that add up to zero over open weekdays."""
    own = np.diag(is_open.astype(float))
    return own - np.outer(is_open, is_open) / is_open.sum()


def whole_filter(days: int, residuals: np.ndarray, noise: np.ndarray, weights: np.ndarray) -> tuple[list, list]:
    """Means and covariances of each speed and series, after `days` days: F P F' + Q, then Bayes' rule by the matrix."""
    means, covs = [], []
    for speed, pace in enumerate(SPEEDS):
        for series in range(2):
            mean, cov = np.zeros(STATES), np.zeros((STATES, STATES))
            mean[LEVEL] = 2.0 + series
            cov[LEVEL, LEVEL], cov[SLOPE, SLOPE] = 1.0, 0.002**2
            cov[WEEKDAY:, WEEKDAY:] = 0.3**2 * week_effects(OPEN[:, series])
            moves = np.eye(STATES)
            moves[LEVEL, SLOPE] = 1.0
            wanders = np.zeros((STATES, STATES))
            wanders[LEVEL, LEVEL] = pace * min(noise[speed, series], 0.01)
            wanders[SLOPE, SLOPE] = 2e-5**2
            wanders[WEEKDAY:, WEEKDAY:] = 0.001**2 * week_effects(OPEN[:, series])
            for day in range(days):
                mean, cov = moves @ mean, moves @ cov @ moves.T + wanders
                seen = np.zeros(STATES)
                seen[LEVEL] = seen[WEEKDAY + day % WEEK] = 1.0
                weight = weights[day, speed, series]
                if weight > 0:
                    doubt = seen @ cov @ seen
                    error = doubt + noise[speed, series] / weight
                    step = np.log1p(max(residuals[day, speed, series] * doubt / error, -0.95))
                    mean = mean + cov @ seen * step / doubt
                    cov = cov - np.outer(cov @ seen, seen @ cov) / error
            means.append(mean)
            covs.append(cov)
    return means, covs


def test_the_filter_is_that_of_whole_matrices() -> None:
    rng, days = np.random.default_rng(1), 20
    residuals = rng.normal(0, 0.2, (days, len(SPEEDS), 2))
    residuals[3] = -40.0
    noise = np.array([[0.002, 0.05]] * len(SPEEDS))
    weights = rng.choice([0.0, 0.4, 1.0], (days, len(SPEEDS), 2))
    levels = StateSpace(OPEN)
    levels.begin(np.arange(2), np.array([2.0, 3.0]))
    for day in range(days):
        levels.step(noise)
        levels.learn(day % WEEK, residuals[day], noise, weights[day])
    means, covs = whole_filter(days, residuals, noise, weights)
    mean = levels.mean.reshape(STATES, -1).T
    assert mean == pytest.approx(np.array(means))
    assert levels.cov.reshape(STATES, STATES, -1).transpose(2, 0, 1) == pytest.approx(np.array(covs), abs=1e-12)
    levels.best = np.array([2, 0])
    state, cov = levels.state(), [covs[4], covs[1]]
    for series, matrix in enumerate(cov):
        trace = np.trace(matrix[WEEKDAY:, WEEKDAY:]) / OPEN[:, series].sum()
        parts = [matrix[LEVEL, LEVEL], matrix[LEVEL, SLOPE], matrix[SLOPE, SLOPE], trace]
        assert state.spread[:, series] == pytest.approx(parts, abs=1e-12)
        day = WEEKDAY + 3
        doubt = matrix[LEVEL, LEVEL] + 2 * matrix[LEVEL, day] + matrix[day, day]
        assert levels.chosen(levels.doubt(3))[series] == pytest.approx(doubt)
    ahead = levels.outlook()
    assert ahead.mean[LEVEL] == pytest.approx(state.mean[LEVEL] + state.mean[SLOPE])
    assert ahead.spread[0] == pytest.approx(state.spread[0] + 2 * state.spread[1] + state.spread[2] + state.wander)
    assert ahead.spread[1] == pytest.approx(state.spread[1] + state.spread[2])
    assert (ahead.spread[2:] == state.spread[2:]).all()


def test_speeds_compete_by_what_they_foretold() -> None:
    levels, variance = StateSpace(OPEN), np.full((3, 2), 0.04)
    score = np.zeros((3, 2))
    for day in range(40):
        residual = np.array([[0.5, 0.1], [0.2, 0.1], [0.9, 0.1]])
        heeded = np.array([True, day % 2 == 0])
        levels.compare(residual, variance, heeded)
        density = -np.log(variance) / 2 - np.minimum(residual**2 / variance, 3.5**2) / 2
        score = np.where(heeded, 0.98 * score + density, score)
    assert levels.score == pytest.approx(score)
    assert levels.best.tolist() == [1, 0], "where all foretell alike, the steady one"


def test_a_level_is_doubted_by_a_quarter_of_the_square_of_its_change() -> None:
    levels = StateSpace(OPEN)
    levels.begin(np.arange(2), np.zeros(2))
    levels.cov[LEVEL, LEVEL] = 0.1
    levels.doubt_level(np.arange(2), np.array([-0.8, 9.0]))
    assert levels.cov[LEVEL, LEVEL] == pytest.approx(np.array([[0.1 + 0.16, 1.0]] * 3)), "at most as of a new series"


def test_what_is_left_of_weekday_effects_in_a_mean() -> None:
    """Effects of so many open weekdays that add up to zero, over all ways to choose the days."""
    for open_days in (2, 5, 7):
        effects = np.random.default_rng(2).normal(0, 1, open_days)
        effects -= effects.mean()
        for days in range(1, open_days + 1):
            means = [np.mean(some) ** 2 for some in combinations(effects, days)]
            left = weekday_share(np.array([float(open_days)]), np.array([float(days)]))[0]
            assert left * np.mean(effects**2) == pytest.approx(np.mean(means), abs=1e-12)
    assert weekday_share(np.array([1.0, 7.0]), np.array([1.0, 9.0])).tolist() == [0.0, 0.0]


def correlations(days: int, link: float) -> np.ndarray:
    lags = np.abs(np.subtract.outer(np.arange(days), np.arange(days)))
    return np.where(lags == 0, 1.0, link * FADE ** np.maximum(lags - 1, 0))


@pytest.mark.parametrize("days", [1, 2, 7, 30])
def test_noise_that_lasts_widens_sums_as_its_covariances_add_up(days: int) -> None:
    assert days * (1 + 0.5 * persistence(days)[days]) == pytest.approx(correlations(days, 0.5).sum())
    assert persistence(days).shape == (days + 1,)
    assert persistence(days)[0] == persistence(days)[1] == 0


def spread_of_mean(state: LevelState, days: int, gap: int = 0) -> float:
    """Variance of the mean log level of days: level, slope, wandering since the forecast, all covariances summed."""
    level, both, slope, _ = state.spread[:, 0]
    ahead = gap + np.arange(days)
    shared = level + both * np.add.outer(ahead, ahead) + slope * np.outer(ahead, ahead)
    return float((shared + state.wander[0] * np.minimum.outer(ahead, ahead)).mean())


def learnt(rows: int = 1) -> ResidualNoise:
    """Noise with a unit of 1, 0.01 beyond counting, a factor of 1.7 and a link of 0.3."""
    noise = ResidualNoise(Panel(first=0, values=np.ones((rows, 3))), len(SPEEDS))
    noise.factor_of_best = np.full(rows, 1.7)
    noise._lag_group[:], noise._days_group[:] = 30.0, 100.0
    return noise


STATE = LevelState(np.zeros((STATES, 1)), np.array([[0.004], [0.0002], [0.00003], [0.02]]), np.array([0.0007]))


@pytest.mark.parametrize("days", [1, 3, 7, 20])
def test_the_variance_of_a_window_adds_up_noise_and_doubt(days: int) -> None:
    noise, windows = learnt(), WindowSums(1, np.array([7.0]), -np.ones(1))
    windows.open(0, 0, STATE, noise, np.array([True]))
    for _ in range(days):
        windows.add(np.array([50.0]), np.array([40.0]), np.array([1.0]), np.array([True]))
    share = max(7 - days, 0) / 6 / days
    daily = 1.7 * (1 / 50 + 0.01)
    expected = spread_of_mean(STATE, days) + 0.02 * share + daily * correlations(days, 0.3).sum() / days**2
    assert windows.scores(noise)[1][0, 0] == pytest.approx(expected)
    assert windows.depth()[0] == pytest.approx(-0.2)
    assert windows.days[0, 0] == days
    score = windows.scores(noise)[0][0, 0]
    assert score == pytest.approx(-0.2 / np.sqrt(expected), rel=0.2)
    noise.factor_of_best = np.full(1, 0.1)
    assert windows.scores(noise)[1][0, 0] == pytest.approx(expected), "of what is learnt later it takes nothing"
    windows.open(0, 0, STATE, noise, np.array([True]))
    for _ in range(days):
        windows.add(np.array([50.0]), np.array([40.0]), np.array([1.0]), np.array([True]))
    expected = spread_of_mean(STATE, days) + 0.02 * share + correlations(days, 0.3).sum() / days**2 / 50
    assert windows.scores(noise)[1][0, 0] == pytest.approx(expected), "counts scatter at least as counts do"


@pytest.mark.parametrize(("days", "gap"), [(1, 0), (5, 0), (5, 9), (14, 3)])
def test_the_variance_of_a_forecast_adds_up_the_same(days: int, gap: int) -> None:
    mean, link = np.full((1, days), 50.0), np.array([0.3])
    scatter, weekdays = np.full((1, days), 0.04), np.array([0.1])
    expected = spread_of_mean(STATE, days, gap) + 0.02 * 0.1 + 0.04 * correlations(days, 0.3).sum() / days**2
    assert _sum_variance(mean, scatter, STATE, link, gap, weekdays)[0] == pytest.approx(expected * (50 * days) ** 2)


def test_a_window_is_opened_closed_and_taken_over_whole() -> None:
    noise, windows = learnt(2), WindowSums(3, np.array([7.0, 5.0]), -np.ones(2))
    noise.reach[0], noise.reach[1] = 2.0, 3.0
    mean = np.zeros((STATES, 2))
    mean[LEVEL], mean[SLOPE], mean[WEEKDAY + 4] = [1.0, 2.0], 0.01, 0.5
    state = LevelState(mean, np.tile(STATE.spread, 2), np.tile(STATE.wander, 2))
    windows.open(1, 3, state, noise, np.array([True, False]))
    assert windows.began.tolist() == [[-1, -1], [3, -1], [-1, -1]]
    windows.add(np.full((3, 2), 10.0), np.array([8.0, 8.0]), np.array([2.0, 2.0]), np.array([True, True]))
    windows.add(np.full((3, 2), 10.0), np.array([7.0, 8.0]), np.array([2.0, 2.0]), np.array([False, True]))
    assert [side[1].tolist() for side in (windows.expected, windows.actual, windows.exposure, windows.days)] == [
        [10.0, 0.0], [8.0, 0.0], [2.0, 0.0], [1.0, 0.0],
    ]  # fmt: skip
    day = 3 + 2 * WEEK + 1
    log_rate = 1 + 0.01 * trend_days(np.array([day - 3]))[0] + 0.5
    assert windows.rates(day)[1, 0] == pytest.approx(np.exp(log_rate))
    first = WindowSums(1, np.array([7.0, 5.0]), -np.ones(2))
    first.adopt(windows, np.array([1]), np.array([0]))
    assert (first.began[0, 0], first.expected[0, 0], first.actual[0, 0], first.days[0, 0]) == (3, 10.0, 8.0, 1.0)
    assert first.scores(noise)[1][0, 0] == pytest.approx(windows.scores(noise)[1][1, 0])
    assert first.reach[:, 0, 0].tolist() == [2.0, 3.0]
    assert first.rates_at(0, np.array([0]), day)[0] == pytest.approx(np.exp(log_rate))
    before = first.before_first(np.array([0]), day)
    assert before[LEVEL, 0] == pytest.approx(1 + 0.01 * trend_days(np.array([day - 3]))[0])
    assert before[WEEKDAY + 4, 0] == 0.5
    windows.forget(np.array([0]))
    assert (windows.began[1, 0], windows.expected[1, 0], windows.days[1, 0]) == (-1, 0.0, 0.0)
    assert windows.scores(noise)[0].tolist() == [[0.0, 0.0]] * 3


def test_intervals_of_days_between_one_and_a_week() -> None:
    reach = np.array([[2.0], [3.0]])
    assert [reach_over(reach, days)[0] for days in (0.5, 1, 7**0.5, 7, 28)] == pytest.approx([2, 2, 2.5, 3, 3])
    cautious = _cautious(np.array([1.0, 1.0, 1.0, 2.5]), np.array([0.0, 20.0, 1e9, 0.0]))
    assert cautious == pytest.approx([1.959964, (1.959964 + 1) / 2, 1.0, 2.5])


def test_exposure_in_a_window_is_what_came_and_beyond_it_the_mean_of_four_weeks() -> None:
    exposure = np.vstack([np.arange(1.0, 41.0), np.full(40, np.nan)])
    panel = Panel(first=100, values=np.ones((2, 40)), exposure=exposure)
    inside = _exposure(panel, Window(110, 112))
    assert inside.tolist() == [[11.0, 12.0, 13.0], [1.0, 1.0, 1.0]]
    across = _exposure(panel, Window(138, 141))
    assert across.tolist() == [[39.0, 40.0, *[np.arange(11.0, 39.0).mean()] * 2], [1.0] * 4]
    assert _exposure(panel, Window(139, 139)).tolist() == [[40.0], [1.0]], "a window of the last day"
    beyond = _exposure(panel, Window(140, 140))
    assert beyond.tolist() == [[np.arange(13.0, 41.0).mean()], [1.0]]
    assert _exposure(panel, Window(98, 100))[0].tolist() == [1.0] * 3, "before anything came, the first day"
    assert _exposure(Panel(first=0, values=np.ones((2, 9))), Window(3, 5)).tolist() == [[1.0] * 3] * 2


def test_closed_days_in_a_window() -> None:
    known = np.zeros((2, 28), np.int8)
    known[0, 6::7] = CLOSED  # a weekday of rest
    known[1, 26] = CLOSED
    known[1, 25] = IGNORED
    panel = Panel(first=7, values=np.ones((2, 28)), known=known)
    assert _open(panel, Window(31, 36)).tolist() == [[1, 1, 1, 0, 1, 1], [1, 1, 0, 1, 1, 1]]
    assert _open(panel, Window(41, 42)).tolist() == [[0, 1], [1, 1]], "a rest goes on, a closure does not"
