"""The making of an explanation: puts everything together that the other files of this room find out."""

import shlex
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.base.count_text import count
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.distributions import Z95
from core.detection.findings import Check
from core.detection.forecast.state_space import WEEK
from core.detection.quality import data_quality
from core.detection.quality.end_of_exports import newest_to_judge
from core.detection.quality.quality_issue import QualityIssue
from core.detection.scan_plan import days_learnt_from
from core.detection.segment_series import metric_in
from core.explanation.change_context import diagnosed, in_context, matching_events, other_measures
from core.explanation.complete_days import last_complete_days, on_complete_days
from core.explanation.data_doubt import data_doubt
from core.explanation.decompose.denominator import require_denominator
from core.explanation.decompose.drivers import counted_sums, drivers
from core.explanation.decompose.metric_moves import daily, moved
from core.explanation.decompose.mix_and_rate import mix_of_ratio, mix_of_sum, simpson
from core.explanation.diagnose.diagnosis import Diagnosis
from core.explanation.explain_request import ExplainRequest
from core.explanation.explanation_results import Driver, Explanation, MixRate, SegmentShare
from core.explanation.gradual_note import gradual_note
from core.explanation.locate.change_location import Located, locate
from core.explanation.locate.declining_segment import (
    DecliningSegment,
    against_rest,
    declining_segment,
    located_decline,
)
from core.explanation.locate.new_values import takeover_notes
from core.explanation.locate.onset import onset_inside
from core.explanation.locate.segment_part import (
    SegmentMove,
    changed_alike,
    counted_by,
    measures_of,
    relative_change,
    shares,
)
from core.explanation.locate.whole_filter import whole_filter_confidence
from core.explanation.trace_sql import queries
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace


def explained(
    workspace: Workspace,
    metric: str,
    window: Window | None,
    baseline: str,
    where: Segment,
    clock: Clock,
    located: float | None,
    issues: Sequence[QualityIssue] | None,
) -> Explanation:
    """The answer that `explain` keeps, worked out; what it raises too."""
    workspace.read_together()
    asked = metric_in(workspace, metric, where)
    days = window or last_complete_days(workspace, asked, where, clock)
    workspace.window(days.first, days.last)
    request = ExplainRequest(
        workspace=workspace,
        metric=asked,
        window=days,
        baseline=baseline,
        where=where,
        clock=clock,
    )
    request, notes = on_complete_days(request)
    notes += newest_to_judge(workspace)[1] if window is None else ()
    since = request.judged.drop_since
    if window is None and since is not None:
        request = replace(request, window=Window(since, request.window.last))
    if issues is None:
        issues = data_quality.issues(workspace, days_learnt_from(workspace.span, request.window))
    affecting = _affecting(request, issues)
    location = locate(request) if located is None else _located(request, located)
    if located is None:
        location = _with_estimate(request, location)
    decline = _decline(request, location, is_located=located is not None)
    if decline is not None:
        request = replace(request, verdict=against_rest(request, decline))
        location = located_decline(request, decline)
    return _answer(request, location, affecting, notes)


def _decline(request: ExplainRequest, location: Located, is_located: bool) -> DecliningSegment | None:
    """The slow decline that may be what is asked for; of a segment that is known, only that of all of it, where it is no drop."""
    if is_located:
        decline = declining_segment(request) if request.where and not request.judged.is_drop else None
        return decline if decline is None or not decline.where else None
    return declining_segment(request) if _may_decline(request, location) else None


def _may_decline(request: ExplainRequest, located: Located) -> bool:
    """Whether a slow decline may be what is asked for: nothing is found, or no part of what had changed long before the window.

    Of a step a week or two ago the weeks look like the beginning of a decline.
    """
    return not located.moved or (located.everywhere and located.onset.day < request.window.first - WEEK)


def _with_estimate(request: ExplainRequest, located: Located) -> Located:
    """The location; where it is all of what is asked about, with an estimate of how sure that is."""
    if request.where and not located.everywhere and not _stands_out(request.metric, located):
        located = _located(request, 0.0)
    elif not located.everywhere or not located.moved:
        return located
    confidence = whole_filter_confidence(request.metric, located.compared, request.judged)
    return replace(located, places=(SegmentMove(EVERYTHING, confidence),))


