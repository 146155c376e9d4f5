"""Cells of windows and segments in which things are counted: one pass over the rows serves all of them.

A cell is one window and one group, such as the newest week in Indonesia; windows do not overlap. Arrays of figures have the shape
(windows, groups), the window that was asked for first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment

OUTSIDE = -1
"""The cell of a row that is in none."""
_DENSE = 64
"""Possible pairs for each one that occurs up to which marking them is quicker than sorting or hashing those that occur."""


@dataclass(frozen=True, kw_only=True)
class CellGrid:
    """Windows and groups."""

    windows: tuple[Window, ...]
    """They do not overlap."""
    groups: tuple[Segment, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """(windows, groups)."""
        return len(self.windows), len(self.groups)

    def cells(self, days: Ints, groups: Ints, usable: Flags) -> Ints:
        """The cell of each row, OUTSIDE where it is in no window, in no group, or not usable; shape (rows,)."""
        order = np.argsort([window.first for window in self.windows])
        starts = np.array([self.windows[at].first for at in order])
        ends = np.array([self.windows[at].last for at in order])
        position = np.searchsorted(starts, days, side="right") - 1
        inside = (position >= 0) & (days <= ends[np.maximum(position, 0)]) & usable & (groups >= 0)
        return np.where(inside, order[np.maximum(position, 0)] * len(self.groups) + groups, OUTSIDE)

    def sums(self, cells: Ints, amounts: Floats | None = None) -> Floats:
        """Sums of amounts, or numbers of rows, by cell; shape (windows, groups)."""
        inside = cells != OUTSIDE
        weights = None if amounts is None else amounts[inside]
        return np.bincount(cells[inside], weights, self.shape[0] * self.shape[1]).astype(float).reshape(self.shape)

    def distinct(self, cells: Ints, things: Ints) -> Floats:
        """How many different things (codes from 1 on; 0 = not given) there are by cell; shape (windows, groups)."""
        pairs = distinct_pairs(cells, things)
        return self.sums(pairs // (int(things.max(initial=0)) + 1) if len(pairs) else pairs)


def distinct_pairs(cells: Ints, things: Ints) -> Ints:
    """Every pair of cell and thing once, as cell x (largest thing + 1) + thing, ascending."""
    width = int(things.max(initial=0)) + 1
    usable = (cells != OUTSIDE) & (things > 0)
    pairs = cells[usable] * width + things[usable]
    most = int(pairs.max(initial=0)) + 1
    if most > _DENSE * len(pairs):
        return np.unique(pairs)
    occupied = np.zeros(most, bool)
    occupied[pairs] = True
    return np.flatnonzero(occupied)


@dataclass(frozen=True, kw_only=True)
class GroupTable:
    """Groups by the codes of their dimensions."""

    dimensions: tuple[str, ...]
    keys: Ints
    """Mixed-radix key of each group, ascending; shape (groups,)."""
    widths: tuple[int, ...]
    segments: tuple[Segment, ...]

    def groups(self, codes: Mapping[str, Ints], rows: int) -> Ints:
        """The group of each row, -1 for a combination that is none; shape (rows,)."""
        keys = mixed_key(codes, self.dimensions, self.widths, rows)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


def mixed_key(codes: Mapping[str, Ints], dimensions: Sequence[str], widths: Sequence[int], rows: int) -> Ints:
    """One number for each combination of codes; 0 everywhere without dimensions; shape (rows,)."""
    key = np.zeros(rows, np.int64)
    for name, width in zip(dimensions, widths, strict=True):
        key = key * width + codes[name]
    return key


def group_table(
    dimensions: tuple[str, ...], words: Mapping[str, Sequence[str]], keys: Ints, where: Segment = EVERYTHING
) -> GroupTable:
    """The groups of these keys, each a segment inside `where`, in the order of their names."""
    widths = tuple(len(words[name]) for name in dimensions)
    segments = []
    for key in keys.tolist():
        values = {}
        for name, width in zip(reversed(dimensions), reversed(widths), strict=True):
            key, code = divmod(key, width)
            values[name] = words[name][code]
        segments.append(where.narrowed(Segment.of(values)))
    return GroupTable(dimensions=dimensions, keys=keys, widths=widths, segments=tuple(segments))
