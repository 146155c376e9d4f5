"""Intervals and adjusted chances that several parts of the health use."""

import numpy as np

from core.base.arrays import Floats
from core.detection import distributions
from core.ecosystem.results.claim_results import Interval

_COVERED, _NOTHING = 0.975, 1e-12


def wilson(successes: float, trials: float) -> Interval:
    """95 % interval of one share; 0..1 without trials."""
    if not trials:
        return 0.0, 1.0
    low, high = distributions.wilson(np.asarray(successes, float), np.asarray(trials, float))
    return float(low), float(high)


def share_of(amount: Floats, group: Floats) -> tuple[float, Interval]:
    """What part of an amount a group has, and its 95 % interval when other members of the same kind had come; amount > 0 in sum.

    Wilson's for as many equal members as have the variance of the ratio (Woodruff, JASA 1971), fewer by the square of Student's
    quantile over the normal one (Korn and Graubard, Survey Methodology 1998); its degrees of freedom are as many equal members as
    carry the variance. On the scale of log odds, by members of the whole amount, intervals of 12 members covered up to 100 %, and
    of 300 of which a tenth are in the group 88 %; these cover 91 to 99 %. Where the group has all or nothing: as many as
    carry the amount.
    """
    from scipy.special import stdtrit

    parts = amount / float(amount.sum())
    share = float((parts * group).sum())
    if not _NOTHING < share < 1 - _NOTHING:
        alike = 1 / float((parts**2).sum())
        return share, wilson(share * alike, alike)
    squares = ((group - share) * parts) ** 2
    variance = float(squares.sum())
    quantile = float(stdtrit(variance**2 / float((squares**2).sum()), _COVERED))
    alike = share * (1 - share) / variance * (distributions.Z95 / quantile) ** 2
    return share, wilson(share * alike, alike)


def newcombe(first: tuple[float, float], second: tuple[float, float]) -> Interval:
    """95 % interval of the difference of two shares, each (successes, trials), from Wilson's of both (Newcombe, 1998)."""
    (a, n), (c, m) = first, second
    p, q = a / n, c / m
    (low_p, high_p), (low_q, high_q) = wilson(a, n), wilson(c, m)
    lower, upper = ((p - low_p) ** 2 + (high_q - q) ** 2) ** 0.5, ((high_p - p) ** 2 + (q - low_q) ** 2) ** 0.5
    return p - q - lower, p - q + upper


def ratio_of(first: tuple[int, int], second: tuple[int, int]) -> Interval:
    """95 % interval of the ratio of two shares, each (successes, trials), from Wilson's of both (Donner and Zou, 2012)."""
    (a, n), (c, m) = first, second
    p, q = a / n, c / m
    (low_p, high_p), (low_q, high_q) = wilson(a, n), wilson(c, m)
    lower, upper = high_q * (2 * q - high_q), low_q * (2 * q - low_q)
    low = (p * q - np.sqrt(max((p * q) ** 2 - low_p * (2 * p - low_p) * lower, 0))) / (lower or 1e-12)
    high = (p * q + np.sqrt(max((p * q) ** 2 - high_p * (2 * p - high_p) * upper, 0))) / upper
    return max(float(low), 0.0), float(high)


def fisher(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Fisher's exact two-sided chance that two shares, each (successes, trials), differ so when both are the same."""
    from scipy.special import gammaln

    (a, n), (c, m) = first, second
    some = a + c
    possible = np.arange(max(0, some - m), min(n, some) + 1)
    ways = -sum(gammaln(item + 1) for item in (possible, n - possible, some - possible, m - some + possible))
    chance = np.exp(ways - ways.max())
    # as likely as what was seen, rounding left aside
    return float(chance[ways <= ways[a - possible[0]] + 1e-7].sum() / chance.sum())
