"""What declines slowly, which no drop shows: segments against the rest as findings, and a note on what all falls gradually."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.detector.slow_declines import BY_CHANCE, Siblings, may_decline, siblings
from core.detection.drop_figures import finding_id
from core.detection.findings import Finding
from core.detection.forecast.panel_build import numerators
from core.detection.forecast.state_space import WEEK
from core.detection.scan import Detection, with_quality
from core.detection.scan_plan import TestedMetric
from core.detection.severity import Cost, severity
from core.explanation.explanation_results import Explanation
from core.explanation.gradual_note import gradual_note
from core.incidents.finding_question import explain_finding, question_of
from core.workspace.read.workspace import Workspace

_FALLEN = 0.95
"""What a slow decline has left of a segment's odds in the last two weeks, at most: the others need no closer look."""
_FORTNIGHT = 2
_SUREST = 0.98
_MOST = 5
"""Declines that a scan explains: each takes as long as an explanation."""


@dataclass(frozen=True, kw_only=True)
class _Decline:
    """A segment of one dimension that declines by a metric."""

    metric: Metric
    where: Segment
    share: float
    """Of the whole."""
    first: int
    p_value: float
    chance: float
    """How often chance alone shows as much in any of the segments that were looked at."""


def decline_findings(workspace: Workspace, detection: Detection, findings: Sequence[Finding]) -> Iterator[Finding]:
    """A finding for each segment of one dimension that declines, by the metric nearest the cause, the clearest first.

    What other findings name is none, and what `explain` does not confirm.
    """
    named = {finding.where for finding in findings}
    by_segment: dict[Segment, list[_Decline]] = {}
    for decline in _declines(detection):
        by_segment.setdefault(decline.where, []).append(decline)
    open_segments = [declines for where, declines in by_segment.items() if where not in named]
    for declines in open_segments[:_MOST]:
        found = _finding(workspace, detection, _nearest_cause(detection, declines))
        if found is not None:
            yield found


def _nearest_cause(detection: Detection, declines: Sequence[_Decline]) -> _Decline:
    """Of the declines of a segment that of the first metric of a funnel, or the share by which that declines.

    What fewer visits bring declines as well, and as clearly.
    """
    order = {entry.metric.key: at for at, entry in enumerate(detection.plan.tested)}
    sums = sorted((item for item in declines if not item.metric.is_ratio), key=lambda item: order[item.metric.key])
    shares = [item for item in declines if item.metric.is_ratio]
    if not sums:
        return shares[0]
    return next((share for share in shares if share.metric.numerator == sums[0].metric.numerator), sums[0])


def gradual_notes(workspace: Workspace, detection: Detection) -> Iterator[str]:
    """A note on the first metric of which all falls without a beginning: what is counted of it falls with it."""
    for entry in detection.plan.tested:
        if detection.where in entry.slice_sums.where and not entry.delay:
            note = gradual_note(workspace, entry.metric, detection.where, detection.days.last)
            if note:
                yield note
                return


def _finding(workspace: Workspace, detection: Detection, decline: _Decline) -> Finding | None:
    """A decline as a finding, with the figures and the cause that `explain` gives it; None where that finds no drop."""
    last = detection.plan.cube.window.last
    question = Finding(
        id=finding_id(decline.metric.key, decline.where, decline.first), as_of=detection.days.last,
        metric=decline.metric.key, where=decline.where, window=Window(last - WEEK * _FORTNIGHT + 1, last),
        onset=decline.first, actual=0.0, expected=0.0, interval=(0.0, 0.0), change=0.0, change_pct=None, impact=0.0,
        severity="minor", p_value=decline.p_value, shape="ramp", confidence=min(1 - decline.chance, _SUREST),
    )  # fmt: skip
    try:
        answer = explain_finding(workspace, question_of(question), detection.issues)
    except NotEnoughData:
        return None
    return with_quality(_answered(question, decline, answer), detection.issues, workspace) if answer.is_drop else None


def _answered(question: Finding, decline: _Decline, answer: Explanation) -> Finding:
    """The finding with the figures of its explanation; it is as sure as the decline is, of all segments that were looked at."""
    depth, cases = abs(answer.change_pct or 0.0), answer.segments[0].n if answer.segments else None
    is_rate = decline.metric.is_ratio and bool(cases)
    impact = abs(answer.change) * ((cases or 1.0) if is_rate else 1.0)
    cost = Cost(impact, "count" if is_rate else decline.metric.unit, depth * decline.share, depth * decline.share)
    cause, event = answer.likeliest, answer.fitting_event
    return replace(
        question, window=answer.window, onset=answer.onset.day, actual=answer.actual, expected=answer.expected,
        interval=answer.interval, change=answer.change, change_pct=answer.change_pct, impact=cost.impact,
        impact_unit=cost.unit, severity=severity(cost, depth, decline.chance, 1), cause=cause.cause if cause else None,
        owner=cause.owner if cause else (event.owner or None) if event else None, causes_skipped=answer.causes_skipped,
        data_doubt=answer.data_doubt,
    )  # fmt: skip


def _declines(detection: Detection) -> Iterator[_Decline]:
    """The segments that decline more than chance would show anywhere, the clearest first."""
    candidates = [item for entry in detection.plan.tested for item in _against_rest(entry, detection.where)]
    fallen = [item for item in candidates if _lately_less(item.weeks)]
    if not fallen:
        return
    falls = Siblings.together([item.weeks for item in fallen]).falls()
    last = detection.plan.cube.window.last
    for index in np.argsort(falls.p_value, kind="stable").tolist():
        chance = float(falls.p_value[index]) * len(candidates)
        if chance > BY_CHANCE:
            return
        item = fallen[index]
        first = last - WEEK * int(falls.weeks[index]) + 1
        yield _Decline(
            metric=item.metric, where=item.where, share=item.share, first=first,
            p_value=float(falls.p_value[index]), chance=chance,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A segment of one dimension by a metric, in weeks."""

    metric: Metric
    where: Segment
    share: float
    """Of the whole, in the metric's sum or a rate's denominator."""
    weeks: Siblings


def _against_rest(entry: TestedMetric, where: Segment) -> Iterator[_Candidate]:
    """The segments of one dimension of a sum that should not fall, or of a share of events."""
    metric, segments = entry.metric, entry.slice_sums.where
    if where not in segments or entry.delay or not may_decline(metric):
        return
    sums, exposure = numerators(metric, entry.slice_sums)
    by_dimension: dict[tuple[str, ...], list[int]] = {}
    for index, segment in enumerate(segments):
        if len(segment.dimensions) == len(where.dimensions) + 1:
            by_dimension.setdefault(segment.dimensions, []).append(index)
    whole = segments.index(where)
    for rows in by_dimension.values():
        # the last: values that are not tested
        tables = [
            None if part is None else np.vstack([part[rows], part[whole] - part[rows].sum(0)])
            for part in (sums, exposure)
        ]
        table, of = tables
        if table is None:
            continue
        values = siblings(table, of, worse_sign=metric.worse_sign)
        for at, row in enumerate(values.rows.tolist()):
            if row < len(rows):
                yield _Candidate(
                    metric=metric, where=segments[rows[row]], share=float(values.share[at]), weeks=values.one(at)
                )  # fmt: skip


def _lately_less(weeks: Siblings) -> bool:
    """Whether the odds of the last two weeks are less than those of the weeks before."""
    now, before = slice(-_FORTNIGHT, None), slice(None, -_FORTNIGHT)
    own, rest = weeks.own[0], weeks.rest[0]
    return bool(own[now].sum() * rest[before].sum() < _FALLEN * own[before].sum() * rest[now].sum())
