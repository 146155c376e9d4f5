"""The table in the data of a chart: labels and series, or columns and rows of cells as Google's charts have them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.ingest.formats.documents.json_values import value_text

Table = tuple[list[str], list[list[str | None]]]
"""Names of columns, and rows."""
_LABELS = ("labels", "categories", "x", "xValues")
_SERIES = ("datasets", "series")
_DATE = re.compile(r"Date\((\d{4}),\s*(\d{1,2}),\s*(\d{1,2})(?:,\s*(\d{1,2}))?(?:,\s*(\d{1,2}))?(?:,\s*(\d{1,2}))?\)")


def chart_table(value: Mapping[str, Any]) -> Table | None:
    """The table that an object of a document is; None when it is no chart."""
    return _of_series(value) or _of_cells(value)


def _of_series(value: Mapping[str, Any]) -> Table | None:
    labels = next((value[key] for key in _LABELS if isinstance(value.get(key), list)), None)
    series = next((value[key] for key in _SERIES if isinstance(value.get(key), list)), None)
    names = value.get("seriesLabels")
    if labels and series and isinstance(names, list) and len(names) == len(series):
        series = [{"name": value_text(name), "data": data} for name, data in zip(names, series, strict=True)]
    if not labels or not series or not all(isinstance(item, dict) for item in series):
        return None
    named = [(item.get("label") or item.get("name"), _plain(item.get("data"))) for item in series]
    if any(not name or not isinstance(data, list) or len(data) != len(labels) for name, data in named):
        return None
    if any(isinstance(cell, list | dict) for _, data in named for cell in data):
        return None
    columns = [labels, *(data for _, data in named)]
    return ["label", *(str(name) for name, _ in named)], [
        list(map(value_text, row)) for row in zip(*columns, strict=True)
    ]


def _plain(data: Any) -> Any:
    """The points of a series, also of objects that have their `value`."""
    if isinstance(data, list) and data and all(isinstance(point, dict) and "value" in point for point in data):
        return [point["value"] for point in data]
    return data


def _of_cells(value: Mapping[str, Any]) -> Table | None:
    cols, rows = value.get("cols"), value.get("rows")
    if not isinstance(cols, list) or not isinstance(rows, list) or not cols or not rows:
        return None
    if not all(isinstance(row, dict) and isinstance(row.get("c"), list) and len(row["c"]) == len(cols) for row in rows):
        return None
    names = [str(col.get("label") or col.get("id") or at) for at, col in enumerate(cols, 1) if isinstance(col, dict)]
    return (names, [_cells(row["c"]) for row in rows]) if len(names) == len(cols) else None


def _cells(row: Sequence[Any]) -> list[str | None]:
    return [_cell(item.get("v")) if isinstance(item, dict) else None for item in row]


def _cell(value: Any) -> str | None:
    """A value as text; months of a date are counted from 0."""
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value_text(value)
    year, month, day, *clock = (int(part or 0) for part in match.groups())
    hours = f"T{clock[0]:02d}:{clock[1]:02d}:{clock[2]:02d}" if any(clock) else ""
    return f"{year}-{month + 1:02d}-{day:02d}{hours}"
