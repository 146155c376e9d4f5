"""What the state of an order says: that nobody paid it, or that its money was given back."""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from core.catalogue.kinds import CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.headers.column_names import english_names, first_called, in_english
from core.ingest.headers.folding import folded, spaced
from core.ingest.headers.id_names import names_refund
from core.ingest.headers.name_parts import NameParts
from core.ingest.headers.word_lists import called, is_unpaid, says_paid, words_of
from core.ingest.mapping.column_plan import ColumnPlan, Plan

_MOST_STATES = 40
"""Different cells of such a column; more are remarks."""


def counted_unpaid(columns: Columns) -> str | None:
    """A sentence on the rows of a table of days that nobody paid: they count like all others; None when no column says so."""
    state, unpaid = order_state(columns, english_names(columns))
    if not unpaid:
        return None
    return f"rows whose {state!r} is {few_states(unpaid)} are counted like all others; as a dimension, it can leave them out"


def few_states(cells: frozenset[str]) -> str:
    """The first of these states, for a sentence."""
    return " or ".join(sorted(cells)[:_SHOWN_STATES])


def order_state(columns: Columns, english: Mapping[str, str]) -> tuple[str | None, frozenset[str]]:
    """The column that says of orders whether somebody paid them, and its cells that say that nobody did, in lower case: none
    where rows further down may; None where no column does."""
    own = {name: {folded(name)} for name in columns}
    for form, column in english.items():
        own[column].add(form)
    texts = [name for name, column in columns.items() if _may_tell_state(column) and not names_refund(name)]
    for word in called("order_state"):
        named = [name for name in texts if any(word in form for form in own[name])]
        for name in sorted(named, key=lambda name: word not in own[name]):  # `Status` says more than `Delivery status`
            states = columns[name].different()
            is_owed = any(stem in form for stem in words_of("payments") for form in own[name])
            is_owed = is_owed or any(map(says_paid, states))  # `pending` next to `paid`, not next to `shipped`
            cells = frozenset(
                cell.casefold() for cell in states if is_unpaid(cell) or (is_owed and folded(cell) in words_of("owed"))
            )
            if cells:
                return name, cells
    if flagged := next(filter(_flags_unpaid, columns.values()), None):
        return flagged.name, frozenset(cell.casefold() for cell in flagged.different() if _is_yes(cell))
    return first_called(english, called("order_state")[:_STATES_OF_ORDERS]), frozenset()


def _may_tell_state(column: ColumnProfile) -> bool:
    return column.role is Role.TEXT and len(column.cells) <= _MOST_STATES


def not_refunded(columns: Columns) -> tuple[str | None, frozenset[str]]:
    """The column that says what became of a refund, and its cells that say that nobody got one, in lower case: it was refused, or
    is still open. None where no column does.
    """
    for name, column in columns.items():
        states = column.different() if names_refund(name) and _may_tell_state(column) else []
        none = frozenset(cell.casefold() for cell in states if is_unpaid(cell) or folded(cell) in words_of("owed"))
        if none:
            return name, none
    return None, frozenset()


def _flags_unpaid(column: ColumnProfile) -> bool:
    """Whether the name of a column ends with cancelled, void or failed, and its cells say yes: alone, or next to one for no."""
    cells = column.different() if len(column.cells) <= _TWO else []
    others = [cell for cell in cells if not _is_yes(cell)]
    says_no = all(cell == "0" or not cell.isdecimal() for cell in others)
    is_flag = len(others) < len(cells) and len(others) < _TWO and says_no
    return is_flag and any(map(is_unpaid, spaced(column.name).split()[-1:]))  # failed attempts are counted


_TWO = 2
_SHOWN_STATES = 3


def _is_yes(cell: str) -> bool:
    return folded(cell) in words_of("affirmed")


_STATES_OF_ORDERS = 5
"""Names that say surely that a column tells the state of an order, whatever its cells."""


