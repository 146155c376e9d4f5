"""Finds the incidents that are on: drops that one segment explains are one finding, worst first."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.bad_states import is_bad_state, is_other_state
from core.detection.comparison import compare
from core.detection.detector.drop_state import FALSE_SHARE
from core.detection.distributions import discoveries
from core.detection.drop_figures import finding_id
from core.detection.drop_merging import Drop
from core.detection.finding_dedup import RANKS, TOGETHER
from core.detection.findings import EITHER, Finding, Part, Scan
from core.detection.scan import Detection, DropsOfDay, detect, reported, scan_of, with_quality
from core.detection.severity import LEAST_DEPTH, MAJOR_OWN_SHARE, MAJOR_SHARE, Cost, severity
from core.explanation.explanation_results import Explanation
from core.explanation.locate.replaced_values import is_replaced
from core.incidents.decline_findings import decline_findings, gradual_notes
from core.incidents.explained_drops import Extent, is_explained
from core.incidents.finding_question import explain_finding, question_of
from core.incidents.incident_cost import incident_cost, is_mix
from core.incidents.incident_location import CLEAR, Incident, is_holiday, located, share_of
from core.incidents.incident_merging import independent, is_same, merged
from core.workspace.read.workspace import Workspace

_MOST_LOCATED = 12
"""Drops that are located in one day's scan; further ones are reported as they were seen."""
_DILUTED = 0.5
"""A series shows at least this share of what an incident inside it costs: it is located from there on."""
_UNSURE = 0.05
"""Scans that show such a drop by chance; in its own segment an incident must be as sure as any finding that is not minor."""
_SEGMENTS = 10.0
"""So many times the series of a scan are the segments that a location chooses from."""
_MOST_LEADS = 3
"""So many series in the same place are asked where it is."""
_AS_CLEAR = 0.3
"""A drop nearer the cause leads when it is at least so clear, relative to the clearest one."""
_MOST_PARTS = 40
_MOST_CAUSED = 5
"""Series that no incident explains whose causes a scan tests, on its newest day: each takes as long as an explanation."""
_ASK = "causes are tested when it is explained"


def scan_incidents(
    workspace: Workspace,
    as_of: int | Window | None,
    metrics: Sequence[str] | None,
    by: Sequence[str] | None,
    where: Segment,
) -> Scan:
    """What `kept_incidents.find_incidents` keeps."""
    detection = detect(workspace, as_of=as_of, metrics=metrics, by=by, where=where)
    findings: list[Finding] = []
    judged = 0
    for day in detection.by_day():
        judged = max(judged, day.judged)
        findings += _findings(workspace, detection, day)
    if judged:
        findings += decline_findings(workspace, detection, findings)
        findings.sort(key=lambda finding: (finding.as_of, RANKS.index(finding.severity)))
    scan = scan_of(workspace, detection, judged, findings)
    return replace(scan, notes=(*scan.notes, *gradual_notes(workspace, detection)))


def _findings(workspace: Workspace, detection: Detection, day: DropsOfDay) -> list[Finding]:
    """The findings of a day, worst first: incidents, then the series that none of them explains, which are minor."""
    located_incidents, harmless = _incidents(workspace, detection, day)
    incidents = merged(workspace, detection, located_incidents)
    parts: dict[int, list[Drop]] = {index: [] for index in range(len(incidents))}
    unexplained: list[Drop] = []
    for drop in _real(detection, day.drops, harmless):
        index = _explaining(detection, drop, incidents)
        (unexplained if index is None else parts[index]).append(drop)
    located_findings = [
        _finding(workspace, detection, incident, parts[index], day) for index, incident in enumerate(incidents)
    ]
    unlocated = reported(detection, replace(day, drops=_by_themselves(detection, unexplained, day.judged)))
    confirmed = [
        finding
        for finding in unlocated
        if _is_confirmed(workspace, finding) and not _is_within(workspace, detection, finding, incidents)
    ]
    limit = _MOST_CAUSED if day.day == detection.days.last else 0
    series = [_with_cause(workspace, detection, finding) for finding in confirmed[:limit]]
    series += [replace(finding, causes_skipped=_ASK) for finding in confirmed[limit:]]
    series = [with_quality(replace(finding, severity="minor"), detection.issues, workspace) for finding in series]
    located_findings.sort(key=lambda item: (RANKS.index(item[1].severity), -item[0].share, item[1].p_value, item[1].id))
    worst = [finding for _, finding in located_findings if finding.severity != "minor"]
    return [*worst, *(finding for _, finding in located_findings if finding.severity == "minor"), *series]


