"""The lattice of segments: all conjunctions of up to four dimensions over the combinations of values that occur.

What does not depend on a metric is worked out once for all searches over the same leaves. Dimensions with few values are added
up first: of their combinations there are far fewer than of leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from math import comb, log

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Codes, Floats
from core.base.segment import Segment
from core.catalogue.kinds import SLICE

_DEEPEST, _FEW_DIMENSIONS = 4, 5
"""Dimensions of a segment; of more dimensions with few values than the latter three at most, for there are too many fours."""
MANY = 40
"""Dimensions with more values than this are combined with one other at most."""
_SPARSE = 4


@dataclass(frozen=True)
class ValueGroup:
    """What several values of a dimension have in common, such as the agency of creators: sliced by as if it were a dimension."""

    name: str
    dimension: str
    of: Mapping[str, str]
    """value of the dimension -> group."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Cuboid:
    """All elements over one combination of dimensions."""

    axes: tuple[int, ...]
    base: NDArray[np.int64] | None
    """The cell of each leaf that the elements are added up from, shape (leaves,); None = the leaves themselves."""
    cells: NDArray[np.int64]
    """The element of each cell, shape (cells,)."""
    cell_codes: Codes
    """The codes of each cell, shape (cells, dimensions)."""
    size: int
    given: NDArray[np.bool_]
    """Elements whose values are all given, shape (size,)."""
    price: float
    """Nats that it takes to say which element of which cuboid is meant."""

    @cached_property
    def key(self) -> NDArray[np.int64]:
        """The element of each leaf, shape (leaves,)."""
        return self.cells if self.base is None else self.cells[self.base]

    @cached_property
    def codes(self) -> Codes:
        """The codes of the values of each element, shape (elements, axes); -1 where none occurs."""
        codes = np.full((self.size, len(self.axes)), -1, np.int32)
        codes[self.cells] = self.cell_codes[:, self.axes]
        return codes


