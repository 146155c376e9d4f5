"""Which month a title or the name of a file says: `Sales July 2026`, `umsatz_2026-07`, `2026年7月`."""

import re
from calendar import monthrange
from collections.abc import Iterable

from core.ingest.values.date_words import WEEKDAY, folded, may_be_month, month_words

_NUMBERS = re.compile(
    r"(?<!\d)(?P<y>20\d{2})[-_./ 年]?(?P<m>0?[1-9]|1[0-2])(?!\d)|"
    r"(?<!\d)(?P<m2>0?[1-9]|1[0-2])[-_./ ](?P<y2>20\d{2})(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)")
_WORDS = re.compile(r"[^\W\d_]+\.?")


def month_in_texts(texts: Iterable[str]) -> tuple[int, int] | None:
    """The year and the month that the first text which says one says.

    >>> month_in_texts(["Sales", "Sales July 2026"]), month_in_texts(["umsatz_2026-07.csv"]), month_in_texts(["orders 2026"])
    ((2026, 7), (2026, 7), None)
    """
    for text in texts:
        year = _YEAR.search(text)
        words = [folded(word) for word in _WORDS.findall(text)]
        months = {month for word in words if may_be_month(word) and (month := month_words({word}).get(word, WEEKDAY))}
        if year is not None and len(months) == 1:
            return int(year[0]), months.pop()
        if numbers := _NUMBERS.search(text):
            return int(numbers["y"] or numbers["y2"]), int(numbers["m"] or numbers["m2"])
    return None


def days_of(year: int, month: int) -> list[str]:
    """The days of a month, ISO."""
    return [f"{year}-{month:02d}-{day:02d}" for day in range(1, monthrange(year, month)[1] + 1)]
