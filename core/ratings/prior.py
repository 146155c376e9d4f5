"""What is known of a card before any evidence: how its peers do (empirical Bayes).

A share has a Beta prior, a rate per 1,000 a Gamma one; how far apart peers are follows from the marginal likelihood of
their counts (beta-binomial, gamma-Poisson).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SHAPES = {
    True: np.exp(np.linspace(np.log(0.1), np.log(50.0), 20)),
    False: np.exp(np.linspace(np.log(0.1), np.log(3.0), 12)),
}
"""Prior bad cases (a) that are tried for shares, and for rates: 1 / sqrt(a) is how far apart peers are, relative to their mean.

Peers are never taken to be all alike, so that what somebody does always counts: a violation above all.
"""
_USUAL, _SPREAD = np.log(2.0), 1.5
"""Shapes that small groups lean to: logarithm and its standard deviation."""
_LEAN = {True: 10.0, False: 1000.0}
"""Cases at everybody's rate that every group's mean leans to: of shares, and of rates per 1,000 orders."""
_MOST, _LEAST = 0.98, 1e-6
_MANY = 50_000
_FINE = 6
"""Steps to a doubling, in which the counts of more members than `_MANY` are put together."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Priors of groups; shape (groups,) each."""

    mean: Floats
    a: Floats
    """Bad cases that it stands for; with mean = a / (a + b) (a share) or a / b (a rate)."""


def fit(n: Floats, k: Floats, group: Ints, groups: int, is_share: bool) -> Prior:
    """The prior of each group, from cases n and bad ones k of its members; shape (members,) each.

    The shape a comes from the marginal likelihood on a grid, with a weak prior on its logarithm; the mean is the one that
    fits it best (weights 1 / variance), leaning a little to everybody's.
    """
    seen = n > 0
    n, k, group = n[seen], np.minimum(k[seen], n[seen]) if is_share else k[seen], group[seen]
    times = np.ones(len(n))
    overall = float(k.sum() / n.sum()) if len(n) else 0.0
    overall = min(max(overall, _LEAST), _MOST if is_share else np.inf)
    if len(n) > _MANY:
        n, k, group, times = _bundled(n, k, group)
    likelihood, means = [], []
    for shape in _SHAPES[is_share]:
        mean = _mean(n, k, group, times, groups, shape, overall, is_share)
        terms = _log_marginal(n, k, mean[group], shape, is_share) * times
        lean = -0.5 * ((np.log(shape) - _USUAL) / _SPREAD) ** 2
        likelihood.append(np.bincount(group, terms, groups) + lean)
        means.append(mean)
    a = _shape(np.array(likelihood), _SHAPES[is_share])
    return Prior(_mean(n, k, group, times, groups, a, overall, is_share), a)


def _mean(n: Floats, k: Floats, group: Ints, times: Floats, groups: int, a: Floats | float, overall: float,
          is_share: bool) -> Floats:  # fmt: skip
    """The mean of each group that fits a strength: members weigh by how sure their own rate is."""
    lean, mean = _LEAN[is_share], np.full(groups, overall)
    for _ in range(3):
        strength = (np.broadcast_to(a, groups) / mean)[group]
        weight = times * strength / (strength + n)
        bad, all_ = np.bincount(group, weight * k, groups), np.bincount(group, weight * n, groups)
        mean = np.clip((bad + lean * overall) / (all_ + lean), _LEAST, _MOST if is_share else np.inf)
    return mean


def _log_marginal(n: Floats, k: Floats, mean: Floats, a: float, is_share: bool) -> Floats:
    """Log likelihood of counts, constants left out: beta-binomial, or Poisson with a Gamma rate."""
    from scipy.special import gammaln

    strength = a / mean
    found: Floats
    if is_share:
        b = strength - a
        found = gammaln(a + k) - gammaln(a) + gammaln(b + n - k) - gammaln(b)
        found += gammaln(strength) - gammaln(strength + n)
        return found
    found = gammaln(a + k) - gammaln(a) + a * np.log(strength) - (a + k) * np.log(strength + n)
    return found


def _shape(likelihood: Floats, shapes: Floats) -> Floats:
    """The shape whose variance is the mean over the grid, each weighed by its likelihood; (grid, groups) -> (groups,).

    The one most likely shape would say that peers are closer to each other than is known, and intervals would be too short.
    """
    weight = np.exp(likelihood - likelihood.max(axis=0))
    shape: Floats = weight.sum(axis=0) / (weight / shapes[:, None]).sum(axis=0)
    return shape


def _bundled(n: Floats, k: Floats, group: Ints) -> tuple[Floats, Floats, Ints, Floats]:
    """Members of one group with nearly the same counts, put together: mean n, mean k, group, how many."""
    n_step = np.floor(_FINE * np.log2(1 + n)).astype(np.int64)
    k_step = np.floor(_FINE * np.log2(1 + 2 * k)).astype(np.int64)
    width, height = int(n_step.max()) + 1, int(k_step.max()) + 1
    key = (group * width + n_step) * height + k_step
    size = (int(group.max()) + 1) * width * height
    if size > 50_000_000:
        _, key = np.unique(key, return_inverse=True)
        size = int(key.max()) + 1
    times = np.bincount(key, minlength=size)
    used = np.flatnonzero(times)
    groups = np.zeros(size, np.int64)
    groups[key] = group
    mean_n, mean_k = np.bincount(key, n, size)[used] / times[used], np.bincount(key, k, size)[used] / times[used]
    return mean_n, mean_k, groups[used], times[used].astype(np.float64)
