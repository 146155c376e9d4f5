"""Delimited text (CSV and its relatives): read by pyarrow, every cell as text, ragged rows apart."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Semaphore
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from core.errors import WhydropError
from core.exports.batch import Ints, Located, Refused
from core.exports.source import Source
from core.exports.text import utf8_stream

_BLOCK = 4 << 20
"""Bytes parsed at a time; no record may be longer."""
_BLOCKS_AHEAD = 2
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Texts:
    """Some consecutive records: columns of text (null = blank), and which records they are."""

    columns: dict[str, pa.Array]
    records: Ints
    refused: tuple[Refused, ...] = ()


class Delimited:
    """One delimited text whose dialect is known."""

    def __init__(self, source: Source, dialect: Dialect) -> None:
        self._source, self._dialect = source, dialect
        self._reading: BinaryIO | None = None

    def texts(self, wanted: Iterable[str]) -> Iterator[Texts]:
        """The records as columns of text, only the wanted ones. Raises WhydropError for what is no table of text."""
        names = list(wanted)
        ragged: deque[Refused] = deque()
        done = 0
        with self._data() as stream:
            self._reading = stream
            paced = _Paced(stream)
            reader: Iterator[pa.RecordBatch] = iter(())
            try:
                reader = self._reader(paced, names, ragged)
                for batch in reader:
                    paced.go_on()
                    records, refused, done = _numbered(batch.num_rows, done, ragged)
                    yield Texts(dict(zip(batch.schema.names, batch.columns, strict=True)), records, refused)
            except pa.ArrowInvalid as error:
                if "Empty CSV file" not in str(error):
                    raise self._explained(error) from None
            finally:
                paced.stop()
                _drain(reader)
        if ragged:
            yield Texts({name: pa.array([], pa.string()) for name in names}, np.zeros(0, np.int64), tuple(ragged))

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
        return stream.tell() / max(self._source.path.stat().st_size, 1)

    def locate(self, records: Iterable[int]) -> Located:
        """Where records are in the file, and their raw text; records in ascending order."""
        wanted = iter(records)
        next_one = next(wanted, None)
        csv.field_size_limit(_BLOCK)
        with io.TextIOWrapper(self._data(), "utf-8", "replace", newline="") as text:
            taken: list[str] = []
            reader = csv.reader(_kept(text, taken), delimiter=self._dialect.delimiter)
            record, line = 0, self._dialect.lines_before
            for cells in reader:
                if next_one is None:
                    return
                if cells:
                    if record == next_one:
                        yield record, line + 1, "".join(taken).rstrip("\r\n")
                        next_one = next(wanted, None)
                    record += 1
                line += len(taken)
                taken.clear()

    def _data(self) -> BinaryIO:
        stream = utf8_stream(self._source.open(), self._dialect.encoding, self._dialect.old_lines)
        stream.read(self._dialect.data_at)
        return stream

    def _reader(self, stream: "_Paced", wanted: list[str], ragged: deque[Refused]) -> pa_csv.CSVStreamingReader:
        def note(row: pa_csv.InvalidRow) -> str:
            reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
            ragged.append(Refused(row.number - 1, reason))
            return "skip"

        names = list(self._dialect.header)
        return pa_csv.open_csv(
            pa.PythonFile(stream, "r"),
            # one thread: parsing is a fifth of the work, and only so are ragged rows numbered
            read_options=pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=_BLOCK),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._dialect.delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                include_columns=wanted,
                strings_can_be_null=True,
                null_values=[""],
                check_utf8=False,
            ),
        )

    def _explained(self, error: pa.ArrowInvalid) -> WhydropError:
        if "straddling" in str(error):
            return WhydropError(
                f"{self._source.name}: a row is longer than {_BLOCK >> 20} MB. Is a quotation mark not closed, or is it no table?"
            )
        return WhydropError(f"{self._source.name}: cannot be read as a table ({str(error).splitlines()[0]}).")


codecs.register_error("nul", lambda error: ("\0", error.end if isinstance(error, UnicodeDecodeError) else 0))


class _Paced:
    """A stream that lets its reader be only a few blocks ahead: pyarrow would read 32, 128 MB, before one is asked for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._free = Semaphore(_BLOCKS_AHEAD)
        self._reading = Lock()
        self._cut = b""
        self._stopped = False

    @property
    def closed(self) -> bool:
        """Whether nothing more can be read."""
        return self._stream.closed

    def read(self, size: int = -1) -> bytes:
        """The next bytes; waits, but not for ever, since a block may give no batch."""
        self._free.acquire(timeout=_PATIENCE)
        with self._reading:
            return b"" if self._stopped else self._readable(size)

    def close(self) -> None:
        """Leaves the stream to whoever opened it."""

    def _readable(self, size: int) -> bytes:
        """The next bytes, NUL for those that are no text: pyarrow stops at a ragged row that it cannot read."""
        data = self._cut + self._stream.read(size - len(self._cut))
        is_last = len(data) == len(self._cut)
        self._cut = b""
        try:
            data.decode()
        except UnicodeDecodeError as error:
            if not is_last and error.start and error.reason == "unexpected end of data":
                self._cut = data[error.start :]
                data = data[: error.start]
            return data.decode("utf-8", "nul").encode()
        return data

    def stop(self) -> None:
        """Ends the stream for a reader that is still ahead."""
        with self._reading:
            self._stopped = True
        self._free.release(_BLOCKS_AHEAD)

    def go_on(self) -> None:
        """Lets the reader read one more block."""
        self._free.release()


def _drain(reader: Iterator[pa.RecordBatch]) -> None:
    """Ends a reader that was left early: one that still reads, in a thread of its own, would keep the program from ending."""
    with suppress(pa.ArrowException):
        deque(reader, maxlen=0)


def _numbered(rows: int, done: int, ragged: deque[Refused]) -> tuple[Ints, tuple[Refused, ...], int]:
    """The record numbers of the next good rows, ragged ones between them, and the number that comes next."""
    refused = []
    skipped = []
    end = done + rows
    while ragged and ragged[0].record <= end:
        refused.append(ragged.popleft())
        skipped.append(refused[-1].record)
        end += 1
    records = np.arange(done, end, dtype=np.int64)
    return np.delete(records, np.array(skipped, np.int64) - done), tuple(refused), end


def _kept(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line
