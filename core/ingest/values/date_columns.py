"""How the dates of a whole column are to be read: decided once, on all its different cells, for `inspect` and `load` alike."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from core.base.errors import UsageError
from core.ingest.values.date_order import DateHints, order_of_dates
from core.ingest.values.date_words import may_be_month, month_words
from core.ingest.values.moment_text import (
    DateReading,
    DayNumber,
    day_or_none,
    day_range,
    day_text,
    is_buddhist,
    numeric_day,
    plain,
    words_of,
)
from core.ingest.values.periods import bare_weeks, days_without_year, week_of
from core.ingest.values.placeholders import ABSENT
from core.ingest.values.timed_days import without_times
from core.ingest.values.worded_days import worded
from core.ingest.values.years_of_days import exists, months_of_years, years_ahead, years_of_days, years_of_weeks

_SERIALS = (20_000, 80_000)
"""Spreadsheet days from 1954 to 2119."""
_EPOCHS = (631_152_000, 4_102_444_800)
"""Seconds since 1970, from 1990 to 2100."""
_MOST_WITHOUT_YEAR = 366
_LOOKED_AT = 3
"""Cells among which one is a range when most are: a row of totals may come first."""


def decide(cells: list[str], hints: DateHints) -> tuple[DateReading, tuple[str, ...]]:
    """How to read a column whose different cells these are, in the order of the file; and what a person should know.

    Raises UsageError, with the two readings and the flag, when day and month could be swapped.
    """
    settings = [plain(cell) for cell in without_times(cells) if cell.casefold() not in ABSENT]
    # not `Total`, nor a word that stands for a day unknown
    settings = list(filter(_DIGIT.search, settings)) or settings
    number = _number(settings, hints)
    if number is not None:
        nth = DateReading(number=number, first=hints.first or 0)
        return nth, (("weeks count on their Monday",) if number == "week" else ())
    if hints.is_week and (weeks := bare_weeks(settings)) is not None:
        return DateReading(known=weeks), ("weeks count on their Monday",)
    if (known := _without_year(settings, hints)) is not None:
        return DateReading(known=known), (_year_note(known.values()),)
    reading = DateReading(order=order_of_dates(settings, hints), months=_months(settings))
    if known := months_of_years(settings, reading.months, hints.last, is_called=hints.is_month):
        return DateReading(known=known), ("its days are months with years of two digits: Jan-25 is January 2025",)
    without_year = [parts for cell in settings if (parts := _yearless(cell, reading)) is not None]
    notes: list[str] = []
    if not without_year and (ahead := years_ahead(settings, reading, hints.last)):
        return replace(reading, ahead=ahead), ("its years are Buddhist ones of two digits: 69 is 2026",)
    if without_year:
        reading = replace(reading, years=years_of_days(without_year, hints.last))
        notes.append(_year_note(date(year, *day) for day, year in reading.years.items()))
    if (
        any(map(day_range, settings[:_LOOKED_AT]))
        and sum(day_range(cell) is not None for cell in settings) >= len(settings) / 2
    ):
        notes.append("its days are ranges: each counts on the first day of its range")
    if any(
        is_buddhist(int(cell[position : position + 4])) for cell in settings[:50] for position in _year_places(cell)
    ):
        notes.append("its years are Buddhist ones: 2569 is 2026")
    return reading, tuple(notes)


def _year_note(days: Iterable[date]) -> str:
    calendar = sorted(days)
    return (
        f"its days have no year: taken for {calendar[0].isoformat()} to {calendar[-1].isoformat()}; "
        "give another last day with --day"
    )


def _without_year(cells: Sequence[str], hints: DateHints) -> dict[str, date] | None:
    """The days of cells that are all numbers of day and month, or all numbers of weeks; None of any others."""
    weeks = {cell: week_of(cell) or _bare_week(cell, hints) for cell in cells}
    if weeks and all(weeks.values()):
        years = years_of_weeks([week or 0 for week in weeks.values()], hints.last)
        try:
            return {cell: date.fromisocalendar(years[week or 0], week or 0, 1) for cell, week in weeks.items()}
        except ValueError:
            raise UsageError("its weeks have no year, and no year has all of them. Write them with years.") from None
    days = days_without_year(cells, hints.order, hints.likely)
    if days is None:
        return None
    at = years_of_days(list(days.values()), hints.last)
    return {cell: date(at[day], *day) for cell, day in days.items()}


def _bare_week(cell: str, hints: DateHints) -> int | None:
    """The week that a bare number is in a column called weeks."""
    return week_of(f"KW {cell}") if hints.is_week and cell.isdecimal() else None


def _year_places(cell: str) -> Iterable[int]:
    for position in range(len(cell) - 3):
        edges = cell[position - 1 : position] + cell[position + 4 : position + 5]
        if cell[position : position + 4].isdecimal() and not any(map(str.isdecimal, edges)):
            yield position


def _number(cells: Sequence[str], hints: DateHints) -> DayNumber | None:
    """What cells mean that are all whole numbers (a spreadsheet's day may have a fraction); None when they are dates."""
    if not cells or not all(cell.replace(".", "", 1).isdecimal() for cell in cells):
        return None
    sizes = {len(cell.partition(".")[0]) for cell in cells}
    values = [float(cell) for cell in cells]
    if hints.first is not None and min(values) == 0 and max(values) < _MOST_WITHOUT_YEAR * 3:
        return "nth"
    if sizes == {5} and all(_SERIALS[0] <= value < _SERIALS[1] for value in values):
        return "serial"
    if sizes == {6} and all(1900 <= value // 100 < 2200 for value in values):
        ends = [int(value % 100) for value in values]
        if all(1 <= end <= 53 for end in ends) and (hints.is_week or max(ends) > 12):
            return "week"
        return "month" if all(1 <= end <= 12 for end in ends) else None
    if sizes <= {9, 10} and not _are_hours(cells) and all(_EPOCHS[0] <= value < _EPOCHS[1] for value in values):
        return "epoch"
    is_ms = sizes <= {12, 13} and all(_EPOCHS[0] <= value / 1000 < _EPOCHS[1] for value in values)
    return "epoch_ms" if is_ms else None


def _are_hours(cells: Sequence[str]) -> bool:
    """Whether all cells are 2024041623: year, month, day, hour."""
    return all(day_or_none(cell, DateReading()) is not None for cell in cells)


def _months(cells: Iterable[str]) -> Mapping[str, int]:
    words: set[str] = set()
    for cell in cells:
        words |= words_of(cell)
    try:
        return month_words(words) or _by_majority(cells)
    except ValueError as error:
        raise UsageError(f"{error}: {', '.join(sorted(words)[:5])}. Write the dates as 2026-07-01.") from None


def _by_majority(cells: Iterable[str]) -> Mapping[str, int]:
    """The language of most cells, where a stray one is in none: that one cannot be read, the others can."""
    counts: dict[frozenset[str], int] = {}
    for cell in cells:
        counts[words_of(cell)] = counts.get(words_of(cell), 0) + 1
    recognized: dict[str, int] = dict(month_words(()))
    for words in sorted(counts, key=lambda item: -counts[item]):
        try:
            recognized |= month_words(words)
        except ValueError:
            continue
    return recognized


def _yearless(cell: str, reading: DateReading) -> tuple[int, int] | None:
    """The month and day of a cell that has no year."""
    if day_range(cell) or numeric_day(cell) or cell[:4].isdecimal():
        return None
    try:
        parts = worded(cell, reading.months)
        date(2024, parts.month, parts.day)  # a leap year
    except ValueError:
        return None
    return (parts.month, parts.day) if not parts.year else None


@lru_cache(maxsize=1 << 12)
def is_date(cell: str, *, of_any_language: bool = False) -> bool:
    """Whether a cell alone looks like a date, whatever the order of day and month.

    Months are looked for in the languages that are often met, or in all that there are (a second when first asked).
    """
    if _ISO.fullmatch(cell) and exists(int(cell[:4]), (int(cell[5:7]), int(cell[8:10]))):
        return True
    bare = plain(cell)
    if len(bare) > 60 or not _DIGIT.search(bare):
        return False
    if bare.isdecimal():
        return len(bare) in {8, 10} and bare[:2] in {"19", "20"} and day_or_none(bare, _DAY_FIRST) is not None
    if _NO_DATE.fullmatch(bare) or (_CODE.fullmatch(bare) and not of_any_language):
        return False
    if day_or_none(bare, _DAY_FIRST) is not None:
        return True
    if numeric_day(bare) and day_or_none(bare, _MONTH_FIRST) is not None:
        return True
    words = words_of(bare)
    if not words or len(words) > 4 or not any(map(str.isalpha, "".join(words))):
        return _has_signs(bare)
    if not of_any_language and not all(map(may_be_month, words)):
        return False
    try:
        parts = worded(day_text(bare), month_words(words))
        return exists(2024, (parts.month, parts.day))
    except (ValueError, KeyError):
        return False


_DIGIT = re.compile(r"\d")
_NO_DATE = re.compile(r"[A-Za-z]+[-_]?\d{5,}|[-+]?\d+[.,]\d{3,}|[-+]?\d{1,3}[.,]\d|0[.,]\d+")
"""Ids and plain figures, which are most of what is asked: read as dates they would be tried in every shape there is."""
_CODE = re.compile(r"[A-Za-z]\d{1,4}")
"""Short ids; a few languages write days so."""
_ISO = re.compile(
    r"(?:19|20)\d\d-[01]\d-[0-3]\d"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[-+](?:0\d|1[0-3]):?[0-5]\d)?)?",
    re.ASCII,
)
"""The usual shape: known without being read."""
_DAY_FIRST, _MONTH_FIRST = DateReading(order="dmy"), DateReading(order="mdy")


def is_day(cell: str, reading: DateReading | None) -> bool:
    """Whether a cell is a day of a column that is read so: a spreadsheet's 46042 looks like no date by itself."""
    return is_date(cell) or (reading is not None and day_or_none(cell, reading) is not None)


def _has_signs(bare: str) -> bool:
    """`7月1日` and its like, without a year."""
    try:
        parts = worded(bare, {})
    except (ValueError, KeyError):
        return False
    return exists(2024, (parts.month, parts.day))
