"""A located change among the rows of the whole workspace: events and causes are judged there, whatever was asked about.

A filter hides the control. When only the affected segment is asked about, nothing outside it is left to compare with, and
every cause that moves the same metric looks alike. So the filter and the segment found inside it are taken together, and all
other rows are the control.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.base import settings
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue import cause_signatures
from core.catalogue.metric_tree.metrics import Metric
from core.detection.distributions import Z95
from core.detection.findings import Check
from core.detection.forecast.panel import CLOSED
from core.detection.quality.end_of_exports import newest_covered
from core.detection.quality.silent_days import SilentDays
from core.detection.severity import root_of
from core.explanation.decompose.metric_moves import Daily, MetricMove, daily, moved
from core.explanation.decompose.sold_by import volume_of
from core.explanation.diagnose.cause_tests import FACTS
from core.explanation.diagnose.diagnosis import Diagnosis, Known, diagnose
from core.explanation.diagnose.event_matching import match_events, size
from core.explanation.explain_request import ExplainRequest
from core.explanation.explanation_results import Driver, EventMatch, MixRate, OtherMeasure
from core.explanation.locate.change_location import Located, segments_changed
from core.explanation.locate.onset import OnsetEstimate, onset_inside
from core.explanation.locate.segment_part import counted_by, measures_of
from core.localization.with_history.actual_vs_expected import ActualVsExpected, LeafSums
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace

_OF_A_FILTER = 0.98
"""How sure a change is that all of a filter shows: the question has named the place, and the verdict that it moved."""
_ALIKE = 0.5
"""A segment is wider than the filter when the rest of it moved at least this share as much, on the scale of logarithms."""
_CLEAR = 0.9
"""A place elsewhere that is so sure is no control."""
_SAME_PLACE, _MOST_OF_CONTROL = 0.5, 0.75
"""Two segments are one place when more than this share of either lies in the other; and at most this share of the control is left
out: of four equal values, one remains."""
_EVENT_DAYS = 28
"""How long before the onset an event may lie to be looked at."""


@dataclass(frozen=True)
class ChangeInContext:
    """Where a change is and since when, in terms of the whole workspace."""

    located: Located
    segments: tuple[Segment, ...]
    """What was asked about and what was found inside it, together; best first."""
    onset: OnsetEstimate
    leaves: LeafSums

    @property
    def sure(self) -> float:
        """How sure it is that there is a change, and where."""
        whole_filter = self.located.everywhere and bool(self.segments[0])
        return _OF_A_FILTER if whole_filter and self.located.moved else self.located.sure


def in_context(request: ExplainRequest, located: Located) -> ChangeInContext:
    """A located change with the rows outside the filter around it."""
    if not request.where:
        return ChangeInContext(located, tuple(move.where for move in located.places), located.onset, located.leaves)
    everything = request.compare_everywhere(located.before)
    segments = tuple(_without_filter(request.where, move.where, everything, located) for move in located.places)
    onset = located.onset if request.verdict is not None else onset_inside(everything, segments[0], located.by)
    return ChangeInContext(located, segments, onset, everything.leaves(measures_of(request.metric)))


def _without_filter(where: Segment, inside: Segment, everything: ActualVsExpected, located: Located) -> Segment:
    """The filter and a segment inside it together, without the terms of the filter outside which the same happened.

    A holiday of a market is no narrower because one channel was asked about.
    """
    segment = where.narrowed(inside)
    for name in where.dimensions:
        if name in inside.dimensions:
            continue
        wide = Segment(tuple(term for term in segment.terms if term[0] != name))
        if _moved_alike(segment, wide, everything, located):
            segment = wide
    return segment


def _moved_alike(segment: Segment, wide: Segment, everything: ActualVsExpected, located: Located) -> bool:
    """Whether the part of a wider segment that lies outside a segment moved clearly, the same way, and about as much.

    Or is as new as the segment: of a version that was never there before no filter is a part by itself.
    """
    whole, around, inside = (daily(everything.where(part)) for part in (Segment(), wide, segment))
    outside, remainder = whole.minus(around) if wide else None, around.minus(inside)
    if all(_is_new(located.by, line) for line in (inside, remainder)):
        return True
    if located.is_shift:
        return False
    own, other = (moved([located.by], line, outside).get(located.by.key) for line in (inside, remainder))
    if own is None or other is None or not other.clear:
        return False
    return own.beyond * other.beyond > 0 and _ALIKE <= other.beyond / own.beyond <= 1 / _ALIKE


def _is_new(metric: Metric, line: Daily) -> bool:
    """Whether there is something to count a metric by in the window, and nothing on the reference days."""
    counted = counted_by(metric).numerator.of(line.sums)
    return bool(np.any(counted[line.now]) and not np.any(counted[line.reference]))


def matching_events(
    request: ExplainRequest, change: ChangeInContext, segments: Sequence[Segment]
) -> tuple[tuple[Event, EventMatch], ...]:
    """Events near the onset, scored by time and by scope in the best of some segments, best first.

    What follows an order may have begun on the day that it happened, not on that of the order: the better fit counts.
    """
    starts = [change.onset]
    if request.has_clock:
        late = request.compare_late(change.located.before)
        starts.append(onset_inside(late, change.segments[0], change.located.by))
    around = request.workspace.events(min(estimate.first for estimate in starts) - _EVENT_DAYS, request.window.last)
    near = [event for event in around if event.where.meets(request.where)]
    measure = measures_of(request.metric)[-1]
    return match_events(near, starts, segments, change.leaves, measure)


def diagnosed(
    request: ExplainRequest,
    change: ChangeInContext,
    drivers: Sequence[Driver],
    mix: Sequence[MixRate],
    checks: Sequence[Check],
) -> Diagnosis:
    """The causes that fit, and those that are ruled out; of each segment by itself, without the rows of what else changed."""
    workspace = request.workspace
    signatures = cause_signatures.load(workspace.catalogue, FACTS, settings.find(workspace.path))
    if volume_of(workspace.catalogue, workspace.measures) is None:
        return Diagnosis(skipped="causes cannot be tested without impressions, clicks or orders")
    compared = request.compare_late(change.located.before)
    first, *further = change.segments
    elsewhere = _changed_elsewhere(request, change, compared)
    measure = measures_of(request.metric)[-1]
    newest, _ = newest_covered(workspace, workspace.span.last)

    def are_apart(segment: Segment, other: Segment) -> bool:
        return _are_two_places(change.leaves, measure, segment, other)

    def of_segment(number: int, segment: Segment) -> Diagnosis:
        others = [other for other in (*change.segments, *elsewhere) if are_apart(segment, other)]
        subject = Known(
            metric=request.metric,
            segment=segment,
            drivers=drivers,
            mix=mix,
            began=_began(request, change, segment) if number else change.onset,
            newest=newest,
            events=matching_events(request, change, [segment]),
            checks=checks,
            by_volume=change.located.is_shift,
            sure=change.located.places[number].confidence if number else change.sure,
        )
        return diagnose(workspace, signatures, compared.without(others, segment), subject)

    causes = of_segment(0, first)
    others = [of_segment(number, other) for number, other in enumerate(further, 1) if are_apart(first, other)]
    if others:
        causes = replace(causes, notes=tuple(f"in {first}: {note}" for note in causes.notes))
    return causes.with_further(others)


def _changed_elsewhere(request: ExplainRequest, change: ChangeInContext, compared: ActualVsExpected) -> list[Segment]:
    """What else changed the root of the metric's tree in the window, outside the segments of a change: no control for them."""
    workspace = request.workspace
    root = root_of(workspace.catalogue, request.metric, frozenset(workspace.measures))
    if request.baseline != "expected" or not change.segments[0] or (root is request.metric and not request.where):
        return []
    whole, inside = daily(compared), daily(compared.where(change.segments[0]))
    steps = workspace.catalogue.leaves(root.key, workspace.measures)
    if not any(move.clear for move in moved(steps, whole.minus(inside), None).values()):
        return []
    with suppress(NotEnoughData):
        places = segments_changed(workspace, root, request.window, EVERYTHING)
        return [place.where for place in places if place.confidence >= _CLEAR]
    return []


