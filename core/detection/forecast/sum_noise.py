"""By how much sums over weeks scatter more than their single days lead one to expect: measured on the forecasts themselves.

Noise that lasts, and levels that wander faster than the model has it, hardly show from one day to the next. They show in sums:
each day the sums of the week and of the four weeks that end on it are held against what was foretold before they began. The
mean of their squared scores is what the variance of such sums is multiplied by: 1 where the forecast is right about itself
(variances of m-fold aggregates, as the batch means of Schmeiser 1982, Operations Research 30, calibrate a simulation's).
"""

from itertools import pairwise

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.forecast.state_space import WEEK

SPANS = (WEEK, 4 * WEEK)
"""Days of the sums that are held against their forecasts."""
_MEMORY = 0.99
"""As for the noise of days: a half-life of ten weeks."""
_PRIOR, _OWN = 8.0, 8.0
"""Windows, not overlapping, that a group must show before they weigh as much as the shorter span; and a series before it weighs
as much as its group. With 4 the two better weeks after a wave of late deliveries (Olist, January 2018) hid the next wave. The
series of a group share most of their shocks: n of them count as the root of n."""
_BOUND, _BOUNDED_SQUARE = 2.5, 0.978
"""Scores are drawn in to this, so that no promotion passes for noise; mean square of a normal number so drawn in."""
_LONGEST = 64


class SumNoise:
    """What is learnt of the sums of all series."""

    def __init__(self, group: Ints) -> None:
        self._group, self._groups = group, int(group.max(initial=-1)) + 1
        spans, series = len(SPANS), len(group)
        self._square, self._days = np.zeros((spans, series)), np.zeros((spans, series))
        self._group_square, self._group_days = np.zeros((spans, self._groups)), np.zeros((spans, self._groups))
        self._members = np.sqrt(np.bincount(group, minlength=self._groups))
        self._excess = np.zeros((spans, series))
        """Factor of each span, less that of the next shorter one."""

    def learn(self, span: int, scores: Floats, judged: Flags) -> None:
        """Take in the standardised errors of the sums of SPANS[span] days that end today, shape (series,).

        Only scores above 0 count, the better side, which has the spread of both: on the worse one a miss may be the very drop
        that is looked for, or a leak that has just begun. Counted on both sides, a leak of 5 % a week was never found.
        """
        judged = judged & (scores > 0)
        square = judged * np.minimum(scores, _BOUND) ** 2 / _BOUNDED_SQUARE * self.factor(SPANS[span])
        members = np.bincount(self._group, judged, self._groups)
        mean = np.bincount(self._group, square, self._groups) / np.maximum(members, 1)
        for total, today in (
            (self._square[span], square),
            (self._days[span], judged),
            (self._group_square[span], mean),
            (self._group_days[span], members > 0),
        ):
            total *= _MEMORY
            total += today
        if span == len(SPANS) - 1:
            self._weigh()

    def factor(self, days: Ints | int) -> Floats:
        """What the variance of sums over so many days is multiplied by; shape (..., series) or (series,)."""
        shares = _SHARES[:, np.minimum(days, _LONGEST)]
        week, month = (part * excess for part, excess in zip(shares, self._excess, strict=True))
        return np.asarray(1 + week + month)

    def _weigh(self) -> None:
        shorter_of_group, shorter = np.ones(self._groups), np.ones(len(self._group))
        for span, days in enumerate(SPANS):
            windows = self._group_days[span] * self._members / days
            of_group = (self._group_square[span] * self._members / days + _PRIOR * shorter_of_group) / (
                windows + _PRIOR
            )
            own = (self._square[span] / days + _OWN * of_group[self._group]) / (self._days[span] / days + _OWN)
            own = np.maximum(own, shorter)
            self._excess[span] = own - shorter
            shorter_of_group, shorter = np.maximum(of_group, shorter_of_group), own


def _shares() -> Floats:
    """How much of each span's excess sums over 0.._LONGEST days have: none at the span before, all from its own on."""
    log_days = np.log(np.maximum(np.arange(_LONGEST + 1), 1))
    ends = np.log((1, *SPANS))
    return np.stack([np.clip((log_days - a) / (b - a), 0, 1) for a, b in pairwise(ends)])


_SHARES = _shares()
