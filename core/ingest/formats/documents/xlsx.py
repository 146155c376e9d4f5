"""Excel workbooks, by openpyxl: it is maintained, reads sheets as a stream, and runs nothing of what a workbook holds."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from core.base.errors import UsageError, WhydropError
from core.ingest.formats.batch import Located, Records, TextBatch
from core.ingest.formats.record_text import as_line, as_texts, located
from core.ingest.formats.sources import ExportSource
from core.ingest.formats.unpacking import refuse_bomb, refusing_damage

_WHOLE = 5_000
"""Rows of a sheet that are looked at before it is known what they are."""
_LOOKED_AT = 80
"""Rows of a sheet that has cells among them, else it is left out as empty."""
_KEPT = 1_000_000
"""Cells that are kept in memory (60 MB): a load reads a sheet five times, and openpyxl takes 0.7 s for 140,000 cells."""
_FORMULA_ALONE = re.compile(
    rb'<c\b(?![^>]*\bt="str")[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
"""A cell with a formula and no value; one of type `str` without a value has the empty text as its result."""


def sheet_tables(source: ExportSource) -> "list[XlsxTable]":
    """The sheets of a workbook that have cells, without hidden ones where others have. Raises UsageError when none has."""
    with _book(source) as book:
        filled = [
            sheet for sheet in book.worksheets if any(any(map(_text, row)) for row in _first_rows(sheet, _LOOKED_AT))
        ]
        shown = [sheet for sheet in filled if sheet.sheet_state == "visible"]
        tables = [XlsxTable(source, sheet) for sheet in shown or filled]
    if not tables:
        raise UsageError(f"{source.name}: the workbook has no cells.")
    if 0 < len(shown) < len(filled):
        hidden = (sheet.title for sheet in filled if sheet.sheet_state != "visible")
        tables[0].describe["hidden sheets"] = ", ".join(hidden)
    return tables


def _first_rows(sheet: Any, count: int) -> Iterator[tuple[Any, ...]]:
    return islice(sheet.iter_rows(values_only=True), count)


class XlsxTable:
    """One sheet of a workbook."""

    def __init__(self, source: ExportSource, sheet: Any) -> None:
        """`sheet` is of the open workbook."""
        self._source, self._sheet = source, sheet.title
        rows = [tuple(map(_text, row)) for row in _first_rows(sheet, _WHOLE)]
        self._places = [position for position, row in enumerate(rows) if any(row)]
        self.rows: Sequence[Sequence[str]] = [rows[position] for position in self._places]
        befores = [-1, *self._places]
        self.gaps = frozenset(at for at, position in enumerate(self._places) if position - befores[at] > 1)
        self.is_complete = len(rows) < _WHOLE
        self._kept: tuple[int, list[tuple[int, tuple[str, ...]]]] | None = None
        """The rows from a place on, once they have all been read and are few."""
        if self.is_complete:
            self._kept = (0, [(position + 1, rows[position]) for position in self._places])
        uncomputed = _uncomputed(source, sheet)
        counted = {"uncomputed formulas": f"{uncomputed:,}"} if uncomputed else {}
        self.describe = {"format": "Excel workbook", "sheet": sheet.title, **counted}

    def records(self, header: int, names: Sequence[str]) -> Records:
        return _SheetRecords(self, self._places[header] + 1, names)

    def header_line(self, header: int) -> str:
        return as_line(self.rows[header])

    def sheet_rows(self, first: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The rows of the sheet from a place on that have cells, each with its line, from 1."""
        if self._kept is not None and self._kept[0] <= first:
            yield from (numbered for numbered in self._kept[1] if numbered[0] > first)
            return
        kept: list[tuple[int, tuple[str, ...]]] = []
        room = _KEPT
        for line, row in self._parsed(first):
            room -= len(row)
            if room >= 0:
                kept.append((line, row))
            else:
                kept.clear()
            yield line, row
        if room >= 0:
            self._kept = (first, kept)

    def _parsed(self, first: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        with _book(self._source) as book:
            rows = islice(book[self._sheet].iter_rows(values_only=True), first, None)
            for line, cells in enumerate(rows, first + 1):
                if cells.count(None) == len(cells):
                    continue  # a sheet may have a million of these
                row = tuple(map(_text, cells))
                if any(row):
                    yield line, row


def _uncomputed(source: ExportSource, sheet: Any) -> int:
    """How many cells of a sheet have a formula and no value: a program wrote them, and no spreadsheet has computed them yet."""
    count, left = 0, b""
    with (
        source.open() as stream,
        zipfile.ZipFile(_seekable(stream)) as archive,
        archive.open(sheet._worksheet_path) as file,
    ):
        while block := file.read(1 << 20):
            data, _, left = (left + block).rpartition(b"</c>")
            count += len(_FORMULA_ALONE.findall(data + b"</c>")) if b"<f" in data else 0
    return count


@contextmanager
def _book(source: ExportSource) -> Iterator[Any]:
    with source.open() as stream, refusing_damage(source.name, "Excel workbook"):
        book = _opened(stream, source.name)
        try:
            yield book
        finally:
            book.close()


class _SheetRecords:
    def __init__(self, table: XlsxTable, first: int, names: Sequence[str]) -> None:
        self._table, self._first, self._names = table, first, names

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        return as_texts((row for _, row in self._table.sheet_rows(self._first)), self._names, requested)

    def locate(self, records: Iterable[int]) -> Located:
        return located(((line, as_line(row)) for line, row in self._table.sheet_rows(self._first)), records)


def _opened(stream: Any, name: str) -> Any:
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise WhydropError(
            f"{name}: reading Excel workbooks needs openpyxl. Install it with: pip install openpyxl"
        ) from None
    stream = _seekable(stream)
    refuse_bomb(stream, name)
    return openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)


def _seekable(stream: Any) -> Any:
    return stream if stream.seekable() else io.BytesIO(stream.read())


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
