"""How much each order line tells: evidence counts by independent buyers and by value, so that it cannot be bought cheaply.

All that a buyer buys of a person on a day is one purchase, however many orders or lines it is split into. A purchase weighs 1, or
less when it costs less than a quarter of what is usual; a buyer's next purchases weigh 1 / (1 + the weight of the earlier ones):
five of one buyer tell as much as 2.3 of several.
"""

from dataclasses import dataclass, fields

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import begins, distinct, row_order
from core.ratings.cases.independence.excess import GOOD

_FULL_VALUE = 0.25
"""Share of the usual value from which a purchase weighs 1. Where the logarithms of prices within a category have a standard
deviation of .55 or less, under 1 % of orders cost less than a quarter of the median."""


def case_weights(person: Ints, buyer: Ints, day: Ints, value: Ints, usual: Ints, outcome: Ints | None = None) -> Floats:
    """The weight of each order line, 0..1; shape (rows,).

    `person`: who is rated, 0 = nobody (weight 0). `buyer`: a number for each buyer, never negative. `value`: in any unit of
    money; where nothing costs anything lines share the weight of their purchase evenly. `usual` as `usual_values` returns it.
    `outcome` as in `excess`, all GOOD by default: a bad line shares its weight with good ones and those of its own outcome, so
    that no bad order makes another one weigh less in what that one is charged with.
    """
    weight = np.zeros(len(person))
    rows = np.flatnonzero(person > 0)
    if not len(rows):
        return weight
    lines = _Lines(person=person[rows], buyer=buyer[rows], day=day[rows], value=value[rows], usual=usual[rows])
    result, kind = _shared(lines), np.zeros(len(rows), np.int64) if outcome is None else outcome[rows]
    mixed = _of_several_outcomes(person[rows], buyer[rows], kind)
    for bad in distinct(kind[mixed & (kind != GOOD)])[0].tolist():
        among = np.flatnonzero(mixed & ((kind == GOOD) | (kind == bad)))
        own = kind[among] == bad
        result[among[own]] = _shared(lines.of(among))[own]
    weight[rows] = result
    return weight


def usual_values(person: Ints, value: Ints, category: Ints) -> Ints:
    """The median over persons of their median line in the category of each line, whatever became of it; shape (rows,).

    Everybody has one vote, however many lines. 0 in categories in which nobody has a line.
    """
    rows = np.flatnonzero(person > 0)
    by_category = np.zeros(int(category.max(initial=0)) + 1, np.int64)
    keys, own = _medians(person[rows] * len(by_category) + category[rows], value[rows])
    categories, usual = _medians(keys % len(by_category), own)
    by_category[categories] = usual
    return by_category[category]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Order lines of rated persons; shape (lines,) each."""

    person: Ints
    buyer: Ints
    day: Ints
    value: Ints
    usual: Ints
    """The usual value of their category."""

    def of(self, rows: Ints) -> "_Lines":
        """Some of them."""
        return _Lines(**{entry.name: getattr(self, entry.name)[rows] for entry in fields(self)})


def _shared(lines: _Lines) -> Floats:
    """The weight of each line among these alone."""
    weight, cost = np.empty(len(lines.person)), lines.value.astype(np.float64)
    order = row_order(lines.person, lines.buyer, lines.day)
    new_buyer = begins(lines.person[order], lines.buyer[order])
    new_purchase = new_buyer | begins(lines.day[order])
    purchase = np.cumsum(new_purchase) - 1
    times, total = np.bincount(purchase), np.bincount(purchase, cost[order])
    full = _FULL_VALUE * np.bincount(purchase, lines.usual[order]) / times
    size = np.where(full > 0, np.minimum(total / np.maximum(full, 1e-300), 1.0), 1.0)
    size = _diminished(size, np.flatnonzero(new_buyer[new_purchase]))
    share = np.where(total[purchase] > 0, cost[order] / np.maximum(total[purchase], 1e-300), 1 / times[purchase])
    weight[order] = size[purchase] * share
    return weight


def _of_several_outcomes(person: Ints, buyer: Ints, outcome: Ints) -> Flags:
    """Which lines are of a person and buyer whose orders went wrong in more than one way; shape (rows,)."""
    mixed, bad, width = np.zeros(len(person), bool), np.flatnonzero(outcome != GOOD), int(buyer.max()) + 1
    pairs, pair = distinct(person[bad] * width + buyer[bad])
    one = np.zeros(len(pairs), np.int64)
    one[pair] = outcome[bad]
    several = distinct(pairs[pair[one[pair] != outcome[bad]]])[0]
    is_theirs = np.zeros(width, bool)
    is_theirs[several % width] = True
    rows = np.flatnonzero(is_theirs[buyer])
    keys = person[rows] * width + buyer[rows]
    # as numpy's isin, which would import numpy.ma: 4 % of the time that ratings take
    mixed[rows] = several[np.minimum(np.searchsorted(several, keys), len(several) - 1)] == keys
    return mixed


def _diminished(size: Floats, first: Ints) -> Floats:
    """Purchases in order of time within each buyer, whose first ones are at `first`: over 1 + the sizes of the earlier ones."""
    earlier = np.cumsum(size) - size
    repeats = np.diff(np.append(first, len(size)))
    diminished: Floats = size / (1 + earlier - np.repeat(earlier[first], repeats))
    return diminished


def _medians(group: Ints, values: Ints) -> tuple[Ints, Ints]:
    """(groups, the lower median of each)."""
    order = row_order(group, values)
    ordered = group[order]
    first = np.flatnonzero(begins(ordered))
    size = np.diff(np.append(first, len(order)))
    return ordered[first], values[order[first + (size - 1) // 2]]