def _by_themselves(detection: Detection, drops: Sequence[Drop], judged: int) -> tuple[Drop, ...]:
    """The drops that no incident explains and that are no chance even so, on the day on which they were clearest.

    The rate of false discoveries lets the more pass by chance the more drops are real. An incident shows in dozens of series,
    which would vouch for whatever began with it.
    """
    p = np.ones(max(judged, len(drops)))
    p[: len(drops)] = [detection.figures.p_value(replace(drop, score=drop.clearest)) for drop in drops]
    real = discoveries(p, FALSE_SHARE)[: len(drops)].tolist()
    return tuple(drop for drop, is_real in zip(drops, real, strict=True) if is_real)


def _is_confirmed(workspace: Workspace, finding: Finding) -> bool:
    """Whether a series that nobody located is a drop by itself as well, as `explain` would judge it."""
    metric = workspace.catalogue.metric(finding.metric)
    names = dict.fromkeys((metric.key, share_of(workspace, metric).key))
    try:
        return all(compare(workspace, name, finding.window, where=finding.where).is_drop for name in names)
    except NotEnoughData:
        return False


def _is_within(workspace: Workspace, detection: Detection, finding: Finding, incidents: Sequence[Incident]) -> bool:
    """Whether a series inside an incident's segment is what its rate counts, or began with it, as its own explanation says: of 15
    parcels a day the detector may see the fall of a count eleven days after that of its rate."""
    around = [incident for incident in incidents if set(incident.where.terms) <= set(finding.where.terms)]
    counted = [name for incident in around if incident.metric.is_ratio for name in incident.metric.numerator.measures()]
    if not around or finding.metric in counted:
        return bool(around)
    onset = _with_cause(workspace, detection, finding).onset
    return any(abs(onset - incident.extent.onset) <= TOGETHER for incident in around)


def _with_cause(workspace: Workspace, detection: Detection, finding: Finding) -> Finding:
    """A series that no incident explains, with the onset and the likeliest cause that `explain` gives its id."""
    try:
        answer = explain_finding(workspace, question_of(finding), detection.issues)
    except NotEnoughData:
        return replace(finding, causes_skipped="too little history to test causes")
    return _caused(replace(finding, onset=answer.onset.day, shape=answer.onset.shape), answer)


def _caused(finding: Finding, answer: Explanation) -> Finding:
    """A finding with the likeliest cause of its explanation, or why none was looked for, and who can do something about it."""
    cause = answer.likeliest
    named = EITHER.join(likely.cause for likely in ((cause,) if cause else answer.one_of_two))
    event = answer.fitting_event
    return replace(
        finding,
        cause=named or None,
        owner=cause.owner if cause else (event.owner or None) if event else None,
        causes_skipped=answer.causes_skipped,
        data_doubt=answer.data_doubt,
    )


def _incidents(workspace: Workspace, detection: Detection, day: DropsOfDay) -> tuple[list[Incident], list[Extent]]:
    """The incidents behind the drops that may be grave, each located once; what one explains leads to no other.

    And the places of harmless falls: a new value took over from theirs, or a holiday explains them.
    """
    open_drops = [drop for drop in day.drops if _may_be_grave(detection, drop, day.judged)]
    incidents: list[Incident] = []
    harmless: list[Extent] = []
    for _ in range(_MOST_LOCATED):
        if not open_drops:
            break
        leads = _leads(detection, [drop for drop in open_drops if is_bad_state(drop.where)] or open_drops)
        open_drops.remove(leads[0])
        incident = _surest(workspace, detection, leads, day.day)
        if incident is None or any(is_same(incident, other) for other in incidents):
            continue
        if (incident.metric.key, incident.where) in day.as_usual:
            continue
        took_over = is_replaced(workspace, incident.metric, incident.explanation.window, incident.where)
        if took_over or is_holiday(workspace, incident):
            harmless.append(incident.extent)
            open_drops = _real(detection, open_drops, harmless)
            continue
        incidents.append(incident)
        open_drops = [drop for drop in open_drops if not is_other_state(drop.where, incident.where)]
        extents = [other.extent for other in incidents]
        open_drops = [drop for drop in open_drops if not is_explained(detection, drop, extents)]
    return independent(detection, incidents), harmless


def _real(detection: Detection, drops: Sequence[Drop], harmless: Sequence[Extent]) -> list[Drop]:
    """The drops without those of harmless falls; a rate that fell is none of them."""
    return [
        drop
        for drop in drops
        if detection.plan.tested[drop.test].metric.is_ratio
        or not harmless
        or not is_explained(detection, drop, harmless)
    ]


def _may_be_grave(detection: Detection, drop: Drop, judged: int) -> bool:
    """Whether a drop may be half of what an incident that is not minor shows; an incident is surer where it is than around it."""
    if detection.figures.p_value(drop) * judged > _UNSURE or abs(drop.depth) < _DILUTED * LEAST_DEPTH:
        return False
    cost = detection.figures.cost(drop)
    return cost.share >= _DILUTED * MAJOR_SHARE or cost.own >= _DILUTED * MAJOR_OWN_SHARE


