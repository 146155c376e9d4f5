"""Tables without a delimiter, whose columns stand below each other: split where every line has a blank."""

import re
from collections.abc import Sequence
from itertools import groupby

from core.ingest.formats.table_protocol import ExportTable
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.table_starts import is_figure, is_mostly

_FEWEST = 3
"""Lines that show where the columns are."""
_RULER = re.compile(r"[-=+| ]+")
_GAP = re.compile(r"\S {2,}\S")


def split_columns(table: ExportTable) -> ExportTable:
    """The table with a cell for each column of its lines; one that has a delimiter, or no such columns, as it is."""
    if not table.is_complete or any(len(row) != 1 for row in table.rows):
        return table
    kept = [at for at, row in enumerate(table.rows) if row[0].strip() and not _RULER.fullmatch(row[0])]
    lines = [table.rows[at][0].expandtabs() for at in kept]
    if len(lines) < _FEWEST or not _GAP.search(lines[-1]):
        return table
    first = next((at for at, line in enumerate(lines) if _GAP.search(line)), 0)  # titles stand above
    edges = _edges(lines[first:])
    rows: list[Sequence[str]] = [[line[start:end].strip() for start, end in edges] for line in lines[first:]]
    header, body = rows[0], rows[1:]
    has_figures = any(is_mostly(body, at, is_figure) for at in range(len(edges)))
    if len(edges) < 2 or not all(header) or not has_figures:
        return table
    above = [[line, *[""] * (len(edges) - 1)] for line in lines[:first]]
    return TurnedTable([*above, *rows], kept, {**table.describe, "delimiter": "columns"}, table.rows)


def _edges(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where each column begins and ends: between them every line has a blank."""
    width = max(map(len, lines))
    is_used = [any(line[at : at + 1].strip() for line in lines) for at in range(width)]
    runs = [list(run) for used, run in groupby(range(width), is_used.__getitem__) if used]
    return [(run[0], run[-1] + 1) for run in runs]
