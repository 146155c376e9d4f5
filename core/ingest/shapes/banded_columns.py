"""Tables with bands of the same columns, each below a word (a shop, a market): each band gets rows of its own."""

from collections.abc import Sequence
from itertools import pairwise

from core.ingest.formats.batch import ExportTable
from core.ingest.formats.turned_table import Made, TurnedTable
from core.ingest.headers.folding import folded
from core.ingest.headers.name_parts import NameParts
from core.ingest.headers.word_lists import is_total
from core.ingest.row_kinds import filled, groups_columns, is_figure, is_mostly
from core.ingest.values.date_columns import is_date

_UNNAMED = "group"
"""What tells the bands apart, where nothing above the other columns says it."""
_COMPARED = ("planned", "forecasts", "earlier", "changes", "rates", "days", "weeks", "months", "quarters", "years")
"""Words of bands that do not add up with the others: targets, last year, differences, running totals."""


def unbanded(table: ExportTable, header: int) -> ExportTable | None:
    """A table with a row for each band of each row, and the word above the band in a column; None for any other.

    What stands above a named column left of the bands names that column. A band of totals is left out. Bands that do not add up,
    such as years next to each other, stay in their rows.
    """
    rows = table.rows
    if header == 0 or not groups_columns(rows[header - 1], rows[header]):
        return None
    above, names = rows[header - 1], [cell.strip() for cell in rows[header]]
    starts = [at for at, pair in enumerate(pairwise(("", *above))) if pair[1].strip() and pair[0] != pair[1]]
    bands = _bands(names, starts)
    body = rows[header + 1 :]
    if bands is None or not any(is_mostly(body, at, is_date) for at in range(bands[0].start)):
        return None
    words = [above[band.start].strip() for band in bands]
    if len(set(map(folded, words))) < len(words):
        return None
    if any(map(_is_compared, words)):
        return _with_words(table, header, bands, words)
    left = slice(0, bands[0].start)
    title = next((above[at].strip() for at in starts if at < left.stop and names[at]), _UNNAMED)
    shared = [name or word.strip() for name, word in zip(names[left], above[left], strict=True)]  # cells may be merged
    made: Made = [(header, (*shared, title, *names[bands[0]]))]
    made += [
        (at, (*row[left], word, *row[band]))
        for at, row in enumerate(body, header + 1)
        for word, band in zip(words, bands, strict=True)
        if not is_total(word) and filled(row[band])
    ]
    return TurnedTable.of(table, made)


def _with_words(table: ExportTable, header: int, bands: Sequence[slice], words: Sequence[str]) -> ExportTable:
    """The table with the word above each band in the names of its columns: `Orders 2025` next to `Orders 2026`."""
    names = [cell.strip() for cell in table.rows[header]]
    for band, word in zip(bands, words, strict=True):
        names[band] = [f"{name} {word}" for name in names[band]]
    body = enumerate(table.rows[header + 1 :], header + 1)
    return TurnedTable.of(table, [(header, tuple(names)), *((at, tuple(row)) for at, row in body)])


def _bands(names: Sequence[str], starts: Sequence[int]) -> list[slice] | None:
    """The columns of each band, which begins where a word stands above it; None unless several have the same names.

    The first word may stand above the columns that all bands share.
    """
    ends = [*starts[1:], len(names)]
    bands = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
    for own in (bands, bands[1:]):
        called = {tuple(map(folded, names[band])) for band in own}
        if len(own) > 1 and len(called) == 1 and all(*called) and own[0].start > 0:
            return own
    return None


def _is_compared(word: str) -> bool:
    """Whether a band is a time or a comparison, and no part of a whole."""
    parts = NameParts.of(word)
    return is_figure(word) or is_date(word) or any(parts.has(key) for key in _COMPARED)
