"""One cell that is a day or a moment, in every way that exports write them."""

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Literal, NamedTuple

from core.base.days import day_number
from core.base.frozen import frozen
from core.base.time_zones import DAY_SECONDS
from core.ingest.request import DateOrder
from core.ingest.values.clock_text import time_of, time_pattern, without_time
from core.ingest.values.date_words import OWN, folded, is_weekday
from core.ingest.values.periods import is_period, period_start
from core.ingest.values.placeholders import ABSENT
from core.ingest.values.worded_days import NO_MONTHS, DayParts, bare_day, full_year, in_plain_signs, tokens_of, worded

DayNumber = Literal["serial", "epoch", "epoch_ms", "nth", "month", "week"]
"""What a whole number means as a day: days since 1899-12-30 (spreadsheets), seconds or milliseconds since 1970, days since
the first one, 202607, 202627 (ISO weeks)."""

_DAYS = (
    re.compile(r"(?P<y>\d{4})(?P<mark>[-/.])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})\.?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4}|\d{2})\.?"),
)
_HOURS = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?P<h>[01]\d|2[0-3])")
_SPACED = re.compile(r"(\d)\. (?=\d)")
"""Korean dates: `2026. 7. 1.`"""
_ONE_DAY = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{8})"
_TO = "-|–|—|~|to|au?|al|bis|s/d|hingga|по|至|から"
_RANGE = rf"(?:(?:du|from|vom|von|del|dal|de|с) )?({_ONE_DAY})\.?\s*(?:{_TO})\s*({_ONE_DAY})\.?"
_SHORTEST_RANGE = len("1/7/2026-7/7/2026")
_TIME_FIRST = re.compile(r"(\d{1,2}:\d{2}(?::\d{2})?)[ ,]+(\S.*\d)", re.DOTALL)
"""`10:20 01/07/2026`, as in Vietnam."""
_CLOSING = (")", "）")
_WEEKDAY_AFTER = re.compile(r"(?<=[\d日일.])\s*[(（][^\W\d]{1,3}\.?[)）]$")
_NAME_AFTER = re.compile(r"(?<=\d)\s*[(（]([^\s\d()]{2,15})[)）]$")
_WEEKDAY_LAST = re.compile(r"(?!\d{1,4}\W*[^\W\d_]+$)(.*\d[日일.]?),?\s*([^\W\d_]{1,12})")
"""A weekday behind a day. Behind a year or a number alone it is a month: `mar` is a Tuesday as well, in Spanish."""
_ERA = 543
_BUDDHIST = range(2443, 2644)
"""Years of 1900 to 2100, counted from Buddha's death."""
_SPREADSHEET = date(1899, 12, 30)
_MOST_DIGITS = 13
"""Milliseconds since 1970 have that many until the year 2286; no other way of counting has more."""
_FIRST_SECOND = day_number(date.min) * DAY_SECONDS
_LAST_SECOND = (day_number(date.max) + 1) * DAY_SECONDS - 1


@frozen(kw_only=True)
class DateReading:
    """How the dates of one column are read."""

    order: DateOrder | None = None
    months: Mapping[str, int] = field(default_factory=lambda: OWN)
    """Folded word -> month, or WEEKDAY."""
    years: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """(month, day) -> year, where cells have none."""
    known: Mapping[str, date] = field(default_factory=dict)
    """What whole cells without a year mean."""
    ahead: int = 0
    """Years by which years of two digits are too late: those of another era."""
    number: DayNumber | None = None
    first: int = 0
    """The day (since 1970-01-01) that `nth` counts from."""


class ReadMoment(NamedTuple):
    """A cell that was read."""

    seconds: int
    """Since 1970: UTC where the cell has an offset, else what a local clock showed."""
    is_absolute: bool
    is_day: bool
    """Whether the cell has no time of day."""


