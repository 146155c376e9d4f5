"""The factor by which everything moved: causes are what differs from it."""

import numpy as np

from core.base.arrays import Floats
from core.localization.single_table.leaf_noise import LeafNoise
from core.localization.single_table.leaf_table import quantile

_FACTORS = np.exp(np.linspace(-1.6, 1.6, 65))
_COMMON = 0.15
"""A factor is believed to be general when so large a part of the leaves agrees with it (1 = all of them exactly)."""
_TELLING = 4.0
"""Precision (1 / variance of the deviation) from which on a leaf says something about the factor."""
_FEWEST = 10
_SAMPLE = 20_000
"""Leaves that are enough to see a factor."""
_HARDLY = 0.2
"""Difference of log variances that is no difference."""
_SETTLING = 9.0
"""Precision from which on a leaf of a cause of half or double differs from a usual one."""
_KNOWN = 25.0
"""How well the factor is known beforehand: to one part in five (1 / variance)."""


def general(value: Floats, mean: Floats, noise: LeafNoise) -> float | None:
    """The factor nearest to 1 that a good part of the leaves shares; None if all are too noisy to tell.

    Nearest, because the forecast is right until many leaves agree on something else: when a cause takes more than half of
    a table, it is still the cause, and not the rest that rose.
    """
    _, beforehand = noise.deviation(mean, mean)
    telling = (beforehand > _TELLING) & (mean > 0)
    if telling.sum() < _FEWEST:
        return None
    some = np.flatnonzero(telling)[:: max(1, int(telling.sum()) // _SAMPLE)]
    value, mean = value[some], mean[some]
    enough = _COMMON * 2 * len(value)
    if _agreement(value, mean, noise) > enough:
        return 1.0
    shared = np.array([_agreement(value, mean * factor, noise) for factor in _FACTORS])
    peak = np.zeros(len(shared), bool)
    peak[1:-1] = (shared[1:-1] >= shared[:-2]) & (shared[1:-1] >= shared[2:]) & (shared[1:-1] > enough)
    return float(min(_FACTORS[peak], key=lambda factor: abs(np.log(factor)), default=1.0))


def crowded(value: Floats, mean: Floats) -> float:
    """The factor around which half of the larger leaves are closest together (the shorth: Andrews et al. 1972): when everything
    moved, noise is to be learnt around that and not around 1."""
    both = np.flatnonzero((value > 0) & (mean > 0))
    both = both[:: max(1, len(both) // _SAMPLE)]
    if len(both) < _FEWEST:
        return 1.0
    larger = both[mean[both] >= quantile(mean[both], 0.5)]
    logs = np.sort(np.log(value[larger] / mean[larger]))
    half = len(logs) // 2
    shortest = int(np.argmin(logs[half:] - logs[: len(logs) - half]))
    return float(np.exp(logs[shortest + half // 2]))


def narrower(first: LeafNoise, other: LeafNoise, mean: Floats) -> LeafNoise:
    """The noise of the two under which leaves vary less; the first when there is hardly a difference."""
    means = mean[mean > 0][:_SAMPLE]
    widths = [np.log(noise.variance(means, means, means)).mean() for noise in (first, other)]
    return first if widths[0] < widths[1] + _HARDLY else other


def settle(value: Floats, mean: Floats, factor: float, noise: LeafNoise) -> float:
    """The factor made exact: the mean shift of the leaves that agree with it."""
    for _ in range(4):
        deviations, precisions = noise.deviation(value, mean * factor)
        _, beforehand = noise.deviation(mean * factor, mean * factor)
        weights = np.where((deviations**2 * precisions < 4) & (beforehand > _SETTLING), precisions, 0.0)
        total = weights.sum() + _KNOWN
        factor *= 1 + float((weights * deviations).sum() / total)
    return factor


def _agreement(value: Floats, mean: Floats, noise: LeafNoise) -> float:
    """2 for each leaf that is exactly at its mean, 0 for those beyond two standard deviations."""
    deviations, precisions = noise.deviation(value, mean)
    return float(np.maximum(2 - deviations**2 * precisions / 2, 0).sum())
