"""Tables next to each other in one sheet, with a blank column between them: each is a table of its own."""

from collections.abc import Sequence
from itertools import groupby

from core.ingest.formats.table_protocol import ExportTable
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.headers import folded
from core.ingest.table_starts import filled, is_mostly
from core.ingest.values.date_columns import is_date

_DEPTH = 30
_READ = 50
_NARROWEST = 2


def split_blocks(table: ExportTable) -> list[ExportTable]:
    """The tables of a sheet, left to right; the sheet itself where it has no two that each have days under a header."""
    if not table.is_complete:
        return [table]
    width = max(map(len, table.rows), default=0)
    is_used = [any(len(row) > at and row[at].strip() for row in table.rows) for at in range(width)]
    runs = [list(run) for used, run in groupby(range(width), is_used.__getitem__) if used]
    blocks = [(run[0], run[-1] + 1) for run in runs]
    if len(blocks) < 2 or any(end - start < _NARROWEST for start, end in blocks):
        return [table]
    header = _header(table.rows, blocks)
    if header is None or not all(_has_days(table.rows[header + 1 :], block) for block in blocks):
        return [table]
    return [_block(table, *block) for block in blocks]


def _header(rows: Sequence[Sequence[str]], blocks: Sequence[tuple[int, int]]) -> int | None:
    """The row that names every column of every block, some of them alike; None where there is none."""
    for position, row in enumerate(rows[:_DEPTH]):
        cells = [[folded(cell) for cell in row[start:end]] for start, end in blocks]
        if all(all(own) and len(own) == end - start for own, (start, end) in zip(cells, blocks, strict=True)):
            return position if any(set(cells[0]) & set(own) for own in cells[1:]) else None
    return None


def _has_days(rows: Sequence[Sequence[str]], block: tuple[int, int]) -> bool:
    return any(is_mostly(rows[:_READ], at, is_date) for at in range(*block))


def _block(table: ExportTable, start: int, end: int) -> ExportTable:
    """The columns of one block, without the rows in which it has nothing."""
    kept = [(at, tuple(row[start:end])) for at, row in enumerate(table.rows) if filled(row[start:end])]
    rows = [(*row, *[""] * (end - start - len(row))) for _, row in kept]
    return TurnedTable(rows, [at for at, _ in kept], {**table.describe}, table.rows)
