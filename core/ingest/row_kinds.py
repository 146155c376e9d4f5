"""What kind a row of a file is, by its cells: a remark, figures, names of columns, groups of columns."""

import re
from collections.abc import Callable, Iterator, Sequence

from core.catalogue.currency_signs import code_of
from core.ingest.formats.batch import Rows
from core.ingest.headers.column_names import is_known_name
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import is_number, unit_of


def filled(row: Sequence[str]) -> list[str]:
    """The cells of a row that hold something, without spaces around them."""
    return [cell.strip() for cell in row if cell.strip()]


def is_comment(row: Sequence[str]) -> bool:
    """Whether a row is a remark of the system that wrote the file: it begins with `#`, or says the types of the columns."""
    first = row[0].lstrip() if row else ""
    return first.startswith("#") and (first in _ANNOTATIONS or len(filled(row[1:])) < 2)


_ANNOTATIONS = frozenset(("#group", "#datatype", "#default"))
"""What InfluxDB says of all columns, in rows above their names."""


def is_figure(cell: str) -> bool:
    """Whether a cell holds a number or a day."""
    return is_number(cell) or is_date(cell)


def has_figure(cells: Sequence[str]) -> bool:
    """Whether one of several cells is a figure: those are asked first that need no pattern, as most rows have one of them."""
    return any(map(str.isdecimal, cells)) or any(map(is_number, cells)) or any(map(is_date, cells))


def count_known(row: Sequence[str]) -> int:
    """How many cells are what exports call their columns, in some language."""
    return sum(map(is_known_name, row))


def header_cells(rows: Rows, position: int) -> list[str]:
    """The names of the columns below a row: its cells, those that are blank or repeated with the group that a row above it gives,
    and with their unit where a row below it says that they are rates or of a currency.

    Merged cells of a workbook come as one cell and blanks: a group holds until the next one.
    """
    cells = _with_units([cell.strip() for cell in rows[position]], rows[position + 1 : position + 2])
    if position == 0 or not groups_columns(rows[position - 1], cells):
        return cells
    groups = carried(rows[position - 1])
    own = [cell for cell, above in zip(cells, rows[position - 1], strict=True) if cell and above.strip()]
    if any(map(_is_unit, own)) and all(len(cell) <= _LONGEST_UNIT for cell in own):
        own_groups = zip(cells, rows[position - 1], strict=True)
        return [
            f"{above.strip()} ({cell})" if cell and above.strip() else cell or above.strip()
            for cell, above in own_groups
        ]
    return [
        group if not cell else f"{group} {cell}" if cells.count(cell) > 1 and group else cell
        for cell, group in zip(cells, groups, strict=True)
    ]


def _with_units(names: list[str], below: Rows) -> list[str]:
    """The names, with the units of rates and currencies that the row below them gives, where it has nothing but units."""
    units = [cell.strip() for row in below for cell in row]
    given = [cell for cell in units if cell]
    if len(units) != len(names) or not any(map(_is_unit, given)) or units[0] or has_figure(given):
        return names
    if any(len(cell) > _LONGEST_UNIT + 1 for cell in given):
        return names
    return [
        f"{name} ({unit})" if name and (unit == "%" or "/" in unit or code_of(unit)) else name
        for name, unit in zip(names, units, strict=True)
    ]


def carried(row: Sequence[str]) -> list[str]:
    """The cells of a row, those of merged cells in each of their columns."""
    result: list[str] = []
    for cell in row:
        result.append(cell.strip() or (result[-1] if result else ""))
    return result


def _is_unit(cell: str) -> bool:
    """Whether a cell is a unit of the figures below it, which the cell above it names."""
    return cell == "%" or code_of(cell) is not None or unit_of([f"1 {cell}", f"2 {cell}"]) is not None


_LONGEST_UNIT = 4


def groups_columns(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row names groups of the columns that the row below it names: words, or years, with gaps, over those without a
    name, too.
    """
    named = [cell for cell, left in zip(filled(row), ["", *filled(row)], strict=False) if cell != left]
    if len(row) != len(below) or not 1 < len(named) < len(row):
        return False
    if has_figure([cell for cell in named if not _YEAR.fullmatch(cell)]):
        return False
    cells = filled(below)
    unnamed = sum(bool(cell.strip()) > bool(name) for cell, name in zip(row, below, strict=True))
    return len(named) < len(cells) + unnamed and len(cells) >= len(below) / 2


_YEAR = re.compile(r"20\d\d")


def is_mostly(rows: Rows, at: int, test: Callable[[str], bool]) -> bool:
    """Whether most filled cells of a column pass a test."""
    cells = [cell for item in rows if at < len(item) and (cell := item[at].strip())]
    return sum(map(test, cells)) > len(cells) / 2


def figure_columns(names: Sequence[str], rows: Rows) -> Iterator[str]:
    """The columns that have numbers in every row in which they have anything."""
    read = rows[:ROWS_READ]
    for position, name in enumerate(names):
        cells = [cell for row in read if position < len(row) and (cell := row[position].strip())]
        if len(cells) > _UNITS and not is_number(cells[0]):
            del cells[0]  # the first row may say the units
        if cells and all(map(is_number, cells)):
            yield name


ROWS_READ = 500
"""Rows that say which columns hold figures."""
_UNITS = 2
