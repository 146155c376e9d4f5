"""Days as people say them: `yesterday`, `tuesday`, `7d`, `last-week`, `2026-03`, `2026-03-24..`."""

import re
from calendar import monthrange
from datetime import date

from core.base.days import Day, Window, calendar_date, parse_day
from core.base.errors import UsageError

_WEEK = 7
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_MONDAY = 4
"""1970-01-05 as a day."""
_LENGTH = re.compile(r"(\d{1,4})(d|w)")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_MOST_DAYS = 3660
"""Days of the longest window, ten years, where the data have not more: work grows with the square of its length."""
HINT = "2026-03-09, 2026-03-09..2026-03-15, 2026-03-09.., 2026-03, yesterday, tuesday, 7d, last-week or last-month"
"""What can be written for days."""


def parse_days(text: str, span: Window, today: Day) -> Window:
    """The days that a text means. `span`: the days of the data, for open ends; `today`: where words count from.

    >>> span, today = Window.parse("2026-01-05..2026-03-15"), parse_day("2026-03-16")
    >>> [str(parse_days(text, span, today)) for text in ("yesterday", "7d", "tuesday", "2026-03-14..")]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['2026-03-15..2026-03-15', '2026-03-09..2026-03-15', '2026-03-10..2026-03-10', '2026-03-14..2026-03-15']

    Raises UsageError for other words, and for a window that is longer than ten years and longer than the data.
    """
    word = text.strip().casefold()
    first, dots, last = word.partition("..")
    if dots:
        start = _named(first, text, today).first if first else span.first
        end = _named(last, text, today).last if last else span.last
    else:
        named = _named(word, text, today)
        start, end = named.first, named.last
    if end < start:
        raise UsageError(f"the window {text} ends before it starts. Swap its days.")
    most = max(_MOST_DAYS, len(span))
    if end - start >= most:
        raise UsageError(f"the window {text} has {end - start + 1:,} days, and at most {most:,} can be asked about.")
    return Window(start, end)


def parse_one_day(text: str, today: Day) -> Day:
    """One day that a text means. Raises UsageError.

    >>> parse_one_day("yesterday", 100)
    99
    """
    window = _named(text.strip().casefold(), text, today)
    if len(window) > 1:
        raise UsageError(
            f"{text!r} is {len(window)} days, and one is needed. Write it as 2026-03-09, yesterday or tuesday."
        )
    return window.first


def _named(word: str, text: str, today: Day) -> Window:
    """The days of one word."""
    relative = _relative(word, today)
    if relative is not None:
        return relative
    month = _MONTH.fullmatch(word)
    if month and 1 <= int(month[2]) <= 12:
        first = parse_day(f"{word}-01")
        return Window(first, first + monthrange(int(month[1]), int(month[2]))[1] - 1)
    try:
        day = parse_day(word)
    except UsageError:
        raise UsageError(f"not a day or window: {text!r}. Write {HINT}.") from None
    return Window(day, day)


def _relative(word: str, today: Day) -> Window | None:
    """The days of a word that counts from today; None for another word."""
    length = _LENGTH.fullmatch(word)
    if length:
        days = int(length[1]) * (_WEEK if length[2] == "w" else 1)
        return Window(today - days, today - 1) if days else None
    monday = today - (today - _FIRST_MONDAY) % _WEEK
    match word:
        case "today":
            return Window(today, today)
        case "yesterday":
            return Window(today - 1, today - 1)
        case "this-week":
            return Window(monday, today)
        case "last-week":
            return Window(monday - _WEEK, monday - 1)
        case "this-month" | "last-month":
            return _month(today, back=word == "last-month")
    names = [at for at, name in enumerate(_WEEKDAYS) if len(word) >= 3 and name.startswith(word)]
    if len(names) != 1:
        return None
    day = today - 1 - (today - 1 - _FIRST_MONDAY - names[0]) % _WEEK
    return Window(day, day)


def _month(today: Day, *, back: bool) -> Window:
    """This month up to today, or all of the month before."""
    at = calendar_date(today)
    first = today - at.day + 1
    if not back:
        return Window(first, today)
    before = date.fromordinal(at.toordinal() - at.day)
    return Window(first - before.day, first - 1)
