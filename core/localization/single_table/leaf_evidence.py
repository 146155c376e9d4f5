"""What each leaf says: for or against being ordinary, and for or against belonging to a cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, log1p, pi

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.localization.single_table.leaf_noise import SURE, LeafNoise
from core.localization.single_table.leaf_table import Rows, quantile

EXTRA = 5.0
"""Nats that a cause costs in addition to its name: that there is one, its deviation, and how closely its leaves follow it."""
TOGETHER = 8
"""Single leaves that are named together at most."""
_OF_DEVIATION = 4 / (2 * pi)
"""Square of the width that deviations lie in, -1 to 1, over 2 pi: the prior in Laplace's approximation of the evidence."""
_SPREADS = (0.03, 0.1, 0.3, 0.8, 1.6)
"""How much more than by noise the leaves of one cause may differ, in units of the deviation."""
_TELLING = 2.0
"""Nats that it costs to tell how closely a cause follows its ratio when it is not as ordinary leaves follow the forecast."""
_LOOSELY = 0.1
"""A spread with which the deviation is chosen; no spread is tried too."""
_NARROWEST = 0.2
"""A cause may follow its ratio more closely than ordinary leaves follow the forecast, but not by more than this."""
_SAMPLE = 1_000
"""Leaves that are enough to choose a deviation by."""
_WHOLE_UP_TO = 100
"""Rounding to whole units is felt up to here."""
_HALF = float(np.log(0.5))


Width = tuple[float, float]
"""The relative noise of the leaves of a cause as part of the usual one, and its spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The best common deviation of some leaves."""

    deviation: float
    narrow: float
    """The relative noise of these leaves, as part of the ordinary one."""
    spread: float
    """Standard deviation between them that noise does not explain."""
    likelihood: float
    """Log density of the leaves of a cause, relative to that of ordinary leaves at their mean."""
    gain: float
    """Nats that a common deviation saves against being ordinary."""
    shift: float
    """Nats that it saves against being ordinary with the same spread: a mere scatter saves none."""


