"""Formats that are read row by row or from typed columns, as records of text."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

import numpy as np
import pyarrow as pa

from core.ingest.formats.batch import Located, RefusedRow, TextBatch

BLOCK = 20_000
"""Rows handed on at a time."""

Row = Sequence[str | None]


def as_texts(rows: Iterable[Row | RefusedRow], names: Sequence[str], requested: Iterable[str]) -> Iterator[TextBatch]:
    """Batches of text from rows in the order of `names`; missing cells are blank, surplus ones must be.

    A row may be refused already; its number is set here.
    """
    chosen = [(name, names.index(name)) for name in requested]
    good: list[Row] = []
    numbers: list[int] = []
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows):
        if isinstance(row, RefusedRow):
            refused.append(RefusedRow(number, row.reason, row.raw))
        elif len(row) > len(names) and any(row[len(names) :]):
            refused.append(RefusedRow(number, f"{len(row)} cells where the header has {len(names)}", as_line(row)))
        else:
            good.append(row)
            numbers.append(number)
        if len(good) + len(refused) == BLOCK:
            yield _texts(good, numbers, refused, chosen)
            good, numbers, refused = [], [], []
    if good or refused:
        yield _texts(good, numbers, refused, chosen)


def _texts(good: list[Row], numbers: list[int], refused: list[RefusedRow], chosen: list[tuple[str, int]]) -> TextBatch:
    cells = dict(enumerate(zip_longest(*good)))  # column by column
    nothing = (None,) * len(good)
    columns = {
        name: pa.array([cell or None for cell in cells.get(position, nothing)], pa.string())
        for name, position in chosen
    }
    return TextBatch(columns, np.array(numbers, np.int64), tuple(refused))


def located(lines: Iterable[tuple[int, str]], records: Iterable[int]) -> Located:
    """Where records are, in ascending order, by the line and the text of each."""
    numbered = enumerate(lines)
    for requested in records:
        record, (line, text) = next(item for item in numbered if item[0] == requested)
        yield record, line, text


def as_line(row: Row) -> str:
    """A row as one line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["" if cell is None else cell for cell in row])
    return line.getvalue()
