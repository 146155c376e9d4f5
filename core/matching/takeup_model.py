"""How probable a take-up of a product by a creator is: a ridge logistic regression on signals, learnt on an earlier split."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from core.base.arrays import Floats, Ints
from core.base.errors import NotEnoughData
from core.matching.pair_history import PairHistory
from core.matching.pair_signals import PairSignals
from core.matching.ridge_regression import ridge_weights
from core.workspace.read.sales_rows import SalesRows

_LEARNT_SHARE = 0.25
"""The last quarter of the days says which pairs came next."""
_MOST_CREATORS = 300
"""Creators that are learnt from: enough for a dozen weights, and a bound on time in large markets."""
_NEGATIVES = 30
"""Products not taken up that are compared with each creator's, times the number it took up."""
_RIDGE = 3.0
"""Prior precision of a weight: signals are standardised, so that weights beyond 1 need evidence."""
_LEAST_PAIRS = 20


@dataclass(frozen=True, kw_only=True)
class TakeupModel:
    """Weights of the signals."""

    weights: Floats
    """shape (signals,)."""
    base: float
    """Log odds of an average pair."""
    learnt_from: int
    """New pairs."""

    def contributions(self, signals: Floats) -> Floats:
        """What each signal adds to the log odds; same shape as `signals`, signals first."""
        return np.asarray(signals * self.weights.reshape(-1, *[1] * (signals.ndim - 1)))

    def chance(self, signals: Floats) -> Floats:
        """Probability of a take-up in a quarter of the days; the shape of `signals` without its first axis."""
        return np.asarray(expit(self.base + self.contributions(signals).sum(axis=0)))


def learn_takeup(sales: SalesRows) -> TakeupModel:
    """The model that the newest quarter of the days teaches. Raises NotEnoughData with too few new pairs."""
    first, last = int(sales.days.min()), int(sales.days.max())
    split = last - round(_LEARNT_SHARE * (last - first + 1))
    history = PairHistory.until(sales, split)
    creators, products = _new_pairs(sales, history, split)
    if len(creators) < _LEAST_PAIRS:
        raise NotEnoughData(
            f"only {len(creators)} pairs of creator and product are new since {_LEARNT_SHARE:.0%} of the days: "
            f"{_LEAST_PAIRS} are needed to learn from."
        )
    features, came = _training(history, creators, products)
    weights = _ridge_logistic(features, came)
    negatives = 1 / _NEGATIVES  # the base rate of the sample is not that of all pairs
    return TakeupModel(weights=weights[1:], base=float(weights[0] + np.log(negatives)), learnt_from=len(creators))


def _new_pairs(sales: SalesRows, history: PairHistory, split: int) -> tuple[Ints, Ints]:
    """Pairs first sold after the split by creators and of products that were there before; numbers of the history."""
    later = sales.days > split
    creator = np.searchsorted(history.creators, sales.codes["creator_id"][later])
    product = np.searchsorted(history.products, sales.codes["product_id"][later])
    seen_before = _is_member(history.creators, creator, sales.codes["creator_id"][later])
    seen_before &= _is_member(history.products, product, sales.codes["product_id"][later])
    keys = np.unique(creator[seen_before] * history.shape[1] + product[seen_before])
    pairs = history.taken.tocoo()
    old = pairs.coords[0].astype(np.int64) * history.shape[1] + pairs.coords[1]
    creators, products = np.divmod(np.setdiff1d(keys, old), history.shape[1])
    return creators, products


def _is_member(codes: Ints, places: Ints, expected_codes: Ints) -> np.ndarray:
    return np.asarray(codes[np.minimum(places, len(codes) - 1)] == expected_codes)


def _training(history: PairHistory, creators: Ints, products: Ints) -> tuple[Floats, Floats]:
    """Signals of pairs that came and of others that might have; shapes (pairs, signals), (pairs,)."""
    chance = np.random.default_rng(0)
    chosen = np.unique(creators)
    if len(chosen) > _MOST_CREATORS:
        chosen = np.sort(chance.choice(chosen, _MOST_CREATORS, replace=False))
    signals = PairSignals(history)
    features, came = [], []
    for start in range(0, len(chosen), 50):
        block = chosen[start : start + 50]
        table = signals.of(block)
        for row, creator in enumerate(block.tolist()):
            own = products[creators == creator]
            possible = np.ones(history.shape[1], bool)
            possible[own] = False
            possible[history.taken[[creator]].indices] = False
            possible &= history.by_market[history.creator_market[creator]] > 0
            others = np.flatnonzero(possible)
            if len(others) > _NEGATIVES * len(own):
                others = np.sort(chance.choice(others, _NEGATIVES * len(own), replace=False))
            features += [table[:, row, own].T, table[:, row, others].T]
            came += [np.ones(len(own)), np.zeros(len(others))]
    return np.vstack(features), np.concatenate(came)


def _ridge_logistic(features: Floats, came: Floats) -> Floats:
    """Intercept, then weights: the minimum of the penalised logistic loss."""
    design = np.column_stack([np.ones(len(features)), features])
    precision = np.array([0.0, *[_RIDGE] * features.shape[1]])

    def row_loss(odds: Floats) -> tuple[Floats, Floats, Floats]:
        mean = expit(odds)
        return np.logaddexp(0, odds) - came * odds, mean - came, mean * (1 - mean)

    start = np.zeros(design.shape[1])
    start[0] = np.log(max(came.mean(), 1e-6))
    return ridge_weights(design, row_loss, prior=np.zeros(len(start)), precision=precision, start=start)
