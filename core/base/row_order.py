"""Distinct keys and the order of rows, as numpy's `unique` and `lexsort` give them, several times as fast for whole numbers."""

import math

import numpy as np

from core.base.arrays import Flags, Floats, Ints

_DENSE = 8
"""Times as many possible keys as rows up to which a table of all keys is faster than sorting."""
_LIMIT = 1 << 62
_BITS = 16
_DIGIT = (1 << _BITS) - 1


def distinct(keys: Ints) -> tuple[Ints, Ints]:
    """The distinct keys, ascending, and the place of each row's key among them; shape (distinct,), (rows,)."""
    rows = len(keys)
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    low, high = int(keys.min()), int(keys.max())
    if high - low < _DENSE * rows:
        shifted = keys - low
        present = np.zeros(high - low + 1, bool)
        present[shifted] = True
        return np.flatnonzero(present) + low, (np.cumsum(present) - 1)[shifted]
    order = row_order(keys)
    ordered = keys[order]
    is_first = begins(ordered)
    position = np.empty(rows, np.int64)
    position[order] = np.cumsum(is_first) - 1
    return ordered[is_first], position


def row_order(*columns: Ints) -> Ints:
    """The rows sorted by the first column, among equals by the next ones, and then as they stand; shape (rows,)."""
    lows = [int(column.min(initial=0)) for column in columns]
    sizes = [int(column.max(initial=0)) - low + 1 for column, low in zip(columns, lows, strict=True)]
    if math.prod(sizes) >= _LIMIT:
        return np.lexsort(columns[::-1])
    key = (columns[0] - lows[0]).astype(np.int64, copy=False)
    for column, low, size in zip(columns[1:], lows[1:], sizes[1:], strict=True):
        key *= size
        key += column - low
    # by digits of 16 bits, the lowest first: numpy counts such numbers instead of comparing them
    order: Ints = np.argsort((key & _DIGIT).astype(np.uint16), kind="stable")
    for shift in range(_BITS, max(math.prod(sizes) - 1, 0).bit_length(), _BITS):
        digit = (key >> shift & _DIGIT).astype(np.uint16)
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def combinations(*columns: Ints) -> tuple[tuple[Ints, ...], Ints, Ints]:
    """The combinations of values that occur, in the order of `row_order`: their columns, the place of each row's among them, and
    how many rows have each; shape (combinations,), (rows,), (combinations,)."""
    order = row_order(*columns)
    ordered = [column[order] for column in columns]
    is_first = begins(*ordered)
    position = np.empty(len(order), np.int64)
    position[order] = np.cumsum(is_first) - 1
    first = np.flatnonzero(is_first)
    return tuple(column[first] for column in ordered), position, np.diff(np.append(first, len(order)))


def begins(*columns: Ints) -> Flags:
    """Which rows differ from the one before in any column; shape (rows,)."""
    changed = np.zeros(len(columns[0]), bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def first_rows(position: Ints, size: int) -> Ints:
    """The first row of each place; shape (size,). Every place has one."""
    first = np.zeros(size, np.int64)
    # of several that are assigned to one place, numpy keeps the last
    first[position[::-1]] = np.arange(len(position))[::-1]
    return first


def largest_of(group: Ints, amount: Ints | Floats) -> Ints:
    """The row of each group with the largest amount, the first of equals; groups are 0, 1, ... Shape (groups,)."""
    order = np.lexsort((-amount, group))
    return order[begins(group[order])]
