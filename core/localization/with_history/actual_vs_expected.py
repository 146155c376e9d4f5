"""Two sides of one stock of rows: what came in the window, and what the reference days, weighted, lead one to expect.

What is expected is linear in the days of the past, so that every slice of it adds up to the whole: totals, mix, segments
and drivers all close on one another.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.base.baseline import Baseline
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.cube.takeover import swapped, took_over
from core.localization.with_history.leaf_rows import Joined, LeafRows, LeafSource, Places

Pair = tuple[Floats, Floats]
"""(actual, expected)"""
Sides = tuple[dict[str, float], dict[str, float]]
"""(actual, expected): base measure -> its sum"""

WEEK = 7
_GIVEN_ALIKE = 0.25
"""By how much the given shares of two measures may differ for their ratio to be sliced by a dimension."""


@dataclass(frozen=True)
class LeafSums:
    """Every combination of values that occurs, with actual and expected sums."""

    values: Mapping[str, tuple[str, ...]]
    dimensions: tuple[str, ...]
    codes: NDArray[np.int32]
    """shape (leaves, dimensions), into `values`."""
    sums: Mapping[str, Pair]
    """base measure -> (actual, expected), each of shape (leaves,)."""

    def inside(self, segment: Segment) -> NDArray[np.bool_]:
        """Which leaves a segment holds, shape (leaves,); terms of dimensions that are not sliced by hold everything."""
        rows = np.ones(len(self.codes), bool)
        for name, values in segment.terms:
            if name in self.dimensions:
                chosen = np.isin(np.array(self.values[name]), values)
                rows &= chosen[self.codes[:, self.dimensions.index(name)]]
        return rows

    def same(self, segment: Segment, other: Segment) -> bool:
        """Whether two segments hold the same leaves, those with nothing in them left out."""
        differ = self.inside(segment) != self.inside(other)
        return not any(side[differ].any() for pair in self.sums.values() for side in pair)

    def totals(self, rows: NDArray[np.bool_] | None = None) -> Sides:
        """(actual, expected) sums of every measure over some of the leaves, or all."""
        chosen = slice(None) if rows is None else rows
        actual = {name: float(pair[0][chosen].sum()) for name, pair in self.sums.items()}
        return actual, {name: float(pair[1][chosen].sum()) for name, pair in self.sums.items()}


@dataclass(frozen=True, eq=False, kw_only=True)
class ActualVsExpected:
    """Actual and expected, for any base measure and any slice."""

    baseline: Baseline
    stock: LeafRows
    now: NDArray[np.bool_]
    """The days that are judged, among `stock.days`."""
    held: NDArray[np.bool_]
    """Those that are compared with them: the days that the expectation rests on, and those between them and the window."""
    weights: Floats
    """How much each day counts in the expectation, shape (days of the stock,); 0 where it is no reference day."""
    scales: Mapping[str, float] = field(default_factory=dict)
    """base measure -> what its weights are multiplied by (growth since the reference days); absent = 1."""
    amounts: Set[str] = frozenset()
    """Base measures that add up amounts, such as money, and count no single events."""

    @property
    def measures(self) -> frozenset[str]:
        """Base measures that are held."""
        return self.stock.measures

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions that can be sliced by."""
        return tuple(self.stock.values)

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """dimension -> its values by code."""
        return self.stock.values

    def where(self, segment: Segment) -> "ActualVsExpected":
        """The rows of a segment."""
        return replace(self, stock=self.stock.where(segment)) if segment else self

    def without(self, segments: Sequence[Segment], kept: Segment) -> "ActualVsExpected":
        """The rows outside some segments, and those of `kept` that lie in them."""
        return replace(self, stock=self.stock.without(segments, kept)) if segments else self

    def about(self, segment: Segment, volume: str) -> "ActualVsExpected":
        """The rows of a segment; what is not sliced by its dimensions counts where its creators do most of the volume."""
        return replace(self, stock=self.stock.about(segment, volume)) if segment else self

    @cached_property
    def sums(self) -> Sides:
        """(actual, expected) sums of every base measure."""
        return self._sums_of(sorted(self.measures))

    def value(self, metric: Metric) -> tuple[float, float]:
        """(actual, expected) of a metric; nan where it has no denominator."""
        actual, expected = self._sums_of(sorted(metric.measures()))
        return float(metric.value(actual)), float(metric.value(expected))

    def _sums_of(self, names: Sequence[str]) -> Sides:
        daily = {name: self.stock.daily(name) for name in names}
        return (
            {name: float(days[self.now].sum()) for name, days in daily.items()},
            {name: float(days @ self.weights) * self.scales.get(name, 1.0) for name, days in daily.items()},
        )

    def by(self, measure: str, dimension: str) -> Pair:
        """Sums by value of one dimension, each of shape (values,)."""
        if (measure, dimension) not in self._by:
            self._by[measure, dimension] = self._by_value(measure, dimension)
        return self._by[measure, dimension]

    def _by_value(self, measure: str, dimension: str) -> Pair:
        size = len(self.values[dimension])
        actual, expected = np.zeros(size), np.zeros(size)
        for source in self.stock.sources:
            if measure in source.measures:
                codes = source.codes.get(dimension)
                for total, sums in zip((actual, expected), self._pair(source, measure), strict=True):
                    total += sums.sum() * (np.arange(size) == 0) if codes is None else np.bincount(codes, sums, size)
        return actual, expected

    def leaves(self, measures: Sequence[str], dimensions: Sequence[str] | None = None) -> LeafSums:
        """Sums by every combination of values of some dimensions; without any of all that the measures can be sliced by."""
        joined = self.stock.joined(measures, tuple(self.slices(measures) if dimensions is None else dimensions))
        sums = {name: self._on(joined, name) for name in measures}
        return LeafSums(self.values, joined.grid.dimensions, joined.grid.codes, sums)

    def weekly(self, joined: Joined, measure: str) -> Floats:
        """Sums of a measure by leaf in the window, as expected of it, and in each whole past week, shape (2 + weeks, leaves)."""
        column, weeks = self._weeks
        total = np.zeros((weeks, len(joined.grid)))
        for source in self.stock.sources:
            if measure in source.measures:
                total += joined.sums(source, self._weekly(source, measure, column, weeks))
        return np.vstack([*self._on(joined, measure), total])

    def _weekly(self, source: LeafSource, measure: str, column: Places, weeks: int) -> Floats:
        key = source, measure
        if key not in self._by_week:
            self._by_week[key] = self.stock.by_column(source, measure, column, weeks)
        return self._by_week[key]

    def slices(self, measures: Sequence[str]) -> tuple[str, ...]:
        """The dimensions by which all these measures can be sliced together.

        At least two values occur, and the measures are given for about the same share of each (orders that know their
        product cannot be set against impressions that do not). Of a dimension in which values took over from others, none
        tells where a change is.
        """
        return tuple(
            name
            for name in self.dimensions
            if self._sliced_alike(measures, name) and not self.took_over(measures, name)
        )

    def took_over(self, measures: Sequence[str], dimension: str) -> tuple[str, ...]:
        """The values of a dimension that took over from its others, by any of these measures that is counted.

        Amounts change places by chance where few are large: they are judged by what there is most of among the counts of their
        rows, and by themselves where nothing is counted.
        """
        counts = [name for name in measures if name not in self.amounts]
        flags = []
        for name in counts or self._counted_with(measures, dimension) or measures:
            (actual, expected), is_count = self.by(name, dimension), name not in self.amounts
            flags.append(took_over(expected, actual, is_count=is_count) | swapped(expected, actual, is_count=is_count))
        codes = np.flatnonzero(np.any(flags, axis=0))
        return tuple(self.values[dimension][code] for code in codes)

    def _counted_with(self, measures: Sequence[str], dimension: str) -> list[str]:
        """The largest count of the rows that hold some measures and know a dimension; none where nothing is counted there."""
        sources = [s for s in self.stock.sources if dimension in s.codes and not s.measures.isdisjoint(measures)]
        counts = sorted({name for source in sources for name in source.measures - self.amounts})
        return sorted(counts, key=lambda name: -float(self.stock.daily(name).sum()))[:1]

    def _sliced_alike(self, measures: Sequence[str], dimension: str) -> bool:
        sizes = [np.abs(side) for measure in measures for side in self.by(measure, dimension) if side.any()]
        if not sizes or np.count_nonzero(sum(sizes)) < 2:
            return False
        named_shares = [float(size[1:].sum() / size.sum()) for size in sizes]
        return max(named_shares) - min(named_shares) <= _GIVEN_ALIKE or len(measures) == 1

    def _on(self, joined: Joined, measure: str) -> Pair:
        """Sums by leaf of a grid."""
        total = np.zeros((2, len(joined.grid)))
        for source in self.stock.sources:
            if measure in source.measures:
                total += joined.sums(source, np.stack(self._pair(source, measure)))
        return total[0], total[1]

    def _pair(self, source: LeafSource, measure: str) -> Pair:
        """Sums by leaf of a source."""
        key = source, measure
        if key not in self._pairs:
            actual = self.stock.by_leaf(source, measure, self.now.astype(np.float64))
            expected = self.stock.by_leaf(source, measure, self.weights)
            self._pairs[key] = actual, expected * self.scales.get(measure, 1.0)
        return self._pairs[key]

    @cached_property
    def _weeks(self) -> tuple[Places, int]:
        """The whole past week that each day is in, 0 = the last one, -1 = in none; and how many there are."""
        days_used = np.flatnonzero(self.weights > 0)
        if len(days_used) < 3 * WEEK:
            days_used = np.flatnonzero(self.held)
        column = np.full(len(self.weights), -1)
        column[days_used] = (days_used[-1] - days_used) // WEEK
        weeks = len(days_used) // WEEK
        return np.where(column < weeks, column, -1), weeks

    @cached_property
    def _by(self) -> dict[tuple[str, str], Pair]:
        return {}

    @cached_property
    def _pairs(self) -> dict[tuple[LeafSource, str], Pair]:
        return {}

    @cached_property
    def _by_week(self) -> dict[tuple[LeafSource, str], Floats]:
        return {}
