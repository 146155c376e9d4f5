"""Opens the table in a source, whatever its format."""

from collections.abc import Sequence

from core.base.errors import UsageError
from core.ingest.formats.batch import ExportTable, Records
from core.ingest.formats.delimited import Delimited
from core.ingest.formats.sniffing import SniffedText, sniff
from core.ingest.formats.sources import ExportSource

PARQUET = b"PAR1"
XLSX = b"PK\x03\x04"
_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")
"""The beginning of every file that Office wrote before 2007."""
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"
"""In the first bytes of spreadsheets of LibreOffice, which are archives as well."""
_MARKUP = (b"!doctype", b"html", b"head", b"meta", b"table", b"body", b"style", b"div", b"?xml", b"workbook")
_START = 256
"""Bytes that tell a format."""


def is_markup(start: bytes) -> bool:
    """Whether a file that begins so is a page or an XML document."""
    text = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return text[:1] == b"<" and text[1:].lower().startswith(_MARKUP)


class DelimitedTable:
    """Delimited text."""

    def __init__(self, source: ExportSource, sniffed: SniffedText) -> None:
        self._source, self._sniffed = source, sniffed
        self.rows, self.gaps, self.is_complete = sniffed.rows, sniffed.gaps, sniffed.is_complete
        self.describe = {"format": "delimited text", "encoding": sniffed.encoding, "delimiter": sniffed.delimiter}

    def records(self, header: int, names: Sequence[str]) -> Records:
        return Delimited(self._source, self._sniffed.dialect(header, names))

    def header_line(self, header: int) -> str:
        return self._sniffed.header_line(header)


def open_tables(source: ExportSource, encoding: str | None = None) -> list[ExportTable]:
    """The tables in a source, which keeps them: every sheet of a workbook that has cells, every table of a page, else one.
    Raises UsageError, WhydropError.
    """
    kept: dict[str | None, list[ExportTable]] = source.kept.by_encoding
    if not kept:
        source.file.note(is_plain=source.is_plain)
    if encoding not in kept:
        kept[encoding] = _tables_in(source, encoding)
    return kept[encoding]


def _tables_in(source: ExportSource, encoding: str | None) -> list[ExportTable]:
    """The tables in a source; the format is known by the first bytes, else by the ending."""
    with source.open() as stream:
        start = stream.read(_START)
    if is_markup(start):
        from core.ingest.formats.documents.document import markup_tables

        return [*markup_tables(source, encoding)]
    if _OPEN_DOCUMENT in start:
        raise UsageError(f"{source.name}: an OpenDocument spreadsheet (.ods). Save it as .xlsx or CSV.")
    if start[:4] == XLSX:
        from core.ingest.formats.documents.xlsx import sheet_tables

        return [*sheet_tables(source)]
    if start[:4] == PARQUET:
        from core.ingest.formats.documents.parquet import ParquetTable

        return [ParquetTable(source)]
    if start[:8] == _OLD_EXCEL:
        raise UsageError(
            f"{source.name}: an Excel workbook of the old format (.xls), or one with a password. Save it as .xlsx or CSV."
        )
    if source.suffix in {".jsonl", ".ndjson", ".json"}:
        from core.ingest.formats.documents.document import json_table
        from core.ingest.formats.documents.json_lines import JsonTable

        return [json_table(source, encoding) or JsonTable(source, encoding)]
    return [DelimitedTable(source, sniff(source, encoding))]


def open_table(source: ExportSource, encoding: str | None = None) -> ExportTable:
    """The first table in a source. Raises UsageError, WhydropError."""
    return open_tables(source, encoding)[0]
