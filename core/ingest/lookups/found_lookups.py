"""Which files of a load say more of the rows of others."""

from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import PurePath

import numpy as np

from core.base.arrays import distinct
from core.base.errors import WhydropError
from core.base.frozen import frozen
from core.catalogue.kinds import KINDS
from core.ingest.formats.batch import Export, ExportTable
from core.ingest.formats.open_table import open_tables
from core.ingest.formats.sources import ExportSource
from core.ingest.lookups.appeal_lists import one_row_each
from core.ingest.lookups.lookup_tables import (
    LookupTable,
    below_titles,
    names_elsewhere,
    plain_name,
    with_lookups,
)
from core.ingest.lookups.order_heads import are_order_lines, order_heads, other_orders
from core.ingest.lookups.order_tables import are_orders
from core.ingest.lookups.payment_lists import payment_list, payments_of
from core.ingest.lookups.refund_lists import refund_list, refunds_of
from core.ingest.lookups.table_words import keys_of, lookups_of
from core.ingest.mapping.column_plan import LISTS
from core.ingest.request import Request, columns_key


@frozen
class FoundLookups:
    """Which files of a load say more of the rows of which others."""

    tables: Mapping[ExportSource, Sequence[LookupTable]]
    """None of a file that says more only of the rows of another one of these."""
    looked_up: frozenset[ExportSource]
    """The files that have a key of theirs."""
    series: frozenset[ExportSource]
    """Those of files with words whose rows are counted all the same."""
    without_order: Mapping[ExportSource, int]
    """Of lists of refunds, how many orders are in no file."""
    without_lines: Mapping[ExportSource, int]
    """Of heads of orders, how many orders have no line in any file."""


def find_lookups(
    unread: Iterable[ExportSource],
    counted: Mapping[ExportSource, Export],
    listed: Iterable[ExportSource],
    loaded_before: Iterable[ExportSource],
    others: Iterable[ExportSource],
    request: Request,
) -> FoundLookups:
    """Which files say more of the rows of others, directly or through one another: of those that are no exports (`unread`), and
    of those that have no figures, so that their rows are `counted`, now or by a load before. Those of accounts, shops and
    products (`listed`) say what is asked for alone, since rows are sliced by their ids.
    """
    encoding = request.encoding
    kinds = {source: _kind_before(source, request) for source in loaded_before}
    before = {source for source, kind in kinds.items() if kind == "daily"}
    lists = {*listed, *(source for source, kind in kinds.items() if kind in LISTS)} if request.dimensions else set()
    wanted = dict.fromkeys(lists, frozenset(map(plain_name, request.dimensions)))
    allowed = {
        **dict.fromkeys(before, False),
        **dict.fromkeys(counted, False),
        **dict.fromkeys((*unread, *lists), True),
    }
    tables = {
        source: one_row_each(table, _stem(source))
        for source in allowed
        if (table := _table(source, encoding)) is not None
    }
    found = {
        source: lookups
        for source, keys in _keys_elsewhere(tables, others, encoding).items()
        if (
            lookups := lookups_of(
                _stem(source), tables[source], keys, wanted.get(source), may_have_figures=allowed[source]
            )
        )
    }
    series = frozenset(
        before | lists | {source for source in found if source in counted and _is_series(counted[source])}
    )
    used = {
        other: sources
        for other in (others if found else ())
        if (other not in found or other in series) and (table := _table(other, encoding)) is not None
        if (sources := [source for source in _looked_up_by(table, found) if source != other])
    }
    whole_words = {
        source: _with_upper(source, tables[source], found, wanted.get(source))
        for sources in used.values()
        for source in sources
    }
    upper = [parent for source in whole_words for parent in _looked_up_by(tables[source], found) if parent != source]
    words = {**{source: [] for source in upper}, **whole_words}
    return _with_order_lists(FoundLookups(words, frozenset(used), series, {}, {}), before, others, request)


def refusal_by_orders(source: ExportSource, others: Iterable[ExportSource], encoding: str | None) -> str | None:
    """What to say of a file that cannot be loaded and names the orders of one of the others; None where it does not."""
    table = _table(source, encoding)
    if table is None or not table.rows:
        return None
    tables = ((other, _table(other, encoding)) for other in others if other != source)
    return other_orders(table.rows, [(PurePath(other.name).name, own) for other, own in tables if own is not None])


def _with_order_lists(
    found: FoundLookups, counted: Container[ExportSource], files: Iterable[ExportSource], request: Request
) -> FoundLookups:
    """The same with what heads, refunds and payments say of orders, but for lists that were `counted` by an earlier load, and for
    a user who says that the files are of another kind."""
    if request.as_kind in KINDS.keys() - {"orders"}:
        return found
    tables = {source: _tables(source, request.encoding) for source in files}
    return _with_refunds(_with_heads(found, tables), counted, tables)


def _with_heads(found: FoundLookups, tables: Mapping[ExportSource, Sequence[ExportTable | None]]) -> FoundLookups:
    """The same with the heads of orders whose lines are in other files."""
    alone = [(source, own[0]) for source, own in tables.items() if len(own) == 1 and own[0] is not None]
    heads = order_heads([(_stem(source), table) for source, table in alone])
    if heads is None:
        return found
    first, *others = (alone[at][0] for at in heads.places)
    return FoundLookups(
        {**found.tables, **dict.fromkeys(others, ()), first: [heads.lookup]},
        found.looked_up.union(source for source, table in alone if heads.lookup.place_in(table.rows) is not None),
        found.series.difference((first, *others)),
        found.without_order,
        {first: heads.without_lines} if heads.without_lines else {},
    )


