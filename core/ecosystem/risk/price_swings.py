"""Members whose products are sold at prices that jump about, more than those of their peers."""

import numpy as np

from core.base.arrays import Floats, Ints
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import scaled, unusual

_LEAST_STEP = float(np.log(1.25))
_CROWD = 0.98
_FEWEST_LINES = 5
_ROUNDS = 3
"""Of taking off what is of products and what is of cells in turn (Tukey's median polish)."""


def price_swings(member: Ints, product: Ints, category: Ints, week: Ints, price: Floats) -> Leads:
    """One element a paid order line; price of one unit. Far off is a line whose price lies further from the median of its product
    than 98 % of all lines do, and than 25 %; what moves a whole category in a week is taken off before."""
    keep = (member > 0) & (product > 0) & (price > 0)
    member, product, category, week = member[keep], product[keep], category[keep], week[keep]
    if not len(member):
        return Leads.nothing("price_swing")
    _, places, times = np.unique(product, return_inverse=True, return_counts=True)
    cells = np.unique(category * (int(week.max()) + 1) + week, return_inverse=True)[1]
    off = _off(np.log(price[keep]), places, cells)
    known = times[places] >= _FEWEST_LINES
    if not known.any():
        return Leads.nothing("price_swing")
    limit = max(_LEAST_STEP, float(np.quantile(np.abs(off[known]), _CROWD)))
    far = known & (np.abs(off) > limit)
    who, row = np.unique(member[known], return_inverse=True)
    count, lines = np.bincount(row, far[known]).astype(np.int64), np.bincount(row).astype(np.int64)
    p_value, expected = unusual(count, scaled(lines.astype(np.float64), count)[:, None])

    def reasons(at: int) -> tuple[str, ...]:
        own = np.flatnonzero(far & (member == who[at]))
        low, high = np.exp(off[own].min()) - 1, np.exp(off[own].max()) - 1
        return (
            f"{count[at]} of {lines[at]} lines were sold more than {np.expm1(limit):.0%} off the usual price of their product, "
            f"where {expected[at]:.1f} are usual",
            f"from {low:+.0%} to {high:+.0%}, over {len(np.unique(product[own]))} products",
        )

    return by_member("price_swing", who, p_value, count, expected, reasons)


def _off(price: Floats, product: Ints, cell: Ints) -> Floats:
    """How far each line lies from the median of its product, once what moves a whole cell is taken off."""
    common = price * 0
    for _ in range(_ROUNDS):
        usual = _medians(price - common, product)[product]
        common = _medians(price - usual, cell)[cell]
    off: Floats = price - common - usual
    return off


def _medians(values: Floats, group: Ints) -> Floats:
    """The lower median of each group; shape (groups,)."""
    order = np.lexsort((values, group))
    times = np.bincount(group)
    medians: Floats = values[order][np.cumsum(times) - times + (times - 1) // 2]
    return medians
