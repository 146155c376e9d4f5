"""What all ordinary leaves have in common: one factor on their forecasts, and the noise around it."""

import numpy as np

from core.causes.localise.noise import Noise, fit
from core.causes.localise.table import Floats

_SAMPLE = 8192


def general(actual: Floats, mean: Floats) -> tuple[float, Noise]:
    """The factor that ordinary leaves have in common, and their noise around it.

    From the densest half of the leaves' ratios, and from 1, by redescending M-estimation (Tukey's biweight) in turn with
    the noise; the more likely of the two.
    """
    known = (mean > 0) & (actual > 0)
    v, f = actual[known], mean[known]
    if len(v) < 8:
        return 1.0, fit(actual, mean)
    best: tuple[float, float, Noise] | None = None
    for level in {1.0, densest(v / f, np.sqrt(f))}:
        for _ in range(2):
            noise = fit(actual, mean * level)
            z = noise.standardised(v, f * level)
            w = np.where(np.abs(z) < 5, (1 - (z / 5) ** 2) ** 2, 0.0) * f / noise.variance(f * level)
            level = float((w * v).sum() / (w * f).sum())
        likely = float(np.maximum(noise.log_density(v, f * level), np.log(1e-4 / f)).sum())
        if best is None or likely > best[0]:
            best = (likely, level, noise)
    return best[1], best[2]


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
