"""The columns of lines that look like orders: an id, a moment, an amount."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.columns.currencies import currency_columns
from core.ingest.columns.day_column import best_day_column
from core.ingest.columns.id_columns import is_row_number
from core.ingest.formats.batch import TextBatch
from core.ingest.headers.column_names import first_called
from core.ingest.headers.entity_names import ENTITIES, counted_column, entity_column
from core.ingest.headers.folding import as_in_programs, folded
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.minor_units import coins_per_unit, english_in_units, without_minor_unit
from core.ingest.headers.word_lists import called, words_of
from core.ingest.mapping.column_plan import ColumnPlan, Plan, few
from core.ingest.mapping.order_returns import LISTED_REFUNDS
from core.ingest.own_words.compared_amounts import amount_of_units, figures_of, units_by_price
from core.ingest.own_words.order_amounts import is_amount_of_order, line_amount, stands_on_first_line
from core.ingest.own_words.order_ids import line_column, most_different_id, named_order, numbers_lines
from core.ingest.own_words.order_parts import days_given, order_parts, planned_days
from core.ingest.own_words.order_states import (
    cancelled_by_state,
    not_refunded,
    order_state,
    refunds_by_state,
)
from core.ingest.request import ORDER_AMOUNT, ORDER_LINE

_OTHERS = (
    *("product_id", "buyer_id", "market", "currency", "creator_id", "seller_id", "channel"),
    *("content_type", "category", "user_segment", "device", "ship_by", "shipped_at", "promised_by"),
    *("delivered_at", "cancelled_at", "cancelled_by"),
    *("refunded_at", "refund_amount", "refund_reason", "commission"),
)
"""What else an order has, by the contract's names."""


def guess_orders(
    columns: Columns, first: TextBatch | None, before: Sequence[str] | None = None, *, any_id: bool = False
) -> Plan | None:
    """A plan of kind orders by the names of columns; None when an id, a moment or an amount is missing. With `any_id` it may be
    an id of anything: of shipments, where a user says that they are orders.

    The first rows tell whether an amount belongs to a line or to the whole order, where no earlier load did (`before`).
    """
    english, known = english_in_units(columns), before or ()
    kind = KINDS["orders"]
    state, unpaid = order_state(columns, english)
    order_id = named_order(columns, english)
    day = best_day_column(columns, english)
    if order_id is None and (unpaid or any_id):
        order_id = most_different_id(columns, english)
    if order_id is None or day is None:
        return None
    is_count = partial(_may_be_units, columns)
    units = first_called(english, called("units"), is_count) or counted_column(columns, "units", "product_id")
    units = figures_of(columns, units) or units_by_price(columns, english)
    if units is None and (units := amount_of_units(columns, english)) is not None:
        english = {name: column for name, column in english.items() if column != units}
    amount = line_amount(columns, english, first, order_id=order_id, units=units, is_of_order=ORDER_AMOUNT in known)
    if amount is None:
        return None
    paid = _payment(columns, english, first, order_id, day, state=state, unpaid=unpaid)
    ordered = ColumnPlan("ordered_at", CellType.MOMENT, day, fill=paid.fill)
    sale = (ColumnPlan("order_id", CellType.TEXT, order_id), ordered, paid, amount)
    more = _more(columns, english, order_id=order_id, day=day, units=units, unpaid=(state, unpaid))
    used = {column.source for column in sale}
    more["product_id"], own_id = _article(columns, english, more["product_id"], order_id, before)
    more["line"] = line_column(columns, order_id, {*used, *more.values()}, before) or own_id
    found = {target: source for target, source in more.items() if source is not None and source not in used}
    details = _details(columns, first, known, found, order_id=order_id, paid=paid, amount=amount)
    if not {*_OF_REFUND} & found.keys() and not LISTED_REFUNDS.keys() & columns.keys():
        details += refunds_by_state(columns, state, day, amount)
    if not {"cancelled_at", "cancelled_by"} & found.keys():
        details += cancelled_by_state(columns, state, day)
    slices = tuple(name for name in more if name in kind.dimensions)
    currency = columns[found["currency"]].different() if "currency" in found else []
    in_units = tuple(_in_units(column, currency) for column in (*sale, *details))
    return Plan(kind, in_units, dimensions=slices, decimal="auto")


def _details(
    columns: Columns,
    first: TextBatch | None,
    before: Sequence[str],
    found: Mapping[str, str],
    *,
    order_id: str,
    paid: ColumnPlan,
    amount: ColumnPlan,
) -> list[ColumnPlan]:
    """How the columns that were `found` for what else an order has are read: once for all its lines where they repeat it."""
    kind = KINDS["orders"]
    of_order = {
        target
        for target, source in found.items()
        if kind.columns[target] is CellType.MONEY
        and is_amount_of_order(
            first, source, order_id, amount, columns, is_of_order=f"{ORDER_AMOUNT}:{target}" in before
        )
    }
    refund, without = not_refunded(columns)
    return [
        ColumnPlan(
            target,
            kind.columns[target],
            source,
            fill=paid.fill if target in _OF_ORDER else None,
            once=order_id if target in of_order else None,
            words=_who_cancels(columns[source]) if target == "cancelled_by" else {},
            unless=refund if target in _OF_REFUND else None,
            unless_cells=without if target in _OF_REFUND else frozenset(),
        )
        for target, source in found.items()
    ]


