"""Sales written out line by line, and a market of three creators and four products."""

import numpy as np

from core.matching.pair_history import PairHistory
from core.workspace.read.rows.sales_rows import SalesRows

Line = tuple[int, str, str, str, str, str, str, float, int]
"""Day, creator, product, market, category, seller, buyer, GMV, day of the refund."""


def sales_of(lines: list[Line]) -> SalesRows:
    codes, words = {}, {}
    for place, name in enumerate(("creator_id", "product_id", "market", "category", "seller_id", "buyer_id"), 1):
        found = ("", *sorted({str(line[place]) for line in lines} - {""}))
        codes[name] = np.array([found.index(str(line[place])) for line in lines])
        words[name] = found
    return SalesRows(
        days=np.array([line[0] for line in lines]),
        codes=codes,
        gmv=np.array([line[7] for line in lines]),
        refunded=np.array([line[8] for line in lines]),
        words=words,
    )


SALES = sales_of(
    [
        (0, "c1", "p1", "ID", "k1", "s1", "b1", 10.0, 0),
        (1, "c2", "p1", "ID", "k1", "s1", "b2", 10.0, 0),
        (7, "c1", "p1", "ID", "k1", "s1", "b1", 10.0, 0),
        (7, "c2", "p2", "ID", "k2", "s2", "b1", 14.0, 9),
        (8, "c3", "p3", "ID", "k1", "s1", "b1", 40.0, 0),
        (9, "c3", "p3", "ID", "k1", "s1", "b3", 40.0, 0),
        (10, "c3", "p4", "TH", "k2", "s2", "b3", 40.0, 0),
    ]
)
HISTORY = PairHistory.until(SALES, 10)
