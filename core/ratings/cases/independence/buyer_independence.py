"""How much orders count by who else has their buyers: buyers of one's own are what is bought most easily.

A buyer's others are the persons, at most three, from whom that buyer buys too; orders without a creator are one person. What
share of orders comes from buyers without others, or with few, is much alike within a market: in made-up marketplaces with 19 % to
47 % of orders by buyers without others, nobody with thirty orders exceeds 1.5 times the usual odds. What exceeds the usual odds
counts no more than is usual, and goes bad at least as often as the orders of buyers with more others predict.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import distinct
from core.ratings.cases.independence.excess import GOOD, Allowed, kept

MOST_ODDS = 1.2
"""Times the usual odds of buyers with few others up to which orders count in full: with 1.5, who had fewer than is usual filled
up with bought ones for 9.4 points. Some honest members cross 1.2 by chance: in twelve markets of forty members 1.4 % of the
weight of all orders is lost, 2.5 % in one (with 1.5 .3 and 1.1 %). It costs ratings little: 48 fresh worlds of two kinds agreed
with true quality as before (-.0005 and -.0002, standard errors .0011 and .0019), and grades, which
then changed when 85 % sure, did so .73 times a card-year between runs, .66 before."""
MOST_ODDS_OF_REVIEWS = 1.1
"""The same of reviews, which are bought to be good: who sells to itself praises every order, others few."""
_FREE = 3.0
"""Orders of buyers with more others that everybody is taken to have more: the first orders of a newcomer count."""
_MOST_OF_ONE = 50.0
"""Orders of one person that tell what is usual, and orders of all markets that those of a market lean to."""
_DOUBT = 2.0
"""Standard deviations that orders of buyers with more others may be more than they are usually: few of them tell little."""
_MEMBERS = 5
"""Accounts of a market for each other that buyers may have: in a market of three shops nobody buys from three others."""
_MOST_OF_MARKET = 0.25
"""Share of a market's orders from which on only buyers without any other are few: the rest have one large other in common."""
MOST_OTHERS = 3
"""To pass for a usual buyer, each that is bought has to buy from so many others too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyings:
    """Order lines; shape (rows,) each."""

    person: Ints
    """Who is rated, whatever the account; 0 = nobody."""
    market: Ints
    others: Ints
    """How many persons the buyer buys from too, as `others_of_buyers`; -1 = no buyer is given: such lines count as they are."""
    weight: Floats
    outcome: Ints
    """What became of it: GOOD, or a number for what went wrong."""

    def outcomes(self) -> int:
        """How many there are, GOOD included."""
        return int(self.outcome.max(initial=GOOD)) + 1


def independence(lines: Buyings, most_odds: float = MOST_ODDS) -> Floats:
    """The factor 0..1 on the weight of each line; shape (rows,).

    `most_odds`: times the usual odds of buyers with few others up to which lines count in full.
    """
    factor = np.ones(len(lines.person))
    rows = np.flatnonzero((lines.person > 0) & (lines.others >= 0))
    if not len(rows):
        return factor
    markets = int(lines.market.max()) + 1
    market_of = lines.market[rows]
    keys, group = distinct(lines.person[rows] * markets + market_of)
    market, others, weight, outcomes = keys % markets, lines.others[rows], lines.weight[rows], lines.outcomes()
    cell, cells = group * outcomes + lines.outcome[rows], len(keys) * outcomes
    of_line = np.ones(len(rows))
    rated = (np.bincount(market_of, minlength=markets) / np.maximum(np.bincount(lines.market, minlength=markets), 1))[
        market
    ]
    for least in range(1, MOST_OTHERS + 1):
        # lines of buyers with few others, then the rest; what is cut already crowds out no orders of buyers with one other more
        part = np.where(others < least, cell, cell + cells)
        sums = np.bincount(part, weight * of_line, 2 * cells).astype(np.float64)
        excess, rest = sums.reshape(2, len(keys), outcomes)
        known = rest[:, GOOD]
        odds = most_odds * usual_odds(market, known, excess[:, GOOD], rated, least)
        allowed = Allowed(good=odds * (known + _FREE), all=odds * (rest.sum(axis=1) + _FREE))
        of_line *= np.append(kept(excess, allowed, rest, bounded=True), np.ones(cells))[part]
    factor[rows] = of_line
    return factor


def others_of_buyers(person: Ints, buyer: Ints) -> Ints:
    """From how many other persons the buyer of each line buys too, at most `MOST_OTHERS`; -1 without a buyer; shape (rows,)."""
    others = np.full(int(buyer.max(initial=0)) + 1, -1)
    left_person, left_buyer = person, buyer
    for _ in range(MOST_OTHERS + 1):
        last = np.full(len(others), -1)
        last[left_buyer] = left_person
        others += last >= 0
        remains = last[left_buyer] != left_person
        left_person, left_buyer = left_person[remains], left_buyer[remains]
    others[0] = -1
    return others[buyer]


def usual_odds(market: Ints, known: Floats, alone: Floats, rated: Floats, least: int = 1, more: float = 0.0) -> Floats:
    """Weight of orders of buyers with fewer than `least` others over that of the rest, at all others of the market, leaning to
    all markets; shape (groups,). `rated`: share of all orders of a market that are anybody's, shape (groups,); `more`: such
    orders that the others are taken to have more: of no kind is it sure that there is none.

    The more of a market somebody has, the less there is to buy elsewhere. Where buyers buy at random (Poisson), the logarithm of
    the share of those without others goes with what is left. Infinite where too few others tell bought buyers from true ones.
    """
    size = known + alone
    part = np.minimum(_MOST_OF_ONE / np.maximum(size, 1e-300), 1.0)
    sums = []
    for values in (part * alone, part * known):
        others = values.sum() - values
        sums.append((np.bincount(market, values)[market] - values, others))
    (alone_here, alone_all), (known_here, known_all) = sums
    lean = _MOST_OF_ONE / np.maximum(alone_all + known_all, 1e-300)
    few, rest = alone_here + lean * alone_all + more, known_here + lean * known_all
    rest = np.maximum(rest - _DOUBT * np.sqrt(rest), 0.0)
    left = 1 - rated * known / np.maximum(np.bincount(market, known)[market], 1e-300)
    share = np.where(few > 0, few / np.maximum(few + rest, 1e-300), 0.0) ** left
    odds: Floats = np.where(rest > 0, share / np.maximum(1 - share, 1e-12), np.inf)
    untold = (np.bincount(market)[market] < least * _MEMBERS) | (left < 1 - _MOST_OF_MARKET)
    return np.where((least > 1) & untold, np.inf, odds)
