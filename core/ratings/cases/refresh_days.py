"""The days on which grades are refreshed, and by the end of which what counts of orders is decided."""

import numpy as np

from core.base.arrays import Ints

WEEK = 7
SUNDAY = 3
YOUNG_DAYS = 8 * WEEK
"""While the data are younger, little is known of what is usual: peers are learnt anew at each refresh, and which orders count is
decided at the end. Decided week by week from the first one, ratings agreed less with true quality (-.005, standard error .003,
in eight marketplaces of twelve weeks); like this they agree as well as if all weeks were decided today
(+.0002)."""

_STRAY = 30
"""Cases, as many as a grade needs, that may be older than the rest without making the data old. One of 10,742 orders
(fixtures.marketplace, seed 5107, 90 days) that was a year too old by a slip of its date moved another score by 8.6 points, and
two members lost their grade, as its first weeks were a surge after a year without orders."""


def deciding_weeks(day: Ints, first: int) -> Ints:
    """The week, numbered by the Sunday that it ends with, in which what counts of a line is decided; that of `YOUNG_DAYS` after
    the `first_day` for all before it. Shape (rows,)."""
    weeks: Ints = np.maximum(day, first + YOUNG_DAYS) - SUNDAY + WEEK - 1
    return weeks // WEEK


def first_day(days: Ints) -> int:
    """Since when there are data: the day of the case number `_STRAY`, or the last day of fewer cases; 0 without any.

    Later cases do not change it. The newest day of fewer is as good as any: they tell too little for weeks to be decided apart.
    """
    if not len(days):
        return 0
    at = min(_STRAY, len(days)) - 1
    return int(np.partition(days, at)[at])
