"""How sure a segment is, from the nats that it saves.

Fitted once on simulated tables of many kinds and the public archives (`bench/localize.py` checks it): how often a segment that
saved so much was exactly one of those planted.
"""

from math import exp

_SURE = 0.98
_SCALE = 6.0
"""Nats in which half of what was unsure is settled, for sums."""
_RATES_AT, _RATES_SCALE, _RATES_SURE = 25.0, 20.0, 0.95
"""The same for rates, whose leaves differ in ways that no noise describes: even odds, and the slope there."""


def confidence(gain: float, strongest: float, rates: bool) -> float:
    """Between 0 and 1. `strongest` is the gain of the strongest segment of the table: what a strong cause of rates leaves
    unexplained looks like further, weaker ones."""
    if not rates:
        return _SURE - 0.5 * exp(-gain / _SCALE)
    alone = _RATES_SURE / (1 + exp(-(gain - _RATES_AT) / _RATES_SCALE))
    return alone * (0.3 + 0.7 * min(1.0, 1.5 * gain / strongest))
