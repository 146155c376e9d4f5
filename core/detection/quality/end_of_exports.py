"""The day on which exports end: what is taken for today where nobody says a day, whatever happened to single rows after it.

Which newest day is asked for depends on the question:

- `day_to_read`: ratings and health look back from the end of exports, however few days of later rows there are.
- `newest_exported`: figures of windows do too, of days that are over: a week in which orders stop coming is none to compare.
- `newest_covered`: an alarm also watches the days after exports stop, as long as that is news.
- `newest_to_judge`: the same without a day that is not over by the clock of the newest row (`maturity.newest_known`). A scan
  asks `row_checks.newest_whole_day` instead, which tells from the rows of each source whether the day is complete.
"""

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import date_text
from core.base.days import Day, Window, iso
from core.base.segment import EVERYTHING, Segment
from core.base.time_zones import DAY_SECONDS
from core.detection.forecast.maturity import newest_known
from core.workspace.read.workspace import Workspace

_ACTIVITY = (("orders", "impressions"), ("reviews",), ("violations",))
"""Measures that tell whether exports go on; reviews and violations trail behind orders and only count where there are none."""
_DAYS = 400
"""Days that are looked at: rows more than a year after all others are stray dates, which do not stretch the span."""
_USUAL_DAYS, _FEWEST_DAYS = 56, 14
"""Days up to a day whose mean is usual for it, and how many of them there must be."""
_EXPECTED, _STOPPED_DAYS = 15.0, 3
"""Rows that the days after an end would usually bring, so that none is not chance (e^-15), and their least number."""
_ALMOST_NONE, _STRAGGLERS = 0.1, 0.15
"""Share of the usual rows that all days after the end bring at most, and the first of them."""
_DAILY = 0.9
"""Share of the usual days with rows: a shop that is closed on Sundays has not ended on a Saturday."""
_USUAL_GAP = 3.0
"""Rows that a gap between two days with rows would usually bring (e^-3 by chance)."""
_TAIL = 14
"""Days without more than stragglers that are no outage, but days that no export covers. Fewer are news."""
_ORDINARY, _SEVERAL = 0.5, 5
"""A day with this share of the usual rows, and several rows, says that exports go on: a closure was over."""


def end_of_exports(workspace: Workspace, where: Segment = EVERYTHING) -> Day:
    """The last day before orders and traffic in a segment all but stop; where they go on, the last day that has any.

    Of days that only have traffic nobody knows what was sold: that orders ended a day earlier is no fall. Reviews, refunds, late
    dispatches and stray orders after it do not move it. Raises NotEnoughData when nothing is loaded.
    """
    return _end_and_kinds(workspace, where)[0]


