"""Which drops are explained by a segment: those that are gone once its rows are left out.

That holds across metrics, up and down the tree, and for shifts of the mix: the click-through rate of all falls when a segment
grows that never clicks, and without that segment it does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.base.days import Window
from core.base.segment import Segment
from core.detection.drop_merging import Drop
from core.detection.scan import Detection
from core.detection.segment_overlap import intersection

_LEFT, _DOUBTFUL = 0.35, 0.6
"""A drop is explained when at most the first share of it is left, or the second and that is within chance."""
_CHANCE = 2.0
"""Standard deviations."""
_TOGETHER = 3
"""Days by which the onsets of two series of one incident may differ."""
_FOLLOWS = 28
"""Days after which refunds, ratings or deliveries may still follow an incident in its own segment."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where and since when an incident is."""

    where: Segment
    onset: int


def is_explained(detection: Detection, drop: Drop, extents: Sequence[Extent]) -> bool:
    """Whether a drop is gone without the rows of some incidents that began at its time."""
    near = [extent for extent in extents if _at_its_time(detection, drop, extent)]
    if not near:
        return False
    segments = list(dict.fromkeys(extent.where for extent in near))
    if any(set(segment.terms) <= set(drop.where.terms) for segment in segments):
        return True
    rest = detection.overlaps.without(drop, segments)
    if rest is None:
        return True
    change = _change(detection, drop, drop.window)
    left = rest.change / change if change * drop.change > 0 else rest.change / drop.change
    return left <= _LEFT or (left <= _DOUBTFUL and rest.score < _CHANCE)


def _at_its_time(detection: Detection, drop: Drop, extent: Extent) -> bool:
    """Whether a drop may belong to an incident: both meet, and it began with it or, in what follows an order, after it.

    Where its onset is earlier by more than chance, hardly any of its change may lie before that of the incident.
    """
    if intersection((drop.where, extent.where)) is None:
        return False
    gap = drop.onset - extent.onset
    if gap > _TOGETHER:
        return gap <= _FOLLOWS and not detection.figures.is_priced(drop)
    if gap >= -_TOGETHER or drop.row < 0:
        return True
    before = _change(detection, drop, Window(drop.onset, extent.onset - 1))
    change = _change(detection, drop, drop.window)
    return change * drop.change > 0 and before / change <= _LEFT


def _change(detection: Detection, drop: Drop, days: Window) -> float:
    """By how much a drop's series missed what was expected on all of some days, those included that say nothing by themselves."""
    if drop.row < 0:
        return drop.change
    actual, expected = detection.figures.over(drop, days)
    return actual - expected
