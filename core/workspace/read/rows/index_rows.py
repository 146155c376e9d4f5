"""What indexes are counted from: order lines, reviews and exposure as columns, listed products and known creators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.days import Window, parse_day
from core.base.segment import Segment
from core.workspace.read.rating_rows import NEVER, words
from core.workspace.read.segment_columns import columns_and_segment, dimension_columns
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import REFUND_DAY, ColumnExpression, code, event_day
from core.workspace.schema.other_names import listed

_ORDERS: Mapping[str, ColumnExpression] = {
    "id": ColumnExpression("r.id"),
    "buyer": code("buyer_id"),
    "creator": code("creator_id"),
    "product": code("product_id"),
    "paid": ColumnExpression("r.paid_at IS NOT NULL", below=2),
    "promised": event_day("r.promised_by"),
    "delivered": event_day("r.delivered_at"),
    "late": ColumnExpression("r.delivered_at > r.promised_by", below=2),
    "refunded": REFUND_DAY,
    "refund_reason": code("refund_reason"),
    "cancelled": event_day("r.cancelled_at"),
    "cancelled_by": code("cancelled_by"),
}
_REVIEWS: Mapping[str, ColumnExpression] = {
    "order_line": ColumnExpression("r.order_line"),
    "rating": ColumnExpression("r.rating", below=8),
}
_TRAFFIC: Mapping[str, ColumnExpression] = {
    "creator": code("creator_id"),
    "impressions": ColumnExpression("r.impressions"),
}
_WANTED = {"orders": _ORDERS, "reviews": _REVIEWS, "traffic": _TRAFFIC}


@dataclass(frozen=True, kw_only=True)
class FactColumns:
    """Rows of one kind; arrays of shape (rows,)."""

    days: Ints
    inside: Flags
    """Whether a row lies in the segment."""
    columns: Mapping[str, Ints]
    """Name -> codes, counts, days (0 = it did not happen) or 0 and 1."""
    codes: Mapping[str, Ints]
    """Dimension -> code; 0 = not given, as everywhere where the kind does not have it."""

    def rows(self, chosen: Flags | Ints) -> "FactColumns":
        """Some of the rows."""
        return FactColumns(
            days=self.days[chosen],
            inside=self.inside[chosen],
            columns={name: values[chosen] for name, values in self.columns.items()},
            codes={name: values[chosen] for name, values in self.codes.items()},
        )


def fact_columns(
    workspace: Workspace, kind: str, window: Window, where: Segment, dimensions: Sequence[str]
) -> FactColumns:
    """All rows of orders, reviews or traffic in a window. Raises UsageError for a dimension that does not exist."""
    wanted = _WANTED[kind]
    present = dimension_columns(workspace, kind, tuple(dimensions))
    sliced = {f"by {name}": column for name, column in present.items()}
    columns, inside = columns_and_segment(workspace, kind, {**wanted, **sliced}, window, where)
    nothing = np.zeros(len(inside), np.int64)
    return FactColumns(
        days=columns["day"].astype(np.int64),
        inside=inside,
        columns={name: columns[name].astype(np.int64) for name in wanted},
        codes={name: columns[f"by {name}"].astype(np.int64) if name in present else nothing for name in dimensions},
    )


@dataclass(frozen=True, kw_only=True)
class ListedThings:
    """Products that are listed, or creators who are known, not only those that orders name; arrays of shape (things,)."""

    code: Ints
    """Code of the word in the dictionary; -1 where no order or traffic names it."""
    since: Ints
    """Day since which it is there; NEVER = always or not given."""
    values: Mapping[str, Sequence[str]]
    """Slice column of the table -> its word, "" where it is not given."""

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.code)

    def lies_in(self, where: Segment) -> Flags:
        """Which fit a segment, by the dimensions that the table has; shape (things,)."""
        fits = np.ones(self.size, bool)
        for name, allowed in where.terms:
            if any(self.values.get(name, ())):
                fits &= np.isin(np.array(self.values[name], dtype=object), list(allowed))
        return fits


def listed_products(workspace: Workspace) -> ListedThings:
    """The rows of products exports."""
    slices = "market", "category", "seller_id", "channel"
    return _listed(
        workspace, f"counted, listed_on, {', '.join(slices)} FROM {listed('product_id')}", "product_id", slices
    )


def known_creators(workspace: Workspace) -> ListedThings:
    """The rows of creators exports."""
    return _listed(workspace, f"counted, joined_on, market FROM {listed('creator_id')}", "creator_id", ("market",))


def _listed(workspace: Workspace, things: str, column: str, slices: tuple[str, ...]) -> ListedThings:
    """`things`: SQL of the name in `column`, the day and the slices of each."""
    rows = workspace.plain(f"SELECT {things} ORDER BY 1")
    codes = {word: code for code, word in enumerate(words(workspace, column)) if word}
    return ListedThings(
        code=np.array([codes.get(row[0], -1) for row in rows], np.int64),
        since=np.array([parse_day(row[1][:10]) if row[1] else NEVER for row in rows], np.int64),
        values={name: [row[place] or "" for row in rows] for place, name in enumerate(slices, start=2)},
    )


def joined_days(workspace: Workspace) -> Ints:
    """Day on which each creator joined, by code, NEVER where it is not given; shape (codes,)."""
    creators = known_creators(workspace)
    joined = np.full(len(words(workspace, "creator_id")), NEVER, np.int64)
    named = creators.code >= 0
    joined[creators.code[named]] = creators.since[named]
    return joined
