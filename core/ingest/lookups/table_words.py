"""What a table can be looked up for: its words, by each column that names its rows."""

from collections.abc import Callable, Container, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from core.base.errors import WhydropError
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.formats.different_cells import are_such
from core.ingest.headers.appeal_columns import name_of_appeals, names_decision_day, names_violation
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.lookups.lookup_tables import FEWEST, LookupTable, names_elsewhere, plain_name
from core.ingest.mapping.cell_text import plain_ids, whole
from core.ingest.row_kinds import is_figure
from core.ingest.values.date_columns import is_date


def keys_of(table: ExportTable) -> list[str]:
    """The columns whose first cells name the rows of a table, header first."""
    header, rows = table.rows[0], table.rows[1:]
    return [name for at, name in enumerate(header) if _may_be_key(name, [row[at : at + 1] for row in rows])]


def lookups_of(
    stem: str,
    table: ExportTable,
    keys: Sequence[str],
    wanted: Container[str] | None,
    *,
    may_have_figures: bool,
) -> list[LookupTable]:
    """What a file can be looked up for, by each of its keys that names every row: its columns of words, or those `wanted`."""
    header = table.rows[0]
    try:
        batch = whole(table.records(0, header).texts(header))
    except WhydropError:
        return []
    if batch is None or batch.refused:
        return []
    figures = [
        name for name, column in batch.columns.items() if _are(column, _is_plain_figure) and not is_id_name(name)
    ]
    if figures and not may_have_figures:
        return []
    appeals = name_of_appeals(stem, header)
    words = {
        name: column
        for name, column in batch.columns.items()
        if (plain_name(name) in wanted if wanted is not None else not _are(column, _is_no_word))
        or (appeals is not None and names_decision_day(name))
    }
    result = []
    for name in keys:
        column = plain_ids(batch.columns[name])
        others = {other: cells for other, cells in words.items() if other != name}
        is_key = column.null_count == 0 and pc.count_distinct(column).as_py() == len(column)
        if is_key and others:
            result.append(LookupTable(appeals or stem, names_elsewhere(name, stem), column, others))
    return result


def _may_be_key(name: str, cells: Rows) -> bool:
    """Whether the first cells of a column, none or one of each row, name their rows."""
    texts = [cell.strip() for row in cells for cell in row]
    fewest = 1 if names_violation(name) else FEWEST  # there may be one appeal
    differ = len(texts) == len(cells) >= fewest and all(texts) and len({*texts}) == len(texts)
    return (
        differ
        and not names_order(name)  # it has the rest of each order, and counts orders by itself
        and not any(map(is_date, texts))
        and (is_id_name(name) or not all(map(is_figure, texts)))
    )


def _are(column: pa.Array, is_such: Callable[[str], bool]) -> bool:
    cells = column.drop_null()
    return len(cells) > 0 and bool(are_such(cells, is_such).all())


def _is_plain_figure(cell: str) -> bool:
    return is_figure(cell) and not is_date(cell)


def _is_no_word(cell: str) -> bool:
    return is_figure(cell) or is_date(cell)
