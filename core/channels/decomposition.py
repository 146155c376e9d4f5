"""The change of GMV split exactly into volume, traffic mix and rates of each channel.

GMV of a channel = volume of all channels x its share x ctr x click-to-order rate x payment rate x average order value. The
split is the Shapley value of these six factors (Shapley 1953; exact for a product, as in Shorrocks 2013, Journal of Economic
Inequality 11): each factor's effect averaged over all orders in which factors can change. It adds up without a residual and
treats zeros like any other number, where logarithmic splits book everything on the zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import factorial

import numpy as np

from core.base.arrays import Floats

RATES: Mapping[tuple[str, str], str] = {
    ("impressions", "clicks"): "ctr",
    ("clicks", "orders"): "click_to_order_rate",
    ("orders", "paid_orders"): "payment_rate",
    ("paid_orders", "gmv"): "average_order_value",
}
"""Two steps -> the metric that is their ratio; where a step between is not counted, "gmv per orders" and the like."""


@dataclass(frozen=True, kw_only=True)
class ChannelParts:
    """Contributions to the change of GMV; shape (channels,) each. volume + mix + the rates = change."""

    volume: Floats
    """By more or less traffic in all channels together."""
    mix: Floats
    """By a larger or smaller share of it."""
    rates: Mapping[str, Floats]
    """metric -> by what became of the traffic."""

    @property
    def rate(self) -> Floats:
        """All rates together."""
        return np.asarray(np.sum(list(self.rates.values()), axis=0)) if self.rates else np.zeros_like(self.mix)


def decompose(actual: Mapping[str, Floats], expected: Mapping[str, Floats], steps: Sequence[str]) -> ChannelParts:
    """The parts of actual - expected GMV of each channel; `steps` as `usable_steps` gives them.

    A channel that vanished keeps its old rates, a new one always had its new ones: both moved by volume and mix alone.
    """
    names, now = _factors(actual, expected, steps)
    _, before = _factors(expected, actual, steps)
    values = _shapley(now, before)
    return ChannelParts(volume=values[0], mix=values[1], rates=dict(zip(names, values[2:], strict=True)))


def _factors(side: Mapping[str, Floats], other: Mapping[str, Floats], steps: Sequence[str]) -> tuple[list[str], Floats]:
    """Names of the rates, and the factors of each channel: volume, share, rates; shape (factors, channels).

    What cannot be divided here is as on the other side: without any traffic, the shares did not change.
    """
    first = side[steps[0]]
    total, split = float(first.sum()), first if first.sum() else other[steps[0]]
    rows = [np.full(len(first), total), split / (split.sum() or 1.0)]
    names = []
    for before, after in pairwise(steps):
        names.append(RATES.get((before, after), f"{after} per {before}"))
        fallback = np.divide(other[after], other[before], out=np.zeros(len(first)), where=other[before] > 0)
        rows.append(np.divide(side[after], side[before], out=fallback, where=side[before] > 0))
    return names, np.array(rows)


def _shapley(now: Floats, before: Floats) -> Floats:
    """Shapley values of factors of a product, for each column; shape as given."""
    count = len(now)
    masks = np.arange(1 << count)
    chosen = (masks[:, None] >> np.arange(count)) & 1
    products = np.where(chosen[:, :, None], now, before).prod(axis=1)
    sizes = chosen.sum(axis=1)
    values = np.empty_like(now)
    for factor in range(count):
        without = masks[chosen[:, factor] == 0]
        weight = np.array([factorial(size) * factorial(count - size - 1) for size in sizes[without].tolist()])
        values[factor] = weight @ (products[without | (1 << factor)] - products[without]) / factorial(count)
    return values
