"""What all ordinary leaves have in common: one factor on their forecasts, and the noise around it."""

import numpy as np

from core.causes.localise.noise import Noise, fit
from core.causes.localise.table import Floats

_SAMPLE = 8192
_FAR = 8.0
_GOLDEN = 0.618


def general(actual: Floats, mean: Floats) -> tuple[float, Noise]:
    """The factor that ordinary leaves have in common, and their noise around it.

    From the densest half of the leaves' ratios, and from 1, by redescending M-estimation (Tukey's biweight) in turn with
    the noise; the more likely of the two.
    """
    known = (mean > 0) & (actual > 0)
    v, f = actual[known], mean[known]
    if len(v) < 8:
        return 1.0, fit(actual, mean)
    step = max(1, len(v) // _SAMPLE)
    v, f = v[::step], f[::step]
    best: tuple[float, float, Noise] | None = None
    for level in (1.0, densest(v / f, np.sqrt(f))):
        for _ in range(2):
            noise = fit(v, f * level)
            level = _likeliest(v, f, level, noise)
        likely = _likelihood(v, f, level, noise)
        if best is None or likely > best[0]:
            best = (likely, level, noise)
    return best[1], best[2]


def _likelihood(v: Floats, f: Floats, level: float, noise: Noise) -> float:
    """Log likelihood with the far leaves, which causes may own, cut off."""
    here = noise.log_density(v, f * level)
    return float(np.maximum(here, -0.5 * np.log(noise.variance(f)) - _FAR).sum())


def _likeliest(v: Floats, f: Floats, level: float, noise: Noise) -> float:
    """The factor of the greatest likelihood near `level`, by golden section."""
    reach = 1.5 * float(np.median(1 / np.maximum(noise.pull(f), 1e-9)))
    low, high = level - min(reach, level / 2), level + min(reach, level)
    while high - low > reach / 200:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if _likelihood(v, f, left, noise) > _likelihood(v, f, right, noise):
            high = right
        else:
            low = left
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
    return float(np.median(x)) or 1.0


def centred(actual: Floats, mean: Floats, level: float, noise: Noise) -> float:
    """The factor at which the bounded residuals of leaves without causes balance, near `level`."""

    def lean(factor: float) -> float:
        return float((noise.bounded(actual, mean * factor) * noise.pull(mean)).sum())

    step = float(1 / np.sqrt(max((noise.pull(mean) ** 2).sum(), 1e-300)))
    low, at_low = level, lean(level)
    high = level + step
    for _ in range(6):
        at_high = lean(high)
        if at_high == at_low or abs(high - low) < 0.05 * step:
            break
        low, at_low, high = (
            high,
            at_high,
            float(np.clip(high - at_high * (high - low) / (at_high - at_low), level / 2, level * 2)),
        )
    return high
