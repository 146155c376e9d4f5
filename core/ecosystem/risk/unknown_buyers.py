"""Members whose orders come from buyers that nobody else has, far more often than in their markets."""

import numpy as np

from core.base.arrays import Flags, Ints
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import unusual
from core.ratings.cases.buyer_independence import has_no_other, usual_odds


def unknown_buyers(member: Ints, market: Ints, buyer: Ints, recent: Flags) -> Leads:
    """One element a line; `recent`: lines that leads are looked for in, older ones tell only which buyers are known elsewhere."""
    chosen = np.flatnonzero((member > 0) & (buyer > 0) & recent)
    if not len(chosen):
        return Leads.nothing("unknown_buyers")
    alone = has_no_other(member, buyer)[chosen]
    width = int(market.max()) + 1
    cells, cell = np.unique(member[chosen] * width + market[chosen], return_inverse=True)
    known, unknown = (np.bincount(cell[flags], minlength=len(cells)).astype(np.float64) for flags in (~alone, alone))
    odds = usual_odds(cells % width, known, unknown)
    who, at = np.unique(cells // width, return_inverse=True)
    count = np.bincount(at, unknown).astype(np.int64)
    # one known order more: of nobody is it sure that no buyer is known
    base = np.bincount(at, np.where(np.isfinite(odds), odds, 0.0) * (known + 1))
    tested = np.bincount(at, ~np.isfinite(odds)) == 0
    p_value, expected = np.ones(len(who)), count.astype(np.float64)
    p_value[tested], expected[tested] = unusual(count[tested], base[tested][:, None])
    total = np.bincount(at, known + unknown)

    def reasons(position: int) -> tuple[str, ...]:
        return (
            f"{count[position]} of {total[position]:.0f} order lines are of buyers who buy from nobody else, where "
            f"{expected[position]:.1f} are usual",
        )

    def rows(position: int) -> Flags:
        flags = np.zeros(len(member), bool)
        flags[chosen[alone & (member[chosen] == who[position])]] = True
        return flags[recent]

    return by_member("unknown_buyers", who, p_value, count, expected, reasons, rows=rows)
