"""What is said of an order by columns whose whole names no list has: by parts of them, such as a word for delivery."""

from collections.abc import Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.headers.measure_names import is_amount_name
from core.ingest.headers.name_parts import NameParts
from core.ingest.values.placeholders import ABSENT

_MOMENTS: Mapping[str, tuple[str, str | None]] = {
    "refunding": ("refunded_at", None),
    "cancelling": ("cancelled_at", None),
    "delivering": ("delivered_at", "promised_by"),
    "shipping": ("shipped_at", "ship_by"),
    "paying": ("paid_at", None),
}
"""List of words -> the moment that they name, and that by which it was expected. Of two in one name the first is meant: what is
said of a shipment that arrives is when. A `Delivery date` of every order, sent or not, is a plan; a payment that failed, a
delivery that was tried and a refund that was asked for did not happen then."""


def order_parts(columns: Columns, taken: Collection[str | None]) -> dict[str, str]:
    """Column of the contract -> the column that is called after it; only what one column alone is called after.

    `taken` are columns that are known already.
    """
    found: dict[str, list[str]] = {}
    for name, column in columns.items():
        target = _target(NameParts.of(name), column) if name not in taken else None
        if target is not None:
            found.setdefault(target, []).append(name)
    return {target: names[0] for target, names in found.items() if len(names) == 1}


def planned_days(
    columns: Columns, found: Mapping[str, str | None], state: str | None, unpaid: Collection[str]
) -> dict[str, str | None]:
    """What changes of the columns that were `found` for moments: one that has a day for each order, also for those that their
    state says nobody paid, is when it was expected. Not where its name says that it has happened: some orders are cancelled on
    delivery (`Shipped date`).
    """
    if state is None or not unpaid:
        return {}
    states = pc.utf8_lower(columns[state].column.fill_null(""))
    without = pc.is_in(states, pa.array(sorted(unpaid), pa.string()))
    changed: dict[str, str | None] = {}
    for moment, deadline in _MOMENTS.values():
        source = found.get(moment)
        if deadline is None or source is None or found.get(deadline) is not None:
            continue
        if NameParts.of(source).has("happened"):
            continue
        if pc.any(without).as_py() and days_given(columns[source]) == columns[source].rows:
            changed |= {moment: None, deadline: source}
    return changed


def days_given(column: ColumnProfile) -> int:
    """How many rows have a day in such a column, and no word for none: it has not come for all of them."""
    cells = pc.utf8_lower(pc.utf8_trim_whitespace(column.column.fill_null("")))
    return column.rows - (pc.sum(pc.is_in(cells, pa.array(sorted(ABSENT), pa.string()))).as_py() or 0)


def _moment(name: NameParts, column: ColumnProfile) -> str | None:
    moment, deadline = next((own for words, own in _MOMENTS.items() if name.has(words)), (None, None))
    if name.has("expected"):
        return deadline
    return moment if moment == "paid_at" or days_given(column) < column.rows else None


def _target(name: NameParts, column: ColumnProfile) -> str | None:
    if column.role is Role.DATE:
        return None if name.has("not_done") else _moment(name, column)
    if not name.has("refunding"):
        return None
    if column.role is Role.NUMBER and (column.has_fractions or is_amount_name(column.name)):
        return "refund_amount"
    return "refund_reason" if column.role is Role.TEXT and name.has("reason") else None
