"""The columns of whole fact tables, in blocks of days: each is read from the rows once, and kept."""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from os import cpu_count
from pathlib import Path

import numpy as np

from core.base.days import Window
from core.workspace.read.blocks.cache import Cache, state_of
from core.workspace.read.blocks.computed_columns import Expression, expression
from core.workspace.read.blocks.day_span import occupied
from core.workspace.schema.columns import DAY, Array, ColumnExpression, id_range, read, rows
from core.workspace.schema.connection import open_read

_DAYS = 14
"""Days of a block: they begin on days that this divides, so that windows share them."""
_MANY = 100
"""Blocks, nearly four years: in longer windows those without rows are passed over."""
_THREADS = min(4, cpu_count() or 1)
STEPS = 10_000
"""Of SQLite's, after which it asks whether what it reads is still wanted."""
_FEW_BYTES, _FEW_COLUMNS = 16 << 20, 100
"""Smaller workspaces, and fewer columns of blocks, are read by one thread: a connection takes 3 ms to open."""
_INTEGERS = (np.int8, np.int16, np.int32, np.int64)

Block = tuple[str, int]
"""(kind, first day)"""


class Blocks:
    """Reads columns of a workspace. The connection holds a read transaction: what it sees does not change."""

    def __init__(self, path: Path, connection: sqlite3.Connection, cache: Cache) -> None:
        self._path, self._connection, self._cache = path, connection, cache
        self._held: dict[tuple[str, int, str], Array] = {}
        self.together: dict[str, tuple[ColumnExpression, ...]] = {}
        """Kind -> columns that are read whenever any other is: most of the time of reading one goes into finding the rows."""
        self.unwanted: Callable[[], bool] | None = None
        """Ends what is being read with an error once it says so."""

    def read(self, kind: str, expressions: Sequence[ColumnExpression], window: Window) -> list[Array]:
        """The day of each row of a kind in a window, then the columns; by day, and by loading within a day.

        Integers are of the smallest type that holds them: widen them before calculating. Shape (rows,).
        """
        requested = (DAY, *expressions, *self.together.get(kind, ()))
        columns = tuple({column.sql: column for column in requested}.values())
        starts = range(window.first - window.first % _DAYS, window.last + 1, _DAYS)
        firsts = starts if len(starts) <= _MANY else occupied(self._connection, kind, starts) or starts[:1]
        blocks = [(kind, first) for first in firsts]
        self._fill(kind, firsts, columns)
        cuts = [self._rows(block, window) for block in blocks]
        return [
            self._counted(
                column,
                np.concatenate([self._held[*block, column.sql][cut] for block, cut in zip(blocks, cuts, strict=True)]),
            )
            for column in (DAY, *expressions)
        ]

    def _counted(self, column: ColumnExpression, values: Array) -> Array:
        """Codes of accounts, shops and products under which these are counted; what other columns hold stays."""
        counted = self.counted_codes(column.words) if column.words else None
        return counted[values] if counted is not None else values

    def counted_codes(self, dimension: str) -> Array | None:
        """Code of a word in rows -> the place of its account, shop or product among the words that are counted (`WORDS`); None
        where each word of the dimension is a thing of its own.
        """
        return self._counted_codes.get(dimension)

    @cached_property
    def _counted_codes(self) -> Mapping[str, Array]:
        rows: dict[str, list[tuple[int, int]]] = {}
        for dimension, *codes in self._connection.execute(
            "SELECT dimension, code, account FROM other_names WHERE code <> account"
        ):
            rows.setdefault(dimension, []).append((codes[0], codes[1]))
        return {dimension: self._places(dimension, pairs) for dimension, pairs in rows.items()}

    def _places(self, dimension: str, pairs: Sequence[tuple[int, int]]) -> Array:
        codes, counted = np.array(pairs, np.int32).T
        is_counted = np.ones(self._sizes[dimension], bool)
        is_counted[codes] = False
        places = np.cumsum(is_counted, dtype=np.int32) - 1
        places[codes] = places[counted]
        return places

    def _bounded(self, column: ColumnExpression) -> ColumnExpression:
        return replace(column, below=self._sizes.get(column.words, 1)) if column.words else column

    @cached_property
    def _sizes(self) -> dict[str, int]:
        """One more than the largest code of each dimension."""
        return dict(self._connection.execute("SELECT dimension, max(code) + 1 FROM dictionary GROUP BY 1"))

    def _rows(self, block: Block, window: Window) -> slice:
        days = self._held[*block, DAY.sql]
        return slice(int(np.searchsorted(days, window.first)), int(np.searchsorted(days, window.last, "right")))

    def _fill(self, kind: str, firsts: Sequence[int], columns: Sequence[ColumnExpression]) -> None:
        missing: dict[Block, list[ColumnExpression]] = {}
        for first in firsts:
            for column in columns:
                key = (kind, first, column.sql)
                if key not in self._held:
                    kept = self._cache.column(key)
                    if kept is None:
                        missing.setdefault((kind, first), []).append(column)
                    else:
                        self._held[key] = kept
        stored = {column.stored: column.sql for column in self.together.get(kind, ()) if column.stored}
        formulas = {column.sql: _formula(column, stored.keys()) for columns in missing.values() for column in columns}
        read = {
            block: unknown
            for block, columns in missing.items()
            if (unknown := [self._bounded(column) for column in columns if formulas[column.sql] is None])
        }
        made = {
            (*block, column.sql): _small(values)
            for block, arrays in self._from_rows(read).items()
            for column, values in zip(read[block], arrays, strict=True)
        }
        self._held |= made
        self._cache.keep_columns(made | self._computed(missing, formulas, stored))

    def _computed(
        self,
        missing: Mapping[Block, Sequence[ColumnExpression]],
        formulas: Mapping[str, Expression | None],
        stored: Mapping[str, str],
    ) -> dict[tuple[str, int, str], Array]:
        """Holds the columns that follow from stored ones, and gives those that are read together: a command that reads no stored
        ones finds them. Others are computed again as fast as they are found in a file."""
        kept = {}
        for (kind, first), columns in missing.items():
            again = {column.sql for column in (DAY, *self.together.get(kind, ()))}
            for sql, formula in ((column.sql, formulas[column.sql]) for column in columns):
                if formula is not None:
                    values = formula.of({name: self._held[kind, first, stored[name]] for name in formula.names})
                    self._held[kind, first, sql] = _small(values)
                    if sql in again:
                        kept[kind, first, sql] = self._held[kind, first, sql]
        return kept

    def _from_rows(self, missing: Mapping[Block, Sequence[ColumnExpression]]) -> dict[Block, list[Array]]:
        is_much = sum(map(len, missing.values())) > _FEW_COLUMNS and self._path.stat().st_size > _FEW_BYTES
        if _THREADS > 1 and len(missing) > 1 and is_much:
            arrays = self._by_threads(missing)
            if arrays is not None:
                return arrays
        return {block: _block(self._connection, block, columns) for block, columns in missing.items()}

    def _by_threads(self, missing: Mapping[Block, Sequence[ColumnExpression]]) -> dict[Block, list[Array]] | None:
        """Each thread with a connection of its own; None when one of them sees a newer state than it should."""

        def some(blocks: Sequence[Block]) -> list[tuple[Block, list[Array]]] | None:
            with closing(open_read(self._path)) as connection:
                connection.execute("BEGIN")
                if state_of(self._path, connection) != self._cache.state:
                    return None
                connection.set_progress_handler(self.unwanted, STEPS)
                return [(block, _block(connection, block, missing[block])) for block in blocks]

        shares = [list(missing)[at::_THREADS] for at in range(_THREADS)]
        with ThreadPoolExecutor(_THREADS) as pool:
            parts = list(pool.map(some, shares))
        if any(part is None for part in parts):
            return None
        return dict(pair for part in parts for pair in part or ())


def _formula(column: ColumnExpression, stored: Collection[str]) -> Expression | None:
    """How a column is computed from stored ones; None where it has to be read."""
    result = None if column.stored or not column.whole else expression(column.sql)
    return result if result is not None and result.names and all(name in stored for name in result.names) else None


def _block(connection: sqlite3.Connection, block: Block, columns: Sequence[ColumnExpression]) -> list[Array]:
    kind, first = block
    return read(connection, columns, f"FROM {rows(kind, columns)} WHERE {id_range(Window(first, first + _DAYS - 1))}")


def _small(values: Array) -> Array:
    if values.dtype.kind != "i" or not len(values):
        return values
    low, high = int(values.min()), int(values.max())
    fits = (integer for integer in _INTEGERS if np.iinfo(integer).min <= low and high <= np.iinfo(integer).max)
    return values.astype(next(fits))
