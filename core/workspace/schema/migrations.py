"""The schema's versions, each one small function; a file is brought from the one it has to the newest in one transaction.

Kept on `PRAGMA user_version` alone: sqlite-utils' Migrations would do, but importing it takes longer (0.3 s, 0.65 s beside
pandas) than loading a thousand rows may.
"""

import sqlite3
from collections.abc import Callable

from core.workspace.schema import tables


def _first(connection: sqlite3.Connection) -> None:
    for statement in tables.statements():
        connection.execute(statement)
    tables.remake_views(connection)


_STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first, tables.add_sources)

NEWEST = len(_STEPS)
"""The version that this program writes."""


def migrate(connection: sqlite3.Connection, application_id: int) -> None:
    """Brings an open workspace (or an empty file) to the newest schema; a kill leaves the version that it had."""
    if _version(connection) == NEWEST:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # somebody else may have done it while this one waited for the lock
        for step in _STEPS[_version(connection) :]:
            step(connection)
        connection.execute(f"PRAGMA application_id = {application_id}")
        connection.execute(f"PRAGMA user_version = {NEWEST}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version
