"""Indexes of buyers: how many, how many are new, how many come back, and which share of all a segment reaches."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.indexes.counted_figure import CountedFigure, counted, share
from core.indexes.index_cells import CellGrid, distinct_pairs

REPEAT_DAYS = 30
"""Days after the first purchase of the window in which another one counts."""


@dataclass(frozen=True, kw_only=True)
class PurchaseDays:
    """Paid order lines of known buyers in the order of (buyer, day); arrays of shape (lines,)."""

    buyers: Ints
    days: Ints

    @classmethod
    def of(cls, buyers: Ints, days: Ints, paid: Flags) -> "PurchaseDays":
        """Those of all order lines that are paid and name a buyer."""
        rows = np.flatnonzero(paid & (buyers > 0))
        order = rows[np.lexsort((days[rows], buyers[rows]))]
        return cls(buyers=buyers[order], days=days[order])

    def first_days(self) -> Ints:
        """Day of the first purchase of every buyer, by code; 0 for a code that never bought."""
        first = np.zeros(int(self.buyers.max(initial=0)) + 1, np.int64)
        start = np.flatnonzero(np.diff(self.buyers, prepend=-1))
        first[self.buyers[start]] = self.days[start]
        return first

    def bought_again(self, buyers: Ints, days: Ints) -> Flags:
        """Whether each of these buyers bought on a later day, at most REPEAT_DAYS after this one; shape (buyers,)."""
        base, width = (int(self.days.min()), int(np.ptp(self.days)) + REPEAT_DAYS + 2) if len(self.days) else (0, 1)
        keys = self.buyers * width + self.days - base
        position = np.searchsorted(keys, buyers * width + days - base, side="right")
        following = np.append(keys, np.iinfo(np.int64).max)[position]
        return np.asarray(following <= buyers * width + days - base + REPEAT_DAYS)


def buyer_count(grid: CellGrid, cells: Ints, buyers: Ints) -> CountedFigure:
    """Different buyers; `cells` are those of paid order lines."""
    return counted(grid.distinct(cells, buyers))


def new_buyer_share(grid: CellGrid, cells: Ints, buyers: Ints, first_days: Ints) -> CountedFigure:
    """Of the buyers of each cell, who bought for the first time of all in its window."""
    pairs, width = distinct_pairs(cells, buyers), int(buyers.max(initial=0)) + 1
    cell, buyer = pairs // width, pairs % width
    starts = np.array([window.first for window in grid.windows])[cell // grid.shape[1]]
    return share(grid.sums(cell[first_days[buyer] >= starts]), grid.sums(cell))


def repeat_purchase_rate(
    grid: CellGrid, cells: Ints, buyers: Ints, days: Ints, purchases: PurchaseDays
) -> CountedFigure:
    """Of the buyers of each cell, who bought again, anywhere, within REPEAT_DAYS of the first purchase in the cell."""
    usable = np.flatnonzero((cells >= 0) & (buyers > 0))
    order = usable[np.lexsort((days[usable], buyers[usable], cells[usable]))]
    pair = cells[order] * (int(buyers.max(initial=0)) + 1) + buyers[order]
    first = order[np.flatnonzero(np.diff(pair, prepend=-1))]
    again = purchases.bought_again(buyers[first], days[first])
    return share(grid.sums(cells[first][again]), grid.sums(cells[first]))


def buyer_penetration(grid: CellGrid, cells: Ints, buyers: Ints, everywhere: Floats) -> CountedFigure:
    """Share of all buyers of the same days; `everywhere` are those, shape (windows, 1)."""
    reached = grid.distinct(cells, buyers)
    return share(reached, np.broadcast_to(everywhere, reached.shape))
