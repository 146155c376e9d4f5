"""A column by its different cells: each is looked at once, however many rows have it."""

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints, distinct, numbered


def codes_of(column: pa.Array) -> Ints:
    """A number for each row, from 0, equal where the cells are, blank ones too; shape (rows,)."""
    result: Ints = column.dictionary_encode(null_encoding="encode").indices.to_numpy(zero_copy_only=False)
    return result.astype(np.int64)


def combined(codes: Iterable[Ints], rows: int) -> Ints:
    """A number for each row, equal where all of several numbers of it are; shape (rows,)."""
    result: Ints = np.zeros(rows, np.int64)
    for own in codes:
        result = numbered(result * (int(own.max(initial=0)) + 1) + own)[1]
    return result


def differ_within(days: Ints, codes: Ints) -> bool:
    """Whether rows of one day have several words: a weekday, or a remark on the day, slices nothing."""
    return len(distinct(days * (int(codes.max(initial=0)) + 1) + codes)) > len(distinct(days))


def are_such(column: pa.Array, is_such: Callable[[str], bool], *, blank: bool = False) -> Flags:
    """Which rows have such a cell, each different one asked once; blank ones are such with `blank`. Shape (rows,)."""
    encoded = column.dictionary_encode()
    return rows_with(np.array([*map(is_such, encoded.dictionary.to_pylist())], bool), encoded.indices, blank=blank)


def rows_with(flags: Flags, indices: pa.Array, *, blank: bool = False) -> Flags:
    """Which rows have a cell of which `flags`, shape (different cells,), says so; blank ones are such with `blank`."""
    result: Flags = np.append(flags, blank)[indices.fill_null(len(flags)).to_numpy(zero_copy_only=False)]
    return result


def all_match(cells: pa.Array, pattern: str) -> bool:
    """Whether a pattern is found in every cell that is filled, and in some.

    >>> [all_match(pa.array(cells, pa.string()), "^1") for cells in (["1", None], ["1", "2"], [], [None] * 99 + ["1"])]
    [True, False, False, True]
    """
    first = pc.all(pc.match_substring_regex(cells[:_FIRST], pattern)).as_py()  # which mostly shows that it is not
    return first is not False and bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


_FIRST = 64


def any_match(cells: pa.Array, pattern: str) -> bool:
    """Whether a pattern is found in some cell."""
    return bool(pc.any(pc.match_substring_regex(cells, pattern)).as_py())
