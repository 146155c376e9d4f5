"""Where tables stand in a sheet: in columns of fixed width, next to each other, or each in a sheet of its own."""

import re
from collections.abc import Sequence
from itertools import groupby

from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.headers.folding import folded
from core.ingest.row_kinds import filled, is_figure, is_mostly
from core.ingest.values.date_columns import is_date

_FEWEST = 3
"""Lines that show where the columns are."""
_RULER = r"[-=+| \u2500-\u257f]+"  # a text, which re compiles for lines without a delimiter: 1 ms of every small load
"""A line of a frame, or one below the names of columns; from U+2500 on stand the signs of frames."""
_RULES = re.compile(r"-+(?: +-+)+ *")
"""A line below the names that shows how wide each column is, as programs of databases write it."""
_BARS = re.compile("[\u2502\u2503\u2551]")
_GAP = re.compile(r"\S {2,}\S")


def split_columns(table: ExportTable) -> ExportTable:
    """The table with a cell for each column of its lines; one that has a delimiter, or no such columns, as it is."""
    if not table.is_complete or any(len(row) != 1 for row in table.rows):
        return table
    kept = [at for at, row in enumerate(table.rows) if row[0].strip() and not re.fullmatch(_RULER, row[0])]
    lines = [table.rows[at][0].expandtabs().rstrip() for at in kept]
    if len(lines) < _FEWEST:
        return table
    rules = next((match for row in table.rows if (match := _RULES.fullmatch(row[0].expandtabs()))), None)
    cells = _between_bars(lines) or (_below_rules(lines, rules[0]) if rules else None) or _between_gaps(lines)
    if cells is None:
        return table
    width = max(map(len, cells))
    rows = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in cells]
    header, *body = rows[next(at for at, row in enumerate(cells) if len(row) == width) :]
    has_figures = any(is_mostly(body, at, is_figure) for at in range(width))
    if width < 2 or not all(header) or not has_figures:
        return table
    return TurnedTable.of(table, list(zip(kept, rows, strict=True)), {"delimiter": "columns"})


def _between_bars(lines: Sequence[str]) -> list[list[str]] | None:
    """The cells of lines most of which have bars; the first such line shows whether bars stand around the table, too."""
    barred = [line for line in lines if _BARS.search(line)]
    if 2 * len(barred) <= len(lines):
        return None
    if not _BARS.match(barred[0].strip()):
        return [_BARS.split(line) for line in lines]
    return [_BARS.split(line.strip())[1:-1] if _BARS.search(line) else [line] for line in lines]


def _below_rules(lines: Sequence[str], rules: str) -> list[list[str]] | None:
    """The cells of lines most of which keep to the columns that a ruler shows; some rulers are only as long as the names."""
    edges = [run.span() for run in re.finditer("-+", rules)]
    cells = [[line] if _crosses(line, edges) else [line[slice(*edge)] for edge in edges] for line in lines]
    return cells if 2 * sum(len(row) > 1 for row in cells) > len(lines) else None


def _between_gaps(lines: Sequence[str]) -> list[list[str]] | None:
    """The cells of lines that have blanks below each other; titles stand above."""
    if not _GAP.search(lines[-1]):
        return None
    first = next(at for at, line in enumerate(lines) if _GAP.search(line))
    edges = _edges(lines[first:])
    return [[line] for line in lines[:first]] + [[line[slice(*edge)] for edge in edges] for line in lines[first:]]


def _crosses(line: str, edges: Sequence[tuple[int, int]]) -> bool:
    """Whether a line is none of a table with these columns: something of it stands between them or right of them."""
    between = zip([end for _, end in edges], [*(start for start, _ in edges[1:]), len(line)], strict=True)
    return any(line[end:start].strip() for end, start in between)


def _edges(rows: Rows) -> list[tuple[int, int]]:
    """Where each block of signs or cells that stand below each other begins and ends: between them every row is blank."""
    width = max(map(len, rows), default=0)
    is_used = [any(at < len(row) and row[at].strip() for row in rows) for at in range(width)]
    runs = [list(run) for used, run in groupby(range(width), is_used.__getitem__) if used]
    return [(run[0], run[-1] + 1) for run in runs]


_DEPTH = 30
_READ = 50
_NARROWEST = 2


def split_blocks(table: ExportTable) -> list[ExportTable]:
    """The tables of a sheet, left to right; the sheet itself where it has no two that each have days under a header."""
    if not table.is_complete:
        return [table]
    blocks = _edges(table.rows)
    if len(blocks) < 2 or any(end - start < _NARROWEST for start, end in blocks):
        return [table]
    header = _header(table.rows, blocks)
    if header is None or not all(_has_days(table.rows[header + 1 :], block) for block in blocks):
        return [table]
    return [_block(table, *block) for block in blocks]


def _header(rows: Rows, blocks: Sequence[tuple[int, int]]) -> int | None:
    """The row that names every column of every block, some of them alike; None where there is none."""
    for position, row in enumerate(rows[:_DEPTH]):
        cells = [[folded(cell) for cell in row[start:end]] for start, end in blocks]
        if all(all(own) and len(own) == end - start for own, (start, end) in zip(cells, blocks, strict=True)):
            return position if any(set(cells[0]) & set(own) for own in cells[1:]) else None
    return None


def _has_days(rows: Rows, block: tuple[int, int]) -> bool:
    return any(is_mostly(rows[:_READ], at, is_date) for at in range(*block))


def _block(table: ExportTable, start: int, end: int) -> ExportTable:
    """The columns of one block, without the rows in which it has nothing."""
    kept = [(at, row[start:end]) for at, row in enumerate(table.rows) if filled(row[start:end])]
    return TurnedTable.of(table, [(at, (*row, *[""] * (end - start - len(row)))) for at, row in kept])


SHEET = "sheet"
"""What the column is called, and what a user slices by to have it."""


def with_sheet(table: ExportTable, header: int) -> ExportTable:
    """The table of a sheet with its name in a column of its own; one of no sheet, or too long to be read whole, as it is."""
    name = table.describe.get("sheet")
    if name is None or not table.is_complete or SHEET in map(str.casefold, table.rows[header]):
        return table
    width = len(table.rows[header])
    own: list[Sequence[str]] = list(table.rows[:header])
    own.append((*table.rows[header], SHEET))
    own += [(*row, *[""] * (width - len(row)), name) for row in table.rows[header + 1 :]]
    return TurnedTable.of(table, list(enumerate(own)), gaps=True)
