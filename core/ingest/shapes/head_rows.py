"""Orders whose heads and lines stand in one table, in rows of their own: each line gets the cells of its head."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags
from core.base.count_text import count
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.headers.id_names import names_order
from core.ingest.mapping.cell_text import plain_ids, whole
from core.ingest.shapes.made_tables import SpreadRows

HEADS = "heads"
"""What describes such a table: how many heads it had."""
_FEWEST = 2
"""Columns that heads have and lines have not, and the other way round: an order and its lines have a day, amounts, products."""


def with_heads(table: ExportTable, header: int) -> ExportTable | None:
    """The lines of orders with what the row of their order says in columns that are blank in theirs, and without that row; None
    for any other table. A line whose order has no row keeps its blanks, an order without lines is left out.
    """
    names, body = list(table.rows[header]), table.rows[header + 1 :]
    if len({tuple(bool(cell.strip()) for cell in row) for row in body[:_LOOKED_AT]}) == 1:
        return None  # most tables: rows with the same columns, whatever they are called
    order = min(filter(names_order, names), key=len, default=None)
    places = _places(body, names.index(order)) if order is not None else None
    if order is None or places is None or len({*names}) < len(names):
        return None
    records = table.records(header, names)
    batch = whole(records.texts(names))
    if batch is None:
        return None
    of_head, of_line = ([names[at] for at in own] for own in places)
    is_head, is_line = (_has_any(batch.columns, own) for own in (of_head, of_line))
    orders = plain_ids(batch.columns[order])
    heads = orders.filter(arrow_array(is_head))
    if (is_head == is_line).any() or heads.null_count or pc.count_distinct(heads).as_py() < len(heads):
        return None
    head_of_line = pc.index_in(orders.filter(arrow_array(is_line)), heads)
    columns = {}
    for name, cells in batch.columns.items():
        kept = arrow_array(is_head if name in of_head else is_line)
        columns[name] = cells.filter(kept).take(head_of_line) if name in of_head else cells.filter(kept)
    bare = len(heads) - (pc.count_distinct(head_of_line.drop_null()).as_py() or 0)
    described = f"{count(len(heads), 'row')}" + (f", {bare} of orders without a line" if bare else "")
    describe = {**table.describe, HEADS: described}
    return SpreadRows(table, describe, columns, batch.records[is_line], batch.refused, records)


def _places(body: Rows, order: int) -> tuple[list[int], list[int]] | None:
    """Which columns only heads have, and which only lines, by the first two rows of one order; None where those are alike."""
    seen: dict[str, Sequence[str]] = {}
    for row in body[:_LOOKED_AT]:
        if order >= len(row) or not row[order].strip():
            return None
        other = seen.setdefault(row[order], row)
        if other is row:
            continue
        own = [
            [at for at, cell in enumerate(one) if cell.strip() and not (at < len(two) and two[at].strip())]
            for one, two in ((other, row), (row, other))
        ]
        return (own[0], own[1]) if min(map(len, own)) >= _FEWEST else None
    return None


_LOOKED_AT = 20
"""Rows among which an order has its second one."""


def _has_any(columns: dict[str, pa.Array], names: Sequence[str]) -> Flags:
    """Which rows have a cell in any of these columns; shape (rows,)."""
    result: Flags = np.logical_or.reduce([columns[name].is_valid().to_numpy(zero_copy_only=False) for name in names])
    return result
