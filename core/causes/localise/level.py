"""What all ordinary leaves have in common: one factor on their forecasts, and the noise around it."""

import numpy as np

from core.causes.localise.noise import Noise, are_rare, fit, pooled
from core.causes.localise.table import Floats

_SAMPLE, _MANY = 6000, 200_000
_GOLDEN = 0.618
_PRIOR = 2.0
"""Nats a leaf by which another factor must be likelier than 1: most of a table may be in causes, few tables move as a whole."""


def general(actual: Floats, mean: Floats, counted: bool) -> tuple[float, Noise]:
    """The factor that ordinary leaves have in common, and their noise around it.

    Found near 1 and near the densest half of the leaves' ratios, each time in turn with the noise.
    """
    known = np.flatnonzero((mean > 0) & (actual >= 0))
    rows = known[:: max(1, len(known) // _SAMPLE)]
    v, f = actual[rows], mean[rows]
    if len(v) < 8:
        return 1.0, fit(v, f)
    if counted or are_rare(v, f):
        return pooled(v, f, counted)
    level, noise = _near(v, f, 1.0)
    other = densest(v[v > 0] / f[v > 0], np.sqrt(f[v > 0]))
    if abs(np.log(other / level)) > 2 * float(np.median(1 / noise.pull(f))):
        far, wide = _near(v, f, other)
        if wide.likelihood(v, f * far) > noise.likelihood(v, f * level) + _PRIOR * len(v):
            return far, wide
    return level, noise


def _near(v: Floats, f: Floats, level: float) -> tuple[float, Noise]:
    noise = fit(v, f * level)
    level = _likeliest(v, f, level, noise)
    return level, fit(v, f * level)


def _likeliest(v: Floats, f: Floats, level: float, noise: Noise) -> float:
    """The factor of the greatest likelihood near `level`, by golden section."""
    reach = 1.5 * float(np.median(1 / np.maximum(noise.pull(f), 1e-9)))
    low, high = level - min(reach, level / 2), level + min(reach, level)

    def at(part: float) -> tuple[float, float]:
        factor = low + part * (high - low)
        return noise.likelihood(v, f * factor), factor

    left, right = at(1 - _GOLDEN), at(_GOLDEN)
    while high - low > reach / 100:
        if left[0] > right[0]:
            high, right = right[1], left
            left = at(1 - _GOLDEN)
        else:
            low, left = left[1], right
            right = at(_GOLDEN)
    return (low + high) / 2


def densest(x: Floats, weight: Floats) -> float:
    """Middle of the shortest interval that holds half of the weight (the shorth), halved three times."""
    order = np.argsort(x)
    x, weight = x[order], weight[order]
    for _ in range(3):
        if len(x) < 8:
            break
        total = np.cumsum(weight)
        start = np.arange(np.searchsorted(total, total[-1] / 2) + 1)
        before = total[start] - weight[start]
        end = np.minimum(np.searchsorted(total, before + total[-1] / 2), len(x) - 1)
        at = int(np.argmin(x[end] - x[start]))
        x, weight = x[at : end[at] + 1], weight[at : end[at] + 1]
    return float(np.median(x)) if len(x) else 1.0


def centred(actual: Floats, mean: Floats, level: float, noise: Noise) -> float:
    """The factor at which the bounded residuals of leaves without causes balance, near `level`."""
    step = len(mean) // _MANY + 1
    actual, mean = actual[::step], mean[::step]
    pull = noise.pull(mean)
    if not (pull > 0).any():
        return level

    def lean(factor: float) -> float:
        return float((noise.bounded(actual, mean * factor) * pull).sum())

    width = float(1 / np.sqrt((pull**2).sum()))
    low, at_low = level, lean(level)
    high = level + width
    for _ in range(6):
        at_high = lean(high)
        if at_high == at_low or abs(high - low) < 0.05 * width:
            break
        newer = high - at_high * (high - low) / (at_high - at_low)
        low, at_low, high = high, at_high, float(np.clip(newer, level / 2, level * 2))
    return high
