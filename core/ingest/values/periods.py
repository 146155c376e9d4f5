"""Weeks, months and quarters: what is counted over one belongs to its first day."""

import re
from collections.abc import Sequence
from datetime import date

_WEEK = re.compile(r"(?P<y>\d{4})[- ]?W(?P<w>\d{1,2})(?:-?(?P<d>[1-7]))?")
_WEEKS = "KW|CW|WK|Week|Woche|Semaine|Semana|Sem|Settimana|Minggu|Tuần|Неделя|Hafta|Vecka|V"
_WORDED_WEEK = re.compile(
    rf"(?:{_WEEKS}|W|S)[ .-]*(?P<w>\d{{1,2}})[ ,/.-]+(?P<y>\d{{4}})|"
    rf"(?P<y2>\d{{4}})[ ,/.-]+(?:{_WEEKS})[ .-]*(?P<w2>\d{{1,2}})|"
    r"(?P<y3>\d{4})年? ?第?(?P<w3>\d{1,2})[周週]",
    re.IGNORECASE,
)
_BARE_WEEK = re.compile(r"(?P<y>\d{4})[-/. ](?P<w>\d{1,2})|(?P<w2>\d{1,2})[-/. ](?P<y2>\d{4})")
_MONTH = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})")
_MONTH_FIRST = re.compile(r"(?P<m>0?[1-9]|1[0-2])[-/.](?P<y>(?:19|20)\d{2})")
_QUARTER = re.compile(
    r"(?P<y>(?:19|20)\d{2})[-./ ]?[QqTt](?P<q>[1-4])|(?:[QqTt]|Quý )(?P<q2>[1-4])[-./ ]?(?P<y2>(?:19|20)\d{2})|"
    r"(?P<q3>[1-4])(?:[QqTt]|(?:\.|er|e|º|ème)? ?(?:trimestre|Quartal|kwartaal|kwartał|çeyrek))[-./ ]?(?P<y3>(?:19|20)\d{2})|"
    r"(?P<y4>(?:19|20)\d{2})[年년] ?第?(?P<q4>[1-4])(?:四半期|季度|분기)",
    re.IGNORECASE,
)
_LONGEST = len("1er trimestre 2026")


def is_period(bare: str) -> bool:
    """Whether a text is shaped like a week, a month or a quarter with its year, also where no year has such a one."""
    return len(bare) <= _LONGEST and any(
        shape.fullmatch(bare) for shape in (_WEEK, _WORDED_WEEK, _MONTH, _MONTH_FIRST, _QUARTER)
    )


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
    if week := _WORDED_WEEK.fullmatch(bare):
        year, number = (int(week[part] or week[f"{part}2"] or week[f"{part}3"]) for part in "yw")
        return date.fromisocalendar(year, number, 1)
    if month := _MONTH.fullmatch(bare) or _MONTH_FIRST.fullmatch(bare):
        return date(int(month["y"]), int(month["m"]), 1)
    if quarter := _QUARTER.fullmatch(bare):
        year, number = (int(next(filter(None, (quarter[part + end] for end in ("", "2", "3", "4"))))) for part in "yq")
        return date(year, 3 * number - 2, 1)
    return None


def bare_weeks(cells: Sequence[str]) -> dict[str, date] | None:
    """The Monday of each cell of a column of weeks, which are a year and a number (`2026/27`, `27-2026`); None where one is not.

    >>> bare_weeks(["2026/27"]), bare_weeks(["2026/54"])
    ({'2026/27': datetime.date(2026, 6, 29)}, None)
    """
    matches = {cell: _BARE_WEEK.fullmatch(cell) for cell in cells}
    try:
        weeks = {
            cell: date.fromisocalendar(int(match["y"] or match["y2"]), int(match["w"] or match["w2"]), 1)
            for cell, match in matches.items()
            if match is not None
        }
    except ValueError:
        return None
    return weeks if weeks and len(weeks) == len(matches) else None
