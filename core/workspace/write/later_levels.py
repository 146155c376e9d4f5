"""Measures that only the rows of several files together show to be levels, such as a stock: their days cannot be added up."""

import sqlite3

import numpy as np
import pyarrow as pa

from core.base.arrays import Floats
from core.ingest.columns.counters import DailySeries
from core.ingest.columns.levels import level_columns
from core.ingest.formats.batch import Export
from core.ingest.mapping.column_plan import few
from core.ingest.request import columns_key
from core.workspace.schema.tables import DAY_BITS, MEASURE, RATE, dimensions_of, identifier

_MOST_ROWS = 5_000
"""The newest rows of those columns, which are looked at: 20,000 took 0.15 s of each load."""


def later_levels(connection: sqlite3.Connection, export: Export) -> tuple[str, ...]:
    """Takes measures out of all totals that earlier files with the columns of an export counted, and that it shows to be levels
    or ratios, alone or with their rows; what to say of them.
    """
    key = columns_key(export.header)
    loads = connection.execute("SELECT header FROM loads WHERE kind = 'daily'") if export.kind.name == "daily" else ()
    if not any(columns_key(header) == key for (header,) in loads):
        return ()
    scales = dict(connection.execute("SELECT name, scale FROM daily_measures WHERE unit <> ?", (RATE,)))
    shown = {*export.rates, *(name for name, *_ in export.ratios)}
    counted = [name for name in export.measures if name in scales and name not in shown]
    found = {*(shown & scales.keys()), *(_levels(connection, counted, scales) if export.preset is None else ())}
    parts = connection.execute("SELECT numerator, denominator FROM daily_ratios").fetchall()
    found -= {part for ratio in parts for part in ratio}
    connection.executemany("UPDATE daily_measures SET unit = ? WHERE name = ?", [(RATE, name) for name in found])
    names = few(sorted(found))
    return (f"with the rows of earlier files, kept, but now in no total and no scan: {names}",) if found else ()


def _levels(connection: sqlite3.Connection, names: list[str], scales: dict[str, int]) -> set[str]:
    """Those of the measures that their rows in the workspace show to be levels."""
    if not names:
        return set()
    dimensions = [identifier(name) for name in dimensions_of(connection, "daily")]
    columns = [identifier(MEASURE + name) for name in names]
    newest = connection.execute(
        f"SELECT id >> {DAY_BITS}, {', '.join((*dimensions, *columns))} FROM daily_rows "
        f"WHERE coalesce({', '.join((*columns, 'NULL'))}) IS NOT NULL ORDER BY id DESC LIMIT {_MOST_ROWS}"
    )
    rows = sorted(newest, key=lambda row: row[: 1 + len(dimensions)])
    days, *values = zip(*rows, strict=True) if rows else ((),)
    words = [pa.array(codes, pa.int32()).cast(pa.string()) for codes in values[: len(dimensions)]]
    figures: dict[str, Floats] = {
        name: np.array(column, float) / scales[name]
        for name, column in zip(names, values[len(dimensions) :], strict=False)
    }
    return level_columns({}, figures, DailySeries.of(np.array(days, np.int64), words))
