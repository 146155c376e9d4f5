"""Opens the table in a source, whatever its format."""

from collections.abc import Sequence

from core.ingest.formats.delimited import Delimited
from core.ingest.formats.sniffing import SniffedText, sniff
from core.ingest.formats.sources import ExportSource
from core.ingest.formats.table_protocol import ExportTable, Records

PARQUET = b"PAR1"
XLSX = b"PK\x03\x04"


class DelimitedTable:
    """Delimited text."""

    def __init__(self, source: ExportSource, sniffed: SniffedText) -> None:
        self._source, self._sniffed = source, sniffed

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        return self._sniffed.rows

    @property
    def gaps(self) -> frozenset[int]:
        return self._sniffed.gaps

    @property
    def is_complete(self) -> bool:
        return self._sniffed.is_complete

    @property
    def describe(self) -> dict[str, str]:
        return {"format": "delimited text", "encoding": self._sniffed.encoding, "delimiter": self._sniffed.delimiter}

    def records(self, header: int, names: Sequence[str]) -> Records:
        return Delimited(self._source, self._sniffed.dialect(header, names))

    def header_line(self, header: int) -> str:
        return self._sniffed.header_line(header)


def open_tables(source: ExportSource, encoding: str | None = None) -> list[ExportTable]:
    """The tables in a source: every sheet of a workbook that has cells, else one. Raises UsageError, WhydropError."""
    with source.open() as stream:
        start = stream.read(4)
    if start == XLSX:
        from core.ingest.formats.xlsx import XlsxTable, sheet_names

        return [XlsxTable(source, name) for name in sheet_names(source)]
    return [open_table(source, encoding)]


def open_table(source: ExportSource, encoding: str | None = None) -> ExportTable:
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
