"""Queries: for every figure of an explanation the SQL over the workspace's views that gives it when run by hand."""

from collections.abc import Callable, Sequence

from core.base.segment import Segment
from core.catalogue import Metric
from core.explanation.explain_request import ExplainRequest
from core.explanation.explanation_results import Driver, SegmentShare
from core.workspace.read.cube_query import Days


def queries(asked: ExplainRequest, drivers: Sequence[Driver], segments: Sequence[SegmentShare]) -> dict[str, str]:
    """Name -> SQL: "actual", "expected", and the two of each driver and each segment ("ctr actual", "market=ID expected")."""
    days = _reference(asked)
    found = _pair(asked, asked.metric, "", asked.where, days)
    for driver in drivers:
        if driver.metric != asked.metric.key:
            metric = asked.workspace.catalogue.metric(driver.metric)
            found |= _pair(asked, metric, f"{driver.metric} ", asked.where, days)
    for one in segments:
        if one.where:
            found |= _pair(asked, asked.metric, f"{one.where} ", asked.where.narrowed(one.where), days)
    return found


def _reference(asked: ExplainRequest) -> Callable[[str], Days]:
    """The reference days of a base measure: a window where each counts once, else each day with its weight."""
    judged = asked.judged
    if judged.baseline.kind != "expected":
        return lambda measure: judged.baseline.window
    days = judged.reference.days.tolist()
    return lambda measure: dict(zip(days, judged.reference.of(measure).tolist(), strict=True))


def _pair(
    asked: ExplainRequest, metric: Metric, name: str, where: Segment, past: Callable[[str], Days]
) -> dict[str, str]:
    sides: dict[str, Callable[[str], Days]] = {"actual": lambda measure: asked.window, "expected": past}
    return {
        name + side: asked.workspace.trace(metric.key, days, where, asked.clock, asked.judged.age)[metric.key]
        for side, days in sides.items()
    }
