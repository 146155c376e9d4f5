"""Ratios as sums: the numerator that the denominator's leaves should have had."""

import numpy as np

from core.base.arrays import Codes, Floats
from core.localization.single_table.leaf_table import LeafTable

_STRENGTH = 2.0
"""Expected numerator that a leaf's own rate needs to count as much as what its values say of it."""


def as_sums(table: LeafTable) -> tuple[Floats, Floats, bool]:
    """What was counted and what should have been, by leaf: a sum as it is; a ratio as its numerator against the forecast rate
    times the actual denominator, so that a shift between leaves is no cause. And whether these are counts of single events.

    A part of a whole near 1 (successes) is counted by what it lacks (failures): their counts are small and vary as counts do.
    The rates of leaves are shrunk towards the product of main effects, as most leaves are tiny (Efron and Morris 1975).
    """
    if table.actual_base is None or table.forecast_base is None:
        return table.actual, table.forecast, False
    v, base, f, base_forecast = table.actual, table.actual_base, table.forecast, table.forecast_base
    part = bool(np.all((v >= 0) & (v <= base) & (f >= 0) & (f <= base_forecast * (1 + 1e-9))))
    if part and f.sum() > 0.5 * base_forecast.sum():
        v, f = base - v, base_forecast - f
    counted = part and bool(np.all(v == np.round(v)))
    return v, np.asarray(_rates(table.codes, np.maximum(f, 0), np.maximum(base_forecast, 0)) * base), counted


def _rates(codes: Codes, numerator: Floats, denominator: Floats) -> Floats:
    whole = numerator.sum() / max(denominator.sum(), 1e-300)
    if whole <= 0:
        return np.zeros(len(numerator))
    effect = np.ones(len(numerator))
    for axis in range(codes.shape[1]):
        key = codes[:, axis]
        got, due = np.bincount(key, numerator), np.bincount(key, denominator * whole * effect)
        effect = effect * ((got + _STRENGTH) / (due + _STRENGTH))[key]
    main = whole * effect
    return np.asarray((numerator + _STRENGTH * 1.0) / (denominator * main + _STRENGTH) * main)
