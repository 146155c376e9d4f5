"""Which column holds the amount of a line of an order: that of the line, a price by the units, or that of the whole order."""

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Ints
from core.catalogue.currency_signs import currency_of_amount
from core.catalogue.kinds import CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.different_cells import codes_of
from core.ingest.headers.column_names import first_called
from core.ingest.headers.entity_names import counted_column, entity_column
from core.ingest.headers.folding import as_in_programs, currency_of_header
from core.ingest.headers.id_names import names_order
from core.ingest.headers.languages import languages
from core.ingest.headers.measure_names import is_deduction_name, is_rate_name
from core.ingest.headers.name_parts import NameParts, listed_words
from core.ingest.headers.word_lists import called
from core.ingest.mapping.column_plan import ColumnPlan
from core.ingest.own_words.compared_amounts import MISTAKES, figures_of, is_price_of_line, may_count_pieces
from core.ingest.request import LINE


def line_amount(
    columns: Columns,
    english: Mapping[str, str],
    first: TextBatch | None,
    *,
    order_id: str,
    units: str | None,
    is_of_order: bool,
) -> ColumnPlan | None:
    """How the amount of a line is read: from a column of lines, as price x units, or once an order (`is_of_order` says that an
    earlier load found that lines repeat it); None where there is none.
    """
    line, price, whole = (
        figures_of(columns, first_called(english, called(key))) for key in ("line_amount", "price", "order_amount")
    )
    price = price or figures_of(columns, counted_column(columns, "price", "product_id"))
    if line is None and (price is None or units is None):
        line = figures_of(columns, counted_column(columns, "line_amount", "product_id"))
    if line is None and whole is None and price is None:
        price = _worded_price(columns) if units is not None else None
    if line is None and whole is None and price is None:
        line = _only_amount(columns)
        whole = _worded_amount(columns, is_of_orders=names_order(order_id)) if line is None else None
    is_called_line = line is not None and NameParts.of(line).has("line_words")  # which says more than equal figures
    if (
        line is not None
        and not is_called_line
        and (_is_of_order(first, line, order_id) or (is_of_order and not _is_of_line(first, line, order_id)))
    ):
        line, whole = None, whole or line
        price = None if units is None else price
    if line is not None:
        return ColumnPlan("gmv", CellType.MONEY, line)
    if price is not None and units is None and NameParts.of(price).has("unit_prices") and may_count_pieces(columns):
        price = None  # of one piece, and nothing says for sure how many there are
    if price is not None and (units is not None or whole is None):
        is_filled = {name: column for name, column in columns.items() if column.role is not Role.BLANK}.__contains__
        product = first_called(english, called("product_id"), is_filled) or entity_column(columns, "product_id")
        by = None if units is not None and is_price_of_line(columns, price, units, product) else units
        return ColumnPlan("gmv", CellType.MONEY, price, by=by)
    if whole is None:
        return None
    return ColumnPlan("gmv", CellType.MONEY, whole, once=None if _is_of_line(first, whole, order_id) else order_id)


def is_amount_of_order(
    first: TextBatch | None,
    amount: str,
    order_id: str,
    sales: ColumnPlan,
    columns: Iterable[str],
    *,
    is_of_order: bool,
) -> bool:
    """Whether a refund or a commission belongs to the whole order and each of its lines repeats it.

    It does where the amounts of its `sales` do, where a document has it outside the list of lines, or where an earlier load
    found it (`is_of_order`). Lines of equal sales have equal refunds and show nothing.
    """
    if not amount.startswith(LINE) and any(name.startswith(LINE) for name in columns):
        return True
    is_likely = is_of_order or sales.once is not None
    is_repeated = is_likely and not _is_of_line(first, amount, order_id)
    return is_repeated or _is_of_order(first, amount, order_id, sales.source)


def _only_amount(columns: Columns) -> str | None:
    """The one column of figures that says a currency in its header or its cells; None where there is none, or several."""
    figures = [column for column in columns.values() if column.role is Role.NUMBER]
    amounts = [
        column.name
        for column in figures
        if currency_of_header(column.name) or (column.samples and currency_of_amount(column.samples[0]))
    ]
    return amounts[0] if len(amounts) == 1 else None


