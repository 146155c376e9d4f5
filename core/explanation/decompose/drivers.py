"""Drivers: the change of a metric split over the leaves of its tree, exactly.

A metric that is a product of factors changes by the sum of what each factor brings. For positive factors that is the
log-mean Divisia method (LMDI I: Ang 2004, Energy Policy 32; Ang 2015, Energy Policy 86): L(V1, V0) x ln(x1 / x0), which
leaves no residual and adds up over the branches of the tree. Where a factor is zero, negative or unknown there is no
logarithm, and the Shapley value of the product takes its place (Shapley 1953; Albrecht, Francois & Schoors 2002, Energy
Policy 30).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial, fsum, prod

from core.base.json_value import Value
from core.catalogue.metric_tree.metrics import Catalogue, Metric
from core.explanation.explanation_results import Driver

Sums = Mapping[str, float]
"""base measure -> its sum"""
_LEAST_CASES = 3.0
"""Expected cases of which none comes by chance once in 20 times: a rate of none then is as good as unknown."""


@dataclass(frozen=True, slots=True)
class Branch(Value):
    """A node of the metric tree with what it brought to the change of the root; children add up to their parent."""

    metric: str
    actual: float
    expected: float
    contribution: float
    """In the unit of the root."""
    share: float | None
    """contribution / change of the root; None when there was none."""
    children: "tuple[Branch, ...]" = ()


def counted_sums(metric: Metric, sums: tuple[Sums, Sums]) -> tuple[Sums, Sums]:
    """The sums, actual and expected, of what is counted inside the filter: impressions are not where it is a payment method."""
    counted = {name for name in sums[0] if sums[0][name] or sums[1][name]} | metric.measures()
    actual, expected = ({name: amount for name, amount in side.items() if name in counted} for side in sums)
    return actual, expected


def drivers(catalogue: Catalogue, key: str, actual: Sums, expected: Sums) -> tuple[Driver, ...]:
    """What each leaf of the metric's tree brought to the change from `expected` to `actual`, in the order of the formula.

    The contributions add up to the change. Leaves are taken apart as far as the base measures in `actual` allow; a metric
    without factors is its own driver. A leaf that cannot be computed (nothing to divide by) has the value nan; a rate of no
    cases among too few to have any is taken as unchanged.
    """
    leaves = catalogue.leaves(key, actual)
    metric = catalogue.metric(key)
    after, before = (_finite(float(metric.value(sums))) for sums in (actual, expected))
    values = [(float(leaf.value(actual)), float(leaf.value(expected))) for leaf in leaves]
    known = [(_known_rate(leaf, actual, now, then), then) for leaf, (now, then) in zip(leaves, values, strict=True)]
    parts = contributions(known, after, before)
    change = after - before
    return tuple(
        Driver(leaf.key, part, part / change if change else None, now, then)
        for leaf, part, (now, then) in zip(leaves, parts, values, strict=True)
    )


def contributions(values: Sequence[tuple[float, float]], after: float, before: float) -> list[float]:
    """What each factor brought to the change of a product from `before` to `after`; they add up to the change.

    `values` are (after, before) of each factor; nan where a factor is unknown. What the known factors do not account for
    (a source that counts orders without clicks) goes to the unknown ones.

    >>> [round(part, 2) for part in contributions([(8, 10), (3, 2)], 24, 20)]
    [-4.9, 8.9]
    """
    filled = [_filled(now, then) for now, then in values]
    positive = after > 0 and before > 0 and all(now > 0 and then > 0 for now, then in filled)
    parts = _log_mean(filled, after, before) if positive else _shapley(filled)
    unknown = [position for position, pair in enumerate(values) if any(map(math.isnan, pair))]
    remainder = fsum([after, -before, *(-part for part in parts)])
    taker = unknown[0] if unknown else max(range(len(parts)), key=lambda position: abs(parts[position]))
    parts[taker] += remainder
    return parts


def _log_mean(values: Sequence[tuple[float, float]], after: float, before: float) -> list[float]:
    weight = after if after == before else (after - before) / _log_ratio(after, before)
    return [weight * _log_ratio(now, then) for now, then in values]


def _log_ratio(now: float, then: float) -> float:
    """ln(now / then), exact for near and for far numbers."""
    ratio = now / then
    return math.log1p((now - then) / then) if 0.5 < ratio < 2 else math.log(now) - math.log(then)


def _shapley(values: list[tuple[float, float]]) -> list[float]:
    """The mean, over all orders in which the factors could change one after the other, of what each one's turn brings."""
    return [_turns(values[:k] + values[k + 1 :]) * (now - then) for k, (now, then) in enumerate(values)]


def _turns(others: Sequence[tuple[float, float]]) -> float:
    """The mean product of the other factors, over all orders."""
    n = len(others)
    total = 0.0
    for size in range(n + 1):
        weight = factorial(size) * factorial(n - size) / factorial(n + 1)
        for changed in combinations(range(n), size):
            total += weight * prod(others[k][0 if k in changed else 1] for k in range(n))
    return total


def _filled(now: float, then: float) -> tuple[float, float]:
    """A factor that is unknown on one side is taken as unchanged."""
    if math.isnan(now):
        return (0.0, 0.0) if math.isnan(then) else (then, then)
    return (now, now) if math.isnan(then) else (now, then)


def _known_rate(leaf: Metric, actual: Sums, now: float, then: float) -> float:
    """The actual value, nan of a rate of too few cases: none of three impressions was clicked as so few are left, not for CTR."""
    if now or leaf.denominator is None:
        return now
    cases = then / leaf.scale * float(leaf.denominator.of(actual))
    return math.nan if cases < _LEAST_CASES else now


def _finite(value: float) -> float:
    return 0.0 if math.isnan(value) else value
