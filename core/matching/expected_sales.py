"""What a pair would sell: a log-linear mean learnt from pairs that sell already, counts around it gamma-Poisson.

The mean of a pair's order lines a day grows with what the creator sells of a product, with what the product sells with a creator,
with the creator's taste and the price level. Pairs differ around it like a gamma distribution, counts like a Poisson one: the sum
of order lines is negative binomial (Fader and Hardie 2005 use the same for buyers).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from core.base.arrays import Floats, Ints
from core.matching.pair_signals import PairSignals
from core.matching.ridge_regression import ridge_weights, sum_of_rows

LEVEL = 0.8
DAYS = 30
"""Expected GMV is of so many days after the start."""
_RIDGE = 5.0
"""Prior precision of the weights of signals, in order lines."""
_PRIOR_LINES = 2.0
"""Order lines of an average pair that are added to each creator's and each product's own: one pair says little of the next."""
_ROUNDS = 12
"""Of alternating effects, with some to spare: they converge fast."""
_LEAST_EFFECT = 0.01
"""Of what the other pairs sell: rounding could make it negative."""
_LEAST_PRICE = 1e-3
"""What is given away has no logarithm."""
_SHAPES = (0.05, 50.0)
"""From pairs that differ more than twenty-fold to pairs that hardly differ."""
_HALVINGS = 12
"""Shapes are then known within 0.2 %."""
_MOST_WEIGHT = 20.0
"""A pair counts as at most so many order lines: pairs differ far more than Poisson counts do, and the largest would decide."""
_CALIBRATING = 5_000
"""Pairs that calibrate the ends of intervals: the share beyond an end is then known within 1 %."""


@dataclass(frozen=True, kw_only=True)
class ExpectedSales:
    """GMV of the first DAYS days; shape (pairs,)."""

    mean: Floats
    low: Floats
    """Ends of the LEVEL interval."""
    high: Floats


@dataclass(frozen=True, kw_only=True)
class SalesModel:
    """What pairs sell a day, by creator, product and signals."""

    usual: float
    """Log of the order lines a day of an average pair."""
    by_creator: Floats
    """Log of how much more than usual each creator sells of a product; shape (creators,)."""
    by_product: Floats
    """The same for each product; shape (products,)."""
    weights: Floats
    """shape (features,)."""
    shapes: tuple[float, float]
    """Of the gamma distributions of pairs for the lower and the upper end: small = pairs differ much."""

    def expected(self, signals: PairSignals, creator: Ints, product: Ints) -> ExpectedSales:
        """GMV of pairs of the history that was learnt from, were they to start now."""
        effects = np.stack([self.by_creator[creator], self.by_product[product]])
        log_rate = _design(signals, creator, product, effects) @ self.weights + self.usual
        lines = np.exp(np.clip(log_rate, -12, 8)) * DAYS
        price = signals.history.price[product]
        low, high = (_end(lines, shape, upper=side) for side, shape in zip((False, True), self.shapes, strict=True))
        return ExpectedSales(mean=lines * price, low=low * price, high=high * price)


def learn_sales(signals: PairSignals) -> SalesModel:
    """The model that the pairs of one history teach, by what they sold after their first day: that day is why they are pairs.

    Of the signals those of categories are used: in similarities, pairs that sell already hold the pair itself. The numbers of a
    product's takers and a creator's products, and the squared distance of prices, join them: with these, and effects that leave
    out the pair itself, ranks of expected and true GMV of new pairs correlate by .68 (`bench/match.py --creators 40`).
    """
    return _SalesFit(signals).model()


class _SalesFit:
    """The pairs of a history, and the model fitted to them."""

    def __init__(self, signals: PairSignals) -> None:
        self._signals, self._history = signals, signals.history
        pairs = self._history.counts.tocoo()
        self._creator, self._product = (axis.astype(np.int64) for axis in pairs.coords)
        first, self._lines = self._later_lines()
        self._days = np.maximum(self._history.last - first, 1).astype(float)
        self._usual = float(np.log(max(self._lines.sum(), 0.5) / self._days.sum()))

    def _later_lines(self) -> tuple[Ints, Floats]:
        """First day of each pair, and its order lines on later days; shape (pairs,)."""
        history = self._history
        keys = self._creator * history.shape[1] + self._product
        pair = np.searchsorted(keys, history.creator * history.shape[1] + history.product)
        first = np.full(len(keys), np.iinfo(np.int64).max)
        np.minimum.at(first, pair, history.rows.days)
        later = history.rows.days > first[pair]
        return first, np.bincount(pair[later], minlength=len(keys)).astype(float)

    def _effects(self) -> tuple[Floats, Floats, Floats]:
        """Log of how much more than usual each creator and each product sells a pair, shrunk, and the same for the pairs that are
        learnt from, each without its own sales; shapes (creators,), (products,), (2, pairs)."""
        size = self._history.shape
        creators, products = np.ones(size[0]), np.ones(size[1])
        usual = np.exp(self._usual) * self._days
        sold = np.bincount(self._creator, self._lines, minlength=size[0])
        bought = np.bincount(self._product, self._lines, minlength=size[1])
        for _ in range(_ROUNDS):
            due = np.bincount(self._creator, usual * products[self._product], minlength=size[0])
            creators = (sold + _PRIOR_LINES) / (due + _PRIOR_LINES)
            due_of_product = np.bincount(self._product, usual * creators[self._creator], minlength=size[1])
            products = (bought + _PRIOR_LINES) / (due_of_product + _PRIOR_LINES)
        due = np.bincount(self._creator, usual * products[self._product], minlength=size[0])
        without = [
            (whole[codes] - self._lines + _PRIOR_LINES) / (expected[codes] - usual * other + _PRIOR_LINES)
            for whole, expected, codes, other in (
                (sold, due, self._creator, products[self._product]),
                (bought, due_of_product, self._product, creators[self._creator]),
            )
        ]
        return np.log(creators), np.log(products), np.log(np.maximum(without, _LEAST_EFFECT))

    def model(self) -> SalesModel:
        """Weights by ridge Poisson regression, and the gamma shapes of what is left."""
        by_creator, by_product, without_pair = self._effects()
        design = _design(self._signals, self._creator, self._product, without_pair)
        lines, offset = self._lines, np.log(self._days) + self._usual
        prior = np.zeros(design.shape[1])
        prior[1:3] = 1.0  # the effects count in full where nothing else is known
        precision = np.array([0.0, *[_RIDGE] * (design.shape[1] - 1)])

        def row_loss(log_rate: Floats) -> tuple[Floats, Floats, Floats]:
            return capped_poisson(log_rate + offset, lines)

        weights = ridge_weights(*sum_of_rows(design, row_loss), prior=prior, precision=precision, start=prior)
        mean = np.exp(np.clip(design @ weights + offset, -20, 12))
        # large pairs counted less: all together they sold so much
        level = float(np.log(max(lines.sum(), 0.5) / mean.sum()))
        return SalesModel(
            usual=self._usual,
            by_creator=by_creator,
            by_product=by_product,
            weights=weights + level * (np.arange(len(weights)) == 0),
            shapes=_calibrated_shapes(mean * np.exp(level), lines),
        )


def _design(signals: PairSignals, creator: Ints, product: Ints, effects: Floats) -> Floats:
    """shape (pairs, features); `effects` of creator and product, shape (2, pairs)."""
    history = signals.history
    creators, own = np.unique(creator, return_inverse=True)
    of_categories = signals.of_categories(creators)[:, own, history.product_category[product]]
    takers, portfolio = (np.log1p(np.asarray(history.taken.sum(axis=axis)).ravel()) for axis in (0, 1))
    distance = np.log(np.maximum(history.price[product], _LEAST_PRICE)) - signals.price_levels[creator]
    sizes = [takers[product] - takers.mean(), portfolio[creator] - portfolio.mean(), -(distance**2)]
    return np.column_stack([np.ones(effects.shape[1]), *effects, *sizes, *of_categories])


def capped_poisson(log_mean: Floats, lines: Floats) -> tuple[Floats, Floats, Floats]:
    """Loss of each pair, its slope and its curvature by the log of the mean; shape (pairs,) each.

    Poisson's up to a mean of _MOST_WEIGHT, beyond which the slope is over the mean: a pair weighs as _MOST_WEIGHT order lines do.
    """
    capped = np.minimum(log_mean, np.log(_MOST_WEIGHT))
    beyond, mean = log_mean - capped, np.exp(capped)
    remainder = lines * np.exp(-beyond)
    loss = mean - lines * capped + _MOST_WEIGHT * beyond + remainder - lines
    return loss, mean - remainder, np.where(beyond > 0, remainder, mean)


def _end(mean: Floats, shape: float, *, upper: bool) -> Floats:
    """An end of the LEVEL interval of counts around means: that of a gamma of the negative binomial's mean and variance, which is
    continuous; 0 for the lower one where nothing at all is likelier than the share below the interval."""
    variance = mean + mean**2 / shape
    tail = (1 - LEVEL) / 2
    end = np.asarray(gammaincinv(mean**2 / variance, 1 - tail if upper else tail) * variance / mean)
    return end if upper else np.where((1 + mean / shape) ** -shape > tail, 0.0, end)


def _calibrated_shapes(mean: Floats, lines: Floats) -> tuple[float, float]:
    """The shapes with which as many of the larger pairs that are learnt from lie beyond either end as should, by halving.

    The larger half, as those are like what is put forward, or evenly many of them by size.
    """
    by_size = np.argsort(mean, kind="stable")[len(mean) // 2 :]
    large = by_size[:: -(-len(by_size) // _CALIBRATING)]
    return _calibrated(mean[large], lines[large], upper=False), _calibrated(mean[large], lines[large], upper=True)


def _calibrated(mean: Floats, lines: Floats, *, upper: bool) -> float:
    low, high = np.log(_SHAPES)
    for _ in range(_HALVINGS):
        middle = float((low + high) / 2)
        end = _end(mean, float(np.exp(middle)), upper=upper)
        beyond = (lines > end) if upper else (lines < end)
        if beyond.mean() < (1 - LEVEL) / 2:
            low = middle  # wider than needed: pairs differ less
        else:
            high = middle
    return float(np.exp((low + high) / 2))
