"""What is expected of every slice, as a weighted sum of days of the past: additive over slices, and a sum that SQL can check."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.baseline import Baseline
from core.base.date_text import date_range
from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.detection.forecast.state_space import WEEK

_YEAR, _FOUR_WEEKS = 364, 28
_WEEKS = 8
"""At most so many of the same weekday are averaged, the newest ones."""
_FAR = 16
"""They lie within so many weeks before the window."""


@dataclass(frozen=True)
class ReferenceDays:
    """Days of the past, and how much each counts: expected of any slice = sum of weight x its value on the day."""

    days: np.ndarray
    """Days since 1970-01-01, ascending."""
    weights: Floats
    """Same shape; they add up to the number of days of the window."""
    scales: Mapping[str, float] = field(default_factory=dict)
    """base measure -> what its weights are multiplied with, so that the slices add up to what is expected of it in all
    (growth and season since the reference days); absent = 1."""

    @property
    def window(self) -> Window:
        """From the first to the last day."""
        return Window(int(self.days[0]), int(self.days[-1]))

    def of(self, measure: str) -> Floats:
        """The weights for one base measure."""
        return self.weights * self.scales.get(measure, 1.0)

    def dense(self, measure: str, window: Window) -> Floats:
        """The same on each day of a window that holds all of them, 0 on the others."""
        weights = np.zeros(len(window))
        weights[self.days - window.first] = self.of(measure)
        return weights


def balanced_days(window: Window, other: Window) -> ReferenceDays:
    """The days of another window as the baseline of a window: each once, or, where it has another length, by daily means.

    The means are those of each weekday where `other` has every weekday of `window`, so that a month can stand for a weekend.
    """
    days = np.arange(other.first, other.last + 1)
    if len(window) == len(other):
        return ReferenceDays(days, np.ones(len(other)))
    target, count = (_weekdays(side) for side in (window, other))
    if not has_weekdays(window, other):
        return ReferenceDays(days, np.full(len(other), len(window) / len(other)))
    return ReferenceDays(days, target[days % WEEK] / count[days % WEEK])


def has_weekdays(window: Window, other: Window) -> bool:
    """Whether `other` has every weekday of `window`."""
    return bool((_weekdays(other)[_weekdays(window) > 0] > 0).all())


def _weekdays(window: Window) -> np.ndarray:
    """How often each weekday occurs, shape (7,)."""
    return np.bincount(np.arange(window.first, window.last + 1) % WEEK, minlength=WEEK)


def usual_days(window: Window, past: Window, unusual: Flags) -> ReferenceDays:
    """For each day of a window the same weekdays of the weeks before it, `unusual` days of the past (days of `past`,) left out.

    Where no such weekday is left, the newest usual days take its place, and where none is usual, the newest ones.
    """
    usual = np.flatnonzero(~unusual) + past.first
    pool = usual if len(usual) else np.arange(past.first, past.last + 1)
    weights: dict[int, float] = {}
    for day in range(window.first, window.last + 1):
        same = pool[((day - pool) % WEEK == 0) & (pool >= window.first - WEEK * _FAR)][-_WEEKS:]
        chosen = same if len(same) else pool[-WEEK:]
        for day_before in chosen.tolist():
            weights[day_before] = weights.get(day_before, 0.0) + 1 / len(chosen)
    days = np.array(sorted(weights), np.int64)
    return ReferenceDays(days, np.array([weights[day] for day in days.tolist()]))


def named_days(span: Window, window: Window, baseline: str) -> Baseline:
    """The days of a baseline that is not `expected`: `previous` (as many days just before the window), `last-year` (52 weeks
    earlier, so that weekdays agree), `4w` (the four weeks before), or the days `A..B`.

    Raises UsageError for a word that is none of these, NotEnoughData when the days are not all inside `span`.
    """
    match baseline:
        case "previous":
            named = Baseline("previous", window.shifted(-len(window)))
        case "last-year":
            named = Baseline("last-year", window.shifted(-_YEAR))
        case "4w":
            named = Baseline("4w", Window(window.first - _FOUR_WEEKS, window.first - 1))
        case _ if ".." in baseline:
            named = Baseline("window", Window.parse(baseline))
        case _:
            raise UsageError(
                f"no baseline {baseline!r}. It is expected, previous, last-year, 4w, or days such as 2026-03-02..2026-03-08."
            )
    if named.window.first < span.first or named.window.last > span.last:
        raise NotEnoughData(
            f"the baseline {date_range(named.window)} is not all inside the data ({date_range(span)}). Choose days inside."
        )
    return named


def other_days(past: int, window: Window) -> str:
    """What a window can be compared with instead of what is expected, when so many days of data are before it.

    >>> other_days(2, Window(0, 6))
    'Compare with other days: --baseline A..B (c on the screen)'
    """
    if not past:
        return "Load older exports" + (", or choose fewer days: --window A..B" if len(window) > 1 else "")
    previous = "--baseline previous or " if past >= len(window) else ""
    return f"Compare with other days: {previous}--baseline A..B (c on the screen)"
