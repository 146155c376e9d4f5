"""One metric close up: its explanation, the tree of what brought the change, and the days around it."""

from dataclasses import dataclass
from math import fsum, isclose, nan

import numpy as np

from core.base.days import Window
from core.base.json_value import Value
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.forecast.maturity import age_for
from core.explanation.explain import explain
from core.explanation.explanation_results import Explanation
from core.views.daily_range import DailyRange, daily_range
from core.views.step_tree import StepTree, step_tree
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace

_DAYS = 42
"""Days drawn: six weeks show the weekly pattern, and fit a terminal of 80 columns one cell a day."""
_AFTER = 7
"""Days drawn after the window: a week shows whether the change lasted."""
_BEFORE = 14
"""Days drawn before the window, at least: two weekly cycles to compare it with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDetail(Value):
    """An explanation and what stands around it."""

    explanation: Explanation
    name: str
    formula: str
    is_ratio: bool
    """Whether a window has the mean of its days; else it has their sum."""
    steps: StepTree
    """What each factor contributed."""
    closes: bool
    """Whether every sum closes: the drivers on the change, mix and rate of each dimension too."""
    days: Window
    values: tuple[float, ...]
    """The metric on each of `days`; nan where there is none."""
    low: tuple[float, ...]
    """The expected range of each of `days`, with `high`; nan before the change began, and where nothing can be expected."""
    high: tuple[float, ...]
    events: tuple[Event, ...]
    """What began on `days`."""
    span: Window
    """All days of the workspace."""
    currency: str = ""
    """Of amounts; empty where it is not known."""


def metric_detail(
    workspace: Workspace,
    metric: str,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    located: float | None = None,
) -> MetricDetail:
    """Explains a metric as `explain` does, with its tree and the days around the window. Raises what `explain` raises.

    `located`: how sure it is that `where` is the segment, as a finding says.
    """
    explanation = explain(workspace, metric, window=window, baseline=baseline, where=where, located=located)
    definition = workspace.metric(metric)
    days = _around(explanation.window, workspace.span)
    events = tuple(event for event in workspace.events(days.first, days.last) if event.window.first in days)
    low, high = _expected_range(workspace, explanation, days)
    return MetricDetail(
        explanation=explanation,
        name=definition.name,
        formula=definition.formula,
        is_ratio=definition.is_ratio,
        steps=step_tree(workspace.catalogue, explanation),
        closes=_sums_close(explanation),
        days=days,
        values=_daily_values(workspace, definition, where, days, explanation.window),
        low=low,
        high=high,
        events=events,
        span=workspace.span,
        currency=workspace.currency,
    )


def _expected_range(workspace: Workspace, explanation: Explanation, days: Window) -> DailyRange:
    """The expected range of each day from the beginning of the change on; nan before it."""
    first = min(explanation.window.first, max(explanation.onset.day, days.first))
    low, high = daily_range(workspace, explanation.metric, explanation.where, Window(first, days.last))
    missing = (nan,) * (first - days.first)
    return (*missing, *low), (*missing, *high)


def _daily_values(
    workspace: Workspace, metric: Metric, where: Segment, days: Window, explained: Window
) -> tuple[float, ...]:
    """The metric on each day, at the age at which the explanation compares them: what is overdue counts in both or in neither."""
    age, _ = age_for(workspace, metric, explained, "order")
    table = workspace.cube(metric.measures(), days, (), where, age=age).table(metric.measures(), (), by_day=True)
    sums = {name: rows if len(rows) else np.zeros((1, len(days))) for name, rows in table.sums.items()}
    return tuple(np.asarray(metric.value(sums), dtype=np.float64)[0].tolist())


def _sums_close(explanation: Explanation) -> bool:
    sums = [
        fsum(part.contribution for part in explanation.drivers),
        *(part.mix + part.rate for part in explanation.mix),
    ]
    size = max(abs(explanation.actual), abs(explanation.expected))
    return all(isclose(total, explanation.change, rel_tol=1e-9, abs_tol=1e-9 * size) for total in sums)


def _around(window: Window, span: Window) -> Window:
    """The window with some days before it, for comparison, and what came after it."""
    last = min(span.last, window.last + _AFTER)
    first = min(last - _DAYS + 1, window.first - max(_BEFORE, len(window)))
    return Window(max(span.first, first), max(last, span.first))
