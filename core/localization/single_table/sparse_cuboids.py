"""Cuboids of more cells than leaves, searched by their odd leaves alone.

An element there has few leaves, so that a cause must show in them one by one. An element whose odd leaves together could not pay
its price is not looked into further: a bound that only falls from a whole to its parts, as support does in Apriori (Agrawal &
Srikant, VLDB 1994).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.localization.single_table.dense_rollup import Axes, DenseRollup
from core.localization.single_table.leaf_table import Rows

_VISITS = 10_000_000
"""Odd leaves x cuboids that are visited at most."""
_MOST_CUBOIDS = 1_500


@dataclass(slots=True, kw_only=True)
class SparseHit:
    """The elements of one cuboid that could be causes."""

    axes: Axes
    leaves: Rows
    """Places of their leaves among the odd ones."""
    element: Rows
    """The element of each of these."""
    signed: Floats
    """By element: nats of its odd leaves, with the sign of their deviation."""
    weights: Floats


class SparseCuboids:
    """The walk, layer by layer; each cuboid from that of one dimension less which left the fewest leaves."""

    def __init__(
        self, rollup: DenseRollup, odd: Rows, signed: Floats, weights: Floats, least: Callable[[Axes], float]
    ) -> None:
        """`odd` are the odd leaves, `signed` their nats with the sign of the deviation; `least` gives a price that no element
        of a cuboid, or of one below it, can do without."""
        self.odd, self.signed, self.weights = odd, signed, weights
        self._rollup, self._least = rollup, least
        self._alive: dict[Axes, tuple[Rows, Rows]] = {}
        self.cuboids = [hit for hit in self._walk() if len(hit.signed)]
        self._alive.clear()

    def take(self, owned: NDArray[np.bool_]) -> None:
        """Takes leaves out, a mask over all leaves."""
        gone = owned[self.odd]
        for cuboid in self.cuboids:
            mine = np.flatnonzero(gone[cuboid.leaves])
            which, leaves = cuboid.element[mine], cuboid.leaves[mine]
            cuboid.signed -= np.bincount(which, self.signed[leaves], minlength=len(cuboid.signed))
            cuboid.weights -= np.bincount(which, self.weights[leaves], minlength=len(cuboid.weights))
        self.signed, self.weights = np.where(gone, 0.0, self.signed), np.where(gone, 0.0, self.weights)

    def usual(self) -> float:
        """Signed nats per weight of odd leaves that no cause owns: those of few counts are mostly above."""
        return float(self.signed.sum() / max(self.weights.sum(), 1e-300))

    def codes(self, cuboid: SparseHit, element: int) -> tuple[int, ...]:
        """The codes of an element along the axes of its cuboid."""
        leaf = self.odd[cuboid.leaves[int(np.argmax(cuboid.element == element))]]
        return tuple(int(self._rollup.codes[leaf, axis]) for axis in cuboid.axes)

    def _walk(self) -> Iterable[SparseHit]:
        dimensions, visits, cuboids_seen = len(self._rollup.radix), 0, 0
        for layer in range(2, dimensions + 1):
            if comb(dimensions, layer) > _MOST_CUBOIDS:
                return
            for axes in combinations(range(dimensions), layer):
                if axes in self._rollup:
                    continue
                parents = [axes[:k] + axes[k + 1 :] for k in range(layer)]
                parent = min(parents, key=lambda axes_above: len(self._hopeful(axes_above)[0]))
                visits, cuboids_seen = visits + len(self._hopeful(parent)[0]), cuboids_seen + 1
                if visits > _VISITS or cuboids_seen > _MOST_CUBOIDS:
                    return
                yield self._step(axes, parent)

    def _step(self, axes: Axes, parent: Axes) -> SparseHit:
        leaves, number = self._hopeful(parent)
        (axis,) = set(axes) - set(parent)
        code = self._rollup.codes[self.odd[leaves], axis]
        _, element = np.unique(number * self._rollup.radix[axis] + code, return_inverse=True)
        return self._kept(axes, leaves, element)

    def _hopeful(self, axes: Axes) -> tuple[Rows, Rows]:
        """Odd leaves whose elements could pay, and a number for each element."""
        if axes not in self._alive:
            number = self._rollup.numbers(axes, self.odd)
            hit = self._kept(axes, np.arange(len(self.odd)), number)
            self._alive[axes] = hit.leaves, hit.element
        return self._alive[axes]

    def _kept(self, axes: Axes, leaves: Rows, element: Rows) -> SparseHit:
        signed = self.signed[leaves]
        sums = np.asarray(np.bincount(element, signed), np.float64)
        total = np.bincount(element, np.abs(signed))
        hopeful = (total + np.abs(sums)) / 2 > self._least(axes)
        renumbered, rows = np.cumsum(hopeful) - 1, np.flatnonzero(hopeful[element])
        leaves, element = leaves[rows], renumbered[element[rows]]
        self._alive[axes] = leaves, element
        size = int(hopeful.sum())
        weights = np.asarray(np.bincount(element, self.weights[leaves], minlength=size), np.float64)
        return SparseHit(axes=axes, leaves=leaves, element=element, signed=sums[hopeful], weights=weights)
