"""What is said of a metric that falls without a day on which that began: a season, or a slow decline."""

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.detection.detector.gradual_falls import gradual_fall
from core.detection.forecast.maturity import age_for
from core.detection.forecast.panel_build import numerators
from core.detection.forecast.state_space import WEEK
from core.detection.segment_series import day_sums
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace

_LEARNT = 26 * WEEK
_YEAR = 52 * WEEK
_AS_MUCH = 0.5
"""A fall is last year's as well when that was at least this share of it."""


def gradual_note(workspace: Workspace, metric: Metric, where: Segment, last: int, clock: Clock = "order") -> str | None:
    """What is said of a sum that falls gradually up to a day; None where it does not. Rates have no seasons.

    All days count as they were known at the age of the last one: what is paid days later falls at the end otherwise.
    """
    if metric.is_ratio or metric.worse_sign >= 0:
        return None
    days = Window(max(workspace.span.first, last - _LEARNT + 1), last)
    age, _ = age_for(workspace, metric, days, clock)
    fall = gradual_fall(_daily(workspace, metric, where, days, clock, age))
    if fall is None:
        return None
    since = last - WEEK * fall.weeks
    what = f"{metric_words(metric.key)}{f' of {where}' if where else ''} fell by about {fall.weekly:.1%} a week lately"
    slowly = f"{what}, slowly since about {date_text(since)}: there is no day on which it began"
    before = Window(since - _YEAR, last - _YEAR)
    if before.first < workspace.span.first:
        return f"{slowly}, and less than a year of data cannot tell a season from a decline"
    then = _daily(workspace, metric, where, before, clock, age)
    weekly = _weekly(then)
    if weekly >= _AS_MUCH * fall.weekly:
        return f"{slowly}. It did so in the same weeks of last year, by {weekly:.1%} a week: a season"
    return f"{slowly}. In the same weeks of last year it did not fall: a decline rather than a season"


def _daily(workspace: Workspace, metric: Metric, where: Segment, days: Window, clock: Clock, age: int | None) -> Floats:
    sums = day_sums(workspace, sorted(metric.measures()), days, where, clock, age)
    return np.asarray(numerators(metric, sums)[0][0])


def _weekly(days: Floats) -> float:
    """Share that was lost a week from the first to the last two weeks."""
    first, last = days[: 2 * WEEK].sum(), days[-2 * WEEK :].sum()
    weeks = max((len(days) - 2 * WEEK) / WEEK, 1.0)
    return float(1 - (last / first) ** (1 / weeks)) if first > 0 else 0.0
