"""What the stored rows look like, day by day: counts that tell whether the data are whole. Read only."""

import sqlite3
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.base.days import Window
from core.base.time_zones import DAY_SECONDS
from core.workspace.read.cube_query import CubeQuery
from core.workspace.read.profile.faulty_rows import Orphans, OutOfOrder
from core.workspace.read.profile.load_history import LoadHistory
from core.workspace.read.profile.repeated_lines import repeated_lines
from core.workspace.schema.columns import Array, ColumnExpression, id_range
from core.workspace.schema.exchange_rates import Unrated, in_several, mixed_currencies
from core.workspace.schema.other_names import listed
from core.workspace.schema.tables import (
    CENTS,
    DAY_BITS,
    FACTS,
    LISTED_NAMES,
    MEASURE,
    columns_of,
    dimensions_of,
    identifier,
)

_HOURS = 24
_ORDERED, _GMV = ColumnExpression("r.ordered_at"), ColumnExpression("r.gmv")
_NUMBERS = (ColumnExpression("r.buyer_id"), _GMV, ColumnExpression("r.units"))
_NAMED, _MISSING = (
    ColumnExpression("(r.order_id IS NOT NULL)", below=2),
    ColumnExpression("(r.order_line IS NULL)", below=2),
)
_SEQUENCES = (
    ("paid_at", "ordered_at"),
    ("shipped_at", "ordered_at"),
    ("cancelled_at", "ordered_at"),
    ("delivered_at", "shipped_at"),
    ("refunded_at", "paid_at"),
)
_OWN = frozenset({"id", "order_id", "order_line", "review_id", "violation_id", "row_key"})
"""Columns that every row has."""


