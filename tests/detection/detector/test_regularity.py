"""Which series are judged at all, and how few single events are: what was never regular cannot be missed."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.days import Window
from core.detection.detector.drop_state import NEW_LEVEL
from core.detection.detector.online_detector import OnlineDetector
from core.detection.detector.rare_events import rare_chances, tail_of_counts
from core.detection.detector.regularity import Regularity
from core.detection.expected_values import expected_from_detector
from core.detection.forecast.panel import CLOSED, IGNORED, Panel

DAYS = 90


def watched(values: np.ndarray, **fields: np.ndarray) -> list[int]:
    """The first day on which each series can be judged; DAYS where it never can."""
    panel = Panel(first=0, values=values.astype(float), **fields)
    regularity, series = Regularity(len(values)), len(values)
    first = np.full(series, DAYS)
    begun = np.zeros(series, bool)
    for day in range(values.shape[1]):
        known = regularity.known(panel)
        first = np.where(known & (first == DAYS), day, first)
        begun |= values[:, day] > 0
        regularity.learn(panel, day, begun, begun, panel.event)
    return [int(day) for day in first]


def test_three_of_each_weekday_are_needed() -> None:
    steady, late = np.full(DAYS, 50.0), np.where(np.arange(DAYS) < 30, 0.0, 50.0)
    assert watched(np.stack([steady, late])) == [21, 51]


def test_a_series_of_a_few_sales_is_none() -> None:
    one, weekly, scattered = np.zeros((3, DAYS))
    one[10] = 1254.0
    weekly[::7] = 30.0
    scattered[::3] = 2.0
    assert watched(np.stack([one, weekly, scattered])) == [DAYS, 64, 22], (
        "older days count less: 10 of the weekly ones are as good as 7"
    )


def test_a_rise_of_events_needs_no_regular_past_but_a_rise_of_amounts_does() -> None:
    rare = np.zeros((2, DAYS))
    rare[:, [0, 30, 60]] = 1.0
    fields = {"worse": np.ones(2), "counts": np.zeros(2, bool), "event": np.array([1.0, 0.0])}
    assert watched(rare, **fields) == [21, DAYS]


def test_a_measure_that_starts_up_is_watched_anew() -> None:
    time = np.arange(DAYS)
    growing = 400.0 / (1 + np.exp(-(time - 20) / 3))
    steady = np.full(DAYS, 400.0)
    first = watched(np.stack([growing, steady]))
    assert first[1] == 21
    assert 38 <= first[0] <= 52


@pytest.mark.parametrize(("step", "known"), [(37, False), (38, True)])
def test_a_series_may_start_up_for_six_weeks(step: int, known: bool) -> None:
    """Twice as much since a day: five such days bring half as much again beyond chance, the fifth at the age of 42 days."""
    values = np.where(np.arange(DAYS) < step, 50.0, 100.0)[None]
    panel, regularity = Panel(0, values), Regularity(1)
    for day in range(45):
        regularity.learn(panel, day, np.ones(1, bool), np.ones(1, bool), np.ones(1))
    assert regularity.known(panel).tolist() == [known]


def test_a_ratio_does_not_start_up_when_only_its_denominator_grows() -> None:
    under = np.round(400.0 / (1 + np.exp(-(np.arange(DAYS) - 20) / 3)))[None] + 20
    fields = {"exposure": under, "counts": np.zeros(1, bool), "event": np.ones(1)}
    assert watched(np.round(0.3 * under), **fields) == [21]


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_few_events_are_counted_whatever_the_scale_of_the_metric(scale: float) -> None:
    values, under = np.zeros((3, DAYS)), np.full((3, DAYS), 100.0)
    under[:, 84:] = 200.0
    values[:, ::12] = 1.0
    values[1, 84:] += 1.0
    values[2] = 20.0
    panel = Panel(0, values * scale, under, worse=np.ones(3), counts=np.zeros(3, bool), event=np.full(3, scale))
    series, first = np.arange(3), np.full(3, 84)
    chances = rare_chances(panel, series, first, DAYS - 1, scale * np.array([0.5, 0.5, 120.0]))
    assert chances[0] == pytest.approx(tail_of_counts(1, 1200, 7, 8400, more=True))
    assert chances[1] == pytest.approx(tail_of_counts(7, 1200, 7, 8400, more=True))
    assert chances[1] < 1e-3 < 0.3 < chances[0]
    assert chances[2] == 0.0, "many events are left to the forecast"
    assert (rare_chances(replace(panel, event=np.zeros(3)), series, first, DAYS - 1, np.full(3, 0.5)) == 0).all()


def noisy(series: int, days: int, seed: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).poisson(400.0, (series, days)).astype(float)


def test_a_drop_is_reported_with_the_sums_of_all_its_days() -> None:
    values = noisy(6, 150)
    values[:3, 80:] *= 0.6
    for day in OnlineDetector(Panel(0, values)).sightings(range(84, 80 + NEW_LEVEL - 2, 9)):
        dropped = day.series < 3
        assert dropped.sum() == 3
        for row, onset, actual, exposure in zip(day.series, day.onset, day.actual, day.exposure, strict=True):
            assert actual == pytest.approx(values[row, onset : day.day + 1].sum())
            assert exposure == day.day + 1 - onset
        np.testing.assert_array_equal(day.onset[dropped], 80)
        np.testing.assert_allclose(day.actual[dropped] / day.expected[dropped], 0.6, rtol=0.05)


def test_after_six_weeks_a_step_is_the_new_level_and_a_deepening_leak_is_not() -> None:
    values, time = noisy(2, 160), np.arange(160)
    values[0, 80:] *= 0.6
    values[1] *= np.where(time >= 80, 0.95 ** ((time - 80) / 7), 1.0)
    on = {
        day.day: set(day.series.tolist())
        for day in OnlineDetector(Panel(0, np.round(values))).sightings(range(100, 139))
    }
    assert all(0 in on[day] for day in range(100, 80 + NEW_LEVEL - 1))
    assert not any(0 in on[day] for day in range(80 + NEW_LEVEL, 139))
    assert all(1 in on[day] for day in range(105, 139))


@pytest.mark.parametrize(("state", "expects"), [(CLOSED, False), (IGNORED, True)])
def test_closed_days_expect_nothing_and_ignored_days_judge_nothing(state: int, expects: bool) -> None:
    values, known = noisy(3, 120), np.zeros((1, 120), np.int8)
    values[:, 100:104], known[:, 100:104] = 0.0, state
    panel = Panel(0, values, known=known)
    assert all(len(day.series) == 0 for day in OnlineDetector(panel).sightings(range(90, 120)))
    ahead = expected_from_detector(OnlineDetector(panel).run(97), Window(98, 105))
    assert ((ahead.mean[:, 2:6] > 300) == expects).all()
    assert (ahead.mean[:, :2] > 300).all()
    assert (ahead.total < 8 * 450 * (1.0 if expects else 0.5)).all()


def test_series_begin_with_the_noise_that_they_show() -> None:
    rng = np.random.default_rng(2)
    wild = np.round(rng.gamma(0.7, 30.0, (30, 100)), 2)
    detector = OnlineDetector(Panel(0, wild, counts=np.zeros(30, bool))).run(20)
    level = np.exp(detector.levels.chosen(detector.levels.mean)[0])
    assert (level > 4).all(), "weekdays of lumpy amounts do not run away with the level"
    assert (level < 90).all()
    assert sum(len(day.series) for day in detector.sightings(range(30, 100))) <= 20
