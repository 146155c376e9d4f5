"""How far elements stray when nothing is wrong: learnt from the weeks before a window."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats
from core.localization.with_history.actual_vs_expected import WEEK
from core.localization.with_history.leaf_history import LeafHistory

LEAST_DRIFT = 0.01
"""An element strays by this much from week to week, whatever its history says."""
_WEEKS_BEFORE = 3
"""Weeks that must lie before a past week for its error to be learnt from, and half of those that it is forecast from."""
_FEW, _ROUNDS, _SURELY = 4, 4, 2.0
"""Elements of which no two lines can be told apart; how often the line through more of them is drawn, each time with better
weights; and standard errors by which its start must lie above what is counted anyhow."""
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


@dataclass(frozen=True, slots=True)
class ElementNoise:
    """How far the elements of a cuboid stray by chance."""

    unit: float
    """Variance for each unit that is expected: events that come in lots, such as the lines of an order."""
    drift: float
    """Variance of an element's level, relative to its square."""

    def scale(self, expected: Floats) -> Floats:
        """Variance for each unit of what is expected of elements."""
        return np.asarray(self.unit + self.drift * np.maximum(expected, 0))


def noises_of(history: LeafHistory, unit: float) -> dict[tuple[int, ...], ElementNoise]:
    """How far the elements of each cuboid stray: as those of its dimension that drifts most, and in lots as small as those of the
    one that has the smallest."""
    grid = history.grid
    noise = dict.fromkeys(grid.shown, ElementNoise(unit, LEAST_DRIFT**2))
    if len(history.weeks) > 1:
        single = [cuboid for cuboid in grid.cuboids if len(cuboid.axes) == 1]
        sums = zip(single, grid.sums(history.weeks, single), grid.sums(history.usual, single), strict=True)
        for cuboid, now, usual in sorted(
            sums, key=lambda item: -item[0].size
        ):  # of what has many values, parts are known first
            axis = cuboid.axes[0]
            lots = max(noise[finer].unit for finer in grid.parts_of[axis])
            noise[axis] = _noise(now, usual, history.length, lots)
    return {
        cuboid.axes: ElementNoise(
            min(noise[axis].unit for axis in cuboid.axes), max(noise[axis].drift for axis in cuboid.axes)
        )
        for cuboid in grid.cuboids
    }


def _noise(now: Floats, usual: Floats, length: int, unit: float) -> ElementNoise:
    """How far elements of one dimension strayed in the past: in proportion to their level, and to its square.

    `now`, `usual`: of past weeks, the last one first, shape (weeks, elements). Each week is set against the weeks before it, as
    the window is: an element that wanders, or is high for weeks, strays further from these than from the mean of all weeks.
    Shorter windows scatter more, longer ones stray further.
    """
    mean = usual.mean(0)
    sizeable = mean > unit
    if not sizeable.any():
        return ElementNoise(unit, LEAST_DRIFT**2)
    now, usual, mean = now[:, sizeable], usual[:, sizeable], mean[sizeable]
    judged = range(len(now) - _WEEKS_BEFORE)
    if not judged:
        squares = ((now - usual) ** 2).sum(0) / max(len(now) - 1, 1)
    else:
        squares = np.mean([_error_of_week(now, usual, week) for week in judged], axis=0)
    weeks = len(judged) or max(len(now) - 1, 1)
    lots, drift = _lots_and_drift(squares / mean, mean, unit, weeks)
    return ElementNoise(lots, drift * max(WEEK / max(length, 1), length / WEEK) ** 0.5)


def _lots_and_drift(squares: Floats, mean: Floats, unit: float, weeks: int) -> tuple[float, float]:
    """The line unit + drift x mean through the squared errors of elements for each unit, shape (elements,), each of some weeks.

    Elements that are few or all of one size cannot tell the two apart: all is drift then. Taken for drift
    altogether, lots hid a customer who left: his 60 lines a week, usually within 15, could have been within 27.
    """
    plain = lots, drift = unit, max(float((squares - unit).sum() / mean.sum()), LEAST_DRIFT**2)
    if len(mean) < _FEW:
        return plain
    for _ in range(_ROUNDS):
        weight = (max(lots, unit) + drift * mean) ** -2.0  # errors scatter in proportion to what they are about
        moments = [float((weight * mean**power).sum()) for power in range(3)]
        about = [float((weight * squares * mean**power).sum()) for power in range(2)]
        spread = max(moments[0] * moments[2] - moments[1] ** 2, 1e-12 * moments[0] * moments[2])
        drift = max((moments[0] * about[1] - moments[1] * about[0]) / spread, LEAST_DRIFT**2)
        lots = (about[0] - drift * moments[1]) / moments[0]
        doubt = float(np.sqrt(2 / weeks * moments[2] / spread))
    return (lots, drift) if lots - _SURELY * doubt > unit else plain


def _error_of_week(now: Floats, usual: Floats, week: int) -> Floats:
    """Squared error of what the weeks before one foretell of it, by element; as if these were many."""
    before = slice(week + 1, week + 1 + 2 * _WEEKS_BEFORE)
    past, level = now[before].sum(0), usual[before].sum(0)
    forecast = usual[week] * np.divide(past, level, out=np.ones(len(level)), where=level > 0)
    return np.asarray((now[week] - forecast) ** 2 / (1 + 1 / len(now[before])))
