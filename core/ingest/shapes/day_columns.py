"""Tables whose columns are days, a row a product or a figure: they are turned into tables of a row a day."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from unicodedata import category

import numpy as np

from core.base.errors import UsageError
from core.catalogue.currency_signs import currency_of_amount
from core.catalogue.kinds import SLICE
from core.ingest.columns.column_profile import is_day_name
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.formats.turned_table import Made, TurnedTable
from core.ingest.headers.column_names import english_names, is_known_name
from core.ingest.headers.folding import folded
from core.ingest.headers.word_lists import is_total, words_of
from core.ingest.row_kinds import filled, is_figure, is_mostly
from core.ingest.shapes.calendar_grids import month_grid, week_grid, with_years, year_columns, year_grid
from core.ingest.shapes.grouped_days import grouped_days
from core.ingest.shapes.hour_columns import hour_rows
from core.ingest.shapes.row_labels import cell_values, is_called_total, row_labels, value_name
from core.ingest.values.date_columns import is_date
from core.ingest.values.date_words import days_of, month_in_texts
from core.ingest.values.moment_text import plain
from core.ingest.values.numbers import is_number
from core.ingest.values.periods import are_headings

_DEPTH = 30
"""How far down the row of days is looked for."""
_READ_BELOW = 100
"""Rows below it that are read: a row of orders has several days as well, and reading all below each took half of a load."""
_FEWEST = 3
"""Days in a row: two are the period of a report."""
_SHARE = 0.3
"""How much of such a row is days: some columns before them name its rows, and a total may follow."""
_ODD = 0.1
"""Share of cells that are no figures: of more, all would be words, and their rows events."""
_FIGURE_NAMES = frozenset(("", "date", "day"))
"""What stands above the names of figures, besides a word for them; a row below it is a figure of each day, and no slice."""


def turned(table: ExportTable, path: str) -> ExportTable:
    """A table with a row for each day; one whose columns are no days stays as it is.

    Raises UsageError when a table has columns of days and cannot be turned.
    """
    if (made := _of_calendar(table, path)) is not None:
        return made
    rows = with_years(_with_dates(table.rows, path), path, _first_data(table.rows))
    header = _days_row(rows)
    if header is None:
        return table
    without_year = _days_without_year(filled(rows[header]))
    days = [at for at, cell in enumerate(rows[header]) if cell.strip() in without_year or is_date(cell.strip())]
    first, last = rows[header][days[0]].strip(), rows[header][days[-1]].strip()
    if not table.is_complete or any(len(row) > len(rows[header]) for row in rows[header + 1 :]):
        raise UsageError(
            f"its columns are days ({first} to {last}), and it is too long or too ragged to be turned. "
            "Save it with one row for each day."
        )
    if any(len(_days_in(filled(row))) >= _FEWEST for row in rows[header + 1 :]):
        raise UsageError(
            f"its columns are days ({first} to {last}), and so are those of another table below. "
            "Put each table into a file of its own."
        )
    body = [
        (header + 1 + at, [*row, *[""] * (len(rows[header]) - len(row))])
        for at, row in enumerate(rows[header + 1 :])
        if filled(row) and not is_total(filled(row)[0])
    ]
    while body and not any(map(is_number, filled([body[0][1][at] for at in days]))):
        del body[0]  # weekdays, or units
    statement, body = body, _without_sums(body, days)
    rows = _with_labels(rows, header, days[0])
    labels = row_labels(rows[header], days, [row for _, row in body], "days")
    titles = [filled(row)[0] for row in rows[:header] if len(filled(row)) == 1]
    if _are_figures(rows[header], labels, days, [row for _, row in body]):
        # a result that is called a total (`Total collected`) is a figure of its own
        own: Made = [(header, ("Date", *(row[labels[0]].strip() for _, row in statement)))]
        own += [(header, (rows[header][at], *(row[at] for _, row in statement))) for at in days]
    else:
        names = [rows[header][at].strip() for at in labels]
        called = value_name(titles, path)
        is_free = not is_day_name(called) and folded(called) not in map(folded, names)
        own = [(header, ("Date", *names, called if is_free else "value"))]
        own += _cells(_filled_down(body, labels), rows[header], days, labels)
    return TurnedTable.of(table, own, {"columns of days": f"{first} to {last}"})


def _cells(body: Made, header: Sequence[str], days: Sequence[int], labels: Sequence[int]) -> Made:
    """A row for each cell below a day, with the labels of its own row. Raises UsageError where several are no figures."""
    cells = [(at, row, day) for at, row in body for day in days if row[day].strip()]
    odd = [cell for _, row, day in cells if not is_number(cell := row[day].strip())]
    if len(odd) > len(cells) * _ODD:
        raise UsageError(
            f"its columns are days ({header[days[0]].strip()} to {header[days[-1]].strip()}), and some cells below them are no "
            f"figures, such as {odd[0]!r}. Leave only figures there."
        )
    return [(at, (header[day], *(row[label] for label in labels), row[day])) for at, row, day in cells]


def _without_sums(body: Sequence[tuple[int, list[str]]], days: Sequence[int]) -> list[tuple[int, list[str]]]:
    """The rows without those that are called a total (`Total income`, `North total`, `North` and `Total`) and are the sum of rows
    right above them.
    """
    values = [cell_values(row[at] for at in days) for _, row in body]
    result: list[int] = []
    for index, (_, row) in enumerate(body):
        sums = np.zeros(len(days))
        is_sum = False
        if any(map(is_called_total, filled(row[: days[0]]))):
            for above in reversed(result):
                sums = sums + np.nan_to_num(values[above])
                is_sum = is_sum or bool(np.allclose(sums, np.nan_to_num(values[index]), rtol=0.001) and sums.any())
        if not is_sum:
            result.append(index)
    return [body[index] for index in result]


def _filled_down(body: Sequence[tuple[int, list[str]]], labels: Sequence[int]) -> Made:
    """The rows with a label that only the first of several has (merged cells) in all of them; the last label is in each."""
    last = dict.fromkeys(labels, "")
    result: Made = []
    sparse = [at for at in labels[:-1] if body[0][1][at].strip() and all(row[labels[-1]].strip() for _, row in body)]
    for origin, row in body:
        cells = list(row)
        for index, at in enumerate(sparse):
            if row[at].strip():
                last.update({at: row[at], **dict.fromkeys(sparse[index + 1 :], "")})
            cells[at] = last[at]
        result.append((origin, cells))
    return result


def _first_data(rows: Rows) -> int:
    """The first row that has a day and numbers, or the depth to which headers are looked for: no header stands below it."""
    for position, row in enumerate(rows[:_DEPTH]):
        cells = filled(row)
        if any(map(str.isdecimal, cells)) and any(map(is_date, cells[:_BEFORE])):
            return position
    return _DEPTH


def _with_labels(rows: Rows, header: int, end: int) -> Rows:
    """The rows, with the names of columns left of the days that only the row above them has, where it groups the days."""
    above = rows[header - 1] if header else []
    if len(above) != len(rows[header]) or len(filled(above)) < 2 or any(map(is_figure, filled(above[:end]))):
        return rows
    named = [cell or above[at] if at < end else cell for at, cell in enumerate(rows[header])]
    return [*rows[:header], named, *rows[header + 1 :]]


def _of_calendar(table: ExportTable, path: str) -> ExportTable | None:
    """A grid of a calendar, or one of days and figures or hours, as rows of days; None for any other table."""
    if not table.is_complete:
        return None
    depth = _first_data(table.rows)
    made = (
        week_grid(table.rows, depth)
        or month_grid(table.rows, path, depth)
        or year_grid(table.rows, depth)
        or year_columns(table.rows, depth)
        or grouped_days(table.rows, depth)
    )
    if made is not None and len(made) > 1:
        return TurnedTable.of(table, made, {"columns of days": f"{made[1][1][0]} to {made[-1][1][0]}"})
    made = hour_rows(table.rows, depth + 1, path)
    if made is not None and len(made) > 1:
        return TurnedTable.of(table, made, {"columns of hours": f"{made[1][1][-2]} to {made[-1][1][-2]}"})
    return None


def _with_dates(rows: Rows, path: str) -> Rows:
    """The rows, with dates in a header whose columns are numbered like the days of a month (1 to 31).

    Raises UsageError when neither a title nor the name of the file says of which month.
    """
    for position, row in enumerate(rows[:_DEPTH]):
        first = next((at for at, cell in enumerate(row) if cell.strip() in {"1", "01"}), None)
        if first is None:
            continue
        count = 0
        while first + count < len(row) and row[first + count].strip().lstrip("0") == str(count + 1):
            count += 1
        if count < _MONTH or any(map(is_figure, filled(row[:first]))):
            continue
        month = month_in_texts([*(cell for above in rows[:position] for cell in filled(above)), Path(path).name])
        if month is None:
            raise UsageError(
                f"its columns are numbered 1 to {count}, like the days of a month. Name the month in a title above them or in "
                "the file's name, such as 'Sales July 2026.csv'."
            )
        days = days_of(*month)[:count]
        if len(days) == count:
            return [*rows[:position], (*row[:first], *days, *row[first + count :]), *rows[position + 1 :]]
    return rows


_MONTH = 28
"""Days of the shortest month: fewer numbers side by side may be hours, sizes or marks."""


def _days_row(rows: Rows) -> int | None:
    """The row which has different days side by side, with figures below them; None where there is none."""
    for position, row in enumerate(rows[:_DEPTH]):
        cells = filled(row)
        days = _days_in(cells)
        if not days and (days := _days_without_year(cells)):
            before = next(at for at, cell in enumerate(row) if cell.strip() in days)
            if any(is_mostly(rows[position + 1 : position + 1 + _READ_BELOW], at, is_date) for at in range(before)):
                continue  # the rows have days: weeks since something began, or marks
        if len(days) < _FEWEST or len(days) < len(cells) * _SHARE:
            continue
        places = [at for at, cell in enumerate(row) if cell.strip() in days]
        if len(places) > len(days) or any(map(is_figure, filled(row[: places[0]]))):
            continue
        below = rows[position + 1 : position + 1 + _READ_BELOW]
        if sum(is_mostly(below, at, is_number) for at in places) > len(places) / 2:
            return position
    return None


def _days_in(cells: Sequence[str]) -> set[str]:
    """The different days among the cells of a row, none where most are plain numbers: those are figures, also such of eight
    digits as a day could be, and the words next to them are not looked up in the months of all languages.
    """
    named = [cell for cell in cells if not cell.replace(".", "", 1).isdecimal()]
    return set(filter(is_date, named)) if len(named) >= max(_FEWEST, len(cells) * _SHARE) else _days_of_digits(cells)


def _days_of_digits(cells: Sequence[str]) -> set[str]:
    """The days of eight digits among the cells of a row (`20260701`), where they go on in equal steps, as no figures do."""
    digits = [cell for cell in cells if len(cell) == _DIGITS and cell.isdecimal() and is_date(cell)]
    steps = np.diff([date.fromisoformat(cell).toordinal() for cell in digits])
    return set(digits) if len(digits) >= _FEWEST and steps[0] and (steps == steps[0]).all() else set()


_DIGITS = 8


def _days_without_year(cells: Sequence[str]) -> set[str]:
    """The longest run of days or weeks without a year among the cells of a row that follow each other; none where it is short."""
    bare = [plain(cell) for cell in cells[: _BEFORE + _FEWEST]]
    first = next((at for at in range(min(len(cells), _BEFORE)) if are_headings(bare[at : at + _FEWEST])), None)
    if first is None:
        return set()
    end, bare = first + _FEWEST, list(map(plain, cells))
    while end < len(cells) and are_headings(bare[first : end + 1]):
        end += 1
    return set(cells[first:end])


_BEFORE = 6
"""Columns at most that name a row, left of its days."""


def _are_figures(header: Sequence[str], labels: Sequence[int], days: Sequence[int], body: Rows) -> bool:
    """Whether each row is a figure of its own (`Net sales`), and not a slice of one."""
    if len(labels) != 1:
        return False
    names = [row[labels[0]].strip() for row in body]
    if len(set(map(folded, names))) < len(names) or not all(names):
        return False
    name = folded(header[labels[0]].strip(" $"))
    if not {word.replace(" ", "_") for word in english_names([name])}.isdisjoint(SLICE):
        return False  # `video` is one of its values, and no figure
    if not words_of("results").isdisjoint(map(folded, names)) or _has_result(body, days) or _have_units(body, days):
        return True  # a statement: what it adds and takes off are figures of their own
    return name in _FIGURE_NAMES | words_of("metrics") or sum(map(is_known_name, names)) > len(names) / 2


def _has_result(body: Rows, days: Sequence[int]) -> bool:
    """Whether a row is what the rows right above it come to on every day: their sum, or the first less the others."""
    values = [np.nan_to_num(cell_values(row[at] for at in days)) for row in body] if len(body) <= _MOST_RESULTS else []
    for end, own in enumerate(values):
        for begin in range(end - 1):
            parts = [row for row in values[begin:end] if row.any()]
            sums = [sum(parts), parts[0] - sum(parts[1:])] if len(parts) > 1 and values[begin].any() else []
            if any(np.count_nonzero(own) >= _FEWEST and np.allclose(own, total, rtol=1e-9) for total in sums):
                return True
    return False


_MOST_RESULTS = 60
"""Rows of a statement; more are products or places."""


def _have_units(body: Rows, days: Sequence[int]) -> bool:
    """Whether some rows are of percentages or of a currency, and others are not."""
    firsts = [next(iter(filled([row[at] for at in days])), "") for row in body]
    return len({_unit(cell) for cell in firsts if cell}) > 1


def _unit(cell: str) -> str | None:
    signs = (sign for sign in cell if sign == "%" or category(sign) == "Sc")
    return currency_of_amount(cell) or next(signs, None)
