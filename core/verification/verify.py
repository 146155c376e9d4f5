"""Did a change work: verify a metric in a segment since a day, or plan how long it takes to see."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from core.base.count_text import count
from core.base.date_text import date_text, during
from core.base.days import Window, iso
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.detection.comparison import compare
from core.detection.quality.end_of_exports import newest_exported
from core.detection.quality.row_checks import newest_whole_day
from core.verification.control_choice import VerificationData, read_panel
from core.verification.effect_estimate import LEAST_BEFORE, EffectEstimate, estimate_effect, mean_contrast
from core.verification.effect_verdict import (
    brought_back,
    detectable,
    incident_effect,
    more_days,
    negligible_effect,
    recovered_before,
    verdict_of,
)
from core.verification.panel_model import ControlPanel
from core.verification.synthetic_did import difference_in_differences, synthetic_did
from core.verification.verification_results import (
    LEAST_INCIDENT,
    Control,
    CounterfactualDay,
    DroppedControl,
    Placebo,
    SecondOpinion,
    Verification,
    VerificationPlan,
)
from core.workspace.read.workspace import Workspace

_MOST_BEFORE = 182
"""Days before the change that are used: half a year knows its weekdays, and older days say little of the newest."""
_NAMED_EVENTS = 3


def verify(
    workspace: Workspace,
    key: str,
    *,
    since: int,
    where: Segment,
    until: int | None = None,
    controls: Sequence[Segment] = (),
    incident: int | None = None,
) -> Verification:
    """The effect of a change on a metric in a segment, against a counterfactual from untouched segments.

    `incident`: the day since which the segment stood at another level, where the change was made to end that: the
    counterfactual is that level, going on.

    Raises UsageError for an unknown metric or segment, and for days that are not complete yet; NotEnoughData for less than
    four weeks before the change, for data without two controls, and when no day since then is complete.
    """
    metric = workspace.metric(key)
    window = _judged(workspace, metric, since, until)
    before = _before(workspace, since)
    data = read_panel(workspace, metric, where, Window(before.first, window.last), since, controls)
    _check_lengths(data.panel, where, since)
    if incident is not None:
        data = replace(data, panel=replace(data.panel, incident=_known_incident(incident, since)))
    notes = (
        *_notes(workspace, data, window, where),
        *(_incident_note(workspace, metric, since, where) if incident is None else ()),
    )
    return _verification(metric, where, before, window, data, notes)


def _verification(
    metric: Metric, where: Segment, before: Window, window: Window, data: VerificationData, notes: tuple[str, ...]
) -> Verification:
    """What the days since a change show, against those before it; `notes` of the world go last."""
    estimate = estimate_effect(data.panel)
    actual = float(data.panel.values[0, data.panel.before :] @ mean_contrast(data.panel))
    effect = estimate.effect.mean
    took = incident_effect(data.panel)
    negligible = negligible_effect(actual - effect, took)
    decision = verdict_of(metric, estimate.effect, negligible)
    recovered = recovered_before(data.panel, took) if decision == "improved" else None
    return Verification(
        metric=metric.key,
        unit=metric.figure_unit,
        is_ratio=metric.is_ratio,
        good=metric.good,
        where=where,
        window=window,
        before=before,
        actual=actual,
        counterfactual=actual - effect,
        effect=effect,
        effect_pct=effect / (actual - effect) if actual != effect else None,
        interval=estimate.effect.interval,
        p_value=estimate.effect.p_value,
        verdict=decision if recovered is None else "undecided",
        negligible=negligible,
        smallest_detectable=detectable(estimate.effect),
        more_days=more_days(data.panel, estimate, negligible) if decision == "undecided" else None,
        controls=_controls(data, estimate),
        dropped=(*data.dropped, *_contaminated(data, estimate)),
        recovered=recovered,
        placebo=Placebo(len(estimate.placebo_scores), estimate.placebo_rank),
        second_opinions=_second_opinions(data.panel, estimate),
        series=_daily(data.panel, estimate),
        notes=(*brought_back(estimate.effect, took), *_recovery_note(recovered), *notes),
    )


def plan(
    workspace: Workspace, key: str, *, where: Segment, days: int = 14, controls: Sequence[Segment] = ()
) -> VerificationPlan:
    """The smallest effect that the next `days` days would show, learnt from the past as if the change had come at its end.

    The last `days` days stand in for those to come. Raises what `verify` raises.
    """
    if days < 1:
        raise UsageError(f"--days {days}: a plan needs at least one day.")
    metric = workspace.metric(key)
    complete = newest_complete_day(workspace, metric)
    since = complete - days + 1
    before = _before(workspace, since, "Plan fewer days, or load older exports.")
    data = read_panel(workspace, metric, where, Window(before.first, complete), since, controls)
    _check_lengths(data.panel, where, since)
    estimate = estimate_effect(data.panel)
    usual = float(data.panel.values[0, data.panel.before :] @ mean_contrast(data.panel)) - estimate.effect.mean
    smallest = detectable(estimate.effect)
    window = Window(complete + 1, complete + days)
    return VerificationPlan(
        metric=metric.key,
        unit=metric.figure_unit,
        is_ratio=metric.is_ratio,
        where=where,
        days=days,
        window=window,
        judge_on=window.last + 1 + metric.mature_after_days,
        smallest_detectable=smallest,
        smallest_detectable_pct=smallest / abs(usual) if usual else None,
        controls=_controls(data, estimate),
        notes=tuple(_notes(workspace, data, Window(since, complete), where)),
    )


def newest_complete_day(workspace: Workspace, metric: Metric) -> int:
    """The newest day on which the metric does not change any more."""
    return min(newest_whole_day(workspace), newest_exported(workspace)[0]) - metric.mature_after_days


def _judged(workspace: Workspace, metric: Metric, since: int, until: int | None) -> Window:
    """The days that can be judged."""
    complete = newest_complete_day(workspace, metric)
    if until is not None and until < since:
        raise UsageError(f"--until {iso(until)} is before --since {iso(since)}. Swap them.")
    if since > complete:
        ready = since + 1 + metric.mature_after_days
        raise NotEnoughData(
            f"data for {metric_words(metric.key)} is complete only to {date_text(complete)}: nothing since "
            f"{date_text(since)} can be judged. Ask again on {date_text(ready)}."
        )
    if until is not None and until > complete:
        raise NotEnoughData(
            f"data for {metric_words(metric.key)} is complete only to {date_text(complete)}, so {date_text(until)} "
            f"cannot be judged yet. Use --until {iso(complete)}."
        )
    return Window(since, complete if until is None else until)


def _before(workspace: Workspace, since: int, instead: str = "Load older exports.") -> Window:
    """The days that the counterfactual is learnt from."""
    first = max(workspace.span.first, since - _MOST_BEFORE)
    if since - first < LEAST_BEFORE:
        raise NotEnoughData(
            f"only {count(max(since - first, 0), 'day')} of data before {date_text(since)}, and {LEAST_BEFORE} are needed to "
            f"know what is usual. {instead}"
        )
    return Window(first, since - 1)


def _known_incident(incident: int, since: int) -> int:
    """The incident's first day. Raises NotEnoughData when too little of it lies before the change."""
    if since - incident < LEAST_INCIDENT:
        raise NotEnoughData(
            f"the incident began on {date_text(incident)}, only {count(max(since - incident, 0), 'day')} before the change on "
            f"{date_text(since)}: "
            f"{LEAST_INCIDENT} are needed to know its level."
        )
    return incident


