"""History: what every leaf did in the window, what was expected of it, and what it did in each week before.

The weeks before show how far elements of any size stray when nothing is wrong; no other noise model is needed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Floats
from core.base.segment import Segment
from core.catalogue.metric_tree.formula import Sum
from core.catalogue.metric_tree.metrics import Metric
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.localization.with_history.segment_lattice import SegmentLattice, ValueGroup

_ROUNDS = 4
_HELD = 8.0
"""Events that an effect must show before it counts half as much as it says."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LeafHistory:
    """One metric by leaf; rates are counted in their numerators, against what the denominators lead one to expect."""

    grid: SegmentLattice
    actual: Floats
    """shape (leaves,)."""
    expected: Floats
    weeks: Floats
    """Past weeks, shape (weeks, leaves)."""
    usual: Floats
    """What was to be expected of each past week, moved with the total of that week, same shape."""
    trials: Floats | None
    """Of a share (clicks of impressions) the denominator in the window, shape (leaves,); None for all else."""
    past_trials: Floats | None
    """The same of the past weeks, shape (weeks, leaves)."""
    length: int
    """Days of the window."""
    event: float
    """The size of one event: 1 for counts; an amount for money, as far as it is known without a past."""

    def without(self, segments: Iterable[Segment]) -> "LeafHistory":
        """The same with nothing in the leaves of some segments, so that others are looked for in what is left."""
        remaining = ~np.any([self.grid.inside(segment) for segment in segments], axis=0)
        return replace(
            self,
            actual=self.actual * remaining,
            expected=self.expected * remaining,
            weeks=self.weeks * remaining,
            usual=self.usual * remaining,
            trials=None if self.trials is None else self.trials * remaining,
            past_trials=None if self.past_trials is None else self.past_trials * remaining,
        )


def leaf_history(
    metric: Metric, compared: ActualVsExpected, dimensions: Sequence[str], groups: Sequence[ValueGroup] = ()
) -> LeafHistory:
    """The leaves of a comparison over some dimensions and groups of their values, with the whole weeks of its past."""
    names = sorted(metric.measures())
    joined = compared.stock.joined(names, tuple(dimensions))
    grid = joined.grid
    for group in groups:
        grid = grid.sliced_by(group)
    sums = {name: compared.weekly(joined, name) for name in names}
    numerator = _column(metric.numerator, sums)
    actual, expected, past = numerator[0], numerator[1], numerator[2:]
    length = int(np.count_nonzero(compared.now))
    event = 1.0 if metric.counts_events else _amount(numerator[:2])
    if metric.denominator is None:
        level = past.mean(0) if len(past) else expected
        usual = np.outer(_share(past.sum(1), level.sum()), level)
        return LeafHistory(
            grid=grid,
            actual=actual,
            expected=expected,
            weeks=past,
            usual=usual,
            trials=None,
            past_trials=None,
            length=length,
            event=event,
        )
    denominator = _column(metric.denominator, sums)
    size = _event(past, denominator[2:], event, metric.per_event)
    rate = _rates(grid, numerator[1], denominator[1], _HELD * size)
    usual = rate * denominator[2:]
    usual *= _share(past.sum(1), usual.sum(1))[:, None]
    is_share = metric.unit == "ratio" and bool((numerator <= denominator).all())
    trials, past_trials = (denominator[0], denominator[2:]) if is_share else (None, None)
    return LeafHistory(
        grid=grid,
        actual=actual,
        expected=rate * denominator[0],
        weeks=past,
        usual=usual,
        trials=trials,
        past_trials=past_trials,
        length=length,
        event=event,
    )


def _amount(sums: Floats) -> float:
    """The typical amount of a leaf that has any, `sums` of shape (2, leaves); most hold a single purchase."""
    amounts = np.abs(sums[sums != 0])
    return float(np.median(amounts)) if len(amounts) else 1.0


def _column(total: Sum, sums: Mapping[str, Floats]) -> Floats:
    return np.asarray(total.of(sums), dtype=np.float64)


def _share(total: Floats, expected: Floats | float) -> Floats:
    """Each week's total relative to what was expected of it; 1 where nothing was."""
    expected = np.broadcast_to(np.asarray(expected, dtype=np.float64), total.shape)
    return np.divide(total, expected, out=np.ones(len(total)), where=expected > 0)


def _event(numerator: Floats, denominator: Floats, usual: float, per_event: bool) -> float:
    """The size of one event in the numerator: 1 for counts, an amount for money; as leaves scatter from week to week, and not
    less than what one event of the denominator brings, where that counts any (`per_event`). `usual` where no weeks tell."""
    base, total = denominator.sum(0), float(np.abs(numerator).sum())
    if total <= 0 or not base.any() or len(numerator) < 2:
        return usual
    rate = np.divide(numerator.sum(0), base, out=np.zeros(len(base)), where=base > 0)
    squares = float(((numerator - rate * denominator) ** 2).sum())
    return max(squares / total, total / float(base.sum()) if per_event else 0.0) or usual


def _rates(grid: SegmentLattice, numerator: Floats, denominator: Floats, strength: float) -> Floats:
    """What one unit of the denominator brings in each leaf: main effects of all dimensions, then the leaf's own, each drawn
    to no effect by what little it has to show (raking: Deming & Stephan 1940, Ann. Math. Statist. 11)."""
    rate = np.full(len(numerator), numerator.sum() / max(denominator.sum(), 1e-300))
    for _ in range(_ROUNDS):
        for column in grid.columns:
            counted, fitted = (np.bincount(column, side).astype(np.float64) for side in (numerator, rate * denominator))
            rate = rate * _factor(counted, fitted, strength)[column]
    return np.asarray(rate * _factor(numerator, rate * denominator, strength))


def _factor(counted: Floats, fitted: Floats, strength: float) -> Floats:
    """By how much more there is than was fitted; 1 where there is nothing to fit."""
    return np.divide(counted + strength, fitted + strength, out=np.ones(len(counted)), where=fitted > 0)
