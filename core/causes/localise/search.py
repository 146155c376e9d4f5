"""The search: peel off the element that shortens the description of the table most, until nothing does."""

from dataclasses import dataclass
from math import log

import numpy as np

from core.causes.localise.cuboids import Cuboid, cuboids, sums
from core.causes.localise.noise import Noise, fit
from core.causes.localise.table import Codes, Floats, Rows

_EXTRA = 3.0
_MOST = 24
_CANDIDATES = 24


def rounding(v: Floats) -> float:
    """Variance of rounding to whole units, when nearly all values are whole."""
    return 1 / 12 if np.mean(v == np.round(v)) > 0.95 else 0.0


def dispersions(v: Floats, f: Floats, ratio: float, noise: Noise) -> list[Floats]:
    """Variances that the leaves of a cause may have beyond their noise: as small as rounding, count-like, or relative.

    Without some width of their own, the leaves of a cause whose strength varies would look like many causes.
    """
    least = rounding(v) + noise.variance(f) / 16 + (0.005 * f) ** 2
    e = np.abs(v - ratio * f)
    positive = f > 0
    counts = (float(np.quantile(e[positive] / np.sqrt(f[positive]), 0.683))) ** 2
    spread = (float(np.quantile(e[positive] / f[positive], 0.683))) ** 2
    return [least, least + counts * f, least + spread * f * f, least + counts * f + spread * f * f / 4]


@dataclass(frozen=True, slots=True)
class Element:
    """A candidate: an element, the ratio of its leaves, and how many nats it saves net of its price."""

    cuboid: Cuboid
    number: int
    rows: Rows
    ratio: float
    extra: Floats
    gain: float
    proof: float


def peel(codes: Codes, actual: Floats, mean: Floats) -> tuple[list[Element], float]:
    """The elements that explain the table, in the order of their strength, and the general factor of all others."""
    all_cuboids = cuboids(codes)
    free = np.ones(len(actual), bool)
    found: list[Element] = []
    level = 1.0
    while len(found) < _MOST and free.any():
        level, noise = general(actual[free], mean[free])
        game = Game(all_cuboids, actual, mean * level, free, noise)
        best = game.best()
        if best is None:
            break
        found.append(best)
        free[best.rows] = False
    return found, level


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


class Game:
    """One round: all leaves that no cause owns yet, against the noise."""

    def __init__(self, all_cuboids: list[Cuboid], v: Floats, f: Floats, free: np.ndarray, noise: Noise) -> None:
        self.cuboids, self.v, self.f, self.free, self.noise = all_cuboids, v, f, free, noise
        z = noise.standardised(v, f)
        bounded = np.sign(z) * np.sqrt((noise.tail + 1) * np.log1p(z * z / noise.tail))
        pull = f / np.sqrt(noise.variance(f))
        self.a = np.where(free, bounded * pull, 0.0)
        self.b = np.where(free, pull * pull, 0.0)

    def best(self) -> Element | None:
        """The element that saves most, split as long as its parts say it cheaper; None when nothing pays its price."""
        found: list[tuple[float, Cuboid, int]] = []
        for cuboid in self.cuboids:
            a, b = sums(cuboid, self.a), sums(cuboid, self.b)
            gain = np.divide(a * a, 2 * b, out=np.zeros_like(a), where=b > 0) - cuboid.price - _EXTRA
            top = np.argpartition(-gain, min(3, len(gain) - 1))[:4]
            found += [(float(gain[k]), cuboid, int(k)) for k in top if gain[k] > 0]
        found.sort(key=lambda one: -one[0])
        elements = [self.weigh(cuboid, k) for _, cuboid, k in found[:_CANDIDATES]]
        best = max((one for one in elements if one.proof > 0), key=lambda one: one.gain, default=None)
        while best is not None and best.gain > 0:
            part = self.part(best)
            if part is None or part.proof <= 0:
                return best
            best = part
        return None

    def weigh(self, cuboid: Cuboid, number: int) -> Element:
        """The two-point likelihood of an element: all its leaves at a common ratio, against all at 1."""
        rows = np.flatnonzero((cuboid.key == number) & self.free)
        v, f = self.v[rows], self.f[rows]
        price = cuboid.price + _EXTRA
        if not (f > 0).any():
            return Element(cuboid, number, rows, 1.0, 0.0 * f, -np.inf, -np.inf)
        null = self.noise.log_density(v, f).sum()
        best: tuple[float, float, Floats] | None = None
        for ratio in self.ratios(v, f, self.b[rows]):
            for extra in dispersions(v, f, ratio, self.noise):
                here = float(self.noise.log_density(v, ratio * f, extra).sum())
                if best is None or here > best[0]:
                    best = (here, ratio, extra)
        likely, ratio, extra = best
        wide = float(self.noise.log_density(v, f, extra).sum())
        return Element(cuboid, number, rows, ratio, extra, likely - null - price, likely - max(null, wide) - price)

    def ratios(self, v: Floats, f: Floats, weight: Floats) -> set[float]:
        known = f > 0
        x = v[known] / f[known]
        order = np.argsort(x)
        cum = np.cumsum(weight[known][order])
        return {
            float(v.sum() / f.sum()),
            *(float(x[order][np.searchsorted(cum, cum[-1] * q)]) for q in (0.35, 0.5, 0.65)),
        }

    def leaf_gains(self, e: Element) -> Floats:
        v, f = self.v[e.rows], self.f[e.rows]
        return self.noise.log_density(v, e.ratio * f, e.extra) - self.noise.log_density(v, f)

    def part(self, e: Element) -> Element | None:
        """The strongest child of an element whose children together, at its own ratio, are a shorter description."""
        gains = self.leaf_gains(e)
        best, chosen = e.gain, None
        mine = set(e.cuboid.axes)
        for cuboid in self.cuboids:
            if not mine < set(cuboid.axes):
                continue
            unique, where = np.unique(cuboid.key[e.rows], return_inverse=True)
            if len(unique) < 2:
                continue
            net = np.bincount(where, gains) - cuboid.price - _EXTRA
            total = net[net > 0].sum()
            if total > best:
                best, chosen = total, (cuboid, int(unique[np.argmax(net)]))
        return None if chosen is None else self.weigh(*chosen)
