"""How much orders count in weeks in which somebody sells far more than before: no few weeks decide a rating.

What is usual for a week is what the account sold in the four weeks before, up or down as all others of the market went since. Up
to twice that counts in full; growth that lasts is usual a few weeks later. Weeks can be chosen: good orders that are bought when
others go bad must not hide these.
"""

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import distinct
from core.ratings.cases.independence.buyer_independence import Buyings
from core.ratings.cases.independence.excess import GOOD, Allowed, by_outcome, kept
from core.ratings.cases.refresh_days import first_day

_PAST = 4
_TIMES = 2.0
_LEAST = 5.0
"""Weighed orders of a week that are never a surge. With ten, 500 orders that a small member bought in two weeks gained it up to
8.5 points."""
_OF_MARKET = 50.0
"""Orders of an unchanged week that those of a market are added to: small markets go up and down by chance."""


def calm(lines: Buyings, day: Ints) -> Floats:
    """The factor 0..1 on the weight of each line; shape (rows,)."""
    factor = np.ones(len(day))
    rows = np.flatnonzero(lines.person > 0)
    if not len(rows):
        return factor
    # before the first weeks there is nothing to compare them with, also where a single old order is
    begun = first_day(day)
    week = np.maximum(day, begun) // 7 - begun // 7
    weeks, markets = int(week.max()) + 1, int(lines.market.max()) + 1
    key = (lines.person * markets + lines.market)[rows] * weeks + week[rows]
    cells, cell = distinct(key)
    counted = by_outcome(cell, lines.outcome[rows], lines.weight[rows], len(cells), lines.outcomes())
    busy = distinct(cells[counted.sum(axis=1) > _LEAST] // weeks)[0]
    if not len(busy):
        return factor
    owner = np.minimum(np.searchsorted(busy, cells // weeks), len(busy) - 1)
    mine = np.flatnonzero(busy[owner] == cells // weeks)
    owner, when = owner[mine], (cells % weeks)[mine]
    counted_here = counted[mine]

    def allowed_by(sold: Floats, weight: Floats) -> Floats:
        table = np.zeros((len(busy), weeks))
        table[owner, when] = sold
        whole = np.bincount(lines.market * weeks + week, weight, markets * weeks).astype(np.float64)
        return _allowed(table, whole.reshape(markets, weeks), busy % markets)[owner, when]

    good = counted_here[:, GOOD]
    allowed = Allowed(
        good=allowed_by(good, lines.weight * (lines.outcome == GOOD)),
        all=allowed_by(counted_here.sum(axis=1), lines.weight),
    )
    # other weeks tell as far as they are usual themselves
    usual = counted_here * np.minimum(allowed.good / np.maximum(good, 1e-300), 1.0)[:, None]
    others = np.stack([np.bincount(owner, values)[owner] - values for values in usual.T], axis=1)
    factors = np.ones(counted.shape)
    factors[mine] = kept(counted_here, allowed, np.maximum(others, 0.0))
    factor[rows] = factors[cell, lines.outcome[rows]]
    return factor


def _allowed(sold: Floats, whole: Floats, market: Ints) -> Floats:
    """What counts at most of each week; shape (groups, weeks). `whole`: what each market sold, shape (markets, weeks).

    Of the weeks before, the others of the market are taken to have sold what counts: nobody's surge makes the weeks after it look
    slow for all others.
    """
    allowed, counted, whole = np.full(sold.shape, np.inf), sold.copy(), whole.copy()
    for week in range(_PAST, sold.shape[1]):
        past = slice(week - _PAST, week)
        others = (whole[market, week] - sold[:, week]), (whole[market, past] - counted[:, past]).mean(axis=1)
        trend = (others[0] + _OF_MARKET) / (others[1] + _OF_MARKET)
        allowed[:, week] = np.maximum(_LEAST, _TIMES * trend * counted[:, past].mean(axis=1))
        counted[:, week] = np.minimum(sold[:, week], allowed[:, week])
        whole[:, week] -= np.bincount(market, sold[:, week] - counted[:, week], len(whole))
    return allowed
