"""A number of 64 bits for the day and slice of each row, by which rows of one slice are found."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_GOLDEN = 0x9E3779B97F4A7C15
_ALL_BITS = (1 << 64) - 1


def hashed(days: NDArray[np.int64], codes: Sequence[NDArray[np.integer]], places: Sequence[int]) -> NDArray[np.uint64]:
    """A hash of each row's day and codes; a code of 0 adds nothing, so that a slice that is not carried is as one not given."""
    out = _mixed(days, 0)
    for column, place in zip(codes, places, strict=True):
        out += np.where(column == 0, np.uint64(0), _mixed(column, place + 1))
    return out


def _mixed(values: "NDArray[np.integer]", place: int) -> NDArray[np.uint64]:
    """Splitmix64's output function (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, figure 17)."""
    out = values.astype(np.uint64) + np.uint64(((place << 48) + 1) * _GOLDEN & _ALL_BITS)
    out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    out ^= out >> np.uint64(31)
    return out
