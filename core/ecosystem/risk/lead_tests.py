"""Tests of many members for one kind of pattern."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints

_LEAST = 5
"""Cases that a lead rests on at least."""
_LEAST_TIMES = 3.0
"""How many times the usual they are at least: what is barely unusual helps nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """One element a member that was tested; shape (tests,)."""

    kind: str
    member: Ints
    p_value: Floats
    cell: Ints
    """The cell of its largest surprise, to ask reasons for."""
    reasons: Callable[[int], tuple[str, ...]]
    rows: Callable[[int], Flags] | None = None
    """The rows (order lines, or reviews) that make up a cell; None = those of buyers who come back."""

    @classmethod
    def nothing(cls, kind: str) -> "Leads":
        """Nobody could be tested."""
        empty = np.zeros(0, np.int64)
        return cls(kind=kind, member=empty, p_value=np.zeros(0), cell=empty, reasons=lambda cell: ())


def by_member(
    kind: str,
    member: Ints,
    p_value: Floats,
    count: Ints,
    expected: Floats,
    reasons: Callable[[int], tuple[str, ...]],
    tested: int = 0,
    rows: Callable[[int], Flags] | None = None,
) -> Leads:
    """One test for each member: its least chance, times the number of its cells (Bonferroni).

    Counts below five, or below three times what is usual, are no lead. `tested`: of how many members these are, where only those
    with any count are given.
    """
    enough = (count >= _LEAST) & (count >= _LEAST_TIMES * expected)
    chance = np.where(enough, p_value, 1.0)
    order = np.lexsort((np.arange(len(member)), chance, member))
    who, first, cells = np.unique(member[order], return_index=True, return_counts=True)
    cell = order[first]
    times = 1 if tested else cells
    best = np.minimum(chance[cell] * times, 1.0)
    untested = max(tested - len(who), 0)
    return Leads(
        kind=kind,
        member=np.concatenate([who, np.zeros(untested, np.int64)]),
        p_value=np.concatenate([best, np.ones(untested)]),
        cell=np.concatenate([cell, np.zeros(untested, np.int64)]),
        reasons=reasons,
        rows=rows,
    )


def ago(week: int) -> str:
    """Which week is meant."""
    return "the newest" if week == 0 else f"{week} week{'s' if week > 1 else ''} before the newest"
