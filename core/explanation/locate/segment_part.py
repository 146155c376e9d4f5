"""What the rows of a segment brought to a change: by their weight, and by what happened inside them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metrics import Metric
from core.explanation.explanation_results import SegmentShare
from core.localization.with_history.actual_vs_expected import LeafSums

ALIKE = 0.5
"""Of two changes of one cause the smaller is at least this share of the larger."""


@dataclass(frozen=True, slots=True)
class SegmentMove:
    """A segment that a change is in, and how sure that is."""

    where: Segment
    confidence: float
    rival: Segment = EVERYTHING
    """What describes the change nearly as well, and has its part of the confidence; everything where nothing does."""
    share: float = 1.0
    """Of the confidence that it is this segment or its rival, what this one has."""
    expected: float | None = None
    """What is expected of a segment of new values, which have no past; None where it has one."""
    new_in: str = ""
    """The dimension that its new values are of."""

    @property
    def of_either(self) -> float:
        """How sure it is that the change is in this segment or its rival."""
        return self.confidence / self.share


def denominator_of(metric: Metric) -> Metric | None:
    """The denominator of a ratio as a metric of its own."""
    if metric.denominator is None:
        return None
    name = str(metric.denominator)
    return replace(
        metric, key=name, name=name, unit="count", scale=1.0, numerator=metric.denominator, denominator=None, factors=()
    )


def counted_by(metric: Metric) -> Metric:
    """What a metric rests on: the denominator of a ratio, else itself."""
    return denominator_of(metric) or metric


def shares(metric: Metric, leaves: LeafSums, places: Iterable[SegmentMove], change: float) -> tuple[SegmentShare, ...]:
    """What each segment brought to the change of the whole, in the order given.

    For a sum that is actual - expected. For a ratio it is the segment's part of the whole's change, mix and rate together:
    change of (numerator / whole denominator) - shift of its share x mean ratio of the whole. Parts of disjoint segments and
    of the rest add up to the change.
    """
    parts = []
    for move in places:
        rows = leaves.inside(move.where)
        actual, expected = (float(metric.value(side)) for side in leaves.totals(rows))
        part = part_of_change(metric, leaves, rows)
        if move.expected is not None:
            expected = move.expected
            part = part if metric.is_ratio else actual - expected
        parts.append(
            SegmentShare(
                where=move.where,
                actual=float(np.nan_to_num(actual)),
                expected=float(np.nan_to_num(expected)),
                change=part,
                share=part / change if change else None,
                confidence=move.confidence,
            )
        )
    return tuple(parts)


def measures_of(metric: Metric) -> tuple[str, ...]:
    """The base measures that a metric's segments are found and reported by."""
    return tuple(sorted(metric.measures()))


def relative_change(metric: Metric, leaves: LeafSums, rows: NDArray[np.bool_]) -> float:
    """actual / expected - 1 of some leaves; 0 where nothing was expected."""
    actual, expected = (float(metric.value(side)) for side in leaves.totals(rows))
    return actual / expected - 1 if expected and isfinite(actual) and isfinite(expected) else 0.0


def changed_alike(metric: Metric, leaves: LeafSums, part: NDArray[np.bool_], remainder: NDArray[np.bool_]) -> bool:
    """Whether the rest of a segment changed the same way as a part of it, and at least half as much, relatively."""
    change, other = (relative_change(metric, leaves, rows) for rows in (part, remainder))
    return change * other > 0 and abs(other) >= ALIKE * abs(change)


def mostly_mix(metric: Metric, leaves: LeafSums, where: Segment) -> bool:
    """Whether a segment changes a ratio by its weight rather than by what happens inside it."""
    mix, rate = mix_and_rate(metric, leaves, leaves.inside(where))
    return abs(mix) > abs(rate)


def part_of_change(metric: Metric, leaves: LeafSums, rows: NDArray[np.bool_]) -> float:
    """What some rows brought to the change of the whole, mix and rate together."""
    return sum(mix_and_rate(metric, leaves, rows))


def mix_and_rate(metric: Metric, leaves: LeafSums, rows: NDArray[np.bool_]) -> tuple[float, float]:
    """What a segment brought to the change of the whole: by its weight, and by what happened inside it."""
    inside, whole = leaves.totals(rows), leaves.totals()
    numerator = [metric.scale * float(metric.numerator.of(side)) for side in inside]
    if metric.denominator is None:
        return 0.0, numerator[0] - numerator[1]
    denominator = [float(metric.denominator.of(side)) for side in inside]
    total = [float(metric.denominator.of(side)) for side in whole]
    mean = sum(float(metric.value(side)) for side in whole) / 2
    rates = [n / d for n, d in zip(numerator, denominator, strict=True) if d]
    rate = sum(rates) / len(rates) if rates else 0.0
    shift = denominator[0] / total[0] - denominator[1] / total[1]
    return shift * (rate - mean), numerator[0] / total[0] - numerator[1] / total[1] - shift * rate
