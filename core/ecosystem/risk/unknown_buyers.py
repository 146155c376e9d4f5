"""Members whose orders come from buyers whom few other members have, far more often than in their markets."""

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.row_order import distinct
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ratings.cases.independence.buyer_independence import MOST_OTHERS, others_of_buyers, usual_odds

_MOST = 1 / 3
"""A member with more than this share of the lines of a market is not tested."""
_TWICE = 2.0
"""Times the usual odds of such a buyer that are tested: members of a market differ, in made-up ones by a factor of 1.5."""
_MORE = 2.0
"""Orders of such buyers that all others are taken to have more. Five of 105 orders, of which 900 of others have none, would be
sure of being unusual; by Fisher's exact test of twice the usual share they have a chance of 2e-4, with this of 6e-2."""
_WORDS = ("no other member", "at most one other member", "at most two other members")


def unknown_buyers(member: Ints, market: Ints, buyer: Ints, recent: Flags) -> Leads:
    """One element a line; `recent`: lines that leads are looked for in, older ones tell only which buyers are known elsewhere."""
    from scipy.special import bdtr

    chosen = np.flatnonzero((member > 0) & (buyer > 0) & recent)
    if not len(chosen):
        return Leads.nothing("unknown_buyers")
    others = others_of_buyers(member, buyer)[chosen]
    width = int(market.max()) + 1
    cells, cell = distinct(member[chosen] * width + market[chosen])
    who, at = distinct(cells // width)
    table = np.bincount(cell * (MOST_OTHERS + 1) + others, minlength=len(cells) * (MOST_OTHERS + 1))
    few = np.cumsum(table.reshape(len(cells), -1), axis=1)[:, :-1].astype(np.float64)
    lines = np.bincount(cell).astype(np.float64)
    total = np.bincount(at, lines)
    # buyers of a member that dominates a market are rarely known elsewhere: there is little else to buy
    of_market = np.bincount(market[recent & (buyer > 0)], minlength=width)
    rated = np.bincount(market[chosen], minlength=width) / np.maximum(of_market, 1)
    dominates = np.bincount(at, lines > _MOST * of_market[cells % width]) > 0
    p_values, counts, expectations = [], [], []
    for least, fewer in enumerate(few.T, 1):
        odds, most = (
            usual_odds(cells % width, lines - fewer, fewer, rated[cells % width], least, more) for more in (0.0, _MORE)
        )
        usual = np.bincount(at, lines / (1 + _TWICE * most)) / total
        rest = np.bincount(at, lines - fewer)
        p_values.append(np.where(dominates, 1.0, bdtr(rest, total.astype(np.int64), usual)))
        # one order of other buyers more: of nobody is it sure that there is none
        expectations.append(
            np.bincount(at, np.where(np.isfinite(odds), odds, 0.0) * (lines - fewer + 1)).astype(np.float64)
        )
        counts.append(np.bincount(at, fewer).astype(np.int64))
    count, expected = np.concatenate(counts), np.concatenate(expectations)

    def reasons(position: int) -> tuple[str, ...]:
        of, least = position % len(who), position // len(who)
        return (
            f"{count[position]} of {total[of]:.0f} order lines are of buyers who buy from {_WORDS[least]}; usual are "
            f"{expected[position]:.1f}",
        )

    def rows(position: int) -> Flags:
        flags = np.zeros(len(member), bool)
        flags[chosen[(others <= position // len(who)) & (member[chosen] == who[position % len(who)])]] = True
        return flags[recent]

    members = np.tile(who, MOST_OTHERS)
    return by_member("unknown_buyers", members, np.concatenate(p_values), count, expected, reasons, rows=rows)
