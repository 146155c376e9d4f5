"""Words that a grid of a calendar has above its columns or left of its rows: months, weekdays, the numbers of days."""

import re
from collections.abc import Iterable
from functools import cache

from core.ingest.values.date_words import WEEKDAY, folded, may_be_month, month_in_texts, month_words

_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)")
_WORD = re.compile(r"[^\W\d_]+\.?")
_LONGEST = 20
_FEWEST = 3
_STARTS = (
    "abr ago agu aoû apr ara aug avr ağu cze dec des dez dic dis déc eki ene eyl feb fev fév gen giu gru haz jan",
    "jui jul jun kas kwi lip lis lug lut maa mac mag mai maj mar may mei mrt mrz mär nis nov oca oct ogo okt ott",
    "out paź sep set sie sty tem wrz şub авг апр бер вер гру дек жов июл июн кві лип лис лют май мар мая ноя окт",
    "сен сер січ тра фев чер янв กค กพ กย กรก กัน กุม ตค ตุล ธค ธัน พค พย พฤศ พฤษ มกร มค มิถ มิย มีค มีน สค สิง เมย",
    "เมษ 一月 七月 三月 九月 二月 五月 八月 六月 十一月 十二月 十月 四月",
)
_BEGINNINGS = frozenset(word for line in _STARTS for word in line.split())
"""What names of months begin with: other words are not looked up in the months of all languages, which takes a tenth of a
second when first asked."""


@cache
def month_of(cell: str) -> tuple[int | None, int] | None:
    """The year, None where it is not said, and the month that a cell names alone; None of any other.

    >>> month_of("Jan 2026"), month_of("2026-07"), month_of("März"), month_of("Orders")
    ((2026, 1), (2026, 7), (None, 3), None)
    """
    bare = cell.strip()
    if not bare or len(bare) > _LONGEST:
        return None
    if re.fullmatch(r"20\d{2}[-/.](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/.]20\d{2}", bare):
        return month_in_texts([bare])
    if not _may_name(bare):
        return None
    year = _YEAR.search(bare)
    rest = _YEAR.sub("", bare).strip(" -/,.")
    if not _WORD.fullmatch(rest) or not may_be_month(folded(rest)):
        return None
    try:
        month = month_words({folded(rest)}).get(folded(rest), WEEKDAY)
    except ValueError:
        return None
    return (int(year[0]) if year else None, month) if month != WEEKDAY else None


def have_months(cells: Iterable[str]) -> bool:
    """Whether three cells begin like the names of months, or have a year: a cheap question, asked of every row first."""
    return sum(map(_may_name, cells)) >= _FEWEST


def _may_name(cell: str) -> bool:
    bare = cell.strip()
    return len(bare) <= _LONGEST and (folded(bare)[:3] in _BEGINNINGS or bool(_YEAR.search(bare)))


def year_in(texts: Iterable[str]) -> int | None:
    """The one year that texts say; None where they say none, or several."""
    years = {int(year) for text in texts for year in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None
