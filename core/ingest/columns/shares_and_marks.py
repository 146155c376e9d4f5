"""Columns of shares, marks and means under any name: fractions that stay small next to what counts dozens add up to nothing."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.base.arrays import Flags, Floats
from core.ingest.columns.rate_parts import FITS
from core.ingest.formats.batch import Figures
from core.ingest.headers.measure_names import is_amount_name, is_sum_name

_PROVEN = 10
"""Rows that prove something."""
_HALF = 0.5


def share_columns(sources: Mapping[str, str], figures: Figures) -> set[str]:
    """The columns of fractions, next to one that counts dozens of things there, that are called neither an amount nor something
    that came, and are all below one, or marks and means. `sources` is what columns are called.
    """
    known = {name: values[np.isfinite(values)] for name, values in figures.items()}
    known = {name: values for name, values in known.items() if len(values) >= _PROVEN}
    counts = [name for name, values in known.items() if _counts_dozens(values)]
    if not counts:
        return set()
    return {
        name
        for name, values in known.items()
        if (
            _are_shares(values) or (_are_marks(values) and not _scales(figures[name], [figures[own] for own in counts]))
        )
        and not (is_sum_name(name) or is_amount_name(sources.get(name, name)))
    }


def _in_most(flags: Flags) -> bool:
    return bool(flags.mean() >= FITS)


def _counts_dozens(values: Floats) -> bool:
    return _in_most(values == np.round(values)) and (values >= _DOZENS).mean() >= _HALF


def _are_shares(values: Floats) -> bool:
    return bool((values >= 0).all() and (values <= 1).all()) and _in_most(values != np.round(values))


def _are_marks(values: Floats) -> bool:
    """Whether these are fractions between 0.5 and 10 that vary as little as means of dozens of things do."""
    is_fraction = float((values != np.round(values)).mean()) >= _MOST_FRACTIONS
    return is_fraction and values.min() >= _HALF and values.max() <= _BEST_MARK and _spread(values) <= _SPREAD_OF_MEANS


def _scales(values: Floats, counts: Sequence[Floats]) -> bool:
    """Whether a column goes up and down with a count next to it, as sums do: by the piece it varies less than by the row."""
    for count in counts:
        is_known = np.isfinite(values) & (count > 0)
        own = values[is_known]
        if len(own) >= _PROVEN and _spread(own / count[is_known]) < _LESS * _spread(own):
            return True
    return False


def _spread(values: Floats) -> float:
    return float(values.std() / values.mean())


_MOST_FRACTIONS = 0.75
"""Of figures of one decimal a tenth are whole, and marks near the highest are more often so."""
_BEST_MARK = 10
_SPREAD_OF_MEANS = 0.25
"""Standard deviation of marks and means, by their mean: daily means of fifty answers from 1 to 5 have at most 0.1, and those of
days that differ 0.2; of 120 simulated tables of small amounts, 30 were taken for means.
"""
_LESS = 0.8
"""A correlation with the count of 0.6 or more: by chance it comes in 1 of 30 tables of ten rows."""
_DOZENS = 50
"""So many visits, orders or impressions a row: an amount of such a day is no fraction of one."""
