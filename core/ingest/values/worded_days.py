"""Days as people write them, in words, numbers and signs such as `年`: without a weekday, and of a range its first day."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from core.ingest.values.date_words import OWN, WEEKDAY, folded, is_weekday, month_words

_TOKENS = re.compile(r"\d+|[^\d\s,/\-–]+")
_CENTURY = 90
"""Two-digit years from here are 19xx, below 20xx: of Buddhist ones, 90 is 2047."""
_LONGEST_MONTH = 31
_YEAR_SIGNS, _MONTH_SIGNS, _DAY_SIGNS = frozenset("年년"), frozenset("月월"), frozenset(("日", "일", "号", "號"))
_MONTH_BEFORE = frozenset(("tháng", "thg"))
_FILLERS = frozenset(("г", "года", "год", "พศ", "คศ", "ngày", "năm", "วันที่", "à", "um", "at", "r", "roku"))
NO_MONTHS = _YEAR_SIGNS | _MONTH_SIGNS | _DAY_SIGNS | _MONTH_BEFORE | _FILLERS
"""Words of a day that name no month."""


class DayParts(NamedTuple):
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
        elif remaining and len(remaining[-1]) == 2 and (len(remaining) == 2 or int(remaining[0]) > _LONGEST_MONTH):
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


_WEEKDAY_BEFORE = re.compile(r"([^\s\d,.()]{1,15}?)(?:\.?,?\s+(?=\d{1,4}[-/.])|,\s+(?=\d)|ที่\s+(?=\d))")
"""A weekday of one word, which may have a hyphen, before a day; in Thai one says `on the` 6th."""
_RANGE = re.compile(
    r"(?P<a>[^-–—]*\d[^-–—]*?)\s+(?:-|–|—|to|bis|au|al|hingga|sampai|until)\s+(?P<b>\S.*)", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)((?:19|20|25)\d{2})(?!\d)")
_WORD = re.compile(r"[^\W\d_]{2,}\.?")
_NUMERIC = re.compile(r"\d[-/.]\d")
_LONGEST = 50


def in_plain_signs(cell: str) -> str:
    """A moment with the signs of logs and the years of emperors written as others are.

    >>> in_plain_signs("01/Jul/2026:10:11:12 +0000"), in_plain_signs("20260701T101112Z"), in_plain_signs("令和8年7月1日")
    ('01-Jul-2026 10:11:12+0000', '20260701T10:11:12Z', '2026年7月1日')
    >>> in_plain_signs("20260701101112"), in_plain_signs("2026-07-01-10.11.12.000000"), in_plain_signs("01JUL2026:10:11:12")
    ('20260701T10:11:12', '2026-07-01T10:11:12', '01JUL2026 10:11:12')
    """
    if not cell.isascii():
        cell = _DIRECTIONS.sub("", cell)
    if "/" in cell and ":" in cell and (match := _LOG.fullmatch(cell)):
        return f"{match['day'].replace('/', '-')} {match['clock']}{match['zone'] or ''}"
    if len(cell) >= _SHORTEST_MOMENT and (match := _BASIC.fullmatch(cell) or _OF_DATABASES.fullmatch(cell)):
        return f"{match[1]}T{match[2]}:{match[3]}:{match[4] or '00'}{match[5]}"
    if cell[9:10] == ":" and (match := _OF_STATISTICS.fullmatch(cell)):
        return f"{match[1]} {match[2]}"
    if not cell.isascii() and (match := _ERA.match(cell)):
        return f"{_ERAS[match[1]] + (1 if match[2] == '元' else int(match[2]))}年{cell[match.end() :]}"
    return cell


_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Which way text runs: spreadsheets in Arabic and Hebrew put it around days."""
_LOG = re.compile(r"\[?(?P<day>\d{2}/[A-Za-z]{3}/\d{4}):(?P<clock>\d{2}:\d{2}:\d{2})(?: (?P<zone>[-+]\d{4}))?\]?")
_SHORTEST_MOMENT = len("202607011011")
_BASIC = re.compile(
    r"((?:19|20)\d\d[01]\d[0-3]\d)[T_ -]?([01]\d|2[0-3])([0-5]\d)(?:([0-5]\d)(?:\.?\d{3}|\.\d{6})?)?(Z|[-+]\d{2}:?\d{2}|)"
)
"""`20260701101112`, with or without seconds and their parts."""
_OF_DATABASES = re.compile(r"(\d{4}-\d{2}-\d{2})-(\d{2})\.(\d{2})\.(\d{2})(?:\.\d+)?()")
_OF_STATISTICS = re.compile(r"(\d{2}[A-Za-z]{3}\d{4}):(\d{2}:\d{2}:\d{2})(?:\.\d+)?")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
"""The year before the first of each era."""
_ERA = re.compile(rf"({'|'.join(_ERAS)})(\d{{1,3}}|元)年")


