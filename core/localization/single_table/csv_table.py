"""Leaf tables from files: every column as text, dimension values exactly as they stand there."""

import re
from collections.abc import Sequence, Set
from csv import Error as CsvError
from csv import reader as csv_rows
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np

from core.base.arrays import Codes, Floats
from core.base.count_text import count
from core.base.errors import UsageError, WhydropError, did_you_mean
from core.base.file_paths import check_regular
from core.ingest.request import DecimalMark
from core.localization.single_table.leaf_table import LeafTable

_NO_TABLE = "no table that can be read"
_INSTEAD = "Export it as CSV again."


def read(path: Path, actual: str, forecast: str, dimensions: Sequence[str] = ()) -> LeafTable:
    """The leaf table of a CSV file. `actual` and `forecast` each name a column, or two: `numerator/denominator`.

    Without `dimensions` all other columns are dimensions. Raises UsageError for a column that does not exist and for a cell
    that is no number, WhydropError for a file that cannot be read.
    """
    columns = _columns(path)
    sides = [_sides(actual, columns, path), _sides(forecast, columns, path)]
    if len(sides[0]) != len(sides[1]):
        raise UsageError(f"{actual} and {forecast} differ in kind. Give both as a column, or both as NUM/DEN.")
    measures = {name for side in sides for name in side}
    for name in dimensions:
        _known(name, columns, path)
    chosen = tuple(dict.fromkeys(dimensions)) or tuple(name for name in columns if name not in measures)
    for name in chosen:
        if name in measures:
            raise UsageError(f"{name} cannot be a figure and a dimension at once.")
    coded = [_coded(columns[name]) for name in chosen]
    numbers = _numbers({name: columns[name] for side in sides for name in side}, path)
    figures = [[numbers[name] for name in side] for side in sides]
    codes = np.stack([code for code, _ in coded], axis=1) if coded else np.zeros((len(figures[0][0]), 0), np.int32)
    bases = [figure[1] if len(figure) > 1 else None for figure in figures]
    return LeafTable(
        dimensions=chosen,
        values=tuple(values for _, values in coded),
        codes=codes,
        actual=figures[0][0],
        forecast=figures[1][0],
        actual_base=bases[0],
        forecast_base=bases[1],
    )


def _columns(path: Path) -> dict[str, Any]:
    """column name -> its text, dictionary encoded. What is no plain CSV is read as the exports that are loaded are: with any
    delimiter, in any encoding, a sheet of a workbook."""
    check_regular(path)
    head = _header(path)
    if head is None or len(head) == 1 or head.count("") > 1:
        return _columns_of_export(path)
    return _columns_of_csv(path, head)


def _columns_of_export(path: Path) -> dict[str, Any]:
    from core.ingest.formats.open_table import open_tables
    from core.ingest.formats.sniffing import unique
    from core.ingest.formats.sources import sources
    from core.ingest.layout import find_regions
    from core.ingest.mapping.cell_text import whole

    try:
        table = open_tables(next(iter(sources(path))))[0]
        region = find_regions(table)[0]
        header = region.offset + (region.header or 0)
        head = table.rows[header]
        names = unique(head)
        texts = whole(table.records(header, names).texts(names))
    except WhydropError:
        texts = None
    if texts is None:
        raise WhydropError(f"{path}: {_NO_TABLE}. {_INSTEAD}")
    if texts.refused:
        row, reason = texts.refused[0].record + 1, texts.refused[0].reason
        raise WhydropError(f"{path}: row {row} below the header has {reason}. {_INSTEAD}")
    _check_names(head, path)
    return {name: cells.fill_null("").dictionary_encode() for name, cells in texts.columns.items()}


def _columns_of_csv(path: Path, head: Sequence[str]) -> dict[str, Any]:
    import pyarrow as pa
    from pyarrow import csv

    _check_names(head, path)
    text = pa.dictionary(pa.int32(), pa.string())
    how = csv.ConvertOptions(column_types=dict.fromkeys(head, text), strings_can_be_null=False)
    alone = csv.ReadOptions(use_threads=False)  # with threads the row of a fault has no number
    try:
        table = csv.read_csv(path, read_options=alone, convert_options=how)
        return {name: table[name].unify_dictionaries().combine_chunks() for name in head}
    except (pa.ArrowInvalid, KeyError) as error:
        fault = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", str(error))
        where = (
            f"{path}: row {fault[1]} has {count(int(fault[3]), 'cell')}, not {fault[2]}"
            if fault
            else f"{path}: {_NO_TABLE}"
        )
        raise WhydropError(f"{where}. {_INSTEAD}") from None


