"""The checksum of the workspace file: every byte counts, what other programs write with SQL does not."""

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.base.errors import DamagedWorkspace
from core.workspace.read.workspace import Workspace
from core.workspace.schema import connection as connections
from core.workspace.schema import file_checksum, tables
from core.workspace.schema.cases.case_chain import CaseDraft
from core.workspace.write.case_writing import append_records
from core.workspace.write.load import load
from tests.workspace.loading import loaded, rows, written
from tui.cli import app


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    lines = "".join(f"2026-01-{day:02},s{n},{day * n}\n" for day in range(1, 29) for n in range(20))
    load(folder / "w.db", [written(folder, "traffic.csv", "date,seller_id,impressions\n" + lines)])
    return folder / "w.db"


@contextmanager
def by_hand(db: Path) -> Iterator[sqlite3.Connection]:
    """As with the shell of SQLite."""
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        yield connection


def crc(db: Path) -> int | None:
    ((value,),) = rows(db, f"SELECT crc FROM {file_checksum.TABLE}")
    return value  # type: ignore[no-any-return]


def impressions(db: Path) -> float:
    with Workspace.open(db) as workspace:
        return workspace.cube(["impressions"], workspace.span).total("impressions")


CORRECT = sum(day * n for day in range(1, 29) for n in range(20))


def own_page(db: Path) -> int:
    return rows(db, f"SELECT rootpage FROM sqlite_master WHERE name = '{file_checksum.TABLE}'")[0][0]  # type: ignore[no-any-return]


def test_any_flipped_bit_is_damage(tmp_path: Path, whole: Path) -> None:
    """Behind the header, in pages of any kind; that of the checksum itself says nothing about figures."""
    good, chance, own = whole.read_bytes(), random.Random(1), own_page(whole) - 1
    pages = [page for page in range(len(good) // 4096) if page != own]
    for page in pages:
        data = bytearray(good)
        data[max(100, 4096 * page + chance.randrange(4096))] ^= 1 << chance.randrange(8)
        (tmp_path / "w.db").write_bytes(data)
        for reading in (connections.open_read, connections.open_write):
            with pytest.raises(DamagedWorkspace, match="rescue"):
                reading(tmp_path / "w.db")


def test_a_damaged_page_of_the_checksum_gives_no_wrong_figure(tmp_path: Path, whole: Path) -> None:
    chance, at = random.Random(2), 4096 * (own_page(whole) - 1)
    for length in (1, 30, 4096):
        data = bytearray(whole.read_bytes())
        start = at + 4096 - length
        data[start : start + length] = chance.randbytes(length)
        (tmp_path / "w.db").write_bytes(data)
        with suppress(DamagedWorkspace):
            assert impressions(tmp_path / "w.db") == CORRECT


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE traffic_rows SET impressions = 1 WHERE id = (SELECT min(id) FROM traffic_rows)",
        "DELETE FROM traffic_rows WHERE id = (SELECT max(id) FROM traffic_rows)",
        "INSERT INTO traffic_rows (id, impressions) VALUES (20454 << 32 | 1000, 5)",
        "VACUUM",
        "CREATE TABLE mine (a)",
        "PRAGMA journal_mode = DELETE",
        "UPDATE dictionary SET value = 'x' WHERE value = 's3'",
    ],
)
def test_what_other_programs_write_is_no_damage(tmp_path: Path, whole: Path, sql: str) -> None:
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    with by_hand(db) as connection:
        connection.execute(sql)
        total = connection.execute("SELECT sum(impressions) FROM traffic").fetchone()[0]
    assert impressions(db) == total


def test_the_next_write_renews_the_checksum(tmp_path: Path, whole: Path) -> None:
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    assert crc(db) is not None
    with by_hand(db) as connection:
        connection.execute("UPDATE traffic_rows SET impressions = 1")
    assert crc(db) is None
    loaded(db, written(tmp_path, "b.csv", "date,seller_id,impressions\n2026-03-01,s1,7\n"))
    assert crc(db) is not None
    assert impressions(db) == 28 * 20 + 7


def test_while_somebody_reads_the_checksum_waits_for_the_next_write(tmp_path: Path, whole: Path) -> None:
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    with Workspace.open(db) as workspace:
        loaded(db, written(tmp_path, "b.csv", "date,seller_id,impressions\n2026-03-01,s1,7\n"))
        assert workspace.cube(["impressions"], workspace.span).total("impressions") == CORRECT
        assert impressions(db) == CORRECT + 7
    assert impressions(db) == CORRECT + 7
    loaded(db, written(tmp_path, "c.csv", "date,seller_id,impressions\n2026-03-02,s1,8\n"))
    assert crc(db) is not None


@pytest.mark.parametrize(
    ("tables_made", "later"),
    [
        ("CREATE TABLE 'my \"notes' (a)", "INSERT INTO 'my \"notes' VALUES (1)"),
        (
            "CREATE TABLE t AS SELECT * FROM creators; DROP TABLE creators; "
            "CREATE TABLE creators AS SELECT * FROM t; DROP TABLE t",
            "INSERT INTO creators (creator_id) VALUES ('c')",
        ),
        ("DROP TRIGGER void_checksum_after_update_traffic_rows", "UPDATE traffic_rows SET clicks = 1"),
    ],
)
def test_tables_that_another_program_made_are_watched_too(
    tmp_path: Path, whole: Path, tables_made: str, later: str
) -> None:
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    with by_hand(db) as connection:
        connection.executescript(tables_made)
    loaded(db, written(tmp_path, "b.csv", "date,seller_id,impressions\n2026-03-01,s1,7\n"))
    assert crc(db) is not None
    with by_hand(db) as connection:
        connection.execute(later)
    assert crc(db) is None
    assert impressions(db) == CORRECT + 7


