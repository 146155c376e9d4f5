"""Figures of weeks or months that a `daily` export repeats on each of their days: seven or thirty times what there was."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import date_text
from core.base.days import Window, calendar_date
from core.cube.cube import Cube
from core.detection.forecast.state_space import WEEK
from core.detection.quality.quality_issue import QualityIssue

_FEWEST = 4
"""Days on which the figures change: that four changes fall on one weekday by chance is rarer than 1 in 343."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def period_issues(cube: Cube, names: Sequence[str]) -> Iterator[QualityIssue]:
    """One issue where all measures `names` that differ from day to day at all change on the first days of periods only."""
    table = np.array([cube.daily(name) for name in names])
    given = np.flatnonzero(table.any(0))
    if len(given) < _FEWEST * WEEK or len(given) != given[-1] - given[0] + 1:
        return
    table = table[np.ptp(table[:, given], axis=1) > 0][:, given]
    first = cube.window.first + int(given[0])
    name = _period(table, first)
    if name is None:
        return
    days = Window(first, cube.window.first + int(given[-1]))
    yield QualityIssue(
        "period_figures", "fail",
        f"all figures repeat from day to day and change on {name[1]} only, {date_text(days.first)} to {date_text(days.last)}: "
        f"they are figures of {name[0]}, written on each day, and add up to too much. Keep one row a {name[0][:-1]}.",
        days, frozenset({"daily"}), frozenset(names),
    )  # fmt: skip


def _period(table: Floats, first: int) -> tuple[str, str] | None:
    """The period whose figures some measures repeat and the days on which they change; None where they are figures of days.

    `table` of shape (measures, days).
    """
    if not len(table):
        return None
    changes = np.flatnonzero((np.diff(table, axis=1) != 0).any(0)) + 1
    if len(changes) < _FEWEST:
        return None
    steps = np.diff(changes)
    if len(set(((first + changes) % WEEK).tolist())) == 1 and np.median(steps) == WEEK:
        return "weeks", f"{_WEEKDAYS[calendar_date(first + int(changes[0])).weekday()]}s"
    if all(calendar_date(first + day).day == 1 for day in changes.tolist()) and np.median(steps) < 32:
        return "months", "the first of a month"
    return None