def _with_refunds(
    found: FoundLookups,
    counted: Container[ExportSource],
    tables: Mapping[ExportSource, Sequence[ExportTable | None]],
) -> FoundLookups:
    """The same with what lists of refunds and of payments say of orders."""
    alone = {
        source: table
        for source, (table, *others) in tables.items()
        if table is not None and not others and source not in counted and not are_order_lines(table.rows)
    }
    lists = {source: own for source, table in alone.items() if (own := refund_list(table, _stem(source))) is not None}
    paid = {source: made for source, table in alone.items() if (made := payment_list(table, _stem(source))) is not None}
    every = [(source, table) for source, own in (tables.items() if lists or paid else ()) for table in own]
    heads = [lookup for own in found.tables.values() for lookup in own if lookup.is_first]
    with_heads = [(source, with_lookups(table, heads)) for source, table in every if table is not None]
    orders = [(source, table) for source, table in with_heads if are_orders(table.rows)]
    refunds, lost = refunds_of(lists, [table for _, table in orders])
    lookups = refunds | payments_of(paid, [table for source, table in orders if source not in paid])
    if not lookups:
        return found
    used = [lookup for own in lookups.values() for lookup in own]
    return FoundLookups(
        {**found.tables, **lookups},
        found.looked_up.union(source for source, table in orders if with_lookups(table, used) is not table),
        found.series.difference(lookups),
        lost,
        found.without_lines,
    )


def _kind_before(source: ExportSource, request: Request) -> str | None:
    """What a file with its columns was loaded as before."""
    table = _table(source, request.encoding)
    earlier = request.earlier.get(columns_key(table.header_line(0))) if table is not None else None
    return earlier.kind if earlier is not None else None


def _is_series(export: Export) -> bool:
    """Whether the rows of an export are of most weeks from its first to its last: people who register, tickets; stores and
    products are opened now and then."""
    days = [batch.days for batch in export.batches if batch.days is not None and len(batch)]
    weeks = distinct(np.concatenate(days) // _WEEK) if days else np.array([], np.int64)
    return len(weeks) > 1 and len(weeks) > int(weeks[-1] - weeks[0] + 1) / 2


_WEEK = 7


def _keys_elsewhere(
    tables: Mapping[ExportSource, ExportTable], others: Iterable[ExportSource], encoding: str | None
) -> dict[ExportSource, list[str]]:
    """The columns of tables that may be keys of other files, by their headers alone: a log of ten million events has ids, too,
    and is not read for that. A file with all columns of a table is of its kind, and can learn nothing from it, unless it has the
    key under another name: a product has an `id` and a `name` as its category has, and a `category_id`.
    """
    keys = {source: own for source, table in tables.items() if (own := keys_of(table))}
    headers = {
        other: frozenset(map(plain_name, table.rows[0]))
        for other in (others if keys else ())
        if (table := tables.get(other) or _table(other, encoding)) is not None
    }
    result: dict[ExportSource, list[str]] = {}
    for source, own in keys.items():
        columns = {*map(plain_name, tables[source].rows[0])}
        names = {name for header in {*headers.values()} for name in (header - columns if columns <= header else header)}
        if elsewhere := [key for key in own if not names.isdisjoint(names_elsewhere(key, _stem(source)))]:
            result[source] = elsewhere
    return result


def _table(source: ExportSource, encoding: str | None) -> ExportTable | None:
    """The first table of a file, as `_tables` gives it."""
    return _tables(source, encoding)[0]


def _tables(source: ExportSource, encoding: str | None) -> list[ExportTable | None]:
    """The tables of a file, below their titles; None for one with columns of the same name, and for what cannot be read."""
    try:
        tables = [below_titles(table) for table in open_tables(source, encoding)]
    except WhydropError:
        return [None]
    return [
        table if len({*map(plain_name, header), ""}) > max(len(header), 2) else None
        for table in tables
        for header in table.rows[:1]
    ] or [None]


def _looked_up_by(table: ExportTable, found: Mapping[ExportSource, Sequence[LookupTable]]) -> list[ExportSource]:
    return [
        source
        for source, lookups in found.items()
        if any(lookup.place_in(table.rows) is not None for lookup in lookups)
    ]


def _with_upper(
    source: ExportSource,
    table: ExportTable,
    found: Mapping[ExportSource, Sequence[LookupTable]],
    wanted: Container[str] | None,
) -> list[LookupTable]:
    """What a file can be looked up for, with the words of the files that it has the keys of: of a product, its category."""
    upper = [lookup for other, lookups in found.items() if other != source for lookup in lookups]
    made = with_lookups(table, upper)
    if made is table:
        return [*found[source]]
    return lookups_of(_stem(source), made, keys_of(table), wanted, may_have_figures=True)


def _stem(source: ExportSource) -> str:
    """What a file is called, without the day or the number behind that."""
    stem = plain_name(PurePath(source.name.rpartition(":")[2]).name.partition(".")[0])
    return stem.rstrip("0123456789 -") or stem
