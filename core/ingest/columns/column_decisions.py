"""How the cells of each column are read, decided on all of them: dates, units, decimal marks."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.base.days import day_number, iso
from core.base.errors import NoDailyFigures, UsageError
from core.catalogue.kinds import CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role, is_day_name, is_week_name
from core.ingest.columns.day_column import born
from core.ingest.columns.likely_date_order import as_shown, likely_order, order_of_other_files, places_of
from core.ingest.formats.sources import STDIN, ExportSource
from core.ingest.headers.column_names import translated
from core.ingest.headers.folding import currency_of_header, folded, name_words
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.word_lists import words_of
from core.ingest.mapping.cell_parsing import FIGURES
from core.ingest.mapping.column_plan import ColumnPlan, Plan, noted
from core.ingest.request import DateOrder, DecimalMark, Request
from core.ingest.values import dates
from core.ingest.values.date_columns import decide, is_date
from core.ingest.values.date_order import DateHints, orders_seen
from core.ingest.values.moment_text import DateReading
from core.ingest.values.number_columns import FigureColumn, decimal_marks
from core.ingest.values.path_parts import day_in_path

_COUNTS = frozenset(
    (
        *("impressions", "clicks", "views", "orders", "units", "sessions", "users", "visitors", "visits", "likes"),
        *("comments", "shares", "followers", "subscribers", "buyers", "purchases", "results", "conversions", "reach"),
        *("items", "transactions", "viewers", "customers", "pageviews", "plays", "streams", "downloads", "installs"),
    )
)
"""Words of measures that count things: a mark before three digits groups thousands."""


def with_dates(
    plan: Plan,
    columns: Columns,
    source: ExportSource,
    request: Request,
    period: Sequence[int],
    before: DateOrder | None,
) -> Plan:
    """The plan with the reading of each column of dates; `before` is the order of day and month of an earlier load of the same
    columns. Raises UsageError when the dates show that it was read in the wrong one.
    """
    dated = {
        column.source: column
        for column in plan.columns
        if column.source is not None and (column.cell is CellType.DAY or column.cell.is_moment)
    }
    request, notes = as_shown(request, [columns[name] for name in dated])
    hints = {name: _hints(plan, column, source, request, period, before) for name, column in dated.items()}
    readings: dict[str, DateReading] = {}
    for name, hint in hints.items():
        with suppress(UsageError):
            readings[name], setting = _reading(columns[name], hint)
            notes += setting
    order = _first_order(readings.values())
    unread = [name for name in hints if name not in readings]
    if order is None and unread:
        order = _order_of_others(columns, hints)
    is_open = order is None and bool(unread) and request.may_guess
    own = likely_order(plan, columns) if is_open else None
    likely = own or (
        order_of_other_files([columns[name] for name in unread if hints[name].is_past], request) if is_open else None
    )
    for name in unread:
        readings[name], setting = _reading(columns[name], replace(hints[name], order=order, likely=likely))
        notes += setting
    if likely is not None:
        other, first = ("mdy", "day") if likely == "dmy" else ("dmy", "month")
        why = "its country, currency or language suggests" if own else "those of the other files are"
        notes.append(f"its dates are read {first} first, as {why}; if that is wrong, use --date-order {other}")
    order = order or _first_order(readings.values())
    if request.date_order is None and None not in {order, before} and order != before:
        raise UsageError(
            f"its dates are {order}, and an earlier load of the same columns was read as {before}. Undo that load (whydrop "
            f"loads), then load both with --date-order {order}."
        )
    return replace(
        plan.with_each(lambda column: replace(column, dates=readings.get(column.source or "", column.dates))),
        notes=tuple(dict.fromkeys((*plan.notes, *notes))),
        date_order=order or before or plan.date_order,
    )


def _first_order(readings: Iterable[DateReading]) -> DateOrder | None:
    return next((reading.order for reading in readings if reading.order not in {None, "ymd"}), None)


def _order_of_others(columns: Columns, known: Collection[str]) -> DateOrder | None:
    """The order that the dates of all other columns than the known ones show; None where they show none, or both."""
    others = (column for name, column in columns.items() if column.role is Role.DATE and name not in known)
    observed = orders_seen(cell for column in others for cell in column.different())
    return observed.pop() if len(observed) == 1 else None


def _hints(
    plan: Plan,
    column: ColumnPlan,
    source: ExportSource,
    request: Request,
    period: Sequence[int],
    before: DateOrder | None,
) -> DateHints:
    """What a file says about the dates of a column."""
    name = column.source or ""
    return DateHints(
        order=request.date_order or column.date_order or plan.date_order,
        likely=before,
        last=_last_day(source, request),
        is_past=column.target == plan.kind.day,
        is_named=request.day is not None or day_in_path(source.name) is not None,
        first=period[0] if period else None,
        is_week="week" in folded(name) or is_week_name(name),
        is_month=not words_of("months").isdisjoint(name_words(name)),
    )


def _reading(column: ColumnProfile, hints: DateHints) -> tuple[DateReading, tuple[str, ...]]:
    if dates.are_iso(column.cells):
        return DateReading(order=hints.order), ()
    return decide(column.different(), hints)


def _last_day(source: ExportSource, request: Request) -> int:
    if request.day is not None:
        return request.day
    named = day_in_path(source.name)
    return named if named is not None else written_on(source.path)


def written_on(path: Path) -> int:
    moment = datetime.now(UTC) if path == STDIN else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return day_number(moment.date())


def with_units(plan: Plan, columns: Columns) -> Plan:
    """The plan in which figures are read without the unit behind them."""
    units = {name: column.unit for name, column in columns.items() if column.unit is not None}

    def read(column: ColumnPlan) -> ColumnPlan:
        is_marked = column.source in units and column.cell in FIGURES and column.mark is None
        return replace(column, mark=units[column.source or ""]) if is_marked else column

    return plan.with_each(read)


def with_price_ranges(plan: Plan, columns: Columns) -> Plan:
    """The plan in which a price that is a range, as of a product in several sizes, is the lowest one."""
    price = plan.column("price")
    if price is None or price.source is None or price.mark is not None:
        return plan
    ranges = [match for cell in columns[price.source].different() if (match := re.fullmatch(_PRICES, cell.strip()))]
    if len({match["mark"] for match in ranges}) != 1:
        return plan
    read = plan.with_each(lambda column: replace(column, mark=ranges[0]["mark"]) if column is price else column)
    return noted(read, f"prices such as {ranges[0][0]} are ranges: the lowest of each counts")


_PRICES = r"[^\d-]*\d[\d.,]*[^\d-]*?\s*(?P<mark>[-–~])\s*[^\d-]*\d[\d.,]*[^\d-]*"


def with_marks(plan: Plan, columns: Columns, request: Request, before: DecimalMark | None) -> Plan:
    """The plan with the decimal mark of each column of figures; `before` is that of an earlier load of the same columns."""
    figures: dict[str, FigureColumn] = {}
    for column in plan.columns:
        for name in (column.source, column.by):
            if name is not None and column.cell in FIGURES and name in columns:
                cells = columns[name].marked()
                figures[name] = FigureColumn(
                    cells=cells,
                    hundreds=columns[name].hundreds() if cells else 0,
                    decimal=column.decimal or plan.decimal,
                    is_count=column.cell is CellType.COUNT or _is_count(column.target, plan) or _is_of_hundredths(name),
                    is_money=column.cell is CellType.MONEY or name == column.by or not _is_count(column.target, plan),
                    is_percent=columns[name].role is Role.PERCENT,
                )
    read = {column.source for column in plan.columns}
    unread = [
        cell
        for name, column in columns.items()
        if name not in read and column.is_figure and not is_id_name(name)
        for cell in column.marked()
    ]
    words = {*places_of(plan, columns), *_spoken_currency(columns)}
    marks = decimal_marks(figures, request.decimal, words, unread, spoken="." if _speaks_point(columns) else before)
    return plan.with_each(lambda column: _marked(column, marks))


_CURRENCIES = {"id": "IDR", "vi": "VND", "ja": "JPY", "ko": "KRW"}
"""Languages that are spoken where one currency is paid in, which has no decimals."""


def _spoken_currency(columns: Columns) -> set[str]:
    """The currency of the language of the header, where it is one of those and could be no other."""
    codes = translated(tuple(columns)).spoken
    return {_CURRENCIES[code] for code in codes if len(codes) == 1 and code in _CURRENCIES}


def _speaks_point(columns: Columns) -> bool:
    """Whether the header is in a language in which a comma is never before decimals."""
    codes = set(translated(tuple(columns)).spoken)
    return bool(codes) and codes <= _POINT


_POINT = frozenset(("th", "zh", "ja", "ko", "hi"))


def _is_count(target: str, plan: Plan) -> bool:
    return target not in plan.rates and not _COUNTS.isdisjoint(target.split("_"))


def _is_of_hundredths(name: str) -> bool:
    """Whether a column says that its amounts are in a currency, which has no three decimals."""
    code = currency_of_header(name)
    return code is not None and code not in _THOUSANDTHS


_THOUSANDTHS = frozenset(("KWD", "BHD", "OMR", "TND", "JOD", "IQD", "LYD"))


def _marked(column: ColumnPlan, marks: Mapping[str, DecimalMark]) -> ColumnPlan:
    own = marks.get(column.source or "")
    by = marks.get(column.by or "")
    return replace(column, decimal=own or column.decimal, by_decimal=by or column.by_decimal)


def with_day(plan: Plan, columns: Columns, source: ExportSource, day: int | None, period: Sequence[int]) -> Plan:
    """The plan with the day of a table that has no column for it. Raises UsageError when nothing says which it is."""
    if not any(column.from_file for column in plan.columns):
        return plan
    named = day if day is not None else period[-1] if period else day_in_path(source.name)
    unread = _unread_date(columns) if plan.preset is None and day is None else None
    if unread is None and named is None and (plan.preset is None or source.path == STDIN):
        unread = _unread_calendar(columns)
    if unread is not None:
        cell = next((cell for cell in unread.different() if not is_date(cell)), unread.samples[0])
        raise UsageError(
            f"not recognised: no column holds days, and {unread.name!r} has {cell!r}, which is no day. Write "
            "a day there, such as the first of each period (2026-03-09)."
        )
    if named is None and (plan.preset is None or source.path == STDIN):
        why = f"; {published[0]!r} says when something was published" if (published := born(columns)) else ""
        raise NoDailyFigures(
            f"not recognised: no column holds days{why}. Give its day with --day 2026-03-09, or name its columns "
            "(--map)."
        )
    result = named if named is not None else written_on(source.path)
    how = f"{iso(result)}, the day that the file was written; give another with --day"
    if named is not None and day is None and not period:
        how = "the day in its name or folder"
    elif named is not None:
        how = f"{iso(result)}, {'as you say' if day is not None else 'the last day of the period above its header'}"
    dated = plan.with_each(lambda column: replace(column, constant=iso(result)) if column.from_file else column)
    return noted(dated, f"it has no days: all of it counts on {how}")


def _unread_date(columns: Columns) -> ColumnProfile | None:
    """A column of numbers that is called a date (`Belegdatum`: 0107), of several that nobody can read as days."""
    dates = words_of("date_parts")
    ends = tuple(part for part in dates if len(part) >= _TELLING)
    several = (column for column in columns.values() if column.is_figure and len(column.cells) > 1)
    return next((c for c in several if any(w in dates or w.endswith(ends) for w in name_words(c.name))), None)


_TELLING = 5
"""Letters of a word for a date that also ends compounds; `candidate` ends in another one."""


def _unread_calendar(columns: Columns) -> ColumnProfile | None:
    """A column that is called a day, a week, a month or a period, and has several cells that nobody can read as such."""
    several = (column for column in columns.values() if column.role is Role.TEXT and len(column.cells) > 1)
    return next((column for column in several if is_day_name(column.name)), None)
