"""Paths that are no ordinary file are one line, at once: nothing is waited for and nothing escapes."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from core.workspace.write.load import load
from tui.cli import app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a small workspace and its export."""
    (tmp_path / "traffic.csv").write_text("date,impressions\n2026-01-01,5\n")
    load(tmp_path / "w.db", [tmp_path / "traffic.csv"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*words: str) -> str:
    """What a command says that cannot be done: one line."""
    done = CliRunner().invoke(app, [*words, "-q"])
    assert done.exit_code in {1, 2}, done.output
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
@pytest.mark.usefixtures("folder")
def test_what_is_no_file_is_no_mapping_no_rules_and_no_table(make) -> None:  # type: ignore[no-untyped-def]
    make("odd")
    for words in (
        ("load", "traffic.csv", "--map", "odd", "--db", "w.db"),
        ("simulate", "--rules", "odd", "--db", "w.db"),
        ("localize", "odd", "--actual", "a", "--forecast", "b"),
    ):
        assert "odd: not a file" in refused(*words)


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_what_lies_where_sqlite_keeps_its_own_is_not_waited_for_and_not_written_to(folder: Path, ending: str) -> None:
    neighbour, content = folder / f"w.db{ending}", (folder / "w.db").read_bytes()
    for make in (os.mkfifo, lambda path: os.link("w.db", path)):
        make(neighbour)
        for words in (("series", "impressions", "--db", "w.db"), ("load", "traffic.csv", "--db", "w.db")):
            assert f"w.db{ending}: not a file of SQLite" in refused(*words)
        assert "not a file of SQLite" in refused("rescue", "w.db", "-o", "new.db")
        neighbour.unlink()
    assert (folder / "w.db").read_bytes() == content


def test_links_in_a_circle_and_names_that_are_too_long_are_said(folder: Path) -> None:
    (folder / "odd").symlink_to("odd")
    (folder / "new.csv").write_text("date,impressions\n2026-01-02,6\n")
    for name in ("odd", 300 * "x", 3000 * "x/" + "x"):
        for words in (
            ("load", "traffic.csv", "--db", name),
            ("series", "impressions", "--db", name),
            ("load", name, "--db", "w.db"),
            ("load", "traffic.csv", "--map", name, "--db", "w.db"),
            ("load", "new.csv", "--temp-dir", name, "--db", "w.db"),
            ("localize", name, "--actual", "a", "--forecast", "b"),
        ):
            assert name[:100] in refused(*words)


def test_a_name_need_not_be_utf_8(folder: Path) -> None:
    db = str(folder / "\udcff.db")
    for words in (("load", "traffic.csv"), ("loads",), ("series", "impressions"), ("note", "New carrier")):
        done = CliRunner().invoke(app, [*words, "--db", db, "-q"])
        assert done.exit_code == 0, done.output
    assert b"\xff.db" in os.listdir(os.fsencode(folder))
    (folder / "traffic.csv").rename(folder / "\udcfe.csv")
    for words in (("load", "\udcfe.csv"), ("load", "."), ("loads",)):
        done = CliRunner().invoke(app, [*words, "--db", "new.db", "-q"])
        assert done.exit_code == 0, done.output
        assert "\\udcfe.csv" in done.stdout
    table = pa.table({"date": ["2026-01-03"], "impressions": [7]})
    pq.write_table(table, folder / "a.parquet")
    (folder / "a.parquet").rename(folder / "\udcfe.parquet")
    (folder / "\udcfe.csv.zst").write_bytes(pa.compress(b"date,impressions\n2026-01-04,8\n", "zstd", asbytes=True))
    for name in ("\udcfe.parquet", "\udcfe.csv.zst"):
        assert CliRunner().invoke(app, ["load", name, "--db", "new.db", "-q"]).exit_code == 0
    done = CliRunner().invoke(app, ["localize", "\udcfe.csv", "--actual", "impressions", "--forecast", "impressions"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("form", ["{}", "[{}]"])
def test_half_an_emoji_in_json_is_read_as_a_sign_that_nobody_knows(folder: Path, form: str) -> None:
    """Programs that cut texts after so many units of UTF-16 leave one of its two escapes; a whole one stays."""
    row = r'{"date": "2026-01-02", "market": "A\ud83d", "device": "\ud83d\ude00", "impressions": 6}'
    (folder / "cut.json").write_text(form.replace("{}", row))
    done = CliRunner().invoke(app, ["load", "cut.json", "--db", "cut.db", "-q"])
    assert done.exit_code == 0, done.output
    with closing(sqlite3.connect(folder / "cut.db")) as connection:
        assert connection.execute("SELECT market, device FROM traffic").fetchall() == [("A\ufffd", "\U0001f600")]


def test_settings_of_a_size_that_nobody_writes_are_not_read(folder: Path) -> None:
    with (folder / "rules.toml").open("wb") as file:
        file.truncate(1 << 34)
    assert "no such file needs more" in refused("simulate", "--rules", "rules.toml", "--db", "w.db")