def _check_names(head: Sequence[str], path: Path) -> None:
    twice = next((name for name in head if name and head.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{path}: the column {twice} appears twice. Rename one.")


def _header(path: Path) -> list[str] | None:
    """The names of the columns, of a packed file too; None where it is no text in UTF-8. Not by a streaming reader of pyarrow,
    whose thread reads ahead: the program was aborted at its end in 1 of 150 runs."""
    import pyarrow as pa

    try:
        with TextIOWrapper(pa.input_stream(path), encoding="utf-8-sig", newline="") as file:
            head = next(filter(None, csv_rows(file)), None)
    except (UnicodeError, CsvError, OSError) as error:  # pyarrow takes no name that is no UTF-8
        if isinstance(error, OSError) and error.errno is not None:  # of the file; what cannot be unpacked has no number
            raise
        return None
    if head is None:
        raise WhydropError(f"{path}: the file is empty.")
    return head


def _decimal_mark(texts: Sequence[str], name: str, others: Set[DecimalMark]) -> DecimalMark:
    """The mark that a column's own figures show, or else those of the `others`; a point where none does. Raises UsageError where
    a comma could be either."""
    from core.ingest.values.numbers import is_ambiguous, marks_seen

    seen = marks_seen(texts) or others
    unclear = next((text for text in texts if is_ambiguous(text) and "," in text), None)
    if len(seen) > 1 or (not seen and unclear is not None):
        example = "" if unclear is None else f" (such as {unclear})"
        raise UsageError(
            f"{name}: its figures{example} can be read with a decimal comma and with a decimal point. Write them without marks "
            "of thousands."
        )
    return next(iter(seen), ".")


def _sides(name: str, columns: dict[str, Any], path: Path) -> tuple[str, ...]:
    """The column that a figure is in, or its numerator's and denominator's. A column whose own name has a slash is itself."""
    parts = (name,) if name in columns else tuple(part.strip() for part in name.split("/"))
    if len(parts) > 2:
        raise UsageError(f"{name} is neither a column nor NUM/DEN.")
    for part in parts:
        _known(part, columns, path)
    return parts


def _known(name: str, columns: dict[str, Any], path: Path) -> None:
    if name not in columns:
        raise UsageError(f"{path}: no column {name!r}.{did_you_mean(name, columns)} Known: {', '.join(columns)}.")


def _coded(column: Any) -> tuple[Codes, tuple[str, ...]]:
    column = column if hasattr(column, "indices") else column.chunk(0)
    return column.indices.to_numpy(zero_copy_only=False).astype(np.int32), tuple(column.dictionary.to_pylist())


def _numbers(columns: dict[str, Any], path: Path) -> dict[str, Floats]:
    """The figures of each column; each distinct text is parsed once.

    Where not all are plain numbers, all are read as exports have them (`1.234,5`, `$12`): 2.000 next to 1.234,5 is two thousand.
    """
    coded = {name: _coded(column) for name, column in columns.items()}
    figures = {name: np.array([_plain(text) for text in texts]) for name, (_, texts) in coded.items()}
    if any(np.isnan(numbers).any() for numbers in figures.values()):
        figures = _written_numbers({name: texts for name, (_, texts) in coded.items()})
    for name, (codes, texts) in coded.items():
        wrong = np.flatnonzero(~np.isfinite(figures[name])[codes]) if len(texts) else np.zeros(0, np.int64)
        if len(wrong):
            raise UsageError(
                f"{path}: {name} is {texts[codes[wrong[0]]]!r} in row {wrong[0] + 1} below the header, which is no number. "
                "Correct it or leave the row out."
            )
    return {name: figures[name][codes] for name, (codes, _) in coded.items()}


def _plain(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _written_numbers(columns: dict[str, tuple[str, ...]]) -> dict[str, Floats]:
    import pyarrow as pa

    from core.ingest.values.numbers import marks_seen
    from core.ingest.values.typed_numbers import values_of

    seen = marks_seen(text for texts in columns.values() for text in texts)
    return {
        name: values_of(pa.array(texts, pa.string()), _decimal_mark(texts, name, seen))
        for name, texts in columns.items()
    }
