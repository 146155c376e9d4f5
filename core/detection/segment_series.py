"""The base measures of one segment by day, and what is known beforehand of its days."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats, Ints
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.bad_states import in_segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.forecast.panel_build import SliceSums, known_days, numerators, slice_sums
from core.detection.quality.silent_days import SilentDays
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace


def segment_sums(
    workspace: Workspace,
    metric: Metric,
    measures: Iterable[str],
    span: Window,
    where: Segment = EVERYTHING,
    clock: Clock = "order",
    age: int | None = None,
) -> tuple[SliceSums, NDArray[np.int8]]:
    """Base measures of one segment by day, and what is known beforehand of its days (as in `Panel.known`, shape (1, days))."""
    names = tuple(measures)
    cube = workspace.cube(names, span, (), where, clock, age=age)
    sums = slice_sums(cube, names, where)
    states = known_days(workspace.events(span.first, span.last), cube, (where,))
    return sums, np.maximum(states, SilentDays(workspace, span).of(metric.measures()))


def day_sums(
    workspace: Workspace, measures: Iterable[str], span: Window, where: Segment, clock: Clock, age: int | None
) -> SliceSums:
    """Base measures of one segment by day."""
    names = tuple(measures)
    return slice_sums(workspace.cube(names, span, (), where, clock, age=age), names, where)


def metric_in(workspace: Workspace, key: str, where: Segment) -> Metric:
    """The metric of a key as it is judged in a segment. Raises UsageError for an unknown one."""
    metric = workspace.metric(key)
    return in_segment(metric, where, workspace.kind_of(metric.key)) if where else metric


def rest_of_whole(
    metrics: Sequence[Metric], whole: Callable[[], SliceSums], own: Floats, first: int
) -> Callable[[Ints], Floats]:
    """What is added up of everything but the segment itself, by metric and day since a column of the whole."""
    read_once = cache(whole)
    return lambda series: (
        np.concatenate([numerators(metrics[index], read_once())[0][:, first:] for index in series.tolist()])
        - own[series]
    )
