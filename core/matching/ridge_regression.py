"""Weights of a regression with a convex loss and a normal prior, by Newton's method within a trust region.

Undamped Newton steps diverge or cycle where pairs are few and their signals tell them apart, or where one pair sells most of all.
"""

from collections.abc import Callable

import numpy as np

from core.base.arrays import Floats

RowLoss = Callable[[Floats], tuple[Floats, Floats, Floats]]
"""Linear predictor of each row -> loss, its slope and its curvature; shape (rows,) each."""


def ridge_weights(design: Floats, row_loss: RowLoss, *, prior: Floats, precision: Floats, start: Floats) -> Floats:
    """The weights with the least loss over all rows plus precision x (weight - prior)^2 / 2; shape (columns,).

    `design` has the shape (rows, columns); `prior`, `precision` and `start` that of the weights.
    """
    from scipy.optimize import minimize  # 0.1 s

    def loss(weights: Floats) -> float:
        return float(row_loss(design @ weights)[0].sum() + (precision * (weights - prior) ** 2).sum() / 2)

    def slope(weights: Floats) -> Floats:
        return np.asarray(design.T @ row_loss(design @ weights)[1] + precision * (weights - prior))

    def curvature(weights: Floats) -> Floats:
        return np.asarray((design.T * row_loss(design @ weights)[2]) @ design + np.diag(precision))

    return np.asarray(minimize(loss, start, method="trust-exact", jac=slope, hess=curvature).x)
