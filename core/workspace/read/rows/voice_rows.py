"""What buyers said and what became of their orders: texts of reviews, refund reasons, cancellations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats, Ints
from core.base.days import Window
from core.base.segment import Segment
from core.workspace.read.segment_columns import segment_columns
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import REFUND_DAY, ColumnExpression, code, code_of_order, event_day, id_range
from core.workspace.schema.exchange_rates import CURRENCY

_ORDERS: Mapping[str, ColumnExpression] = {
    "id": ColumnExpression("r.id"),
    "gmv": ColumnExpression("r.gmv"),
    "refund_amount": ColumnExpression("r.refund_amount"),
    "refund_reason": code("refund_reason"),
    "refunded": REFUND_DAY,
    "cancelled": event_day("r.cancelled_at"),
    "cancelled_by": code("cancelled_by"),
}
_REVIEWS: Mapping[str, ColumnExpression] = {
    "id": ColumnExpression("r.id"),
    "order_line": ColumnExpression("r.order_line"),
    "rating": ColumnExpression("r.rating", below=8),
}
_CENTS = 100


@dataclass(frozen=True, kw_only=True)
class VoiceOrders:
    """Order lines; arrays of shape (rows,)."""

    ids: Ints
    """Ascending."""
    days: Ints
    codes: Mapping[str, Ints]
    """dimension -> code; 0 = not given."""
    gmv: Floats
    """In the currency of the workspace, paid or not."""
    refund_amount: Floats
    refund_reason: Ints
    """Code of the dimension `refund_reason`."""
    refunded: Ints
    """Day, 0 = never."""
    cancelled: Ints
    """Day, 0 = never."""
    cancelled_by: Ints
    """Code of the dimension `cancelled_by`."""


@dataclass(frozen=True, kw_only=True)
class VoiceReviews:
    """Reviews; arrays of shape (rows,)."""

    days: Ints
    order_lines: Ints
    """Id of the order line, 0 = not known."""
    ratings: Ints
    codes: Mapping[str, Ints]
    review_ids: Sequence[str]
    texts: Sequence[str | None]


def voice_orders(workspace: Workspace, window: Window, where: Segment, dimensions: Sequence[str]) -> VoiceOrders:
    """Order lines that were ordered in a window, in a segment."""
    expressions = {**_ORDERS, "currency": CURRENCY, **_codes("orders", dimensions)}
    columns = segment_columns(workspace, "orders", expressions, window, where)
    rate = _rates(workspace, columns)
    order = np.argsort(columns["id"], kind="stable")
    whole = {name: values[order].astype(np.int64) for name, values in columns.items()}
    return VoiceOrders(
        ids=whole["id"],
        days=whole["day"],
        codes={name: whole[f"code {name}"] for name in dimensions},
        gmv=columns["gmv"][order] * rate[order] / _CENTS,
        refund_amount=columns["refund_amount"][order] * rate[order] / _CENTS,
        refund_reason=whole["refund_reason"],
        refunded=whole["refunded"],
        cancelled=whole["cancelled"],
        cancelled_by=whole["cancelled_by"],
    )


def voice_reviews(workspace: Workspace, window: Window, where: Segment, dimensions: Sequence[str]) -> VoiceReviews:
    """Reviews that were written in a window, in a segment, with their texts."""
    columns = segment_columns(workspace, "reviews", {**_REVIEWS, **_codes("reviews", dimensions)}, window, where)
    order = np.argsort(columns["id"], kind="stable")
    whole = {name: values[order].astype(np.int64) for name, values in columns.items()}
    rows = workspace.plain(
        f"SELECT r.id, r.review_id, r.text FROM reviews_rows r WHERE {id_range(window)} ORDER BY r.id"
    )
    stored = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    places = np.searchsorted(stored, whole["id"]).tolist()
    return VoiceReviews(
        days=whole["day"],
        order_lines=whole["order_line"],
        ratings=whole["rating"],
        codes={name: whole[f"code {name}"] for name in dimensions},
        review_ids=[rows[index][1] for index in places],
        texts=[rows[index][2] for index in places],
    )


def _codes(kind: str, dimensions: Sequence[str]) -> dict[str, ColumnExpression]:
    of_row = code_of_order if kind == "reviews" else code
    return {f"code {name}": of_row(name) for name in dimensions}


def _rates(workspace: Workspace, columns: Mapping[str, NDArray[Any]]) -> Floats:
    """Units of the workspace's currency for one of each row; rows without a rate count nothing."""
    if workspace.rates is None:
        return np.ones(len(columns["day"]))
    return np.asarray(np.nan_to_num(workspace.rates.at(columns["currency"], columns["day"])))
