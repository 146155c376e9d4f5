"""Lists of refunds: each row says that an order, or a part of one, was given back. Many systems export them apart from the
orders, which get their columns.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Ints
from core.base.frozen import frozen
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.headers.column_names import english_names, first_called
from core.ingest.headers.folding import HUMP, spaced
from core.ingest.headers.id_names import are_of_refunds, is_id_name, names_order, names_refund
from core.ingest.headers.minor_units import coins_per_unit, without_minor_unit
from core.ingest.headers.word_lists import called, is_unpaid, words_of
from core.ingest.lookups.lookup_tables import LookupTable, keys_without_rows, plain_name
from core.ingest.lookups.order_tables import are_days, are_orders
from core.ingest.mapping.cell_text import plain_ids, whole
from core.ingest.mapping.order_returns import LISTED_REFUNDS
from core.ingest.request import DecimalMark
from core.ingest.values.numbers import is_number, marks_seen, read_number

_AMOUNTS = ("refund_amount", "line_amount", "order_amount")
_Place = TypeVar("_Place")
"""A file, or a sheet of one."""


@frozen
class _Columns:
    """Where a list of refunds has what; None where it has not."""

    order: int
    amount: int | None
    day: int | None
    reason: int | None
    state: int | None
    currency: int | None
    ids: tuple[int, ...]
    """Those of other ids than the order's."""


@frozen
class RefundList:
    """The refunds of one file, without those that were declined or cancelled; all arrays of shape (n,)."""

    file: str
    """What the file is called."""
    name: str
    """What its column of orders is called, folded."""
    orders: pa.Array
    """The order of each, as `plain_ids` gives it."""
    details: tuple[pa.Array, ...]
    """What LISTED_REFUNDS are called, null where it is not given."""
    identity: pa.Array
    """All of this and its other ids, as one text."""


def refund_list(table: ExportTable, file: str) -> RefundList | None:
    """The refunds of a table; None of another one, or where a row of it cannot be read."""
    header, *first = table.rows
    columns = _columns_of(header, first)
    if columns is None:
        return None
    places = (columns.order, columns.state, columns.currency, columns.amount, columns.day, columns.reason, *columns.ids)
    batch = whole(table.records(0, header).texts({header[at] for at in places if at is not None}))
    if batch is None or batch.refused:
        return None
    blank = pa.nulls(len(batch.records), pa.string())
    order, states, currencies, amounts, *details = (
        batch.columns[header[at]] if at is not None else blank for at in places
    )
    if columns.amount is not None and without_minor_unit(header[columns.amount]) is not None:
        if (coins := coins_per_unit(pc.unique(currencies).drop_null().to_pylist())) is None:
            return None
        amounts = _in_units(amounts, coins)
    order = plain_ids(order)
    declined = [state for state in pc.unique(states).drop_null().to_pylist() if is_unpaid(state)]
    is_named = pc.fill_null(pc.greater(pc.utf8_length(order), 0), False)
    is_refund = pc.and_(is_named, pc.invert(pc.is_in(states, pa.array(declined, pa.string()))))
    cells = [column.filter(is_refund) for column in (order, amounts, *details)]
    identity = pc.binary_join_element_wise(*(column.fill_null("") for column in cells), "\x1f")
    return RefundList(file, plain_name(header[columns.order]), cells[0], tuple(cells[1:4]), identity)


def _in_units(amounts: pa.Array, coins: int) -> pa.Array:
    """Amounts in coins, so many of which make one unit, as amounts in units; what is no figure stays."""
    encoded = amounts.dictionary_encode()
    units = [f"{Decimal(cell) / coins:f}" if cell.isdecimal() else cell for cell in encoded.dictionary.to_pylist()]
    return pa.array(units, pa.string()).take(encoded.indices)


def refunds_of(
    lists: Mapping[_Place, RefundList], orders: Sequence[ExportTable]
) -> tuple[dict[_Place, Sequence[LookupTable]], dict[_Place, int]]:
    """What lists of refunds say of these orders, lists of the same tables together under the first of them; and how many orders
    of each list are in none of the tables. Lists of other orders are left out.
    """
    keys = {own.name: names_of_orders(own.name, orders) for own in lists.values()}
    lost: dict[_Place, int] = {}
    by_places: dict[tuple[int | None, ...], list[_Place]] = defaultdict(list)
    for place, own in lists.items():
        alone = _by_order([own], keys[own.name])
        missing = keys_without_rows(alone, orders) if alone is not None else 0
        if alone is not None and missing <= len(alone.key) * _LOST:
            by_places[tuple(alone.place_in(table.rows) for table in orders)].append(place)
            lost |= {place: missing} if missing else {}
    result: dict[_Place, Sequence[LookupTable]] = {}
    for sources in by_places.values():
        together = _by_order([lists[source] for source in sources], keys[lists[sources[0]].name])
        if together is not None:
            result |= {**dict.fromkeys(sources, ()), sources[0]: [together]}
    return result, lost


_LOST = 0.5
"""Share of the orders of a list of refunds that may be in no file: where more are missing, it is the list of other orders."""


