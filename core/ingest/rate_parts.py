"""Which two columns a rate comes from, found by the figures: a ratio of sums is right for any segment and any days."""

from collections.abc import Mapping
from itertools import permutations

import numpy as np

from core.base.arrays import Floats
from core.ingest.mapping.column_plan import MeasureRatio

_SCALES = (1.0, 100.0, 1000.0)
"""A share, a percentage, a price of a thousand."""
_NEUTRAL = frozenset(("total", "number", "of", "all"))
_SURPLUS = 0.1
"""A word that the rate lacks weighs less than one that it shares."""
_FITS = 0.98
_FEWEST = 3
_MOST = 40
"""Columns of which all pairs are tried."""


def find_parts(
    name: str, rate: Floats, decimals: int, figures: Mapping[str, Floats], named: Mapping[str, set[str]]
) -> MeasureRatio | None:
    """The ratio that a column is, in nearly all of its rows, as far as its decimals go; None when there is none, or several.

    `rate` and all of `figures` have the shape (rows,), nan where a cell is blank; `named` are the words of each column's
    names, which decide between pairs that fit alike: the pair that is called like the rate and like little else.
    """
    tolerance = 0.5 * 10.0**-decimals * 1.02 + 1e-9
    result: list[MeasureRatio] = []
    for numerator, denominator in permutations(list(figures)[:_MOST], 2):
        usable = np.isfinite(rate) & np.isfinite(figures[numerator]) & (figures[denominator] > 0)
        if usable.sum() < _FEWEST or not rate[usable].any():
            continue
        quotient = figures[numerator][usable] / figures[denominator][usable]
        for scale in _SCALES:
            off = np.abs(rate[usable] - scale * quotient)
            if (off <= tolerance).mean() >= _FITS and tolerance < 0.2 * np.abs(rate[usable]).max():
                result.append(MeasureRatio(name, numerator, denominator, 1.0 if scale == 100.0 else scale))
    if len(result) > 1:
        words = named.get(name, set(name.split("_")))
        parts = [(named[ratio.numerator] | named[ratio.denominator]) - _NEUTRAL for ratio in result]
        hits = [len(words & part) - _SURPLUS * len(part - words) for part in parts]
        best = [ratio for ratio, count in zip(result, hits, strict=True) if count == max(hits)]
        result = best if max(hits) > 0 else []
    return result[0] if len(result) == 1 else None
