"""How far the days of `daily` exports lie above the same weekdays of the weeks around them, and by which plain factor."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.base.arrays import Flags, Floats, Ints, known_median
from core.detection.forecast.state_space import WEEK

_FACTORS = (2.0, 10.0, 100.0, 1000.0)
"""Twice: a double load. The others: cents, thousands, a decimal sign that was read as one of thousands. Half, a tenth and less
are what outages leave."""
WEEKS = 3
"""A day is compared with the same weekday of so many weeks before and after it."""
_LEAST_WEEKS = 3
_NOISE_LEAST, _NOISE_MOST = 0.02, 0.25
"""Noise of a day (log): at least this, and at most this part of a factor (log): 17 % for twice, 58 % for ten times."""
_FAR, NEAR = 4.0, 2.0
"""Standard deviations from which on a day is no usual one, and within which a jump is a factor."""
_ROUGHLY = 0.03
STILL = 0.15
"""Part of a jump (log) within which others have not moved."""
FEW_DAYS = 28
_REGULAR = 0.6
"""Share of the days on which a value must come in at all, days of rest among them."""


@dataclass(frozen=True)
class WeeklyExcess:
    """By how much (log) values differ from the same weekdays around them; arrays of shape (values, days)."""

    raw: Floats
    """nan where nothing is known."""
    change: Floats
    """The same beyond what the other values did that day: pay days, weather and campaigns of all are no noise of one."""
    noise: Floats
    """Standard deviation of an ordinary day: a weekend of few sales has more of it than a Monday."""

    def on(self, days: Ints) -> "WeeklyExcess":
        """The same of some days."""
        return WeeklyExcess(self.raw[:, days], self.change[:, days], self.noise[:, days])

    def mean(self, value: int, days: slice) -> float:
        """Of some days of a value; nan if any is unknown."""
        return float(self.change[value, days].mean())

    def still(self, value: int, days: slice, jump: float) -> bool:
        """Whether a value is as usual on days on which another one jumped."""
        noise = 2 * float(self.noise[value, days].max()) / float(np.sqrt(days.stop - days.start))
        return bool(abs(self.mean(value, days)) <= max(STILL * abs(jump), noise))

    def runs(self, longest: int) -> Iterator[tuple[int, slice]]:
        """Short runs of unusual days, of at most so many, as (value, days)."""
        least = np.maximum(_FAR * self.noise, np.log(1.6))
        with np.errstate(invalid="ignore"):
            far: Flags = np.abs(self.change) > least
        edges = np.diff(far, axis=1, prepend=False, append=False)
        for value in np.flatnonzero(far.any(1)).tolist():
            cuts = np.flatnonzero(edges[value]).tolist()
            for start, stop in pairwise(cuts):
                if far[value, start] and stop - start <= longest:
                    yield value, slice(start, stop)

    def plain_factor(self, value: int, days: slice) -> float | None:
        """The plain factor by which a value jumped on all these days, None if it is none."""
        change, noise = self.change[value, days], float(self.noise[value, days].max())
        if not np.isfinite(change).all():
            return None
        factor = min(_FACTORS, key=lambda plain: abs(float(change.mean()) - np.log(plain)))
        off, size = np.abs(change - np.log(factor)), float(np.log(factor))
        near = abs(float(change.mean()) - np.log(factor)) <= NEAR * noise / np.sqrt(len(change)) + _ROUGHLY
        return factor if near and bool((off <= _FAR * noise).all()) and noise <= _NOISE_MOST * size else None


def weekly_excess(values: Floats) -> WeeklyExcess:
    """How far the days of some values, shape (values, days), lie above the same weekdays around them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        regular = (values > 0).mean(axis=1, keepdims=True) >= _REGULAR
        logs = np.where((values > 0) & regular, np.log(values), np.nan)
    days = logs.shape[1]
    padded = np.pad(logs, ((0, 0), (WEEKS * WEEK, WEEKS * WEEK)), constant_values=np.nan)
    around = [week * WEEK for week in range(2 * WEEKS + 1) if week != WEEKS]
    weeks = np.stack([padded[:, start : start + days] for start in around])
    known = np.isfinite(weeks).sum(0) >= _LEAST_WEEKS
    raw = np.full(logs.shape, np.nan)
    raw[known] = logs[known] - known_median(weeks[:, known], 0)
    change = raw - _shared(raw)
    noise = np.full(logs.shape, np.inf)
    enough = np.flatnonzero(np.isfinite(change).sum(1) >= FEW_DAYS)
    noise[enough] = np.maximum(_spread(change[enough]), _NOISE_LEAST)
    for weekday in range(WEEK):
        same = change[:, weekday::WEEK]
        known = np.flatnonzero(np.isfinite(same).sum(1) >= _LEAST_WEEKS)
        rows = np.intersect1d(enough, known)
        every, own = noise[rows, weekday::WEEK], _spread(same[rows])  # of a dozen days, which tell it roughly
        noise[rows, weekday::WEEK] = np.maximum(every, np.sqrt((every**2 + own**2) / 2))
    return WeeklyExcess(raw, change, noise)


def _shared(raw: Floats) -> Floats:
    """What the other values did on each day, their median; 0 where nothing is known of them."""
    shared = np.zeros(raw.shape)
    for value in range(len(raw)):
        others = np.delete(raw, value, axis=0)
        days = np.isfinite(others).any(0)
        shared[value, days] = known_median(others[:, days], 0)
    return shared


def _spread(change: Floats) -> Floats:
    """Robust standard deviation of each row, shape (rows, 1)."""
    return 1.4826 * known_median(np.abs(change), 1)[:, None]
