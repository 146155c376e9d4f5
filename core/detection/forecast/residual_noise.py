"""How much a day scatters around what is normal: learnt for each series, helped by the others of its group.

The relative variance of a day is  factor x (unit / mean + extra):  `unit` is what counting gives (1 for Poisson counts; learnt
for amounts and ratios), `extra` is what is left however much there is to count (negative binomial: Cameron & Trivedi 1986,
J. Appl. Econometrics 1). Both are shared by a group, the factor is the series' own, drawn towards 1 while it is young.
"""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.distributions import Z95
from core.detection.forecast.panel import Panel
from core.detection.forecast.state_space import WEEK
from core.detection.forecast.sum_noise import SumNoise

_MEMORY = 0.99
"""How much of yesterday's evidence counts today: a half-life of ten weeks."""
_OWN = 10.0
"""Days that a series must show before its own factor weighs as much as the group's."""
_FIRST_DAYS = 5.0
"""What the differences between the first two weeks count for, in days of evidence: seven of them, each of two days."""
_EXTRA_FIRST, _EXTRA_DAYS = 0.01, 6.0
"""What is left of the relative variance before any data, and the days that this is worth. With 20 days a series by itself was
taken for half as noisy again as it was after 28 to 45 days; of falls of 15 % in one day it showed .14 to .23 after 28 days and
.43 to .78 after 45 (with 6 days .26 to .58 and .50 to .84), at 95 % intervals that held .96 to 1.00 of the days (now .94 to .99).
With 4 days, they held .94 of lasting noise."""
_EXTRA_HEED = 0.002
"""Large series all weigh about the same, so that one very large one does not speak for its group."""
_FADE = 0.4
"""What is left of a day's disturbance on the next one, from the second day on (an ARMA(1,1) correlogram)."""
_PRIOR_FREEDOM = 10.0
"""Days of evidence that scores are taken to rest on beyond those of a series."""
_LEAST_OWN = 0.25
"""At least this share of a squared residual is the day's own: the doubt that priors bring is often too large."""
_LEAST_DAY = 1e-9
"""A mean of a day that stands for none: what is divided by it stays finite."""
_LINK_DAYS = 20.0
_LINK_MOST = 0.6
_BOUND = 3.0
_BOUNDED_VARIANCE = 0.985
"""Variance of a standard normal number that is drawn in to +-3, a little less for the tails that real days have."""
_FEW_EMPTY = 2.0
"""Days without anything that a closure or an outage may explain: beyond them, they are how the series comes in."""
_HARDLY = 1e-3
"""Keeps the logarithm of a share of empty days that is 0 or 1."""

_PACE = 0.25
"""How fast the intervals follow their own hits and misses (Gibbs & Candes 2021, "Adaptive conformal inference", NeurIPS)."""
_REACH = (1.0, 6.0)
_YOUNG_DAYS, _OLD_DAYS = 50.0, 75.0
"""Days of evidence (after 70 and 140 days) up to which weeks are followed at full pace, each of the seven weeks that hold a bad
day being a miss, and from which on at a seventh of it. The seventh alone covered .88 to .90 of the weeks after 70 days of lasting
noise (full pace .93); full pace alone made intervals after 150 days a quarter to a third wider, at .98: of falls of 15 % they
showed .56 of those that the seventh shows .79 of."""


