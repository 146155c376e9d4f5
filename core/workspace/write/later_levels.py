"""Measures that only the rows of several files together show to be levels, such as a stock: their days cannot be added up."""

import json
import sqlite3
from collections.abc import Collection

import numpy as np

from core.catalogue.kinds import SOURCE
from core.ingest.columns.counters import DailySeries
from core.ingest.columns.levels import follows_level, level_columns
from core.ingest.columns.repeated_figures import figures_of_groups
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import Export
from core.ingest.formats.different_cells import combined
from core.ingest.mapping.column_plan import few, snake
from core.ingest.request import columns_key
from core.workspace.schema.tables import DAY_BITS, MEASURE, RATE, dimensions_of, identifier

_MOST_ROWS = 5_000
"""The newest rows of those columns, which are looked at: 20,000 took 0.15 s of each load."""


_RECORD = "levels:"
"""What keys of `meta` begin with that say which measures a load took out of all totals, and what their units were."""


def later_levels(
    connection: sqlite3.Connection, export: Export, load_id: int, asked: Collection[str] = ()
) -> tuple[str, ...]:
    """Takes measures out of all totals that earlier files counted, until the load is undone: those that the user asks for, and,
    of files with the columns of the export, those that it shows to be levels or ratios, alone or with their rows. What to say of
    them, of those that are in no total although the export counts them, and of those that still are although it does not.
    """
    if export.kind.name != "daily":
        return ()
    units = dict(connection.execute("SELECT name, unit FROM daily_measures"))
    levels = {*export.rates, *(name for name, *_ in export.ratios)}
    left = [name for name in export.measures if units.get(name) == RATE and name not in levels]
    notes = [f"{_KEPT}, as in earlier loads: {few(left)}"] if left else []
    every = dict(connection.execute("SELECT name, scale FROM daily_measures"))
    scales = {name: scale for name, scale in every.items() if units[name] != RATE}
    is_like = _has_columns(connection, export)
    levels = levels if is_like else levels.intersection(map(snake, asked))
    changed = levels & scales.keys()
    if is_like and export.preset is None:
        counted = [name for name in export.measures if name in scales and name not in levels]
        changed |= _levels(connection, counted, [name for name in export.rates if name in every], every)
    parts = connection.execute("SELECT numerator, denominator FROM daily_ratios").fetchall()
    changed -= {part for ratio in parts for part in ratio}
    connection.executemany("UPDATE daily_measures SET unit = ? WHERE name = ?", [(RATE, name) for name in changed])
    before = _taken_out(connection)
    old_units = {name: units[name] for name in changed} | {name: before[name] for name in levels & before.keys()}
    if old_units:
        connection.execute("INSERT INTO meta VALUES (?, ?)", (f"{_RECORD}{load_id}", json.dumps(old_units)))
    if changed:
        names = few(sorted(changed))
        notes.append(f"with the rows of earlier files, kept, but now in no total and no scan: {names}")
    if still := [name for name in export.rates if name in scales and name not in changed]:
        notes.append(f"added up anyway, as in earlier loads: {few(still)}")
    return tuple(notes)


def _has_columns(connection: sqlite3.Connection, export: Export) -> bool:
    """Whether an earlier file has the columns of the export."""
    key = columns_key(export.header)
    return any(
        columns_key(header) == key for (header,) in connection.execute("SELECT header FROM loads WHERE kind = 'daily'")
    )


_KEPT = "kept, but in no total and no scan"


def count_again(connection: sqlite3.Connection, load_id: int) -> None:
    """Counts what the load took out of all totals again, but for what another load shows to be no sum as well."""
    old_units = _taken_out(connection, f"{_RECORD}{load_id}")
    connection.execute("DELETE FROM meta WHERE key = ?", (f"{_RECORD}{load_id}",))
    others = _taken_out(connection)
    back = [(unit, name, RATE) for name, unit in old_units.items() if name not in others]
    connection.executemany("UPDATE daily_measures SET unit = ? WHERE name = ? AND unit = ?", back)


def _taken_out(connection: sqlite3.Connection, key: str = f"{_RECORD}*") -> dict[str, str]:
    """The measures that loads took out of all totals, each with the unit that it had; `key` is that of their records."""
    rows = connection.execute("SELECT value FROM meta WHERE key GLOB ?", (key,))
    return {name: unit for (value,) in rows for name, unit in json.loads(value).items()}


def _levels(connection: sqlite3.Connection, names: list[str], rates: list[str], scales: dict[str, int]) -> set[str]:
    """Those of the measures that their rows in the workspace show to be levels, or to count once on several rows; `rates` may be
    levels that others follow.
    """
    if not names:
        return set()
    names_of_words = dimensions_of(connection, "daily")
    dimensions = [identifier(name) for name in names_of_words]
    columns = [identifier(MEASURE + name) for name in (*names, *rates)]
    newest = connection.execute(
        f"SELECT id >> {DAY_BITS}, {', '.join((*dimensions, *columns))} FROM daily_rows "
        f"WHERE coalesce({', '.join((*columns, 'NULL'))}) IS NOT NULL ORDER BY id DESC LIMIT {_MOST_ROWS}"
    )
    width = 1 + len(dimensions)
    cells = np.array(newest.fetchall(), float).reshape(-1, width + len(columns))  # NULL is nan
    days, *codes = cells[:, :width].T.astype(np.int64)
    order = np.lexsort((*codes[::-1], days))
    columns_by_name = {
        name: column[order] / scales[name] for name, column in zip((*names, *rates), cells.T[width:], strict=True)
    }
    figures = {name: columns_by_name[name] for name in names}
    words = [arrow_array(column[order]) for column in codes]
    sources = [column for name, column in zip(names_of_words, codes, strict=True) if name == SOURCE]
    days_of_source = combined((days, *sources), len(days))
    repeated = figures_of_groups(days_of_source[order], [column[order] for column in codes], figures)
    levels = level_columns({}, figures, DailySeries.of(days[order], words))
    candidates = [columns_by_name[name] for name in (*rates, *levels)]
    levels |= {name for name in names if name not in levels and follows_level(name, figures[name], candidates)}
    return levels.union(repeated.of_days, repeated.of_slices)
