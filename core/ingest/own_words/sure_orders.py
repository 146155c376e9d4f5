"""Whether lines that look like orders are those of customers beyond doubt: a shop buys, returns and pays out by order, too."""

from core.ingest.columns.column_profile import ColumnProfile, Columns
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.headers.name_parts import NameParts
from core.ingest.mapping.column_plan import Plan

_TELLING = ("order_id", "ordered_at", "gmv")
"""What names the document that a row is of: its id, its day and its amount."""
_LATER = ("shipping", "delivering", "cancelling", "refunding")
"""Words of what happens after an order: rows that have no other day are shipments or cancellations."""


def are_sure(plan: Plan, columns: Columns) -> bool:
    """Whether rows with the id of an order are its lines: they say what was bought and how much of it, or which of them were
    paid, and nothing says that they are of a supplier or of another document. Entries of a ledger name orders and products,
    and no units.
    """
    sources = {column.target: column.source for column in plan.columns}
    if not names_order(str(sources["order_id"])) or _are_of_others(plan, columns):
        return False
    paid = plan.column("paid_at")
    is_told = paid is not None and (bool(paid.unless_cells) or paid.source != sources["ordered_at"])
    return is_told or {"units", "product_id"} <= sources.keys()


def _are_of_others(plan: Plan, columns: Columns) -> bool:
    """Whether a column is called after suppliers, or after who may be one where no buyer is named, or rows have the day of what
    came later, or the id, the day or the amount of another document: a return, a quote, a payout.
    """
    is_unsold = plan.column("buyer_id") is None
    others = (NameParts.of(name) for name, column in columns.items() if not column.is_figure or is_id_name(name))
    if any(name.has("suppliers") or (is_unsold and name.has("vendors")) for name in others):
        return True
    telling = {column.target: str(column.source) for column in plan.columns if column.target in _TELLING}
    if any(map(NameParts.of(telling["ordered_at"]).has, _LATER)):
        return True
    papers = (name for name, column in columns.items() if NameParts.of(name).has("other_documents"))
    return any(name in telling.values() or _names_each(columns[name]) for name in papers)


def _names_each(column: ColumnProfile) -> bool:
    return is_id_name(column.name) and len(column.cells) == column.rows
