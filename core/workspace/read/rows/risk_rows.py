"""What leads to unusual patterns are looked for in: who bought what from whom, and who reviewed, as columns of numbers."""

from collections.abc import Mapping

import numpy as np

from core.base.arrays import Ints
from core.base.days import Window
from core.base.frozen import frozen
from core.base.segment import Segment
from core.workspace.read import rating_rows
from core.workspace.read.segment_columns import segment_columns
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import DAYS, REFUND_DAY, ColumnExpression, code, code_of_order, event_day, stored
from core.workspace.schema.tables import DAY_BITS, before_images

_SIDES = ("creator_id", "seller_id", "market", "category")
_ORDERS: Mapping[str, ColumnExpression] = {
    "id": ColumnExpression("r.id"),
    **{name: code(name) for name in (*_SIDES, "buyer_id", "product_id", "source", "refund_reason")},
    "moment": ColumnExpression("r.ordered_at"),
    "refunded": REFUND_DAY,
}
_REVIEWS: Mapping[str, ColumnExpression] = {
    **{name: code_of_order(name) for name in _SIDES},
    "id": ColumnExpression("r.id"),
    "order_line": ColumnExpression("r.order_line"),
    "rating": ColumnExpression("r.rating", below=8),
    "moment": ColumnExpression("r.reviewed_at"),
    "ordered": ColumnExpression(f"r.order_line >> {DAY_BITS}", below=DAYS),
}
_VIOLATIONS: Mapping[str, ColumnExpression] = {
    **{name: code(name) for name in ("creator_id", "seller_id", "policy")},
    "overturned": event_day("r.overturned_at"),
}
_STORED = (
    "id", "ordered_at", "units", "gmv", "paid_at", "ship_by", "shipped_at", "promised_by", "delivered_at", "cancelled_at",
    "refunded_at", "refund_amount",
)  # fmt: skip
"""Columns of orders that what is counted of them, at any moment, is computed from."""
_LEAST_LETTERS, _LEAST_COPIES = 12, 5
"""Of a text that is looked for: "very good" says nothing of who wrote it."""


def read_with_ratings(workspace: Workspace) -> None:
    """From now on rows are read once with the columns that ratings, leads and weekly sums take of them."""
    workspace.read_with("traffic", map(code, (*_SIDES, "channel")))
    workspace.read_with("orders", (*map(stored, _STORED), *rating_rows.ORDERS.values(), *_ORDERS.values()))
    of_reviews = (stored("rating"), code_of_order("channel"))
    workspace.read_with("reviews", (*of_reviews, *rating_rows.REVIEWS.values(), *_REVIEWS.values()))


def orders(workspace: Workspace, window: Window, where: Segment) -> dict[str, Ints]:
    """Order lines of a segment, by day: id, codes, moment (epoch seconds, 0 = only its day is known), day of the refund as known
    at the end of the window (0 = none); shape (rows,)."""
    result = _timed(workspace, segment_columns(workspace, "orders", _ORDERS, window, where))
    result["refunded"] = np.where(result["refunded"] <= window.last, result["refunded"], 0)
    return result


def reviews(workspace: Workspace, window: Window, where: Segment) -> dict[str, Ints]:
    """Reviews of a segment: id of the row and of its order line (0 = not known), codes, taken from the order where it is known,
    rating and that when it was first loaded, moment (epoch seconds, 0 = only its day is known), and the day of the order (0 = not
    known); shape (rows,)."""
    columns = _timed(workspace, segment_columns(workspace, "reviews", _REVIEWS, window, where))
    return columns | {"first_rating": _first_ratings(workspace, columns)}


def _first_ratings(workspace: Workspace, rows: Mapping[str, Ints]) -> Ints:
    """The rating of each of these reviews when it was first loaded, before later loads replaced it; shape (rows,)."""
    first = rows["rating"].copy()
    replaced = workspace.plain(
        f"SELECT r.id, b.rating, min(b.load_id) FROM {before_images('reviews_rows')} b JOIN reviews_rows r "
        "ON r.review_id = b.review_id AND r.source = b.source WHERE NOT b.is_new GROUP BY r.id ORDER BY r.id"
    )
    earlier = {row: rating for row, rating, _ in replaced if rating is not None}
    for at in np.flatnonzero(np.isin(rows["id"], np.array(list(earlier), np.int64))).tolist():
        first[at] = earlier[int(rows["id"][at])]
    return first


def _timed(workspace: Workspace, columns: dict[str, Ints]) -> dict[str, Ints]:
    return columns | {"moment": np.where(workspace.zones.are_midnights(columns["moment"]), 0, columns["moment"])}


def violations(workspace: Workspace, window: Window, where: Segment) -> dict[str, Ints]:
    """Violations of a segment, overturned ones included: codes, policy, and the day on which each was overturned (0 = it
    stands); shape (rows,)."""
    return segment_columns(workspace, "violations", _VIOLATIONS, window, where)


@frozen
class RepeatedTexts:
    """Texts that several reviews have word for word."""

    texts: tuple[str, ...]
    row: Ints
    """Ids of the reviews that have one, ascending."""
    text: Ints
    """Which one each has."""

    def number_of(self, ids: Ints) -> Ints:
        """The text of each review; -1 = none of these. Shape (reviews,)."""
        if not len(self.row):
            return np.full(len(ids), -1)
        at = np.minimum(np.searchsorted(self.row, ids), len(self.row) - 1)
        return np.where(self.row[at] == ids, self.text[at], -1)


def repeated_texts(workspace: Workspace, window: Window) -> RepeatedTexts:
    """The texts that at least five reviews of a window share, short words of praise left out."""
    ends = window.first << DAY_BITS, (window.last + 1) << DAY_BITS
    range_ = f"id >= {ends[0]} AND id < {ends[1]} AND length(text) >= {_LEAST_LETTERS}"
    rows = workspace.plain(
        f"SELECT r.id, r.text FROM reviews_rows r JOIN (SELECT text FROM reviews_rows WHERE {range_} GROUP BY text "
        f"HAVING count(*) >= {_LEAST_COPIES}) t ON t.text = r.text WHERE r.id >= {ends[0]} AND r.id < {ends[1]} ORDER BY r.id"
    )
    texts = sorted({text for _, text in rows})
    numbers = {text: at for at, text in enumerate(texts)}
    return RepeatedTexts(
        tuple(texts),
        np.array([row for row, _ in rows], np.int64),
        np.array([numbers[text] for _, text in rows], np.int64),
    )