def _worded_price(columns: Columns) -> str | None:
    """The one column of amounts that is called a price in some language, and no discount or fee; None where there is none, or
    several.
    """
    prices = [
        name
        for name, column in columns.items()
        if column.has_fractions and not listed_words("prices").words.isdisjoint(as_in_programs(name).split())
    ]
    prices = [name for name in prices if not is_deduction_name(name)]
    return prices[0] if len(prices) == 1 else None


def _worded_amount(columns: Columns, *, is_of_orders: bool) -> str | None:
    """The one column of figures that is called an amount or a total of an order in some language, whatever else its name says;
    without the order in its name where no other is. None where there is none, or several.
    """
    amounts = [
        name
        for name, column in columns.items()
        if column.role is Role.NUMBER
        and _says_amount(column, is_of_orders=is_of_orders)
        and not is_rate_name(name)
        and not is_deduction_name(name)
    ]
    of_orders = [name for name in amounts if names_order(f"id {name}")]
    found = of_orders or amounts
    return found[0] if len(found) == 1 else None


def _says_amount(column: ColumnProfile, *, is_of_orders: bool) -> bool:
    words = as_in_programs(column.name).split()
    # `items_total` counts, a sum of money has cents; and the `Sale Amount` of an affiliate's transactions is nobody's order
    is_english = is_of_orders and words[-1:] in _ENGLISH and column.has_fractions
    return is_english or not _amount_words().isdisjoint(words)


_ENGLISH = (["total"], ["amount"])


@cache
def _amount_words() -> frozenset[str]:
    """What an amount is called in one word, in every language."""
    return frozenset(
        name
        for language in languages()
        for name, english in language.headers.items()
        if " " not in name and english in {"Amount", "Total", "Order total", "Line total"}
    )


_FEWEST_ORDERS = 3
"""Orders of several lines that have one amount each, before that amount is taken for the order's."""


def _is_of_order(first: TextBatch | None, amount: str, order_id: str, sales: str | None = None) -> bool:
    """Whether an amount is that of the whole order: its lines repeat it, or leave it blank below the first. With `sales`, the
    column of the lines' own amounts, only orders show it in which those differ.
    """
    amounts = _amounts_of_orders(first, amount, order_id, sales)
    return len(amounts) >= _FEWEST_ORDERS and bool((amounts == 1).all())


def _is_of_line(first: TextBatch | None, amount: str, order_id: str) -> bool:
    """Whether an amount that is called that of an order differs between the lines of more orders than mistakes do."""
    differ = _amounts_of_orders(first, amount, order_id) > 1
    return int(differ.sum()) > 1 and float(differ.mean()) > MISTAKES


def _amounts_of_orders(first: TextBatch | None, amount: str, order_id: str, sales: str | None = None) -> Ints:
    """How many different amounts each order has whose id stands in several rows (of different `sales`) and that has any; shape
    (orders,).
    """
    if first is None:
        return np.zeros(0, np.int64)
    orders, amounts = (pc.dictionary_encode(first.columns[name]).indices for name in (order_id, amount))
    lines = pc.dictionary_encode(first.columns[sales]).indices if sales else arrow_array(np.arange(len(orders)))
    is_any = pc.fill_null(pc.match_substring_regex(first.columns[amount], "[1-9]"), False)
    table = pa.table({"order": orders, "amount": amounts, "line": lines, "any": is_any})
    measured = [("amount", "count_distinct"), ("line", "count_distinct"), ("any", "max")]
    counted = table.group_by("order").aggregate(measured)
    is_told = (counted["line_count_distinct"].to_numpy() > 1) & counted["any_max"].to_numpy()
    result: Ints = counted["amount_count_distinct"].to_numpy()[is_told]
    return result


def stands_on_first_line(first: TextBatch | None, column: str, order_id: str) -> bool:
    """Whether the orders that have several lines, and a cell of a column in any, have it in their first line only."""
    if first is None:
        return False
    orders = codes_of(first.columns[order_id])
    is_filled = first.columns[column].is_valid().to_numpy(zero_copy_only=False)
    lines = np.bincount(orders)
    is_first = np.zeros(len(orders), bool)
    is_first[np.unique(orders, return_index=True)[1]] = True
    of_several = is_filled & (lines[orders] > 1)
    return int(of_several.sum()) >= _FEWEST_ORDERS and bool(is_first[of_several].all())
