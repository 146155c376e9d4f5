"""What may be opened as a workspace: older versions are brought up to date, what is none is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.base.errors import WhydropError
from core.workspace.read.workspace import Workspace
from core.workspace.schema import connection as connections
from core.workspace.schema import tables
from tests.workspace.loading import loaded, rows, written


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b"this is no database, whatever it is called" * 50), "not a database"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: sqlite3.connect(path).execute("CREATE TABLE t (a)").connection.close(), "not a workspace"),
    ],
)
def test_what_is_no_workspace_is_refused(tmp_path: Path, make, says: str) -> None:  # type: ignore[no-untyped-def]
    db = tmp_path / "w.db"
    make(db)
    for open_one in (connections.open_read, connections.open_write):
        with pytest.raises(WhydropError, match=says):
            open_one(db)


def test_a_workspace_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    with closing(connections.open_write(db)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(WhydropError, match="newer"):
        connections.open_read(db)


def test_a_missing_workspace_is_refused_for_reading(tmp_path: Path) -> None:
    with pytest.raises(WhydropError, match="no workspace"):
        connections.open_read(tmp_path / "w.db")


@pytest.mark.parametrize("journal", [None, b"", b"\xd9\xd5\x05\xf9 \xa1c\xd7" + bytes(600)])
def test_an_empty_file_is_no_workspace_yet(tmp_path: Path, journal: bytes | None) -> None:
    """As `mktemp` or a kill at birth leaves it."""
    db = tmp_path / "w.db"
    db.touch()
    if journal is not None:
        (tmp_path / "w.db-journal").write_bytes(journal)
    with pytest.raises(WhydropError, match="no workspace yet"):
        connections.open_read(db)
    assert loaded(db, written(tmp_path, "a.csv", "date,clicks\n2026-01-01,5\n")).accepted == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "w.db"]


def test_a_database_without_tables_is_no_workspace_yet(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("DROP TABLE t")
    with pytest.raises(WhydropError, match="no workspace yet"):
        connections.open_read(db)
    assert loaded(db, written(tmp_path, "a.csv", "date,clicks\n2026-01-01,5\n")).accepted == 1


def test_a_workspace_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        for statement in tables.statements():
            connection.execute(statement)
        tables.remake_views(connection)
        connection.execute(f"PRAGMA application_id = {connections.APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO traffic_rows (id, clicks) VALUES (20454 << 32, 5)")
    with Workspace.open(db) as workspace:
        assert workspace.cube(["clicks"], workspace.span).total("clicks") == 5
    assert loaded(db, written(tmp_path, "a.csv", "date,clicks\n2026-01-02,5\n")).accepted == 1
    assert rows(db, "PRAGMA user_version") == [(tables.SCHEMA_VERSION,)]
    assert rows(db, "SELECT name FROM _sqlite_migrations") == [
        ("1 tables",),
        ("2 sources",),
        ("3 undo",),
        ("4 cases",),
        ("5 checksum",),
        ("6 creator names",),
        ("7 other names",),
    ]


def test_a_new_workspace_has_the_schema_of_one_brought_up_to_date(tmp_path: Path) -> None:
    def schema(db: Path) -> list[tuple[str, str, str]]:
        listed = rows(db, "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2")
        return [(kind, name, "".join(sql.split())) for kind, name, sql in listed]

    old, new = tmp_path / "old.db", tmp_path / "new.db"
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        for statement in tables.statements():
            connection.execute(statement)
        tables.remake_views(connection)
        connection.execute(f"PRAGMA application_id = {connections.APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    connections.open_write(old).close()
    connections.open_write(new).close()
    assert schema(old) == schema(new)
