"""Sums over every element of the cuboids with the fewest cells, held as dense arrays.

Leaves are only counted into the largest of these cuboids; the smaller ones are roll-ups of those, as in a data cube whose views
are computed from their smallest parent (Harinarayan, Rajaraman & Ullman, SIGMOD 1996).
"""

from collections.abc import Iterable
from itertools import combinations
from math import comb, prod

import numpy as np

from core.base.arrays import Codes, Floats
from core.localization.single_table.leaf_table import Rows

Axes = tuple[int, ...]

_MOST_IN_A_LAYER = 5_000
"""Cuboids of as many dimensions; a table of more is looked into less deeply."""


class DenseRollup:
    """Two sums for each element of some cuboids, end to end in two arrays."""

    def __init__(self, codes: Codes, radix: list[int], most_cells: float) -> None:
        """`codes` of shape (n, dimensions), `radix` the number of values of each. Cuboids of few dimensions are taken first,
        among those the ones with the fewest cells, until they have `most_cells` in all."""
        self.codes, self.radix = codes, radix
        self.axes = _chosen(radix, most_cells)
        self.sizes = np.array([self._cells(axes) for axes in self.axes])
        ends = np.cumsum(self.sizes)
        self._at = {
            axes: slice(int(end - size), int(end)) for axes, size, end in zip(self.axes, self.sizes, ends, strict=True)
        }
        self._ends = ends
        self.sums = np.zeros((2, int(ends[-1])))
        self._parents = {axes: self._smallest_parent(axes) for axes in self.axes}

    def __contains__(self, axes: Axes) -> bool:
        return axes in self._at

    def count(self, rows: Rows | None, pulls: Floats, weights: Floats) -> None:
        """Adds leaves (None = all, in order) with their two summands."""
        for axes, number in self._numbered(rows):
            at = self._at[axes]
            for sums, summands in zip(self.sums, (pulls, weights), strict=True):
                sums[at] += np.bincount(number, summands, minlength=at.stop - at.start)
        for axes in reversed(self.axes):
            parent = self._parents[axes]
            if parent is not None:
                shape = [self.radix[axis] for axis in parent]
                (gone,) = (position for position, axis in enumerate(parent) if axis not in axes)
                above = self.sums[:, self._at[parent]].reshape(2, *shape)
                self.sums[:, self._at[axes]] = above.sum(axis=gone + 1).reshape(2, -1)

    def _numbered(self, rows: Rows | None) -> Iterable[tuple[Axes, Rows]]:
        """The cuboids that are counted leaf by leaf, and the element of each leaf. In the order of their axes, so that one
        starts from what the numbers of the one before have in common with its own."""
        steps: list[tuple[int, Rows]] = []
        for axes in sorted(axes for axes in self.axes if self._parents[axes] is None):
            while tuple(axis for axis, _ in steps) != axes[: len(steps)]:
                steps.pop()
            for axis in axes[len(steps) :]:
                code = self.codes[:, axis] if rows is None else self.codes[rows, axis]
                steps.append((axis, steps[-1][1] * self.radix[axis] + code if steps else code.astype(np.int64)))
            yield axes, steps[-1][1]

    def numbers(self, axes: Axes, rows: Rows) -> Rows:
        """The element of a cuboid that each of these leaves is in."""
        number = np.zeros(len(rows), np.int64)
        for axis in axes:
            number = number * self.radix[axis] + self.codes[rows, axis]
        return number

    def of(self, axes: Axes) -> Floats:
        """Both sums of the elements of one cuboid, shape (2, elements)."""
        return self.sums[:, self._at[axes]]

    def best(self, places: Rows, values: Floats) -> list[tuple[float, Axes, tuple[int, ...]]]:
        """(value, axes, codes) of the element of each cuboid with the highest of the `values` that stand at some `places` of
        the sums."""
        order = np.argsort(values, kind="stable")
        cuboid = np.searchsorted(self._ends, places[order], side="right")
        highest = dict(zip(cuboid.tolist(), order.tolist(), strict=True))  # later ones replace lower ones
        promises = []
        for which, highest_in in highest.items():
            axes = self.axes[which]
            number = int(places[highest_in]) - self._at[axes].start
            codes = np.unravel_index(number, [self.radix[axis] for axis in axes])
            promises.append((float(values[highest_in]), axes, tuple(int(code) for code in codes)))
        return promises

    def _cells(self, axes: Axes) -> int:
        return prod(self.radix[axis] for axis in axes)

    def _smallest_parent(self, axes: Axes) -> Axes | None:
        others = (axis for axis in range(len(self.radix)) if axis not in axes)
        parents = [tuple(sorted((*axes, other))) for other in others]
        return min((parent for parent in parents if parent in self._at), key=self._cells, default=None)


def _chosen(radix: list[int], most_cells: float) -> list[Axes]:
    """Cuboids, by number of dimensions. With a cuboid, all that it can be rolled up to are chosen too."""
    chosen: list[Axes] = []
    for layer in range(1, len(radix) + 1):
        if layer > 2 and comb(len(radix), layer) > _MOST_IN_A_LAYER:
            break
        for cells, axes in sorted(
            (prod(radix[j] for j in axes), axes) for axes in combinations(range(len(radix)), layer)
        ):
            most_cells -= cells
            if most_cells < 0 and layer > 1:
                return chosen
            chosen.append(axes)
    return chosen
