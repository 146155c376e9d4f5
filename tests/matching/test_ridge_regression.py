"""The fit of expected sales where one pair sells most of all: undamped Newton steps cycle there."""

import numpy as np
import pytest

from core.matching.expected_sales import capped_poisson
from core.matching.ridge_regression import ridge_weights


def _market(pairs: int, lines_of_first: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(pairs)
    lines = chance.poisson(0.5, pairs).astype(float)
    lines[0] = lines_of_first
    signals = chance.normal(0, 1, (pairs, 6))
    signals[0] *= 4
    return np.column_stack([np.ones(pairs), signals]), lines


def _rise(design: np.ndarray, lines: np.ndarray, weights: np.ndarray, other: np.ndarray) -> float:
    """By how much the penalised loss of other weights is larger: the slope of each pair's loss in the log of its mean is
    mean - lines, over mean / 20 beyond 20; integrated numerically."""
    total = 5.0 * float((other[1:] ** 2 - weights[1:] ** 2).sum()) / 2
    for before, after, sold in zip(design @ weights, design @ other, lines, strict=True):
        points = np.linspace(before, after, 201)
        mean = np.exp(points)
        total += float(np.trapezoid((mean - sold) / np.maximum(mean / 20, 1), points))
    return total


@pytest.mark.parametrize(("pairs", "lines_of_first"), [(3, 300), (10, 3_000)])
def test_no_other_weights_fit_better_where_one_pair_sells_most(pairs: int, lines_of_first: int) -> None:
    design, lines = _market(pairs, lines_of_first)
    prior = np.zeros(design.shape[1])
    precision = np.array([0.0, *[5.0] * (design.shape[1] - 1)])
    weights = ridge_weights(
        design, lambda log_mean: capped_poisson(log_mean, lines), prior=prior, precision=precision, start=prior
    )
    for column in range(len(weights)):
        for step in (-0.001, 0.001):
            assert _rise(design, lines, weights, weights + step * (np.arange(len(weights)) == column)) > 0
