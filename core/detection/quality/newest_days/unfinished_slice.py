"""A newest day that is over for most of the orders and not for one market, channel or device: an export of many was early."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import Segment
from core.detection.distributions import deviance_score
from core.detection.forecast.state_space import WEEK
from core.detection.quality.newest_days.unfinished_day import fell_today, hours_early
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.profile.row_profile import Profile

_DIMENSIONS = ("market", "channel", "device")
_WEEKS = 8
_LEAST_WEEKS = 3
_PAST = 28
"""Days, the newest one included, whose scatter says how far off a usual day may be."""
_LEAST = 20.0
"""Order lines a day below which half a day is chance."""
_LACKS = 0.6
"""A day that is not over has at most this share of a usual one, by itself and relative to the other values; and the others
together have more."""
_SURE = 3.5
"""Standard deviations that the value must lie below a usual day. In 28 shops with lasting noise days of which 40 % came were
named 2.9 times as often as at 5 with the scatter of counts, and none of 1,092 whole days was; at 3 three were."""
_FEW = 5.0
"""Order lines a day below which the hour of the last one says nothing."""
_AHEAD = 0.5
"""Keeps logarithms of days without any row."""


def slice_issues(profile: Profile) -> Iterator[QualityIssue]:
    """The values whose orders of the newest day are far fewer than usual, or stop hours early, while the others are all there.

    It may be a real fall or outage of that day: a person has to look, and `scan` reports it all the same.
    """
    if "orders" not in profile.kinds:
        return
    last = profile.spans["orders"].last
    for dimension in _DIMENSIONS:
        if dimension not in profile.dimensions_of("orders"):
            continue
        values, rows = profile.rows_by_value("orders", dimension)
        lacking = _lacking(rows)
        early = _early(profile, dimension, rows)
        for at in sorted({*lacking, *early}):
            share = rows[at, -1] / max(float(_usual(rows)[at]), 1.0)
            stop = f" and stop {early[at]:.1f} hours earlier than usual" if at in early else ""
            yield QualityIssue(
                "partial_newest_day", "warn",
                f"orders with {dimension}={values[at]} on {date_text(last)} are {share:.0%} of a usual day{stop}, "
                "those of the others "
                "are as usual. Was its export made before the day was over? Load the day again.",
                Window(last, last), frozenset({"orders"}), where=Segment.of({dimension: values[at]}),
            )  # fmt: skip


def _early(profile: Profile, dimension: str, rows: Floats) -> dict[int, float]:
    """Value (index) -> by how many hours its orders stop early, where those of most others do not; `rows`: (values, days)."""
    if rows.shape[1] <= _LEAST_WEEKS * WEEK:
        return {}
    usual, last_orders = _usual(rows), profile.last_order_by_value(dimension)
    hours = {at: hours_early(last_orders[at]) for at in np.flatnonzero(usual >= _FEW).tolist()}
    early = {at: value_hours for at, value_hours in hours.items() if value_hours}
    return early if 2 * usual[list(early)].sum() < usual.sum() else {}


def _lacking(rows: Floats) -> list[int]:
    """The values that lack a part of the newest day; `rows` of shape (values, days).

    Values of one dimension share what happens to all of a shop, so each is judged relative to the others.
    """
    known = range(min(_PAST, rows.shape[1] - _LEAST_WEEKS * WEEK))
    days = [back for back in known if _usual(rows, back).any()]  # days of rest are alike whatever the others do
    if len(rows) < 2 or len(days) < 2 or days[0]:
        return []
    others = rows.sum(axis=0) - rows
    own, rest = (np.array([_log_ratio(side, back) for back in days]) for side in (rows, others))
    relative = own - rest
    usual = _usual(rows)
    middle = np.median(relative[1:], axis=0)
    scatter = 1.4826 * np.median(np.abs(relative[1:] - middle), axis=0)
    scatter = np.maximum(scatter, 1 / np.sqrt(np.maximum(usual, 1.0)))
    expected = np.maximum(usual * np.exp(rest[0]), 1.0)
    score = deviance_score(rows[:, -1], expected, (scatter * expected) ** 2, np.ones(len(rows)))
    lacks = (np.maximum(own[0], relative[0]) <= np.log(_LACKS)) & (rest[0] > np.log(_LACKS))
    return np.flatnonzero((usual >= _LEAST) & lacks & fell_today(relative) & (score < -_SURE)).tolist()


def _log_ratio(rows: Floats, back: int) -> Floats:
    """Log of a day, so many before the newest, over what is usual, shape (values,)."""
    return np.asarray(np.log((rows[:, rows.shape[1] - 1 - back] + _AHEAD) / (_usual(rows, back) + _AHEAD)))


def _usual(rows: Floats, back: int = 0) -> Floats:
    """The median of the same weekday in the weeks before a day, so many before the newest, shape (values,)."""
    end = rows.shape[1] - 1 - back
    return np.asarray(np.median(rows[:, np.arange(end - WEEK, -1, -WEEK)[:_WEEKS]], axis=1))
