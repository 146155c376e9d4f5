"""Facts behind the signals of a pair: counts and shares that a person can check, next to what is usual among the possible pairs.

A signal is a standardised score; its fact is what was counted. `shared_paths` says which of the creator's products the walk goes
through, `similar_creators` whose products are most alike, `seller` the shop's share of the creator's order lines.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from core.base.arrays import Floats, Ints
from core.matching.match_results import Reason
from core.matching.pair_signals import SIGNALS, PairSignals

_NAMES = 2
"""Products that a fact names: more do not fit a line."""
_NEAR = 1.5
"""Two prices are near each other when neither is half as high again as the other."""


@dataclass(frozen=True, kw_only=True)
class _Fact:
    """A figure of a pair."""

    value: float
    usual: float | None = None
    out_of: int | None = None
    names: tuple[str, ...] = ()
    convinces: bool


class PairFacts:
    """The facts of possible pairs: one creator with products of its market, or one product with creators."""

    def __init__(self, signals: PairSignals, creator: Ints, product: Ints) -> None:
        self._signals, self._history = signals, signals.history
        self._creator, self._product = creator, product
        """Numbers, shape (pairs,)."""
        self._creators, self._creator_row = np.unique(creator, return_inverse=True)
        self._products, self._product_row = np.unique(product, return_inverse=True)

    def reason(self, signal: str, row: int, share: float) -> Reason | None:
        """The reason that one signal gives for the pair in a row; None where its figure is no better than usual."""
        fact = self._fact(signal, row)
        if not fact.convinces:
            return None
        return Reason(
            signal=signal,
            words=SIGNALS[signal],
            share=share,
            value=fact.value,
            usual=fact.usual,
            out_of=fact.out_of,
            names=fact.names,
        )

    def _fact(self, signal: str, row: int) -> _Fact:
        match signal:
            case "newcomer":
                return self._age(row)
            case "category":
                return self._category(row)
            case "near_category":
                return self._near_category(row)
            case "price_level":
                return self._price(row)
            case "similar_products":
                return self._similar_product(row)
            case "similar_creators":
                return self._similar_creator(row)
            case "shared_paths":
                return self._paths(row)
            case "seller":
                return self._shop(row)
            case _:
                values = self._values(signal)
                value, usual = float(values[row]), float(np.median(values))
                is_better = value < usual if signal == "refunds" else value > usual
                return _Fact(value=value, usual=usual, convinces=is_better)

    def _values(self, signal: str) -> Floats:
        """The figure of every pair, of the signals whose usual figure is the median pair's; shape (pairs,)."""
        market = self._history.creator_market[self._creator]
        match signal:
            case "market_sales":
                return self._history.by_market[market, self._product]
            case "takers":
                return self._signals.takers[market, self._product]
            case "recent_sales":
                return self._signals.recent_sales[market, self._product]
            case "refunds":
                return self._signals.refund_rate[self._product]
            case _:
                return self._of_pairs(self._common_buyers)

    def _of_pairs(self, table: csr_array) -> Floats:
        """The cells of a matrix of the creators and the products; shape (pairs,)."""
        return np.asarray(table.toarray()[self._creator_row, self._product_row], float)

    @cached_property
    def _common_buyers(self) -> csr_array:
        """Buyers of each creator that bought each product; shape (creators, products)."""
        theirs, bought = self._signals.purchases
        return csr_array((theirs[self._creators] > 0).astype(int) @ (bought[:, self._products] > 0).astype(int))

    @cached_property
    def _takers_alike(self) -> Floats:
        """Creators of each pair's product that sell something of what its creator sells; shape (pairs,)."""
        sold = self._history.taken
        if len(self._creators) == 1:
            is_alike = (sold @ sold[self._creators].T).toarray() > 0
            alike = (sold[:, self._products].T @ is_alike).T
        else:
            sellers = sold[self._takers(int(self._products[0]))]
            alike = ((sold[self._creators] @ sellers.T).toarray() > 0).sum(axis=1, keepdims=True)
        return np.asarray(alike, float)[self._creator_row, self._product_row]

    def _takers(self, product: int) -> Ints:
        """Numbers of the creators that sell a product."""
        return np.flatnonzero(self._history.taken[:, [product]].toarray().ravel())

    def _word(self, kind: str, code: int) -> str:
        return self._history.rows.words[kind][code]

    def _names_of_products(self, products: Ints) -> tuple[str, ...]:
        return tuple(self._word("product_id", code) for code in self._history.products[products].tolist())

    def _age(self, row: int) -> _Fact:
        product = self._product[row]
        age = float(self._history.last - self._history.first_sold[product])
        return _Fact(value=age, convinces=bool(self._history.new[product]))

    def _category(self, row: int) -> _Fact:
        """Share of the product's category in the creator's order lines, and in all."""
        category = int(self._history.product_category[self._product[row]])
        shares, usual = self._category_shares(int(self._creator[row]))
        return self._taste(float(shares[category]), float(usual[category]), category)

    def _near_category(self, row: int) -> _Fact:
        """The creator's category that goes best with the product's."""
        category = int(self._history.product_category[self._product[row]])
        shares, usual = self._category_shares(int(self._creator[row]))
        weight = self._signals.category_kinship[category] * shares
        weight[category] = -np.inf
        near = int(weight.argmax())
        return self._taste(float(shares[near]), float(usual[near]), near)

    def _taste(self, share: float, usual: float, category: int) -> _Fact:
        return _Fact(value=share, usual=usual, names=(self._word("category", category),), convinces=share > usual)

    def _category_shares(self, creator: int) -> tuple[Floats, Floats]:
        """Share of each category in the order lines of a creator and of all creators; shape (categories,) each."""
        size = len(self._history.rows.words["category"])
        own = self._history.counts[[creator]].toarray().ravel()
        category = self._history.product_category
        lines = np.bincount(category, own, minlength=size)
        usual = np.bincount(category[self._history.product], minlength=size)
        return lines / lines.sum(), usual / usual.sum()

    def _price(self, row: int) -> _Fact:
        level = float(np.exp(self._signals.price_levels[self._creator[row]]))
        price = float(self._history.price[self._product[row]])
        return _Fact(value=price, usual=level, convinces=max(price, level) < _NEAR * min(price, level))

    def _similar_product(self, row: int) -> _Fact:
        """The creator's product that is most like this one, and how many creators sell both."""
        takers, own, sold = self._sold_by_takers(row)
        both = sold.sum(axis=0)
        sellers = np.asarray(self._history.taken[:, own].sum(axis=0)).ravel()
        best = int((both / np.sqrt(sellers)).argmax())
        name = self._names_of_products(own[[best]])
        return _Fact(value=float(both[best]), out_of=len(takers), names=name, convinces=both[best] > 0)

    def _similar_creator(self, row: int) -> _Fact:
        """The creators of this product that sell most of what its creator sells."""
        takers, own, sold = self._sold_by_takers(row)
        common = sold.sum(axis=1)
        size = np.asarray(self._history.taken[takers].sum(axis=1)).ravel()
        nearest = int((common / np.sqrt(size)).argmax())
        name = self._word("creator_id", int(self._history.creators[takers[nearest]]))
        return _Fact(value=float(common[nearest]), out_of=len(own), names=(name,), convinces=common[nearest] > 0)

    def _paths(self, row: int) -> _Fact:
        """How many creators of this product sell what its creator sells, and what they sell most."""
        takers, own, sold = self._sold_by_takers(row)
        both = sold.sum(axis=0)
        first = [at for at in np.argsort(-both, kind="stable")[:_NAMES].tolist() if both[at]]
        takers_of_pair = np.asarray(self._history.taken[:, self._products].sum(axis=0)).ravel()
        usual = float(np.median(self._takers_alike / takers_of_pair[self._product_row]))
        alike = float((sold.sum(axis=1) > 0).sum())
        names = self._names_of_products(own[first])
        return _Fact(value=alike, usual=usual, out_of=len(takers), names=names, convinces=alike > usual * len(takers))

    def _sold_by_takers(self, row: int) -> tuple[Ints, Ints, Floats]:
        """Creators that sell the product, products that the creator sells, and who of them sells which; the last has the shape
        (creators, products)."""
        takers = self._takers(int(self._product[row]))
        own = np.flatnonzero(self._history.taken[[int(self._creator[row])]].toarray().ravel())
        return takers, own, self._history.taken[takers][:, own].toarray()

    def _shop(self, row: int) -> _Fact:
        """The product's shop, and its share of the creator's order lines."""
        shops, shares = self._signals.shops
        shop = int(shops[self._product[row]])
        share = float(shares[[int(self._creator[row])]].toarray().ravel()[shop])
        return _Fact(value=share, names=(self._word("seller_id", shop),), convinces=share > 0)
