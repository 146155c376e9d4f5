"""What a table is planned as before its cells are looked at: a mapping, a list in own words, days of figures, orders, a kind."""

from collections.abc import Sequence
from dataclasses import replace

from core.catalogue.kinds import CellType
from core.ingest.columns.column_profile import Columns, Role
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.sources import ExportSource
from core.ingest.headers.column_names import english_names
from core.ingest.headers.id_names import are_of_ledger, are_of_refunds, names_order
from core.ingest.headers.measure_names import adds_up, spoken_in
from core.ingest.mapping.column_plan import ColumnPlan, Plan, asked_columns, canonical, noted, snake
from core.ingest.own_words.change_list import change_list
from core.ingest.own_words.entity_lists import entity_list, with_own_words
from core.ingest.own_words.ledger_lines import are_ledger_lines
from core.ingest.own_words.order_guess import guess_orders
from core.ingest.own_words.order_states import counted_unpaid, order_state, with_cancellations
from core.ingest.own_words.read_orders import orders_plan
from core.ingest.own_words.sure_orders import of_others
from core.ingest.plans.daily_plan import daily_plan
from core.ingest.plans.earlier_loads import refuse_other_than_traffic
from core.ingest.recognition import RecognizedExport
from core.ingest.request import EarlierReading, Request


def _in_own_words(
    recognized: RecognizedExport, columns: Columns, source: ExportSource, request: Request
) -> Plan | None:
    """The plan of reviews, accounts, shops, traffic or changes whose columns have other names than the contract's; None of any
    other table, and where the user says that it is of another kind.
    """
    kind = recognized.kind
    is_open = request.as_kind is None and (kind.name == "daily" or recognized.nearest is not None)
    lacks = not {snake(name) for name in english_names(recognized.names)}.issuperset(kind.required)
    if recognized.mapping is not None or not (is_open or lacks):
        return None
    plan = entity_list(columns, are_roles=request.as_kind == "roles") or change_list(
        columns, source.name, requested=request.as_kind == "events"
    )
    if plan is None or not (is_open or plan.kind is kind):
        return None
    if plan.kind.name == "traffic":
        return _with_spare(_sliced_as_asked(plan, columns, request.dimensions), columns)
    return None if request.dimensions else plan


def _sliced_as_asked(plan: Plan, columns: Columns, dimensions: Sequence[str]) -> Plan:
    """The plan with the columns of words that the user wants to slice by and that it has not."""
    asked = (name for name in asked_columns(dimensions, list(columns)) if name not in plan.sources)
    return plan.with_slices(ColumnPlan(snake(name), CellType.WORD, name) for name in asked)


def _with_spare(plan: Plan, columns: Columns) -> Plan:
    """The plan of traffic with the columns of words that could tell rows of one day and slice apart."""
    used = set(plan.sources)
    spare = [name for name, column in columns.items() if column.role is Role.TEXT and name not in used]
    return replace(plan, spare=tuple(spare))


