"""When a drop begins, goes on and ends: the detector's only place for such rules.

A drop begins when some window that ends today is too improbable, by itself and among all that is looked at. It ends when the
newest days speak for the normal level rather than for the dropped one (a sequential likelihood ratio that starts again on
each day that fits the drop: Page 1954, Biometrika 41), or when it has lasted so long that it is the new level.
"""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.detector.rare_events import rare_chances
from core.detection.detector.window_sums import WindowSums
from core.detection.distributions import discoveries, normal_cdf
from core.detection.forecast.panel import Panel

THRESHOLD = 3.6
"""Standard deviations that a window must lie on the worse side: a false alarm in some fifteen years of a series, measured."""
FALSE_SHARE = 0.05
"""At most this share of the drops that begin on a day may be false, over all series looked at together."""
WIDTHS = 5.0
"""How many independent tests the many overlapping windows of one day amount to."""
NEW_LEVEL = 42
"""A drop that has lasted so many days is how things are ..."""
DEEPENING, _LONGEST_LEAK = 1.25, 98
"""... unless its last two weeks lie deeper than all its days together by this factor (a steady leak: 1.7, a step: 1.0): then it
is still news, for at most so many days."""
_FURTHER = 2.0
"""The same of a leak behind a step: standard deviations of two weeks by which these lie further below."""
_ENOUGH = 2.0
"""Log likelihood ratio for the normal level against the dropped one that ends a drop. At 1 a single lucky day ended drops of
rare events, which came back a day later as new ones; at 3 many outlive their end by days (precision .93 in bench/detect.py)."""
_RESUMED, _LAPSED_DAYS = 3.0, 14
"""Log likelihood ratio for the dropped level, since a drop ended and within so many days, that says that it never did: by chance
in at most e^-3 of true ends. Of drops by 15 % of 200 cases a day 92 % were on after four weeks, without this 81 %; those that
end are on as long as before."""
_FADED = 2.0
"""A drop whose days together lie less than so many standard deviations off is none."""
NOTHING_LEFT = -0.99
"""Of what has lost this share, nothing is left that could fall any further."""
_NEAR, _SETTLED = 7, 14
"""For so many days after it was first seen, the onset of a drop may still be corrected, by at most so many days."""


class DropState:
    """The drops that are on. Arrays have the shape (series,)."""

    def __init__(self, worse: Floats, open_weekdays: Floats) -> None:
        series = len(worse)
        self._worse = worse
        self.on = np.zeros(series, bool)
        self.anchor = np.full(series, -1)
        """The onset as it was first reported."""
        self.window = WindowSums(1, open_weekdays, worse)
        """From the onset to today."""
        self.variance, self.score = np.zeros(series), np.zeros(series)
        self.lowest = np.zeros(series)
        """The score of the most improbable window of the day on which it was first seen, or of all its days since."""
        self._seen = np.full(series, -1)
        self._recovered = np.zeros(series)
        self.lapsed = np.zeros(series, bool)
        """Drops that ended lately, and may prove to go on."""
        self.resumed = np.zeros(0, np.int64)
        """Which of them do so today."""
        self._ended = np.full(series, -1)

    @property
    def onset(self) -> Ints:
        """The day that each drop began on."""
        onset: Ints = self.window.began[0]
        return onset

    def end(self, day: int, toward_normal: Floats, ready: Flags, lately: Floats, chance: Floats) -> tuple[Ints, Ints]:
        """Let drops end: (those that are over, those that have become the new level).

        `toward_normal`: log likelihood ratio of today for the normal level against the dropped one; `lately`: actual / expected
        - 1 of the last two weeks, `chance`: its standard deviation.
        """
        self._resume(day, toward_normal, ready)
        recovered = np.maximum(self._recovered + toward_normal, 0)
        self._recovered = np.where(self.on & ready, recovered, self._recovered)
        done = (self._recovered > _ENOUGH) | (self.score > -_FADED)
        ended = np.flatnonzero(self.on & done)
        depth = self.window.depth()
        deeper = np.abs(lately) > DEEPENING * np.abs(depth)
        deeper |= (lately - depth) * np.sign(depth) > _FURTHER * chance
        deeper &= (lately > NOTHING_LEFT) & (day - self.onset < _LONGEST_LEAK)
        old = np.flatnonzero(self.on & ~done & ~deeper & (day - self.onset >= NEW_LEVEL - 1))
        self.on[ended], self.on[old] = False, False
        self.lapsed[ended], self._ended[ended], self._recovered[ended] = True, day, 0.0
        return ended, old

    def _resume(self, day: int, toward_normal: Floats, ready: Flags) -> None:
        """Lets drops that ended lately go on where the days since speak for the dropped level."""
        self.lapsed &= (day - self._ended <= _LAPSED_DAYS) & ~self.on
        self._recovered += np.where(self.lapsed & ready, toward_normal, 0.0)
        self.resumed = np.flatnonzero(self.lapsed & (self._recovered < -_RESUMED) & (self.score < -THRESHOLD))
        self.on[self.resumed], self.lapsed[self.resumed], self._recovered[self.resumed] = True, False, 0.0

    def begin(
        self, day: int, windows: WindowSums, panel: Panel, *,
        slot: Ints, lowest: Floats, toward_normal: Floats, ready: Flags, plenty: Flags,
    ) -> Ints:  # fmt: skip
        """Let drops begin where a window is too improbable and today does not speak against it; who they are.

        Of each series' most improbable window, at `slot`: its score, the worse the lower, `toward_normal` as above, and whether
        there is `plenty` enough in it for it to say anything. A few single events are judged by counting those of the `panel`.
        """
        candidate = ready & ~self.on & (lowest < -THRESHOLD) & (toward_normal < _ENOUGH) & plenty
        if not candidate.any():
            return np.zeros(0, np.int64)
        few = np.flatnonzero(candidate | (self.on & ready))
        rare = rare_chances(panel, few, windows.began[slot[few], few], day, windows.expected[slot[few], few])
        p = np.ones(max(int(ready.sum()), len(few)))
        p[: len(few)] = np.minimum(WIDTHS * np.maximum(normal_cdf(lowest[few]), rare), 1)
        new: Ints = few[discoveries(p, FALSE_SHARE)[: len(few)] & candidate[few]]
        self.on[new], self.lapsed[new], self._recovered[new], self._seen[new] = True, False, 0.0, day
        self.lowest[new] = lowest[new]
        self.anchor[new] = windows.began[slot[new], new]
        self.window.adopt(windows, slot[new], new)
        return new

    def correct(self, day: int, windows: WindowSums, scores: Floats) -> Ints:
        """Move the onset of young drops to the window near the first one that fits best; who has moved."""
        who = np.flatnonzero(self.on & (day > self._seen) & (day - self._seen <= _SETTLED))
        near = np.abs(windows.began[:, who] - self.anchor[who]) <= _NEAR
        fit = np.where(near, scores[:, who], 0.0)
        slot = fit.argmin(0)
        better = fit[slot, np.arange(len(who))] < self.score[who] - 1e-9
        self.window.adopt(windows, slot[better], who[better])
        corrected: Ints = who[better]
        return corrected
