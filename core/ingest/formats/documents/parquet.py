"""Parquet files, by pyarrow."""

import io
import os
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.base.errors import UsageError
from core.ingest.formats.batch import Located, Records, TextBatch
from core.ingest.formats.encoding import UNREADABLE, shown
from core.ingest.formats.record_text import BLOCK, as_line
from core.ingest.formats.sources import ExportSource
from core.ingest.formats.unpacking import refusing_damage

_FORMAT = "Parquet file"


class ParquetTable:
    """A Parquet file; its columns have names, so there is one row to choose the header from."""

    def __init__(self, source: ExportSource) -> None:
        self._source = source
        self.places = [path for field in self.open().schema_arrow for path in _places(field)]
        names = [".".join(path) for path in self.places]
        if not names:
            raise UsageError(f"{source.name}: the file has no columns.")
        if len(set(names)) < len(names):
            raise UsageError(f"{source.name}: several of its columns have the same name. Give each its own.")
        first = next(_ParquetRecords(self, names).texts(names), None)
        displayed = [] if first is None else [[cell or "" for cell in row] for row in _rows(first, names, 0, 60)]
        self.rows: Sequence[Sequence[str]] = [names, *displayed]

        self.describe = {"format": "Parquet"}

    gaps: frozenset[int] = frozenset()
    is_complete = False

    def open(self) -> pq.ParquetFile:
        """The file, from its start. Raises WhydropError when it is damaged."""
        with refusing_damage(self._source.name, _FORMAT):
            if self._source.is_plain:
                return pq.ParquetFile(pa.OSFile(os.fsencode(self._source.path)))  # names of files need not be UTF-8
            with self._source.open() as stream:
                return pq.ParquetFile(io.BytesIO(stream.read()))

    @property
    def name(self) -> str:
        """What to call it."""
        return self._source.name

    def records(self, header: int, names: Sequence[str]) -> Records:
        return _ParquetRecords(self, names)

    def header_line(self, header: int) -> str:
        return as_line(self.rows[0])


class _ParquetRecords:
    def __init__(self, table: ParquetTable, names: Sequence[str]) -> None:
        self._table, self._names = table, names

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        file = self._table.open()
        done = 0
        with refusing_damage(self._table.name, _FORMAT):
            numbers = [self._names.index(name) for name in requested]
            places = {self._names[number]: self._table.places[number] for number in numbers}
            stored = list(dict.fromkeys(outer for outer, *_ in places.values()))
            for batch in file.iter_batches(BLOCK, columns=stored):
                columns = {name: _as_text(_inner(batch.column(outer), keys)) for name, (outer, *keys) in places.items()}
                yield TextBatch(columns, np.arange(done, done + batch.num_rows))
                done += batch.num_rows

    def locate(self, records: Iterable[int]) -> Located:
        requested = iter(records)
        item = next(requested, None)
        for texts in self.texts(self._names):
            first = int(texts.records[0])
            while item is not None and item < first + len(texts.records):
                yield item, item + 1, as_line(next(_rows(texts, self._names, item - first, 1)))
                item = next(requested, None)


def _places(field: pa.Field) -> list[tuple[str, ...]]:
    """The names that lead to each column of values: of a struct those of its fields."""
    if not pa.types.is_struct(field.type) or not field.type.num_fields:
        return [(field.name,)]
    return [(field.name, *path) for inner in field.type for path in _places(inner)]


def _inner(column: pa.Array, keys: Sequence[str]) -> pa.Array:
    """The values of a field inside of a struct."""
    return pc.struct_field(column, list(keys)) if keys else column


def _as_text(column: pa.Array) -> pa.Array:
    """A column as text that reads back as it was."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        column = _unmarked_text(column)
    if pa.types.is_nested(column.type):
        return pa.array([None if cell is None else str(cell) for cell in column.to_pylist()], pa.string())
    text = _decodable(pc.cast(column, pa.string()))
    return pc.if_else(pc.equal(text, ""), None, text)


def _unmarked_text(column: pa.Array) -> pa.Array:
    """Bytes as the text that they are, since some systems do not mark their text as such; other bytes as Python writes them."""
    try:
        return pc.cast(column, pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if cell is None else _text_of(cell) for cell in column.to_pylist()], pa.string())


def _text_of(cell: bytes) -> str:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return str(cell)


def _decodable(cells: pa.Array) -> pa.Array:
    """The cells with a NUL for each byte that is no UTF-8, as in delimited files: such a cell is refused with its row."""
    try:
        cells.validate(full=True)
    except pa.ArrowInvalid:
        raw = cells.cast(pa.binary()).to_pylist()
        return pa.array([None if cell is None else cell.decode("utf-8", UNREADABLE) for cell in raw], pa.string())
    return cells


def _rows(texts: TextBatch, names: Sequence[str], first: int, limit: int) -> Iterator[list[str | None]]:
    """Some rows to be shown, whatever their bytes are."""
    columns = [_shown(texts.columns[name].slice(first, limit)) for name in names]
    return (list(row) for row in zip(*columns, strict=True))


def _shown(cells: pa.Array) -> list[str | None]:
    return [None if cell is None else shown(cell) for cell in cells.to_pylist()]
