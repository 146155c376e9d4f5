"""How much each order line tells: evidence counts by independent buyers and by value, so that it cannot be bought cheaply.

All that a buyer buys of a person on a day is one purchase, however many orders or lines it is split into. A purchase weighs 1, or
less when it costs less than a quarter of what is usual; a buyer's next purchases weigh 1 / (1 + the weight of the earlier ones):
five of one buyer tell as much as 2.3 of several.
"""

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import begins, row_order

_FULL_VALUE = 0.25
"""Share of the usual value from which a purchase weighs 1. Where the logarithms of prices within a category have a standard
deviation of .55 or less, under 1 % of orders cost less than a quarter of the median."""


def case_weights(person: Ints, buyer: Ints, day: Ints, value: Ints, category: Ints) -> Floats:
    """The weight of each order line, 0..1; shape (rows,).

    `person`: who is rated, 0 = nobody (weight 0). `buyer`: a number for each buyer, never negative. `value`: in any unit of
    money; where nothing costs anything lines share the weight of their purchase evenly.
    """
    weight = np.zeros(len(person))
    rows = np.flatnonzero(person > 0)
    if not len(rows):
        return weight
    person, buyer, day, category = (column[rows] for column in (person, buyer, day, category))
    cost = value[rows].astype(np.float64)
    usual = _usual_value(person, category, value[rows])[category]
    order = row_order(person, buyer, day)
    new_buyer = begins(person[order], buyer[order])
    new_purchase = new_buyer | begins(day[order])
    purchase = np.cumsum(new_purchase) - 1
    lines, total = np.bincount(purchase), np.bincount(purchase, cost[order])
    full = _FULL_VALUE * np.bincount(purchase, usual[order]) / lines
    size = np.where(full > 0, np.minimum(total / np.maximum(full, 1e-300), 1.0), 1.0)
    size = _diminished(size, np.flatnonzero(new_buyer[new_purchase]))
    share = np.where(total[purchase] > 0, cost[order] / np.maximum(total[purchase], 1e-300), 1 / lines[purchase])
    weight[rows[order]] = size[purchase] * share
    return weight


def _diminished(size: Floats, first: Ints) -> Floats:
    """Purchases in order of time within each buyer, whose first ones are at `first`: over 1 + the sizes of the earlier ones."""
    earlier = np.cumsum(size) - size
    repeats = np.diff(np.append(first, len(size)))
    diminished: Floats = size / (1 + earlier - np.repeat(earlier[first], repeats))
    return diminished


def _usual_value(person: Ints, category: Ints, cost: Ints) -> Floats:
    """The median over persons of their median line, by category: nobody's own orders change what is usual."""
    width = int(category.max()) + 1
    keys, own = _medians(person * width + category, cost)
    categories, usual = _medians(keys % width, own)
    by_category = np.zeros(width)
    by_category[categories] = usual
    return by_category


def _medians(group: Ints, values: Ints) -> tuple[Ints, Ints]:
    """(groups, the lower median of each)."""
    order = row_order(group, values)
    ordered = group[order]
    first = np.flatnonzero(begins(ordered))
    size = np.diff(np.append(first, len(order)))
    return ordered[first], values[order[first + (size - 1) // 2]]
