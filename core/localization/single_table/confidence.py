"""How sure an answer is, from the nats that it saves or lacks.

Fitted on simulated tables of many kinds (`bench/localize.py` checks it on others): how often a segment that saved so much was
exactly one of those planted, and how often there was none when none paid.
"""

from math import exp

_SURE = 0.98
_SCALE = 4.0
"""Nats in which most of what was unsure is settled, for sums."""
_RATES_EVEN = 5.5
"""Nats for even odds of rates, whose leaves differ in ways that no noise describes."""
_NOTHING_AT, _NOTHING_SCALE = -2.2, 1.2
"""Even odds that there is no cause, in nats over the price of the nearest one, and the slope there."""


def of_segment(gain: float, shift: float, strongest: float, rates: bool) -> float:
    """Of a segment, between 0 and 1. `gain` are the nats that it saves, `shift` those that a mere scatter does not, `strongest`
    is the gain of the strongest segment of the table: what a strong cause of rates leaves unexplained looks like weaker ones."""
    if rates:
        odds = gain / _RATES_EVEN * gain / strongest
        return _SURE * odds / (1 + odds)
    return _SURE - 0.5 * exp(-min(gain, shift) / _SCALE)


def of_nothing(nearest: float) -> float:
    """Of nothing in particular, between 0 and 1. `nearest` is what the most promising segment lacks to its price, below 0."""
    return _SURE / (1 + exp(min((nearest - _NOTHING_AT) / _NOTHING_SCALE, 100.0)))
