"""What the stored rows look like, day by day: counts that tell whether the data are whole. Read only."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.days import Window
from core.exports.zones import DAY_SECONDS
from core.workspace.schema import CENTS, DAY_BITS, FACTS, MEASURE, columns_of, identifier

Floats = NDArray[np.float64]

_HOURS = 24
_OWN = frozenset({"id", "order_id", "order_line", "review_id", "violation_id", "row_key"})
"""Columns that every row has."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """Rows that point to something that is not there."""

    what: str
    orphans: int
    of: int


class Profile:
    """Reads counts from an open connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _rows(self, sql: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def _each_day(self, kind: str, select: str, rest: str = "") -> Iterator[tuple[Any, ...]]:
        """The rows of a query on each day of the kind's span, the day before them.

        One range of the primary key after the other needs no sorting: a third of the time of GROUP BY day.
        """
        sql = f"SELECT {select} FROM {kind}_rows WHERE id >= ? AND id < ? {rest}"
        span = self.spans[kind]
        for day in range(span.first, span.last + 1):
            for row in self._connection.execute(sql, (day << DAY_BITS, (day + 1) << DAY_BITS)):
                yield day, *row

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The fact tables that hold any row."""
        return tuple(kind for kind in FACTS if self._rows(f"SELECT 1 FROM {kind}_rows LIMIT 1"))

    @cached_property
    def spans(self) -> Mapping[str, Window]:
        """First and last day of the rows of each kind."""
        ends = {kind: self._rows(f"SELECT min(id), max(id) FROM {kind}_rows")[0] for kind in self.kinds}
        return {kind: Window(low >> DAY_BITS, high >> DAY_BITS) for kind, (low, high) in ends.items()}

    def rows_by_day(self, kind: str) -> NDArray[np.int64]:
        """Rows on each day of the kind's span."""
        span = self.spans[kind]
        rows = [row for row in self._each_day(kind, "count(*)") if row[1]]
        return np.asarray(_dense(rows, span, 1)[0], dtype=np.int64)

    def rows_by_value(self, kind: str, dimension: str) -> tuple[tuple[str, ...], Floats]:
        """Values of a dimension that are given, and rows of each by day of the kind's span; shape (values, days)."""
        name = identifier(dimension)
        words = dict(self._rows("SELECT code, value FROM dictionary WHERE dimension = ?", (dimension,)))
        rows = list(self._each_day(kind, f"{name}, count(*)", f"AND {name} > 0 GROUP BY 1"))
        place = {code: at for at, code in enumerate(sorted({code for _, code, _ in rows}))}
        found = np.zeros((len(place), len(self.spans[kind])))
        for day, code, count in rows:
            found[place[code], day - self.spans[kind].first] = count
        return tuple(words.get(code, "") for code in place), found

    def dimensions_of(self, kind: str) -> tuple[str, ...]:
        """The dimensions of a kind."""
        held = set(columns_of(self._connection, f"{kind}_rows"))
        return tuple(name for (name,) in self._rows("SELECT name FROM dimensions ORDER BY position") if name in held)

    def given_by_day(self, kind: str) -> Mapping[str, Floats]:
        """Column -> share of the rows of each day on which it is given (codes: not 0); nan on days without rows."""
        dimensions = set(self.dimensions_of(kind))
        names = [name for name in columns_of(self._connection, f"{kind}_rows") if name not in _OWN]
        counts = [f"sum({identifier(name)} {'> 0' if name in dimensions else 'IS NOT NULL'})" for name in names]
        rows = [row for row in self._each_day(kind, ", ".join(["count(*)", *counts])) if row[1]]
        rows_of, *given = _dense(rows, self.spans[kind], 1 + len(names))
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = [np.where(rows_of > 0, one / rows_of, np.nan) for one in given]
        return {name.removeprefix(MEASURE): share for name, share in zip(names, shares, strict=True)}

    def order_hours(self) -> Floats:
        """Order lines by day of their span and hour of the UTC day they were ordered in; shape (days, 24)."""
        rows = self._rows(
            f"SELECT id >> {DAY_BITS}, ordered_at % {DAY_SECONDS} / 3600, count(*) FROM orders_rows "
            "WHERE ordered_at IS NOT NULL GROUP BY 1, 2"
        )
        found = np.zeros((len(self.spans["orders"]), _HOURS))
        for day, hour, count in rows:
            found[day - self.spans["orders"].first, hour] = count
        return found

    def last_order_by_day(self) -> Floats:
        """Hours from the start of each day (UTC) to its last order; nan on days without orders."""
        rows = self._rows(
            f"SELECT id >> {DAY_BITS}, max(ordered_at) - (id >> {DAY_BITS}) * {DAY_SECONDS} FROM orders_rows GROUP BY 1"
        )
        found = np.full(len(self.spans["orders"]), np.nan)
        for day, seconds in rows:
            found[day - self.spans["orders"].first] = np.nan if seconds is None else seconds / 3600
        return found

    def order_values(self) -> tuple[tuple[str, ...], Floats, Floats]:
        """Currencies, and by currency and day the sum of gmv and the order lines that carry it; shape (currencies, days)."""
        rows = self._rows(
            f"SELECT coalesce(d.value, ''), r.id >> {DAY_BITS}, sum(r.gmv), count(r.gmv) FROM orders_rows r "
            "LEFT JOIN dictionary d ON d.dimension = 'currency' AND d.code = r.currency GROUP BY 1, 2"
        )
        names = tuple(sorted({row[0] for row in rows}))
        shape = (len(names), len(self.spans["orders"]))
        money, lines = np.zeros(shape), np.zeros(shape)
        for name, day, total, count in rows:
            at = names.index(name), day - self.spans["orders"].first
            money[at], lines[at] = (total or 0) / CENTS, count
        return names, money, lines

    def repeated_orders(self) -> tuple[int, int]:
        """(order lines that equal another one in everything but their number, all order lines)."""
        same = "buyer_id, product_id, creator_id, seller_id, market, channel, gmv, units, ordered_at"
        (repeated,) = self._rows(
            f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) n FROM orders_rows WHERE ordered_at % {DAY_SECONDS} > 0 "
            f"GROUP BY {same} HAVING count(DISTINCT order_id) > 1)"
        )[0]
        (lines,) = self._rows("SELECT count(*) FROM orders_rows")[0]
        return int(repeated), int(lines)

    def orphans(self) -> tuple[Orphans, ...]:
        """Rows whose order, creator or seller is unknown, where such are known at all."""
        found = []
        if "reviews" in self.kinds and "orders" in self.kinds:
            (bad, all_) = self._rows(
                "SELECT coalesce(sum(order_line IS NULL), 0), count(*) FROM reviews_rows WHERE order_id IS NOT NULL"
            )[0]
            found.append(Orphans("reviews whose order is not here", bad, all_))
        for table, column in (("creators", "creator_id"), ("sellers", "seller_id")):
            if "orders" in self.kinds and self._rows(f"SELECT 1 FROM {table} LIMIT 1"):
                (bad, all_) = self._rows(
                    f"SELECT coalesce(sum(n) FILTER (WHERE d.value NOT IN (SELECT {column} FROM {table})), 0), sum(n) "
                    f"FROM (SELECT {column} AS one, count(*) AS n FROM orders_rows WHERE {column} > 0 GROUP BY 1) "
                    f"JOIN dictionary d ON d.dimension = '{column}' AND d.code = one"
                )[0]
                found.append(Orphans(f"orders whose {column} is not among the {table}", bad, all_ or 0))
        return tuple(found)

    def loads(self) -> tuple[tuple[str, str, int], ...]:
        """(path, kind, rows read) of each load."""
        return tuple(self._rows("SELECT path, kind, read FROM loads ORDER BY id"))


def _dense(rows: list[tuple[Any, ...]], span: Window, width: int) -> Floats:
    """Columns 1.. of rows (day, ...) on every day of a span; shape (width, days)."""
    found = np.zeros((width, len(span)))
    for day, *values in rows:
        found[:, day - span.first] = [value or 0 for value in values]
    return found
