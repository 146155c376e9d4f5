"""Which product a creator takes up next: a conditional logit on signals, learnt on earlier splits.

Given that a creator takes up a product, the chance that it is this one is proportional to exp(signals @ weights), among those of
its market that it does not sell yet (McFadden 1974). Comparing products within a creator is what a list does; and a random
sample of the products that were not taken up gives the same weights on average as all of them (McFadden 1978).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from core.base.arrays import Floats, Ints
from core.base.errors import NotEnoughData
from core.matching.pair_history import PairHistory
from core.matching.pair_signals import SIGNALS, PairSignals
from core.matching.ridge_regression import Curvature, Loss, ridge_weights
from core.workspace.read.rows.sales_rows import SalesRows

_LEARNT_SHARES = (0.15, 0.25, 0.4)
"""The last 15, 25 and 40 % of the days say which pairs came next: one such split has few creators, and its weights are those of
one season."""
_MOST_CREATORS = 300
"""Creators of a split that are learnt from: enough for a dozen weights."""
_MOST_CELLS = 200_000
"""Creators x products of their markets in a split: an upper bound on work, which takes a quarter of a second for all splits."""
_NOT_TAKEN_UP = 100
"""Products that are compared with those that a creator took up."""
_RIDGE = 3.0
"""Prior precision of a weight: signals are standardised, so that weights beyond 1 need evidence."""
_LEAST_PAIRS = 20


@dataclass(frozen=True, kw_only=True)
class TakeupModel:
    """Weights of the signals."""

    weights: Floats
    """shape (signals,)."""
    learnt_from: int
    """New pairs."""

    def contributions(self, signals: Floats) -> Floats:
        """What each signal adds to the log odds; same shape as `signals`, signals first."""
        return np.asarray(signals * self.weights.reshape(-1, *[1] * (signals.ndim - 1)))

    def log_odds(self, signals: Floats) -> Floats:
        """Log of how likely each product is the next, up to a constant of its creator; the shape of `signals` without its
        first axis."""
        return np.asarray(np.tensordot(self.weights, signals, axes=1))


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Products that one creator chose from."""

    signals: Floats
    """shape (products, signals)."""
    taken_up: int
    """The first so many of them were taken up."""


def learn_takeup(sales: SalesRows) -> TakeupModel:
    """The model that the newest days teach. Raises NotEnoughData with too few new pairs."""
    first, last = int(sales.days.min()), int(sales.days.max())
    starts, chance = _Starts(sales), np.random.default_rng(0)
    choices, learnt_from = [], 0
    for share in _LEARNT_SHARES:
        split = last - round(share * (last - first + 1))
        creator_codes, product_codes = starts.new_pairs(split)
        learnt_from = len(creator_codes)  # of the longest share, the last, in which those of the others are
        if learnt_from:
            choices += _choices(PairHistory.until(sales, split), creator_codes, product_codes, chance)
    if learnt_from < _LEAST_PAIRS:
        raise NotEnoughData(
            f"too few pairs of creator and product are new in the last {_LEARNT_SHARES[-1]:.0%} of the days: {learnt_from}. "
            f"{_LEAST_PAIRS} are needed to learn from."
        )
    return TakeupModel(weights=choice_weights(choices), learnt_from=learnt_from)


class _Starts:
    """The first day of each pair, of its creator and of its product."""

    def __init__(self, sales: SalesRows) -> None:
        creator, product = sales.codes["creator_id"], sales.codes["product_id"]
        width = int(product.max()) + 1
        keys, row = np.unique((creator * width + product)[np.argsort(sales.days, kind="stable")], return_index=True)
        self._creator, self._product = np.divmod(keys, width)
        self._day = np.sort(sales.days)[row]
        by_creator, by_product = np.full(int(creator.max()) + 1, self._day.max()), np.full(width, self._day.max())
        np.minimum.at(by_creator, self._creator, self._day)
        np.minimum.at(by_product, self._product, self._day)
        self._both_known = np.maximum(by_creator[self._creator], by_product[self._product])

    def new_pairs(self, day: int) -> tuple[Ints, Ints]:
        """Codes of the creator and the product of pairs that started after a day, both of which had been there."""
        is_new = (self._day > day) & (self._both_known <= day)
        return self._creator[is_new], self._product[is_new]


def _choices(
    history: PairHistory, creator_codes: Ints, product_codes: Ints, chance: np.random.Generator
) -> list[Choices]:
    """What some of the creators of new pairs took up, and a sample of what they might have."""
    creators = np.searchsorted(history.creators, creator_codes)
    products = np.searchsorted(history.products, product_codes)
    took_up = csr_array((np.ones(len(creators), bool), (creators, products)), shape=history.shape)
    choices = []
    for block in PairSignals(history).blocks(_sample(history, np.unique(creators), chance)):
        own_products = took_up[block.creators][:, block.products].toarray()
        for row in np.flatnonzero(own_products.any(axis=1)).tolist():  # others took up what sells in another market
            own, others = np.flatnonzero(own_products[row]), np.flatnonzero(block.untaken[row] & ~own_products[row])
            if len(others) > _NOT_TAKEN_UP:
                others = chance.choice(others, _NOT_TAKEN_UP, replace=False)
            columns = np.concatenate([own, others])
            choices.append(Choices(signals=block.table[:, row, columns].T, taken_up=len(own)))
    return choices


def _sample(history: PairHistory, creators: Ints, chance: np.random.Generator) -> Ints:
    """At most _MOST_CREATORS of the creators, with at most _MOST_CELLS products of their markets; at least one."""
    shuffled = chance.permutation(creators)[:_MOST_CREATORS]
    sizes = (history.by_market > 0).sum(axis=1)[history.creator_market[shuffled]]
    return np.sort(shuffled[: max(int((np.cumsum(sizes) <= _MOST_CELLS).sum()), 1)])


def choice_weights(choices: Sequence[Choices]) -> Floats:
    """The weights that make what was taken up likeliest, each creator counted once; shape (signals,)."""
    zero = np.zeros(len(SIGNALS))
    if not choices:
        return zero
    return ridge_weights(*choice_loss(choices), prior=zero, precision=np.full(len(zero), _RIDGE), start=zero)


def choice_loss(choices: Sequence[Choices]) -> tuple[Loss, Curvature]:
    """Minus the log of the chance of a creator's take-ups, their mean, summed over creators; and its second derivatives."""
    signals = np.vstack([part.signals for part in choices])
    sizes = np.array([len(part.signals) for part in choices])
    taken_up = np.array([part.taken_up for part in choices])
    start = np.cumsum(sizes) - sizes
    is_taken_up = np.arange(len(signals)) - np.repeat(start, sizes) < np.repeat(taken_up, sizes)
    target = is_taken_up / np.repeat(taken_up, sizes)

    def log_chances(weights: Floats) -> Floats:
        odds = signals @ weights
        odds -= np.repeat(np.maximum.reduceat(odds, start), sizes)
        return np.asarray(odds - np.repeat(np.log(np.add.reduceat(np.exp(odds), start)), sizes))

    def loss(weights: Floats) -> tuple[float, Floats]:
        log_chance = log_chances(weights)
        return -float(target @ log_chance), np.asarray((np.exp(log_chance) - target) @ signals)

    def curvature(weights: Floats) -> Floats:
        weighted = signals * np.exp(log_chances(weights))[:, None]
        mean = np.add.reduceat(weighted, start, axis=0)
        return np.asarray(weighted.T @ signals - mean.T @ mean)

    return loss, curvature