def _are_two_places(leaves: LeafSums, measure: str, segment: Segment, other: Segment) -> bool:
    """Whether another segment is some other place, and leaves enough of the control; what a new value replaced is neither."""
    inside, rows = leaves.inside(segment), leaves.inside(other)

    def share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
        return size(leaves, measure, part & whole) / (size(leaves, measure, whole) or 1.0)

    return max(share(rows, inside), share(inside, rows)) < _SAME_PLACE and share(rows, ~inside) <= _MOST_OF_CONTROL


def _began(request: ExplainRequest, change: ChangeInContext, segment: Segment) -> OnsetEstimate:
    """Since when a further segment is on: with the first one, which is known better, unless its own days say otherwise."""
    own = onset_inside(request.compare_everywhere(change.located.before), segment, request.metric)
    return change.onset if own.first <= change.onset.day <= own.last else own


def other_measures(request: ExplainRequest, change: ChangeInContext) -> tuple[OtherMeasure, ...]:
    """What the other measures of `daily` exports did in the first segment, versus all other rows: the metric has no steps.

    Those that moved, the largest move first, then those that stayed; one that may have done either is left out.
    """
    workspace, metric = request.workspace, request.metric
    if not _is_daily(workspace, metric):
        return ()
    compared = request.compare_everywhere(change.located.before)
    everything, inside = daily(compared), daily(compared.where(change.segments[0]))
    if compared.baseline.kind == "expected":
        everything, inside = everything.since(change.onset.day), inside.since(change.onset.day)
    metrics = [item for item in workspace.catalogue.computable(everything.sums) if _is_daily(workspace, item)]
    moves = moved_where_given(workspace, metrics, inside, everything.minus(inside) if change.segments[0] else None)
    own = moves.pop(metric.key, None)
    if own is None or not own.clear:
        return ()
    ordered = sorted(moves.values(), key=lambda move: (not move.clear, -abs(move.beyond), move.metric))
    return tuple(
        OtherMeasure(
            metric=move.metric,
            actual=move.actual,
            expected=move.expected,
            change_pct=move.percent,
            moved=move.clear,
        )
        for move in ordered
        if move.clear or abs(move.beyond) + Z95 * move.error < abs(own.beyond) / 2
    )


def moved_where_given(
    workspace: Workspace, metrics: Iterable[Metric], inside: Daily, outside: Daily | None
) -> dict[str, MetricMove]:
    """`moved`, each metric on the days that have figures of it: one that is known a week later has none of the newest."""
    silent = SilentDays(workspace, Window(int(inside.days[0]), int(inside.days[-1])))
    moves: dict[str, MetricMove] = {}
    for metric in metrics:
        given = (silent.of(metric.measures())[0] != CLOSED)[inside.days - inside.days[0]]
        moves |= moved([metric], inside.on(given), None if outside is None else outside.on(given))
    return moves


def _is_daily(workspace: Workspace, metric: Metric) -> bool:
    return all(workspace.kind_of(name) == "daily" for name in metric.measures())
