"""What an explanation is: plain frozen values that commands, screens and reports read. `to_dict()` is the promised JSON.

Changes are actual minus expected, in the unit of the metric (money in units of the currency, ratios as fractions).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import erfc, sqrt

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.interval import is_within
from core.base.json_value import Value
from core.base.segment import EVERYTHING, Segment
from core.detection.distributions import Z95
from core.detection.findings import Check, Onset

LIKELY = 0.5
"""Below this confidence no cause is named as the answer; two may be named as one of two."""
NEARLY = 0.3
"""A cause of at least this probability, but below one half, nearly fits: it is said to come nearest, not named as likely."""
_FITS = 0.5
"""Events of at least this score fit in time and place."""


@dataclass(frozen=True, slots=True)
class Driver(Value):
    """The part of the change that one leaf of the metric tree brought."""

    metric: str
    contribution: float
    share: float | None
    """contribution / change; None when there was no change."""
    actual: float = 0.0
    expected: float = 0.0


@dataclass(frozen=True, slots=True)
class MixValue(Value):
    """What one value of a dimension brought."""

    value: str
    mix: float
    rate: float


@dataclass(frozen=True, slots=True)
class MixRate(Value):
    """The change split, over one dimension, into shifts between its values and changes inside them; mix + rate = change."""

    dimension: str
    mix: float
    rate: float
    values: tuple[MixValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentShare(Value):
    """One segment of the smallest set that explains the change."""

    where: Segment
    actual: float
    expected: float
    change: float
    share: float | None
    confidence: float
    p_value: float | None = None
    """Two-sided: how often an ordinary window would be as far from expected, were this segment the only one looked at."""
    n: float | None = None
    """What the figures rest on: the denominator of a ratio, order lines of an amount, else the count itself."""
    interval: tuple[float, float] | None = None
    """95 % interval of `expected`."""


@dataclass(frozen=True, slots=True)
class EventMatch(Value):
    """A change in the world that fits in time and scope."""

    event_id: str
    title: str
    score: float
    reason: str
    owner: str = ""
    """Who made the change, as the change log names them; empty where it does not."""

    @property
    def is_named_by_title(self) -> bool:
        """Whether its id was made of its day and its title, as its list had none."""
        return self.event_id.endswith(f"/{self.title}")

    @property
    def short_name(self) -> str:
        """Its id, or its title."""
        return f'"{self.title}"' if self.is_named_by_title else self.event_id

    @property
    def name(self) -> str:
        """Its id and its title, each once."""
        return self.short_name if self.is_named_by_title else f"{self.event_id} {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseMatch(Value):
    """A named cause and what speaks for it."""

    cause: str
    score: float
    evidence: tuple[str, ...]
    action: str
    owner: str
    verify: str
    where: Segment = EVERYTHING
    """The segment that it is the cause in."""


@dataclass(frozen=True, slots=True)
class NearestCause(Value):
    """A cause that came near where none is likelier than not."""

    cause: str
    score: float
    """Its probability, rounded down to whole percents: it is below one half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMeasure(Value):
    """What another measure of `daily` exports did where the metric changed."""

    metric: str
    actual: float
    expected: float
    change_pct: float
    moved: bool
    """Whether it moved by more than chance; else it stayed: no move of half the metric's own is in its 95 % interval."""


@dataclass(frozen=True, slots=True)
class RuledOut(Value):
    """A look-alike, and the test that ruled it out."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(Value):
    """Why a metric changed: everything that `explain` says."""

    metric: str
    unit: str
    where: Segment
    window: Window
    baseline: Baseline
    actual: float
    expected: float
    change: float
    change_pct: float | None
    interval: tuple[float, float]
    is_drop: bool
    """Worse than expected, and outside the interval: the whole, or else the segment that is named first."""
    onset: Onset
    data_quality: tuple[Check, ...]
    drivers: tuple[Driver, ...]
    mix: tuple[MixRate, ...]
    segments: tuple[SegmentShare, ...]
    events: tuple[EventMatch, ...]
    causes: tuple[CauseMatch, ...]
    """Best first: those of the first segment, and the likeliest of each further one. Of the first segment both of two where one
    of them it is and neither is likelier than not."""
    ruled_out: tuple[RuledOut, ...]
    nearest_causes: tuple[NearestCause, ...] = ()
    """Best first, where no cause of the first segment is likelier than not; only those that any evidence speaks for."""
    causes_skipped: str = ""
    """Why no causes were tested; empty where they were."""
    others: tuple[OtherMeasure, ...] = ()
    """The largest move first, then what stayed; of a metric whose tree has no steps."""
    queries: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the data could not answer, one line each."""
    p_value: float | None = None
    """How often chance alone brings the whole so far to the worse side of what is expected; None where the detector sees no
    drop on at the end of the window, because nothing is or because there is too little to tell."""
    data_doubt: str = ""
    """A warning about the data that began with the change in the same place: it may be no change of the world. Empty where there
    is none; a check that failed is in `data_quality`."""

    @property
    def chance(self) -> float:
        """How often chance alone brings the whole so far from what is expected to this side, by its expected range alone."""
        side = self.interval[self.actual > self.expected] - self.expected
        return erfc(Z95 * (self.actual - self.expected) / side / sqrt(2)) / 2 if side else 1.0

    @property
    def likeliest(self) -> CauseMatch | None:
        """The best cause, where it is likelier than not."""
        return self.causes[0] if self.causes and self.causes[0].score >= LIKELY else None

    @property
    def one_of_two(self) -> tuple[CauseMatch, ...]:
        """Both causes where neither is likelier than not but one of them it is; else none."""
        near = {cause.cause for cause in self.nearest_causes}
        pair = tuple(cause for cause in self.causes if cause.cause in near and cause.score < LIKELY)
        return pair if len(pair) == 2 else ()

    @property
    def fitting_event(self) -> EventMatch | None:
        """The event that fits in time and place, where no cause is likelier than not: it tells who should look."""
        fits = bool(self.events) and self.likeliest is None and self.events[0].score >= _FITS
        return self.events[0] if fits else None

    @property
    def is_usual_as_a_whole(self) -> bool:
        """Whether the whole is inside its expected range; a segment of it may be a drop all the same."""
        return is_within(self.actual, self.interval)

    @property
    def is_within_range(self) -> bool:
        """Whether neither the whole nor the segment that is named moved more than usual."""
        return not self.is_drop and self.is_usual_as_a_whole
