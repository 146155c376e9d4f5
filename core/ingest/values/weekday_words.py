"""Names of the days of the week, as they stand above columns and before dates, in the languages that are often met.

They are in the files of the languages, from the data of Unicode's CLDR: asking Babel of any word takes a tenth of a second.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from core.ingest.headers import language_lists
from core.ingest.values.date_words import folded

_WEEK = 7


def weekdays_of(cells: Sequence[str]) -> list[int] | None:
    """The weekdays (0 = Monday) that cells name one after the other, all in one language; None of any others.

    >>> weekdays_of(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]), weekdays_of(["Mon", "Wed", "Fri", "Sat", "Sun"])
    ([6, 0, 1, 2, 3, 4, 5], None)
    """
    words = [folded(cell.strip()) for cell in cells]
    if not words or not is_weekday(words[0]) or len(words) > _WEEK:
        return None
    for week in _weeks():
        if set(words) <= set(week):
            days = [week.index(word) for word in words]
            if all((later - earlier) % _WEEK == 1 for earlier, later in pairwise(days)):
                return days
    return None


@cache
def is_weekday(word: str) -> bool:
    """Whether a folded word names a weekday in some language."""
    return word in _words()


@cache
def _words() -> frozenset[str]:
    return frozenset(word for week in _weeks() for word in week)


@cache
def _weeks() -> Sequence[Sequence[str]]:
    """The names of Monday to Sunday, long and short ones of each language."""
    return [week.split() for weeks in language_lists("weekdays").values() for week in weeks]
