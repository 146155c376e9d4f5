"""What is known of a card before any evidence: how its peers do (empirical Bayes).

A share has a Beta prior, a rate per 1,000 a Gamma one; how far apart peers are follows from the marginal likelihood of
their counts (beta-binomial, gamma-Poisson).
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats, Ints

_SHAPES = {
    True: np.exp(np.linspace(np.log(0.1), np.log(50.0), 20)),
    False: np.exp(np.linspace(np.log(0.1), np.log(3.0), 12)),
}
"""Prior bad cases (a) that are tried for shares, and for rates: 1 / sqrt(a) is how far apart peers are, relative to their mean.

Peers are never taken to be all alike, so that what somebody does always counts: a violation above all.
"""
_LEAN = {True: 10.0, False: 1000.0}
"""Cases at everybody's rate that the mean of the widest group leans to: of shares, and of rates per 1,000 orders."""
_MOST, _LEAST = 0.98, 1e-6
_USUAL, _USUAL_BETWEEN, _SPREAD, _SPREAD_WITHIN = 2.0, 8.0, 1.5, 0.7
"""Usual shapes: of members of a group, of groups of a wider one; standard deviations of their logarithms."""
_MANY = 50_000
_KEYS = 50_000_000
_FINE = 6
"""Steps to a doubling, in which the counts of more members than `_MANY` are put together."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Priors of groups; shape (groups,) each."""

    mean: Floats
    a: Floats
    """Bad cases that it stands for; with mean = a / (a + b) (a share) or a / b (a rate)."""


@dataclass(frozen=True, slots=True)
class Lean:
    """What each group is like as far as the wider group that it is part of tells; shape (groups,) each."""

    mean: Floats
    cases: Floats
    """How many cases at that mean the wider group stands for."""
    a: Floats
    """Usual shape,"""
    spread: float
    """and the standard deviation of its logarithm."""


@dataclass(frozen=True, slots=True)
class Members:
    """The cases n and bad ones k of members of groups; shape (members,) each."""

    n: Floats
    k: Floats
    group: Ints

    def rated(self, is_share: bool) -> "Members":
        """Those with any case; no more bad ones than cases where it is a share."""
        seen = self.n > 0
        k = np.minimum(self.k[seen], self.n[seen]) if is_share else self.k[seen]
        return Members(self.n[seen], k, self.group[seen])


def fit(
    members: Members, groups: int, is_share: bool, lean: Lean | None = None, lately: Members | None = None
) -> Prior:
    """The prior of each group from its members.

    The shape a comes from the marginal likelihood on a grid, with a prior on its logarithm; the mean is the one that fits it
    best (weights 1 / variance), leaning to that of the wider group (`lean`; without one a little to everybody's). `lately`:
    the same members by what they did of late, from which the mean is taken.
    """
    used = members.rated(is_share)
    if lean is None:
        overall = min(max(float(used.k.sum() / max(used.n.sum(), 1e-9)), _LEAST), _MOST if is_share else np.inf)
        each = np.ones(groups)
        lean = Lean(overall * each, _LEAN[is_share] * each, _USUAL * each, _SPREAD)
    bundles = _bundled(used)
    likelihood = []
    for shape in _SHAPES[is_share]:
        mean = _mean(bundles, np.full(groups, shape), lean, is_share)
        terms = _log_marginal(bundles.n, bundles.k, mean[bundles.group], shape, is_share) * bundles.times
        usual = -0.5 * ((np.log(shape) - np.log(lean.a)) / lean.spread) ** 2
        likelihood.append(np.bincount(bundles.group, terms, groups) + usual)
    a = _shape(np.array(likelihood), _SHAPES[is_share])
    recent = bundles if lately is None else _bundled(lately.rated(is_share))
    return Prior(_mean(recent, a, lean, is_share), a)


def lean_on(members: Members, wider: Prior, part_of: Ints, is_share: bool) -> Lean:
    """What the wider groups tell of each group; `part_of`: index of the wider one, shape (groups,).

    How far apart the groups' own means are, within a wider group, is fitted as the spread of members within a group is.
    """
    mean, a = wider.mean[part_of], wider.a[part_of]
    strength = (a / mean)[members.group]
    weight = strength / (strength + members.n)
    bad, all_ = (
        np.bincount(members.group, weight * one, len(part_of)).astype(np.float64) for one in (members.k, members.n)
    )
    each = np.ones(len(wider.mean))
    outer = Lean(wider.mean, _LEAN[is_share] * each, _USUAL_BETWEEN * each, _SPREAD)
    between = fit(Members(all_, bad, part_of), len(wider.mean), is_share, outer)
    return Lean(mean, between.a[part_of] / mean, a, _SPREAD_WITHIN)


def _mean(bundles: "_Bundles", a: Floats, lean: Lean, is_share: bool) -> Floats:
    """The mean of each group that fits a strength: members weigh by how sure their own rate is."""
    mean, group = lean.mean, bundles.group
    for _ in range(3):
        strength = (a / mean)[group]
        weight = bundles.times * strength / (strength + bundles.n)
        bad, all_ = np.bincount(group, weight * bundles.k, len(a)), np.bincount(group, weight * bundles.n, len(a))
        fitted = (bad + lean.cases * lean.mean) / (all_ + lean.cases)
        mean = np.clip(fitted, _LEAST, _MOST if is_share else np.inf)
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


@dataclass(frozen=True, slots=True)
class _Bundles:
    """Members of one group with nearly the same counts, put together: mean n, mean k, group, how many."""

    n: Floats
    k: Floats
    group: Ints
    times: Floats


def _bundled(members: Members) -> _Bundles:
    """Few members as they are; of many, those that are nearly alike together."""
    n, k, group = members.n, members.k, members.group
    if len(n) <= _MANY:
        return _Bundles(n, k, group, np.ones(len(n)))
    n_step = np.floor(_FINE * np.log2(1 + n)).astype(np.int64)
    k_step = np.floor(_FINE * np.log2(1 + 2 * k)).astype(np.int64)
    width, height = int(n_step.max()) + 1, int(k_step.max()) + 1
    key = (group * width + n_step) * height + k_step
    size = (int(group.max()) + 1) * width * height
    if size > _KEYS:
        _, key = np.unique(key, return_inverse=True)
        size = int(key.max()) + 1
    times = np.bincount(key, minlength=size)
    used = np.flatnonzero(times)
    groups = np.zeros(size, np.int64)
    groups[key] = group
    mean_n, mean_k = (np.bincount(key, one, size)[used] / times[used] for one in (n, k))
    return _Bundles(mean_n, mean_k, groups[used], times[used].astype(np.float64))
