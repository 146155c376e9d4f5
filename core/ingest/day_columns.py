"""Tables whose columns are days, a row a product or a figure: they are turned into tables of a row a day."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.base.errors import UsageError
from core.ingest.formats.batch import Located
from core.ingest.formats.delimited import TextBatch
from core.ingest.formats.record_text import as_line, as_texts
from core.ingest.formats.table_protocol import ExportTable, Records
from core.ingest.headers import folded, is_known_name, is_total
from core.ingest.table_starts import filled, is_figure, is_mostly
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import floats, is_number

_DEPTH = 30
"""How far down the row of days is looked for."""
_READ_BELOW = 100
"""Rows below it that are read: a row of orders has several days as well, and reading all below each took half of a load."""
_FEWEST = 3
"""Days in a row: two are the period of a report."""
_SHARE = 0.3
"""How much of such a row is days: some columns before them name its rows, and a total may follow."""
_FIGURE_NAMES = frozenset(("", "metric", "metrics", "measure", "measures", "kpi", "indicator", "date", "day"))
"""What stands above the names of figures; a row below it is a figure of each day, and no slice."""
_ID_ENDS = frozenset(("id", "sku", "no", "nr", "code", "number", "ean", "barcode", "asin"))


def turned(table: ExportTable, path: str) -> ExportTable:
    """A table with a row for each day; one whose columns are no days stays as it is.

    Raises UsageError when a table has columns of days and cannot be turned.
    """
    rows = table.rows
    header = _days_row(rows)
    if header is None:
        return table
    days = [at for at, cell in enumerate(rows[header]) if is_date(cell.strip())]
    first, last = rows[header][days[0]].strip(), rows[header][days[-1]].strip()
    if not table.is_complete or any(len(row) > len(rows[header]) for row in rows[header + 1 :]):
        raise UsageError(
            f"its columns are days ({first} to {last}), and it is too long or too ragged to be turned. "
            "Save it with one row for each day."
        )
    if any(len(set(filter(is_date, filled(row)))) >= _FEWEST for row in rows[header + 1 :]):
        raise UsageError(
            f"its columns are days ({first} to {last}), and so are those of another table below. "
            "Put each table into a file of its own."
        )
    body = [
        (header + 1 + at, [*row, *[""] * (len(rows[header]) - len(row))])
        for at, row in enumerate(rows[header + 1 :])
        if filled(row) and not is_total(filled(row)[0])
    ]
    while body and not any(map(is_number, filled([body[0][1][at] for at in days]))):
        del body[0]  # weekdays, or units
    labels = _labels(rows[header], days, [row for _, row in body])
    titles = [filled(row)[0] for row in rows[:header] if len(filled(row)) == 1]
    if _are_figures(rows[header], labels, [row for _, row in body]):
        own = [["Date", *(row[labels[0]].strip() for _, row in body)]]
        own += [[rows[header][at], *(row[at] for _, row in body)] for at in days]
        origins = [header] * len(own)
    else:
        own = [["Date", *(rows[header][at].strip() for at in labels), _value_name(titles, path)]]
        cells = [(at, row, day) for at, row in body for day in days if row[day].strip()]
        own += [[rows[header][day], *(row[at] for at in labels), row[day]] for _, row, day in cells]
        origins = [header, *(at for at, _, _ in cells)]
    described = {**table.describe, "columns of days": f"{first} to {last}"}
    return _TurnedTable([tuple(row) for row in own], origins, described, rows)


def _days_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The row which has different days side by side, with figures below them; None where there is none."""
    for position, row in enumerate(rows[:_DEPTH]):
        cells = filled(row)
        days = {cell for cell in cells if is_date(cell) and not cell.isdecimal()}
        if len(days) < _FEWEST or len(days) < len(cells) * _SHARE:
            continue
        places = [at for at, cell in enumerate(row) if cell.strip() in days]
        if len(places) > len(days) or any(map(is_figure, filled(row[: places[0]]))):
            continue
        below = rows[position + 1 : position + 1 + _READ_BELOW]
        if sum(is_mostly(below, at, is_number) for at in places) > len(places) / 2:
            return position
    return None


def _labels(header: Sequence[str], days: Sequence[int], body: Sequence[Sequence[str]]) -> list[int]:
    """The columns that name a row: those that are no days and no totals of them. Raises UsageError for other figures."""
    result = []
    sums = _values(cell for row in body for cell in (row[at] for at in days)).reshape(len(body), len(days))
    for at, name in enumerate(header):
        if at in days or not any(row[at].strip() for row in body):
            continue
        words = set(re.split(r"[\W_]+", folded(name)))
        if not is_mostly(body, at, is_number) or not words.isdisjoint(_ID_ENDS):
            result.append(at)
        elif not is_total(name) and not np.allclose(
            _values(row[at] for row in body), np.nansum(sums, axis=1), rtol=0.01, equal_nan=True
        ):
            raise UsageError(
                f"its columns are days, and the column {name!r} has other figures. Take it out, or save one row for each day."
            )
    return result


def _values(cells: Iterable[str]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    values = floats(pa.array(cells, pa.string()), ".").values
    return np.asarray(values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False), np.float64)


def _are_figures(header: Sequence[str], labels: Sequence[int], body: Sequence[Sequence[str]]) -> bool:
    """Whether each row is a figure of its own (`Net sales`), and not a slice of one."""
    if len(labels) != 1:
        return False
    names = [row[labels[0]].strip() for row in body]
    if len(set(map(folded, names))) < len(names) or not all(names):
        return False
    return folded(header[labels[0]].strip()) in _FIGURE_NAMES or sum(map(is_known_name, names)) > len(names) / 2


def _value_name(titles: Sequence[str], path: str) -> str:
    """What the figures are called: the title of the table, else the name of the file without its days."""
    named = [title for title in titles if not any(map(str.isdecimal, title))]
    bare = " ".join(re.sub(r"[\W\d_]+", " ", Path(path).name.partition(".")[0]).split())
    return named[0] if named else bare or "value"


class _TurnedTable:
    """A table with a row for each day, made of one with a column for each."""

    gaps: frozenset[int] = frozenset()
    is_complete = True

    def __init__(
        self,
        rows: Sequence[Sequence[str]],
        origins: Sequence[int],
        describe: dict[str, str],
        original: Sequence[Sequence[str]],
    ) -> None:
        self.rows, self.describe = rows, describe
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
