"""All conjunctions of dimensions: for each cuboid, what the leaves of its elements sum up to and what they promise."""

from collections.abc import Iterator
from math import comb, log, prod, sqrt

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Codes, Floats
from core.localization.single_table.dense_rollup import Axes, DenseRollup
from core.localization.single_table.leaf_evidence import EXTRA, TOGETHER, LeafEvidence
from core.localization.single_table.leaf_table import Rows, quantile
from core.localization.single_table.sparse_cuboids import SparseCuboids

_CELLS, _CELLS_ANYHOW = 1.0, 65_536
"""Cells per leaf up to which cuboids are summed up in full, and cells up to which they are in any case."""
_COARSE = 2
"""Dimensions up to which elements are coarse."""
_CALM, _ITS_SQUARE = 0.25, 0.1015
"""The quantile of squared scores that is read, low since causes may still be among them, and its value for chi-square."""
_LOOSEST = 0.02
"""Forecasts of whole elements may err by up to a seventh."""
_CLEARLY, _FEWEST = 1.5, 20
"""By how much squared scores must be wider than noise, in cuboids of at least so many elements."""
_LOOSE = 400.0
"""How well the general factor is known beforehand: to one part in twenty (1 / variance)."""
_NOTHING = 1e-9
"""Weights of so small a part are what subtraction leaves of none."""
_ODD = 1.125
"""Nats from which on a leaf counts as odd (1.5 standard deviations)."""

Promise = tuple[float, Axes, tuple[int, ...]]
"""Nats that an element promises net of its price, its axes, its codes along them."""


