"""JSON Lines: each line an object, each object a record; by the standard library's json, which any value passes through."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from core.base.errors import UnreadableFile, UsageError
from core.ingest.formats.batch import Located, Records, RefusedRow, TextBatch
from core.ingest.formats.documents.json_values import flattened, value_text, whole_signs, without_containers
from core.ingest.formats.encoding import UNREADABLE, encoding_of, shown, utf8_stream
from core.ingest.formats.record_text import Row, as_line, as_texts, located
from core.ingest.formats.sources import ExportSource

_LONGEST = 4 << 20
"""Characters of one line."""
_LOOKED_AT = 1_000
"""Objects whose keys make the header."""


class JsonTable:
    """A file of objects; their keys are the columns."""

    def __init__(self, source: ExportSource, encoding: str | None = None) -> None:
        self._source = source
        with source.open() as stream:
            self._encoding = encoding_of(stream.read(4096), source.name, encoding)
        objects = [flattened(item) for item in islice(self._objects(), _LOOKED_AT) if isinstance(item, dict)]
        keys = list(dict.fromkeys(key for item in objects for key in item))
        if not keys:
            raise UsageError(f"{source.name}: no line of it is a JSON object.")
        self.keys: Sequence[str] = keys
        self.rows: Sequence[Sequence[str]] = [
            without_containers(keys),
            *([item.get(key) or "" for key in keys] for item in objects[:60]),
        ]

        self.describe = {"format": "JSON Lines", "encoding": self._encoding}

    gaps: frozenset[int] = frozenset()
    is_complete = False

    def records(self, header: int, names: Sequence[str]) -> Records:
        return _JsonRecords(self, self.keys, names)

    def header_line(self, header: int) -> str:
        return as_line(self.rows[0])

    def lines(self) -> Iterator[tuple[int, str]]:
        """Every line that is not blank, and its number. Raises UnreadableFile for one that is too long."""
        with io.TextIOWrapper(utf8_stream(self._source.open(), self._encoding), "utf-8", UNREADABLE) as text:
            for number, line in enumerate(iter(lambda: text.readline(_LONGEST), ""), 1):
                if len(line) == _LONGEST:
                    raise UnreadableFile(
                        f"{self._source.name}: line {number} is longer than {_LONGEST >> 20} MB. Is it JSON Lines?"
                    )
                if line.strip():
                    yield number, line

    def _objects(self) -> Iterator[Any]:
        return (parsed(line) for _, line in self.lines())


class _JsonRecords:
    def __init__(self, table: JsonTable, keys: Sequence[str], names: Sequence[str]) -> None:
        self._table, self._keys, self._names = table, keys, names

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        return as_texts((self._row(line) for _, line in self._table.lines()), self._names, requested)

    def locate(self, records: Iterable[int]) -> Located:
        return located(((number, shown(line.rstrip("\n"))) for number, line in self._table.lines()), records)

    def _row(self, line: str) -> Row | RefusedRow:
        result = parsed(line)
        if not isinstance(result, dict):
            return RefusedRow(0, "not a JSON object", shown(line.rstrip("\n")))
        flat = flattened(result) if dict in map(type, result.values()) else result
        return [value if type(value) is str else value_text(value) for value in map(flat.get, self._keys)]


def parsed(line: str) -> Any:
    """The value of a line, None when it is none, or nested too deep."""
    try:
        return _DECODER.decode(whole_signs(line))
    except (ValueError, RecursionError):
        return None


_DECODER = json.JSONDecoder(strict=False)
"""Strict, it refuses the mark of an unreadable byte. `json.loads` makes such a one for every line: an eighth of a load."""
