"""Readable signals of a creator and a product: what a person would give as the reason for a match.

Every signal is standardised within the creator, so that weights learnt from some creators hold for others. `similar_products`
is item-based collaborative filtering (Sarwar et al. 2001, WWW), `similar_creators` its user-based twin, `shared_paths` the random
walk of three steps with damped popularity (RP3beta: Paudel, Christoffel, Newell and Bernstein 2016, ACM TiiS 7).
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array, diags_array

from core.base.arrays import Floats, Ints
from core.matching.pair_history import PairHistory

SIGNALS: Mapping[str, str] = {
    "market_sales": "sells well in the creator's market",
    "takers": "taken up by many creators there",
    "recent_sales": "sold there recently",
    "newcomer": "new on the platform",
    "category": "of a category that the creator sells",
    "near_category": "of a category that goes with those the creator sells",
    "price_level": "priced like what the creator sells",
    "similar_products": "like products the creator sells",
    "similar_creators": "sold by similar creators",
    "shared_paths": "reached through what the creator sells",
    "seller": "from a shop the creator works with",
    "shared_buyers": "bought by the creator's buyers",
    "refunds": "seldom refunded",
}
"""Signal -> its reason in words, completing "the product is ..."."""
CATEGORY_SIGNALS = ("category", "near_category")
"""Those that are the same for all products of a category."""
_PRIOR_LINES = 2.0
"""Order lines of the average creator that are added to each creator's tastes: two sales are no taste yet."""
_PRIOR_REFUNDS = 20.0
"""The same for refund rates: a product is known after some twenty order lines."""
_SHRINK = 5.0
"""Added to norms of similarities: pairs that share one buyer or creator only are hardly alike."""
_BETA = 0.3
"""How much popularity is damped in walks: 0 keeps it, 1 divides by the number of takers."""
_FLOOR = 1e-3


