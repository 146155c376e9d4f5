"""The year of days that have none, by the day that they end by; of days of three numbers of two digits, which one it is."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TypeVar

from core.base.days import calendar_date
from core.base.errors import UsageError
from core.base.time_zones import DAY_SECONDS
from core.ingest.request import DateOrder
from core.ingest.values.date_words import folded
from core.ingest.values.moment_text import DateReading, day_or_none, numeric_day, read_moment

_MOST_WITHOUT_YEAR = 366
Place = TypeVar("Place", int, tuple[int, int])
"""The number of a week, or a month and day."""


def years_of_days(days: Sequence[tuple[int, int]], last: int) -> dict[tuple[int, int], int]:
    """A year for each day of a run that rises, or falls, through at most one turn of the year and ends by `last`.

    Days that come in several runs (one for each slice) take the year from the longest stretch of the calendar without any.
    """
    distinct = list(dict.fromkeys(days))
    if len(distinct) > _MOST_WITHOUT_YEAR:
        raise UsageError("its dates have no year and repeat. Write the dates with years.")
    runs = [run for run in (distinct, distinct[::-1]) if _is_run(run)]
    ordered = min(runs, key=lambda run: _length(list(map(_place, run)), _PLACES), default=None) or _after_gap(distinct)
    newest = calendar_date(last)
    year = newest.year if ordered[-1] <= (newest.month, newest.day) else newest.year - 1
    for end in range(year, year - _LEAP_YEARS, -1):
        result = _counted_back(ordered, end)
        if all(exists(at, day) for day, at in result.items()):
            return result
    raise UsageError("its dates have no year, and no year has all of them. Write the dates with years.")


_LEAP_YEARS = 9
"""One of so many years has a 29 February."""


def years_of_weeks(weeks: Sequence[int], last: int) -> dict[int, int]:
    """The ISO year of each week of a run that rises, or falls, through at most one turn of the year and ends by `last`."""
    distinct = list(dict.fromkeys(weeks))
    possible = [run for run in (distinct, distinct[::-1]) if _turns(run) <= 1]
    ordered = min(possible, key=lambda run: _length(run, _MOST_WEEKS), default=sorted(distinct))
    newest = calendar_date(last).isocalendar()
    return _counted_back(ordered, newest.year if ordered[-1] <= newest.week else newest.year - 1)


_MOST_WEEKS = 53


def _length(places: Sequence[int], of_year: int) -> int:
    """How long a run is: the first of a few days or weeks may rise or fall, and they follow one another rather than lie a year
    apart."""
    return sum((later - earlier) % of_year for earlier, later in pairwise(places))


def _place(day: tuple[int, int]) -> int:
    """Where a month and day lie in a year of twelve months of 31 days."""
    return 31 * day[0] + day[1]


_PLACES = 12 * 31


def _counted_back(places: Sequence[Place], year: int) -> dict[Place, int]:
    """The year of each day or week of a rising run whose last one is in `year`."""
    result: dict[Place, int] = {}
    later = places[-1]
    for position in reversed(places):
        year -= position > later
        result[position], later = year, position
    return result


def _is_run(days: Sequence[tuple[int, int]]) -> bool:
    """Whether days rise, at most once through the turn of the year and then not as far as the first one."""
    turns = _turns(days)
    return turns == 0 or (turns == 1 and days[-1] < days[0])


def _turns(places: Sequence[Place]) -> int:
    return sum(later < earlier for earlier, later in pairwise(places))


def _after_gap(days: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    ordered = sorted(days)
    places = list(map(_place, ordered))
    gaps = [(later - earlier) % _PLACES for earlier, later in zip([places[-1], *places], places, strict=False)]
    start = gaps.index(max(gaps))
    return [*ordered[start:], *ordered[:start]]


def exists(year: int, day: tuple[int, int]) -> bool:
    """Whether a year has a month and day."""
    try:
        date(year, *day)
    except ValueError:
        return False
    return True


_MONTH_OF_YEAR = r"(?P<month>[^\W\d_]{3,12})\.?[-/ ’']{1,2}(?P<year>\d{2})"
_FEWEST_MONTHS = 3
_MOST_YEARS = 30


def months_of_years(
    cells: Sequence[str], months: Mapping[str, int], last: int, *, is_called: bool = False
) -> dict[str, date]:
    """The first day of each cell that is a month and a year of two digits (`Jan-25`), where all are: they are called months
    (`is_called`), or follow each other, and none begins after `last`. As days they would be one of each month, with the same
    number for a year.
    """
    matches = {cell: re.fullmatch(_MONTH_OF_YEAR, cell) for cell in cells}
    try:
        days = {
            cell: date(2000 + int(match["year"]), months[folded(match["month"])], 1)
            for cell, match in matches.items()
            if match is not None
        }
    except (KeyError, ValueError):
        return {}
    if not days or len(days) < len(matches):
        return {}
    counted = {12 * day.year + day.month for day in days.values()}
    follow = len(counted) >= _FEWEST_MONTHS and max(counted) - min(counted) == len(counted) - 1
    newest = calendar_date(last)
    is_near = newest.year - _MOST_YEARS < max(days.values()).year and max(days.values()) <= newest
    return days if (follow or is_called) and is_near else {}


_DIGITS = 2
_FEWEST = 2
"""Cells below which nothing shows which number changes least."""


def is_year_first(cells: Sequence[str], last: int) -> bool:
    """Whether dates such as `26/07/01` have the year first; `last` is the day of the file (since 1970-01-01).

    They have when so read all are days and none is to come, when that number changes less than the last one, and when the
    newest day is nearer to the day of the file than with the year last.

    >>> is_year_first(["26/07/01", "26/07/02", "26/07/03"], 20_700), is_year_first(["01/07/26", "02/07/26"], 20_700)
    (True, False)
    """
    first = next((match for cell in cells if (match := numeric_day(cell)) is not None), None)
    if first is None or not _is_short(first["a"], first["y"]):
        return False
    parts = [match for cell in cells if (match := numeric_day(cell)) is not None]
    if len(parts) < _FEWEST or not all(_is_short(match["a"], match["y"]) for match in parts):
        return False
    if len({match["a"] for match in parts}) >= len({match["y"] for match in parts}):
        return False
    newest = _newest(cells, "ymd")
    if newest is None or newest > last:
        return False
    others = (_newest(cells, order) for order in _YEAR_LAST)
    return all(day is None or day > last or day < newest for day in others)


def years_ahead(cells: Sequence[str], reading: DateReading, last: int) -> int:
    """By how many years cells with years of two digits are too late: read as of our era, all are far after the last day of the
    file, and with Buddhist years (69 is 2569) none is, but for what is planned. 0 of any others.
    """
    if any(map(_LONG_YEAR.search, cells)):
        return 0
    days = [day for cell in cells if (day := day_or_none(cell, reading)) is not None]
    is_near = bool(days) and max(days) <= last + _PLANNED + _SHORT_ERA * _YEAR
    return _SHORT_ERA if is_near and min(days) > last + _FAR_AHEAD else 0


_LONG_YEAR = re.compile(r"\d{4}")
_YEAR = 365
_FAR_AHEAD = 20 * _YEAR
_PLANNED = 2 * _YEAR
"""Days that budgets and promised days lie ahead: those of a year end in the next one."""
_SHORT_ERA = 43
"""By how many years 2069 is ahead of the Buddhist year 2569."""
_YEAR_LAST: tuple[DateOrder, ...] = ("dmy", "mdy")


def _is_short(*numbers: str) -> bool:
    return all(len(number) == _DIGITS for number in numbers)


def _newest(cells: Sequence[str], order: DateOrder) -> int | None:
    """The newest day of some dates read in this order; None when one of them is no day then."""
    reading = DateReading(order=order)
    try:
        return max(
            moment.seconds // DAY_SECONDS for cell in cells if (moment := read_moment(cell, reading)) is not None
        )
    except ValueError:
        return None
