"""How one table is read, decided on all its cells: dates, decimal marks, totals, what tells its rows apart."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.base.count_text import count
from core.base.errors import UsageError
from core.base.frozen import frozen
from core.catalogue.kinds import KINDS, SOURCE
from core.ingest.columns.column_decisions import with_dates, with_day, with_marks, with_price_ranges, with_units
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role, first_texts, profiles
from core.ingest.columns.currencies import currencies_of_amounts, with_currency
from core.ingest.columns.hours_and_offsets import with_clock, with_hours
from core.ingest.columns.measure_ratios import with_ratios
from core.ingest.formats.sources import ExportSource
from core.ingest.headers.column_names import translated
from core.ingest.headers.folding import folded
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.measure_names import adds_up
from core.ingest.headers.word_lists import called
from core.ingest.layout import RegionRecords, TableRegion
from core.ingest.mapping.column_plan import LISTS, Plan, few, noted, order_amount, order_line, snake, with_rates
from core.ingest.mapping.order_returns import with_listed_refunds, with_returns, with_signs
from core.ingest.own_words.ledger_lines import are_ledger_lines
from core.ingest.own_words.signed_amounts import with_directions
from core.ingest.plans.event_rows import event_names, with_events, with_means
from core.ingest.plans.first_plan import first_plan
from core.ingest.plans.row_identity import from_source, told_apart, with_partitions
from core.ingest.plans.subtotals import word_for_all
from core.ingest.plans.table_rows import without_totals
from core.ingest.recognition import RecognizedExport, refuse_other_widths
from core.ingest.request import EarlierReading, Request, columns_key
from core.ingest.values.dates import days_in_texts


@frozen(kw_only=True)
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
    earlier = _earlier_reading(recognized, header, request)
    before = earlier.names if earlier is not None else None
    if earlier is not None and earlier.rows is not None and earlier.rows < _FEWEST:
        alone = replace(request, earlier={})
        _check_short(earlier, lambda: plan_table(source, region, recognized, records, header, alone))
    plan = first_plan(recognized, columns, first, source, request, period=bool(period), earlier=earlier)
    plan = with_listed_refunds(with_directions(plan, columns), columns)
    plan = with_rates(plan, request.rates) if request.rates else plan
    plan = with_dates(plan, columns, source, request, period, earlier.date_order if earlier is not None else None)
    plan = with_hours(with_clock(plan, columns, request), columns, before)
    plan = with_units(with_price_ranges(plan, columns), columns)
    plan = with_marks(plan, columns, request, earlier.decimal if earlier is not None else None)
    plan, rows = without_totals(plan, region, records, columns, first, earlier.totals if earlier is not None else {})
    columns, first = rows.columns, rows.first
    plan = with_events(_with_unproven(plan, columns), columns, first, rows.figures, before)
    if first is not None:
        is_judged = request.mapping is None or not plan.has_rates
        known = earlier.rates if earlier is not None else ()
        plan = with_ratios(with_means(plan, columns), columns, first, rows.figures, known, is_judged=is_judged)
        plan = with_returns(with_signs(plan, rows.figures), first, rows.figures)
    plan = with_partitions(from_source(plan, request), source.name)
    currencies = currencies_of_amounts(plan, columns)
    plan = with_currency(plan, columns, currencies)
    has_days = not any(column.from_file for column in plan.columns)
    plan = with_day(plan, columns, source, request.day, period)
    plan = _with_unread(told_apart(_with_chosen_day(plan, columns), rows.records, before), recognized, columns, request)
    return PlannedTable(
        plan=plan,
        records=rows.records,
        source=named.constant if (named := plan.column(SOURCE)) is not None else None,
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
            f"an earlier load of the same columns had {count(earlier.rows or 0, 'row')}, too few to show what a row is, and "
            "was read differently. Undo that load (whydrop loads), then load both together."
        )


def row_names(plan: Plan) -> tuple[str, ...]:
    """What later files with the same columns have to know of how rows were read, dimensions left out."""
    return (*event_names(plan), *order_amount(plan), *order_line(plan))


def _with_unproven(plan: Plan, columns: Columns) -> Plan:
    """The plan with a note on rows for all of something that are not the sum of its parts, and so may be totals or none."""
    if plan.kind.name not in {"daily", "traffic"} or plan.preset is not None:
        return plan
    dated = plan.day.source if plan.day is not None else None
    for name, column in columns.items():
        is_word = column.role is Role.TEXT and name != dated and not column.is_remark
        cells = column.cells[:_MOST_PARTS].to_pylist() if is_word else []
        if (word := word_for_all(cells)) is not None:
            plan = noted(
                plan,
                f"rows of {word!r} in {name!r} are counted like all others, since they are not the sum of the others",
            )
    return plan


_MOST_PARTS = 200
"""Different cells among which one for all is looked for."""


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


def _with_unread(plan: Plan, recognized: RecognizedExport, columns: Columns, request: Request) -> Plan:
    """The plan with a note on the columns that are not loaded."""
    english = translated(recognized.names).names
    read_too = KINDS[request.also_read_as].columns if request.also_read_as else {}
    taken = {
        *(ratio.name for ratio in plan.ratios),
        *read_too,
        *(word for target in read_too for word in map(snake, called(target))),
    }
    understood = {*plan.sources, *(name for name in columns if snake(english.get(name, name)) in taken)}
    unread = [name for name, column in columns.items() if column.role is not Role.BLANK and name not in understood]
    mapping = recognized.mapping
    if plan.kind.name == "orders":
        plan = replace(plan, unkept=tuple(name for name in unread if _slices(columns[name])))
    if mapping is None:
        if not unread:
            return plan
        words = sorted(filter(lambda name: _has_words(columns[name]), unread), key=lambda name: _differs(columns[name]))
        kept = next(iter((*plan.unkept, *words)), None)
        option = f"--dimension {shlex.quote(kept or '')}"
        hint = f"; keep one with, say, {option}" if plan.kind.is_fact and kept else ""
        if plan.kind.name in LISTS and kept:
            hint = f"; files with its ids that are loaded together with it can be sliced by one with, say, {option}"
        if plan.kind.is_fact:  # what may count comes first
            unread.sort(key=lambda name: not columns[name].is_figure or is_id_name(name))
        return noted(plan, f"not loaded: {few(unread)}{hint}")
    if mapping.others != "ignore" or plan.kind.name not in {"daily", "videos"}:
        return plan
    lost = [name for name in unread if columns[name].is_figure and folded(name) not in mapping.ignore]
    lost = [name for name in lost if not is_id_name(name) and adds_up(name, english.get(name, name), ())]
    hint = f"not loaded: {few(lost)}; the preset has no measures for them (a mapping of your own may: --map)"
    return noted(plan, hint) if lost else plan


_MOST_SLICES = 50
_ROWS_OF_A_SLICE = 20
"""Rows that a word has on average for a segment of it to be judged."""


def _has_words(column: ColumnProfile) -> bool:
    """Whether a column has words to slice by: no days, ids or remarks."""
    return column.role is Role.TEXT and not column.is_remark and not is_id_name(column.name)


def _differs(column: ColumnProfile) -> bool:
    return len(column.cells) == column.filled


def _slices(column: ColumnProfile) -> bool:
    """Whether its words tell kinds of orders apart. States do not: an order's own changes while the days go by."""
    is_few = 2 <= len(column.cells) <= min(_MOST_SLICES, column.filled / _ROWS_OF_A_SLICE)
    return (
        column.role is Role.TEXT and is_few and not any(word in folded(column.name) for word in called("order_state"))
    )
