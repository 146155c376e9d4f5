"""Lists of refunds: each row says that an order, or a part of one, was given back. Many systems export them apart from the
orders, which get their columns.
"""

from collections.abc import Container, Iterable, Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from core.base.frozen import frozen
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.headers.column_names import english_names, first_called
from core.ingest.headers.id_names import are_of_refunds, is_id_name, names_order
from core.ingest.headers.word_lists import called, is_unpaid
from core.ingest.lookups.lookup_tables import LookupTable, plain_name
from core.ingest.lookups.order_tables import are_days
from core.ingest.mapping.cell_text import plain_ids
from core.ingest.mapping.order_returns import LISTED_REFUNDS
from core.ingest.request import DecimalMark
from core.ingest.values.numbers import is_number, marks_seen, read_number

_AMOUNTS = ("refund_amount", "line_amount", "order_amount")


@frozen
class _Columns:
    """Where a list of refunds has what; None where it has not."""

    order: int
    amount: int | None
    day: int | None
    reason: int | None
    state: int | None


def refunds_by_order(table: ExportTable, file: str) -> LookupTable | None:
    """What a list of refunds says of each order, under the names that orders have for it: amounts of several rows add up, the day
    and the reason are those of the first one. Refunds that were declined or cancelled do not count.

    None of another table, and of one that is too long to be read as a whole or has amounts that cannot be added up.
    """
    header, *rows = table.rows
    columns = _columns_of(header, rows) if table.is_complete else None
    if columns is None:
        return None
    by_order: dict[str, list[Sequence[str]]] = {}
    for row in rows:
        order = row[columns.order].strip()
        if order and not (columns.state is not None and is_unpaid(row[columns.state])):
            by_order.setdefault(order, []).append(row)
    amount, day, reason = LISTED_REFUNDS
    cells: dict[str, list[str] | None] = {}
    if columns.amount is not None:
        cells[amount] = _sums([[row[columns.amount] for row in own] for own in by_order.values()])
    for name, at in ((day, columns.day), (reason, columns.reason)):
        if at is not None:
            cells[name] = [own[0][at] for own in by_order.values()]
    if not by_order or not cells or None in cells.values():
        return None
    keys = plain_ids(pa.array(by_order, pa.string()))
    texts = {name: pa.array(own, pa.string()) for name, own in cells.items()}
    return LookupTable(file, (plain_name(header[columns.order]),), keys, texts, is_of_refunds=True)


def without_order(lookup: LookupTable, tables: Iterable[ExportTable]) -> int:
    """How many of the orders that a list of refunds names are in none of the tables, read to their ends."""
    left = lookup.key
    for table in tables:
        at = lookup.place_in(table.rows)
        if at is None:
            continue
        header = table.rows[0]
        for batch in table.records(0, header).texts([header[at]]):
            left = left.filter(pc.invert(pc.is_in(left, plain_ids(batch.columns[header[at]]))))
    return len(left)


def _columns_of(header: Sequence[str], rows: Rows) -> _Columns | None:
    """The columns of a list of refunds; None for another table, which has another day, or none of its orders."""
    english = english_names(header)
    orders = [at for at, name in enumerate(header) if names_order(name)]
    days = [at for at in range(len(header)) if are_days(rows, at)]

    def place(*targets: str) -> int | None:
        name = first_called(english, [word for target in targets for word in called(target)])
        return None if name is None else header.index(name)

    is_list = are_of_refunds(english) or days == [place("refunded_at")]
    if not is_list or len(orders) != 1 or len(days) > 1 or any(len(row) < len(header) for row in rows):
        return None
    amount = place(*_AMOUNTS)
    return _Columns(
        order=orders[0],
        amount=amount if amount is not None else _only_amount(header, rows, {*orders, *days, place("units")}),
        day=days[0] if days else None,
        reason=place("refund_reason", "reason"),
        state=place("order_state"),
    )


def _only_amount(header: Sequence[str], rows: Rows, others: Container[int | None]) -> int | None:
    """The only column of figures that is no id, units and the like left out: `refund_total` is called as nothing else is."""
    figures = [
        at
        for at, name in enumerate(header)
        if at not in others and not is_id_name(name) and all(row[at].strip() and is_number(row[at]) for row in rows)
    ]
    return figures[0] if len(figures) == 1 else None


def _sums(amounts: Sequence[Sequence[str]]) -> list[str] | None:
    """The amount of each order, as it is written where it has one; None where more cannot be added up."""
    marks = marks_seen(cell for own in amounts for cell in own)
    if len(marks) > 1:
        return None
    mark: DecimalMark = next(iter(marks), ".")
    try:
        return [own[0] if len(own) == 1 else _sum(own, mark) for own in amounts]
    except ValueError:
        return None


def _sum(cells: Sequence[str], mark: DecimalMark) -> str:
    total = sum((read_number(cell, mark) or Decimal(0) for cell in cells), Decimal(0))
    return f"{total:f}".replace(".", mark)
