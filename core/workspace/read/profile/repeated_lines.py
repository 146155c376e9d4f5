"""Order lines that are there twice: equal to the second in everything but their number."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags
from core.base.time_zones import DAY_SECONDS
from core.workspace.schema.columns import Array

_ODD = np.uint64(0x9E3779B97F4A7C15)
"""Spreads numbers over 64 bits when multiplied: two of a million rows look alike by chance once in 10^7 times."""
_BEYOND_CHANCE = 5.0
"""Standard deviations of a count of pairs."""
_OF_DAYS, _FEWEST = 0.2, 10
"""Share of lines at one second of the day, and their number, from which on they are days without a time: midnight of a zone is at
17:00 of UTC, and at two seconds where clocks change. Of orders that have full hours only, the busiest has a tenth; of five lines,
each second has a fifth."""


def repeated_lines(moments: NDArray[np.int64], others: Sequence[Array]) -> int:
    """How many lines equal another one; `moments` (epoch seconds) and `others` columns of shape (lines,).

    Lines without a time of day are left out. Pairs of lines that are equal in all but lying a day apart tell how many are so by
    chance, where moments are minutes, or a shop has few prices: so many are taken off, and 0 is said of no more than chance makes
    of them.
    """
    is_timed = _have_times(moments)
    columns = [column[is_timed] for column in (moments, *others)]
    values, counts = np.unique(_mixed(columns), return_counts=True)
    equal = int((counts * (counts - 1)).sum()) // 2
    if equal == 0:
        return 0
    later, more = np.unique(_mixed([columns[0] + DAY_SECONDS, *columns[1:]]), return_counts=True)
    _, here, there = np.intersect1d(values, later, assume_unique=True, return_indices=True)
    chance = float((counts[here] * more[there]).sum()) / 2
    repeated = min(equal - round(chance), int((counts - 1).sum()))
    return repeated if repeated > _BEYOND_CHANCE * chance**0.5 else 0


def _have_times(moments: NDArray[np.int64]) -> Flags:
    """Which moments are no days without a time; shape (lines,)."""
    clock = moments % DAY_SECONDS
    lines = np.bincount(clock, minlength=1)[clock]
    return np.asarray((clock > 0) & (lines < max(_OF_DAYS * len(clock), _FEWEST)))


def _mixed(columns: Sequence[Array]) -> NDArray[np.uint64]:
    """One number for each row, the same for rows whose columns are equal."""
    mixed = np.zeros(len(columns[0]), np.uint64)
    for values in columns:
        mixed = (mixed ^ values.astype(np.int64).view(np.uint64)) * _ODD
        mixed ^= mixed >> np.uint64(29)
    return mixed
