"""Cells with a backtick before each of them, which keeps spreadsheets from reading numbers of orders as figures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pyarrow.compute as pc

from core.ingest.formats.batch import ExportTable, Located, Records, TextBatch

_MARK = "`"
_DEPTH = 30
"""Rows among which one begins with such a cell."""


def without_marks(table: ExportTable) -> ExportTable:
    """The table without the marks; one that has none as it is."""
    return _UnmarkedTable(table) if any(row[0].startswith(_MARK) for row in table.rows[:_DEPTH] if row) else table


class _UnmarkedTable:
    def __init__(self, table: ExportTable) -> None:
        self._table = table
        self.rows = [tuple(cell.removeprefix(_MARK) for cell in row) for row in table.rows]
        self.gaps, self.is_complete, self.describe = table.gaps, table.is_complete, table.describe

    def records(self, header: int, names: Sequence[str]) -> Records:
        return _UnmarkedRecords(self._table.records(header, names))

    def header_line(self, header: int) -> str:
        return self._table.header_line(header)


class _UnmarkedRecords:
    def __init__(self, records: Records) -> None:
        self._records = records

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        for texts in self._records.texts(requested):
            columns = texts.columns.items()
            yield replace(
                texts,
                columns={name: pc.replace_substring_regex(cells, f"^{_MARK}", "") for name, cells in columns},
            )

    def locate(self, records: Iterable[int]) -> Located:
        return self._records.locate(records)

    def fraction(self) -> float | None:
        result: float | None = getattr(self._records, "fraction", lambda: None)()
        return result
