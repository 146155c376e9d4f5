"""The schema's versions as migrations of sqlite-utils; a file is brought from the one it has to the newest in one transaction.

Imported only when an older workspace is brought up to date: sqlite-utils takes 0.1 s to import. `PRAGMA user_version` counts
the migrations that were applied, so that a reader need not look into their table; workspaces of version 1 have no such table.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from core.workspace.schema.schema_steps import MIGRATION_SET, STEPS, mark

_MIGRATIONS = Migrations(MIGRATION_SET)


def _register(name: str) -> None:
    @_MIGRATIONS(name=name)
    def _(database: Database) -> None:
        STEPS[name](database.conn)


for _name in STEPS:
    _register(_name)


def migrate(connection: sqlite3.Connection, application_id: int) -> None:
    """Brings an open workspace to the newest schema; a kill leaves the version that it had."""
    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # somebody else may have done it while this one waited for the lock
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version and not _MIGRATIONS.applied(database):
            _note_applied(database, version)
        _MIGRATIONS.apply(database)
        mark(connection, application_id)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _note_applied(database: Database, version: int) -> None:
    """What was done to a workspace made before migrations were listed in it."""
    _MIGRATIONS.ensure_migrations_table(database)
    names = ["1 tables", "2 sources"][:version]
    database.table(_MIGRATIONS.migrations_table).insert_all(
        {"migration_set": _MIGRATIONS.name, "name": name, "applied_at": ""} for name in names
    )