def _check_lengths(panel: ControlPanel, where: Segment, since: int) -> None:
    if panel.before < LEAST_BEFORE:
        raise NotEnoughData(
            f"{where} has rows on only {count(panel.before, 'day')} before {date_text(since)}, and {LEAST_BEFORE} are needed."
        )
    if panel.before == len(panel.days):
        raise NotEnoughData(f"{where} has no rows since {date_text(since)}: nothing can be judged.")


def _controls(data: VerificationData, estimate: EffectEstimate) -> tuple[Control, ...]:
    """Those that were used, the closest first."""
    pairs = sorted(zip(estimate.weights.tolist(), estimate.controls, strict=True), reverse=True)
    return tuple(Control(data.where[row - 1], weight) for weight, row in pairs)


def _contaminated(data: VerificationData, estimate: EffectEstimate) -> Iterator[DroppedControl]:
    for control in estimate.contaminated:
        yield DroppedControl(
            data.where[control.row - 1],
            f"changed by {control.relative_effect:+.1%} on its own in the same days (p = {control.p_value:.1g})",
        )


def _second_opinions(panel: ControlPanel, estimate: EffectEstimate) -> tuple[SecondOpinion, ...]:
    """Synthetic and plain difference in differences over the same controls, of an incident's days alone where there was one."""
    first = 0 if panel.incident is None else int(np.searchsorted(panel.days, panel.incident))
    values, before = panel.values[[0, *estimate.controls], first:], panel.before - first
    level = np.abs(values[:, :before]).mean(axis=1, keepdims=True)
    relative = values / np.maximum(level, 1e-300)
    unit = float(level[0, 0])
    return (
        SecondOpinion("synthetic_did", synthetic_did(relative, before).effect * unit),
        SecondOpinion("did", difference_in_differences(relative, before) * unit),
    )


