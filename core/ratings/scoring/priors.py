"""What is known of a card before any evidence: how its peers do (empirical Bayes).

A share has a Beta prior, a rate per 1,000 a Gamma one; how far apart peers are follows from the marginal likelihood of
their counts (beta-binomial, gamma-Poisson).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import chebyshev

from core.base.arrays import Floats, Ints
from core.base.row_order import begins, row_order
from core.ratings.scoring.scores import log_gamma

_RANGE = {True: (0.1, 400.0), False: (0.1, 50.0)}
"""Prior bad cases (a) that are tried for shares, and for rates: 1 / sqrt(a) is how far apart peers are, relative to their mean.

Up to 400, peers that differ by 5 %: where differences are chance alone, thousands of cases must not make them look real.
"""
_NODES = {True: 12, False: 10}
"""At so many of them likelihoods are computed; between them they follow the polynomial through all: the log likelihood of a
member of up to 100,000 cases, up to five times as bad as the mean, is exact to 0.02."""
_POINTS = 40
_LEAN = {True: 10.0, False: 1000.0}
"""Cases at everybody's rate that the mean of the widest group leans to: of shares, and of rates per 1,000 orders."""
_MOST, _LEAST = 0.98, 1e-9
_USUAL, _USUAL_BETWEEN, _SPREAD, _SPREAD_WITHIN = {True: 8.0, False: 6.0}, 8.0, 2.0, 0.7
"""Usual shapes: of members of a group (shares; rates, whose cases are too few to show more), of groups of a wider one; standard
deviations of their logarithms."""
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
        visible = self.n > 0
        k = np.minimum(self.k[visible], self.n[visible]) if is_share else self.k[visible]
        return Members(self.n[visible], k, self.group[visible])


def fit(
    members: Members,
    groups: int,
    is_share: bool,
    lean: Lean | None = None,
    lately: Members | None = None,
    blocks: int = 1,
) -> Prior:
    """The prior of each group from its members.

    The shape a comes from the marginal likelihood on a grid, with a prior on its logarithm; the mean is the one that fits it
    best (weights 1 / variance), leaning to that of the wider group (`lean`; without one a little to everybody's). `lately`:
    the same members by what they did of late, from which the mean is taken. `blocks`: so many blocks of as many groups each,
    one for each component, have an everybody of their own.
    """
    used = members.rated(is_share)
    if lean is None:
        lean = _everybody(used, groups, is_share, blocks)
    bundles = _bundled(used)
    nodes, shapes, between = _shapes(is_share)
    mean = _mean(bundles, np.repeat(nodes[:, None], groups, axis=1), lean, is_share)
    terms = _log_marginal(bundles, mean, nodes[:, None], is_share)
    usual = -0.5 * ((np.log(shapes)[:, None] - np.log(lean.a)) / lean.spread) ** 2
    a = _shape(between @ bundles.by_group(terms * bundles.times, groups) + usual, shapes)
    recent = bundles if lately is None else _bundled(lately.rated(is_share))
    return Prior(_mean(recent, a[None], lean, is_share)[0], a)


@cache
def _shapes(is_share: bool) -> tuple[Floats, Floats, Floats]:
    """(nodes, points, matrix that takes values at the nodes to values at the points): Chebyshev's, in the logarithm of a."""
    low, high = np.log(_RANGE[is_share])
    degree = _NODES[is_share] - 1
    nodes, points = chebyshev.chebpts1(degree + 1), np.linspace(-1, 1, _POINTS)
    between = chebyshev.chebvander(points, degree) @ np.linalg.inv(chebyshev.chebvander(nodes, degree))
    a, grid = (np.exp(low + (high - low) * (entry + 1) / 2) for entry in (nodes, points))
    return a, grid, between