class ResidualNoise:
    """What is learnt of the noise of all series. Arrays end with the axes (speeds, series)."""

    def __init__(self, panel: Panel, speeds: int) -> None:
        series = len(panel.values)
        self._group = panel.group
        members = np.bincount(panel.group)
        self._groups = len(members)
        self.plain = panel.counts
        """Whether a series counts one by one, shape (series,)."""
        self.is_of_events = panel.event > 0
        """Whether it counts events, by themselves or of others, and no amounts."""
        self._is_mean = (panel.event == 0) & (panel.trial > 0)
        """Whether it is a mean of amounts, such as the hours of deliveries."""
        self.factor = np.ones((speeds, series))
        self._square, self._telling = np.zeros((2, speeds, series))
        """Squares and days of which they are the mean, each weighed by how much of a residual is the day's own noise."""
        self.factor_of_best = np.ones(series)
        self._slow_week, self._fast_week = np.full((2, series), Z95)
        self.reach = np.full((2, series), Z95)
        """Half-width of intervals that have held 95 % of the days, and of the weeks, of late, in standard deviations."""
        self.days = np.zeros(series)
        """Days of evidence that each series has shown of late."""
        self.sums = SumNoise(panel.group)
        """By how much sums over several days scatter more."""
        self._moments = np.zeros((5, self._groups))
        self._natural = np.bincount(panel.group, panel.event) / np.maximum(members, 1)
        self._unit = self._natural.copy()
        self._extra = np.full(self._groups, _EXTRA_FIRST)
        self._lag, self._last = np.zeros(series), np.zeros(series)
        self._live, self._empty, self._sum, self._lump = np.zeros((4, series))
        self._lag_group, self._days_group = np.full(self._groups, 10.0), np.full(self._groups, 50.0)

    def begin(self, who: Ints, mean: Floats, square: Floats) -> None:
        """Let series begin with the noise of their first two weeks: mean of a day and relative variance (n,), nan if unknown."""
        finite = np.flatnonzero(np.isfinite(square))
        who, mean, square = who[finite], mean[finite], square[finite]
        every, of_every = np.full(len(self.days), 1.0), np.zeros(len(self.days))
        every[who], of_every[who] = mean, square
        heed = np.zeros(len(self.days))
        heed[who] = _FIRST_DAYS
        self._learn_group(every, of_every, np.maximum(of_every, _EXTRA_FIRST), heed)
        self._square[:, who] = _FIRST_DAYS * square / (self.unit[who] / mean + self.extra[who])
        self.days[who] = self._telling[:, who] = _FIRST_DAYS
        self.factor = (self._square + _OWN) / (self._telling + _OWN)

    def freedom(self, who: Ints, days: Floats, exposure: Floats) -> Floats:
        """Degrees of freedom of the scores of windows of some series, by days of evidence and the windows' exposure; shape (n,).

        A mean of a few amounts is as far from normal as these are: five late ones of nine deliveries came once in 27,000 windows
        of nine by chance, and passed for one in ten million. It has no more degrees than it has amounts.
        """
        known = days + _PRIOR_FREEDOM
        return np.where(self._is_mean[who], np.minimum(known, exposure), known)

    @property
    def unit(self) -> Floats:
        """What counting gives, shape (series,)."""
        return self._unit[self._group]

    @property
    def lump(self) -> Floats:
        """What counting gives where a series comes in lumps, such as a seller's single rows of traffic, shape (series,).

        Days without anything tell how many lumps a day has (as Poisson counts), and so how large one is; where there are hardly
        any it is the unit. It says how far down chance takes a sum: the gamma law of a continuous sum puts next to no
        probability on the days of nothing that such series have every week.
        """
        return np.asarray(np.maximum(self.unit, self._lump))

    def count(self, values: Floats, heeded: Flags) -> None:
        """Take in what came on a day, shape (series,), where it was an ordinary one."""
        self._live = self._live * _MEMORY + heeded
        self._empty = self._empty * _MEMORY + heeded * (values <= 0)
        self._sum = self._sum * _MEMORY + heeded * values
        live = np.maximum(self._live, _FEW_EMPTY)  # else there is no lump
        rate = -np.log(np.clip((self._empty - _FEW_EMPTY) / live, _HARDLY, 1 - _HARDLY))
        self._lump = np.where(self._empty > _FEW_EMPTY, self._sum / live / rate, 0.0)

    @property
    def extra(self) -> Floats:
        """What is left however much there is to count, shape (series,)."""
        return self._extra[self._group]

    @property
    def link(self) -> Floats:
        """Correlation of a day with the next, shape (series,)."""
        pooled = np.clip(self._lag_group / self._days_group, 0, _LINK_MOST)[self._group]
        return np.asarray(np.clip((self._lag + pooled * _LINK_DAYS) / (self.days + _LINK_DAYS), 0, _LINK_MOST))

    def daily(self, mean: Floats) -> Floats:
        """The relative variance of a day with this mean; shapes (..., speeds, series)."""
        counting = self.unit / mean
        return np.asarray(np.maximum(self.factor * (counting + self.extra), np.where(self.plain, counting, 0.0)))

    def scatter(self, mean: Floats) -> Floats:
        """The same at the best speed, for several days ahead: mean of shape (series, days)."""
        return self.scatter_of(np.arange(len(mean)), mean)

    def scatter_of(self, who: Ints, mean: Floats) -> Floats:
        """The same of some series: mean of shape (n, days)."""
        counting = self.unit[who, None] / mean
        wide = self.factor_of_best[who, None] * (counting + self.extra[who, None])
        return np.asarray(np.maximum(wide, np.where(self.plain[who, None], counting, 0.0)))

    def learn(self, mean: Floats, residual: Floats, doubt: Floats, heeded: Flags, best: Ints) -> None:
        """Take in a day: means, relative residuals and variances of what was expected, at every speed (speeds, series).

        `best` picks the best speed of each series; `heeded` (series,) says whose day was an ordinary one.
        """
        base = self.unit / mean + self.extra
        daily = self.daily(mean)
        bound = _BOUND * np.sqrt(doubt + daily)
        square = np.minimum(residual**2, bound**2) / _BOUNDED_VARIANCE
        own = np.maximum(square - doubt, square * _LEAST_OWN)
        heed = heeded.astype(np.float64)
        telling = heed * (daily / (doubt + daily)) ** 2
        self._square = self._square * _MEMORY + telling * own / base
        self._telling = self._telling * _MEMORY + telling
        self.days = self.days * _MEMORY + heed
        self.factor = (self._square + _OWN) / (self._telling + _OWN)
        pick = (best, np.arange(len(heed)))
        self.factor_of_best = self.factor[pick]
        self._learn_group(mean[pick], own[pick], doubt[pick], heed)
        self._learn_link(np.clip(residual, -bound, bound)[pick] / (bound[pick] / _BOUND), heed)

    def check(self, span: int, inside: Flags, judged: Flags) -> None:
        """Widen the intervals of series whose day (span 0) or week (1) fell outside, narrow them a little elsewhere."""
        step = judged * _PACE * (~inside - 0.05)
        young = np.clip((_OLD_DAYS - self.days) / (_OLD_DAYS - _YOUNG_DAYS), 0, 1)
        if span == 0:
            least, most = _REACH
            self.reach[0] = np.clip(self.reach[0] + step, least + young * (Z95 - least), most)
            return
        self._fast_week = np.clip(self._fast_week + step, *_REACH)
        self._slow_week = np.clip(self._slow_week + step / WEEK, *_REACH)
        self.reach[1] = self._slow_week + young * (self._fast_week - self._slow_week)

    def _learn_group(self, mean: Floats, square: Floats, doubt: Floats, heed: Floats) -> None:
        """Least squares of squared residuals on 1/mean and 1, each group for itself; counts keep the unit 1."""
        inverse = 1 / mean
        weight = heed / (self.unit * inverse + np.maximum(self.extra, _EXTRA_HEED) + doubt) ** 2
        sums = [weight * inverse * inverse, weight * inverse, weight, weight * inverse * square, weight * square]
        self._moments *= _MEMORY
        for row, values in zip(self._moments, sums, strict=True):
            row += np.bincount(self._group, values)
        xx, x1, ones, xy, y1 = self._moments
        hold = _EXTRA_DAYS / _EXTRA_FIRST**2
        ones, y1 = ones + hold, y1 + hold * _EXTRA_FIRST
        plain = np.bincount(self._group, self.plain) > 0
        spread = xx * ones - x1 * x1
        free = np.where(spread > 1e-6 * xx * ones, (xy * ones - x1 * y1) / np.maximum(spread, 1e-300), self._natural)
        self._unit = np.where(plain, 1.0, np.clip(free, 0, None))
        self._extra = np.maximum((y1 - self._unit * x1) / ones, 1e-5)

    def _learn_link(self, score: Floats, heed: Floats) -> None:
        both = heed * (self._last != 0)
        product = both * score * self._last
        self._lag = self._lag * _MEMORY + product
        self._lag_group = self._lag_group * _MEMORY + np.bincount(self._group, product)
        self._days_group = self._days_group * _MEMORY + np.bincount(self._group, both)
        self._last = score * heed


