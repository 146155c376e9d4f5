"""Rows that are named by keys of their own (orders, reviews, accounts, ...).

Facts whose keys nobody has seen are written at once; all others are gathered in a temporary table, then merged.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.base.arrays import Ints, distinct
from core.catalogue.kinds import LINE, SOURCE
from core.ingest.formats.batch import Batch, Export
from core.ingest.request import ROW_KEY
from core.workspace.schema.tables import DAY_BITS, combined, identifier
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.bulk.table_writer import Writer
from core.workspace.write.dictionary import Dictionary, Values, chosen
from core.workspace.write.merging.amounts_once import count_once
from core.workspace.write.merging.corrections import FEWEST_OTHERS, Corrections
from core.workspace.write.merging.new_rows import NewRows
from core.workspace.write.merging.part_lines import number_lines
from core.workspace.write.merging.repeated_rows import compare, refuse_parts
from core.workspace.write.merging.written_rows import UpsertCounts, WrittenRows
from core.workspace.write.row_hash import key_hashes

_INCOMING = "temp.incoming"


def key_of(export: Export) -> tuple[str, ...]:
    """The columns that name a row of an export whose rows have keys."""
    return (ROW_KEY, SOURCE) if export.keyed else export.kind.key


class KeyedLoad:
    """One load of rows that are named by their keys. A row is compared with the one that the workspace holds under its key;
    rows of the file that share a key are settled first."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        export: Export,
        columns: Sequence[str],
        words: Dictionary,
        staging: Staging,
        written: WrittenRows,
    ) -> None:
        self._connection, self._export, self._words, self._written = connection, export, words, written
        self._has_day = export.kind.is_fact
        self._table = f"{export.kind.name}_rows" if self._has_day else export.kind.name
        self._key = key_of(export)
        self._columns = tuple(columns)
        names = [*self._columns, *(("day",) if self._has_day else ())]
        definitions = ", ".join(
            [*map(identifier, names), "record INTEGER NOT NULL", "again INTEGER NOT NULL DEFAULT 0"]
        )
        connection.execute(f"CREATE TABLE {_INCOMING} (n INTEGER PRIMARY KEY, {definitions})")
        self._writer = Writer(connection, _INCOMING)
        self._new = NewRows(connection, self._table, self._key, staging) if self._has_day else None
        self._repeated: list[NDArray[np.uint64]] = []
        """Hashes of the keys that some row had before."""

    def add(self, columns: Mapping[str, Values], records: Ints) -> None:
        """Takes rows, in the order of the file; with the column `day` when the table has days."""
        if self._new is None:
            self._writer.insert({**columns, "record": records})
            return
        is_new, again = self._new.take(columns)
        if not is_new.all():
            staged = {name: chosen(column, ~is_new) for name, column in columns.items()}
            self._new.wait()
            self._writer.insert({**staged, "record": records[~is_new], "again": again[~is_new]})
            self._repeated.append(key_hashes([chosen(columns[name], again) for name in self._key]))

    def merge(self, keys: Callable[[Batch], Sequence[Values]]) -> UpsertCounts:
        """Brings the table up to date, and says what changed; `keys` gives the key of each row of a batch.

        Raises UsageError when rows of the file have one key and differ, and nothing numbers them.
        """
        if self._new is not None:
            self._new.flush()
        self._writer.flush()
        counts = self._merge(keys)
        if self._new is not None:
            if self._export.once and not self._new.was_empty:
                count_once(
                    self._connection,
                    self._export.once,
                    table=self._table,
                    incoming=_INCOMING,
                    matches=self._matches("e", "i"),
                    before=self._new.before,
                )
            self._written.note(self._table, self._new.before)
        return counts

    def _merge(self, keys: Callable[[Batch], Sequence[Values]]) -> UpsertCounts:
        run = self._connection.execute
        if not run(f"SELECT EXISTS (SELECT 1 FROM {_INCOMING})").fetchone()[0]:
            return UpsertCounts(0, 0, 0)
        copies, parts = self._settle_file(keys)
        if LINE in self._key and LINE not in self._export.cells:
            number_lines(
                self._connection,
                self._words,
                table=self._table,
                incoming=_INCOMING,
                key=self._key,
                columns=self._columns,
                has_parts=parts > 0,
            )
        run(f"CREATE INDEX temp.incoming_key ON incoming ({', '.join(map(identifier, self._key))}, n)")
        run(f"CREATE TABLE temp.verdicts AS {self._verdicts()}")
        unchanged, replaced = run(
            "SELECT coalesce(sum(verdict = 1), 0), coalesce(sum(verdict = 2), 0) FROM temp.verdicts"
        ).fetchone()
        if replaced and self._has_day:
            self._refuse_wrong(unchanged, replaced)
        run("CREATE INDEX temp.verdict_of ON verdicts (n)")
        self._update()
        self._insert()
        run("DROP TABLE temp.verdicts")
        return UpsertCounts(unchanged + copies, replaced, copies, parts)

    def _refuse_wrong(self, unchanged: int, replaced: int) -> None:
        """Raises UsageError when rows that would be replaced are not corrected by those of the file."""
        corrections = Corrections(
            self._connection, self._export, self._written, table=self._table, incoming=_INCOMING, columns=self._columns
        )
        known = unchanged + replaced
        if self._written.has(self._table) or self._written.known:
            corrections.refuse_conflict(known)
        if self._new is not None and corrections.are_unnumbered:
            corrections.refuse_split(unchanged, self._new.before)
        if replaced >= FEWEST_OTHERS and not self._export.keyed:
            corrections.refuse_others(self._key[0], known)

    def stop(self) -> None:
        """Ends what runs in parallel, and forgets what was gathered. Before the transaction ends."""
        if self._new is not None:
            self._new.stop()
        self._connection.execute(f"DROP TABLE {_INCOMING}")

    def close(self) -> None:
        """Lets go of the staged rows. After the transaction has ended."""
        if self._new is not None:
            self._new.close()

    def _settle_file(self, keys: Callable[[Batch], Sequence[Values]]) -> tuple[int, int]:
        """Takes copies out and numbers what differs; how many copies, and how many numbered rows there are."""
        groups, records = self._with_days(keys) if self._has_day else self._without_days()
        if not len(groups):
            return 0, 0
        rows = compare(self._export, groups, records)
        copies = ((record,) for record in rows.records[rows.is_copy].tolist())
        self._connection.executemany(f"DELETE FROM {_INCOMING} WHERE record = ?", copies)
        parts = zip((rows.ranks[rows.is_part] + 1).tolist(), rows.records[rows.is_part].tolist(), strict=True)
        if LINE in self._key:
            self._number_parts(rows.records[rows.is_part], rows.ranks[rows.is_part])
        elif self._export.keyed:
            self._connection.executemany(
                f"UPDATE {_INCOMING} SET {ROW_KEY} = {ROW_KEY} || char(31) || ? WHERE record = ?", parts
            )
        else:
            named = tuple(name for name in self._key if name != SOURCE)
            refuse_parts(self._export, rows, named, "Correct the file: keep the row that is right.")
        return int(rows.is_copy.sum()), int(rows.is_part.sum())

    def _number_parts(self, records: Ints, ranks: Ints) -> None:
        """Gives lines of one order, product and line a number: that of the line, if it has one, and their place."""
        if not len(records):
            return
        own = [""] * len(records)
        if LINE in self._export.cells:
            run = self._connection.execute
            codes = [
                run(f"SELECT {LINE} FROM {_INCOMING} WHERE record = ?", (record,)).fetchone()[0]
                for record in records.tolist()
            ]
            own = [f"{word}/" if word else "" for word in self._words.decode(LINE, codes)]
        texts = [f"{line}{rank + 1}" for line, rank in zip(own, ranks.tolist(), strict=True)]
        coded = self._words.encode(LINE, pa.array(texts).dictionary_encode()).tolist()
        self._connection.executemany(
            f"UPDATE {_INCOMING} SET {LINE} = ? WHERE record = ?", zip(coded, records.tolist(), strict=True)
        )

    def _with_days(self, keys: Callable[[Batch], Sequence[Values]]) -> tuple[Ints, Ints]:
        """The keys (as numbers) and records of the rows whose key another row of the file has too."""
        repeated = distinct(np.concatenate([np.zeros(0, np.uint64), *self._repeated]))
        parts: list[tuple[NDArray[np.uint64], Ints]] = []
        for batch in self._export.batches if len(repeated) else ():
            hashes = key_hashes(keys(batch)) if len(batch) else np.zeros(0, np.uint64)
            hit = np.isin(hashes, repeated)
            parts.append((hashes[hit], batch.records[hit]))
        if not parts:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        hashes, records = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return hashes.view(np.int64), records

    def _without_days(self) -> tuple[Ints, Ints]:
        key = ", ".join(map(identifier, self._key))
        rows = self._connection.execute(
            f"SELECT dense_rank() OVER (ORDER BY {key}), record FROM {_INCOMING} WHERE ({key}) IN "
            f"(SELECT {key} FROM {_INCOMING} GROUP BY {key} HAVING count(*) > 1)"
        ).fetchall()
        table = np.array(rows, np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _verdicts(self) -> str:
        """Of each row: 0 new, 1 unchanged, 2 replaced; and the row of the table with its key."""
        home = "e.id" if self._has_day else f"CASE WHEN e.{identifier(self._key[0])} IS NOT NULL THEN 1 END"
        return (
            "SELECT n, home, CASE WHEN home IS NULL THEN 0 ELSE iif(as_held, 1, 2) END AS verdict "
            f"FROM (SELECT i.n AS n, {home} AS home, {self._same('e', f'e.id >> {DAY_BITS}')} AS as_held "
            f"FROM {_INCOMING} i LEFT JOIN {self._table} e ON {self._matches('e', 'i')})"
        )

    def _matches(self, left: str, right: str) -> str:
        return " AND ".join(f"{left}.{identifier(name)} = {right}.{identifier(name)}" for name in self._key)

    def _same(self, other: str, day: str) -> str:
        tests = [f"{self._value(name, other)} IS {other}.{identifier(name)}" for name in self._values]
        tests += [f"i.day IS {day}"] if self._has_day else []
        return f"({combined(tests, 'AND')})" if tests else "1"

    @property
    def _values(self) -> list[str]:
        """The columns that are carried, without those of the key."""
        return [name for name in self._columns if name not in self._key]

    def _value(self, name: str, other: str) -> str:
        """SQL: what the row of the table (`other`) gets from that of the file (i). A payment that no column of the file gives
        never removes a known one: it changes only with the moment of the order for which it was taken.
        """
        own, before = f"i.{identifier(name)}", f"{other}.{identifier(name)}"
        if name != "paid_at" or not self._export.is_assumed_paid:
            return own
        return f"iif({before} IS {other}.{identifier('ordered_at')}, {own}, {before})"

    def _update(self) -> None:
        """Replaces the columns that were carried; a row whose day changed moves to the end of its new day."""
        if not self._values:
            return
        sets = [f"{identifier(name)} = {self._value(name, self._table)}" for name in self._values]
        self._connection.execute(
            f"UPDATE {self._table} SET {', '.join(sets)} FROM {_INCOMING} i JOIN temp.verdicts v ON v.n = i.n "
            f"WHERE v.home IS NOT NULL AND {self._matches(self._table, 'i')}"
        )
        if self._has_day:
            new_days = (
                f"SELECT i.n, i.day FROM {_INCOMING} i JOIN temp.verdicts v ON v.n = i.n "
                f"WHERE v.home >> {DAY_BITS} <> i.day"
            )
            self._number(new_days)
            self._connection.execute(
                f"UPDATE {self._table} SET id = u.id FROM temp.numbered u JOIN {_INCOMING} i ON i.n = u.n "
                f"WHERE {self._matches(self._table, 'i')}"
            )
            self._connection.execute("DROP TABLE temp.numbered")

    def _insert(self) -> None:
        names = ", ".join(map(identifier, self._columns))
        source = ", ".join(f"i.{identifier(name)}" for name in self._columns)
        new = "JOIN temp.verdicts v ON v.n = i.n WHERE v.home IS NULL"
        if not self._has_day:
            self._connection.execute(f"INSERT INTO {self._table} ({names}) SELECT {source} FROM {_INCOMING} i {new}")
            return
        self._number(f"SELECT i.n, i.day FROM {_INCOMING} i {new}")
        self._connection.execute(
            f"INSERT INTO {self._table} (id, {names}) SELECT u.id, {source} FROM temp.numbered u "
            f"JOIN {_INCOMING} i ON i.n = u.n ORDER BY u.id"
        )
        self._connection.execute("DROP TABLE temp.numbered")

    def _number(self, rows: str) -> None:
        """Makes temp.numbered (n, id): the next ids of each row's day, in the order of the file."""
        first = f"d.day << {DAY_BITS}"
        newest = f"SELECT max(t.id) + 1 FROM {self._table} t WHERE t.id >= {first} AND t.id < (d.day + 1) << {DAY_BITS}"
        self._connection.execute(
            f"CREATE TABLE temp.numbered AS WITH wanted AS ({rows}), "
            "d AS (SELECT DISTINCT day FROM wanted), "
            f"firsts AS MATERIALIZED (SELECT day, coalesce(({newest}), {first}) AS first FROM d) "
            "SELECT w.n AS n, f.first + row_number() OVER (PARTITION BY w.day ORDER BY w.n) - 1 AS id "
            "FROM wanted w JOIN firsts f ON f.day = w.day"
        )
