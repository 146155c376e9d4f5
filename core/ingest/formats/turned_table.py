"""Tables whose rows are not those of the file, but made of them."""

from collections.abc import Iterable, Iterator, Sequence

from core.ingest.formats.batch import Located
from core.ingest.formats.delimited import TextBatch
from core.ingest.formats.record_text import as_line, as_texts
from core.ingest.formats.table_protocol import Records


class TurnedTable:
    """A table made of another one, which was read as a whole."""

    is_complete = True

    def __init__(
        self,
        rows: Sequence[Sequence[str]],
        origins: Sequence[int],
        describe: dict[str, str],
        original: Sequence[Sequence[str]],
        gaps: frozenset[int] = frozenset(),
    ) -> None:
        """`origins` says of each row which of the rows of `original` it comes from; `gaps` as those of any table."""
        self.rows, self.describe, self.gaps = rows, describe, gaps
        self._origins, self._original = origins, original

    def records(self, header: int, names: Sequence[str]) -> Records:
        return _TurnedRecords(self.rows[header + 1 :], self._origins[header + 1 :], names, self._original)

    def header_line(self, header: int) -> str:
        return as_line(self.rows[header])


class _TurnedRecords:
    def __init__(
        self,
        rows: Sequence[Sequence[str]],
        origins: Sequence[int],
        names: Sequence[str],
        original: Sequence[Sequence[str]],
    ) -> None:
        self._rows, self._origins, self._names, self._original = rows, origins, names, original

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        return as_texts(iter(self._rows), self._names, requested)

    def locate(self, records: Iterable[int]) -> Located:
        """Records, by the row of the file that they are of."""
        for record in records:
            origin = self._origins[record]
            yield record, origin + 1, as_line(self._original[origin])
