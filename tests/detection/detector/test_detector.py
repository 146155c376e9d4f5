"""What the detector promises, on simulated series whose truth is known: intervals, onsets, and little said about nothing."""

import numpy as np
import pytest

from core.base.days import Window
from core.detection.detector.online_detector import OnlineDetector
from core.detection.detector.onset_shape import shape_of
from core.detection.detector.rare_events import tail_of_counts
from core.detection.distributions import discoveries
from core.detection.expected_values import expected_from_detector
from core.detection.forecast.panel import LIFTED, Panel

DAYS, FIRST = 150, 63


def simulated(level: float, seed: int, series: int = 80, shocks: float = 0.04) -> np.ndarray:
    """Poisson counts with weekly season, trend, autocorrelated noise and a promotion here and there."""
    rng, time = np.random.default_rng(seed), np.arange(DAYS)
    noise = np.zeros((series, DAYS))
    for day in range(1, DAYS):
        noise[:, day] = 0.3 * noise[:, day - 1] + rng.normal(0, shocks, series)
    week = np.exp(rng.normal(0, 0.18, (series, 7)))[:, time % 7]
    mean = level * week * np.exp(rng.uniform(-0.0015, 0.0025, (series, 1)) * time + noise)
    mean[rng.random(series) < 0.15, rng.integers(20, DAYS - 10)] *= 1.8
    return rng.poisson(mean).astype(float)


def alarms(panel: Panel) -> np.ndarray:
    found = np.zeros(panel.values.shape, bool)
    for sighting in OnlineDetector(panel).sightings(range(FIRST, panel.values.shape[1])):
        found[sighting.series, sighting.day - panel.first] = True
    return found


@pytest.mark.parametrize("level", [20, 300, 5000])
@pytest.mark.parametrize("days", [1, 7])
def test_intervals_cover_what_they_promise(level: int, days: int) -> None:
    values = simulated(level, seed=level, series=240)  # of 80 series, coverage varies by .007 from seed to seed
    replay, held = OnlineDetector(Panel(0, values)), []
    for first in range(FIRST, DAYS - days + 1):
        ahead = expected_from_detector(replay.run(first - 1), Window(first, first + days - 1))
        came = values[:, first : first + days].sum(1)
        held.append((came >= ahead.total_lo) & (came <= ahead.total_hi))
    assert 0.93 <= np.mean(held) <= 0.97


def test_nothing_is_said_about_nothing() -> None:
    runs = sum(
        int((np.diff(days.astype(int), prepend=0) == 1).sum()) for days in alarms(Panel(0, simulated(200, 9, 400)))
    )
    assert runs / (400 * (DAYS - FIRST) / 365) <= 0.1, "false alarms a series-year"


def test_replaying_knows_only_the_past() -> None:
    values = simulated(200, 3)
    values[:10, 110:] *= 0.5
    panel = Panel(0, values)
    (late,) = [one for one in OnlineDetector(panel).sightings(range(100, 130)) if one.day == 115]
    (then,) = OnlineDetector(panel.until(115)).sightings([115])
    assert set(range(10)) <= set(then.series.tolist())
    for name in ("series", "onset", "actual", "expected", "variance", "reach", "z"):
        np.testing.assert_array_equal(getattr(late, name), getattr(then, name))


@pytest.mark.parametrize(("depth", "days"), [(0.5, 1), (0.3, 10)])
def test_drops_are_seen_on_the_day_they_began(depth: float, days: int) -> None:
    values = simulated(1000, 5)
    values[:20, 120 : 120 + days] *= 1 - depth
    (seen,) = OnlineDetector(Panel(0, values)).sightings([120 + days - 1])
    dropped = seen.series < 20
    assert dropped.sum() >= 18
    assert np.mean(np.abs(seen.onset[dropped] - 120) <= 1) >= 0.9


def test_a_weak_drop_is_one_drop_to_its_last_day() -> None:
    """Of days with 200 cases, 15 % less: a day in forty speaks for the usual level all the same, and ended it for days."""
    values = np.random.default_rng(3).poisson(np.where(np.arange(140) < 112, 200.0, 170.0), (150, 140)).astype(float)
    anchors: list[set[int]] = [set() for _ in values]
    for active in OnlineDetector(Panel(first=0, values=values)).sightings(range(112, 140)):
        for series, anchor in zip(active.series.tolist(), active.anchor.tolist(), strict=True):
            anchors[series].add(anchor)
    assert len(active.series) >= 0.9 * len(values)
    assert sum(len(of_series) == 1 for of_series in anchors) >= 0.98 * len(values)


def test_a_drop_that_ended_is_measured_when_no_other_is_on() -> None:
    """Days as usual make it less improbable, all of them together."""
    values = np.random.default_rng(0).poisson(200.0, (1, 140)).astype(float)
    values[0, 112:122] *= 0.6
    detector = OnlineDetector(Panel(first=0, values=values)).run(128)
    drops = detector.episodes
    assert (bool(drops.on[0]), bool(drops.lapsed[0])) == (False, True)
    assert drops.score[0] == pytest.approx(drops.window.scores(detector.noise)[0][0, 0], rel=0.01)


def test_a_slow_decline_is_found() -> None:
    values = simulated(2000, 6)
    values[:20, 100:] *= np.exp(-0.02 * np.arange(DAYS - 100))
    assert alarms(Panel(0, values))[:20, 100:].any(1).mean() >= 0.9


def test_the_week_after_a_campaign_is_no_drop() -> None:
    values = simulated(500, 7, series=200)
    values[:, 110:117] *= 2.0
    known = np.zeros((1, DAYS), np.int8)
    known[:, 110:117] = LIFTED
    assert alarms(Panel(0, values, known=known))[:, 110:130].any(1).mean() <= 0.02


def test_rates_weigh_as_much_as_their_denominators() -> None:
    rng = np.random.default_rng(8)
    under = rng.poisson(np.where(np.arange(DAYS) % 7 < 2, 50, 2000), (60, DAYS)).astype(float)
    rate = np.full((60, DAYS), 0.05)
    rate[:10, 120:] = 0.1
    panel = Panel(0, rng.binomial(under.astype(int), rate).astype(float), under, worse=np.ones(60))
    found = alarms(panel)
    assert found[:10, 120:124].any(1).all()
    assert found[10:].any(1).mean() <= 0.06


def test_at_most_a_share_of_discoveries_is_false() -> None:
    rng = np.random.default_rng(2)
    false = []
    for _ in range(200):
        p = rng.random(200)
        p[:20] *= 1e-5
        found = discoveries(p, 0.05)
        assert found[:20].all()
        false.append(found[20:].sum() / found.sum())
    assert np.mean(false) <= 0.06


def test_a_few_events_are_judged_by_counting() -> None:
    assert tail_of_counts(5, 10, 5, 10, more=True) > 0.3
    assert tail_of_counts(9, 10, 9, 1000, more=True) < 1e-6
    assert tail_of_counts(0, 30, 300, 300, more=False) < 1e-6
    assert tail_of_counts(3, 10, 0, 0, more=True) == 1.0


@pytest.mark.parametrize(
    ("actual", "shape"),
    [([60], "spike"), ([60, 61, 59, 60, 60, 62], "step"), ([95, 85, 76, 65, 57, 44], "ramp"), ([60, 50], "step")],
)
def test_shapes(actual: list[float], shape: str) -> None:
    assert shape_of(np.array(actual, float), np.full(len(actual), 100.0)) == shape
