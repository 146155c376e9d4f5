"""Days that were as low in the years before: an August shutdown, a new year that is a holiday everywhere."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import date_range
from core.base.days import Window
from core.base.segment import EVERYTHING
from core.detection.forecast.state_space import WEEK
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.workspace import Workspace

_YEAR = 365.25
_YEARS = 2
"""So many years before must be known, and all that are known must agree: once is no habit."""
_SHIFT = 3
"""Days by which a closure may move between years, as weekends do."""
_LOW = 0.6
"""A day is low below this share of the median of its weekday in the eight weeks before."""
_MOST_LOW = 0.1
"""Share of low days above which a series has no closures: three weeks a year are 6 %, and a series that is low every tenth day
is low near the same date of other years by chance."""
_WEEKS = 8
_RECENT = 56


def yearly_closures(workspace: Workspace, measure: str, window: Window) -> Flags:
    """Days of a window on which a base measure was low in every year before, shape (days,).

    All False where the data do not reach back two years.
    """
    span = workspace.span
    if window.last - span.first < _YEARS * _YEAR + (_WEEKS + 1) * WEEK:
        return np.zeros(len(window), bool)
    past = Window(span.first, window.last)
    daily = workspace.cube((measure,), past, (), EVERYTHING).daily(measure)
    return recurring_lows(daily, window.first - past.first)


def closure_issues(workspace: Workspace, window: Window) -> Iterator[QualityIssue]:
    """What to say where the newest days of a window are low, as they were in every year before."""
    recent = Window(max(window.first, window.last - _RECENT), window.last)
    for name in workspace.measures:
        closed = np.flatnonzero(yearly_closures(workspace, name, recent))
        if len(closed):
            first, last = recent.first + int(closed[0]), recent.first + int(closed[-1])
            yield QualityIssue(
                "yearly_closure", "warn",
                f"{name} was as low in every earlier year around {date_range(Window(first, last))}: these days are usual.",
                Window(first, last), measures=frozenset({name}),
            )  # fmt: skip


def recurring_lows(daily: Floats, first: int) -> Flags:
    """Of a daily series the days from index `first` on that were low in each of the years before, shape (days - first,)."""
    low = _low_days(daily)
    if low.mean() > _MOST_LOW:
        return np.zeros(len(daily) - first, bool)
    near = np.convolve(low, np.ones(2 * _SHIFT + 1), "same") > 0
    days = np.arange(first, len(daily))
    agree, years = np.ones(len(days), bool), np.zeros(len(days))
    for year in range(1, int(len(daily) / _YEAR) + 1):
        before = days - round(year * _YEAR)
        covered = before >= (_WEEKS + 1) * WEEK
        agree &= ~covered | near[before]
        years += covered
    return np.asarray(agree & (years >= _YEARS))


def _low_days(daily: Floats) -> Flags:
    """Days far below the same weekdays of the eight weeks before; those of the first weeks are not."""
    low = np.zeros(len(daily), bool)
    start = _WEEKS * WEEK
    if len(daily) > start:
        back = np.arange(1, _WEEKS + 1) * WEEK
        usual = np.median(daily[np.arange(start, len(daily))[:, None] - back], axis=1)
        low[start:] = daily[start:] < _LOW * usual
    return low
