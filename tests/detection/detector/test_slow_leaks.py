"""Leaks of a few per cent a week in noise that hides them from windows of four weeks."""

import numpy as np
import pytest

from core.base.arrays import Flags, Floats
from core.detection.detector.drop_state import DropState
from core.detection.detector.online_detector import OnlineDetector
from core.detection.detector.slow_leaks import SlowLeaks, _deepens, _onset
from core.detection.detector.window_sums import WindowDays
from core.detection.forecast.panel import CLOSED, Panel
from core.detection.forecast.residual_noise import ResidualNoise
from core.detection.forecast.state_space import LEVEL, SLOPE, LevelState

SERIES, DAYS, SINCE = 40, 168, 98


def noisy(change: Floats) -> Panel:
    """Amounts with 8 % of noise a day and weekdays, by themselves, multiplied by a change (days,); a first day on any weekday."""
    rng = np.random.default_rng(8)
    weekdays = rng.normal(0, 0.1, (SERIES, 7))[:, np.arange(DAYS) % 7]
    values = 1000 * np.exp(weekdays + rng.normal(0, 0.08, (SERIES, DAYS))) * change
    return Panel(first=3, values=values, counts=np.zeros(SERIES, bool), group=np.arange(SERIES))


def on(change: Floats) -> tuple[OnlineDetector, Flags]:
    """The detector at the end, and on which of the last six weeks' days each series had a drop on, shape (series, days)."""
    detector = OnlineDetector(noisy(change))
    days = range(DAYS - 42, DAYS)
    seen = np.zeros((SERIES, len(days)), bool)
    for column, active in enumerate(detector.sightings(days)):
        seen[active.series, column] = True
    return detector, seen


def test_a_leak_is_found_that_windows_of_four_weeks_miss() -> None:
    detector, seen = on(0.97 ** (np.maximum(np.arange(DAYS) - SINCE, 0) / 7))
    assert seen.any(1).mean() >= 0.9
    leaking = detector.episodes.on
    assert leaking.mean() >= 0.5
    assert abs(np.median(detector.episodes.onset[leaking]) - SINCE) <= 21
    depth = detector.episodes.window.depth()[leaking]
    assert -0.25 <= np.median(depth) <= -0.1, "of ten weeks, 3 % each"


@pytest.mark.parametrize("change", [np.ones(DAYS), np.where(np.arange(DAYS) < SINCE, 1.0, 0.95)], ids=["none", "step"])
def test_noise_and_small_steps_of_long_ago_are_no_leaks(change: Floats) -> None:
    _, seen = on(change)
    assert seen.mean() <= 0.02


def test_a_leak_behind_a_step_stays_news_and_a_step_does_not() -> None:
    time = np.arange(DAYS)
    step = np.where(time < SINCE - 7, 1.0, 0.65)
    _, leaking = on(step * 0.97 ** (np.maximum(time - SINCE, 0) / 7))
    _, still = on(step)
    assert leaking[:, -1].mean() >= 0.25, "none, were it the new level after six weeks"
    assert still[:, -1].mean() <= 0.05


def test_a_leak_deepens_and_a_step_does_not() -> None:
    expected = np.full((3, 70), 100.0)
    time = np.arange(70)
    actual = np.stack([100.0 - time, np.where(time < 14, 100.0, 80.0), 100.0 + time])
    days = WindowDays(expected=expected, actual=actual, exposure=np.ones((3, 70)))
    assert _deepens(days).tolist() == [True, False, True]


def test_the_onset_is_where_a_ramp_begins_that_fits_best() -> None:
    time = np.arange(70)
    fall = 100.0 - 2.0 * np.maximum(time - 30, 0)
    expected = np.full((2, 70), 100.0)
    expected[1, :40] = 0.0  # not known
    actual = np.stack([fall, np.where(time < 40, 0.0, fall)])
    for unit in (1.0, 1e-4):
        days = WindowDays(expected=unit * expected, actual=unit * actual, exposure=np.ones((2, 70)))
        assert _onset(days, np.array([-1.0, -1.0])).tolist() == [31, 40]
        rise = WindowDays(expected=unit * expected, actual=unit * (2 * expected - actual), exposure=np.ones((2, 70)))
        assert _onset(rise, np.array([1.0, 1.0])).tolist() == [31, 40]


def test_a_leak_begins_on_the_day_on_which_its_fall_does() -> None:
    """100 a day, two less each day from day 60 on; the window knows what was known on day 0, and day 70 has no rows."""
    values = (100.0 - 2 * np.maximum(np.arange(100) - 59, 0))[None]
    known = np.zeros((1, 100), np.int8)
    known[0, 70] = CLOSED
    panel = Panel(first=0, values=values, known=known)
    leaks, drops, noise = SlowLeaks(panel), DropState(panel.worse, panel.open_weekdays), ResidualNoise(panel, 3)
    mean = np.zeros((9, 1))
    mean[LEVEL] = np.log(100)
    leaks.windows.open(2, 28, LevelState(mean, np.zeros((4, 1)), np.zeros(1)), noise, np.ones(1, bool))
    ready = np.ones(1, bool)
    for day in range(28, 99):
        leaks.windows.add(np.full(1, 100.0), values[:, day], np.ones(1), known[:, day] != CLOSED)
        begun = leaks.begin(day, drops, noise, ready) if day >= 97 else np.zeros(0)
        assert begun.tolist() == [0] * (day == 98), "once a week"
    window = drops.window
    assert (drops.anchor.tolist(), window.began.tolist()) == ([60], [[60]])
    assert window.days.tolist() == [[38]]
    assert window.expected[0, 0] == pytest.approx(3800)
    assert window.actual[0, 0] == values[0, 60:99].sum() - values[0, 70]


@pytest.mark.parametrize(("worse", "kept"), [(-1.0, 0.95), (1.0, 0.995)])
def test_what_is_known_ages_while_nothing_is_learnt(worse: float, kept: float) -> None:
    """A rise flattens where more is better, and goes on where more is worse."""
    mean = np.zeros((9, 1))
    mean[LEVEL], mean[SLOPE] = 2.0, 0.01
    state = LevelState(mean, np.array([[4e-4], [1e-5], [1e-6], [1e-3]]), np.array([1e-5]))
    state = state.after(np.array([28]), np.array([worse]))
    trend = (1 - kept**28) / (1 - kept)
    assert state.mean[LEVEL, 0] == pytest.approx(2.0 + 0.01 * trend)
    assert state.mean[SLOPE, 0] == pytest.approx(0.01 * kept**28)
    assert state.spread[:, 0] == pytest.approx(
        [4e-4 + 2e-5 * trend + 1e-6 * trend**2 + 28e-5, (1e-5 + 1e-6 * trend) * kept**28, 1e-6 * kept**56, 1e-3]
    )
