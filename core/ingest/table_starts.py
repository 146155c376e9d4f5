"""Where a table begins among the rows of a file, and what kind a row is: title, comment, header."""

from collections.abc import Sequence

from core.base.errors import UsageError
from core.ingest.formats.batch import Rows
from core.ingest.headers.column_names import is_known_name
from core.ingest.headers.folding import folded
from core.ingest.row_kinds import (
    count_known,
    filled,
    groups_columns,
    has_figure,
    header_cells,
    is_comment,
    is_figure,
    is_mostly,
)
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import is_number

_BELOW = 3
"""Rows below a header among which one has a figure: units and descriptions take up at most two."""
_FAR_BELOW = 50
"""The same below a header of known names: the rows between may be such that cannot be read."""
_CERTAIN = 3
"""Names, all of them known, that are a header even when each row below it lacks a cell."""
_VALUES_READ = 500
"""Rows of the table above a row whose cells are compared with it."""


def _is_above_header(rows: Rows, position: int) -> bool:
    """Whether a row that could be a header only groups the columns of a better one right below it."""
    row, below = rows[position], rows[position + 1]
    return (
        groups_columns(row, below) and count_known(below) > count_known(row) and _is_above_figures(rows, position + 1)
    )


def find_starts(rows: Rows, gaps: frozenset[int]) -> list[int]:
    """The headers of the tables of a file, ascending; `gaps` are the rows with a blank line above them.

    The first table may stand below anything that is no table. A later one needs plain evidence, for a row that is taken for
    a header, and all below it, are lost to the table above.
    """
    result: list[int] = []
    for position, row in enumerate(rows):
        if not _is_above_figures(rows, position):
            continue
        if not result:
            is_first = _follows(rows, position, gaps) and not _has_header(rows[:position], row)
            if is_first and not _is_above_header(rows, position):
                result.append(position)
        elif list(row) == list(rows[result[-1]]):
            continue
        elif _ends_pairs(rows, result[-1], position):
            result.append(position)
        elif not _is_below_border(rows, position, result[-1], gaps):
            continue
        elif _is_new(rows, result[-1], position) or _is_other(rows, result[-1], position):
            result.append(position)
    result = _with_rows(rows, result, gaps)
    if result:
        _refuse_days_above(rows, result[0])
    return result


def _refuse_days_above(rows: Rows, header: int) -> None:
    """Raises UsageError when rows of days stand above the first header: they are of a table whose header was not found."""
    dated = [cells for row in rows[:header] if len(cells := filled(row)) > 1 and is_date(cells[0])]
    if len(dated) >= _TABLE_ROWS:
        raise UsageError(
            f"above its header {', '.join(filled(rows[header])[:_NAMED])} are {len(dated)} rows of days, the first "
            f"{', '.join(dated[0][:_NAMED])}. Remove them, or the rows between them and their own header that cannot be read."
        )


_TABLE_ROWS = 2
"""Rows that begin with a day and make a table: one may be the period or the day of a report."""


def title_start(rows: Rows, header: int, start: int, gaps: frozenset[int]) -> int:
    """The first of the titles and comments just above the header at `start`, below the table whose header is at `header`."""
    position = start
    while position > header + 1 and _is_border(rows, position - 1, header, gaps):
        position -= 1
        if position in gaps and not is_comment(rows[position]):
            break
    return position


def _ends_pairs(rows: Rows, header: int, position: int) -> bool:
    """Whether all rows from the first header to above this one are pairs of a label and its value (`Shop,My shop`), which
    nobody knows, and this one and the next are wider: a header right below what a report says of itself.
    """
    width = len(filled(rows[position]))
    pairs = rows[header:position]
    if _begins_days(rows, position, pairs):
        return True
    return (
        width > 2 * PAIR
        and len(rows[position + 1]) == len(rows[position])
        and len(filled(rows[position + 1])) > PAIR
        and len(pairs) <= TITLE_ROWS
        and all(len(filled(row)) <= PAIR for row in pairs)
        and not any(
            count_known(filled(row)[:1]) and not has_figure(filled(row)[1:]) for row in pairs[:1] if filled(row)
        )
    )


def _begins_days(rows: Rows, position: int, pairs: Rows) -> bool:
    """Whether a row names a column of days, and the next one begins with a day, below several pairs of which none does and one
    has a day as its value (`Start Date,7/1/26`).
    """
    row, below = rows[position], rows[position + 1]
    cells = [filled(pair) for pair in pairs]
    return (
        len(cells) > 1
        and all(0 < len(pair) <= PAIR and not is_date(pair[0]) for pair in cells)
        and any(is_date(pair[-1]) for pair in cells)
        and len(row) == len(below)
        and is_known_name(row[0])
        and is_date(below[0].strip())
    )


PAIR = 2
"""Cells of a row that names a value."""
TITLE_ROWS = 30


def _is_below_border(rows: Rows, position: int, header: int, gaps: frozenset[int]) -> bool:
    """Whether a blank line, a comment or a title stands above a row."""
    return position in gaps or _is_border(rows, position - 1, header, gaps)


def _is_border(rows: Rows, position: int, header: int, gaps: frozenset[int]) -> bool:
    """Whether a row is none of the table with this header: blank, a comment, or a title.

    A title is alone in its line. Files that fill up each row to the same width have it in the first cell, as a sentence or
    below a blank row: a single cell in any other column, or a word right below the rows of a table, is a row that lacks the rest.
    """
    row = rows[position]
    cells = filled(row)
    if not cells or is_comment(row):
        return True
    if len(cells) > 1 or not row[0].strip() or is_figure(cells[0]):
        return False
    is_below_blank = position in gaps or not filled(rows[position - 1])
    return len(rows[header]) > 1 and (len(row) == 1 or " " in cells[0] or is_below_blank)


