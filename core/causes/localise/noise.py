"""How far a leaf may be from its forecast when nothing is wrong, learnt from the table itself."""

from dataclasses import dataclass, replace
from math import lgamma, log, pi

import numpy as np

from core.causes.localise.table import Floats

_BINS = 10
_A_BIN = 40
"""Fewest leaves that a scale is taken from."""
_CUT = 8.0
_FAR = 8.0
"""Nats below the peak at which a leaf counts as foreign when noises are compared."""
_QUANTILE, _NORMAL = 0.683, 1.0
_POOL = 5.0
_CALMEST, _MIDDLE = (0.2, 0.0642), (0.5, 0.455)
"""A quantile of groups, and what it is of chi-square with one degree of freedom: failures rise where something is wrong, so the
calmest are ordinary; other counts go either way."""
_CLUMPED = 6.0
"""Most events that come together."""
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
    lean: float = 0.5
    tail: float = 40.0
    """Degrees of freedom."""
    rare: bool = False
    """Most leaves count nothing, so that densities are those of counts, not of a normal."""

    def log_density(self, value: Floats, mean: Floats, extra: Floats | float = 0.0) -> Floats:
        """Log density of a value (up to a constant) whose noise has an `extra` variance."""
        if self.rare:
            return self._of_counts(value, mean, extra)
        e = value - mean
        x = np.abs(mean + self.lean * e)
        square = self.spread**2 * x
        var = (self.counts + square) * x + (self.floor + extra)
        out = np.log1p(e * e / (var * self.tail))
        out *= -(self.tail + 1) / 2
        out -= 0.5 * np.log(var)
        if self.lean:  # the scale moves with the value: its slope belongs to the density
            bend = 0.5 * self.lean * e * (self.counts + 2 * square) / var
            out += np.log(np.maximum(np.abs(1 - bend), 0.02))
        return np.asarray(out)

    def _of_counts(self, value: Floats, mean: Floats, extra: Floats | float) -> Floats:
        """The double Poisson density (Efron 1986, section 2): a deviance over a dispersion, here with a tail. Unlike a normal
        density it is right for leaves of which less than one event is expected."""
        v, m = np.maximum(value, 0.0), np.maximum(mean, 1e-3 * self.counts)
        x = m + self.lean * (v - m)
        dispersion = self.counts + self.spread**2 * x + (self.floor + extra) / m
        deviance = 2 * (v * np.log(np.maximum(v, 1e-9 * m) / m) - (v - m))
        out = np.log1p(np.maximum(deviance, 0) / (dispersion * self.tail))
        out *= -(self.tail + 1) / 2
        return np.asarray(out - 0.5 * np.log(dispersion * np.maximum(v, self.counts / 4)))

    def likelihood(self, value: Floats, mean: Floats) -> float:
        """Log likelihood of all leaves when the far ones, which causes may own, are cut off."""
        here = self.log_density(value, mean) + _constant(self.tail)
        return float(np.maximum(here, -0.5 * np.log(np.abs(mean) ** 2 + self.floor) - _FAR + 2).sum())

    def bounded(self, value: Floats, mean: Floats) -> Floats:
        """Residuals in units of their scale, cut off where one leaf alone would be proof enough. What is count-like in the
        scale is taken at the mean, so that sums of many small counts keep their mean."""
        x = mean + self.lean * (value - mean)
        var = self.counts * np.abs(mean) + (self.spread * x) ** 2 + self.floor
        sd = np.sqrt(var)
        most = _CUT * (1 + self.counts / sd)  # an event more is no outlier where less than one was expected
        return np.asarray(np.clip((value - mean) / sd, -most, most))

    def pull(self, mean: Floats) -> Floats:
        """By how many units of scale a leaf moves when its ratio moves by one."""
        return np.asarray(mean / np.sqrt(self.variance(mean)))

    def variance(self, mean: Floats) -> Floats:
        """Squared scale of a leaf that hits its mean."""
        x = np.abs(mean)
        return np.asarray(self.counts * x + (self.spread * x) ** 2 + self.floor)


