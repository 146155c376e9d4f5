"""The leaves that no segment has claimed yet, summed up by element: how far elements changed, and what chance does to them."""

from dataclasses import dataclass
from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.localization.with_history.actual_vs_expected import WEEK
from core.localization.with_history.element_noise import noises_of, unit_of
from core.localization.with_history.leaf_history import LeafHistory
from core.localization.with_history.segment_lattice import Cuboid

_NEW = 20.0
"""Of a dimension with many values, one that brings so many times what was expected of it is new."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SegmentOption:
    """Elements of a cuboid that may be a segment."""

    cuboid: Cuboid
    numbers: NDArray[np.int64]
    deviance: float
    scale: float
    """What the deviance is divided by to be in nats."""
    price: float
    """Nats that it takes to say which elements are meant."""

    @property
    def gain(self) -> float:
        """Nats that are left when the price is paid."""
        return self.deviance / self.scale - self.price


class UnclaimedElements:
    """The sums of all elements over the leaves that are left, at a level that all of them have in common."""

    def __init__(self, history: LeafHistory) -> None:
        self.history = history
        self.unit = unit_of(history)
        self.cuboids = history.grid.cuboids
        self.noise = noises_of(history, self.unit)
        self.doubt = 1 + history.length / max(WEEK * len(history.weeks), WEEK)
        trials = [] if history.trials is None else [history.trials]
        self._columns = np.stack([history.actual, history.expected, *trials])
        self._whole = history.grid.sums(self._columns, self.cuboids)
        self.start(1.0)

    def start(self, level: float) -> None:
        """Gives all leaves back, with what is expected of them times a level."""
        self.level = level
        self.free = np.ones(len(self.history.grid), bool)
        self.sums = [sums * self._scales() for sums in self._whole]
        """By cuboid: actual, expected and, of shares, trials; shape (2 or 3, elements)."""

    def claim(self, rows: NDArray[np.int64]) -> None:
        """Takes leaves out."""
        self.free[rows] = False
        scales = self._scales()
        for sums, claimed in zip(self.sums, self.history.grid.sums(self._columns, self.cuboids, rows), strict=True):
            sums -= claimed * scales

    def _scales(self) -> Floats:
        return np.array([[1.0], [self.level], [1.0]])[: len(self._columns)]

    def sums_of(self, cuboid: Cuboid) -> Floats:
        """Actual, expected and, of shares, trials of the elements of a cuboid; shape (2 or 3, elements)."""
        return self.sums[self.cuboids.index(cuboid)]

    def rows_of(self, cuboid: Cuboid, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The leaves of some elements that no segment has claimed."""
        return np.flatnonzero(np.isin(cuboid.key, numbers) & self.free)

    def nats(self, rows: NDArray[np.int64], level: float) -> float:
        """Half the deviance of some leaves together, against a level."""
        sums = self._columns[:, rows].sum(1, keepdims=True)
        sums[1] *= level
        return float(self.deviance(sums)[0])

    def deviance(self, sums: Floats) -> Floats:
        """Half the deviance of elements at their own ratio against 1, binomial for shares, else Poisson; in units of the
        metric. Half a unit is added on both sides: what never occurred may still come."""
        actual, expected = np.maximum(sums[:2], 0) + self.unit / 2
        deviance = actual * np.log(actual / expected) - (actual - expected)
        if len(sums) == 3:
            failed, fails = (np.maximum(sums[2] - side, 0) + self.unit / 2 for side in sums[:2])
            deviance += failed * np.log(failed / fails) - (failed - fails)
        return np.asarray(deviance).clip(0)

    def scale(self, cuboid: Cuboid, expected: Floats) -> Floats:
        """What a deviance is divided by to be in nats: counting, and the drift of larger elements."""
        return self.noise[cuboid.axes].scale(expected) * self.doubt

    def known(self, cuboid: Cuboid, sums: Floats) -> NDArray[np.bool_]:
        """Elements that can be segments. Where values are many some are always new: what was hardly there tells nothing."""
        if cuboid.base is not None:
            return cuboid.given
        return np.asarray(cuboid.given & (sums[0] <= _NEW * np.maximum(sums[1], 0)))

    def log_ratio(self, sums: Floats) -> float:
        """Beyond twentyfold, all changes are alike."""
        change = log((max(sums[0], 0.0) + self.unit / 2) / (max(sums[1], 0.0) + self.unit / 2))
        return min(max(change, -3.0), 3.0)

    def option(self, cuboid: Cuboid, numbers: NDArray[np.int64]) -> SegmentOption:
        """What it is worth to take some elements of a cuboid for one segment; they drift independently."""
        sums = self.sums_of(cuboid)[:, numbers]
        expected = np.maximum(sums[1], 0)
        size = (expected**2).sum() / max(expected.sum(), 1e-300)
        return SegmentOption(
            cuboid=cuboid,
            numbers=numbers,
            deviance=float(self.deviance(sums.sum(1, keepdims=True))[0]),
            scale=float(self.scale(cuboid, size)),
            price=_price(cuboid, numbers),
        )


def _price(cuboid: Cuboid, numbers: NDArray[np.int64]) -> float:
    """Nats that it takes to say which elements of which cuboid are meant: of a list, which of those that it is chosen from."""
    count = len(numbers)
    if count == 1:
        return cuboid.price
    similar = _choices(cuboid, numbers)
    choices = lgamma(similar + 1) - lgamma(count + 1) - lgamma(max(similar - count, 0) + 1)
    return cuboid.price - log(max(similar, 2)) + choices


def _choices(cuboid: Cuboid, numbers: NDArray[np.int64]) -> int:
    """Of how many elements these are chosen: those with the values that they have in common."""
    codes = cuboid.codes
    shared = [at for at in range(len(cuboid.axes)) if len(np.unique(codes[numbers, at])) == 1]
    return int(np.count_nonzero((codes[:, shared] == codes[numbers[0], shared]).all(1) & cuboid.given))
