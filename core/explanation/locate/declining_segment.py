"""A segment that declines slowly against the rest, which no window shows: the level had followed it before the window began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Floats
from core.base.baseline import Baseline
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metrics import Metric
from core.cube.cube import Cube
from core.detection.comparison_result import Comparison
from core.detection.detector.slow_declines import BY_CHANCE, MOST_WEEKS, Siblings, may_decline, siblings
from core.detection.distributions import Z95
from core.detection.findings import Onset
from core.detection.forecast.reference_days import balanced_days
from core.detection.forecast.state_space import WEEK
from core.explanation.explain_request import ExplainRequest
from core.explanation.locate.change_location import Located
from core.explanation.locate.onset import OnsetEstimate
from core.explanation.locate.replaced_values import is_replaced
from core.explanation.locate.segment_part import SegmentMove, measures_of

_MOST_VALUES = 60
_BEFORE = 28
"""Days before a decline whose shares are those that are expected."""
_SUREST = 0.98


@dataclass(frozen=True, kw_only=True)
class DecliningSegment:
    """Where a slow decline is, and since when."""

    where: Segment
    """Inside the filter of the question; everything where all of the filter declines."""
    first: int
    """The day on which the decline began, to a week or two."""
    weekly: float
    """Share of itself that it loses a week; negative for a rate that should be low and grows."""
    error: float
    """Standard error of the logarithm of what is left."""
    chance: float
    """How often chance alone shows as much anywhere."""

    @property
    def note(self) -> str:
        """What it is, in words."""
        name = str(self.where) or "all of it"
        how = "lost" if self.weekly > 0 else "grown by"
        return (
            f"{name} has {how} about {abs(self.weekly):.1%} a week against the rest since about {date_text(self.first)}"
        )


def declining_segment(request: ExplainRequest) -> DecliningSegment | None:
    """The clearest slow decline that is on at the end of the window and began before it; None where there is none.

    Only of sums that should not fall: what a rate is counted of cancels what all segments have in common. Of a filter, all of it
    against the rows outside, then its values.
    """
    metric, window = request.metric, request.window
    if not may_decline(metric) or request.baseline != "expected":
        return None
    days = Window(max(window.last - WEEK * MOST_WEEKS + 1, request.workspace.span.first), window.last)
    names = sorted(metric.measures())
    cube = request.workspace.cube(
        names, days, request.workspace.dimensions, clock=request.clock, age=request.judged.age
    )

    def values(part: Cube, dimensions: tuple[str, ...] = ()) -> _Table:
        measures = {name: np.atleast_2d(part.daily(name, dimensions)) for name in names}
        of = metric.denominator
        return _Table(
            np.asarray(metric.scale * metric.numerator.of(measures)),
            None if of is None else np.asarray(of.of(measures)),
        )

    inside = cube.where(request.where)
    if request.where:
        name = request.where.dimensions[0]
        around = values(cube, (name,)).minus(values(inside, (name,)))
        found = _clearest(request, [EVERYTHING], [values(inside).above(around).siblings(metric, only=0)])
        if found is not None:
            return found
    segments: list[Segment] = []
    parts: list[Siblings] = []
    for name in cube.dimensions:
        if name not in request.where.dimensions and 2 < len(cube.values[name]) <= _MOST_VALUES + 1:
            given = values(inside, (name,)).siblings(metric)
            kept = [at for at, code in enumerate(given.rows.tolist()) if code]
            segments += [Segment.of({name: cube.values[name][int(given.rows[at])]}) for at in kept]
            parts += [given.one(at) for at in kept]
    return _clearest(request, segments, parts) if segments else None


@dataclass(frozen=True)
class _Table:
    """What is counted in some values of a dimension by day, shape (values, days), and what a rate is counted of."""

    counted: Floats
    of: Floats | None

    def minus(self, other: "_Table") -> "_Table":
        """What is left without another one."""
        return _Table(self.counted - other.counted, None if self.of is None or other.of is None else self.of - other.of)

    def above(self, other: "_Table") -> "_Table":
        """Both, this one first."""
        return _Table(
            np.vstack([self.counted, other.counted]),
            None if self.of is None or other.of is None else np.vstack([self.of, other.of]),
        )

    def siblings(self, metric: Metric, only: int | None = None) -> Siblings:
        """What may decline."""
        return siblings(self.counted, self.of, worse_sign=metric.worse_sign, only=only)


def _clearest(
    request: ExplainRequest, segments: Sequence[Segment], parts: Sequence[Siblings]
) -> DecliningSegment | None:
    falls = Siblings.together(parts).falls()
    best = int(falls.p_value.argmin())
    chance = min(float(falls.p_value[best]) * len(segments), 1.0)
    first = request.window.last - WEEK * int(falls.weeks[best]) + 1
    if chance > BY_CHANCE or first > request.window.first - WEEK:
        return None
    where = segments[best]
    if is_replaced(request.workspace, request.metric, request.window, request.where.narrowed(where)):
        return None
    weeks = (request.window.last - first + 1 - len(request.window) / 2) / WEEK
    change = float(falls.slope[best]) * -float(np.sign(request.metric.worse_sign))
    error = float(falls.error[best]) * weeks
    return DecliningSegment(where=where, first=first, weekly=-float(np.expm1(change)), error=error, chance=chance)


def against_rest(request: ExplainRequest, decline: DecliningSegment) -> Comparison:
    """The verdict on the whole of the question: the declining segment is expected to have kept its share of the rest.

    That is the share of the four weeks before the decline.
    """
    workspace, metric, window = request.workspace, request.metric, request.window
    before = Window(max(decline.first - _BEFORE, workspace.span.first), decline.first - 1)
    days, reference = Window(before.first, window.last), balanced_days(window, before)
    names = sorted(
        {name for leaf in workspace.catalogue.leaves(metric.key, workspace.measures) for name in leaf.measures()}
    )
    everything = workspace.cube(names, days, workspace.dimensions, clock=request.clock, age=request.judged.age)
    inside = everything.where(request.where)
    sides = (inside, inside.where(decline.where)) if decline.where else (everything, inside)
    weights, now = reference.dense("", days), slice(window.first - days.first, None)

    def side(part: Cube, weighed: bool) -> dict[str, float]:
        return {name: float(part.daily(name) @ weights if weighed else part.daily(name)[now].sum()) for name in names}

    (around, own), (around_now, own_now) = ([side(part, weighed) for part in sides] for weighed in (True, False))
    plain, came = side(inside, True), side(inside, False)
    growth = _growth_of_rest(metric, _less(around, own), _less(around_now, own_now), plain, came)
    sums = {name: value * growth.get(name, 1.0) for name, value in plain.items()}
    actual, expected = float(metric.value(came)), float(metric.value(sums))
    own_sums = {name: value * growth.get(name, 1.0) for name, value in own.items()}
    part = 1.0 if metric.denominator is None else metric.denominator.of(own_sums) / metric.denominator.of(sums)
    sd = decline.error * float(metric.value(own_sums)) * float(part)
    onset = Onset(decline.first, "ramp")
    interval = (max(expected - Z95 * sd, 0.0), expected + Z95 * sd)
    is_drop = actual < interval[0] if metric.worse_sign < 0 else actual > interval[1]
    return replace(
        request.judged, baseline=Baseline("expected", before), actual=actual, expected=expected, interval=interval,
        is_drop=is_drop, score=abs(expected - actual) / sd, onset=onset, drop_since=decline.first, sums=sums,
        reference=replace(reference, scales=growth), notes=(*request.judged.notes, decline.note),
    )  # fmt: skip


def _less(whole: Mapping[str, float], part: Mapping[str, float]) -> dict[str, float]:
    return {name: value - part[name] for name, value in whole.items()}


def _growth_of_rest(
    metric: Metric,
    rest: Mapping[str, float],
    rest_now: Mapping[str, float],
    plain: Mapping[str, float],
    came: Mapping[str, float],
) -> dict[str, float]:
    """By what each base measure is multiplied to be what is expected: as the rest grew, and a rate as the rest's rate did, for
    the cases that came."""
    growth = {name: rest_now[name] / value for name, value in rest.items() if value > 0}
    of = metric.denominator
    if of is None or not (of.of(rest) and of.of(rest_now) and of.of(plain) and metric.value(rest)):
        return growth
    cases = float(of.of(came) / of.of(plain))
    rate = float(metric.value(rest_now) / metric.value(rest))
    return growth | {name: cases * (1.0 if name in of.measures() else rate) for name in metric.measures()}


def located_decline(request: ExplainRequest, decline: DecliningSegment) -> Located:
    """The decline as the place of the change."""
    compared = request.compare(decline.first)
    onset = OnsetEstimate(
        day=decline.first, first=decline.first - WEEK, last=decline.first + 2 * WEEK, shape="ramp",
        grown=request.window.last - decline.first + 1,
    )  # fmt: skip
    return Located(
        compared=compared,
        leaves=compared.leaves(measures_of(request.metric)),
        places=(SegmentMove(decline.where, min(1 - decline.chance, _SUREST)),),
        by=request.metric,
        onset=onset,
        moved=True,
        is_shift=False,
    )
