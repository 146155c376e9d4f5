"""Windows of days, for all series at once: what was expected before each began, and what came.

A window that begins on day s is compared with what was known at the end of day s - 1, so that a drop cannot hide in its own
baseline. Looking at all widths is the generalised likelihood ratio test for a change at an unknown day (Lorden 1971; Lai
1995, JRSS B 57), of which Page's CUSUM (1954) is the form with a known size.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.distributions import deviance_score, normal_score
from core.detection.forecast.residual_noise import ResidualNoise, persistence
from core.detection.forecast.state_space import (
    LEVEL,
    SLOPE,
    STATES,
    WEEK,
    WEEKDAY,
    LevelState,
    moved_by_trend,
    trend_days,
    weekday_share,
)

_LONGEST = 128
_TINY = 1e-12
_NEAR = 3.0
"""Standard deviations within which the score of a window decides nothing: the least that does is 3.6 (`drop_state.THRESHOLD`)."""


@dataclass(frozen=True, kw_only=True)
class WindowDays:
    """The days of windows, one of each series; shape (series, days), 0 on days outside."""

    expected: Floats
    actual: Floats
    exposure: Floats


class WindowSums:
    """Running sums of windows. Arrays have the axes (window, series)."""

    def __init__(self, windows: int, open_weekdays: Floats, worse: Floats, unlearnt: int = 0) -> None:
        """`open_weekdays`: on how many weekdays anything can come in, `worse`: as in a panel, shape (series,); `unlearnt`: days
        between what a window knows and its beginning."""
        shape = (windows, len(open_weekdays))
        self.unlearnt, self._worse = unlearnt, worse
        self._open_weekdays = open_weekdays
        self.began = np.full(shape, -1)
        """The day that it began on; -1 for one that is empty."""
        self.expected, self.actual, self.exposure = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.days = np.zeros(shape)
        """Days judged."""
        self._squares = np.zeros(shape)
        self._mean = np.zeros((windows, STATES, len(open_weekdays)))
        self._spread = np.zeros((4, *shape))
        self._wander, self._link, self._freedom = np.zeros((3, *shape))
        self._scatter = np.ones(shape)
        """`factor_of_best` of the noise when the window began."""
        self.reach = np.zeros((2, *shape))
        """Half-widths of intervals of days and weeks as they were when the window began: see Noise.reach."""
        self._persistence = persistence(_LONGEST)
        width = np.maximum(np.arange(_LONGEST + 1), 1)
        centre = (width - 1) / 2
        self._trend = trend_days((centre + unlearnt).astype(np.int64)) if unlearnt else centre
        """By width: days' worth of slope by which the middle of a window lies off ..."""
        self._wandered = unlearnt + centre * (2 * width - 1) / (3 * width)
        """... and by which its level has wandered."""

    def open(self, slot: int, day: int, state: LevelState, noise: ResidualNoise, ready: Flags) -> None:
        """In place of the window at `slot` one begins today, with what is known before today's values.

        It stays empty for series that are not `ready` (series,): nothing is known of them yet that it could be held against.
        """
        self.began[slot] = np.where(ready, day, -1)
        for sums in self._sums():
            sums[slot] = 0.0
        self._mean[slot], self._spread[:, slot], self._wander[slot] = state.mean, state.spread, state.wander
        self._link[slot], self._freedom[slot], self._scatter[slot] = noise.link, noise.days, noise.factor_of_best
        self.reach[:, slot] = noise.reach

    def adopt(self, other: "WindowSums", slot: Ints, who: Ints) -> None:
        """Take over, as the first window of these series, one window of each from elsewhere."""
        self.began[0, who] = other.began[slot, who]
        for mine, theirs in zip(self._sums(), other._sums(), strict=True):
            mine[0, who] = theirs[slot, who]
        self._mean[0][:, who] = other._mean[slot, :, who].T
        self._spread[:, 0, who] = other._spread[:, slot, who]
        for mine, theirs in zip(self._learnt(), other._learnt(), strict=True):
            mine[0, who] = theirs[slot, who]

    def open_late(self, slot: int, other: "WindowSums", from_slot: int) -> None:
        """In place of the window at `slot` one begins today with what was known when one elsewhere began, `unlearnt` days ago."""
        old = other.began[from_slot]
        self.began[slot] = np.where(old >= 0, old + self.unlearnt, -1)
        for sums in self._sums():
            sums[slot] = 0.0
        self._mean[slot], self._spread[:, slot] = other._mean[from_slot], other._spread[:, from_slot]
        for mine, theirs in zip(self._learnt(), other._learnt(), strict=True):
            mine[slot] = theirs[from_slot]

    def state(self, slot: Ints, who: Ints) -> LevelState:
        """What one window of each of some series (n,) knows, as it was when it was learnt."""
        return LevelState(self._mean[slot, :, who].T, self._spread[:, slot, who], self._wander[slot, who])

    def restart(self, who: Ints, began: Ints, state: LevelState, days: WindowDays) -> None:
        """Let the first window of some series (n,) begin on other days, with what was known then and these days in it."""
        self.began[0, who] = began
        self._mean[0][:, who], self._spread[:, 0, who], self._wander[0, who] = state.mean, state.spread, state.wander
        expected = days.expected
        sums = expected, days.actual, days.exposure, (expected > 0).astype(np.float64), expected**2
        for mine, by_day in zip(self._sums(), sums, strict=True):
            mine[0, who] = by_day.sum(1)

    def rates(self, day: int) -> Floats:
        """What each window's state of knowledge expects of one unit of exposure today; shape (windows, series)."""
        return _rate(self._mean, day - self.began + self.unlearnt, day, self._worse)

    def rates_at(self, slot: Ints | int, who: Ints, day: int) -> Floats:
        """The same of one window of each of some series, on any day; shape (n,)."""
        horizon = day - self.began[slot, who] + self.unlearnt
        return _rate(self._mean[slot, :, who], horizon, day, self._worse[who])

    def add(self, mean: Floats, actual: Floats, exposure: Floats, judged: Flags) -> None:
        """Count a day; all of shape (windows, series) or (series,)."""
        heed = (judged & (self.began >= 0)).astype(np.float64)
        self.expected += mean * heed
        self.actual += actual * heed
        self.exposure += exposure * heed
        self._squares += mean * mean * heed
        self.days += heed

    def variance(self, noise: ResidualNoise, slot: Ints, who: Ints) -> Floats:
        """The variance of the sums of windows, one of each of some series, relative to what is expected squared: noise, its
        persistence, and doubt of the baseline; shape (n,).

        The noise of events is that which was known when the window began: of what it has taught since, a rise passes for noise
        before it is clear. A large amount tells something of amounts, though, and makes no rise: with the noise of before, two of
        three workspaces had a critical finding of the amounts of a few refunds.
        """
        at = slot, who
        width = np.maximum(self.days[at], 1)
        whole = width.astype(np.int64)
        inverse = 1 / np.maximum(self.expected[at], _TINY)
        counting = noise.unit[who] * inverse
        daily = noise.extra[who] * self._squares[at] * inverse**2
        daily += counting
        daily *= np.where(noise.is_of_events[who], self._scatter[at], noise.factor_of_best[who])
        np.maximum(daily, counting * noise.plain[who], out=daily)
        daily *= 1 + self._link[at] * np.take(self._persistence, whole)
        daily += self._doubt(width, whole, at)
        return np.asarray(daily * noise.sums.factor(whole, who))

    def _doubt(self, width: Floats, whole: Ints, at: tuple[Ints, Ints]) -> Floats:
        """That of the baseline, by what was known of it; `width`, `whole`: days of the windows `at`."""
        trend = np.take(self._trend, whole)
        level, both, slope, week = (spread[at] for spread in self._spread)
        doubt: Floats = slope * trend
        doubt += 2 * both
        doubt *= trend
        doubt += level
        doubt += week * weekday_share(self._open_weekdays[at[1]], width)
        doubt += self._wander[at] * np.take(self._wandered, whole)
        return doubt

    def scores(self, noise: ResidualNoise, exact: Flags | None = None) -> tuple[Floats, Floats]:
        """Standard deviations between what came and what was expected, heavy tails allowed for, and the variance as above.

        Both are 0 where nothing was judged. What is not `exact`, of the shape of the windows (None: all is), and surely within
        three standard deviations, is 0 as well: the deviance of r, what came relative to what was expected, is at most
        (1 - r)^2 / min(r, 1).
        """
        judged = (self.expected > 0) & (self.days > 0)
        if exact is not None:
            judged &= exact | self._may_be_far(noise)
        at = np.nonzero(judged)
        expected, relative = self.expected[at], np.maximum(self.variance(noise, *at), 1e-9)
        raw = deviance_score(self.actual[at], expected, relative * expected**2, noise.lump[at[1]])
        scores, variance = np.zeros((2, *self.days.shape))
        freedom = noise.freedom(at[1], self._freedom[at], self.exposure[at])
        scores[at], variance[at] = normal_score(raw, freedom), relative
        return scores, variance

    def _may_be_far(self, noise: ResidualNoise) -> Flags:
        """Which windows may be further off than three standard deviations, by the noise of independent days alone."""
        least = noise.extra * self._squares
        least += noise.unit * self.expected
        least *= np.minimum(self.actual, self.expected)
        least *= np.where(noise.is_of_events, self._scatter, noise.factor_of_best)
        least *= _NEAR**2 * noise.sums.least_factor
        away = self.actual - self.expected
        away *= away
        away *= self.expected
        return np.asarray(away >= least)

    def depth(self, slot: Ints | int = 0) -> Floats:
        """actual / expected - 1 of one window of each series: `slot` (series,), or the same of all; shape (series,)."""
        every = np.arange(self.days.shape[1])
        return np.asarray(self.actual[slot, every] / np.maximum(self.expected[slot, every], _TINY) - 1)

    def before_first(self, who: Ints, day: int) -> Floats:
        """The mean (STATES, n) that series had before their first window began, carried forward to today."""
        mean: Floats = self._mean[0][:, who]
        mean[LEVEL] += moved_by_trend(mean[SLOPE], day - self.began[0, who], self._worse[who])
        return mean

    def forget(self, who: Ints) -> None:
        """Close all windows of some series: what is in them is over and reported; new ones begin with the next day."""
        self.began[:, who] = -1
        for sums in self._sums():
            sums[:, who] = 0.0

    def _sums(self) -> tuple[Floats, ...]:
        return self.expected, self.actual, self.exposure, self.days, self._squares

    def _learnt(self) -> tuple[Floats, ...]:
        return self._wander, self._link, self._freedom, self._scatter, *self.reach


def _rate(mean: Floats, horizon: Ints, day: int, worse: Floats) -> Floats:
    """The rate on a day by means of shape (windows, STATES, series) or (n, STATES) that are `horizon` days old."""
    trend = moved_by_trend(mean[:, SLOPE], horizon, worse)
    log_rate = mean[:, LEVEL] + trend + mean[:, WEEKDAY + day % WEEK]
    return np.asarray(np.exp(log_rate))
