"""History: what every leaf did in the window, what was expected of it, and what it did in each week before.

The weeks before show how far elements of any size stray when nothing is wrong; no other noise model is needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Metric
from core.catalogue.formula import Sum
from core.causes.compared import Compared
from core.cube import Cube, Floats
from core.days import Window

WEEK = 7
_ROUNDS = 4
_HELD = 8.0
"""Events that an effect must show before it counts half as much as it says."""


@dataclass(frozen=True)
class History:
    """One metric by leaf; rates are counted in their numerators, against what the denominators lead one to expect."""

    values: Mapping[str, tuple[str, ...]]
    dimensions: tuple[str, ...]
    codes: NDArray[np.int32]
    """shape (leaves, dimensions)."""
    actual: Floats
    """shape (leaves,)."""
    expected: Floats
    weeks: Floats
    """Past weeks, shape (leaves, weeks)."""
    usual: Floats
    """What was to be expected of each past week, moved with the total of that week, same shape."""
    trials: Floats | None
    """Of a share (clicks of impressions) the denominator in the window, shape (leaves,); None for all else."""
    past_trials: Floats | None
    """The same of the past weeks, shape (leaves, weeks)."""
    length: int
    """Days of the window."""
    groups: Mapping[str, "Group"] = field(default_factory=dict)
    """Those of `dimensions` that are groups of values of another one."""

    @cached_property
    def radix(self) -> tuple[int, ...]:
        """One more than the largest code of each dimension."""
        return tuple((self.codes.max(axis=0) + 1).tolist())

    def in_words(self, dimension: str, values: Sequence[str]) -> list[tuple[str, list[str]]]:
        """A term of a segment; a group is told by the values that are in it."""
        group = self.groups.get(dimension)
        if group is None:
            return [(dimension, list(values))]
        known = self.values[group.dimension]
        return [(group.dimension, [one for one in known if group.of.get(one) in values])]

    def says_twice(self, dimensions: Sequence[str]) -> bool:
        """Whether a group stands beside the dimension whose values it holds."""
        return any(self.groups[name].dimension in dimensions for name in dimensions if name in self.groups)


@dataclass(frozen=True)
class Group:
    """What several values of a dimension have in common, such as the agency of creators: sliced by as if it were a dimension."""

    name: str
    dimension: str
    of: Mapping[str, str]
    """value of the dimension -> group."""


def history(metric: Metric, compared: Compared, dimensions: Sequence[str], groups: Sequence[Group] = ()) -> History:
    """The leaves of a comparison over some dimensions and groups of their values, with the whole weeks of its past."""
    held = _history(metric, compared, dimensions)
    for group in groups:
        if group.dimension in held.dimensions and group.of:
            held = grouped(held, group)
    return held


def grouped(held: History, group: Group) -> History:
    """The same, sliced by the groups of a dimension's values too."""
    names = ("", *sorted(set(group.of.values())))
    place = {name: code for code, name in enumerate(names)}
    by_value = np.array([place[group.of.get(value, "")] for value in held.values[group.dimension]], np.int32)
    column = by_value[held.codes[:, held.dimensions.index(group.dimension)]]
    return replace(
        held,
        values={**held.values, group.name: names},
        dimensions=(*held.dimensions, group.name),
        codes=np.column_stack([held.codes, column]),
        groups={**held.groups, group.name: group},
    )


def _history(metric: Metric, compared: Compared, dimensions: Sequence[str]) -> History:
    cube, weeks = _by_week(compared)
    names = sorted(metric.measures())
    table = cube.table(names, dimensions, by_day=True)
    over = _column(metric.numerator, table.sums)
    length = len(compared.actual.window)
    if metric.denominator is None:
        actual, expected, past = over[:, 0], over[:, 1], over[:, 2:]
        level = past.mean(1) if weeks else expected
        usual = np.outer(level, _share(past.sum(0), level.sum()))
        return History(cube.values, tuple(dimensions), table.codes, actual, expected, past, usual, None, None, length)
    under = _column(metric.denominator, table.sums)
    rate = _rates(table.codes, over[:, 1], under[:, 1])
    usual = rate[:, None] * under[:, 2:]
    usual *= _share(over[:, 2:].sum(0), usual.sum(0))
    is_share = metric.unit == "ratio" and bool((over <= under).all())
    trials, past_trials = (under[:, 0], under[:, 2:]) if is_share else (None, None)
    return History(
        cube.values, tuple(dimensions), table.codes, over[:, 0], rate * under[:, 0], over[:, 2:], usual,
        trials, past_trials, length,
    )  # fmt: skip


def _column(total: Sum, sums: Mapping[str, Floats]) -> Floats:
    return np.asarray(total.of(sums), dtype=np.float64)


def _share(total: Floats, expected: Floats | float) -> Floats:
    """Each week's total relative to what was expected of it; 1 where nothing was."""
    expected = np.broadcast_to(np.asarray(expected, dtype=np.float64), total.shape)
    return np.divide(total, expected, out=np.ones(len(total)), where=expected > 0)


def _by_week(compared: Compared) -> tuple[Cube, int]:
    """The cube with columns instead of days: 0 = the window, 1 = the weighted reference days, then whole past weeks."""
    first = compared.past.window.first
    shown = np.flatnonzero(compared.weights > 0)
    if len(shown) < 3 * WEEK:
        shown = np.arange(len(compared.weights))
    last = int(shown[-1])
    weeks = len(shown) // WEEK
    column = np.full(len(compared.weights), -1)
    column[shown] = 2 + (last - shown) // WEEK
    column[column >= 2 + weeks] = -1
    parts = [replace(part, days=np.zeros(len(part.days), np.int32)) for part in compared.actual.parts]
    for part in compared.past.parts:
        weight = compared.weights[part.days - first]
        weighted = {name: held * weight for name, held in part.measures.items()}
        expected = replace(part, days=np.ones(len(part.days), np.int32), measures=weighted)
        parts.append(expected.keep(weight != 0))
        placed = replace(part, days=column[part.days - first].astype(np.int32))
        parts.append(placed.keep(placed.days >= 0))
    return replace(compared.actual, window=Window(0, 1 + weeks), parts=tuple(parts)), weeks


def _rates(codes: NDArray[np.int32], over: Floats, under: Floats) -> Floats:
    """What one unit of the denominator brings in each leaf: main effects of all dimensions, then the leaf's own, each drawn
    to no effect by what little it has to show (raking: Deming & Stephan 1940, Ann. Math. Statist. 11)."""
    rate = np.full(len(over), over.sum() / max(under.sum(), 1e-300))
    for _ in range(_ROUNDS):
        for column in codes.T:
            seen = np.bincount(column, over)
            fitted = np.bincount(column, rate * under)
            rate = rate * ((seen + _HELD) / (fitted + _HELD))[column]
    return np.asarray(rate * (over + _HELD) / (rate * under + _HELD))
