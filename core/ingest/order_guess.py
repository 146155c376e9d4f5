"""A mapping proposed for lines that look like orders: an id, a moment, an amount."""

from collections.abc import Iterable, Mapping

from core.catalogue.kinds import KINDS, CellType
from core.ingest.column_profile import ColumnProfile, Role, best_day_column
from core.ingest.headers import english_names, folded
from core.ingest.mapping.column_plan import ColumnPlan, Plan

_IDS = (
    "order id",
    "order_id",
    "order number",
    "order no.",
    "order no",
    "invoiceno",
    "invoice no",
    "invoice number",
    "invoice",
    "transaction id",
    "payment id",
    "id",
)
_PRODUCTS = (
    "sku",
    "sku id",
    "product id",
    "product_id",
    "stockcode",
    "item number",
    "listing id",
    "item id",
    "asin",
    "product name",
    "item name",
    "product",
    "item title",
)
_UNITS = ("quantity", "qty", "units", "items", "count")
_LINE_AMOUNTS = (
    "item total",
    "line total",
    "subtotal",
    "amount",
    "net amount",
    "total price",
    "total",
    "gross",
    "sales",
    "revenue",
    "order total",
    "price paid",
)
_PRICES = ("price", "unit price", "unitprice", "item price", "sold for", "lineitem price")
_BUYERS = ("buyer", "customer id", "customerid", "customer", "buyer username", "email", "customer email")
_PLACES = ("country", "ship country", "shipping country", "market", "billing country")
_CURRENCIES = ("currency", "currency code", "paid currency")


def guess_orders(columns: Mapping[str, ColumnProfile]) -> Plan | None:
    """A plan of kind orders by the names of columns; None when an id, a moment or an amount is missing."""
    english = english_names(columns)
    kind = KINDS["orders"]
    order_id, day = _first(english, _IDS), best_day_column(columns, english)
    units = _figures(columns, _first(english, _UNITS))
    amount = _figures(columns, _first(english, _LINE_AMOUNTS))
    price = _figures(columns, _first(english, _PRICES))
    if order_id is None or day is None or (amount is None and price is None):
        return None
    result = [
        ColumnPlan("order_id", CellType.TEXT, order_id),
        ColumnPlan("ordered_at", CellType.MOMENT, day),
        ColumnPlan("paid_at", CellType.MOMENT, day),
        ColumnPlan("gmv", CellType.MONEY, amount) if amount else ColumnPlan("gmv", CellType.MONEY, price, by=units),
    ]
    more = {
        "units": units,
        "product_id": _first(english, _PRODUCTS),
        "buyer_id": _first(english, _BUYERS),
        "market": _first(english, _PLACES),
        "currency": _first(english, _CURRENCIES),
    }
    used = {column.source for column in result}
    result += [
        ColumnPlan(target, kind.columns[target], source)
        for target, source in more.items()
        if source is not None and source not in used
    ]
    return Plan(kind, tuple(result), dimensions=tuple(name for name in more if name in kind.dimensions), decimal="auto")


def _first(english: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((english[folded(name)] for name in names if folded(name) in english), None)


def _figures(columns: Mapping[str, ColumnProfile], name: str | None) -> str | None:
    return name if name is not None and columns[name].role in {Role.NUMBER, Role.PERCENT} else None
