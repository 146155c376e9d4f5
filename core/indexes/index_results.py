"""What indexes say: plain frozen values that commands and screens read. `to_dict()` is the JSON of `whydrop index`."""

from dataclasses import dataclass

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.json_value import Value
from core.base.segment import Segment

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPart(Value):
    """One component of the satisfaction index; the contributions of all sum to the change of the index."""

    component: str
    name: str
    weight: float
    """Share of the index, of the components that could be counted; they sum to 1."""
    actual: float | None
    """None where too few cases came in the window: the component does not count then."""
    expected: float | None
    points: float | None
    """From 0 (the worst value) to 100 (the best)."""
    points_expected: float | None
    contribution: float | None
    """weight x points minus what is expected of it."""
    n: int
    """Reviews, order lines or deliveries that it rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexValue(Value):
    """One index in one segment, compared with what was expected of it."""

    index: str
    name: str
    unit: str
    good: str
    """up | down | neutral: which way is better."""
    where: Segment
    window: Window
    actual: float
    interval: Interval | None
    """95 % sampling interval of `actual`; None for counts, which are exact."""
    n: int
    """What it was counted from: buyers, creators, products, impressions, or order lines and reviews."""
    baseline: Baseline | None
    """None where the past is too short."""
    expected: float | None
    expected_interval: Interval | None
    """95 % interval of what was expected."""
    change: float | None
    change_pct: float | None
    p_value: float | None
    """Two-sided: how probable so large a change would be by chance."""
    is_drop: bool = False
    """Worse than expected, more than chance explains; false discoveries among all of one answer are controlled."""
    history: tuple[float, ...] = ()
    """Earlier windows of as many days, the oldest first, and this one last; nan where nothing could be counted."""
    parts: tuple[IndexPart, ...] = ()
    """Of the satisfaction index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexes(Value):
    """Indexes of a workspace, in the order of the catalogue; within one, segments in the order of their names."""

    where: Segment
    by: tuple[str, ...]
    indexes: tuple[IndexValue, ...]
    tested: int
    """How many were compared with something."""
    notes: tuple[str, ...] = ()

    @property
    def drops(self) -> tuple[IndexValue, ...]:
        """Those that got worse, the surest first."""
        worse = [value for value in self.indexes if value.is_drop]
        return tuple(sorted(worse, key=lambda value: value.p_value or 0.0))
