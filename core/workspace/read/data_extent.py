"""From when to when a workspace has data: the days that count, stray ones left out, and the newest moment that is known."""

import sqlite3
from functools import cached_property
from pathlib import Path

from core.base.date_text import date_range, during
from core.base.days import Day, Window, iso, parse_day
from core.base.errors import NotEnoughData, UsageError
from core.base.time_zones import DAY_SECONDS
from core.workspace.read.blocks.day_span import main_span, span_until
from core.workspace.read.counted_kinds import COUNTED
from core.workspace.read.given_measures import first_and_last_id
from core.workspace.schema.damage import check_day
from core.workspace.schema.tables import DAY_BITS

_YEAR = 366
"""Days; only in a longer span can some lie a year from all others."""


class DataExtent:
    """The days and moments of the rows of a workspace; each is looked for when first asked for."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path, self._connection = path, connection

    @cached_property
    def span(self) -> Window:
        """First and last day of all that is counted; a few rows more than a year away from all others, or in the future of the
        day on which they were loaded, do not stretch it. Raises NotEnoughData when nothing is loaded."""
        whole = self.whole_span
        main = whole if len(whole) <= _YEAR else main_span(self._connection, COUNTED, whole)
        return main if self.newest_load is None else span_until(self._connection, COUNTED, main, self.newest_load + 1)

    def window(self, first: int | None, last: int | None) -> Window:
        """The days from `first` to `last`, either of which may be open. Raises NotEnoughData when they are outside the data."""
        span = self.span
        start = span.first if first is None else first
        end = span.last if last is None else last
        if end < start:
            raise UsageError(f"the window {iso(start)}..{iso(end)} ends before it starts. Swap its days.")
        window = Window(start, end)
        if not window.overlaps(span):
            raise NotEnoughData(
                f"no data {during(window)}: the workspace holds {date_range(span)}. Choose days inside."
            )
        return window

    @cached_property
    def newest_load(self) -> Day | None:
        """The day (UTC) of the newest load; east of there it may be the next one already. None where no load is remembered."""
        (moment,) = self._connection.execute("SELECT max(loaded_at) FROM loads").fetchone()
        return None if moment is None else parse_day(moment[:10])

    @cached_property
    def whole_span(self) -> Window:
        """First and last day with any row, stray ones included. Raises NotEnoughData when nothing is loaded."""
        ends = [first_and_last_id(self._connection, kind) for kind in COUNTED]
        days = [id_ >> DAY_BITS for pair in ends for id_ in pair if id_ is not None]
        if not days:
            (loaded,) = self._connection.execute("SELECT count(*) FROM loads").fetchone()
            state = (
                "nothing that is loaded has days. Load traffic, orders or daily exports"
                if loaded
                else "nothing is loaded yet. Load exports"
            )
            raise NotEnoughData(f"{self._path}: {state} with: whydrop load PATH")
        for day in (min(days), max(days)):
            check_day(self._path, day)
        return Window(min(days), max(days))

    @property
    def newest_moment(self) -> int:
        """The newest moment in the data (epoch seconds, UTC): what has happened by then is known."""
        return self._newest[0]

    def newest_clock(self, ahead: int) -> int:
        """The newest moment (epoch seconds) as if the clock furthest behind, `ahead` of UTC by so many, showed UTC: a day is
        over when it is over everywhere. Where rows have days alone, their last one ends on any clock."""
        moment, is_of_row = self._newest
        return moment + (ahead if is_of_row else 0)

    @cached_property
    def _newest(self) -> tuple[int, bool]:
        """The newest moment, and whether a row has it, or it is the end of the last day."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = 'newest_moment'").fetchone()
        if row is None:
            return (self.span.last + 1) * DAY_SECONDS - 1, False
        last = self.span.last if self.span.last < self.whole_span.last else self.newest_load
        future = self.newest_load is not None and int(row[0]) // DAY_SECONDS > self.newest_load + 1
        return ((last + 1) * DAY_SECONDS - 1, False) if future and last is not None else (int(row[0]), True)
