"""How far a leaf may be from what was expected of it when nothing is wrong.

The deviation of a leaf is (value - mean) / size, in the spirit of Squeeze's deviation score (Li et al., ISSRE 2019), and a
cause gives all its leaves the same deviation (the ripple effect of HotSpot, Sun et al. 2018). Which size makes ordinary
deviations most regular depends on where the noise came in, so it is learnt (`fitting`).
"""

from dataclasses import dataclass
from math import lgamma, log, pi
from typing import Literal

import numpy as np

from core.base.arrays import Floats

Size = Literal["larger", "either", "middle", "forecast", "value", "deviance"]
OF_LARGER: tuple[Size, ...] = ("larger", "either")
"""What deviations are measured by the larger figure for."""

SURE = 25.0
"""Nats that one leaf may bring at most: any leaf may also be odd for reasons of its own."""
_FARTHEST = 5.0
"""The size of a leaf is at least this part of its larger figure, so that new and vanished leaves have a finite deviation."""
_GAUSS = 500.0
"""From so many degrees of freedom on Student's t is taken for a Gaussian."""


@dataclass(frozen=True, slots=True)
class LeafNoise:
    """Variance `counts * size + spread * size^2` with Student's tail.

    `counts` alone is the law of counts and of priced baskets (compound Poisson: variance grows with the mean), `spread` alone
    that of multiplicative noise. Measured by the middle, halved squared scores are close to the deviance of counts however
    few they are; there the part of `spread` goes by the logarithmic mean, so that it is one of log(value / mean).
    """

    counts: float
    spread: float
    """Square of the relative noise."""
    measured: Size
    """larger: max(value, mean), as when a share of either got lost; either: the same, where one of the two varies around the
    other and nobody knows which (RiskLoc's data); middle: (value + mean) / 2, when both vary (Squeeze's score); forecast, value:
    one of them alone; deviance: Poisson's, for counts of rare events."""
    tail: float
    """Degrees of freedom."""
    grain: float = 0.0
    """Variance of rounding both figures to the unit in which the table is written."""

    def size(self, value: Floats, mean: Floats) -> Floats:
        """What deviations of a leaf are measured by."""
        return size_of(self.measured, value, mean)

    def deviation(self, value: Floats, mean: Floats) -> tuple[Floats, Floats]:
        """Deviations and their precisions (1 / variance)."""
        size = self.size(value, mean)
        return (value - mean) / size, size * size / self.variance(value, mean, size)

    def variance(self, value: Floats, mean: Floats, size: Floats) -> Floats:
        """Variance of value - mean."""
        spreading = logarithmic_mean(value, mean) if self.measured in ("middle", "deviance") and self.spread else size
        return np.maximum(self.counts * size + self.spread * spreading**2 + self.grain, 1e-300)

    def log_density(self, squares: Floats) -> Floats:
        """Log density of squared standard scores, up to a constant."""
        if self.gaussian:
            return -0.5 * squares
        scaled: Floats = np.log1p(squares / self.tail)
        return -(self.tail + 1) / 2 * scaled

    def bounded(self, scores: Floats) -> Floats:
        """Scores whose halved squares are the nats that they are worth, at most `SURE`."""
        worth = -2 * self.log_density(scores * scores)
        return np.copysign(np.sqrt(np.minimum(worth, 2 * SURE)), scores)

    @property
    def gaussian(self) -> bool:
        """Whether far scores are as rare as a Gaussian's."""
        return self.tail > _GAUSS

    @property
    def constant(self) -> float:
        """What `log_density` leaves out."""
        if self.gaussian:
            return -0.5 * log(2 * pi)
        return lgamma((self.tail + 1) / 2) - lgamma(self.tail / 2) - 0.5 * log(self.tail * pi)

    def stretch(self, value: Floats, mean: Floats) -> Floats:
        """Log of |d score / d value|: turns the density of a score into that of the value."""
        size, gap = self.size(value, mean), value - mean
        variance = self.variance(value, mean, size)
        if self.measured == "forecast":
            grows = np.zeros(len(size))
        elif self.measured in (*OF_LARGER, "value"):
            grows = ((value > mean) | (self.measured == "value")) * (self.counts + 2 * self.spread * size)
        else:
            middle = logarithmic_mean(value, mean)
            logs = gap / middle
            near = np.abs(logs) < 1e-4
            bends = np.where(near, 0.5, (1 - middle / np.maximum(value, 1e-300)) / np.where(near, 1.0, logs))
            grows = self.counts / 2 + 2 * self.spread * middle * bends
        slope = np.abs(1 - 0.5 * np.clip(gap * grows / variance, -100.0, 1.96))
        stretched: Floats = np.log(slope) - 0.5 * np.log(variance)
        return stretched

    def ratio(self, deviation: float) -> float:
        """value / mean of a leaf with this deviation."""
        if self.measured == "middle":
            return (2 + deviation) / max(2 - deviation, 1e-3)
        if self.measured == "value" or (self.measured in OF_LARGER and deviation > 0):
            return 1 / max(1 - deviation, 1e-3)
        return 1 + deviation


def size_of(measured: Size, value: Floats, mean: Floats) -> Floats:
    """The size of leaves in one of these measures, shape (n,)."""
    value, mean = np.abs(value), np.abs(mean)
    larger = np.maximum(np.maximum(value, mean), 1e-300)
    if measured in OF_LARGER:
        return larger
    if measured == "middle":
        return np.maximum((value + mean) / 2, 1e-300)
    if measured == "deviance":
        return _deviance_mean(value, mean)
    return np.maximum(mean if measured == "forecast" else value, larger / _FARTHEST)


def _deviance_mean(value: Floats, mean: Floats) -> Floats:
    """(value - mean)^2 over Poisson's deviance: measured by it, halved squared scores are log likelihood ratios of counts."""
    mean = np.maximum(mean, 1e-9 * value + 1e-300)
    gap = value - mean
    logs = np.log(np.maximum(value, 1e-300) / mean)
    deviance = 2 * (value * logs - gap)
    near = np.abs(gap) < 1e-3 * mean
    exact: Floats = np.divide(gap * gap, deviance, out=(2 * mean + value) / 3, where=~near & (deviance > 0))
    return np.maximum(exact, 1e-300)


def logarithmic_mean(value: Floats, mean: Floats) -> Floats:
    """(value - mean) / log(value / mean), at least a fixed part of the larger."""
    value, mean = np.abs(value), np.abs(mean)
    larger = np.maximum(np.maximum(value, mean), 1e-300)
    least = np.maximum(np.minimum(value, mean), 1e-9 * larger)
    gap = np.log(larger / least)
    middle = np.divide(larger - least, gap, out=larger.copy(), where=gap > 1e-6)
    return np.asarray(np.maximum(middle, larger / _FARTHEST))
