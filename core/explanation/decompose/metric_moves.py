"""Evidence: how far each metric moved inside a segment, beyond what it did everywhere else, with standard errors.

The rest of the world is the control: a season, a holiday or a general trend moves both and cancels out (difference in
differences on the log scale: Angrist & Pischke 2009, chapter 5). Standard errors come from how the same line scattered from
day to day before (quasi-likelihood: McCullagh & Nelder 1989, section 9.2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import copysign, erfc, exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.localization.with_history.actual_vs_expected import ActualVsExpected

_LASTING = 1.5
"""By how much the variance of a window's sum exceeds that of independent days, at least: weeks of a calm line show no
autocorrelation even where there is some."""
_MOST_LASTING = 0.9
"""Autocorrelation from one day to the next that is believed at most: of eight weeks, a line that wanders shows no more."""
_WEEK = 7
_ENOUGH_DAYS = 21
"""So many reference days tell how a line scatters; with fewer, all past days do."""
_NO_NOISE = 1e-9
"""What a sum of money scatters by at least, relative to its mean day: rounding alone gives more. Relative, so that an amount in
rupiah has the error of the same amount in dollars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricMove:
    """How one metric moved inside a segment."""

    metric: str
    unit: str
    actual: float
    expected: float
    """Had the segment gone on as before, with what everything else did."""
    beyond: float
    """Log of actual / expected."""
    error: float
    """Standard error of `beyond`."""
    relative_error: float
    """Standard error of actual / expected."""

    @property
    def words(self) -> str:
        """The metric as people read it."""
        return metric_words(self.metric)

    @property
    def percent(self) -> float:
        """The change as a fraction of what was expected."""
        return self.actual / self.expected - 1 if self.expected else exp(self.beyond) - 1

    @property
    def p_value(self) -> float:
        """How often chance alone brings it so far away, either way."""
        return erfc(abs(self.beyond) / self.error / sqrt(2)) if self.error else float(self.beyond == 0)

    @property
    def clear(self) -> bool:
        """Whether it is more than chance (three standard errors) and not tiny."""
        return abs(self.beyond) > max(3 * self.error, 0.03)


@dataclass(frozen=True)
class Daily:
    """Sums of base measures by day."""

    sums: Mapping[str, Floats]
    """base measure -> shape (days,)."""
    days: NDArray[np.int64]
    reference: NDArray[np.bool_]
    """The days that an expectation rests on."""
    now: NDArray[np.bool_]
    """The days that are judged."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """The days from which noise and weekdays are learnt."""
        return self.reference if self.reference.sum() >= _ENOUGH_DAYS else ~self.now

    @property
    def blank(self) -> NDArray[np.bool_]:
        """The days on which nothing at all was counted."""
        return np.asarray(~np.any([counts != 0 for counts in self.sums.values()], axis=0))

    def on(self, days: NDArray[np.bool_]) -> "Daily":
        """Some of the days."""
        sums = {name: counts[days] for name, counts in self.sums.items()}
        return Daily(sums, self.days[days], self.reference[days], self.now[days])

    def plus(self, other: "Daily") -> "Daily":
        """Both together."""
        return replace(self, sums={name: total + other.sums[name] for name, total in self.sums.items()})

    def minus(self, other: "Daily") -> "Daily":
        """Everything but `other`."""
        return replace(self, sums={name: total - other.sums[name] for name, total in self.sums.items()})

    def since(self, day: int) -> "Daily":
        """Judged from another day on: a change that began before the window is judged on all its days."""
        return replace(self, now=self.days >= day, reference=self.reference & (self.days < day))


def daily(compared: ActualVsExpected) -> Daily:
    """The sums by day of all base measures of a comparison, its window judged."""
    days_used = compared.now | compared.held
    days = compared.stock.days[days_used]
    sums = {name: compared.stock.daily(name)[days_used] for name in compared.measures}
    return Daily(sums, days, (compared.weights > 0)[days_used], compared.now[days_used])


def lines(metric: Metric, inside: Daily, outside: Daily | None) -> tuple[Floats, Floats]:
    """A metric's numerator inside a segment by day, and what is expected of it; both of shape (days,).

    Expected: in proportion to the denominator, for a sum to the weekday's usual level; moved with everything outside, where
    that is larger than the segment; on the level of the reference days.
    """
    actual = np.asarray(metric.numerator.of(inside.sums), dtype=np.float64)
    level = _usual(metric, inside)
    if outside is not None:
        aside, usual = np.asarray(metric.numerator.of(outside.sums), dtype=np.float64), _usual(metric, outside)
        expected = _scaled(aside, usual, outside)
        own = _scaled(actual, level, inside)
        is_larger = (expected > own) & (aside > 0)
        level = level * np.divide(aside, expected, out=np.ones(len(level)), where=is_larger)
    return actual, _scaled(actual, level, inside)


def moved(metrics: Iterable[Metric], inside: Daily, outside: Daily | None) -> dict[str, MetricMove]:
    """Each metric's change inside a segment versus outside; metrics that have nothing to be computed from are left out."""
    moves = {
        metric.key: _following(metric, inside, outside) if metric.follows else _moved(metric, inside, outside)
        for metric in metrics
        if metric.measures() <= inside.sums.keys()
    }
    return {key: move for key, move in moves.items() if move is not None}


