"""Members whose orders come from buyers that nobody else has, far more often than in their markets."""

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.row_order import distinct
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ratings.cases.buyer_independence import has_no_other, usual_odds

_MOST = 1 / 3
"""A member with more than this share of the lines of a market is not tested."""
_TWICE = 2.0
"""Times the usual odds of an unknown buyer that are tested: members of a market differ, in made-up ones by a factor of 1.5."""


def unknown_buyers(member: Ints, market: Ints, buyer: Ints, recent: Flags) -> Leads:
    """One element a line; `recent`: lines that leads are looked for in, older ones tell only which buyers are known elsewhere."""
    from scipy.special import bdtr

    chosen = np.flatnonzero((member > 0) & (buyer > 0) & recent)
    if not len(chosen):
        return Leads.nothing("unknown_buyers")
    alone = has_no_other(member, buyer)[chosen]
    width = int(market.max()) + 1
    cells, cell = distinct(member[chosen] * width + market[chosen])
    known, unknown = (np.bincount(cell[flags], minlength=len(cells)).astype(np.float64) for flags in (~alone, alone))
    odds = usual_odds(cells % width, known, unknown)
    who, at = distinct(cells // width)
    total, of_known = np.bincount(at, known + unknown), np.bincount(at, known)
    count = np.bincount(at, unknown).astype(np.int64)
    usual = np.bincount(at, (known + unknown) / (1 + _TWICE * odds)) / total
    # buyers of a member that dominates a market are rarely known elsewhere: there is little else to buy
    lines = np.bincount(market[recent & (buyer > 0)], minlength=width)
    leads_market = np.bincount(at, known + unknown > _MOST * lines[cells % width]) > 0
    p_value = np.where(leads_market, 1.0, bdtr(of_known, total.astype(np.int64), usual))
    # one known order more: of nobody is it sure that no buyer is known
    expected = np.bincount(at, np.where(np.isfinite(odds), odds, 0.0) * (known + 1)).astype(np.float64)

    def reasons(position: int) -> tuple[str, ...]:
        return (
            f"{count[position]} of {total[position]:.0f} order lines are of buyers who buy from no other member; usual are "
            f"{expected[position]:.1f}",
        )

    def rows(position: int) -> Flags:
        flags = np.zeros(len(member), bool)
        flags[chosen[alone & (member[chosen] == who[position])]] = True
        return flags[recent]

    return by_member("unknown_buyers", who, p_value, count, expected, reasons, rows=rows)
