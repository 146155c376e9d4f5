"""Why a metric changed: puts everything together that the other files of this room find out."""

from collections.abc import Sequence
from dataclasses import replace

from core.base import settings
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue import Metric, cause_signatures
from core.detection.distributions import Z95
from core.detection.findings import Check
from core.detection.forecast.maturity import incomplete_days, newest_known
from core.detection.quality import data_quality
from core.explanation.decompose.drivers import drivers
from core.explanation.decompose.metric_moves import daily, moved
from core.explanation.decompose.mix_and_rate import mix_of_ratio, mix_of_sum, simpson
from core.explanation.diagnose import event_matching
from core.explanation.diagnose.cause_tests import FACTS
from core.explanation.diagnose.diagnosis import Diagnosis, Known, diagnose, volume_of
from core.explanation.explain_request import ExplainRequest
from core.explanation.explanation_results import Driver, EventMatch, Explanation, MixRate, SegmentShare
from core.explanation.locate.change_location import Located, locate
from core.explanation.locate.onset import estimate_onset
from core.explanation.locate.segment_choice import counted_by, measures_of, shares
from core.explanation.trace_sql import queries
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.workspace.read.cube_query import Clock
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace

_LAST_DAYS = 7
"""Length of the window when none is asked for and no drop is on."""
_EVENT_DAYS = 28
"""How long before the onset an event may lie to be looked at."""


def explain(
    workspace: Workspace,
    metric: str,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    clock: Clock = "order",
) -> Explanation:
    """Why `metric` changed in `window` (default: the last week), compared with `baseline`, in a segment.

    `baseline` is "expected" (what the past leads one to expect), "previous" (as many days before) or a window "A..B".
    Raises UsageError for what does not exist, NotEnoughData when there is nothing to compare.
    """
    question = ("explain", metric, window, baseline, where, clock)
    return workspace.kept(question, Explanation, lambda: _explained(workspace, metric, window, baseline, where, clock))


def _explained(
    workspace: Workspace, metric: str, window: Window | None, baseline: str, where: Segment, clock: Clock
) -> Explanation:
    workspace.read_together()
    asked = ExplainRequest(
        workspace=workspace,
        metric=workspace.metric(metric),
        window=window or _latest(workspace, metric, clock),
        baseline=baseline,
        where=where,
        clock=clock,
    )
    workspace.window(asked.window.first, asked.window.last)
    if window is None and asked.judged.is_drop:
        asked = replace(asked, window=Window(asked.judged.onset.day, asked.window.last))
    return _told(asked, locate(asked))


def _latest(workspace: Workspace, metric: str, clock: Clock) -> Window:
    """The last whole days; of what ripens slowly, the last that are old enough to be judged early."""
    span = workspace.span
    last = newest_known(workspace) - incomplete_days(workspace.metric(metric), clock)
    last = max(min(last, span.last), span.first)
    return Window(max(last - _LAST_DAYS + 1, span.first), last)


def _told(asked: ExplainRequest, found: Located) -> Explanation:
    metric, judged = asked.metric, asked.judged
    figures = asked.figures()
    actual, expected = figures.value(metric)
    change = actual - expected
    parts = drivers(asked.workspace.catalogue, metric.key, *figures.sums)
    mix, notes = _mixes(metric, figures, parts)
    shown = shares(metric, figures.leaves(measures_of(metric), found.dimensions), found.places, change)
    segments = tuple(_tested(asked, figures, one) for one in shown)
    checks = _checks(asked)
    fitting = _events(asked, found)
    named = _diagnosed(asked, found, parts, mix, fitting, checks)
    return Explanation(
        metric=metric.key,
        unit=metric.unit,
        where=asked.where,
        window=asked.window,
        baseline=judged.baseline,
        actual=actual,
        expected=expected,
        change=change,
        change_pct=change / abs(expected) if expected else None,
        interval=judged.interval,
        is_drop=judged.is_drop,
        onset=judged.onset if found.everywhere else found.onset.onset,
        data_quality=checks,
        drivers=parts,
        mix=mix,
        segments=segments,
        events=tuple(match for _, match in fitting),
        causes=named.causes,
        ruled_out=named.ruled_out,
        queries=queries(asked, parts, segments),
        notes=(*judged.notes, *notes, *named.notes),
    )


