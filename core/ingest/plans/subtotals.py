"""Rows that repeat the figures of others: a product and its variations, all markets and each, weeks and months among days."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pyarrow as pa

from core.base.arrays import Flags, Floats, Ints, distinct
from core.base.errors import UsageError
from core.ingest.formats.batch import Figures
from core.ingest.formats.different_cells import are_such, codes_of, combined
from core.ingest.headers.folding import folded
from core.ingest.headers.languages import JOINED_SCRIPTS, language_lists
from core.ingest.headers.word_lists import is_total, total_words, words_of

_OFF = 0.001
"""Subtotals are sums of figures that were rounded."""
_FEWEST = 2
"""Sums that fit: one alone may be chance."""
_PROVEN = 6
"""Different sums that fit where no word says so: of small figures one in ten fits by chance, and numbers of things always do."""
_NOTHING = frozenset(("", "-", "--", "—", "–"))
_MOST_FIT = 0.9
_NEARLY_HALF = 0.4
"""A total has half of all, but for rows that are known as totals already: the last row of a file may be."""


def repeated_figures(words: Mapping[str, pa.Array], figures: Figures) -> Ints:
    """The rows whose figures other rows have as well, ascending: subtotals, or the rows that split them.

    `words` are the columns of words and days, `figures` the values of the others, shape (rows,), nan where a cell is blank. A
    row is a subtotal when a column of words is blank in it (or has `-`, `All`, `Total`; where none has, any word), and
    when some figures of the rows that are filled there add up to its own: of the rows next to it, or of those that are like it
    in all other columns. That has to hold for every such row of the table, and for one of several rows at least, and no column
    may have more in most of them than those rows together. The rows that split it are the repeated ones where some column has
    figures in the subtotals only.
    """
    found = {name: _stands_for_all(column) for name, column in words.items() if len(column) - column.null_count}
    codes = {name: codes_of(column) for name, column in words.items()}
    gone = np.zeros(len(next(iter(words.values()), ())), bool)
    for name, blank in found.items():
        fewest = _FEWEST
        if not blank.any():
            blank, fewest = _unnamed(words[name], codes[name], figures)
        kept = np.flatnonzero(~gone)
        own, values = blank[kept], {key: figure[kept] for key, figure in figures.items()}
        if not own.any() or own.all():
            continue
        alike = combined([other[kept] for key, other in codes.items() if key != name], len(kept))
        above: Ints = np.cumsum(own) - 1
        below: Ints = np.cumsum(own) - own
        if any(_adds_up(own, groups, values, fewest) for groups in (above, below, alike)):
            split = any(_only(figure, own) for figure in values.values())
            gone[kept[~own if split else own]] = True
    return np.flatnonzero(gone)


def _unnamed(column: pa.Array, codes: Ints, figures: Figures) -> tuple[Flags, int]:
    """The rows with the one word of a column that has about as much as all others together, and how many sums prove that it is
    their total, whatever it is called.
    """
    for values in figures.values():
        totals = np.bincount(codes, np.nan_to_num(values))
        largest: Flags = codes == totals.argmax()
        if len(totals) > _FEWEST and totals.max() > _NEARLY_HALF * totals.sum() > 0:
            word = column[int(largest.argmax())].as_py() or ""
            return largest, _FEWEST if folded(word).startswith(_beginnings_of_all()) else _PROVEN
    return np.zeros(len(codes), bool), _PROVEN


def _stands_for_all(column: pa.Array) -> Flags:
    """The rows in which a column is blank or has a word for all."""
    begins = _beginnings()
    return are_such(column, lambda name: name[:_BEGIN].strip().casefold() in begins and _is_all(name), blank=True)


def word_for_all(cells: Sequence[str]) -> str | None:
    """The cell that stands for all among cells that are names of parts (`All` next to `US` and `DE`); None where none does."""
    words = [cell for cell in cells if cell.strip() not in _NOTHING and _is_all(cell)]
    return words[0] if words and len(words) < len(cells) else None


def _is_all(name: str) -> bool:
    return name.strip() in _NOTHING or folded(name) in words_of("everything") or is_total(name)


@cache
def _beginnings() -> frozenset[str]:
    """The first letters of all words for all: most cells have others, and need no further look."""
    return frozenset(word[:_BEGIN] for word in (*_NOTHING, *words_of("everything"), *total_words()))


_BEGIN = 2


@cache
def _beginnings_of_all() -> tuple[str, ...]:
    """What a name for all of them begins with: `All markets`, `全部店铺`."""
    lists = language_lists("everything").items()
    return tuple(word + " " * (code not in JOINED_SCRIPTS) for code, words in lists for word in words)


def _only(values: Floats, blank: Flags) -> bool:
    """Whether a column has figures in the subtotals and in no other row."""
    return bool(np.isfinite(values[blank]).all() and np.isnan(values[~blank]).all())


def _adds_up(blank: Flags, groups: Ints, figures: Figures, fewest: int) -> bool:
    """Whether each blank row is, in some column the same for all, the sum of the other rows of its group; each has one, and
    groups without a blank row are allowed. Where many sums prove it, some parts may be in another file.
    """
    if groups.min() < 0:
        return False  # rows above the first subtotal that is above its rows
    count = int(groups.max()) + 1
    if np.bincount(groups[blank], minlength=count).max() > 1:
        return False
    sizes = np.bincount(groups[~blank], minlength=count)
    is_called = fewest == _FEWEST
    if (is_called and sizes[groups[blank]].min() == 0) or sizes[groups[blank]].max() < 2:
        return False
    evidence = 0
    total = blank.sum()
    for values in figures.values():
        parts = np.bincount(groups[~blank], np.nan_to_num(values[~blank]), count)[groups[blank]]
        surplus, off = values[blank] - parts, np.maximum(_OFF * np.abs(parts), 1e-9)
        if (values >= 0).all() and np.count_nonzero(surplus > off) > total / 2:
            return False  # an average of those rows is less than their sum as well
        fits = np.abs(surplus) <= off
        if fits.mean() >= (1 if is_called else _MOST_FIT) and np.count_nonzero(parts) > total / 2:
            evidence += int(np.count_nonzero(parts)) if is_called else len(distinct(parts[fits & (parts != 0)]))
    return evidence >= fewest


_PERIODS = ("hours", "days", "weeks", "months", "quarters", "years")
"""What a column of words calls a period, by the lists of the languages, from the shortest."""
_NEAR = 0.5
"""Periods at the edges of a table may reach beyond its days, or be cut."""


def coarser_rows(words: Mapping[str, pa.Array], figures: Figures, dated: str | None = None) -> Ints:
    """The rows of longer periods than the shortest, ascending, where a column of `words` says which period each row is of.

    `figures` are the values of the columns that count, shape (rows,), nan where a cell is blank; `dated` is the column of days.
    Raises UsageError when the longer periods do not say the same as the shortest. Plans that are billed monthly and annually
    are sold on the same days: what is on more than half as many days is no longer period.
    """
    days = codes_of(words[dated]) if dated is not None else np.arange(len(next(iter(words.values()), ())))
    known = {word: rank for rank, period in enumerate(_PERIODS) for word in words_of(period)}
    for name, column in words.items():
        encoded = column.dictionary_encode()
        cells = encoded.dictionary.to_pylist()
        ranks = [known.get(folded(cell)) for cell in cells]
        if column.null_count or None in ranks or len(set(ranks)) < _SEVERAL:
            continue
        rank = np.array(ranks, np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
        finest = rank == rank.min()
        levels = distinct(rank[~finest])
        most = len(distinct(days[finest])) / 2
        if any(len(distinct(days[rank == level])) > most for level in levels):
            continue
        for level in levels:
            totals = [(np.nansum(values[finest]), np.nansum(values[rank == level])) for values in figures.values()]
            if not any(fine and abs(coarse - fine) <= _NEAR * abs(fine) for fine, coarse in totals):
                raise UsageError(
                    f"its rows are of several periods ({', '.join(sorted(cells))} in {name!r}), and the longer ones do not add "
                    "up to the others. Put each period into a file of its own."
                )
        return np.flatnonzero(~finest)
    return np.array([], np.int64)


_SEVERAL = 2
