"""Weeks, months and quarters: what is counted over one belongs to its first day."""

import re
from datetime import date

_WEEK = re.compile(r"(?P<y>\d{4})[- ]?W(?P<w>\d{1,2})(?:-?(?P<d>[1-7]))?")
_MONTH = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})")
_MONTH_FIRST = re.compile(r"(?P<m>0?[1-9]|1[0-2])[-/.](?P<y>(?:19|20)\d{2})")
_QUARTER = re.compile(r"(?P<y>(?:19|20)\d{2})[-./ ]?[Qq](?P<q>[1-4])|[Qq](?P<q2>[1-4])[-./ ]?(?P<y2>(?:19|20)\d{2})")
_LONGEST = len("2026-W27-1")


def is_period(bare: str) -> bool:
    """Whether a text is shaped like a week, a month or a quarter with its year, also where no year has such a one."""
    return len(bare) <= _LONGEST and any(shape.fullmatch(bare) for shape in (_WEEK, _MONTH, _MONTH_FIRST, _QUARTER))


def period_start(bare: str) -> date | None:
    """The first day of a week, a month or a quarter; None for other texts.

    >>> period_start("2026-W01"), period_start("07.2026"), period_start("Q3 2026"), period_start("2026")
    (datetime.date(2025, 12, 29), datetime.date(2026, 7, 1), datetime.date(2026, 7, 1), None)

    Raises ValueError for a week or a month that no year has.
    """
    if len(bare) > _LONGEST:
        return None
    if week := _WEEK.fullmatch(bare):
        return date.fromisocalendar(int(week["y"]), int(week["w"]), int(week["d"] or 1))
    if month := _MONTH.fullmatch(bare) or _MONTH_FIRST.fullmatch(bare):
        return date(int(month["y"]), int(month["m"]), 1)
    if quarter := _QUARTER.fullmatch(bare):
        return date(int(quarter["y"] or quarter["y2"]), 3 * int(quarter["q"] or quarter["q2"]) - 2, 1)
    return None
