"""Sheets of a workbook that say more of the orders in another sheet: their heads, and lists of refunds."""

from collections.abc import Sequence

from core.base.count_text import count
from core.base.frozen import frozen
from core.ingest.formats.batch import ExportTable
from core.ingest.lookups.lookup_tables import LookupTable, plain_name, with_lookups
from core.ingest.lookups.order_heads import are_order_lines, order_heads
from core.ingest.lookups.order_tables import are_orders
from core.ingest.lookups.refund_lists import refund_list, refunds_of


@frozen
class SheetLookups:
    """What some sheets of a workbook say of the rows of others."""

    lookups: tuple[LookupTable, ...]
    left_out: frozenset[int]
    """The sheets that say it: their own rows are not counted."""
    notes: tuple[str, ...]


def sheet_lookups(tables: Sequence[ExportTable]) -> SheetLookups:
    """What the sheets of a workbook, header first, say of the orders in others; nothing of sheets with several tables."""
    titles = [table.describe.get("sheet") for table in tables]
    named = [at for at, title in enumerate(titles) if title and titles.count(title) == 1 and tables[at].rows]
    heads = order_heads([(plain_name(str(titles[at])), tables[at]) for at in named])
    of_heads = [named[place] for place in heads.places] if heads is not None else []
    lookups = [heads.lookup] if heads is not None else []
    others = {at: with_lookups(tables[at], lookups) for at in named if at not in of_heads}
    lists = {
        at: own
        for at in others
        if not are_order_lines(tables[at].rows) and (own := refund_list(tables[at], str(titles[at]))) is not None
    }
    orders = [table for at, table in others.items() if at not in lists and are_orders(table.rows)]
    refunds, lost = refunds_of(lists, orders)
    notes = []
    if heads is not None:
        bare = heads.without_lines
        more = f"; {count(bare, 'order')} of it {'has' if bare == 1 else 'have'} no line" if bare else ""
        notes.append(f"{_said(titles, of_heads)} of its lines{more}")
    if refunds:
        missing = sum(lost.values())
        more = (
            f"; {count(missing, 'order')} that it names {'is' if missing == 1 else 'are'} in no sheet"
            if missing
            else ""
        )
        notes.append(f"{_said(titles, [*refunds])} of its lines{more}")
    found = (*lookups, *(lookup for own in refunds.values() for lookup in own))
    return SheetLookups(found, frozenset((*of_heads, *refunds)), tuple(notes))


def _said(titles: Sequence[str | None], sheets: Sequence[int]) -> str:
    return f"what {' and '.join(repr(titles[at]) for at in sorted(sheets))} says of each order is in columns"
