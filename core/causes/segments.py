"""Segments: the smallest set that explains a change, and what each of them brought."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Metric
from core.causes.compared import Leaves
from core.findings import SegmentShare
from core.segment import Segment


@dataclass(frozen=True, slots=True)
class Place:
    """A segment that a change is in, and how sure that is."""

    where: Segment
    confidence: float


def find(metric: Metric, leaves: Leaves) -> tuple[Place, ...]:
    """The smallest set of segments that explains the change, best first; the empty segment when nothing in particular does."""
    return (Place(Segment(), 0.0),)


def shares(metric: Metric, leaves: Leaves, places: Iterable[Place], change: float) -> tuple[SegmentShare, ...]:
    """What each segment brought to the change of the whole, in the order given.

    For a sum that is actual - expected. For a ratio it is the segment's part of the whole's change, mix and rate together:
    change of (numerator / whole denominator) - shift of its share x mean ratio of the whole. Parts of disjoint segments and
    of the rest add up to the change.
    """
    found = []
    for place in places:
        rows = leaves.inside(place.where)
        actual, expected = (float(metric.value(side)) for side in leaves.totals(rows))
        part = _part(metric, leaves, rows)
        share = part / change if change else None
        found.append(SegmentShare(place.where, _number(actual), _number(expected), part, share, place.confidence))
    return tuple(found)


def measures_of(metric: Metric) -> tuple[str, ...]:
    """The base measures that a metric's segments are found and told by."""
    return tuple(sorted(metric.measures()))


def _part(metric: Metric, leaves: Leaves, rows: NDArray[np.bool_]) -> float:
    inside, whole = leaves.totals(rows), leaves.totals()
    over = [metric.scale * float(metric.numerator.of(side)) for side in inside]
    if metric.denominator is None:
        return over[0] - over[1]
    under = [float(metric.denominator.of(side)) for side in inside]
    total = [float(metric.denominator.of(side)) for side in whole]
    mean = sum(float(metric.value(side)) for side in whole) / 2
    shift = under[0] / total[0] - under[1] / total[1]
    return over[0] / total[0] - over[1] / total[1] - shift * mean


def _number(value: float) -> float:
    return 0.0 if np.isnan(value) else value
