"""Rows that are named by their day and whole slice (`traffic`, `daily`): written as they come, then duplicates settled.

Every row is inserted at once; a 64-bit hash of its day and codes is kept. At the end rows with equal hashes, among the new
ones and those that their days held before, are compared exactly, in SQL, and all but one of each slice go again.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Ints, distinct, numbered
from core.ingest.formats.batch import Export
from core.workspace.schema.row_ids import SEQUENCE, Sequences
from core.workspace.schema.tables import DAY_BITS, identifier
from core.workspace.write.bulk.bulk_writer import BulkWriter
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.dictionary import Values, chosen
from core.workspace.write.merging.equal_hashes import grouped_by_hash, occurring_twice, with_equal_hashes
from core.workspace.write.merging.existing_rows import ExistingRows, held_rows
from core.workspace.write.merging.repeated_rows import compare, refuse_parts
from core.workspace.write.merging.slice_sums import sum_slices
from core.workspace.write.merging.written_rows import UpsertCounts, WrittenRows, conflict
from core.workspace.write.row_hash import row_hashes

_CHUNK = 50_000
"""Rows written down at a time: as Python numbers they take a hundred bytes a cell."""


class SliceLoad:
    """One load of rows that are named by their day and slice."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        export: Export,
        slices: Sequence[str],
        carried: Sequence[str],
        written: WrittenRows,
        staging: Staging,
    ) -> None:
        self._connection, self._export, self._written = connection, export, written
        self._table = table = f"{export.kind.name}_rows"
        self._slices, self._carried = tuple(slices), tuple(carried)
        self._sequences = Sequences(connection, table)
        self._writer = BulkWriter(connection, table, staging)
        self._held_rows = ExistingRows(export, self._sequences, table, slices, carried)
        self._hashes: list[NDArray[np.uint64]] = []
        self._ids: list[Ints] = []
        self._records: list[tuple[Ints, Ints]] = []
        """The ids that rows got, and which records of the file they are."""
        self._summed: dict[int, int] = {}
        """Rows that have the sums of several of the file, and how many these are but for one."""
        self._spared: list[tuple[NDArray[np.uint64], Ints, Ints]] = []
        """Of rows that were not written, being held already: hash, the id that it would have had, that of the row held."""

    def add(
        self, days: Ints, records: Ints, codes: Mapping[str, NDArray[np.int32]], values: Mapping[str, Values]
    ) -> None:
        """Writes rows: which records they are, codes of the slices that the file carries, the columns of figures."""
        ids = self._sequences.take(days)
        self._records.append((ids, records))
        filled = [at for at, name in enumerate(self._slices) if name in codes]
        hashes = row_hashes(days, [codes[self._slices[at]] for at in filled], filled)
        equal_ids = self._held_rows.equal(days, hashes, codes, values)
        if equal_ids.any():
            new = equal_ids == 0
            self._spared.append((hashes[~new], ids[~new], equal_ids[~new]))
            ids, hashes = ids[new], hashes[new]
            codes = {name: column[new] for name, column in codes.items()}
            values = {name: chosen(column, new) for name, column in values.items()}
        if len(ids):
            self._hashes.append(hashes)
            self._ids.append(ids)
            self._writer.insert({"id": ids, **codes, **values})

    def stop(self) -> None:
        """Ends what runs in parallel; nothing is written any more. Before the transaction ends."""
        self._writer.stop()
        self._sequences.close()

    def close(self) -> None:
        """Lets go of the staged rows. After the transaction has ended."""
        self._writer.close()

    def settle(self) -> UpsertCounts:
        """Leaves one row of each slice: the file's figures, in the place of a row that the workspace held before.

        Raises UsageError when rows of the file are of one slice and nothing tells them apart, or when the file replaces
        what another file of the same load gave.
        """
        self._writer.hand_over()
        is_fresh = not any(self._sequences.before.values())
        early = self._suspects() if is_fresh else None  # in parallel with the copying: it asks the workspace nothing
        self._writer.wait()
        spared = self._spare()
        ids, hashes = early or self._suspects()
        suspects = len(ids)
        ids, hashes, copies = self._settle_file(ids, hashes)
        parts = suspects - len(ids) - copies
        counts = self._settle_held(ids, hashes) if len(ids) else UpsertCounts(0, 0, 0)
        self._written.note(self._table, self._sequences.before)
        return UpsertCounts(counts.unchanged + spared + copies, counts.replaced, copies, parts)

    def _settle_file(self, ids: Ints, hashes: NDArray[np.uint64]) -> tuple[Ints, NDArray[np.uint64], int]:
        """Settles rows of the file that are of one slice; what is left, and how many copies are gone."""
        is_new = ~self._was_held(ids)
        repeated = is_new & np.isin(hashes, occurring_twice([hashes[is_new]]))
        if not repeated.any():
            return ids, hashes, 0
        candidates, groups = self._grouped_by_slice(ids[repeated])
        several = np.flatnonzero(np.bincount(groups, minlength=1) > 1)
        candidates, groups = candidates[np.isin(groups, several)], groups[np.isin(groups, several)]
        if not len(candidates):
            return ids, hashes, 0  # only their hashes are equal
        rows = compare(self._export, groups, self._records_of(candidates))
        candidates = candidates[np.lexsort((self._records_of(candidates), groups))]
        if self._export.duplicates == "keep":
            self._summed = sum_slices(self._connection, self._export, self._carried, candidates, rows)
        else:
            refuse_parts(
                self._export,
                rows,
                ("day", "slice"),
                "Name the column that tells them apart with --dimension, or count each of them with --duplicates keep.",
            )
        gone = candidates[rows.ranks != 0]
        for first in range(0, len(gone), _CHUNK):
            few = ((row_id,) for row_id in gone[first : first + _CHUNK].tolist())
            self._connection.executemany(f"DELETE FROM {self._table} WHERE id = ?", few)
        left = ~np.isin(ids, gone)
        return ids[left], hashes[left], int(rows.is_copy.sum())

    def _settle_held(self, ids: Ints, hashes: NDArray[np.uint64]) -> UpsertCounts:
        """Brings rows that the workspace held up to date."""
        self._connection.execute(
            "CREATE TEMP TABLE repeats (id INTEGER PRIMARY KEY, before INTEGER, home INTEGER, last INTEGER, is_held INTEGER)"
        )
        self._note_repeats(*grouped_by_hash(ids, hashes))
        counts = self._count()
        if counts is None:
            self._connection.execute("DELETE FROM temp.repeats")
            self._note_repeats(*self._grouped_by_slice(ids))
            counts = self._count()
        assert counts is not None  # noqa: S101 - rows grouped by their slices are of one slice
        if counts.replaced and self._written.has(self._table):
            self._refuse_conflict()
        summed = self._count_summed() if self._summed else 0
        self._drop_repeats()
        self._connection.execute("DROP TABLE temp.repeats")
        return replace(counts, unchanged=counts.unchanged + summed)

    def _refuse_conflict(self) -> None:
        homes = [
            home
            for (home,) in self._connection.execute(
                f"SELECT g.home FROM {self._pairs()} WHERE {self._replaces('i', 'p')} AND g.is_held"
            )
        ]
        days = self._written.days_among(self._table, np.array(homes, np.int64))
        if len(days) and not self._written.corrects(self._table, self._sequences.before.keys(), days):
            raise conflict(self._export.path, days, "days and slices")

    def _was_held(self, ids: Ints) -> Flags:
        """Whether rows were in the workspace before the load."""
        days, day_number = numbered(ids >> DAY_BITS)
        until = np.array([self._sequences.before.get(day, SEQUENCE) for day in days.tolist()], np.int64)
        return (ids & SEQUENCE) < until[day_number] if len(ids) else np.zeros(0, bool)

    def _records_of(self, ids: Ints) -> Ints:
        """Which records of the file rows of this load are."""
        numbers = np.zeros(len(ids), np.int64)
        order = np.argsort(ids)
        for some, records in self._records:
            nearest = np.searchsorted(ids[order], some)
            nearest = np.minimum(nearest, len(ids) - 1)
            hit = ids[order][nearest] == some
            numbers[order[nearest[hit]]] = records[hit]
        return numbers

    def _spare(self) -> int:
        """How many rows need not be written. Those of slices that the file gives other figures for, too, are written after
        all: which of them is the last one decides."""
        if not self._spared:
            return 0
        spared = sum(len(ids) for _, ids, _ in self._spared)
        written = np.sort(np.concatenate([np.zeros(0, np.uint64), *self._hashes]))
        names = ", ".join(map(identifier, (*self._slices, *self._carried)))
        copy = f"INSERT INTO {self._table} (id, {names}) SELECT ?, {names} FROM {self._table} WHERE id = ?"
        for hashes, ids, equal_ids in self._spared if len(written) else ():
            nearest = np.minimum(np.searchsorted(written, hashes), len(written) - 1)
            again = written[nearest] == hashes
            self._connection.executemany(copy, zip(ids[again].tolist(), equal_ids[again].tolist(), strict=True))
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
        table = np.array(rows, np.int64).T
        return table[0], table[1]

    def _count(self) -> UpsertCounts | None:
        """What the repeats change against the row before them; None when rows with one hash are of different slices."""
        key = [f"i.{identifier(name)} = p.{identifier(name)}" for name in self._slices]
        differs = f"i.id >> {DAY_BITS} <> p.id >> {DAY_BITS} OR NOT ({' AND '.join(key)})"
        same, mixed, replaced = self._connection.execute(
            "SELECT coalesce(sum(same), 0), coalesce(sum(differs), 0), coalesce(sum(replaced), 0) "
            f"FROM (SELECT {differs} AS differs, {self._same('i', 'p')} AS same, {self._replaces('i', 'p')} AS replaced "
            f"FROM {self._pairs()})"
        ).fetchone()
        return None if mixed else UpsertCounts(same, replaced, 0)

    def _count_summed(self) -> int:
        """How many rows of the file are, with another one, in sums that the workspace held as they are."""
        same = f"SELECT g.id FROM {self._pairs()} WHERE g.is_held AND {self._same('i', 'p')}"
        return sum(self._summed.get(row, 0) for (row,) in self._connection.execute(same).fetchall())

    def _drop_repeats(self) -> None:
        """Of slices that are new the last row stays; of those held before the first, with the last one's figures."""
        run = self._connection.execute
        if self._carried and run("SELECT EXISTS (SELECT 1 FROM temp.repeats WHERE is_held)").fetchone()[0]:
            value = f"coalesce(last.{{0}}, {self._table}.{{0}})" if self._export.is_partial else "last.{0}"
            names = [identifier(name) for name in self._carried]
            sets = ", ".join(f"{name} = {value.format(name)}" for name in names)
            run(
                f"UPDATE {self._table} SET {sets} FROM temp.repeats g JOIN {self._table} last ON last.id = g.last "
                f"WHERE g.is_held AND g.id = g.last AND {self._table}.id = g.home"
            )
        run(f"DELETE FROM {self._table} WHERE id IN (SELECT iif(is_held, id, before) FROM temp.repeats)")

    def _pairs(self) -> str:
        """Each repeat (g, i) with the row before it (p); cross joins keep the order: few repeats, each looked up."""
        return f"temp.repeats g CROSS JOIN {self._table} i ON i.id = g.id CROSS JOIN {self._table} p ON p.id = g.before"

    def _replaces(self, new: str, old: str) -> str:
        """Whether some figure of the old row goes; figures that it did not have are only added to it."""
        names = [identifier(name) for name in self._carried]
        differs = "<>" if self._export.is_partial else "IS NOT"
        tests = [f"coalesce({new}.{name} {differs} {old}.{name}, 0) AND {old}.{name} IS NOT NULL" for name in names]
        tests = [f"({test})" for test in tests]
        return f"({' OR '.join(tests) or '0'})"

    def _same(self, left: str, right: str) -> str:
        names = [identifier(name) for name in self._carried]
        tests = [f"{left}.{name} IS {right}.{name}" for name in names]
        if self._export.is_partial:
            tests = [f"({left}.{name} IS NULL OR {test})" for name, test in zip(names, tests, strict=True)]
        return f"({' AND '.join(tests) or '1'})"

    def _suspects(self) -> tuple[Ints, NDArray[np.uint64]]:
        """The ids and hashes of all rows whose hash is another row's too."""
        before = self._sequences.before
        days = distinct(np.concatenate([np.zeros(0, np.int64), *self._ids]) >> DAY_BITS).tolist()
        read = self._held_rows
        stored = [
            *read.known,
            *(
                held_rows(self._connection, self._table, self._slices, day, before[day])
                for day in days
                if before[day] and day not in read.days
            ),
        ]
        hashes = [*self._hashes, *(array for array, _ in stored)]
        ids = [*self._ids, *(array for _, array in stored)]
        return with_equal_hashes(ids, hashes)
