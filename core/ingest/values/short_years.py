"""Dates of three numbers of two digits each: which of them is the year."""

import re
from collections.abc import Sequence
from datetime import date

from core.base.days import calendar_date, day_number
from core.base.time_zones import DAY_SECONDS
from core.ingest.request import DateOrder
from core.ingest.values.moment_text import DateReading, numeric_day, read_moment

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
    first = next((found for cell in cells if (found := numeric_day(cell)) is not None), None)
    if first is None or not _is_short(first["a"], first["y"]):
        return False
    parts = [found for cell in cells if (found := numeric_day(cell)) is not None]
    if len(parts) < _FEWEST or not all(_is_short(found["a"], found["y"]) for found in parts):
        return False
    if len({found["a"] for found in parts}) >= len({found["y"] for found in parts}):
        return False
    newest = _newest(cells, "ymd")
    if newest is None or newest > last:
        return False
    others = (_newest(cells, order) for order in _YEAR_LAST)
    return all(day is None or day > last or day < newest for day in others)


def buddhist_days(cells: Sequence[str], reading: DateReading, last: int) -> dict[str, date]:
    """The days of cells that, with their years of two digits as of our era, are all far after the last day of the file, and none
    of them with Buddhist years: 69 is 2569. Empty for any others.
    """
    result: dict[str, date] = {}
    for cell in cells:
        try:
            moment = read_moment(cell, reading)
            if moment is None or not moment.is_day or _LONG_YEAR.search(cell):
                return {}
            day = calendar_date(moment.seconds // DAY_SECONDS)
            result[cell] = day.replace(year=day.year - _SHORT_ERA)
        except ValueError:
            continue
    is_past = bool(result) and day_number(max(result.values())) <= last
    is_ahead = all(day_number(day) + _SHORT_ERA * 365 > last + _FAR_AHEAD for day in result.values())
    return result if is_past and is_ahead else {}


_LONG_YEAR = re.compile(r"\d{4}")
_FAR_AHEAD = 20 * 365
_SHORT_ERA = 43
"""By how many years 2069 is ahead of the Buddhist year 2569."""
_YEAR_LAST: tuple[DateOrder, ...] = ("dmy", "mdy")


def _is_short(*numbers: str) -> bool:
    return all(len(number) == _DIGITS for number in numbers)


def _newest(cells: Sequence[str], order: DateOrder) -> int | None:
    """The newest day of some dates read in this order; None when one of them is no day then."""
    reading = DateReading(order=order)
    try:
        return max(found.seconds // DAY_SECONDS for cell in cells if (found := read_moment(cell, reading)) is not None)
    except ValueError:
        return None
