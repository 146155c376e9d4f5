"""Rows that stand for those below or above them: a product and its variations, a day and its channels."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from core.base.arrays import Flags, Floats, Ints
from core.ingest.headers import is_total
from core.ingest.values.numbers import ABSENT

_OFF = 0.001
"""Subtotals are sums of figures that were rounded."""


def told_twice(words: Mapping[str, pa.Array], figures: Mapping[str, Floats]) -> Ints:
    """The rows whose figures other rows tell, too, ascending: subtotals, or the rows that split them.

    `words` are the columns of words, `figures` the values of the others, shape (rows,), nan where a cell is blank. A row is a
    subtotal when a column of words is blank (or `-`, or `Total`) in it and filled in the rows next to it, whose figures add up
    to its own: for every such row of the table, and for one of several rows at least. The rows that split it are the ones told
    twice where some column has figures in the subtotals only.
    """
    for column in words.values():
        blank = _is_blank(column)
        if not 0 < blank.sum() < len(blank) / 2 + 1 or blank.all():
            continue
        for groups in (np.cumsum(blank) - 1, np.cumsum(blank) - blank):  # above the rows that it sums, or below
            if _adds_up(blank, groups, figures):
                split = any(_only(values, blank) for values in figures.values())
                return np.flatnonzero(~blank if split else blank)
    return np.array([], np.int64)


def _is_blank(column: pa.Array) -> Flags:
    encoded = column.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    tests = np.array([*(name.strip().casefold() in ABSENT or is_total(name) for name in names), True], bool)
    result: Flags = tests[encoded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)]
    return result


def _only(values: Floats, blank: Flags) -> bool:
    """Whether a column has figures in the subtotals and in no other row."""
    return bool(np.isfinite(values[blank]).all() and np.isnan(values[~blank]).all())


def _adds_up(blank: Flags, groups: Ints, figures: Mapping[str, Floats]) -> bool:
    """Whether each blank row is, in some column the same for all, the sum of the other rows of its group."""
    count = int(blank.sum())
    if groups.min() < 0 or groups[blank].tolist() != list(range(count)) or groups.max() >= count:
        return False  # rows before the first of them, or after the last
    sizes = np.bincount(groups[~blank], minlength=count)
    if sizes.min() == 0 or sizes.max() < 2:
        return False
    for values in figures.values():
        parts = np.bincount(groups[~blank], np.nan_to_num(values[~blank]), count)
        whole = values[blank]
        fits = np.abs(whole - parts) <= np.maximum(_OFF * np.abs(parts), 1e-9)
        if fits.all() and np.count_nonzero(parts) > count / 2:
            return True
    return False