def _stands_out(metric: Metric, located: Located) -> bool:
    """Whether the segments inside a filter changed clearly more than the rest of it, relatively, or shifted the mix.

    A filter may be just the segment that is affected. Then all of it changed alike, and parts that differ by chance are no
    answer.
    """
    if located.places[0].expected is not None:  # new values differ from the others at the same time
        return True
    inside = np.zeros(len(located.leaves.codes), bool)
    for move in located.places:
        inside |= located.leaves.inside(move.where)
    part, whole = (relative_change(metric, located.leaves, rows) for rows in (inside, inside | True))
    return part * whole <= 0 or not changed_alike(metric, located.leaves, inside, ~inside)


def _located(request: ExplainRequest, confidence: float) -> Located:
    """The whole of what is asked about as the place of the change."""
    compared = request.compare()
    return Located(
        compared=compared,
        leaves=compared.leaves(measures_of(request.metric)),
        places=(SegmentMove(EVERYTHING, confidence),),
        by=request.metric,
        onset=onset_inside(compared, EVERYTHING, request.metric),
        moved=True,
        is_shift=False,
    )


def _answer(
    request: ExplainRequest, located: Located, issues: Sequence[QualityIssue], notes: Sequence[str]
) -> Explanation:
    metric, judged, checks = request.metric, request.judged, _checks(issues)
    figures = request.figures()
    require_denominator(metric, figures, request.window)
    actual, expected = figures.value(metric)
    change = actual - expected
    parts = drivers(request.workspace.catalogue, metric.key, *counted_sums(metric, figures.sums))
    mix, reversals = _mixes(metric, figures, parts)
    leaves = figures.leaves(measures_of(metric), located.dimensions)
    places = _unusual(request, located)
    segments = tuple(_tested(request, figures, share) for share in shares(metric, leaves, places, change))
    whole = in_context(request, located)
    events = matching_events(request, whole, whole.segments)
    named = diagnosed(request, whole, parts, mix, checks) if places else Diagnosis()
    answer = Explanation(
        metric=metric.key,
        unit=metric.figure_unit,
        where=request.where,
        window=request.window,
        baseline=judged.baseline,
        actual=actual,
        expected=expected,
        change=change,
        change_pct=change / abs(expected) if expected else None,
        interval=judged.interval,
        is_drop=judged.is_drop or _part_dropped(request, located),
        onset=judged.onset if not whole.segments[0] else whole.onset.onset,
        data_quality=checks,
        drivers=parts,
        mix=mix,
        segments=segments,
        events=tuple(match for _, match in events),
        causes=named.causes,
        ruled_out=named.ruled_out,
        nearest_causes=named.nearest,
        causes_skipped=named.skipped,
        others=other_measures(request, whole) if places else (),
        queries=queries(request, parts, segments),
        notes=(
            *notes,
            *judged.notes,
            *_ties(places),
            *takeover_notes(located.compared, metric, places),
            *_unkept(request, places),
            *reversals,
            *named.notes,
            *_gradual(request),
        ),
        p_value=None if judged.drop_since is None else judged.p_value,
    )
    return replace(answer, data_doubt=data_doubt(issues, answer))


def _ties(places: Sequence[SegmentMove]) -> list[str]:
    """A note on each segment that another one describes nearly as well."""
    return [
        f"{segment.rival} describes the change nearly as well as {segment.where}" for segment in places if segment.rival
    ]


def _gradual(request: ExplainRequest) -> list[str]:
    """A note on a fall that has no beginning."""
    note = gradual_note(request.workspace, request.metric, request.where, request.window.last, request.clock)
    return [note] if note else []


def _unkept(request: ExplainRequest, places: Sequence[SegmentMove]) -> list[str]:
    """A note on the columns of a file of orders that might locate a change that no segment of what was kept does."""
    workspace = request.workspace
    kinds = {workspace.kind_of(measure) for measure in measures_of(request.metric)}
    if "orders" not in kinds or not places or any(segment.where for segment in places):
        return []
    return [
        f"{_files(paths)} columns that were not kept and may say where: load {'them' if paths[1:] else 'it'} again with "
        + " ".join(f"--dimension {shlex.quote(name)}" for name in names)
        for paths, names in workspace.profile(request.window).loads.unkept_columns()
    ]


