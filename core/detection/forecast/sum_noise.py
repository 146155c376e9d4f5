"""By how much sums over weeks scatter more than their single days lead one to expect: measured on the forecasts themselves.

Noise that lasts, and levels that wander faster than the model has it, hardly show from one day to the next. They show in sums:
each day the sums of the week and of the four weeks that end on it are compared with what was forecast before they began. The
mean of their squared scores is what the variance of such sums is multiplied by: 1 where the forecast is right about itself
(variances of m-fold aggregates, as the batch means of Schmeiser 1982, Operations Research 30, calibrate a simulation's). It is
less than 1 where the forecast doubts itself too much: of ratios and of small segments, whose scores would be a fifth too small.
"""

from itertools import pairwise

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.distributions import Z95, student_reach
from core.detection.forecast.state_space import WEEK

SPANS = np.array([WEEK, 4 * WEEK])
"""Days of the sums that are compared with their forecasts."""
_MEMORY = 0.99
"""As for the noise of days: a half-life of ten weeks."""
_PRIOR, _OWN = 8.0, 8.0
"""Windows, not overlapping, that a group must show before they weigh as much as the shorter span; and a series before it
weighs as much as its group. With 4 the two better weeks after a wave of late deliveries hid the next wave
(tests/detection/test_real.py). The series of a group share most of their shocks: n of them count as the root of n."""
_PROVEN = 20.0
"""The same for less scatter than the days say, which ratios and small segments of large groups have (sd of their scores of a
week: .87 to .91). With 8, short pasts passed for calm, and shops with lasting noise in which nothing happens had three times
as many findings; at 20 as many as without."""
_BOUND, _BOUNDED_SQUARE = 2.5, 0.978
"""Scores are drawn in to this, so that no promotion passes for noise; mean square of a normal number so drawn in."""
_LONGEST = 64
_NOTHING = 1e-12
_UNPROVEN, _UNPROVEN_WINDOWS = 2.0, 4.0
"""What an interval takes the variance of a week's sum to be multiplied by before a series has shown any, and the weeks that this
is worth. Shocks last for days and levels wander, and a short past shows little of either: without `widening`, 95 % intervals of
such series held .83 to .88 of the weeks after 62 to 100 days (calm ones .89 to .92), with it .90 to .95 (calm ones .96 to .98:
`bench/detect.py`, series by themselves). A detector cannot wait for proof, and goes without."""


