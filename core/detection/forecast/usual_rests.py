"""Days on which one segment rests as it often does: a host without a live, a shop that closes now and then.

Such a day has nothing, where other days have plenty. Left out of learning as too far off, it would never become usual, and each
one were a finding: of 8 hosts who rest on one day of seven, 3 were on a random day.
"""

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats
from core.catalogue.metric_tree.metrics import Metric
from core.detection.forecast.panel import CLOSED, ORDINARY
from core.detection.forecast.panel_build import SliceSums, numerators

_PAST = 56
"""Days before a rest among which rests are counted."""
_FEWEST = 3
"""Rests of these that are a habit."""
_MOST = 0.5
"""Share of the days before that may be rests; with more of them, the other days are the exception."""
_BY_CHANCE = 0.002
"""A series of days without anything that such a habit brings less often is no rest."""
_PLENTY = 10.0
"""Median of the other days: with as many events, a day has none by chance once in 20,000 days."""
_APART = 0.4
"""Share of that median which nine in ten of the other days reach: what is made of a few large rows has days of little, too, and
its days of nothing tell how much it scatters."""


def resting_days(metric: Metric, slices: SliceSums, judged: int) -> NDArray[np.int8]:
    """CLOSED on the days on which a segment rests as usual, else ORDINARY; shape (segments, days). Shape (1, 1) for a metric
    that is no sum, and for one of which less is better.
    """
    values, exposure = numerators(metric, slices)
    if exposure is not None or metric.worse_sign > 0:
        return np.full((1, 1), ORDINARY, np.int8)
    rests = usual_rests(values / metric.scale, metric.adds_events, judged)
    return np.where(rests, CLOSED, ORDINARY).astype(np.int8)


def usual_rests(values: Floats, counts: bool, judged: int) -> Flags:
    """The days on which each series rests as usual, by its past alone up to column `judged`; shape (series, days).

    Of counts (`counts`) there must be plenty on other days. A run of days that is too long for a rest by column `judged` is
    none on all of its days; of one that is later, the days from which on it is.
    """
    rests = np.zeros(values.shape, bool)
    some: Flags = values > 0
    begun = values.shape[1] - some.argmax(1)  # days since a series began
    silent = begun - some.sum(1)
    may_rest = some.any(1) & (silent >= _FEWEST) & (silent < begun * _MOST)
    if counts:
        may_rest &= values.sum(1) >= _PLENTY / 2 * some.sum(1)
    for row in np.flatnonzero(may_rest).tolist():
        edges = np.flatnonzero(np.diff(some[row], prepend=True, append=True)).reshape(-1, 2)
        for start, stop in edges.tolist():
            past = values[row, max(start - _PAST, 0) : start]
            longest = _longest_rest(past, counts)
            if longest and not (stop - start > longest and start + longest <= judged):
                rests[row, start : min(stop, start + longest)] = True
    return rests


def _longest_rest(past: Floats, counts: bool) -> int:
    """How many days without anything the days before explain; 0 where there is no habit of resting."""
    others = np.sort(past[past > 0])
    silent = len(past) - len(others)
    if silent < _FEWEST or silent > _MOST * len(past):
        return 0
    median, low = others[len(others) // 2], others[len(others) // 10]
    if (counts and median < _PLENTY) or low < _APART * median:
        return 0
    return int(np.log(_BY_CHANCE) / np.log(silent / len(past)))