def _surest(workspace: Workspace, detection: Detection, leads: Sequence[Drop], day: int) -> Incident | None:
    """The incident behind the first of some drops that locates it clearly, else what the first one shows."""
    first: Incident | None = None
    for lead in leads:
        incident = located(workspace, detection, lead, day)
        if incident is not None and incident.confidence >= CLEAR:
            return incident
        first = first or incident
    return first


def _leads(detection: Detection, drops: Sequence[Drop]) -> list[Drop]:
    """The drops to begin with: the best one of those in the place of the clearest one, then others of them.

    Best is what began first, what is a factor of the root (a payment that fails is cancelled later), a share rather than a mean
    or an amount, and what is clearest.
    """
    lead = max(drops, key=lambda drop: drop.score)
    same = [
        drop
        for drop in drops
        if drop.score >= _AS_CLEAR * lead.score and drop.where == lead.where and drop.onset <= lead.onset + TOGETHER
    ]
    earliest = min(drop.onset for drop in same)

    def rank(drop: Drop) -> tuple[bool, bool, bool, float]:
        metric = detection.plan.tested[drop.test].metric
        begun = drop.onset <= earliest + TOGETHER
        is_rate = metric.is_ratio and metric.unit in {"ratio", "number"}
        return begun, detection.figures.is_priced(drop), is_rate, drop.score

    ranked = sorted(same, key=rank, reverse=True)
    return list(dict.fromkeys((ranked[0], lead, *ranked[1:])))[:_MOST_LEADS]


def _explaining(detection: Detection, drop: Drop, incidents: Sequence[Incident]) -> int | None:
    """The incident that explains a drop: the one that does so alone, else the first of those that do so together."""
    metric, catalogue = detection.plan.tested[drop.test].metric, detection.figures.catalogue
    for index, incident in enumerate(incidents):
        is_in_it = drop is incident.lead or incident.has_counted(catalogue, metric, drop)
        is_in_it |= is_other_state(drop.where, incident.where)
        if is_in_it or is_explained(detection, drop, [incident.extent]):
            return index
    if len(incidents) > 1 and is_explained(detection, drop, [incident.extent for incident in incidents]):
        return 0
    return None


def _p_value(workspace: Workspace, detection: Detection, incident: Incident) -> float:
    """How often chance alone brings such an incident: by its own metric and segment, or by its lead where it is that series.

    More parcels are late where there are more: a share that follows from such a count is no surer than its own range says.
    """
    lead, own = incident.lead, incident.explanation.p_value
    by_lead = detection.figures.p_value(lead)
    metric = detection.plan.tested[lead.test].metric
    same = lead.where == incident.where and metric == incident.metric
    if own is None and share_of(workspace, metric) == incident.metric != metric:
        return max(by_lead, min(1.0, _SEGMENTS * incident.explanation.chance))
    if own is None or detection.activity.is_counted(lead.test):
        return by_lead
    return min(by_lead, _SEGMENTS * own) if same else min(1.0, _SEGMENTS * own)


def _finding(
    workspace: Workspace, detection: Detection, incident: Incident, drops: Sequence[Drop], day: DropsOfDay
) -> tuple[Cost, Finding]:
    """What an incident costs, and the incident as a finding."""
    answer, lead = incident.explanation, incident.lead
    cost = incident_cost(workspace, detection, incident)
    p = _p_value(workspace, detection, incident)
    tested = detection.plan.tested
    clearest = sorted(drops, key=lambda drop: -drop.score)
    parts = tuple(Part(tested[drop.test].metric.key, drop.where, drop.depth) for drop in clearest[:_MOST_PARTS])
    finding = Finding(
        id=finding_id(incident.metric.key, incident.where, lead.anchor),
        as_of=day.day,
        metric=incident.metric.key,
        where=incident.where,
        window=answer.window,
        onset=answer.onset.day,
        actual=answer.actual,
        expected=answer.expected,
        interval=answer.interval,
        change=answer.change,
        change_pct=answer.change_pct,
        impact=cost.impact,
        impact_unit=cost.unit,
        severity=severity(cost, abs(answer.change_pct or 0.0), p, day.judged),
        p_value=p,
        shape=answer.onset.shape,
        kind="mix" if is_mix(workspace, incident, cost) else "drop",
        also=tuple(dict.fromkeys(part.metric for part in parts if part.metric != incident.metric.key)),
        parts=parts,
        confidence=incident.confidence,
        within=answer.where if incident.is_shift else None,
    )
    return cost, with_quality(_caused(finding, answer), detection.issues, workspace)
