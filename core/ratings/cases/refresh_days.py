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


def deciding_weeks(day: Ints, first: int) -> Ints:
    """The week, numbered by the Sunday that it ends with, in which what counts of a line is decided; that of `YOUNG_DAYS` after
    the first day for all before it. Shape (rows,)."""
    weeks: Ints = np.maximum(day, first + YOUNG_DAYS) - SUNDAY + WEEK - 1
    return weeks // WEEK
