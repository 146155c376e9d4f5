"""Weights of a regression with a convex loss and a normal prior, by Newton's method with damped steps.

Undamped Newton steps diverge or cycle where pairs are few and their signals tell them apart, or where one pair sells most of all.
"""

from collections.abc import Callable

import numpy as np

from core.base.arrays import Floats

Loss = Callable[[Floats], tuple[float, Floats]]
"""Weights -> loss and its slope; shape (weights,)."""
Curvature = Callable[[Floats], Floats]
"""Weights -> second derivatives of the loss; shape (weights, weights)."""
RowLoss = Callable[[Floats], tuple[Floats, Floats, Floats]]
"""Linear predictor of each row -> loss, its slope and its curvature; shape (rows,) each."""


_STEPS = 200
"""Far more than the dozen that are taken: damping shrinks by a third after each step that helps."""
_HARDER, _LEAST, _SOFTER = 4, 0.1, 3
"""How much damping grows after a step that fails, at least to what, and shrinks after one that helps."""
_PRECISE = 1e-9
"""Of the loss: steps that gain less are the last."""


def ridge_weights(loss: Loss, curvature: Curvature, *, prior: Floats, precision: Floats, start: Floats) -> Floats:
    """The weights with the least loss plus precision x (weight - prior)^2 / 2; shape (weights,), as all arguments.

    Levenberg's method: what is added to the curvature's diagonal grows until a step lowers the loss.
    """

    def penalised(weights: Floats) -> tuple[float, Floats]:
        total, slope = loss(weights)
        return total + float((precision * (weights - prior) ** 2).sum() / 2), slope + precision * (weights - prior)

    weights, damping = start, 0.0
    total, slope = penalised(weights)
    hessian = curvature(weights) + np.diag(precision)
    for _ in range(_STEPS):
        step = np.linalg.solve(hessian + damping * np.diag(np.diag(hessian)), slope)
        lower, new_slope = penalised(weights - step)
        if not lower <= total:
            damping = max(_HARDER * damping, _LEAST)
            continue
        is_last = total - lower <= _PRECISE * (abs(total) + 1)
        weights, total, slope, damping = weights - step, lower, new_slope, damping / _SOFTER
        if is_last:
            break
        hessian = curvature(weights) + np.diag(precision)
    return weights


def sum_of_rows(design: Floats, row_loss: RowLoss) -> tuple[Loss, Curvature]:
    """The loss of a linear predictor summed over rows, and its curvature; `design` has the shape (rows, weights)."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        losses, slopes, _ = row_loss(design @ weights)
        return float(losses.sum()), np.asarray(design.T @ slopes)

    def curvature(weights: Floats) -> Floats:
        return np.asarray((design.T * row_loss(design @ weights)[2]) @ design)

    return loss, curvature
