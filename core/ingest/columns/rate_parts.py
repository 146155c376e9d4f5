"""Which two columns a rate comes from, found by the figures: a ratio of sums is right for any segment and any days."""

import re
from collections.abc import Collection, Mapping
from itertools import permutations

import numpy as np

from core.base.arrays import Floats
from core.ingest.headers.measure_names import is_level_name, is_rate_name, may_be_level_name
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


def is_quotient(name: str, figures: Mapping[str, Floats]) -> bool:
    """Whether a column of fractions is one figure of the file divided by another in nearly all of its rows.

    That is proof where there are ten rows or more, where the divisor changes, and where both are whole numbers or amounts that
    the column does not make up itself: of three columns of which one is the product of two, the product is no rate.
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
    tolerance = 0.5 * 10.0 ** -_decimals(values[rows])
    with np.errstate(divide="ignore", invalid="ignore"):
        for scale in _SCALES:
            quotients = scale * table[:, None, sample] / table[None, :, sample]
            fits = (np.abs(quotients - values[sample]) <= tolerance * 1.02 + 1e-9).mean(axis=2) >= FITS
            for at, by in np.argwhere(fits):
                divisor = table[by, rows]
                exact = np.abs(scale * table[at, rows] / divisor - values[rows]) <= tolerance * 1.02 + 1e-9
                is_narrow = tolerance < _NARROW * np.abs(values[rows]).max()
                if exact.mean() >= FITS and len(np.unique(divisor)) >= _FEWEST and is_narrow and _counts(divisor):
                    return True
    return False


def is_balance(name: str, figures: Mapping[str, Floats]) -> bool:
    """Whether a column is what is left after each row: from row to row, down or up, it changes by another column.

    One that is called a change (`Change from previous day`) is made of the figures, and shows nothing, unless they are called
    a balance.
    """
    values = figures[name]
    if len(values) < _PROVEN or not np.isfinite(values).all():
        return False
    changes = np.diff(values)
    if len(set(changes[:_TRIED].tolist())) < _FEWEST:
        return False
    is_named = is_level_name(name) or is_rate_name(name)
    others = [other for other in list(figures)[:MOST_COLUMNS] if other != name and (is_named or not _is_change(other))]
    for moved in map(figures.__getitem__, others):
        for expected in (moved[1:], -moved[:-1]):
            if (np.abs(changes[:_TRIED] - expected[:_TRIED]) <= CHANGED).mean() < _HALF:
                continue  # as nearly all pairs
            if (np.abs(changes - expected) <= CHANGED).mean() >= FITS:
                return True
    return False


CHANGED = 0.0051
"""Half a cent, and a little: amounts that differ by no more are equal but for rounding."""
_TRIED = 50
"""Rows that all pairs are tried on before they are on the others."""
_HALF = 0.5


def _is_change(name: str) -> bool:
    return not _DIFFERENCES.isdisjoint(name.split("_")) or any(word in name for word in _JOINED_DIFFERENCES)


_DIFFERENCES = frozenset(
    (
        *("change", "changes", "difference", "diff", "delta", "growth", "increase", "vs", "versus", "previous", "prev"),
        *("differenz", "änderung", "veränderung", "différence", "variation", "évolution", "diferencia", "variación"),
        *("diferença", "variação", "differenza", "variazione", "selisih", "perubahan", "różnica", "zmiana", "fark"),
        *("değişim", "разница", "изменение"),
    )
)
_JOINED_DIFFERENCES = (
    "变化",
    "变动",
    "差额",
    "环比",
    "變化",
    "差額",
    "増減",
    "前日比",
    "증감",
    "변화",
    "เปลี่ยนแปลง",
    "thay_đổi",
    "chênh_lệch",
)
"""Words of what a system computes from two rows."""


def is_level(name: str, values: Floats, steps: tuple[Floats, Floats] | None = None) -> bool:
    """Whether a column counts what there is and not what came: it may be called so, and hardly changes from a day to the next
    (`steps`, where the days are known), from row to row, or from each row to the next one of its slice.
    """
    if len(values) < _PROVEN or not may_be_level_name(name) or not (values > 0).all():
        return False
    lags = range(1, min(MOST_COLUMNS, len(values) // _FEWEST) + 1)
    pairs = [*([steps] if steps is not None else []), *((values[:-lag], values[lag:]) for lag in lags)]
    return any((np.abs(later - earlier) <= _STEADY * later).mean() >= FITS for earlier, later in pairs)


def is_window(name: str, names: Collection[str]) -> bool:
    """Whether a column counts the last week or month before each day, next to one that counts the day itself.

    >>> is_window("28_days_page_reach", ["daily_page_reach"]), is_window("weekly_reach", ["reach_by_day"])
    (True, False)
    """
    bare = _WINDOW.sub("", name)
    return bare != name and f"daily_{bare}" in names


_WINDOW = re.compile(r"^(?:weekly|monthly|(?:7|14|28|30|90)_days?)_")


_STEADY = 0.03
"""Counts of a day differ by far more between two days; followers of an account by less than 1 %."""


def _counts(divisor: Floats) -> bool:
    """Whether a divisor counts things: rates are per click, per order, per view."""
    return bool((divisor[np.isfinite(divisor)] == np.round(divisor[np.isfinite(divisor)])).all())


def _decimals(values: Floats) -> int:
    """How many decimals some figures have, up to six."""
    return next((count for count in range(6) if np.allclose(values, np.round(values, count), rtol=0, atol=1e-9)), 6)


_PROVEN = 10
_WHOLE = 0.5
_SAMPLED = 16
"""Rows on which all pairs are tried before the others are."""
_NARROW = 0.02
"""How much of the largest value rounding may hide."""


def find_parts(
    name: str,
    rate: Floats,
    decimals: int,
    figures: Mapping[str, Floats],
    named: Mapping[str, set[str]],
    *,
    is_percent: bool = False,
) -> MeasureRatio | None:
    """The ratio that a column is, in nearly all of its rows, as far as its decimals go; None when there is none, or several.

    A column that says the same in every row fits by chance, and one of percent signs is a percentage.
    `rate` and all of `figures` have the shape (rows,), nan where a cell is blank; `named` are the words of each column's
    names, which decide between pairs that fit alike: the pair that is named like the rate and like few other columns.
    """
    tolerance = 0.5 * 10.0**-decimals * 1.02 + 1e-9
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
