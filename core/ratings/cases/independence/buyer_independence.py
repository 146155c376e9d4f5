"""How much orders count by who else has their buyers: buyers of one's own are what is bought most easily.

A buyer's others are the persons, at most three, from whom that buyer buys too; orders without a creator are one person. What
share of orders comes from buyers without others, or with few, is much alike within a market: in made-up marketplaces with 19 % to
47 % of orders by buyers without others, nobody with thirty orders exceeds 1.5 times the usual odds. What exceeds the usual odds
counts no more than is usual, and goes bad at least as often as the orders of buyers with more others predict.

Each week is decided by what is known at its end, and stays so: what earlier weeks let count takes room from later ones, and gives
it back once their buyers are met elsewhere. When every run decided about all weeks anew, grades of the past changed with later
orders of others, and so published ones: 1.05 times a card-year in two marketplaces of 26 weeks and constant
quality, .67 with this.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import distinct, row_order
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
NEVER = 1 << 30
NOBODY = -1
"""In the place of weeks: no buyer is given, and such lines count as they are."""
MOST_OTHERS = 3
"""To pass for a usual buyer, each that is bought has to buy from so many others too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyings:
    """Order lines; shape (rows,) each."""

    person: Ints
    """Who is rated, whatever the account; 0 = nobody."""
    market: Ints
    week: Ints
    """When what counts of it is decided (`deciding_weeks`)."""
    others: Ints
    """Since which week the buyer is known to buy from so many others, as `known_others`; shape (`MOST_OTHERS`, rows)."""
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
    rows = np.flatnonzero((lines.person > 0) & (lines.others[0] > NOBODY))
    if not len(rows):
        return factor
    if (np.diff(lines.week[rows]) < 0).any():
        rows = rows[row_order(lines.week[rows])]
    markets, first = int(lines.market.max()) + 1, int(lines.week.min())
    week, weeks = lines.week[rows] - first, int(lines.week.max()) - first + 1
    keys, group = distinct(lines.person[rows] * markets + lines.market[rows])
    rated, every = (
        np.bincount((lines.week - first)[of] * markets + lines.market[of], minlength=weeks * markets)
        for of in (rows, slice(None))
    )
    share = np.cumsum(rated.reshape(weeks, markets), axis=0) / np.maximum(
        np.cumsum(every.reshape(weeks, markets), axis=0), 1
    )
    members = _Members(
        market=keys % markets, rated=share[:, keys % markets], outcomes=lines.outcomes(), most_odds=most_odds
    )
    cell, full, of_line = group * lines.outcomes() + lines.outcome[rows], lines.weight[rows], np.ones(len(rows))
    for least, since in enumerate(lines.others[:, rows] - first, 1):
        # what is cut already crowds out no orders of buyers with one other more
        of_line *= members.factors(least, cell=cell, week=week, since=since, weight=full * of_line, full=full)
    factor[rows] = of_line
    return factor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    """Persons in markets; shape (groups,)."""

    market: Ints
    rated: Floats
    """Share of all orders of the market up to each week that are anybody's, shape (weeks, groups)."""
    outcomes: int
    most_odds: float

    def factors(self, least: int, *, cell: Ints, week: Ints, since: Ints, weight: Floats, full: Floats) -> Floats:
        """The factors on lines, by how many of their buyers have fewer than `least` others; shape (lines,) each.

        `week`: ascending; `cell`: group and outcome; `since`: when the buyer is known to have so many; `weight`: what is left of
        the `full` one.
        """
        size, ends = len(self.market) * self.outcomes, np.arange(1, len(self.rated) + 1)
        is_few = since > week
        few, usual, met = np.flatnonzero(is_few), np.flatnonzero(~is_few), np.flatnonzero(is_few & (since < len(ends)))
        met = met[row_order(since[met])]
        arrived, ordinary, left = (
            [0, *np.searchsorted(when, ends).tolist()] for when in (week[few], week[usual], since[met])
        )
        factor = np.ones(len(week))
        counted, excess, regular = np.zeros(size), np.zeros(size), np.zeros(size)
        for at in range(len(ends)):
            new, same, known = (
                of[bounds[at] : bounds[at + 1]] for of, bounds in ((few, arrived), (usual, ordinary), (met, left))
            )
            coming = np.bincount(cell[new], weight[new], size)
            excess += coming - np.bincount(cell[known], weight[known], size)
            counted -= np.bincount(cell[known], (weight * factor)[known] if len(known) else None, size)
            regular += np.bincount(cell[same], full[same], size) + np.bincount(cell[known], full[known], size)
            if len(new):
                room = self._room(at, least, np.maximum(counted, 0.0) + coming, excess, regular) - counted
                part = np.clip(room / np.maximum(coming, 1e-300), 0.0, 1.0)
                factor[new] = part[cell[new]]
                counted += part * coming
        return factor

    def _room(self, week: int, least: int, counted: Floats, excess: Floats, regular: Floats) -> Floats:
        """What counts of orders of buyers with few others until a week, of those of earlier weeks that count and all of this one.

        `excess`: all until then; `regular`: orders of buyers with more others. Shape (cells,) each.
        """
        counted, excess, regular = (values.reshape(-1, self.outcomes) for values in (counted, excess, regular))
        good = regular[:, GOOD]
        odds = self.most_odds * usual_odds(self.market, good, np.maximum(excess[:, GOOD], 0.0), self.rated[week], least)
        allowed = Allowed(good=odds * (good + _FREE), all=odds * (regular.sum(axis=1) + _FREE))
        room: Floats = (counted * kept(counted, allowed, regular, bounded=True)).reshape(-1)
        return room


