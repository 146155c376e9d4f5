"""Whether a file gives sums of weeks or months where the workspace has the days: both would count, or one replace the other."""

import sqlite3

import numpy as np

from core.base.arrays import Floats
from core.base.errors import UsageError
from core.ingest.formats.batch import Batch, Export
from core.workspace.schema.tables import DAY_BITS, MEASURE, identifier
from core.workspace.write.merging.sums_by_day import OF_SOURCE, Sums, add_up

_MOST_ROWS = 5_000
"""Sums of weeks are few."""
_WEEK = 7
_FEWEST = 2
_LIKE_SUMS = 0.9
"""No day has nine tenths of what all others of its week have, and no second one of the next week."""
_NAMED = 3


class LongerPeriods:
    """The figures of a file by day, which are compared with the sums of the days that follow each in the workspace."""

    def __init__(self, connection: sqlite3.Connection, export: Export) -> None:
        self._connection, self._export = connection, export
        is_counted = export.kind.name == "daily" and not export.keyed
        self._measures = tuple(name for name in export.measures if is_counted and name not in export.rates)
        self._rows = 0
        self._sums: Sums = {}

    def note(self, batch: Batch) -> None:
        """Adds up a batch."""
        self._rows += len(batch)
        if not self._measures or self._rows > _MOST_ROWS or batch.days is None or not len(batch):
            return
        add_up(self._sums, batch, self._measures)

    def check(self) -> None:
        """Raises UsageError when the file, whose days are a week or more apart, has on each as much as the workspace has on
        the days until the next one.
        """
        days = np.array(sorted(self._sums), np.int64)
        if self._rows > _MOST_ROWS or len(days) < _FEWEST or np.diff(days).min() < _WEEK:
            return
        step = int(np.diff(days).min())
        stored = self._held(int(days[0]), int(days[-1]) + step)
        if not stored:
            return
        own = np.array([self._sums[day] for day in days.tolist()])
        following = np.array([_following(stored, day, step, len(self._measures)) for day in days.tolist()])
        is_known = following > 0
        is_like = (own >= _LIKE_SUMS * following) | ~is_known
        like = np.flatnonzero(is_like.all(0) & (is_known.sum(0) >= _FEWEST))
        if len(like):
            names = ", ".join(self._measures[at] for at in like[:_NAMED])
            raise UsageError(
                f"{self._export.path}: its dates are {step} or more days apart, and its {names} are as large as those of all "
                "days between them, which the workspace has: sums of weeks or months would count next to their days. "
                "Load it into a workspace of its own (--db); if it is of another system or shop, name that with --source."
            )

    def _held(self, first: int, last: int) -> Sums:
        """The sums of the measures by day, of rows of the file's source."""
        sums = ", ".join(f"total(r.{identifier(MEASURE + name)})" for name in self._measures)
        rows = self._connection.execute(
            f"SELECT r.id >> {DAY_BITS} AS day, {sums} FROM daily_rows r WHERE r.id >= ? AND r.id < ? AND {OF_SOURCE} GROUP BY 1",
            (first << DAY_BITS, last << DAY_BITS, self._export.source or ""),
        )
        return {day: np.array(figures) for day, *figures in rows}


def _following(stored: Sums, day: int, step: int, measures: int) -> Floats:
    """The sums of the days after one until the next of the file; 0 where some of them are not there."""
    rows = [stored[other] for other in range(day + 1, day + step) if other in stored]
    return np.array(np.sum(rows, axis=0), np.float64) if len(rows) == step - 1 else np.zeros(measures)
