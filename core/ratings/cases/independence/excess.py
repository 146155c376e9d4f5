"""Orders of a kind of which somebody has more than is usual: bought ones, or bought against a rival, or a true success.

Which of them are bought nobody knows. So as many good ones count as are usual, and of each bad outcome as many as the other
orders of the account predict with these, or in their share of the kind if that is more. Who is successful with orders like
those before about keeps the rate, and what is bought hides few of the bad orders that were there before. Where only the buyers
of a kind find an account bad, what they find counts up to a limit. One bad order more of the kind never makes room for anything:
good ones and other bad outcomes of it count as without it.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import begins, combinations

GOOD = 0
"""The outcome of an order that went well; others are numbers from 1 on, one for each thing that can go wrong."""
_LEANING = 5.0
"""Orders at the rate of the excess itself that the rate of the other orders leans to: who has none is judged by the excess."""
_FIRST = 0.5
"""Weight of bad orders of each outcome that counts whatever comes with them: buying hides few and true ones. 128 attacks on
members of four made-up marketplaces gained up to 9.2 points without this, up to 6.8 with it, 6.1 with 1. But with 1, members
who truly won four times as many orders lost 2.5 points on average, with 0.5 and with 0 they lost 1.5 and 1.3."""
_MOST = 3.0
"""Of orders that go bad far more often than the other orders of the account, at most this times (1 + root of what these let
expect) squared counts where `bounded`: three times what is expected, and more where that is little. On four fresh marketplaces
500 bad orders that new buyers bought of the best member cost it 29 to 49 points without this, 25 to 33 with it; grades, which
then changed when 85 % sure, did so as often between runs (.62 times a card-year in four worlds). With 2 it was 19 to 32 points,
but .75 changes; with 1.5 rank agreement fell by .0014."""


def by_outcome(group: Ints, outcome: Ints, weight: Floats, groups: int, outcomes: int) -> Floats:
    """The weight of each outcome; lines of shape (lines,) to (groups, outcomes)."""
    sums = np.bincount(group * outcomes + outcome, weight, groups * outcomes).astype(np.float64)
    return sums.reshape(groups, outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Weight that is usual at most; shape (groups,) each."""

    good: Floats
    """Of good orders, by good ones: no bad one makes room."""
    all: Floats
    """Of all orders, by all: no good one that turns bad takes room from bad ones."""


def kept(excess: Floats, allowed: Allowed, others: Floats, *, bounded: bool = False) -> Floats:
    """The factor 0..1 on the lines of a kind by their outcome; shape (groups, outcomes).

    `excess`: weight of the kind by outcome; `others`: weight of the other orders of the account by outcome; `bounded`: whether
    far more bad ones than the others predict are the buyers' doing (`_MOST`).
    """
    good, bad, limit = excess[:, :1], excess[:, 1:], allowed.all[:, None]
    even = bad / np.maximum(good + bad, 1e-300)
    rate = (others[:, 1:] + _LEANING * even) / (others.sum(axis=1, keepdims=True) + _LEANING)
    with np.errstate(invalid="ignore"):
        expected, of_bad = limit * rate, limit * np.maximum(rate, even)
        most = _MOST * (1 + np.sqrt(expected)) ** 2 if bounded else np.inf
        of_bad = np.maximum(np.minimum(of_bad, most), _FIRST)
    room = np.concatenate([allowed.good[:, None], of_bad], axis=1)
    cut = ~np.isinf(limit) & (room < excess)
    return np.asarray(np.divide(room, excess, out=np.ones_like(excess), where=cut))


def evened(full: Floats, limited: Floats, series: Ints, week: Ints) -> Floats:
    """Weights of bad lines that add up, in each series, to as much as the limited ones; shape (lines,).

    `full`: their weights without limits. The weeks with most of a series are cut, to the same level, and no other: so bad ones
    that come at once take nothing from those of other weeks. Cut evenly, and then by their week (`bad_weeks`), up to 160 bad
    orders of one week raised 13 of 39 scores by .1 to 4.6 points, and none by more than .07 with this.
    """
    if not len(full):
        return full
    (owner, _), of_line, _ = combinations(series, week)
    of_week = np.bincount(of_line, full)
    order = np.lexsort((of_week, owner))
    ascending, first = of_week[order], np.flatnonzero(begins(owner[order]))
    weeks = np.diff(np.append(first, len(order)))
    below = np.cumsum(ascending) - ascending
    below -= np.repeat(below[first], weeks)
    left = np.repeat(first + weeks, weeks) - np.arange(len(order))
    total = np.bincount(owner[of_line], limited)[owner[order]]
    # with weeks in ascending order, the level that leaves this total once the smaller ones are whole is the highest of these
    level = np.repeat(np.maximum.reduceat((total - below) / left, first), weeks)
    factor = np.empty(len(order))
    factor[order] = np.minimum(level / np.maximum(ascending, 1e-300), 1.0)
    result: Floats = full * factor[of_line]
    return result
