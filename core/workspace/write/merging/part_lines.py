"""Order lines that only their place in the file numbers: each takes the number under which the workspace has the same line."""

import sqlite3
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from core.catalogue.kinds import LINE
from core.ingest.formats.arrow_arrays import arrow_array
from core.workspace.schema.tables import DAY_BITS, identifier
from core.workspace.write.dictionary import Dictionary

_LINES = "temp.part_lines"
_EARLIER = "temp.earlier_lines"
_MET = "temp.met_lines"


def number_lines(
    connection: sqlite3.Connection,
    words: Dictionary,
    *,
    table: str,
    incoming: str,
    key: Sequence[str],
    columns: Sequence[str],
    has_parts: bool,
) -> None:
    """Numbers the lines of `incoming` whose orders have several of one product, in the file or in `table` before it.

    A line that is equal in all `columns` to one of the table is that one, whatever its place; else one of the same amount, else
    any that the file does not have as it is, which it corrects. It is a line of its own where there is none left.
    """
    run = connection.execute
    exists = "SELECT EXISTS (SELECT 1 FROM dictionary WHERE dimension = ?)"
    if not has_parts and not run(exists, (LINE,)).fetchone()[0]:
        return
    base = [identifier(name) for name in key if name != LINE]
    content = [identifier(name) for name in columns if name not in key]
    same = " AND ".join(f"i.{name} = e.{name}" for name in base)
    listed = ", ".join(base)
    several = (
        f"SELECT {listed} FROM {incoming} i GROUP BY {listed} HAVING min(again) = 0 "
        f"AND (count(*) > 1 OR EXISTS (SELECT 1 FROM {table} e WHERE {same} AND e.{LINE} <> 0))"
    )
    run(f"CREATE TABLE {_LINES} AS SELECT * FROM {incoming} JOIN ({several}) USING ({listed})")
    run(
        f"CREATE TABLE {_EARLIER} AS SELECT t.*, t.id >> {DAY_BITS} AS day, 0 AS is_met FROM {table} t "
        f"JOIN (SELECT DISTINCT {listed} FROM {_LINES}) USING ({listed})"
    )
    amounts = [identifier(name) for name in ("gmv", "units") if name in columns]
    for alike in (["day", *content], amounts, []):
        _meet(connection, base, alike)
    run(f"UPDATE {incoming} SET {LINE} = m.{LINE} FROM {_MET} m WHERE m.n = {incoming}.n")
    _number_new(connection, words, incoming, listed, same)
    for name in (_LINES, _EARLIER, _MET):
        run(f"DROP TABLE {name}")


def _meet(connection: sqlite3.Connection, base: Sequence[str], alike: Sequence[str]) -> None:
    """Gives lines of the file that have none yet the number of one of their order in the workspace that nobody has, where both
    are equal in some columns: one after the other.
    """
    run = connection.execute
    run(f"CREATE TABLE IF NOT EXISTS {_MET} (n INTEGER PRIMARY KEY, id INTEGER, {LINE} INTEGER)")
    by = ", ".join([*base, *alike])
    equal = " AND ".join([*(f"i.{name} = e.{name}" for name in base), *(f"i.{name} IS e.{name}" for name in alike)])
    run(
        f"INSERT INTO {_MET} SELECT i.n, e.id, e.{LINE} FROM "
        f"(SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY n) AS place FROM {_LINES} "
        f"WHERE n NOT IN (SELECT n FROM {_MET})) i JOIN "
        f"(SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY id) AS place FROM {_EARLIER} "
        f"WHERE id NOT IN (SELECT id FROM {_MET})) e ON {equal} AND i.place = e.place"
    )


def _number_new(connection: sqlite3.Connection, words: Dictionary, incoming: str, base: str, same: str) -> None:
    """Numbers the lines beyond those that the workspace has, after its last one."""
    last = (
        f"SELECT {base}, max(coalesce(CAST(d.value AS INTEGER), 1)) AS last FROM {_EARLIER} m "
        f"LEFT JOIN dictionary d ON d.dimension = '{LINE}' AND d.code = m.{LINE} GROUP BY {base}"
    )
    rows = connection.execute(
        f"SELECT i.n, e.last + row_number() OVER (PARTITION BY {', '.join(f'i.{name}' for name in base.split(', '))} "
        f"ORDER BY i.n) FROM {_LINES} i JOIN ({last}) e ON {same} WHERE i.n NOT IN (SELECT n FROM {_MET})"
    ).fetchall()
    if not rows:
        return
    numbers = np.array(rows, np.int64)
    codes = words.encode(LINE, arrow_array(numbers[:, 1]).cast(pa.string()).dictionary_encode()).tolist()
    connection.executemany(
        f"UPDATE {incoming} SET {LINE} = ? WHERE n = ?", zip(codes, numbers[:, 0].tolist(), strict=True)
    )
