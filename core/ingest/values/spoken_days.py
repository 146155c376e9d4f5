"""Days as people write them, brought into the shape that is read: without a weekday before them, of a range its first day."""

import re

from core.ingest.values.date_words import OWN, WEEKDAY, folded, month_words
from core.ingest.values.weekday_words import is_weekday

_WEEKDAY_BEFORE = re.compile(r"([^\W\d_]{2,12})\.?,?\s+(?=\d{1,4}[-/.])")
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
    """
    if not cell.isascii():
        cell = _DIRECTIONS.sub("", cell)
    if "/" in cell and ":" in cell and (match := _LOG.fullmatch(cell)):
        return f"{match['day'].replace('/', '-')} {match['clock']}{match['zone'] or ''}"
    if cell[8:9] == "T" and (match := _BASIC.fullmatch(cell)):
        return f"{match[1]}T{match[2]}:{match[3]}:{match[4]}{match[5]}"
    if not cell.isascii() and (match := _ERA.match(cell)):
        return f"{_ERAS[match[1]] + (1 if match[2] == '元' else int(match[2]))}年{cell[match.end() :]}"
    return cell


_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Which way text runs: spreadsheets in Arabic and Hebrew put it around days."""
_LOG = re.compile(r"\[?(?P<day>\d{2}/[A-Za-z]{3}/\d{4}):(?P<clock>\d{2}:\d{2}:\d{2})(?: (?P<zone>[-+]\d{4}))?\]?")
_BASIC = re.compile(r"(\d{8})T(\d{2})(\d{2})(\d{2})(Z|[-+]\d{2}:?\d{2}|)")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
"""The year before the first of each era."""
_ERA = re.compile(rf"({'|'.join(_ERAS)})(\d{{1,3}}|元)年")


def bare_day(cell: str) -> str:
    """The day that a cell gives, in fewer words; the cell itself where it says no more.

    >>> bare_day("Mon 29/06/2026"), bare_day("29 Jun - 5 Jul 2026"), bare_day("Jul 6 - 12, 2026"), bare_day("Jul 6, 2026")
    ('29/06/2026', '29 Jun 2026', 'Jul 6 2026', 'Jul 6, 2026')
    """
    if cell[:1].isalpha() and (match := _WEEK_OF.match(cell)):
        return cell[match.end() :]
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
    r"(?:week (?:of|commencing|beginning|starting)|w/c|wc|woche (?:vom|ab)|semaine du|semana del?|settimana del) "
    r"(?=\S*\d|\w+ \d)",
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
    if not other and not own:
        return None
    month = "" if own else f" {other[0]}"
    wraps = own and other and len(years) == 1 and _month(own[-1]) > _month(other[0])
    return f"{first}{month} {int(years[0]) - bool(wraps)}"


def _month(word: str) -> int:
    try:
        return month_words({folded(word)}).get(folded(word), WEEKDAY)
    except ValueError:
        return WEEKDAY
