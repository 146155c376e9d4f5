"""Tables that were read as a whole: their rows are at hand, those of the file or made of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from core.ingest.formats.batch import ExportTable, Located, Records, Rows, TextBatch
from core.ingest.formats.encoding import shown
from core.ingest.formats.record_text import as_line, as_texts

Made = list[tuple[int, Sequence[str]]]
"""Rows that are made of a table, its header the first, each with the row of the file that it comes from."""


class TurnedTable:
    """A table made of another one, which was read as a whole, or of a document."""

    is_complete = True

    def __init__(
        self,
        rows: Rows,
        origins: Sequence[int],
        describe: dict[str, str],
        original: Rows,
        gaps: frozenset[int] = frozenset(),
    ) -> None:
        """`origins` says of each row which of the rows of `original` it comes from; `gaps` as those of any table."""
        self.rows, self.describe, self.gaps = rows, describe, gaps
        self._origins, self._original = origins, original

    @classmethod
    def of(
        cls, table: ExportTable, made: Made, described: Mapping[str, str] = MappingProxyType({}), *, gaps: bool = False
    ) -> "TurnedTable":
        """The table of rows made of another one, as that is described and so; with its `gaps` where no row is gone."""
        origins, rows = [origin for origin, _ in made], [row for _, row in made]
        return cls(rows, origins, {**table.describe, **described}, table.rows, table.gaps if gaps else frozenset())

    def records(self, header: int, names: Sequence[str]) -> Records:
        return _TurnedRecords(self.rows[header + 1 :], self._origins[header + 1 :], names, self._original)

    def header_line(self, header: int) -> str:
        return as_line(self.rows[header])


class _TurnedRecords:
    def __init__(self, rows: Rows, origins: Sequence[int], names: Sequence[str], original: Rows) -> None:
        self._rows, self._origins, self._names, self._original = rows, origins, names, original

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        return as_texts(iter(self._rows), self._names, requested)

    def locate(self, records: Iterable[int]) -> Located:
        """Records, by the row of the file that they are of."""
        for record in records:
            origin = self._origins[record]
            yield record, origin + 1, shown(as_line(self._original[origin]))
