"""Rows that are named by their day and whole slice (`traffic`, `daily`): written as they come, then duplicates settled.

Every row is inserted at once; a 64-bit hash of its day and codes is kept. At the end rows with equal hashes, among the new
ones and those that their days held before, are compared exactly, in SQL, and all but one of each slice go again.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.workspace.coding import Values
from core.workspace.schema import DAY_BITS, identifier
from core.workspace.write import Writer

Ints = NDArray[np.int64]

_PRIME = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: Fibonacci hashing, Knuth, TAOCP 3, section 6.4
_SHIFT = np.uint64(32)
_SEQUENCE = (1 << DAY_BITS) - 1


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of rows that could be read."""

    unchanged: int
    replaced: int
    repeated: int
    """How many of those replaced are rows of the same file."""


class Sequences:
    """The next free id of each day."""

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        self._connection, self._table = connection, table
        self._next: dict[int, int] = {}
        self.before: dict[int, int] = {}
        """How far each touched day's ids went before the load; 0 = it was empty."""

    def take(self, days: Ints) -> Ints:
        """An id for each row, in order within its day; days shape (n,)."""
        order = np.argsort(days, kind="stable")
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
            newest = self._connection.execute(
                f"SELECT max(id) FROM {self._table} WHERE id >= ? AND id < ?", (day << DAY_BITS, (day + 1) << DAY_BITS)
            ).fetchone()[0]
            self.before[day] = self._next[day] = 0 if newest is None else (newest & _SEQUENCE) + 1
        first = self._next[day]
        self._next[day] += rows
        return first


