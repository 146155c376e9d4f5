"""Members whose buyers send far more back for no fault than buyers of the same products do elsewhere.

An order that the buyer did not want any more costs nobody anything, so buyers are paid to say so of bad ones.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations, distinct
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import unusual
from core.ratings.cases.case_streams import exact

_LIKENESS = (1.0, 2.0, 8.0, 8.0)
"""Cases at the rate of the wider kind that the rate of each narrower one leans to: how alike they are. Categories differ many
times over, products of a category less. With a thousand purchases, which made all categories nearly the same, honest shops had a
lead in 7 of 12 marketplaces (fixtures.marketplace, seeds 7411 and 7511 to 7515) where buyers of one category change their minds
about an eighth or a quarter of what they buy; in none with this, which finds 11 of 12 attacks there, 10 with a thousand."""
_STEPS = 2.0**40
"""To so many parts rates are rounded, so that no order of rows changes a bit of their sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """Order lines; shape (lines,) each."""

    member: Ints
    kinds: tuple[Ints, ...]
    """What usual rates are learnt of, from the widest to the narrowest: source, category, category in a market, product."""
    buyer: Ints
    age: Ints
    is_excused: Flags
    """Sent back for no fault."""
    is_refunded: Flags
    """For any reason."""


def excused_refunds(lines: Returns, recent: Flags) -> Leads:
    """The chance of so many purchases that were sent back for no fault; `recent`: the lines that the rows of a lead refer to."""
    keep = np.flatnonzero(lines.member > 0)
    if not lines.is_excused[keep].any():
        return Leads.nothing("excused_refunds")
    # all that a buyer buys of a member on a day comes back together
    buyers = np.where(lines.buyer > 0, lines.buyer, int(lines.buyer.max(initial=0)) + 1 + np.arange(len(lines.buyer)))
    purchases, of_line, times = combinations(lines.member[keep], lines.age[keep], buyers[keep])
    excused, refunded = (np.bincount(of_line, flags[keep]) > 0 for flags in (lines.is_excused, lines.is_refunded))
    weight = exact(1 / times[of_line])
    rate, doubt = elsewhere(lines.member[keep], tuple(kind[keep] for kind in lines.kinds), weight, excused[of_line])
    known = np.isfinite(rate)
    if not known.any():
        return Leads.nothing("excused_refunds")
    is_known = np.bincount(of_line, known) > 0
    members, at = distinct(purchases[0][is_known])
    size, count, refunds = (
        np.bincount(at, flags[is_known]).astype(np.int64) for flags in (np.ones_like(excused), excused, refunded)
    )
    of_member = np.searchsorted(members, lines.member[keep][known])
    usual, uncertain = (
        np.bincount(of_member, np.rint(values * _STEPS) / _STEPS).astype(np.float64)
        for values in (weight[known] * rate[known], weight[known] * rate[known] * doubt[known])
    )
    p_value, expected = unusual(count, usual[:, None], uncertain / usual)

    def reasons(place: int) -> tuple[str, ...]:
        others = (count.sum() - count[place]) / max(int(refunds.sum() - refunds[place]), 1)
        return (
            f"{count[place]} of {size[place]} purchases were sent back for no fault; from buyers of the same products elsewhere, "
            f"{expected[place]:.1f} would be expected",
            f"{count[place] / refunds[place]:.0%} of its refunds are for no fault, versus {others:.0%} elsewhere",
        )

    def rows(place: int) -> Flags:
        return np.asarray((lines.is_excused & (lines.member == members[place]))[recent])

    return by_member("excused_refunds", members, p_value, count, expected, reasons, rows=rows)


def elsewhere(member: Ints, kinds: tuple[Ints, ...], weight: Floats, excused: Flags) -> tuple[Floats, Floats]:
    """(share of excused purchases among those of each line's kind at other members, its relative variance); shape (lines,) each.

    `weight`: the part of its purchase that each line is. Infinite where nobody else sells the category.
    """
    rate = cases = np.zeros(len(member))
    for at, (kind, alike) in enumerate(zip(kinds, _LIKENESS, strict=False)):
        group = distinct(kind)[1]
        own = combinations(group, member)[1]
        n, k = (
            np.bincount(group, values)[group] - np.bincount(own, values)[own] for values in (weight, weight * excused)
        )
        # a Gamma distribution of so many cases; of all of a source there is no wider rate, only one case more
        cases = np.asarray(k + alike, np.float64)
        base = n + alike / rate if at else n
        known = (base > 0) & np.isfinite(rate) & (n > 0 if at < 2 else True)
        rate = np.where(known, cases / np.where(known, base, 1.0), np.inf)
    return rate, 1 / cases
