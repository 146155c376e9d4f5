"""Paid order lines with creator and product, as columns of codes and amounts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.days import Window
from core.workspace.read.rating_rows import words
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import REFUND_DAY, ColumnExpression, code
from core.workspace.schema.exchange_rates import CURRENCY

_CODES = ("creator_id", "product_id", "market", "category", "seller_id", "buyer_id")
_COLUMNS: Mapping[str, ColumnExpression] = {
    **{name: code(name) for name in _CODES},
    "gmv": ColumnExpression("CASE WHEN r.paid_at IS NOT NULL THEN r.gmv END"),
    "refunded": REFUND_DAY,
}
_CENTS = 100


@dataclass(frozen=True, kw_only=True)
class SalesRows:
    """Paid order lines of creators; arrays of shape (rows,)."""

    days: Ints
    codes: Mapping[str, Ints]
    """creator_id, product_id, market, category, seller_id, buyer_id -> code; 0 = not given."""
    gmv: Floats
    """In the currency of the workspace."""
    refunded: Ints
    """Day, 0 = never."""
    words: Mapping[str, tuple[str, ...]]
    """The same names -> the words of their codes."""


def sales_rows(workspace: Workspace, window: Window) -> SalesRows:
    """All paid order lines of a window that name a creator and a product."""
    columns = workspace.columns("orders", {**_COLUMNS, "currency": CURRENCY}, window)
    rate = np.ones(len(columns["day"]))
    if workspace.rates is not None:
        rate = np.nan_to_num(workspace.rates.at(columns["currency"], columns["day"]))
    rows = np.flatnonzero((columns["gmv"] > 0) & (columns["creator_id"] > 0) & (columns["product_id"] > 0))
    return SalesRows(
        days=columns["day"][rows].astype(np.int64),
        codes={name: columns[name][rows].astype(np.int64) for name in _CODES},
        gmv=columns["gmv"][rows] * rate[rows] / _CENTS,
        refunded=columns["refunded"][rows].astype(np.int64),
        words={
            name: words(workspace, name) for name in ("creator_id", "product_id", "market", "category", "seller_id")
        },
    )
