"""A newest day that is over for most of the orders and not for one market, channel or device: an export of many was early."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Floats
from core.base.days import Window, iso
from core.base.segment import Segment
from core.detection.forecast.state_space import WEEK
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.row_profile import Profile

_DIMENSIONS = ("market", "channel", "device")
_WEEKS = 8
_LEAST_WEEKS = 3
_LEAST = 20.0
"""Order lines a day below which half a day is chance."""
_LACKS, _WHOLE = 0.6, 0.8
"""Shares of a usual day: what one value has at most, and what the others together have at least."""
_SURE = 5.0
"""Standard deviations that the value must lie below its own past."""


def slice_issues(profile: Profile) -> Iterator[QualityIssue]:
    """The values whose orders of the newest day are far fewer than usual while the others' are all there.

    It may be a real fall of one day: it is said for a person to look at, and hides nothing from `scan`.
    """
    if "orders" not in profile.kinds:
        return
    last = profile.spans["orders"].last
    for dimension in _DIMENSIONS:
        if dimension not in profile.dimensions_of("orders"):
            continue
        values, rows = profile.rows_by_value("orders", dimension)
        for at in _lacking(rows):
            share = rows[at, -1] / _usual(rows[at], 0)
            yield QualityIssue(
                "partial_newest_day", "warn",
                f"orders with {dimension}={values[at]} on {iso(last)} are {share:.0%} of a usual day, those of the others are "
                "as usual. Was its export made before the day was over? Load the day again.",
                Window(last, last), frozenset({"orders"}), where=Segment.of({dimension: values[at]}),
            )  # fmt: skip


def _lacking(rows: Floats) -> list[int]:
    """The values that lack a part of the newest day; `rows` of shape (values, days)."""
    if len(rows) < 2 or rows.shape[1] <= _LEAST_WEEKS * WEEK:
        return []
    result = []
    for at, own in enumerate(rows):
        others = rows.sum(axis=0) - own
        usual = _usual(own, 0)
        if usual < _LEAST or own[-1] > _LACKS * usual or others[-1] < _WHOLE * _usual(others, 0):
            continue
        past = np.array([own[-1 - back] / max(_usual(own, back), 1.0) for back in range(1, 2 * WEEK)])
        scatter = max(1.4826 * float(np.median(np.abs(past - np.median(past)))), 1 / np.sqrt(usual))
        if past[0] > _WHOLE and 1 - own[-1] / usual > _SURE * scatter:
            result.append(at)
    return result


def _usual(rows: Floats, back: int) -> float:
    """The median of the same weekday in the weeks before a day, so many before the newest; 0 where there is no such day."""
    end = len(rows) - 1 - back
    before = rows[np.arange(end - WEEK, -1, -WEEK)[:_WEEKS]] if end >= WEEK else rows[:0]
    return float(np.median(before)) if len(before) else 0.0
