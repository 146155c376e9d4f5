"""A plan proposed for lines that look like orders, and what is said of it: which columns it reads, and which it could have."""

from collections.abc import Sequence

import numpy as np

from core.base.errors import UsageError
from core.catalogue.kinds import CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.formats.batch import TextBatch
from core.ingest.headers.column_names import in_english
from core.ingest.headers.folding import folded
from core.ingest.headers.id_names import is_id_name, names_refund
from core.ingest.headers.measure_names import is_amount_name, is_deduction_name, is_rate_name
from core.ingest.headers.name_parts import NameParts
from core.ingest.headers.word_lists import called
from core.ingest.mapping.column_plan import MANY, ColumnPlan, Plan, asked_columns, few, noted, order_amount, snake
from core.ingest.own_words.compared_amounts import figures_seen
from core.ingest.own_words.order_guess import guess_orders
from core.ingest.own_words.order_states import counted_as_paid, few_states
from core.ingest.own_words.sure_orders import are_sure, of_others


def orders_plan(
    columns: Columns,
    first: TextBatch | None,
    dimensions: Sequence[str],
    *,
    requested: bool,
    nearest: str | None,
    is_mapped: bool = False,
    before: Sequence[str] | None = None,
) -> Plan:
    """The plan for lines of orders whose columns have names of their own, when the user says so, or they surely are and no
    mapping has read such columns (`is_mapped`): its amounts may be others. `before` is what an earlier load of them found.

    Raises UsageError when neither holds (it says how they would be read), or no column is what an order needs.
    """
    plan = guess_orders(columns, first, before, any_id=requested)
    names = list(columns)
    if plan is None:
        raise UsageError(
            f"not recognised, but its lines look like orders (it has {few(names, MANY)}). {nearest or ''}"
            "Name its kind with --as, or map its columns with --map FILE.toml (start from: whydrop inspect). If its lines are "
            "purchases, fees or payments, --as daily adds them up by day."
        )
    read = ", ".join(f"{column.target} = {_source(column)}" for column in plan.columns)
    if not requested and (is_mapped or not are_sure(plan, columns)):
        raise UsageError(_unsure(of_others(plan, columns), read))
    sales = next(column for column in plan.columns if column.target == "gmv")
    own = [ColumnPlan(snake(name), CellType.WORD, name) for name in asked_columns(dimensions, names)]
    plan = plan.with_slices(own)
    if before and not {*before, *order_amount(guess_orders(columns, None) or plan)}.issuperset(order_amount(plan)):
        plan = noted(
            plan,
            "lines repeat the amount of their order, which an earlier load of the same columns may have counted on each line: "
            "undo both loads (whydrop loads), and load their files together",
        )
    plan = noted(plan, f"read as orders: {read}")
    paid = plan.column("paid_at")
    unpaid = None if paid is None else counted_as_paid(columns, paid)
    plan = _with_paid_said(plan if unpaid is None else noted(plan, unpaid))
    others = _other_amounts(plan, columns)
    return noted(plan, f"amounts are read from {_source(sales)}, not from {few(others)}") if others else plan


def _with_paid_said(plan: Plan) -> Plan:
    """The plan with a note on which lines count as paid, where no column says when they were."""
    ordered, paid = plan.column("ordered_at"), plan.column("paid_at")
    if ordered is None or paid is None or paid.source != ordered.source:
        return plan
    limit = f", except those whose {paid.unless!r} is {few_states(paid.unless_cells)}" if paid.unless_cells else ""
    return noted(plan, f"no column says when a line was paid: all count as paid on {ordered.source!r}{limit}")


def _unsure(other: str | None, read: str) -> str:
    """What a user has to decide of lines that look like orders; `other` is the column that says that no customer made them."""
    mapped = "Or map the columns: whydrop inspect FILE prints a mapping to save and name with --map."
    if other is not None:
        return (
            f"not recognised: its lines look like orders, but {other!r} is of purchases, returns or other documents. Add them "
            f"up by day with --as daily. If they are orders of customers, read them so with --as orders: {read}. {mapped}"
        )
    return (
        f"not recognised, but its lines look like orders. Read them so with --as orders: {read}. If they are purchases or "
        f"payments, add them up by day with --as daily. {mapped}"
    )


def _source(column: ColumnPlan) -> str:
    """Which columns a column is read from."""
    more = f" x {column.by!r}" if column.by else " (once an order)" if column.once else ""
    more += f" / {round(1 / column.times)}" if column.times != 1.0 else ""
    limits = (("not where", column.unless, column.unless_cells), ("where", column.where, column.where_cells))
    only = "".join(f" ({how} {name!r} is {few_states(cells)})" for how, name, cells in limits if cells)
    return f"{column.source!r}{more}{only}"


def _other_amounts(plan: Plan, columns: Columns) -> list[str]:
    """The columns that are not read and could be the amounts of sales as well, by their names and by what they add up to: taxes
    and postage are a fifth of a sale, and the total of an order stands on each of its lines.
    """
    sales = plan.column("gmv")
    if sales is None or sales.source is None:
        return []
    chosen = figures_seen(columns[sales.source]) * (figures_seen(columns[sales.by]) if sales.by else 1)

    def is_alike(name: str) -> bool:
        share = np.nansum(figures_seen(columns[name])) / max(np.nansum(chosen), 1)
        return bool(_LEAST < share < _MOST) and not np.array_equal(figures_seen(columns[name]), chosen, equal_nan=True)

    unread = [name for name in columns if name not in plan.sources and _may_be_sales(columns[name])]
    return list(filter(is_alike, unread))


_LEAST, _MOST = 0.5, 5.0
"""What another amount adds up to, over the amount that is read."""


def _may_be_sales(column: ColumnProfile) -> bool:
    name = column.name
    if column.role is not Role.NUMBER or is_id_name(name) or names_refund(name):
        return False
    names = {*called("line_amount"), *called("order_amount"), *called("price")}
    bare, parts = folded(name).partition("(")[0], NameParts.of(name)
    is_amount = is_amount_name(name) or parts.has("wholes") or folded(in_english(bare)) in names
    is_price = parts.has("prices")
    return (is_price or (is_amount and not is_rate_name(name))) and not is_deduction_name(name)
