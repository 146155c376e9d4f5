"""The distribution of an effect: a mixture of Student t distributions."""

from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import stdtr

from core.base.arrays import Floats

LEVEL = 0.95
"""Probability of every interval."""


@dataclass(frozen=True, kw_only=True)
class EffectPosterior:
    """What is known of one effect; arrays of shape (components,)."""

    weights: Floats
    """They sum to 1."""
    means: Floats
    sds: Floats
    freedom: float
    """Degrees of freedom of every component."""

    @property
    def mean(self) -> float:
        """The expected effect."""
        return float(self.weights @ self.means)

    @property
    def sd(self) -> float:
        """Its standard deviation."""
        inside = self.sds**2 * self.freedom / (self.freedom - 2)
        return float((self.weights @ (inside + (self.means - self.mean) ** 2)) ** 0.5)

    def below(self, value: float) -> float:
        """The probability that the effect is below a value."""
        return float(self.weights @ stdtr(self.freedom, (value - self.means) / self.sds))

    def quantile(self, share: float) -> float:
        """The value below which the effect lies with that probability."""
        reach = 100 * float(self.sds.max())  # a t quantile of 1e-4 with 20 degrees of freedom is 4.5
        low, high = float(self.means.min()) - reach, float(self.means.max()) + reach
        return float(brentq(lambda value: self.below(value) - share, low, high, xtol=1e-10 * reach))

    @property
    def interval(self) -> tuple[float, float]:
        """The central interval of probability LEVEL; it leaves 0 out exactly when `p_value` < 1 - LEVEL."""
        return self.quantile((1 - LEVEL) / 2), self.quantile((1 + LEVEL) / 2)

    @property
    def p_value(self) -> float:
        """Two-sided: twice the smaller probability of either sign."""
        below = self.below(0.0)
        return 2 * min(below, 1 - below)

    def widened(self, factor: float) -> "EffectPosterior":
        """The same around the same mean, so many times as wide."""
        means = self.mean + (self.means - self.mean) * factor
        return EffectPosterior(weights=self.weights, means=means, sds=self.sds * factor, freedom=self.freedom)

    def in_units(self, unit: float) -> "EffectPosterior":
        """The same, measured in another unit: `unit` of the new one make one of the old."""
        return EffectPosterior(weights=self.weights, means=self.means * unit, sds=self.sds * unit, freedom=self.freedom)
