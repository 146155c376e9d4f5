"""What verification returns: plain frozen values that commands and screens read. `to_dict()` is the promised JSON."""

from dataclasses import dataclass
from typing import Literal

from core.base.days import Day, Window
from core.base.json_value import Value
from core.base.segment import Segment

LEAST_INCIDENT = 2
"""Days of an incident before its remedy: one does not tell its level from a bad day. Of 40 simulated remedies after one or two
days, 95% intervals missed three, all after one day."""

Verdict = Literal["improved", "no_change", "worse", "undecided"]


@dataclass(frozen=True, slots=True)
class Control(Value):
    """A segment that the counterfactual rests on."""

    where: Segment
    weight: float
    """How closely it ran with the verified segment before the change; the weights sum to 1."""


@dataclass(frozen=True, slots=True)
class DroppedControl(Value):
    """A segment that cannot serve as a control."""

    where: Segment
    reason: str


@dataclass(frozen=True, slots=True)
class Placebo(Value):
    """The same estimate where nothing was changed."""

    runs: int
    rank: int
    """Place of the effect among itself and the placebos by size in standard errors, 1 = the largest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterfactualDay(Value):
    """One day after the change."""

    day: Day
    actual: float
    counterfactual: float
    lo: float
    """95 % interval of `counterfactual`, with `hi`."""
    hi: float


@dataclass(frozen=True, slots=True)
class SecondOpinion(Value):
    """The effect by another method, without an interval."""

    method: Literal["synthetic_did", "did"]
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Value):
    """Whether a change worked: the effect on a metric in a segment since a day."""

    metric: str
    unit: str
    is_ratio: bool
    """Whether its figures are ratios over the window; otherwise they are means of its days."""
    good: str
    """up | down | neutral: which way is better."""
    where: Segment
    window: Window
    """The days that are judged."""
    before: Window
    """The days that the counterfactual was learnt from."""
    actual: float
    """Mean a day in the window; of a ratio its value there."""
    counterfactual: float
    """The same, had nothing been changed."""
    effect: float
    """Actual minus counterfactual."""
    effect_pct: float | None
    """effect / counterfactual, as a fraction; None when the counterfactual is 0."""
    interval: tuple[float, float]
    """95 % interval of `effect`."""
    p_value: float
    """Two-sided; below 0.05 exactly when the interval leaves 0 out."""
    verdict: Verdict
    negligible: float
    """An effect up to this size, either way, is no change: 3 % of the counterfactual, or a third of the incident that it was to
    end."""
    smallest_detectable: float
    """Effect that so many days would show in four of five cases."""
    more_days: int | None
    """Further days that would decide an undecided verdict at the present effect; None when 56 would not, or it is decided."""
    controls: tuple[Control, ...]
    dropped: tuple[DroppedControl, ...]
    placebo: Placebo
    second_opinions: tuple[SecondOpinion, ...]
    series: tuple[CounterfactualDay, ...]
    notes: tuple[str, ...] = ()
    recovered: float | None = None
    """Share of the incident's effect that was undone in the last days before the change, for which an improvement is undecided;
    None where it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPlan(Value):
    """What so many days would show, said before the fact."""

    metric: str
    unit: str
    is_ratio: bool
    where: Segment
    days: int
    window: Window
    """The days that would be judged: the next ones after the complete data."""
    judge_on: Day
    """The first day on which all of them are complete."""
    smallest_detectable: float
    """Effect a day that would be found in four of five cases."""
    smallest_detectable_pct: float | None
    """As a fraction of what is expected."""
    controls: tuple[Control, ...]
    notes: tuple[str, ...] = ()
