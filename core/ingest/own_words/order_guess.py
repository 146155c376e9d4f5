"""A mapping proposed for lines that look like orders: an id, a moment, an amount."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Ints
from core.base.errors import UsageError
from core.catalogue.currency_signs import currency_of_amount
from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.columns.day_column import best_day_column
from core.ingest.columns.id_columns import is_id_name, is_numbering, names_order
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.different_cells import all_match
from core.ingest.headers import called, currency_of_header, english_names, folded, is_unpaid, languages, words_of
from core.ingest.headers.measure_names import HUMP, is_deduction_name, is_rate_name
from core.ingest.mapping.column_plan import MANY, ColumnPlan, Plan, asked_columns, few, noted, order_amount, snake
from core.ingest.request import ORDER_AMOUNT

_OTHERS = (
    *("product_id", "buyer_id", "market", "currency", "creator_id", "seller_id", "channel"),
    *("category", "device", "ship_by", "shipped_at", "promised_by", "delivered_at", "cancelled_at"),
    *("refunded_at", "refund_amount", "refund_reason", "commission"),
)
"""What else an order has, by the contract's names."""
_MOST_STATES = 40
"""Different cells of such a column; more are remarks."""


def orders_plan(
    columns: Columns,
    first: TextBatch | None,
    dimensions: Sequence[str],
    *,
    requested: bool,
    nearest: str | None,
    before: Sequence[str] = (),
) -> Plan:
    """The plan for lines of orders whose columns have names of their own, when the user says that they are orders; `before` is
    what an earlier load of the same columns found.

    Raises UsageError when the user does not (it says how they would be read), or no column is what an order needs.
    """
    plan = guess_orders(columns, first, before)
    names = list(columns)
    if plan is None:
        raise UsageError(
            f"not recognised, but its lines look like orders (it has {few(names, MANY)}). {nearest or ''}"
            "Map its columns: whydrop inspect FILE prints a mapping to begin with, to save and name with --map. If its lines "
            "are fees or payments, --as daily adds them up by day."
        )
    read = ", ".join(f"{column.target} = {_source(column)}" for column in plan.columns)
    if not requested:
        raise UsageError(
            f"not recognised, but its lines look like orders. Read them so with --as orders: {read}. "
            "Or map the columns: whydrop inspect FILE prints a mapping to save and name with --map."
        )
    own = [ColumnPlan(snake(name), CellType.WORD, name) for name in asked_columns(dimensions, names)]
    plan = replace(
        plan, columns=(*plan.columns, *own), dimensions=(*plan.dimensions, *(column.target for column in own))
    )
    is_late = (
        order_amount(plan) and ORDER_AMOUNT not in before and not order_amount(guess_orders(columns, None) or plan)
    )
    if before and is_late:
        plan = noted(
            plan,
            "lines repeat the amount of their order, which an earlier load of the same columns may have counted on each line: "
            "take both loads back (whydrop loads), and load their files together",
        )
    return noted(plan, f"read as orders: {read}")


def has_unpaid_orders(columns: Columns, first: TextBatch | None) -> bool:
    """Whether rows with an id, a moment and an amount say of some that nobody paid them: added up by day they would be sales."""
    plan = guess_orders(columns, first)
    return plan is not None and any(column.unless_cells for column in plan.columns)


def counted_unpaid(columns: Columns) -> str | None:
    """A sentence on the rows of a table of days that nobody paid: they count like all others; None when no column says so."""
    state, unpaid = _state(columns, english_names(columns))
    if not unpaid:
        return None
    return f"rows whose {state!r} is {_some(unpaid)} are counted like all others; as a dimension, it can leave them out"


def _some(cells: frozenset[str]) -> str:
    return " or ".join(sorted(cells)[:_SHOWN_STATES])


def _source(column: ColumnPlan) -> str:
    """Which columns a column is read from."""
    more = f" x {column.by!r}" if column.by else " (once an order)" if column.once else ""
    return f"{column.source!r}{more}" + (
        f" (not where {column.unless!r} is {_some(column.unless_cells)})" if column.unless_cells else ""
    )


_SHOWN_STATES = 3


