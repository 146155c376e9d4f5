"""Members whose orders are praised far more often than in their markets: buyers review much the same share of what they buy."""

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.row_order import distinct
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ratings.cases.independence.buyer_independence import usual_odds
from core.ratings.cases.independence.review_share import times_usual

_FREE = 5.0
"""Orders without praise that everybody is taken to have more when members are compared."""


def praised_orders(member: Ints, market: Ints, praised: Flags, old: Flags, recent: Flags) -> Leads:
    """One element a line; `praised`: reviewed with four or five stars; `old`: enough for a review to be there, if
    reviews of its shop are loaded; `recent` as in `unknown_buyers`.

    Where members differ honestly, nineteen in twenty of them by less than a factor, its square is tested, at least 2.25.
    """
    from scipy.special import bdtr

    chosen = np.flatnonzero((member > 0) & old & recent)
    if not len(chosen) or not praised[chosen].any():
        return Leads.nothing("praised_orders")
    width = int(market.max()) + 1
    cells, cell = distinct(member[chosen] * width + market[chosen])
    total = np.bincount(cell)
    count = np.bincount(cell, praised[chosen]).astype(np.int64)
    rest = total - count
    odds = usual_odds(cells % width, rest.astype(np.float64), count.astype(np.float64), np.zeros(len(cells)))
    # one praised line more of all others: that none of few has any does not say that none ever has
    odds = np.maximum(odds, 1 / (1 + rest.sum() - rest))
    times = times_usual(count / np.maximum(odds * (rest + _FREE), 1e-300), total.astype(np.float64)) ** 2
    # one order more without praise: of nobody is it sure that there is none
    expected = np.where(np.isfinite(odds), odds, 0.0) * (rest + 1)

    def reasons(at: int) -> tuple[str, ...]:
        return (
            f"{count[at]} of {total[at]} order lines have a review of four or five stars; for {rest[at]} without one, "
            f"{expected[at]:.1f} are usual",
        )

    def rows(at: int) -> Flags:
        flags = np.zeros(len(member), bool)
        flags[chosen[(cell == at) & praised[chosen]]] = True
        return flags[recent]

    chance = bdtr(rest, total, 1 / (1 + times * odds))
    return by_member("praised_orders", cells // width, chance, count, expected, reasons, rows=rows)
