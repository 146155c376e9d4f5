"""Which system each buyer's id is of: two platforms know one person by two ids."""

import numpy as np

from core.base.arrays import Ints
from core.base.row_order import combinations, distinct

_IN_COMMON = 0.01
"""Share of the buyers of the smaller of two sources that the larger one has too, from which on both are of one system: one id
for all guests is none."""


def buyer_systems(source: Ints, buyer: Ints) -> Ints:
    """The system of each order line, numbered from 0; shape (lines,).

    Sources of one platform, such as exports of its shops, have buyers in common. Five shops on a second platform looked as if
    they had bought all their buyers, for none of the 55 shops of the first one had any of them: 240 orders each made no grade.
    """
    sources, at = distinct(source)
    if len(sources) < 2:
        return at
    from scipy.sparse import csr_array  # 0.12 s of CPU that workspaces of one source do not need
    from scipy.sparse.csgraph import connected_components

    (of, who), _, _ = combinations(at[buyer > 0], buyer[buyer > 0])
    has = csr_array((np.ones(len(of)), (of, who)), shape=(len(sources), int(buyer.max()) + 1))
    common = (has @ has.T).toarray()
    size = common.diagonal()
    linked = (common > 0) & (common >= _IN_COMMON * np.minimum(size[:, None], size))
    systems: Ints = connected_components(csr_array(linked), directed=False)[1].astype(np.int64)
    return systems[at]
