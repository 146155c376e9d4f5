"""What detection returns: findings, checks of the data, onsets. `to_dict()` is the promised JSON.

Days are integers (days since 1970-01-01) until `to_dict`; changes are actual minus expected, in the unit of the metric
(money in units of the currency, ratios as fractions).
"""

from dataclasses import dataclass
from typing import Literal

from core.base.days import Day, Window
from core.base.json_value import Value
from core.base.segment import Segment

Severity = Literal["minor", "major", "critical"]
Shape = Literal["step", "ramp", "spike", "partial"]
Status = Literal["pass", "warn", "fail"]
EITHER = "; or "
"""Between two causes of which it is one; what they are called may have a comma or an "or" in it."""


@dataclass(frozen=True, slots=True)
class Check(Value):
    """One test of whether the data can be trusted."""

    check: str
    status: Status
    detail: str


@dataclass(frozen=True, slots=True)
class Onset(Value):
    """Since when, and how it began."""

    day: Day
    shape: Shape


@dataclass(frozen=True, slots=True)
class Part(Value):
    """One series that moved with an incident."""

    metric: str
    where: Segment
    change_pct: float | None
    """change / expected, as a fraction; None when nothing was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Value):
    """One incident that is on at a day: how much, since when, how sure, and what moved with it."""

    id: str
    """Names the incident (metric, segment, onset): the same on every later day that still sees it."""
    as_of: Day
    metric: str
    where: Segment
    window: Window
    onset: Day
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
    kind: Literal["drop", "mix", "data"] = "drop"
    """"mix": a rate fell because more traffic came that does not buy; "data": the data are broken there, so that it says
    nothing about the world."""
    also: tuple[str, ...] = ()
    """Metrics that fell with it because they are its factors or it is theirs, merged into this finding."""
    parts: tuple[Part, ...] = ()
    """The series that moved with it, the clearest first."""
    cause: str | None = None
    """The likeliest cause, as `explain` names it, or two with EITHER between them; None where none fits, or none was tested."""
    owner: str | None = None
    """Who can do something about that cause, or made the change that fits where no cause does."""
    causes_skipped: str = ""
    """Why no causes were tested; empty where they were."""
    confidence: float | None = None
    """How sure it is that `where` is the segment; None for a series that nobody located."""
    within: Segment | None = None
    """Of a mix finding the segment that its figures are of; None = they are of `where`. A rate falls in a whole, not in the
    part that grew."""
    data_quality: tuple[Check, ...] = ()
    """Checks that failed on its days."""
    data_doubt: str = ""
    """A warning about the data that began with it in the same place; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Value):
    """All drops on at `as_of` (or on each day of a range), worst first."""

    as_of: Day
    tested: int
    """How many series were looked at."""
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    """What was left out and why (incomplete days, too short a past), one line each."""
    data_quality: tuple[Check, ...] = ()
    """Checks of the days before `as_of` that did not pass."""
