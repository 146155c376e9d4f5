"""Elements that changed alike and differ in one dimension alone: five creators, or eight products in one warehouse."""

from math import exp, log

import numpy as np
from numpy.typing import NDArray

from core.localization.with_history.segment_lattice import Cuboid
from core.localization.with_history.unclaimed_elements import UnclaimedElements

_NAMED_ALONE = 12
"""Of a dimension with more values than this, several that changed alike are one segment."""
_JOINS = 3
"""How often values join a list, each time by the factor of those that are in it."""


def alike(elements: UnclaimedElements, cuboid: Cuboid, number: int) -> NDArray[np.int64]:
    """An element, and all that differ from it in one dimension of many values and changed by the same factor: of the
    dimensions, the one in which they tell most.

    A value joins when its own evidence for that factor pays for naming it.
    """
    lists = [_joined(elements, cuboid, number, siblings) for siblings in _siblings(cuboid, number)]
    return max(lists, key=lambda numbers: elements.option(cuboid, numbers).gain, default=np.array([number]))


def _siblings(cuboid: Cuboid, number: int) -> list[NDArray[np.bool_]]:
    """For each dimension of many values, the elements that an element differs from in that one alone, itself included."""
    is_same = cuboid.codes == cuboid.codes[number]
    by_dimension = [np.delete(is_same, at, axis=1).all(1) for at in range(len(cuboid.axes))]
    return [siblings for siblings in by_dimension if np.count_nonzero(siblings & cuboid.given) > _NAMED_ALONE]


def _joined(elements: UnclaimedElements, cuboid: Cuboid, number: int, siblings: NDArray[np.bool_]) -> NDArray[np.int64]:
    """An element with those of its siblings that changed alike; where all are new, only itself."""
    sums = elements.sums_of(cuboid)
    actual, expected = sums[:2]
    chosen = np.arange(cuboid.size) == number
    candidates = chosen | (elements.known(cuboid, sums) & (expected > 0) & siblings)
    for _ in range(_JOINS):
        change = elements.log_ratio(np.array([actual[chosen].sum(), expected[chosen].sum()]))
        evidence = np.maximum(actual, 0) * change - (exp(change) - 1) * expected
        price = log(float(candidates.sum() / chosen.sum())) + 1
        chosen = chosen | (candidates & (evidence / elements.scale(cuboid, expected) > price))
    return np.flatnonzero(chosen)