class CuboidSums:
    """The cuboids of a table and what their elements promise."""

    def __init__(self, codes: Codes, evidence: LeafEvidence, loose: float = 0.0) -> None:
        """`loose` is the variance of the deviations of whole ordinary elements."""
        self.evidence, self.loose = evidence, loose
        self._leaves, self._dimensions = codes.shape
        self._pull, self._weight = float(evidence.pulls.sum()), float(evidence.weights.sum())
        self._radix = [int(codes[:, j].max()) + 1 for j in range(self._dimensions)]
        self._sums = DenseRollup(codes, self._radix, _CELLS * self._leaves + _CELLS_ANYHOW)
        self._sums.count(None, evidence.pulls, evidence.weights)
        axes_of_sums, sizes = self._sums.axes, self._sums.sizes
        self._prices = np.repeat([self.price(axes) - self._together(axes) for axes in axes_of_sums], sizes)
        self._cheaper = np.repeat([EXTRA - self._extra(axes) + self._together(axes) for axes in axes_of_sums], sizes)
        self._oddities: SparseCuboids | None = None

    def price(self, axes: Axes) -> float:
        """Nats to say which element of which cuboid is meant, log(elements) + log(cuboids of as many dimensions), and `EXTRA`,
        or `leaf_price` for a single leaf."""
        return self._least(axes) + log(comb(self._dimensions, len(axes)))

    def strongest(self, free: NDArray[np.bool_]) -> Iterator[list[Promise]]:
        """The most promising element of each cuboid: of those summed up in full, then of those known by their odd leaves, which
        are not looked at before they are asked for. `free` are the leaves that no cause owns."""
        yield self._sums.best(*self._paying())
        if len(self._sums.axes) == 2**self._dimensions - 1:
            return
        if self._oddities is None:
            odd = np.flatnonzero((self.evidence.worth > _ODD) & free)
            signed = np.copysign(self.evidence.worth[odd], self.evidence.scores[odd])
            self._oddities = SparseCuboids(self._sums, odd, signed, self.evidence.weights[odd], self._least_together)
        usual, promises = self._oddities.usual(), []
        for cuboid in self._oddities.cuboids:
            beyond = np.abs(cuboid.signed - usual * cuboid.weights) / (1 + cuboid.weights * self.loose)
            best = int(np.argmax(beyond))
            promises.append(
                (
                    float(beyond[best]) - self.price(cuboid.axes) + self._together(cuboid.axes),
                    cuboid.axes,
                    self._oddities.codes(cuboid, best),
                )
            )
        yield promises

    def nearest(self) -> float:
        """What the most promising element of all lacks to its full price, when whole elements err too: nats, mostly below 0."""
        _, weights = self._sums.sums
        filled = np.flatnonzero(weights > max(_NOTHING * self._weight, 0.0))
        saved = self._saved(filled) / (1 + weights[filled] * self.loose)
        return float((saved - self._prices[filled] - self._cheaper[filled]).max(initial=-np.inf))

    def take(self, rows: Rows) -> None:
        """Takes leaves out of all sums: a cause owns them."""
        pulls, weights = self.evidence.pulls[rows], self.evidence.weights[rows]
        self._pull -= float(pulls.sum())
        self._weight -= float(weights.sum())
        self._sums.count(rows, -pulls, -weights)
        if self._oddities is not None:
            owned: NDArray[np.bool_] = np.zeros(self._leaves, bool)
            owned[rows] = True
            self._oddities.take(owned)

    def looseness(self) -> float:
        """Variance of the deviations of whole ordinary elements beyond what the noise of their leaves explains.

        Forecasts of whole elements err too, so that large ones would otherwise always seem odd (the empirical null of Efron
        2004). 0 unless the elements that are left clearly say so.
        """
        remaining = float(self._rest(np.zeros(1), np.zeros(1))[0])
        scored = []
        for axes in self._sums.axes:
            pulls, weights = self._sums.of(axes)
            filled = weights > _NOTHING * self._weight
            if len(axes) <= _COARSE and filled.sum() >= _FEWEST:
                pulls, weights = pulls[filled], weights[filled]
                scored.append(((pulls - remaining * weights) ** 2 / weights, weights))
        if not scored:
            return 0.0

        def width(loose: float) -> float:
            calm = [quantile(squares / (1 + weights * loose), _CALM) for squares, weights in scored]
            return sorted(calm)[len(calm) // 2] / _ITS_SQUARE

        if width(0.0) < _CLEARLY:
            return 0.0
        low, high = 1e-8, _LOOSEST  # the wider the allowance, the narrower what is left
        while high > 1.1 * low:
            middle = sqrt(low * high)
            low, high = (middle, high) if width(middle) > 1 else (low, middle)
        return high

    def beyond_errors(self, nats: float, deviation: float) -> float:
        """What is left of the nats that a common deviation saves when whole ordinary elements err too: half the harmonic mean
        with what an error of that size costs."""
        return nats / (1 + 2 * self.loose * max(nats, 0.0) / max(deviation**2, 1e-12))

    def rest_of(self, rows: Rows) -> float:
        """Mean deviation of the leaves that no cause owns and that are not these."""
        pulls, weights = self.evidence.pulls[rows].sum(), self.evidence.weights[rows].sum()
        return float(self._rest(pulls, weights))

    def _least(self, axes: Axes) -> float:
        """What an element costs whose number of dimensions is known: no less for one with more dimensions."""
        elements = min(float(prod(self._radix[j] for j in axes)), float(self._leaves))
        return log(max(elements, 2.0)) + self._extra(axes)

    def _together(self, axes: Axes) -> float:
        """What an element costs less at most when it is named with others."""
        joint = self.evidence.single_leaves and len(axes) == self._dimensions
        return log(TOGETHER) if joint else 0.0

    def _least_together(self, axes: Axes) -> float:
        return self._least(axes) - self._together(axes)

    def _extra(self, axes: Axes) -> float:
        return self.evidence.leaf_price if len(axes) == self._dimensions else EXTRA

    def _rest(self, pulls: Floats, weights: Floats) -> Floats:
        return (self._pull - pulls) / (np.maximum(self._weight - weights, 0.0) + _LOOSE)

    def _paying(self) -> tuple[Rows, Floats]:
        """The places of elements that may be worth their price, and what they promise net of it."""
        pulls, weights = self._sums.sums
        # no more than what they pull at all, of which the rest is yet to be taken off
        places = np.flatnonzero((pulls * pulls > 2 * self._prices * weights) & (weights > _NOTHING * self._weight))
        return places, self._saved(places) - self._prices[places]

    def _saved(self, places: Rows) -> Floats:
        """Nats: what the other leaves share is no cause, only the pull beyond it counts."""
        pulls, weights = self._sums.sums[:, places]
        shared = self._rest(pulls, weights) * weights
        beyond = pulls - np.clip(shared, np.minimum(pulls, 0), np.maximum(pulls, 0))
        return np.asarray(beyond * beyond / (2 * weights))
