"""Where an incident is and in which metric: located by the same machinery that explains it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Catalogue, Metric
from core.detection.drop_merging import Drop
from core.detection.forecast.maturity import incomplete_days
from core.detection.scan import Detection
from core.detection.segment_overlap import intersection
from core.detection.severity import LEAST_DEPTH, root_of
from core.explanation.decompose.drivers import counted_sums, drivers
from core.explanation.explain import explain
from core.explanation.explain_request import ExplainRequest
from core.explanation.explanation_results import Driver, Explanation
from core.explanation.locate.change_location import segments_changed
from core.explanation.locate.segment_part import SegmentMove, changed_alike, measures_of
from core.incidents.explained_drops import Extent, is_explained
from core.workspace.read.workspace import Workspace

_UNLOCATED = 0.7
"""How sure it is that a segment that fell is the place, where nothing narrower or wider shows more."""
CLEAR = 0.9
"""A location so sure needs no second opinion of another series, and may be wider than the series that led to it where the rest
of it changed alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Drops with one place, one time and one explanation."""

    lead: Drop
    """The series that shows it best."""
    metric: Metric
    """The factor nearest the cause."""
    where: Segment
    confidence: float
    explanation: Explanation
    """Of `metric` in `where` (of a shift of the mix, and of new values: in the whole that these change), since the onset."""
    is_shift: bool = False
    """Whether the segment changed a rate by its weight, not by a fall inside it."""
    new_in: str = ""
    """The dimension that new values of its segment are of, which have no past and are seen in the whole; "" where it has one."""

    @property
    def lost(self) -> float:
        """What the metric changed by; for a ratio, in units of its numerator."""
        units = self.explanation.segments[0].n if self.metric.is_ratio and self.explanation.segments else None
        return self.explanation.change * (units or 1.0)

    @property
    def extent(self) -> Extent:
        """Where and since when. What new values took over from is no control for them: all falls with them."""
        wide = Segment(tuple(term for term in self.where.terms if term[0] != self.new_in))
        return Extent(wide or self.where, self.explanation.onset.day)

    def has_counted(self, catalogue: Catalogue, metric: Metric, drop: Drop) -> bool:
        """Whether the figures of the incident hold a drop of a metric: its very series, seen to fall on later days only; and, of
        new values, which no series without them shows, the sums that fell there with their rate."""
        answer = self.explanation
        held = {answer.metric}
        if self.new_in:
            held.update(catalogue.path(answer.metric), self.metric.numerator.measures())
        return metric.key in held and drop.where == answer.where and drop.onset in answer.window


def located(workspace: Workspace, detection: Detection, lead: Drop, day: int) -> Incident | None:
    """The incident that a drop is the clearest sign of; None where explaining it finds no drop.

    It stays where the drop is when it is in a segment that tells nothing by itself: a new value has no past.
    """
    with suppress(NotEnoughData):
        return _incident_in(workspace, detection, lead, _place(workspace, detection, lead), day)
    with suppress(NotEnoughData):
        return _incident_in(workspace, detection, lead, SegmentMove(lead.where, _UNLOCATED), day)
    return None


def _incident_in(
    workspace: Workspace, detection: Detection, lead: Drop, inside: SegmentMove, day: int
) -> Incident | None:
    """The incident behind a drop in the segment that it is located in. Raises NotEnoughData."""
    location = SegmentMove(detection.where.narrowed(inside.where), inside.confidence)
    metric, last = _nearest_factor(workspace, detection, lead, location.where), lead.last
    if metric != _metric(detection, lead):
        location = _of_factor(workspace, detection, metric, lead.window, location)
        last = day - incomplete_days(metric, "order")
    try:
        incident = explained(workspace, detection, lead, metric, location, last)
    except NotEnoughData:  # new values have no past: what they changed is seen in the whole
        incident = _in_whole(workspace, detection, lead, location.where)
        if incident is None:
            raise
        return replace(incident, new_in=inside.new_in)
    return incident or _shift(workspace, detection, lead, location.where)


def _shift(workspace: Workspace, detection: Detection, lead: Drop, where: Segment) -> Incident | None:
    """The incident of a rate that fell because a segment grew in which nothing else changed; None where that is not so."""
    return _in_whole(workspace, detection, lead, where) if _metric(detection, lead).is_ratio else None


def _in_whole(workspace: Workspace, detection: Detection, lead: Drop, where: Segment) -> Incident | None:
    """The incident of a segment that changed the whole around it, as the whole shows it; None where that names another one."""
    if where == lead.where:
        return None
    metric, catalogue = _metric(detection, lead), workspace.catalogue
    root = root_of(catalogue, metric, frozenset(workspace.measures))
    leaves = {leaf.key for leaf in catalogue.leaves(root.key, workspace.measures)}
    key = next((name for name in catalogue.path(metric.key) if name in leaves), metric.key)
    answer = explain(workspace, key, window=lead.window, where=lead.where, issues=detection.issues)
    segment = answer.segments[0] if answer.segments else None
    if segment is None or not answer.is_drop or lead.where.narrowed(segment.where) != where:
        return None
    return Incident(
        lead=lead,
        metric=catalogue.metric(key),
        where=where,
        confidence=segment.confidence,
        explanation=answer,
        is_shift=True,
    )


def explained(
    workspace: Workspace, detection: Detection, lead: Drop, metric: Metric, location: SegmentMove, last: int
) -> Incident | None:
    """A metric in a segment explained since its onset; None where that is no drop. Raises NotEnoughData."""

    def since(first: int) -> Explanation:
        return explain(
            workspace,
            metric.key,
            window=Window(min(first, last), last),
            where=location.where,
            located=location.confidence,
            issues=detection.issues,
        )

    answer = since(lead.onset)
    if answer.onset.day != answer.window.first:
        later = since(answer.onset.day)
        answer = later if later.is_drop else answer
    if not answer.is_drop:
        return None
    return Incident(lead=lead, metric=metric, where=location.where, confidence=location.confidence, explanation=answer)


def _metric(detection: Detection, drop: Drop) -> Metric:
    return detection.plan.tested[drop.test].metric


def _place(workspace: Workspace, detection: Detection, lead: Drop) -> SegmentMove:
    """The segment that a drop is in: as it is located in everything, else inside the drop's own series."""
    metric = _metric(detection, lead)
    for scope in dict.fromkeys((detection.where, lead.where)):
        moves = [
            replace(move, where=scope.narrowed(move.where))
            for move in segments_changed(workspace, metric, lead.window, scope)
            if move.where and intersection((lead.where, move.where)) is not None
        ]
        narrow = [
            move
            for move in moves
            if not _is_wider(move.where, lead.where)
            or (move.confidence >= CLEAR and _reaches(workspace, metric, lead.window, lead.where, move.where))
        ]
        if narrow and (narrow[0].expected is not None or _holds(detection, lead, narrow)):
            return narrow[0]
    return SegmentMove(lead.where, _UNLOCATED)


