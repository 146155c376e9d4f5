"""Rows that may be of one slice: those whose 64-bit hashes are equal."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Ints, distinct

_LOW = (1 << 22) - 1


def with_equal_hashes(ids: Sequence[Ints], hashes: Sequence[NDArray[np.uint64]]) -> tuple[Ints, NDArray[np.uint64]]:
    """The ids and hashes of all rows whose hash is another row's too; `ids` and `hashes` in the same parts."""
    twice = occurring_twice(hashes)
    if not len(twice):
        return np.zeros(0, np.int64), twice
    # a table of the low bits leaves few rows to look up
    low = np.zeros(_LOW + 1, bool)
    low[(twice & np.uint64(_LOW)).astype(np.int64)] = True
    found_ids, found_hashes = [], []
    for part, part_ids in zip(hashes, ids, strict=True):
        rows = np.flatnonzero(low[(part & np.uint64(_LOW)).astype(np.int64)])
        nearest = np.minimum(np.searchsorted(twice, part[rows]), len(twice) - 1)
        rows = rows[twice[nearest] == part[rows]]
        found_ids.append(part_ids[rows])
        found_hashes.append(part[rows])
    return np.concatenate(found_ids), np.concatenate(found_hashes)


def grouped_by_hash(ids: Ints, hashes: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """The ids in the order of their hashes, then their own, and the hashes."""
    order = np.lexsort((ids, hashes))
    return ids[order], hashes[order].astype(np.int64)


def occurring_twice(parts: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """The values that occur more than once, ascending; looked for in eighths, so that little is held at a time."""
    repeated = []
    for eighth in range(8):
        values = np.concatenate([np.zeros(0, np.uint64), *(part[part >> np.uint64(61) == eighth] for part in parts)])
        values.sort()
        repeated.append(distinct(values[1:][values[1:] == values[:-1]]))
    return np.concatenate(repeated)
