"""How far a leaf may be from its forecast when nothing is wrong, learnt from the table itself."""

from dataclasses import dataclass, replace
from math import lgamma, log, pi

import numpy as np
from numpy.typing import NDArray

from core.causes.localise.table import Floats

_BINS = 10
_CUT = 8.0
_NORMAL = {0.5: 0.6745, 0.683: 1.0}
"""The normal distribution's quantile of an absolute residual."""
_TAILS = (3.0, 5.0, 8.0, 15.0, 40.0)
_LEANS = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Noise:
    """Variance `counts * x + spread^2 * x^2 + floor` with tails of Student's t, where x lies between the mean and the value:
    `lean` 0 = the mean (noise in what happened), 1 = the value (noise in the forecast), 1/2 = both, which is also close
    to the deviance of counts."""

    counts: float
    spread: float
    floor: float
    lean: float
    tail: float
    """Degrees of freedom."""

    def log_density(self, value: Floats, mean: Floats, extra: Floats | float = 0.0) -> Floats:
        """Log density of a value (up to a constant) whose noise has an `extra` variance."""
        e = value - mean
        x = np.abs(mean + self.lean * e)
        var = (self.counts * x + (self.spread * x) ** 2) + self.floor + extra
        slope = self.lean * (self.counts + 2 * self.spread**2 * x)
        jacobian = np.abs(1 - np.clip(0.5 * e * slope / var, -50, 0.98))
        return np.log(jacobian) - 0.5 * np.log(var) - (self.tail + 1) / 2 * np.log1p(e * e / (var * self.tail))

    def bounded(self, value: Floats, mean: Floats) -> Floats:
        """Residuals in units of their scale, cut off where one leaf alone would be proof enough. What is count-like in the scale is
        taken at the mean, so that sums of many small counts keep their mean."""
        x = mean + self.lean * (value - mean)
        var = self.counts * np.abs(mean) + (self.spread * x) ** 2 + self.floor
        return np.asarray(np.clip((value - mean) / np.sqrt(var), -_CUT, _CUT))

    def pull(self, mean: Floats) -> Floats:
        """By how many units of scale a leaf moves when its ratio moves by one."""
        return np.asarray(mean / np.sqrt(self.variance(mean)))

    def standardised(self, value: Floats, mean: Floats) -> Floats:
        """Residuals in units of their scale."""
        e = value - mean
        x = np.abs(mean + self.lean * e)
        return e / np.sqrt(self.counts * x + (self.spread * x) ** 2 + self.floor)

    def variance(self, mean: Floats) -> Floats:
        """Squared scale of a leaf that hits its mean."""
        x = np.abs(mean)
        return self.counts * x + (self.spread * x) ** 2 + self.floor


def fit(actual: Floats, mean: Floats) -> Noise:
    """The noise of leaves that are mostly ordinary.

    Scales come from quantiles within bins of the mean, so that leaves of a cause do not widen them; when the far
    residuals are mostly on one side (anomalies go one way: Squeeze, Li et al. 2019, section IV), only the other is used.
    """
    known = (mean > 0) & (actual >= 0)
    v, m = actual[known], mean[known]
    if len(v) < 8:
        return Noise(0.0, 0.1, 1e-12 + 1e-4 * float(np.mean(np.abs(mean))) ** 2, 0.0, 5.0)
    best, chosen = -np.inf, None
    for lean in _LEANS:
        rough = _scales(v, m, np.ones(len(v), bool), lean, 0.5)
        z = rough.standardised(v, m)
        fine = _scales(v, m, calm_side(z), lean, 0.683)
        z = fine.standardised(v, m)
        fine = replace(fine, tail=_tail(z[calm_side(z)]))
        value = float(np.maximum(fine.log_density(v, m), np.log(1e-4 / (m + 1e-300))).sum())
        value += len(v) * _constant(fine.tail)
        if value > best:
            best, chosen = value, fine
    assert chosen is not None
    return chosen


def calm_side(z: Floats) -> NDArray[np.bool_]:
    """The residuals that are to be learnt from: all, or those of the side without the anomalies."""
    far = np.clip(np.abs(z) - 4, 0, 20)
    low, high = far[z < 0].sum(), far[z > 0].sum()
    if max(low, high) > 3 * min(low, high) + 10:
        return z >= 0 if low > high else z <= 0
    return np.ones(len(z), bool)


def _scales(v: Floats, m: Floats, calm: NDArray[np.bool_], lean: float, share: float) -> Noise:
    edges = np.quantile(m, np.linspace(0, 1, int(np.clip(len(m) // 100, 1, _BINS)) + 1))
    place = np.clip(np.searchsorted(edges, m, side="right") - 1, 0, len(edges) - 2)
    e = np.abs(v - m)
    x = m + lean * (v - m)
    means, variances, good = [], [], []
    for k in range(len(edges) - 1):
        inside = (place == k) & calm
        if inside.sum() < 8:
            continue
        centre = np.sqrt(np.mean(m[inside] ** 2))
        # residuals brought to the middle of the bin under either law; the two agree within a narrow bin
        relative = e[inside] / np.maximum(x[inside], 1e-12 * centre) * centre
        rooted = e[inside] / np.sqrt(np.maximum(x[inside], 1e-12 * centre)) * np.sqrt(centre)
        sd = [np.quantile(one, share) / _NORMAL[share] for one in (rooted, relative)]
        if min(sd) > 0:
            means.append(centre)
            variances.append([sd[0] ** 2, sd[1] ** 2])
            good.append(np.mean(v[inside] == 0) < 0.05)
    floor = 1e-10 * float(np.mean(m)) ** 2
    if not means:
        return Noise(0.0, 1e-3, floor, lean, 30.0)
    mm, y, keep = np.array(means), np.array(variances), np.array(good)
    if keep.sum() >= 2:
        mm, y = mm[keep], y[keep]
    options = [
        (float(np.exp(np.mean(np.log(y[:, 0] / mm)))), 0.0),
        (0.0, float(np.exp(np.mean(np.log(y[:, 1] / mm**2))))),
    ]
    if len(mm) > 2:
        y2 = np.sqrt(y[:, 0] * y[:, 1])
        both = np.linalg.lstsq(np.stack([mm, mm**2], 1) / y2[:, None], np.ones(len(y2)), rcond=None)[0]
        if (both > 0).all():
            options.append((float(both[0]), float(both[1])))
    costs = []
    for counts, square in options:
        ref = y[:, 0] if square == 0 else y[:, 1] if counts == 0 else np.sqrt(y[:, 0] * y[:, 1])
        costs.append(np.sum(np.log((counts * mm + square * mm**2) / ref) ** 2) + 0.1 * (counts > 0 and square > 0))
    counts, square = options[int(np.argmin(costs))]
    return Noise(counts, float(np.sqrt(square)), floor, lean, 30.0)


def _constant(df: float) -> float:
    return lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * log(df * pi)


def _tail(z: Floats) -> float:
    z2 = np.minimum(z**2, 400)
    return max(_TAILS, key=lambda df: len(z2) * _constant(df) - (df + 1) / 2 * float(np.log1p(z2 / df).sum()))
