"""Mix and rate: over each dimension, what shifts between its values brought, and what changes inside them.

A ratio R = sum over values of (share of the denominator x rate inside):
    mix  = change of the share x (mean rate of the value - mean of R)
    rate = mean share x change of the rate                                 (the symmetric, exact form: no residual)

A sum S = sum over values of (volume x yield), where the volume is the root factor of its tree (impressions for gmv):
    mix  = mean total volume x change of the value's share of it x mean yield of the value
    rate = all else: the change of the yield inside the value, and its part of the change of the total volume
so that mix + rate of a value is the value's own change, and when all values move alike the mix is 0. A sum that has no
volume shifts nothing: all of a value's change is its rate.

Kitagawa 1955, JASA 50; Oaxaca-Blinder in the symmetric form of Reimers 1983.
"""

from collections.abc import Sequence

import numpy as np

from core.base.arrays import Floats
from core.explanation.explanation_results import MixRate, MixValue

_LISTED = 200
"""Values of a dimension that are listed one by one; the others are added up, so that the sums still close."""


def mix_of_ratio(
    dimension: str, values: Sequence[str], numerator: tuple[Floats, Floats], denominator: tuple[Floats, Floats]
) -> MixRate:
    """Mix and rate of a ratio over one dimension.

    `numerator` (already scaled) and `denominator` are (actual, expected), each of shape (values,). Both sides need a denominator
    that is not 0 in all.
    """
    total = tuple(float(side.sum()) for side in denominator)
    whole = [float(n.sum()) / d for n, d in zip(numerator, total, strict=True)]
    share = denominator[0] / total[0], denominator[1] / total[1]
    shift = share[0] - share[1]
    rate = _mean_rate(numerator, denominator)
    mix = shift * (rate - sum(whole) / 2)
    inside = numerator[0] / total[0] - numerator[1] / total[1] - shift * rate
    return _named(dimension, values, mix, inside, whole[0] - whole[1])


def mix_of_sum(
    dimension: str, values: Sequence[str], sums: tuple[Floats, Floats], volume: tuple[Floats, Floats] | None
) -> MixRate:
    """Mix and rate of a sum over one dimension.

    `sums` and `volume` as (actual, expected), each of shape (values,).
    """
    change = sums[0] - sums[1]
    whole = float(sums[0].sum()) - float(sums[1].sum())
    total = (0.0, 0.0) if volume is None else (float(volume[0].sum()), float(volume[1].sum()))
    if volume is None or not all(total):
        return _named(dimension, values, np.zeros(len(change)), change, whole)
    shift = volume[0] / total[0] - volume[1] / total[1]
    mix = sum(total) / 2 * shift * _mean_rate(sums, volume)
    return _named(dimension, values, mix, change - mix, whole)


def simpson(effects: MixRate, worse: int) -> str | None:
    """Simpson's reversal in words, or None: the whole got worse while it improved inside the values.

    `worse` is -1 where falling is worse, +1 where rising is.
    """
    change = effects.mix + effects.rate
    if change * worse <= 0 or effects.rate * worse >= 0:
        return None
    agree = all(value.rate * worse <= 0 for value in effects.values)
    inside = "in every value" if agree else "over all values"
    return (
        f"Simpson's reversal over {effects.dimension}: {inside} it improved ({effects.rate:+.4g}); "
        f"the traffic mix ({effects.mix:+.4g}) alone makes the total worse ({change:+.4g})"
    )


def _mean_rate(numerator: tuple[Floats, Floats], denominator: tuple[Floats, Floats]) -> Floats:
    """The mean of actual and expected rate; the one that is known where the other has no denominator; else 0."""
    has_rate = [side != 0 for side in denominator]
    rates = [
        np.divide(n, d, out=np.zeros(len(n)), where=k) for n, d, k in zip(numerator, denominator, has_rate, strict=True)
    ]
    count = has_rate[0].astype(float) + has_rate[1]
    return np.asarray((rates[0] + rates[1]) / np.maximum(count, 1))


def _named(dimension: str, values: Sequence[str], mix: Floats, rate: Floats, change: float) -> MixRate:
    """The values that count for something, largest first, the small ones of a long list added up."""
    order = np.argsort(-(np.abs(mix) + np.abs(rate)), kind="stable")
    order = order[(mix != 0)[order] | (rate != 0)[order]]
    listed = [MixValue(values[k], float(mix[k]), float(rate[k])) for k in order[:_LISTED]]
    others = order[_LISTED:]
    if len(others):
        listed.append(MixValue(f"({len(others):,} others)", float(mix[others].sum()), float(rate[others].sum())))
    shifted = float(mix.sum())
    return MixRate(dimension, shifted, change - shifted, tuple(listed))
