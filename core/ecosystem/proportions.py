"""Intervals and adjusted chances that several parts of the health use."""

import numpy as np

from core.base.arrays import Floats
from core.detection import distributions
from core.ecosystem.results.claim_results import Interval

_WIDEST = 50.0
"""Half of an interval of log odds that says nothing."""


def wilson(successes: float, trials: float) -> Interval:
    """95 % interval of one share; 0..1 without trials."""
    if not trials:
        return 0.0, 1.0
    low, high = distributions.wilson(np.asarray(successes, float), np.asarray(trials, float))
    return float(low), float(high)


def share_of(amount: Floats, group: Floats) -> tuple[float, Interval]:
    """What part of an amount a group has, and its 95 % interval when other members of the same kind had come; amount > 0 in sum.

    The variance of a ratio (Woodruff, JASA 1971), each member counted by how the share of all others differs (HC3: MacKinnon and
    White, Journal of Econometrics 1985), on the scale of log odds, with Student's quantile for as many equal members
    as carry the amount. Where the group has all or nothing: Wilson's, for as many equal members as carry the amount.
    """
    from scipy.special import stdtrit

    total = float(amount.sum())
    share = float((amount * group).sum()) / total
    alike = total**2 / float((amount**2).sum())
    if share <= 0 or share >= 1:
        return share, wilson(share * alike, alike)
    without = (group - share) * amount / np.maximum(total - amount, 1e-12 * total)
    deviation = float(np.sqrt((without**2).sum()))
    middle, quantile = np.log(share / (1 - share)), float(stdtrit(max(alike - 1, 1), 0.975))
    half = min(quantile * deviation / (share * (1 - share)), _WIDEST)
    return share, (float(1 / (1 + np.exp(half - middle))), float(1 / (1 + np.exp(-half - middle))))


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
