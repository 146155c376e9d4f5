"""Whether lines that look like orders are those of customers beyond doubt: a shop buys, returns and pays out by order, too."""

from core.ingest.columns.column_profile import ColumnProfile, Columns
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.headers.name_parts import NameParts
from core.ingest.headers.word_lists import says_paid
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
    if not names_order(str(sources["order_id"])) or of_others(plan, columns) is not None:
        return False
    paid = plan.column("paid_at")
    is_told = paid is not None and (bool(paid.unless_cells) or paid.source != sources["ordered_at"])
    return is_told or {"units", "product_id"} <= sources.keys() or (_is_named(plan) and _tells_payment(plan, columns))


def _is_named(plan: Plan) -> bool:
    """Whether a column says by whom or for what an order is."""
    return plan.column("buyer_id") is not None or plan.column("product_id") is not None


def _tells_payment(plan: Plan, columns: Columns) -> bool:
    """Whether some states say that the order was paid, or its money given back."""
    if any(column.where_cells for column in plan.columns):
        return True
    paid = plan.column("paid_at")
    state = columns.get(paid.unless or "") if paid is not None else None
    return state is not None and any(map(says_paid, state.different()))


def of_others(plan: Plan, columns: Columns) -> str | None:
    """The column that says that lines are none of customers' orders; None where none does. It is called after suppliers, or after
    who may be one where no buyer is named, or is the day of what came later, or the id, the day or the amount of another
    document: a return, a quote, a payout, an expense.
    """
    is_unsold = plan.column("buyer_id") is None
    named = [name for name, column in columns.items() if not column.is_figure or is_id_name(name)]
    for words in ("suppliers", *(("vendors",) if is_unsold else ())):
        suppliers = (name for name in named if NameParts.of(name).has(words))
        if found := next((name for name in suppliers if not NameParts.of(name).has("shipping")), None):  # `de envío`
            return found
    telling = {column.target: str(column.source) for column in plan.columns if column.target in _TELLING}
    if any(map(NameParts.of(telling["ordered_at"]).has, _LATER)):
        return telling["ordered_at"]
    papers = (name for name, column in columns.items() if NameParts.of(name).has("other_documents"))
    return next((name for name in papers if name in telling.values() or _names_each(columns[name])), None)


def _names_each(column: ColumnProfile) -> bool:
    return is_id_name(column.name) and len(column.cells) == column.rows
