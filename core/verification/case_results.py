"""What a case is: a finding or question that somebody works on, what was promised, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.base.days import Day, Window
from core.base.json_value import Value
from core.base.segment import Segment
from core.verification.verification_results import LEAST_INCIDENT, CounterfactualDay, Verdict

CaseState = Literal["open", "due", "judged", "closed"]
"""due: the data have reached the day on which it is to be judged, and it is not judged yet."""
PromiseOutcome = Literal["kept", "missed", "undecided"]
"""kept: an effect at least as large as the smallest promised one, more than chance explains; missed: even the end of the interval
that is nearest to the promise falls short of it."""


@dataclass(frozen=True, slots=True)
class ExpectedEffect(Value):
    """The promised effect as a fraction of what would have been without the action; nothing was promised where both are None."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What is agreed about a case."""

    since: Day
    """First day of the action."""
    judge_on: Day | None
    action: str = ""
    owner: str = ""
    expected: ExpectedEffect = ExpectedEffect()


@dataclass(frozen=True, slots=True)
class CaseNote(Value):
    """What somebody wrote about a case."""

    at: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerdict(Value):
    """The verification of a case as it was stored."""

    at: str
    """When it was judged."""
    window: Window
    verdict: Verdict
    promise: PromiseOutcome | None
    """None when no effect was promised."""
    actual: float
    counterfactual: float
    effect: float
    effect_pct: float | None
    interval: tuple[float, float]
    p_value: float
    unit: str
    is_ratio: bool
    """Whether its figures are ratios over the window; otherwise they are means of its days."""
    definition: str | None
    """The definition of the metric at that time where it was not the one that the case was opened with."""
    notes: tuple[str, ...]
    series: tuple[CounterfactualDay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Value):
    """One case as its records tell it."""

    id: str
    state: CaseState
    finding: str | None
    """Id of the finding that it was opened from; None for a question."""
    metric: str
    where: Segment
    cause: str | None
    action: str
    owner: str
    expected: ExpectedEffect
    judge_on: Day | None
    registered_at: str
    """When the promise was written down (ISO, UTC)."""
    hash: str
    """SHA-256 of the record that has the promise, chained to all records before it."""
    verdict: CaseVerdict | None
    """The newest one."""
    since: Day
    """First day of the action."""
    onset: Day | None
    window: Window | None
    """The days that the finding is about."""
    baseline: Mapping[str, str] | None
    """What they were compared with, as `explain` gives it."""
    data_until: Day | None
    """The newest day of the data when the promise was written down; None where it is not known."""
    definition: str | None
    """Of the metric when the case was opened; None where it is not known."""
    words: Sequence[str]
    """The finding in sentences."""
    notes: tuple[CaseNote, ...] = ()
    closed_at: str | None = None
    is_changed: bool = False
    """Whether a stored record of it is not what was written down."""

    @property
    def can_be_judged(self) -> bool:
        """False of a case about everything: no untouched segment is left to compare with."""
        return bool(self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSubject:
    """What a case is about, before it is opened."""

    metric: str
    where: Segment
    finding: str | None = None
    cause: str | None = None
    action: str = ""
    owner: str = ""
    onset: Day | None = None
    window: Window | None = None
    baseline: Mapping[str, Any] | None = None
    words: tuple[str, ...] = ()


def incident_before(case: Case) -> Day | None:
    """The day since which the finding of a case was on before the action; None when it was not, or hardly."""
    began_before = case.onset is not None and case.since - case.onset >= LEAST_INCIDENT
    return case.onset if began_before else None
