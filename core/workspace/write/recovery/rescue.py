"""What can still be read of a damaged workspace, into a new one."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from core.base.errors import DamagedWorkspace, WhydropError
from core.base.frozen import frozen
from core.base.json_value import Value
from core.catalogue.kinds import KINDS
from core.workspace.schema.connection import exists, open_read, transaction, writing
from core.workspace.schema.damage import FIRST_DAY, LAST_DAY, explained, lacks_room_for_log
from core.workspace.schema.file_address import file_address
from core.workspace.schema.other_names import note_names
from core.workspace.schema.tables import (
    DAY_BITS,
    MEASURE,
    add_dimension,
    add_measures,
    coded_columns,
    columns_of,
    dimensions_of,
    identifier,
    remake_views,
    renew_state,
    table_of,
)
from core.workspace.write import post_load

_MOST_WORDS = 1 << 22
"""Codes beyond are no lost words but nonsense: a dimension of four million values is beyond what a workspace is sliced by."""
_BOOKS = ("dictionary", "dimensions", "daily_measures", "meta", "loads", "rejects", "case_records")
_STEP = 1 << 12
"""Rows that are written at a time."""
_MOST_GAPS = 1_000
"""Damaged stretches that are stepped over in one table."""
_NEAR = 40
"""Days, or rows, that are tried one by one behind the damage before the rest is searched by halving."""


@frozen
class RescuedTable(Value):
    """What was saved of one table."""

    table: str
    read: int
    lost: bool
    """Whether a part of it could not be read, so that rows may be missing."""


def rescue(damaged: Path, new: Path) -> tuple[RescuedTable, ...]:
    """Copies everything of a damaged workspace that can be read, and makes sense, into a new one at `new`.

    The damaged file is only read. What the loads replaced is not copied: they cannot be undone in the new workspace.
    Raises WhydropError when there is no such file, nothing can be read of it, or `new` is there already.
    """
    if not exists(damaged) or damaged.is_dir():
        raise WhydropError(f"{damaged}: there is no workspace to rescue.")
    if exists(new):
        raise WhydropError(f"{new} is there already. Name a new file with -o.")
    address = file_address(damaged, "ro")
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as source:
        source.text_factory = lambda data: data.decode("utf-8", "replace")
        tables = _readable(damaged, source)
        with writing(new) as target:
            try:
                with transaction(target, new):
                    rescued = _copied(source, target, tables)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
    return rescued


def is_damaged(path: Path) -> bool:
    """Whether a workspace is not as it was written, so that values that can be read may be wrong all the same."""
    try:
        open_read(path).close()
    except DamagedWorkspace:
        return True
    except WhydropError:
        return False
    return False


def _readable(path: Path, source: sqlite3.Connection) -> frozenset[str]:
    try:
        source.execute("PRAGMA cell_size_check = ON")
        names = frozenset(name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
    except sqlite3.DatabaseError as error:
        if lacks_room_for_log(error):
            raise explained(path, error) from None
        raise WhydropError(
            f"{path}: nothing can be read of it ({error}). Load the exports into a new workspace."
        ) from None
    if "dictionary" not in names:
        raise WhydropError(
            f"{path}: its words are lost, and no row means anything without them. Load the exports again."
        )
    return names


def _copied(source: sqlite3.Connection, target: sqlite3.Connection, tables: frozenset[str]) -> tuple[RescuedTable, ...]:
    rescued = [_copy(source, target, name) for name in _BOOKS[:1] if name in tables]
    _widen(source, target)
    rescued += [_copy(source, target, name) for name in _BOOKS[3:] if name in tables]
    for kind in KINDS.values():
        table = table_of(kind)
        if table in tables:
            rescued.append(_copy(source, target, table))
            if kind.is_fact:
                if rescued[0].lost:
                    _name_lost_words(target, kind.name)
                _drop_nonsense(target, table)
        else:
            rescued.append(RescuedTable(table, 0, True))
    for name in ("orders", "reviews", "violations"):
        post_load.update_dependents(target, name)
    note_names(target)
    # rows may be missing: the same files are read again when they are loaded again
    target.execute("UPDATE loads SET fingerprint = NULL, stamp = NULL")
    target.execute("DELETE FROM meta WHERE key = 'undo_from'")
    target.execute("INSERT OR REPLACE INTO meta SELECT 'undo_from', CAST(coalesce(max(id), 0) + 1 AS TEXT) FROM loads")
    renew_state(target)
    return tuple(rescued)


def _widen(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Gives the new workspace the dimensions and measures of the damaged one."""
    units: dict[str, str] = {}
    with suppress(sqlite3.DatabaseError):
        units = dict(source.execute("SELECT name, unit FROM daily_measures ORDER BY rowid"))
    custom: list[str] = []
    with suppress(sqlite3.DatabaseError):
        custom = [name for (name,) in source.execute("SELECT name FROM dimensions WHERE custom ORDER BY position")]
    for kind in KINDS.values():
        if not kind.is_fact:
            continue
        columns = columns_of(source, f"{kind.name}_rows")
        for name in custom:
            if name in columns and name not in dimensions_of(target, kind.name):
                add_dimension(target, kind.name, name)
    measures = [name.removeprefix(MEASURE) for name in columns_of(source, "daily_rows") if name.startswith(MEASURE)]
    if measures:
        add_measures(target, {name: units.get(name, "number") for name in measures})
    remake_views(target)


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> RescuedTable:
    columns = [name for name in columns_of(source, table) if name in set(columns_of(target, table))]
    names = ", ".join(map(identifier, columns))
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
    before = target.total_changes
    lost = False
    for rows in _parts(source, table, names):
        if rows is None:
            lost = True
        else:
            target.executemany(insert, rows)
    return RescuedTable(table, target.total_changes - before, lost)


