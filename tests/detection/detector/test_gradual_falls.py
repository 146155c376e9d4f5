"""Falls without a beginning: seasons are none of the drops, steps and bends are."""

import numpy as np
import pytest

from core.base.arrays import Floats
from core.detection.detector.gradual_falls import gradual_fall, has_no_beginning
from core.detection.detector.online_detector import OnlineDetector
from core.detection.forecast.panel import Panel

DAYS = 168
TIME = np.arange(DAYS)
SEASON = np.exp(0.35 * np.cos(2 * np.pi * (TIME - 60) / 365))
BEND = 0.97 ** (np.maximum(TIME - 98, 0) / 7)
STEP = np.where(TIME < 140, 1.0, 0.8)


def days(change: Floats, scatter: float = 0.03, seed: int = 1) -> Floats:
    return np.asarray(1000 * change * np.exp(np.random.default_rng(seed).normal(0, scatter, DAYS)))


def test_a_season_falls_gradually_since_its_height() -> None:
    """The wave stands at 107 days after its height, and four weeks before at 79: cos 1.842 - cos 1.360 = -.268 - .209; .35 times
    that in four weeks is 4.1 % a week."""
    fall = gradual_fall(days(SEASON))
    assert fall is not None
    assert fall.weekly == pytest.approx(0.041, abs=0.006)
    assert abs(fall.weeks - 107 / 7) <= 2


@pytest.mark.parametrize("change", [np.ones(DAYS), STEP, BEND, SEASON * STEP, 1 / SEASON], ids=str)
def test_what_stays_or_rises_or_begins_is_no_gradual_fall(change: Floats) -> None:
    assert gradual_fall(days(change, 0.015)) is None


def test_a_season_of_which_too_little_is_known_is_none() -> None:
    assert gradual_fall(days(SEASON)[-83:]) is None
    assert gradual_fall(days(SEASON)[-84:]) is not None
    assert gradual_fall(np.where(TIME == 100, days(SEASON), 0.0)) is None


def test_only_windows_of_sums_that_last_and_that_the_rest_shares_have_no_beginning() -> None:
    season, stable, step = days(SEASON), days(np.ones(DAYS), seed=2), days(STEP, seed=3)
    values = np.array([season, season, season, step, season])
    rest = np.array([0 * season, days(SEASON, seed=4), stable, 0 * step, 0 * season])
    panel = Panel(first=0, values=values, worse=np.array([-1.0, -1, -1, -1, 1]), rest=lambda rows: rest[rows])
    every, began = np.arange(5), np.full(5, DAYS - 28)
    assert has_no_beginning(panel, every, DAYS - 1, began).tolist() == [True, True, False, False, False]
    assert not has_no_beginning(panel, every, DAYS - 1, np.full(5, DAYS - 7)).any()
    declining = Panel(first=0, values=days((1 - TIME / 500) * STEP, 0.02)[None], worse=-np.ones(1))
    found = [bool(has_no_beginning(declining, every[:1], DAYS - 1, np.array([DAYS - ago]))[0]) for ago in (84, 28)]
    assert found == [True, False]  # the step of 28 days ago is not why a window began 84 days ago
    rate = Panel(first=0, values=values, exposure=np.full_like(values, 9000.0))
    assert not has_no_beginning(rate, every, DAYS - 1, began).any()


def test_a_detector_follows_a_season_and_still_sees_a_step_in_it() -> None:
    """Without this, two of three days of the last six weeks of 40 such series were drops."""
    series = np.array([days(SEASON, 0.06, seed) for seed in range(8)])
    detector = OnlineDetector(Panel(first=3, values=series, counts=np.zeros(8, bool)))
    assert np.mean([len(day.series) for day in detector.sightings(range(126, DAYS))]) <= 0.2 * 8
    fallen = series * np.where(TIME < DAYS - 5, 1.0, 0.7)
    detector = OnlineDetector(Panel(first=3, values=fallen, counts=np.zeros(8, bool))).run(DAYS - 1)
    assert detector.episodes.on.mean() >= 0.9


def test_a_step_in_the_steepest_part_of_a_season_stays_a_drop_of_its_day() -> None:
    """It was seen, and taken for the season a week later: a line with a step does not bend as the season does."""
    fallen = SEASON * np.where(TIME < DAYS - 15, 1.0, 0.8)
    series = np.array([days(fallen, 0.03, seed) for seed in range(8)])
    detector = OnlineDetector(Panel(first=3, values=series, counts=np.zeros(8, bool))).run(DAYS - 1)
    assert detector.episodes.on.sum() >= 7
    assert np.abs(detector.episodes.onset[detector.episodes.on] - (DAYS - 15)).max() <= 2
