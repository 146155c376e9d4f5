"""What the workspace held on days that are loaded again: rows that change nothing are found before anything is written.

Most of an export that overlaps earlier ones is as it was. Its rows are compared with those that were held, a column at a time.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, groupby

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.base.arrays import Flags, Ints, distinct
from core.base.frozen import frozen
from core.catalogue.kinds import SOURCE
from core.ingest.formats.batch import Export
from core.workspace.schema.columns import Array, ColumnExpression, read
from core.workspace.schema.row_ids import Sequences
from core.workspace.schema.tables import DAY_BITS, MEASURE, identifier
from core.workspace.write.dictionary import Values
from core.workspace.write.row_hash import row_hashes

_MOST_ROWS = 2_000_000
"""So many are kept at a time (150 bytes each); rows of further days are settled when all are in."""
_NO_FIGURE = -(1 << 62)
"""Stands for NULL among whole numbers."""
_NO_ROWS = -1
"""The code of a source that no row has."""
_CODE = "SELECT code FROM dictionary WHERE dimension = ? AND value = ?"


@frozen
class _Chunk:
    """The rows of some days, in the order of their hashes."""

    days: Ints
    hashes: NDArray[np.uint64]
    ids: Ints
    columns: Mapping[str, Array]
    """The codes of every slice, and the figures that the load carries; NULL is nan or _NO_FIGURE."""


class ExistingRows:
    """Rows that a table held before a load of rows which are named by their day and slice."""

    def __init__(
        self,
        export: Export,
        sequences: Sequences,
        table: str,
        slices: Sequence[str],
        carried: Sequence[str],
    ) -> None:
        self._export, self._sequences, self._table = export, sequences, table
        self._slices, self._carried = tuple(slices), tuple(carried)
        self._chunks: list[_Chunk] = []
        self._seen: set[int] = set()
        self.known: list[tuple[NDArray[np.uint64], Ints]] = []
        """Hashes and ids of all rows that were read."""
        self.days: set[int] = set()
        """The days of which all were."""

    @cached_property
    def _real(self) -> Mapping[str, bool]:
        """The columns that there were before the load, and whether each may hold fractions."""
        reader = self._sequences.reader
        numbers = reader.execute("SELECT name FROM daily_measures WHERE unit IN ('number', 'rate')")
        columns = reader.execute(f"PRAGMA table_info({self._table})").fetchall()
        names = {MEASURE + name for (name,) in numbers}
        return {name: kind == "REAL" or name in names for _, name, kind, *_ in columns}

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        """How many codes each dimension had before the load."""
        return dict(self._sequences.reader.execute("SELECT dimension, max(code) + 1 FROM dictionary GROUP BY 1"))

    @cached_property
    def _source(self) -> int | None:
        """The code of the source of all rows of the load; 0 where it is not known, -1 where no row of the workspace has it, and
        None where each row says its own.
        """
        if self._export.source is None:
            return None if SOURCE in self._export.cells else 0
        named = (SOURCE, self._export.source)
        row = self._sequences.reader.execute(_CODE, named).fetchone()
        return int(row[0]) if row is not None else _NO_ROWS

    def equal(
        self, days: Ints, hashes: NDArray[np.uint64], codes: Mapping[str, Array], values: Mapping[str, Values]
    ) -> Ints:
        """For each row the id of the held row that has its slice and all its figures, 0 where there is none."""
        touched = distinct(days)
        before = self._sequences.before
        self._read([day for day in touched.tolist() if day not in self._seen and before.get(day)])
        equal_ids = np.zeros(len(days), np.int64)
        for chunk in self._chunks:
            if np.isin(touched, chunk.days).any():
                nearest = np.minimum(np.searchsorted(chunk.hashes, hashes), len(chunk.hashes) - 1)
                rows = np.flatnonzero((chunk.hashes[nearest] == hashes) & (chunk.ids[nearest] >> DAY_BITS == days))
                same = self._same(chunk, nearest[rows], rows, codes, values)
                equal_ids[rows[same]] = chunk.ids[nearest[rows[same]]]
        return equal_ids

    def _same(
        self, chunk: _Chunk, nearest: Ints, rows: Ints, codes: Mapping[str, Array], values: Mapping[str, Values]
    ) -> Flags:
        """Whether rows are what the chunk has at these places, in all that the load carries."""
        same = np.ones(len(rows), bool)
        for name in self._slices:
            same &= chunk.columns[name][nearest] == (codes[name][rows] if name in codes else 0)
        for name in self._carried:
            stored = chunk.columns[name][nearest]
            loaded = _plain(values[name], is_real=stored.dtype.kind == "f")[rows]
            same &= (stored == loaded) | ((stored != stored) & (loaded != loaded))
        return same

    def _read(self, days: Sequence[int]) -> None:
        """Reads further days, as far as they fit; what was read longest ago is forgotten for it."""
        room = _MOST_ROWS
        missing = []
        for day in days:
            room -= self._sequences.before[day]
            if room >= 0:
                missing.append(day)
        self._seen.update(days)
        if not missing or self._source == _NO_ROWS:
            self.days.update(missing)
            return
        parts = [self._part(first, last) for first, last in _runs(missing)]
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        ids = columns.pop("id")
        every = list(range(len(self._slices)))
        hashes = row_hashes(ids >> DAY_BITS, [columns[name] for name in self._slices], every)
        self.known.append((hashes, ids))
        self.days.update(missing)
        order = np.argsort(hashes, kind="stable")
        if len(order):
            by_hash = {name: column[order] for name, column in columns.items()}
            self._chunks.append(_Chunk(np.array(missing), hashes[order], ids[order], by_hash))
        while len(self._chunks) > 1 and sum(len(chunk.ids) for chunk in self._chunks) > _MOST_ROWS:
            del self._chunks[0]

    def _part(self, first: int, last: int) -> dict[str, Array]:
        named = " AND r.row_key IS NULL" if self._table == "daily_rows" else ""
        named += f" AND r.{SOURCE} = {self._source}" if self._source is not None else ""
        source = f"FROM {self._table} r WHERE r.id >= {first << DAY_BITS} AND r.id < {(last + 1) << DAY_BITS}{named}"
        real = [name for name in self._carried if self._real.get(name)]
        whole = {"id": ColumnExpression("r.id")}
        for name in self._slices:
            whole[name] = ColumnExpression(self._sql(name, "0"), below=self._sizes.get(name, 1))
        for name in self._carried:
            if name not in real:
                whole[name] = ColumnExpression(f"coalesce({self._sql(name, 'NULL')}, {_NO_FIGURE})")
        columns = dict(zip(whole, read(self._sequences.reader, tuple(whole.values()), source), strict=True))
        columns |= {name: columns[name].astype(np.int32) for name in self._slices}
        if real:
            names = ", ".join(f"coalesce(r.{identifier(name)}, 9e999)" for name in real)
            cells = chain.from_iterable(self._sequences.reader.execute(f"SELECT {names} {source}"))
            table = np.fromiter(cells, np.float64, len(real) * len(columns["id"])).reshape(-1, len(real))
            table[np.isinf(table)] = np.nan
            columns |= dict(zip(real, table.T, strict=True))
        return columns

    def _sql(self, name: str, otherwise: str) -> str:
        return f"r.{identifier(name)}" if name in self._real else otherwise


def _plain(values: Values, *, is_real: bool) -> Array:
    """A column of figures as it is held: NULL as nan or _NO_FIGURE."""
    if isinstance(values, pa.Array):
        blank = np.nan if is_real or pa.types.is_floating(values.type) else _NO_FIGURE
        kind = pa.float64() if blank != blank else pa.int64()
        plain: Array = values.cast(kind).fill_null(blank).to_numpy()
        return plain
    return np.asarray(values)


def _runs(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of consecutive days; days ascending."""
    for _, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0]):
        run_days = [day for _, day in run]
        yield run_days[0], run_days[-1]


def held_rows(
    connection: sqlite3.Connection, table: str, slices: Sequence[str], day: int, count: int
) -> tuple[NDArray[np.uint64], Ints]:
    """Hashes and ids of the rows that a day held before."""
    names = "".join(f", {identifier(name)}" for name in slices)
    named = " AND row_key IS NULL" if table == "daily_rows" else ""
    first = day << DAY_BITS
    rows = connection.execute(
        f"SELECT id{names} FROM {table} WHERE id >= ? AND id < ?{named}", (first, first + count)
    ).fetchall()
    if not rows:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    columns = np.array(rows, np.int64).T
    return row_hashes(np.full(len(rows), day, np.int64), list(columns[1:]), list(range(len(slices)))), columns[0]
