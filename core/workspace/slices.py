"""Rows that are named by their day and whole slice (`traffic`, `daily`): written as they come, then duplicates settled.

Every row is inserted at once; a 64-bit hash of its day and codes is kept. At the end rows with equal hashes, among the new
ones and those that their days held before, are compared exactly, in SQL, and all but one of each slice go again.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.workspace.bulk import BulkWriter
from core.workspace.coding import Values
from core.workspace.connection import reader_beside
from core.workspace.schema import DAY_BITS, identifier

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
    """The next free id of each day.

    It looks through a connection of its own, at what the workspace held before the load, since the load's is busy.
    """

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        self._connection, self._table = reader_beside(connection), table
        self._next: dict[int, int] = {}
        self.before: dict[int, int] = {}
        """How far each touched day's ids went before the load; 0 = it was empty."""

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

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
        self._writer = BulkWriter(connection, table)
        self._hashes: list[NDArray[np.uint64]] = []
        self._ids: list[Ints] = []

    def add(self, days: Ints, codes: Mapping[str, NDArray[np.int32]], values: Mapping[str, Values]) -> None:
        """Writes rows: codes of the slices that the file carries, the columns of figures."""
        ids = self._sequences.take(days)
        self._hashes.append(_hash(days, [codes[name] for name in self._slices if name in codes], self._places(codes)))
        self._ids.append(ids)
        self._writer.insert({"id": ids, **codes, **values})

    def stop(self) -> None:
        """Ends what goes on beside; nothing is written any more. Before the transaction ends."""
        self._writer.stop()
        self._sequences.close()

    def close(self) -> None:
        """Lets go of the staged rows. After the transaction has ended."""
        self._writer.close()

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
            sets = ", ".join(f"{identifier(name)} = last.{identifier(name)}" for name in self._carried)
            run(
                f"UPDATE {self._table} SET {sets} FROM temp.settled s JOIN {self._table} last ON last.id = s.id "
                f"WHERE s.is_last AND s.verdict IS NOT NULL AND {self._table}.id = s.home"
            )
        run(f"DELETE FROM {self._table} WHERE id IN (SELECT id FROM temp.settled WHERE id <> home)")
        for table in ("suspects", "befores", "settled"):
            run(f"DROP TABLE temp.{table}")
        return Counts(unchanged, replaced, repeated)

    def _verdicts(self) -> str:
        """Of each suspect: the first row of its slice (home), what it changes against the row before it, whether it is the last.

        When the last row of a slice is what the workspace held, none of them changes anything.
        """
        key = ", ".join([f"t.id >> {DAY_BITS}", *(f"t.{identifier(name)}" for name in self._slices)])
        held = f"(f.home & {_SEQUENCE} < b.next)"
        return (
            "SELECT id, home, is_last, after_new, CASE WHEN id = home THEN NULL "
            "WHEN as_before OR max(home_held AND is_last AND as_home) OVER (PARTITION BY home) THEN 'unchanged' "
            "ELSE 'replaced' END AS verdict FROM (SELECT f.id AS id, f.home AS home, f.is_last AS is_last, "
            f"{held} AS home_held, f.before & {_SEQUENCE} >= b.next AS after_new, "
            f"{self._same('p')} AS as_before, {self._same('h')} AS as_home "
            "FROM (SELECT t.id AS id, first_value(t.id) OVER w AS home, lag(t.id) OVER w AS before, "
            # a cross join keeps the order: few suspects, each looked up, and no scan of the whole table
            f"lead(t.id) OVER w IS NULL AS is_last FROM temp.suspects s CROSS JOIN {self._table} t ON t.id = s.id "
            f"WINDOW w AS (PARTITION BY {key} ORDER BY t.id)) f "
            f"JOIN {self._table} i ON i.id = f.id JOIN {self._table} h ON h.id = f.home "
            f"LEFT JOIN {self._table} p ON p.id = f.before JOIN temp.befores b ON b.day = f.home >> {DAY_BITS})"
        )

    def _same(self, other: str) -> str:
        tests = [f"i.{identifier(name)} IS {other}.{identifier(name)}" for name in self._carried]
        return f"({' AND '.join(tests) or '1'})"

    def _suspects(self) -> Ints:
        """The ids of all rows whose hash is another row's too."""
        held = [self._held(day, count) for day, count in self._sequences.before.items() if count]
        hashes = np.concatenate([*self._hashes, *(one for one, _ in held)]) if self._hashes else np.zeros(0, np.uint64)
        ordered = np.sort(hashes)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(twice):
            return np.zeros(0, np.int64)
        ids = np.concatenate([*self._ids, *(one for _, one in held)])
        twice = np.unique(twice)
        place = np.minimum(np.searchsorted(twice, hashes), len(twice) - 1)
        found: Ints = ids[twice[place] == hashes]
        return found

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
