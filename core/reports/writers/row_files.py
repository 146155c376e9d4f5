"""Rows as files, as the ending of the name says: CSV, TSV, JSON, Markdown or Parquet; all of it or nothing."""

import csv
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from core.base.errors import UsageError
from core.reports.escaping import for_markdown, for_spreadsheet, in_json
from core.reports.figures.table_values import plain_text
from core.reports.writers.saved_file import saved_file

Blocks = Iterable[Sequence[Sequence[Any]]]
"""Rows, some thousand at a time."""
_Writer = Callable[[IO[bytes], Sequence[str], Blocks], int]


def write_rows(path: Path, names: Sequence[str], blocks: Blocks) -> int:
    """Writes rows under these names; how many. A file is never half written.

    Raises UsageError for another ending, WhydropError when the file is there already or cannot be written.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"no file format ends like {path.name!r}. End the name with {', '.join(_WRITERS)}.")
    with saved_file(path) as file:
        return writer(file, names, blocks)


def csv_cell(value: Any) -> str:
    """A value in CSV: figures at full precision, nothing where nothing is known, and no formula.

    >>> csv_cell(0.5), csv_cell(12.0), csv_cell(None), csv_cell("=1+1"), csv_cell({"market": "ID"})
    ('0.5', '12', '', "'=1+1", '{"market": "ID"}')
    """
    value = finite(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, Mapping | list | tuple):
        return for_spreadsheet(json.dumps(value, ensure_ascii=False))
    return for_spreadsheet(str(value))


def finite(value: Any) -> Any:
    """The value; None for a figure that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _delimited(delimiter: str) -> _Writer:
    def write(file: IO[bytes], names: Sequence[str], blocks: Blocks) -> int:
        count = 0
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
        writer.writerow(map(csv_cell, names))
        for rows in blocks:
            writer.writerows([csv_cell(cell) for cell in row] for row in rows)
            count += len(rows)
        text.flush()
        text.detach()  # the file is closed by whoever opened it
        return count

    return write


def _json(file: IO[bytes], names: Sequence[str], blocks: Blocks) -> int:
    """An array with one object a line."""
    count = 0
    for rows in blocks:
        for row in rows:
            record = dict(zip(names, map(finite, row), strict=True))
            text = in_json(json.dumps(record, ensure_ascii=False, allow_nan=False))
            file.write(f"{',' if count else '['}\n{text}".encode())
            count += 1
    file.write(b"\n]\n" if count else b"[]\n")
    return count


def _markdown(file: IO[bytes], names: Sequence[str], blocks: Blocks) -> int:
    count = 0
    file.write(f"{_line(names)}\n|{' --- |' * len(names)}\n".encode())
    for rows in blocks:
        for row in rows:
            file.write(f"{_line([plain_text(cell) for cell in row])}\n".encode())
            count += 1
    return count


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(for_markdown, cells)) + " |"


def _parquet(file: IO[bytes], names: Sequence[str], blocks: Blocks) -> int:
    """Types are those of the first block that has a value; a column of none is text."""
    import pyarrow as pa
    from pyarrow import parquet

    count, writer = 0, None
    for rows in blocks:
        columns = list(zip(*rows, strict=True))
        arrays = [_array(pa, list(column)) for column in columns]
        block = pa.table(arrays, names=list(names))
        if writer is None:
            writer = parquet.ParquetWriter(file, block.schema)
        writer.write_table(block.cast(writer.schema))
        count += len(rows)
    if writer is None:
        empty = pa.table([pa.array([], pa.string()) for _ in names], names=list(names))
        parquet.write_table(empty, file)
    else:
        writer.close()
    return count


def _array(pa: Any, values: list[Any]) -> Any:
    """Whole numbers stay whole unless a fraction is among them; nothing but blanks is text."""
    present = [value for value in values if value is not None]
    if not present:
        return pa.array(values, pa.string())
    if any(isinstance(value, float) for value in present):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array(values)


_WRITERS: Mapping[str, _Writer] = {
    ".csv": _delimited(","),
    ".tsv": _delimited("\t"),
    ".json": _json,
    ".md": _markdown,
    ".parquet": _parquet,
}