def read_moment(text: str, reading: DateReading) -> ReadMoment | None:
    """What a cell says; None where it says "none".

    >>> read_moment("4/11/18 04:53", DateReading(order="mdy"))
    ReadMoment(seconds=1523422380, is_absolute=False, is_day=False)

    Raises ValueError when it is no moment, or its day and month could be either.
    """
    bare = plain(text)
    if bare.casefold() in ABSENT:
        return None
    if (start := reading.known.get(bare)) is not None:
        return ReadMoment(_seconds(start), False, True)
    span = day_range(bare)
    if span:
        bare = span[1]  # what is counted over several days belongs to the first of them
    if reading.number is not None and _is_whole(bare):
        return _numbered(bare, reading)
    hours = _HOURS.fullmatch(bare)
    if hours:
        return ReadMoment(_seconds(_day(_numbers(hours)), int(hours["h"])), False, False)
    for shape in _DAYS:
        if (result := shape.match(bare)) and (clock := time_pattern().fullmatch(bare, result.end())):
            return _moment(_day(_ordered(result, reading), reading.ahead), clock)
    if start := period_start(bare):
        return ReadMoment(_seconds(start), False, True)
    day, clock = without_time(bare)
    parts = worded(day, reading.months)
    year = parts.year or reading.years.get((parts.month, parts.day), 0)
    return _moment(_day(DayParts(year, parts.month, parts.day), reading.ahead), clock)


def day_or_none(text: str, reading: DateReading) -> int | None:
    """The day of a cell (since 1970-01-01), read so; None of what is no moment, or says "none"."""
    try:
        moment = read_moment(text, reading)
    except ValueError:
        return None
    return None if moment is None else moment.seconds // DAY_SECONDS


def plain(text: str) -> str:
    """A cell as it is read: without spaces, quotes and a weekday in brackets around it, the day before the time.

    >>> plain(" 10:20 01/07/2026"), plain("2026. 7. 1."), plain("2026/07/01(水)"), plain("1/7/2026 23:00 - 2/7/2026 00:00")
    ('01/07/2026 10:20', '2026.7.1.', '2026/07/01', '1/7/2026 23:00')
    """
    bare = in_plain_signs(text.strip().strip("'"))
    if len(bare) >= _SHORTEST_SPAN and (span := re.fullmatch(_SPAN, bare)) and not _is_offset(span):
        bare = f"{span['day']} {span['from']}"  # what is counted over an hour belongs to its beginning
    if bare[-1:] in _CLOSING:
        named = _NAME_AFTER.search(bare)
        bare = bare[: named.start()] if named and is_weekday(folded(named[1])) else _WEEKDAY_AFTER.sub("", bare)
    elif bare[-1:].isalpha() and (match := _WEEKDAY_LAST.fullmatch(bare)) and is_weekday(folded(match[2])):
        bare = match[1]
    bare = _SPACED.sub(r"\1.", bare) if ". " in bare else bare
    swapped = _TIME_FIRST.fullmatch(bare) if ":" in bare[:3] else None
    return f"{swapped[2]} {swapped[1]}" if swapped else bare if bare.isdecimal() else bare_day(bare)


def day_text(text: str) -> str:
    """A cell without its time of day."""
    return without_time(text.strip())[0]


_HOURS_OF_DAY = r"\d{1,2}:\d\d(?::\d\d)?"
_SPAN = (
    rf"(?P<day>.*?\d)(?P<mark>[ T])(?P<from>{_HOURS_OF_DAY})(?P<dash> ?[-–—~] ?)"
    rf"(?:(?P=day)[ T]{_HOURS_OF_DAY}|(?P<to>{_HOURS_OF_DAY})|.*\d[ T]0?0:00(?::00)?)"
)
"""A time and a later one of the same day, or a midnight after it."""


def _is_offset(span: "re.Match[str]") -> bool:
    """Whether what follows a time is its offset from UTC, as programs write it (`T10:00-07:00`, `10:00:00-07:00`,
    `10:00 -07:00`), or is earlier (`10:00-07:00`), and no later time.
    """
    if span["to"] is None or span["dash"] not in {"-", " -"}:
        return False
    begins, ends = (tuple(map(int, time_text.split(":"))) for time_text in (span["from"], span["to"]))
    if ends[0] > _FURTHEST_BEHIND:
        return False
    is_later = ends > begins or not any(ends)
    return span["mark"] == "T" or span["dash"] == " -" or len(ends) != len(begins) or not is_later


_FURTHEST_BEHIND = 12
"""Hours that clocks are behind UTC at most."""
_SHORTEST_SPAN = len("1/7/26 1:00-2:00")


def day_range(bare: str) -> "re.Match[str] | None":
    """The two days of a cell that is a range of days (`2026-07-01 - 2026-07-07`), as its groups."""
    return re.fullmatch(_RANGE, bare) if len(bare) >= _SHORTEST_RANGE else None