def _by_order(lists: Sequence[RefundList], keys: tuple[str, ...]) -> LookupTable | None:
    """What lists say of each order, under the names that orders have for it: amounts of several refunds add up, the day and the
    reason are those of the first one. What two lists both have, with all of its ids, is one refund.

    None where they say nothing, or have amounts that cannot be added up.
    """
    encoded = pa.concat_arrays([item.orders for item in lists]).dictionary_encode()
    details = [pa.concat_arrays(columns) for columns in zip(*(item.details for item in lists), strict=True)]
    orders: Ints = encoded.indices.to_numpy()
    if len(lists) > 1:
        kept = _different(lists)
        orders, details = orders[kept], [column.take(arrow_array(kept)) for column in details]
    _, firsts = np.unique(orders, return_index=True)
    amounts = _sums(details[0], orders, firsts)
    cells = (amounts, *(column.take(arrow_array(firsts)) for column in details[1:]))
    texts = {
        target: column
        for target, column in zip(LISTED_REFUNDS, cells, strict=True)
        if column is not None and column.null_count < len(column)
    }
    if amounts is None or not texts:
        return None
    name = " and ".join(item.file for item in lists)
    return LookupTable(name, keys, encoded.dictionary, texts, fits=are_orders, is_of_few=True)


def _different(lists: Sequence[RefundList]) -> Ints:
    """Which rows of all lists, one below the other, no earlier list has: of equal rows as many as the list with most has."""
    rows: Ints = pa.concat_arrays([item.identity for item in lists]).dictionary_encode().indices.to_numpy()
    files = np.repeat(np.arange(len(lists)), [len(item.identity) for item in lists])
    order = np.lexsort((rows, files))
    is_first = np.diff(rows[order], prepend=-1).astype(bool) | np.diff(files[order], prepend=-1).astype(bool)
    starts = np.maximum.accumulate(np.where(is_first, np.arange(len(order)), 0))
    times = np.empty_like(order)
    times[order] = np.arange(len(order)) - starts
    _, kept = np.unique(rows.astype(np.int64) * len(rows) + times, return_index=True)
    return np.sort(kept)


def names_of_orders(order: str, tables: Sequence[ExportTable]) -> tuple[str, ...]:
    """What tables of orders call the ids that a list of refunds has in its column `order`, folded: the same, where one of them
    does; Amazon's orders have an `amazon-order-id`, and their returns an `order-id`.
    """
    names = [plain_name(name) for table in tables for name in table.rows[0] if names_order(name)]
    return (order,) if order in names else tuple(dict.fromkeys(names))


def _columns_of(header: Sequence[str], rows: Rows) -> _Columns | None:
    """The columns of a list of refunds; None for another table, which has another day, or none of its orders."""
    english = english_names(header)
    orders = [at for at, name in enumerate(header) if names_order(name) and not names_refund(name)]
    if len(orders) != 1:
        return None
    days = [at for at in range(len(header)) if are_days(rows, at)]

    def place(*targets: str) -> int | None:
        name = first_called(english, [word for target in targets for word in called(target)])
        return None if name is None else header.index(name)

    refunded = place("refunded_at")
    is_list = are_of_refunds(english) or days == [refunded]
    days = [refunded] if refunded in days else days
    if not is_list or len(days) > 1 or any(len(row) < len(header) for row in rows):
        return None
    amount, states = place(*_AMOUNTS), _states_in(header)
    return _Columns(
        order=orders[0],
        amount=amount if amount is not None else _only_amount(header, rows, {*orders, *days, place("units")}),
        day=days[0] if days else None,
        reason=place("refund_reason", "reason"),
        state=next(iter(states), None),
        currency=place("currency"),
        ids=tuple(at for at, name in enumerate(header) if at not in {*orders, *states} and is_id_name(name)),
    )


def _states_in(header: Sequence[str]) -> list[int]:
    """The columns that are called a state: that of the refund first, whatever became of its order."""
    spoken = {at: f" {spaced(HUMP.sub(' ', name))} " for at, name in enumerate(header)}
    words = called("order_state")
    states = [
        at for at, name in spoken.items() if any((f" {word} " if word.isascii() else word) in name for word in words)
    ]
    return sorted(
        states,
        key=lambda at: (
            any(stem in spoken[at] for stem in words_of("order_stems")),
            not names_refund(header[at]),
            spoken[at].strip() not in words,
        ),
    )


def _only_amount(header: Sequence[str], rows: Rows, others: Container[int | None]) -> int | None:
    """The only column of figures that is no id, units and the like left out: `refund_total` is called as nothing else is."""
    figures = [
        at
        for at, name in enumerate(header)
        if at not in others and not is_id_name(name) and all(row[at].strip() and is_number(row[at]) for row in rows)
    ]
    return figures[0] if len(figures) == 1 else None


def _sums(amounts: pa.Array, orders: Ints, firsts: Ints) -> pa.Array | None:
    """The amount of each order, as it is written where it has one; None where more cannot be added up. `firsts` is the first row
    of each order.
    """
    marks = marks_seen(pc.unique(amounts).drop_null().to_pylist())
    if len(marks) > 1:
        return None
    has_more = np.bincount(orders) > 1
    rows = np.flatnonzero(has_more[orders])
    parts: dict[int, list[str]] = {order: [] for order in np.flatnonzero(has_more).tolist()}
    for order, amount in zip(orders[rows].tolist(), amounts.take(arrow_array(rows)).to_pylist(), strict=True):
        parts[order] += [amount] if amount is not None else []
    mark: DecimalMark = next(iter(marks), ".")
    try:
        sums = [_sum(own, mark) if len(own) > 1 else next(iter(own), None) for own in parts.values()]
    except ValueError:
        return None
    return pc.replace_with_mask(amounts.take(arrow_array(firsts)), arrow_array(has_more), pa.array(sums, pa.string()))


def _sum(cells: Sequence[str], mark: DecimalMark) -> str:
    total = sum((read_number(cell, mark) or Decimal(0) for cell in cells), Decimal(0))
    return f"{total:f}".replace(".", mark)