def fit(actual: Floats, mean: Floats) -> Noise:
    """The noise of leaves that are mostly ordinary, all with a positive mean.

    Scales come from quantiles within bins of the mean, so that leaves of a cause do not widen them; and from the side of the
    forecast that the anomalies do not go to (they mostly go one way), when that is the likelier noise.
    """
    if len(mean) < _A_BIN // 4:
        return Noise(0.0, 0.1, 1e-12 + 1e-4 * float(np.mean(np.abs(mean))) ** 2 if len(mean) else 1.0, 0.0, 5.0)
    order = np.argsort(mean)
    v, m = actual[order], mean[order]
    if are_rare(actual, mean):
        return pooled(actual, mean, False)[1]

    def best(options: list[Noise]) -> Noise:
        return max(options, key=lambda noise: noise.likelihood(v, m))

    sides = {"all": np.ones(len(v), bool), "low": v <= m, "high": v >= m}
    found = {name: _scales(v[side], m[side], 0.5) for name, side in sides.items()}
    values = {name: noise.likelihood(v, m) for name, noise in found.items()}
    side = sides[max(values, key=lambda name: values[name])]
    leaning = best([_scales(v[side], m[side], lean) for lean in _LEANS])
    return best([replace(leaning, tail=tail) for tail in _TAILS])


def _scales(v: Floats, m: Floats, lean: float) -> Noise:
    """Count-like, relative or mixed: whichever law follows the scales of the bins; `m` ascends."""
    floor = 1e-10 * float(np.mean(m)) ** 2 if len(m) else 1.0
    bins = int(np.clip(len(m) // _A_BIN, 1, _BINS))
    size = len(m) // bins
    if size < 4:
        return Noise(0.0, 0.1, floor, lean)
    v, m = (one[len(m) - bins * size :].reshape(bins, size) for one in (v, m))
    centre = np.sqrt(np.mean(m**2, axis=1))
    e, x = np.abs(v - m), np.maximum(m + lean * (v - m), 1e-12 * centre[:, None])
    at = min(int(_QUANTILE * size), size - 1)
    # residuals brought to the middle of the bin under either law; the two agree within a narrow bin
    rooted = np.partition(e / np.sqrt(x), at, axis=1)[:, at] ** 2 * centre
    related = np.partition(e / x, at, axis=1)[:, at] ** 2 * centre**2
    filled = (np.mean(v == 0, axis=1) < 0.05) | (np.arange(bins) >= bins - 2)
    keep = filled & (rooted > 0) & (related > 0)
    if not keep.any():
        return Noise(0.0, 1e-3, floor, lean)
    return _law(centre[keep], rooted[keep], related[keep], floor, lean)


def are_rare(v: Floats, m: Floats) -> bool:
    """Whether less than two events are expected of most leaves, so that single leaves show no scale."""
    some = v > 0
    return bool(np.mean(some) < 0.9) and (not some.any() or float(np.median(m)) < 2 * float(np.quantile(v[some], 0.1)))


def pooled(v: Floats, m: Floats, failures: bool) -> tuple[float, Noise]:
    """Counts of which most leaves have none: the factor and the dispersion of groups of neighbours that have some together."""
    share, chi2 = _CALMEST if failures else _MIDDLE
    event = float(np.quantile(v[v > 0], 0.1)) if (v > 0).any() else 1.0
    due_per = max(_POOL * event, float(m.sum()) / 200)
    group = (np.cumsum(m) / due_per).astype(np.int64)
    got, due = np.bincount(group, v), np.bincount(group, m)
    got, due = got[due > 0], due[due > 0]
    factor = max(float(np.quantile(got / due, share)), 0.1)
    square = (got - factor * due) ** 2 / (factor * due)
    whole = 1.0 if np.all(v == np.round(v)) else 1e-9
    counts = min(max(whole, float(np.quantile(square, share)) / chi2), _CLUMPED * event)
    return factor, Noise(counts, 0.0, 1e-10 * float(np.mean(m)) ** 2, rare=True)


def _law(centre: Floats, rooted: Floats, related: Floats, floor: float, lean: float) -> Noise:
    middle = np.sqrt(rooted * related)
    options = [
        (float(np.exp(np.mean(np.log(rooted / centre)))), 0.0),
        (0.0, float(np.exp(np.mean(np.log(related / centre**2))))),
    ]
    if len(centre) > 3:
        design = np.stack([centre, centre**2], axis=1) / middle[:, None]
        both = np.linalg.lstsq(design, np.ones(len(centre)), rcond=None)[0]
        if (both > 0).all():
            options.append((float(both[0]), float(both[1])))

    def misfit(option: tuple[float, float]) -> float:
        counts, square = option
        target = middle if counts and square else rooted if counts else related
        law = np.log((counts * centre + square * centre**2) / target)
        return float(np.sum(law**2)) + (0.1 if counts and square else 0.0)

    counts, square = min(options, key=misfit)
    return Noise(counts, float(np.sqrt(square)), floor, lean)


def _constant(df: float) -> float:
    return lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * log(df * pi)
