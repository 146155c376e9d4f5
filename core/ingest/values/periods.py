"""Weeks, months and quarters, whose figures belong to their first day; days and weeks without a year (`7/1`, `KW 27`)."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from core.base.errors import UsageError
from core.ingest.request import DateOrder

# texts, which re compiles when a cell first needs them: most files have no period, and all of these take a millisecond
_WEEK = r"(?P<y>\d{4})[- ]?W(?P<w>\d{1,2})(?:-?(?P<d>[1-7]))?"
_WEEKS = "KW|CW|WK|Week|Woche|Semaine|Semana|Sem|Settimana|Minggu|Tuần|Неделя|Hafta|Vecka|V"
_WORDED_WEEK = (
    rf"(?i)(?:{_WEEKS}|W|S)[ .-]*(?P<w>\d{{1,2}})[ ,/.-]+(?P<y>\d{{4}})|"
    rf"(?P<y2>\d{{4}})[ ,/.-]+(?:{_WEEKS})[ .-]*(?P<w2>\d{{1,2}})|"
    r"(?P<y3>\d{4})年? ?第?(?P<w3>\d{1,2})[周週]"
)
_BARE_WEEK = r"(?P<y>\d{4})[-/. ](?P<w>\d{1,2})|(?P<w2>\d{1,2})[-/. ](?P<y2>\d{4})"
_MONTH = r"(?P<y>\d{4})(?:[-/.]|[- ]?M(?=\d\d))(?P<m>\d{1,2})"
_MONTH_FIRST = r"(?P<m>0?[1-9]|1[0-2])[-/.](?P<y>(?:19|20)\d{2})"
_QUARTER = (
    r"(?i)(?P<y>(?:19|20)\d{2})[-./ ]?[QqTt](?P<q>[1-4])|(?:[QqTt]|Quý )(?P<q2>[1-4])[-./ ]?(?P<y2>(?:19|20)\d{2})|"
    r"(?P<q3>[1-4])(?:[QqTt]|(?:\.|er|e|º|ème)? ?(?:trimestre|Quartal|kwartaal|kwartał|çeyrek))[-./ ]?(?P<y3>(?:19|20)\d{2})|"
    r"(?P<y4>(?:19|20)\d{2})[年년] ?第?(?P<q4>[1-4])(?:四半期|季度|분기)"
)
_LONGEST = len("1er trimestre 2026")


def is_period(bare: str) -> bool:
    """Whether a text is shaped like a week, a month or a quarter with its year, also where no year has such a one."""
    return len(bare) <= _LONGEST and any(
        re.fullmatch(shape, bare) for shape in (_WEEK, _WORDED_WEEK, _MONTH, _MONTH_FIRST, _QUARTER)
    )


def period_start(bare: str) -> date | None:
    """The first day of a week, a month or a quarter; None for other texts.

    >>> period_start("2026-W01"), period_start("07.2026"), period_start("Q3 2026"), period_start("2026")
    (datetime.date(2025, 12, 29), datetime.date(2026, 7, 1), datetime.date(2026, 7, 1), None)
    >>> period_start("2026M07"), period_start("2026M7")
    (datetime.date(2026, 7, 1), None)

    Raises ValueError for a week or a month that no year has.
    """
    if len(bare) > _LONGEST:
        return None
    if week := re.fullmatch(_WEEK, bare):
        return date.fromisocalendar(int(week["y"]), int(week["w"]), int(week["d"] or 1))
    if week := re.fullmatch(_WORDED_WEEK, bare):
        year, number = (int(week[part] or week[f"{part}2"] or week[f"{part}3"]) for part in "yw")
        return date.fromisocalendar(year, number, 1)
    if month := re.fullmatch(_MONTH, bare) or re.fullmatch(_MONTH_FIRST, bare):
        return date(int(month["y"]), int(month["m"]), 1)
    if quarter := re.fullmatch(_QUARTER, bare):
        year, number = (int(next(filter(None, (quarter[part + end] for end in ("", "2", "3", "4"))))) for part in "yq")
        return date(year, 3 * number - 2, 1)
    return None


def bare_weeks(cells: Sequence[str]) -> dict[str, date] | None:
    """The Monday of each cell of a column of weeks, which are a year and a number (`2026/27`, `27-2026`); None where one is not.

    >>> bare_weeks(["2026/27"]), bare_weeks(["2026/54"])
    ({'2026/27': datetime.date(2026, 6, 29)}, None)
    """
    matches = {cell: re.fullmatch(_BARE_WEEK, cell) for cell in cells}
    try:
        weeks = {
            cell: date.fromisocalendar(int(match["y"] or match["y2"]), int(match["w"] or match["w2"]), 1)
            for cell, match in matches.items()
            if match is not None
        }
    except ValueError:
        return None
    return weeks if weeks and len(weeks) == len(matches) else None


_NUMERIC = re.compile(r"(?P<a>\d{1,2})(?:[-/](?P<b>\d{1,2})|\.(?P<b2>\d{1,2})\.)")
_WEEK_WORDS = (
    r"kw|cw|wk|w|week|calendar week|iso week|kalenderwoche|woche|semaine|sem|semana|settimana|minggu|minggu ke|tuần|неделя|"
    r"hafta|tydzień|สัปดาห์ที่|第"
)
_YEARLESS_WEEK = (
    rf"(?:{_WEEK_WORDS})[ .:-]*(?P<w>\d{{1,2}}) ?(?:周|週|주차)?|(?P<w2>\d{{1,2}})\.? ?(?:kw|周|週|주차|\. hafta)"
)
_CALENDAR_WEEK = r"(?:kw|cw)[ .]*\d{1,2}|\d{1,2}\.? ?kw"
"""What counts the weeks of a year, and no weeks since something began."""
_FEWEST = 3
_MOST_WEEKS = 53
_LEAP = 2024
_MANY = 7


def are_without_year(cells: Sequence[str]) -> bool:
    """Whether all cells are days without a year, or all are weeks without one, and there are some.

    >>> are_without_year(["7/1", "7/2", "7/3"]), are_without_year(["KW 27", "KW 28", "KW 29"]), are_without_year(["1/2"] * 3)
    (True, True, False)
    """
    different = list(dict.fromkeys(cells))
    if len(different) < _FEWEST:
        return False
    if all(week_of(cell) for cell in different):
        return True
    return all(map(_NUMERIC.fullmatch, different)) and any(_is_dense(different, order) for order in _ORDERS)


def follow_each_other(cells: Sequence[str]) -> bool:
    """Whether cells are days without a year, each the one before or after the last, and so many that no shares or scores are so;
    neither are pages of as many (`1/12`, `2/12`).

    >>> follow_each_other([f"7/{day}" for day in range(1, 9)]), follow_each_other(["1/2", "2/3", "3/4", "4/5"] * 3)
    (True, False)
    >>> follow_each_other([f"{page}/12" for page in range(1, 9)]), follow_each_other([f"{day}/7" for day in range(1, 9)])
    (False, True)
    """
    different = list(dict.fromkeys(cells))
    if len(different) < _MANY or not all(map(_NUMERIC.fullmatch, different)):
        return False
    parts = [tuple(map(int, re.findall(r"\d+", cell))) for cell in different]
    if len({last for _, last in parts}) == 1 and all(first <= last for first, last in parts):
        return False
    return any(set(_steps(different, order) or ()) in ({1}, {-1}) for order in _ORDERS)


def are_headings(cells: Sequence[str]) -> bool:
    """Whether cells side by side are days or weeks one after the other, and no marks, shares or weeks since something began."""
    if len(cells) < _FEWEST or (week_of(cells[0]) is None and not _NUMERIC.fullmatch(cells[0])):
        return False
    weeks = [week for cell in cells if (week := week_of(cell)) is not None]
    if len(weeks) == len(cells):
        is_named = all(re.fullmatch(_CALENDAR_WEEK, cell.strip().casefold()) for cell in cells)
        steps = {later - earlier for earlier, later in pairwise(weeks)}
        return steps <= {1, 1 - _MOST_WEEKS, 2 - _MOST_WEEKS} and (is_named or weeks[0] > 1)
    return all(map(_NUMERIC.fullmatch, cells)) and any(set(_steps(cells, order) or ()) == {1} for order in _ORDERS)


def week_of(cell: str) -> int | None:
    """The number of the week that a cell gives without a year; None of any other.

    >>> week_of("KW 27"), week_of("27. KW"), week_of("Week 60"), week_of("27")
    (27, 27, None, None)
    """
    match = re.fullmatch(_YEARLESS_WEEK, cell.strip().casefold())
    number = int(match["w"] or match["w2"]) if match else 0
    return number if 1 <= number <= _MOST_WEEKS else None


def days_without_year(
    cells: Sequence[str], order: DateOrder | None, likely: DateOrder | None
) -> dict[str, tuple[int, int]] | None:
    """The month and day of each cell; None when some cell is no such day. Of two orders, that in which days follow each other.

    Raises UsageError when nothing decides.
    """
    if not cells or not all(map(_NUMERIC.fullmatch, cells)):
        return None
    orders: Sequence[DateOrder] = [order] if order in _ORDERS else _ORDERS
    near = {item: sum(step in _NEAR for step in steps) for item in orders if (steps := _steps(cells, item)) is not None}
    if not near:
        return None
    best = [item for item, count in near.items() if count == max(near.values())]
    if likely in best:
        best = [likely]
    if len(best) > 1:
        raise UsageError(
            f"is {cells[0]} day first or month first? No date has a day over 12. Use --date-order dmy or --date-order mdy."
        )
    return {cell: _month_and_day(cell, best[0]) for cell in cells}


_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy")
_NEAR = {-1, 0, 1}


def _is_dense(cells: Sequence[str], order: DateOrder) -> bool:
    """Whether most days follow the one before, or come before it."""
    steps = _steps(cells, order) or []
    return sum(step in _NEAR for step in steps) > len(steps) / 2


def _steps(cells: Sequence[str], order: DateOrder) -> list[int] | None:
    """By how many days each cell is later than the one before, through the turn of the year where that is nearer; None where
    one is no day. The end of February is that of a leap year where one is its 29th.
    """
    days = [_month_and_day(cell, order) for cell in cells]
    year, length = (_LEAP, 366) if (2, 29) in days else (_LEAP - 1, 365)
    try:
        places = [date(year, *day).timetuple().tm_yday for day in days]
    except ValueError:
        return None
    half = length // 2
    return [(later - earlier + half) % length - half for earlier, later in pairwise(places)]


def _month_and_day(cell: str, order: DateOrder) -> tuple[int, int]:
    first, second = map(int, re.findall(r"\d+", cell))
    return (second, first) if order == "dmy" else (first, second)
