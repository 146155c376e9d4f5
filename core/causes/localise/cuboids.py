"""Cuboids: all combinations of dimensions, and for each the number of the element that every leaf is in."""

from dataclasses import dataclass
from itertools import combinations
from math import comb, log

import numpy as np

from core.causes.localise.table import Codes, Floats, Rows

_MOST = 4096
_SPARSE = 4
"""Numbers are made dense when an element space is this many times larger than the number of leaves."""


@dataclass(frozen=True, slots=True)
class Cuboid:
    """The elements over one combination of dimensions."""

    axes: tuple[int, ...]
    key: Rows
    """The element that each leaf is in, shape (n,)."""
    size: int
    """Largest number of an element plus one."""
    price: float
    """Nats that it takes to say which element of which cuboid is meant."""


def deepest_of(dimensions: int) -> int:
    """How many dimensions a segment may name, so that there are not too many cuboids."""
    total, layer = 0, 0
    while layer < dimensions and (total := total + comb(dimensions, layer + 1)) <= _MOST:
        layer += 1
    return max(layer, 1)


def cuboids(codes: Codes) -> list[Cuboid]:
    """All cuboids of a leaf table, coarse first; without dimensions that have one value, for they tell nothing apart.

    The price is the description length of Squeeze's and RiskLoc's search space: log(elements of the cuboid) +
    log(cuboids of its layer).
    """
    n, d = codes.shape
    radix = [int(codes[:, j].max()) + 1 for j in range(d)]
    columns = [codes[:, j].astype(np.int64) for j in range(d)]
    found: dict[tuple[int, ...], Cuboid] = {(): Cuboid((), np.zeros(n, np.int64), 1, 20.0)}
    telling = [j for j in range(d) if np.ptp(codes[:, j])]
    for layer in range(1, deepest_of(len(telling)) + 1):
        for axes in combinations(telling, layer):
            last = axes[-1]
            if layer == 1:
                key, size = columns[last], radix[last]
            else:
                parent = found[axes[:-1]]
                key, size = parent.key * radix[last] + columns[last], parent.size * radix[last]
            if size > _SPARSE * n + 1024:
                unique, key = np.unique(key, return_inverse=True)
                size = elements = len(unique)
            else:
                elements = int(np.count_nonzero(np.bincount(key, minlength=size)))
            found[axes] = Cuboid(axes, key, size, log(max(elements, 2)) + log(comb(len(telling), layer)))
    return list(found.values())


def sums(cuboid: Cuboid, weights: Floats, rows: Rows | None = None) -> Floats:
    """Sums of a leaf quantity by element, over all leaves or over `rows` (then `weights` belong to them)."""
    key = cuboid.key if rows is None else cuboid.key[rows]
    return np.asarray(np.bincount(key, weights, minlength=cuboid.size), np.float64)
