"""A column by its different cells: each is looked at once, however many rows have it."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints


def codes_of(column: pa.Array) -> Ints:
    """A number for each row, from 0, equal where the cells are, blank ones too; shape (rows,)."""
    result: Ints = column.dictionary_encode(null_encoding="encode").indices.to_numpy(zero_copy_only=False)
    return result.astype(np.int64)


def are_such(column: pa.Array, is_such: Callable[[str], bool], *, blank: bool = False) -> Flags:
    """Which rows have such a cell, each different one asked once; blank ones are such with `blank`. Shape (rows,)."""
    encoded = column.dictionary_encode()
    tests = np.array([*map(is_such, encoded.dictionary.to_pylist()), blank], bool)
    result: Flags = tests[encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)]
    return result


def rows_with(flags: Flags, indices: pa.Array) -> Flags:
    """Which rows have a cell of which `flags`, shape (different cells,), says so; blank ones have none."""
    is_filled = indices.is_valid().to_numpy(zero_copy_only=False)
    result: Flags = flags[indices.fill_null(0).to_numpy(zero_copy_only=False)] & is_filled
    return result


def all_match(cells: pa.Array, pattern: str) -> bool:
    """Whether a pattern is found in every cell that is filled."""
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def any_match(cells: pa.Array, pattern: str) -> bool:
    """Whether a pattern is found in some cell."""
    return bool(pc.any(pc.match_substring_regex(cells, pattern)).as_py())