class Profile:
    """Counts the rows of a window."""

    def __init__(self, connection: sqlite3.Connection, facts: CubeQuery, window: Window) -> None:
        self._connection, self._facts, self._window = connection, facts, window
        self._given_shares: dict[str, Mapping[str, Floats]] = {}
        self.loads = LoadHistory(connection)

    def _rows(self, sql: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def _read(self, kind: str, *expressions: ColumnExpression) -> list[Array]:
        """The day of each row of a kind, counted from the first of its span, and columns."""
        days, *columns = self._facts.blocks.read(kind, expressions, self.spans[kind])
        return [days.astype(np.intp) - self.spans[kind].first, *columns]

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The fact tables that hold any row."""
        return tuple(self.spans)

    @cached_property
    def spans(self) -> Mapping[str, Window]:
        """First and last day of the rows of each kind."""
        ends = {kind: [self._end(kind, end) for end in ("min", "max")] for kind in FACTS}
        return {kind: Window(low, high) for kind, (low, high) in ends.items() if low is not None and high is not None}

    def _end(self, kind: str, end: str) -> int | None:
        """The first ("min") or last ("max") day with rows: asked one by one, either is a step down the primary key."""
        ((day,),) = self._rows(f"SELECT {end}(r.id) >> {DAY_BITS} FROM {kind}_rows r WHERE {id_range(self._window)}")
        return None if day is None else int(day)

    def rows_by_day(self, kind: str) -> NDArray[np.int64]:
        """Rows on each day of the kind's span."""
        return np.bincount(self._read(kind)[0], minlength=len(self.spans[kind])).astype(np.int64)

    def rows_by_value(self, kind: str, dimension: str) -> tuple[tuple[str, ...], Floats]:
        """Values of a dimension that are given, and rows of each by day of the kind's span; shape (values, days)."""
        days, codes = self._read(kind, self._facts.slice_of(kind, dimension))
        values, length = self._facts.values(dimension), len(self.spans[kind])
        rows = np.bincount(codes.astype(np.intp) * length + days, minlength=len(values) * length)
        table = rows.reshape(len(values), length)
        present = np.flatnonzero(table.any(axis=1))
        present = present[present > 0]
        return tuple(values[code] for code in present), table[present].astype(np.float64)

    def given_by_value(self, kind: str, dimension: str, columns: Sequence[str]) -> Mapping[str, Floats]:
        """Column -> rows that have it, of the values of `rows_by_value`, by day of the kind's span; shape (values, days)."""
        tests = {name.removeprefix(MEASURE): test for name, test in self._given(kind).items()}
        days, codes, *given = self._read(
            kind, self._facts.slice_of(kind, dimension), *(tests[name] for name in columns)
        )
        length, size = len(self.spans[kind]), len(self._facts.values(dimension)) * len(self.spans[kind])
        cells = codes.astype(np.intp) * length + days
        present = np.flatnonzero(np.bincount(cells, minlength=size).reshape(-1, length).any(axis=1))
        present = present[present > 0]
        counts = (np.bincount(cells[column > 0], minlength=size).reshape(-1, length) for column in given)
        return {name: count[present].astype(np.float64) for name, count in zip(columns, counts, strict=True)}

    def usual_wait(self, column: str, dimension: str, value: str) -> int:
        """Days after which 19 of 20 order lines of a value have a moment that comes after the order, of those that have it."""
        ends = _ORDERED, ColumnExpression(f"r.{identifier(column)}")
        _, codes, ordered, moments = self._read("orders", self._facts.slice_of("orders", dimension), *ends)
        has = (codes == self._facts.values(dimension).index(value)) & (ordered != 0) & (moments != 0)
        waits = moments[has].astype(np.int64) - ordered[has].astype(np.int64)
        return int(np.ceil(np.quantile(waits, 0.95) / DAY_SECONDS)) if len(waits) else 0

    def dimensions_of(self, kind: str) -> tuple[str, ...]:
        """The dimensions of a kind."""
        return dimensions_of(self._connection, kind)

    def given_by_day(self, kind: str) -> Mapping[str, Floats]:
        """Column -> share of the rows of each day on which it is given (codes: not 0); nan on days without rows."""
        if kind not in self._given_shares:
            self._given_shares[kind] = self._shares_given(kind)
        return self._given_shares[kind]

    def _shares_given(self, kind: str) -> Mapping[str, Floats]:
        tests = self._given(kind)
        days, *columns = self._read(kind, *tests.values())
        edges = np.searchsorted(days, np.arange(len(self.spans[kind]) + 1))
        counts = (np.concatenate([[0], np.cumsum(column > 0)])[edges] for column in columns)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = [np.diff(count) / np.diff(edges) for count in counts]
        return {name.removeprefix(MEASURE): share for name, share in zip(tests, shares, strict=True)}

    def sums_by_day(self, kind: str) -> Mapping[str, Floats]:
        """Measure of a kind whose rows are slices of days -> its sum by day of the kind's span, in stored units."""
        names = [name for name in self._given(kind) if name not in self.dimensions_of(kind)]
        days, *columns = self._read(kind, *(ColumnExpression(f"r.{identifier(name)}", whole=False) for name in names))
        sums = (np.bincount(days, column, len(self.spans[kind])).astype(np.float64) for column in columns)
        return {name.removeprefix(MEASURE): values for name, values in zip(names, sums, strict=True)}

    def _given(self, kind: str) -> dict[str, ColumnExpression]:
        """Column of the table -> what is not 0 where it is given."""
        dimensions = self.dimensions_of(kind)
        names = columns_of(self._connection, f"{kind}_rows")
        others = (name for name in names if name not in _OWN and name not in dimensions)
        return {
            **{name: self._facts.slice_of(kind, name) for name in dimensions},
            **{name: ColumnExpression(f"(r.{identifier(name)} IS NOT NULL)", below=2) for name in others},
        }

    def columns(self, kind: str) -> list[ColumnExpression]:
        """All columns of a kind that its profile is counted from."""
        more = {"orders": (_ORDERED, self._currency, *_NUMBERS), "reviews": (_NAMED, _MISSING)}
        return [*self._given(kind).values(), *more.get(kind, ())]

    @cached_property
    def _currency(self) -> ColumnExpression:
        return ColumnExpression("r.currency", below=max(self._currencies, default=0) + 1)

    @cached_property
    def _currencies(self) -> dict[int, str]:
        return dict(self._rows("SELECT code, value FROM dictionary WHERE dimension = 'currency'"))

    def order_hours(self) -> Floats:
        """Order lines by day of their span and hour of the UTC day they were ordered in; shape (days, 24)."""
        days, moments = self._read("orders", _ORDERED)
        is_timed = moments != 0
        cells = days[is_timed] * _HOURS + moments[is_timed].astype(np.int64) % DAY_SECONDS // 3600
        length = len(self.spans["orders"])
        return np.bincount(cells, minlength=length * _HOURS).reshape(length, _HOURS).astype(np.float64)

    def last_order_by_day(self) -> Floats:
        """Hours from the start of each day (UTC) to its last order; nan on days without orders."""
        days, moments = self._read("orders", _ORDERED)
        hours = np.full(len(self.spans["orders"]), np.nan)
        present, starts = np.unique(days, return_index=True)
        last = np.maximum.reduceat(moments.astype(np.int64), starts) if len(starts) else moments
        hours[present] = np.where(
            last > 0, (last - (present + self.spans["orders"].first) * DAY_SECONDS) / 3600, np.nan
        )
        return hours

    def last_order_by_value(self, dimension: str) -> Floats:
        """Hours from the start of each day (UTC) to the last order of each value, nan where it has none; (values, days).

        The values are those of `rows_by_value`.
        """
        days, codes, moments = self._read("orders", self._facts.slice_of("orders", dimension), _ORDERED)
        span = self.spans["orders"]
        cells = codes.astype(np.intp) * len(span) + days
        last = np.zeros(len(self._facts.values(dimension)) * len(span), np.int64)
        np.maximum.at(last, cells, moments.astype(np.int64))
        present = np.flatnonzero(np.bincount(cells, minlength=len(last)).reshape(-1, len(span)).any(axis=1))
        last = last.reshape(-1, len(span))[present[present > 0]]
        starts = np.arange(span.first, span.last + 1) * DAY_SECONDS
        return np.where(last > 0, (last - starts) / 3600, np.nan)

    def order_values(self) -> tuple[tuple[str, ...], Floats, Floats]:
        """Currencies, and by currency and day the sum of gmv and the order lines that carry it; shape (currencies, days)."""
        names, given_gmv = self._currencies, self._given("orders")["gmv"]
        days, codes, cents, has_gmv = self._read("orders", self._currency, _GMV, given_gmv)
        length = len(self.spans["orders"])
        cells = codes.astype(np.intp) * length + days
        shape = (-1, length)
        size = (max(names, default=0) + 1) * length
        money = np.bincount(cells, cents, size).reshape(shape) / CENTS
        lines = np.bincount(cells, has_gmv, size).reshape(shape).astype(np.float64)
        present = np.flatnonzero(np.bincount(cells, minlength=size).reshape(shape).any(axis=1))
        return tuple(names.get(int(code), "") for code in present), money[present], lines[present]

    def unrated(self) -> tuple[Unrated, ...]:
        """Order lines whose amounts no rate is known for."""
        return () if self._facts.rates is None else self._facts.rates.unrated()

    def several_currencies(self) -> tuple[str, ...]:
        """The currencies whose amounts are added up unconverted."""
        return in_several(self._connection) if self._facts.rates is None else ()

    def mixed_currencies(self) -> str:
        """What is wrong with the amounts of `daily` exports, which nothing converts; empty if nothing is."""
        rates = self._facts.rates
        return mixed_currencies(self._connection, None if rates is None else rates.home)

    def repeated_orders(self) -> tuple[int, int]:
        """(order lines that equal another one to the second in everything but their number, all order lines)."""
        slices = (
            self._facts.slice_of("orders", name)
            for name in ("product_id", "creator_id", "seller_id", "market", "channel")
        )
        _, moments, *others = self._read("orders", _ORDERED, *slices, *_NUMBERS)
        return repeated_lines(moments.astype(np.int64), others), len(moments)

    def orphans(self) -> tuple[Orphans, ...]:
        """Rows whose order, creator or seller is unknown, where such are known at all."""
        results = []
        if "reviews" in self.kinds and "orders" in self.kinds:
            _, named, missing = self._read("reviews", _NAMED, _MISSING)
            results.append(Orphans("reviews whose order is not here", int((named & missing).sum()), int(named.sum())))
        for table, column in (("creators", "creator_id"), ("sellers", "seller_id")):
            if "orders" in self.kinds and self._rows(f"SELECT 1 FROM {table} LIMIT 1"):
                lines = np.bincount(self._read("orders", self._facts.slice_of("orders", column))[1])[1:]
                names = {name for (name,) in self._rows(f"SELECT counted FROM {listed(column)}")}
                here = np.array([value in names for value in self._facts.values(column)])
                bad = lines[~here[1 : len(lines) + 1]].sum()
                what = f"orders whose {column} is not among the {table}{self._shared_names(column)}"
                results.append(Orphans(what, int(bad), int(lines.sum())))
        return tuple(results)

    def _shared_names(self, column: str) -> str:
        """What to say where rows have a name of several accounts or shops."""
        table, name = LISTED_NAMES[column]
        has_any = self._rows(
            f"SELECT 1 FROM {table} JOIN dictionary ON dimension = '{column}' AND value = {name} WHERE code NOT IN "
            f"(SELECT code FROM other_names WHERE dimension = '{column}') AND value NOT IN (SELECT {column} FROM {table}) LIMIT 1"
        )
        return f", but is a {name} of several there: use ids in all exports" if has_any else ""

    def out_of_order(self) -> tuple[OutOfOrder, ...]:
        """What happened on order lines before it could, one pass through the rows for each pair of moments."""
        issues = []
        for event, before in _SEQUENCES:
            # a moment at a quarter of an hour may be a day without a time, and its midnight lie before the other's hour
            early = f"{event} < {before} - iif({event} % 900 = 0, {DAY_SECONDS - 1}, 0)"
            ((lines, of, first, last),) = self._rows(
                f"SELECT sum({early}), count(*), min(iif({early}, r.id, NULL)), max(iif({early}, r.id, NULL)) "
                f"FROM orders_rows r WHERE {event} IS NOT NULL AND {before} IS NOT NULL AND {id_range(self._window)}"
            )
            if lines:
                ((order,),) = self._rows(f"SELECT order_id FROM orders_rows WHERE id = {first}")
                issues.append(
                    OutOfOrder(
                        event=event,
                        before=before,
                        lines=lines,
                        of=of,
                        first_order=order,
                        days=Window(first >> DAY_BITS, last >> DAY_BITS),
                    )
                )
        return tuple(issues)
