"""Rows of one file and one slice that all count: their sums in one row."""

import sqlite3
from collections.abc import Sequence

import numpy as np

from core.base.arrays import Ints
from core.ingest.formats.batch import Export
from core.workspace.schema.tables import MEASURE, identifier
from core.workspace.write.merging.repeated_rows import RepeatedRows


def sum_slices(
    connection: sqlite3.Connection, export: Export, carried: Sequence[str], ids: Ints, rows: RepeatedRows
) -> dict[int, int]:
    """Gives the first row of each group the sums of all, and no level that several have; ids in the order of the rows. Each
    first row, and how many others it has the figures of.
    """
    table = f"{export.kind.name}_rows"
    connection.execute("CREATE TEMP TABLE parts (id INTEGER PRIMARY KEY, first INTEGER)")
    starts = np.maximum.accumulate(np.where(rows.ranks == 0, np.arange(len(ids)), 0))
    pairs = zip(ids.tolist(), ids[starts].tolist(), strict=True)
    connection.executemany("INSERT INTO temp.parts VALUES (?, ?)", pairs)
    totals = ", ".join(f"{_total(export, name)} AS {identifier(name)}" for name in carried)
    sets = ", ".join(f"{identifier(name)} = total.{identifier(name)}" for name in carried)
    connection.execute(
        f"UPDATE {table} SET {sets} FROM (SELECT p.first AS first, {totals} FROM temp.parts p "
        f"JOIN {table} t ON t.id = p.id GROUP BY p.first) total WHERE {table}.id = total.first"
    )
    connection.execute("DROP TABLE temp.parts")
    firsts, sizes = np.unique(ids[starts], return_counts=True)
    return dict(zip(firsts.tolist(), (sizes - 1).tolist(), strict=True))


def _total(export: Export, name: str) -> str:
    column = f"t.{identifier(name)}"
    is_level = name.removeprefix(MEASURE) in export.levels
    return f"CASE count({column}) WHEN 1 THEN max({column}) END" if is_level else f"sum({column})"
