"""Dimensions in which values took over from others lately, so that what fell there is no loss."""

from collections.abc import Sequence, Set

import numpy as np

from core.base.arrays import Floats
from core.base.segment import Segment
from core.catalogue.metric_tree.bad_states import is_final_bad_state
from core.cube.takeover import swapped, took_over
from core.detection.forecast.panel_build import SliceSums
from core.detection.forecast.state_space import WEEK

_WEEKS_AGO = 6
"""A value is new for so many weeks."""
_YOUNG, _MOST_WEEKS = (1, 2, 3), 0.8
"""Days in which orders have no final state yet, where they have it within the week; and the share of the weeks before in which
these days had it."""


def taken_over(slices: SliceSums, where: Segment, counted: Set[str]) -> frozenset[str]:
    """The dimensions in which values took over from others within the last weeks, or won in the last days what others lost, by
    any measure that is `counted`; by any amount where nothing is: a few refunds of unequal size change places every week."""
    rows: dict[str, list[int]] = {}
    for row, segment in enumerate(slices.where):
        if is_final_bad_state(segment):
            continue  # what ends badly did not take over from what ends well
        for name in set(segment.dimensions) - set(where.dimensions):
            rows.setdefault(name, []).append(row)
    return frozenset(
        name
        for name, at in rows.items()
        for measure, sums in _weighed(slices, at, counted).items()
        if _took_over_lately(_by_week(sums), measure in counted) or _swapped_lately(sums, measure in counted)
    )


def _weighed(slices: SliceSums, rows: Sequence[int], counted: Set[str]) -> dict[str, Floats]:
    """The counts that some segments have by day, or their amounts where they have no counts; shape (rows, days)."""
    sums = {name: values[rows] for name, values in slices.sums.items()}
    counts = {name: values for name, values in sums.items() if name in counted and values.any()}
    return counts or sums


def _took_over_lately(weeks: Floats, is_count: bool) -> bool:
    """Whether values took over from others, or won what others lost, between some earlier two weeks and the last one."""
    before = [weeks[:, start : start + 2].mean(1) for start in range(2, min(_WEEKS_AGO + 1, weeks.shape[1] - 1))]
    pairs = ((past, weeks[:, 0]) for past in before)
    return any(
        (took_over(past, now, is_count=is_count) | swapped(past, now, is_count=is_count)).any() for past, now in pairs
    )


def _swapped_lately(days: Floats, is_count: bool) -> bool:
    """Whether values won in the last days what others lost since the same weekdays of most weeks before: only the youngest orders
    wait for their state. Of few orders a day, one week differs so much by chance, but not most."""
    length = days.shape[1]
    ends = [length - WEEK * weeks for weeks in range(2, _WEEKS_AGO + 1) if length > WEEK * weeks + max(_YOUNG)]
    for young in _YOUNG if ends else ():
        now, past = days[:, -young:].sum(1), [days[:, end - young : end].sum(1) for end in ends]
        if sum(swapped(week, now, is_count=is_count).any() for week in past) >= _MOST_WEEKS * len(past):
            return True
    return False


def _by_week(values: Floats) -> Floats:
    """Sums by week, the last one first, shape (segments, whole weeks)."""
    weeks = values.shape[1] // WEEK
    days = values[:, values.shape[1] - weeks * WEEK :]
    return np.asarray(days.reshape(len(values), weeks, WEEK).sum(2)[:, ::-1])