def guess_orders(columns: Columns, first: TextBatch | None, before: Sequence[str] = ()) -> Plan | None:
    """A plan of kind orders by the names of columns; None when an id, a moment or an amount is missing.

    The first rows tell whether an amount belongs to a line or to the whole order, where no earlier load did (`before`).
    """
    english = _without_brackets(english_names(columns))
    kind = KINDS["orders"]
    state, unpaid = _state(columns, english)
    order_id, day = _first(english, called("order_id")) or _order_id(columns), best_day_column(columns, english)
    if order_id is None and unpaid:
        order_id = _most_different_id(columns, english)
    if order_id is None or day is None:
        return None
    units = _figures(columns, _first(english, called("units")))
    amount = _amount(columns, english, first, order_id=order_id, units=units, is_of_order=ORDER_AMOUNT in before)
    if amount is None:
        return None
    paid = _first(english, called("paid_at"))
    paid = None if paid is None or columns[paid].role is not Role.DATE else paid
    # where only the first line of an order has its day, the others take what belongs to the order from it
    fill = order_id if columns[day].filled < columns[order_id].filled else None
    result = [
        ColumnPlan("order_id", CellType.TEXT, order_id),
        ColumnPlan("ordered_at", CellType.MOMENT, day, fill=fill),
        ColumnPlan(
            "paid_at",
            CellType.MOMENT,
            paid or day,
            fill=fill,
            unless=state,
            unless_cells=unpaid,
            unless_unpaid=state is not None,
        ),
        amount,
    ]
    more = _more(columns, english, order_id=order_id, units=units)
    used = {column.source for column in result}
    result += [
        ColumnPlan(target, kind.columns[target], source, fill=fill if target in _OF_ORDER else None)
        for target, source in more.items()
        if source is not None and source not in used
    ]
    return Plan(kind, tuple(result), dimensions=tuple(name for name in more if name in kind.dimensions), decimal="auto")


def _more(columns: Columns, english: Mapping[str, str], *, order_id: str, units: str | None) -> dict[str, str | None]:
    """The columns of what an order may have in addition; None where no column has it."""
    kind = KINDS["orders"]
    others = {
        target: next(
            (
                english[name]
                for name in called(target)
                if name in english and _holds(columns[english[name]], kind.columns[target])
            ),
            None,
        )
        for target in _OTHERS
    }
    return {"units": units, **others, "line": _line_id(columns, order_id)}


def _holds(column: ColumnProfile, cell: CellType) -> bool:
    """Whether a column holds such cells."""
    if cell in {CellType.MOMENT, CellType.DEADLINE}:
        return column.role is Role.DATE
    return column.role is Role.NUMBER if cell is CellType.MONEY else column.role is not Role.BLANK


