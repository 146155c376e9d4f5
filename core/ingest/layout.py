"""Where the tables of a file are: titles above them, comments, repeated headers, totals, footers, several tables in one file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa

from core.base.frozen import frozen
from core.ingest.formats.batch import ExportTable, Figures, Located, Records, Rows, TextBatch
from core.ingest.formats.different_cells import are_such
from core.ingest.formats.sniffing import modal_width
from core.ingest.headers.word_lists import is_total
from core.ingest.row_kinds import count_known, filled, is_comment, is_figure, is_mostly
from core.ingest.table_starts import PAIR, TITLE_ROWS, find_starts, title_start
from core.ingest.values.date_columns import is_date, is_day
from core.ingest.values.dates import are_iso
from core.ingest.values.moment_text import DateReading, day_range
from core.ingest.values.numbers import is_number
from core.ingest.values.placeholders import ABSENT

_ANALYSED = 20_000
"""Rows of a file in which titles, totals and footers are looked for."""


@frozen(kw_only=True)
class TableRegion:
    """One table of a file."""

    rows: Rows
    """Its rows, from the first above which nothing belongs to it."""
    offset: int
    """Which row of the file its first one is."""
    header: int | None
    """Which of its rows is the header; None where only the names of columns can say it."""
    above: tuple[str, ...]
    """The cells and comments above it: titles, periods, accounts."""
    is_whole: bool
    """Whether its rows are all that it has."""
    skipped: frozenset[int] = frozenset()
    """Which of its rows are no data: comments, the header again, footers."""

    @property
    def title(self) -> str:
        """What it is called: the title just above its header, else its last column."""
        titles = [cell for cell in self.above if not cell.lstrip().startswith("#")]
        named = filled(self.rows[self.header]) if self.header is not None else []
        return titles[-1] if titles else named[-1] if named else ""

    @property
    def data_rows(self) -> tuple[int, ...]:
        """Which rows of the file are its data: those below its header that are not skipped."""
        first = (self.header or 0) + 1
        return tuple(self.offset + row for row in range(first, len(self.rows)) if row not in self.skipped)


def find_regions(table: ExportTable) -> list[TableRegion]:
    """The tables of a file, in their order; tables that cannot be separated come as one."""
    rows = table.rows
    if not table.is_complete or len(rows) > _ANALYSED:
        return [TableRegion(rows=rows, offset=0, header=None, above=_comments(rows[:TITLE_ROWS]), is_whole=False)]
    starts = find_starts(rows, table.gaps)
    if not starts:
        return [_region(rows, 0, len(rows), None, table.gaps)]
    ends = [*(title_start(rows, header, start, table.gaps) for header, start in pairwise(starts)), len(rows)]
    begins = [0, *ends[:-1]]
    result = [
        _region(rows, begin, end, start - begin, table.gaps)
        for begin, start, end in zip(begins, starts, ends, strict=True)
    ]
    shared = _comments(rows[: starts[0]])
    regions = [result[0], *(replace(region, above=(*shared, *region.above)) for region in result[1:])]
    return _without_preamble(regions)


def _without_preamble(regions: Sequence[TableRegion]) -> list[TableRegion]:
    """The tables without those that only say of the next one what it is: pairs of a label and its value (`Shop,My shop`)."""
    result: list[TableRegion] = []
    above: tuple[str, ...] = ()
    for region, following in zip(regions, [*regions[1:], None], strict=True):
        body = region.rows[region.header :]
        is_pairs = len(body) <= TITLE_ROWS and all(len(filled(row)) <= PAIR for row in body)
        if is_pairs and following is not None and modal_width(following.rows) > PAIR and not count_known(body[0]):
            above += (*region.above, *(cell for row in body for cell in filled(row)))
        else:
            result.append(replace(region, above=(*above, *region.above)))
            above = ()
    return result


def _comments(rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(cell for row in rows if is_comment(row) for cell in filled(row))


def _region(rows: Rows, begin: int, end: int, header: int | None, gaps: frozenset[int]) -> TableRegion:
    own = rows[begin:end]
    top = header or 0
    above = tuple(cell for row in own[:top] for cell in filled(row)) or _comments(own[:TITLE_ROWS])
    body = own[top:]
    width = modal_width(body) if body else 0
    skipped = {
        top + at
        for at, row in enumerate(body)
        if at and (is_comment(row) or not any(row) or (row and row[0] == body[0][0] and list(row) == list(body[0])))
    }
    last = len(own)
    if own and (below := [position - begin for position in gaps if begin + top + 1 < position < end]):
        start = max(below)
        if all(len(row) < width and not _is_cut_row(row, body) for row in own[start:]):
            skipped |= set(range(start, len(own)))
            last = start
    while last > top + 1 and last - 1 not in skipped and _is_footer(own, last - 1, width):
        last -= 1
        skipped.add(last)
    return TableRegion(rows=own, offset=begin, header=header, above=above, is_whole=True, skipped=frozenset(skipped))


def _is_cut_row(row: Sequence[str], body: Rows) -> bool:
    """Whether a short row is one of the table that was cut, and no remark: it begins with a day, or has two days or
    figures where the table has such."""
    cells = filled(row)
    above = body[1 : 1 + _COMPARED]
    fitting = [
        at
        for at, cell in enumerate(row)
        if any(test(cell.strip()) and is_mostly(above, at, test) for test in (is_date, is_number))
    ]
    return bool(cells) and (is_date(cells[0]) or len(fitting) > 1)


_COMPARED = 20
"""Rows that say which columns have figures."""


def _is_footer(rows: Rows, position: int, width: int) -> bool:
    """Whether the last row is a remark below the table: a sentence in its first cell, and in no other."""
    cells = filled(rows[position])
    if width < 2 or not cells:
        return width >= 2
    is_sentence = (
        len(cells) == 1 and bool(rows[position][0].strip()) and (" " in cells[0] or len(cells[0]) > _LONGEST_WORD)
    )
    return is_sentence and not is_date(cells[0]) and not is_number(cells[0])


_LONGEST_WORD = 12


def total_records(
    region: TableRegion, texts: TextBatch, dated: str | None, figures: Figures, reading: DateReading | None = None
) -> set[int]:
    """The records that repeat what others say: rows of totals, by a word such as `Total` or because they are the sum.

    `texts` are the records of the table, `dated` its column of days, which are read as `reading` says, `figures` the values of
    its other columns (nan = none).
    """
    if not region.is_whole or len(texts.records) < 2:
        return set()
    result: set[int] = set()
    if dated is not None:
        day_cells = texts.columns[dated]
        is_plain = are_iso(day_cells.drop_null())
        odd = _rows_with(day_cells, lambda day: not (is_plain or is_day(day, reading)), blank=True)
        ranges = [] if is_plain else _rows_with(day_cells, lambda day: day_range(day.strip()) is not None)
        result |= {at for at in ranges if len(ranges) < len(texts.records) / 2}
        if len(odd) > _ODD_ROWS:
            return {int(texts.records[at]) for at in result}
    else:
        words = [column for name, column in texts.columns.items() if name not in figures]
        labelled = [at for column in words for at in _rows_with(column, is_total)]
        odd = sorted({*labelled, 0, len(texts.records) - 1})
    for at in odd:
        cells = [cell for cell in (column[at].as_py() for column in texts.columns.values()) if cell]
        has_words = any(not is_figure(cell) and cell.casefold() not in ABSENT for cell in cells)
        called = (
            cells if dated is None else [*cells, *(cell.split()[-1] for cell in cells if cell.strip())]
        )  # `East Total`
        is_total_row = any(map(is_total, called)) or (not has_words and _is_sum(at, result, figures))
        if is_total_row or (dated is None and _is_proven_sum(at, result, figures)):
            result.add(at)
    if len(result) == len(texts.records):
        return set()  # a word that every row has marks none of them as a total
    return {int(texts.records[at]) for at in result}


_ODD_ROWS = 200
"""A table with more rows without a day has no totals there but faults."""


def _rows_with(column: pa.Array, is_such: Callable[[str], bool], *, blank: bool = False) -> list[int]:
    """The rows whose cell is such a one, each different cell asked once; blank cells are such ones with `blank`."""
    return np.flatnonzero(are_such(column, is_such, blank=blank)).tolist()


def _is_sum(at: int, others: set[int], figures: Figures) -> bool:
    """Whether some figure of a row is the sum of all others in its column."""
    for values in figures.values():
        remaining = np.delete(values, [at, *others])
        total = float(np.nansum(remaining))
        if len(remaining) > 1 and total and abs(values[at] - total) <= _SUM_OFF * abs(total):
            return True
    return False


_SUM_OFF = 0.001
"""Totals are sums of figures that were rounded."""


def _is_proven_sum(at: int, others: set[int], figures: Figures) -> bool:
    """Whether a row is the sum of all others, whatever it is called: by so many digits that it is no chance, while no figure of
    it is more than that sum or less than the largest of its parts, but for averages.
    """
    digits = 0.0
    for values in {values.tobytes(): values for values in figures.values()}.values():
        own, remaining = values[at], np.delete(values, [at, *others])
        remaining = remaining[np.isfinite(remaining)]
        if len(remaining) < 2 or not np.isfinite(own):
            continue
        total = float(remaining.sum())
        if own == total:
            digits += np.log10(abs(total) + 1.0)
        elif not remaining.min() <= own <= max(total, remaining.max()):
            return False
    return digits >= _PROVEN_DIGITS


_PROVEN_DIGITS = 6.0
"""Digits that fit by chance in one of a million tables: two figures of thousands."""


class RegionRecords:
    """The records of one table of a file: those below its header and above the next table, without what is no data."""

    def __init__(self, records: Records, region: TableRegion, header: int) -> None:
        self._records = records
        self._end = len(region.rows) - header - 1 if region.is_whole else np.iinfo(np.int64).max
        self._skipped = np.array([position - header - 1 for position in region.skipped], np.int64)

    def without(self, places: Iterable[int]) -> "RegionRecords":
        """The same without further records."""
        other = RegionRecords.__new__(RegionRecords)
        other._records, other._end = self._records, self._end
        other._skipped = np.union1d(self._skipped, np.fromiter(places, np.int64))
        return other

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        """The records as columns of text, only the wanted ones."""
        return map(self._chosen, self._records.texts(requested))

    def _chosen(self, texts: TextBatch) -> TextBatch:
        keep = (texts.records < self._end) & ~np.isin(texts.records, self._skipped)
        gone = set(self._skipped.tolist())
        refused = tuple(item for item in texts.refused if item.record < self._end and item.record not in gone)
        if keep.all() and len(refused) == len(texts.refused):
            return texts
        return replace(texts.kept(keep), refused=refused)

    def locate(self, records: Iterable[int]) -> Located:
        """Where records are, in ascending order, and their raw text."""
        return self._records.locate(records)

    def fraction(self) -> float | None:
        """How much of the file has been parsed, from 0 to 1; None when that cannot be known."""
        result: float | None = getattr(self._records, "fraction", lambda: None)()
        return result
