"""Delimited text (CSV and its relatives): read by pyarrow, every cell as text, ragged rows apart."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from core.base.arrays import Ints
from core.base.errors import WhydropError
from core.base.frozen import frozen
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import Located, RefusedRow, TextBatch
from core.ingest.formats.csv_blocks import BLOCK, blocks
from core.ingest.formats.encoding import utf8_stream
from core.ingest.formats.sources import ExportSource


@frozen(kw_only=True)
class Dialect:
    """How a delimited text is written."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    """The columns, each name once."""
    data_at: int
    """Bytes before the first record of data, as UTF-8 without a byte order mark."""
    lines_before: int
    """Physical lines before the first record of data."""
    old_lines: bool = False
    """Whether a lone carriage return ends a line."""


_MOST_BREAKS = 50
"""Lines in one cell. Texts of reviews have up to twenty; a quote that nobody closed takes in all lines up to the next one."""
_SURE_MARKS = 2
"""Delimiters of a record: lines of a text have one by chance, and each as many as that never."""


def _swallowing(block: bytes, dialect: Dialect, records: int, first: int) -> list[RefusedRow]:
    """The records of a block in which a quote takes in other records, or many lines; `first` is the number of its first one."""
    if b'"' not in block:  # asked first: to count the lines of 4 MB takes 2.5 ms, this 0.04
        return []
    breaks_of_all = block.count(b"\n") - records
    if breaks_of_all <= 0:
        return []
    marks = len(dialect.header) - 1
    may_hold_records = marks >= _SURE_MARKS and _has_lines_in_quotes(block, dialect.delimiter, marks)
    if breaks_of_all <= _MOST_BREAKS and not may_hold_records:
        return []
    csv.field_size_limit(len(block))
    text = io.StringIO(block.decode("utf-8", "replace"))
    found = []
    for record, cells in enumerate((row for row in csv.reader(text, delimiter=dialect.delimiter) if row), first):
        breaks = max(cell.count("\n") for cell in cells)
        if not breaks:
            continue
        lines = dialect.delimiter.join(cells).split("\n")
        if breaks > _MOST_BREAKS or (
            marks >= _SURE_MARKS and all(line.count(dialect.delimiter) == marks for line in lines)
        ):
            count = "line" if breaks == 1 else f"{breaks} lines"
            reason = f"a quote takes in the next {count}: close it, or remove it, and load the file again"
            found.append(RefusedRow(record, reason))
    return found


def _has_lines_in_quotes(block: bytes, delimiter: str, marks: int) -> bool:
    """Whether some line end is within quotes while the lines on both sides of it have as many delimiters as a record."""
    text = np.frombuffer(block, np.uint8)
    newlines = np.flatnonzero(text == ord("\n"))
    quotes = np.flatnonzero(text == ord('"'))
    is_within = np.searchsorted(quotes, newlines) % 2 == 1
    if not is_within.any():
        return False
    before = np.searchsorted(np.flatnonzero(text == ord(delimiter)), np.append(newlines, len(text)))
    is_whole = np.diff(before, prepend=0) == marks
    return bool((is_within & is_whole[:-1] & is_whole[1:]).any())


class Delimited:
    """One delimited text whose dialect is known."""

    def __init__(self, source: ExportSource, dialect: Dialect) -> None:
        self._source, self._dialect = source, dialect
        self._reading: BinaryIO | None = None
        self._first: TextBatch | None = None
        self._end = source.file.size

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        """The records as columns of text, only the wanted ones. Raises WhydropError for what is no table of text."""
        names = list(requested)
        done = 0
        with self._data() as stream:
            self._reading = stream
            for number, block in enumerate(blocks(stream, self._dialect.delimiter, self._source.name)):
                texts = self._parsed_first(names) if number == 0 else None
                if texts is None:
                    texts = self._block_texts(block, names, done)
                    self._first = texts if number == 0 else self._first
                done += len(texts.records) + len(texts.refused)
                yield texts

    def _parsed_first(self, names: Sequence[str]) -> TextBatch | None:
        """The first block as it was parsed before, when it has these columns: what decides how to read a table has them all."""
        is_other = self._end != self._source.file.size  # a half line at its end is no longer read
        if self._first is None or is_other or not self._first.columns.keys() >= set(names):
            return None
        return replace(self._first, columns={name: self._first.columns[name] for name in names})

    def _block_texts(self, block: bytes, names: list[str], done: int) -> TextBatch:
        """The columns of a block whose first record has the number `done`."""
        ragged: list[RefusedRow] = []
        table = self._parsed(block, names, done, ragged)
        numbers = _numbers(table.num_rows, done, ragged)
        swallowing = _swallowing(block, self._dialect, len(numbers) + len(ragged), done)
        if swallowing:
            records = {row.record for row in swallowing}
            whole = ~np.isin(numbers, list(records))
            table, numbers = table.filter(arrow_array(whole)), numbers[whole]
            ragged = [*(row for row in ragged if row.record not in records), *swallowing]
            ragged.sort(key=lambda row: row.record)
        cells = (column.combine_chunks() for column in table.columns)
        return TextBatch(dict(zip(table.schema.names, cells, strict=True)), numbers, tuple(ragged))

    def fraction(self) -> float | None:
        """How much of the file has been parsed, from 0 to 1; None when that cannot be known (packed, or recoded)."""
        stream = self._reading
        if (
            stream is None
            or stream.closed
            or not self._source.is_plain
            or not self._dialect.encoding.startswith("utf-8")
        ):
            return None
        return stream.tell() / max(self._source.file.size or 0, 1)

    def locate(self, records: Iterable[int]) -> Located:
        """Where records are in the file, and their raw text; records in ascending order."""
        requested = iter(records)
        next_one = next(requested, None)
        csv.field_size_limit(BLOCK)
        with io.TextIOWrapper(self._data(), "utf-8", "replace", newline="") as text:
            used: list[str] = []
            reader = csv.reader(_kept(text, used), delimiter=self._dialect.delimiter)
            record, line = 0, self._dialect.lines_before
            for cells in reader:
                if next_one is None:
                    return
                if cells:
                    if record == next_one:
                        yield record, line + 1, "".join(used).rstrip("\r\n")
                        next_one = next(requested, None)
                    record += 1
                line += len(used)
                used.clear()

    def _data(self) -> BinaryIO:
        stream = utf8_stream(self._source.open(), self._dialect.encoding, self._dialect.old_lines)
        stream.read(self._dialect.data_at)
        return stream

    def _parsed(self, block: bytes, requested: list[str], done: int, ragged: list[RefusedRow]) -> pa.Table:
        def note(row: pa_csv.InvalidRow) -> str:
            reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
            ragged.append(RefusedRow(done + row.number - 1, reason))
            return "skip"

        names = list(self._dialect.header)
        blank = pa.table({name: pa.array([], pa.string()) for name in requested})
        if not block.strip(b"\r\n"):
            return blank
        try:
            # not its streaming reader: that reads ahead in threads which may outlive the program
            return pa_csv.read_csv(
                pa.py_buffer(block),
                # one thread: parsing is a fifth of the work, and only so are ragged rows numbered
                read_options=pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self._dialect.delimiter, newlines_in_values=True, invalid_row_handler=note
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types={name: pa.string() for name in names},
                    include_columns=requested,
                    strings_can_be_null=True,
                    null_values=[""],
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return blank
            raise self._explained(error) from None

    def _explained(self, error: pa.ArrowInvalid) -> WhydropError:
        return WhydropError(f"{self._source.name}: cannot be read as a table ({str(error).splitlines()[0]}).")


def _numbers(rows: int, done: int, ragged: Sequence[RefusedRow]) -> Ints:
    """The record numbers of the good rows of a block that begins with record `done`, ragged ones between them."""
    every = np.arange(done, done + rows + len(ragged), dtype=np.int64)
    return np.delete(every, np.array([item.record - done for item in ragged], np.int64))


def _kept(lines: Iterable[str], used: list[str]) -> Iterator[str]:
    for line in lines:
        used.append(line)
        yield line
