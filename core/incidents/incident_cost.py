"""What an incident costs: at most what the root metric fell short by where it is."""

from dataclasses import replace

from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.comparison import compare
from core.detection.comparison_result import Comparison
from core.detection.scan import Detection
from core.detection.severity import Cost, root_of
from core.explanation.explanation_results import Explanation
from core.incidents.incident_location import Incident
from core.workspace.read.workspace import Workspace

_GREW = 1.2
"""A denominator that came in this multiple of what was expected has grown."""
_KEPT = 0.5
"""The root lost at most this share of what the rate's fall would have cost: the traffic that came on top never bought."""


def incident_cost(workspace: Workspace, detection: Detection, incident: Incident) -> Cost:
    """What an incident costs over its window."""
    answer, metric = incident.explanation, incident.metric
    root = root_of(workspace.catalogue, metric, frozenset(workspace.measures))
    own = detection.figures.cost(incident.lead)
    if root is metric and not metric.factors:
        return _in_its_own_unit(metric, answer, own)
    if incident.is_shift:  # what is lost or not is seen where the rate fell
        incident = replace(incident, where=answer.where)
    inside, whole = (_root(workspace, root.key, incident, where) for where in (incident.where, detection.where))
    if inside is None or whole is None:
        return own if own.impact > 0 or whole is not None else _in_its_own_unit(metric, answer, own)
    lost = min(abs(answer.change_pct or 0.0) * inside.expected, max(inside.expected - inside.actual, 0.0))
    share = lost / whole.expected if whole.expected > 0 else 0.0
    return Cost(lost, root.unit, share, own.own)


def _in_its_own_unit(metric: Metric, answer: Explanation, own: Cost) -> Cost:
    """What a metric lost itself: where it is under no root, or that is a column of zeros."""
    units = answer.segments[0].n if metric.is_ratio and answer.segments else None
    impact = abs(answer.change) * (units or 1.0)
    unit = "count" if metric.adds_events else "number"
    return Cost(impact, unit if units else metric.unit, max(own.share, own.own))


def is_mix(workspace: Workspace, incident: Incident, cost: Cost) -> bool:
    """Whether a rate fell because traffic came on top that does not buy, or in new values with which the root lost little: a
    market that opened, unlike a version that sells less than the one it took over from."""
    metric, answer = incident.metric, incident.explanation
    if incident.is_shift:
        return not incident.new_in or _kept_root(workspace, incident, answer.where, cost)
    if metric.denominator is None or metric.good != "up":
        return False
    volume = _root(workspace, min(metric.denominator.measures()), incident, incident.where)
    if volume is None or volume.actual <= _GREW * volume.expected:
        return False
    return _kept_root(workspace, incident, incident.where, cost)


def _kept_root(workspace: Workspace, incident: Incident, where: Segment, cost: Cost) -> bool:
    """Whether the root lost little of what the fall of the rate in a segment would have cost; False without another root."""
    root = root_of(workspace.catalogue, incident.metric, frozenset(workspace.measures))
    inside = None if root is incident.metric else _root(workspace, root.key, incident, where)
    return inside is not None and cost.impact <= _KEPT * abs(incident.explanation.change_pct or 0.0) * inside.expected


def _root(workspace: Workspace, key: str, incident: Incident, where: Segment) -> Comparison | None:
    try:
        return compare(workspace, key, incident.explanation.window, where=where)
    except NotEnoughData:
        return None
