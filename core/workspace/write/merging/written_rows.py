"""Which rows the files of one load command wrote: no file of a load corrects another one, but for exports of a series."""

import json
import sqlite3
from collections.abc import Collection, Mapping

import numpy as np

from core.base.arrays import Ints
from core.base.date_text import date_range
from core.base.days import Window
from core.base.errors import UsageError
from core.base.frozen import frozen
from core.ingest.formats.batch import Export
from core.ingest.values.path_parts import undated_path
from core.workspace.schema.row_ids import SEQUENCE
from core.workspace.schema.tables import DAY_BITS
from core.workspace.write.export_order import SeriesPlace


class WrittenRows:
    """The rows that earlier files of a load wrote: those whose ids go beyond what each day held when the load began."""

    def __init__(self, known: Collection[int]) -> None:
        """`known`: the numbers of earlier loads that have read files of this one, which are as they were."""
        self.known = known
        self._before: dict[str, dict[int, int]] = {}
        self._place: SeriesPlace | None = None
        self._files: list[tuple[SeriesPlace | None, str, frozenset[int]]] = []
        """The files that were written, each with its table and days."""

    def open(self, series_place: SeriesPlace | None) -> None:
        """Begins a file, which may be one of a series of exports."""
        self._place = series_place

    def note(self, table: str, before: Mapping[int, int]) -> None:
        """Remembers how far the ids of the days that the file touched went before it."""
        days = self._before.setdefault(table, {})
        for day, sequence in before.items():
            days.setdefault(day, sequence)
        self._files.append((self._place, table, frozenset(before)))

    def corrects(self, table: str, own: Collection[int], days: Ints) -> bool:
        """Whether the file, which has the days `own`, is a later export of the series of all files whose figures of `days` it
        replaces."""
        replaced = set(days.tolist())
        earlier = [
            (earlier_place, of & frozenset(own))
            for earlier_place, name, of in self._files
            if name == table and of & replaced
        ]
        return self._place is not None and all(
            earlier_place is not None and self._place.corrects(earlier_place, shared, shared & replaced)
            for earlier_place, shared in earlier
        )

    def has(self, table: str) -> bool:
        """Whether an earlier file wrote into a table."""
        return bool(self._before.get(table))

    def days_among(self, table: str, ids: Ints) -> Ints:
        """The days of those of the rows that this load wrote, one for each row."""
        days = ids >> DAY_BITS
        before = self._before.get(table, {})
        until = np.array([before.get(day, SEQUENCE) for day in days.tolist()], np.int64)
        return days[(ids & SEQUENCE) >= until]

    def days_unchanged(self, connection: sqlite3.Connection, export: Export, ids: Ints) -> Ints:
        """The days of those of the rows that files of this load gave which are as an earlier load read them, one for each row.

        None of files of the export's own series, whose names differ in the day alone: it may correct them.
        """
        kind, series = export.kind.name, undated_path(export.path)
        paths = dict(connection.execute("SELECT id, path FROM loads WHERE kind = ?", (kind,)).fetchall())
        others = [number for number in self.known if number in paths and undated_path(paths[number]) != series]
        query = (
            f"SELECT a.value >> {DAY_BITS} FROM json_each(?) a WHERE EXISTS (SELECT 1 FROM load_days d WHERE d.kind = ? "
            f"AND d.day = a.value >> {DAY_BITS} AND a.value BETWEEN d.first_id AND d.last_id "
            "AND d.load_id IN (SELECT value FROM json_each(?)))"
        )
        days = connection.execute(query, (json.dumps(ids.tolist()), kind, json.dumps(others))).fetchall()
        return np.array(days, np.int64).reshape(-1)


def conflict(path: str, days: Ints, named: str) -> UsageError:
    """The refusal of a file (or `FILE [sheet]`) that gives other figures than another one of the load for rows of these days;
    `named` says what both call alike: orders, or days and slices.
    """
    rows = (
        f"({len(days)} {'row' if len(days) == 1 else 'rows'}, {date_range(Window(int(days.min()), int(days.max())))})"
    )
    if path.endswith("]"):
        return UsageError(
            f"{path}: gives other figures than another table of this load for the same {named} {rows}. Save the one "
            "that is meant as a file of its own. Sheets that are parts of a whole: --dimension sheet. Two systems or shops: save "
            "each as a file, and load it with its --source."
        )
    return UsageError(
        f"{path}: gives other figures than another file of this load for the same {named} {rows}. If it corrects that "
        "file, load it afterwards by itself; if they are of two systems or shops, name each one's with --source."
    )


@frozen
class UpsertCounts:
    """What became of rows that could be read."""

    unchanged: int
    """Those that the workspace held as they are, and copies of other rows of the file."""
    replaced: int
    copies: int
    """How many of those unchanged are equal in every column to an earlier row of the file."""
    parts: int = 0
    """Rows that have the key, or the day and slice, of an earlier row of the file and differ from it: each counts."""