def _end_and_kinds(workspace: Workspace, where: Segment) -> tuple[Day, str]:
    """The day, and what ends there."""
    span = workspace.span
    window = Window(max(span.first, span.last - _DAYS + 1), span.last)
    for measures in _ACTIVITY:
        rows: dict[str, Floats] = {}
        ends: dict[str, Day] = {}
        for measure in measures:
            if measure in workspace.measures and max(ends.values(), default=0) < span.last:
                rows[measure] = _rows(workspace, measure, window, where)
                if rows[measure].any():
                    ends[measure] = _end(rows[measure], window.first)
        if ends:
            last = max(ends.values())
            of_orders = ends.get("orders", last)
            is_first = last - _TAIL < of_orders < last
            if is_first and _is_missed(rows["orders"], of_orders - window.first, last - of_orders):
                return of_orders, "orders"
            return last, "orders and traffic"
    return max(workspace.newest_clock // DAY_SECONDS, span.first), "orders and traffic"


def _is_missed(rows: Floats, end: int, days: int) -> bool:
    """Whether so many days without rows after an end are no chance: they would usually bring many, and each of them some."""
    usual = rows[max(end + 1 - _USUAL_DAYS, 0) : end + 1]
    return bool(len(usual) >= _FEWEST_DAYS and usual.mean() * days >= _EXPECTED and (usual > 0).mean() >= _DAILY)


def _rows(workspace: Workspace, measure: str, window: Window, where: Segment) -> Floats:
    """Rows of a measure's kind by day, or how much of it there is in a segment or on days that came counted; shape (days,)."""
    kind, profile = workspace.kind_of(measure), workspace.profile(window)
    if where or kind is None or kind == "daily":
        return workspace.cube((measure,), window, (), where).daily(measure)
    rows = np.zeros(len(window))
    if kind in profile.kinds:
        first = profile.spans[kind].first - window.first
        counts = profile.rows_by_day(kind)
        rows[first : first + len(counts)] = counts
    return rows


def _end(rows: Floats, first: Day) -> Day:
    """The last day of rows by day from a first one, of which there are some.

    `row_checks.ceased` says the same of one source that has rows every day; this also sees the end of a few orders a week.
    """
    days = np.flatnonzero(rows)
    total, past = np.concatenate([[0.0], np.cumsum(rows)]), days - days[0] + 1
    usual = (total[days + 1] - total[np.maximum(days + 1 - _USUAL_DAYS, 0)]) / np.minimum(past, _USUAL_DAYS)
    after = len(rows) - 1 - days
    next_days = np.minimum(np.maximum(np.ceil(_EXPECTED / usual), _STOPPED_DAYS), after).astype(np.int64)
    largest = np.append(np.maximum.accumulate(rows[::-1])[::-1], 0.0)[days + 1]
    ends = (past >= _FEWEST_DAYS) & (after >= _STOPPED_DAYS) & (usual * after >= _EXPECTED)
    ends &= total[-1] - total[days + 1] < _ALMOST_NONE * usual * after
    ends &= total[days + 1 + next_days] - total[days + 1] < _STRAGGLERS * usual * next_days
    ends &= largest < np.maximum(_ORDINARY * usual, _SEVERAL)
    if not ends.any():
        return first + int(days[-1])
    end = int(ends.argmax())
    # where orders are few, the next days may bring some as usual
    goes_on = np.diff(days[end:]) <= max(_USUAL_GAP / usual[end], 1)
    goes_on &= rows[days[end + 1 :]] >= _STRAGGLERS * usual[end]
    return first + int(days[end + np.logical_and.accumulate(goes_on).sum()])


def day_to_read(workspace: Workspace, as_of: Day | None, where: Segment = EVERYTHING) -> tuple[Day, tuple[str, ...]]:
    """The day that ratings and health are of: the one asked for, else that on which exports end, and a note of what is left out
    where there are later rows, or of the days without any before the one asked for, where they are many. Raises NotEnoughData
    when nothing is loaded."""
    day, kinds = _end_and_kinds(workspace, where)
    if as_of is not None:
        if as_of - day < _TAIL:
            return as_of, ()
        missing = f"no data for the {as_of - day} days up to {date_text(as_of)}. Try --as-of {iso(day)}"
        return as_of, (f"{kinds} end on {date_text(day)}: there are {missing}",)
    if day >= max(workspace.span.last, workspace.newest_clock // DAY_SECONDS):
        return day, ()
    return day, (f"read as of {date_text(day)}: {kinds} end there, later rows do not count",)


def newest_exported(workspace: Workspace) -> tuple[Day, tuple[str, ...]]:
    """The newest day that is over and on which orders or traffic still came; and a note of what is left out, if that is more than
    a day that is not over. Raises NotEnoughData when nothing is loaded."""
    end, notes = day_to_read(workspace, None)
    watched, left_out = newest_to_judge(workspace)
    return (end, notes) if end < watched else (watched, left_out)


def newest_covered(workspace: Workspace, newest: Day) -> tuple[Day, tuple[str, ...]]:
    """`newest`, or the day on which exports end if that is at least two weeks before it; and a note of what is left out then.

    Raises NotEnoughData when nothing is loaded.
    """
    end = end_of_exports(workspace)
    if newest - end < _TAIL:
        return newest, ()
    return end, (f"read as of {date_text(end)}: orders and traffic end there; ask for later days by name",)


def newest_to_judge(workspace: Workspace) -> tuple[Day, tuple[str, ...]]:
    """The newest day that is over, or the day on which exports end if that is at least two weeks before it; and a note of what
    is left out then. Raises NotEnoughData when nothing is loaded."""
    return newest_covered(workspace, min(newest_known(workspace), workspace.span.last))
