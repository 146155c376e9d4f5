"""The expected range of a metric on each day of a window, from what the days before it lead one to expect."""

from math import nan

import numpy as np

from core.base.days import Window
from core.base.segment import Segment
from core.detection.detector.online_detector import OnlineDetector
from core.detection.expected_values import LEAST_PAST, expected_from_detector
from core.detection.forecast.maturity import age_for
from core.detection.forecast.panel_build import ceiling_of, numerators, panel
from core.detection.scan_plan import days_learnt_from
from core.detection.segment_series import segment_sums
from core.workspace.read.workspace import Workspace

DailyRange = tuple[tuple[float, ...], tuple[float, ...]]
"""Low and high end of the 95 % interval, one value a day; nan where nothing can be expected."""


def daily_range(workspace: Workspace, key: str, where: Segment, window: Window) -> DailyRange:
    """The expected range of each day of a window, knowing only the days before it; a ratio's denominator is taken as it came."""
    metric = workspace.metric(key)
    age, _ = age_for(workspace, metric, window, "order")
    span = Window(days_learnt_from(workspace.span, window).first, window.last)
    sums, is_known = segment_sums(workspace, metric=metric, measures=metric.measures(), span=span, where=where, age=age)
    ceiling = ceiling_of(metric, sums)
    series = panel([(metric, sums, ceiling)], span.first, is_known, window.first)
    replay = OnlineDetector(series).run(window.first - 1 - span.first)
    if not replay.age[0] >= LEAST_PAST:
        return ((nan,) * len(window),) * 2
    days = [Window(day, day) for day in range(window.first, window.last + 1)]
    outlook = [expected_from_detector(replay, day) for day in days]
    ends = np.array([(day.total_lo[0], day.total_hi[0]) for day in outlook]).T
    numerator, denominator = numerators(metric, sums)
    divisor = np.ones(len(window)) if denominator is None else denominator[0, numerator.shape[1] - len(window) :]
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.where(divisor > 0, ends / divisor, nan)
    if ceiling:
        low, high = ceiling - high, ceiling - low
    return tuple(low.tolist()), tuple(high.tolist())
