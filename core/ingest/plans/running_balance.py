"""Statements of accounts: each row is an entry, and the balance after it is that of another row plus what it moves."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from core.base.arrays import Floats
from core.ingest.formats.batch import Figures
from core.ingest.mapping.column_plan import Plan

_FEWEST = 5
"""Entries below which a balance may fit by chance."""
_MISSES = 0.1
"""Share of entries without the one before: it is in another file, or of another account. The first one never has it."""
_CENTS = 100
_MOST_AMOUNTS = 4
"""Columns of amounts of a statement: what was paid in, out, as a fee, as a tax."""


def running_balance(plan: Plan, figures: Figures) -> str | None:
    """The column that goes up and down by what its rows move, in whatever order they stand: by a signed amount, or by what is
    paid in less what is paid out. None where there is none. `figures`: by target, shape (rows,), nan where a cell is blank.
    """
    moved = [np.nan_to_num(figures[name]) for name in plan.measures if name in figures]
    if not 1 <= len(moved) <= _MOST_AMOUNTS:
        return None
    for name in plan.rates:
        column = plan.column(name)
        if name in figures and column is not None and _goes_by(figures[name], moved):
            return column.source
    return None


def _goes_by(balance: Floats, moved: list[Floats]) -> bool:
    if np.isnan(balance).any():
        return False
    known = np.round(balance * _CENTS)
    for change in _changes(moved):
        moves = change != 0
        lost = ~np.isin(np.round((balance - change) * _CENTS), known)[moves]
        if moves.sum() >= max(_FEWEST, len(balance) / 2) and lost.sum() <= max(1, _MISSES * len(lost)):
            return True
    return False


def _changes(moved: list[Floats]) -> Iterator[Floats]:
    """What rows may change a balance by."""
    for amount in moved:
        yield amount
        yield -amount
    for paid_in, paid_out in permutations(moved, 2):
        yield paid_in - paid_out
