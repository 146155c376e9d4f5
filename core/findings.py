"""What whydrop says: plain frozen values that commands, screens and reports all read. `to_dict()` is the promised JSON.

Days are integers (days since 1970-01-01) until `to_dict`; changes are actual minus expected, in the unit of the metric
(money in units of the currency, ratios as fractions).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from core.base.days import Window, iso
from core.base.segment import Segment

Severity = Literal["minor", "major", "critical"]
Shape = Literal["step", "ramp", "spike", "partial"]
Status = Literal["pass", "warn", "fail"]


_AS_THEY_ARE = (float, str, int, bool, type(None))


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Window | Segment | Baseline):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _day_or_plain(f.name, f.type, getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value


def _day_or_plain(name: str, kind: Any, value: Any) -> Any:
    return iso(value) if name in {"as_of", "onset", "day"} and isinstance(value, int) else _plain(value)


class Value:
    """A result that can be written as JSON."""

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, keyed as the JSON documents promise."""
        plain: dict[str, Any] = _plain(self)
        return plain


@dataclass(frozen=True, slots=True)
class Finding(Value):
    """One drop that is on at a day: how much, since when, how sure."""

    id: str
    """Names the drop (metric, segment, onset): the same on every later day that still sees it."""
    as_of: int
    metric: str
    where: Segment
    window: Window
    onset: int
    actual: float
    expected: float
    interval: tuple[float, float]
    """95 % interval of `expected`: where an ordinary window would have been."""
    change: float
    change_pct: float | None
    """change / expected, as a fraction; None when nothing was expected."""
    impact: float
    """What it costs, positive, in the unit of the root metric where a tree path exists, else of the metric."""
    severity: Severity
    p_value: float
    shape: Shape = "step"
    impact_unit: str = ""
    """Unit of `impact`: money, count, ratio, ..."""
    kind: Literal["drop", "data"] = "drop"
    """"data": the data are broken there, so that it says nothing about the world."""
    also: tuple[str, ...] = ()
    """Metrics that fell with it because they are its factors or it is theirs, merged into this finding."""
    data_quality: tuple["Check", ...] = ()
    """Checks that failed on its days."""


@dataclass(frozen=True, slots=True)
class Scan(Value):
    """All drops on at `as_of` (or on each day of a range), worst first."""

    as_of: int
    tested: int
    """How many series were looked at."""
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    """What was left out and why (unripe metrics, too short a past), one line each."""
    data_quality: tuple["Check", ...] = ()
    """Checks of the days before `as_of` that did not pass."""


@dataclass(frozen=True, slots=True)
class Baseline(Value):
    """What the window is compared with."""

    kind: Literal["expected", "previous", "window"]
    window: Window

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.window.to_dict()}


@dataclass(frozen=True, slots=True)
class Onset(Value):
    """Since when, and how it began."""

    day: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Check(Value):
    """One test of whether the data can be trusted."""

    check: str
    status: Status
    detail: str


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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class CauseMatch(Value):
    """A named cause and what speaks for it."""

    cause: str
    score: float
    evidence: tuple[str, ...]
    action: str
    owner: str
    verify: str


@dataclass(frozen=True, slots=True)
class RuledOut(Value):
    """A look-alike, and the test that ruled it out."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
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
    """Worse than expected, and outside the interval."""
    onset: Onset
    data_quality: tuple[Check, ...]
    drivers: tuple[Driver, ...]
    mix: tuple[MixRate, ...]
    segments: tuple[SegmentShare, ...]
    events: tuple[EventMatch, ...]
    causes: tuple[CauseMatch, ...]
    ruled_out: tuple[RuledOut, ...]
    queries: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the data could not answer, one line each."""