def _following(metric: Metric, inside: Daily, outside: Daily | None) -> MetricMove | None:
    """The move of a rate of what happens after an order, as far as neither its cases nor the rate moved less.

    Refunds of a week are of orders of weeks before: where half of the orders stop they go on, and their share of the week's
    orders doubles. In two of two made-up shops whose prices rose, that was taken for a bad batch of products.
    """
    move, cases = _moved(metric, inside, outside), _moved(replace(metric, denominator=None), inside, outside)
    if move is None or cases is None:
        return move
    least = min(abs(move.beyond), abs(cases.beyond)) if move.beyond * cases.beyond > 0 else 0.0
    beyond = copysign(least, move.beyond)
    return replace(
        move, beyond=beyond, expected=move.actual / exp(beyond), error=max(move.error, cases.error),
        relative_error=max(move.relative_error, cases.relative_error),
    )  # fmt: skip


def _moved(metric: Metric, inside: Daily, outside: Daily | None) -> MetricMove | None:
    actual, level = lines(metric, inside, outside)
    came, expected = float(actual[inside.now].sum()), float(level[inside.now].sum())
    base = float(level[inside.reference].sum())
    if expected <= 0 or base <= 0:
        return None
    unit = _dispersion(actual, level, inside, counted=metric.counts_events)
    lasting = (_lasting(actual, level, inside, days) for days in (inside.now, inside.reference))
    doubt = unit * expected * float(np.dot([1.0, expected / base], list(lasting)))
    after, before = came + unit, expected + unit
    if after <= 0:
        return None
    denominator = float(_usual(metric, inside)[inside.now].sum()) if metric.is_ratio else 1.0
    scale = metric.scale / denominator
    return MetricMove(
        metric=metric.key,
        unit=metric.figure_unit,
        actual=scale * came,
        expected=scale * expected,
        beyond=log(after / before),
        error=sqrt(doubt / (after * before)),
        relative_error=sqrt(doubt) / expected,
    )


def _usual(metric: Metric, line: Daily) -> Floats:
    """What the numerator is in proportion to: the denominator, or for a sum the weekday's usual level; shape (days,)."""
    if metric.denominator is not None:
        return np.asarray(metric.denominator.of(line.sums), dtype=np.float64)
    numerator = np.asarray(metric.numerator.of(line.sums), dtype=np.float64)[line.known]
    weekday = line.days % _WEEK
    days = np.bincount(weekday[line.known], minlength=_WEEK)
    level = np.bincount(weekday[line.known], numerator, minlength=_WEEK) / np.maximum(days, 1)
    return np.where(days > 0, level, numerator.mean() if len(numerator) else 0.0)[weekday]


def _scaled(actual: Floats, level: Floats, line: Daily) -> Floats:
    base = level[line.reference].sum()
    return level * (actual[line.reference].sum() / base) if base > 0 else level * 0.0


def _lasting(actual: Floats, level: Floats, line: Daily, window: NDArray[np.bool_]) -> float:
    """By how much the variance of a window's sum exceeds that of independent days: a bad day is followed by another.

    From the autocorrelation r of neighbouring days before (its bias of -(1 + 3 r) / days taken off: Kendall 1954, Biometrika 41),
    as a first-order process has it: 1 + 2 sum over k of (1 - k / n) r^k for n days.
    """
    length = int(np.count_nonzero(window))
    usable = line.known & (level > 0)
    days = int(np.count_nonzero(usable))
    if days < 2 * _WEEK or length < 2:
        return _LASTING
    left = np.where(usable, actual - level * (actual[usable].sum() / level[usable].sum()), 0.0)
    squares = float(left @ left)
    if not squares:
        return _LASTING
    r = float(left[1:] @ left[:-1]) / squares
    r = min(max(r + (1 + 3 * r) / days, 0.0), _MOST_LASTING)
    lags = np.arange(1, length)
    return max(_LASTING, 1 + 2 * float((1 - lags / length) @ r**lags))


def _dispersion(actual: Floats, level: Floats, line: Daily, counted: bool) -> float:
    """Variance for each unit that is expected. What is `counted` scatters by one unit at least.

    Few days scatter about their mean, a single one by as much as itself; counts then as counts do.
    """
    days_used = line.known & (level > 0)
    days = int(days_used.sum())
    total = float(level[days_used].sum())
    floor = 1.0 if counted else _NO_NOISE * total / max(days, 1)
    if total <= 0:
        return max(floor, 1.0)
    fitted = level[days_used] * (actual[days_used].sum() / total)
    freedom = days - _WEEK
    if freedom < _WEEK:
        if counted:
            return 1.0
        fitted, freedom = np.full(days, actual[days_used].mean()), days - 1
    if fitted.sum() <= 0:
        return max(floor, 1.0)
    if freedom < 1:
        return float(fitted.mean())
    squares = float(((actual[days_used] - fitted) ** 2).sum())
    return max(squares / float(fitted.sum()) * len(fitted) / freedom, floor)
