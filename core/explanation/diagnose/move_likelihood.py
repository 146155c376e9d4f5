"""How likely what was measured of a metric is where a cause would move it, where it would not, and where nothing is known.

Measured moves are normal about their standard errors, mixed with a wide normal, so that no single metric decides alone (Tukey's
contaminated normal).
"""

from math import erfc, exp, pi, sqrt

from core.catalogue.cause_signatures import Way
from core.explanation.decompose.metric_moves import MetricMove

_TYPICAL = 0.6
"""Mean size of a move that nothing is known of, in log units."""
_RELATIVE = {0.2: 0.15, 0.5: 0.25, 1.0: 0.3, 2.0: 0.2, 5.0: 0.1}
"""How large a move that a cause needs is, relative to the largest that it brought, and how often: one that is far smaller
cannot have brought the rest."""
_SPREAD = 0.4
"""Standard deviation of a move about such a size, as a share of it."""
_STILL = {True: 0.02, False: 0.05}
"""How far a metric strays that stays flat, beyond chance: ratios, sums."""
_HUGE = 0.2
"""Share of moves that are several times as large."""
_STRAY = 0.01
"""Share of metrics that do what nobody foresaw."""
_QUIET = 0.7
"""Share of metrics that stay flat when nothing is known of the cause."""


def stays(move: MetricMove) -> float:
    """Density of what was measured if the metric stays."""
    return normal(move.beyond, sqrt(move.error**2 + _STILL[move.unit == "ratio"] ** 2))


def moves_as_needed(move: MetricMove, direction: Way, largest: float) -> float:
    """Density of what was measured if the metric moves that way, by about as much as the other needed ones or a share of it."""
    if direction == "either":
        return (moves_as_needed(move, "down", largest) + moves_as_needed(move, "up", largest)) / 2
    size = move.beyond if direction == "up" else -move.beyond
    return sum(
        share * normal(size - relative * largest, sqrt(move.error**2 + (_SPREAD * relative * largest) ** 2 + 1e-4))
        for relative, share in _RELATIVE.items()
    )


def moves(move: MetricMove, direction: Way) -> float:
    """Density of what was measured if the metric moves that way by an exponential amount (an exponentially modified normal)."""
    if direction == "either":
        return (moves(move, "down") + moves(move, "up")) / 2
    size, error = (move.beyond if direction == "up" else -move.beyond), max(move.error, 0.01)
    return (1 - _HUGE) * _grown(size, error, _TYPICAL) + _HUGE * _grown(size, error, 4 * _TYPICAL)


def _grown(size: float, error: float, mean: float) -> float:
    """Density of an exponential amount measured with a normal error."""
    lift = error / mean
    tail = erfc((lift - size / error) / sqrt(2)) / 2
    return exp(min(lift * lift / 2 - size / mean, 50.0)) / mean * tail


def moves_or_stays(move: MetricMove) -> float:
    """Density of what was measured if nothing is known of the cause."""
    return contaminated(_QUIET * stays(move) + (1 - _QUIET) * moves(move, "either"), move)


def contaminated(density: float, move: MetricMove) -> float:
    """A density with the share of metrics that do what nobody foresaw."""
    return (1 - _STRAY) * density + _STRAY * normal(move.beyond, 1.5 + move.error)


def normal(value: float, width: float) -> float:
    """Density of a normal number about 0 of that standard deviation."""
    return exp(-((value / width) ** 2) / 2) / (width * sqrt(2 * pi))