@dataclass(frozen=True)
class LeafEvidence:
    """Leaves against their expectation, all arrays of shape (n,)."""

    value: Floats
    mean: Floats
    """Expected, with the general factor."""
    forecast: Floats
    """Expected, as it was given."""
    noise: LeafNoise

    @cached_property
    def _scored(self) -> tuple[Floats, Floats]:
        return self.noise.deviation(self.value, self.mean)

    @property
    def deviations(self) -> Floats:
        """(value - mean) / size."""
        return self._scored[0]

    @property
    def weights(self) -> Floats:
        """1 / variance of the deviations."""
        return self._scored[1]

    @cached_property
    def scores(self) -> Floats:
        """Standard scores whose halved squares are nats, at most `SURE` each."""
        return self.noise.bounded(self.deviations * np.sqrt(self.weights))

    @cached_property
    def pulls(self) -> Floats:
        """Weighted deviations: (sum of pulls)^2 / (2 * sum of weights) are the nats that a common deviation saves."""
        return self.scores * np.sqrt(self.weights)

    @cached_property
    def worth(self) -> Floats:
        """Nats by which each leaf speaks against being ordinary."""
        return 0.5 * self.scores**2

    @cached_property
    def leaf_price(self) -> float:
        """Nats that a single leaf costs, its name not counted: that it is a cause (1 bit) and its deviation, as coarse as one
        leaf tells it (MacKay 2003, chapter 28). Where the noise is not known to be Gaussian, as much as any cause: the tails of
        counts and baskets are not learnt well enough to believe a single leaf for less."""
        if not self.single_leaves:
            return EXTRA
        # noise of either figure goes this far one way for half of the leaves, the other half would have to go much farther
        cause = 0.0 if self.noise.measured == "either" else log(2)
        return min(cause + 0.5 * log1p(_OF_DEVIATION / self.noise.spread), EXTRA)

    @property
    def single_leaves(self) -> bool:
        """Whether the tail of the noise is known so well that a single leaf is believed."""
        noise = self.noise
        return noise.counts == 0 and noise.gaussian and noise.measured != "deviance"

    def together(self, leaf: int, free: NDArray[np.bool_], price: float) -> float:
        """Nats off the price of a leaf that is named with others: those on its side that are each worth as much as one of as many
        costs. A set of k out of n leaves is named in log C(n, k), about log(n / k) for each (the steps up of Benjamini & Hochberg
        1995, J. R. Statist. Soc. B 57)."""
        if not self.single_leaves:
            return 0.0
        side = np.maximum(self.scores[free] * np.sign(self.scores[leaf]), 0.0)
        far = np.sort(side[side**2 / 2 > price - log(TOGETHER)])[::-1][:TOGETHER]
        many = np.flatnonzero(far**2 / 2 > price - np.log(np.arange(1, len(far) + 1)))
        return log(many[-1] + 1) if len(many) else 0.0

    def mirrored(self, leaf: int, free: NDArray[np.bool_], price: float) -> bool:
        """Whether a free leaf on the other side would pay the price of a leaf too, or is as far: then noise goes so far both
        ways, as the knockoffs of Barber & Candes (2015, Ann. Statist. 43) would show it, and is wider than learnt."""
        others = (self.scores[free] * -np.sign(self.scores[leaf])).max(initial=0.0)
        return bool(others**2 / 2 > min(self.worth[leaf], price))

    @cached_property
    def _whole(self) -> NDArray[np.bool_]:
        """Leaves that count something in units: a cause cannot leave a part of one."""
        forecast = self.forecast
        if self.noise.measured == "deviance":  # what was counted is measured against rates
            return np.zeros(len(forecast), bool)
        return np.asarray((forecast > 0) & (forecast < _WHOLE_UP_TO) & (forecast == np.round(forecast)))

    def fit(self, rows: Rows, outside: float, last_fit: Fit | None = None) -> Fit:
        """The most likely common deviation of the leaves `rows`. `outside` is where ordinary leaves are on average: a deviation
        is only worth what it goes beyond that. `last_fit` is what was found for these leaves and another level outside."""
        leaves = self._leaves(rows)
        if last_fit is None:
            best, narrow, spread = self._leaves(rows[:: max(1, len(rows) // _SAMPLE)]).most_likely()
            top = float(leaves.density(best, ((narrow, spread),)).sum())
        else:
            best, narrow, spread, top = last_fit.deviation, last_fit.narrow, last_fit.spread, last_fit.likelihood
        usual = min(max(outside, min(best, 0.0)), max(best, 0.0))
        gain = top - leaves.scattered(usual, 0.0)
        return Fit(
            deviation=best,
            narrow=narrow,
            spread=spread,
            likelihood=top,
            gain=gain,
            shift=top - leaves.scattered(usual, spread) if spread else np.inf,
        )

    def gains(self, rows: Rows, fit: Fit) -> Floats:
        """Nats that each leaf saves by belonging to a cause, shape (rows,)."""
        own = self._leaves(rows).density(fit.deviation, ((fit.narrow, fit.spread),))[0]
        return np.asarray(own + self.worth[rows])

    def _leaves(self, rows: Rows) -> "_Leaves":
        counted = np.flatnonzero(self._whole[rows])
        at = rows[counted]
        return _Leaves(
            noise=self.noise,
            deviations=self.deviations[rows],
            weights=self.weights[rows],
            counted=counted,
            forecast=self.forecast[at],
            mean=self.mean[at],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaves:
    """Some leaves, all arrays of shape (n,)."""

    noise: LeafNoise
    deviations: Floats
    weights: Floats
    counted: Rows
    """Those among them that count something in units; forecast and mean of these alone."""
    forecast: Floats
    mean: Floats

    def most_likely(self) -> tuple[float, float, float]:
        """The deviation, the relative noise and the spread under which the leaves of a cause are most likely."""
        best = max(
            _middles(self.deviations, self.weights),
            key=lambda candidate: float(self.density(candidate, ((1.0, 0.0), (1.0, _LOOSELY))).sum(axis=1).max()),
        )
        widths = self.widths(best)
        likely = self.density(best, widths).sum(axis=1)
        likely[0] += _TELLING
        return best, *widths[int(np.argmax(likely))]

    def density(self, deviation: float, widths: Sequence[Width]) -> Floats:
        """Log density of leaves of a cause, relative to that of an ordinary leaf at its mean, shape (widths, n)."""
        narrow, spread = np.array(widths).T[:, :, None]
        noise, own = self.noise, 1 / self.weights
        variance = np.maximum(own - (1 - narrow**2) * noise.spread, narrow**2 * own) + spread**2
        wider = -0.5 * np.log(variance * self.weights)
        density = noise.log_density((self.deviations - deviation) ** 2 / variance) + wider
        if len(at := self.counted):
            rounded = np.round(noise.ratio(deviation) * self.forecast)
            expected, _ = noise.deviation(rounded, self.mean)
            squares = (self.deviations[at] - expected) ** 2 / variance[:, at]
            density[:, at] = np.logaddexp(density[:, at], noise.log_density(squares) + wider[:, at]) + _HALF
        return np.asarray(np.maximum(density, -SURE))

    def scattered(self, usual: float, spread: float) -> float:
        """Log density in all of leaves that differ by `spread` from where ordinary ones are, relative as above."""
        off = (self.deviations - usual) ** 2
        variance = 1 / self.weights + spread**2
        density = self.noise.log_density(off / variance) - 0.5 * np.log(variance * self.weights)
        return float(np.maximum(density, -SURE).sum())

    def widths(self, deviation: float) -> list[Width]:
        """How closely they may follow a deviation."""
        if len(self.deviations) < 3:
            return [(1.0, 0.0)]
        widths = [(1.0, 0.0), *((1.0, spread) for spread in _SPREADS)]
        squares = (self.deviations - deviation) ** 2 * self.weights
        narrow = quantile(squares, 0.7) ** 0.5 / 1.036
        if narrow < 0.8 and self.noise.spread > 0:
            widths.append((max(narrow, _NARROWEST), 0.0))
        return widths


def _middles(deviations: Floats, weights: Floats) -> list[float]:
    """Weighted mean and some weighted quantiles."""
    order = np.argsort(deviations)
    below = np.cumsum(weights[order])
    middles = [float((weights * deviations).sum() / below[-1])]
    if len(order) > 2:
        places = np.searchsorted(below, below[-1] * np.array([0.3, 0.5, 0.7]))
        middles += deviations[order[places]].tolist()
    return middles
