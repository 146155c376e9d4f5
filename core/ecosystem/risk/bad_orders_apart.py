"""Members with orders that are nearly all bad where another member's are nearly all good: bad orders that were moved to them.

A bad member has some bad orders everywhere. A member who books the bad orders of another one, a partner or another account of
the same person, has shops at which hardly any order is good.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations, distinct
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import tail

_NEARLY_ALL = 0.8
_LEANING = 20.0
"""Purchases at everybody's rate that the rate of a member, or of a shop, leans to."""
_WORST = 0.35
"""Share of bad purchases beyond which nobody's own rate excuses that nearly all are bad, unless everybody's does."""
_LEAST_USUAL, _SCATTER = 0.25, 1.0
"""Purchases of such shops that everybody is taken to have, whose rate varies by about itself: a product may fail for one member
alone. Of 4,600 members of 26 made-up marketplaces nobody has any. Seven make a lead among 1,200 tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """Purchases by member and by who they were made at; shape (cells,)."""

    member: Ints
    mate: Ints
    size: Ints
    bad: Ints

    def apart(self) -> Flags:
        """Where nearly all purchases are bad."""
        return np.asarray((self.size > 1) & (self.bad >= _NEARLY_ALL * self.size))

    def expected(self) -> Floats:
        """Purchases of each cell times the chance that nearly all are bad, by the rates of its member and its mate elsewhere."""
        from scipy.special import bdtrc

        usual = float(self.bad.sum()) / max(float(self.size.sum()), 1.0)
        rate = np.zeros(len(self.size))
        for of in (self.member, self.mate):
            size = np.bincount(of, self.size)[of] - self.size
            bad = np.bincount(of, self.bad)[of] - self.bad
            rate = np.maximum(rate, (bad + _LEANING * usual) / (size + _LEANING))
        least = np.ceil(_NEARLY_ALL * self.size)
        chance = bdtrc(least - 1, self.size, np.minimum(rate, max(_WORST, usual)))
        return np.asarray(np.where(self.size > 1, self.size * chance, 0.0))


def bad_orders_apart(
    member: Ints, mate: Ints, *, age: Ints, buyer: Ints, bad: Flags, names: tuple[str, ...], recent: Flags
) -> Leads:
    """One element an order line; `mate`: the shop of a creator's order, or the usual shop of a seller's product; `names`: of the
    members; `recent`: the lines that the rows of a lead refer to."""
    keep = np.flatnonzero(member > 0)
    if not bad[keep].any():
        return Leads.nothing("bad_orders_apart")
    # all that a buyer buys of a member on a day goes well or badly together
    buyers = np.where(buyer > 0, buyer, int(buyer.max(initial=0)) + 1 + np.arange(len(buyer)))[keep]
    purchases, of_line, _ = combinations(member[keep], mate[keep], buyers, age[keep])
    spoilt = np.bincount(of_line, bad[keep]) > 0
    (who, shop), of_purchase, size = combinations(*purchases[:2])
    cells = _Cells(member=who, mate=shop, size=size, bad=np.bincount(of_purchase, spoilt).astype(np.int64))
    apart = cells.apart()
    members, at = distinct(cells.member)
    count = np.bincount(at, np.where(apart, cells.bad, 0)).astype(np.int64)
    expected = np.maximum(np.bincount(at, cells.expected()), _LEAST_USUAL)

    def reasons(position: int) -> tuple[str, ...]:
        own = apart & (at == position)
        shops = "one shop" if own.sum() == 1 else f"{own.sum()} shops"
        lines = [
            f"{count[position]} of {cells.size[own].sum()} purchases at {shops} were refunded or badly reviewed; "
            f"{expected[position]:.1f} would be usual"
        ]
        others = np.isin(cells.mate, cells.mate[own]) & (at != position)
        there, lost = (np.bincount(cells.member[others], part[others]) for part in (cells.size, cells.bad))
        fine = np.where(there - lost >= _NEARLY_ALL * there, there, 0)
        if fine.any():
            best = int(fine.argmax())
            lines.append(
                f"{names[best]} has {there[best]:.0f} purchases at the same shops, {lost[best]:.0f} of them bad"
            )
        return tuple(lines)

    def rows(position: int) -> Flags:
        flags = np.zeros(len(member), bool)
        cell = of_purchase[of_line]
        flags[keep] = (apart & (at == position))[cell] & bad[keep]
        return flags[recent]

    p_value = tail(count, expected, _SCATTER)
    return by_member("bad_orders_apart", members, p_value, count, expected, reasons, rows=rows)


def usual_shop(product: Ints, seller: Ints) -> Ints:
    """The shop that sells most of the product of each line, the line's own where no product is known; shape (rows,)."""
    if not len(product):
        return seller
    (goods, shops), _, times = combinations(product, seller)
    order = np.lexsort((shops, -times, goods))
    first = order[np.searchsorted(goods[order], np.arange(int(product.max(initial=0)) + 1))]
    return np.where(product > 0, shops[first][product], seller)
