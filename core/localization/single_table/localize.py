"""Exact root-cause segments of a leaf table among all conjunctions of its dimensions.

    table = LeafTable(dimensions, values, codes, actual, forecast)
    localize(table).segments

A leaf is one combination of values. `ratio_table` makes sums of ratios; `common_factor` and `noise_fit` learn the factor by which
everything moved and the noise; `leaf_evidence` says what each leaf speaks for; `cuboid_sums` adds that up for all conjunctions
(`dense_rollup`, and `sparse_cuboids` for those of more cells than leaves); `element_selection` takes out one cause after another;
`confidence` says how sure each is.

That the leaves of a cause share one ratio is the ripple effect of HotSpot (Sun et al., IEEE Access 2018) and Squeeze (Li et al.,
ISSRE 2019), that noise is learnt from the side without anomalies follows RiskLoc (Kalander, 2022). Instead of cutting leaves
into clusters of like deviation, which noise merges (Squeeze, AutoRoot), and of scores with thresholds, a cause must shorten the
description of the table (Rissanen, Automatica 1978).
"""

from time import process_time

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.base.segment import Segment
from core.localization.single_table.confidence import of_nothing, of_segment
from core.localization.single_table.element_selection import Element
from core.localization.single_table.leaf_table import LeafTable, Localization, RootCauseSegment
from core.localization.single_table.ratio_table import as_sums
from core.localization.single_table.table_search import table_search

__all__ = ["LeafTable", "Localization", "RootCauseSegment", "localize"]

_BLIND = 0.5
"""How sure it is that nothing in particular happened, where nothing was forecast or all leaves have the same values."""


def localize(table: LeafTable) -> Localization:
    """The smallest set of segments that explains actual against forecast. Raises UsageError for a table that is no table."""
    table.check()
    started = process_time()
    table = table.merged()
    actual, mean, counted = as_sums(table)
    actual, mean = _in_range(actual, mean)
    telling = np.flatnonzero((actual != 0) | (mean != 0))
    several = np.flatnonzero(np.ptp(table.codes[telling], axis=0) > 0) if len(telling) else np.zeros(0, np.int64)
    # of two dimensions that say the same, the one with the shorter name is met first and named
    axes = sorted(several.tolist(), key=lambda axis: len(table.dimensions[axis]))
    codes = np.asfortranarray(table.codes[:, axes] if len(telling) == len(actual) else table.codes[telling][:, axes])
    if not (mean > 0).any() or not axes:
        return Localization((_everything(table, _BLIND),), process_time() - started)
    result = table_search(codes, actual[telling], mean[telling], counted)
    strongest = max((element.gain for element in result.elements), default=0.0)
    segments = tuple(
        _segment(table, axes, element, of_segment(element.gain, element.fit.shift, strongest, counted))
        for element in result.elements
    )
    segments = segments or (_everything(table, of_nothing(result.nearest)),)
    return Localization(segments, process_time() - started)


def _in_range(actual: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Mostly positive and of a size whose square is a number: refunds may stand as negative figures, in any unit."""
    size = float(np.abs(mean).max(initial=0.0)) or float(np.abs(actual).max(initial=0.0)) or 1.0
    scale = (-1.0 if np.sign(mean).sum() < 0 else 1.0) * (1.0 if 1e-60 < size < 1e60 else size)
    return actual / scale, mean / scale


def _everything(table: LeafTable, sure: float) -> RootCauseSegment:
    return _told(table, Segment(), np.ones(len(table.actual), bool), sure)


def _segment(table: LeafTable, axes: list[int], element: Element, sure: float) -> RootCauseSegment:
    inside = np.ones(len(table.actual), bool)
    named = {}
    for axis, code in zip(element.axes, element.codes, strict=True):
        inside &= table.codes[:, axes[axis]] == code
        named[table.dimensions[axes[axis]]] = table.values[axes[axis]][code]
    return _told(table, Segment.of(named), inside, sure)


def _told(table: LeafTable, where: Segment, inside: NDArray[np.bool_], confidence: float) -> RootCauseSegment:
    actual, forecast = float(table.actual[inside].sum()), float(table.forecast[inside].sum())
    if table.actual_base is not None and table.forecast_base is not None:
        bases = float(table.actual_base[inside].sum()), float(table.forecast_base[inside].sum())
        actual, forecast = (
            numerator / denominator if denominator else 0.0
            for numerator, denominator in zip((actual, forecast), bases, strict=True)
        )
    return RootCauseSegment(
        where=where, actual=actual, forecast=forecast, change=actual - forecast, confidence=confidence
    )
