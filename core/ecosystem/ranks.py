"""Ranks, and what they tell of two groups or of two figures: a few large members carry every mean."""

import numpy as np

from core.base.arrays import Floats
from core.detection.distributions import Z95
from core.ecosystem.results.claim_results import Interval

_NEARLY_ONE = 0.999999


def ranks(values: Floats) -> Floats:
    """From 1; equals share the mean of theirs."""
    _, position, times = np.unique(values, return_inverse=True, return_counts=True)
    result: Floats = (np.cumsum(times) - (times - 1) / 2)[position]
    return result


def rank_test(first: Floats, second: Floats) -> float:
    """Two-sided chance of Mann and Whitney (1947), by the normal law with ties."""
    from scipy.special import ndtr

    n, m = len(first), len(second)
    both, size = ranks(np.concatenate([first, second])), n + m
    times = np.unique(both, return_counts=True)[1]
    variance = n * m / 12 * (size + 1 - float((times**3 - times).sum()) / (size * (size - 1)))
    if variance <= 0:
        return 1.0
    z = (abs(float(both[:n].sum()) - n * (size + 1) / 2) - 0.5) / variance**0.5
    return float(min(2 * ndtr(-z), 1.0))


def spearman(first: Floats, second: Floats) -> tuple[float, Interval]:
    """Spearman's rank correlation and its 95 % interval (Bonett and Wright, Psychometrika 2000); at least four pairs."""
    both = np.stack([ranks(item) for item in (first, second)])
    if (both.std(axis=1) == 0).any():
        return 0.0, (-1.0, 1.0)
    result = float(np.asarray(np.corrcoef(both))[0, 1])
    middle, half = _fisher_z(result), Z95 * _error(result, len(first))
    return result, (float(np.tanh(middle - half)), float(np.tanh(middle + half)))


def correlation_chance(correlation: float, size: int) -> float:
    """Two-sided chance of so large a rank correlation of so many pairs; at least four."""
    from scipy.special import ndtr

    return 2 * float(ndtr(-abs(_fisher_z(correlation)) / _error(correlation, size)))


def _fisher_z(correlation: float) -> float:
    return float(np.arctanh(np.clip(correlation, -_NEARLY_ONE, _NEARLY_ONE)))


def _error(correlation: float, size: int) -> float:
    """Standard error of Fisher's z."""
    return float(np.sqrt((1 + correlation**2 / 2) / (size - 3)))
