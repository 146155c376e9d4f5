"""What is normal for each of many daily series, learnt day by day: a dynamic generalised linear model for all of them at once.

For a series on a day:   y ~ exposure x exp(level + weekday),   and the level moves by a slope that itself may change.
The exposure is 1 for a sum and the denominator for a ratio, so that a ratio's day weighs as much as its denominator. The
state learns from the working residual (y - mean) / mean, which zeros have too, so that counts stay counts.

Sources: West, Harrison & Migon 1985, "Dynamic generalized linear models and Bayesian forecasting", JASA 80 (the filter);
West & Harrison 1986, "Monitoring and adaptation in Bayesian forecasting models", JASA 81 (setting the state back, or letting
it jump, when something unusual is on); Raftery, Karny & Ettler 2010, Technometrics 52 (several speeds side by side, each
series trusting the one that has forecast it best).
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints

WEEK = 7
LEVEL, SLOPE, WEEKDAY = 0, 1, 2
STATES = WEEKDAY + WEEK

SPEEDS = (0.0005, 0.03, 0.3)
"""Variance that the level gains a day, relative to the variance of a day's noise: steady, wandering, restless."""
_NOISE_MOST = 0.01
"""... of which no more than this counts: rare events are noisy, but what they come of does not wander for that. At 0.1 the
restless level of a rate of five events a day walked 17 % a day, and the doubt of it hid a rate that had trebled for weeks."""
_SLOPE_PRIOR = 0.002
"""Standard deviation of the slope before any data, in log units a day: 6 % a month."""
_SLOPE_WANDER = 2e-5
_WEEK_PRIOR = 0.3
"""Standard deviation of the weekday effects before any data, in log units."""
_WEEK_WANDER = 0.001
_UNSURE = 1.0
"""Variance of the log level of a series that has just begun."""
_HANDICAP = (0.0, 3.0, 5.0)
"""By how much (log likelihood) a faster speed must foretell better: most series are steady, and speed blinds to drops."""
_MEMORY = 0.98
"""How much of yesterday's score counts today when the speeds are compared."""

_TREND_KEPT = 0.95
"""What is left of a trend from one forecast day to the next: far ahead, trends flatten (Gardner & McKenzie 1985, Management
Science 31). Levels that walk at random look like trends: undamped, a slope of .45 % a day that was learnt from such a walk
would be a rise of 17 % over five weeks."""
_DECLINE_KEPT = 0.995
"""... of one for the worse: a line that declines anyway goes on doing so. Of simulated lines that fall by .2, .3 and .4 % a day,
1 to 2 % of quiet days are in a drop (with trends that flatten 16, 20, 26); of steps by 15 % in them .95 are seen (.83), of falls
in steady and wandering lines, and of leaks, as many as before; intervals of 60 such days hold in .98 of cases (.66)."""
_LOWEST_STEP = -0.95


_FLAT = 1023
"""Days ahead after which a trend has moved a level as far as it ever will; one that goes on lacks .6 % of that."""
_TREND_DAYS = np.concatenate([(1 - kept ** np.arange(_FLAT + 1)) / (1 - kept) for kept in (_TREND_KEPT, _DECLINE_KEPT)])
"""Looked up, for they are the same for thousands of series: trends that flatten, then those that go on."""


def trend_days(horizon: Ints, is_decline: Flags | bool = False) -> Floats:
    """Days' worth of today's slope by which the level is expected to have moved after so many days, 0 or more; of shapes that
    broadcast.

    >>> trend_days(np.array([0, 1, 28])).round(2).tolist()
    [0.0, 1.0, 15.24]
    >>> trend_days(np.array([0, 1, 28]), True).round(2).tolist()
    [0.0, 1.0, 26.19]
    """
    return np.asarray(_TREND_DAYS[np.minimum(horizon, _FLAT) + (_FLAT + 1) * np.asarray(is_decline)])


def moved_by_trend(slope: Floats, horizon: Ints, worse: Floats) -> Floats:
    """How far (log) a level is expected to have moved after so many days; `worse`: -1 where falling is worse, else 1."""
    return slope * trend_days(horizon, slope * worse > 0)


def weekday_share(open_weekdays: Floats, days: Floats) -> Floats:
    """How much of the variance of a weekday's effect is left in the mean of so many open days; none in that of a whole week."""
    return np.asarray(np.maximum(open_weekdays - days, 0) / np.maximum(open_weekdays - 1, 1) / days)


@dataclass(frozen=True, slots=True)
class LevelState:
    """What the best speed of each series knows at the start of a day."""

    mean: Floats
    """shape (STATES, series)."""
    spread: Floats
    """Variance of the level, covariance of level and slope, variance of the slope, mean variance of a weekday: (4, series)."""
    wander: Floats
    """Variance that the level gains a day, shape (series,)."""

    def after(self, days: Ints, worse: Floats) -> "LevelState":
        """The same so many days later, when nothing was learnt in them; both of shape (series,), `worse` as in a panel."""
        declines = self.mean[SLOPE] * worse > 0
        trend, kept = trend_days(days, declines), np.where(declines, _DECLINE_KEPT, _TREND_KEPT) ** days
        mean = self.mean.copy()
        mean[LEVEL] += mean[SLOPE] * trend
        mean[SLOPE] *= kept
        level, both, slope, week = self.spread
        level = level + 2 * both * trend + slope * trend**2 + self.wander * days
        return LevelState(mean, np.stack([level, (both + slope * trend) * kept, slope * kept**2, week]), self.wander)


