"""The cube: leaf rows as integer codes and measures, and their roll-ups.

A roll-up over any set of dimensions is a mixed-radix key and `numpy.bincount`; nothing here loops over rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Codes, Floats
from core.base.days import Window
from core.base.errors import UsageError, did_you_mean
from core.base.segment import Segment

_DENSE_CELLS = 1 << 23
"""Up to here a dense bincount beats sorting the keys (64 MB of float64)."""
_MANY_VALUES = 1 << 20
"""From here on a sparse product is worth its import."""


class _Kept(Mapping[str, NDArray[Any]]):
    """Some rows of columns: each column is taken when it is first asked for, as most never are."""

    def __init__(self, columns: Mapping[str, NDArray[Any]], rows: NDArray[np.intp]) -> None:
        self._columns, self._rows = columns, rows
        self._taken: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._taken:
            self._taken[name] = self._columns[name][self._rows]
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns


@dataclass(frozen=True, slots=True)
class CubePart:
    """Leaf rows of one source: a day, a code for each dimension that the source knows, the measures that it counts."""

    days: NDArray[np.int32]
    """Days since 1970-01-01, shape (n,)."""
    codes: Mapping[str, Codes]
    """dimension -> codes into `Cube.values[dimension]`, shape (n,); 0 is "not given"."""
    measures: Mapping[str, Floats]
    """base measure -> shape (n,)."""

    def keep(self, rows: NDArray[np.bool_]) -> "CubePart":
        """The rows for which `rows` is true."""
        at = np.flatnonzero(rows)
        return (
            self if len(at) == len(rows) else CubePart(self.days[at], _Kept(self.codes, at), _Kept(self.measures, at))
        )


class MeasureRows:
    """Several measures of the same rows, side by side, to be summed over one grouping after another."""

    def __init__(self, measures: Mapping[str, Floats], names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._columns = np.ascontiguousarray(np.array([measures[name] for name in self._names]).T)

    def sums(self, cell: NDArray[Any], cells: int) -> dict[str, Floats]:
        """The sums of each measure by cell, whose number is given for each row; shape (cells,).

        A product with a sparse matrix adds up all measures of a row at once. That takes a quarter of the time of
        `numpy.bincount`, whose additions wait for one another where neighbouring rows fall into one cell.
        """
        rows = len(cell)
        if self._columns.size < _MANY_VALUES:
            sums = np.array([np.bincount(cell, column, cells) for column in self._columns.T], np.float64)
        else:
            from scipy.sparse import csc_array  # late: it takes a tenth of a second

            sums = (csc_array((np.ones(rows), cell, np.arange(rows + 1)), shape=(cells, rows)) @ self._columns).T
        return dict(zip(self._names, sums, strict=True))


@dataclass(frozen=True, slots=True)
class RollupTable:
    """Sums over a group-by: one row for each combination of values that occurs."""

    dimensions: tuple[str, ...]
    codes: NDArray[np.int32]
    """shape (rows, dimensions)."""
    sums: Mapping[str, Floats]
    """base measure -> shape (rows,), or (rows, days); combinations that a source lacks count 0."""


@dataclass(frozen=True)
class Cube:
    """Everything counted in a window, by day and slice. Each base measure is held by exactly one part's source,
    possibly by several parts of it, and is summed over all of them."""

    window: Window
    values: Mapping[str, tuple[str, ...]]
    """dimension -> its values by code; values[dimension][0] is "" (not given)."""
    parts: tuple[CubePart, ...]
    scales: Mapping[str, int] = field(default_factory=dict)
    """base measure -> what its sums are divided by: money is held as integer cents, so that sums are exact; absent = 1."""

    @cached_property
    def measures(self) -> frozenset[str]:
        """Base measures that are held."""
        return frozenset(name for part in self.parts for name in part.measures)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions that can be sliced by, in the order of `values`."""
        return tuple(self.values)

    def where(self, segment: Segment) -> "Cube":
        """The rows of a segment. A value that never occurs gives an empty cube.

        Raises UsageError for an unknown dimension.
        """
        if not segment:
            return self
        allowed = {name: np.isin(np.array(self._values_of(name)), values) for name, values in segment.terms}

        def inside(part: CubePart) -> NDArray[np.bool_]:
            rows = np.ones(len(part.days), bool)
            for name, chosen in allowed.items():
                rows &= chosen[part.codes[name]] if name in part.codes else bool(chosen[0])
            return rows

        return replace(self, parts=tuple(part.keep(inside(part)) for part in self.parts))

    def between(self, window: Window) -> "Cube":
        """The rows of a narrower window."""
        return replace(
            self,
            window=window,
            parts=tuple(part.keep((part.days >= window.first) & (part.days <= window.last)) for part in self.parts),
        )

    def total(self, measure: str) -> float:
        """The sum of a base measure over everything."""
        total = sum(part.measures[measure].sum() for part in self.parts if measure in part.measures)
        return float(total) / self.scales.get(measure, 1)

    def daily(self, measure: str, dimensions: Sequence[str] = ()) -> Floats:
        """Sums by value and day, dense: shape (*(len(values[d]) for d in dimensions), days of the window)."""
        return self._dense(measure, dimensions, (len(self.window),))

    def totals(self, measure: str, dimensions: Sequence[str]) -> Floats:
        """Sums by value over the whole window, dense: shape (len(values[d]) for d in dimensions)."""
        return self._dense(measure, dimensions, ())

    def _dense(self, measure: str, dimensions: Sequence[str], days: tuple[int, ...]) -> Floats:
        shape = (*(len(self._values_of(name)) for name in dimensions), *days)
        out = np.zeros(int(np.prod(shape)))
        for part in self.parts:
            if measure in part.measures:
                key = self._key(part, dimensions)
                cell = key * days[0] + (part.days - self.window.first) if days else key
                out += np.bincount(cell, part.measures[measure], minlength=len(out))
        return out.reshape(shape) / self.scales.get(measure, 1)

    def table(self, measures: Iterable[str], dimensions: Sequence[str], by_day: bool = False) -> RollupTable:
        """Sums by combination of values, sparse: only combinations that occur, in the order of their codes.

        With `by_day` the sums of a measure have the shape (rows, days of the window), else (rows,).
        """
        names = tuple(measures)
        holding = [part for part in self.parts if any(name in part.measures for name in names)]
        codes, places = self.combinations(holding, dimensions)
        days = len(self.window) if by_day else 1
        sums = {name: np.zeros(len(codes) * days) for name in names}
        for part, row_of in zip(holding, places, strict=True):
            cell = row_of * days + (part.days - self.window.first) if by_day else row_of
            for name in part.measures.keys() & sums.keys():
                sums[name] += np.bincount(cell, part.measures[name], minlength=len(sums[name]))
        for name in names:
            sums[name] = (sums[name] / self.scales.get(name, 1)).reshape((-1, days) if by_day else -1)
        return RollupTable(tuple(dimensions), codes, sums)

    def combinations(
        self, parts: Sequence[CubePart], dimensions: Sequence[str]
    ) -> tuple[NDArray[np.int32], list[NDArray[np.int64]]]:
        """The combinations of values that occur, shape (combinations, dimensions), and for each part that of every row.

        A few dimensions at a time, so that the cells stay few enough to be counted densely: a quarter of the time of sorting
        the keys of all dimensions.
        """
        places = [np.zeros(len(part.days), np.int64) for part in parts]
        codes = np.zeros((int(any(len(cells) for cells in places)), 0), np.int32)
        left = list(dimensions)
        while left:
            group, size = [left.pop(0)], len(self._values_of(dimensions[codes.shape[1]]))
            while left and len(codes) * size * len(self._values_of(left[0])) <= _DENSE_CELLS:
                size *= len(self._values_of(left[0]))
                group.append(left.pop(0))
            keys = [self._key(part, group) for part in parts]
            if codes.shape[1]:
                keys = [cells * size + key for cells, key in zip(places, keys, strict=True)]
            unique, places = _occupied_rows(keys, len(codes) * size)
            shape = tuple(len(self._values_of(name)) for name in group)
            new = np.stack(np.unravel_index(unique % size, shape), axis=1).astype(np.int32)
            codes = np.hstack([codes[unique // size], new])
        return codes, places

    def _values_of(self, dimension: str) -> tuple[str, ...]:
        try:
            return self.values[dimension]
        except KeyError:
            raise unknown_dimension(dimension, self.values) from None

    def _key(self, part: CubePart, dimensions: Sequence[str]) -> NDArray[np.int64]:
        """One mixed-radix number for each row's combination of values."""
        key = np.zeros(len(part.days), np.int64)
        for name in dimensions:
            key *= len(self._values_of(name))
            if name in part.codes:
                key += part.codes[name]
        return key


def _occupied_rows(keys: Sequence[NDArray[np.int64]], cells: int) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """The keys that occur, ascending, and the place of every key among them."""
    if cells <= _DENSE_CELLS:
        occupied = np.zeros(cells, bool)
        for key in keys:
            occupied[key] = True
        unique = np.flatnonzero(occupied)
        row_of_cell = np.empty(cells, np.int64)  # only the cells that occur are ever touched
        row_of_cell[unique] = np.arange(len(unique))
        return unique, [row_of_cell[key] for key in keys]
    unique, inverse = np.unique(np.concatenate([np.zeros(0, np.int64), *keys]), return_inverse=True)
    return unique, np.split(inverse, np.cumsum([len(key) for key in keys])[:-1]) if keys else []


def unknown_dimension(name: str, dimensions: Iterable[str]) -> UsageError:
    """The error for a dimension that does not exist, with the nearest and all known ones."""
    names = tuple(dimensions)
    return UsageError(f"no dimension {name!r}.{did_you_mean(name, names)} Known: {', '.join(names) or 'none'}.")
