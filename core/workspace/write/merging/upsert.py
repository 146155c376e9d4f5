"""One export into its tables: the road that its kind takes, inside a transaction that is open."""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS, MONEY_MEASURES, CellType
from core.ingest.formats.batch import Batch, Export
from core.workspace.schema import tables
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.dictionary import Dictionary, Values, plain
from core.workspace.write.merging.written_rows import UpsertCounts, WrittenRows

if TYPE_CHECKING:
    from core.workspace.write.merging.upsert_by_key import KeyedLoad
    from core.workspace.write.merging.upsert_by_slice import SliceLoad

OnBatch = Callable[[Batch], None]
Road = tuple["SliceLoad | KeyedLoad", OnBatch, Callable[[], UpsertCounts]]
"""The load of rows that are known in one way: what takes a batch of them, and what settles them all."""


def upsert(
    connection: sqlite3.Connection,
    export: Export,
    on_batch: OnBatch,
    staging: Staging,
    afterwards: ExitStack,
    written: WrittenRows,
) -> UpsertCounts:
    """Loads every batch of an export; `on_batch` is called with each before it is written. What has to be done once the
    transaction has ended is put on `afterwards`; `written` knows the rows of earlier files of the same load.

    Raises UsageError for a file whose rows contradict each other, or another file of the same load.
    """
    words, units = Dictionary(connection), Units(connection)
    is_by_slice = export.kind.is_fact and not export.kind.key and not export.keyed
    load, add, settle = (_by_slice if is_by_slice else _by_key)(connection, export, words, staging, written)
    afterwards.callback(load.close)
    try:
        for batch in export.batches:
            on_batch(batch)
            if len(batch):
                units.note(export, batch)
                add(batch)
        units.save()
        counts = settle()
    finally:
        load.stop()
    words.save()
    return counts


def widen(connection: sqlite3.Connection, export: Export) -> None:
    """Gives the kind's table the dimensions and measures that it lacks; before `upsert`.

    Raises UsageError when they are too many.
    """
    if not export.kind.is_fact:
        return
    kind = export.kind.name
    columns = set(tables.columns_of(connection, f"{kind}_rows"))
    dimensions = [name for name in export.dimensions if name not in columns]
    measures = {
        name: tables.RATE if name in export.rates else "money" if name in MONEY_MEASURES else "count"
        for name in export.measures
        if tables.MEASURE + name not in columns
    }
    room = tables.MOST_COLUMNS - len(tables.columns_of(connection, tables.before_images(f"{kind}_rows")))
    if len(dimensions) + len(measures) > room:
        raise UsageError(
            f"{export.path}: {len(dimensions) + len(measures):,} new columns, and the workspace has room for {room:,}. "
            "Load fewer of them, or load them into a workspace of their own (--db)."
        )
    for name in dimensions:
        tables.add_dimension(connection, kind, name)
    if measures:
        tables.add_measures(connection, measures)
    connection.executemany("INSERT OR IGNORE INTO daily_ratios VALUES (?, ?, ?, ?)", export.ratios)
    if dimensions or measures:
        tables.remake_views(connection)


def _by_slice(
    connection: sqlite3.Connection, export: Export, words: Dictionary, staging: Staging, written: WrittenRows
) -> Road:
    from core.workspace.write.merging.upsert_by_slice import SliceLoad  # 0.5 ms, which no load by key needs

    figures = [name for name in export.cells if name not in export.dimensions and name != "date"]
    stored = {name: _stored(export, name) for name in figures}
    slices = tables.dimensions_of(connection, export.kind.name)
    load = SliceLoad(connection, export, slices, list(stored.values()), written, staging)

    def add(batch: Batch) -> None:
        codes = {name: words.encode(name, batch.columns[name]) for name in export.dimensions}
        figures_of = {column: _values(batch.columns[name]) for name, column in stored.items()}
        if batch.days is not None:
            load.add(batch.days, batch.records, codes, figures_of)

    return load, add, load.settle


def _by_key(
    connection: sqlite3.Connection, export: Export, words: Dictionary, staging: Staging, written: WrittenRows
) -> Road:
    from core.workspace.write.merging.upsert_by_key import KeyedLoad, key_of  # 0.5 ms, which no load by slice needs

    kind, key = export.kind, key_of(export)
    cells = {name: cell for name, cell in export.cells.items() if name != "date" or not kind.is_fact}
    carried = {name: _stored(export, name) for name in (*dict.fromkeys((*cells, *key)),)}
    load = KeyedLoad(connection, export, list(carried.values()), words, staging, written)

    def add(batch: Batch) -> None:
        rows = {column: _kept(export, name, batch, words) for name, column in carried.items()}
        load.add(rows if not kind.is_fact else {**rows, "day": batch.days}, batch.records)

    return load, add, lambda: load.merge(lambda batch: [_kept(export, name, batch, words) for name in key])


def _kept(export: Export, name: str, batch: Batch, words: Dictionary) -> Values:
    """One column as the table has it. A part of the key that is not given is a value too: rows without it are one row."""
    cell = KINDS[export.kind.name].columns.get(name, export.cells.get(name, CellType.TEXT))
    values = batch.columns.get(name)
    if values is None:
        is_code = export.kind.is_fact and cell is CellType.WORD
        return np.zeros(len(batch), np.int32) if is_code else pa.repeat(pa.scalar("", pa.string()), len(batch))
    if not export.kind.is_fact:
        cells = plain(cell, values)
        return cells.fill_null("") if name in export.kind.key else cells
    if pa.types.is_dictionary(values.type):
        return words.encode(name, values)
    return _values(values)


def _stored(export: Export, name: str) -> str:
    return tables.MEASURE + name if name in export.measures else name


def _values(values: pa.Array) -> Values:
    return values if values.null_count or pa.types.is_string(values.type) else values.to_numpy()


class Units:
    """Whether the measures of `daily` are counts or other numbers, seen over the whole file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._fractions: set[str] = set()

    def note(self, export: Export, batch: Batch) -> None:
        """Looks at a batch."""
        self._fractions |= {name for name in export.measures if pa.types.is_floating(batch.columns[name].type)}

    def save(self) -> None:
        """Writes the unit of the measures that are not whole numbers."""
        for name in sorted(self._fractions):
            self._connection.execute(
                "UPDATE daily_measures SET unit = 'number' WHERE name = ? AND unit = 'count'", (name,)
            )
