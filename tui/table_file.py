"""Tables as files: CSV, Parquet or JSON, block by block, all of it or nothing."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from core.base.errors import UsageError
from core.reports.escaping import for_spreadsheet
from core.reports.saved_file import saved_file
from core.workspace.read.table_export import TableRows
from tui.file_export import check_folder


def write_table(path: Path, table: TableRows) -> int:
    """Writes a table as the file's ending says; how many rows. Raises UsageError for another ending, WhydropError when the
    file is there already or cannot be written."""
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"cannot tell a format from {path.name!r}. End the name with {', '.join(_WRITERS)}.")
    check_folder(path)
    with saved_file(path) as file:
        return writer(file, table)


def _csv(file: IO[bytes], table: TableRows) -> int:
    from io import TextIOWrapper

    count = 0
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([for_spreadsheet(name) for name in table.columns])
    for rows in table.blocks():
        writer.writerows([_plain(cell) for cell in row] for row in rows)
        count += len(rows)
    text.flush()
    text.detach()  # the file is closed by whoever opened it
    return count


def _plain(cell: Any) -> Any:
    return for_spreadsheet(cell) if isinstance(cell, str) else "" if cell is None else cell


def _json(file: IO[bytes], table: TableRows) -> int:
    """An array with one object a line."""
    count = 0
    for rows in table.blocks():
        for row in rows:
            record = json.dumps(dict(zip(table.columns, row, strict=True)), ensure_ascii=False)
            file.write(f"{',' if count else '['}\n{record}".encode())
            count += 1
    file.write(b"\n]\n" if count else b"[]\n")
    return count


def _parquet(file: IO[bytes], table: TableRows) -> int:
    """Types are those of the first block that has a value; a column of none is text."""
    import pyarrow as pa
    from pyarrow import parquet

    count, writer = 0, None
    for rows in table.blocks():
        columns = list(zip(*rows, strict=True))
        arrays = [_array(pa, list(column)) for column in columns]
        block = pa.table(arrays, names=list(table.columns))
        if writer is None:
            writer = parquet.ParquetWriter(file, block.schema)
        writer.write_table(block.cast(writer.schema))
        count += len(rows)
    if writer is None:
        empty = pa.table([pa.array([], pa.string()) for _ in table.columns], names=list(table.columns))
        parquet.write_table(empty, file)
    else:
        writer.close()
    return count


def _array(pa: Any, values: list[Any]) -> Any:
    """Whole numbers stay whole unless a fraction is among them; nothing but blanks is text."""
    given = [value for value in values if value is not None]
    if not given:
        return pa.array(values, pa.string())
    if any(isinstance(value, float) for value in given):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array(values)


_WRITERS: dict[str, Callable[[IO[bytes], TableRows], int]] = {".csv": _csv, ".parquet": _parquet, ".json": _json}
