"""Exact root-cause segments of a leaf table among all conjunctions of its dimensions.

table = LeafTable(dimensions, values, codes, actual, forecast)
localise(table).segments
"""

from time import perf_counter

import numpy as np

from core.causes.localise.game import Element
from core.causes.localise.ratio import as_sums
from core.causes.localise.search import peel
from core.causes.localise.table import FoundSegment, LeafTable, Localisation
from core.segment import Segment

__all__ = ["FoundSegment", "LeafTable", "Localisation", "localise"]


def localise(table: LeafTable) -> Localisation:
    """The smallest set of segments that explains actual against forecast. Raises UsageError for a table that is no table."""
    table.check()
    started = perf_counter()
    actual, mean, counted = as_sums(table)
    telling = np.flatnonzero((actual != 0) | (mean != 0))
    codes = table.codes[telling]
    found = peel(codes, actual[telling], mean[telling], counted) if len(telling) else []
    segments = tuple(_segment(table, codes, one) for one in found)
    return Localisation(segments, perf_counter() - started)


def _segment(table: LeafTable, codes: np.ndarray, one: Element) -> FoundSegment:
    leaf = codes[one.rows[0]]
    inside = np.ones(len(table.actual), bool)
    for axis in one.cuboid.axes:
        inside &= table.codes[:, axis] == leaf[axis]
    actual, forecast = float(table.actual[inside].sum()), float(table.forecast[inside].sum())
    if table.actual_base is not None and table.forecast_base is not None:
        actual /= float(table.actual_base[inside].sum()) or np.nan
        forecast /= float(table.forecast_base[inside].sum()) or np.nan
    where = Segment.of({table.dimensions[axis]: table.values[axis][leaf[axis]] for axis in one.cuboid.axes})
    return FoundSegment(where, actual, forecast, actual - forecast, float(1 - np.exp(-max(one.gain, 0.01) / 5)))
