"""Days on which one segment rests as it often does: a host without a live, a shop that closes now and then.

Such a day has nothing, where other days have plenty. Left out of learning as too far off, it would never become usual, and each
one would be a finding: of 8 hosts who rest on one day of seven, 3 were findings on a random day.
"""

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, Ints
from core.catalogue.metric_tree.metrics import Metric
from core.detection.forecast.panel import CLOSED, ORDINARY
from core.detection.forecast.panel_build import SliceSums, numerators
from core.detection.forecast.state_space import WEEK

_PAST = 56
"""Days before a rest among which rests are counted."""
_FEWEST = 3
"""Rests of these that are a habit."""
_AS_LONG = 2
"""So many rests, of three or more, make another one of their length usual: who rests for days rests for days again. Of 18 hosts
who rest for up to five days in a row, 8 scans had ten findings that are none, and have six; all 4 hosts who left are seen."""
_MOST = 0.5
"""Share of the days before that may be rests; with more of them, the other days are the exception."""
_WEEKLY = 0.75
"""Share of the days of one weekday before: with as many rests it is a day of rest. Were these taken for chance, outages of three
days would pass for rests of whoever is closed on Sundays, and of four days of whoever is at weekends."""
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
    rests |= usual_rests(_steadiest(slices), True, judged) & (values == 0)
    return np.where(rests, CLOSED, ORDINARY).astype(np.int8)


def _steadiest(slices: SliceSums) -> Floats:
    """Of each segment the measure that comes on most days, and of several of them the one with the largest sum; shape (segments,
    days). A host who rests has no viewers: that he sells nothing on the day, as on some others, is the same rest."""
    sums = np.stack(list(slices.sums.values()))
    days, total = (sums > 0).sum(2), sums.sum(2)
    best = np.where(days == days.max(0), total, -1.0).argmax(0)
    return np.asarray(sums[best, np.arange(sums.shape[1])])


def usual_rests(values: Floats, counts: bool, judged: int) -> Flags:
    """The days on which each series rests as usual, by its past alone up to column `judged`; shape (series, days).

    Of counts (`counts`) there must be plenty on other days. A run of days that is too long for a rest by column `judged` is
    none on all of its days; of one that is later, the days from which on it is. Weekdays that always rest
    are rests, and say nothing of the other days.
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
        lengths: list[int] = []  # of its rests so far
        for start, stop in edges[edges[:, 0] > 0].tolist():
            past, run = np.arange(max(start - _PAST, 0), start), np.arange(start, stop)
            if _has_plenty(values[row, past], counts):
                weekly = _weekly_rests(past % WEEK, some[row, past])
                rests[row, run[weekly[run % WEEK]]] = True
                further, by_chance = run[~weekly[run % WEEK]], _longest_rest(some[row, past[~weekly[past % WEEK]]])
                longest = max(by_chance, sorted(lengths)[-_AS_LONG] if len(lengths) >= _FEWEST else 0)
                if not (len(further) > longest and further[longest] <= judged):
                    rests[row, further[:longest]] = True
                lengths.append(len(further))
    return rests


def _has_plenty(past: Floats, counts: bool) -> bool:
    """Whether so much comes on the days that do not rest, and so evenly, that a day of nothing is no chance."""
    others = np.sort(past[past > 0])
    if not len(others):
        return False
    median, low = others[len(others) // 2], others[len(others) // 10]
    return bool((not counts or median >= _PLENTY) and low >= _APART * median)


def _weekly_rests(weekdays: Ints, some: Flags) -> Flags:
    """Which weekdays (column modulo 7) always rest, by which days of the past have something; shape (7,)."""
    days, silent = (np.bincount(weekdays, weights, WEEK) for weights in (None, ~some))
    return np.asarray((silent >= _FEWEST) & (silent >= _WEEKLY * days))


def _longest_rest(some: Flags) -> int:
    """How many days without anything the days before explain; 0 where there is no habit of resting."""
    silent = len(some) - int(some.sum())
    if silent < _FEWEST or silent > _MOST * len(some):
        return 0
    return int(np.log(_BY_CHANCE) / np.log(silent / len(some)))
