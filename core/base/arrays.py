"""Types of numpy arrays (shapes stand in the docstrings of those who use them), and the distinct values of an array."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int32]

Number = TypeVar("Number", np.int64, np.uint64, np.int32, np.float64)


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """The distinct values of an array of shape (n,), ascending; shape (k,).

    As np.unique, whose first call imports numpy's masked arrays: 10 ms of every small load.

    >>> distinct(np.array([3, 1, 3, 5])).tolist(), distinct(np.array([3, 1, 3, 10**9])).tolist()
    ([1, 3, 5], [1, 3, 1000000000])
    """
    if (dense := _dense(values)) is not None:
        return dense[0]
    ordered = np.sort(values)
    is_new = np.ones(len(ordered), bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]


def numbered(values: NDArray[Number]) -> tuple[NDArray[Number], Ints]:
    """The distinct values of an array of shape (n,), ascending, and which of them each is; shapes (k,) and (n,).

    >>> [part.tolist() for part in numbered(np.array([3, 1, 3, 5]))]
    [[1, 3, 5], [1, 0, 1, 2]]
    >>> [part.tolist() for part in numbered(np.array([3, 1, 3, 10**9]))]
    [[1, 3, 1000000000], [1, 0, 1, 2]]
    """
    if (dense := _dense(values)) is not None:
        ordered, is_there = dense
        return ordered, (np.cumsum(is_there) - 1)[values - ordered[0]]
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    is_new = np.ones(len(ordered), bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    places = np.empty(len(values), np.int64)
    places[order] = np.cumsum(is_new) - 1
    return ordered[is_new], places


def known_median(values: Floats, axis: int) -> Floats:
    """The median along an axis of the numbers that are not nan; nan where there is no other.

    As np.nanmedian, which makes masked arrays of a short axis: ten times as long, a fifteenth of an explanation.

    >>> known_median(np.array([[3.0, np.nan, 1.0], [np.nan, 2.0, 7.0]]), 0).tolist()
    [3.0, 2.0, 4.0]
    """
    if not values.shape[axis]:
        return np.full(np.delete(values.shape, axis), np.nan)
    ordered = np.sort(values, axis)
    known = (~np.isnan(values)).sum(axis, keepdims=True)
    middle = (np.take_along_axis(ordered, np.maximum(at, 0), axis) for at in ((known - 1) // 2, known // 2))
    return np.asarray(np.squeeze(sum(middle) / 2, axis))


def _dense(values: NDArray[Number]) -> tuple[NDArray[Number], Flags] | None:
    """The distinct values of whole numbers that lie close together, and which numbers from the first to the last are there; None
    of any others. Sorting 100,000 of them takes ten times as long.
    """
    if not len(values) or values.dtype.kind not in "iu":
        return None
    first = values.min()
    span = int(values.max()) - int(first) + 1
    if span > _SPARSE * len(values):
        return None
    is_there = np.zeros(span, bool)
    is_there[values - first] = True
    return np.flatnonzero(is_there).astype(values.dtype) + first, is_there


_SPARSE = 4
"""Numbers from the first to the last for each value, up to which a table of all of them is faster than an order."""
