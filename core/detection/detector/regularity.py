"""Which series have been regular for long enough that something can be expected of them.

A measure that has just begun to come in, a seller with one sale in six weeks, refunds that start to trickle: there is no
normal yet that could be missed.
"""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.forecast.panel import Panel
from core.detection.forecast.state_space import WEEK

WATCHED, FEWEST_WATCHED = 21, 12
"""Days that a series must have come in at its level before a day can be held against it: three of each weekday on which
anything comes in, and not below the second, from which on its noise can be told."""
_RESTART, _FORTNIGHT = 7, 14
_LAUNCH_DAYS = 42
"""For so many days a series may still be starting ..."""
_LAUNCH, _LAUNCH_SURE = 1.5, 3.0
"""... namely while a week brings half as much again as the week before, given its denominator, beyond what counting explains
(standard deviations)."""
_EFFECTIVE_DAYS = 7.0
"""Days that carry a series, (sum)^2 / sum of squares, below which it is a handful of sales and no series. One event a day in
eight weeks gives 28, one every fourth day 11, one large order 1."""
_MEMORY = 0.99


def days_to_watch(panel: Panel) -> Floats:
    """How many days each series must have come in, shape (series,)."""
    return np.clip(panel.open_weekdays * WATCHED / WEEK, FEWEST_WATCHED, WATCHED)


class Regularity:
    """What is known of each series' past. Arrays have the shape (series,)."""

    def __init__(self, series: int) -> None:
        self._watched, self._age = np.zeros(series), np.zeros(series)
        self._sum, self._squares = np.zeros(series), np.zeros(series)

    def known(self, panel: Panel) -> Flags:
        """The series of which a day that begins now can be judged.

        That more events come than ever is judged by counting them, however few there were; that fewer come, or another amount,
        only where they came regularly.
        """
        effective = self._sum**2 / np.maximum(self._squares, 1e-300)
        counted = (panel.worse > 0) & (panel.event > 0)
        return np.asarray((self._watched >= days_to_watch(panel)) & (counted | (effective >= _EFFECTIVE_DAYS)))

    def forget(self, who: Ints) -> None:
        """Some series are over: of what comes there later nothing is known."""
        for sums in (self._watched, self._age, self._sum, self._squares):
            sums[who] = 0.0

    def learn(self, panel: Panel, day: int, live: Flags, heeded: Flags, unit: Floats) -> None:
        """Take in a day (column) of the series that are `live`; those `heeded` had an ordinary one."""
        value = panel.values[:, day] * heeded
        memory = np.where(live, _MEMORY, 1.0)  # days of rest say nothing of how regular the others are
        self._sum = self._sum * memory + value
        self._squares = self._squares * memory + value**2
        self._age += live
        self._watched += live
        young = live & (self._age >= _FORTNIGHT) & (self._age <= _LAUNCH_DAYS)
        if young.any():
            week, earlier = slice(day - 6, day + 1), slice(day - 13, day - 6)
            now, before = panel.values[:, week].sum(1), panel.values[:, earlier].sum(1)
            if panel.exposure is not None:
                week_exposure, under_before = panel.exposure[:, week].sum(1), panel.exposure[:, earlier].sum(1)
                ratio = np.where(under_before > 0, week_exposure / np.where(under_before > 0, under_before, 1.0), 1.0)
                before = before * np.where(np.isnan(week_exposure), 1.0, ratio)
            chance = _LAUNCH_SURE * np.sqrt(unit * before)
            self._watched = np.where(young & (now > _LAUNCH * before + chance), _RESTART, self._watched)
