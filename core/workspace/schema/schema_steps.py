"""What each version of the schema added, and how a new workspace gets them all at once.

A new one is made without sqlite-utils, which takes 0.1 s to import: a sixth of a small load.
"""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from core.catalogue.kinds import KINDS
from core.workspace.schema import file_checksum, other_names, tables
from core.workspace.schema.cases.case_tables import PINNED, make_case_table
from core.workspace.schema.file_address import path_of

MIGRATION_SET = "whydrop"
_MIGRATIONS_TABLE = (
    'CREATE TABLE "_sqlite_migrations" ("id" INTEGER PRIMARY KEY, "migration_set" TEXT, "name" TEXT, "applied_at" TEXT)',
    'CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name" ON "_sqlite_migrations" ("migration_set", "name")',
)
"""As sqlite-utils makes it."""


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in tables.statements():
        connection.execute(statement)


def _keep_what_loads_replace(connection: sqlite3.Connection) -> None:
    """`load_days`: which rows each load added, by table and day; `*_before`: the rows that it replaced, as they were."""
    tables.renew_state(connection)
    connection.execute(
        "CREATE TABLE load_days (load_id INTEGER, kind TEXT, day INTEGER, rows INTEGER NOT NULL, first_id INTEGER, "
        "last_id INTEGER, PRIMARY KEY (load_id, kind, day)) STRICT"
    )
    for kind in KINDS.values():
        table, images = tables.table_of(kind), tables.before_images(tables.table_of(kind))
        # is_new: a row of a table without days that the load added; it has nothing but its key
        connection.execute(f"CREATE TABLE {images} AS SELECT 0 AS load_id, 0 AS is_new, t.* FROM {table} t WHERE 0")
        connection.execute(f"CREATE INDEX idx_{images}_load_id ON {images} (load_id)")


def _make_cases(connection: sqlite3.Connection) -> None:
    """The table of cases; findings pinned in a file before there were cases become its first records."""
    make_case_table(connection)
    path = path_of(connection)
    if path is not None and path.with_suffix(PINNED).exists():
        # few have such a file: 2 ms of a small load
        from core.workspace.schema.cases.pinned_import import import_pinned

        import_pinned(connection, path)


def _nothing(_: sqlite3.Connection) -> None:
    """What the next step replaces: `creator_names` held the handles of accounts alone."""


STEPS: Mapping[str, Callable[[sqlite3.Connection], None]] = MappingProxyType(
    {
        "1 tables": _make_tables,
        "2 sources": tables.add_sources,
        "3 undo": _keep_what_loads_replace,
        "4 cases": _make_cases,
        "5 checksum": file_checksum.make_table,
        "6 creator names": _nothing,
        "7 other names": other_names.make_table,
    }
)
"""Name of a version -> what brings a workspace of the one before to it; inside a transaction."""


def make_new(connection: sqlite3.Connection, application_id: int) -> None:
    """Makes the newest schema in an empty file, in one transaction; what another program has made meanwhile stays."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            for step in STEPS.values():
                step(connection)
            for statement in _MIGRATIONS_TABLE:
                connection.execute(statement)
            moment = str(datetime.now(UTC))
            applied = ((MIGRATION_SET, name, moment) for name in STEPS)
            connection.executemany(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)", applied
            )
            mark(connection, application_id)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def mark(connection: sqlite3.Connection, application_id: int) -> None:
    """Writes into the header of the file whose it is, and of which version."""
    connection.execute(f"PRAGMA application_id = {application_id}")
    connection.execute(f"PRAGMA user_version = {tables.SCHEMA_VERSION}")
