"""Goes through the days of a panel once and says, for each day, which series had a drop on, knowing only the past.

A drop begins when some window that ends today is too improbable; it ends when the newest days speak for the normal level
rather than for the dropped one, or when it has lasted so long that it is the new level. While it is on, nothing is learnt, and
the state goes back to what it was before the drop. This is the detector's only place for such rules.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from core.cube import Floats
from core.drops.level import SPEEDS, WEEK, Levels
from core.drops.noise import LASTING, Noise
from core.drops.numbers import discoveries, interval, tail
from core.drops.panel import IGNORED, LIFTED, ORDINARY, Bools, Ints, Panel
from core.drops.windows import WIDEST, Windows

YOUNG = 28
"""Days that a series must have been watched before it is judged: four of each weekday."""
THRESHOLD = 3.5
"""Standard deviations that a window must lie on the worse side: about one false alarm in ten years of one series, measured."""
FALSE_SHARE = 0.05
"""At most this share of the drops that begin on a day may be false, over all series looked at together."""
WIDTHS = 5.0
"""How many independent tests the many overlapping windows of one day amount to."""
_WIDEST_START = 28
"""A drop is first seen within this many days of its onset."""
_ENOUGH = 1.0
"""Log likelihood ratio for the normal level against the dropped one that ends a drop."""
_NEAR = 7
"""The onset of a drop may be corrected by this many days while it is on."""
_BEND, _CUT = 2.5, 5.0
"""Residuals are drawn in beyond the first and left out beyond the second (Gelper, Fried & Croux 2010, J. Forecasting 29)."""
_LIFT = 5.0
_LIFT_DAYS = 14
"""A rise by this many standard deviations over this many days is a new level and no promotion."""
_LOWEST = -14.0
_SETTLING = 14
"""Days of a new series over which its first level is averaged."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The drops that are on at the end of a day; arrays of shape (drops,)."""

    day: int
    judged: int
    """How many series were old enough and had enough data to be judged."""
    series: Ints
    anchor: Ints
    """The onset as it was first told: it names the drop."""
    onset: Ints
    actual: Floats
    expected: Floats
    variance: Floats
    """Of the sum from the onset to the day."""
    exposure: Floats
    """Denominator over the same days; the number of days for sums."""
    z: Floats
    """Standard deviations on the worse side, positive."""


