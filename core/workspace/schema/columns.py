"""Columns of stored rows as numpy arrays, read by one query."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.days import Window
from core.base.frozen import frozen
from core.base.time_zones import DAY_SECONDS
from core.workspace.schema.tables import DAY_BITS, identifier

Array = NDArray[Any]

_PACKED = 1 << 62
"""What several packed columns may count up to together."""


@frozen
class ColumnExpression:
    """What to read of each row: an SQL expression over the coded table `r` of its kind. NULL counts 0."""

    sql: str
    whole: bool = True
    """Whether it is always a whole number; where others happen to be, they are read as fast."""
    below: int | None = None
    """All its values are at least 0 and less than this, where known: such columns are read several at a time."""
    words: str = ""
    """The dimension whose codes it holds, where it does: how many there are is known once a workspace is open."""
    stored: str = ""
    """The column that it holds just as it is stored, where it does, with `NOTHING` for NULL: others are computed from those."""
    moment: str = ""
    """The moment whose day it holds, where it does: on whose clock is known once a workspace is open."""

    @property
    def needs_order(self) -> bool:
        """Whether it reads the order line `o` of a review: most of the time of reading reviews goes into finding those."""
        return re.search(r"\bo\.", self.sql) is not None


DAYS = 1 << 20
"""More than there are days from 1970 to the year 4800."""
DAY = ColumnExpression(f"r.id >> {DAY_BITS}", below=DAYS)
NOTHING = -(1 << 31)
"""Stands for NULL: a moment in 1901."""


def code(dimension: str) -> ColumnExpression:
    """The code of a dimension, of each row by itself."""
    return ColumnExpression(f"r.{identifier(dimension)}", words=dimension, stored=dimension)


def stored(column: str) -> ColumnExpression:
    """A column of whole numbers just as it is stored."""
    return ColumnExpression(f"coalesce(r.{identifier(column)}, {NOTHING})", stored=column)


def code_of_order(dimension: str) -> ColumnExpression:
    """The code of a dimension of each review: that of its order, where that has one."""
    name = identifier(dimension)
    return ColumnExpression(f"coalesce(nullif(o.{name}, 0), r.{name})", words=dimension)


def event_day(moment: str, ahead: str = "") -> ColumnExpression:
    """The day of a moment of each row; 0 where there is none, or none that can be true. `ahead`: SQL that adds to it how far the
    clock of the row is ahead of UTC; a workspace adds it where its markets have clocks of their own."""
    whole = f"({moment}{ahead})" if ahead else moment
    return ColumnExpression(f"min(max({whole} / {DAY_SECONDS}, 0), {DAYS - 1})", below=DAYS, moment=moment)


REFUND_DAY = event_day(
    "coalesce(r.refunded_at, CASE WHEN r.refund_amount > 0 THEN coalesce(r.delivered_at, r.ordered_at) END)"
)
"""When an order was refunded; where only an amount tells that it was, when it was delivered, or made."""


def read(connection: sqlite3.Connection, expressions: Sequence[ColumnExpression], source: str) -> list[Array]:
    """The columns of a query, int64 or float64.

    SQLite writes a column as one text and numpy reads it back: 1.35M rows of 14 columns take 3 s so, and 5 s when each cell
    passes through a Python object. With columns of few values (codes, flags) packed into one number it is 1.3 s.
    """
    packs = list(_packs(expressions))
    whole = [f"group_concat({_packed(pack)})" for pack in packs]
    tests = [f"min(CAST({pack[0].sql} AS INTEGER) = {pack[0].sql})" for pack in packs if not pack[0].whole]
    texts = connection.execute(f"SELECT {', '.join([*whole, *tests])} {source}").fetchone() if packs else ()
    is_whole = iter(texts[len(packs) :])
    arrays: dict[ColumnExpression, Array] = {}
    for pack, text in zip(packs, texts, strict=False):
        if pack[0].whole or next(is_whole) != 0:
            arrays |= _unpacked(pack, np.fromstring(text or "", np.int64, sep=","))
        else:
            arrays[pack[0]] = _fractions(connection, pack[0], source)
    return [arrays[column] if column.whole else arrays[column].astype(np.float64) for column in expressions]


def _fractions(connection: sqlite3.Connection, column: ColumnExpression, source: str) -> Array:
    """Writing and reading fractions takes four times as long as whole numbers: only what holds some is read so."""
    (text,) = connection.execute(f"SELECT group_concat(coalesce({column.sql}, 0)) {source}").fetchone()
    return np.fromstring(text or "", np.float64, sep=",")


def _packs(expressions: Sequence[ColumnExpression]) -> Iterator[list[ColumnExpression]]:
    """Columns that go into one number together."""
    pack: list[ColumnExpression] = []
    size = 1
    for column in dict.fromkeys(expressions):
        if column.below is None:
            yield [column]
            continue
        if size * column.below > _PACKED:
            yield pack
            pack, size = [], 1
        pack.append(column)
        size *= column.below
    if pack:
        yield pack


def _packed(pack: Sequence[ColumnExpression]) -> str:
    first = pack[0]
    sql = f"coalesce({first.sql if first.whole else f'CAST({first.sql} AS INTEGER)'}, 0)"
    for column in pack[1:]:
        sql = f"({sql}) * {column.below} + coalesce({column.sql}, 0)"
    return sql


def _unpacked(pack: Sequence[ColumnExpression], values: Array) -> dict[ColumnExpression, Array]:
    arrays = {}
    for column in reversed(pack[1:]):
        values, arrays[column] = np.divmod(values, column.below or 1)
    return {**arrays, pack[0]: values}


def rows(kind: str, columns: Sequence[ColumnExpression]) -> str:
    """The coded table of a kind; a review brings the order line `o` whose slice it takes where a column needs it."""
    is_joined = kind == "reviews" and any(column.needs_order for column in columns)
    join = " LEFT JOIN orders_rows o ON o.id = r.order_line" if is_joined else ""
    return f"{kind}_rows r{join}"


def id_range(window: Window) -> str:
    """SQL that says whether a row lies in a window."""
    return f"r.id >= {window.first << DAY_BITS} AND r.id < {(window.last + 1) << DAY_BITS}"
