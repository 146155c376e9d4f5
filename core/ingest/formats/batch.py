"""What every format offers, its first rows and then its records as text, and what reading an export hands on: typed columns and
refused rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, Ints
from core.base.frozen import frozen
from core.catalogue.kinds import DISTINCT_COUNTS, CellType, Kind
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.request import Duplicates


@frozen
class RefusedRow:
    """A record that could not be read."""

    record: int
    """Which record of the file it is, counted from 0 after the header."""
    reason: str
    raw: str | None = None
    """The record as it is in the file, where the reader has it at hand."""


@frozen
class TextBatch:
    """Some consecutive records: columns of text (null = blank), and which records they are."""

    columns: dict[str, pa.Array]
    records: Ints
    refused: tuple[RefusedRow, ...] = ()

    def kept(self, keep: Flags) -> "TextBatch":
        """Only the records of which `keep` says so, shape (n,)."""
        mask = arrow_array(keep)
        columns = {name: column.filter(mask) for name, column in self.columns.items()}
        return TextBatch(columns, self.records[keep], self.refused)


@frozen
class Batch:
    """Some consecutive rows of an export, each column of one type.

    Words are dictionary arrays (int32 codes of strings), text is strings, days are days since 1970-01-01, moments are
    epoch seconds (UTC), money is cents (all int64), numbers are int64 or float64; null = not given.
    """

    columns: Mapping[str, pa.Array]
    records: Ints
    """Which record each row is, shape (n,)."""
    refused: tuple[RefusedRow, ...]
    days: Ints | None = None
    """The day of each row in the time zone of its market, shape (n,); None for kinds without days."""

    def __len__(self) -> int:
        return len(self.records)

    @property
    def read(self) -> int:
        """How many records it was made of."""
        return len(self) + len(self.refused)


class Batches:
    """The batches of an export, made from the start each time."""

    def __init__(self, make: Callable[[], Iterator[Batch]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Batch]:
        return self._make()


Rows = Sequence[Sequence[str]]
"""Rows of a table as cells of text."""
Figures = Mapping[str, Floats]
"""The values of some columns by their names or targets, each of the shape (rows,), nan where a cell has none."""
Located = Iterator[tuple[int, int, str]]
"""(record, line, raw text) of records, in the order of the file."""


@frozen
class Export:
    """One export, open: what it is and its rows as a stream."""

    path: str
    kind: Kind
    preset: str | None
    cells: Mapping[str, CellType]
    """The columns that it carries, and what their cells mean."""
    dimensions: tuple[str, ...]
    """Those of its columns that can be sliced by."""
    measures: tuple[str, ...]
    """Those of its columns that are measures of a `daily` export."""
    rates: tuple[str, ...]
    """Those of the measures that cannot be added up."""
    ratios: tuple[tuple[str, str, str, float], ...]
    """Figures that follow from two measures: name, numerator, denominator, scale."""
    keyed: bool
    """Whether a row of `daily` is named by the column `row_key` and not by its slice."""
    row_names: tuple[str, ...]
    """`row_key:NAME` for each column that names its rows, which are events; none where `keyed` follows from a preset.
    ORDER_AMOUNT where its amounts were found to be those of whole orders, and `order_line:NAME` of what tells lines apart."""
    written: Mapping[str, Any]
    """`date_order` and `decimal`, as far as its cells show them, and the words of `totals` that it had, by their column: how
    later files with its columns are read.
    """
    totals: Mapping[str, Sequence[str]]
    """The words of rows that were left out as totals, by dimension."""
    notes: tuple[str, ...]
    source: str | None
    """Where its rows came from; None = it is not known, or each row says it."""
    duplicates: Duplicates
    """What rows that are equal in every column of the file are."""
    overlaps: tuple[str, ...]
    """Presets whose exports tell the same figures in another cut."""
    several: bool
    """Whether it is put together from several files, so that one of them says nothing about whether it has changed."""
    once: tuple[str, ...]
    """Amounts of a whole order, which stand on one of its lines."""
    is_assumed_paid: bool
    """Whether no column says which orders were paid, so that each counts as paid when it was made."""
    is_partial: bool
    """Whether a figure that a row lacks replaces none that an earlier load gave."""
    header: str
    """The header as one line of the file, under which its refused rows can be written down."""
    has_days: bool
    """Whether each row says its day."""
    spare_words: Mapping[str, Sequence[str]]
    """The words of columns that are left out, where they are few: what tells the file from another with its columns."""
    spare_cells: Mapping[str, Mapping[str, str]]
    """The same of a short file row by row: column -> day and slice of a row -> its word."""
    unkept: tuple[str, ...]
    """Columns that its rows could be sliced by, had somebody asked for them."""
    currencies: Mapping[str, str]
    """The codes of the currencies that amounts are in, as far as its header or cells say so."""
    batches: Iterable[Batch]
    fraction: Callable[[], float | None]
    """How much of it has been read, from 0 to 1; None when that cannot be known."""
    locate: Callable[[Iterable[int]], Located]
    contents: Callable[[Ints], NDArray[np.uint64]]
    """A hash of all cells of each of some records."""

    @property
    def levels(self) -> frozenset[str]:
        """Those of its columns that cannot be added up."""
        return frozenset(self.rates) | (DISTINCT_COUNTS & self.cells.keys())


class Records(Protocol):
    """The records of an export below its header."""

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        """The records as columns of text, only the wanted ones."""

    def locate(self, records: Iterable[int]) -> Located:
        """Where records are, in ascending order, and their raw text."""


class ExportTable(Protocol):
    """An export before its header is known."""

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """Its first rows, those without any cell left out."""

    @property
    def gaps(self) -> frozenset[int]:
        """Which of its first rows have a blank line above them."""

    @property
    def is_complete(self) -> bool:
        """Whether its first rows are all that it has."""

    @property
    def describe(self) -> dict[str, str]:
        """What it is, for a person: format, encoding, delimiter."""

    def records(self, header: int, names: Sequence[str]) -> Records:
        """The records below a row, its columns called `names`."""

    def header_line(self, header: int) -> str:
        """A row as one line of text."""
