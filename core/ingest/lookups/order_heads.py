"""Orders in two tables, as databases keep them: a head with the day, the buyer and the state of each order, and its lines with
products and amounts. Each line gets the columns of its head, which is not counted itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.count_text import count
from core.base.errors import WhydropError
from core.base.frozen import frozen
from core.catalogue.kinds import KINDS
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.headers.column_names import first_called
from core.ingest.headers.entity_names import entity_column
from core.ingest.headers.id_names import are_of_refunds, is_id_name, names_order
from core.ingest.headers.minor_units import english_in_units
from core.ingest.headers.word_lists import called
from core.ingest.lookups.lookup_tables import FEWEST, KNOWN, LookupTable, keys_without_rows, names_elsewhere, plain_name
from core.ingest.lookups.order_tables import are_days, are_of_known_system
from core.ingest.mapping.cell_text import plain_ids, whole

_LINE_AMOUNTS = ("line_amount", "price")
_AMOUNTS = (*_LINE_AMOUNTS, "order_amount", "units", "commission")
"""Of a whole order: where lines have amounts, that of their order would be a second one."""
_LATER = ("paid_at", "ship_by", "shipped_at", "promised_by", "delivered_at", "cancelled_at", "refunded_at")
"""Days of what becomes of an order: lists of payments and parcels have no other."""


@frozen
class OrderHeads:
    """The heads of orders whose lines are in other tables."""

    places: tuple[int, ...]
    """Which of the tables have them."""
    lookup: LookupTable
    without_lines: int
    """How many of these orders have no line."""


def order_heads(tables: Sequence[tuple[str, ExportTable]]) -> OrderHeads | None:
    """The heads among tables, each with its name and header first, of the orders whose lines are in others of them: tables with
    the same columns together, and of several the one that says most of its orders: a file of parcels may be wider than that of
    orders. None where there are none.
    """
    lines = [table for _, table in tables if are_order_lines(table.rows)]
    by_columns: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, (name, table) in enumerate(tables if lines else ()):
        if _key_of_head(name, table.rows) is not None:
            by_columns[tuple(table.rows[0])].append(at)
    names = tuple(dict.fromkeys(plain_name(_order_in(table.rows[0]) or "") for table in lines))
    has_amounts = any(_named(english_in_units(table.rows[0]), _LINE_AMOUNTS) for table in lines)
    headers = {tuple(places): tables[places[0]][1].rows[0] for places in by_columns.values()}
    for places in sorted(headers, key=lambda own: (-_said(headers[own]), -len(headers[own]))):
        lookup = _lookup([tables[at] for at in places], names, without_amounts=has_amounts)
        if lookup is not None and any(lookup.place_in(table.rows) is not None for table in lines):
            return OrderHeads(places, lookup, keys_without_rows(lookup, lines))
    return None


def are_order_lines(rows: Rows) -> bool:
    """Whether a table, header first, has lines of orders: each names its order and its product, with units or an amount."""
    english = english_in_units(rows[0])
    return (
        _order_in(rows[0]) is not None
        and _product_in(rows[0], english) is not None
        and _named(english, ("units", *_LINE_AMOUNTS))
        and not _are_refunds(rows, english)
        and not are_of_known_system(english)
    )


def _are_refunds(rows: Rows, english: Mapping[str, str]) -> bool:
    """Whether each row is a refund; of lines, a few have the day of theirs."""
    return are_of_refunds(english) and any(_are_all_days(rows[1:], at) for at in range(len(rows[0])))


def _key_of_head(name: str, rows: Rows) -> str | None:
    """The column of a table that names its rows, which are orders; None where they are something else, or have no day of theirs.

    It is the first id of a head: payments, parcels and reviews have ids of their own before that of their order.
    """
    header, *first = rows
    english = english_in_units(rows[0])
    key = next((column for column in header if is_id_name(column) or names_order(column) or _is_bare(column)), None)
    if key is None or not any(map(names_order, names_elsewhere(key, name) or (key,))):
        return None
    at = header.index(key)
    cells = [row[at].strip() for row in first if at < len(row)]
    is_one_each = len(cells) == len(first) >= FEWEST and all(cells) and len({*cells}) == len(cells)
    is_other = _are_refunds(rows, english) or are_of_known_system(english) or _named(english, ("rating",))
    if not is_one_each or is_other or _product_in(header, english) is not None:
        return None
    later = {first_called(english, called(target)) for target in _LATER}
    days = [column for place, column in enumerate(header) if column not in later and _are_all_days(first, place)]
    is_bought = _named(english, ("buyer_id",)) or entity_column(header, "buyer_id") is not None
    return key if days and (is_bought or _named(english, (*_LINE_AMOUNTS, "order_amount"))) else None


def _said(header: Sequence[str]) -> int:
    """How much a header says of orders: their buyer, state, market."""
    english = english_in_units(header)
    targets = (*(KINDS["orders"].columns.keys() - {*_AMOUNTS, *_LATER}), "order_state")
    return sum(_named(english, (target,)) for target in targets)


def _lookup(
    heads: Sequence[tuple[str, ExportTable]], names: tuple[str, ...], *, without_amounts: bool
) -> LookupTable | None:
    """What heads with the same columns say of each order, which tables of lines call one of `names`; the last one that has it
    corrects others. None where two rows of a table are of one order.
    """
    header = heads[0][1].rows[0]
    key = _key_of_head(heads[0][0], heads[0][1].rows)
    english = english_in_units(header)
    amounts = {first_called(english, called(target)) for target in _AMOUNTS} if without_amounts else set()
    others = [column for column in header if column != key and column not in amounts]
    orders, columns = [], []
    for _, table in heads:
        try:
            batch = whole(table.records(0, header).texts(header))
        except WhydropError:
            return None
        if key is None or batch is None or batch.refused:
            return None
        orders.append(plain_ids(batch.columns[key]))
        columns.append([batch.columns[name] for name in others])
        if orders[-1].null_count or pc.count_distinct(orders[-1]).as_py() < len(orders[-1]):
            return None
    every = pa.concat_arrays(orders)
    last = arrow_array(
        len(every) - 1 - np.unique(every.dictionary_encode().indices.to_numpy()[::-1], return_index=True)[1]
    )
    cells = [pa.concat_arrays(parts).take(last) for parts in zip(*columns, strict=True)]
    stem = heads[0][0]
    return LookupTable(
        stem, names, every.take(last), dict(zip(others, cells, strict=True)), fits=are_order_lines, is_first=True
    )


def other_orders(rows: Rows, others: Iterable[tuple[str, ExportTable]]) -> str | None:
    """What to say of a table, header first, that names orders of one of the `others`, each with its file: lines whose heads are
    there for too few of them, or payments and parcels, which are no orders of their own; None where there is none.
    """
    own = _order_in(rows[0])
    cells = (
        [row[rows[0].index(own)] for row in rows[1:]] if own is not None and min(map(len, rows)) == len(rows[0]) else []
    )
    orders = pc.unique(plain_ids(pa.array(filter(str.strip, cells), pa.string())))
    are_lines = are_order_lines(rows)
    for other, table in others if len(orders) >= FEWEST else ():
        stem = plain_name(PurePath(other).stem)
        key = _key_of_head(stem, table.rows)
        if key is None or plain_name(own or "") not in names_elsewhere(key, stem):
            continue
        heads = pa.concat_arrays(
            [plain_ids(batch.columns[key]) for batch in table.records(0, table.rows[0]).texts([key])]
        )
        known = pc.sum(pc.is_in(orders, heads)).as_py()
        if are_lines and known >= KNOWN * len(orders):
            return None  # they are joined, and refused for something else
        if are_lines and known:
            orders_of_rows = count(len(orders), "order")
            return (
                f"the heads of its orders are in {other}, but of only {known} of the {orders_of_rows} that its first rows name: "
                "too few to join them. Export both for the same days"
            )
        if known >= KNOWN * len(orders):
            return (
                f"its rows are of orders that {other} has, and no orders of their own. To add them up by day, {_ALONE}"
            )
    return None


_ALONE = "load it alone with --as daily"


def _order_in(header: Sequence[str]) -> str | None:
    """The column that names the order of each line, of several the one with the shortest name: lines have ids, too."""
    return min(filter(names_order, header), key=len, default=None)


def _is_bare(name: str) -> bool:
    return not names_elsewhere(name, "")


def _product_in(header: Sequence[str], english: Mapping[str, str]) -> str | None:
    return first_called(english, called("product_id")) or entity_column(header, "product_id")


def _named(english: Mapping[str, str], targets: Sequence[str]) -> bool:
    return any(first_called(english, called(target)) is not None for target in targets)


def _are_all_days(rows: Rows, at: int) -> bool:
    return all(at < len(row) and row[at].strip() for row in rows) and are_days(rows, at)
