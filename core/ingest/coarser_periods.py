"""Rows of longer periods next to those of shorter ones, which say the same again: weeks and months in a table of days."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from core.base.arrays import Floats, Ints
from core.base.errors import UsageError
from core.ingest.headers import folded, words_of

_PERIODS = ("hours", "days", "weeks", "months", "quarters", "years")
"""What a column of words calls a period, by the lists of the languages, from the shortest."""
_NEAR = 0.5
"""Periods at the edges of a table may reach beyond its days, or be cut."""


def coarser_rows(words: Mapping[str, pa.Array], figures: Mapping[str, Floats]) -> Ints:
    """The rows of longer periods than the shortest, ascending, where a column of `words` says which period each row is of.

    `figures` are the values of the columns that count, shape (rows,), nan where a cell is blank. Raises UsageError when the
    longer periods do not say the same as the shortest.
    """
    known = {word: rank for rank, period in enumerate(_PERIODS) for word in words_of(period)}
    for name, column in words.items():
        encoded = column.dictionary_encode()
        cells = encoded.dictionary.to_pylist()
        ranks = [known.get(folded(cell)) for cell in cells]
        if column.null_count or None in ranks or len(set(ranks)) < _SEVERAL:
            continue
        rank = np.array(ranks, np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
        finest = rank == rank.min()
        if any(len(cell) == 1 for cell in cells) and np.count_nonzero(~finest) > np.count_nonzero(finest) / 2:
            continue  # `m` and `d` are devices, too: a month has many days
        for level in np.unique(rank[~finest]):
            totals = [(np.nansum(values[finest]), np.nansum(values[rank == level])) for values in figures.values()]
            if not any(fine and abs(coarse - fine) <= _NEAR * abs(fine) for fine, coarse in totals):
                raise UsageError(
                    f"its rows are of several periods ({', '.join(sorted(cells))} in {name!r}), and the longer ones do not add "
                    "up to the others. Put each period into a file of its own."
                )
        return np.flatnonzero(~finest)
    return np.array([], np.int64)


_SEVERAL = 2