class PairSignals:
    """The signals of one history."""

    def __init__(self, history: PairHistory) -> None:
        self.history = history

    def of(self, creators: Ints) -> Floats:
        """All signals of some creators with every product; shape (signals, creators, products)."""
        raw = self._raw(creators)
        table = np.stack([np.broadcast_to(raw[name], (len(creators), self.history.shape[1])) for name in SIGNALS])
        table -= table.mean(axis=2, keepdims=True)
        spread = np.sqrt(np.einsum("scp,scp->sc", table, table) / table.shape[2])
        table /= np.maximum(spread, 1e-9)[:, :, None]
        return table

    def of_categories(self, creators: Ints) -> Floats:
        """The signals CATEGORY_SIGNALS of some creators with every category, as `of` has them for products; shape (2, creators,
        categories). A market has thousands of products of a few dozen categories."""
        table = np.stack([self._taste(creators), self._near_taste(creators)])
        products = np.bincount(self.history.product_category, minlength=table.shape[2]) / self.history.shape[1]
        table -= (table @ products)[:, :, None]
        return np.asarray(table / np.maximum(np.sqrt(table**2 @ products), 1e-9)[:, :, None])

    def _raw(self, creators: Ints) -> dict[str, Floats]:
        history = self.history
        market = history.creator_market[creators]
        own_pairs = history.taken[creators]
        return {
            "market_sales": np.log1p(history.by_market[market]),
            "takers": np.log1p(self._takers[market]),
            "recent_sales": np.log1p(self._recent[market]),
            "newcomer": history.new[None].astype(float),
            "category": self._taste(creators)[:, history.product_category],
            "near_category": self._near_taste(creators)[:, history.product_category],
            "price_level": -np.abs(np.log(np.maximum(history.price, _FLOOR))[None] - self.price_levels[creators, None]),
            "similar_products": _log((own_pairs @ self._scaled_items.T @ self._scaled_items).toarray()),
            "similar_creators": _log(self._similar_creators(creators)),
            "shared_paths": _log((self._steps[0][creators] @ self._steps[1] @ self._steps[0]).toarray() * self._damped),
            "seller": self._own_sellers(creators),
            "shared_buyers": _log(self._buyers(creators)),
            "refunds": -self.refund_rate[None],
        }

    @cached_property
    def refund_rate(self) -> Floats:
        """Posterior mean refund rate of each product; shape (products,)."""
        history = self.history
        lines = np.bincount(history.product, minlength=history.shape[1])
        refunded = np.bincount(history.product, history.rows.refunded > 0, minlength=history.shape[1])
        usual = refunded.sum() / max(lines.sum(), 1)
        return np.asarray((refunded + _PRIOR_REFUNDS * usual) / (lines + _PRIOR_REFUNDS))

    @cached_property
    def _takers(self) -> Floats:
        """Creators of each market that sell each product; shape (markets, products)."""
        pairs = self.history.taken.tocoo()
        markets = len(self.history.rows.words["market"])
        cell = self.history.creator_market[pairs.coords[0]] * self.history.shape[1] + pairs.coords[1]
        return np.bincount(cell, minlength=markets * self.history.shape[1]).astype(float).reshape(markets, -1)

    @cached_property
    def _recent(self) -> Floats:
        """Recent order lines by market and product."""
        history = self.history
        markets = len(history.rows.words["market"])
        cell = (history.of_rows("market") * history.shape[1] + history.product)[history.recent]
        return np.bincount(cell, minlength=markets * history.shape[1]).astype(float).reshape(markets, -1)

    @cached_property
    def _activity(self) -> Floats:
        """Damped order lines by creator and category; shape (creators, categories)."""
        pairs = self.history.counts.tocoo()
        categories = len(self.history.rows.words["category"])
        cell = pairs.coords[0] * categories + self.history.product_category[pairs.coords[1]]
        lines = np.bincount(cell, np.log1p(pairs.data), minlength=self.history.shape[0] * categories)
        return np.asarray(lines.reshape(-1, categories))

    @cached_property
    def _usual(self) -> Floats:
        """Share of each category in all; shape (categories,)."""
        total = self._activity.sum(axis=0)
        return np.asarray(total / max(total.sum(), 1e-12))

    def _taste(self, creators: Ints) -> Floats:
        """Log of each category's share with a creator versus its usual share; shape (creators, categories)."""
        own = self._activity[creators]
        share = (own + _PRIOR_LINES * self._usual) / (own.sum(axis=1, keepdims=True) + _PRIOR_LINES)
        return np.asarray(np.log(np.maximum(share, 1e-9) / np.maximum(self._usual, 1e-9)))

    @cached_property
    def _category_kinship(self) -> Floats:
        """Correlation of categories over creators; shape (categories, categories)."""
        tastes = self._taste(np.arange(self.history.shape[0]))
        centred = tastes - tastes.mean(axis=0)
        spread = np.sqrt((centred**2).sum(axis=0))
        return np.asarray(centred.T @ centred / np.maximum(np.outer(spread, spread), 1e-9))

    def _near_taste(self, creators: Ints) -> Floats:
        """Taste for the categories that go with each category, itself left out; shape (creators, categories)."""
        near = self._category_kinship.copy()
        np.fill_diagonal(near, 0.0)
        return np.asarray(self._taste(creators) @ near)

    @cached_property
    def price_levels(self) -> Floats:
        """Mean log price of what each creator sells, shrunk to that of all; shape (creators,)."""
        pairs = self.history.counts.tocoo()
        weight, price = np.log1p(pairs.data), np.log(np.maximum(self.history.price, _FLOOR))[pairs.coords[1]]
        size = np.bincount(pairs.coords[0], weight, minlength=self.history.shape[0])
        total = np.bincount(pairs.coords[0], weight * price, minlength=self.history.shape[0])
        usual = float((weight * price).sum() / max(weight.sum(), 1e-12))
        return np.asarray((total + _PRIOR_LINES * usual) / (size + _PRIOR_LINES))

    @cached_property
    def _scaled_items(self) -> csr_array:
        """Who sells what, each product by the root of its takers, so that products give cosines; (creators, products)."""
        takers = np.asarray(self.history.taken.sum(axis=0)).ravel()
        return csr_array(self.history.taken @ diags_array(1 / np.sqrt(takers + _SHRINK)))

    def _similar_creators(self, creators: Ints) -> Floats:
        size = np.asarray(self.history.taken.sum(axis=1)).ravel()
        scaled = csr_array(diags_array(1 / np.sqrt(size + _SHRINK)) @ self.history.taken)
        alike = scaled[creators] @ scaled.T
        return np.asarray((alike @ self.history.taken).toarray())

    @cached_property
    def _steps(self) -> tuple[csr_array, csr_array]:
        """Chances of a step from creator to product and back."""
        own_pairs = self.history.taken
        by_creator = np.maximum(np.asarray(own_pairs.sum(axis=1)).ravel(), 1)
        by_product = np.maximum(np.asarray(own_pairs.sum(axis=0)).ravel(), 1)
        return csr_array(diags_array(1 / by_creator) @ own_pairs), csr_array(diags_array(1 / by_product) @ own_pairs.T)

    @cached_property
    def _damped(self) -> Floats:
        takers = np.maximum(np.asarray(self.history.taken.sum(axis=0)).ravel(), 1)
        return np.asarray(takers**-_BETA)

    def _own_sellers(self, creators: Ints) -> Floats:
        """Share of a creator's order lines from each product's shop; shape (creators, products)."""
        history = self.history
        shops = history.main_code("seller_id", history.product, history.shape[1])
        width = int(shops.max(initial=0)) + 1
        pairs = history.counts.tocoo()
        lines = np.bincount(
            pairs.coords[0] * width + shops[pairs.coords[1]], pairs.data, minlength=history.shape[0] * width
        ).reshape(-1, width)[creators]
        lines[:, 0] = 0.0
        return np.asarray((lines / np.maximum(lines.sum(axis=1, keepdims=True), 1))[:, shops])

    def _buyers(self, creators: Ints) -> Floats:
        """How often a creator's buyers bought each product; shape (creators, products)."""
        history = self.history
        buyer = history.of_rows("buyer_id")
        has_buyer = buyer > 0
        if not has_buyer.any():
            return np.zeros((len(creators), history.shape[1]))
        width = int(buyer.max()) + 1
        ones = np.ones(int(has_buyer.sum()))
        theirs = csr_array((ones, (history.creator[has_buyer], buyer[has_buyer])), shape=(history.shape[0], width))
        bought = csr_array((ones, (buyer[has_buyer], history.product[has_buyer])), shape=(width, history.shape[1]))
        lines = np.maximum(np.asarray(theirs.sum(axis=1)).ravel(), 1)[creators]
        return np.asarray((theirs[creators] @ bought).toarray() / lines[:, None])


def _log(values: Floats) -> Floats:
    return np.log(np.maximum(values, 0) + _FLOOR)
