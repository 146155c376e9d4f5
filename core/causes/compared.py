"""Two cubes side by side: what came in the window, and what the reference days, weighted, lead one to expect.

What is expected is linear in the days of the past, so that every slice of it adds up to the whole: totals, mix, segments
and drivers all close on one another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Metric
from core.cube import Cube, Floats, Part
from core.findings import Baseline
from core.segment import Segment

Pair = tuple[Floats, Floats]
"""(actual, expected)"""
Sums = Mapping[str, float]
"""base measure -> its sum"""

_EXPECTED = "expected "
"""What the name of an expected measure begins with inside `both`; no measure's own name begins so."""
_GIVEN_ALIKE = 0.25
"""By how much the given shares of two measures may differ for their ratio to be sliced by a dimension."""


@dataclass(frozen=True)
class Leaves:
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

    def totals(self, rows: NDArray[np.bool_] | None = None) -> tuple[dict[str, float], dict[str, float]]:
        """(actual, expected) sums of every measure over some of the leaves, or all."""
        held = slice(None) if rows is None else rows
        actual = {name: float(pair[0][held].sum()) for name, pair in self.sums.items()}
        return actual, {name: float(pair[1][held].sum()) for name, pair in self.sums.items()}


@dataclass(frozen=True)
class Compared:
    """What came, beside what was expected, for any base measure and any slice."""

    baseline: Baseline
    actual: Cube
    """The days of the window."""
    past: Cube
    """The days that the expectation rests on, and those between them and the window."""
    weights: Floats
    """How much each day of `past` counts, shape (days of past,); 0 where it is no reference day."""
    scales: Mapping[str, float] = field(default_factory=dict)
    """base measure -> what its weights are multiplied by (growth since the reference days); absent = 1."""

    def where(self, segment: Segment) -> "Compared":
        """The rows of a segment."""
        return replace(self, actual=self.actual.where(segment), past=self.past.where(segment)) if segment else self

    @cached_property
    def sums(self) -> tuple[dict[str, float], dict[str, float]]:
        """(actual, expected) sums of every base measure."""
        names = sorted(self.actual.measures)
        return (
            {name: self.actual.total(name) for name in names},
            {name: self.both.total(_EXPECTED + name) for name in names},
        )

    def value(self, metric: Metric) -> tuple[float, float]:
        """(actual, expected) of a metric; nan where it has no denominator."""
        actual, expected = self.sums
        return float(metric.value(actual)), float(metric.value(expected))

    def by(self, measure: str, dimension: str) -> Pair:
        """Sums by value of one dimension, each of shape (values,)."""
        return self.both.totals(measure, (dimension,)), self.both.totals(_EXPECTED + measure, (dimension,))

    def leaves(self, measures: Sequence[str], dimensions: Sequence[str]) -> Leaves:
        """Sums by every combination of values of some dimensions."""
        wanted = [name for measure in measures for name in (measure, _EXPECTED + measure)]
        found = self.both.table(wanted, dimensions)
        sums = {name: (found.sums[name], found.sums[_EXPECTED + name]) for name in measures}
        return Leaves(self.both.values, tuple(dimensions), found.codes, sums)

    def slices(self, measures: Sequence[str]) -> tuple[str, ...]:
        """The dimensions by which all these measures can be sliced together.

        At least two values occur, and the measures are given for about the same share of each (orders that know their
        product cannot be set against impressions that do not).
        """
        return tuple(name for name in self.both.dimensions if self._sliced_alike(measures, name))

    def _sliced_alike(self, measures: Sequence[str], dimension: str) -> bool:
        sizes = [np.abs(side) for measure in measures for side in self.by(measure, dimension) if side.any()]
        if not sizes or np.count_nonzero(sum(sizes)) < 2:
            return False
        given = [float(size[1:].sum() / size.sum()) for size in sizes]
        return max(given) - min(given) <= _GIVEN_ALIKE or len(measures) == 1

    @cached_property
    def both(self) -> Cube:
        """One cube that holds actual and weighted past as measures side by side, for aligned group-bys."""
        parts = [*self.actual.parts, *(self._weighted(part) for part in self.past.parts)]
        scales = {**self.actual.scales, **{_EXPECTED + name: scale for name, scale in self.past.scales.items()}}
        return replace(self.actual, parts=tuple(parts), scales=scales)

    def _weighted(self, part: Part) -> Part:
        weight = self.weights[part.days - self.past.window.first]
        counted = part.keep(weight != 0)
        weight = weight[weight != 0]
        weighted = {
            _EXPECTED + name: held * (weight * self.scales.get(name, 1.0)) for name, held in counted.measures.items()
        }
        return replace(counted, measures=weighted)
