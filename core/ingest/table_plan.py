"""How one table is read, decided on all its cells: dates, decimal marks, totals, what tells its rows apart."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from core.base.arrays import Floats
from core.base.errors import UsageError
from core.catalogue.kinds import KINDS, SOURCE, CellType
from core.ingest.columns.column_decisions import with_dates, with_day, with_marks, with_price_ranges, with_units
from core.ingest.columns.column_profile import Columns, Role, first_texts, profiles
from core.ingest.columns.currencies import currencies_of_amounts, with_currency
from core.ingest.columns.hours_and_offsets import with_clock, with_hours
from core.ingest.columns.id_columns import is_id_name
from core.ingest.columns.measure_ratios import daily_series, moment_series, with_ratios
from core.ingest.daily_plan import daily_plan
from core.ingest.earlier_loads import known_totals, words_of_totals
from core.ingest.event_rows import event_names, with_events, with_means
from core.ingest.formats.batch import Figures, TextBatch
from core.ingest.formats.sources import ExportSource
from core.ingest.headers import english_names, folded, translated
from core.ingest.headers.measure_names import adds_up
from core.ingest.layout import RegionRecords, TableRegion, total_records
from core.ingest.mapping.cell_parsing import FIGURES
from core.ingest.mapping.cell_text import column_text
from core.ingest.mapping.column_plan import ColumnPlan, Plan, canonical, few, noted, order_amount, snake
from core.ingest.own_words.change_list import change_list
from core.ingest.own_words.entity_lists import entity_list
from core.ingest.own_words.ledger_lines import are_ledger_lines
from core.ingest.own_words.order_guess import counted_unpaid, guess_orders, has_unpaid_orders, orders_plan
from core.ingest.recognition import RecognizedExport, refuse_other_widths
from core.ingest.request import EarlierReading, Request, columns_key
from core.ingest.row_identity import from_source, told_apart
from core.ingest.subtotals import coarser_rows, repeated_figures, word_for_all
from core.ingest.values import numbers
from core.ingest.values.date_columns import is_date
from core.ingest.values.dates import days_in_texts

_COMPUTED = frozenset(("daily", "orders"))
"""Kinds whose ratios or returns are found by the figures of the first rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTable:
    """A table, ready to be read."""

    plan: Plan
    records: RegionRecords
    source: str | None
    """Where its rows came from, where all came from one."""
    has_days: bool
    """Whether each of its rows says its day."""
    columns: Columns
    currencies: Mapping[str, str]
    totals: Mapping[str, Sequence[str]]
    """The words of rows that were left out as totals, by their column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _TableRows:
    """The rows of a table that are data."""

    records: RegionRecords
    first: TextBatch | None
    """The first of them; None where there are none."""
    columns: Columns
    figures: Figures
    """What the columns of figures hold in those, by target; none of a kind that is not decided by them."""
    totals: Mapping[str, Sequence[str]]
    """The words of rows that were left out as totals, by their column."""


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
    if first is None or not len(first.records):
        refuse_other_widths(region.rows[recognized.header :])
    columns: Columns = profiles(first, recognized.names)
    if recognized.nearest is not None and request.as_kind is None and are_ledger_lines(columns, first):
        recognized = replace(recognized, kind=KINDS["daily"], nearest=None)
    above = [cell for row in region.rows[: recognized.header] for cell in row if cell]
    period = days_in_texts((*region.above, *above))
    listed = _in_own_words(recognized, columns, source, request)
    earlier = _earlier_reading(recognized, header, request)
    before = earlier.names if earlier is not None else None
    if earlier is not None and earlier.rows is not None and earlier.rows < _FEWEST:
        alone = replace(request, earlier={})
        _check_short(earlier, lambda: plan_table(source, region, recognized, records, header, alone))
    plan = listed or _first_plan(recognized, columns, first, request, period=bool(period), before=before or ())
    plan = with_dates(plan, columns, source, request, period, earlier.date_order if earlier is not None else None)
    plan = with_hours(with_clock(plan, columns, request), columns, before)
    plan = with_units(with_price_ranges(plan, columns), columns)
    plan = with_marks(plan, columns, request, earlier.decimal if earlier is not None else None)
    plan, rows = _without_totals(plan, region, records, columns, first, earlier.totals if earlier is not None else {})
    columns, first = rows.columns, rows.first
    plan = with_events(_with_unproven(plan, columns), columns, first, before)
    if first is not None:
        is_judged = request.mapping is None or not plan.has_rates
        series = daily_series(plan, columns, first)
        moments = moment_series(plan, columns, first, series)
        plan = with_ratios(with_means(plan, columns), columns, rows.figures, series, moments, is_judged=is_judged)
        plan = _with_returns(plan, first, rows.figures)
    plan = from_source(plan, request)
    currencies = currencies_of_amounts(plan, columns)
    plan = with_currency(plan, columns, currencies)
    has_days = not any(column.from_file for column in plan.columns)
    plan = with_day(plan, columns, source, request.day, period)
    plan = _with_unread(told_apart(_with_chosen_day(plan, columns), rows.records, before), recognized, columns)
    return PlannedTable(
        plan=plan,
        records=rows.records,
        source=next((column.constant for column in plan.columns if column.target == SOURCE), None),
        has_days=has_days,
        columns=columns,
        currencies=currencies,
        totals=rows.totals,
    )


def _earlier_reading(recognized: RecognizedExport, header: str, request: Request) -> EarlierReading | None:
    """How an earlier file with the same columns was read; what tells lines of orders apart says nothing of days."""
    earlier = request.earlier.get(columns_key(header))
    is_alike = earlier is not None and (earlier.kind == "orders") == (recognized.kind.name == "orders")
    return earlier if is_alike else None


def _without_totals(
    plan: Plan,
    region: TableRegion,
    records: RegionRecords,
    columns: Columns,
    first: TextBatch | None,
    known: Mapping[str, Sequence[str]],
) -> tuple[Plan, _TableRows]:
    """The rows without totals and descriptions, and the plan with a note on these; `known`: words of totals of earlier files."""
    if first is None:
        return plan, _TableRows(records=records, first=None, columns=columns, figures={}, totals={})
    figures = _figures(plan, first) if region.is_whole or plan.rates or plan.kind.name in _COMPUTED else {}
    gone = _totals(plan, columns, region, first, figures) if region.is_whole else set()
    gone |= _described(plan, columns, first) | known_totals(first, known)
    if not gone:
        return plan, _TableRows(records=records, first=first, columns=columns, figures=figures, totals={})
    kept, names = records.without(gone), tuple(columns)
    left = first_texts(kept, names)
    return noted(plan, f"left out {_counted(len(gone), 'row')} of totals or descriptions"), _TableRows(
        records=kept,
        first=left,
        columns={**columns, **_words_left(columns, left, names)},
        figures=_figures(plan, left) if left is not None else {},
        totals=words_of_totals(first, columns, gone),
    )


_FEWEST = 5
"""Rows below which a file does not show what its rows are."""


def _check_short(earlier: EarlierReading, alone: Callable[[], PlannedTable]) -> None:
    """Raises UsageError when rows, read `alone`, are events, which the few of an earlier load of their columns did not show."""
    try:
        own = alone().plan
    except UsageError:
        return  # only what that load showed has it read
    if not set(earlier.names).issuperset(row_names(own)):
        raise UsageError(
            f"an earlier load of the same columns had {_counted(earlier.rows or 0, 'row')}, too few to show what a row is, and "
            "was read otherwise. Take that load back (whydrop loads), then load both together."
        )


def row_names(plan: Plan) -> tuple[str, ...]:
    """What later files with the same columns have to know of how rows were read, dimensions left out."""
    return (*event_names(plan), *order_amount(plan))


def _with_unproven(plan: Plan, columns: Columns) -> Plan:
    """The plan with a note on rows for all of something that are not the sum of its parts, and so may be totals or none."""
    if plan.kind.name != "daily" or plan.preset is not None:
        return plan
    for name, column in columns.items():
        cells = column.cells[:_MOST_PARTS].to_pylist() if column.role is Role.TEXT and not column.is_remark else []
        if (word := word_for_all(cells)) is not None:
            plan = noted(
                plan,
                f"rows of {word!r} in {name!r} are counted like all others, since they are not the sum of the others",
            )
    return plan


_MOST_PARTS = 200
"""Different cells among which one for all is looked for."""


def _words_left(columns: Columns, texts: TextBatch | None, names: Sequence[str]) -> Columns:
    """The columns of words as they are without rows of totals: a column with one word then tells no rows apart."""
    left = profiles(texts, names)
    return {
        name: column for name, column in left.items() if column.role is Role.TEXT and columns[name].role is Role.TEXT
    }


def _with_chosen_day(plan: Plan, columns: Columns) -> Plan:
    """The plan with a note on which of several columns of days its rows take, where no preset knows it."""
    day = plan.day
    if plan.kind.name != "daily" or plan.preset is not None or day is None:
        return plan
    others = [
        name
        for name, column in columns.items()
        if column.role is Role.DATE and name not in plan.sources and len(column.cells) > 1
    ]
    return noted(plan, f"its days are those of {day.source!r}, not of {few(others)}") if others else plan


def _with_unread(plan: Plan, recognized: RecognizedExport, columns: Columns) -> Plan:
    """The plan with a note on the columns that are not loaded."""
    english = translated(recognized.names).names
    computed = {ratio.name for ratio in plan.ratios}
    understood = {*plan.sources, *(name for name in columns if snake(english.get(name, name)) in computed)}
    unread = [name for name, column in columns.items() if column.role is not Role.BLANK and name not in understood]
    mapping = recognized.mapping
    if mapping is None:
        if not unread:
            return plan
        hint = f"; keep one with, say, --dimension {shlex.quote(unread[0])}" if plan.kind.is_fact else ""
        return noted(plan, f"not loaded: {few(unread)}{hint}")
    if mapping.others != "ignore" or plan.kind.name not in {"daily", "videos"}:
        return plan
    lost = [name for name in unread if columns[name].is_figure and folded(name) not in mapping.ignore]
    lost = [name for name in lost if not is_id_name(name) and adds_up(name, english.get(name, name), ())]
    hint = f"not loaded: {few(lost)}; the preset has no measures for them (a mapping of your own may: --map)"
    return noted(plan, hint) if lost else plan


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _in_own_words(
    recognized: RecognizedExport, columns: Columns, source: ExportSource, request: Request
) -> Plan | None:
    """The plan of a list of reviews, accounts, shops or changes whose columns have other names than the contract's; None of any
    other table, and where the user says that it is of another kind.
    """
    kind = recognized.kind
    is_open = request.as_kind is None and (kind.name == "daily" or recognized.nearest is not None)
    lacks = not {snake(name) for name in english_names(recognized.names)}.issuperset(kind.required)
    if recognized.mapping is not None or request.dimensions or not (is_open or lacks):
        return None
    plan = entity_list(columns) or change_list(columns, source.name)
    return plan if plan is None or is_open or plan.kind is kind else None


def _first_plan(
    recognized: RecognizedExport,
    columns: Columns,
    first: TextBatch | None,
    request: Request,
    *,
    period: bool,
    before: Sequence[str],
) -> Plan:
    if recognized.mapping is not None:
        plan = _mapped_plan(recognized, columns, request)
    elif recognized.kind.name == "daily":
        if request.as_kind is None and has_unpaid_orders(columns, first):
            return orders_plan(columns, first, request.dimensions, requested=False, nearest=None)
        plan = daily_plan(recognized.names, columns, request.dimensions, period=period)
        unpaid = counted_unpaid(columns)
        plan = plan if unpaid is None else noted(plan, unpaid)
    elif recognized.nearest is not None or (_only_looks(recognized) and guess_orders(columns, first) is not None):
        plan = orders_plan(
            columns,
            first,
            request.dimensions,
            requested=request.as_kind is not None,
            nearest=recognized.nearest,
            before=before,
        )
    else:
        plan = canonical(recognized.kind, recognized.names, request.dimensions)
        used = set(plan.sources)
        is_traffic = recognized.kind.name == "traffic"
        spare = [name for name, column in columns.items() if column.role is Role.TEXT and name not in used]
        plan = replace(plan, spare=tuple(spare) if is_traffic else ())
    requested = request.decimal or plan.decimal
    return replace(plan, decimal=requested, date_order=request.date_order or plan.date_order)


def _only_looks(recognized: RecognizedExport) -> bool:
    """Whether a table that the user calls orders lacks columns of that name."""
    names = {snake(name) for name in english_names(recognized.names)}
    return recognized.kind.name == "orders" and not names.issuperset(recognized.kind.required)


def _mapped_plan(recognized: RecognizedExport, columns: Columns, request: Request) -> Plan:
    mapping = recognized.mapping
    assert mapping is not None  # noqa: S101 - the caller looked
    columns_by_name = english_names(recognized.names)
    understood = {columns_by_name[name] for name in mapping.ignore if name in columns_by_name}
    understood |= set(mapping.plan(recognized.names, {}, request.dimensions, request.date_order).sources)
    others = [name for name in recognized.names if name not in understood]
    numeric = {name: columns[name].is_figure for name in others} if mapping.others != "ignore" else {}
    plan = mapping.plan(recognized.names, numeric, request.dimensions, request.date_order)
    spoken = translated(recognized.names).spoken
    rates = [
        column.target
        for column in plan.columns
        if column.target in plan.measures
        and column.source is not None
        and column.source in others
        and (
            columns[column.source].role is Role.PERCENT
            or not adds_up(column.source, column.source, spoken, recognized.names)
        )
    ]
    by_slice = plan.kind.is_fact and not plan.kind.key and not plan.key and not plan.numbered
    spare = [name for name in others if columns[name].role is Role.TEXT] if by_slice else []
    return replace(
        plan,
        rates=tuple(dict.fromkeys((*(name for name in plan.rates if name in plan.measures), *rates))),
        spare=tuple(spare),
    )


def _figures(plan: Plan, texts: TextBatch) -> dict[str, Floats]:
    """The figures of each column that is read, by its target; shape (rows,), nan where there is none."""
    result: dict[str, Floats] = {}
    for column in plan.columns:
        if column.source is not None and column.cell in FIGURES and column.cell is not CellType.DURATION:
            mark = column.decimal or plan.decimal
            result[column.target] = numbers.values_of(column_text(texts, column), "." if mark == "auto" else mark)
    return result


def _totals(plan: Plan, columns: Columns, region: TableRegion, texts: TextBatch, figures: Figures) -> set[int]:
    """The records whose figures others have as well."""
    day = next((column for column in plan.columns if column.target == plan.kind.day), None)
    by_source = {
        column.source: figures[column.target] for column in plan.columns if column.source and column.target in figures
    }
    dated, reading = (day.source, day.dates) if day is not None else (None, None)
    result = total_records(region, texts, dated, by_source, reading)
    if plan.kind.name != "daily" or plan.key or not by_source:
        return result
    keep = np.flatnonzero(~np.isin(texts.records, list(result)))
    words = {name: texts.columns[name] for name, column in columns.items() if column.role is Role.TEXT or name == dated}
    if len(keep) < len(texts.records):
        words = {name: cells.take(pa.array(keep)) for name, cells in words.items()}
    kept_figures = {name: values[keep] for name, values in by_source.items()}
    if len(rows := coarser_rows(words, kept_figures)):
        return result | {int(record) for record in texts.records[keep[rows]]}
    rows = repeated_figures(words, kept_figures)
    return result | {int(record) for record in texts.records[keep[rows]]}


def _described(plan: Plan, columns: Columns, texts: TextBatch) -> set[int]:
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
        if (cell := texts.columns[column.source][0].as_py())
        and not numbers.is_number(cell)
        and columns[column.source].unit is None
    ]
    return {0} if words else set()


def _with_returns(plan: Plan, texts: TextBatch, values: Figures) -> Plan:
    """The plan of orders some of whose lines are returns: they count as refunds."""
    if plan.kind.name != "orders":
        return plan
    factors = [column.by for column in plan.columns if column.target == "gmv" and column.by is not None]
    signed = [values[name] for name in ("units", "gmv") if name in values]
    signed += [numbers.values_of(texts.columns[name]) for name in factors]
    count = int(np.logical_or.reduce([column < 0 for column in signed]).sum()) if signed else 0
    if not count:
        return plan
    columns_by_name = {column.target for column in plan.columns}
    more = [
        ColumnPlan(name, plan.kind.columns[name])
        for name in ("units", "refund_amount", "refunded_at")
        if name not in columns_by_name
    ]
    return noted(
        replace(plan, columns=(*plan.columns, *more), returns=True),
        f"{_counted(count, 'line')} with negative units or amounts count as returns: refunded, and in no sales",
    )