def bare_day(cell: str) -> str:
    """The day that a cell gives, in fewer words; the cell itself where it says no more.

    >>> bare_day("Mon 29/06/2026"), bare_day("29 Jun - 5 Jul 2026"), bare_day("Jul 6 - 12, 2026"), bare_day("Jul 6, 2026")
    ('29/06/2026', '29 Jun 2026', 'Jul 6 2026', 'Jul 6, 2026')
    >>> bare_day("segunda-feira, 6 de julho de 2026"), bare_day("วันจันทร์ที่ 6 กรกฎาคม 2569")
    ('6 de julho de 2026', '6 กรกฎาคม 2569')
    """
    if cell[:1].isalpha() and (match := _WEEK_OF.match(cell)):
        return bare_day(cell[match.end() :])
    if len(cell) >= _SHORTEST and cell[:1].isdecimal() and (match := _SHORT_RANGE.fullmatch(cell)):
        return _first_of_short_range(match)
    if (
        cell[:1].isalpha()
        and (match := _WEEKDAY_BEFORE.match(cell))
        and _says_weekday(folded(match[1]), cell[match.end() :])
    ):
        return cell[match.end() :]
    if len(cell) > _LONGEST or (cell.isascii() and cell[:1].isdecimal() and not any(map(str.isalpha, cell))):
        return cell
    return _first_of_range(cell) or cell


_WEEK_OF = re.compile(
    r"(?:week (?:of|commencing|beginning|starting|ending|ended)|w/[ce]|wc|woche (?:vom|ab)|semaine du|semana del?|settimana del) "
    r"(?=\S*\d|\w+ \d)|week (?=[^\W\d]{3,} \d)",
    re.IGNORECASE,
)
_SHORTEST = len("1.6-7.6.2026")
_SHORT_RANGE = re.compile(
    r"(?P<a>\d{1,2})(?P<mark>[./])(?P<b>\d{1,2})\.?\s*(?:-|–|—|~|bis|to|au|al)\s*(?P<c>\d{1,2})(?P=mark)(?P<d>\d{1,2})(?P=mark)(?P<y>\d{4})"
)


def _first_of_short_range(match: re.Match[str]) -> str:
    """The first day of a range, with the year that only its last day says; before the turn of the year, the one before."""
    a, b, c, d = (int(match[part]) for part in "abcd")
    wraps = (b, a) > (d, c) and ((a, b) > (c, d) or match["mark"] == ".")
    return f"{match['a']}{match['mark']}{match['b']}{match['mark']}{int(match['y']) - wraps}"


def _says_weekday(word: str, day: str) -> bool:
    """Whether a word before a day is a weekday; one that is a month in some language as well (`mar.`) is one before a date."""
    return is_weekday(word) and (OWN.get(word, WEEKDAY) == WEEKDAY or _WHOLE_DAY.match(day) is not None)


_WHOLE_DAY = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{2,4}")


def _first_of_range(cell: str) -> str | None:
    """The first day of a range whose months are words, with the year and the month that only its last day says."""
    match = _RANGE.fullmatch(cell) if " " in cell else None
    years = _YEAR.findall(cell) if match else []
    if match is None or not years or not re.search(r"\d", _YEAR.sub("", match["b"])) or _NUMERIC.search(cell):
        return None
    first, last = _YEAR.sub("", match["a"]).strip(" ,"), match["b"]
    own, other = _WORD.findall(first), _WORD.findall(last)
    month = "" if own or not other else f" {other[0]}"
    wraps = own and other and len(years) == 1 and _month(own[-1]) > _month(other[0])
    return f"{first}{month} {int(years[0]) - bool(wraps)}"


def _month(word: str) -> int:
    try:
        return month_words({folded(word)}).get(folded(word), WEEKDAY)
    except ValueError:
        return WEEKDAY