@pytest.mark.parametrize(
    ("first", "later"), [("ANALYZE", "ANALYZE"), ("CREATE VIRTUAL TABLE w USING fts5(a)", "INSERT INTO w VALUES ('x')")]
)
def test_what_cannot_be_watched_is_no_damage(tmp_path: Path, whole: Path, first: str, later: str) -> None:
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    with by_hand(db) as connection:
        connection.execute(first)
    loaded(db, written(tmp_path, "b.csv", "date,seller_id,impressions\n2026-03-01,s1,7\n"))
    with by_hand(db) as connection:
        connection.execute(later)
    assert impressions(db) == CORRECT + 7
    loaded(db, written(tmp_path, "c.csv", "date,seller_id,impressions\n2026-03-02,s1,8\n"))
    assert impressions(db) == CORRECT + 15


@pytest.mark.parametrize(
    "sql", ["UPDATE traffic_rows SET impressions = 1", "ALTER TABLE traffic_rows ADD COLUMN mine", "DELETE FROM meta"]
)
@pytest.mark.parametrize("moment", ["before", "in the middle"])
def test_no_sum_hides_that_another_program_wrote(tmp_path: Path, whole: Path, sql: str, moment: str) -> None:
    """While the sum waits for a reader, or right before it is written."""
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    append_records(db, lambda _: [CaseDraft("case-1", "note", {"at": "2026-02-01T00:00:00+00:00", "text": "x"})])
    written_sql: list[str] = []

    def other(statement: str) -> None:
        if moment == "before" or statement.startswith("PRAGMA wal_checkpoint"):
            connection.set_trace_callback(None)
            with by_hand(db) as another:
                another.execute(sql)
            written_sql.append(sql)

    with closing(connections.open_write(db)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        file_checksum.postpone(connection)
        connection.execute("COMMIT")
        connection.set_trace_callback(other)
        file_checksum.renew(connection, db)
        assert written_sql == [sql]
        assert not file_checksum.is_own(connection)


def test_a_checksum_that_is_gone_stops_no_load(tmp_path: Path, whole: Path) -> None:
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    with by_hand(db) as connection:
        connection.execute(f"DELETE FROM {file_checksum.TABLE}")
    loaded(db, written(tmp_path, "b.csv", "date,seller_id,impressions\n2026-03-01,s1,7\n"))
    assert impressions(db) == CORRECT + 7


def test_a_dry_run_and_a_refused_file_leave_it(tmp_path: Path, whole: Path) -> None:
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    before = crc(db)
    export = written(tmp_path, "b.csv", "date,seller_id,impressions\n2026-03-01,s1,7\n")
    load(db, [export], dry_run=True)
    assert crc(db) == before
    assert impressions(db) == CORRECT


def test_damage_is_found_beside_the_notes_of_large_files(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_checksum, "_LARGE_BYTES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    db = tmp_path / "w.db"
    db.write_bytes(whole.read_bytes())
    for _ in range(2):
        assert impressions(db) == CORRECT
    assert len(list((tmp_path / "caches" / "whydrop" / file_checksum.NOTES).iterdir())) == 1
    monkeypatch.setattr(file_checksum, "_checksum", lambda *_: pytest.fail("it was read before"))
    assert impressions(db) == CORRECT
    monkeypatch.undo()
    monkeypatch.setattr(file_checksum, "_LARGE_BYTES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    status = db.stat()
    with db.open("r+b") as file:
        file.seek(-2000, os.SEEK_END)
        file.write(b"\x01")
    os.utime(db, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(DamagedWorkspace):
        impressions(db)


def test_what_is_rescued_of_unseen_damage_has_a_checksum_again(tmp_path: Path, whole: Path) -> None:
    data = bytearray(whole.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "w.db").write_bytes(data)
    words = ["rescue", str(tmp_path / "w.db"), "-o", str(tmp_path / "new.db")]
    assert "values in" in CliRunner().invoke(app, words).stderr
    assert "values in" not in CliRunner().invoke(app, ["rescue", str(whole), "-o", str(tmp_path / "whole.db")]).stderr
    assert crc(tmp_path / "new.db") is not None
    with Workspace.open(tmp_path / "new.db") as workspace:
        assert workspace.measures == ("impressions",)


def test_many_columns_at_once_are_those_of_alter_table(tmp_path: Path) -> None:
    """And a load that is taken back leaves no trace of them, nor of those of another program in between."""
    head = ",".join(f"c{n}" for n in range(30))
    wide = written(tmp_path, "wide.csv", f"date,{head}\n2026-01-01{',5' * 30}\n")
    other = written(tmp_path, "other.csv", "date,visits\n2026-01-01,7\n")
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", "date,visits\n2026-01-02,6\n"))
    with closing(connections.open_write(db)) as connection:
        connection.execute("BEGIN")
        tables.add_measures(connection, {"gone": "count"})
        tables.remake_views(connection)
        connection.execute("ROLLBACK")
        loaded(db, wide)
        assert "m:gone" not in tables.columns_of(connection, "daily_rows")
        assert connection.execute("SELECT sum(c0), sum(c29), sum(visits) FROM daily").fetchone() == (5, 5, 6)
    loaded(db, other)
    assert rows(db, "PRAGMA integrity_check") == [("ok",)]
    assert rows(db, "SELECT sum(c3), sum(visits), count(*) FROM daily") == [(5, 13, 2)]
