"""The cube: leaf rows as integer codes and measures, and their roll-ups.

A roll-up over any set of dimensions is a mixed-radix key and `numpy.bincount`; nothing here loops over rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.days import Window
from core.errors import UsageError, did_you_mean
from core.segment import Segment

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

_DENSE_CELLS = 1 << 22
"""Up to here a dense bincount beats sorting the keys (32 MB of float64 a measure)."""


@dataclass(frozen=True, slots=True)
class Part:
    """Leaf rows of one source: a day, a code for each dimension that the source knows, the measures that it counts."""

    days: NDArray[np.int32]
    """Days since 1970-01-01, shape (n,)."""
    codes: Mapping[str, Codes]
    """dimension -> codes into `Cube.values[dimension]`, shape (n,); 0 is "not given"."""
    measures: Mapping[str, Floats]
    """base measure -> shape (n,)."""

    def keep(self, rows: NDArray[np.bool_]) -> "Part":
        """The rows for which `rows` is true."""
        return Part(
            self.days[rows],
            {name: codes[rows] for name, codes in self.codes.items()},
            {name: values[rows] for name, values in self.measures.items()},
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Sums over a group-by: one row for each combination of values that occurs."""

    dimensions: tuple[str, ...]
    codes: NDArray[np.int32]
    """shape (rows, dimensions)."""
    sums: Mapping[str, Floats]
    """base measure -> shape (rows,); combinations that a source lacks count 0."""


@dataclass(frozen=True)
class Cube:
    """Everything counted in a window, by day and slice. Each base measure is held by exactly one part's source,
    possibly by several parts of it, and is summed over all of them."""

    window: Window
    values: Mapping[str, tuple[str, ...]]
    """dimension -> its values by code; values[dimension][0] is "" (not given)."""
    parts: tuple[Part, ...]

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
        wanted = {name: np.isin(np.array(self._values_of(name)), values) for name, values in segment.terms}

        def inside(part: Part) -> NDArray[np.bool_]:
            rows = np.ones(len(part.days), bool)
            for name, chosen in wanted.items():
                rows &= chosen[part.codes[name]] if name in part.codes else bool(chosen[0])
            return rows

        return Cube(self.window, self.values, tuple(part.keep(inside(part)) for part in self.parts))

    def between(self, window: Window) -> "Cube":
        """The rows of a narrower window."""
        return Cube(
            window,
            self.values,
            tuple(part.keep((part.days >= window.first) & (part.days <= window.last)) for part in self.parts),
        )

    def total(self, measure: str) -> float:
        """The sum of a base measure over everything."""
        return float(sum(part.measures[measure].sum() for part in self.parts if measure in part.measures))

    def daily(self, measure: str, dimensions: Sequence[str] = ()) -> Floats:
        """Sums by value and day, dense: shape (*(len(values[d]) for d in dimensions), days of the window)."""
        shape = (*(len(self._values_of(name)) for name in dimensions), len(self.window))
        out = np.zeros(int(np.prod(shape)))
        for part in self.parts:
            if measure in part.measures:
                key = self._key(part, dimensions) * shape[-1] + (part.days - self.window.first)
                out += np.bincount(key, part.measures[measure], minlength=len(out))
        return out.reshape(shape)

    def totals(self, measure: str, dimensions: Sequence[str]) -> Floats:
        """Sums by value over the whole window, dense: shape (len(values[d]) for d in dimensions)."""
        shape = tuple(len(self._values_of(name)) for name in dimensions)
        out = np.zeros(int(np.prod(shape)))
        for part in self.parts:
            if measure in part.measures:
                out += np.bincount(self._key(part, dimensions), part.measures[measure], minlength=len(out))
        return out.reshape(shape)

    def table(self, measures: Iterable[str], dimensions: Sequence[str]) -> Table:
        """Sums by combination of values, sparse: only combinations that occur, in the order of their codes."""
        wanted = tuple(measures)
        shape = tuple(len(self._values_of(name)) for name in dimensions)
        holding = [part for part in self.parts if any(name in part.measures for name in wanted)]
        keys = [self._key(part, dimensions) for part in holding]
        cells = int(np.prod(shape, dtype=object)) if shape else 1
        if cells <= _DENSE_CELLS:
            seen = np.zeros(cells, bool)
            for key in keys:
                seen[key] = True
            unique = np.flatnonzero(seen)
            place = np.cumsum(seen) - 1
            rows = [place[key] for key in keys]
        else:
            unique, inverse = np.unique(np.concatenate(keys) if keys else np.zeros(0, np.int64), return_inverse=True)
            rows = np.split(inverse, np.cumsum([len(key) for key in keys])[:-1]) if keys else []
        sums = {name: np.zeros(len(unique)) for name in wanted}
        for part, row in zip(holding, rows, strict=True):
            for name in wanted:
                if name in part.measures:
                    sums[name] += np.bincount(row, part.measures[name], minlength=len(unique))
        codes = np.stack(np.unravel_index(unique, shape), axis=1) if shape else np.zeros((len(unique), 0))
        return Table(tuple(dimensions), codes.astype(np.int32), sums)

    def _values_of(self, dimension: str) -> tuple[str, ...]:
        try:
            return self.values[dimension]
        except KeyError:
            raise unknown_dimension(dimension, self.values) from None

    def _key(self, part: Part, dimensions: Sequence[str]) -> NDArray[np.int64]:
        key = np.zeros(len(part.days), np.int64)
        for name in dimensions:
            key *= len(self._values_of(name))
            if name in part.codes:
                key += part.codes[name]
        return key


def unknown_dimension(name: str, known: Iterable[str]) -> UsageError:
    """The error for a dimension that does not exist, with the nearest and all known ones."""
    names = tuple(known)
    return UsageError(f"no dimension {name!r}.{did_you_mean(name, names)} Known: {', '.join(names) or 'none'}.")