def first_plan(
    recognized: RecognizedExport,
    columns: Columns,
    first: TextBatch | None,
    source: ExportSource,
    request: Request,
    *,
    period: bool,
    earlier: EarlierReading | None,
) -> Plan:
    """What each column of a table becomes, before it is decided how its cells are read; with `period` the file names its days
    above the table, `earlier` is how an earlier load of the same columns was read.

    Raises UsageError when the user has to decide something, or it is not what it was taken for.
    """
    was_daily = earlier is not None and earlier.kind == "daily" and request.as_kind is None
    listed = _in_own_words(recognized, columns, source, request)
    if listed is not None and not (was_daily and listed.kind.name == "traffic"):
        return listed
    if recognized.mapping is not None:
        plan = _mapped_plan(recognized, columns, request)
        plan = with_cancellations(plan, columns) if request.mapping is None else plan
    elif recognized.kind.name == "daily":
        lines = _order_lines(columns, first) if request.as_kind is None and not was_daily else None
        if lines is not None and _are_order_lines(lines, columns):
            return orders_plan(columns, first, request.dimensions, requested=False, nearest=None)
        refuse_other_than_traffic(earlier if request.as_kind is None else None)
        counted = earlier.figures if earlier is not None else ()
        plan = daily_plan(recognized.names, columns, request.dimensions, period=period, counted=counted)
        unpaid = counted_unpaid(columns)
        plan = plan if unpaid is None else noted(plan, unpaid)
        plan = plan if lines is None else _with_orders_named(plan, lines, columns)
    elif recognized.nearest is not None or (_only_looks(recognized) and guess_orders(columns, first, any_id=True)):
        plan = orders_plan(
            columns,
            first,
            request.dimensions,
            requested=request.as_kind is not None,
            nearest=recognized.nearest,
            is_mapped=earlier is not None and earlier.preset is not None,
            before=earlier.names if earlier is not None else None,
        )
    else:
        plan = with_own_words(canonical(recognized.kind, recognized.names, request.dimensions), columns)
        plan = _with_spare(plan, columns) if recognized.kind.name == "traffic" else plan
    requested = request.decimal or plan.decimal
    return replace(plan, decimal=requested, date_order=request.date_order or plan.date_order)


def _order_lines(columns: Columns, first: TextBatch | None) -> Plan | None:
    """The plan for rows with the id of an order, a moment and an amount; None of others, and of entries of a ledger."""
    plan = guess_orders(columns, first)
    return None if plan is None or are_ledger_lines(columns, first) else plan


def _are_order_lines(plan: Plan, columns: Columns) -> bool:
    """Whether such rows are no figures to be added up by day: they say of some that nobody paid them, or how many units each has.
    Such lines often repeat the amount of their order.
    """
    sources = {column.target: column.source for column in plan.columns}
    is_order = names_order(str(sources["order_id"]))
    if any(column.unless_cells for column in plan.columns):
        return is_order or of_others(plan, columns) is None
    return is_order and "units" in sources and not _are_entries(columns)


def _are_entries(columns: Columns) -> bool:
    """Whether rows that name orders are entries of a ledger or refunds, by their names."""
    english = english_names(columns)
    return are_of_ledger(map(snake, english)) or are_of_refunds(english)


def _with_orders_named(plan: Plan, lines: Plan, columns: Columns) -> Plan:
    """The plan of days with a note on the orders that its rows name, which a sum by day does not count."""
    order = lines.column("order_id")
    if order is None or not names_order(str(order.source)) or _are_entries(columns):
        return plan
    return noted(
        plan, f"added up by day, although {order.source!r} names orders; to count orders, load it with --as orders"
    )


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
    spoken = spoken_in(recognized.names)
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
    plan = _with_payment(plan, columns, recognized)
    by_slice = plan.kind.is_fact and not plan.kind.key and not plan.key and not plan.numbered
    spare = [name for name in others if columns[name].role is Role.TEXT] if by_slice else []
    return replace(
        plan,
        rates=tuple(dict.fromkeys((*(name for name in plan.rates if name in plan.measures), *rates))),
        spare=tuple(spare),
    )


def _with_payment(plan: Plan, columns: Columns, recognized: RecognizedExport) -> Plan:
    """The plan of orders that a preset knows, which are paid on their own day where an export lacks the column for it, unless
    their state says that nobody paid them.
    """
    mapping, ordered = recognized.mapping, plan.column("ordered_at")
    has_own = mapping is not None and any(entry.plan.target == "paid_at" for entry in mapping.entries)
    if plan.kind.name != "orders" or plan.preset is None or not has_own or plan.column("paid_at") or ordered is None:
        return plan
    state, unpaid = order_state(columns, english_names(recognized.names))
    paid = replace(ordered, target="paid_at", unless=state, unless_cells=unpaid, is_judged=state is not None)
    but = f", but for those whose {state!r} is {' or '.join(sorted(unpaid))}" if unpaid else ""
    return noted(
        replace(plan, columns=(*plan.columns, paid)), f"no column says when orders were paid: on their own day{but}"
    )