def _files(paths: Sequence[str]) -> str:
    """The newest of some files, and how many more there are, with `has` or `have`."""
    more = count(len(paths) - 1, "earlier file")
    return f"{paths[-1]} and {more} with its columns have" if paths[1:] else f"{paths[-1]} has"


def _unusual(request: ExplainRequest, located: Located) -> list[SegmentMove]:
    """The segments that moved more than usual; not the whole of what is asked about where it is within its expected range."""
    return [segment for segment in located.places if segment.where or not request.judged.is_within_range]


def _part_dropped(request: ExplainRequest, located: Located) -> bool:
    """Whether a part dropped that hardly shows in a large and restless whole: only such parts are named where it is as usual."""
    return request.judged.is_within_range and not located.everywhere and not located.is_shift


def _tested(request: ExplainRequest, figures: ActualVsExpected, share: SegmentShare) -> SegmentShare:
    """A segment with how far an ordinary window may be from what is expected, and what that rests on."""
    inside = figures.where(share.where)
    counted = counted_by(request.workspace.catalogue.leaves(request.metric.key, request.workspace.measures)[-1])
    share = replace(share, n=inside.value(counted)[0] if counted.measures() <= inside.measures else None)
    move = moved([request.metric], daily(inside), None).get(request.metric.key)
    share = replace(share, where=share.where or request.where)
    if move is None:
        return share
    half = Z95 * move.relative_error * abs(share.expected)
    low, high = share.expected - half, share.expected + half
    if request.metric.unit == "ratio":
        low, high = max(low, 0.0), min(high, max(1.0, share.expected))
    return replace(share, p_value=move.p_value, interval=(low, high))


def _affecting(request: ExplainRequest, issues: Sequence[QualityIssue]) -> tuple[QualityIssue, ...]:
    """What is wrong with the data of the window that the metric is counted of."""
    workspace = request.workspace
    leaves = workspace.catalogue.leaves(request.metric.key, workspace.measures)
    measures = {name for metric in (request.metric, *leaves) for name in metric.measures()}
    return data_quality.issues_affecting(issues, workspace, request.window, measures, request.where)


def _checks(bad: Sequence[QualityIssue]) -> tuple[Check, ...]:
    """The checks of the data, those that found something first."""
    failed = [Check(issue.check, issue.status, issue.detail) for issue in bad]
    names = {issue.check for issue in bad}
    return (*failed, *(Check(name, "pass", text) for name, text in data_quality.CHECKS.items() if name not in names))


def _mixes(
    metric: Metric, compared: ActualVsExpected, parts: Sequence[Driver]
) -> tuple[tuple[MixRate, ...], list[str]]:
    """Mix and rate over every dimension that the metric can be sliced by, and reversals in words."""
    mixes = tuple(_mix(metric, compared, name, parts) for name in compared.slices(measures_of(metric)))
    reversals = [simpson(mix, metric.worse_sign) for mix in mixes if metric.worse_sign]
    return mixes, [text for text in reversals if text]


def _mix(metric: Metric, compared: ActualVsExpected, dimension: str, parts: Sequence[Driver]) -> MixRate:
    by_value = {name: compared.by(name, dimension) for name in metric.measures()}
    sides = [{name: pair[side] for name, pair in by_value.items()} for side in (0, 1)]
    numerator = metric.scale * metric.numerator.of(sides[0]), metric.scale * metric.numerator.of(sides[1])
    names = compared.values[dimension]
    if metric.denominator is not None:
        denominator = metric.denominator.of(sides[0]), metric.denominator.of(sides[1])
        return mix_of_ratio(dimension, names, numerator, denominator)
    volume = parts[0].metric
    has_volume = len(parts) > 1 and dimension in compared.slices([*metric.measures(), volume])
    return mix_of_sum(dimension, names, numerator, compared.by(volume, dimension) if has_volume else None)
