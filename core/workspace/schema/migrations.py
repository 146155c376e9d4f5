"""The schema's versions as migrations of sqlite-utils; a file is brought from the one it has to the newest in one transaction.

Imported only when a workspace is made or brought up to date: sqlite-utils takes 0.1 s to import. `PRAGMA user_version` counts
the migrations that were applied, so that a reader need not look into their table; workspaces of version 1 have no such table.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from core.catalogue.kinds import KINDS
from core.workspace.schema import file_checksum, tables
from core.workspace.schema.case_tables import make_case_table

_MIGRATIONS = Migrations("whydrop")


@_MIGRATIONS(name="1 tables")
def _make_tables(database: Database) -> None:
    for statement in tables.statements():
        database.execute(statement)
    tables.remake_views(database.conn)


@_MIGRATIONS(name="2 sources")
def _add_sources(database: Database) -> None:
    tables.add_sources(database.conn)


@_MIGRATIONS(name="3 undo")
def _keep_what_loads_replace(database: Database) -> None:
    """`load_days`: which rows each load added, by table and day; `*_before`: the rows that it replaced, as they were."""
    tables.renew_state(database.conn)
    database.table("load_days").create(
        {"load_id": int, "kind": str, "day": int, "rows": int, "first_id": int, "last_id": int},
        pk=("load_id", "kind", "day"),
        not_null={"rows"},
        strict=True,
    )
    for kind in KINDS.values():
        table, images = tables.table_of(kind), tables.before_images(tables.table_of(kind))
        # is_new: a row of a table without days that the load added; it has nothing but its key
        database.execute(f"CREATE TABLE {images} AS SELECT 0 AS load_id, 0 AS is_new, t.* FROM {table} t WHERE 0")
        database.table(images).create_index(["load_id"])


@_MIGRATIONS(name="4 cases")
def _add_cases(database: Database) -> None:
    make_case_table(database)


@_MIGRATIONS(name="5 checksum")
def _add_checksum(database: Database) -> None:
    file_checksum.make_table(database.conn)


def migrate(connection: sqlite3.Connection, application_id: int) -> None:
    """Brings an open workspace (or an empty file) to the newest schema; a kill leaves the version that it had."""
    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # somebody else may have done it while this one waited for the lock
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version and not _MIGRATIONS.applied(database):
            _note_applied(database, version)
        _MIGRATIONS.apply(database)
        connection.execute(f"PRAGMA application_id = {application_id}")
        connection.execute(f"PRAGMA user_version = {tables.SCHEMA_VERSION}")
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
