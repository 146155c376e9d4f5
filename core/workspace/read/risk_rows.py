"""What leads to unusual patterns are looked for in: who bought what from whom, and who reviewed, as columns of numbers."""

from collections.abc import Mapping

import numpy as np

from core.base.arrays import Ints
from core.base.days import Window
from core.base.segment import Segment
from core.base.time_zones import DAY_SECONDS
from core.workspace.read.segment_columns import segment_columns
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import ColumnExpression
from core.workspace.schema.exchange_rates import CURRENCY
from core.workspace.schema.tables import DAY_BITS

_SIDES = ("creator_id", "seller_id", "market", "category")
_ORDERS: Mapping[str, ColumnExpression] = {
    **{name: ColumnExpression(f"r.{name}") for name in (*_SIDES, "product_id", "buyer_id")},
    "units": ColumnExpression("r.units"),
    "gmv": ColumnExpression("CASE WHEN r.paid_at IS NOT NULL THEN r.gmv END"),
    "refunded": ColumnExpression(
        "coalesce(r.refunded_at, CASE WHEN r.refund_amount > 0 THEN coalesce(r.delivered_at, r.ordered_at) END) / "
        f"{DAY_SECONDS}"
    ),
}
_REVIEWS: Mapping[str, ColumnExpression] = {
    **{name: ColumnExpression(f"coalesce(nullif(o.{name}, 0), r.{name})") for name in _SIDES},
    "rating": ColumnExpression("r.rating", below=8),
    "ordered": ColumnExpression(f"r.order_line >> {DAY_BITS}"),
}


def orders(workspace: Workspace, window: Window, where: Segment) -> dict[str, Ints]:
    """Order lines of a segment, by day: codes, units, gmv in cents (0 = not paid), day of the refund as known at the end of the
    window (0 = none); shape (rows,)."""
    found = segment_columns(workspace, "orders", {**_ORDERS, "currency": CURRENCY}, window, where)
    if workspace.rates is not None:
        rate = np.nan_to_num(workspace.rates.at(found["currency"], found["day"]))
        found["gmv"] = np.rint(found["gmv"] * rate).astype(np.int64)
    found["refunded"] = np.where(found["refunded"] <= window.last, found["refunded"], 0)
    return found


def reviews(workspace: Workspace, window: Window, where: Segment) -> dict[str, Ints]:
    """Reviews of a segment: codes, taken from the order where it is known, rating, and the day of the order (0 = not known)."""
    return segment_columns(workspace, "reviews", _REVIEWS, window, where)
