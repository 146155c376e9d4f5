"""A segment that declines slowly against the rest, which no window shows: the level had followed it before the window began."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Floats
from core.base.baseline import Baseline
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube
from core.detection.comparison_result import Comparison
from core.detection.detector.slow_declines import (
    BY_CHANCE,
    LEAST_SHARE,
    MOST_SHARE,
    MOST_WEEKS,
    in_weeks,
    slow_declines,
    without_riser,
)
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
    """Share of itself that it loses a week."""
    lost: float
    """Share of what it would be that it has lost, on the mean day of the window."""
    error: float
    """Standard error of the logarithm of what is left."""
    chance: float
    """How often chance alone shows as much anywhere."""

    @property
    def note(self) -> str:
        """What it is, in words."""
        name = str(self.where) or "all of it"
        return f"{name} has lost about {self.weekly:.1%} a week against the rest since about {date_text(self.first)}"


def declining_segment(request: ExplainRequest) -> DecliningSegment | None:
    """The clearest slow decline that is on at the end of the window and began before it; None where there is none.

    Only of sums that should not fall: what a rate is counted of cancels what all segments have in common. Of a filter, all of it
    against the rows outside, then its values.
    """
    metric, window = request.metric, request.window
    if metric.is_ratio or metric.worse_sign >= 0 or request.baseline != "expected":
        return None
    days = Window(max(window.last - WEEK * MOST_WEEKS + 1, request.workspace.span.first), window.last)
    names = sorted(metric.measures())
    cube = request.workspace.cube(
        names, days, request.workspace.dimensions, clock=request.clock, age=request.judged.age
    )

    def line(part: Cube, dimensions: tuple[str, ...] = ()) -> Floats:
        values = metric.scale * metric.numerator.of({name: part.daily(name, dimensions) for name in names})
        return np.atleast_2d(np.asarray(values))

    inside = cube.where(request.where)
    whole = line(inside)
    if request.where:
        name = request.where.dimensions[0]
        siblings = line(cube, (name,)) - line(inside, (name,))
        found = _clearest(request, [EVERYTHING], whole, line(cube) - whole, without_riser(siblings)[None])
        if found is not None:
            return found
    tested = list(_values(inside, request.where, line))
    if not tested:
        return None
    own, others = (np.array([item[at] for item in tested]) for at in (1, 2))
    return _clearest(request, [item[0] for item in tested], own, whole - own, others)


def _values(
    cube: Cube, filtered: Segment, line: Callable[[Cube, tuple[str, ...]], Floats]
) -> Iterator[tuple[Segment, Floats, Floats]]:
    """The values of each dimension with few of them, their days, and those of the others without the one that grew most."""
    for name in cube.dimensions:
        values = cube.values[name]
        if name in filtered.dimensions or not 2 < len(values) <= _MOST_VALUES + 1:
            continue
        table = line(cube, (name,))
        share = table.sum(1) / max(float(table.sum()), 1e-9)
        for code in np.flatnonzero((share >= LEAST_SHARE) & (share <= MOST_SHARE)).tolist():
            if code:
                yield Segment.of({name: values[code]}), table[code], without_riser(np.delete(table, code, 0))


def _clearest(
    request: ExplainRequest, segments: list[Segment], own: Floats, rest: Floats, others: Floats
) -> DecliningSegment | None:
    falls = slow_declines(in_weeks(own), in_weeks(rest), in_weeks(others))
    best = int(falls.p_value.argmin())
    chance = min(float(falls.p_value[best]) * len(segments), 1.0)
    first = request.window.last - WEEK * int(falls.weeks[best]) + 1
    if chance > BY_CHANCE or first > request.window.first - WEEK:
        return None
    where = segments[best]
    if is_replaced(request.workspace, request.metric, request.window, request.where.narrowed(where)):
        return None
    weeks = (request.window.last - first + 1 - len(request.window) / 2) / WEEK
    slope, error = float(falls.slope[best]), float(falls.error[best])
    return DecliningSegment(
        where=where, first=first, weekly=-float(np.expm1(slope)), lost=-float(np.expm1(slope * weeks)),
        error=error * weeks, chance=chance,
    )  # fmt: skip


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
    growth = {
        name: (around_now[name] - own_now[name]) / (around[name] - own[name])
        for name in names
        if around[name] > own[name]
    }
    plain = side(inside, True)
    sums = {name: value * growth.get(name, 1.0) for name, value in plain.items()}
    actual, expected = float(metric.value(side(inside, False))), float(metric.value(sums))
    sd = decline.error * float(metric.value({name: value * growth.get(name, 1.0) for name, value in own.items()}))
    onset = Onset(decline.first, "ramp")
    interval = (max(expected - Z95 * sd, 0.0), expected + Z95 * sd)
    return replace(
        request.judged, baseline=Baseline("expected", before), actual=actual, expected=expected, interval=interval,
        is_drop=actual < interval[0], score=(expected - actual) / sd, onset=onset, drop_since=decline.first, sums=sums,
        reference=replace(reference, scales=growth), notes=(*request.judged.notes, decline.note),
    )  # fmt: skip


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
