"""How much orders count whose buyers nobody else has: buyers of their own are what is bought most easily.

A buyer is known when another person, or an order without a creator, has an order of theirs too. What share of orders comes from
unknown buyers is much alike within a market: in made-up marketplaces with 19 % to 47 % by market, nobody with thirty orders
exceeds 1.5 times the usual odds. What exceeds them much counts no more: orders of unknown buyers share the weight that is usual.
Among them bad ones keep theirs as long as those of known buyers are bad as often, so bought orders do not wash out true ones.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import distinct

_MOST_ODDS = 1.2
"""Times the usual odds of an unknown buyer up to which orders count in full. With 1.5, 500 bought orders gained 5.1 points; what
1.2 cuts of honest orders changes the rank agreement by less than .001."""
BAD_RATING = 2
"""Stars of a review that is bad, and fewer."""
_MOST_ODDS_OF_REVIEWS = 1.0
"""The same of reviews, which are bought to be good: what is cut of honest ones changed the rank agreement by less than .001."""
_FREE = 5.0
"""Orders of known buyers that everybody is taken to have more: the first orders of a newcomer count."""
_MOST_OF_ONE = 50.0
"""Orders of one person that tell what is usual, and orders of all markets that those of a market lean to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyings:
    """Order lines; shape (rows,) each."""

    person: Ints
    """Who is rated; 0 = nobody."""
    account: Ints
    """Which of the person's accounts."""
    market: Ints
    buyer: Ints
    """0 = not given: such lines count as they are."""
    weight: Floats
    bad: Flags


def independence(lines: Buyings, alone: Flags, most_odds: float = _MOST_ODDS) -> Floats:
    """The factor 0..1 on the weight of each line; shape (rows,).

    `alone`: which lines are of a buyer who has none at any other person. `most_odds`: times the usual odds of an unknown buyer
    up to which lines count in full.
    """
    factor = np.ones(len(lines.person))
    rows = np.flatnonzero((lines.person > 0) & (lines.buyer > 0))
    if not len(rows):
        return factor
    unknown = alone[rows]
    key = lines.person[rows] * (int(lines.market.max()) + 1) + lines.market[rows]
    keys, group = distinct(key)
    market, bad, weight = keys % (int(lines.market.max()) + 1), lines.bad[rows], lines.weight[rows]

    def total(chosen: Flags) -> Floats:
        return np.bincount(group[chosen], weight[chosen], len(keys)).astype(np.float64)

    known, single, known_bad, alone_bad = total(~unknown), total(unknown), total(~unknown & bad), total(unknown & bad)
    odds = most_odds * usual_odds(market, known, single)
    allowed = np.minimum(odds * (known + _FREE), single)
    even = alone_bad * allowed / np.maximum(single, 1e-300)
    # as known ones may well be by chance (three standard deviations)
    most_bad = (known_bad + 3 * np.sqrt(known_bad) + 1) / (known + _FREE)
    as_often = np.minimum(allowed * np.minimum(most_bad, 1.0), alone_bad)
    counted = np.minimum(np.maximum(even, as_often), allowed)
    of_bad = counted / np.maximum(alone_bad, 1e-300)
    of_good = ((allowed - counted) / np.maximum(single - alone_bad, 1e-300))[group]
    account = lines.account[rows]
    if not np.array_equal(account, lines.person[rows]):
        of_good = np.minimum(of_good, _of_account(account, unknown, bad, weight, odds[group]))
    factor[rows] = np.where(unknown, np.minimum(np.where(bad, of_bad[group], of_good), 1.0), 1.0)
    return factor


def _of_account(account: Ints, unknown: Flags, bad: Flags, weight: Floats, odds: Floats) -> Floats:
    """The factor on good lines of unknown buyers that each account of a person has by itself; shape (lines,).

    What is bought for one role must not take the place of what was sold in another; bad lines count wherever they are booked.
    """
    known = np.bincount(account, np.where(unknown, 0.0, weight))
    good = np.bincount(account, np.where(unknown & ~bad, weight, 0.0))
    factor: Floats = odds * (known + _FREE)[account] / np.maximum(good[account], 1e-300)
    return factor


def independence_of_reviews(lines: Buyings, alone: Flags, stars: Ints) -> Floats:
    """The same on the weight of the review of each line: those who sell to themselves praise every order, others few.

    `alone` as in `independence`; `stars` of the review, 0 = none; shape (rows,). Without a review it is 1.
    """
    factor, rows = np.ones(len(stars)), np.flatnonzero(stars > 0)
    reviewed = Buyings(
        person=lines.person[rows], account=lines.account[rows], market=lines.market[rows], buyer=lines.buyer[rows],
        weight=lines.weight[rows],
        bad=stars[rows] <= BAD_RATING,
    )  # fmt: skip
    factor[rows] = independence(reviewed, alone[rows], _MOST_ODDS_OF_REVIEWS)
    return factor


def has_no_other(person: Ints, buyer: Ints) -> Flags:
    """Which lines are of a buyer who has lines at no other person; shape (rows,)."""
    last = np.zeros(int(buyer.max()) + 1, np.int64)
    last[buyer] = person
    others = np.bincount(buyer, last[buyer] != person)
    alone: Flags = others[buyer] == 0
    return alone


def usual_odds(market: Ints, known: Floats, alone: Floats) -> Floats:
    """Weight of unknown buyers over that of known ones at all others of the market, which leans to all markets; shape (groups,).

    Infinite where no buyer of others is known: then nothing tells bought buyers from true ones.
    """
    size = known + alone
    part = np.minimum(_MOST_OF_ONE / np.maximum(size, 1e-300), 1.0)
    sums = []
    for values in (part * alone, part * known):
        others = values.sum() - values
        sums.append((np.bincount(market, values)[market] - values, others))
    (alone_here, alone_all), (known_here, known_all) = sums
    lean = _MOST_OF_ONE / np.maximum(alone_all + known_all, 1e-300)
    known_usual = known_here + lean * known_all
    odds: Floats = np.where(known_usual > 0, (alone_here + lean * alone_all) / np.maximum(known_usual, 1e-300), np.inf)
    return odds
