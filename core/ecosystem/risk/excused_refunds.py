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

_LEANING = 1000.0
"""Purchases at the rate of the wider group that the rate of a narrower one leans to: of a product that of its category and
market, of these that of the source. With 100, and rates taken as exact, one of 16 made-up marketplaces without a fault had a
lead: 6 of 174 purchases of a category of which others had one of a thousand."""
_MORE = 1.0
"""Excused purchases that all others of a source are taken to have more: that none of few has any does not say that none ever
has."""
_STEPS = 2.0**40
"""To so many parts rates are rounded, so that no order of rows changes a bit of their sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """Order lines; shape (lines,) each."""

    member: Ints
    kinds: tuple[Ints, ...]
    """What usual rates are learnt of, from the widest to the narrowest: source, category in a market, product."""
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
    rate, doubt = _elsewhere(lines.member[keep], tuple(kind[keep] for kind in lines.kinds), weight, excused[of_line])
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


def _elsewhere(member: Ints, kinds: tuple[Ints, ...], weight: Floats, excused: Flags) -> tuple[Floats, Floats]:
    """(rate of excused purchases of each line's kind at other members, its relative variance); shape (lines,) each.

    `weight`: the part of its purchase that each line is. Infinite where the source has no others.
    """
    rate: Floats = np.zeros(len(member))
    cases: Floats = rate
    for at, kind in enumerate(kinds):
        group = distinct(kind)[1]
        own = combinations(group, member)[1]
        n, k = (
            np.bincount(group, values)[group] - np.bincount(own, values)[own] for values in (weight, weight * excused)
        )
        # a Gamma distribution of so many cases
        cases = np.asarray(k + (_LEANING * rate if at else _MORE), np.float64)
        base = n + _LEANING if at else n
        rate = np.where(base > 0, cases / np.where(base > 0, base, 1.0), np.inf)
    return rate, 1 / cases
