"""Rows that lack what a title, a label above them or a row of another figure says: each gets its label, its figures a column."""

from collections.abc import Sequence

from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.formats.turned_table import Made, TurnedTable
from core.ingest.headers.word_lists import is_total
from core.ingest.layout import TableRegion
from core.ingest.row_kinds import filled, is_mostly
from core.ingest.shapes.banded_columns import unbanded
from core.ingest.shapes.calendar_grids import month_diary
from core.ingest.shapes.calendar_parts import with_days
from core.ingest.shapes.head_rows import with_heads
from core.ingest.shapes.metric_rows import header_of, spread
from core.ingest.shapes.outlined_rows import outlined
from core.ingest.shapes.state_rows import with_state_times
from core.ingest.values.date_columns import is_date
from core.ingest.values.date_words import month_of
from core.ingest.values.numbers import is_number

_FEWEST = 3
_LOOKED_AT = 50
"""Rows that say which column holds the days."""


def reshaped(table: ExportTable, regions: Sequence[TableRegion], path: str) -> ExportTable:
    """The table with every label in every row, a column for each figure, and its days in one; another table as it is.

    `regions` are the tables in it: only one that is alone is looked at. The name of the file at `path` may say its month.
    """
    if len(regions) == 1 and not table.is_complete:
        start = header_of(table.rows)
        if start is None:
            return table
        return spread(table, start) or with_state_times(table, start) or with_heads(table, start) or table
    if len(regions) != 1 or regions[0].header is None or not regions[0].is_whole:
        return table
    rows, header = table.rows, regions[0].offset + regions[0].header
    if (sections := _sections(table, header)) is not None:
        return sections
    if (headed := _headed(table, header) or unbanded(table, header)) is not None:
        return headed
    without = _without_footers(table, regions[0])
    plain = _without_totals_of_days(without, header)
    width = len(rows[header])
    if any(len(row) != width for row in plain.rows[header + 1 :]):
        return table
    if (made := spread(plain, header)) is not None or len(plain.rows) - header < _FEWEST:
        return made or table
    return (
        with_state_times(plain, header)
        or with_heads(plain, header)
        or outlined(plain, header)
        or _labelled(plain, header)
        or _continued(plain, header)
        or _diary(plain, header)
        or with_days(plain, header, path)
        or (plain if len(plain.rows) < len(without.rows) else table)
    )


def _without_footers(table: ExportTable, region: TableRegion) -> ExportTable:
    """The table without the last rows, which are no data."""
    end = len(table.rows)
    while end - 1 - region.offset in region.skipped:
        end -= 1
    if end == len(table.rows):
        return table
    return TurnedTable.of(table, list(enumerate(table.rows[:end])), gaps=True)


def _sections(table: ExportTable, header: int) -> ExportTable | None:
    """A table whose header is repeated, each time below a title of its own (a shop, a market), with the title in each row."""
    names = list(table.rows[header])
    starts = [at for at, row in enumerate(table.rows) if list(row) == names]
    titles = [filled(table.rows[at - 1]) if at else [] for at in starts]
    named = [cells[0] for cells in titles if len(cells) == 1 and not is_number(cells[0]) and not is_date(cells[0])]
    if len(starts) < 2 or len(set(named)) < len(starts):
        return None
    made: Made = [(header, (_SECTION, *names))]
    for title, first, end in zip(named, starts, [*(at - 1 for at in starts[1:]), len(table.rows)], strict=True):
        for at in range(first + 1, end):
            row = table.rows[at]
            if len(row) == len(names) and filled(row):
                made.append((at, (title, *row)))
    if len(made) + 2 * len(starts) - 1 < len([row for row in table.rows[starts[0] - 1 :] if filled(row)]):
        return None  # rows of another width would be lost
    return TurnedTable.of(table, made)


def _without_totals_of_days(table: ExportTable, header: int) -> ExportTable:
    """The table without rows that are the total of a day (`2026-07-01 Total`), as pivot tables have them."""
    kept = [(at, row) for at, row in enumerate(table.rows) if at <= header or not _is_total_of_day(row)]
    return table if len(kept) == len(table.rows) else TurnedTable.of(table, kept)


def _is_total_of_day(row: Sequence[str]) -> bool:
    cell = next((cell.strip() for cell in row if cell.strip()), "")
    first, _, others = cell.partition(" ")
    days, _, last = cell.rpartition(" ")
    return bool(others) and ((is_total(last) and is_date(days)) or (is_total(first) and is_date(others)))


_SECTION = "section"


def _headed(table: ExportTable, header: int) -> ExportTable | None:
    """A table with the label of its rows in a row of its own above them, in the first column, which is blank below: with the
    label in each row; None for any other.
    """
    width = len(table.rows[header])
    if any(map(_has_own_label, table.rows[header + 1 : header + 1 + _FEWEST])):
        return None
    body = [(at, [*row, *[""] * (width - len(row))]) for at, row in enumerate(table.rows[header + 1 :], header + 1)]
    made: Made = list(enumerate(table.rows[: header + 1]))
    label, labels, below = "", 0, 0
    for at, row in body:
        cells = filled(row)
        first = row[0].strip()
        if len(cells) == 1 and first and not is_total(first) and not is_date(first) and not is_number(first):
            label, labels = first, labels + 1
            continue
        if not first and cells:
            below += 1
            if not label:
                return None
            row[0] = label
        elif _has_own_label(row):
            return None
        made.append((at, tuple(row)))
    if labels < 2 or below < labels or len(set(map(len, table.rows[header + 1 :]))) > 2:
        return None
    return TurnedTable.of(table, made)


