"""One round: all leaves that no cause owns yet against the noise, and what an element would save."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.causes.localise.cuboids import Cuboid, Lattice
from core.causes.localise.noise import Noise
from core.causes.localise.table import Floats, Rows

_EXTRA = 5.0
"""Nats that any segment must save beyond its description."""
_CANDIDATES = 8
_WORTH, _FORMS = 0.1, 16
"""Nats that another form of an element must save, and how often it may change."""
_DOUBT, _SLOPE = 0.03, 5.0
_SAMPLE = 50_000
_FEW = 4
"""With fewer leaves a cause shows no width of its own."""
_NEW = 25.0
"""Most nats that one leaf can bring which was not expected at all."""


@dataclass(frozen=True, slots=True)
class Element:
    """A candidate: an element, the ratio of its leaves, and how many nats it saves net of its price."""

    cuboid: Cuboid
    number: int
    rows: Rows
    ratio: float
    part: Rows
    """Those of `rows` that the likelihood is taken over: all, or every so many of a large element."""
    extra: Floats
    """Variance of its leaves beyond the noise, shape of `part`."""
    gain: float
    proof: float
    """The gain that is left when ordinary leaves may be as wide, and forecasts of elements err as they are seen to."""

    def confidence(self) -> float:
        """How likely exactly this segment is a cause: at the margin the odds are even, with each nat they grow."""
        return float(1 - _DOUBT - (0.5 - _DOUBT) * np.exp(-max(self.proof, 0) / _SLOPE))


class Game:
    """One round: all leaves that no cause owns yet, against the noise."""

    def __init__(
        self, lattice: Lattice, v: Floats, f: Floats, noise: Noise, free: NDArray[np.bool_], first: bool
    ) -> None:
        self.lattice, self.cuboids = lattice, lattice.cuboids
        self.v, self.f, self.noise, self.free = v, f, noise, free.copy()
        pull = noise.pull(f)
        self.a, self.b = noise.bounded(v, f) * pull, pull * pull
        self.fresh = self._fresh()
        a, b = (self.a, self.b) if free.all() else (np.where(free, self.a, 0), np.where(free, self.b, 0))
        self.held = list(zip(lattice.sums(a), lattice.sums(b), strict=True))
        self.width, self.drift = (1.0, 0.0) if first else (self._width(), 0.0)
        if not first:
            self.drift = self._drift()

    def _fresh(self) -> Floats:
        """Nats that leaves bring of which nothing was forecast, when they get a mean of their own; 0 for all others.

        They have no ratio, so they count as evidence only, as one unit of residual each.
        """
        fresh = np.zeros(len(self.v))
        rows = np.flatnonzero((self.f == 0) & (self.v > 0))
        if len(rows):
            v = self.v[rows]
            saved = self.noise.log_density(v, v) - self.noise.log_density(v, np.zeros(len(v)))
            fresh[rows] = np.clip(saved - 2 - np.log(len(rows)), 0, _NEW)
            self.a[rows], self.b[rows] = np.sqrt(2 * fresh[rows]), 1.0
        return fresh

    def _width(self) -> float:
        """How much wider than 1 the bounded residuals of ordinary leaves are, squared."""
        a, b = self.a[self.free], self.b[self.free]
        return max(1.0, float(np.minimum(a * a, 9 * b).sum() / max(b.sum(), 1e-300)))

    def _drift(self) -> float:
        """Variance of the true ratios of coarse elements, for forecasts err together: robust, over one and two dimensions."""
        if len(self.cuboids) < 2:
            return 0.0
        coarse = [held for one, held in zip(self.cuboids, self.held, strict=True) if 0 < len(one.axes) <= 2]
        a, b = (np.concatenate([held[k] for held in coarse]) for k in (0, 1))
        known = b > 0
        if known.sum() < 8:
            return 0.0
        square, noise = (a[known] / b[known]) ** 2, self.width / b[known]
        excess = 0.0
        for _ in range(8):
            off = float(np.median(square / (noise + excess))) / 0.455 - 1
            excess = max(0.0, excess + off * float(np.median(noise + excess)))
        return excess

    def evidence(self, a: Floats, b: Floats) -> Floats:
        """Nats for a common ratio other than 1: the score test, as wide as the noise and the drift of elements make it."""
        return np.divide(a * a, 2 * b * (self.width + self.drift * b), out=np.zeros_like(a), where=b > 0)

    def own(self, rows: Rows) -> None:
        """Takes leaves out of the game."""
        rows = rows[self.free[rows]]
        self.free[rows] = False
        self._move(rows, -1.0)

    def release(self, rows: Rows) -> None:
        """Brings leaves back."""
        rows = rows[~self.free[rows]]
        self.free[rows] = True
        self._move(rows, 1.0)

    def _move(self, rows: Rows, sign: float) -> None:
        if len(rows) > _SAMPLE:
            for k, part in enumerate((self.a, self.b)):
                for held, moved in zip(self.held, self.lattice.sums(part, rows), strict=True):
                    held[k][:] += sign * moved
            return
        for one, held in zip(self.cuboids, self.held, strict=True):
            key = one.key(rows)
            for total, part in zip(held, (self.a, self.b), strict=True):
                lost = np.bincount(key, sign * part[rows])
                total[: len(lost)] += lost

    def best(self) -> Element | None:
        """The element that saves most, in its shortest form; None when nothing pays its price."""
        found: list[tuple[float, Cuboid, int]] = []
        least = 1e-9 * float(self.b.max(initial=0.0))
        for cuboid, (a, b) in zip(self.cuboids, self.held, strict=True):
            gain = self.evidence(a, np.where(b > least, b, 0.0)) - cuboid.price - _EXTRA
            top = np.argpartition(-gain, min(2, len(gain) - 1))[:3]
            found += [(float(gain[k]), cuboid, int(k)) for k in top if gain[k] > 0]
        found.sort(key=lambda one: -one[0])
        elements = [self.weigh(cuboid, k) for _, cuboid, k in found[:_CANDIDATES]]
        for best in sorted((one for one in elements if one.proof > 0), key=lambda one: -one.gain):
            other = self.other_form(best)
            if not best.cuboid.axes and other is not None and other.cuboid.axes:
                continue  # not everything moved alike: the segments speak for themselves
            for _ in range(_FORMS):
                if not best.cuboid.axes or other is None or other.proof <= 0:
                    break
                best, other = other, self.other_form(other)
            return best
        return None

    def weigh(self, cuboid: Cuboid, number: int, rows: Rows | None = None) -> Element:
        """The two-point likelihood of an element: all its leaves at a common ratio, against all at 1."""
        if rows is None:
            rows = np.flatnonzero((cuboid.key() == number) & self.free)
        price = cuboid.price + _EXTRA
        score = float(self.evidence(self.a[rows].sum(keepdims=True), self.b[rows].sum(keepdims=True))[0])
        part = rows[:: len(rows) // _SAMPLE + 1]
        times = len(rows) / max(len(part), 1)
        fresh = float(self.fresh[part].sum()) * times
        known = self.f[part] != 0
        extra = np.zeros(len(part))
        if not known.any():
            return Element(cuboid, number, rows, np.inf, part, extra, fresh - price, min(fresh, score) - price)
        v, f = self.v[part[known]], self.f[part[known]]
        null = float(self.noise.log_density(v, f).sum())
        tries = [(ratio, self._usual(v, f, ratio)) for ratio in self._ratios(v, f, self.b[part[known]])]
        ratio, _ = max(tries, key=lambda one: self._likely(v, f, *one))
        width = max(self._dispersions(v, f, ratio), key=lambda one: self._likely(v, f, ratio, one))
        extra[known] = width
        saved = times * (self._likely(v, f, ratio, width) - null) + (fresh if ratio > 1 else 0.0)
        wide = times * max(0.0, self._likely(v, f, 1.0, width) - null) if len(v) >= _FEW else 0.0
        return Element(cuboid, number, rows, ratio, part, extra, saved - price, min(saved - wide, score) - price)

    def _likely(self, v: Floats, f: Floats, ratio: float, extra: Floats) -> float:
        return float(self.noise.log_density(v, ratio * f, extra).sum())

    def _ratios(self, v: Floats, f: Floats, weight: Floats) -> list[float]:
        """Ratios that leaves may have in common: their mean, and quantiles where single leaves say enough."""
        found = [float((weight / f * v).sum() / weight.sum())]
        sharp = weight > 4
        if weight[sharp].sum() > 0.5 * weight.sum():
            x = v[sharp] / f[sharp]
            order = np.argsort(x)
            total = np.cumsum(weight[sharp][order])
            found += [float(x[order][np.searchsorted(total, total[-1] * q)]) for q in (0.35, 0.5, 0.65)]
        return found

    def _usual(self, v: Floats, f: Floats, ratio: float) -> Floats:
        return self._dispersions(v, f, ratio)[-1]

    def _dispersions(self, v: Floats, f: Floats, ratio: float) -> list[Floats]:
        """Variances that the leaves of a cause may have beyond their noise: as small as rounding, count-like, or relative.

        Without some width of their own, the leaves of a cause whose strength varies would look like many causes.
        """
        whole = 1 / 12 if np.mean(v == np.round(v)) > 0.95 else 0.0
        least = whole + self.noise.variance(f) / 16 + (0.005 * f) ** 2
        if len(v) < _FEW:
            return [least]
        e = np.abs(v - ratio * f)
        at = min(int(0.683 * len(e)), len(e) - 1)
        counts = float(np.partition(e / np.sqrt(np.abs(f)), at)[at]) ** 2 * np.abs(f)
        spread = (float(np.partition(e / np.abs(f), at)[at]) * f) ** 2
        return [least, least + counts, least + spread, least + counts + spread / 4]

    def leaf_gains(self, e: Element, ratio: float, extra: Floats) -> Floats:
        """Nats that each leaf of an element's part saves at a ratio, so that they add up to those of all its leaves."""
        gains = self.fresh[e.part] if ratio > 1 else np.zeros(len(e.part))
        known = self.f[e.part] != 0
        v, f = self.v[e.part[known]], self.f[e.part[known]]
        if len(v):
            gains[known] = self.noise.log_density(v, ratio * f, extra[known]) - self.noise.log_density(v, f)
        return gains * (len(e.rows) / len(e.part))

    def other_form(self, e: Element) -> Element | None:
        """A shorter description of what an element's leaves show, at its own ratio: without those children that pay to be left
        out (another cause may own them), or, when its children alone say it cheaper, the strongest of them."""
        gains = self.leaf_gains(e, e.ratio, e.extra)
        best, chosen = e.gain + _WORTH + 1e-6 * abs(e.gain), None
        mine = set(e.cuboid.axes)
        for cuboid in self.cuboids:
            if not mine < set(cuboid.axes):
                continue
            key = cuboid.key(e.part)
            child, here = np.bincount(key, gains), np.bincount(key) > 0
            price = cuboid.price + _EXTRA
            parts = float(np.maximum(child - price, 0)[here].sum())
            whole = float(np.maximum(child, -price)[here].sum()) - e.cuboid.price - _EXTRA
            if max(parts, whole) > best:
                best = max(parts, whole)
                chosen = cuboid, child, -price, parts > whole
        if chosen is None:
            return None
        cuboid, child, floor, split = chosen
        if split:
            return self.weigh(cuboid, int(np.argmax(child)))
        out = np.flatnonzero(child < floor)
        return self.weigh(e.cuboid, e.number, e.rows[~np.isin(cuboid.key(e.rows), out)])

    def against(self, part: Element, whole: Element) -> Element:
        """A part weighed anew against the ratio of the whole that it lies in, not against 1."""
        known = self.f[part.part] != 0
        v, f = self.v[part.part[known]], self.f[part.part[known]]
        extra = np.zeros(len(part.part))
        if len(v):
            extra[known] = max(
                self._dispersions(v, f, whole.ratio), key=lambda one: self._likely(v, f, whole.ratio, one)
            )
        own, shared = (self.leaf_gains(part, *one).sum() for one in ((part.ratio, part.extra), (whole.ratio, extra)))
        saved = float(own - shared) - part.cuboid.price - _EXTRA
        return replace(part, gain=min(part.gain, saved), proof=min(part.proof, saved))
