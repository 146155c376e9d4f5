"""Incidents that are one: seen twice, made by another one, or told apart by nothing but the values of one dimension."""

from collections.abc import Sequence

from core.detection.finding_dedup import TOGETHER
from core.detection.scan import Detection
from core.detection.segment_overlap import intersection
from core.explanation.locate.segment_part import SegmentMove
from core.incidents.explained_drops import LEFT, is_explained
from core.incidents.incident_location import Incident, explained
from core.workspace.read.workspace import Workspace


def independent(detection: Detection, incidents: Sequence[Incident]) -> list[Incident]:
    """The incidents that are still there without the others: a wide one may be located before what makes it."""
    left = list(incidents)
    for incident in sorted(incidents, key=lambda candidate: candidate.confidence):
        others = [other.extent for other in left if _may_be_behind(other, incident)]
        is_gone = bool(others) and is_explained(detection, incident.lead, others)
        if is_gone or _fell_with_new_values(detection, incident, left):
            left.remove(incident)
    return left


def _fell_with_new_values(detection: Detection, incident: Incident, others: Sequence[Incident]) -> bool:
    """Whether an incident is but the fall of a whole series that the new values of another one made."""
    lead, catalogue = incident.lead, detection.figures.catalogue
    return incident.where == lead.where and any(
        other.new_in and other is not incident and other.has_counted(catalogue, incident.metric, lead)
        for other in others
    )


def _may_be_behind(other: Incident, incident: Incident) -> bool:
    """Whether an incident may be what makes another one: it is as sure, elsewhere, or was in the same place before (bad reviews
    follow refunds)."""
    if incident.new_in and set(other.where.terms) < set(incident.where.terms):
        return False  # the new values make all of it fall
    if other.where == incident.where:
        return other.extent.onset < incident.extent.onset - TOGETHER
    return other.confidence >= incident.confidence or bool(other.new_in)


def merged(workspace: Workspace, detection: Detection, incidents: Sequence[Incident]) -> list[Incident]:
    """Incidents of one metric and one time that differ in the values of one dimension are one: five creators, one ban."""
    whole: list[Incident] = []
    for incident in incidents:
        index = next((at for at, other in enumerate(whole) if _siblings(incident, other)), None)
        if index is None:
            whole.append(incident)
            continue
        other = whole[index]
        location = SegmentMove(
            other.where.joined(incident.where) or other.where, min(other.confidence, incident.confidence)
        )
        last = min(other.explanation.window.last, incident.explanation.window.last)
        whole[index] = explained(workspace, detection, other.lead, other.metric, location, last) or other
    return whole


def is_same(incident: Incident, other: Incident) -> bool:
    """Whether an incident is another one again, or hardly more than that one: its lead led to a factor that fell there alone."""
    near = abs(incident.extent.onset - other.extent.onset) <= TOGETHER
    if incident.where == other.where:
        return near or incident.metric == other.metric
    if incident.metric != other.metric or intersection((incident.where, other.where)) != other.where:
        return False
    return near and incident.lost * other.lost > 0 and abs(other.lost) >= (1 - LEFT) * abs(incident.lost)


def _siblings(incident: Incident, other: Incident) -> bool:
    near = abs(incident.extent.onset - other.extent.onset) <= TOGETHER
    return incident.metric == other.metric and near and incident.where.joined(other.where) is not None
