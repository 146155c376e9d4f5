"""Signs in lines of orders: those with negative units or amounts are returns, which count as refunds and in no sales; refunds and
commissions that a file has as negative amounts are amounts like those of other files. Refunds may be in a list of their own, too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Floats
from core.base.count_text import count
from core.catalogue.kinds import CellType
from core.ingest.formats.batch import Figures, TextBatch
from core.ingest.headers.column_names import english_names
from core.ingest.headers.id_names import are_of_refunds, names_order
from core.ingest.mapping.column_plan import ColumnPlan, Plan, noted
from core.ingest.values import dates
from core.ingest.values.typed_numbers import values_of

LISTED_REFUNDS = {f"{target} of the order": target for target in ("refund_amount", "refunded_at", "refund_reason")}
"""What a table of orders gets from a list of refunds: columns that no export has itself, by what they become."""


def with_listed_refunds(plan: Plan, columns: Collection[str]) -> Plan:
    """The plan of orders with what a list of refunds says of them, where they have no refunds themselves; an amount is that of an
    order, however many lines it has. That of the list itself, which was loaded without them, says what it is for.
    """
    if plan.kind.name == "daily" and any(map(names_order, columns)) and are_of_refunds(english_names(columns)):
        return noted(plan, "loaded together with the orders that it names, it says which of them were refunded")
    order = plan.column("order_id")
    names = [name for name in LISTED_REFUNDS if name in columns]
    if not names or order is None or plan.kind.name != "orders" or any(map(plan.column, LISTED_REFUNDS.values())):
        return plan
    cells = plan.kind.columns
    more = [
        ColumnPlan(target, cells[target], name, once=order.source if cells[target] is CellType.MONEY else None)
        for name, target in LISTED_REFUNDS.items()
        if name in names
    ]
    return replace(plan, columns=(*plan.columns, *more))


def with_returns(plan: Plan, texts: TextBatch, values: Figures) -> Plan:
    """The plan of orders some of whose lines are returns: they count as refunds."""
    if plan.kind.name != "orders":
        return plan
    factors = [column.by for column in plan.columns if column.target == "gmv" and column.by is not None]
    signed = [values[name] for name in ("units", "gmv") if name in values]
    signed += [values_of(texts.columns[name]) for name in factors]
    lines = int(_are_returns(signed).sum())
    if not lines:
        return plan
    columns_by_name = {column.target for column in plan.columns}
    more = [
        ColumnPlan(name, plan.kind.columns[name])
        for name in ("units", "refund_amount", "refunded_at")
        if name not in columns_by_name
    ]
    return noted(
        replace(plan, columns=(*plan.columns, *more), returns=True),
        f"{count(lines, 'line')} with negative units or amounts count as returns: refunded, and in no sales",
    )


def with_signs(plan: Plan, values: Figures) -> Plan:
    """The plan of orders in which refunds, and commissions of sales, that a file takes off as negative amounts are positive."""
    if plan.kind.name != "orders":
        return plan
    back = _are_returns([values[name] for name in ("units", "gmv") if name in values])
    taken_off = {name: values[name] for name in ("refund_amount", "commission") if name in values}
    if "commission" in taken_off:
        taken_off["commission"] = np.where(back, 0.0, taken_off["commission"])  # it is given back with a return
    turned = [name for name, amounts in taken_off.items() if (amounts < 0).any() and not (amounts > 0).any()]
    columns = [replace(column, times=-column.times) if column.target in turned else column for column in plan.columns]
    return replace(plan, columns=tuple(columns)) if turned else plan


def _are_returns(signed: Sequence[Floats]) -> Flags:
    """Which lines have a negative one of these figures; shape (rows,), or one False of none."""
    return np.logical_or.reduce([column < 0 for column in signed]) if signed else np.zeros(1, bool)


def _negative(columns: Mapping[str, pa.Array]) -> pa.Array:
    """Which order lines are returns."""
    zero = pa.scalar(0, pa.int64())  # pyarrow imports dateutil to find out a type: 3 ms of every small load
    tests = [pc.less(columns[name], zero).fill_null(False) for name in ("units", "gmv") if name in columns]
    return pc.or_(*tests) if len(tests) == 2 else tests[0]


def as_refunds(
    columns: Mapping[str, pa.Array], moments: dict[str, tuple[ColumnPlan, dates.Times]]
) -> dict[str, pa.Array]:
    """The columns in which returns have no sales but a refund at their moment; `moments` is brought up to date."""
    back, gmv = _negative(columns), columns["gmv"]
    ordered = moments["ordered_at"][1]
    refund = columns["refund_amount"]
    units = columns.get("units", pa.nulls(len(gmv), pa.int64()))
    changed = {
        "gmv": pc.if_else(back, 0, gmv),
        "refund_amount": pc.if_else(back, pc.coalesce(refund, pc.abs(gmv)), refund),
        "units": pc.if_else(back, pc.negate(pc.abs(pc.coalesce(units, 1))), units),
    }
    for name, seconds in (("refunded_at", ordered.seconds), ("paid_at", None)):
        if name in moments:
            plan, times = moments[name]
            moments[name] = plan, replace(times, seconds=pc.if_else(back, seconds, times.seconds))
    return changed


def pay_refunded(
    plan: Plan, columns: Mapping[str, pa.Array], moments: dict[str, tuple[ColumnPlan, dates.Times]]
) -> None:
    """Brings `moments` up to date: lines whose money was given back had been paid, though their state says that nobody paid them:
    a closed order.
    """
    paid = plan.column("paid_at")
    if paid is None or not paid.is_judged or "refund_amount" not in columns:
        return
    back = pc.greater(columns["refund_amount"], pa.scalar(0, pa.int64())).fill_null(False)
    own, times = moments["paid_at"]
    ordered = moments["ordered_at"][1].seconds
    moments["paid_at"] = (
        own,
        replace(times, seconds=pc.if_else(back, pc.coalesce(times.seconds, ordered), times.seconds)),
    )


def late_returns(columns: Mapping[str, pa.Array]) -> Flags | None:
    """Which lines are returns, in a file whose beginning has none; None = none."""
    back = _negative(columns).to_numpy(zero_copy_only=False) if "gmv" in columns else np.zeros(0, bool)
    return back if back.any() else None


LATE = "a return, of which the beginning of the file has none: load the returns as a file of their own"
"""Why such a line is refused."""
