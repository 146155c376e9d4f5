"""Tables whose days are in several columns, a year and a month, a week or a day: with one column for them."""

from collections.abc import Callable, Sequence

from core.ingest.formats.table_protocol import ExportTable
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.headers import folded
from core.ingest.shapes.calendar_words import month_of
from core.ingest.table_starts import is_mostly
from core.ingest.values.date_columns import is_date
from core.ingest.values.without_year import week_of

_YEARS = frozenset(
    (
        "year",
        "yr",
        "jahr",
        "année",
        "año",
        "ano",
        "anno",
        "tahun",
        "năm",
        "ปี",
        "年",
        "年份",
        "연도",
        "год",
        "yıl",
        "rok",
        "iso year",
    )
)
_MONTHS = frozenset(
    (
        "month",
        "month name",
        "month number",
        "monat",
        "mois",
        "mes",
        "mês",
        "mese",
        "bulan",
        "tháng",
        "เดือน",
        "月",
        "月份",
        "월",
        "месяц",
        "ay",
        "miesiąc",
    )
)
_WEEKS = frozenset(
    (
        "week",
        "week number",
        "week no",
        "iso week",
        "kw",
        "kalenderwoche",
        "woche",
        "semaine",
        "semana",
        "settimana",
        "minggu",
        "tuần",
        "สัปดาห์",
        "周",
        "週",
        "주",
        "неделя",
        "hafta",
        "tydzień",
    )
)
_DAYS = frozenset(
    (
        "day",
        "day of month",
        "tag",
        "jour",
        "día",
        "dia",
        "giorno",
        "hari",
        "ngày",
        "วัน",
        "日",
        "일",
        "день",
        "gün",
        "dzień",
    )
)
_READ = 50
"""Rows that say what a column holds."""


def with_days(table: ExportTable, header: int) -> ExportTable | None:
    """The table with its year and month (and day), or its year and week, in one column; None where it has days, or no such."""
    names = [folded(cell).replace("_", " ") for cell in table.rows[header]]
    body = table.rows[header + 1 :]
    if any(is_mostly(body[:_READ], at, is_date) for at in range(len(names))):
        return None
    year = _column(names, _YEARS, body, _is_year)
    month = _column(names, _MONTHS, body, _is_month)
    week = _column(names, _WEEKS, body, _is_week)
    if year is None or (month is None and week is None):
        return None
    day = _column(names, _DAYS, body, _is_day) if month is not None else None
    used = [at for at in (year, month, day) if at is not None] if month is not None else [year, week]
    others = [at for at in range(len(names)) if at not in used]
    own: list[Sequence[str]] = [("Date", *(table.rows[header][at] for at in others))]
    for row in body:
        parts = [row[at].strip() if at is not None else None for at in (year, month, week, day)]
        own.append((_day(*parts), *(row[at] for at in others)))
    return TurnedTable(own, range(header, header + len(own)), {**table.describe}, table.rows, table.gaps)


def _column(
    names: Sequence[str], called: frozenset[str], body: Sequence[Sequence[str]], is_such: Callable[[str], bool]
) -> int | None:
    return next((at for at, name in enumerate(names) if name in called and is_mostly(body[:_READ], at, is_such)), None)


def _is_year(cell: str) -> bool:
    return cell.isdecimal() and len(cell) == 4 and cell[:2] in {"19", "20"}


def _is_month(cell: str) -> bool:
    return _within(cell, 12) or month_of(cell) is not None


def _is_week(cell: str) -> bool:
    return _within(cell, 53) or week_of(cell) is not None


def _is_day(cell: str) -> bool:
    return _within(cell, 31)


def _within(cell: str, most: int) -> bool:
    return cell.isdecimal() and 1 <= int(cell) <= most


def _day(year: str | None, month: str | None, week: str | None, day: str | None) -> str:
    """The day that parts give, as ISO; the parts themselves where they give none: that row is refused."""
    if not year or not _is_year(year):
        return " ".join(part for part in (year, month or week, day) if part)
    if month:
        number = int(month) if month.isdecimal() else (month_of(month) or (None, 0))[1]
        return f"{year}-{number:02d}" + (f"-{int(day):02d}" if day and day.isdecimal() else "")
    number = int(week) if week and week.isdecimal() else week_of(week or "") or 0
    return f"{year}-W{number:02d}"