def first_scatter(values: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Mean of a day, and relative variance between the same weekdays of two weeks; shapes (series, days) in, (series,) out."""
    half = max(values.shape[1] - WEEK, 0)
    open_days = np.maximum((exposure > 0).sum(1), 1)
    usual = np.maximum(values.sum(1) / open_days, _LEAST_DAY)
    rates = values / np.where(exposure > 0, exposure, 1.0) * (exposure.sum(1) / open_days / usual)[:, None]
    both = (exposure[:, :half] > 0) & (exposure[:, WEEK:] > 0)
    squares = np.where(both, (rates[:, WEEK:] - rates[:, :half]) ** 2 / 2, 0.0)
    return usual, np.where(both.any(1), squares.sum(1) / np.maximum(both.sum(1), 1), np.nan)


def reach_over(reach: Floats, days: Floats | float) -> Floats:
    """Half-width of the interval of a sum of so many days, from those of days and weeks: reach of shape (2, ...)."""
    weekly = np.minimum(np.log(np.maximum(days, 1.0)) / np.log(7.0), 1.0)
    return np.asarray(reach[0] + weekly * (reach[1] - reach[0]))


def persistence(days: int) -> Floats:
    """For sums over 0..days days: by how much a link of 1 between neighbours widens their variance.

    Variance of a sum of w days = w x variance of a day x (1 + link x persistence[w]).
    """
    widths = np.arange(days + 1)
    lags = np.arange(1, days + 1)
    share = np.clip(1 - lags[None, :] / np.maximum(widths[:, None], 1), 0, None)
    return np.asarray(2 * (share * _FADE ** (lags - 1)).sum(1))


LASTING = 2 / (1 - _FADE)
"""The same for endless sums: what one day's noise weighs in the long run."""
