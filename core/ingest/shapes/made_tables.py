"""Tables whose rows are each made of several rows of the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from core.base.arrays import Ints
from core.ingest.formats.batch import ExportTable, Located, Records, RefusedRow, Rows, TextBatch
from core.ingest.formats.different_cells import codes_of, combined
from core.ingest.formats.record_text import as_line
from core.ingest.formats.sniffing import SHOWN_ROWS


def keys_of(columns: Sequence[pa.Array], rows: int) -> tuple[Ints, Ints]:
    """A number for each row, the same for rows that are equal in these columns, shape (rows,), and each number's first row."""
    codes = combined(map(codes_of, columns), rows)
    _, firsts, numbers = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[numbers], firsts[order]


class SpreadRows:
    """A table whose rows are made of several rows of another one each, with columns for what told these apart."""

    gaps: frozenset[int] = frozenset()

    def __init__(
        self,
        table: ExportTable,
        describe: dict[str, str],
        columns: Mapping[str, pa.Array],
        origins: Ints,
        refused: Sequence[RefusedRow],
        original: Records,
    ) -> None:
        """`origins` says of each row which record of `original` is its first one."""
        self.describe, self.is_complete = describe, table.is_complete
        shown = len(origins) if self.is_complete else SHOWN_ROWS
        cells = [column.slice(0, shown).fill_null("").to_pylist() for column in columns.values()]
        self.rows: Rows = [tuple(columns), *zip(*cells, strict=True)]
        self._columns, self._origins, self._refused, self._original = columns, origins, refused, original

    def records(self, header: int, names: Sequence[str]) -> Records:
        columns = dict(zip(names, self._columns.values(), strict=True))
        return _SpreadRecords(columns, self._origins, self._refused, self._original)

    def header_line(self, header: int) -> str:
        return as_line(self.rows[header])


class _SpreadRecords:
    def __init__(
        self, columns: Mapping[str, pa.Array], origins: Ints, refused: Sequence[RefusedRow], original: Records
    ) -> None:
        self._columns, self._original = columns, original
        self._refused = tuple(RefusedRow(len(origins) + at, row.reason, row.raw) for at, row in enumerate(refused))
        self._count, self._origins = len(origins), [*origins.tolist(), *(row.record for row in refused)]

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        yield TextBatch({name: self._columns[name] for name in requested}, np.arange(self._count), self._refused)

    def locate(self, records: Iterable[int]) -> Located:
        """Records, by the first row of the file that they are made of."""
        chosen = sorted((self._origins[record], record) for record in records)
        located = self._original.locate(origin for origin, _ in chosen)
        for (_, record), (_, line, raw) in zip(chosen, located, strict=True):
            yield record, line, raw
