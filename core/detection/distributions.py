"""The few distributions that the detector needs, vectorised over numpy arrays."""

from math import erfc, sqrt

import numpy as np

from core.base.arrays import Flags, Floats

Z95 = 1.959964
"""Half-width of a central 95 % interval, in standard deviations."""

_TAIL95 = 0.025
_ZERO = 1e-300
"""Keeps logarithms and quotients of nothing finite; no measure comes near it."""
_LEAST_PART = 1e-4
"""Neither counting noise nor the rest is taken to be less than this part of a variance: there the deviance is a
difference of equal terms, which at 1e-4 still leaves it ten digits."""
_LEAST_SHAPE = 0.05
"""Below this the quantiles of Wilson and Hilferty turn over."""


def normal_cdf(z: Floats) -> Floats:
    """The probability that a standard normal number lies below z.

    >>> round(float(normal_cdf(np.array([-1.959964]))[0]), 4)
    0.025
    """
    return np.array([erfc(-score / sqrt(2)) / 2 for score in np.ravel(z)]).reshape(np.shape(z))


def normal_score(t: Floats, freedom: Floats) -> Floats:
    """The z whose normal tail equals the tail of t in Student's distribution (Wallace 1959, Ann. Math. Statist. 30)."""
    return np.sign(t) * np.sqrt(freedom * np.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)


def student_quantile(freedom: float) -> float:
    """Half the width of a 95 % interval, in standard errors, by Student's distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


def student_reach(freedom: Floats) -> Floats:
    """Half-width of a central 95 % interval in Student's distribution: the inverse of `normal_score`.

    >>> student_reach(np.array([4.0, 10.0, 1e6])).round(2).tolist()
    [2.79, 2.23, 1.96]
    """
    score = Z95 * (8 * freedom + 3) / (8 * freedom + 1)
    return np.asarray(np.sqrt(freedom * np.expm1(score * score / freedom)))


def deviance_score(actual: Floats, expected: Floats, variance: Floats, unit: Floats) -> Floats:
    """How far sums lie from what was expected, in standard deviations: the signed root of the negative binomial deviance.

    `unit` is the variance that counting alone gives to one expected unit (1 for counts). The signed root is nearly normal
    even for small counts, and is that of the log ratio when the sums are large (McCullagh & Nelder 1989, section 2.4; Pierce
    & Schafer 1986, JASA 81). Shapes agree; expected > 0. Computed from ratios alone: the same for money in any unit.
    """
    ratio = np.maximum(actual, 0) / expected
    counting = np.clip(unit * expected / variance, _LEAST_PART, 1 - _LEAST_PART)
    extra = 1 - counting
    own = ratio * extra * np.log(np.maximum(ratio, _ZERO))
    deviance = own - (ratio * extra + counting) * np.log1p((ratio - 1) * extra)
    relative = variance / expected**2 * (counting * extra)
    return np.asarray(np.sign(ratio - 1) * np.sqrt(2 * np.maximum(deviance, 0) / relative))


def interval(
    expected: Floats, variance: Floats, z: Floats | float = Z95, unit: Floats | float | None = None
) -> tuple[Floats, Floats]:
    """Where a sum lies with the probability that belongs to z: quantiles of the gamma distribution of that mean and variance.

    The gamma law is the continuous face of the negative binomial (Wilson & Hilferty 1931 for its quantiles). The lower end
    is 0 where a sum of nothing has a probability of 2.5 %. `unit` is the variance that counting gives to one expected unit;
    None: all variance may come from counting.
    """
    relative = variance / np.maximum(expected**2, _ZERO)
    shape = np.maximum(1 / np.maximum(relative, _ZERO), _LEAST_SHAPE)
    centre, reach = 1 - 1 / (9 * shape), z / (3 * np.sqrt(shape))
    lo, hi = expected * np.maximum(centre - reach, 0) ** 3, expected * (centre + reach) ** 3
    counting = relative if unit is None else np.minimum(unit / np.maximum(expected, _ZERO), relative)
    nothing = _chance_of_nothing(np.maximum(counting, _ZERO), relative)
    return np.where(nothing < _TAIL95, lo, 0.0), hi


def wilson(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """95 % interval of shares (Wilson 1927, JASA 22); nan without trials; the shape of the arguments.

    >>> low, high = wilson(np.array([1.0, 5.0]), np.array([10.0, 10.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.018, 0.237], [0.404, 0.763])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share, z = successes / trials, Z95 * Z95 / trials
        middle, half = share + z / 2, Z95 * np.sqrt(share * (1 - share) / trials + z / trials / 4)
        return np.maximum((middle - half) / (1 + z), 0.0), np.minimum((middle + half) / (1 + z), 1.0)


def _chance_of_nothing(counting: Floats, relative: Floats) -> Floats:
    """Probability of 0 under a negative binomial law: its relative variance, and the part of it that counting gives."""
    extra = np.maximum(relative - counting, _LEAST_PART * relative + _ZERO)
    return np.asarray(np.exp(-np.log1p(extra / counting) / extra))


def q_values(p: Floats) -> Floats:
    """The least rate of false discoveries at which each test is one (Benjamini & Hochberg 1995, JRSS B 57); shape (tests,).

    >>> q_values(np.array([0.001, 0.2, 0.9])).round(4).tolist()
    [0.003, 0.3, 0.9]
    """
    tests = len(p)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * tests / np.arange(1, tests + 1)
    values = np.empty(tests)
    values[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return values


def discoveries(p: Floats, rate: float) -> Flags:
    """Which tests may be called findings, at most this share of them false; shape (tests,).

    >>> discoveries(np.array([0.001, 0.2, 0.9]), 0.05).tolist()
    [True, False, False]
    """
    return np.asarray(q_values(p) <= rate)
