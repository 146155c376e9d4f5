"""What each leaf says: for or against being ordinary, and for or against belonging to a cause."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.causes.localise.noise import SURE, Noise
from core.causes.localise.table import Floats, Rows

_SPREADS = (0.03, 0.1, 0.3, 0.8)
"""How much more than by noise the leaves of one cause may differ, in units of the deviation."""
_LOOSELY = 0.1
"""A spread with which the deviation is chosen, beside none."""
_NARROWEST = 0.2
"""A cause may follow its ratio more closely than ordinary leaves follow the forecast, but not by more than this."""
_SAMPLE = 5_000
"""Leaves that are enough to choose a deviation by."""
_WHOLE_UP_TO = 100
"""Rounding to whole units is felt up to here."""
_HALF = float(np.log(0.5))


@dataclass(frozen=True, slots=True)
class Fit:
    """The best common deviation of some leaves."""

    deviation: float
    narrow: float
    """The relative noise of these leaves, as part of the ordinary one."""
    spread: float
    """Standard deviation between them that noise does not explain."""
    gain: float
    """Nats that a common deviation saves against being ordinary."""
    shift: float
    """Nats that it saves against being ordinary with the same spread: a mere scatter saves none."""


@dataclass(frozen=True)
class Evidence:
    """Leaves against their expectation, all arrays of shape (n,)."""

    value: Floats
    mean: Floats
    """Expected, with the general factor."""
    forecast: Floats
    """Expected, as it was given."""
    noise: Noise

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
    def _whole(self) -> NDArray[np.bool_]:
        """Leaves that count something in units: a cause cannot leave a part of one."""
        forecast = self.forecast
        return np.asarray((forecast > 0) & (forecast < _WHOLE_UP_TO) & (forecast == np.round(forecast)))

    def fit(self, rows: Rows, rest: float) -> Fit:
        """The most likely common deviation of the leaves `rows`. `rest` is where ordinary leaves are on average: a deviation
        is only worth what it goes beyond that."""
        some = rows[:: max(1, len(rows) // _SAMPLE)]
        d, w = self.deviations[some], self.weights[some]
        best = max(
            _middles(d, w),
            key=lambda one: max(float(self._density(some, one, 1.0, spread).sum()) for spread in (0.0, _LOOSELY)),
        )
        narrow, spread = max(
            self._widths((d - best) ** 2, w), key=lambda width: float(self._density(some, best, *width).sum())
        )
        top = float(self._density(rows, best, narrow, spread).sum())
        d, w = self.deviations[rows], self.weights[rows]
        off = (d - min(max(rest, min(best, 0.0)), max(best, 0.0))) ** 2
        ordinary = float(np.maximum(self.noise.log_density(off * w), -SURE).sum())
        variance = 1 / w + spread**2
        scattered = np.maximum(self.noise.log_density(off / variance) - 0.5 * np.log(variance * w), -SURE)
        return Fit(best, narrow, spread, top - ordinary, top - float(scattered.sum()) if spread else np.inf)

    def gains(self, rows: Rows, fit: Fit) -> Floats:
        """Nats that each leaf saves by belonging to a cause, shape (rows,)."""
        return self._density(rows, fit.deviation, fit.narrow, fit.spread) + self.worth[rows]

    def _widths(self, squares: Floats, weights: Floats) -> list[tuple[float, float]]:
        if len(squares) < 3:
            return [(1.0, 0.0)]
        widths = [(1.0, 0.0), *((1.0, spread) for spread in _SPREADS)]
        narrow = float(np.sqrt(np.quantile(squares * weights, 0.7))) / 1.036
        if narrow < 0.8 and self.noise.spread > 0:
            widths.append((max(narrow, _NARROWEST), 0.0))
        return widths

    def _density(self, rows: Rows, deviation: float, narrow: float, spread: float) -> Floats:
        """Log density of leaves of a cause, relative to that of an ordinary leaf at its mean."""
        d, w = self.deviations[rows], self.weights[rows]
        variance = np.maximum(1 / w - (1 - narrow**2) * self.noise.spread, narrow**2 / w) + spread**2
        wider = -0.5 * np.log(variance * w)
        found = self.noise.log_density((d - deviation) ** 2 / variance) + wider
        counted = np.flatnonzero(self._whole[rows])
        if len(counted):
            at = rows[counted]
            rounded = np.round(self.noise.ratio(deviation) * self.forecast[at])
            expected, _ = self.noise.deviation(rounded, self.mean[at])
            as_rounded = self.noise.log_density((d[counted] - expected) ** 2 / variance[counted]) + wider[counted]
            found[counted] = np.logaddexp(found[counted], as_rounded) + _HALF
        return np.maximum(found, -SURE)


def _middles(deviations: Floats, weights: Floats) -> list[float]:
    """Weighted mean and some weighted quantiles."""
    order = np.argsort(deviations)
    below = np.cumsum(weights[order])
    middles = [float((weights * deviations).sum() / below[-1])]
    if len(order) > 2:
        places = np.searchsorted(below, below[-1] * np.array([0.3, 0.5, 0.7]))
        middles += [float(deviations[order[min(place, len(order) - 1)]]) for place in places]
    return middles
