"""What the localizer is asked and what it answers: a leaf table with integer codes, and the segments that it found."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Codes, Floats
from core.base.errors import UsageError
from core.base.segment import Segment

Rows = NDArray[np.int64]

_MOST_KEYS = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafTable:
    """Leaf rows of a cube at one moment: what was counted and what was forecast.

    A sum has `actual` and `forecast`; a ratio has bases (denominators) too and is `actual / actual_base` against
    `forecast / forecast_base`.
    """

    dimensions: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    """By dimension: its values by code."""
    codes: Codes
    """shape (n, dimensions)."""
    actual: Floats
    """shape (n,), as are the next three."""
    forecast: Floats
    actual_base: Floats | None = None
    forecast_base: Floats | None = None

    def merged(self) -> "LeafTable":
        """The same table with one row for each combination of values."""
        key = np.zeros(len(self.actual), np.int64)
        radix = [int(self.codes[:, axis].max()) + 1 for axis in range(len(self.dimensions))]
        cells = 1
        for axis, size in enumerate(radix):
            cells *= size
            if cells > _MOST_KEYS:
                _, key = np.unique(key, return_inverse=True)
                cells = len(key) * size
            key = key * size + self.codes[:, axis]
        ordered = np.sort(key)
        if not (ordered[1:] == ordered[:-1]).any():
            return self
        _, first, key = np.unique(key, return_index=True, return_inverse=True)

        def total(column: Floats) -> Floats:
            return np.asarray(np.bincount(key, column), np.float64)

        return replace(
            self,
            codes=self.codes[first],
            actual=total(self.actual),
            forecast=total(self.forecast),
            actual_base=None if self.actual_base is None else total(self.actual_base),
            forecast_base=None if self.forecast_base is None else total(self.forecast_base),
        )

    def check(self) -> None:
        """Raises UsageError when there is nothing to look into, shapes differ or a figure is no finite number."""
        if not self.dimensions or not len(self.actual):
            raise UsageError("nothing to localize: the table needs at least one dimension and one row.")
        columns = {"actual": self.actual, "forecast": self.forecast}
        if (self.actual_base is None) != (self.forecast_base is None):
            raise UsageError("a ratio needs the denominators of both actual and forecast.")
        if self.actual_base is not None and self.forecast_base is not None:
            columns |= {"denominator of actual": self.actual_base, "denominator of forecast": self.forecast_base}
        if self.codes.shape != (len(self.actual), len(self.dimensions)):
            raise UsageError(
                f"codes have the shape {self.codes.shape}, not ({len(self.actual)}, {len(self.dimensions)})."
            )
        for name, column in columns.items():
            if column.shape != self.actual.shape:
                raise UsageError(f"{name} has {column.size} rows, actual has {self.actual.size}.")
            bad = np.flatnonzero(~np.isfinite(column))
            if len(bad):
                raise UsageError(f"{name} is no finite number in row {bad[0] + 1}. Fill it or leave the row out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCauseSegment:
    """One root cause: the conjunction, its own sums (or ratios), and how sure it is that exactly this is one."""

    where: Segment
    actual: float
    forecast: float
    change: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Localization:
    """The smallest set of segments that explains the change, strongest first. The empty segment means that everything
    moved or nothing in particular did."""

    segments: tuple[RootCauseSegment, ...]
    seconds: float
    """Computing time of the processor."""


def quantile(values: Floats, share: float) -> float:
    """The value below which this share of all is, without sorting."""
    rank = int(share * (len(values) - 1))
    return float(np.partition(values, rank)[rank])


def renumbered(codes: NDArray[np.integer]) -> tuple[Rows, int]:
    """Codes that are dense from 0 in the same order, and how many there are."""
    number = np.cumsum(np.bincount(codes) > 0) - 1
    return number[codes], int(number[-1]) + 1
