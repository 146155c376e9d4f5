"""How likely each point of the grid of a panel's model is, learnt from how well it predicts each series from the others."""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from core.base.arrays import Floats
from core.verification.panel_model import GRID

_EM_ROUNDS = 30
"""Of learning the prior of the grid: later ones hardly move it."""
_LEAST_WEIGHT = 1e-12
"""Of a grid point that all series together rule out: a logarithm of it exists."""
_EVEN_SERIES = 1.0
"""Series by which each axis of the grid is spread evenly, for one that is of no kind seen among the controls."""
_AXIS_COLUMNS = np.indices(GRID).reshape(len(GRID), -1) + np.cumsum([0, *GRID[:-1]])[:, None]
"""Where the values of all axes stand in one row: the value of each axis at each grid point; shape (axes, grid points)."""
_AXIS_SIZES = np.repeat(GRID, GRID)
"""How many values the axis of each value has."""
_ON_AXES = (_AXIS_COLUMNS[:, :, None] == np.arange(sum(GRID))).any(axis=0).astype(float)
"""1 where a grid point has a value of an axis; shape (grid points, values)."""


def grid_prior(evidence: Sequence[Floats]) -> Floats:
    """Log prior of the grid points, learnt from the log evidence of several series; shape (grid points,).

    Two views of the panel: its series are alike, or they differ, as where controls are noisy. Each counts by how well it
    predicts every series from the others (pseudo-Bayesian model averaging: Geisser and Eddy 1979, JASA 74).
    """
    rows = np.array(evidence)
    likelihood = np.exp(rows - rows.max(axis=1, keepdims=True))
    left_out = 1.0 - np.eye(len(rows))
    together, spread = _common_posteriors(rows, left_out), _spreads_of_series(likelihood, left_out)
    predicted = [(view * likelihood).sum(axis=1) for view in (together, spread)]
    weight = expit((np.log(predicted[0]) - np.log(predicted[1])).sum())
    everything = np.ones((1, len(rows)))
    view = weight * _common_posteriors(rows, everything) + (1 - weight) * _spreads_of_series(likelihood, everything)
    return np.asarray(np.log(view[0]))


def _common_posteriors(evidence: Floats, chosen: Floats) -> Floats:
    """The posterior of the grid point that chosen series have in common.

    `evidence`: shape (series, grid points); `chosen`: 1 for a series that is in it, shape (choices, series). Returns shape
    (choices, grid points).
    """
    together = chosen @ evidence
    weights = np.exp(together - together.max(axis=1, keepdims=True))
    return np.asarray(np.maximum(weights / weights.sum(axis=1, keepdims=True), _LEAST_WEIGHT))


def _spreads_of_series(likelihood: Floats, chosen: Floats) -> Floats:
    """The distribution of grid points over chosen series by maximum likelihood (Kiefer and Wolfowitz 1956); shapes as above.

    It is found by EM from equal weights, as a product of one distribution for each axis of the grid: few series say little of
    every combination, and enough of each axis.
    """
    counts = chosen.sum(axis=1)[:, None]
    shares = np.broadcast_to(1 / likelihood.shape[1], (len(chosen), *likelihood.shape))
    for _ in range(_EM_ROUNDS):
        pooled = (chosen[:, None] @ shares)[:, 0]
        margins = (pooled @ _ON_AXES + _EVEN_SERIES / _AXIS_SIZES) / (counts + _EVEN_SERIES)
        prior = margins[:, _AXIS_COLUMNS].prod(axis=1)
        shares = likelihood * prior[:, None]
        shares /= shares.sum(axis=2, keepdims=True)
    return np.asarray(prior)
