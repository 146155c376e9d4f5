"""Goes through the days of a panel once and says, for each day, which series had a drop on, knowing only the past.

While a drop is on nothing is learnt from it, and the state goes back to what it was before.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.detector.active_drops import ActiveDrops, active_drops
from core.detection.detector.drop_state import NOTHING_LEFT, THRESHOLD, DropState
from core.detection.detector.gradual_falls import has_no_beginning
from core.detection.detector.regularity import Regularity, days_to_watch
from core.detection.detector.slow_leaks import SlowLeaks
from core.detection.detector.window_sums import WindowSums
from core.detection.distributions import interval
from core.detection.forecast.panel import CLOSED, IGNORED, LIFTED, ORDINARY, Panel
from core.detection.forecast.residual_noise import LASTING, ResidualNoise, first_scatter, persistence
from core.detection.forecast.state_space import SPEEDS, WEEK, StateSpace
from core.detection.forecast.sum_noise import SPANS

YOUNG = 28
"""Days that a series must have been watched before it is judged: four of each weekday."""
WIDEST = 28
"""A drop is first seen within this many days of its onset."""
_BEND, _CUT = 2.5, 5.0
"""Residuals are drawn in beyond the first and left out beyond the second (Gelper, Fried & Croux 2010, J. Forecasting 29)."""
_LIFT, _LIFT_DAYS = 5.0, 14
"""A rise by so many standard deviations over at least so many days is a new level and no promotion."""
_NO_NOISE = 4.2
"""A rise by so many standard deviations teaches nothing of the noise while it is on. As noise, a step up by 20 % hid falls by
20 % for two months: of those in 800 series of four kinds .09 to .30 were seen, now .61 to 1.00, and 95 % intervals hold .91 to
.98 of their weeks from the sixth on. At 3.6, .86 to 1.00 are seen, but lasting noise makes a fifth more false days. Single days
far up do teach: without them the noise of series that come in lumps was too small, and a segment of random rows was a critical
finding."""
_OFTEN, _LATELY = 1 / 3, 0.01
"""A series that is in a rise on a larger share of the days, which count with a half-life of ten weeks, is like that, and rises do
teach. Without this, views of two channels that come in bursts were in a rise on .45 and on all days, what they scatter was learnt
no more, and 95 % intervals held .57 and .62 of their weeks; now .89 and .99. At a quarter, .04 of the falls by 20 % are seen next
to a week of promotion a month, here .88."""
_FORTNIGHT = 14
_FEW = 2.0
_TOO_FEW = 5.0
"""A window with fewer single events than this, both come and expected, says nothing."""
_SETTLING, _FEWEST_SETTLING = 14, 6
"""Days of a new series over which its first level is averaged: two weeks; of one that comes in on few weekdays, more weeks."""
_LEAST = 1e-9
_NEVER = 1 << 40
"""Later than any column."""


class OnlineDetector:
    """The state of the detector after a day, for all series of a panel."""

    def __init__(self, panel: Panel) -> None:
        series, days = panel.values.shape
        self.panel = panel
        self.levels = StateSpace(~panel.rests)
        self.noise = ResidualNoise(panel, len(SPEEDS))
        self.regularity = Regularity(series)
        self.windows = WindowSums(WIDEST, panel.open_weekdays, panel.worse)
        self.leaks = SlowLeaks(panel)
        self.episodes = DropState(panel.worse, panel.open_weekdays)
        self.expected = np.full((series, days), np.nan)
        """What was expected of each day by what was known before it, or before the drop that it lies in."""
        self.unusual = np.zeros((series, days), bool)
        """Days that were left out of learning: in a drop, or too far off."""
        self.day = -1
        """The last column that has been taken in."""
        self._settling = np.clip(panel.open_weekdays * _SETTLING / WEEK, _FEWEST_SETTLING, _SETTLING)
        self.age = np.zeros(series)
        """Days on which each series has come in since it began; closed days, and those without a denominator, left out."""
        self._first_day = np.full(series, _NEVER)
        self._usual_exposure = np.zeros(series)
        self._rises = np.zeros(series, bool)
        self._risen = np.zeros(series)
        """Share of the days of late on which each series was in a rise."""

    @property
    def _begun(self) -> Flags:
        return np.asarray(self._first_day < _NEVER)

    @property
    def _only_noise(self) -> Flags:
        """Which series are in no drop, and in no rise that is no noise."""
        return np.asarray(~(self.episodes.on | (self._rises & (self._risen <= _OFTEN))))

    def run(self, until: int) -> "OnlineDetector":
        """Take in the columns up to `until` (included)."""
        for day in range(self.day + 1, until + 1):
            self._take(day)
        return self

    def sightings(self, columns: Iterable[int]) -> Iterator[ActiveDrops]:
        """The drops that are on at the end of each of these columns, in their order, ascending."""
        for day in columns:
            yield self.run(day)._active()

    def _take(self, day: int) -> None:
        actual, exposure, state = self.panel.columns(day)
        live = self._begin(day, actual, exposure)
        ordinary = live & (state == ORDINARY)
        weekday = day % WEEK
        usual = self._usual_exposure * np.exp(self.levels.log_mean(weekday))
        self.levels.step(self.noise.daily(np.maximum(usual, _LEAST)))
        mean = np.maximum(exposure * np.exp(self.levels.log_mean(weekday)), _LEAST)
        noise, doubt = self.noise.daily(mean), self.levels.doubt(weekday)
        self.leaks.open(day, self.windows)
        self.windows.open(day % WIDEST, day, self.levels.state(), self.noise, self.regularity.known(self.panel))
        self.expected[:, day] = np.where(live, self.levels.chosen(mean), np.nan)
        self._check(actual, self.levels.chosen(mean), self.levels.chosen(noise + doubt), ordinary)
        self._judge(day, actual, exposure, live & (state != IGNORED) & (state != CLOSED), state == LIFTED)
        live &= self._begun
        heeded = ordinary & live & ~self.episodes.on
        residual = (actual - mean) / mean
        # A few single events are no outburst, however rare they are.
        far = np.abs(residual) - np.where(residual > 0, _FEW * self.noise.unit / mean, 0.0)
        weight = self._weight(np.maximum(far, 0) / np.sqrt(doubt + noise)) * heeded
        self.levels.learn(weekday, residual, noise * (1 + self.noise.link * LASTING), weight)
        self.unusual[:, day] |= live & (self.levels.chosen(weight) == 0)
        heeded &= self._only_noise & (self.age >= self._settling)
        self.levels.compare(residual, doubt + noise, heeded)
        self.noise.learn(mean, residual, doubt, heeded, self.levels.best)
        self.noise.count(actual, heeded)
        pace = np.where(live, np.maximum(0.1, 1 / (self.age + 1)), 0.0)
        self._usual_exposure += pace * (exposure - self._usual_exposure)
        self._risen += live * np.maximum(_LATELY, 1 / (self.age + 1)) * (self._rises - self._risen)
        self.age += live
        self.regularity.learn(self.panel, day, live, heeded, self.noise.unit)
        self.day = day

    def _weight(self, score: Floats) -> Floats:
        """How much a day counts that lies so many standard deviations off; new series take everything in."""
        weight = np.where(score > _CUT, 0.0, np.minimum(1.0, _BEND / np.maximum(score, _LEAST)))
        return np.where(self.age < self._settling, 1.0, weight)

    def _check(self, actual: Floats, mean: Floats, variance: Floats, ordinary: Flags) -> None:
        """Lets the intervals learn whether they held today, in rises too: their days are as hard to foretell as others."""
        lo, hi = interval(mean, variance * mean**2, self.noise.reach[0], self.noise.lump)
        counted = ordinary & ~self.episodes.on & (self.age >= self._settling)
        self.noise.check(0, (actual >= lo) & (actual <= hi), counted)

    def _check_week(self, day: int, variance: Floats) -> None:
        """The same of the week that ends today; `variance` of the windows, relative."""
        slot, windows = (day - WEEK + 1) % WIDEST, self.windows
        mean, actual = np.maximum(windows.expected[slot], _LEAST), windows.actual[slot]
        lo, hi = interval(mean, variance[slot] * mean**2, windows.reach[1, slot], self.noise.lump)
        whole = (windows.days[slot] == self.panel.open_weekdays) & self._only_noise
        whole &= self.age >= self._settling + self.panel.open_weekdays
        self.noise.check(1, (actual >= lo) & (actual <= hi), whole)

    def _check_sums(self, day: int, scores: Floats) -> None:
        """Lets the noise of sums learn from those that end today; `scores` (windows, series)."""
        slots, days = (day - SPANS + 1) % WIDEST, SPANS[:, None] // WEEK * self.panel.open_weekdays
        whole = (self.windows.days[slots] == days) & self._only_noise & (self.age >= self._settling + days)
        self.noise.sums.learn(scores[slots], whole, self.windows.expected[slots[0]])

    def _begin(self, day: int, actual: Floats, exposure: Floats) -> Flags:
        """Starts the series that show themselves for the first time; which series say something today."""
        new = np.flatnonzero(~self._begun & (actual > 0) & (exposure > 0))
        if len(new):
            start = slice(day, day + _SETTLING)
            exposures, values = self.panel.ordinary(new, start)
            self.levels.begin(new, np.log(values.sum(1) / exposures.sum(1)))
            self.noise.begin(new, *first_scatter(values, exposures))
            self._first_day[new] = day
        return self._begun & (exposure > 0)

    def _judge(self, day: int, actual: Floats, exposure: Floats, judged: Flags, lifted: Flags) -> None:
        """Counts the day in all windows, then lets drops end, begin or go on."""
        if self.windows.began.max(initial=-1) < 0:
            return
        ready = judged & (day - self._first_day >= YOUNG)
        means = self.windows.rates(day) * exposure
        self.windows.add(means, self.panel.excused(actual, means, lifted), exposure, judged)
        self.leaks.windows.add(self.leaks.windows.rates(day) * exposure, actual, exposure, judged & ~lifted)
        followed = self.episodes.on | self.episodes.lapsed
        if followed.any():
            self._let_end(day, actual, exposure, judged & followed, lifted, ready)
        exact = np.repeat(self.episodes.on[None], WIDEST, 0)
        exact[(day - SPANS + 1) % WIDEST] = True
        scores, variance = self.windows.scores(self.noise, exact)
        scores *= -self.panel.worse
        self._rises = np.asarray((scores > _NO_NOISE).any(0))
        self._check_week(day, variance)
        self._check_sums(day, scores)
        self._rise(scores)
        changed = self._let_begin(day, actual, means, scores, ready)
        self._measure()
        corrected = self.episodes.correct(day, self.windows, scores)
        if len(corrected):
            self._measure()
        self._hold(day, np.concatenate([changed, corrected, self.episodes.resumed]))

    def _let_end(self, day: int, actual: Floats, exposure: Floats, counted: Flags, lifted: Flags, ready: Flags) -> None:
        """Counts the day in the drops that are on, and lets them end."""
        drops = self.episodes
        mean = drops.window.rates(day) * exposure
        toward = self._toward_normal(actual, mean[0], drops.window.depth())
        drops.window.add(mean, self.panel.excused(actual, mean, lifted), exposure, counted)
        lately, chance = self._lately(day)
        ended, old = drops.end(day, toward, ready, lately, chance)
        if day % WEEK == 0:
            on = np.flatnonzero(drops.on)
            gradual = on[has_no_beginning(self.panel, on, day, drops.onset[on])]
            drops.on[gradual] = False
            old = np.concatenate([old, gradual])
        self.levels.doubt_level(old, np.log(np.maximum(1 + drops.window.depth()[old], 0.02)))
        self._forget(np.concatenate([ended, old]))
        # what has come to nothing is over: it begins anew when anything comes
        gone = old[lately[old] <= NOTHING_LEFT]
        self._first_day[gone], self.age[gone] = _NEVER, 0
        self.regularity.forget(gone)

    def _let_begin(self, day: int, actual: Floats, means: Floats, scores: Floats, ready: Flags) -> Ints:
        """Lets drops begin; who they are. `means` of the day and `scores` of all windows, the worse the lower."""
        slot, every = scores.argmin(0), np.arange(len(actual))
        lowest = scores[slot, every]
        toward = self._toward_normal(actual, means[slot, every], self.windows.depth(slot))
        plenty = self._plenty(slot, every)
        low = np.flatnonzero(plenty & ready & ~self.episodes.on & (lowest < -THRESHOLD))
        plenty[low] &= ~has_no_beginning(self.panel, low, day, self.windows.began[slot[low], low])
        window = {"slot": slot, "lowest": lowest, "toward_normal": toward, "ready": ready, "plenty": plenty}
        begun = self.episodes.begin(day, self.windows, self.panel, **window)
        return np.concatenate([begun, self.leaks.begin(day, self.episodes, self.noise, ready)])

    def _measure(self) -> None:
        """Variance and score of the drops that are on, or ended lately."""
        drops = self.episodes
        if (drops.on | drops.lapsed).any():
            (score,), (drops.variance,) = drops.window.scores(self.noise)
            drops.score = -self.panel.worse * score
            drops.lowest = np.where(drops.on, np.minimum(drops.lowest, drops.score), 0.0)

    def _hold(self, day: int, changed: Ints) -> None:
        """While a drop is on, what is normal stays as it was; of drops that have `changed`, earlier days are expected again."""
        who = np.flatnonzero(self.episodes.on)
        if not len(who):
            return
        self.levels.set_back(who, self.episodes.window.before_first(who, day))
        self._expect(who, day)
        onset = self.episodes.onset
        for earlier in range(int(onset[changed].min(initial=day)), day):
            self._expect(changed[onset[changed] <= earlier], earlier)

    def _expect(self, who: Ints, day: int) -> None:
        rate = self.episodes.window.rates_at(0, who, day)
        self.unusual[who, day] = True
        self.expected[who, day] = self.panel.columns(day)[1][who] * rate

    def _toward_normal(self, actual: Floats, mean: Floats, depth: Floats) -> Floats:
        """Log likelihood ratio of a day under the normal level against the dropped one.

        Where cases rose, their noise rose with them: of five times as many, a day of twice as many is no sign of the end.
        """
        mean = np.maximum(mean, _LEAST)
        residual = (actual - mean) / mean
        risen = depth - (1 + residual) * np.log1p(np.maximum(depth, 0.0))
        gain = np.where(depth > 0, risen, depth * (depth / 2 - residual))
        return np.asarray(gain / self.noise.scatter(mean[:, None])[:, 0])

    def _plenty(self, slot: Ints, who: Ints) -> Flags:
        """Which of these windows, one of each series, hold enough single events, and a ratio's denominator enough, to say
        anything."""
        windows, at = self.windows, (slot, who)
        events = np.maximum(windows.actual[at], windows.expected[at]) >= _TOO_FEW * self.noise.unit[who]
        return np.asarray(events & (windows.exposure[at] >= _TOO_FEW * self.panel.trial[who]))

    def _rise(self, scores: Floats) -> None:
        """A lasting change for the better is the new level."""
        who = np.flatnonzero((scores > _LIFT).any(0) & ~self.episodes.on)
        best = scores[:, who].argmax(0)
        lasts = (self.windows.days[best, who] >= _LIFT_DAYS) & self._plenty(best, who)
        who, best = who[lasts], best[lasts]
        depth = self.windows.actual[best, who] / self.windows.expected[best, who]
        self.levels.doubt_level(who, np.log(np.maximum(depth, 0.02)))
        self._forget(who)

    def _forget(self, who: Ints) -> None:
        for windows in (self.windows, self.leaks.windows):
            windows.forget(who)

    def _lately(self, day: int) -> tuple[Floats, Floats]:
        """actual / expected - 1 of the two weeks before a day of drops that are on, as expected before them, and its standard
        deviation; shapes (series,)."""
        (lately, chance), who = np.zeros((2, len(self.age))), np.flatnonzero(self.episodes.on)
        days = slice(max(day - _FORTNIGHT, 0), day)
        expected, values = self.expected[who, days], self.panel.values[who, days]
        known = ~np.isnan(expected)
        came, total = (values * known).sum(1), np.maximum(np.where(known, expected, 0.0).sum(1), _LEAST)
        lately[who] = came / total - 1
        usual = np.maximum(came / np.maximum(known.sum(1), 1), _LEAST)
        daily = self.noise.scatter_of(who, usual[:, None])[:, 0] / np.maximum(known.sum(1), 1)
        lasting = 1 + self.noise.link[who] * persistence(_FORTNIGHT)[_FORTNIGHT]
        chance[who] = came / total * np.sqrt(daily * lasting * self.noise.sums.factor(_FORTNIGHT)[who])
        return lately, chance

    def _active(self) -> ActiveDrops:
        judged = int(((self.day - self._first_day >= YOUNG) & (self.age >= days_to_watch(self.panel))).sum())
        return active_drops(self.panel, self.episodes, self.day, judged)
