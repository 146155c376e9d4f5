"""Distinct keys and row orders against numpy's own, for narrow and wide keys."""

import numpy as np
import pytest

from core.base.arrays import Ints
from core.base.row_order import begins, combinations, distinct, first_rows, largest_of, row_order


def _columns(width: int, rows: int) -> tuple[Ints, Ints, Ints]:
    chance = np.random.default_rng(width + rows)
    return tuple(chance.integers(-width, width, rows) for _ in range(3))  # type: ignore[return-value]


@pytest.mark.parametrize("rows", [0, 1, 2, 400])
@pytest.mark.parametrize("width", [1, 9, 10_000, 1 << 50])
def test_keys_are_told_apart_and_rows_sorted_as_numpy_does(width: int, rows: int) -> None:
    first, second, third = _columns(width, rows)
    known, position = distinct(first)
    of_numpy = np.unique(first, return_index=True, return_inverse=True)
    assert np.array_equal(known, of_numpy[0])
    assert np.array_equal(position, of_numpy[2])
    assert np.array_equal(first_rows(position, len(known)), of_numpy[1])
    assert np.array_equal(row_order(first, second, third), np.lexsort((third, second, first)))
    assert np.array_equal(np.sort(first)[begins(np.sort(first))], known)


@pytest.mark.parametrize("width", [2, 1 << 50])
def test_combinations_are_those_that_numpy_finds(width: int) -> None:
    columns = _columns(width, 300)
    found, position, times = combinations(*columns)
    known, inverse, counts = np.unique(np.stack(columns), axis=1, return_inverse=True, return_counts=True)
    assert np.array_equal(np.stack(found), known)
    assert np.array_equal(position, inverse.ravel())
    assert np.array_equal(times, counts)


def test_the_largest_of_each_group_is_the_first_of_equals() -> None:
    group, amount = np.array([0, 2, 1, 0, 2, 1, 2]), np.array([3, 2, 5, 4, 7, 5, 7])
    assert largest_of(group, amount).tolist() == [3, 2, 4]
