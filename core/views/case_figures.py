"""The daily figures of a case: what came, and what would have come without the action."""

from dataclasses import dataclass
from math import nan

from core.base.days import Day, Window
from core.verification.case_results import Case
from core.views.metric_series import series
from core.workspace.read.workspace import Workspace

_BEFORE = 42
"""Days before the onset or the action that are shown: six whole weeks, as in the Overview."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFigures:
    """The metric of a case by day; every tuple has one value a day, nan where there is none."""

    case: str
    """Id of the case."""
    unit: str
    days: Window
    actual: tuple[float, ...]
    counterfactual: tuple[float, ...]
    """On the days that the verdict is of."""
    low: tuple[float, ...]
    """95 % interval of the counterfactual, with `high`."""
    high: tuple[float, ...]
    onset: Day | None
    since: Day


def case_figures(workspace: Workspace, case: Case) -> CaseFigures:
    """The figures from six weeks before a case began up to the newest day.

    Raises NotEnoughData when the workspace cannot compute the metric, UsageError when it does not know it any more.
    """
    span = workspace.span
    began = min(day for day in (case.since, case.onset, span.last) if day is not None)
    window = Window(max(span.first, min(began, span.last) - _BEFORE), span.last)
    metric_series = series(workspace, case.metric, window, case.where)
    judged = {point.day: point for point in case.verdict.series} if case.verdict else {}
    points = [judged.get(day) for day in range(window.first, window.last + 1)]
    return CaseFigures(
        case=case.id,
        unit=metric_series.unit,
        days=window,
        actual=tuple(metric_series.values[0].tolist()),
        counterfactual=tuple(point.counterfactual if point else nan for point in points),
        low=tuple(point.lo if point else nan for point in points),
        high=tuple(point.hi if point else nan for point in points),
        onset=case.onset,
        since=case.since,
    )
