"""Notes of a scan on what declines slowly: segments against the rest, and all of a metric, which no drop of theirs shows."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import date_text
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.detection.detector.slow_declines import (
    BY_CHANCE,
    LEAST_SHARE,
    MOST_SHARE,
    MOST_WEEKS,
    in_weeks,
    slow_declines,
    without_riser,
)
from core.detection.findings import Finding
from core.detection.forecast.panel_build import numerators
from core.detection.forecast.state_space import WEEK
from core.detection.gradual_note import gradual_note
from core.detection.scan import Detection
from core.detection.scan_plan import TestedMetric
from core.workspace.read.workspace import Workspace

_FALLEN = 0.95
"""What a slow decline has left of a segment's odds in the last two weeks, at most: the others need no closer look."""


def decline_notes(detection: Detection, findings: Sequence[Finding]) -> Iterator[str]:
    """A note on each segment of one dimension that declines, by the metric in which that is clearest."""
    candidates = [
        (entry.metric.key, where, own, rest, others)
        for entry in detection.plan.tested
        if not entry.metric.is_ratio and entry.metric.worse_sign < 0 and not entry.delay
        for where, own, rest, others in _against_rest(entry, detection.where)
    ]
    named = {finding.where for finding in findings}
    fallen = [item for item in candidates if item[1] not in named and _lately_less(item[2], item[3])]
    if not fallen:
        return
    falls = slow_declines(*(in_weeks(np.array(days)) for days in zip(*(item[2:] for item in fallen), strict=True)))
    for index in np.argsort(falls.p_value, kind="stable").tolist():
        if falls.p_value[index] * len(candidates) > BY_CHANCE:
            return
        key, where, *_ = fallen[index]
        if where not in named:
            named.add(where)
            first = detection.plan.cube.window.last - WEEK * int(falls.weeks[index]) + 1
            yield (
                f"{metric_words(key)} in {where} loses about {-np.expm1(falls.slope[index]):.1%} a week against the rest since "
                f"about {date_text(first)}: whydrop explain {key} --where {where}"
            )


def gradual_notes(workspace: Workspace, detection: Detection) -> Iterator[str]:
    """A note on the first metric of which all falls without a beginning: what is counted of it falls with it."""
    for entry in detection.plan.tested:
        if detection.where in entry.slice_sums.where and not entry.delay:
            note = gradual_note(workspace, entry.metric, detection.where, detection.days.last)
            if note:
                yield note
                return


def _against_rest(entry: TestedMetric, where: Segment) -> Iterator[tuple[Segment, Floats, Floats, Floats]]:
    """The days of each segment of one dimension, neither too small nor nearly all, those of all others, and those of the others
    without the one that grew most."""
    sums, segments = numerators(entry.metric, entry.slice_sums)[0], entry.slice_sums.where
    if where not in segments:
        return
    whole = sums[segments.index(where)]
    by_dimension: dict[tuple[str, ...], list[int]] = {}
    for index, segment in enumerate(segments):
        if len(segment.dimensions) == len(where.dimensions) + 1:
            by_dimension.setdefault(segment.dimensions, []).append(index)
    for rows in by_dimension.values():
        table = np.vstack([sums[rows], whole - sums[rows].sum(0)])  # the last: values that are not tested
        for at, row in enumerate(rows):
            if LEAST_SHARE <= sums[row].sum() / max(float(whole.sum()), 1e-9) <= MOST_SHARE:
                yield segments[row], sums[row], whole - sums[row], without_riser(np.delete(table, at, 0))


def _lately_less(own: Floats, rest: Floats) -> bool:
    """Whether the odds of the last two weeks are less than those of the weeks before."""
    now, before = slice(-2 * WEEK, None), slice(-MOST_WEEKS * WEEK, -2 * WEEK)
    return bool(own[now].sum() * rest[before].sum() < _FALLEN * own[before].sum() * rest[now].sum())