class SliceLoad:
    """One load of rows that are named by their day and slice."""

    def __init__(
        self, connection: sqlite3.Connection, table: str, slices: Sequence[str], carried: Sequence[str]
    ) -> None:
        self._connection, self._table = connection, table
        self._slices, self._carried = tuple(slices), tuple(carried)
        self._sequences = Sequences(connection, table)
        self._writer = Writer(connection, table)
        self._hashes: list[NDArray[np.uint64]] = []
        self._ids: list[Ints] = []

    def add(self, days: Ints, codes: Mapping[str, NDArray[np.int32]], values: Mapping[str, Values]) -> None:
        """Writes rows: codes of the slices that the file carries, the columns of figures."""
        ids = self._sequences.take(days)
        self._hashes.append(_hash(days, [codes[name] for name in self._slices if name in codes], self._places(codes)))
        self._ids.append(ids)
        self._writer.insert({"id": ids, **codes, **values})

    def _places(self, codes: Mapping[str, object]) -> list[int]:
        return [place for place, name in enumerate(self._slices) if name in codes]

    def settle(self) -> Counts:
        """Leaves one row of each slice: the last one's figures, in the place of the first."""
        self._writer.flush()
        ids = self._suspects()
        if not len(ids):
            return Counts(0, 0, 0)
        run = self._connection.execute
        run("CREATE TEMP TABLE suspects (id INTEGER PRIMARY KEY)")
        self._connection.executemany("INSERT INTO temp.suspects VALUES (?)", zip(ids.tolist(), strict=True))
        run("CREATE TEMP TABLE befores (day INTEGER PRIMARY KEY, next INTEGER)")
        self._connection.executemany("INSERT INTO temp.befores VALUES (?, ?)", self._sequences.before.items())
        run(f"CREATE TEMP TABLE settled AS {self._verdicts()}")
        unchanged, replaced, repeated = run(
            "SELECT coalesce(sum(verdict = 'unchanged'), 0), coalesce(sum(verdict = 'replaced'), 0), "
            "coalesce(sum(verdict = 'replaced' AND after_new), 0) FROM temp.settled"
        ).fetchone()
        if self._carried:
            names = ", ".join(map(identifier, self._carried))
            run(
                f"UPDATE {self._table} SET ({names}) = (SELECT {names} FROM {self._table} AS last "
                f"JOIN temp.settled s ON s.id = last.id WHERE s.home = {self._table}.id AND s.is_last) "
                f"WHERE id IN (SELECT home FROM temp.settled WHERE is_last AND verdict IS NOT NULL)"
            )
        run(f"DELETE FROM {self._table} WHERE id IN (SELECT id FROM temp.settled WHERE id <> home)")
        for table in ("suspects", "befores", "settled"):
            run(f"DROP TABLE temp.{table}")
        return Counts(unchanged, replaced, repeated)

    def _verdicts(self) -> str:
        """Of each suspect: the first row of its slice (home), what it changes against the row before it, whether it is the last.

        When the last row of a slice is what the workspace held, none of them changes anything.
        """
        key = ", ".join(
            [
                f"t.id >> {DAY_BITS} AS day",
                *(f"t.{identifier(name)} AS k{place}" for place, name in enumerate(self._slices)),
            ]
        )
        names = ", ".join(["day", *(f"k{place}" for place in range(len(self._slices)))])
        columns = [f"t.{identifier(name)}" for name in self._carried]
        as_before = " AND ".join(f"{column} IS lag({column}) OVER w" for column in columns) or "1"
        as_first = " AND ".join(f"{column} IS first_value({column}) OVER w" for column in columns) or "1"
        window = ", ".join([f"t.id >> {DAY_BITS}", *(f"t.{identifier(name)}" for name in self._slices)])
        return (
            "SELECT id, home, is_last, after_new, CASE WHEN id = home THEN NULL "
            "WHEN home_held AND max(is_last AND as_first) OVER g THEN 'unchanged' "
            "WHEN as_before THEN 'unchanged' ELSE 'replaced' END AS verdict "
            f"FROM (SELECT {key}, t.id AS id, first_value(t.id) OVER w AS home, lead(t.id) OVER w IS NULL AS is_last, "
            f"first_value(t.id & {_SEQUENCE} < b.next) OVER w AS home_held, "
            f"lag(t.id & {_SEQUENCE} >= b.next) OVER w AS after_new, "
            f"({as_before}) AS as_before, ({as_first}) AS as_first "
            f"FROM {self._table} t JOIN temp.suspects s ON s.id = t.id JOIN temp.befores b ON b.day = t.id >> {DAY_BITS} "
            f"WINDOW w AS (PARTITION BY {window} ORDER BY t.id)) WINDOW g AS (PARTITION BY {names})"
        )

    def _suspects(self) -> Ints:
        """The ids of all rows whose hash is another row's too."""
        held = [self._held(day, count) for day, count in self._sequences.before.items() if count]
        hashes = np.concatenate([*self._hashes, *(one for one, _ in held)]) if self._hashes else np.zeros(0, np.uint64)
        ordered = np.sort(hashes)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(twice):
            return np.zeros(0, np.int64)
        ids = np.concatenate([*self._ids, *(one for _, one in held)])
        return ids[np.isin(hashes, twice)]

    def _held(self, day: int, count: int) -> tuple[NDArray[np.uint64], Ints]:
        """Hashes and ids of the rows that a day held before."""
        names = "".join(f", {identifier(name)}" for name in self._slices)
        named = " AND row_key IS NULL" if self._table == "daily_rows" else ""
        first = day << DAY_BITS
        rows = self._connection.execute(
            f"SELECT id{names} FROM {self._table} WHERE id >= ? AND id < ?{named}", (first, first + count)
        ).fetchall()
        if not rows:
            return np.zeros(0, np.uint64), np.zeros(0, np.int64)
        table = np.array(rows, np.int64).T
        return _hash(np.full(len(rows), day, np.int64), list(table[1:]), list(range(len(self._slices)))), table[0]


def _hash(days: Ints, codes: Sequence[NDArray[np.integer]], places: Sequence[int]) -> NDArray[np.uint64]:
    """A hash of each row's day and codes; a code of 0 adds nothing, so that a slice that is not carried is as one not given."""
    out = days.astype(np.uint64) * _PRIME
    for column, place in zip(codes, places, strict=True):
        mixed = (column.astype(np.uint64) + np.uint64(place << 40)) * _PRIME
        mixed ^= mixed >> _SHIFT
        mixed *= _PRIME
        out += np.where(column == 0, np.uint64(0), mixed)
    return out
