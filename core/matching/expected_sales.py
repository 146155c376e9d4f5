"""What a pair would sell: a log-linear mean learnt from pairs that sell already, counts around it gamma-Poisson.

The mean of a pair's order lines a day grows with what the creator sells of a product, with what the product sells with a creator,
with the creator's taste and the price level. Pairs differ around it like a gamma distribution, counts like a Poisson one: the sum
of order lines is negative binomial (Fader and Hardie 2005 use the same for buyers).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import gammaincinv

from core.base.arrays import Floats, Ints
from core.matching.pair_signals import SIGNALS, PairSignals

LEVEL = 0.8
DAYS = 30
"""Expected GMV is of so many days after the start."""
_RIDGE = 5.0
"""Prior precision of the weights of signals, in order lines."""
_PRIOR_LINES = 2.0
"""Order lines of an average pair that are added to each creator's and each product's own: one pair says little of the next."""
_ROUNDS = 12
"""Of alternating effects and of Newton steps, with some to spare: both converge fast."""
_MOST_WEIGHT = 20.0
"""A pair counts as at most so many order lines: pairs differ far more than Poisson counts do, and the largest would decide."""
_USED = ("category", "near_category", "price_level")
"""Signals that say how much is sold. Similarities are left out: of pairs that sell already they hold the pair itself."""


@dataclass(frozen=True, kw_only=True)
class ExpectedSales:
    """GMV of the first DAYS days; shape (pairs,)."""

    mean: Floats
    low: Floats
    """Ends of the LEVEL interval."""
    high: Floats


class SalesModel:
    """Learnt from the pairs of one history, by what they sold after their first day: that day is why they are pairs."""

    def __init__(self, signals: PairSignals) -> None:
        self._signals, self._history = signals, signals.history
        pairs = self._history.counts.tocoo()
        self._creator, self._product = (axis.astype(np.int64) for axis in pairs.coords)
        first, self._lines = self._later_lines()
        self._days = np.maximum(self._history.last - first, 1).astype(float)
        self._usual = float(np.log(max(self._lines.sum(), 0.5) / self._days.sum()))
        self._by_creator, self._by_product = self._effects()
        self._fit()

    def _later_lines(self) -> tuple[Ints, Floats]:
        """First day of each pair, and its order lines on later days; shape (pairs,)."""
        history = self._history
        keys = self._creator * history.shape[1] + self._product
        pair = np.searchsorted(keys, history.creator * history.shape[1] + history.product)
        first = np.full(len(keys), np.iinfo(np.int64).max)
        np.minimum.at(first, pair, history.rows.days)
        later = history.rows.days > first[pair]
        return first, np.bincount(pair[later], minlength=len(keys)).astype(float)

    def _effects(self) -> tuple[Floats, Floats]:
        """Log of how much more than usual each creator and each product sells a pair, shrunk; shapes (creators,), (products,)."""
        size = self._history.shape
        creators, products = np.ones(size[0]), np.ones(size[1])
        usual = np.exp(self._usual) * self._days
        sold = np.bincount(self._creator, self._lines, minlength=size[0])
        bought = np.bincount(self._product, self._lines, minlength=size[1])
        for _ in range(_ROUNDS):
            due = np.bincount(self._creator, usual * products[self._product], minlength=size[0])
            creators = (sold + _PRIOR_LINES) / (due + _PRIOR_LINES)
            due = np.bincount(self._product, usual * creators[self._creator], minlength=size[1])
            products = (bought + _PRIOR_LINES) / (due + _PRIOR_LINES)
        return np.log(creators), np.log(products)

    def _design(self, creator: Ints, product: Ints, table: Floats) -> Floats:
        """shape (pairs, features); `table` are the signals of the pairs, shape (signals, pairs)."""
        used = [table[list(SIGNALS).index(name)] for name in _USED]
        return np.column_stack([np.ones(len(creator)), self._by_creator[creator], self._by_product[product], *used])

    def _fit(self) -> None:
        """Weights by ridge Poisson regression, and the gamma shape of what is left."""
        blocks = self._blocks()
        design = np.vstack([self._pair_design(block) for block in blocks])
        order = np.concatenate(blocks)
        lines, offset = self._lines[order], np.log(self._days[order]) + self._usual
        prior = np.zeros(design.shape[1])
        prior[1:3] = 1.0  # the effects count in full where nothing else is known
        penalty = np.array([0.0, *[_RIDGE] * (design.shape[1] - 1)])
        weights = prior.copy()
        for _ in range(_ROUNDS):
            mean = np.exp(np.clip(design @ weights + offset, -20, 12))
            curvature = (design.T * np.minimum(mean, _MOST_WEIGHT)) @ design + np.diag(penalty + 1e-9)
            gradient = design.T @ ((lines - mean) * np.minimum(1.0, _MOST_WEIGHT / np.maximum(mean, 1e-12)))
            weights += np.clip(np.linalg.solve(curvature, gradient - penalty * (weights - prior)), -1, 1)
        self._weights = weights
        mean = np.exp(np.clip(design @ weights + offset, -20, 12))
        excess = float(((lines - mean) ** 2 - mean).sum() / max(float((mean**2).sum()), 1e-12))
        self.shape = 1 / min(max(excess, 0.02), 20.0)
        """Of the gamma distribution of pairs: small = pairs differ much."""

    def _blocks(self) -> list[Ints]:
        """Pairs by blocks of creators, so that the signals of few are in memory at a time."""
        edges = np.arange(0, self._history.shape[0] + 50, 50)
        position = np.searchsorted(self._creator, edges)
        return [np.arange(a, b) for a, b in pairwise(position.tolist()) if b > a]

    def _pair_design(self, rows: Ints) -> Floats:
        creators, own = np.unique(self._creator[rows], return_inverse=True)
        table = self._signals.of(creators)[:, own, self._product[rows]]
        return self._design(self._creator[rows], self._product[rows], table)

    def expected(self, creator: Ints, product: Ints, table: Floats) -> ExpectedSales:
        """GMV of pairs, were they to start now; `table` their signals, shape (signals, pairs)."""
        log_rate = self._design(creator, product, table) @ self._weights + self._usual
        lines = np.exp(np.clip(log_rate, -12, 8)) * DAYS
        price = self._history.price[product]
        # quantiles of a gamma of the same mean and of the variance of the negative binomial, which is continuous in its ends
        variance = lines + lines**2 / self.shape
        shape = lines**2 / variance
        low, high = (gammaincinv(shape, share) * variance / lines for share in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        return ExpectedSales(mean=lines * price, low=low * price, high=high * price)
