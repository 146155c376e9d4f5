"""One round: all leaves that no cause owns yet against the noise, and what an element would save."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.causes.localise.cuboids import Cuboid, sums
from core.causes.localise.noise import Noise
from core.causes.localise.table import Floats, Rows

_EXTRA = 3.0
_CANDIDATES = 12
_FEW = 4


def rounding(v: Floats) -> float:
    """Variance of rounding to whole units, when nearly all values are whole."""
    return 1 / 12 if np.mean(v == np.round(v)) > 0.95 else 0.0


def dispersions(v: Floats, f: Floats, ratio: float, noise: Noise) -> list[Floats]:
    """Variances that the leaves of a cause may have beyond their noise: as small as rounding, count-like, or relative.

    Without some width of their own, the leaves of a cause whose strength varies would look like many causes.
    """
    least = rounding(v) + noise.variance(f) / 16 + (0.005 * f) ** 2
    if len(v) < _FEW:
        return [least]
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


class Game:
    """One round: all leaves that no cause owns yet, against the noise."""

    def __init__(
        self, all_cuboids: list[Cuboid], v: Floats, f: Floats, noise: Noise, free: NDArray[np.bool_], first: bool
    ) -> None:
        self.cuboids, self.v, self.f, self.noise = all_cuboids, v, f, noise
        self.free = np.ones(len(v), bool)
        pull = noise.pull(f)
        self.a, self.b = noise.bounded(v, f) * pull, pull * pull
        self.held = [(sums(one, self.a), sums(one, self.b)) for one in all_cuboids]
        self.width, self.drift = 1.0, 0.0
        if not first:
            self.owned(np.flatnonzero(~free))
            self.width, self.drift = self._width(), self._drift()
            self.free[:] = True
            self.held = [(sums(one, self.a), sums(one, self.b)) for one in all_cuboids]

    def _width(self) -> float:
        """How much wider than 1 the bounded residuals of ordinary leaves are, squared."""
        return max(
            1.0, float(np.minimum(self.a**2, 9 * self.b)[self.free].sum() / max(self.b[self.free].sum(), 1e-300))
        )

    def _drift(self) -> float:
        """Variance of the true ratios of coarse elements, for forecasts err together: robust, over one and two dimensions."""
        a, b = (
            np.concatenate([held[k] for one, held in zip(self.cuboids, self.held) if 0 < len(one.axes) <= 2])
            for k in (0, 1)
        )
        known = b > 0
        if known.sum() < 8:
            return 0.0
        square, noise = (a[known] / b[known]) ** 2, self.width / b[known]
        excess = 0.0
        for _ in range(8):
            excess = max(
                0.0, excess + float(np.median(square / (noise + excess)) / 0.455 - 1) * float(np.median(noise + excess))
            )
        return excess

    def evidence(self, a: Floats, b: Floats) -> Floats:
        """Nats for a common ratio other than 1: the score test, as wide as the noise and the drift of elements make it."""
        return np.divide(a * a, 2 * b * (self.width + self.drift * b), out=np.zeros_like(a), where=b > 0)

    def owned(self, rows: Rows) -> None:
        """Takes leaves out of the game."""
        rows = rows[self.free[rows]]
        self.free[rows] = False
        for one, (a, b) in zip(self.cuboids, self.held, strict=True):
            key = one.key[rows]
            np.subtract.at(a, key, self.a[rows]) if len(rows) < 64 else np.subtract(
                a, np.bincount(key, self.a[rows], one.size), out=a
            )
            np.subtract.at(b, key, self.b[rows]) if len(rows) < 64 else np.subtract(
                b, np.bincount(key, self.b[rows], one.size), out=b
            )
            b[b < 1e-9 * self.b.max()] = 0.0

    def best(self) -> Element | None:
        """The element that saves most, split as long as its parts say it cheaper; None when nothing pays its price."""
        found: list[tuple[float, Cuboid, int]] = []
        for cuboid, (a, b) in zip(self.cuboids, self.held, strict=True):
            gain = self.evidence(a, b) - cuboid.price - _EXTRA
            top = np.argpartition(-gain, min(3, len(gain) - 1))[:4]
            found += [(float(gain[k]), cuboid, int(k)) for k in top if gain[k] > 0]
        found.sort(key=lambda one: -one[0])
        elements = [self.weigh(cuboid, k) for _, cuboid, k in found[:_CANDIDATES]]
        for best in sorted((one for one in elements if one.proof > 0), key=lambda one: -one.gain):
            other = self.other_form(best)
            if not best.cuboid.axes and other is not None:
                continue  # not everything moved alike: the segments speak for themselves
            while other is not None and other.proof > 0:
                best, other = other, self.other_form(other)
            return best
        return None

    def weigh(self, cuboid: Cuboid, number: int, rows: Rows | None = None) -> Element:
        """The two-point likelihood of an element: all its leaves at a common ratio, against all at 1."""
        if rows is None:
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
        score = float(self.evidence(self.a[rows].sum(keepdims=True), self.b[rows].sum(keepdims=True))[0])
        wide = float(self.noise.log_density(v, f, extra).sum()) if len(v) >= _FEW else null
        return Element(
            cuboid, number, rows, ratio, extra, likely - null - price, min(likely - max(null, wide), score) - price
        )

    def ratios(self, v: Floats, f: Floats, weight: Floats) -> list[float]:
        """Ratios that leaves may have in common: their mean, and quantiles where single leaves say enough."""
        known = f > 0
        v, f, weight = v[known], f[known], weight[known]
        per = weight / f
        found = [float((per * v).sum() / weight.sum())]
        sharp = weight > 4
        if weight[sharp].sum() > 0.5 * weight.sum():
            x = v[sharp] / f[sharp]
            order = np.argsort(x)
            cum = np.cumsum(weight[sharp][order])
            found += [float(x[order][np.searchsorted(cum, cum[-1] * q)]) for q in (0.35, 0.5, 0.65)]
        return found

    def leaf_gains(self, e: Element) -> Floats:
        v, f = self.v[e.rows], self.f[e.rows]
        return self.noise.log_density(v, e.ratio * f, e.extra) - self.noise.log_density(v, f)

    def other_form(self, e: Element) -> Element | None:
        """A shorter description of what an element's leaves show, at its own ratio: without those children that pay to be left
        out (another cause may own them), or, when its children alone say it cheaper, the strongest of them."""
        gains = self.leaf_gains(e)
        best, chosen = e.gain + 1e-9, None
        mine = set(e.cuboid.axes)
        for cuboid in self.cuboids:
            if not mine < set(cuboid.axes):
                continue
            key = cuboid.key[e.rows]
            child, here = np.bincount(key, gains), np.bincount(key) > 0
            price = cuboid.price + _EXTRA
            parts = float(np.maximum(child - price, 0)[here].sum())
            whole = float(np.maximum(child, -price)[here].sum()) - e.cuboid.price - _EXTRA
            if max(parts, whole) > best:
                best = max(parts, whole)
                chosen = cuboid, key, child, -price, parts > whole
        if chosen is None:
            return None
        cuboid, key, child, floor, split = chosen
        if split:
            return self.weigh(cuboid, int(np.argmax(child)))
        return self.weigh(e.cuboid, e.number, e.rows[child[key] >= floor])

    def against(self, part: Element, whole: Element) -> Element:
        """A part weighed anew against the ratio of the whole that it lies in, not against 1."""
        v, f = self.v[part.rows], self.f[part.rows]
        extra = max(
            dispersions(v, f, whole.ratio, self.noise),
            key=lambda one: float(self.noise.log_density(v, whole.ratio * f, one).sum()),
        )
        saved = float(
            (
                self.noise.log_density(v, part.ratio * f, part.extra)
                - self.noise.log_density(v, whole.ratio * f, extra)
            ).sum()
        )
        saved -= part.cuboid.price + _EXTRA
        return replace(part, gain=min(part.gain, saved), proof=min(part.proof, saved))
