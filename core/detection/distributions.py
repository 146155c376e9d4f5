"""The few distributions that the detector needs, vectorised over numpy arrays."""

from math import erfc, sqrt

import numpy as np

from core.base.arrays import Floats

Z95 = 1.959964
"""Half-width of a central 95 % interval, in standard deviations."""

_LEAST_SHAPE = 0.05
"""Below this the quantiles of Wilson and Hilferty turn over."""


def normal_cdf(z: Floats) -> Floats:
    """The probability that a standard normal number lies below z.

    >>> round(float(normal_cdf(np.array([-1.959964]))[0]), 4)
    0.025
    """
    return np.array([erfc(-one / sqrt(2)) / 2 for one in np.ravel(z)]).reshape(np.shape(z))


def normal_score(t: Floats, freedom: Floats) -> Floats:
    """The z whose normal tail equals the tail of t in Student's distribution (Wallace 1959, Ann. Math. Statist. 30)."""
    return np.sign(t) * np.sqrt(freedom * np.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)


def deviance_score(actual: Floats, expected: Floats, variance: Floats, unit: Floats) -> Floats:
    """How far sums lie from what was expected, in standard deviations: the signed root of the negative binomial deviance.

    `unit` is the variance that counting alone gives to one expected unit (1 for counts). The signed root is nearly normal
    even for small counts, and is that of the log ratio when the sums are large (McCullagh & Nelder 1989, section 2.4; Pierce
    & Schafer 1986, JASA 81). Shapes agree; expected > 0.
    """
    unit = np.maximum(np.minimum(unit, variance / expected), 1e-9)
    over, under = np.maximum(actual, 0) / unit, expected / unit
    clump = 1 / np.maximum(variance / expected**2 - unit / expected, 1e-9)
    alone = over * np.log(np.maximum(over, 1e-12) / under)
    deviance = 2 * (alone - (over + clump) * np.log((over + clump) / (under + clump)))
    return np.asarray(np.sign(over - under) * np.sqrt(np.maximum(deviance, 0)))


def interval(expected: Floats, variance: Floats, z: Floats | float = Z95) -> tuple[Floats, Floats]:
    """Where a sum lies with the probability that belongs to z: quantiles of the gamma distribution of that mean and variance.

    The gamma law is the continuous face of the negative binomial (Wilson & Hilferty 1931 for its quantiles). The lower end
    is 0 where nothing at all would be no surprise.
    """
    shape = np.maximum(expected**2 / np.maximum(variance, 1e-300), _LEAST_SHAPE)
    centre, reach = 1 - 1 / (9 * shape), z / (3 * np.sqrt(shape))
    lo, hi = expected * np.maximum(centre - reach, 0) ** 3, expected * (centre + reach) ** 3
    surplus = np.maximum(variance / np.maximum(expected, 1e-300) - 1, 1e-9)
    nothing = np.exp(-expected * np.log1p(surplus) / surplus)
    return np.where(nothing < 0.025, lo, 0.0), hi


def discoveries(p: Floats, rate: float) -> np.ndarray:
    """Which tests may be called findings, at most this share of them false (Benjamini & Hochberg 1995, JRSS B 57).

    >>> discoveries(np.array([0.001, 0.2, 0.9]), 0.05).tolist()
    [True, False, False]
    """
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / max(len(p), 1))
    found = np.zeros(len(p), bool)
    found[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return found
