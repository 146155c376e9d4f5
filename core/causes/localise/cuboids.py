"""Cuboids: all combinations of dimensions, the element of each that a leaf is in, and sums over all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, log, prod

import numpy as np

from core.causes.localise.table import Codes, Floats, Rows

_MOST = 4096
"""Most cuboids that are looked into."""
_SPARSE = 4
"""Elements are numbered densely when an element space is this many times larger than the number of leaves."""
_LARGE = 300_000
"""From so many leaves on, cuboids with fewer than four leaves an element are left out, but for the leaves themselves: they
would take most of the time and can tell little that those around them do not."""
_DENSE = 0.25
_WHOLE = 20.0
"""Price of saying that everything moved: more than that of a few segments, as few tables do."""


@dataclass(frozen=True, slots=True)
class Cuboid:
    """The elements over one combination of dimensions."""

    axes: tuple[int, ...]
    shape: tuple[int, ...]
    """Values of each of its dimensions."""
    columns: tuple[Codes, ...]
    """The codes of its dimensions, each of shape (n,)."""
    numbered: Rows | None
    """The element of each leaf where the combinations are too many to number by their codes."""
    size: int
    """Largest number of an element plus one."""
    price: float
    """Nats that it takes to say which element of which cuboid is meant."""

    def key(self, rows: Rows | slice = slice(None)) -> Rows:
        """The element that each leaf is in, for all leaves or some."""
        if self.numbered is not None:
            return self.numbered[rows]
        if not self.axes:
            return np.zeros(len(self.columns[0][rows]), np.int64)
        key: Rows = self.columns[0][rows].astype(np.int64)
        for column, size in zip(self.columns[1:], self.shape[1:], strict=True):
            key *= size
            key += column[rows]
        return key


class Lattice:
    """All cuboids of a leaf table, coarse first; without dimensions that have one value, for they tell nothing apart.

    The price of a cuboid is the description length of Squeeze's and RiskLoc's search space: log(elements of the cuboid) +
    log(cuboids of its layer).
    """

    def __init__(self, codes: Codes) -> None:
        n, d = codes.shape
        columns = {j: np.ascontiguousarray(codes[:, j]) for j in range(d)}
        radix = {j: int(column.max()) + 1 for j, column in columns.items()}
        telling = [j for j, column in columns.items() if (column != column[0]).any()]
        found = [Cuboid((), (), (columns[0],), None, 1, _WHOLE)]
        for layer in range(1, _deepest(len(telling)) + 1):
            for axes in combinations(telling, layer):
                shape, chosen = tuple(radix[j] for j in axes), tuple(columns[j] for j in axes)
                cells, numbered = prod(shape), None
                if n > _LARGE and cells > _DENSE * n:
                    if layer < len(telling):
                        continue
                    cells, numbered = n, np.arange(n)  # each row is a combination of its own
                elif cells > _SPARSE * n + 1024:
                    numbered = _numbered(chosen, shape)
                    cells = int(numbered.max()) + 1
                price = log(max(min(cells, n), 2)) + log(comb(len(telling), layer))
                found.append(Cuboid(axes, shape, chosen, numbered, cells, price))
        self.cuboids: Sequence[Cuboid] = found
        self._sources = [self._source(one, n) for one in found]

    def _source(self, cuboid: Cuboid, n: int) -> int | None:
        """The smallest cuboid with one dimension more, when rolling it up is less work than counting leaves."""
        mine, best, least = set(cuboid.axes), None, n
        if cuboid.numbered is None:
            for k, one in enumerate(self.cuboids):
                if (
                    len(one.axes) == len(mine) + 1
                    and one.numbered is None
                    and one.size <= least
                    and mine < set(one.axes)
                ):
                    best, least = k, one.size
        return best

    def sums(self, weights: Floats, rows: Rows | None = None) -> list[Floats]:
        """Sums of a leaf quantity by element, for each cuboid; over `rows` only, when given (`weights` are of all leaves)."""
        chosen = slice(None) if rows is None else rows
        part = weights[chosen]
        done: list[Floats | None] = [None] * len(self.cuboids)
        for k in range(len(self.cuboids) - 1, -1, -1):
            cuboid, source = self.cuboids[k], self._sources[k]
            wider = None if source is None else done[source]
            if source is None or wider is None:
                done[k] = np.asarray(np.bincount(cuboid.key(chosen), part, minlength=cuboid.size), np.float64)
            else:
                more = self.cuboids[source]
                axis = next(i for i, name in enumerate(more.axes) if name not in cuboid.axes)
                done[k] = wider.reshape(more.shape).sum(axis=axis).ravel()
        return [one for one in done if one is not None]


def _deepest(dimensions: int) -> int:
    """How many dimensions a segment may name, so that there are not too many cuboids."""
    total, layer = 0, 0
    while layer < dimensions and (total := total + comb(dimensions, layer + 1)) <= _MOST:
        layer += 1
    return max(layer, min(dimensions, 1))


def _numbered(columns: Sequence[Codes], shape: Sequence[int]) -> Rows:
    key: Rows = columns[0].astype(np.int64)
    cells = shape[0]
    for column, size in zip(columns[1:], shape[1:], strict=True):
        if cells * size > 1 << 62:
            _, key = np.unique(key, return_inverse=True)
            cells = int(key.max()) + 1
        key, cells = key * size + column, cells * size
    return np.asarray(np.unique(key, return_inverse=True)[1], np.int64)
