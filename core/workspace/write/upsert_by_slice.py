"""Rows that are named by their day and whole slice (`traffic`, `daily`): written as they come, then duplicates settled.

Every row is inserted at once; a 64-bit hash of its day and codes is kept. At the end rows with equal hashes, among the new
ones and those that their days held before, are compared exactly, in SQL, and all but one of each slice go again.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Ints
from core.workspace.schema.row_ids import SEQUENCE, Sequences
from core.workspace.schema.tables import DAY_BITS, identifier
from core.workspace.write.bulk_writer import BulkWriter
from core.workspace.write.dictionary import Values, chosen
from core.workspace.write.existing_rows import ExistingRows
from core.workspace.write.row_hash import row_hashes

_CHUNK = 50_000
"""Rows written down at a time: as Python numbers they take a hundred bytes a cell."""
_LOW = (1 << 22) - 1


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """What became of rows that could be read."""

    unchanged: int
    replaced: int
    repeated: int
    """How many of those replaced are rows of the same file."""


class SliceLoad:
    """One load of rows that are named by their day and slice."""

    def __init__(
        self, connection: sqlite3.Connection, table: str, slices: Sequence[str], carried: Sequence[str]
    ) -> None:
        self._connection, self._table = connection, table
        self._slices, self._carried = tuple(slices), tuple(carried)
        self._sequences = Sequences(connection, table)
        self._writer = BulkWriter(connection, table)
        self._held_rows = ExistingRows(self._sequences.reader, table, slices, carried, self._sequences.before)
        self._hashes: list[NDArray[np.uint64]] = []
        self._ids: list[Ints] = []
        self._spared: list[tuple[NDArray[np.uint64], Ints, Ints]] = []
        """Of rows that were not written, being held already: hash, the id that it would have had, that of the row held."""

    def add(self, days: Ints, codes: Mapping[str, NDArray[np.int32]], values: Mapping[str, Values]) -> None:
        """Writes rows: codes of the slices that the file carries, the columns of figures."""
        ids = self._sequences.take(days)
        hashes = row_hashes(days, [codes[name] for name in self._slices if name in codes], self._places(codes))
        held = self._held_rows.equal(days, hashes, codes, values)
        if held.any():
            new = held == 0
            self._spared.append((hashes[~new], ids[~new], held[~new]))
            ids, hashes = ids[new], hashes[new]
            codes = {name: column[new] for name, column in codes.items()}
            values = {name: chosen(column, new) for name, column in values.items()}
        if len(ids):
            self._hashes.append(hashes)
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

    def settle(self) -> UpsertCounts:
        """Leaves one row of each slice: the last one's figures, in the place of a row that the workspace held before."""
        self._writer.hand_over()
        is_fresh = not any(self._sequences.before.values())
        early = self._suspects() if is_fresh else None  # goes on beside the copying, for it asks the workspace nothing
        self._writer.wait()
        spared = self._spare()
        ids, hashes = early or self._suspects()
        if not len(ids):
            return UpsertCounts(spared, 0, 0)
        self._connection.execute(
            "CREATE TEMP TABLE repeats (id INTEGER PRIMARY KEY, before INTEGER, home INTEGER, last INTEGER, is_held INTEGER)"
        )
        self._note_repeats(*_grouped(ids, hashes))
        counts = self._count()
        if counts is None:
            self._connection.execute("DELETE FROM temp.repeats")
            self._note_repeats(*self._grouped_by_slice(ids))
            counts = self._count()
        assert counts is not None  # noqa: S101 - rows grouped by their slices are of one slice
        self._drop_repeats()
        self._connection.execute("DROP TABLE temp.repeats")
        return replace(counts, unchanged=counts.unchanged + spared)

    def _spare(self) -> int:
        """How many rows need not be written. Those of slices that the file gives other figures for, too, are written after
        all: which of them is the last one decides."""
        if not self._spared:
            return 0
        spared = sum(len(ids) for _, ids, _ in self._spared)
        written = np.sort(np.concatenate([np.zeros(0, np.uint64), *self._hashes]))
        names = ", ".join(map(identifier, (*self._slices, *self._carried)))
        copy = f"INSERT INTO {self._table} (id, {names}) SELECT ?, {names} FROM {self._table} WHERE id = ?"
        for hashes, ids, held in self._spared if len(written) else ():
            place = np.minimum(np.searchsorted(written, hashes), len(written) - 1)
            again = written[place] == hashes
            self._connection.executemany(copy, zip(ids[again].tolist(), held[again].tolist(), strict=True))
            self._hashes.append(hashes[again])
            self._ids.append(ids[again])
            spared -= int(again.sum())
        return spared

    def _note_repeats(self, ids: Ints, groups: Ints) -> None:
        """Writes down every row that is not the first of its slice; rows in the order of their groups, and of their ids."""
        starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
        sizes = np.diff(np.r_[starts, len(groups)])
        home, last = np.repeat(ids[starts], sizes), np.repeat(ids[starts + sizes - 1], sizes)
        befores = self._sequences.before
        held_until = np.array([befores[day] for day in (ids[starts] >> DAY_BITS).tolist()], np.int64)
        is_held = np.repeat((ids[starts] & SEQUENCE) < held_until, sizes)
        again = np.flatnonzero(np.r_[False, groups[1:] == groups[:-1]])
        again = again[np.argsort(ids[again])]  # in the order of the rows, which are looked up one after the other
        columns = (ids[again], ids[again - 1], home[again], last[again], is_held[again])
        for first in range(0, len(again), _CHUNK):
            rows = zip(*(column[first : first + _CHUNK].tolist() for column in columns), strict=True)
            self._connection.executemany("INSERT INTO temp.repeats VALUES (?, ?, ?, ?, ?)", rows)

    def _grouped_by_slice(self, ids: Ints) -> tuple[Ints, Ints]:
        """The ids in the order of their slices, and a number for each slice: exact, where the hashes are not enough."""
        self._connection.execute("CREATE TEMP TABLE suspects (id INTEGER PRIMARY KEY)")
        self._connection.executemany("INSERT INTO temp.suspects VALUES (?)", zip(ids.tolist(), strict=True))
        key = ", ".join([f"t.id >> {DAY_BITS}", *(f"t.{identifier(name)}" for name in self._slices)])
        rows = self._connection.execute(
            f"SELECT t.id, dense_rank() OVER (ORDER BY {key}) AS slice FROM temp.suspects s "
            f"CROSS JOIN {self._table} t ON t.id = s.id ORDER BY slice, t.id"
        ).fetchall()
        self._connection.execute("DROP TABLE temp.suspects")
        found = np.array(rows, np.int64).T
        return found[0], found[1]

    def _count(self) -> UpsertCounts | None:
        """What the repeats change against the row before them; None when rows with one hash are of different slices.

        When the last row of a slice is what the workspace held, none of its repeats changes anything.
        """
        key = [f"i.{identifier(name)} = p.{identifier(name)}" for name in self._slices]
        differs = f"i.id >> {DAY_BITS} <> p.id >> {DAY_BITS} OR NOT ({' AND '.join(key)})"
        last_is_home = (
            f"(SELECT {self._same('l', 'h')} FROM {self._table} l "
            f"JOIN {self._table} h ON h.id = g.home WHERE l.id = g.last)"
        )
        changes = f"NOT {self._same('i', 'p')} AND NOT (g.is_held AND {last_is_home})"
        repeats, mixed, replaced, repeated = self._connection.execute(
            "SELECT count(*), coalesce(sum(differs), 0), coalesce(sum(changes), 0), "
            f"coalesce(sum(changes AND NOT first_held), 0) FROM (SELECT {differs} AS differs, {changes} AS changes, "
            f"g.is_held AND g.before = g.home AS first_held FROM {self._pairs()})"
        ).fetchone()
        return None if mixed else UpsertCounts(repeats - replaced, replaced, repeated)

    def _drop_repeats(self) -> None:
        """Of slices that are new the last row stays; of those held before the first, with the last one's figures."""
        run = self._connection.execute
        if self._carried and run("SELECT EXISTS (SELECT 1 FROM temp.repeats WHERE is_held)").fetchone()[0]:
            sets = ", ".join(f"{identifier(name)} = last.{identifier(name)}" for name in self._carried)
            run(
                f"UPDATE {self._table} SET {sets} FROM temp.repeats g JOIN {self._table} last ON last.id = g.last "
                f"WHERE g.is_held AND g.id = g.last AND {self._table}.id = g.home"
            )
        run(f"DELETE FROM {self._table} WHERE id IN (SELECT iif(is_held, id, before) FROM temp.repeats)")

    def _pairs(self) -> str:
        """Each repeat (g, i) beside the row before it (p); cross joins keep the order: few repeats, each looked up."""
        return f"temp.repeats g CROSS JOIN {self._table} i ON i.id = g.id CROSS JOIN {self._table} p ON p.id = g.before"

    def _same(self, left: str, right: str) -> str:
        tests = [f"{left}.{identifier(name)} IS {right}.{identifier(name)}" for name in self._carried]
        return f"({' AND '.join(tests) or '1'})"

    def _suspects(self) -> tuple[Ints, NDArray[np.uint64]]:
        """The ids and hashes of all rows whose hash is another row's too."""
        before = self._sequences.before
        days = np.unique(np.concatenate([np.zeros(0, np.int64), *self._ids]) >> DAY_BITS).tolist()
        read = self._held_rows
        held = [*read.known, *(self._held(day, before[day]) for day in days if before[day] and day not in read.days)]
        hashes = [*self._hashes, *(one for one, _ in held)]
        ids = [*self._ids, *(one for _, one in held)]
        twice = _occurring_twice(hashes)
        if not len(twice):
            return np.zeros(0, np.int64), twice
        # a table of the low bits leaves few rows to look up
        low = np.zeros(_LOW + 1, bool)
        low[(twice & np.uint64(_LOW)).astype(np.int64)] = True
        found_ids, found_hashes = [], []
        for part, part_ids in zip(hashes, ids, strict=True):
            rows = np.flatnonzero(low[(part & np.uint64(_LOW)).astype(np.int64)])
            place = np.minimum(np.searchsorted(twice, part[rows]), len(twice) - 1)
            rows = rows[twice[place] == part[rows]]
            found_ids.append(part_ids[rows])
            found_hashes.append(part[rows])
        return np.concatenate(found_ids), np.concatenate(found_hashes)

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
        return row_hashes(np.full(len(rows), day, np.int64), list(table[1:]), list(range(len(self._slices)))), table[0]


def _grouped(ids: Ints, hashes: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """The ids in the order of their hashes, then their own, and the hashes."""
    order = np.lexsort((ids, hashes))
    return ids[order], hashes[order].astype(np.int64)


def _occurring_twice(parts: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """The values that occur more than once, ascending; looked for in eighths, so that little is held at a time."""
    found = []
    for eighth in range(8):
        values = np.concatenate([np.zeros(0, np.uint64), *(part[part >> np.uint64(61) == eighth] for part in parts)])
        values.sort()
        found.append(np.unique(values[1:][values[1:] == values[:-1]]))
    return np.concatenate(found)
