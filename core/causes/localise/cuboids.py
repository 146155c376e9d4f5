"""Cuboids: all combinations of dimensions, and for each the number of the element that every leaf is in."""

from dataclasses import dataclass
from itertools import combinations
from math import comb, log

import numpy as np

from core.causes.localise.table import Codes, Floats, Rows

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


def cuboids(codes: Codes, deepest: int | None = None) -> list[Cuboid]:
    """All cuboids of a leaf table up to `deepest` dimensions, coarse first.

    The price is the description length of Squeeze's and RiskLoc's search space: log(elements of the cuboid) +
    log(cuboids of its layer).
    """
    n, d = codes.shape
    radix = [int(codes[:, j].max()) + 1 for j in range(d)]
    columns = [codes[:, j].astype(np.int64) for j in range(d)]
    found: dict[tuple[int, ...], Cuboid] = {(): Cuboid((), np.zeros(n, np.int64), 1, 20.0)}
    for layer in range(1, (deepest or d) + 1):
        for axes in combinations(range(d), layer):
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
                elements = np.count_nonzero(np.bincount(key, minlength=size))
            found[axes] = Cuboid(axes, key, size, log(max(elements, 2)) + log(comb(d, layer)))
    return list(found.values())


def sums(cuboid: Cuboid, weights: Floats, rows: Rows | None = None) -> Floats:
    """Sums of a leaf quantity by element, over all leaves or over `rows` (then `weights` belong to them)."""
    key = cuboid.key if rows is None else cuboid.key[rows]
    return np.bincount(key, weights, minlength=cuboid.size)
