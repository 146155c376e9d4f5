"""What comes in lumps is judged by its days of nothing, and scores that decide nothing are not computed."""

import numpy as np
import pytest

from core.detection.detector.online_detector import OnlineDetector
from core.detection.forecast.panel import Panel
from core.detection.forecast.residual_noise import ResidualNoise

DAYS, SERIES = 120, 30


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """Twenty steady series and ten of rows of about 500 on half of the days; the last of each ends with six days of nothing."""
    rng = np.random.default_rng(6)
    steady = rng.poisson(500, (20, DAYS)).astype(float)
    lumpy = rng.poisson(500, (10, DAYS)) * rng.binomial(1, 0.5, (10, DAYS)).astype(float)
    for rows in (steady, lumpy):
        rows[-1, -6:] = 0
    return np.concatenate([steady, lumpy])


def test_six_days_of_nothing_are_a_drop_only_where_days_of_nothing_are_rare(values: np.ndarray) -> None:
    (active,) = OnlineDetector(Panel(0, values, group=np.arange(SERIES) // 20)).sightings([DAYS - 1])
    assert active.series.tolist() == [19]


def test_a_lump_is_what_a_day_brings_over_how_many_lumps_it_has(values: np.ndarray) -> None:
    noise = ResidualNoise(Panel(0, values), 3)
    assert noise.lump == pytest.approx(np.ones(SERIES))
    for day in values[:, :-6].T:
        noise.count(day, np.ones(SERIES, bool))
    assert noise.lump[:20] == pytest.approx(np.ones(20))
    # half of the days have nothing: log 2 = .69 lumps a day, of 250 on average
    assert np.median(noise.lump[20:]) == pytest.approx(250 / 0.69, rel=0.15)


def test_scores_left_out_are_within_three_standard_deviations(values: np.ndarray) -> None:
    detector = OnlineDetector(Panel(0, values * np.linspace(1.2, 0.9, DAYS))).run(DAYS - 1)
    every, _ = detector.windows.scores(detector.noise)
    some, _ = detector.windows.scores(detector.noise, np.zeros(every.shape, bool))
    out = (some == 0) & (every != 0)
    assert out.any()
    assert (np.abs(every) > 3.6).any()
    assert np.abs(every[out]).max() <= 3
    assert some[~out] == pytest.approx(every[~out])


def test_a_week_outside_counts_seven_times_for_a_short_past_and_once_for_a_long_one() -> None:
    def reach_after(evidence: int) -> float:
        noise = ResidualNoise(Panel(0, np.full((1, 10), 100.0)), 3)
        noise.days[:] = evidence
        for _ in range(7):  # the seven weeks that hold one bad day
            noise.check(1, np.array([False]), np.array([True]))
        return float(noise.reach[1, 0])

    start = 1.96
    assert reach_after(40) - start == pytest.approx(7 * 0.95 * 0.25, abs=0.01)
    assert reach_after(80) - start == pytest.approx(0.95 * 0.25, abs=0.01)
    assert reach_after(80) < reach_after(62) < reach_after(40)
