"""Slow leaks: falls of one to three per cent a week, which the level follows before a window of four weeks shows them.

Once a week a window begins that is compared with what was known four weeks earlier, and counts up to eight weeks. A leak is a
drop when such a window is too improbable and its last two weeks lie deeper than all days since: a small step of weeks ago, or a
level that wandered off and stays there, is no news.
"""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.detector.drop_state import DEEPENING, THRESHOLD, DropState
from core.detection.detector.gradual_falls import has_no_beginning
from core.detection.detector.window_sums import WindowDays, WindowSums
from core.detection.forecast.panel import ORDINARY, Panel
from core.detection.forecast.residual_noise import ResidualNoise
from core.detection.forecast.state_space import LEVEL, SLOPE, WEEK, WEEKDAY, moved_by_trend

_WINDOWS = 8
_UNLEARNT = 4 * WEEK
"""Days between what is known and the window: as old as the oldest of the detector's other windows."""
_SPAN = _UNLEARNT + _WINDOWS * WEEK
_FORTNIGHT = 2 * WEEK
_LEAST = 1e-12


class SlowLeaks:
    """The long windows of all series."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self.windows = WindowSums(_WINDOWS, panel.open_weekdays, panel.worse, _UNLEARNT)

    def open(self, day: int, windows: WindowSums) -> None:
        """Once a week: let a window begin, with what the one of `windows` knows that began four weeks ago."""
        if self._is_due(day):
            self.windows.open_late((self._panel.first + day) // WEEK % _WINDOWS, windows, day % _UNLEARNT)

    def begin(self, day: int, drops: DropState, noise: ResidualNoise, ready: Flags) -> Ints:
        """Once a week: let drops begin that are leaks; who they are."""
        windows, every = self.windows, np.arange(len(ready))
        if not self._is_due(day):
            return every[:0]
        scores = -self._panel.worse * windows.scores(noise)[0]
        slot = scores.argmin(0)
        lowest = scores[slot, every]
        likely = np.flatnonzero(ready & ~drops.on & (lowest < -THRESHOLD))
        leaking = np.zeros(len(ready), bool)
        likely = likely[~has_no_beginning(self._panel, likely, day, windows.began[slot[likely], likely], is_leak=True)]
        leaking[likely] = _deepens(self._days(day, slot[likely], likely))
        lowest = np.where(leaking, lowest, 0.0)
        begun = drops.begin(
            day, windows, self._panel,
            slot=slot, lowest=lowest, toward_normal=np.zeros(len(ready)), ready=ready, plenty=leaking,
        )  # fmt: skip
        self._restart(drops, day, slot[begun], begun)
        return begun

    def _is_due(self, day: int) -> bool:
        return day >= _UNLEARNT and (self._panel.first + day) % WEEK == 0

    def _days(self, day: int, slot: Ints, who: Ints) -> WindowDays:
        """All days for which the windows of some series at `slot` have learnt nothing, up to today."""
        days = np.arange(max(day + 1 - _SPAN, 0), day + 1)
        columns = slice(int(days[0]), day + 1)
        state, learnt = self.windows.state(slot, who), (self.windows.began[slot, who] - _UNLEARNT)[:, None]
        worse = self._panel.worse[who]
        trend = moved_by_trend(state.mean[SLOPE][:, None], np.maximum(days - learnt, 0), worse[:, None])
        rate = np.exp(state.mean[LEVEL][:, None] + trend + state.mean[WEEKDAY + days % WEEK].T)
        known = np.broadcast_to(self._panel.known, self._panel.values.shape)[who, columns]
        is_counted = (known == ORDINARY) & (days >= learnt)
        exposure = self._panel.exposures(who, columns) * is_counted
        return WindowDays(
            expected=exposure * rate, actual=self._panel.values[who, columns] * is_counted, exposure=exposure
        )

    def _restart(self, drops: DropState, day: int, slot: Ints, who: Ints) -> None:
        """Let drops begin on the day on which their falls do."""
        days = self._days(day, slot, who)
        onset = _onset(days, self._panel.worse[who])
        first = day + 1 - days.actual.shape[1] + onset
        state = self.windows.state(slot, who).after(
            first - self.windows.began[slot, who] + _UNLEARNT, self._panel.worse[who]
        )
        since = np.arange(days.actual.shape[1]) >= onset[:, None]
        drops.anchor[who] = first
        drops.window.restart(
            who, first, state,
            WindowDays(expected=days.expected * since, actual=days.actual * since, exposure=days.exposure * since),
        )  # fmt: skip


def _deepens(days: WindowDays) -> Flags:
    """Whether the last two weeks lie deeper than all days, shape (series,)."""
    whole, lately = (
        days.actual[:, -last:].sum(1) / np.maximum(days.expected[:, -last:].sum(1), _LEAST) - 1
        for last in (0, _FORTNIGHT)
    )
    return np.asarray(lately * np.sign(whole) > DEEPENING * np.abs(whole))


def _onset(days: WindowDays, worse: Floats) -> Ints:
    """Column since which what is missing grows most like a ramp, for the days that are left; shape (series,)."""
    fall = worse[:, None] * (days.actual - days.expected) / np.maximum(days.expected, _LEAST) * (days.expected > 0)
    columns = np.arange(fall.shape[1] - _FORTNIGHT)
    ramp = np.maximum(np.arange(fall.shape[1]) - columns[:, None] + 1.0, 0.0)
    size = np.sqrt((days.expected > 0) @ (ramp**2).T)
    first = (days.expected > 0).argmax(1)
    fit = np.where(columns >= first[:, None], fall @ ramp.T / np.maximum(size, 1.0), -np.inf)
    return np.asarray(fit.argmax(1))