def numeric_day(bare: str) -> "re.Match[str] | None":
    """The day of a cell that has its year last: groups `a` and `b` are its day and month, in an order that it does not say."""
    result = _DAYS[-1].match(bare)
    return result if result and time_pattern().fullmatch(bare, result.end()) else None


def words_of(text: str) -> frozenset[str]:
    """The folded words of a cell that could name a month; none of a week or a quarter, which names none.

    >>> sorted(words_of("28 May")), sorted(words_of("2026-W27"))
    (['may'], [])
    """
    tokens = tokens_of(day_text(text))
    words = frozenset(token for token in tokens if token and not token.isdecimal() and token not in NO_MONTHS)
    return words if words and not is_period(text) else frozenset()


def _ordered(result: "re.Match[str]", reading: DateReading) -> DayParts:
    part = result.groupdict()
    year = full_year(part["y"])
    if part.get("a") is None:
        return DayParts(year, int(part["m"]), int(part["d"]))
    first, second = int(part["a"]), int(part["b"])
    if reading.order == "ymd":
        return DayParts(full_year(part["a"]), second, int(part["y"]))
    if reading.order is None and first != second:
        raise ValueError("day or month first?")
    return DayParts(year, second, first) if reading.order == "dmy" else DayParts(year, first, second)


def _numbers(result: "re.Match[str]") -> DayParts:
    return DayParts(int(result["y"]), int(result["m"]), int(result["d"]))


OTHER_CALENDARS = range(1300, 1500)
"""Years of Muslim and Persian calendars, whose months are others: 1448 is 2026, and so is 1405."""


def _day(parts: DayParts, ahead: int = 0) -> date:
    """Raises ValueError for a day that the calendar does not have, or that is of another calendar."""
    if parts.year in OTHER_CALENDARS:
        raise ValueError("a year of another calendar")
    year = parts.year - _ERA if parts.year in _BUDDHIST else parts.year - ahead
    return date(year, parts.month, parts.day)


def is_buddhist(year: int) -> bool:
    """Whether a year is counted from Buddha's death."""
    return year in _BUDDHIST


def _moment(day: date, clock_text: "re.Match[str] | None") -> ReadMoment:
    if clock_text is None or clock_text["h"] is None:
        return _checked(ReadMoment(_seconds(day), False, True))
    clock, ahead = time_of(clock_text)
    seconds = _seconds(day, clock.hour) + 60 * clock.minute + clock.second - (ahead or 0)
    return _checked(ReadMoment(seconds, ahead is not None, False))


def _is_whole(bare: str) -> bool:
    return bare.replace(".", "", 1).isdecimal()


def _numbered(bare: str, reading: DateReading) -> ReadMoment:
    """The moment that one number counts. Raises ValueError where no calendar has it."""
    if len(bare.partition(".")[0]) > _MOST_DIGITS:
        raise ValueError("too long a number for a date")
    return _checked(_counted(bare, reading))


def _checked(moment: ReadMoment) -> ReadMoment:
    """The same moment. Raises ValueError outside of the years 1 to 9999."""
    if not _FIRST_SECOND <= moment.seconds <= _LAST_SECOND:
        raise ValueError("not in the years 1 to 9999")
    return moment


def _counted(bare: str, reading: DateReading) -> ReadMoment:
    if reading.number in {"epoch", "epoch_ms"}:
        return ReadMoment(int(float(bare) / (1000 if reading.number == "epoch_ms" else 1)), True, False)
    if reading.number == "serial":
        whole, _, fraction = bare.partition(".")
        seconds = _seconds(_SPREADSHEET) + int(whole) * DAY_SECONDS
        return ReadMoment(seconds + round(float(f"0.{fraction or 0}") * DAY_SECONDS), False, not fraction)
    if reading.number == "nth":
        return ReadMoment((reading.first + int(bare)) * DAY_SECONDS, False, True)
    year, remaining = int(bare[:4]), int(bare[4:])
    day = date.fromisocalendar(year, remaining, 1) if reading.number == "week" else _day(DayParts(year, remaining, 1))
    return ReadMoment(_seconds(day), False, True)


def _seconds(day: date, hour: int = 0) -> int:
    return day_number(day) * DAY_SECONDS + hour * 3600
