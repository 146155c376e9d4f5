"""What every format gives: the first rows, among which the header is looked for, and then the records below it as text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from core.ingest.formats.batch import Located
from core.ingest.formats.delimited import Delimited, Texts
from core.ingest.formats.sniffing import Sniffed, sniff
from core.ingest.formats.sources import Source

PARQUET = b"PAR1"
XLSX = b"PK\x03\x04"


class Records(Protocol):
    """The records of an export below its header."""

    def texts(self, wanted: Iterable[str]) -> Iterator[Texts]:
        """The records as columns of text, only the wanted ones."""

    def locate(self, records: Iterable[int]) -> Located:
        """Where records are, in ascending order, and their raw text."""


class Table(Protocol):
    """An export before its header is known."""

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """Its first rows, those without any cell left out."""

    @property
    def describe(self) -> dict[str, str]:
        """What it is, for a person: format, encoding, delimiter."""

    def records(self, header: int, names: Sequence[str]) -> Records:
        """The records below a row, its columns called `names`."""

    def header_line(self, header: int) -> str:
        """A row as one line of text."""


class DelimitedTable:
    """Delimited text."""

    def __init__(self, source: Source, sniffed: Sniffed) -> None:
        self._source, self._sniffed = source, sniffed

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return self._sniffed.rows

    @property
    def describe(self) -> dict[str, str]:
        return {"format": "delimited text", "encoding": self._sniffed.encoding, "delimiter": self._sniffed.delimiter}

    def records(self, header: int, names: Sequence[str]) -> Records:
        return Delimited(self._source, self._sniffed.dialect(header, names))

    def header_line(self, header: int) -> str:
        return self._sniffed.header_line(header)


def open_table(source: Source, encoding: str | None = None) -> Table:
    """The table in a source, whatever its format; by its first bytes, else by its ending. Raises UsageError, WhydropError."""
    with source.open() as stream:
        start = stream.read(4)
    if start == PARQUET:
        from core.ingest.formats.parquet import ParquetTable

        return ParquetTable(source)
    if start == XLSX:
        from core.ingest.formats.xlsx import XlsxTable

        return XlsxTable(source)
    if source.suffix in {".jsonl", ".ndjson", ".json"}:
        from core.ingest.formats.json_lines import JsonTable

        return JsonTable(source)
    return DelimitedTable(source, sniff(source, encoding))
