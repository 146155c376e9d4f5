"""All metrics side by side: what came, what was expected, and what happened near it. Worst first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from core.base.arrays import Floats
from core.base.count_text import count
from core.base.date_text import date_text
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.interval import is_within
from core.base.json_value import Value
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.detector.online_detector import OnlineDetector
from core.detection.expected_values import LEAST_PAST, Expected, expected_from_detector
from core.detection.findings import Finding, Scan
from core.detection.forecast.panel import Panel
from core.detection.forecast.panel_build import SliceSums, ceiling_of, known_days, numerators, panel, slice_sums
from core.detection.quality.end_of_exports import newest_to_judge
from core.detection.quality.silent_days import SilentDays
from core.detection.scan_plan import HISTORY
from core.indexes.index_results import IndexValue
from core.views.case_list import CaseList
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace

SHOWN_DAYS = 42
"""Days of values that come with each metric, its window at their end."""
_WINDOW_DAYS = 7
"""Days of the default window: every weekday once, so that windows compare whichever day is the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow(Value):
    """One metric in its newest complete days, compared with what was expected of them."""

    metric: str
    name: str
    unit: str
    good: str
    """up | down | neutral: which way is better."""
    formula: str
    window: Window
    """The days that `actual` is of: the newest ones that are old enough for this metric."""
    actual: float
    """nan where a ratio has nothing to divide by."""
    expected: float
    """nan where the past is too short to expect anything."""
    interval: tuple[float, float]
    """95 % interval of `expected`."""
    change: float
    change_pct: float | None
    worse_by: float
    """How far on the worse side, in standard deviations of what is expected; negative when it got better, nan when unknown."""
    is_drop: bool
    """Worse than expected, and outside the interval."""
    values: tuple[float, ...]
    """Daily values up to the newest day, at most SHOWN_DAYS of them; nan where there is none."""
    incomplete: int = 0
    """Newest days of `values` that late-arriving data may still change."""
    finding: Finding | None = None
    """The drop of the whole metric that a scan sees, when it was asked."""
    part: Finding | None = None
    """The gravest drop of it in some part of the segment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview(Value):
    """Where everything stands at the newest day of the data."""

    where: Segment
    span: Window
    """All days of the workspace."""
    rows: tuple[MetricRow, ...]
    """Worst first."""
    events: tuple[Event, ...]
    """What began on the shown days, newest first. Context, not causes."""
    notes: tuple[str, ...] = ()
    scan: Scan | None = None
    cases: CaseList = field(default_factory=CaseList)
    indexes: tuple[IndexValue, ...] = ()
    """Indexes that got worse in their newest complete week, the surest first; filled with the scan."""
    currency: str = ""
    """Of amounts; empty where it is not known."""


def overview(workspace: Workspace, *, window: Window | None = None, where: Segment = EVERYTHING) -> Overview:
    """Every metric that the workspace can compute, in `window` (default: for each its newest seven complete days), in a segment.

    The days of a metric are complete once they are older than its `mature_after_days`. Kept after the first time.
    Raises NotEnoughData when there are no days to show.
    """
    return workspace.kept(("overview", window, where), Overview, lambda: _overview(workspace, window, where))


def _overview(workspace: Workspace, window: Window | None, where: Segment) -> Overview:
    metrics = workspace.catalogue.computable(workspace.measures)
    if not metrics:
        raise NotEnoughData(
            f"{workspace.path}: nothing that is loaded makes a metric. Load traffic, orders or daily exports."
        )
    span = workspace.span
    newest_day, tail = newest_to_judge(workspace)
    questions = [_question(metric, span.first, newest_day, window) for metric in metrics]
    first = max(span.first, min(question.window.first for question in questions) - HISTORY)
    days = workspace.window(first, max(question.window.last for question in questions))
    measures = sorted(frozenset().union(*(metric.measures() for metric in metrics)))
    cube = workspace.cube(measures, days, where=where)
    sums = slice_sums(cube, measures)
    questions = [replace(question, ceiling=ceiling_of(question.metric, sums)) for question in questions]
    events_near = workspace.events(days.first, days.last)
    parts = [(question.metric, sums, question.ceiling) for question in questions]
    states, silent = known_days(events_near, cube, (where,)), SilentDays(workspace, days)
    state = np.concatenate([np.maximum(states, silent.of(question.metric.measures())) for question in questions])
    series = panel(parts, days.first, state, min(question.window.first for question in questions))
    rows = _sorted(tuple(_rows(questions, series, sums, days)))
    recent = [event for event in events_near if event.window.first > days.last - SHOWN_DAYS]
    events = tuple(sorted(recent, key=lambda event: event.starts_at, reverse=True))
    return Overview(
        where=where,
        span=span,
        rows=rows,
        events=events,
        notes=(*tail, *_notes(questions, rows, span, newest_day)),
        currency=workspace.currency,
    )


def with_scan(unscanned: Overview, scan: Scan) -> Overview:
    """The same with the findings of a scan, each at its metrics. The order of the metrics stays: nothing moves under a cursor."""
    whole = _by_metric([finding for finding in scan.findings if finding.where == unscanned.where])
    parts = _by_metric([finding for finding in scan.findings if finding.where != unscanned.where])
    rows = tuple(replace(row, finding=whole.get(row.metric), part=parts.get(row.metric)) for row in unscanned.rows)
    return replace(unscanned, rows=rows, scan=scan)


def _by_metric(findings: Sequence[Finding]) -> dict[str, Finding]:
    """The gravest of these findings for each metric that fell in it; they come worst first."""
    return {name: finding for finding in reversed(findings) for name in (finding.metric, *finding.also)}


@dataclass(frozen=True, slots=True)
class _Question:
    """A metric, the days of it that are shown, and whether they have stopped moving."""

    metric: Metric
    window: Window
    is_complete: bool
    ceiling: float = 0.0
    """It is judged by what is missing to it: see `panel_build.ceiling_of`."""


def _question(metric: Metric, first: int, newest_day: int, window: Window | None) -> _Question:
    """The newest known days that have stopped moving, or those that were asked for; of a short past, what there is."""
    last = max(first, newest_day - metric.mature_after_days)
    chosen = window or Window(max(first, last - _WINDOW_DAYS + 1), last)
    return _Question(metric, chosen, chosen.last <= last)


def _rows(questions: Sequence[_Question], series: Panel, sums: SliceSums, days: Window) -> Iterator[MetricRow]:
    """One replay of the past serves all windows, taken in the order of their first days."""
    replay = OnlineDetector(series)
    order = sorted(range(len(questions)), key=lambda index: questions[index].window)
    for window, which in groupby(order, key=lambda index: questions[index].window):
        replay.run(window.first - 1 - days.first)
        expectations = expected_from_detector(replay, window)
        for index in which:
            yield _row(questions[index], index, expectations, sums, days)


def _row(question: _Question, index: int, expectations: Expected, sums: SliceSums, days: Window) -> MetricRow:
    """The figures of one metric; incomplete days, or too short a past, have no expectation."""
    metric, window = question.metric, question.window
    inside = slice(window.first - days.first, window.last - days.first + 1)
    numerator, denominator = numerators(metric, sums)
    per = 1.0 if denominator is None else float(denominator[0, inside].sum()) or np.nan
    actual = float(numerator[0, inside].sum()) / per
    judged = question.is_complete and expectations.known[index] >= LEAST_PAST
    ends = (
        expectations.total[index],
        expectations.total_lo[index],
        expectations.total_hi[index],
        expectations.total_sd[index],
    )
    expected, low, high, sd = (float(value) / per if judged else np.nan for value in ends)
    if most := question.ceiling:
        expected, low, high = most - expected, most - high, most - low
    change = actual - expected
    away = change * metric.watched_sign
    return MetricRow(
        metric=metric.key,
        name=metric.name,
        unit=metric.figure_unit,
        good=metric.good,
        formula=metric.formula,
        window=window,
        actual=actual,
        expected=expected,
        interval=(low, high),
        change=change,
        change_pct=change / abs(expected) if expected else None,
        worse_by=away / sd if sd else 0.0,
        is_drop=metric.worse_sign != 0 and away > 0 and not is_within(actual, (low, high)),
        values=_recent_values(numerator, denominator),
        incomplete=days.last - window.last,
    )


def _recent_values(numerator: Floats, denominator: Floats | None) -> tuple[float, ...]:
    days = slice(-SHOWN_DAYS, None)
    if denominator is None:
        return tuple(numerator[0, days].tolist())
    with np.errstate(divide="ignore", invalid="ignore"):
        return tuple(np.where(denominator[0, days] > 0, numerator[0, days] / denominator[0, days], np.nan).tolist())


def _sorted(rows: Sequence[MetricRow]) -> tuple[MetricRow, ...]:
    """What got worse first, then the others by how improbable they are; what cannot be compared comes last."""

    def rank(row: MetricRow) -> tuple[bool, float, str]:
        is_comparable = row.good != "neutral" and np.isfinite(row.worse_by)
        return not row.is_drop, -row.worse_by if is_comparable else np.inf, row.metric

    return tuple(sorted(rows, key=rank))


def _notes(questions: Sequence[_Question], rows: Sequence[MetricRow], span: Window, newest_day: int) -> Iterator[str]:
    """What is left out and why, one line each."""
    if newest_day == span.last - 1:
        yield f"{date_text(span.last)} is incomplete and left out"
    early = sum(question.window.last < newest_day for question in questions)
    if early:
        yield f"waiting for late-arriving data: {count(early, 'metric')} with incomplete newest days"
    open_ended = sum(not question.is_complete for question in questions)
    if open_ended:
        yield f"no expected value: {count(open_ended, 'metric')} with incomplete days"
    short_past = sum(not np.isfinite(row.expected) for row in rows) - open_ended
    if short_past > 0:
        yield f"no expected value: {count(short_past, 'metric')} with too little history"
