"""Many daily series side by side: what the detector looks at."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, Ints
from core.detection.forecast.state_space import WEEK

ORDINARY, LIFTED, IGNORED, CLOSED = 0, 1, 2, 3
"""What is known of a day beforehand: nothing; a campaign lifts it; it says nothing at all (a holiday, a yearly closure); nothing
came in and nothing is expected (a day of rest, a day that was not exported)."""


@dataclass(frozen=True)
class Panel:
    """Daily series over the same days, one row each."""

    first: int
    """Day of the first column, as days since 1970-01-01."""
    values: Floats
    """What is summed: a count, an amount, or a ratio's numerator (already scaled); shape (series, days), never negative."""
    exposure: Floats | None = None
    """A ratio's denominator, same shape; None for plain sums. May be nan for rows that are plain sums in a mixed panel."""
    worse: Floats = field(default_factory=lambda: np.zeros(0))
    """-1 where falling is worse, +1 where rising is; shape (series,). Empty: falling is worse everywhere."""
    counts: Flags = field(default_factory=lambda: np.zeros(0, bool))
    """Whether the values count things one by one, so that they scatter at least as Poisson counts do; empty: all do."""
    event: Floats = field(default_factory=lambda: np.zeros(0))
    """What one single event adds to the values (1, or a ratio's scale); 0 for amounts such as money; shape (series,).
    Empty: 1 for counts, 0 for all else."""
    trial: Floats = field(default_factory=lambda: np.zeros(0))
    """What one single event adds to the exposure: 1; 0 where that is an amount, or a plain sum has none; shape (series,).
    Empty: 1 where there is an exposure."""
    group: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """Series of one group (one metric) share what is learnt of their noise; empty: all are one group."""
    known: NDArray[np.int8] = field(default_factory=lambda: np.zeros((0, 0), np.int8))
    """ORDINARY, LIFTED, IGNORED or CLOSED; shape (series, days) or (1, days); empty: all ordinary."""
    rest: Callable[[Ints], Floats] | None = None
    """The total of each segment's whole minus the segment, shape (series, days), zeros for a whole; None: all are wholes."""

    def __post_init__(self) -> None:
        series, days = self.values.shape
        for name, empty, full in (
            ("worse", self.worse.size == 0, np.full(series, -1.0)),
            ("counts", self.counts.size == 0, np.ones(series, bool)),
            ("event", self.event.size == 0, self.counts.astype(float) if self.counts.size else np.ones(series)),
            ("trial", self.trial.size == 0, self._trials()),
            ("group", self.group.size == 0, np.zeros(series, np.int64)),
            ("known", self.known.size == 0, np.zeros((1, days), np.int8)),
        ):
            if empty:
                object.__setattr__(self, name, full)

    def _trials(self) -> Floats:
        if self.exposure is None or not self.exposure.size:
            return np.zeros(len(self.values))
        return np.asarray(~np.isnan(self.exposure[:, 0]), np.float64)

    @cached_property
    def rests(self) -> Flags:
        """On which weekdays (column modulo 7) each series says nothing, shape (7, series)."""
        silent = self.known >= IGNORED
        always = [
            silent[:, day::WEEK].all(1) if silent.shape[1] > day else np.zeros(len(silent), bool) for day in range(WEEK)
        ]
        return np.broadcast_to(always, (WEEK, len(self.values)))

    @cached_property
    def open_weekdays(self) -> Floats:
        """On how many weekdays anything can come in, at least 1; shape (series,)."""
        return np.asarray(np.maximum((~self.rests).sum(0), 1), np.float64)

    def opened(self, series: Ints, columns: Ints) -> Ints:
        """The first column from each of `columns` on whose weekday its series says something."""
        for _ in range(WEEK - 1):
            columns = columns + self.rests[columns % WEEK, series]
        return columns

    @property
    def last(self) -> int:
        """Day of the last column."""
        return self.first + int(self.values.shape[1]) - 1

    def until(self, day: int) -> "Panel":
        """The same series as they were known at the end of a day."""
        days = day - self.first + 1
        exposure = None if self.exposure is None else self.exposure[:, :days]
        return replace(self, values=self.values[:, :days], exposure=exposure, known=self.known[:, :days])

    def columns(self, day: int) -> tuple[Floats, Floats, Any]:
        """Values, exposure and what is known of one column's day, each of shape (series,)."""
        known = self.known[:, day]
        exposure = np.ones(len(self.values)) if self.exposure is None else self.exposure[:, day]
        return self.values[:, day], _open_exposure(exposure, known), known

    def rest_of(self, series: Ints, day: int) -> Floats:
        """The total of each whole minus its segment, up to a column; zeros for wholes; shape (series, day + 1)."""
        return np.zeros((len(series), day + 1)) if self.rest is None else self.rest(series)[:, : day + 1]

    def exposures(self, series: Ints, days: slice) -> Floats:
        """What the values of some series can come of: denominators, 1 for plain sums, 0 on closed days; shape (series, days)."""
        values = self.values[series, days]
        exposure = np.ones_like(values) if self.exposure is None else self.exposure[series, days]
        return _open_exposure(exposure, np.broadcast_to(self.known, self.values.shape)[series, days])

    def ordinary(self, series: Ints, days: slice) -> tuple[Floats, Floats]:
        """The same and the values; 0 on days that a campaign lifts, unless nothing comes on others; shapes (series, days)."""
        exposure, values = self.exposures(series, days), self.values[series, days]
        usual = np.broadcast_to(self.known, self.values.shape)[series, days] != LIFTED
        usual |= ~(usual & (exposure > 0) & (values > 0)).any(1, keepdims=True)
        return exposure * usual, values * usual

    def excused(self, actual: Floats, mean: Floats, lifted: Flags) -> Floats:
        """What came; a campaign can hide a drop but not excuse one: its days count only as far as they fall short."""
        if not lifted.any():
            return actual
        short = np.where(self.worse < 0, np.minimum(actual, mean), np.maximum(actual, mean))
        return np.where(lifted, short, actual)


def _open_exposure(exposure: Floats, known: NDArray[np.int8]) -> Floats:
    return np.where(known == CLOSED, 0.0, np.where(np.isnan(exposure), 1.0, exposure))
