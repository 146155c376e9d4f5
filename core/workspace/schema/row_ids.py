"""The ids of new rows: day << 32 | sequence within the day."""

import sqlite3

import numpy as np

from core.base.arrays import Ints
from core.workspace.schema.connection import reader_beside
from core.workspace.schema.tables import DAY_BITS

SEQUENCE = (1 << DAY_BITS) - 1
"""The bits of an id that are its sequence within the day."""


class Sequences:
    """The next free id of each day.

    It looks through a connection of its own, at what the workspace held before the load, since the load's is busy.
    """

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        first, last = connection.execute(
            f"SELECT (SELECT min(id) FROM {table}) >> {DAY_BITS}, (SELECT max(id) FROM {table}) >> {DAY_BITS}"
        ).fetchone()
        self._held = range(0) if first is None else range(first, last + 1)
        self._connection, self._table = connection, table
        self._reader: sqlite3.Connection | None = None
        self._next: dict[int, int] = {}
        self.before: dict[int, int] = {}
        """How far each touched day's ids went before the load; 0 = it was empty."""

    @property
    def reader(self) -> sqlite3.Connection:
        """What sees the state before the load; not opened for days that are all new: reading the schema takes 0.5 ms a file."""
        if self._reader is None:
            self._reader = reader_beside(self._connection)
        return self._reader

    def close(self) -> None:
        """Lets go of the file."""
        if self._reader is not None:
            self._reader.close()

    def take(self, days: Ints) -> Ints:
        """An id for each row, in order within its day; days shape (n,)."""
        is_sorted = bool(np.all(days[1:] >= days[:-1]))
        order = slice(None) if is_sorted else np.argsort(days, kind="stable")
        ordered = days[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(days) else np.zeros(0, np.int64)
        counts = np.diff(np.r_[starts, len(days)])
        firsts = np.array(
            [self._reserve(int(day), int(n)) for day, n in zip(ordered[starts], counts, strict=True)], np.int64
        )
        ids = np.empty(len(days), np.int64)
        ids[order] = (ordered << DAY_BITS) + np.repeat(firsts - starts, counts) + np.arange(len(days))
        return ids

    def _reserve(self, day: int, rows: int) -> int:
        if day not in self._next:
            newest = self._newest(day) if day in self._held else None
            self.before[day] = self._next[day] = 0 if newest is None else (newest & SEQUENCE) + 1
        first = self._next[day]
        self._next[day] += rows
        return first

    def _newest(self, day: int) -> int | None:
        newest: int | None = self.reader.execute(
            f"SELECT max(id) FROM {self._table} WHERE id >= ? AND id < ?", (day << DAY_BITS, (day + 1) << DAY_BITS)
        ).fetchone()[0]
        return newest