def _daily(panel: ControlPanel, estimate: EffectEstimate) -> tuple[CounterfactualDay, ...]:
    rows = []
    actual_values = panel.values[0, panel.before :].tolist()
    for day, actual, effect in zip(panel.days[panel.before :].tolist(), actual_values, estimate.daily, strict=True):
        low, high = effect.interval
        rows.append(
            CounterfactualDay(
                day=day, actual=actual, counterfactual=actual - effect.mean, lo=actual - high, hi=actual - low
            )
        )
    return tuple(rows)


def _notes(workspace: Workspace, data: VerificationData, window: Window, where: Segment) -> Iterator[str]:
    """What a reader must know before believing it."""
    if data.empty_days:
        yield f"Left out: {count(data.empty_days, 'day')} without any rows."
    overlapping = [
        event
        for event in workspace.events(window.first, window.last)
        if event.window.first >= window.first and event.where.meets(where)
    ]
    for event in overlapping[:_NAMED_EVENTS]:
        is_other = event.window.first > window.first
        what = "Another change affects" if is_other else "This may be the change, or another one of the same day, in"
        yield f"{what} {where}{' at that time' * is_other}: {event.title} ({event.kind}, {date_text(event.window.first)})."
    if len(overlapping) > _NAMED_EVENTS:
        yield f"{count(len(overlapping) - _NAMED_EVENTS, 'more change')} began at that time."


def _recovery_note(recovered: float | None) -> tuple[str, ...]:
    """That the incident was ending before the change; empty where it was not."""
    if recovered is None:
        return ()
    return (
        f"In the days before the change {recovered:.0%} of that effect was undone already: it may have ended by itself.",
    )


def _incident_note(workspace: Workspace, metric: Metric, since: int, where: Segment) -> tuple[str, ...]:
    """That the segment was down when the change came, and how to compare with that level; empty where it was not."""
    lately = Window(since - _LATELY, since - 1)
    try:
        found = compare(workspace, metric.key, lately, where=where)
    except NotEnoughData:
        return ()
    if not found.is_drop:
        return ()
    return (
        f"The segment was already worse than expected {during(lately)}. If the change was to end that, give its first day "
        "(--incident-since DAY): then the comparison is with that level.",
    )


_LATELY = 3
"""Days before the change in which an incident shows."""
