"""Queries: for every figure of an explanation the SQL over the workspace's views that gives it when run by hand."""

from collections.abc import Callable, Sequence

from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.explanation.explain_request import ExplainRequest
from core.explanation.explanation_results import Driver, SegmentShare
from core.workspace.read.figure_sql import total_sql
from core.workspace.read.measure_trace import Days


def queries(request: ExplainRequest, drivers: Sequence[Driver], segments: Sequence[SegmentShare]) -> dict[str, str]:
    """Name -> SQL: "actual", "expected", and the two of each driver and each segment ("ctr actual", "market=ID expected")."""
    days = _reference(request)
    texts = _pair(request, request.metric, "", request.where, days)
    for driver in drivers:
        if driver.metric != request.metric.key:
            metric = request.workspace.catalogue.metric(driver.metric)
            texts |= _pair(request, metric, f"{driver.metric} ", request.where, days)
    for item in segments:
        if item.where != request.where:
            texts |= _pair(request, request.metric, f"{item.where} ", request.where.narrowed(item.where), days)
    return texts


def _reference(request: ExplainRequest) -> Callable[[str], Days]:
    """The reference days of a base measure: a window where each counts once, else each day with its weight."""
    judged = request.judged
    if not judged.reference.scales and (judged.reference.weights == 1).all():
        return lambda measure: judged.baseline.window
    days = judged.reference.days.tolist()
    return lambda measure: dict(zip(days, judged.reference.of(measure).tolist(), strict=True))


def _pair(
    request: ExplainRequest, metric: Metric, name: str, where: Segment, past: Callable[[str], Days]
) -> dict[str, str]:
    sides: dict[str, Callable[[str], Days]] = {"actual": lambda measure: request.window, "expected": past}
    return {
        name + side: total_sql(request.workspace, metric.key, days, where, request.clock, request.judged.age)[
            metric.key
        ]
        for side, days in sides.items()
    }
