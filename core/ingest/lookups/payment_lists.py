"""Lists of payments: each row says when an order was paid. Databases keep them apart from the orders, which get the day."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.frozen import frozen
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.headers.column_names import english_names, first_called
from core.ingest.headers.id_names import are_of_refunds, is_id_name, names_order
from core.ingest.headers.name_parts import NameParts
from core.ingest.headers.word_lists import called, is_unpaid, words_of
from core.ingest.lookups.lookup_tables import LookupTable, keys_without_rows, plain_name
from core.ingest.lookups.order_tables import are_days, are_of_known_system, are_orders
from core.ingest.lookups.refund_lists import names_of_orders
from core.ingest.mapping.cell_text import plain_ids, whole

_PAID = "paid_at"
_ENOUGH = 0.5
"""Share of the orders of each third of a table that payments must be of: those of other months would look unpaid."""
_LOST = 0.5
"""Share of the orders that are paid and may be in no file."""
_Place = TypeVar("_Place")


@frozen
class PaymentList:
    """The payments of one file, without those that failed or are to come; both arrays of shape (n,)."""

    file: str
    name: str
    """What its column of orders is called, folded."""
    orders: pa.Array
    """The order of each, as `plain_ids` gives it."""
    days: pa.Array


def payment_list(table: ExportTable, file: str) -> PaymentList | None:
    """The payments of a table: it has ids of its own before those of orders, and no day but that of the payment. None of another
    one, or where a row of it cannot be read.
    """
    header, *first = table.rows
    english = english_names(header)
    ids = [name for name in header if is_id_name(name) or names_order(name)]
    orders = [name for name in ids if names_order(name)]
    day = first_called(english, called(_PAID))
    days = [name for at, name in enumerate(header) if are_days(first, at)]
    if day is None and ids and any(NameParts.of(name).has("paying") for name in (file, ids[0])):
        day = next(iter(days), None)  # `created_at` of a payment
    amount = first_called(english, (*called("line_amount"), *called("order_amount")))
    if len(orders) != 1 or ids[0] == orders[0] or amount is None or days != [day] or are_of_refunds(english):
        return None
    state = first_called(english, called("order_state"))
    names = [orders[0], days[0], amount, *([state] if state is not None else [])]
    batch = whole(table.records(0, header).texts(names))
    if batch is None or batch.refused:
        return None
    cells = {name: batch.columns[name].fill_null("") for name in names}
    is_made = pc.and_(pc.greater(pc.utf8_length(cells[days[0]]), 0), pc.invert(pc.starts_with(cells[amount], "-")))
    if state is not None:
        words = pc.unique(cells[state]).to_pylist()
        others = [word for word in words if is_unpaid(word) or word.casefold() in words_of("owed")]
        is_made = pc.and_(is_made, pc.invert(pc.is_in(cells[state], pa.array(others, pa.string()))))
    return PaymentList(
        file, plain_name(orders[0]), plain_ids(cells[orders[0]]).filter(is_made), cells[days[0]].filter(is_made)
    )


def are_without_payment(rows: Rows) -> bool:
    """Whether a table, header first, has orders and does not say which were paid when."""
    english = english_names(rows[0])
    return are_orders(rows) and first_called(english, called(_PAID)) is None and not are_of_known_system(english)


def payments_of(
    lists: Mapping[_Place, PaymentList], orders: Sequence[ExportTable]
) -> dict[_Place, Sequence[LookupTable]]:
    """What lists of payments say of these orders, all together under the first of them; nothing where they are of other orders,
    or of a part of these.
    """
    tables = [table for table in orders if are_without_payment(table.rows)]
    if not lists or not tables or len({own.name for own in lists.values()}) > 1:
        return {}
    every = pa.concat_arrays([own.orders for own in lists.values()]).dictionary_encode()
    _, firsts = np.unique(every.indices.to_numpy(), return_index=True)
    days = pa.concat_arrays([own.days for own in lists.values()]).take(arrow_array(firsts))
    first, *others = lists
    keys = names_of_orders(lists[first].name, tables)
    name = " and ".join(own.file for own in lists.values())
    lookup = LookupTable(name, keys, every.dictionary, {_PAID: days}, fits=are_without_payment, is_of_few=True)
    lost = keys_without_rows(lookup, tables)
    if lost > _LOST * len(lookup.key) or not all(_are_of(table, lookup) for table in tables):
        return {}
    return {first: [lookup], **dict.fromkeys(others, ())}


def _are_of(table: ExportTable, lookup: LookupTable) -> bool:
    """Whether payments are of orders of the beginning, the middle and the end of a table."""
    at = lookup.place_in(table.rows)
    header = table.rows[0]
    if at is None:
        return True
    cells = [batch.columns[header[at]] for batch in table.records(0, header).texts([header[at]])]
    known = np.concatenate([pc.is_in(plain_ids(part), lookup.key).to_numpy(zero_copy_only=False) for part in cells])
    return all(part.mean() >= _ENOUGH for part in np.array_split(known, 3) if len(part))
