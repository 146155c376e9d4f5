"""Days that words and numbers give, and signs such as `年`: which of them is the year, the month and the day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.ingest.values.date_words import WEEKDAY, folded

_TOKENS = re.compile(r"\d+|[^\d\s,/\-–]+")
_CENTURY = 70
"""Two-digit years from here are 19xx, below 20xx."""
_YEAR_SIGNS, _MONTH_SIGNS, _DAY_SIGNS = frozenset("年년"), frozenset("月월"), frozenset(("日", "일", "号", "號"))
_MONTH_BEFORE = frozenset(("tháng", "thg"))
_FILLERS = frozenset(("г", "года", "год", "พศ", "คศ", "ngày", "năm", "วันที่", "à", "um", "at", "r", "roku"))
NO_MONTHS = _YEAR_SIGNS | _MONTH_SIGNS | _DAY_SIGNS | _MONTH_BEFORE | _FILLERS
"""Words of a day that name no month."""


@dataclass(frozen=True, slots=True)
class DayParts:
    """The parts of a day that a cell gives; 0 = it does not say."""

    year: int
    month: int
    day: int


def tokens_of(text: str) -> list[str]:
    """The numbers and the folded words of a text, in their order."""
    return [folded(token) for token in _TOKENS.findall(text)]


def worded(text: str, months: Mapping[str, int]) -> DayParts:
    """The day that words and numbers give: `28 May`, `8 de marzo`, `Jul-01-26`, `2026年7月1日`. Raises ValueError.

    >>> from core.ingest.values.date_words import OWN
    >>> worded("Jul-01-26", OWN), worded("Sat Aug 01 2026", OWN)
    (DayParts(year=2026, month=7, day=1), DayParts(year=2026, month=8, day=1))
    """
    year = month = day = 0
    numbers: list[str] = []
    pending: str | None = None
    is_month_next = False
    for token in tokens_of(text):
        if token.isdecimal():
            if len(token) > 4:
                raise ValueError("not a date")
            if is_month_next:
                month, is_month_next = int(token), False
                continue
            if pending is not None:
                numbers.append(pending)
            pending = token
            continue
        sign = token[:1]
        if pending is not None and sign in _YEAR_SIGNS | _MONTH_SIGNS | _DAY_SIGNS:
            year, month, day = _signed(sign, int(pending), DayParts(year, month, day))
            pending = None
        elif token in _MONTH_BEFORE:
            is_month_next = True
        elif token and token not in _FILLERS:
            meaning = months[token] if token in months else _unknown(token)
            month = meaning if meaning != WEEKDAY else month
    if pending is not None:
        numbers.append(pending)
    return _with_numbers(numbers, DayParts(year, month, day))


def _unknown(word: str) -> int:
    raise ValueError(f"no month {word!r}")


def _signed(sign: str, number: int, parts: DayParts) -> tuple[int, int, int]:
    if sign in _YEAR_SIGNS:
        return number, parts.month, parts.day
    if sign in _MONTH_SIGNS:
        return parts.year, number, parts.day
    return parts.year, parts.month, number


def _with_numbers(numbers: list[str], parts: DayParts) -> DayParts:
    """The day whose year and day are among bare numbers: one of four digits is the year, of two short ones the last."""
    year, day = parts.year, parts.day
    remaining = list(numbers)
    if not year:
        long = next((number for number in remaining if len(number) == 4), None)
        if long is not None:
            remaining.remove(long)
            year = int(long)
        elif len(remaining) == 2 and len(remaining[1]) == 2:
            year = full_year(remaining.pop())
    if not day and remaining:
        day = int(remaining.pop(0))
    if remaining or not parts.month:
        raise ValueError("not a date")
    return DayParts(year, parts.month, day or (1 if year else 0))


def full_year(digits: str) -> int:
    """The year that one or two digits stand for; four are a year as they are, `0001` too."""
    year = int(digits)
    return year + (1900 if year >= _CENTURY else 2000) if len(digits) < 3 else year
