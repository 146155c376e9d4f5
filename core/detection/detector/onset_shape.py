"""How a drop began: at once, little by little, or for a day."""

import numpy as np

from core.base.arrays import Floats
from core.detection.findings import Shape

_FEW = 4
_CLEARLY = 0.8
"""A ramp must leave at most this share of the squares that a step leaves."""


def shape_of(actual: Floats, expected: Floats) -> Shape:
    """The shape of a drop from the values of its days, onset first: spike (one day so far), ramp or step.

    A ramp fits when the shortfall grows in proportion to the days gone by (least squares, each day weighed by what it was
    expected to bring). The fourth shape, partial (a newest day that is not whole yet), is a matter of the data's quality.

    >>> shape_of(np.array([90.0, 80.0, 70.0, 60.0, 50.0]), np.full(5, 100.0))
    'ramp'
    """
    if len(actual) == 1:
        return "spike"
    if len(actual) < _FEW:
        return "step"
    weight = np.maximum(expected, 1e-12)
    fall = (actual - expected) / weight
    grown = np.arange(1, len(fall) + 1.0)
    step = fall - (weight * fall).sum() / weight.sum()
    ramp = fall - grown * (weight * fall * grown).sum() / (weight * grown**2).sum()
    return "ramp" if (weight * ramp**2).sum() < _CLEARLY * (weight * step**2).sum() else "step"
