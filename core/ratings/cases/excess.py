"""Orders of a kind of which somebody has more than is usual: bought ones, or bought against a rival, or a true success.

Which of them are bought nobody knows. So as many good ones count as are usual, and of each bad outcome as many as the other
orders of the account let expect with these, or as leave room. Who is successful with orders like those before keeps the rate.
One bad order more never makes room for anything: good ones and other bad outcomes count as without it.
"""

import numpy as np

from core.base.arrays import Floats, Ints

GOOD = 0
"""The outcome of an order that went well; others are numbers from 1 on, one for each thing that can go wrong."""
_LEANING = 5.0
"""Orders at the odds of the excess itself that the odds of the other orders lean to: who has none is judged by the excess."""


def by_outcome(group: Ints, outcome: Ints, weight: Floats, groups: int, outcomes: int) -> Floats:
    """The weight of each outcome; lines of shape (lines,) to (groups, outcomes)."""
    sums = np.bincount(group * outcomes + outcome, weight, groups * outcomes).astype(np.float64)
    return sums.reshape(groups, outcomes)


def expected_odds(excess: Floats, others: Floats) -> Floats:
    """How many of each bad outcome the other orders of an account let expect for a good one, at most one.

    Arguments as in `kept`; shape (groups, outcomes - 1).
    """
    good, bad = excess[:, :1], excess[:, 1:]
    even = bad / np.maximum(good + bad, 1e-300)
    right = others[:, :1] + _LEANING * (1 - even)
    odds: Floats = np.minimum((others[:, 1:] + _LEANING * even) / np.maximum(right, 1e-300), 1.0)
    return odds


def kept(excess: Floats, allowed: Floats, others: Floats) -> Floats:
    """The factor 0..1 on the lines of a kind by their outcome; shape (groups, outcomes).

    `excess`: weight of the kind by outcome; `allowed`: weight of good ones that is usual at most, shape (groups,); `others`:
    weight of the other orders of the account by outcome.
    """
    limit, good = allowed[:, None], excess[:, :1]
    with np.errstate(invalid="ignore"):
        of_bad = np.maximum(limit * expected_odds(excess, others), limit - good)
    room = np.concatenate([limit, of_bad], axis=1)
    return np.asarray(np.divide(room, excess, out=np.ones_like(excess), where=~np.isinf(limit) & (room < excess)))