@dataclass(frozen=True, eq=False)
class SegmentLattice:
    """Leaves, and the cuboids over them."""

    values: Mapping[str, tuple[str, ...]]
    dimensions: tuple[str, ...]
    codes: Codes
    """shape (leaves, dimensions)."""
    groups: Mapping[str, ValueGroup] = field(default_factory=dict)
    """Those of `dimensions` that are groups of values of another one."""

    def __len__(self) -> int:
        return len(self.codes)

    def inside(self, segment: Segment) -> NDArray[np.bool_]:
        """Which leaves a segment holds, shape (leaves,); terms of dimensions that are not sliced by hold everything."""
        rows = np.ones(len(self.codes), bool)
        for name, values in segment.terms:
            if name in self.dimensions:
                chosen = np.isin(np.array(self.values[name]), values)
                rows &= chosen[self.codes[:, self.dimensions.index(name)]]
        return rows

    def sliced_by(self, group: ValueGroup) -> "SegmentLattice":
        """The same, sliced by the groups of a dimension's values too, where it is sliced by that dimension."""
        if group.dimension not in self.dimensions or not group.of:
            return self
        if group.name not in self._sliced:
            self._sliced[group.name] = self._with_groups(group)
        return self._sliced[group.name]

    def _with_groups(self, group: ValueGroup) -> "SegmentLattice":
        names = ("", *sorted(set(group.of.values())))
        code_of = {name: code for code, name in enumerate(names)}
        by_value = np.array([code_of[group.of.get(value, "")] for value in self.values[group.dimension]], np.int32)
        column = by_value[self.codes[:, self.dimensions.index(group.dimension)]]
        return SegmentLattice(
            {**self.values, group.name: names},
            (*self.dimensions, group.name),
            np.column_stack([self.codes, column]),
            {**self.groups, group.name: group},
        )

    @cached_property
    def _sliced(self) -> "dict[str, SegmentLattice]":
        return {}

    def in_words(self, dimension: str, values: Sequence[str]) -> tuple[str, list[str]]:
        """A term of a segment; a group is named by its values."""
        group = self.groups.get(dimension)
        if group is None:
            return dimension, list(values)
        return group.dimension, [value for value in self.values[group.dimension] if group.of.get(value) in values]

    @cached_property
    def radix(self) -> tuple[int, ...]:
        """One more than the largest code of each dimension."""
        return tuple((self.codes.max(axis=0, initial=0) + 1).tolist())

    @cached_property
    def columns(self) -> tuple[NDArray[np.int64], ...]:
        """The codes of each dimension by leaf, laid out as they are counted fastest."""
        return tuple(np.ascontiguousarray(column, np.int64) for column in self.codes.T)

    @cached_property
    def shown(self) -> list[int]:
        """The dimensions of which several values occur; of those that say the same a slice column of the exports, before what
        users added, and the one with the shortest name."""
        several = [axis for axis, column in enumerate(self.columns) if np.ptp(column) > 0]
        order = sorted(several, key=lambda axis: (self.dimensions[axis] not in SLICE, len(self.dimensions[axis]), axis))
        distinct: list[int] = []
        for axis in order:
            if not any(self._same(axis, other) for other in distinct):
                distinct.append(axis)
        return sorted(distinct)

    def _same(self, axis_a: int, axis_b: int) -> bool:
        """Whether each value of a dimension occurs with just one value of another, and the other way round."""
        counts = [int(np.count_nonzero(np.bincount(self.columns[axis]))) for axis in (axis_a, axis_b)]
        return counts[0] == counts[1] and self._is_part_of(axis_a, axis_b)

    @cached_property
    def parts_of(self) -> Mapping[int, list[int]]:
        """Of each dimension that is shown those whose values are parts of its values, itself included."""
        return {axis: [finer for finer in self.shown if self._is_part_of(finer, axis)] for axis in self.shown}

    def _is_part_of(self, axis_a: int, axis_b: int) -> bool:
        """Whether each value of a dimension occurs with just one value of another: customers that each have one market."""
        first = np.zeros(self.radix[axis_a], np.int64)
        first[self.columns[axis_a]] = self.columns[axis_b]
        return bool((first[self.columns[axis_a]] == self.columns[axis_b]).all())

    @cached_property
    def cuboids(self) -> tuple[Cuboid, ...]:
        """Those that segments are looked for in: fewer dimensions first."""
        depths = range(1, min(_DEEPEST, len(self.shown)) + 1)
        chosen = [axes for depth in depths for axes in combinations(self.shown, depth) if self._is_worth(axes)]
        return tuple(self._cuboid(axes) for axes in chosen)

    @cached_property
    def widest(self) -> list[tuple[NDArray[np.int64], int]]:
        """The elements over pairs of the dimensions with most values: (that of each leaf, how many there are)."""
        axes = sorted(range(len(self.dimensions)), key=lambda axis: self.radix[axis])
        pairs: list[tuple[int, ...]] = list(combinations(axes[-3:], 2))
        return [self._numbered(self.codes, pair) for pair in pairs or [(axes[0],)]]

    @cached_property
    def cells(self) -> tuple[NDArray[np.int64], Codes]:
        """Leaves that differ only in dimensions with many values are in one cell: that of each leaf, and the codes of cells."""
        small = [axis for axis in self.shown if self.radix[axis] <= MANY + 1]
        cell, size = self._numbered(self.codes, small)
        occurs = np.bincount(cell, minlength=size) > 0
        cell, size = (np.cumsum(occurs) - 1)[cell], int(np.count_nonzero(occurs))
        codes = np.zeros((size, len(self.dimensions)), np.int32)
        codes[cell] = self.codes
        return cell, codes

    def sums(
        self, columns: Floats, cuboids: Sequence[Cuboid], rows: NDArray[np.int64] | slice = slice(None)
    ) -> list[Floats]:
        """Sums of columns, shape (columns, leaves), over all or some leaves, by the elements of each cuboid, shape (columns,
        elements)."""
        cell, codes = self.cells
        chosen = columns[:, rows]
        cells = np.stack([np.bincount(cell[rows], column, len(codes)) for column in chosen])
        totals = []
        for cuboid in cuboids:
            key, sides = (cuboid.cells[rows], chosen) if cuboid.base is None else (cuboid.cells, cells)
            totals.append(np.array([np.bincount(key, side, cuboid.size) for side in sides], np.float64))
        return totals

    def _is_worth(self, axes: Sequence[int]) -> bool:
        names = [self.dimensions[axis] for axis in axes]
        if any(self.groups[name].dimension in names for name in names if name in self.groups):
            return False
        large = sum(self.radix[axis] > MANY + 1 for axis in axes)
        few = sum(self.radix[axis] <= MANY + 1 for axis in self.shown) <= _FEW_DIMENSIONS
        return len(axes) <= (_DEEPEST if few else _DEEPEST - 1, 2, 0)[min(large, 2)]

    def _cuboid(self, axes: tuple[int, ...]) -> Cuboid:
        cell, codes = self.cells
        large = any(self.radix[axis] > MANY + 1 for axis in axes)
        base, base_codes = (None, self.codes) if large else (cell, codes)
        key, size = self._numbered(base_codes, axes)
        is_given = np.zeros(size, bool)
        is_given[key[(base_codes[:, axes] > 0).all(1)]] = True
        price = log(max(int(np.count_nonzero(is_given)), 2)) + log(comb(len(self.shown), len(axes)))
        return Cuboid(axes=axes, base=base, cells=key, cell_codes=base_codes, size=size, given=is_given, price=price)

    def _numbered(self, codes: Codes, axes: Sequence[int]) -> tuple[NDArray[np.int64], int]:
        """The element over some dimensions that each row of codes is in, and how many there are."""
        key, size = np.zeros(len(codes), np.int64), 1
        for axis in axes:
            key, size = key * self.radix[axis] + codes[:, axis], size * self.radix[axis]
            if size > _SPARSE * len(codes) + 1024:
                unique, key = np.unique(key, return_inverse=True)
                size = len(unique)
        return key, size
