"""Tables whose days are in several columns, a year and a month, a week or a day: with one column for them."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from core.ingest.columns.column_profile import is_week_name
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.headers.folding import spaced
from core.ingest.headers.word_lists import words_of
from core.ingest.row_kinds import is_mostly
from core.ingest.values.date_columns import is_date
from core.ingest.values.date_words import month_in_texts, month_of, year_in
from core.ingest.values.periods import week_of

_FEWEST = 3
_READ = 50
"""Rows that say what a column holds."""


def with_days(table: ExportTable, header: int, path: str) -> ExportTable | None:
    """The table with its year and month (and day), or its year and week, in one column; None where it has days, or no such.

    What no column says, the month of days or the year of months, is looked for above the table, in the name of its sheet, and
    in that of the file at `path`.
    """
    names = [spaced(cell) for cell in table.rows[header]]
    body = table.rows[header + 1 :]
    if any(is_mostly(body[:_READ], at, is_date) for at in range(len(names))):
        return None
    year = _column(names, _called("years").__contains__, body, _is_year)
    month = _column(names, _called("months").__contains__, body, _is_month)
    week = _column(names, is_week_name, body, _is_week) if month is None else None
    day = _column(names, _called("days").__contains__, body, _is_day) if week is None else None
    if year is None or (month is None and week is None):
        return _with_titles(table, header, path, month=month, day=day)
    used = {at for at in (year, month, week, day) if at is not None}
    parts = [[row[at].strip() if at is not None else "" for at in (year, month, week, day)] for row in body]
    return _dated(table, header, used, [_day(*cells) for cells in parts])


def _with_titles(
    table: ExportTable, header: int, path: str, *, month: int | None, day: int | None
) -> ExportTable | None:
    """The table with its numbers of days in the month, or its months in the year, that a title or a name says."""
    sheet = table.describe.get("sheet", "")
    texts = [sheet, *(cell for row in table.rows[:header] for cell in row), Path(path).name]
    body = table.rows[header + 1 :]
    if month is not None and day is None:
        cells = [row[month].strip() for row in body]
        named = [found[1] for cell in cells if (found := month_of(cell)) is not None]
        year = year_in([sheet]) or year_in(texts)
        if year is None or len(set(named)) < _FEWEST:
            return None
        return _dated(table, header, {month}, [_day(str(year), cell, "", "") for cell in cells])
    found = month_in_texts(texts) if day is not None and month is None else None
    if day is None or found is None:
        return None
    cells = [row[day].strip() for row in body]
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    if len(set(numbers)) < _FEWEST or set(numbers) != set(range(1, max(numbers) + 1)):
        return None
    return _dated(table, header, {day}, [_day(str(found[0]), str(found[1]), "", cell) for cell in cells])


def _dated(table: ExportTable, header: int, used: Collection[int], days: Sequence[str]) -> ExportTable:
    """The table with a column of days instead of those that are used."""
    others = [at for at in range(len(table.rows[header])) if at not in used]
    dated = zip(["Date", *days], table.rows[header:], strict=True)
    return TurnedTable.of(
        table, [(at, (day, *(row[other] for other in others))) for at, (day, row) in enumerate(dated, header)]
    )


def _called(period: str) -> frozenset[str]:
    """What columns of parts of days are called; one letter may be any figure."""
    return frozenset(word for word in words_of(period) if len(word) > 1 or not word.isascii())


def _column(
    names: Sequence[str], is_named: Callable[[str], bool], body: Rows, is_such: Callable[[str], bool]
) -> int | None:
    return next((at for at, name in enumerate(names) if is_named(name) and is_mostly(body[:_READ], at, is_such)), None)


def _is_year(cell: str) -> bool:
    return cell.isdecimal() and len(cell) == 4 and cell[:2] in {"19", "20"}


def _is_month(cell: str) -> bool:
    return _within(cell, 12) or month_of(cell) is not None


def _is_week(cell: str) -> bool:
    return _within(cell, 53) or week_of(cell) is not None


def _is_day(cell: str) -> bool:
    return _within(cell, 31)


def _within(cell: str, most: int) -> bool:
    return cell.isdecimal() and 1 <= int(cell) <= most


def _day(year: str, month: str, week: str, day: str) -> str:
    """The day that parts give, as ISO; the parts themselves where they give none: that row is refused, or a total."""
    number = int(month) if month.isdecimal() else (month_of(month) or (None, 0))[1]
    if _is_year(year) and number and (not day or day.isdecimal()):
        return f"{year}-{number:02d}" + (f"-{int(day):02d}" if day else "")
    number = int(week) if week.isdecimal() else week_of(week) or 0
    if _is_year(year) and number:
        return f"{year}-W{number:02d}"
    return " ".join(part for part in (month or week, day) if part) or year