def _tested(asked: ExplainRequest, figures: ActualVsExpected, one: SegmentShare) -> SegmentShare:
    """A segment with how far an ordinary window may be from what is expected, and what that rests on."""
    inside = figures.where(one.where)
    counted = counted_by(asked.workspace.catalogue.leaves(asked.metric.key, asked.workspace.measures)[-1])
    one = replace(one, n=inside.value(counted)[0] if counted.measures() <= inside.measures else None)
    found = moved([asked.metric], daily(inside), None).get(asked.metric.key)
    if found is None:
        return one
    half = Z95 * found.relative_error * abs(one.expected)
    low, high = one.expected - half, one.expected + half
    if asked.metric.unit == "ratio":
        low, high = max(low, 0.0), min(high, max(1.0, one.expected))
    return replace(one, p_value=found.p_value, interval=(low, high))


def _checks(asked: ExplainRequest) -> tuple[Check, ...]:
    """The checks of the data that matter to the window, those that found something first."""
    workspace = asked.workspace
    leaves = workspace.catalogue.leaves(asked.metric.key, workspace.measures)
    measures = {name for one in (asked.metric, *leaves) for name in one.measures()}
    bad = data_quality.issues_affecting(
        data_quality.issues(workspace, asked.days), workspace, asked.window, measures, asked.where
    )
    found = [Check(one.check, one.status, one.detail) for one in bad]
    names = {one.check for one in bad}
    return (*found, *(Check(name, "pass", text) for name, text in data_quality.CHECKS.items() if name not in names))


def _mixes(
    metric: Metric, compared: ActualVsExpected, parts: Sequence[Driver]
) -> tuple[tuple[MixRate, ...], list[str]]:
    """Mix and rate over every dimension that the metric can be sliced by, and reversals in words."""
    found = tuple(_mix(metric, compared, name, parts) for name in compared.slices(measures_of(metric)))
    reversals = [simpson(one, metric.worse_sign) for one in found if metric.worse_sign]
    return found, [text for text in reversals if text]


def _mix(metric: Metric, compared: ActualVsExpected, dimension: str, parts: Sequence[Driver]) -> MixRate:
    held = {name: compared.by(name, dimension) for name in metric.measures()}
    sides = [{name: pair[side] for name, pair in held.items()} for side in (0, 1)]
    over = metric.scale * metric.numerator.of(sides[0]), metric.scale * metric.numerator.of(sides[1])
    names = compared.values[dimension]
    if metric.denominator is not None:
        under = metric.denominator.of(sides[0]), metric.denominator.of(sides[1])
        return mix_of_ratio(dimension, names, over, under)
    volume = parts[0].metric
    told = len(parts) > 1 and dimension in compared.slices([*metric.measures(), volume])
    return mix_of_sum(dimension, names, over, compared.by(volume, dimension) if told else None)


def _events(asked: ExplainRequest, found: Located) -> tuple[tuple[Event, EventMatch], ...]:
    """Events near the onset, scored by time and scope.

    What follows an order may have begun on the day that it happened, not on that of the order: the better fit counts.
    """
    places = [one.where for one in found.places]
    starts = [found.onset]
    if asked.has_clock:
        late = asked.compare_late(found.before)
        inside, everything = daily(late.where(places[0])), daily(late)
        starts.append(estimate_onset(found.by, inside, everything.minus(inside) if places[0] else None))
    around = asked.workspace.events(min(one.first for one in starts) - _EVENT_DAYS, asked.window.last)
    near = [event for event in around if event.where.meets(asked.where)]
    measure = measures_of(asked.metric)[-1]
    best: dict[str, tuple[Event, EventMatch]] = {}
    for start in starts:
        for event, match in event_matching.match_events(near, start, places, found.leaves, measure):
            if event.event_id not in best or match.score > best[event.event_id][1].score:
                best[event.event_id] = (event, match)
    return tuple(sorted(best.values(), key=lambda pair: (-pair[1].score, pair[0].event_id)))


def _diagnosed(
    asked: ExplainRequest,
    found: Located,
    parts: Sequence[Driver],
    mix: Sequence[MixRate],
    fitting: Sequence[tuple[Event, EventMatch]],
    checks: Sequence[Check],
) -> Diagnosis:
    catalogue = asked.workspace.catalogue
    told = cause_signatures.load(catalogue, FACTS, settings.find(asked.workspace.path))
    if volume_of(catalogue, asked.workspace.measures) is None:
        return Diagnosis(notes=("causes are not looked for: there are neither impressions nor orders to judge by",))
    known = Known(
        metric=asked.metric,
        segment=found.places[0].where,
        drivers=parts,
        mix=mix,
        began=found.onset,
        newest=asked.workspace.span.last,
        events=fitting,
        checks=checks,
        by_volume=asked.metric.is_ratio and not found.by.is_ratio,
        sure=found.sure,
    )
    return diagnose(asked.workspace, told, asked.compare_late(found.before), known)