def _amount(
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
    line, price = (_figures(columns, _first(english, names)) for names in (called("line_amount"), called("price")))
    whole = _figures(columns, _first(english, called("order_amount")))
    if line is None and whole is None and price is None:
        line = _only_amount(columns)
        whole = _worded_amount(columns) if line is None else None
    if line is not None and (
        _is_of_order(first, line, order_id) or (is_of_order and not _is_of_line(first, line, order_id))
    ):
        line, whole = None, whole or line
        price = None if units is None else price
    if line is not None:
        return ColumnPlan("gmv", CellType.MONEY, line)
    if price is not None:
        return ColumnPlan("gmv", CellType.MONEY, price, by=units)
    if whole is None:
        return None
    return ColumnPlan("gmv", CellType.MONEY, whole, once=None if _is_of_line(first, whole, order_id) else order_id)


def _state(columns: Columns, english: Mapping[str, str]) -> tuple[str | None, frozenset[str]]:
    """The column that says of orders whether somebody paid them, and its cells that say that nobody did, in lower case: none
    where rows further down may; None where no column does."""
    own = {name: folded(name) for name in columns} | {column: name for name, column in english.items()}
    texts = [name for name, column in columns.items() if column.role is Role.TEXT and len(column.cells) <= _MOST_STATES]
    for word in called("order_state"):
        named = [name for name in texts if word in own[name]]
        for name in sorted(named, key=lambda name: own[name] != word):  # `Status` says more than `Delivery status`
            is_owed = any(stem in own[name] for stem in words_of("payments"))
            cells = frozenset(
                cell.casefold()
                for cell in columns[name].different()
                if is_unpaid(cell) or (is_owed and folded(cell) in words_of("owed"))
            )
            if cells:
                return name, cells
    return _first(english, called("order_state")[:_STATES_OF_ORDERS]), frozenset()


_STATES_OF_ORDERS = 5
"""Names that say surely that a column tells the state of an order, whatever its cells."""


def _order_id(columns: Columns) -> str | None:
    """The column that is called like an id of orders, of several the one with the shortest name: lines have ids, too."""
    return min(filter(names_order, columns), key=len, default=None)


def _line_id(columns: Columns, order_id: str) -> str | None:
    """Another column that is called like an id of orders and differs in every row, where orders have several lines: their id."""
    if len(columns[order_id].cells) == columns[order_id].rows:
        return None
    ids = [column for name, column in columns.items() if name != order_id and names_order(name)]
    return next((column.name for column in ids if len(column.cells) == column.rows), None)


def _only_amount(columns: Columns) -> str | None:
    """The one column of figures that says a currency in its header or its cells; None where there is none, or several."""
    figures = [column for column in columns.values() if column.role is Role.NUMBER]
    amounts = [
        column.name
        for column in figures
        if currency_of_header(column.name) or (column.samples and currency_of_amount(column.samples[0]))
    ]
    return amounts[0] if len(amounts) == 1 else None


def _worded_amount(columns: Columns) -> str | None:
    """The one column of figures that is called an amount or a total of an order in some language, whatever else its name says;
    without the order in its name where no other is. None where there is none, or several.
    """
    amounts = [
        name
        for name, column in columns.items()
        if column.role is Role.NUMBER
        and not _amount_words().isdisjoint(folded(name).split())
        and not is_rate_name(name)
        and not is_deduction_name(name)
    ]
    of_orders = [name for name in amounts if names_order(f"id {name}")]
    found = of_orders or amounts
    return found[0] if len(found) == 1 else None


@cache
def _amount_words() -> frozenset[str]:
    """What an amount is called in one word, in every language."""
    return frozenset(
        name
        for language in languages()
        for name, english in language.headers.items()
        if " " not in name and english in {"Amount", "Total", "Order total", "Line total"}
    )


def _most_different_id(columns: Columns, english: Mapping[str, str]) -> str | None:
    """The column that is called an id, numbers the rows or holds codes, and differs in most of them; None when none does in
    half of them.
    """
    names = {
        *(name for name, column in columns.items() if column.role is Role.TEXT and _are_codes(column)),
        *(name for name in columns if is_id_name(name)),
        *(column for name, column in english.items() if is_id_name(name)),
        *(name for name, column in columns.items() if column.is_figure and is_numbering(column)),
    }
    ids = [columns[name] for name in columns if name in names and columns[name].role in {Role.TEXT, Role.NUMBER}]
    ids = [column for column in ids if len(column.cells) >= column.rows / 2]
    return max(ids, key=lambda column: len(column.cells)).name if ids else None


def _are_codes(column: ColumnProfile) -> bool:
    """Whether cells are letters and many digits without spaces, such as `HP1234567890`."""
    return bool(len(column.cells)) and all_match(column.cells, _CODE)


_CODE = r"^[A-Za-z]{0,6}[-_]?\d[\w-]{5,}$"
_OF_ORDER = ("buyer_id", "market", "currency")
_FEWEST_ORDERS = 3
"""Orders of several lines that have one amount each, before that amount is taken for the order's."""


def _is_of_order(first: TextBatch | None, amount: str, order_id: str) -> bool:
    """Whether an amount is that of the whole order: its lines repeat it, or leave it blank below the first."""
    amounts = _amounts_of_orders(first, amount, order_id)
    return len(amounts) >= _FEWEST_ORDERS and bool((amounts == 1).all())


def _is_of_line(first: TextBatch | None, amount: str, order_id: str) -> bool:
    """Whether an amount that is called that of an order differs between the lines of most orders which have several."""
    amounts = _amounts_of_orders(first, amount, order_id)
    return bool(len(amounts)) and float((amounts > 1).mean()) > _MOSTLY


_MOSTLY = 0.5


def _amounts_of_orders(first: TextBatch | None, amount: str, order_id: str) -> Ints:
    """How many different amounts each order has whose id stands in several rows; shape (orders,)."""
    if first is None:
        return np.zeros(0, np.int64)
    orders, amounts = (pc.dictionary_encode(first.columns[name]).indices for name in (order_id, amount))
    both = pa.table({"order": orders, "amount": amounts})
    counted = both.group_by("order").aggregate([("amount", "count_distinct"), ("order", "count")])
    result: Ints = counted["amount_count_distinct"].to_numpy()[counted["order_count"].to_numpy() > 1]
    return result


def _without_brackets(english: Mapping[str, str]) -> dict[str, str]:
    """The names, with what they are before a bracket (`order total(inc tax)`) and without underscores, or in the words of
    `orderTime`, or without their group (`Item - Price`, `Order Lines/Quantity`), where no other is called so.
    """
    bare = [name.partition("(")[0].replace("_", " ").strip() for name in english]
    grouped = {
        _GROUP.sub("", name).replace("_", " "): column
        for name, column in reversed(list(english.items()))
        if _GROUP.match(name)
    }
    joined = {column: " ".join(HUMP.split(column)).casefold() for column in english.values()}
    named = list(zip(bare, english.values(), strict=True))
    split = {name: column for column, name in reversed(joined.items())}
    return grouped | split | dict(reversed(named)) | dict(english)  # of two that are called so, the first


_GROUP = re.compile(r".*(?: - |\w/)(?=\w)|lineitem ")


def _first(english: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((english[folded(name)] for name in names if folded(name) in english), None)


def _figures(columns: Columns, name: str | None) -> str | None:
    return name if name is not None and columns[name].role in {Role.NUMBER, Role.PERCENT} else None
