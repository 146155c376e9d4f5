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


def bare_day(cell: str) -> str:
    """The day that a cell gives, in fewer words; the cell itself where it says no more.

    >>> bare_day("Mon 29/06/2026"), bare_day("29 Jun - 5 Jul 2026"), bare_day("Jul 6 - 12, 2026"), bare_day("Jul 6, 2026")
    ('29/06/2026', '29 Jun 2026', 'Jul 6 2026', 'Jul 6, 2026')
    """
    if cell[:1].isalpha() and (match := _WEEKDAY_BEFORE.match(cell)) and _says_weekday(folded(match[1])):
        return cell[match.end() :]
    if len(cell) > _LONGEST or (cell.isascii() and cell[:1].isdecimal() and not any(map(str.isalpha, cell))):
        return cell
    return _first_of_range(cell) or cell


def _says_weekday(word: str) -> bool:
    return is_weekday(word) and OWN.get(word, WEEKDAY) == WEEKDAY


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
