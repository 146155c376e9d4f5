"""Which tables have orders that a list of refunds may say more of."""

from collections.abc import Collection

from core.ingest.formats.batch import Rows
from core.ingest.headers.column_names import first_called
from core.ingest.headers.id_names import are_of_refunds, names_order
from core.ingest.headers.minor_units import english_in_units
from core.ingest.headers.word_lists import called
from core.ingest.mapping.order_returns import LISTED_REFUNDS
from core.ingest.presets import preset_heads
from core.ingest.values.date_columns import is_date

_AMOUNTS = ("line_amount", "price", "order_amount")
_OWN_AMOUNT = "gmv"
"""What canonical exports call it."""


def are_orders(rows: Rows) -> bool:
    """Whether a table, header first, has orders by its first rows: each with its day and amount, and without refunds of its own.
    Reviews, parcels and messages name orders, too.
    """
    english = english_in_units(rows[0])
    if not any(map(names_order, english)) or are_of_refunds(english):
        return False
    has_refunds, has_amounts = (
        any(first_called(english, called(target)) is not None for target in targets)
        for targets in (LISTED_REFUNDS.values(), _AMOUNTS)
    )
    has_amounts = has_amounts or _OWN_AMOUNT in english or are_of_known_system(english)
    return has_amounts and not has_refunds and any(are_days(rows[1:], at) for at in range(len(rows[0])))


def are_of_known_system(english: Collection[str]) -> bool:
    """Whether a preset of orders has all its columns among these: some call their amounts as no other system does."""
    names = frozenset(english)
    return any(
        head.kind == "orders" and head.telling and not any(map(names.isdisjoint, head.telling))
        for head in preset_heads()
    )


def are_days(rows: Rows, at: int) -> bool:
    """Whether the cells of a column are days, as far as they are given."""
    cells = [row[at] for row in rows if at < len(row) and row[at].strip()]
    return bool(cells) and all(map(is_date, cells))