def _of_factor(
    workspace: Workspace, detection: Detection, metric: Metric, window: Window, location: SegmentMove
) -> SegmentMove:
    """The segment in which the factor nearest the cause fell, where that holds more than the one that another metric showed."""
    narrow = location.where
    if len(narrow.terms) < 2:  # only everything is wider
        return location
    for move in segments_changed(workspace, metric, window, detection.where):
        wide = detection.where.narrowed(move.where)
        is_clear = move.confidence >= CLEAR and bool(wide) and _is_wider(wide, narrow)
        if is_clear and _reaches(workspace, metric, window, narrow, wide):
            return SegmentMove(wide, move.confidence)
    return location


def _reaches(workspace: Workspace, metric: Metric, window: Window, narrow: Segment, wide: Segment) -> bool:
    """Whether the part of a wider segment that lies outside a narrow one moved the same way, and about as much."""
    figures = ExplainRequest(workspace=workspace, metric=metric, window=window).figures()
    leaves = figures.leaves(measures_of(metric))
    inside = leaves.inside(narrow)
    return changed_alike(metric, leaves, inside, leaves.inside(wide) & ~inside)


def _is_wider(segment: Segment, other: Segment) -> bool:
    """Whether a segment holds all of another one, and more."""
    return segment != other and set(segment.terms) < set(other.terms)


def _holds(detection: Detection, lead: Drop, moves: Sequence[SegmentMove]) -> bool:
    """Whether the drop is gone without some segments, all of them or the first alone."""
    return is_explained(detection, lead, [Extent(move.where, lead.onset) for move in moves])


def _root_of_volume(workspace: Workspace, metric: Metric) -> Metric | None:
    """The product that a volume under no root falls with (seconds watched fall with impressions); None for all others.

    What `daily` exports count may be of another system, which knows other dimensions and nothing of the product's factors.
    """
    if metric.is_ratio or metric.worse_sign > 0 or "daily" in map(workspace.kind_of, metric.measures()):
        return None
    products = (
        candidate
        for candidate in workspace.catalogue.computable(workspace.measures)
        if candidate.factors and not candidate.parent
    )
    return next(products, None)


def share_of(workspace: Workspace, metric: Metric) -> Metric:
    """For a number of cases that should be few, their share: more orders bring more refunds, which is nothing bad."""
    if metric.is_ratio or metric.worse_sign < 0:
        return metric
    shares = (
        candidate
        for candidate in workspace.catalogue.computable(workspace.measures)
        if candidate.is_ratio and candidate.numerator == metric.numerator and candidate.worse_sign > 0
    )
    return next(shares, metric)


def _nearest_factor(workspace: Workspace, detection: Detection, lead: Drop, where: Segment) -> Metric:
    """The factor of the root that lost most in a segment; the drop's own metric where it is under no root, or none fell."""
    catalogue, metric = workspace.catalogue, _metric(detection, lead)
    root = root_of(catalogue, metric, frozenset(workspace.measures))
    if root is metric and not metric.factors:
        above = _root_of_volume(workspace, metric)
        if above is None:
            return share_of(workspace, metric)
        root = above
    request = ExplainRequest(workspace=workspace, metric=root, window=lead.window, where=where)
    try:
        parts = workspace.kept(
            ("drivers", root.key, lead.window, where),
            tuple[Driver, ...],
            lambda: drivers(catalogue, root.key, *counted_sums(root, request.figures().sums)),
        )
    except NotEnoughData:  # the root is counted in another system, which does not know the segment
        return metric
    worst = max(parts, key=lambda part: part.contribution * root.watched_sign)
    fell = worst.contribution * root.watched_sign > 0 and worst.expected > 0
    if not fell or abs(worst.actual / worst.expected - 1) < LEAST_DEPTH:
        return metric
    return catalogue.metric(worst.metric)


def is_holiday(workspace: Workspace, incident: Incident) -> bool:
    """Whether the change log has a holiday in all of an incident's segment on each of its days.

    Such days are left out of the series of the segment, and not of those of the whole that it is a small part of.
    """
    first, last = incident.extent.onset, incident.explanation.window.last
    events = workspace.events(first, last)
    holidays = [event.window for event in events if event.kind == "holiday" and event.where.covers(incident.where)]
    return all(any(day in window for window in holidays) for day in range(first, last + 1))