def others_of_buyers(person: Ints, buyer: Ints) -> Ints:
    """From how many other persons the buyer of each line buys too, at most `MOST_OTHERS`; -1 without a buyer; shape (rows,)."""
    since = known_others(person + 1, buyer, np.zeros_like(person))
    return np.where(buyer > 0, np.count_nonzero(since < NEVER, axis=0), -1)


def known_others(person: Ints, buyer: Ints, week: Ints) -> Ints:
    """The week from which the buyer of each line is known to buy from one other person, from two, and so on, NEVER, or NOBODY
    where no buyer is given or nobody is rated; shape (`MOST_OTHERS`, rows). `week`: of each order."""
    result = np.full((MOST_OTHERS, len(person)), NOBODY)
    rated = np.flatnonzero((person > 0) & (buyer > 0))
    left = row_order(week)[::-1]
    earliest = np.full(int(buyer.max(initial=0)) + 1, NOBODY)
    counts_self = np.zeros(len(rated), bool)
    for others in range(MOST_OTHERS + 1):
        # of several rows that are assigned to one buyer, numpy keeps the last: the earliest
        earliest[buyer[left]] = left
        first = earliest[buyer[rated]]
        since = np.where(first > NOBODY, week[first], NEVER)
        if others:
            result[others - 1, rated[counts_self]] = since[counts_self]
        counts_self |= (first > NOBODY) & (person[first] == person[rated])
        if others < MOST_OTHERS:
            result[others, rated] = since
        left = left[person[earliest[buyer[left]]] != person[left]]
        earliest[:] = NOBODY
    return result


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
    few, regular = alone_here + lean * alone_all + more, known_here + lean * known_all
    regular = np.maximum(regular - _DOUBT * np.sqrt(regular), 0.0)
    left = 1 - rated * known / np.maximum(np.bincount(market, known)[market], 1e-300)
    share = np.where(few > 0, few / np.maximum(few + regular, 1e-300), 0.0) ** left
    odds: Floats = np.where(regular > 0, share / np.maximum(1 - share, 1e-12), np.inf)
    untold = (np.bincount(market)[market] < least * _MEMBERS) | (left < 1 - _MOST_OF_MARKET)
    return np.where((least > 1) & untold, np.inf, odds)
