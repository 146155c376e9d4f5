"""Types of numpy arrays (shapes stand in the docstrings of those who use them), and the distinct values of an array."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int32]

Whole = TypeVar("Whole", np.int64, np.uint64, np.int32)


def distinct(values: NDArray[Whole]) -> NDArray[Whole]:
    """The distinct values of an array of shape (n,), ascending; shape (k,).

    As np.unique, whose first call imports numpy's masked arrays: 10 ms of every small load.

    >>> distinct(np.array([3, 1, 3, 2])).tolist()
    [1, 2, 3]
    """
    ordered = np.sort(values)
    is_new = np.ones(len(ordered), bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]
