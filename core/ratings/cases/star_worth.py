"""What middling stars are worth: learnt from whether those who get them also get bad reviews."""

import numpy as np

from core.base.arrays import Floats, Ints

_LEAST_PAIRS = 20_000
"""Pairs of reviews of the same account from which anything can be learnt."""
_BAD, _MIDDLE, _GOOD = 2, 3, 4
_LEAST = 0.05
"""A smaller part is not worth its noise."""


def worth(who: Ints, stars: Ints) -> Floats:
    """How much of a bad review a review of each number of stars counts for, by stars 0 (no review) to 5.

    One and two stars count 1, five 0. Three and four count as much as the share of such reviews goes up, relative to its
    mean, where the share of bad ones goes up: the covariance between accounts, in which chance within an account is left
    out by pairing different reviews only (factorial moments). Stars that go with nothing count nothing.
    """
    found = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    n = np.bincount(who, stars > 0).astype(np.float64)
    several = n > 1
    if float((n * (n - 1)).sum()) < _LEAST_PAIRS:
        return found
    n = n[several]
    bad, middle, good = (
        np.bincount(who, test)[several].astype(np.float64)
        for test in ((stars > 0) & (stars <= _BAD), stars == _MIDDLE, stars == _GOOD)
    )
    own = _shared(bad, bad, n, same=True)
    if own > 0:
        found[_MIDDLE] = min(max(_shared(middle, bad, n) / own, 0.0), 1.0)
        found[_GOOD] = min(max(_shared(good, bad, n) / own, 0.0), found[_MIDDLE])
    return np.where(found < _LEAST, 0.0, found)


def _shared(x: Floats, y: Floats, n: Floats, same: bool = False) -> float:
    """Covariance between accounts of the shares of two kinds of reviews, over the product of their means."""
    mean_x, mean_y = float(x.sum() / n.sum()), float(y.sum() / n.sum())
    if mean_x * mean_y == 0:
        return 0.0
    pairs = x * y - (x if same else 0.0)
    return float((pairs / (n - 1)).sum() / n.sum()) / (mean_x * mean_y) - 1.0