class SumNoise:
    """What is learnt of the sums of all series."""

    def __init__(self, group: Ints) -> None:
        self._group, self._members = group, np.sqrt(np.bincount(group))
        self._groups = len(self._members)
        spans, series = len(SPANS), len(group)
        self._square, self._days = np.zeros((spans, series)), np.zeros((spans, series))
        self._group_square, self._group_days = np.zeros((2, spans, self._groups)), np.zeros((2, spans, self._groups))
        """Of small series and of large ones: each counts as large by its share of the whole, and as small by the remainder."""
        self._largeness = np.zeros(series)
        self._excess = np.zeros((spans, series))
        """Factor of each span, less that of the next shorter one."""

    def learn(self, scores: Floats, judged: Flags, size: Floats) -> None:
        """Take in the errors of the sums of SPANS days that end today, standardised, where they are `judged`; (spans, series).

        `size`: what is expected of a week of each series, shape (series,). What happens to all of a shop lasts, and large
        segments hardly have other noise: their noise is learnt from one another, that of small ones from their whole group.

        Only scores above 0 count, the better side, which has the spread of both: on the worse one a miss may be the very drop
        that is looked for, or a leak that has just begun. Counted on both sides, a leak of 5 % a week is lost
        (tests/detection/detector/test_regularity.py).
        """
        judged = judged & (scores > 0)
        square = judged * np.minimum(scores, _BOUND) ** 2 / _BOUNDED_SQUARE * (1 + np.cumsum(self._excess, 0))
        share = self._share(size)
        self._largeness = np.sqrt(share)
        self._square = self._square * _MEMORY + square
        self._days = self._days * _MEMORY + judged
        self._group_square *= _MEMORY
        self._group_days *= _MEMORY
        for index, weight in enumerate((1 - share, share)):
            members = self._by_group(judged * weight)
            effective = np.sqrt(members**2 / np.maximum(self._by_group(judged * weight**2), _NOTHING))
            self._group_square[index] += effective * self._by_group(square * weight) / np.maximum(members, _NOTHING)
            self._group_days[index] += effective
        self._weigh()

    def _share(self, size: Floats) -> Floats:
        """The share of each series in the largest one of its group, which is the whole; shape (series,)."""
        largest = np.full(self._groups, _NOTHING)
        np.maximum.at(largest, self._group, size)
        return np.asarray(size / largest[self._group])

    def _by_group(self, values: Floats | Flags) -> Floats:
        """Sums over the series of each group, shape (spans, groups)."""
        spans = len(SPANS)
        cell = self._group + self._groups * np.arange(spans)[:, None]
        sums = np.bincount(cell.ravel(), values.ravel(), self._groups * spans)
        return np.asarray(sums.reshape(spans, self._groups), np.float64)

    def factor(self, days: Ints | int, who: Ints | slice = slice(None)) -> Floats:
        """What the variance of sums over so many days is multiplied by; shape (..., series of `who`) or (series,)."""
        factor = np.take(_SHARES[0], days, mode="clip") * self._excess[0, who]  # a third of the time of an index
        factor += np.take(_SHARES[1], days, mode="clip") * self._excess[1, who]
        factor += 1
        return np.asarray(factor)

    @property
    def least_factor(self) -> Floats:
        """What the factor of any sum is at least, shape (series,)."""
        return np.asarray(1 + np.minimum(self._excess, 0).sum(0))

    def widening(self, days: int, counting: Floats) -> Floats:
        """What the half-width of an interval around a sum over so many days is multiplied by, shape (series,).

        The factor itself is only estimated, from few windows that do not overlap: its prior is that of what shops sell, and what
        is estimated has the tails of Student's distribution. Counting does not last from day to day, and days tell it well:
        `counting`, shape (series,), is its share of the variance, and only the remainder is estimated from few windows
        (degrees of freedom of a sum of variances: Satterthwaite 1946, Biometrics Bulletin 2).
        """
        others = (1 - 1 / np.maximum(self._members, 1)) / SPANS[:, None]
        group_windows, group_squares = self._group_days.sum(0) * others, self._group_square.sum(0) * others
        windows, squares = self._days / SPANS[:, None], self._square / SPANS[:, None]
        heed = np.minimum(group_windows + _UNPROVEN_WINDOWS, _OWN)[:, self._group]
        factor, prior, shorter = np.ones(len(self._group)), np.full(self._groups, _UNPROVEN), np.ones(len(self._group))
        for span, share in enumerate(_SHARES[:, min(days, _LONGEST)]):
            prior = (group_squares[span] + _UNPROVEN_WINDOWS * prior) / (group_windows[span] + _UNPROVEN_WINDOWS)
            own = (squares[span] + heed[span] * prior[self._group]) / (windows[span] + heed[span])
            own = np.maximum(own, shorter) if span else own
            factor += share * (own - shorter)
            shorter = own
        weeks = max(min(days, _LONGEST) / WEEK, 1.0)  # of longer windows the past holds fewer
        # only half of the windows are counted; series of a group differ: it tells of each of them no more than it weighs
        freedom = (
            2 * self._days[0] / min(days, _LONGEST)
            + np.minimum(group_windows[0] / weeks + _UNPROVEN_WINDOWS, _OWN)[self._group]
        )
        # doubted as a whole, 95 % ranges of orders per session held all fortnights after 65 days; so .98, and a fifth narrower
        freedom /= np.maximum((1 - counting) ** 2, _NOTHING)
        cautious = 1 + np.maximum(factor / self.factor(days) - 1, 0) * (1 - counting)
        return np.asarray(np.sqrt(cautious) * student_reach(freedom) / Z95)

    def _weigh(self) -> None:
        """From what was measured to factors: a group's from that of its shorter span, a series' from its group's."""
        shorter, of_group = np.ones(len(self._group)), np.ones((2, self._groups))
        for span, days in enumerate(SPANS):
            squares, windows = self._group_square[:, span] / days, self._group_days[:, span] / days
            wider = (squares + _PRIOR * of_group) / (windows + _PRIOR)
            narrower = (squares + _PROVEN) / (windows + _PROVEN)
            of_group = np.maximum(wider, np.minimum(narrower, 1))
            small, large = of_group[:, self._group]
            prior = small + self._largeness * (large - small)
            own = (self._square[span] / days + _OWN * prior) / (self._days[span] / days + _OWN)
            # noise that lasts shows the more the longer sums are; a calm past of one series alone is luck
            factor = np.maximum(own, np.minimum(prior, 1))
            factor = np.maximum(factor, shorter) if span else factor
            self._excess[span], shorter = factor - shorter, factor


def _shares() -> Floats:
    """How much of each span's excess sums over 0.._LONGEST days have: none at the span before, all from its own on."""
    log_days = np.log(np.maximum(np.arange(_LONGEST + 1), 1))
    ends = np.log([1, *SPANS])
    return np.stack([np.clip((log_days - a) / (b - a), 0, 1) for a, b in pairwise(ends)])


_SHARES = _shares()