def cancelled_by_state(columns: Columns, state: str | None, day: str) -> list[ColumnPlan]:
    """The column of cancellations of orders that have none, where their state says which were cancelled: on no day that anybody
    knows. A request for one, or `not cancelled`, is none.
    """
    for name in _state_columns(columns, state):
        is_flag = NameParts.of(name).has("cancelling")
        states = columns[name].different() if name == state or not names_refund(name) else []
        cells = frozenset(cell.casefold() for cell in states if _is_cancelled(cell) or (is_flag and _is_yes(cell)))
        if cells:
            return [ColumnPlan("cancelled_at", CellType.MOMENT, day, where=name, where_cells=cells)]
    return []


def _is_cancelled(state: str) -> bool:
    is_over = is_unpaid(state) or folded(state) in words_of("refunded_states")
    return is_over and NameParts.of(state).has("cancelling")


def with_cancellations(plan: Plan, columns: Columns) -> Plan:
    """The plan of a known system's orders in which those are cancelled whose state says so, where it has no column of that."""
    paid, ordered = plan.column("paid_at"), plan.column("ordered_at")
    if plan.kind.name != "orders" or paid is None or ordered is None or paid.unless not in columns:
        return plan
    if plan.column("cancelled_at") is not None or plan.column("cancelled_by") is not None:
        return plan
    added = cancelled_by_state(columns, paid.unless, str(ordered.source))
    own = [replace(ordered, target=item.target, where=item.where, where_cells=item.where_cells) for item in added]
    return replace(plan, columns=(*plan.columns, *(item for item in own if item.where_cells)))


def refunds_by_state(columns: Columns, state: str | None, day: str, amount: ColumnPlan) -> list[ColumnPlan]:
    """The columns of refunds of orders that have none themselves, where their state says which were refunded: as a whole, and on
    no day that anybody knows. Where that state does not say so, another may, or that of what came after the sale.
    """
    for name in _state_columns(columns, state):
        cells = frozenset(
            cell.casefold() for cell in columns[name].different() if folded(cell) in words_of("refunded_states")
        )
        if cells:
            back = replace(amount, target="refund_amount", where=name, where_cells=cells)
            return [ColumnPlan("refunded_at", CellType.MOMENT, day, where=name, where_cells=cells), back]
    return []


def _state_columns(columns: Columns, state: str | None) -> list[str]:
    """The column of the state of orders, and what else is called a state, of orders, their payment or their refund."""
    named = [name for name, column in columns.items() if _may_tell_state(column) and _names_state(name)]
    return [*(() if state is None else (state,)), *(name for name in named if name != state)]


def counted_as_paid(columns: Columns, paid: ColumnPlan) -> str | None:
    """A sentence on lines that count as paid although a second state says that nobody paid them; None where
    there are none.
    """
    own = columns[paid.source or ""].column.is_null()
    if paid.unless in columns:
        own = pc.or_(own, _has_state(columns[str(paid.unless)], paid.unless_cells))
    for name in _state_columns(columns, None):
        cells = frozenset(cell.casefold() for cell in columns[name].different() if is_unpaid(cell))
        is_told = name == paid.unless or names_refund(name) or not cells
        if not is_told and pc.any(pc.and_not(_has_state(columns[name], cells), own)).as_py():
            reason = f"{paid.unless!r} decides" if paid.unless is not None else f"they have a {paid.source!r}"
            return f"some lines whose {name!r} is {few_states(cells)} count as paid, because {reason}"
    return None


def _has_state(column: ColumnProfile, cells: frozenset[str]) -> pa.BooleanArray:
    """Whether the cell of each row is one of these, in any case; shape (rows,)."""
    return pc.is_in(pc.utf8_lower(column.column.fill_null("")), pa.array(sorted(cells), pa.string()))


def _names_state(name: str) -> bool:
    return names_refund(name) or any(
        word in form for word in called("order_state") for form in (folded(name), folded(in_english(name)))
    )
