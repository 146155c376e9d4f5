"""Who has sold what by a day: the matrix of creators and products, and what is known of either."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from core.base.arrays import Flags, Floats, Ints
from core.workspace.read.rows.sales_rows import SalesRows

NEW_SHARE = 0.2
"""A product is a newcomer when it was first sold in the last fifth of the days."""


@dataclass(frozen=True, kw_only=True)
class PairHistory:
    """Sales by a day; creators and products are numbered in the order of their codes."""

    creators: Ints
    """Codes, shape (creators,)."""
    products: Ints
    """Codes, shape (products,)."""
    rows: SalesRows
    """Of these days alone."""
    creator: Ints
    """Number of the creator of each row."""
    product: Ints
    """Number of the product of each row."""
    first: int
    last: int
    """Days."""

    @classmethod
    def until(cls, sales: SalesRows, day: int) -> "PairHistory":
        """What was known at the end of a day."""
        keep = sales.days <= day
        rows = SalesRows(
            days=sales.days[keep],
            codes={name: code[keep] for name, code in sales.codes.items()},
            gmv=sales.gmv[keep],
            refunded=np.where(sales.refunded[keep] <= day, sales.refunded[keep], 0),
            words=sales.words,
        )
        creators, creator = _numbered(rows.codes["creator_id"])
        products, product = _numbered(rows.codes["product_id"])
        return cls(
            creators=creators,
            products=products,
            rows=rows,
            creator=creator,
            product=product,
            first=int(rows.days.min(initial=day)),
            last=day,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(creators, products)."""
        return len(self.creators), len(self.products)

    @cached_property
    def counts(self) -> csr_array:
        """Order lines of each pair; shape (creators, products)."""
        return csr_array((np.ones(len(self.creator)), (self.creator, self.product)), shape=self.shape, dtype=np.float64)

    @cached_property
    def taken(self) -> csr_array:
        """1 where a creator has sold a product; same shape."""
        pairs = self.counts.copy()
        pairs.data[:] = 1.0
        return pairs

    @cached_property
    def price(self) -> Floats:
        """Mean GMV of an order line of each product; shape (products,)."""
        return np.asarray(np.bincount(self.product, self.rows.gmv) / np.bincount(self.product))

    @cached_property
    def first_sold(self) -> Ints:
        """Day on which each product was first sold; shape (products,)."""
        days = np.full(len(self.products), np.iinfo(np.int64).max)
        np.minimum.at(days, self.product, self.rows.days)
        return days

    @cached_property
    def new(self) -> Flags:
        """Whether each product is a newcomer; shape (products,)."""
        return np.asarray(self.first_sold > self.last - NEW_SHARE * (self.last - self.first + 1))

    @cached_property
    def recent(self) -> Flags:
        """Rows of the last fifth of the days; shape (rows,)."""
        return np.asarray(self.rows.days > self.last - NEW_SHARE * (self.last - self.first + 1))

    def of_rows(self, name: str) -> Ints:
        """The codes of a column of the rows."""
        return self.rows.codes[name]

    def main_code(self, name: str, owner: Ints, size: int) -> Ints:
        """The code of a column that most rows of each owner have (0 where none is given); shape (size,)."""
        code = self.of_rows(name)
        has_code = code > 0
        width = int(code.max(initial=0)) + 1
        keys, lines = np.unique(owner[has_code] * width + code[has_code], return_counts=True)
        order = np.lexsort((keys, lines))
        main = np.zeros(size, np.int64)
        main[keys[order] // width] = keys[order] % width
        return main

    @cached_property
    def creator_market(self) -> Ints:
        """Where each creator sells most; shape (creators,)."""
        return self.main_code("market", self.creator, len(self.creators))

    @cached_property
    def product_category(self) -> Ints:
        """shape (products,)."""
        return self.main_code("category", self.product, len(self.products))

    @cached_property
    def by_market(self) -> Floats:
        """Order lines of each product in each market; shape (markets, products)."""
        return self.counted(self.of_rows("market"), self.product)

    def counted(self, market: Ints, product: Ints) -> Floats:
        """How often each product occurs with each market; shape (markets, products)."""
        shape = len(self.rows.words["market"]), len(self.products)
        cells = np.bincount(np.ravel_multi_index((market, product), shape), minlength=np.prod(shape))
        return cells.astype(float).reshape(shape)


def _numbered(codes: Ints) -> tuple[Ints, Ints]:
    """The codes that occur, and the number of each row's among them; as np.unique, without sorting the rows."""
    occurs = np.bincount(codes) > 0
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[codes]
