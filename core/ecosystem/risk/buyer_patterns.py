"""Patterns of who buys: the same few again and again, the same few refunding, the same buyers at two members.

A purchase is one buyer at one member on one day, however many lines. That any two purchases of a market and week are of the same
buyer is learnt from pairs at different members: what one member is suspected of cannot raise it.
"""

from dataclasses import dataclass, fields

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations, distinct, first_rows
from core.ecosystem.risk.lead_tests import Leads, ago, by_member
from core.ecosystem.risk.tail_tests import scaled, unusual

_LEAST_AGAIN, _LEAST_PART = 10, 0.1
"""Further lines of the same day that a lead rests on, and their least part of all: one big basket is no pattern."""
_LEAST_REPEATS = 0.15
"""Part of a week's purchases by buyers of that week again that a lead rests on."""
_LEANING = 30
"""Purchases that the share of refunds of all counts for, in addition to a member's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """One element a purchase, by member, market, week, buyer and day; shape (purchases,) each. Buyers are numbered densely."""

    member: Ints
    market: Ints
    week: Ints
    """Counted back from the day asked for."""
    buyer: Ints
    refunded: Ints
    """1 = at least one line of it was."""
    first_week: Ints
    """In which this buyer first bought from this member, counted back."""

    @classmethod
    def of(cls, member: Ints, market: Ints, age: Ints, buyer: Ints, refunded: Ints) -> "Purchases":
        """From order lines, `age` in days; lines without a member or a buyer are left out."""
        keep = (member > 0) & (buyer > 0)
        columns = (member[keep], market[keep], age[keep], distinct(buyer[keep])[1])
        (who, where, days, whom), position, _ = combinations(*columns)
        back = (np.bincount(position, refunded[keep] > 0) > 0).astype(np.int64)
        _, pair, times = combinations(who, whom)
        first = np.zeros(len(times), np.int64)
        np.maximum.at(first, pair, days // 7)
        return cls(member=who, market=where, week=days // 7, buyer=whom, refunded=back, first_week=first[pair])

    def newest(self, weeks: int) -> "Purchases":
        """Those of the newest weeks; buyers keep their numbers."""
        return self.only(self.week < weeks)

    def only(self, some: Flags | Ints) -> "Purchases":
        """Some of them; buyers keep their numbers."""
        return Purchases(**{entry.name: getattr(self, entry.name)[some] for entry in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerGroups:
    """Purchases in groups: how many in each, and how many of them are a buyer's second, third ...; shape (groups,)."""

    of: Ints
    """Group of each purchase."""
    first: Ints
    """A purchase of each group."""
    size: Ints
    repeats: Ints
    pairs: Ints
    """Of purchases by one buyer."""

    @classmethod
    def by(cls, buyer: Ints, *columns: Ints) -> "BuyerGroups":
        key = np.ravel_multi_index(columns, [int(column.max(initial=0)) + 1 for column in columns])
        groups_present, of = distinct(key)
        first = first_rows(of, len(groups_present))
        (groups, _), _, times = combinations(of, buyer)

        def summed(values: Ints) -> Ints:
            return np.bincount(groups, values, len(first)).astype(np.int64)

        return cls(
            of=of, first=first, size=summed(times), repeats=summed(times - 1), pairs=summed(times * (times - 1) // 2)
        )


def few_buyers(purchases: Purchases) -> Leads:
    """Weeks in which the purchases of a member come from fewer buyers than those of its peers."""
    if not len(purchases.member):
        return Leads.nothing("order_burst")
    cells = BuyerGroups.by(purchases.buyer, purchases.member, purchases.market, purchases.week)
    markets = BuyerGroups.by(purchases.buyer, purchases.market, purchases.week)
    at = markets.of[cells.first]
    possible = pairs_of(cells.size)
    others = markets.pairs - np.bincount(at, cells.pairs, len(markets.size))
    chance = others / np.maximum(pairs_of(markets.size) - np.bincount(at, possible, len(markets.size)), 1)
    member, week = purchases.member[cells.first], purchases.week[cells.first]
    weeks, of_cell = distinct(member * (int(week.max()) + 1) + week)
    size, repeats = (np.bincount(of_cell, counts).astype(np.int64) for counts in (cells.size, cells.repeats))
    who, when = weeks // (int(week.max()) + 1), weeks % (int(week.max()) + 1)
    # loyal buyers come every week: what the other weeks of the member have is usual for it
    loyal = (np.bincount(who, repeats)[who] - repeats) / max(int(week.max()), 1)
    bases = np.stack(
        [np.bincount(of_cell, possible * chance[at]), scaled(size.astype(np.float64), repeats), loyal], axis=1
    )
    p_value, expected = unusual(repeats, bases)

    def reasons(cell: int) -> tuple[str, ...]:
        same = who == who[cell]
        usual = float(np.median(size[same & (when != when[cell])])) if same.sum() > 1 else 0.0
        return (
            f"{size[cell]} purchases by {size[cell] - repeats[cell]} buyers in one week, {ago(int(when[cell]))}: "
            f"{repeats[cell]} were by a buyer of that week again, where peers of that size have {expected[cell]:.1f}",
            f"other weeks: {usual:.0f} purchases",
        )

    p_value = np.where(repeats >= _LEAST_REPEATS * size, p_value, 1.0)
    return by_member("order_burst", who, p_value, repeats, expected, reasons)


def same_day_orders(member: Ints, market: Ints, age: Ints, buyer: Ints) -> Leads:
    """Members whose buyers order again and again on one day: orders split in many, or bought to be seen; one element a line.

    Loyal buyers come back on other days. Who sells much of a market meets its buyers again by chance.
    """
    keep = (member > 0) & (buyer > 0)
    if not keep.any():
        return Leads.nothing("few_buyers")
    (seller, _, customer), _, times = combinations(member[keep], age[keep], buyer[keep])
    who, row = distinct(seller)
    lines, again = (np.bincount(row, counts).astype(np.int64) for counts in (times, times - 1))
    by_chance = _met_again(member[keep], market[keep], age[keep], distinct(buyer[keep])[1])[who]
    p_value, expected = unusual(again, np.stack([scaled(lines.astype(np.float64), again), by_chance], axis=1))

    def reasons(at: int) -> tuple[str, ...]:
        own = row == at
        buyers = len(np.unique(customer[own]))
        return (
            f"{again[at]} of {lines[at]} order lines are further lines of a buyer on the same day, where {expected[at]:.1f} "
            f"are usual; {buyers} buyers in all",
            f"one buyer made {times[own].max()} in a day",
        )

    enough = (again >= _LEAST_AGAIN) & (again >= _LEAST_PART * lines)
    return by_member("few_buyers", who, np.where(enough, p_value, 1.0), again, expected, reasons)


def _met_again(member: Ints, market: Ints, day: Ints, buyer: Ints) -> Floats:
    """Pairs of lines of each member by one buyer on one day, if any two lines of a market and day were as likely of one buyer as
    two at different members are; by place, shape (members,)."""
    cells, days = BuyerGroups.by(buyer, member, market, day), BuyerGroups.by(buyer, market, day)
    of_cell, of_day = market[cells.first], market[days.first]
    size = int(market.max()) + 1
    same, possible = (
        np.bincount(of_day, everything, size) - np.bincount(of_cell, own, size)
        for everything, own in ((days.pairs, cells.pairs), (pairs_of(days.size), pairs_of(cells.size)))
    )
    chance = same / np.maximum(possible, 1)
    return np.bincount(member[cells.first], pairs_of(cells.size) * chance[of_cell]).astype(np.float64)


def refund_rings(purchases: Purchases) -> Leads:
    """Members whose refunds go to the same buyers again and again, although those who buy there once seldom want any."""
    if not purchases.refunded.any():
        return Leads.nothing("refund_ring")
    everything = BuyerGroups.by(purchases.buyer, purchases.member)
    back = purchases.refunded > 0
    refunds = BuyerGroups.by(purchases.buyer[back], purchases.member[back])
    member = purchases.member[back][refunds.first]
    same = np.searchsorted(purchases.member[everything.first], member)
    size, n = everything.size[same], refunds.size
    alike = everything.pairs[same] * _refunds_of_strangers(purchases, everything)[same] ** 2
    bases = np.stack([alike, scaled(n.astype(np.float64), refunds.repeats)], axis=1)
    p_value, expected = unusual(refunds.repeats, bases)

    def reasons(at: int) -> tuple[str, ...]:
        return (
            f"{n[at]} of {size[at]} purchases were refunded, to {n[at] - refunds.repeats[at]} buyers: "
            f"{refunds.repeats[at]} to one who had a refund here before, where {expected[at]:.1f} are usual",
        )

    return by_member("refund_ring", member, p_value, refunds.repeats, expected, reasons)


def _refunds_of_strangers(purchases: Purchases, members: BuyerGroups) -> Floats:
    """What share of their purchases those refund who bought once at a member, leaning to that of all; shape (members,)."""
    _, position, times = combinations(members.of, purchases.buyer)
    once, size = times[position] == 1, len(members.size)
    strangers = np.bincount(members.of[once], minlength=size)
    back = np.bincount(members.of[once], purchases.refunded[once], size)
    usual = float(purchases.refunded.mean())
    share: Floats = (back + _LEANING * usual) / (strangers + _LEANING)
    return share


def pairs_of(size: Ints) -> Ints:
    return size * (size - 1) // 2