def _has_own_label(row: Sequence[str]) -> bool:
    """Whether a row has other cells than a first one, which is no total."""
    first = row[0].strip() if row else ""
    is_alone = not any(cell.strip() for cell in row[1:])
    return bool(first) and not is_alone and not is_total(first) and not first.casefold().startswith("total")


def _labelled(table: ExportTable, header: int) -> ExportTable | None:
    """A table that has a label, left of the days, or a day, left of the labels, in the first of several rows only (merged cells):
    with it in all of them; None for any other.
    """
    body = table.rows[header + 1 :]
    days = next((at for at in range(len(table.rows[header])) if is_mostly(body[:_LOOKED_AT], at, is_date)), None)
    if days is None:
        return None
    sparse = [at for at in range(days) if _is_label(body, at)]
    if not sparse and _is_sparse(body, days) and days + 1 < len(table.rows[header]):
        sparse = [days]
    if not sparse or not _are_told_apart(body, sparse, days):
        return None
    last = [""] * len(table.rows[header])
    own: list[Sequence[str]] = list(table.rows[: header + 1])
    for row in body:
        cells = list(row)
        if (named := filled(row)) and not any(map(is_total, named)):
            for at in sparse:
                last[at] = row[at] if row[at].strip() else last[at]
                cells[at] = last[at]
        own.append(tuple(cells))
    return TurnedTable.of(table, list(enumerate(own)), gaps=True)


def _diary(table: ExportTable, header: int) -> ExportTable | None:
    """A table of days below their months; None for any other."""
    if header + 1 >= len(table.rows) or month_of(table.rows[header + 1][0]) is None:
        return None
    made = month_diary(table.rows, header)
    return None if made is None else TurnedTable.of(table, made, gaps=True)


_FEWEST_ONCE = 2
"""Columns that the first line of a record has alone, such as its number and its day; a day alone may be missing below."""


def _continued(table: ExportTable, header: int) -> ExportTable | None:
    """A table of records of several lines, such as orders, that says what belongs to the whole record in its first line only: its
    number, its day, its words are then in all of its lines, its figures are not; None for any other.
    """
    body = table.rows[header + 1 :]
    if not body or not body[0][0].strip():
        return None
    is_first = [bool(row[0].strip()) for row in body]
    lines = [row for row, first in zip(body, is_first, strict=True) if not first]
    if len(lines) < _FEWEST - 1 or any(map(is_total, (cell for row in lines for cell in filled(row)))):
        return None
    firsts = [row for row, first in zip(body, is_first, strict=True) if first]
    of_record = [
        at
        for at in range(len(body[0]))
        if not any(row[at].strip() for row in lines) and (at == 0 or not is_mostly(firsts[:_LOOKED_AT], at, is_number))
    ]
    own = [at for at in range(len(body[0])) if all(row[at].strip() for row in lines)]
    is_dated = any(is_mostly(firsts[:_LOOKED_AT], at, is_date) for at in of_record)
    if not is_dated or len(of_record) < _FEWEST_ONCE or all(is_mostly(lines[:_LOOKED_AT], at, is_number) for at in own):
        return None
    last: Sequence[str] = body[0]
    rows: list[Sequence[str]] = list(table.rows[: header + 1])
    for row, first in zip(body, is_first, strict=True):
        last = row if first else last
        rows.append(tuple(last[at] if at in of_record else cell for at, cell in enumerate(row)))
    return TurnedTable.of(table, list(enumerate(rows)), gaps=True)


def _is_sparse(body: Rows, at: int) -> bool:
    """Whether a column has a cell in the first row, different ones further down, and none in most rows."""
    rows = body[:-1] if len(body) > 1 and any(map(is_total, filled(body[-1]))) else body
    cells = [row[at].strip() for row in rows]
    named = [cell for cell in cells if cell]
    return bool(cells[0]) and 1 < len(named) <= len(cells) / 2 and len(set(named)) == len(named)


def _is_label(body: Rows, at: int) -> bool:
    return _is_sparse(body, at) and not any(is_number(row[at].strip()) for row in body if row[at].strip())


def _are_told_apart(body: Rows, sparse: Sequence[int], days: int) -> bool:
    """Whether rows that look alike without their label are different ones with it."""
    own = days if days not in sparse else days + 1
    rows = [row for row in body if row[own].strip() and not any(map(is_total, filled(row)))]
    labels, block = [], 0
    for row in rows:
        block += bool(row[sparse[-1]].strip())
        labels.append((block, row[own].strip()))
    return len({label for _, label in labels}) < len(labels) == len(set(labels))
