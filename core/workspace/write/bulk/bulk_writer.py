"""Many rows into one table: staged in files of their own as finished pages, then copied by SQLite.

Three things go on at once: the next batch becomes pages (numpy, in threads), staged files are written, and SQLite copies the
last one. The copy is `INSERT INTO table SELECT * FROM staged`, which for tables of equal definition moves whole records
(the transfer optimisation, https://www.sqlite.org/lang_insert.html), 0.4 s for a million rows.
"""

import os
import sqlite3
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.text_hash import bytes_of
from core.workspace.schema.tables import identifier
from core.workspace.write.bulk import sqlite_pages
from core.workspace.write.bulk.sqlite_pages import LeafPages, NumberCells, PageColumn, TextCells
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.bulk.table_writer import Writer
from core.workspace.write.dictionary import Values

_FEW = 5_000
"""Below so many rows, binding values one by one is as fast."""
_FIRST_TABLES, _TABLES = 2, 8
"""Batches in the first staged file, which most loads do not fill: 4 ms less for 100,000 rows than with eight tables. Each
further file holds twice as many as the one before, since only ten can be attached at a time.
"""
_LONGEST_ID = 1 << 55
_THREADS = 2


class BulkWriter:
    """Appends rows of numbers and short texts to one table inside the transaction that is open.

    Between an `insert` and the return of `wait` or `flush` nobody else may use the connection.
    """

    def __init__(self, connection: sqlite3.Connection, table: str, staging: Staging) -> None:
        self._connection, self._table, self._folder = connection, table, staging
        columns = connection.execute(f"PRAGMA table_info({identifier(table)})").fetchall()
        self._columns = [(name, default == "0") for _, name, _, _, default, is_key in columns if not is_key]
        # a staged table has no indexes but those over none of its rows, as is that of `row_key`
        self._definitions = [
            sql
            for (sql,) in connection.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = ? "
                "AND (type = 'table' OR type = 'index' AND sql LIKE '% WHERE %')",
                (table,),
            )
        ]
        self._few = Writer(connection, table)
        self._makers = ThreadPoolExecutor(_THREADS, "pages")
        self._copier = ThreadPoolExecutor(1, "copy")
        self._copies: list[Future[None]] = []
        self._making: deque[Future[LeafPages]] = deque()
        self._staged: _Staged | None = None

    def insert(self, columns: Mapping[str, Values]) -> None:
        """Inserts rows, `id` among the columns; columns of equal length, in any order. Those left out get their defaults."""
        ids = columns["id"]
        started = self._staged is not None or self._copies
        if (not started and len(ids) < _FEW) or not self._fits(columns):
            self.flush()
            self._few.insert(columns)
            return
        order = None if np.all(ids[1:] > ids[:-1]) else np.argsort(ids, kind="stable")
        self._making.append(self._makers.submit(self._make, dict(columns), order))
        while len(self._making) > _THREADS:
            self._stage(self._making.popleft())

    def flush(self) -> None:
        """Returns when everything is in the table. Raises what went wrong on the way."""
        self.hand_over()
        self.wait()

    def hand_over(self) -> None:
        """Begins to copy what is left."""
        while self._making:
            self._stage(self._making.popleft())
        self._copy()

    def wait(self) -> None:
        """Returns when what was handed over is in the table, and nobody uses the connection until the next `insert`."""
        for copy in self._copies:
            copy.result()

    def stop(self) -> None:
        """Ends the threads; what is not in the table yet will not get there. Before the transaction ends."""
        self._makers.shutdown(cancel_futures=True)
        self._copier.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Lets go of the staged files; after the transaction has ended."""
        for number in range(len(self._copies)):
            self._connection.execute(f"DETACH staged{number}")
        self._copies.clear()

    def _fits(self, columns: Mapping[str, Values]) -> bool:
        ids = columns["id"]
        texts = [
            values for values in columns.values() if isinstance(values, pa.Array) and pa.types.is_string(values.type)
        ]
        return (
            len(ids) > 0
            and all((pc.max(pc.binary_length(values)).as_py() or 0) <= sqlite_pages.LONGEST_TEXT for values in texts)
            and int(ids.min()) > 0
            and int(ids.max()) < _LONGEST_ID
            and len(self._columns) <= sqlite_pages.MOST_COLUMNS
        )

    def _make(
        self, columns: Mapping[str, Values], order: "np.ndarray[tuple[int], np.dtype[np.int64]] | None"
    ) -> LeafPages:
        cells = {name: _cells(values, order) for name, values in columns.items()}
        zeros = NumberCells(np.zeros(len(columns["id"]), np.int8))
        others = [cells.get(name, zeros if is_zero else None) for name, is_zero in self._columns]
        ids = columns["id"] if order is None else columns["id"][order]
        return sqlite_pages.leaf_pages(ids.astype(np.int64), others)

    def _stage(self, made: "Future[LeafPages]") -> None:
        if self._staged is None:
            tables = _TABLES << len(self._copies) if self._copies else _FIRST_TABLES
            self._staged = _Staged(self._folder.new_file(), self._definitions, self._table, tables)
        self._staged.add(made.result())
        if self._staged.is_full:
            self._copy()

    def _copy(self) -> None:
        """Hands the staged file over to be copied."""
        if self._staged is not None:
            number, staged = len(self._copies), self._staged
            self._staged = None
            self._copies.append(self._copier.submit(self._copy_from, staged, f"staged{number}"))

    def _copy_from(self, staged: "_Staged", name: str) -> None:
        tables = staged.finish()
        try:
            self._connection.execute(f"ATTACH ? AS {name}", (str(staged.path),))
        finally:
            staged.path.unlink()
        for table in tables:
            self._connection.execute(f"INSERT INTO main.{self._table} SELECT * FROM {name}.{table}")


class _Staged:
    """An SQLite file with a table for each batch, all defined as the table that they are meant for."""

    def __init__(self, path: Path, definitions: Sequence[str], table: str, tables: int) -> None:
        self.path = path
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA page_size = {sqlite_pages.PAGE}")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")
        for number in range(tables):
            for definition in definitions:
                connection.execute(_renamed(definition, table, number))
        connection.execute("COMMIT")
        self._roots = connection.execute(
            "SELECT name, rootpage FROM sqlite_master WHERE type = 'table' ORDER BY rootpage"
        ).fetchall()
        connection.close()
        self._file = self.path.open("r+b")
        self._pages = self._file.seek(0, os.SEEK_END) // sqlite_pages.PAGE
        self._filled: list[str] = []

    @property
    def is_full(self) -> bool:
        """Whether every table has its batch."""
        return len(self._filled) == len(self._roots)

    def add(self, made: LeafPages) -> None:
        """Writes the pages of one batch."""
        name, at = self._roots[len(self._filled)]
        self._filled.append(name)
        if len(made.last_ids) == 1:  # its own root: SQLite takes a root with one child for damage
            self._file.seek((at - 1) * sqlite_pages.PAGE)
            self._file.write(made.pages)
            return
        self._file.seek(self._pages * sqlite_pages.PAGE)
        self._file.write(made.pages)
        children = range(self._pages + 1, self._pages + 1 + len(made.last_ids))
        self._file.seek((at - 1) * sqlite_pages.PAGE)
        self._file.write(sqlite_pages.root(children, made.last_ids))
        self._pages += len(made.last_ids)

    def finish(self) -> list[str]:
        """Writes how long the file is, and gives the tables that have rows."""
        self._file.seek(28)  # the size of the database in pages, section 1.3.8 of the file format
        self._file.write(self._pages.to_bytes(4, "big"))
        self._file.close()
        return self._filled


def _renamed(definition: str, table: str, number: int) -> str:
    """A table's or index's definition for a staged table; the names of both stand before the first bracket only."""
    head, bracket, columns = definition.partition("(")
    words = [f"t{number}" if word.strip('"') == table else word for word in head.split()]
    if "INDEX" in words:
        words[words.index("INDEX") + 1] += f"_{number}"
    return " ".join(words) + bracket + columns


def _cells(values: Values, order: "np.ndarray[tuple[int], np.dtype[np.int64]] | None") -> PageColumn:
    if isinstance(values, pa.Array) and pa.types.is_string(values.type):
        return _texts(values if order is None else values.take(arrow_array(order)))
    if isinstance(values, np.ndarray):
        return NumberCells(values if order is None else values[order])
    null = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    filled = values.fill_null(0).to_numpy() if values.null_count else values.to_numpy()
    return NumberCells(
        filled if order is None else filled[order], null if null is None or order is None else null[order]
    )


def _texts(values: pa.Array) -> TextCells:
    data, starts, sizes = bytes_of(values)
    longest = int(sizes.max(initial=0))
    places = (starts + sizes)[:, None] - np.arange(longest, 0, -1)
    padded = np.concatenate([data, np.zeros(1, np.uint8)])
    null = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    return TextCells(padded[np.maximum(places, -1)], sizes, null)
