"""Stock: all rows that a question needs, each by its leaf (a combination of values) and its day, numbered once.

Whatever is asked of the rows afterwards, sums by slice, by day or by week, is then a sum over leaves, of which there are far
fewer than rows.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Codes, Floats
from core.base.days import Window
from core.base.segment import Segment
from core.cube.cube import Cube, CubePart
from core.localization.with_history.segment_lattice import SegmentLattice

Places = NDArray[np.int64]

_SUBJECT = "creator_id"
"""Whom rows are about that do not know where they belong."""
_AT_HOME, _MOSTLY = 1.5, 0.5
"""A creator belongs to a segment who does there this many times as much of the volume as all creators do, or so large a share."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that carry the same measures."""

    leaf: Places
    """The leaf of each row, shape (rows,)."""
    at: Places
    """The place of its day in `LeafRows.days`, shape (rows,)."""
    measures: Mapping[str, Floats]

    def keep(self, leaves: NDArray[np.bool_]) -> "Rows":
        """Those of some leaves."""
        rows = np.flatnonzero(leaves[self.leaf])
        measures = {name: values[rows] for name, values in self.measures.items()}
        return Rows(self.leaf[rows], self.at[rows], measures)


@dataclass(frozen=True, eq=False)
class LeafSource:
    """The leaves of what is sliced by the same dimensions, and their rows."""

    codes: Mapping[str, Codes]
    """dimension -> code of each leaf, shape (leaves,)."""
    size: int
    rows: tuple[Rows, ...]

    @cached_property
    def measures(self) -> frozenset[str]:
        """Base measures that it holds."""
        return frozenset(name for rows in self.rows for name in rows.measures)


@dataclass(frozen=True, eq=False)
class LeafRows:
    """Everything counted in some days of the past and in a window."""

    values: Mapping[str, tuple[str, ...]]
    """dimension -> its values by code; the first is "" (not given)."""
    days: Places
    """The days of the past, then those of the window, shape (days,)."""
    sources: tuple[LeafSource, ...]
    scales: Mapping[str, int]
    """base measure -> what its sums are divided by; absent = 1."""

    @cached_property
    def measures(self) -> frozenset[str]:
        """Base measures that are held."""
        return frozenset(name for source in self.sources for name in source.measures)

    def where(self, segment: Segment) -> "LeafRows":
        """The rows of a segment; the leaves keep their numbers."""
        return self._only(lambda source: self._inside(source, segment))

    def without(self, segments: Sequence[Segment], kept: Segment) -> "LeafRows":
        """The rows outside some segments, and those of `kept` that lie in them; the leaves keep their numbers."""

        def leaves(source: LeafSource) -> NDArray[np.bool_]:
            left_out = np.any([self._inside(source, segment) for segment in segments], axis=0)
            return np.asarray(~left_out | self._inside(source, kept))

        return self._only(leaves)

    def _only(self, leaves: Callable[[LeafSource], NDArray[np.bool_]]) -> "LeafRows":
        def some(source: LeafSource) -> LeafSource:
            chosen = leaves(source)
            return replace(source, rows=tuple(rows.keep(chosen) for rows in source.rows))

        return replace(self, sources=tuple(some(source) for source in self.sources))

    def _inside(self, source: LeafSource, segment: Segment) -> NDArray[np.bool_]:
        """Which leaves of a source a segment holds."""
        leaves = np.ones(source.size, bool)
        for name, values in segment.terms:
            chosen = np.isin(np.array(self.values[name]), values)
            leaves &= chosen[source.codes[name]] if name in source.codes else bool(chosen[0])
        return leaves

    def about(self, segment: Segment, volume: str) -> "LeafRows":
        """The rows of a segment, and those that are not said to be in or out of it, by what their creators do.

        A violation knows its creator and market, but not the channel. It is in a segment of a channel when its creator does much
        more of the `volume` there than others do.
        """
        is_named = {name: np.isin(np.array(self.values[name]), values) for name, values in segment.terms}
        at_home = self._at_home(self.where(segment), volume)

        def inside(source: LeafSource) -> NDArray[np.bool_]:
            leaves, is_unknown = np.ones(source.size, bool), np.zeros(source.size, bool)
            for name, chosen in is_named.items():
                codes = source.codes.get(name, np.zeros(source.size, np.int32))
                leaves &= chosen[codes] | (codes == 0)
                is_unknown |= (codes == 0) & ~chosen[0]
            return leaves & (~is_unknown | at_home[source.codes.get(_SUBJECT, np.zeros(source.size, np.int32))])

        return self._only(inside)

    def _at_home(self, inside: "LeafRows", volume: str) -> NDArray[np.bool_]:
        """The creators who do more of their volume inside than others, by code."""
        own, whole = inside.by_value(_SUBJECT, volume), self.by_value(_SUBJECT, volume)
        usual = float(own.sum() / whole.sum()) if whole.any() else 1.0
        is_creator = np.arange(len(whole)) > 0
        return np.asarray(is_creator & (whole > 0) & (own >= min(_AT_HOME * usual, _MOSTLY) * whole))

    def by_value(self, dimension: str, measure: str) -> Floats:
        """The sum over all days of each value of a dimension, shape (values,)."""
        size, every = len(self.values.get(dimension, ("",))), np.ones(len(self.days))
        total = np.zeros(size)
        for source in self.sources:
            if measure in source.measures:
                codes = source.codes.get(dimension, np.zeros(source.size, np.int32))
                total += np.bincount(codes, self.by_leaf(source, measure, every), size)
        return total

    def with_more(self, other: "LeafRows", instead: Collection[str] = ()) -> "LeafRows":
        """The same with the rows of another one that was numbered together with it; `instead`: what is taken from it alone."""
        sources = []
        for own, more in zip(self.sources, other.sources, strict=True):
            own_rows = (
                replace(rows, measures={k: v for k, v in rows.measures.items() if k not in instead})
                for rows in own.rows
            )
            sources.append(replace(own, rows=(*own_rows, *more.rows)))
        return replace(self, sources=tuple(sources), scales={**self.scales, **other.scales})

    def daily(self, measure: str) -> Floats:
        """The sum of each day, shape (days,)."""
        if measure not in self._daily:
            parts = (rows for source in self.sources for rows in source.rows if measure in rows.measures)
            total = sum(np.bincount(rows.at, rows.measures[measure], len(self.days)) for rows in parts)
            self._daily[measure] = total / self.scales.get(measure, 1) + np.zeros(len(self.days))
        return self._daily[measure]

    def by_leaf(self, source: LeafSource, measure: str, weights: Floats) -> Floats:
        """The weighted sum over days of each leaf of a source, shape (leaves,); `weights` of shape (days,)."""
        total = np.zeros(source.size)
        for rows in source.rows:
            if measure in rows.measures:
                weight = weights[rows.at]
                days_weighted = np.flatnonzero(weight)
                total += np.bincount(
                    rows.leaf[days_weighted], rows.measures[measure][days_weighted] * weight[days_weighted], source.size
                )
        return np.asarray(total / self.scales.get(measure, 1))

    def by_column(self, source: LeafSource, measure: str, column: Places, columns: int) -> Floats:
        """The sums of each leaf over groups of days, shape (columns, leaves); `column` of each day, -1 = in none."""
        total = np.zeros(columns * source.size)
        for rows in source.rows:
            if measure in rows.measures:
                target = column[rows.at]
                columned = np.flatnonzero(target >= 0)
                key = target[columned] * source.size + rows.leaf[columned]
                total += np.bincount(key, rows.measures[measure][columned], len(total))
        return np.asarray(total.reshape(columns, source.size) / self.scales.get(measure, 1))

    def joined(self, measures: Collection[str], dimensions: tuple[str, ...]) -> "Joined":
        """The leaves over some dimensions of the sources of some measures, and of all that know these dimensions."""
        sources = tuple(
            source
            for source in self.sources
            if source.measures & set(measures) or source.codes.keys() >= set(dimensions)
        )
        if (sources, dimensions) not in self._joined:
            parts = [CubePart(np.zeros(source.size, np.int32), source.codes, {}) for source in sources]
            codes, places = Cube(Window(0, 0), self.values, ()).combinations(parts, dimensions)
            grid = SegmentLattice(self.values, dimensions, codes)
            self._joined[sources, dimensions] = Joined(grid, dict(zip(sources, places, strict=True)))
        return self._joined[sources, dimensions]

    @cached_property
    def _joined(self) -> dict[tuple[tuple[LeafSource, ...], tuple[str, ...]], "Joined"]:
        return {}

    @cached_property
    def _daily(self) -> dict[str, Floats]:
        return {}


