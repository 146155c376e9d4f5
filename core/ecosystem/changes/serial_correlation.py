"""How the weeks of series go together, learnt from all series of a family: noise, a level that drifts, or one that returns.

A dozen weeks of one series do not tell. Each kind is a covariance of weeks up to a factor of each series: noise, first-order
autoregression, a random walk, and mixtures with noise (Harvey, Forecasting, Structural Time Series Models, 1989, section 2.3),
which count by their restricted likelihoods (Patterson and Thompson, Biometrika 1971). Of families whose weeks correlate by 0.5, a
fall by half had a chance below 0.001 in 30 to 50 % where all of that was read as drift, and in 40 to 80 % so.
"""

from functools import lru_cache

import numpy as np

from core.base.arrays import Floats

_RETURNS, _NOISE = (-0.6, 0.3, 0.6, 0.8, 1.0), (0.0, 0.5, 0.8)
"""Correlation of neighbouring weeks, 1 = a drift, and part of noise in the variance of their difference.

Below 0: weeks with and without a campaign take turns. Of sixteen that go up and down by a fifth, a fall by half had a chance
below 0.002 in 1 % without this, and in 68 % with it."""
_INDEPENDENT = 0.5
"""Part of the evidence of all series that counts: shares of one whole move against each other."""

LEANING = 4.0
"""Weeks that scatter by chance alone which those of counts lean to.

Of one series of nine weeks with 30 cases each, a factor of 2.5 had a chance below 0.001 in none of 2,400 without this, and in
97 % with it; of unchanged ones that scatter by 30 %, 0.3 % have."""
_CORRELATIONS = np.arange(10) / 10
_USUAL, _APART = 0.4, 0.4
"""Correlation of neighbouring weeks that the few of counts lean to, and its standard deviation.

Of 8 series of 14 weeks with 20 cases each that scatter by 30 %, 3.3 % had a chance below 0.001 where neighbours correlate by 0.6
and weeks were taken to be independent, and 0.6 % so; a factor of 2.5 over three weeks had one in 68 and 60 % of independent ones.
"""


def covariance(history: Floats, weeks: int) -> Floats:
    """Covariance of the newest `weeks`, newest first, of which `history` are the oldest ones; shape (series, history weeks).

    In units of half the variance of the difference of neighbouring weeks, up to a constant for all: the level is unknown.
    """
    kinds, precision, constant = _kinds(weeks, history.shape[1])
    squares = np.einsum("gi,kij,gj->kg", history, precision, history)
    freedom = history.shape[1] - 1
    evidence = (constant[:, None] - freedom / 2 * np.log(np.maximum(squares, 1e-12))).sum(axis=1) * _INDEPENDENT
    chance = np.exp(evidence - evidence.max())
    return np.asarray(np.tensordot(chance / chance.sum(), kinds, 1))


@lru_cache(maxsize=32)
def _kinds(weeks: int, observed: int) -> tuple[Floats, Floats, Floats]:
    """The covariance of each kind, its inverse over the oldest weeks without their mean, and the constant of its likelihood."""
    lags = np.abs(np.subtract.outer(np.arange(weeks), np.arange(weeks))).astype(np.float64)
    kinds = [np.eye(weeks)]
    for returns in _RETURNS:
        moves = returns**lags / (1 - returns) if returns < 1 else weeks - lags
        kinds += [noise * np.eye(weeks) + (1 - noise) * moves for noise in _NOISE]
    every = np.array(kinds)
    past = every[:, weeks - observed :, weeks - observed :]
    inverse = np.linalg.inv(past)
    rows = inverse.sum(axis=2)
    total = rows.sum(axis=1)
    precision = inverse - rows[:, :, None] * rows[:, None, :] / total[:, None, None]
    return every, precision, -(np.linalg.slogdet(past)[1] + np.log(total)) / 2


def count_scatter(residual: Floats, lengths: tuple[int, ...], weeks: int) -> Floats:
    """How many times Poisson's variance the newest weeks have, as against all before; shape (lengths,).

    `residual`: of weeks before, in standard errors of Poisson's law, about their mean; shape (series, history weeks). Beyond it,
    weeks are an autoregression: variance and correlation are those that predict the squares of residuals and the products of
    neighbours, which the mean that is taken off makes smaller.
    """
    series, observed = residual.shape
    own, neighbours, contrasts = _of_correlations(observed, lengths, weeks)
    squares, products = float((residual**2).sum()), float((residual[:, 1:] * residual[:, :-1]).sum())
    excess = np.maximum((squares - series * (observed - 1)) / (series * own + LEANING), 0.0)
    expected = series * (excess * neighbours - (observed - 1) / observed)
    error = series * observed * (1 + excess) ** 2
    misfit = (products - expected) ** 2 / error + ((_CORRELATIONS - _USUAL) / _APART) ** 2
    best = int(misfit.argmin())
    return np.asarray(1 + excess[best] * contrasts[best])


@lru_cache(maxsize=32)
def _of_correlations(observed: int, lengths: tuple[int, ...], weeks: int) -> tuple[Floats, Floats, Floats]:
    """By correlation: squares and products of neighbours of weeks less their mean, shape (correlations,), and how many times
    that of independent weeks the variance of the newest ones less all before is, shape (correlations, lengths)."""
    centred = np.eye(observed) - 1 / observed
    every = np.arange(max(observed, weeks))
    together = _CORRELATIONS[:, None, None] ** np.abs(np.subtract.outer(every, every))
    history = centred @ together[:, :observed, :observed] @ centred
    steps = np.stack([np.where(np.arange(weeks) < new, 1 / new, -1 / (weeks - new)) for new in lengths])
    contrasts = np.einsum("li,kij,lj->kl", steps, together[:, :weeks, :weeks], steps) / (steps**2).sum(axis=1)
    return history.trace(axis1=1, axis2=2), history.trace(1, axis1=1, axis2=2), contrasts
