"""Readable signals of a creator and a product: what a person would give as the reason for a match.

Every signal is standardised over the products of the creator's market, so that weights learnt from some creators hold for
others. `similar_products` is item-based collaborative filtering (Sarwar et al. 2001, WWW), `similar_creators` its user-based
twin, `shared_paths` the random walk of three steps with damped popularity (RP3beta: Paudel, Christoffel, Newell and Bernstein
2016, ACM TiiS 7).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array, diags_array

from core.base.arrays import Flags, Floats, Ints
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
    "refunds": "rarely refunded",
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
_BLOCK = 50
"""Creators whose signals are in memory at once: a market of 10,000 products then takes 50 MB."""


@dataclass(frozen=True, kw_only=True)
class SignalBlock:
    """The signals of some creators of one market with every product that is sold there."""

    creators: Ints
    """shape (creators,)."""
    products: Ints
    """shape (products,)."""
    table: Floats
    """shape (signals, creators, products)."""
    untaken: Flags
    """Where a creator does not sell the product yet; shape (creators, products)."""


class PairSignals:
    """The signals of one history."""

    def __init__(self, history: PairHistory) -> None:
        self.history = history

    def blocks(self, creators: Ints) -> Iterator[SignalBlock]:
        """All signals of some creators, by market, a few creators at a time."""
        markets = self.history.creator_market[creators]
        for market in np.unique(markets).tolist():
            columns = _MarketColumns(self, market)
            there = creators[markets == market]
            for start in range(0, len(there), _BLOCK):
                yield self._block(columns, there[start : start + _BLOCK])

    def _block(self, columns: "_MarketColumns", creators: Ints) -> SignalBlock:
        raw = self._raw(columns, creators)
        table = np.empty((len(SIGNALS), len(creators), len(columns.products)))
        for name, standard in zip(SIGNALS, table, strict=True):
            values = np.atleast_2d(raw[name])
            centred = values - values.mean(axis=1, keepdims=True)
            spread = np.sqrt(np.einsum("cp,cp->c", centred, centred) / centred.shape[1])
            standard[:] = centred / np.maximum(spread, 1e-9)[:, None]
        untaken = columns.taken[creators].toarray() == 0
        return SignalBlock(creators=creators, products=columns.products, table=table, untaken=untaken)

    def of_categories(self, creators: Ints) -> Floats:
        """The signals CATEGORY_SIGNALS of some creators with every category, as `blocks` has them for products; shape (2,
        creators, categories). A market has thousands of products of a few dozen categories."""
        table = np.stack([self._taste(creators), self._near_taste(creators)])
        products = self._category_shares[self.history.creator_market[creators]]
        table -= np.einsum("scp,cp->sc", table, products)[:, :, None]
        spread = np.sqrt(np.einsum("scp,cp->sc", table**2, products))
        return np.asarray(table / np.maximum(spread, 1e-9)[:, :, None])

    @cached_property
    def _category_shares(self) -> Floats:
        """Share of each category in the products of each market; shape (markets, categories)."""
        market, product = np.nonzero(self.history.by_market)
        categories = len(self.history.rows.words["category"])
        cell = market * categories + self.history.product_category[product]
        size = len(self.history.by_market) * categories
        products = np.bincount(cell, minlength=size).astype(float).reshape(-1, categories)
        return np.asarray(products / np.maximum(products.sum(axis=1, keepdims=True), 1))

    def _raw(self, columns: "_MarketColumns", creators: Ints) -> dict[str, Floats]:
        """Signals before they are standardised; shape (creators, products of the market) or, the same for all, (products,)."""
        history, market, products = self.history, columns.market, columns.products
        category = history.product_category[products]
        log_price = np.log(np.maximum(history.price[products], _FLOOR))
        own_pairs = history.taken[creators]
        return {
            "market_sales": np.log1p(history.by_market[market, products]),
            "takers": np.log1p(self.takers[market, products]),
            "recent_sales": np.log1p(self.recent_sales[market, products]),
            "newcomer": history.new[products].astype(float),
            "category": self._taste(creators)[:, category],
            "near_category": self._near_taste(creators)[:, category],
            "price_level": -np.abs(log_price[None] - self.price_levels[creators, None]),
            "similar_products": _log((own_pairs @ self._scaled_items.T @ columns.scaled_items).toarray()),
            "similar_creators": _log((self._similar_creators(creators) @ columns.taken).toarray()),
            "shared_paths": _log(
                (self._steps[0][creators] @ self._steps[1] @ columns.steps).toarray() * columns.damped
            ),
            "seller": self._own_shops(creators, products),
            "shared_buyers": _log((self.purchases[0][creators] @ columns.bought).toarray()),
            "refunds": -self.refund_rate[products],
        }

    @cached_property
    def refund_rate(self) -> Floats:
        """Posterior mean refund rate of each product; shape (products,)."""
        history = self.history
        lines = np.bincount(history.product, minlength=history.shape[1])
        refunded = np.bincount(history.product, history.rows.refunded > 0, minlength=history.shape[1])
        usual = refunded.sum() / lines.sum()
        return np.asarray((refunded + _PRIOR_REFUNDS * usual) / (lines + _PRIOR_REFUNDS))

    @cached_property
    def takers(self) -> Floats:
        """Creators of each market that sell each product; shape (markets, products)."""
        pairs = self.history.taken.tocoo()
        return self.history.counted(self.history.creator_market[pairs.coords[0]], pairs.coords[1])

    @cached_property
    def recent_sales(self) -> Floats:
        """Recent order lines by market and product."""
        recent = self.history.recent
        return self.history.counted(self.history.of_rows("market")[recent], self.history.product[recent])

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
        return np.asarray(total / total.sum())

    def _taste(self, creators: Ints) -> Floats:
        """Log of each category's share with a creator versus its usual share; shape (creators, categories)."""
        own = self._activity[creators]
        share = (own + _PRIOR_LINES * self._usual) / (own.sum(axis=1, keepdims=True) + _PRIOR_LINES)
        return np.asarray(np.log(np.maximum(share, 1e-9) / np.maximum(self._usual, 1e-9)))

    @cached_property
    def category_kinship(self) -> Floats:
        """Correlation of categories over creators; shape (categories, categories)."""
        tastes = self._taste(np.arange(self.history.shape[0]))
        centred = tastes - tastes.mean(axis=0)
        spread = np.sqrt((centred**2).sum(axis=0))
        return np.asarray(centred.T @ centred / np.maximum(np.outer(spread, spread), 1e-9))

    def _near_taste(self, creators: Ints) -> Floats:
        """Taste for the categories that go with each category, itself left out; shape (creators, categories)."""
        near = self.category_kinship.copy()
        np.fill_diagonal(near, 0.0)
        return np.asarray(self._taste(creators) @ near)

    @cached_property
    def price_levels(self) -> Floats:
        """Mean log price of what each creator sells, shrunk to that of all; shape (creators,)."""
        pairs = self.history.counts.tocoo()
        weight, price = np.log1p(pairs.data), np.log(np.maximum(self.history.price, _FLOOR))[pairs.coords[1]]
        size = np.bincount(pairs.coords[0], weight, minlength=self.history.shape[0])
        total = np.bincount(pairs.coords[0], weight * price, minlength=self.history.shape[0])
        usual = float((weight * price).sum() / weight.sum())
        return np.asarray((total + _PRIOR_LINES * usual) / (size + _PRIOR_LINES))

    @cached_property
    def _scaled_items(self) -> csr_array:
        """Who sells what, each product by the root of its takers, so that products give cosines; (creators, products)."""
        takers = np.asarray(self.history.taken.sum(axis=0)).ravel()
        return csr_array(self.history.taken @ diags_array(1 / np.sqrt(takers + _SHRINK)))

    @cached_property
    def _scaled_creators(self) -> csr_array:
        """Who sells what, each creator by the root of its products; (creators, products)."""
        size = np.asarray(self.history.taken.sum(axis=1)).ravel()
        return csr_array(diags_array(1 / np.sqrt(size + _SHRINK)) @ self.history.taken)

    def _similar_creators(self, creators: Ints) -> csr_array:
        """Cosine of some creators with all; (creators, all creators)."""
        return csr_array(self._scaled_creators[creators] @ self._scaled_creators.T)

    @cached_property
    def _steps(self) -> tuple[csr_array, csr_array]:
        """Chances of a step from creator to product and back."""
        own_pairs = self.history.taken
        by_creator, by_product = (np.asarray(own_pairs.sum(axis=axis)).ravel() for axis in (1, 0))
        return csr_array(diags_array(1 / by_creator) @ own_pairs), csr_array(diags_array(1 / by_product) @ own_pairs.T)

    @cached_property
    def shops(self) -> tuple[Ints, csr_array]:
        """The shop of each product, 0 = not known, and the share of each shop in a creator's order lines; shapes (products,),
        (creators, shops)."""
        history = self.history
        shops = history.main_code("seller_id", history.product, history.shape[1])
        pairs = history.counts.tocoo()
        shop = shops[pairs.coords[1]]
        sold = np.bincount(pairs.coords[0], pairs.data * (shop > 0), minlength=history.shape[0])
        share = pairs.data * (shop > 0) / np.maximum(sold, 1)[pairs.coords[0]]
        return shops, csr_array(
            (share, (pairs.coords[0], shop)), shape=(history.shape[0], int(shops.max(initial=0)) + 1)
        )

    def _own_shops(self, creators: Ints, products: Ints) -> Floats:
        """Share of a creator's order lines from each product's shop; shape (creators, products)."""
        shops, shares = self.shops
        return np.asarray(shares[creators].toarray()[:, shops[products]])

    @cached_property
    def purchases(self) -> tuple[csr_array, csr_array]:
        """Share of each buyer in a creator's order lines of known buyers, and how often buyers bought each product; shapes
        (creators, buyers), (buyers, products)."""
        history = self.history
        buyer = history.of_rows("buyer_id")
        has_buyer = buyer > 0
        width, ones = int(buyer.max(initial=0)) + 1, np.ones(int(has_buyer.sum()))
        theirs = csr_array((ones, (history.creator[has_buyer], buyer[has_buyer])), shape=(history.shape[0], width))
        bought = csr_array((ones, (buyer[has_buyer], history.product[has_buyer])), shape=(width, history.shape[1]))
        lines = np.maximum(np.asarray(theirs.sum(axis=1)).ravel(), 1)
        return csr_array(diags_array(1 / lines) @ theirs), bought


class _MarketColumns:
    """The products that are sold in a market, and their columns of matrices."""

    def __init__(self, signals: PairSignals, market: int) -> None:
        history = signals.history
        self.market, self.products = market, np.flatnonzero(history.by_market[market] > 0)
        self.taken = csr_array(history.taken[:, self.products])
        self.scaled_items = csr_array(signals._scaled_items[:, self.products])
        self.steps = csr_array(signals._steps[0][:, self.products])
        self.bought = csr_array(signals.purchases[1][:, self.products])
        self.damped = np.asarray(history.taken.sum(axis=0)).ravel()[self.products] ** -_BETA


def _log(values: Floats) -> Floats:
    return np.log(np.maximum(values, 0) + _FLOOR)
