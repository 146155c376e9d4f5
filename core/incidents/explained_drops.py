"""Which drops are explained by a segment: those that are gone once its rows are left out.

That holds across metrics, up and down the tree, and for shifts of the mix: the click-through rate of all falls when a segment
grows that never clicks, and without that segment it does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.base.days import Window
from core.base.segment import Segment
from core.detection.drop_merging import Drop
from core.detection.finding_dedup import TOGETHER
from core.detection.scan import Detection
from core.detection.segment_overlap import intersection

LEFT, _DOUBTFUL = 0.35, 0.6
"""A drop is explained when at most the first share of it is left, or the second and that is within chance."""
_CHANCE = 3.0
"""Standard deviations: of the hundreds of series that a scan judges some stray by two or more from what is expected."""
_FOLLOWS = 28
"""Days after which refunds, ratings or deliveries may still follow an incident in its own segment."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where and since when an incident is."""

    where: Segment
    onset: int


def is_explained(detection: Detection, drop: Drop, extents: Sequence[Extent]) -> bool:
    """Whether a drop is gone without the rows of some incidents that began at its time."""
    near = [extent for extent in extents if _may_belong(detection, drop, extent)]
    segments = list(dict.fromkeys(extent.where for extent in near))
    if not segments:
        return False
    around = [extent for extent in near if set(extent.where.terms) <= set(drop.where.terms)]
    if around:
        return any(_began_with(detection, drop, extent) for extent in around)
    remainder = detection.overlaps.without(drop, segments)
    if remainder is None:
        return any(_began_with(detection, drop, extent) for extent in near)
    change = _change(detection, drop, drop.window)
    left = remainder.change / change if change * drop.change > 0 else remainder.change / drop.change
    return left <= LEFT or (left <= _DOUBTFUL and remainder.score < _CHANCE)


def _may_belong(detection: Detection, drop: Drop, extent: Extent) -> bool:
    """Whether a drop may belong to an incident: both meet, and it did not begin long after, unless it follows an order."""
    gap = drop.onset - extent.onset
    late = gap > TOGETHER and (gap > _FOLLOWS or detection.figures.is_priced(drop))
    return not late and intersection((drop.where, extent.where)) is not None


def _began_with(detection: Detection, drop: Drop, extent: Extent) -> bool:
    """Whether a drop inside an incident began with it: hardly any of its change lies before."""
    if drop.onset >= extent.onset - TOGETHER or drop.row < 0:
        return True
    before = _change(detection, drop, Window(drop.onset, extent.onset - 1))
    change = _change(detection, drop, drop.window)
    return change * drop.change > 0 and before / change <= LEFT


def _change(detection: Detection, drop: Drop, days: Window) -> float:
    """By how much a drop's series missed what was expected on all of some days, those included that say nothing by themselves."""
    if drop.row < 0:
        return drop.change
    actual, expected = detection.figures.over(drop, days)
    return actual - expected
