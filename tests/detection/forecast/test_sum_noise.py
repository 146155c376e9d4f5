"""Sums over weeks: how much more they scatter than their days say, and what that does to noise that lasts."""

import numpy as np
import pytest

from core.detection.detector.online_detector import OnlineDetector
from core.detection.forecast.panel import Panel
from core.detection.forecast.state_space import moved_by_trend, trend_days
from core.detection.forecast.sum_noise import SPANS, SumNoise

DAYS, SERIES = 150, 40


def learnt(scores: np.ndarray, group: np.ndarray | None = None) -> SumNoise:
    """The noise of sums after days of scores, shape (days, series), the same for weeks and for four weeks."""
    noise = SumNoise(np.zeros(scores.shape[1], np.int64) if group is None else group)
    for day in scores:
        both = np.stack([day] * len(SPANS))
        noise.learn(both, np.ones(both.shape, bool), np.ones(scores.shape[1]))
    return noise


def followed(spread: np.ndarray, size: np.ndarray) -> SumNoise:
    """The noise of sums whose scores scatter by these, shape (series,), when forecasts follow what was learnt of them."""
    rng = np.random.default_rng(2)
    noise = SumNoise(np.zeros(len(spread), np.int64))
    for _ in range(250):
        factors = np.sqrt([noise.factor(int(days)) for days in SPANS])
        scores = rng.normal(0, 1, factors.shape) * spread / factors
        noise.learn(scores, np.ones(scores.shape, bool), size)
    return noise


def test_scores_that_are_as_wide_as_foretold_change_nothing() -> None:
    noise = learnt(np.random.default_rng(1).normal(0, 1, (200, SERIES)))
    assert noise.factor(1) == pytest.approx(np.ones(SERIES))
    assert np.median(noise.factor(28)) <= 1.1


def test_wide_scores_widen_sums_the_more_the_longer_they_are() -> None:
    noise = followed(np.full(SERIES, 2.0), np.ones(SERIES))
    factors = [float(np.median(noise.factor(days))) for days in (1, 3, 7, 14, 28, 60)]
    assert factors == sorted(factors)
    assert factors[0] == 1
    assert factors[2] == pytest.approx(4, rel=0.2), "twice the standard deviation"
    assert factors[-1] == factors[-2], "beyond four weeks nothing is measured"


def test_what_is_measured_of_weeks_counts_for_shorter_sums_by_the_logarithm_of_their_days() -> None:
    noise = followed(np.full(SERIES, 2.0), np.ones(SERIES))
    excess = {days: float(noise.factor(days)[0]) - 1 for days in (2, 7, 14, 28)}
    assert excess[2] / excess[7] == pytest.approx(np.log(2) / np.log(7))
    halfway = (excess[14] - excess[7]) / (excess[28] - excess[7])
    assert halfway == pytest.approx(0.5), "14 days are half way between 7 and 28"


def test_narrow_scores_narrow_sums() -> None:
    noise = followed(np.full(SERIES, 0.8), np.full(SERIES, 0.01))
    assert noise.factor(1) == pytest.approx(np.ones(SERIES))
    assert 0.64 < np.median(noise.factor(7)) < 0.8
    assert (noise.factor(28) >= noise.factor(7)).all(), "noise that lasts shows the more the longer sums are"


def test_a_calm_past_of_one_series_alone_narrows_nothing() -> None:
    noise = followed(np.array([0.5, *np.ones(SERIES - 1)]), np.full(SERIES, 0.01))
    assert noise.factor(7)[0] > 0.9


def test_large_segments_learn_from_large_ones() -> None:
    large = np.arange(SERIES) < 4
    noise = followed(np.where(large, 1.6, 0.8), np.where(large, 1.0, 0.01))
    young = followed(np.where(large, 1.6, 0.8), np.where(np.arange(SERIES) < 5, 1.0, 0.01))
    assert np.median(noise.factor(7)[large]) == pytest.approx(2.56, rel=0.2)
    assert np.median(noise.factor(7)[~large]) < 0.9
    assert young.factor(7)[4] > 1.15 * noise.factor(7)[4], "as large as those that are restless"


def test_misses_to_the_worse_side_are_no_noise() -> None:
    noise = learnt(-np.abs(np.random.default_rng(3).normal(0, 3, (200, 4))))
    assert noise.factor(28) == pytest.approx(np.ones(4))


def test_a_series_speaks_for_itself_and_its_group_for_the_young() -> None:
    scores = np.random.default_rng(4).normal(0, 1, (200, 6)) * np.array([2.4, 1, 1, 1, 1, 1])
    noise = learnt(scores, np.array([0, 0, 0, 0, 1, 1]))
    factors = noise.factor(7)
    assert factors[0] > 1.3 * factors[1]
    assert factors[1] > factors[4], "its group has a wild member"


def shocks(rng: np.random.Generator, memory: float, walk: float) -> np.ndarray:
    """Logarithms of levels: shocks that fade, and what stays; shape (series, days)."""
    fresh, noise = rng.normal(0, 1, (SERIES, DAYS)), np.zeros((SERIES, DAYS))
    for day in range(1, DAYS):
        noise[:, day] = memory * noise[:, day - 1] + np.sqrt(1 - memory**2) * fresh[:, day]
    return 0.04 * noise + np.cumsum(rng.normal(0, walk, (SERIES, DAYS)), 1)


def clearest(seed: int, fall: float = 0.0) -> float:
    """The clearest drop of the last eight weeks, in standard deviations; with a fall, of the last day, ten days after it."""
    rng = np.random.default_rng(seed)
    level = shocks(rng, 0.7, 0.008) + np.log(4000)
    level[::4, -10:] += np.log1p(-fall)
    detector = OnlineDetector(Panel(0, rng.poisson(np.exp(level)).astype(float)))
    days = range(DAYS - 1, DAYS) if fall else range(DAYS - 56, DAYS)
    return max((float(seen.z.max()) for seen in detector.sightings(days) if len(seen.z)), default=0.0)


def test_noise_that_lasts_is_hardly_ever_a_sure_drop_and_drops_still_are() -> None:
    # p x 5 widths x 40 series <= 0.0001; without what sums tell, all 6 have such a drop
    assert sum(clearest(seed) > 4.9 for seed in range(6)) <= 2
    assert all(clearest(seed, fall=0.4) > 4.9 for seed in range(6, 9))


def test_trends_flatten() -> None:
    days = trend_days(np.arange(100))
    assert days[:2] == pytest.approx([0, 1])
    assert (np.diff(days) > 0).all()
    assert days[-1] < 20


def test_declines_go_on() -> None:
    """After two days a trend has moved by 1 + .95 of its slope, one for the worse by 1 + .995, and so on."""
    slope, two = np.array([0.01, -0.01]), np.array([2, 2])
    assert moved_by_trend(slope, two, np.array([-1.0, -1.0])) == pytest.approx([0.0195, -0.01995])
    assert moved_by_trend(slope, two, np.array([1.0, 1.0])) == pytest.approx([0.01995, -0.0195])
    rng, fall = np.random.default_rng(8), np.exp(-0.003 * np.arange(150))
    values = rng.poisson(4000 * fall * np.exp(rng.normal(0, 0.03, (30, 150))))
    values[15:, 143:] = values[15:, 143:] * 0.8
    (seen,) = OnlineDetector(Panel(first=0, values=values.astype(float))).sightings([149])
    assert set(seen.series) == set(range(15, 30)), "those that fell by a fifth, and no other"