def leaf_rows(pairs: Sequence[tuple[Cube, Cube]]) -> list[LeafRows]:
    """One stock for each (cube of the window, cube of the past) of the same days, their leaves numbered together."""
    now, past = pairs[0]
    days = np.concatenate([np.arange(side.window.first, side.window.last + 1) for side in (past, now)])
    values = {name: names for pair in pairs for cube in pair for name, names in cube.values.items()}
    kinds = dict.fromkeys(tuple(part.codes) for pair in pairs for cube in pair for part in cube.parts)
    numbered = [_numbered(replace(now, values=values), kind, pairs) for kind in kinds]
    return [
        LeafRows(values, days, tuple(sources[number] for sources in numbered), {**side.scales, **other.scales})
        for number, (side, other) in enumerate(pairs)
    ]


def _numbered(cube: Cube, dimensions: tuple[str, ...], pairs: Sequence[tuple[Cube, Cube]]) -> list[LeafSource]:
    """For each pair its rows that are sliced by just these dimensions."""
    numbered_parts: list[tuple[int, CubePart, int]] = []
    for number, (now, past) in enumerate(pairs):
        for start, side in ((0, past), (len(past.window), now)):
            numbered_parts += [
                (number, part, start - side.window.first) for part in side.parts if tuple(part.codes) == dimensions
            ]
    codes, leaves = cube.combinations([part for _, part, _ in numbered_parts], dimensions)
    by_name = {name: np.ascontiguousarray(codes[:, axis]) for axis, name in enumerate(dimensions)}
    rows: list[list[Rows]] = [[] for _ in pairs]
    for (number, part, shift), leaf in zip(numbered_parts, leaves, strict=True):
        rows[number].append(Rows(leaf, part.days.astype(np.int64) + shift, part.measures))
    return [LeafSource(by_name, len(codes), tuple(side)) for side in rows]


@dataclass(frozen=True, eq=False)
class Joined:
    """The leaves of several sources over some dimensions, numbered together."""

    grid: SegmentLattice
    places: Mapping[LeafSource, Places]
    """Source -> the number in the grid of each of its leaves."""

    def sums(self, source: LeafSource, columns: Floats) -> Floats:
        """Columns of a source, shape (columns, leaves of the source), by leaf of the grid."""
        position, size = self.places[source], len(self.grid)
        return np.array([np.bincount(position, row, size) for row in columns]).reshape(len(columns), size)