def _parts(source: sqlite3.Connection, table: str, names: str) -> Iterator[Sequence[tuple[Any, ...]] | None]:
    """The rows of a table, part by part; None where a part could not be read."""
    highest = LAST_DAY << DAY_BITS
    try:
        last = min(source.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0, highest)
    except sqlite3.DatabaseError as error:
        if "no such column" in str(error):  # a table without row ids
            yield from _until_damage(source, f"SELECT {names} FROM {table}")
            return
        last = highest
    step = 1 << DAY_BITS if table.endswith("_rows") else 1
    at: int | None = 0
    for _ in range(_MOST_GAPS):
        if at is None:
            return
        lost, behind = False, at
        after = f" WHERE rowid >= {at}" if at else ""
        for rows in _until_damage(source, f"SELECT rowid, {names} FROM {table}{after} ORDER BY rowid", at):
            lost = lost or rows is None
            behind = rows[-1][0] + 1 if rows else behind
            yield None if rows is None else [row[1:] for row in rows]
        if not lost:
            return
        at = _behind_damage(source, table, behind, last, step)


def _behind_damage(source: sqlite3.Connection, table: str, start: int, last: int, step: int) -> int | None:
    """The first row id behind a damaged stretch, to the day (to the row in a table without days); None when there is none.

    Found by halving, as if what follows were whole; where it is not, that is a stretch of its own.
    """

    def is_readable(at: int) -> bool:
        try:
            source.execute(f"SELECT * FROM {table} WHERE rowid >= {at} ORDER BY rowid LIMIT 1").fetchone()
        except (sqlite3.DatabaseError, OverflowError):
            return False
        return True

    low, high = start // step, last // step + 1
    for near in range(low + 1, min(low + _NEAR, high)):
        if is_readable(near * step):
            return near * step
    if not is_readable(last):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_readable(middle * step) else (middle, high)
    return high * step if high * step <= last else None


def _until_damage(
    source: sqlite3.Connection, sql: str, first_id: int | None = None
) -> Iterator[Sequence[tuple[Any, ...]] | None]:
    """The rows of a query as far as they can be read, None at the end where that was not all. `first_id`: the first cell is a
    row id, no lower than this; one that is out of order is damage too, behind which rows would be read twice."""
    rows: list[tuple[Any, ...]] = []
    previous = None if first_id is None else first_id - 1
    try:
        for row in source.execute(sql):
            if previous is not None:
                if row[0] <= previous:
                    raise ValueError
                previous = row[0]
            rows.append(row)
            if len(rows) == _STEP:
                yield rows
                rows = []
    except (sqlite3.DatabaseError, OverflowError, ValueError):
        yield rows
        yield None
        return
    yield rows


def _name_lost_words(target: sqlite3.Connection, kind: str) -> None:
    """Gives codes whose words are lost a word: rows keep their figures, and the words that are left keep their own codes."""
    for name in coded_columns(target, kind):
        column = identifier(name)
        codes = {code for (code,) in target.execute("SELECT code FROM dictionary WHERE dimension = ?", (name,))}
        used = target.execute(f"SELECT max({column}) FROM {kind}_rows WHERE {column} BETWEEN 1 AND {_MOST_WORDS}")
        last = max(used.fetchone()[0] or 0, *codes, 0)
        lost = ((name, code, f"lost-{code}") for code in range(1, last + 1) if code not in codes)
        target.executemany("INSERT OR IGNORE INTO dictionary (dimension, code, value) VALUES (?, ?, ?)", lost)


def _drop_nonsense(target: sqlite3.Connection, table: str) -> None:
    """Removes rows that no load can have written: of days without a date, or with words that there are none of."""
    words = dict(target.execute("SELECT dimension, max(code) FROM dictionary GROUP BY dimension"))
    wrong = [f"id >> {DAY_BITS} NOT BETWEEN {FIRST_DAY} AND {LAST_DAY}"]
    for _, name, declared, *_ in target.execute(f"PRAGMA table_info({table})"):
        if name in words:
            wrong.append(f"{identifier(name)} NOT BETWEEN 0 AND {words[name]}")
        elif declared.startswith(("INTEGER", "REAL")):
            wrong.append(f"typeof({identifier(name)}) NOT IN ('integer', 'real', 'null')")
    target.execute(f"DELETE FROM {table} WHERE {' OR '.join(wrong)}")
