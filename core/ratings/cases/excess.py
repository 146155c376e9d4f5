"""Orders of a kind of which somebody has more than is usual: bought ones, or bought against a rival, or a true success.

Which of them are bought nobody knows. So they count as many as are usual: good ones as far as they leave room for the bad ones
that the other orders of the account let expect, and bad ones as far as they leave room for the good ones. Who is successful with
orders like those before keeps the rate; more bad orders never make it better, nor more good ones worse.
"""

import numpy as np

from core.base.arrays import Flags, Floats, Ints

_LEANING = 5.0
"""Orders at the rate of the excess itself that the rate of the other orders leans to: who has none is judged by the excess."""


def by_goodness(group: Ints, bad: Flags, weight: Floats, groups: int) -> tuple[Floats, Floats]:
    """(weight of good lines, weight of bad ones) by group; shape (lines,) to (groups,)."""
    sums = np.bincount(2 * group + bad, weight, 2 * groups).astype(np.float64)
    return sums[::2], sums[1::2]


def expected_rate(good: Floats, bad: Floats, others: tuple[Floats, Floats]) -> Floats:
    """The rate at which the other orders of an account let those of a kind go bad; arguments as in `kept`, shape (groups,)."""
    even = bad / np.maximum(good + bad, 1e-300)
    rate: Floats = (others[1] + _LEANING * even) / (others[0] + others[1] + _LEANING)
    return rate


def kept(good: Floats, bad: Floats, allowed: Floats, others: tuple[Floats, Floats]) -> Floats:
    """The factors 0..1 on good and on bad lines of a kind, shape (groups, 2).

    `good`, `bad`: weights of the kind; `allowed`: weight that is usual at most; `others`: (good, bad) of the other orders of the
    account; shape (groups,) each.
    """
    rate = expected_rate(good, bad, others)
    with np.errstate(invalid="ignore"):
        room = np.stack(
            [np.maximum(allowed * (1 - rate), allowed - bad), np.maximum(allowed * rate, allowed - good)], axis=1
        )
    size = np.stack([good, bad], axis=1)
    full = np.isinf(allowed) | (good + bad <= allowed)
    return np.asarray(np.divide(room, size, out=np.ones_like(room), where=~full[:, None] & (room < size)))
