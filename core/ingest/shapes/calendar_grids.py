"""Grids of a calendar: weekdays or months side by side, the weeks or the days of the month below each other."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from core.base.days import calendar_date
from core.base.errors import UsageError
from core.ingest.columns.column_profile import is_week_name
from core.ingest.formats.batch import Rows
from core.ingest.formats.turned_table import Made
from core.ingest.headers.word_lists import is_total
from core.ingest.request import DateOrder
from core.ingest.row_kinds import filled, is_mostly
from core.ingest.values.date_columns import is_date
from core.ingest.values.date_words import have_months, month_of, weekdays_of, year_in
from core.ingest.values.moment_text import DateReading, day_or_none
from core.ingest.values.numbers import is_number
from core.ingest.values.periods import week_of

_WORK_WEEK = 5
_FEWEST = 3
_MONTH = 28
_READ_BELOW = 100
_FEWEST_YEARS = 2
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"(\d{1,2})\.?")


def week_grid(rows: Rows, depth: int) -> Made | None:
    """A table of weeks with a column for each weekday, as rows of days; None of any other.

    Raises UsageError when the days of its weeks cannot be read.
    """
    weekday_row = _weekday_row(rows[:depth])
    if weekday_row is None:
        return None
    header, first, weekdays = weekday_row
    places = range(first, first + len(weekdays))
    body = [at for at in range(header + 1, len(rows)) if len(rows[at]) > places[-1] and filled(rows[at])]
    read = [rows[row] for row in body]
    dated = next((at for at in range(first) if is_mostly(read, at, is_date)), None)
    if dated is None:
        dated = next((at for at in range(first) if _are_weeks(read, at, rows[header][at])), None)
    if dated is None:
        return None
    body = [row for row in body if not any(map(is_total, filled(rows[row][:first])))]
    starts = _starts([rows[row][dated] for row in body], weekdays[0])
    if starts is None:
        raise UsageError(
            f"its columns are weekdays ({rows[header][first]} to {rows[header][places[-1]]}), and {rows[header][dated]!r} does "
            "not say the first day of each week. Write it as 2026-07-06, or save one row for each day."
        )
    labels = [at for at in range(first) if at != dated]
    made: Made = [(header, ("Date", *(rows[header][at] for at in labels), "value"))]
    for row, start in zip(body, starts, strict=True):
        for offset, at in enumerate(places):
            if rows[row][at].strip():
                day = (start + timedelta(offset)).isoformat()
                made.append((row, (day, *(rows[row][label] for label in labels), rows[row][at])))
    return made


def _are_weeks(rows: Rows, at: int, name: str) -> bool:
    """Whether a column numbers weeks without their year, in its cells (`KW 27`) or with its name (`Week`, 27)."""
    return is_mostly(
        rows, at, lambda cell: week_of(f"KW {cell}" if is_week_name(name) and cell.isdecimal() else cell) is not None
    )


def _weekday_row(rows: Rows) -> tuple[int, int, list[int]] | None:
    """The row with weekdays side by side, the first of their columns, and which weekdays they are."""
    for position, row in enumerate(rows):
        for first in range(1, max(len(row) - _WORK_WEEK + 1, 1)):
            for count in (7, 6, 5):
                weekdays = weekdays_of(row[first : first + count]) if len(row) >= first + count else None
                if weekdays is not None:
                    return position, first, weekdays
    return None


def _starts(cells: Sequence[str], weekday: int) -> list[date] | None:
    """The first day of each week, a `weekday`, from a day in it; None when they cannot be read, or are no weeks."""
    orders: Sequence[DateOrder | None] = (None, "dmy", "mdy")
    for order in orders:
        reading = DateReading(order=order)
        days = [calendar_date(day) for cell in cells if (day := day_or_none(cell, reading)) is not None]
        starts = [day - timedelta((day.weekday() - weekday) % 7) for day in days]
        is_steady = all((later - earlier).days % 7 == 0 for earlier, later in pairwise(days))
        is_sure = len(days) > 1 or order is None  # a week after another shows the order of day and month
        if len(days) == len(cells) and is_steady and is_sure and days:
            return starts
    return None


def month_grid(rows: Rows, path: str, depth: int) -> Made | None:
    """A table with a column for each month and a row for each day of the month, as rows of days; None of any other."""
    for header, row in enumerate(rows[:depth]):
        months = _months(row, _texts(rows[:header], path))
        if months is None:
            continue
        below = {at: rows[at] for at in range(header + 1, len(rows)) if len(rows[at]) == len(row)}
        numbered = {at: int(match[1]) for at, cells in below.items() if (match := _NUMBER.fullmatch(cells[0].strip()))}
        if sorted(numbered.values()) != list(range(1, len(numbered) + 1)) or len(numbered) < _MONTH:
            return None
        cells = (
            (at, (f"{year}-{month:02d}-{day:02d}", rows[at][column]))
            for column, (year, month) in months.items()
            for at, day in numbered.items()
            if rows[at][column].strip()
        )
        return [(header, ("Date", "value")), *cells]
    return None


def month_diary(rows: Rows, header: int) -> Made | None:
    """A table with each month and its year in a row of its own, above rows that begin with the day of the month, as rows of days;
    None of any other.
    """
    made: Made = [(header, ("Date", *rows[header][1:]))]
    month: tuple[int | None, int] | None = None
    for at in range(header + 1, len(rows)):
        row = rows[at]
        cells = filled(row)
        if not cells or is_total(cells[0]):
            continue
        if len(cells) == 1 and (found := month_of(cells[0])) is not None:
            month = found
            continue
        match = _NUMBER.fullmatch(row[0].strip())
        if month is None or month[0] is None or match is None:
            return None
        made.append((at, (f"{month[0]}-{month[1]:02d}-{int(match[1]):02d}", *row[1:])))
    return made if len(made) > _FEWEST else None


def year_columns(rows: Rows, depth: int) -> Made | None:
    """A table with a column for each year and a row for each month, as rows of months; None of any other."""
    for header, row in enumerate(rows[:depth]):
        years = {at: int(cell) for at, cell in enumerate(row) if at and _YEAR.fullmatch(cell.strip())}
        if len(years) < _FEWEST_YEARS or len({*years.values()}) < len(years):
            continue
        named = {at: month_of(cells[0]) for at, cells in enumerate(rows) if at > header and len(cells) == len(row)}
        months = {at: month[1] for at, month in named.items() if month is not None and month[0] is None}
        if len(months) < _FEWEST or any(later - earlier != 1 for earlier, later in pairwise(months.values())):
            continue
        cells = (
            (at, (f"{year}-{month:02d}", rows[at][column]))
            for column, year in years.items()
            for at, month in months.items()
            if rows[at][column].strip()
        )
        return [(header, ("Date", "value")), *cells]
    return None


def year_grid(rows: Rows, depth: int) -> Made | None:
    """A table with a column for each month and a row for each year, as rows of months; None of any other."""
    for header, row in enumerate(rows[:depth]):
        if not have_months(row) or not row or month_of(row[0]) is not None:
            continue
        found = {at: item[1] for at, cell in enumerate(row) if (item := month_of(cell)) is not None and item[0] is None}
        if len(found) < _FEWEST or any(later - earlier != 1 for earlier, later in pairwise(found.values())):
            continue
        years = {
            at: int(cells[0].strip())
            for at, cells in enumerate(rows)
            if at > header
            and len(cells) == len(row)
            and year_in(cells[:1]) is not None
            and cells[0].strip().isdecimal()
        }
        if not years or len(set(years.values())) < len(years) or any(at - min(years) >= len(years) for at in years):
            return None
        cells = (
            (at, (f"{year}-{month:02d}", rows[at][column]))
            for at, year in years.items()
            for column, month in found.items()
            if rows[at][column].strip()
        )
        return [(header, ("Date", "value")), *cells]
    return None


def with_years(rows: Rows, path: str, depth: int) -> Rows:
    """The rows, with the year of the title or the file's name in a header of months that have none."""
    for position, row in enumerate(rows[:depth]):
        if not have_months(row):
            continue
        cells = [month_of(cell) for cell in row]
        if sum(item is not None and item[0] is None for item in cells) < _FEWEST:
            continue
        months = _months(row, _texts(rows[:position], path))
        below = rows[position + 1 : position + 1 + _READ_BELOW]
        if months is None or not all(is_mostly(below, at, is_number) for at in months):
            continue
        if any(is_mostly(below, at, is_date) for at in range(next(iter(months)))):
            continue  # the rows have days: April and May are names of something else
        named = [f"{months[at][0]}-{months[at][1]:02d}" if at in months else cell for at, cell in enumerate(row)]
        return [*rows[:position], named, *rows[position + 1 :]]
    return rows


def _texts(above: Rows, path: str) -> list[str]:
    return [*(cell for row in above for cell in filled(row)), Path(path).name]


def _months(row: Sequence[str], texts: Sequence[str]) -> dict[int, tuple[int, int]] | None:
    """The year and month of each column that is called a month, where at least three are, one after the other."""
    if not have_months(row):
        return None
    dates = {at: item for at, cell in enumerate(row) if (item := month_of(cell)) is not None}
    year = year_in(texts)
    result = {at: (item[0] or year or 0, item[1]) for at, item in dates.items()}
    places = list(result)
    if len(places) < _FEWEST or not places[0] or places != list(range(places[0], places[0] + len(places))):
        return None
    numbers = [12 * year + month for year, month in result.values()]
    follow = all(later - earlier == 1 for earlier, later in pairwise(numbers))
    return result if follow and all(year for year, _ in result.values()) else None