class StateSpace:
    """The state of all series, at every speed. Arrays end with the axes (speed, series)."""

    def __init__(self, is_open: Flags) -> None:
        """`is_open`: on which weekdays (column modulo 7) anything can come in, shape (WEEK, series)."""
        series = is_open.shape[1]
        self._open_weekdays = np.maximum(is_open.sum(0), 1)
        self._centred = _centred(is_open)[:, :, None]
        self._week_wander = _WEEK_WANDER**2 * self._centred
        self.mean = np.zeros((STATES, len(SPEEDS), series))
        self.cov = np.zeros((STATES, STATES, len(SPEEDS), series))
        self.wander = np.zeros((len(SPEEDS), series))
        self.score = np.zeros((len(SPEEDS), series))
        self.best = np.zeros(series, np.int64)
        self._all = np.arange(series)

    def begin(self, who: Ints, level: Floats) -> None:
        """Start these series at a log level, knowing nothing else of them."""
        self.mean[:, :, who] = 0.0
        self.mean[LEVEL, :, who] = level[:, None]
        self.cov[..., who] = 0.0
        self.cov[LEVEL, LEVEL, :, who] = _UNSURE
        self.cov[SLOPE, SLOPE, :, who] = _SLOPE_PRIOR**2
        self.cov[WEEKDAY:, WEEKDAY:, :, who] = _WEEK_PRIOR**2 * self._centred[..., who]
        self.score[:, who] = 0.0

    def step(self, noise: Floats) -> None:
        """A day passes. `noise`: relative variance of a usual day, shape (speeds, series)."""
        self.mean[LEVEL] += self.mean[SLOPE]
        self.cov[LEVEL] += self.cov[SLOPE]
        self.cov[:, LEVEL] += self.cov[:, SLOPE]
        self.wander = np.array(SPEEDS)[:, None] * np.minimum(noise, _NOISE_MOST)
        self.cov[LEVEL, LEVEL] += self.wander
        self.cov[SLOPE, SLOPE] += _SLOPE_WANDER**2
        self.cov[WEEKDAY:, WEEKDAY:] += self._week_wander

    def log_mean(self, weekday: int) -> Floats:
        """Log of what one unit of exposure brings today; shape (speeds, series)."""
        return np.asarray(self.mean[LEVEL] + self.mean[WEEKDAY + weekday])

    def doubt(self, weekday: int) -> Floats:
        """The variance of `log_mean`."""
        day = WEEKDAY + weekday
        return np.asarray(np.maximum(self.cov[LEVEL, LEVEL] + 2 * self.cov[LEVEL, day] + self.cov[day, day], 0.0))

    def chosen(self, values: Floats) -> Floats:
        """Of an array (..., speeds, series) the best speed of each series."""
        return values[..., self.best, self._all]

    def state(self) -> LevelState:
        """What the best speed of each series knows."""
        cov = self.cov
        weekday = cov[WEEKDAY:, WEEKDAY:].trace(axis1=0, axis2=1) / self._open_weekdays
        parts = [cov[LEVEL, LEVEL], cov[LEVEL, SLOPE], cov[SLOPE, SLOPE], weekday]
        return LevelState(
            self.chosen(self.mean), np.stack([self.chosen(part) for part in parts]), self.chosen(self.wander)
        )

    def outlook(self) -> LevelState:
        """What will be known at the start of the next day, if nothing but time passes."""
        now, mean = self.state(), self.chosen(self.mean).copy()
        mean[LEVEL] += mean[SLOPE]
        level, both, slope, week = now.spread
        spread = np.stack([level + 2 * both + slope + now.wander, both + slope, slope, week])
        return LevelState(mean, spread, now.wander)

    def learn(self, weekday: int, residual: Floats, noise: Floats, weight: Floats) -> None:
        """Take in a day's relative residuals (speeds, series), their variance, and a weight each from 0 (not at all) to 1."""
        gain = self.cov[:, LEVEL] + self.cov[:, WEEKDAY + weekday]
        doubt = np.maximum(gain[LEVEL] + gain[WEEKDAY + weekday], 1e-12)
        heed = (weight > 0) / (doubt + noise / np.maximum(weight, 1e-9))
        # The exact step for counts whose mean is gamma distributed: it neither overshoots nor falls to nothing on zeros.
        self.mean += gain * (np.log1p(np.maximum(doubt * heed * residual, _LOWEST_STEP)) / doubt)
        heeded = gain * heed
        for row, own in zip(self.cov, gain, strict=True):  # one by one, they stay in the processor's cache
            row -= own * heeded

    def compare(self, residual: Floats, variance: Floats, heeded: Flags) -> None:
        """Let the speeds compete: log predictive density of a day's residuals, bounded, with old days forgotten."""
        bounded = np.minimum(residual**2 / variance, 3.5**2)
        self.score += heeded * (-np.log(variance) / 2 - bounded / 2 - (1 - _MEMORY) * self.score)
        handicapped = self.score - np.array(_HANDICAP)[:, None]
        self.best = handicapped.argmax(0)

    def set_back(self, who: Ints, mean: Floats) -> None:
        """Give these series a mean (STATES, n) that they had before: what came since was not normal."""
        self.mean[:, :, who] = mean[:, None, :]

    def doubt_level(self, who: Ints, change: Floats) -> None:
        """The level of these series may have changed by this much (log) for good: it is learnt again."""
        room = np.maximum(_UNSURE - self.cov[LEVEL, LEVEL, :, who], 0.0)
        self.cov[LEVEL, LEVEL, :, who] += np.minimum(change[:, None] ** 2 / 4, room)


def _centred(is_open: Flags) -> Floats:
    """Covariance of the effects of open weekdays that add up to zero; of others there is none. Shape (WEEK, WEEK, series)."""
    both = is_open[:, None] & is_open[None]
    own = both & np.eye(WEEK, dtype=bool)[..., None]
    return np.asarray(own - both / np.maximum(is_open.sum(0), 1))
