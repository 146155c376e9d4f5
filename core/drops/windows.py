"""Every window that ends today, for all series at once: what was expected before it began, and what came.

A window that begins on day s is compared with what was known at the end of day s - 1, so that a drop cannot hide in its own
baseline. Looking at all widths is the generalised likelihood ratio test for a change at an unknown day (Lorden 1971; Lai
1995, JRSS B 57), of which Page's CUSUM (1954) is the form with a known size.
"""

import numpy as np

from core.cube import Floats
from core.drops.level import LEVEL, SLOPE, WEEK, WEEKDAY, State
from core.drops.noise import Noise, persistence
from core.drops.numbers import normal_score, surprise
from core.drops.panel import Bools, Ints

WIDEST = 42
"""Days of the widest window; a change that is older is the new normal."""


class Windows:
    """Running sums of the windows that began on each of the last WIDEST days. Arrays have the axes (window, series)."""

    def __init__(self, series: int) -> None:
        shape = (WIDEST, series)
        self.began = np.full(WIDEST, -1)
        self.expected, self.actual, self.squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.days = np.zeros(shape)
        """Days judged."""
        self._mean = np.zeros((WIDEST, WEEKDAY + WEEK, series))
        self._spread = np.zeros((4, WIDEST, series))
        self._wander, self._link, self._freedom = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self._persistence = persistence(WIDEST)

    def open(self, day: int, state: State, noise: Noise) -> None:
        """A window begins today, with what is known before today's values."""
        slot = day % WIDEST
        self.began[slot] = day
        for sums in (self.expected, self.actual, self.squares, self.days):
            sums[slot] = 0.0
        self._mean[slot], self._spread[:, slot], self._wander[slot] = state.mean, state.spread, state.wander
        self._link[slot], self._freedom[slot] = noise.link, noise.days

    def means(self, day: int) -> Floats:
        """What each window's state of knowledge expects of one unit of exposure today."""
        ahead = (day - self.began)[:, None]
        return _rate(self._mean, ahead, day)

    def add(self, mean: Floats, actual: Floats, judged: Bools) -> None:
        """Count today in all windows; `mean` (window, series), `actual` and `judged` (series,) or (window, series)."""
        self.expected += mean * judged
        self.actual += actual * judged
        self.squares += mean * mean * judged
        self.days += judged

    def variance(self, noise: Noise) -> Floats:
        """The variance of the sums, relative to what is expected squared: noise, its persistence, and doubt of the baseline."""
        width = np.maximum(self.days, 1)
        ahead = (width - 1) / 2
        doubt = self._spread[0] + ahead * (2 * self._spread[1] + ahead * self._spread[2])
        doubt += self._spread[3] * (np.maximum(WEEK - width, 0) / (WEEK - 1) / width)
        doubt += self._wander * (ahead * (2 * width - 1) / (3 * width))
        counting = noise.unit / np.maximum(self.expected, 1e-12)
        daily = noise.factor_of_best * (counting + noise.extra * self.squares / np.maximum(self.expected, 1e-12) ** 2)
        daily = np.maximum(daily, np.where(noise.plain, counting, 0.0))
        return np.asarray(doubt + daily * (1 + self._link * self._persistence[width.astype(np.int64)]))

    def scores(self, variance: Floats, unit: Floats) -> Floats:
        """Standard deviations between what came and what was expected, heavy tails allowed for; 0 where nothing was judged.

        `variance` as above; `unit` is what counting one expected unit gives, shape (series,).
        """
        seen = (self.expected > 0) & (self.days > 0) & (self.began >= 0)[:, None]
        expected = np.where(seen, self.expected, 1.0)
        raw = surprise(self.actual, expected, np.maximum(variance, 1e-9) * expected**2, unit)
        return np.where(seen, normal_score(raw, self._freedom + 10.0), 0.0)

    def before(self, slot: Ints, who: Ints, day: int) -> Floats:
        """The mean (STATES, n) that series had before a window began, carried forward to today."""
        mean = self._mean[slot, :, who].T.copy()
        mean[LEVEL] += mean[SLOPE] * (day - self.began[slot])
        return mean

    def rate(self, slot: Ints, who: Ints, day: int) -> Floats:
        """What a window's state of knowledge expects of one unit of exposure on a day, for pairs of window and series."""
        return _rate(self._mean[slot, :, who], day - self.began[slot], day)

    def forget(self, who: Ints) -> None:
        """Empty all windows of some series: what is in them is over and told."""
        for sums in (self.expected, self.actual, self.squares, self.days):
            sums[:, who] = 0.0


def _rate(mean: Floats, ahead: Ints, day: int) -> Floats:
    """The rate on a day by means of shape (n, STATES, ...) that are `ahead` days old."""
    return np.asarray(np.exp(mean[:, LEVEL] + mean[:, SLOPE] * ahead + mean[:, WEEKDAY + day % WEEK]))
