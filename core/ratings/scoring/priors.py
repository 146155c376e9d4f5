"""What is known of a card before any evidence: how its peers do (empirical Bayes).

A share has a Beta prior, a rate per 1,000 a Gamma one; how far apart peers are follows from the marginal likelihood of
their counts (beta-binomial, gamma-Poisson).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import chebyshev

from core.base.arrays import Flags, Floats, Ints
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

    def of(self, places: tuple[Ints, ...]) -> "Prior":
        """Those of some places of a table, row by row."""
        return Prior(self.mean[places].reshape(-1), self.a[places].reshape(-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPrior(Prior):
    """The priors of groups with what they were fitted from, so that members can be left out of it."""

    lean: "Lean"
    likelihood: Floats
    """Of each node of the shape, shape (nodes, groups)."""
    mean_at: Floats
    """The mean that fits each node best; shape (nodes, groups)."""
    strength: Floats
    """Cases that each prior stands for where the mean is taken; a member with n cases weighs strength / (strength + n)."""
    bad: Floats
    """Bad cases of late, weighed like that;"""
    cases: Floats
    """and all cases."""


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

    def of(self, groups: Ints) -> "Lean":
        """The same of some groups, in their order."""
        return Lean(self.mean[groups], self.cases[groups], self.a[groups], self.spread)

    def around(self, wider: Prior) -> "Lean":
        """As many bad cases of another prior of the wider group."""
        return Lean(wider.mean, self.cases * self.mean / wider.mean, wider.a, self.spread)


@dataclass(frozen=True, slots=True)
class Members:
    """The cases n and bad ones k of members of groups; shape (members,) each."""

    n: Floats
    k: Floats
    group: Ints

    def of(self, places: Ints | Flags) -> "Members":
        """Some of them, in this order."""
        return Members(self.n[places], self.k[places], self.group[places])

    def capped(self, is_share: bool) -> "Members":
        """The same with no more bad cases than cases where it is a share, and none of those without any case."""
        most = self.n if is_share else np.where(self.n > 0, np.inf, 0.0)
        return Members(self.n, np.minimum(self.k, most), self.group)

    def rated(self, is_share: bool) -> "Members":
        """Those with any case, `capped`."""
        return self.of(self.n > 0).capped(is_share)


def fit(
    members: Members,
    groups: int,
    is_share: bool,
    lean: Lean | None = None,
    lately: Members | None = None,
    blocks: int = 1,
) -> FittedPrior:
    """The prior of each group from its members.

    The shape a comes from the marginal likelihood on a grid, with a prior on its logarithm; the mean is the one that fits it
    best (weights 1 / variance), leaning to that of the wider group (`lean`; without one a little to everybody's). `lately`:
    the same members by what they did of late, from which the mean is taken. `blocks`: so many blocks of as many groups each,
    one for each component, have an everybody of their own.
    """
    if lean is None:
        lean = _everybody(members.rated(is_share), groups, is_share, blocks)
    bundles, likelihood, mean_at = _likelihood(members, groups, is_share, lean)
    a = shape(likelihood, lean, is_share)
    recent = bundles if lately is None else _bundled(lately.rated(is_share))
    mean, strength, bad, cases = (entry[0] for entry in _means(recent, a[None], lean, is_share))
    return FittedPrior(
        mean, a, lean=lean, likelihood=likelihood, mean_at=mean_at, strength=strength, bad=bad, cases=cases
    )


def _likelihood(members: Members, groups: int, is_share: bool, lean: Lean) -> tuple["_Bundles", Floats, Floats]:
    """Members in bundles; the log likelihood of each node of the shape, and the mean that fits it best, (nodes, groups) each."""
    bundles, nodes = _bundled(members.rated(is_share)), _shapes(is_share)[0]
    mean = _means(bundles, np.repeat(nodes[:, None], groups, axis=1), lean, is_share)[0]
    return bundles, bundles.by_group(log_marginal(bundles, mean, is_share) * bundles.times, groups), mean


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
    return lean_to(np.repeat(k, size), np.repeat(n, size), is_share)


def lean_to(k: Floats, n: Floats, is_share: bool) -> Lean:
    """A little to the rate of n cases of which k are bad; shape (groups,) each."""
    # half a case more than there are: the first bad one anywhere changes what is usual by one case, not from nothing
    overall = np.minimum((k + 0.5) / (n + 1), _MOST if is_share else np.inf)
    each = np.ones(len(k))
    return Lean(overall, _LEAN[is_share] * each, _USUAL[is_share] * each, _SPREAD)


def lean_on(members: Members, wider: Prior, part_of: Ints, is_share: bool) -> Lean:
    """What the wider groups tell of each group; `part_of`: index of the wider one, shape (groups,).

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
    between = shape(_likelihood(Members(all_, bad, part_of), len(wider.mean), is_share, outer)[1], outer, is_share)
    return Lean(mean, between[part_of] / mean, a, _SPREAD_WITHIN)


def _means(bundles: "_Bundles", a: Floats, lean: Lean, is_share: bool) -> tuple[Floats, Floats, Floats, Floats]:
    """(mean, strength, bad cases, cases) of each group for each of several shapes: members weigh by how sure their own rate is.

    `a` and the results: shape (shapes, groups).
    """
    groups, mean = a.shape[1], np.broadcast_to(lean.mean, a.shape)
    for _ in range(3):
        strength = a / mean
        of_member = strength[:, bundles.group]
        weight = bundles.times * of_member / (of_member + bundles.n)
        bad, cases = bundles.by_group(weight * bundles.k, groups), bundles.by_group(weight * bundles.n, groups)
        mean = leaned(bad, cases, lean, is_share)
    return mean, strength, bad, cases


def leaned(bad: Floats, cases: Floats, lean: Lean, is_share: bool) -> Floats:
    """The mean of each group from the weighed cases of its members and what it leans to."""
    # never less than one bad case: of few and rare cases the wider group tells more
    leaning = np.maximum(lean.cases, 1 / lean.mean)
    fitted = (bad + leaning * lean.mean) / (cases + leaning)
    return np.minimum(np.maximum(fitted, _LEAST), _MOST if is_share else np.inf)


def log_marginal(members: "Members | _Bundles", mean: Floats, is_share: bool) -> Floats:
    """Log likelihood of counts at each node of the shape, constants left out; shape (nodes, members).

    Beta-binomial, or Poisson with a Gamma rate. `mean`: of groups, shape (nodes, groups).
    """
    n, k, group = members.n, members.k, members.group
    a = _shapes(is_share)[0][:, None]
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


def shape(likelihood: Floats, lean: Lean, is_share: bool) -> Floats:
    """The shape whose variance is the mean over a grid, each weighed by its likelihood; (nodes, groups) -> (groups,).

    The one most likely shape would say that peers are closer to each other than is known, and intervals would be too short.
    """
    _, shapes, between = _shapes(is_share)
    posterior = between @ likelihood - 0.5 * ((np.log(shapes)[:, None] - np.log(lean.a)) / lean.spread) ** 2
    weight = np.exp(posterior - posterior.max(axis=0))
    result: Floats = weight.sum(axis=0) / (weight / shapes[:, None]).sum(axis=0)
    return result


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
