"""What a metric would have been in a segment, day by day, had everything gone on as before."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.base.days import Day, Window, iso
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue import Metric
from core.detection.detector.online_detector import OnlineDetector
from core.detection.expected_values import Expected, expected_from_detector
from core.detection.forecast.maturity import age_for
from core.detection.forecast.panel_build import SliceSums, is_mostly, known_days, numerators, panel
from core.detection.quality.silent_days import SilentDays
from core.detection.scan_plan import days_learnt_from
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace

LEAST_PAST = 14
"""Days of past without which nothing can be expected of a window."""


@dataclass(frozen=True, kw_only=True)
class Counterfactual:
    """The path of a metric that its own past leads one to expect. Arrays hold one value a day of the window, shape (days,),
    in the unit of the metric; nan where a ratio has nothing to divide by."""

    metric: str
    where: Segment
    window: Window
    since: Day
    """The first day that it does not know."""
    actual: Floats
    expected: Floats
    lo: Floats
    hi: Floats
    """95 % interval of each day."""
    total: float
    """Expected of the whole window: a sum, or the ratio of two sums."""
    total_interval: tuple[float, float]
    """95 % interval of it."""
    known_days: int
    """Days of past that it rests on; less than four weeks know little of weekdays."""


def counterfactual(
    workspace: Workspace,
    key: str,
    where: Segment,
    window: Window,
    *,
    since: int | None = None,
    clock: Clock = "order",
) -> Counterfactual:
    """What was expected of a metric in a segment on the days of a window, knowing only the days before `since` (default: the
    window's first).

    A ratio's denominator is taken as it came. Days that are still incomplete are counted at their age, like those before them.
    Raises UsageError for an unknown metric or dimension, NotEnoughData when there are fewer than two weeks before `since`.
    """
    metric = workspace.metric(key)
    start = window.first if since is None else min(since, window.first)
    age, _ = age_for(workspace, metric, window, clock)
    span = Window(days_learnt_from(workspace.span, Window(start, window.last)).first, window.last)
    sums, known = segment_sums(
        workspace, metric=metric, measures=metric.measures(), span=span, where=where, clock=clock, age=age
    )
    mostly = is_mostly(metric, sums)
    replay = OnlineDetector(panel([(metric, sums, mostly)], span.first, known)).run(start - 1 - span.first)
    if not replay.age[0] >= LEAST_PAST:
        raise NotEnoughData(
            f"{int(replay.age[0])} days of {key} before {iso(start)} are too few to expect anything ({LEAST_PAST} are needed)."
        )
    outlook = expected_from_detector(replay, window)
    return _in_metric_units(metric, where, window, start, sums, outlook, mostly)


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
    sums = SliceSums((where,), {name: cube.daily(name)[None] for name in names})
    known = known_days(workspace.events(span.first, span.last), cube, (where,))
    return sums, np.maximum(known, SilentDays(workspace, span).of(metric.measures()))


def _in_metric_units(
    metric: Metric, where: Segment, window: Window, since: int, sums: SliceSums, outlook: Expected, mostly: bool
) -> Counterfactual:
    """From expected numerators, of what is counted in their place where a share is mostly, to the metric."""
    numerator, denominator = numerators(metric, sums)
    days = slice(numerator.shape[1] - len(window), numerator.shape[1])
    divisor = np.ones(len(window)) if denominator is None else denominator[0, days]
    with np.errstate(divide="ignore", invalid="ignore"):
        actual, *path = (
            values / divisor for values in (numerator[0, days], outlook.mean[0], outlook.lo[0], outlook.hi[0])
        )
        total, *ends = (
            float(ends_of_series[0] / (1.0 if denominator is None else divisor.sum()))
            for ends_of_series in (outlook.total, outlook.total_lo, outlook.total_hi)
        )
    if mostly:
        path, total, ends = [1 - path[0], 1 - path[2], 1 - path[1]], 1 - total, [1 - ends[1], 1 - ends[0]]
    mean, lo, hi = (np.where(divisor > 0, values, np.nan) for values in path)
    return Counterfactual(
        metric=metric.key, where=where, window=window, since=since, actual=np.where(divisor > 0, actual, np.nan),
        expected=mean, lo=lo, hi=hi, total=total, total_interval=(ends[0], ends[1]), known_days=int(outlook.known[0]),
    )  # fmt: skip