def _everybody(used: Members, groups: int, is_share: bool, blocks: int) -> Lean:
    """What groups of which nothing wider is known lean to: a little to all members of their block."""
    size = groups // blocks
    k, n = (np.bincount(used.group // size, entry, blocks) for entry in (used.k, used.n))
    # half a case more than there are: the first bad one anywhere changes what is usual by one case, not from nothing
    overall = np.minimum((k + 0.5) / (n + 1), _MOST if is_share else np.inf)
    each = np.ones(groups)
    return Lean(np.repeat(overall, size), _LEAN[is_share] * each, _USUAL[is_share] * each, _SPREAD)


def lean_on(members: Members, wider: Prior, part_of: Ints, is_share: bool, blocks: int = 1) -> Lean:
    """What the wider groups tell of each group; `part_of`: index of the wider one, shape (groups,); `blocks` as in `fit`.

    How far apart the groups' own means are, within a wider group, is fitted as the spread of members within a group is.
    """
    mean, a = wider.mean[part_of], wider.a[part_of]
    strength = (a / mean)[members.group]
    weight = strength / (strength + members.n)
    bad, all_ = (
        np.bincount(members.group, weight * entry, len(part_of)).astype(np.float64) for entry in (members.k, members.n)
    )
    each = np.ones(len(wider.mean))
    outer = Lean(wider.mean, _LEAN[is_share] * each, _USUAL_BETWEEN * each, _SPREAD)
    between = fit(Members(all_, bad, part_of), len(wider.mean), is_share, outer, blocks=blocks)
    return Lean(mean, between.a[part_of] / mean, a, _SPREAD_WITHIN)


def _mean(bundles: "_Bundles", a: Floats, lean: Lean, is_share: bool) -> Floats:
    """The mean of each group that fits each of several strengths: members weigh by how sure their own rate is.

    `a` and the means: shape (strengths, groups).
    """
    groups, mean = a.shape[1], np.broadcast_to(lean.mean, a.shape)
    # never less than one bad case: of few and rare cases the wider group tells more
    leaning = np.maximum(lean.cases, 1 / lean.mean)
    for _ in range(3):
        strength = (a / mean)[:, bundles.group]
        weight = bundles.times * strength / (strength + bundles.n)
        bad, all_ = bundles.by_group(weight * bundles.k, groups), bundles.by_group(weight * bundles.n, groups)
        fitted = (bad + leaning * lean.mean) / (all_ + leaning)
        mean = np.minimum(np.maximum(fitted, _LEAST), _MOST if is_share else np.inf)
    return mean


def _log_marginal(bundles: "_Bundles", mean: Floats, a: Floats, is_share: bool) -> Floats:
    """Log likelihood of counts, constants left out: beta-binomial, or Poisson with a Gamma rate; shape (strengths, members).

    `mean`: of groups, shape (strengths, groups); `a`: shape (strengths, 1).
    """
    n, k, group = bundles.n, bundles.k, bundles.group
    strength = a / mean
    result: Floats
    if is_share:
        b = strength - a
        whole, good, bad = log_gamma(np.stack([strength, b, np.broadcast_to(a, b.shape)]))
        seen_bad, seen_good, seen = log_gamma(np.stack([a + k, b[:, group] + n - k, strength[:, group] + n]))
        result = seen_bad + seen_good - seen
        result += (whole - good - bad)[:, group]
        return result
    of_group = a * np.log(strength) - log_gamma(a)
    result = log_gamma(a + k) - (a + k) * np.log(strength[:, group] + n) + of_group[:, group]
    return result


def _shape(likelihood: Floats, shapes: Floats) -> Floats:
    """The shape whose variance is the mean over the grid, each weighed by its likelihood; (grid, groups) -> (groups,).

    The one most likely shape would say that peers are closer to each other than is known, and intervals would be too short.
    """
    weight = np.exp(likelihood - likelihood.max(axis=0))
    shape: Floats = weight.sum(axis=0) / (weight / shapes[:, None]).sum(axis=0)
    return shape


@dataclass(frozen=True, slots=True)
class _Bundles:
    """Members of one group with nearly the same counts, put together: mean n, mean k, group (ascending), how many."""

    n: Floats
    k: Floats
    group: Ints
    times: Floats
    first: Ints
    """Of each group that has any."""

    def by_group(self, values: Floats, groups: int) -> Floats:
        """Sums of each row of values by group; (strengths, bundles) -> (strengths, groups)."""
        sums = np.zeros((len(values), groups))
        if len(self.first):
            sums[:, self.group[self.first]] = np.add.reduceat(values, self.first, axis=1)
        return sums


def _bundled(members: Members) -> _Bundles:
    """Few members as they are; of many, those that are nearly alike together."""
    n, k, group = members.n, members.k, members.group
    if len(n) <= _MANY:
        order = row_order(group)
        group = group[order]
        return _Bundles(n[order], k[order], group, np.ones(len(n)), np.flatnonzero(begins(group)))
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
    group, times = groups[used], times[used]
    mean_n, mean_k = (np.bincount(key, entry, size)[used] / times for entry in (n, k))
    return _Bundles(mean_n, mean_k, group, times.astype(np.float64), np.flatnonzero(begins(group)))
