"""Excel workbooks, by openpyxl: it is maintained, reads sheets as a stream, and runs nothing of what a workbook holds."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from core.base.errors import UsageError, WhydropError
from core.ingest.formats.batch import Located
from core.ingest.formats.delimited import TextBatch
from core.ingest.formats.record_text import as_line, as_texts
from core.ingest.formats.sniffing import SHOWN_ROWS
from core.ingest.formats.sources import ExportSource, refuse_bomb, refusing_damage
from core.ingest.formats.table_protocol import Records


class XlsxTable:
    """The first sheet of a workbook that has cells."""

    def __init__(self, source: ExportSource) -> None:
        self._source = source
        self._sheet, rows = self._first_sheet()
        self._places = [place for place, row in enumerate(rows) if any(row)]
        self.rows: Sequence[Sequence[str]] = [rows[place] for place in self._places]

    @property
    def describe(self) -> dict[str, str]:
        return {"format": "Excel workbook", "sheet": self._sheet}

    def records(self, header: int, names: Sequence[str]) -> Records:
        return _SheetRecords(self, self._places[header] + 1, names)

    def header_line(self, header: int) -> str:
        return as_line(self.rows[header])

    def sheet_rows(self, first: int) -> Iterator[tuple[str, ...]]:
        """The rows of the sheet from a place on, blank ones too."""
        with self._book() as book:
            for row in islice(book[self._sheet].iter_rows(values_only=True), first, None):
                yield tuple(map(_text, row))

    def _first_sheet(self) -> tuple[str, list[tuple[str, ...]]]:
        with self._book() as book:
            for sheet in book.worksheets:
                rows = [tuple(map(_text, row)) for row in islice(sheet.iter_rows(values_only=True), SHOWN_ROWS)]
                if any(any(row) for row in rows):
                    return sheet.title, rows
        raise UsageError(f"{self._source.name}: the workbook has no cells.")

    @contextmanager
    def _book(self) -> Iterator[Any]:
        with self._source.open() as stream, refusing_damage(self._source.name, "Excel workbook"):
            book = _opened(stream, self._source.name)
            try:
                yield book
            finally:
                book.close()


class _SheetRecords:
    def __init__(self, table: XlsxTable, first: int, names: Sequence[str]) -> None:
        self._table, self._first, self._names = table, first, names

    def texts(self, wanted: Iterable[str]) -> Iterator[TextBatch]:
        return as_texts(self._table.sheet_rows(self._first), self._names, wanted)

    def locate(self, records: Iterable[int]) -> Located:
        rows = enumerate(self._table.sheet_rows(self._first))
        for wanted in records:
            record, row = next(one for one in rows if one[0] == wanted)
            yield record, self._first + record + 1, as_line(row)


def _opened(stream: Any, name: str) -> Any:
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise WhydropError(
            f"{name}: reading Excel workbooks needs openpyxl. Install it with: pip install 'whydrop[xlsx]'"
        ) from None
    stream = stream if stream.seekable() else io.BytesIO(stream.read())
    refuse_bomb(stream, name)
    return openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return f"{cell.total_seconds():g}s" if isinstance(cell, timedelta) else str(cell)
