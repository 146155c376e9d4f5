"""When a violation was overturned, by the columns of its list that tell what became of an appeal."""

from collections.abc import Mapping

from core.catalogue.kinds import CellType
from core.ingest.columns.column_profile import Columns, Role
from core.ingest.headers.appeal_columns import state_names
from core.ingest.headers.column_names import first_called
from core.ingest.headers.word_lists import called, is_overturned, says_overturned
from core.ingest.mapping.column_plan import ColumnPlan


def overturned_at(columns: Columns, english: Mapping[str, str], occurred_at: str) -> ColumnPlan | None:
    """The column of the moment from which a violation no longer counts; None where no column tells.

    A state says no moment: then it is the one of the decision, else of the violation, which never counted rightly.
    """
    named = {name: column for name, column in english.items() if column != occurred_at}
    dated = first_called(named, filter(says_overturned, named), lambda name: columns[name].role is Role.DATE)
    if dated is not None:
        return ColumnPlan("overturned_at", CellType.MOMENT, dated)
    states = [named[name] for name in state_names(named)]
    state = next((name for name in states if _overturned_cells(columns, name)), None)
    if state is None:
        return None
    decisions = [name for word in called("decided_at") for name in named if name.endswith(word)]
    decided = first_called(named, decisions, lambda name: columns[name].role is Role.DATE)
    return ColumnPlan(
        "overturned_at",
        CellType.MOMENT,
        decided or occurred_at,
        otherwise=occurred_at if decided is not None else None,
        where=state,
        where_cells=_overturned_cells(columns, state),
        is_judged=True,
    )


def _overturned_cells(columns: Columns, state: str) -> frozenset[str]:
    """The cells of a column that say so, in lower case."""
    return frozenset(cell.casefold() for cell in columns[state].different() if is_overturned(cell, state))
