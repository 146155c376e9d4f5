"""How far elements stray when nothing is wrong: learnt from the weeks before a window."""

import numpy as np

from core.base.arrays import Floats
from core.localization.with_history.actual_vs_expected import WEEK
from core.localization.with_history.leaf_history import LeafHistory

LEAST_DRIFT = 0.01
"""An element strays by this much from week to week, whatever its history says."""
_WEEKS_BEFORE = 3
"""Weeks that must lie before a past week for its error to be learnt from, and half of those that it is forecast from."""
_NO_NOISE = 1e-9
"""What small elements scatter by at least, relative to one event."""


def unit_of(history: LeafHistory) -> float:
    """Variance of small elements for each unit that is expected of them."""
    if not len(history.weeks):
        return history.event
    squares = weight = 0.0
    for key, size in history.grid.widest:
        for week, now in enumerate(history.weeks):
            usual = np.bincount(key, history.usual[week], size)
            squares += float(((np.bincount(key, now, size) - usual) ** 2).sum())
            weight += float(usual.sum())
            if history.past_trials is not None:
                trials = np.bincount(key, history.past_trials[week], size)
                weight -= float((usual**2 / np.maximum(trials, 1e-300)).sum())
    freedom = max(len(history.weeks) - 1, 1) / len(history.weeks)
    return float(max(squares / max(weight * freedom, 1e-300), _NO_NOISE * history.event))


def drifts_of(history: LeafHistory, unit: float) -> dict[tuple[int, ...], float]:
    """By how much the elements of each cuboid stray: as those of its dimension that strays most."""
    grid = history.grid
    drift = dict.fromkeys(grid.shown, LEAST_DRIFT**2)
    if len(history.weeks) > 1:
        single = [cuboid for cuboid in grid.cuboids if len(cuboid.axes) == 1]
        sums = zip(single, grid.sums(history.weeks, single), grid.sums(history.usual, single), strict=True)
        drift |= {cuboid.axes[0]: _drift(now, usual, history.length, unit) for cuboid, now, usual in sums}
    return {cuboid.axes: max(drift[axis] for axis in cuboid.axes) for cuboid in grid.cuboids}


def _drift(now: Floats, usual: Floats, length: int, unit: float) -> float:
    """How far elements of one dimension strayed in the past, beyond counting: variance relative to the square.

    `now`, `usual`: of past weeks, the last one first, shape (weeks, elements). Each week is set against the weeks before it, as
    the window is: an element that wanders, or is high for weeks, strays further from these than from the mean of all weeks.
    Shorter windows scatter more, longer ones stray further.
    """
    mean = usual.mean(0)
    sizeable = mean > unit
    if not sizeable.any():
        return LEAST_DRIFT**2
    now, usual, mean = now[:, sizeable], usual[:, sizeable], mean[sizeable]
    judged = range(len(now) - _WEEKS_BEFORE)
    if not judged:
        squares = ((now - usual) ** 2).sum(0) / max(len(now) - 1, 1)
    else:
        squares = np.mean([_error_of_week(now, usual, week) for week in judged], axis=0)
    excess = squares / mean - unit
    beyond = max(float(excess.sum() / mean.sum()), LEAST_DRIFT**2)
    return float(beyond * max(WEEK / max(length, 1), length / WEEK) ** 0.5)


def _error_of_week(now: Floats, usual: Floats, week: int) -> Floats:
    """Squared error of what the weeks before one foretell of it, by element; as if these were many."""
    before = slice(week + 1, week + 1 + 2 * _WEEKS_BEFORE)
    past, level = now[before].sum(0), usual[before].sum(0)
    forecast = usual[week] * np.divide(past, level, out=np.ones(len(level)), where=level > 0)
    return np.asarray((now[week] - forecast) ** 2 / (1 + 1 / len(now[before])))