def _is_header(row: Sequence[str]) -> bool:
    """Whether a row could name columns: several different words, none of them a figure; only the first may be blank."""
    cells = [cell.strip() for cell in row]
    named = [cell for cell in cells if cell]
    return (
        len(named) >= max(2, len(cells) - 1)
        and not is_comment(row)
        and len(set(named)) > len(named) / 2
        and not has_figure(named)
    )


def _is_above_figures(rows: Rows, position: int) -> bool:
    """Whether a row could be a header: it names columns, and a row of its width with figures follows it."""
    row = rows[position]
    if position + 1 >= len(rows) or any(map(str.isdecimal, row)) or has_figure(filled(row)):
        return False  # as most rows are, which are not looked at any further
    below = [item for item in rows[position + 1 : position + 1 + _BELOW] if len(item) == len(row)]
    used = [at for at, cell in enumerate(row) if cell.strip() or any(item[at].strip() for item in below)]
    cells = header_cells(rows, position)
    if not _is_header([cells[at] for at in used]):
        return False
    known, named = count_known(row), len(filled(row))
    depth = _BELOW if known < named / 2 else _FAR_BELOW
    near = [item for item in rows[position + 1 : position + 1 + depth] if not is_comment(item)]
    is_certain = known == named >= _CERTAIN
    return any((len(item) == len(row) or is_certain) and has_figure(filled(item)) for item in near)


def _follows(rows: Rows, position: int, gaps: frozenset[int]) -> bool:
    """Whether a row has nothing above it, or what stands above first tables."""
    if position == 0 or position in gaps:
        return True
    if groups_columns(rows[position - 1], rows[position]):
        return _follows(rows, position - 1, gaps)
    return is_comment(rows[position - 1]) or len(filled(rows[position - 1])) <= 1


def _has_header(above: Rows, row: Sequence[str]) -> bool:
    """Whether a row above is as good a header as this one, so that this one and those between are rows of it."""
    known, is_worded = count_known(row), all(map(_may_be_name, filled(row)))
    return any(
        len(item) == len(row)
        and _is_header(item)
        and (
            count_known(item) >= max(known, 1) or (not known and not is_worded and all(map(_may_be_name, filled(item))))
        )
        for item in above
    )


def _is_new(rows: Rows, header: int, position: int) -> bool:
    """Whether a row below a border is the header of another table, and not a row of the table above that cannot be read.

    It is when it has another width; when it names a column of days, or half of its columns, as exports or the header above
    do; or when the header above has no such names either. A cell that its column holds elsewhere is a value there and no name.
    """
    row, above = rows[position], rows[header]
    if len(row) != len(above):
        return True
    below = rows[position + 1 : position + 1 + _BELOW]
    near = [*rows[max(header + 1, position - _VALUES_READ) : position], *below]
    used = {_unnumbered(cell) for cell in above if cell.strip()}
    named = 0
    is_all_new = True
    for at, cell in enumerate(row):
        if cell.strip() and any(at < len(item) and item[at].strip() == cell.strip() for item in near):
            is_all_new = False
        elif count_known([cell]) or (_unnumbered(cell) and _unnumbered(cell) in used):
            if any(at < len(item) and is_date(item[at].strip()) for item in below):
                return True
            named += 1
    is_unlike = is_all_new and not named and all(map(_may_be_name, filled(row)))
    return named >= len(filled(row)) / 2 or (is_unlike and not count_known(above))


def _is_other(rows: Rows, header: int, position: int) -> bool:
    """Whether a row of words below a border begins another table, as wide as the one above: what is below it does not fit that.

    Raises UsageError when it does: the row could be a header of names that nobody knows, or a row that cannot be read.
    """
    row, above = rows[position], rows[header]
    own = rows[max(header + 1, position - _VALUES_READ) : position]
    below = [item for item in rows[position + 1 : position + 1 + _BELOW] if len(item) == len(row)]
    repeated = any(
        cell.strip() and any(at < len(item) and item[at].strip() == cell.strip() for item in own)
        for at, cell in enumerate(row)
    )
    kinds = [(at, test) for at in range(len(row)) for test in (is_date, is_number) if is_mostly(own, at, test)]
    if repeated or not kinds or not below or not all(map(_may_be_name, filled(row))):
        return False
    if not all(is_mostly(below, at, test) for at, test in kinds):
        return True
    first, second = (", ".join(filled(item)[:_NAMED]) for item in (above, row))
    raise UsageError(
        f"below the table {first} and a blank line or title is the row {second}: the header of a second table, or a row that "
        "cannot be read? Put the tables into files of their own, or remove the row."
    )


_NAMED = 5


def _unnumbered(cell: str) -> str:
    """A name without its number, as headers of several tables of one file may differ in it only."""
    return folded(cell).translate(_NO_DIGITS)


_NO_DIGITS = dict.fromkeys(map(ord, "0123456789"))


def _may_be_name(cell: str) -> bool:
    """Whether a cell could name a column: letters, and no figure among them."""
    return sum(map(str.isalpha, cell)) > 1 and not any(map(str.isdecimal, cell))


def _with_rows(rows: Rows, starts: Sequence[int], gaps: frozenset[int]) -> list[int]:
    """The headers that have rows: of two with nothing between them, one is a title, or a row of the other that cannot be read."""
    result: list[int] = []
    for start in starts:
        if result and all(_is_border(rows, at, result[-1], gaps) for at in range(result[-1] + 1, start)):
            if count_known(rows[result[-1]]) > count_known(rows[start]):
                continue
            result.pop()
        result.append(start)
    return result
