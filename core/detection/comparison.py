"""What a window is compared with, and whether it is a drop: the ground that an explanation stands on."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import numpy as np

from core.base.count_text import count
from core.base.date_text import date_text
from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_names import metric_words
from core.detection.comparison_result import Comparison
from core.detection.forecast.maturity import age_for
from core.detection.forecast.reference_days import named_days
from core.detection.forecast.usual_rests import resting_days
from core.detection.scan_plan import HISTORY
from core.detection.segment_series import day_sums, metric_in, segment_sums
from core.detection.window_judge import WindowJudge
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace


def compare(
    workspace: Workspace,
    key: str,
    window: Window,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    clock: Clock = "order",
    measures: Iterable[str] = (),
) -> Comparison:
    """A metric in a window versus `expected`, or versus other days: see `named_days`.

    `measures`: more base measures than the metric's own of which the expected sums are wanted. Other days of the same length
    count as they are, of another length by their daily means. Raises UsageError for a baseline that cannot be read,
    NotEnoughData when its days lie outside the data or the past is too short to expect anything.
    """
    metric = metric_in(workspace, key, where)
    names = tuple(dict.fromkeys((*sorted(metric.measures()), *measures)))
    age, notes = age_for(workspace, metric, window, clock)
    first = max(min(workspace.span.first, window.first), window.first - HISTORY)
    other = None if baseline == "expected" else named_days(workspace.span, window, baseline)
    span = (
        window if other is None else Window(min(window.first, other.window.first), max(window.last, other.window.last))
    )
    span = Window(min(first, span.first), span.last)
    sums, states = segment_sums(workspace, metric=metric, measures=names, span=span, where=where, clock=clock, age=age)
    if where:
        states = np.maximum(states, resting_days(metric, sums, window.first - span.first))
    whole = partial(day_sums, workspace, names, span, EVERYTHING, clock, age) if where else None
    judge = WindowJudge([metric, *(workspace.metric(name) for name in names)], sums, span, states, window, whole)
    if other is None and not judge.knows_past and age is not None and age < metric.compared_after_days:
        known = window.last + age - metric.compared_after_days
        choose = (
            f"Choose days up to {iso(known)} (--window A..B), or count" if known >= workspace.span.first else "Count"
        )
        raise NotEnoughData(
            f"too early: of orders of {date_text(window.last)}, {count(age, 'day')} later, next to nothing of "
            f"{metric_words(key)} is known. {choose} what happens on its own day: --clock event."
        )
    result = judge.against_expected() if other is None else judge.against(other)
    return replace(result, age=age, notes=(*notes, *result.notes))
