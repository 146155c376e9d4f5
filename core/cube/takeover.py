"""Values of a dimension that take over from others: a version that is rolled out, a state that young orders still have.

`took_over` sees a whole dimension before anything is located, so that a scan does not watch it and no change is located in it: it
needs a take-over of some size. `core.explanation.locate.replaced_values` asks of one located drop afterwards whether a new
value won what was lost, however small: the beginning of a roll-out.
"""

import numpy as np

from core.base.arrays import Flags, Floats

FEW_VALUES = 40
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
loses, as a share of it; and the share of both in all that is won and lost. In 80 made-up workspaces without such a move nothing
was taken for one; in made-up affiliate sales that wait a month for approval .6 of the whole moves."""
_FEW_STATES, _NEARLY_ALL = 12, 0.6
"""Among so many values, such as the stages of a deal, several may win what several lose: this share of the whole."""


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
    if len(now) > FEW_VALUES + 1:
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
    """Which values of one dimension won what others lost, while the whole stayed: young orders are not yet approved, young
    deals still open. A large part moves from one value to another, or nearly all among few.

    `before`, `now`: the sums of one measure by value over equally many days; all of shape (values,).

    >>> swapped(np.array([60.0, 10.0, 30.0]), np.array([4.0, 3.0, 91.0])).tolist()
    [False, False, True]
    >>> swapped(np.array([60.0, 10.0, 30.0]), np.array([4.0, 3.0, 60.0])).tolist()
    [False, False, False]
    >>> swapped(np.array([60.0, 30.0, 5.0, 5.0]), np.array([4.0, 3.0, 40.0, 50.0])).tolist()
    [False, False, True, True]
    """
    gains = now - before
    won, lost = gains[gains > 0].sum(), -gains[gains < 0].sum()
    whole = before.sum()
    if len(now) > FEW_VALUES + 1 or whole <= 0 or won < _ENOUGH * is_count or abs(won - lost) > _BALANCED * won:
        return np.zeros(len(now), bool)
    is_pair = won >= _MOVED * whole and gains.max() >= _MAINLY * won and -gains.min() >= _MAINLY * lost
    if not is_pair and (len(now) > _FEW_STATES + 1 or won < _NEARLY_ALL * whole):
        return np.zeros(len(now), bool)
    return np.asarray((gains == gains.max()) if is_pair else (gains > before))
