"""Documents that hold whole tables: HTML pages and XML workbooks that are called `.xls`, JSON that is no JSON Lines."""

import io
import json
import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from typing import Any

from core.base.errors import UsageError, WhydropError
from core.ingest.formats.documents.json_shapes import largest_table
from core.ingest.formats.documents.json_values import whole_signs
from core.ingest.formats.encoding import UNREADABLE, encoding_of, utf8_stream
from core.ingest.formats.sources import ExportSource
from core.ingest.formats.turned_table import TurnedTable

_LARGEST = 64 << 20
"""Bytes of a document, which is parsed as a whole: an export of this size comes as CSV, Parquet or JSON Lines."""
_SAMPLE = 1 << 16
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_MOST_CELLS = 1_000
"""Cells of a row; a column that says that it is wider is not believed."""


def _table(rows: Iterable[Sequence[str]], describe: dict[str, str]) -> TurnedTable:
    """The table of the rows that are not blank."""
    filled = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    return TurnedTable(filled, range(len(filled)), describe, filled)


def _text(source: ExportSource, encoding: str | None, how: str) -> tuple[str, str]:
    """A document as text, and its encoding."""
    with source.open() as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise WhydropError(f"{source.name}: longer than {_LARGEST >> 20} MB, too long for one document. {how}")
    said = _CHARSET.search(data[:2048])
    requested = encoding or (said[1].decode("ascii", "ignore") if said and not data.startswith(b"\xff\xfe") else None)
    try:
        named = encoding_of(data[:_SAMPLE], source.name, requested)
    except UsageError:
        named = encoding_of(data[:_SAMPLE], source.name, encoding)
    return utf8_stream(io.BytesIO(data), named).read().decode("utf-8", UNREADABLE), named


def markup_tables(source: ExportSource, encoding: str | None) -> list[TurnedTable]:
    """The tables of a page, or the sheets of an XML workbook. Raises UsageError when it has none with two rows."""
    text, named = _text(source, encoding, "Save it as CSV.")
    reader = _Tables()
    reader.feed(text)
    tables = [rows for rows in reader.tables if sum(any(map(str.strip, row)) for row in rows) > 1]
    if not tables:
        raise UsageError(f"{source.name}: a page or an XML document without a table. Export it as CSV or XLSX.")
    return [
        _table(
            rows, {"format": "table of a page", "encoding": named, **({"table": str(at)} if len(tables) > 1 else {})}
        )
        for at, rows in enumerate(tables, 1)
    ]


class _Tables(HTMLParser):
    """Collects the rows of every table; those of a table inside of a cell are its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        setting = dict(attrs)
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
        elif self._depth != 1:
            self.handle_data(" ")  # cells of a table inside of a cell are words of its text
        elif tag in {"tr", "row"}:
            self._end_cell()
            self.tables[-1].append([])
        elif tag in {"td", "th", "cell"} and self.tables[-1]:
            self._end_cell()
            self._cell, self._span = [], _count(setting.get("colspan"))
            row = self.tables[-1][-1]
            row.extend([""] * (_count(setting.get("ss:index")) - 1 - len(row)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in {"td", "th", "tr", "cell", "row"}:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        """A merged cell comes as its text and blanks, as in a workbook."""
        if self._cell is not None:
            self.tables[-1][-1] += [" ".join("".join(self._cell).split()), *[""] * (self._span - 1)]
            self._cell = None


def _count(text: str | None) -> int:
    return min(int(text), _MOST_CELLS) if text is not None and text.isdecimal() else 1


def json_table(source: ExportSource, encoding: str | None) -> TurnedTable | None:
    """The largest table in a JSON document; None for JSON Lines without lists, and for what is no JSON.

    Objects inside of an object are columns of their own (`metrics.orders`).
    """
    with source.open() as stream:
        start = stream.read(_SAMPLE).lstrip(b"\xef\xbb\xbf \t\r\n")
    first = start.partition(b"\n")[0].strip()
    if first.startswith(b"{") and first.endswith(b"}") and start.count(b"\n") and not _holds_rows(first):
        return None
    if not start.startswith((b"[", b"{")):
        return None
    try:
        text, named = _text(source, encoding, "Make it JSON Lines: jq -c '.[]' FILE > FILE.jsonl")
        document = _documents(text)
    except (ValueError, RecursionError):
        return None
    table = largest_table(document)
    if table is None:
        return None
    where = {"list": table.path} if table.path else {}
    if table.others:
        where["other lists"] = ", ".join(table.others)
    result = _table(
        [table.names, *([cell or "" for cell in row] for row in table.rows)],
        {"format": "JSON", "encoding": named, **where},
    )
    return result if result.rows else None  # objects without any name


def _documents(text: str) -> Any:
    """A document; the list of all where each line is one, such as an order with its lines. Raises ValueError for what is none."""
    text = whole_signs(text)
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return [json.loads(line, strict=False) for line in text.split("\n") if line.strip()]


def _holds_rows(line: bytes) -> bool:
    """Whether a line is an object with a table in it, and so is a document and no row."""
    try:
        return largest_table(json.loads(line)) is not None
    except (ValueError, RecursionError):
        return False
