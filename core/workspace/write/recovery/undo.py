"""Taking a load out of the workspace again, with what it replaced brought back, in one transaction."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS, Kind
from core.workspace.schema import load_log
from core.workspace.schema.connection import open_read, transaction, writing
from core.workspace.schema.load_log import UNKEPT, Load
from core.workspace.schema.tables import (
    DAY_BITS,
    FACTS,
    MEASURE,
    before_images,
    columns_of,
    dimensions_of,
    identifier,
    remake_views,
    renew_state,
    table_of,
)
from core.workspace.write import post_load
from core.workspace.write.later_levels import count_again
from core.workspace.write.recovery.change_log import UNDO_FROM


def undo(path: Path, load_id: int, wait: float | None = None) -> Load:
    """Takes load `load_id` out of the workspace at `path`: its rows go, the rows that it replaced come back as they were, and the
    same file can be loaded again. Gives back what was in the log of loads.

    Raises UsageError when there was no such load, when later loads rest on its rows (they have to be undone first), or when what
    it replaced is no longer kept.
    """
    undone = load_log.load(path, load_id)
    with writing(path) as connection, transaction(connection, path, wait=wait):
        _check(connection, undone)
        kind = KINDS[undone.kind]
        if kind.is_fact:
            _restore_facts(connection, kind, load_id)
        else:
            _restore_plain(connection, kind, load_id)
        for table in ("load_days", "rejects", before_images(table_of(kind))):
            connection.execute(f"DELETE FROM {table} WHERE load_id = ?", (load_id,))
        # its other tables may stay: the file is read again, and not known by them
        connection.execute(
            "UPDATE loads SET fingerprint = NULL FROM (SELECT fingerprint, asked FROM loads WHERE id = ?) gone "
            "WHERE loads.fingerprint = gone.fingerprint AND loads.asked = gone.asked",
            (load_id,),
        )
        connection.execute("DELETE FROM loads WHERE id = ?", (load_id,))
        connection.execute("DELETE FROM meta WHERE key IN (?, ?)", (f"written:{load_id}", f"{UNKEPT}:{load_id}"))
        count_again(connection, load_id)
        _forget_words(connection)
        _forget_measures(connection)
        post_load.update_dependents(connection, undone.kind)
        renew_state(connection)
    return undone


def later_loads(path: Path, load_id: int) -> tuple[int, ...]:
    """The loads that have to be undone before this one, newest first."""
    load = load_log.load(path, load_id)
    with closing(open_read(path)) as connection:
        return tuple(_dependents(connection, KINDS[load.kind], load_id))


def _check(connection: sqlite3.Connection, load: Load) -> None:
    row = connection.execute("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?", (UNDO_FROM,)).fetchone()
    if row is None or load.id < row[0]:
        raise UsageError(
            f"load {load.id} is too old to be undone: what it replaced is no longer kept. Load the exports into a new workspace."
        )
    later = _dependents(connection, KINDS[load.kind], load.id)
    if later:
        first = f"whydrop loads undo {later[0]}"
        numbers = ", ".join(map(str, later))
        raise UsageError(f"later loads changed or repeated rows of load {load.id}: {numbers}. Undo them first: {first}")


def _dependents(connection: sqlite3.Connection, kind: Kind, load_id: int) -> Sequence[int]:
    """Later loads of the same kind that replaced or repeated rows which this one added or replaced, newest first."""
    images = before_images(table_of(kind))
    if not kind.is_fact:
        key = " AND ".join(f"a.{identifier(name)} = b.{identifier(name)}" for name in kind.key)
        sql = (
            f"SELECT DISTINCT b.load_id FROM {images} a JOIN {images} b ON {key} WHERE a.load_id = :n AND b.load_id > :n "
            f"UNION SELECT id FROM loads WHERE id > :n AND kind = '{kind.name}' AND unchanged > 0 "
            f"AND EXISTS (SELECT 1 FROM {images} WHERE load_id = :n)"
        )
    else:
        replaced = f"(SELECT count(*) FROM {images} i WHERE i.load_id = d.load_id AND i.id >> {DAY_BITS} = d.day)"
        touched = f"(d.last_id >= d.first_id OR {replaced} > 0)"
        sql = (
            # rows that this load added, replaced later
            f"SELECT DISTINCT b.load_id FROM load_days d JOIN {images} b ON b.id BETWEEN d.first_id AND d.last_id "
            f"WHERE d.load_id = :n AND d.kind = '{kind.name}' AND b.load_id > :n "
            # rows that both replaced
            f"UNION SELECT b.load_id FROM {images} a JOIN {images} b ON b.id = a.id WHERE a.load_id = :n AND b.load_id > :n "
            # days that this load changed and a later one repeats
            f"UNION SELECT later.load_id FROM load_days later JOIN (SELECT d.day AS day FROM load_days d WHERE d.load_id = :n "
            f"AND d.kind = '{kind.name}' AND {touched}) changed ON changed.day = later.day "
            f"WHERE later.load_id > :n AND later.kind = '{kind.name}' AND later.rows > later.last_id - later.first_id + 1 + "
            f"(SELECT count(*) FROM {images} i WHERE i.load_id = later.load_id AND i.id >> {DAY_BITS} = later.day)"
        )
    return sorted((row[0] for row in connection.execute(sql, {"n": load_id})), reverse=True)


def _restore_facts(connection: sqlite3.Connection, kind: Kind, load_id: int) -> None:
    table = table_of(kind)
    added = connection.execute(
        "SELECT first_id, last_id FROM load_days WHERE load_id = ? AND kind = ? AND last_id >= first_id",
        (load_id, kind.name),
    ).fetchall()
    connection.executemany(f"DELETE FROM {table} WHERE id BETWEEN ? AND ?", added)
    _bring_back(connection, table, load_id)


def _restore_plain(connection: sqlite3.Connection, kind: Kind, load_id: int) -> None:
    table = table_of(kind)
    key = ", ".join(map(identifier, kind.key))
    connection.execute(
        f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {before_images(table)} WHERE load_id = ? AND is_new)",
        (load_id,),
    )
    _bring_back(connection, table, load_id)


def _bring_back(connection: sqlite3.Connection, table: str, load_id: int) -> None:
    names = ", ".join(map(identifier, columns_of(connection, table)))
    connection.execute(
        f"INSERT OR REPLACE INTO {table} ({names}) "
        f"SELECT {names} FROM {before_images(table)} WHERE load_id = ? AND NOT is_new",
        (load_id,),
    )


def _forget_words(connection: sqlite3.Connection) -> None:
    """Removes the newest words of each dimension that no row has any more; codes stay dense."""
    newest: dict[str, int] = {}
    for kind in FACTS:
        coded = [*dimensions_of(connection, kind), *_coded_columns(connection, kind)]
        row = connection.execute(
            f"SELECT {', '.join(f'max({identifier(name)})' for name in coded)} FROM {kind}_rows"
        ).fetchone()
        for name, code in zip(coded, row, strict=True):
            newest[name] = max(newest.get(name, 0), code or 0)
        # replaced rows that are kept refer to words too
        row = connection.execute(
            f"SELECT {', '.join(f'max({identifier(name)})' for name in coded)} FROM {before_images(f'{kind}_rows')}"
        ).fetchone()
        for name, code in zip(coded, row, strict=True):
            newest[name] = max(newest[name], code or 0)
    connection.executemany("DELETE FROM dictionary WHERE dimension = ? AND code > ?", newest.items())


def _coded_columns(connection: sqlite3.Connection, kind: str) -> list[str]:
    """Columns of words that are no dimensions, such as the reason of a refund."""
    columns = set(columns_of(connection, f"{kind}_rows")) - set(dimensions_of(connection, kind))
    coded = {name for (name,) in connection.execute("SELECT DISTINCT dimension FROM dictionary")}
    return sorted(columns & coded)


def _forget_measures(connection: sqlite3.Connection) -> None:
    """Removes measures of `daily` that no row has any more."""
    images = before_images("daily_rows")
    gone = []
    for (name,) in connection.execute("SELECT name FROM daily_measures").fetchall():
        column = identifier(MEASURE + name)
        tests = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {column} IS NOT NULL)" for table in ("daily_rows", images)
        )
        if not connection.execute(f"SELECT {tests}").fetchone()[0]:
            gone.append(name)
    if not gone:
        return
    connection.executemany("DELETE FROM daily_measures WHERE name = ?", zip(gone, strict=True))
    remake_views(connection)
    for name in gone:
        for table in ("daily_rows", images):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {identifier(MEASURE + name)}")
