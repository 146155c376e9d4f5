"""Queries: for every figure of an explanation the SQL over the workspace's views that gives it when run by hand."""

from collections.abc import Sequence

from core.catalogue import Metric
from core.causes.ask import Question
from core.findings import Driver, SegmentShare
from core.segment import Segment
from core.workspace.facts import Days


def queries(asked: Question, days: Days, drivers: Sequence[Driver], segments: Sequence[SegmentShare]) -> dict[str, str]:
    """Name -> SQL: "actual", "expected", and the two of each driver and each segment ("ctr actual", "market=ID expected").

    `days`: the reference days with their weights, or a window that is compared as it stands.
    """
    found = _pair(asked, asked.metric, "", asked.where, days)
    for driver in drivers:
        if driver.metric != asked.metric.key:
            metric = asked.workspace.catalogue.metric(driver.metric)
            found |= _pair(asked, metric, f"{driver.metric} ", asked.where, days)
    for one in segments:
        if one.where:
            found |= _pair(asked, asked.metric, f"{one.where} ", asked.where.narrowed(one.where), days)
    return found


def _pair(asked: Question, metric: Metric, name: str, where: Segment, days: Days) -> dict[str, str]:
    sides: dict[str, Days] = {"actual": asked.window, "expected": days}
    return {
        name + side: asked.workspace.trace(metric.key, held, where, asked.clock, asked.known_at)[metric.key]
        for side, held in sides.items()
    }