def _in_units(column: ColumnPlan, currencies: Sequence[str]) -> ColumnPlan:
    """The same of an amount in units of its currency, where its header says that it is in coins.

    Raises UsageError where different numbers of coins make a unit of the currencies.
    """
    if column.cell is not CellType.MONEY or not column.source or without_minor_unit(column.source) is None:
        return column
    coins = coins_per_unit(currencies)
    if coins is None:
        raise UsageError(
            f"{column.source!r} is in the smallest coins of {few(currencies)}, of which different numbers make one unit. Save a "
            "file for each currency"
        )
    return replace(column, times=1 / coins)


def _payment(
    columns: Columns,
    english: Mapping[str, str],
    first: TextBatch | None,
    order_id: str,
    day: str,
    *,
    state: str | None,
    unpaid: frozenset[str],
) -> ColumnPlan:
    """When an order was paid: on its day of payment, or on its own `day` unless its state says that nobody paid it.

    Where only the first line of an order has its day, its state or its payment, the others take from it what belongs to the
    order (`fill`).
    """
    paid = first_called(english, called("paid_at")) or order_parts(columns, (day,)).get("paid_at")
    paid = None if paid is None or columns[paid].role is not Role.DATE else paid
    orders, lines = len(columns[order_id].cells), columns[order_id].filled
    has_first = columns[day].filled < lines or (state is not None and orders <= columns[state].filled < lines)
    has_first = has_first or (paid is not None and stands_on_first_line(first, paid, order_id))
    if paid is not None and days_given(columns[paid]) < (orders if has_first else lines):
        state, unpaid = None, frozenset()  # it has the paid ones itself: what was cancelled later was paid
    return ColumnPlan(
        "paid_at",
        CellType.MOMENT,
        paid or day,
        fill=order_id if has_first else None,
        unless=state,
        unless_cells=unpaid,
        is_judged=state is not None,
    )


def _more(
    columns: Columns,
    english: Mapping[str, str],
    *,
    order_id: str,
    day: str,
    units: str | None,
    unpaid: tuple[str | None, frozenset[str]],
) -> dict[str, str | None]:
    """The columns of what an order may have in addition; None where no column has it. `unpaid` is the column of its state, and
    the cells of it that say that nobody paid.
    """
    kind = KINDS["orders"]
    others = {
        target: first_called(english, called(target), partial(_holds, columns, kind.columns[target]))
        for target in _OTHERS
    }
    articles = {english[form] for form in called("product_id") if form in english}
    for target in ENTITIES:
        # what numbers articles is nobody's id: `商家编码` is the code of an article that its seller gives
        names = [
            name
            for name, column in columns.items()
            if column.role in {Role.TEXT, Role.NUMBER}
            and name != order_id
            and (as_in_programs(name) not in words_of("line_ids") if target == "product_id" else name not in articles)
        ]
        others[target] = _named_entity(names, target, others[target])
    others |= planned_days(columns, others, *unpaid)
    worded = order_parts(columns, {*others.values(), day, *LISTED_REFUNDS})
    others = {target: others[target] or worded.get(target) for target in _OTHERS}
    others["currency"] = others["currency"] or next(iter(currency_columns(columns)), None)
    return {"units": units, **others}


def _article(
    columns: Columns, english: Mapping[str, str], product: str | None, order_id: str, before: Sequence[str] | None
) -> tuple[str | None, str | None]:
    """The columns of the product of a line, and of an id of the line that is called like it: what differs in each line, where
    another column has the product, unless a load `before` took it for that.
    """
    is_known = before is not None and f"{ORDER_LINE}:{product}" not in before
    if product is None or is_known or not numbers_lines(columns, product, order_id):
        return product, None
    others = {form: name for form, name in english.items() if not numbers_lines(columns, name, order_id)}
    article = first_called(others, called("product_id"))
    return (product, None) if article is None else (article, product)


def _named_entity(names: Iterable[str], target: str, found: str | None) -> str | None:
    """The column of who or what is meant: the one that was `found`, but its id before its name."""
    own = list(names)
    if found is not None and is_id_name(found):
        return found
    skus = (name for name in own if target == "product_id" and "sku" in as_in_programs(name).split())
    entity = next(skus, None) or entity_column(own, target)
    is_id = entity is not None and (is_id_name(entity) or "sku" in as_in_programs(entity).split())
    return entity if found is None or is_id else found


def _who_cancels(column: ColumnProfile) -> dict[str, str]:
    """What the cells of a column that says who cancelled an order are in the contract's words."""
    return {
        cell: who
        for cell in column.different()
        for who in ("buyer", "seller", "system")
        if folded(cell) in words_of(f"cancels_as_{who}")
    }


def _may_be_units(columns: Columns, name: str) -> bool:
    """Whether a column may count pieces. Short words are others elsewhere: `SL` numbers the rows in India, `DB` is what a sale
    earns in German.
    """
    column = columns[name]
    is_short = len(name) <= _SHORT
    return not is_row_number(column, is_first=name == next(iter(columns))) and not (is_short and column.has_fractions)


_SHORT = 2


def _holds(columns: Columns, cell: CellType, name: str) -> bool:
    """Whether a column holds such cells."""
    role = columns[name].role
    if cell in {CellType.MOMENT, CellType.DEADLINE}:
        return role is Role.DATE
    if cell is CellType.MONEY:
        return role is Role.NUMBER and not {*columns[name].cells[:_FLAGS].to_pylist()} <= {"0", "1"}
    return role is not Role.BLANK


_FLAGS = 3
"""Different cells that show a column of flags, which is called `refund` as the amounts are."""


_OF_REFUND = ("refund_amount", "refunded_at")
_OF_ORDER = ("buyer_id", "market", "currency")
