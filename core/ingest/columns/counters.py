"""Columns whose days cannot be added up: counters, such as the plays of a video since it was posted, and sums of the last week
or month, such as the users of 28 days.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from core.base.arrays import Flags, Floats, Ints, distinct, numbered
from core.base.frozen import frozen
from core.base.time_zones import DAY_SECONDS
from core.ingest.columns.rate_parts import FITS, MOST_COLUMNS
from core.ingest.formats.batch import Figures
from core.ingest.formats.different_cells import codes_of, combined, differ_within

FEWEST_STEPS = 20
_FEWEST_OF_SLICE = 6
"""Steps from a day to the next: the figures of a day, of whatever grows, fall on some day of the week."""
FEWEST_SIZES = 5
"""Different steps: what grows by the same each day is made up, or counts days."""
_SLOW = 0.05
"""Rise of a day, as a part of all so far, of what rises by two sizes only, or on half of the days: a review or none a day."""
_RISES = 4
"""Rises for each fall of a running total of the day that is read several times: the sales of hours fall as often."""


@frozen
class DailySeries:
    """The rows of a table of one row a day and slice, by slice and day."""

    order: Ints
    """Places of the rows, shape (rows,)."""
    is_step: Flags
    """Whether each but the first follows the day before of its slice; shape (rows - 1,)."""

    is_within: Flags
    """Whether each but the first is of the slice of the row before; shape (rows - 1,)."""
    is_daily: bool
    """Whether slices have enough days, and most are followed by the next: only then anything but a balance shows."""

    @classmethod
    def of(cls, days: Ints, words: Collection[pa.Array]) -> "DailySeries | None":
        """The series of rows with these days, -1 where a row has none, that columns of words slice; None where a row has none, or
        some slice has two rows of a day.
        """
        several = [codes for codes in map(codes_of, words) if differ_within(days, codes)]
        slices = combined(several, len(days))
        if days.min(initial=0) < 0:
            return None
        cells, places = numbered(slices * (int(np.ptp(days)) + 1) + days - days.min()) if len(days) else (days, days)
        if len(cells) < len(days):
            return None
        order = np.empty(len(days), np.int64)
        order[places] = np.arange(len(days))
        is_within = np.diff(slices[order]) == 0
        is_step = is_within & (np.diff(days[order]) == 1)
        count = int(is_step.sum())
        fewest = max(FEWEST_STEPS, _FEWEST_OF_SLICE * len(distinct(slices)))
        return cls(order, is_step, is_within, count >= fewest and count > is_within.sum() / 2)

    @classmethod
    def of_rows(cls, count: int) -> "DailySeries":
        """So many rows of one slice, each of the day after the one before."""
        follows = np.ones(max(count - 1, 0), bool)
        return cls(np.arange(count), follows, follows, is_daily=False)

    def by_row(self) -> "DailySeries":
        """The series in which each row of a slice is a day after the one before, whatever lies between: a weekend."""
        return replace(self, is_step=self.is_within)

    @classmethod
    def of_moments(cls, seconds: Ints, words: Collection[pa.Array]) -> "DailySeries | None":
        """The series of rows with these moments (in seconds, -1 where a row has none), each a step after the moment before it in
        its slice; None where rows have none, or most days have fewer rows than a running total shows in.
        """
        most = len(seconds) / _FEWEST_OF_SLICE
        few = [
            codes for codes in map(codes_of, words) if codes.max(initial=0) < most
        ]  # an id of each row slices nothing
        slices = combined(few, len(seconds))
        days = len(distinct(slices * (seconds.max(initial=0) // DAY_SECONDS + 2) + seconds // DAY_SECONDS))
        if not len(seconds) or (seconds < 0).sum() > (1 - FITS) * len(seconds) or len(seconds) < days * (_RISES + 1):
            return None
        slices = np.where(
            seconds < 0, len(seconds) + np.arange(len(seconds)), slices
        )  # a row of units is a slice of its own
        order = np.lexsort((seconds, slices))
        is_within = np.diff(slices[order]) == 0
        return cls(order, is_within, is_within, is_daily=False)

    def begins_anew(self, values: Floats) -> bool:
        """Whether a column only rises from moment to moment, but for where it begins anew, as what came since midnight does."""
        own, slices = values[self.order], np.r_[0, np.cumsum(~self.is_within)]
        known = np.isfinite(own)  # a row of units, or one that cannot be read
        own, is_within = own[known], np.diff(slices[known]) == 0
        steps, before = np.diff(own)[is_within], own[:-1][is_within]
        rises, falls = steps[steps > 0], steps < 0
        if known.mean() < FITS or len(rises) < FEWEST_STEPS or np.ptp(rises) == 0:
            return False
        is_low = -steps[falls] >= before[falls] / 2
        return bool(own.min() >= 0 and len(rises) >= _RISES * falls.sum() and is_low.all())

    def beginning(self, rows: int) -> "DailySeries":
        """The series of the first slices, of so many rows together."""
        return DailySeries(self.order[:rows], self.is_step[: rows - 1], self.is_within[: rows - 1], self.is_daily)

    def steps(self, values: Floats, days: int = 1) -> tuple[Floats, Floats]:
        """The figures of days and those of so many days later, in the same slice, no day between them missing; shape (steps,)
        each.
        """
        own = values[self.order]
        places = self._steps_apart(days - 1)
        return own[places + 1 - days], own[places + 1]

    def counts_on(self, values: Floats, *, as_another: bool = False) -> bool:
        """Whether a column never falls from a day to the next, nor over days that are missing: sales fall over weekends. Next to
        another one that does so (`as_another`), rises of few sizes are enough.
        """
        own = values[self.order]
        rises = np.diff(own)
        if not np.isfinite(own).all() or own.min(initial=0) < 0 or rises[self.is_within].min(initial=0) < 0:
            return False
        steps = rises[self.is_step & (own[:-1] != 0)]  # what has not begun shows nothing
        count = int((steps != 0).sum())
        if len(steps) < FEWEST_STEPS or count < FEWEST_STEPS / 2:
            return False
        sizes = len(distinct(steps))
        is_slow = as_another or (sizes > 1 and float(steps.mean()) <= _SLOW * float(np.median(own)))
        return is_slow or (count >= FEWEST_STEPS and sizes >= FEWEST_SIZES)

    def rolls(self, name: str, figures: Figures) -> bool:
        """Whether each day of a column covers the week or month up to it: it is called so and moves so, or is the sum or the
        mean of another column over those days.

        What single days bring shows in steps from day to day: noise turns back on the day after (their correlation at a lag of a
        day is -0.5 where days are independent), and days of the week come again. In a sum of many days neither shows. Over 40
        simulated series of 45 and 90 days each, with noise of autocorrelation 0 to 0.8: windows above -0.33 at a day and below
        0.18 at their own length; days with a weekly rhythm above 0.2 at seven days, days without it near -0.5 to -0.1.
        """
        own = figures[name][self.order]
        if not np.isfinite(own).all():
            return False
        length = _LENGTH.search(name)
        if length is not None:
            lag = int(length[1]) if self._pairs(own, int(length[1])) is not None else _WEEK
            day, again = self._correlation(own, 1), self._correlation(own, lag)
            if day is not None and again is not None and day > _TURNS_BACK and again < _COMES_AGAIN:
                return True
        others = [figures[other][self.order] for other in list(figures)[:MOST_COLUMNS] if other != name]
        return any(self._covers(own, others, days) for days in _LENGTHS)

    def _steps_apart(self, lag: int) -> Ints:
        """Places of the steps that are that many days after another step of their slice, with no day missing between them."""
        if not lag:
            return np.flatnonzero(self.is_step)
        unbroken = np.cumsum(np.r_[0, self.is_step])
        last = np.arange(lag, len(self.is_step))
        places: Ints = last[unbroken[last + 1] - unbroken[last - lag] == lag + 1]
        return places

    def _pairs(self, own: Floats, lag: int) -> tuple[Floats, Floats] | None:
        """The steps that have another one so many days before, and these; shape (pairs,) each. None of too few."""
        places = self._steps_apart(lag)
        if len(places) < FEWEST_STEPS:
            return None
        steps = np.diff(own)
        return steps[places - lag], steps[places]

    def _correlation(self, own: Floats, lag: int) -> float | None:
        pairs = self._pairs(own, lag)
        if pairs is None or np.ptp(pairs[0]) == 0 or np.ptp(pairs[1]) == 0:
            return None
        return float(np.corrcoef(*pairs)[0, 1])

    def _covers(self, own: Floats, others: Sequence[Floats], days: int) -> bool:
        """Whether a column is the sum, or the mean, of another one over so many days."""
        places = self._steps_apart(days - 1)
        if len(places) < FEWEST_STEPS or np.ptp(own) == 0:
            return False
        most_off = (1 - FITS) * len(places)

        def covers(other: Floats, by: int) -> bool:
            for some in (places[:_FIRST], places):  # the first rows mostly show that it does not
                steps, came = own[some + 1] - own[some], other[some + 1] - other[some - days + 1]
                if np.count_nonzero(np.abs(steps - came / by) > _ROUNDED) > most_off:
                    return False
            return bool(np.ptp(came) > 0)

        return any(covers(other, by) for other in others for by in (1, days))


_FIRST = 1_000
_LENGTH = re.compile(r"(?<!\d)(7|14|28|30|60|90)(?!\d)")
"""Days in the name of what covers several: `users_28d`, `l7d_sales`."""
_LENGTHS = (7, 14, 28, 30)
_WEEK = 7
_TURNS_BACK = -0.2
_COMES_AGAIN = 0.15
_ROUNDED = 0.0201
"""Four amounts rounded to cents, of which two are taken off the others, are off by as much at most."""
