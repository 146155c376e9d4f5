"""How much orders with and without a review count: buyers of a market review much the same share of what they buy, bought ones
do not.

Who has far more orders without a review than the reviewed ones predict has silent buyers, or bought them; who has far more
reviewed ones has eager buyers, or bought the praise. Which of the two nobody knows, so no more good ones count than are usual,
and bad ones as often as among all orders of that kind, or as the other kind predicts: the rate stays as it is, and less sure.
How far members differ honestly is learnt from them. A bad review is never one too many. Exports of
reviews are often of one shop: who has no order of a kind tells nothing of how often it comes, nor do orders without a review at
shops of which there is none of how many reviews are usual.
"""

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import distinct
from core.ratings.cases.independence.buyer_independence import Buyings, usual_odds
from core.ratings.cases.independence.excess import GOOD, Allowed, kept

_LEAST_TIMES, _SHARE = 1.5, 0.95
"""Times the usual odds up to which orders of one kind count in full: as many as this share of members stay below."""
_FREE = 5.0
"""Orders of the other kind that everybody is taken to have more: the first ones of a newcomer count."""
_MANY = 20.0
"""Orders from which a member tells how far members differ."""
_EVEN = 20.0
"""Reviews that are taken to come evenly until nobody waits for them, so that no single one decides how late they come."""


def usually_reviewed(lines: Buyings, shop: Ints, base: Ints, reviewed: Ints, as_of: int, wait: int) -> Floats:
    """The factor 0..1 on the weight of each line; shape (rows,). `lines.outcome`: refunded for which fault.

    `base`: day of the delivery, 0 where the line tells nothing; `reviewed`: of the review, 0 where there is none;
    `wait`: days after which none is expected.
    """
    factor = np.ones(len(base))
    rows = np.flatnonzero((lines.person > 0) & (base > 0))
    if not reviewed[rows].any():
        return factor
    age, delay = as_of - base[rows], reviewed[rows] - base[rows]
    silent = reviewed[rows] == 0
    due = _shown(delay[~silent & (age >= wait)], wait)[np.clip(age, 0, wait)]
    markets = int(lines.market.max()) + 1
    keys, group = distinct(lines.person[rows] * markets + lines.market[rows])
    outcomes, cells = lines.outcomes(), len(keys) * lines.outcomes()
    cell = group * outcomes + lines.outcome[rows]
    # lines without a review, then the rest; one that is too young for its review to be there is in part one that will have it
    part = np.where(silent, cell, cell + cells)
    weight = lines.weight[rows] * np.where(silent, due, 1.0)
    at_reviewed = np.bincount(shop[rows], ~silent)[shop[rows]] > 0
    sums = [np.bincount(part, values, 2 * cells).astype(np.float64) for values in (weight, weight * at_reviewed)]
    (quiet, spoken), (asked, _) = (entry.reshape(2, len(keys), outcomes) for entry in sums)
    limited = [_as_usual(quiet, spoken, keys % markets), _as_usual(spoken, asked, keys % markets)]
    factor[rows] = np.concatenate(limited).reshape(-1)[part]
    return factor


def _as_usual(kind: Floats, others: Floats, market: Ints) -> Floats:
    """The factors on the lines of a kind; weights by outcome, shape (members, outcomes). `market`: of each member."""
    size, known = kind[:, GOOD], others[:, GOOD]
    odds = usual_odds(market, np.where(size > 0, known, 0.0), size, np.zeros(len(market)))
    odds = odds * times_usual(size / np.maximum(odds * (known + _FREE), 1e-300), size + known)
    return kept(kind, Allowed(good=odds * (known + _FREE), all=odds * (others.sum(axis=1) + _FREE)), others)


def _shown(delay: Ints, wait: int) -> Floats:
    """The share of reviews that are there by each age; shape (wait + 1,)."""
    even = np.arange(1.0, wait + 2) / (wait + 1)
    times = np.cumsum(np.bincount(np.clip(delay, 0, wait), minlength=wait + 1))
    return np.asarray((times + _EVEN * even) / (times[-1] + _EVEN))


def times_usual(ratio: Floats, orders: Floats) -> float:
    """Times the usual odds that hardly any member exceeds; `ratio`: each one's own."""
    # one member more who has none: who is alone with many orders does not set the limit of its own
    many = np.append(ratio[orders >= _MANY], 0.0)
    return max(_LEAST_TIMES, float(np.quantile(many, _SHARE, method="lower")))