class Replay:
    """The state of the detector after a day, for all series of a panel."""

    def __init__(self, panel: Panel) -> None:
        series, days = panel.values.shape
        self.panel = panel
        self.levels = Levels(series)
        self.noise = Noise(panel, len(SPEEDS))
        self.windows = Windows(series)
        self.expected = np.full((series, days), np.nan)
        """What was expected of each day by what was known before it, or before the drop that it lies in."""
        self.on = np.zeros(series, bool)
        self.day = -1
        """The last column that has been taken in."""
        self.age = np.zeros(series)
        self._begun = np.zeros(series, bool)
        self._anchor, self._onset = np.full(series, -1), np.full(series, -1)
        self._depth, self._recovered, self._score = np.zeros(series), np.zeros(series), np.zeros(series)
        self._variance = np.zeros(0)

    def run(self, until: int) -> "Replay":
        """Take in the columns up to `until` (included)."""
        for day in range(self.day + 1, until + 1):
            self._take(day)
        return self

    def sightings(self, columns: Iterable[int]) -> Iterator[Sighting]:
        """The drops that are on at the end of each of these columns, in their order, ascending."""
        for day in columns:
            yield self.run(day)._sighting()

    def _take(self, day: int) -> None:
        actual, exposure, known = self.panel.columns(day)
        live = self._begin(day, actual, exposure)
        weekday = day % WEEK
        mean = exposure * np.exp(self.levels.log_mean(weekday))
        noise = self.noise.daily(np.maximum(mean, 1e-9))
        self.levels.step(noise)
        mean = np.maximum(exposure * np.exp(self.levels.log_mean(weekday)), 1e-9)
        noise, doubt = self.noise.daily(mean), self.levels.doubt(weekday)
        self.windows.open(day, self.levels.state(), self.noise)
        self.expected[:, day] = np.where(live, self.levels.chosen(mean), np.nan)
        self._judge(day, actual, exposure, live & (known != IGNORED), known == LIFTED)
        self._check(day, actual, live & (known == ORDINARY) & (self.age >= _SETTLING))
        residual = (actual - mean) / mean
        score = np.abs(residual) / np.sqrt(doubt + noise)
        weight = np.where(score > _CUT, 0.0, np.minimum(1.0, _BEND / np.maximum(score, 1e-9)))
        weight = np.where(self.age < _SETTLING, 1.0, weight) * (live & ~self.on & (known == ORDINARY))
        heeded = live & ~self.on & (known == ORDINARY) & (self.age >= _SETTLING)
        self.levels.learn(weekday, np.minimum(residual, 3.0), noise * (1 + self.noise.link * LASTING), weight)
        self.levels.mean[0] = np.maximum(self.levels.mean[0], _LOWEST)
        self.levels.compare(residual, doubt + noise, heeded)
        self.noise.learn(mean, residual, doubt, heeded, self.levels.best)
        self.age += live
        self.day = day

    def _check(self, day: int, actual: Floats, seen: Bools) -> None:
        """Lets the intervals learn whether they held today."""
        slot = day % WIDEST
        expected = np.maximum(self.windows.expected[slot], 1e-9)
        lo, hi = interval(expected, self._variance[slot] * expected**2, self.noise.reach)
        self.noise.check((actual >= lo) & (actual <= hi), seen)

    def _begin(self, day: int, actual: Floats, exposure: Floats) -> Bools:
        """Starts the series that show themselves for the first time; which series say something today."""
        new = np.flatnonzero(~self._begun & (actual > 0) & (exposure > 0))
        if len(new):
            ahead = slice(day, day + _SETTLING)
            total = self.panel.values[new, ahead].sum(1)
            under = self.panel.exposure
            days = min(_SETTLING, self.panel.values.shape[1] - day)
            share = np.full(len(new), float(days)) if under is None else np.nansum(under[new, ahead], 1)
            plain = np.zeros(len(new), bool) if under is None else np.isnan(under[new, day])
            self.levels.begin(new, np.log(total / np.where(plain, days, np.maximum(share, 1e-9))))
            self._begun[new] = True
        return self._begun & (exposure > 0)

    def _judge(self, day: int, actual: Floats, exposure: Floats, judged: Bools, lifted: Bools) -> None:
        """Counts the day in all windows, then lets drops begin, go on or end."""
        means = self.windows.means(day) * exposure
        # A campaign can hide a drop but not excuse one: its days count only as far as they fall short.
        better = np.where(self.panel.worse < 0, np.minimum(actual, means), np.maximum(actual, means))
        self.windows.add(means, np.where(lifted, better, actual + np.zeros_like(means)), judged)
        ready = judged & (self.age >= YOUNG)
        self._go_on(day, actual, ready)
        self._variance = self.windows.variance(self.noise)
        scores = self.windows.scores(self._variance, self.noise.unit) * -self.panel.worse
        self._rise(day, scores)
        self._start(day, actual, means, scores, ready)

    def _start(self, day: int, actual: Floats, means: Floats, scores: Floats, ready: Bools) -> None:
        recent = (self.windows.began >= 0) & (day - self.windows.began < _WIDEST_START)
        scores = np.where(recent[:, None], scores, 0.0)
        slot = scores.argmin(0)
        who = np.arange(len(slot))
        score = np.where(ready, scores[slot, who], 0.0)
        likely = (score < -THRESHOLD) | self.on
        depth = self.windows.actual[slot, who] / np.maximum(self.windows.expected[slot, who], 1e-12) - 1
        gone = self._towards_normal(actual, means[slot, who], depth)
        fresh = likely & ready & ~self.on & (gone < _ENOUGH)
        if fresh.any():
            few = np.flatnonzero(likely & ready)
            p = np.ones(int(ready.sum()))
            p[: len(few)] = np.where(self.on[few], 0.0, np.minimum(WIDTHS * tail(score[few]), 1))
            allowed = np.zeros(len(fresh), bool)
            allowed[few] = discoveries(p, FALSE_SHARE)[: len(few)]
            fresh &= allowed
        if fresh.any():
            new = np.flatnonzero(fresh)
            self.on[new], self._recovered[new] = True, 0.0
            self._anchor[new] = self.windows.began[slot[new]]
        self._follow(day, slot, scores, np.flatnonzero(self.on & ready))

    def _follow(self, day: int, slot: Ints, scores: Floats, who: Ints) -> None:
        """Sets onset, depth and state of the drops that are on by the window that fits best near the first onset."""
        if not len(who):
            return
        near = np.abs(self.windows.began[:, None] - self._anchor[who]) <= _NEAR
        slot = np.where(near, scores[:, who], np.inf).argmin(0)
        moved = self._onset[who] != self.windows.began[slot]
        self._onset[who], self._score[who] = self.windows.began[slot], scores[slot, who]
        self._depth[who] = self.windows.actual[slot, who] / np.maximum(self.windows.expected[slot, who], 1e-12) - 1
        self.levels.set_back(who, self.windows.before(slot, who, day))
        self._expect(slot, who, day)
        for earlier in range(day - 1, int(self._onset[who[moved]].min(initial=day)) - 1, -1):
            late = moved & (self._onset[who] <= earlier)
            self._expect(slot[late], who[late], earlier)

    def _expect(self, slot: Ints, who: Ints, day: int) -> None:
        """Notes what a day was expected to bring by what was known before the drop."""
        self.expected[who, day] = self.panel.columns(day)[1][who] * self.windows.rate(slot, who, day)

    def _go_on(self, day: int, actual: Floats, ready: Bools) -> None:
        """Ends the drops whose newest days are normal again, and those that have become the new level."""
        mean = np.maximum(self.expected[:, day], 1e-9)
        toward = self._towards_normal(actual, mean, self._depth)
        self._recovered = np.where(self.on & ready, np.maximum(self._recovered + toward, 0), self._recovered)
        over = np.flatnonzero(self.on & (self._recovered > _ENOUGH))
        old = np.flatnonzero(self.on & (day - self._onset >= WIDEST - 1))
        for who in (over, old):
            self.windows.forget(who)
            self.on[who] = False
        self.levels.doubt_level(old, np.log(np.maximum(1 + self._depth[old], 0.02)))

    def _towards_normal(self, actual: Floats, mean: Floats, depth: Floats) -> Floats:
        """Log likelihood ratio of a day under the normal level against the dropped one."""
        noise = self.noise.daily(np.maximum(mean, 1e-9) + np.zeros_like(self.noise.factor))
        residual = (actual - mean) / np.maximum(mean, 1e-9)
        return depth * (depth / 2 - residual) / self.levels.chosen(noise)

    def _rise(self, day: int, scores: Floats) -> None:
        """A lasting change for the better is the new level."""
        wide = (self.windows.began >= 0) & (day - self.windows.began >= _LIFT_DAYS - 1)
        if not wide.any():
            return
        slots = np.flatnonzero(wide)
        best = slots[scores[slots].argmax(0)]
        every = np.arange(scores.shape[1])
        who = np.flatnonzero((scores[best, every] > _LIFT) & ~self.on)
        change = np.log(np.maximum(self.windows.actual[best[who], who] / self.windows.expected[best[who], who], 0.02))
        self.levels.doubt_level(who, change)

    def _sighting(self) -> Sighting:
        day, who = self.day, np.flatnonzero(self.on)
        slot = self._onset[who] % WIDEST
        expected = self.windows.expected[slot, who]
        variance = self._variance[slot, who] * expected**2
        under = self.panel.exposure
        exposure = np.array(
            [
                day - onset + 1.0 if under is None else under[one, onset : day + 1].sum()
                for one, onset in zip(who, self._onset[who], strict=True)
            ]
        )
        first = self.panel.first
        return Sighting(
            day + first, int((self._begun & (self.age >= YOUNG)).sum()), who, self._anchor[who] + first,
            self._onset[who] + first, self.windows.actual[slot, who], expected, variance, exposure, -self._score[who],
        )  # fmt: skip
