"""Fits of convex losses: no other weights are better, also where undamped Newton steps cycle."""

import numpy as np
import pytest

from core.matching.expected_sales import capped_poisson
from core.matching.ridge_regression import ridge_weights, sum_of_rows
from core.matching.takeup_model import Choices, choice_loss, choice_weights


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
    loss, curvature = sum_of_rows(design, lambda log_mean: capped_poisson(log_mean, lines))
    weights = ridge_weights(loss, curvature, prior=prior, precision=precision, start=prior)
    for column in range(len(weights)):
        for step in (-0.001, 0.001):
            assert _rise(design, lines, weights, weights + step * (np.arange(len(weights)) == column)) > 0


def test_a_weight_lies_between_what_its_rows_say_and_its_prior() -> None:
    """(4 + 2 x 1) / 3 and (1 + 1 x -2) / 2."""
    weights = ridge_weights(
        lambda weights: (float(((weights - [4.0, 1.0]) ** 2).sum() / 2), weights - [4.0, 1.0]),
        lambda _: np.eye(2),
        prior=np.array([1.0, -2.0]),
        precision=np.array([2.0, 1.0]),
        start=np.zeros(2),
    )
    assert weights == pytest.approx([2.0, -0.5])


def _choices(creators: int) -> list[Choices]:
    chance = np.random.default_rng(creators)
    return [
        Choices(signals=chance.normal(0, 1, (int(chance.integers(4, 9)), 13)), taken_up=int(chance.integers(1, 4)))
        for _ in range(creators)
    ]


def _choice_loss(choices: list[Choices], weights: np.ndarray) -> float:
    """Written out creator by creator."""
    total = 0.0
    for part in choices:
        odds = np.exp(part.signals @ weights)
        total -= float(np.log(odds[: part.taken_up] / odds.sum()).mean())
    return total


def test_the_loss_of_choices_its_slope_and_its_curvature_agree() -> None:
    choices = _choices(7)
    loss, curvature = choice_loss(choices)
    weights = np.random.default_rng(1).normal(0, 0.5, 13)
    value, slope = loss(weights)
    assert value == pytest.approx(_choice_loss(choices, weights))
    bends = curvature(weights)
    for column, step in enumerate(np.eye(13) * 1e-5):
        rise = _choice_loss(choices, weights + step) - _choice_loss(choices, weights - step)
        assert slope[column] == pytest.approx(rise / 2e-5, abs=1e-6)
        assert bends[column] == pytest.approx((loss(weights + step)[1] - loss(weights - step)[1]) / 2e-5, abs=1e-5)


def test_no_other_weights_make_the_choices_likelier() -> None:
    choices = _choices(40)
    weights = choice_weights(choices)

    def penalised(other: np.ndarray) -> float:
        return _choice_loss(choices, other) + 3.0 * float((other**2).sum()) / 2

    for step in np.eye(13) * 0.001:
        assert min(penalised(weights + step), penalised(weights - step)) > penalised(weights)
    assert not choice_weights([]).any()
