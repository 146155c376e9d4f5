"""What ratings are computed from: every order, review and violation as columns of numbers, and who holds which account.

The columns are few and always the same, so that what was read once is kept for the next question.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Ints
from core.base.days import Window, parse_day
from core.base.frozen import frozen
from core.base.segment import Segment
from core.ingest.request import columns_key
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import REFUND_DAY, ColumnExpression, code, event_day
from core.workspace.schema.exchange_rates import CURRENCY
from core.workspace.schema.other_names import WORDS, counted_names, listed
from core.workspace.schema.tables import LISTED_NAMES, quoted

FOREVER = 1 << 40
"""A day that never comes."""
NEVER = -FOREVER
"""A day that never was."""

_CODES = ("creator_id", "seller_id", "market", "category", "channel", "content_type", "product_id")

ORDERS: Mapping[str, ColumnExpression] = {
    "id": ColumnExpression("r.id"),
    **{name: code(name) for name in _CODES},
    "buyer": code("buyer_id"),
    "source": code("source"),
    "purchase": ColumnExpression(
        "CASE WHEN r.buyer_id = 0 THEN (SELECT min(o.id) FROM orders_rows o WHERE o.order_id = r.order_id) END"
    ),
    "value": ColumnExpression("r.gmv"),
    "paid": event_day("r.paid_at"),
    "delivered": event_day("r.delivered_at"),
    "came_late": ColumnExpression("r.delivered_at > r.promised_by", below=2),
    "due": event_day("r.ship_by"),
    "sent_late": ColumnExpression("r.ship_by IS NOT NULL AND (r.shipped_at IS NULL OR r.shipped_at > r.ship_by)", below=2),
    "cancelled": event_day("r.cancelled_at"),
    "cancelled_by": code("cancelled_by"),
    "refunded": REFUND_DAY,
    "refund_reason": code("refund_reason"),
}  # fmt: skip
_TELLING = ("refunded_at", "refund_amount", "refund_reason", "ship_by", "cancelled_by")
"""Columns of orders without which some faults cannot show."""
REVIEWS: Mapping[str, ColumnExpression] = {
    "order_line": ColumnExpression("r.order_line"),
    "rating": ColumnExpression("r.rating", below=8),
}
_OF_NO_ORDER: Mapping[str, ColumnExpression] = {
    name: ColumnExpression(f"CASE WHEN r.order_line IS NULL THEN r.{name} END", words=name) for name in _CODES
}
_VIOLATIONS: Mapping[str, ColumnExpression] = {
    **{name: code(name) for name in ("creator_id", "seller_id", "market", "category", "channel", "content_type")},
    "points": ColumnExpression("r.points", whole=False),
    "overturned": event_day("r.overturned_at"),
}  # fmt: skip


@frozen
class Account:
    """One account as its exports tell it; days that are not given are NEVER."""

    person_id: str
    seller_id: str
    market: str
    joined: int


@frozen
class RoleRow:
    """One account in one role, from `since` to `until`, both included."""

    creator_id: str
    role: str
    since: int
    until: int


def orders(workspace: Workspace, window: Window) -> dict[str, Ints]:
    """Order lines as known at the end of a window: codes, days of what happened to each (0 = it did not), cents; shape (rows,).

    `buyer` is a code; where it is 0, `purchase` is the same number for all lines of an order. `value` is what the line costs.
    """
    rates = workspace.rates
    rows = workspace.columns("orders", ORDERS if rates is None else {**ORDERS, "currency": CURRENCY}, window)
    if rates is not None:
        rows["value"] = np.rint(rows["value"] * np.nan_to_num(rates.at(rows["currency"], rows["day"]))).astype(np.int64)
    for moment in ("paid", "delivered", "cancelled", "refunded"):
        rows[moment] = np.where(rows[moment] <= window.last, rows[moment], 0)
    return rows


def columns_loaded(workspace: Workspace) -> frozenset[tuple[str, str]]:
    """(kind, column) of every column that a loaded file has or that tells something; (kind, "") of every kind loaded."""
    loads = workspace.plain("SELECT DISTINCT kind, header FROM loads")
    named = {(kind, column) for kind, header in loads for column in (*columns_key(header).split(), "")}
    unnamed = [name for name in _TELLING if ("orders", name) not in named]
    tests = [f"EXISTS (SELECT 1 FROM orders_rows WHERE coalesce({name}, 0) <> 0)" for name in unnamed]
    filled = workspace.plain(f"SELECT {', '.join(tests)}")[0] if tests else ()
    return frozenset(named | {("orders", name) for name, is_filled in zip(unnamed, filled, strict=True) if is_filled})


def reviews(workspace: Workspace, window: Window) -> dict[str, Ints]:
    """Reviews as columns: `order_line` (id of the order line, 0 = not known), `rating`."""
    return workspace.columns("reviews", REVIEWS, window)


def reviews_alone(workspace: Workspace, window: Window) -> dict[str, Ints]:
    """The same with codes, which are given where no order line is known."""
    return workspace.columns("reviews", {**REVIEWS, **_OF_NO_ORDER}, window)


def violations(workspace: Workspace, window: Window) -> dict[str, NDArray[np.float64]]:
    """Violations as columns: codes, points, and the day on which each was overturned (0 = it stands)."""
    return workspace.columns("violations", _VIOLATIONS, window)


def words(workspace: Workspace, column: str) -> tuple[str, ...]:
    """The words of a coded column, by code; the first is "" (not given)."""
    rows = workspace.plain(WORDS, (column,))
    return ("", *(value for (value,) in rows))


def person_of(workspace: Workspace, creator_id: str) -> str:
    """Who holds an account; the account itself where nothing tells."""
    rows = workspace.plain(f"SELECT person_id FROM {listed('creator_id')} WHERE counted = ?", (creator_id,))
    return (rows and rows[0][0]) or creator_id


def accounts_of(workspace: Workspace, person_id: str) -> tuple[str, ...]:
    """The accounts of a person, in the order of their names; none of an unknown one."""
    rows = workspace.plain(f"SELECT counted FROM {listed('creator_id')} WHERE person_id = ? ORDER BY 1", (person_id,))
    return tuple(name for (name,) in rows)


def name_in_rows(workspace: Workspace, dimension: str, name: str) -> str:
    """The name under which an account, a shop or a product is counted, of its id or another name of it; any other as it is."""
    return names_in_rows(workspace, dimension, [name]).get(name, name)


def names_in_rows(workspace: Workspace, dimension: str, names: Sequence[str]) -> dict[str, str]:
    """An id or another name -> the name under which its account, shop or product is counted, for those of a list."""
    is_listed = names and dimension in LISTED_NAMES
    return dict(workspace.plain(counted_names(dimension), (json.dumps(names),))) if is_listed else {}


def segment_in_rows(workspace: Workspace, where: Segment) -> Segment:
    """A segment that was written down when things may have been counted under other names, as rows have them now."""
    names = {dimension: names_in_rows(workspace, dimension, values) for dimension, values in where.terms}
    terms = {dimension: [names[dimension].get(name, name) for name in values] for dimension, values in where.terms}
    return Segment.of(terms) if any(names.values()) else where


def is_known(workspace: Workspace, side: str, id_: str) -> bool:
    """Whether any row names the account (side "creators") or the shop."""
    column, tables = ("creator_id", ("creators", "roles")) if side == "creators" else ("seller_id", ("sellers",))
    tests = ["SELECT 1 FROM dictionary WHERE dimension = ? AND value = ?"]
    tests += [f"SELECT 1 FROM {table} WHERE ? <> '' AND {column} = ?" for table in tables]
    return any(workspace.plain(test, (column, id_)) for test in tests)


def accounts(workspace: Workspace) -> dict[str, Account]:
    """What rows call an account -> what `creators` exports tell of it."""
    rows = workspace.plain(
        f"SELECT counted, person_id, seller_id, market, joined_on FROM {listed('creator_id')} ORDER BY 1"
    )
    shops = names_in_rows(workspace, "seller_id", list({row[2] for row in rows if row[2]}))
    return {
        creator: Account(person or "", shops.get(seller, seller) or "", market or "", _parsed(joined, NEVER))
        for creator, person, seller, market, joined in rows
    }


def sellers(workspace: Workspace) -> dict[str, Account]:
    """What rows call a shop -> what `sellers` exports tell of it; a seller is its own person."""
    rows = workspace.plain(f"SELECT counted, market, joined_on FROM {listed('seller_id')} ORDER BY 1")
    return {seller: Account("", seller, market or "", _parsed(joined, NEVER)) for seller, market, joined in rows}


def roles(workspace: Workspace) -> list[RoleRow]:
    """Every role of every account, under the name by which it is counted."""
    rows = workspace.plain("SELECT creator_id, role, since, until FROM roles ORDER BY role, since")
    counted = {*words(workspace, "creator_id")}  # most have no other name: 40,000 roles take 0.3 s, not 0.7
    names = names_in_rows(workspace, "creator_id", [row[0] for row in rows if row[0] not in counted])
    listed = (
        RoleRow(names.get(creator, creator), role, _parsed(since, NEVER), _parsed(until, FOREVER))
        for creator, role, since, until in rows
    )
    return sorted(listed, key=lambda row: row.creator_id)


def order_ids(workspace: Workspace, ids: Sequence[int]) -> dict[int, str]:
    """Id of a row -> order_id, of some order lines."""
    rows = workspace.plain(
        f"SELECT id, order_id FROM orders_rows WHERE id IN ({','.join(str(int(number)) for number in ids)})"
    )
    return dict(rows)


def _parsed(text: str | None, otherwise: int) -> int:
    return parse_day(text[:10]) if text else otherwise


def order_query(order_id: str) -> str:
    """SQL over the view in words that shows the lines of an order."""
    return f"SELECT * FROM orders WHERE order_id = {quoted(order_id)};"
