"""Which two columns a rate comes from, found by the figures: a ratio of sums is right for any segment and any days."""

from collections.abc import Collection, Iterator, Mapping
from itertools import permutations

import numpy as np

from core.base.arrays import Floats
from core.ingest.formats.batch import Figures
from core.ingest.mapping.column_plan import MeasureRatio

_PERCENT = 100.0
_SCALES = (1.0, _PERCENT, 1000.0)
"""A share, a percentage, a price of a thousand."""
_NEUTRAL = frozenset(("total", "number", "of", "all"))
_SURPLUS = 0.1
"""A word that the rate lacks weighs less than one that it shares."""
FITS = 0.98
_FEWEST = 3
MOST_COLUMNS = 40
"""Columns of which all pairs are tried."""


def is_quotient(name: str, figures: Figures, known: Collection[str] = ()) -> bool:
    """Whether a column of fractions is one figure of the file divided by another in nearly all of its rows.

    That is proof where there are ten rows or more, where the divisor changes, and where one of both counts things, or both are
    sums by their names (`known`) and the column is not: of three amounts of which one is the product of two, the product is no
    rate.
    """
    values = figures[name]
    rows = np.flatnonzero(np.isfinite(values))
    if len(rows) < _PROVEN or (values[rows] == np.round(values[rows])).mean() > _WHOLE:
        return False
    others = [other for other in list(figures)[:MOST_COLUMNS] if other != name]
    sample = rows[:: max(len(rows) // _SAMPLED, 1)][:_SAMPLED]
    table = np.array([figures[other] for other in others])
    if len(table) < 2:
        return False
    sampled = table[:, sample]
    if not any(True for _ in _fitting(values[sample], sampled, _tolerance(values[sample]))):
        return False  # nearly all: a sample has no more decimals than all rows have
    tolerance = _tolerance(values[rows])
    for scale, at, by in _fitting(values[sample], sampled, tolerance):
        divisor = table[by, rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            exact = np.abs(scale * table[at, rows] / divisor - values[rows]) <= tolerance
        is_narrow = tolerance < _NARROW * np.abs(values[rows]).max()
        is_known = name not in known and {others[at], others[by]} <= set(known)
        counts = is_known or _counts(divisor) or _counts(table[at, rows])
        if exact.mean() >= FITS and len(np.unique(divisor)) >= _FEWEST and is_narrow and counts:
            return True
    return False


def _fitting(values: Floats, table: Floats, tolerance: float) -> Iterator[tuple[float, int, int]]:
    """The scales and pairs of columns whose quotients are some figures, shape (rows,); `table` has the shape (columns, rows)."""
    for scale in _SCALES:
        with np.errstate(divide="ignore", invalid="ignore"):
            quotients = scale * table[:, None] / table[None]
            fits = (np.abs(quotients - values) <= tolerance).mean(axis=2) >= FITS
        for at, by in np.argwhere(fits).tolist():
            yield scale, at, by


def _tolerance(values: Floats) -> float:
    """How far figures are off at most, as far as their decimals go."""
    return float(_ROUNDED * 10.0 ** -_decimals(values))


_ROUNDED = 0.51
"""How far a figure is off at most when it was rounded to its last decimal, and a little."""
CHANGED = 0.0051
"""Half a cent, and a little: amounts that differ by no more are equal but for rounding."""


def _counts(figures: Floats) -> bool:
    """Whether figures count things: rates are per click, per order, or so many pieces an hour."""
    return bool((figures[np.isfinite(figures)] == np.round(figures[np.isfinite(figures)])).all())


def _decimals(values: Floats) -> int:
    """How many decimals some figures have, up to six."""
    counts = range(_MOST_DECIMALS)
    return next((n for n in counts if np.allclose(values, np.round(values, n), rtol=0, atol=1e-9)), _MOST_DECIMALS)


_MOST_DECIMALS = 6


_PROVEN = 10
_WHOLE = 0.5
_SAMPLED = 16
"""Rows on which all pairs are tried before the others are."""
_NARROW = 0.02
"""How much of the largest value rounding may hide."""


def find_parts(
    name: str, rate: Floats, decimals: int, figures: Figures, named: Mapping[str, set[str]], *, is_percent: bool = False
) -> MeasureRatio | None:
    """The ratio that a column is, in nearly all of its rows, as far as its decimals go; None when there is none, or several.

    A column that says the same in every row fits by chance, and one of percent signs is a percentage.
    `rate` and all of `figures` have the shape (rows,), nan where a cell is blank; `named` are the words of each column's
    names, which decide between pairs that fit alike: the pair that is named like the rate and like few other columns.
    """
    tolerance = _ROUNDED * 10.0**-decimals
    result: list[MeasureRatio] = []
    for numerator, denominator in permutations(list(figures)[:MOST_COLUMNS], 2):
        usable = np.isfinite(rate) & np.isfinite(figures[numerator]) & (figures[denominator] > 0)
        if usable.sum() < _FEWEST or np.ptp(rate[usable]) == 0.0:
            continue
        quotient = figures[numerator][usable] / figures[denominator][usable]
        for scale in (_PERCENT,) if is_percent else _SCALES:
            off = np.abs(rate[usable] - scale * quotient)
            if (off <= tolerance).mean() >= FITS and tolerance < 0.2 * np.abs(rate[usable]).max():
                result.append(MeasureRatio(name, numerator, denominator, 1.0 if scale == _PERCENT else scale))
    if len(result) > 1:
        words = named.get(name, set(name.split("_")))
        parts = [(named[ratio.numerator] | named[ratio.denominator]) - _NEUTRAL for ratio in result]
        hits = [len(words & part) - _SURPLUS * len(part - words) for part in parts]
        best = [ratio for ratio, count in zip(result, hits, strict=True) if count == max(hits)]
        result = best if max(hits) > 0 else []
    return result[0] if len(result) == 1 else None
