"""How one table is read, decided on all its cells: dates, decimal marks, totals, what tells its rows apart."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.base.arrays import Floats, Ints
from core.base.days import iso
from core.base.errors import UsageError
from core.base.time_zones import DAY_SECONDS
from core.catalogue.kinds import SOURCE, CellType
from core.ingest.column_profile import ColumnProfile, Role, first_texts, profiles
from core.ingest.daily_plan import daily_plan, word_column
from core.ingest.formats.delimited import TextBatch
from core.ingest.formats.sources import STDIN, ExportSource
from core.ingest.formats.table_protocol import Records
from core.ingest.formats.text_hash import text_hashes
from core.ingest.headers import english_names, folded, is_rate_name, translated
from core.ingest.layout import RegionRecords, TableRegion, total_records
from core.ingest.mapping.cell_parsing import FIGURES
from core.ingest.mapping.column_plan import ColumnPlan, Plan, canonical, snake
from core.ingest.rate_parts import find_parts
from core.ingest.recognition import RecognizedExport
from core.ingest.request import DateOrder, DecimalMark, Request
from core.ingest.values import dates, numbers
from core.ingest.values.date_columns import DateHints, decide, is_date
from core.ingest.values.dates import day_in_name, days_in_texts
from core.ingest.values.moment_text import DateReading
from core.ingest.values.number_columns import FigureColumn, decimal_marks

_MONTH_FIRST = frozenset(("US", "USA", "United States", "PH", "Philippines"))
_PLACES = frozenset(
    map(folded, ("Country", "Market", "Currency", "Ship Country", "Shipping Country", "Billing Country"))
)
_CURRENCY_SIGNS = {"Rp": "IDR", "₫": "VND", "R$": "BRL", "€": "EUR", "฿": "THB", "RM": "MYR"}
_DAY_FIRST_CURRENCIES = frozenset(("IDR", "VND", "BRL", "EUR", "THB", "MYR", "GBP", "SGD", "AUD", "INR", "MXN"))
_COUNTS = frozenset(
    (
        *("impressions", "clicks", "views", "orders", "units", "sessions", "users", "visitors", "visits", "likes"),
        *("comments", "shares", "followers", "subscribers", "buyers", "purchases", "results", "conversions", "reach"),
        *("items", "transactions", "viewers", "customers", "pageviews", "plays", "streams", "downloads", "installs"),
    )
)
"""Words of measures that count things: a mark before three digits groups thousands."""
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTable:
    """A table, ready to be read."""

    plan: Plan
    records: RegionRecords
    source: str | None
    """Where its rows came from, where all came from one."""
    has_days: bool
    """Whether each of its rows says its day."""
    columns: Mapping[str, ColumnProfile]


def plan_table(
    source: ExportSource,
    region: TableRegion,
    recognized: RecognizedExport,
    records: RegionRecords,
    header: str,
    request: Request,
) -> PlannedTable:
    """How a table is read. Raises UsageError when the user has to decide something, or it is not what it was taken for."""
    first = first_texts(records, recognized.names)
    columns = profiles(first, recognized.names)
    above = [cell for row in region.rows[: recognized.header] for cell in row if cell]
    period = days_in_texts((*region.above, *above))
    plan = _first_plan(recognized, columns, request, period=bool(period))
    plan = _with_dates(plan, columns, source, request, period)
    plan = _with_hours(plan, columns)
    plan = _with_marks(plan, columns, request)
    if first is not None:
        gone = _totals(plan, region, first) if region.is_whole else set()
        gone |= _described(plan, columns, first)
        if gone:
            records = records.without(gone)
            plan = _noted(plan, f"left out {_counted(len(gone), 'row')} of totals or descriptions")
            first = first_texts(records, recognized.names)
    plan = _with_ratios(plan, columns, first)
    plan = _with_returns(plan, first)
    plan = _from_source(plan, request)
    english = translated(recognized.names).names
    computed = {ratio.name for ratio in plan.ratios}
    has_days = not any(column.from_file for column in plan.columns)
    plan = _dated(plan, source, request.day, period)
    plan = _told_apart(plan, records, header, request)
    understood = {*plan.sources, *(name for name in columns if snake(english.get(name, name)) in computed)}
    unread = [name for name, column in columns.items() if column.role is not Role.BLANK and name not in understood]
    if unread and recognized.mapping is None:
        plan = _noted(plan, f"not loaded: {_few(unread)}; keep one with, say, --dimension {shlex.quote(unread[0])}")
    constant = next((column.constant for column in plan.columns if column.target == SOURCE), None)
    return PlannedTable(plan=plan, records=records, source=constant, has_days=has_days, columns=columns)


def _noted(plan: Plan, note: str) -> Plan:
    return replace(plan, notes=(*plan.notes, note))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _first_plan(
    recognized: RecognizedExport, columns: Mapping[str, ColumnProfile], request: Request, *, period: bool
) -> Plan:
    if recognized.mapping is not None:
        plan = _mapped_plan(recognized, columns, request)
    elif recognized.kind.name == "daily":
        plan = daily_plan(recognized.names, columns, request.dimensions, period=period)
    else:
        plan = canonical(recognized.kind, recognized.names, request.dimensions)
        used = set(plan.sources)
        is_traffic = recognized.kind.name == "traffic"
        spare = [name for name, column in columns.items() if column.role is Role.TEXT and name not in used]
        plan = replace(plan, spare=tuple(spare) if is_traffic else ())
    requested = request.decimal or plan.decimal
    return replace(plan, decimal=requested, date_order=request.date_order or plan.date_order)


def _mapped_plan(recognized: RecognizedExport, columns: Mapping[str, ColumnProfile], request: Request) -> Plan:
    mapping = recognized.mapping
    assert mapping is not None  # noqa: S101 - the caller looked
    columns_by_name = english_names(recognized.names)
    understood = {columns_by_name[name] for name in mapping.ignore if name in columns_by_name}
    understood |= set(mapping.plan(recognized.names, {}, request.dimensions, request.date_order).sources)
    others = [name for name in recognized.names if name not in understood]
    numeric = {name: columns[name].is_figure for name in others} if mapping.others != "ignore" else {}
    plan = mapping.plan(recognized.names, numeric, request.dimensions, request.date_order)
    spoken = tuple(language.code for language in translated(recognized.names).languages)
    rates = [
        column.target
        for column in plan.columns
        if column.target in plan.measures
        and column.source in others
        and (is_rate_name(column.source or "", spoken) or columns[column.source or ""].role is Role.PERCENT)
    ]
    by_slice = plan.kind.is_fact and not plan.kind.key and not plan.key and not plan.numbered
    spare = [name for name in others if columns[name].role is Role.TEXT] if by_slice else []
    return replace(
        plan,
        rates=tuple(dict.fromkeys((*(name for name in plan.rates if name in plan.measures), *rates))),
        spare=tuple(spare),
    )


def _with_dates(
    plan: Plan, columns: Mapping[str, ColumnProfile], source: ExportSource, request: Request, period: Sequence[int]
) -> Plan:
    """The plan with the reading of each column of dates."""
    likely = _likely_order(plan, columns)
    result: list[ColumnPlan] = []
    notes: list[str] = []
    order: DateOrder | None = None
    waiting: list[tuple[int, UsageError]] = []
    for column in plan.columns:
        if column.source is None or not (column.cell is CellType.DAY or column.cell.is_moment):
            result.append(column)
            continue
        hints = DateHints(
            order=request.date_order or column.date_order or plan.date_order,
            likely=likely,
            last=_last_day(source, request),
            first=period[0] if period else None,
            is_week="week" in folded(column.source),
        )
        try:
            reading, setting = _reading(columns[column.source], hints)
        except UsageError as open_question:
            waiting.append((len(result), open_question))
            result.append(column)
            continue
        order = order or reading.order
        result.append(replace(column, dates=reading))
        notes += [note for note in setting if note not in notes]
    for position, question in waiting:
        if order is None:
            raise question  # no other column of dates decides either
        result[position] = replace(result[position], dates=DateReading(order=order))
    return replace(plan, columns=tuple(result), notes=(*plan.notes, *notes), date_order=order or plan.date_order)


def _with_hours(plan: Plan, columns: Mapping[str, ColumnProfile]) -> Plan:
    """The plan with the hour as a dimension, where days have rows of several hours."""
    day = next((column for column in plan.columns if column.target == "date" and column.source is not None), None)
    if (
        plan.kind.name != "daily"
        or plan.key
        or plan.numbered
        or day is None
        or any(c.target == "hour" for c in plan.columns)
    ):
        return plan
    cells = columns[day.source or ""].cells
    if pc.all(pc.match_substring_regex(cells, r"^\d{4}-\d\d-\d\d$")).as_py():
        return plan  # days without a time
    seconds = dates.times(columns[day.source or ""].cells, day.dates or DateReading()).seconds.drop_null().to_numpy()
    if len(np.unique(seconds // DAY_SECONDS)) == len(np.unique(seconds)):
        return plan
    hour = replace(day, target="hour", cell=CellType.WORD, is_hour=True)
    sliced = replace(plan, columns=(*plan.columns, hour), dimensions=(*plan.dimensions, "hour"))
    return _noted(sliced, "its rows are of hours: sliced by hour")


def _reading(column: ColumnProfile, hints: DateHints) -> tuple[DateReading, tuple[str, ...]]:
    if dates.are_iso(column.cells):
        return DateReading(order=hints.order), ()
    return decide(column.different(), hints)


def _last_day(source: ExportSource, request: Request) -> int:
    if request.day is not None:
        return request.day
    named = day_in_name(Path(source.name).name)
    return named if named is not None else _written_on(source.path)


def _written_on(path: Path) -> int:
    moment = datetime.now(UTC) if path == STDIN else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return moment.date().toordinal() - date(1970, 1, 1).toordinal()


def _places(plan: Plan, columns: Mapping[str, ColumnProfile]) -> set[str]:
    """The countries and currencies that rows are of."""
    result = {column.constant for column in plan.columns if column.constant and column.target in {"market", "currency"}}
    for name, column in columns.items():
        if folded(name) in _PLACES or folded(name).startswith("currency"):
            result |= set(column.different()[:_SHOWN])
        if column.role is not Role.DATE:
            cells = column.cells[:_SHOWN].to_pylist()
            result |= {
                code for sign, code in _CURRENCY_SIGNS.items() if any(sign in cell for cell in cells if len(cell) < 20)
            }
    return {position for position in result if position}


def _likely_order(plan: Plan, columns: Mapping[str, ColumnProfile]) -> DateOrder | None:
    places = _places(plan, columns)
    named = {position for position in places if len(position) != 3 or position in _DAY_FIRST_CURRENCIES}
    if named and named <= _MONTH_FIRST:
        return "mdy"
    if named and named.isdisjoint(_MONTH_FIRST):
        return "dmy"
    spoken = translated(tuple(columns)).date_order
    dated = [column for column in columns.values() if column.role is Role.DATE]
    is_dotted = any("." in cell[:3] for column in dated for cell in column.samples)
    return spoken or ("dmy" if is_dotted else None)


def _with_marks(plan: Plan, columns: Mapping[str, ColumnProfile], request: Request) -> Plan:
    """The plan with the decimal mark of each column of figures."""
    figures: dict[str, FigureColumn] = {}
    for column in plan.columns:
        for name in (column.source, column.by):
            if name is not None and column.cell in FIGURES and name in columns:
                figures[name] = FigureColumn(
                    cells=columns[name].marked(),
                    decimal=column.decimal or plan.decimal,
                    is_count=column.cell is CellType.COUNT or _is_count(column.target, plan),
                    is_money=column.cell is CellType.MONEY or name == column.by or not _is_count(column.target, plan),
                )
    read = {column.source for column in plan.columns}
    rates = [
        cell
        for name, column in columns.items()
        if name not in read and column.is_figure
        for cell in column.marked()
        if column.role is Role.PERCENT
    ]
    marks = decimal_marks(figures, request.decimal, _places(plan, columns), rates)
    return replace(plan, columns=tuple(_marked(column, marks) for column in plan.columns))


def _is_count(target: str, plan: Plan) -> bool:
    return target not in plan.rates and not _COUNTS.isdisjoint(target.split("_"))


def _marked(column: ColumnPlan, marks: Mapping[str, DecimalMark]) -> ColumnPlan:
    own = marks.get(column.source or "")
    by = marks.get(column.by or "")
    return replace(column, decimal=own or column.decimal, by_decimal=by or column.by_decimal)


def _figures(plan: Plan, texts: TextBatch) -> dict[str, Floats]:
    """The figures of each column that is read, by its target; shape (rows,), nan where there is none."""
    result: dict[str, Floats] = {}
    for column in plan.columns:
        if column.source is not None and column.cell in FIGURES and column.cell is not CellType.DURATION:
            mark = column.decimal or plan.decimal
            values = numbers.floats(texts.columns[column.source], "." if mark == "auto" else mark).values
            result[column.target] = values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return result


def _totals(plan: Plan, region: TableRegion, texts: TextBatch) -> set[int]:
    """The records that repeat what others say."""
    dated = next((column.source for column in plan.columns if column.target == plan.kind.day), None)
    figures = _figures(plan, texts)
    by_source = {
        column.source: figures[column.target] for column in plan.columns if column.source and column.target in figures
    }
    return total_records(region, texts, dated, by_source)


def _described(plan: Plan, columns: Mapping[str, ColumnProfile], texts: TextBatch) -> set[int]:
    """The first record, when it has words in columns of figures: it says their units, or what they are."""
    if not len(texts.records) or int(texts.records[0]) != 0:
        return set()
    day = next((column.source for column in plan.columns if column.target == plan.kind.day and column.source), None)
    if day is not None and is_date(texts.columns[day][0].as_py() or ""):
        return set()
    words = [
        cell
        for column in plan.columns
        if column.source is not None and column.cell in FIGURES and columns[column.source].is_figure
        if (cell := texts.columns[column.source][0].as_py()) and not numbers.is_number(cell)
    ]
    return {0} if words else set()


def _with_ratios(plan: Plan, columns: Mapping[str, ColumnProfile], texts: TextBatch | None) -> Plan:
    """The plan in which each rate is a ratio of two measures where the file has them, else is kept out of totals."""
    if not plan.rates or texts is None:
        return plan
    values = _figures(plan, texts)
    additive = {name: values[name] for name in values if name not in plan.rates}
    named = {
        column.target: {*snake(column.source or "").split("_"), *column.target.split("_")} for column in plan.columns
    }
    sources = {column.target: column.source or "" for column in plan.columns}
    result = []
    for name in plan.rates:
        cells = columns[sources[name]].different()
        mark = next(column.decimal for column in plan.columns if column.target == name) or "."
        decimals = max((_decimals(cell, mark) for cell in cells[:200]), default=0)
        ratio = find_parts(name, values[name], decimals, additive, named) if name in values else None
        result += [ratio] if ratio is not None else []
    gone = {ratio.name for ratio in result}
    rates = tuple(name for name in plan.rates if name not in gone)
    notes = [f"{ratio.name} is computed as {ratio.numerator} / {ratio.denominator}" for ratio in result[:_SHOWN]]
    if rates:
        notes.append(f"kept, but in no total and no scan, since they cannot be added up: {_few(rates)}")
    return replace(
        plan,
        columns=tuple(column for column in plan.columns if column.target not in gone),
        measures=tuple(name for name in plan.measures if name not in gone),
        rates=rates,
        ratios=tuple(result),
        notes=(*plan.notes, *notes),
    )


def _with_returns(plan: Plan, texts: TextBatch | None) -> Plan:
    """The plan of orders some of whose lines are returns: they count as refunds."""
    if plan.kind.name != "orders" or texts is None:
        return plan
    values = _figures(plan, texts)
    factors = [column.by for column in plan.columns if column.target == "gmv" and column.by is not None]
    signed = [values[name] for name in ("units", "gmv") if name in values]
    signed += [
        numbers.floats(texts.columns[name]).values.cast(pa.float64()).to_numpy(zero_copy_only=False) for name in factors
    ]
    count = int(np.logical_or.reduce([column < 0 for column in signed]).sum()) if signed else 0
    if not count:
        return plan
    columns_by_name = {column.target for column in plan.columns}
    more = [
        ColumnPlan(name, plan.kind.columns[name])
        for name in ("units", "refund_amount", "refunded_at")
        if name not in columns_by_name
    ]
    return _noted(
        replace(plan, columns=(*plan.columns, *more), returns=True),
        f"{_counted(count, 'line')} with negative units or amounts count as returns: refunded, and in no sales",
    )


def _decimals(cell: str, mark: DecimalMark) -> int:
    digits = "".join(sign for sign in cell if sign.isdigit() or sign in ".,")
    return (
        len(digits.rpartition("." if mark == "auto" else mark)[2]) if ("." if mark == "auto" else mark) in digits else 0
    )


def _from_source(plan: Plan, request: Request) -> Plan:
    """The plan with the source of its rows. Raises UsageError when the user names one and the file names its own."""
    named = next((column for column in plan.columns if column.target == SOURCE), None)
    if named is not None and request.source is not None:
        if plan.preset is None:
            raise UsageError(f"its column {named.source!r} gives the source of each row. Leave out --source.")
        plan = replace(plan, columns=tuple(column for column in plan.columns if column.target != SOURCE))
        named = None
    source = request.source or plan.system
    if named is not None or source is None or SOURCE not in plan.kind.columns:
        return plan
    cell = plan.kind.columns[SOURCE]
    return replace(
        plan,
        columns=(*plan.columns, ColumnPlan(SOURCE, cell, constant=source)),
        dimensions=(*(name for name in plan.dimensions if name != SOURCE), *((SOURCE,) if plan.kind.is_fact else ())),
    )


def _dated(plan: Plan, source: ExportSource, day: int | None, period: Sequence[int]) -> Plan:
    """The plan with the day of a table that has no column for it."""
    if not any(column.from_file for column in plan.columns):
        return plan
    named = day if day is not None else period[-1] if period else day_in_name(Path(source.name).name)
    if named is None and (plan.preset is None or source.path == STDIN):
        raise UsageError(
            "not recognised: no column holds days. Say which day it is of with --day 2026-03-09, or name its columns (--map)."
        )
    result = named if named is not None else _written_on(source.path)
    how = "the day that the file was written; say another with --day"
    if named is not None:
        how = (
            "as you say"
            if day is not None
            else "the last day of the period above its header"
            if period
            else "by its name"
        )
    columns = tuple(replace(column, constant=iso(result)) if column.from_file else column for column in plan.columns)
    return _noted(replace(plan, columns=columns), f"it has no days: all of it counts on {iso(result)}, {how}")


def _told_apart(plan: Plan, records: Records, header: str, request: Request) -> Plan:
    """The plan with the dimensions that tell rows of one day and slice apart.

    Raises UsageError when an earlier load of the same columns was without them: its rows would count twice.
    """
    before = request.earlier.get(header)
    spare = {word_column(name).target: name for name in plan.spare}
    recognized = [spare[name] for name in before or () if name in spare]
    plan = _sliced(plan, recognized)
    chosen = _needed(plan, records) if plan.spare else []
    if chosen and before is not None:
        raise UsageError(
            f"its rows differ only in {' and '.join(chosen)}, which an earlier load of the same columns left out, so that days "
            f"could count twice. Take that load back (whydrop loads), then load both with --dimension {snake(chosen[0])}."
        )
    if chosen:
        plan = _noted(_sliced(plan, chosen), f"sliced by {', '.join(map(snake, chosen))}, which tell its rows apart")
    return plan


def _sliced(plan: Plan, names: Sequence[str]) -> Plan:
    used = {column.target for column in plan.columns}
    added = [column for name in names if (column := word_column(name)).target not in used]
    return replace(
        plan,
        columns=(*plan.columns, *added),
        dimensions=(*plan.dimensions, *(column.target for column in added)),
        spare=tuple(name for name in plan.spare if name not in names),
    )


def _needed(plan: Plan, records: Records) -> list[str]:
    """The fewest columns of words without which rows of one day and slice could not be told apart."""
    keys = [column.source for column in plan.columns if column.source and _is_key(plan, column)]
    figures = [name for name in plan.sources if name not in keys]
    parts = [
        (_hashes(texts, keys), _hashes(texts, figures), {name: _hashes(texts, [name]) for name in plan.spare})
        for texts in records.texts((*keys, *figures, *plan.spare))
    ]
    if not parts:
        return []
    key = np.concatenate([part[0] for part in parts])
    _, position, counts = np.unique(key, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[position] > 1)
    if not len(rows):
        return []
    words = {name: np.concatenate([part[2][name] for part in parts])[rows] for name in plan.spare}
    whole = key[rows] ^ np.concatenate([part[1] for part in parts])[rows]
    for column in words.values():
        whole = _mixed(whole, column)
    distinct = np.sort(np.unique(whole, return_index=True)[1])  # rows that are equal in every column are one
    current, chosen = key[rows][distinct], []
    while len(np.unique(current)) < len(current):
        gains = {name: len(np.unique(_mixed(current, words[name][distinct]))) for name in words if name not in chosen}
        best = max(gains, key=lambda name: gains[name], default=None)
        if best is None or gains[best] <= len(np.unique(current)):
            break
        chosen.append(best)
        current = _mixed(current, words[best][distinct])
    return chosen


def _is_key(plan: Plan, column: ColumnPlan) -> bool:
    return column.target == "date" or column.target in plan.dimensions


def _mixed(item: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return item * np.uint64(0x9E3779B97F4A7C15) + other


def _hashes(texts: TextBatch, names: Sequence[str]) -> NDArray[np.uint64]:
    if not names:
        return np.zeros(len(texts.records), np.uint64)
    return text_hashes([pc.utf8_trim_whitespace(texts.columns[name]).fill_null("") for name in names])


def content_hashes(records: Records, names: Sequence[str], chosen: Ints) -> NDArray[np.uint64]:
    """A hash of all cells of each chosen record, in their order; shape (n,)."""
    result = np.zeros(len(chosen), np.uint64)
    order = np.argsort(chosen)
    requested = chosen[order]
    for texts in records.texts(names):
        position = np.minimum(np.searchsorted(requested, texts.records), len(requested) - 1)
        rows = np.flatnonzero(requested[position] == texts.records)
        if len(rows):
            cells = [column.take(pa.array(rows)).fill_null("") for column in texts.columns.values()]
            result[order[position[rows]]] = text_hashes(cells)
    return result
