"""Words that a grid of a calendar has above its columns or left of its rows: months, weekdays, the numbers of days."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

from core.ingest.values.date_words import WEEKDAY, folded, may_be_month, month_words, weekday_of
from core.ingest.values.month_in_text import month_in_texts

_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)")
_WORD = re.compile(r"[^\W\d_]+\.?")
_LONGEST = 20
_WEEK = 7


@cache
def month_of(cell: str) -> tuple[int | None, int] | None:
    """The year, None where it is not said, and the month that a cell names and nothing else; None of any other.

    >>> month_of("Jan 2026"), month_of("2026-07"), month_of("März"), month_of("Orders")
    ((2026, 1), (2026, 7), (None, 3), None)
    """
    bare = cell.strip()
    if not bare or len(bare) > _LONGEST:
        return None
    if re.fullmatch(r"20\d{2}[-/.](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/.]20\d{2}", bare):
        return month_in_texts([bare])
    year = _YEAR.search(bare)
    rest = _YEAR.sub("", bare).strip(" -/,.")
    if not _WORD.fullmatch(rest) or not may_be_month(folded(rest)):
        return None
    try:
        month = month_words({folded(rest)}).get(folded(rest), WEEKDAY)
    except ValueError:
        return None
    return (int(year[0]) if year else None, month) if month != WEEKDAY else None


def year_in(texts: Iterable[str]) -> int | None:
    """The one year that texts say; None where they say none, or several."""
    years = {int(year) for text in texts for year in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def weekdays_of(cells: Sequence[str]) -> list[int] | None:
    """The weekdays (0 = Monday) that seven cells, or five or six, name one after the other; None of any others.

    >>> weekdays_of(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]), weekdays_of(["Mon", "Wed", "Fri", "Sat", "Sun"])
    ([6, 0, 1, 2, 3, 4, 5], None)
    """
    days = [weekday_of(folded(cell.strip())) for cell in cells]
    result = [day for day in days if day is not None]
    if len(result) < len(days):
        return None
    follows = all((later - earlier) % _WEEK == 1 for earlier, later in pairwise(result))
    return result if follows and len(result) <= _WEEK else None
