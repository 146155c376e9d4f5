"""One thing that is wrong with the data."""

from dataclasses import dataclass

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.detection.findings import Status


@dataclass(frozen=True, slots=True)
class QualityIssue:
    """What is wrong, on which days, and what it affects."""

    check: str
    status: Status
    """fail: what is counted on these days cannot be trusted; warn: look at it."""
    detail: str
    days: Window
    kinds: frozenset[str] = frozenset()
    """Sources that it affects; empty = all, unless `measures` are named."""
    measures: frozenset[str] = frozenset()
    """Base measures that it affects; empty = all of `kinds`."""
    where: Segment = EVERYTHING

    def touches(self, window: Window, measures: frozenset[str], kinds: frozenset[str], where: Segment) -> bool:
        """Whether it affects any of these measures, of these sources, in a segment on these days."""
        if not self.days.overlaps(window):
            return False
        if self.measures:
            return bool(self.measures & measures) and self.where.meets(where)
        return (not self.kinds or bool(self.kinds & kinds)) and self.where.meets(where)
