"""Values of a dimension that take over from others: a version that is rolled out, a state that young orders still have.

`took_over` sees a whole dimension before anything is located, so that a scan does not watch it and no change is located in it: it
needs a take-over of some size. `core.explanation.locate.replaced_values` asks of one located drop afterwards whether a new
value won what was lost, however small: the beginning of a roll-out.
"""

import numpy as np

from core.base.arrays import Flags, Floats

_FEW = 40
"""Of more values (and the one that is not given), such as products, some come and go every day."""
_ENOUGH = 30.0
"""What new values bring of a count at least: of a few violations or refunds, chance makes other values the largest every week.
Amounts, whose unit says nothing, have no such limit."""
_LEAST = 0.15
"""What new values bring, as a share of the whole before: less is within what the others vary by anyway."""
_NEW = 0.1
"""A new value had at most this share of what it has now: tried out by a few before, or begun within those days."""
_AS_MUCH = (0.5, 2.0)
"""What the others lose, relative to what new values bring: a version with a fault brings less than it takes."""
_MOVED, _BALANCED, _MAINLY = 0.3, 0.5, 0.8
"""What moves from a value to one that was there before, as a share of the whole; the difference of what it wins and what that
loses, as a share of it; and the share of both in all that is won and lost. Between channels of a market no week of our made ones
moves so much; of the last month of affiliate sales, most of which wait for approval, .6 does."""


def is_new(before: Floats, now: Floats, most: float = 0.0) -> Flags:
    """Which values had at most the share `most` of what they have now; by default those that were never there before."""
    return np.asarray((now > 0) & (before <= most * now))


def took_over(before: Floats, now: Floats, *, is_count: bool = True) -> Flags:
    """Which values of one dimension are new and took over from the others, so that the fall of these is no loss.

    `before`, `now`: the sums of one measure by value over equally many days; all of shape (values,).

    >>> took_over(np.array([90.0, 10.0, 0.0]), np.array([40.0, 10.0, 48.0])).tolist()
    [False, False, True]
    >>> took_over(np.array([90.0, 10.0, 0.0]), np.array([90.0, 10.0, 48.0])).tolist()
    [False, False, False]
    """
    if len(now) > _FEW + 1:
        return np.zeros(len(now), bool)
    new = is_new(before, now, _NEW)
    brought, lost = (now - before)[new].sum(), (before - now)[~new].sum()
    least, most = _AS_MUCH
    enough = (
        brought >= max(_LEAST * before.sum(), _ENOUGH * is_count)
        and before.sum() > 0
        and least * brought <= lost <= most * brought
    )
    return np.asarray(new & enough)


def swapped(before: Floats, now: Floats, *, is_count: bool = True) -> Flags:
    """Which value of one dimension won what another lost, while the whole stayed: the young orders are not yet approved.

    `before`, `now`: the sums of one measure by value over equally many days; all of shape (values,).

    >>> swapped(np.array([60.0, 10.0, 30.0]), np.array([4.0, 3.0, 91.0])).tolist()
    [False, False, True]
    >>> swapped(np.array([60.0, 10.0, 30.0]), np.array([4.0, 3.0, 60.0])).tolist()
    [False, False, False]
    """
    result = np.zeros(len(now), bool)
    if len(now) > _FEW + 1:
        return result
    gains = now - before
    won, lost = gains[gains > 0].sum(), -gains[gains < 0].sum()
    winner = int(gains.argmax())
    result[winner] = (
        won >= max(_MOVED * before.sum(), _ENOUGH * is_count)
        and before.sum() > 0
        and abs(won - lost) <= _BALANCED * won
        and gains[winner] >= _MAINLY * won
        and -gains.min() >= _MAINLY * lost
    )
    return result
