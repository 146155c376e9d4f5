"""Columns that count on from day to day, such as the plays of a video since it was posted: their days cannot be added up."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.base.arrays import Flags, Floats, Ints, distinct
from core.ingest.columns.rate_parts import CHANGED, FITS, MOST_COLUMNS

_FEWEST_STEPS = 20
_FEWEST_OF_SLICE = 6
"""Steps from a day to the next: the figures of a day, of whatever grows, fall on some day of the week."""
_FEWEST_SIZES = 5
"""Different steps: what grows by the same each day is made up, or counts days."""


@dataclass(frozen=True, slots=True)
class DailySeries:
    """The rows of a table of one row a day and slice, by slice and day."""

    order: Ints
    """Places of the rows, shape (rows,)."""
    is_step: Flags
    """Whether each but the first follows the day before of its slice; shape (rows - 1,)."""

    is_within: Flags
    """Whether each but the first is of the slice of the row before; shape (rows - 1,)."""

    @classmethod
    def of(cls, days: Ints, words: Collection[pa.Array]) -> "DailySeries | None":
        """The series of rows with these days, -1 where a row has none, that columns of words slice; None where some slice has
        two rows of a day, few slices have enough days, or most days are not followed by the next.
        """
        slices = np.zeros(len(days), np.int64)
        for column in words:
            codes = column.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
            size = int(codes.max(initial=0)) + 1
            if len(distinct(days * size + codes)) > len(distinct(days)):  # a weekday, a remark on the day slice nothing
                slices = np.unique(slices * size + codes, return_inverse=True)[1]
        order = np.lexsort((days, slices))
        apart, is_within = np.diff(days[order]), np.diff(slices[order]) == 0
        is_step = is_within & (apart == 1)
        count = int(is_step.sum())
        if days.min(initial=0) < 0 or count < max(_FEWEST_STEPS, _FEWEST_OF_SLICE * len(distinct(slices))):
            return None
        return cls(order, is_step, is_within) if (apart[is_within] > 0).all() and count > is_within.sum() / 2 else None

    def steps(self, values: Floats) -> tuple[Floats, Floats]:
        """The figures of days and those of the days after them, in the same slice; shape (steps,) each."""
        own = values[self.order]
        return own[:-1][self.is_step], own[1:][self.is_step]

    def counts_on(self, name: str, figures: Mapping[str, Floats]) -> bool:
        """Whether a column never falls from a day to the next, or rises by what another column has on the day."""
        own = figures[name][self.order]
        is_step = self.is_step & (own[:-1] != 0)  # what has not begun shows nothing
        steps = np.diff(own)[is_step]
        if not np.isfinite(own).all() or (steps != 0).sum() < _FEWEST_STEPS or len(np.unique(steps)) < _FEWEST_SIZES:
            return False
        if np.diff(own)[self.is_within].min() >= 0 and own.min() >= 0:  # weekends are no steps: sales fall over them
            return True
        others = (figures[other] for other in list(figures)[:MOST_COLUMNS] if other != name)
        return any((np.abs(steps - other[self.order][1:][is_step]) <= CHANGED).mean() >= FITS for other in others)
