"""What goes wrong leaves the workspace as it was: kills, two loads at once, a full disk, readers beside a load."""

import errno
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from core.base.days import Window
from core.base.errors import WhydropError
from core.base.segment import EVERYTHING
from core.views.change_note import add_note
from core.workspace.read.workspace import Workspace
from core.workspace.schema import connection as connections
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.files.loadable_exports import loadable_exports
from core.workspace.write.load import load
from core.workspace.write.load_job import LoadJob
from tests.conftest import ROOT
from tests.workspace.loading import contents, loaded, rows, written
from tui.cli import app

SERVER = multiprocessing.get_context("forkserver")
"""Forks each load from one process without threads, which has imported what a load imports."""
SERVER.set_forkserver_preload([
    "babel.dates", "core.ingest.open_export", "core.workspace.schema.schema_steps",
    "core.workspace.write.load", "core.workspace.write.load_job",
])  # fmt: skip


LINES = 10_000


def big_export(folder: Path, lines: int) -> Path:
    body = "".join(f"2026-01-{n % 28 + 1:02d},creator{n},{n},{n % 97}\n" for n in range(lines))
    return written(folder, "big.csv", "date,creator_id,impressions,clicks\n" + body)


def _load(db: Path, export: Path, ready: Event) -> None:
    ready.set()
    load(db, [export])


def start(db: Path, export: Path) -> ForkServerProcess:
    """A load in a process of its own, at its beginning: the process is there and has imported everything."""
    ready = SERVER.Event()
    process = SERVER.Process(target=_load, args=(db, export, ready))
    process.start()
    assert ready.wait(60)
    return process


def test_a_killed_load_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    """A kill in each eighth of a load that has everything to do."""
    db, export = tmp_path / "w.db", big_export(tmp_path, LINES)
    loaded(db, written(tmp_path, "first.csv", "date,creator_id,impressions\n2026-01-01,old,5\n"))
    old, old_file = contents(db), db.read_bytes()
    timing = start(tmp_path / "timing.db", export)
    began = time.monotonic()
    timing.join()
    whole = time.monotonic() - began
    chance = random.Random(5)
    kills = 0
    for eighth in range(8):
        process = start(db, export)
        process.join((eighth + chance.random()) / 8 * whole)
        process.kill()
        process.join()
        kills += process.exitcode == -signal.SIGKILL
        assert rows(db, "PRAGMA integrity_check") == [("ok",)]
        count = rows(db, "SELECT count(*) FROM traffic_rows")[0][0]
        assert count in {1, LINES + 1}
        if count == 1:
            assert contents(db) == old
        else:
            db.write_bytes(old_file)
    assert kills
    last = start(db, export)
    last.join()
    assert last.exitcode == 0
    assert rows(db, "SELECT count(*), sum(impressions) FROM traffic") == [(LINES + 1, LINES * (LINES - 1) // 2 + 5)]


KILLED = """
import os, sys
from pathlib import Path
from core.workspace.schema import connection
from core.workspace.write import load, post_load
connection._CACHE_KB = 100
post_load.update_dependents = lambda *_: os.kill(os.getpid(), 9)
load.load(Path(sys.argv[1]), [Path(sys.argv[2])])
"""


def test_a_first_load_that_is_killed_leaves_an_empty_workspace(tmp_path: Path) -> None:
    db, export = tmp_path / "w.db", big_export(tmp_path, LINES)
    assert subprocess.run([sys.executable, "-c", KILLED, str(db), str(export)], cwd=ROOT).returncode == -signal.SIGKILL
    assert (tmp_path / "w.db-journal").stat().st_size
    with closing(connections.open_read(db)) as reader:
        assert reader.execute("SELECT count(*) FROM traffic_rows").fetchone() == (0,)
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert loaded(db, export).accepted == LINES


def test_a_reader_goes_on_while_a_load_writes(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", "date,clicks\n2026-01-01,5\n"))
    with closing(connections.open_read(db)) as reader, closing(connections.open_write(db)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE traffic_rows SET clicks = 6")
        assert reader.execute("SELECT clicks FROM traffic").fetchall() == [(5,)]
        writer.execute("COMMIT")
        assert reader.execute("SELECT clicks FROM traffic").fetchall() == [(6,)]


def test_commits_reach_the_disk_before_what_they_rest_on_is_removed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.workspace.schema.connection import open_write;"
        "print(open_write(Path(sys.argv[1])).execute('PRAGMA synchronous').fetchone()[0])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "w.db")]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout == "1\n", "NORMAL"


def test_at_rest_a_workspace_is_a_single_file(tmp_path: Path) -> None:
    db = tmp_path / "workspace" / "w.db"
    db.parent.mkdir()
    loaded(db, written(tmp_path, "a.csv", "date,clicks\n2026-01-01,5\n"))
    assert list(db.parent.iterdir()) == [db]
    with Workspace.open(db) as workspace:
        assert workspace.measures == ("clicks",)
    assert list(db.parent.iterdir()) == [db]


def test_a_load_beside_a_reader_leaves_it_what_it_saw(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", "date,clicks\n2026-01-01,5\n"))
    # while a load is on, readers see a write-ahead log
    with closing(connections.open_write(db)), Workspace.open(db) as workspace:
        loaded(db, written(tmp_path, "b.csv", "date,clicks\n2026-01-01,6\n2026-01-02,7\n"))
        assert workspace.cube(["clicks"], workspace.span).total("clicks") == 5
    with Workspace.open(db) as workspace:
        assert workspace.cube(["clicks"], workspace.span).total("clicks") == 13


def test_two_loads_at_once_wait_or_fail_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = tmp_path / "w.db"
    first, second = (written(tmp_path, f"{n}.csv", f"date,clicks\n2026-01-0{n},5\n") for n in (1, 2))
    loaded(db, first)
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)
    with closing(connections.open_write(db)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WhydropError, match=r"another load .* done, or wait longer with --wait SECONDS\.$"):
            load(db, [second], wait=0.05)
        with pytest.raises(WhydropError, match=r"another load .* Try again when it is done\.$"):
            add_note(db, title="a", window=Window(20_000, 20_000), kind="other", owner="", where=EVERYTHING)
    assert loaded(db, second).accepted == 1


def test_a_full_disk_is_an_error_that_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", "date,creator_id,clicks\n2026-01-01,c,5\n"))
    old = contents(db)
    opened = connections.open_write

    def small(path: Path) -> sqlite3.Connection:
        connection = opened(path)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")  # SQLite says "database or disk is full"
        return connection

    monkeypatch.setattr(connections, "open_write", small)
    with pytest.raises(WhydropError, match="disk is full"):
        load(db, [big_export(tmp_path, LINES)])
    assert contents(db) == old
    limit = OSError(errno.EFBIG, "File too large")  # of the file in which rows wait, not of the command's output
    with (
        closing(opened(db)) as other,
        pytest.raises(WhydropError, match="no room is left"),
        connections.transaction(other, db),
    ):
        raise limit


def test_what_a_killed_load_staged_is_removed_by_the_next(tmp_path: Path) -> None:
    db, export = tmp_path / "w.db", big_export(tmp_path, LINES)
    left = Staging(db).new_file()
    loaded(db, export)
    assert not left.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.csv", "w.db"]


def test_a_load_that_is_stopped_keeps_no_part_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+c in the second sheet of the second file: the first file stays, the sheet that was in goes, one line says so."""
    db, book, run, done = tmp_path / "w.db", openpyxl.Workbook(), LoadJob.run, iter((1, 2))
    for title, name, amount in (("traffic", "clicks", 7), ("reviews", "review_id", "R1")):
        sheet = book.create_sheet(title)
        sheet.append(["date", name] if title == "traffic" else ["reviewed_at", name, "rating"])
        sheet.append(["2026-01-02", amount] if title == "traffic" else ["2026-01-02", amount, 5])
    book.save(tmp_path / "b.xlsx")

    def stopped(job: LoadJob) -> object:
        if next(done, None) is None:
            raise SystemExit(130)
        return run(job)

    monkeypatch.setattr(LoadJob, "run", stopped)
    first = written(tmp_path, "a.csv", "date,clicks\n2026-01-01,5\n")
    ended = CliRunner().invoke(app, ["load", str(first), str(tmp_path / "b.xlsx"), "--db", str(db)])
    assert ended.exit_code == 130
    assert ended.stderr == (
        f"whydrop: stopped. Only files that were finished are in {db}. List them with: whydrop loads --db {db}\n"
    )
    assert next(done, None) is None
    assert rows(db, "SELECT path FROM loads") == [(str(first),)]
    assert rows(db, "SELECT sum(clicks) FROM traffic") == [(5,)]
    monkeypatch.setattr("core.workspace.write.load.load", stopped_at_once)
    ended = CliRunner().invoke(app, ["load", str(first), "--db", str(tmp_path / "none.db")])
    assert (ended.exit_code, ended.stderr) == (130, "whydrop: stopped. Nothing was loaded.\n")


def stopped_at_once(*_: object, **__: object) -> None:
    raise SystemExit(130)


def test_a_load_says_who_it_waits_for(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", "date,clicks\n2026-01-01,5\n"))
    said: list[str] = []
    with closing(connections.open_write(db)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WhydropError, match="--wait"):
            load(
                db,
                [written(tmp_path, "b.csv", "date,clicks\n2026-01-02,5\n")],
                wait=0.4,
                on_wait=lambda _, owner: said.append(owner),
            )
    assert said
    if Path("/proc/locks").exists():
        assert f"process {os.getpid()}" in said[0]


def test_readers_that_come_and_stay_hold_up_no_load(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "0.csv", "date,clicks\n2026-01-01,1\n"))
    with Workspace.open(db), Workspace.open(db):
        for number in range(1, 4):
            loaded(db, written(tmp_path, f"{number}.csv", f"date,clicks\n2026-01-0{number + 1},1\n"), wait=0.1)
            with Workspace.open(db) as workspace:
                assert workspace.cube(["clicks"], workspace.span).total("clicks") == number + 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("w.db")) == ["w.db"]


REWRITTEN = "date,clicks\n2026-01-01,1\n2026-01-02,30\n"


def changed_once_opened(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Has somebody write to the files of the next loads between their first rows and the others."""
    opens = loadable_exports

    def opened(*wanted: object) -> object:
        exports = opens(*wanted)  # type: ignore[arg-type]
        change()
        return exports

    monkeypatch.setattr("core.workspace.write.load_run.loadable_exports", opened)


@pytest.mark.parametrize("now", [REWRITTEN, "", REWRITTEN + "2026-01-03,4\n2026-01-04,5\n"])
def test_a_file_that_is_written_again_while_it_is_loaded_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: str
) -> None:
    """Its first rows were read when it was opened: of one that is empty now, the line of the refused row cannot be found; one
    that is longer now has not grown, since its second row is another one.
    """
    export = written(tmp_path, "a.csv", "date,clicks\n2026-01-01,1\n2026-01-02,3\n2026-01-03,x\n")
    with monkeypatch.context() as patched:
        changed_once_opened(patched, lambda: export.write_text(now))
        with pytest.raises(WhydropError, match=r"a\.csv: was written to while it was read"):
            loaded(tmp_path / "w.db", export)
    export.write_text(REWRITTEN)
    assert loaded(tmp_path / "w.db", export).accepted == 2
    assert rows(tmp_path / "w.db", "SELECT sum(clicks) FROM traffic") == [(31,)]


@pytest.mark.parametrize(("name", "encoding"), [("log.csv", "utf-8"), ("log.csv", "utf-16"), ("log.jsonl", "utf-8")])
def test_a_log_that_grows_while_it_is_loaded_is_read_up_to_where_it_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, encoding: str
) -> None:
    """Of its third row, 10 clicks, the 1 was written when it was opened: it comes whole with the next load."""

    def line(day: int, clicks: int) -> str:
        day_text = f"2026-01-0{day}"
        return f"{day_text},{clicks}\n" if name == "log.csv" else f'{{"date": "{day_text}", "clicks": {clicks}}}\n'

    header = "date,clicks\n" if name == "log.csv" else ""
    half = line(3, 10)[: -2 if name == "log.csv" else -3]
    rest = line(3, 10).removeprefix(half) + line(4, 2)
    export = tmp_path / name
    export.write_bytes((header + line(1, 1) + line(2, 3) + half).encode(encoding))

    def grow() -> None:
        with export.open("ab") as stream:
            stream.write(rest.encode("utf-16-le" if encoding == "utf-16" else encoding))

    with monkeypatch.context() as patched:
        changed_once_opened(patched, grow)
        first = loaded(tmp_path / "w.db", export)
    assert (first.read, first.accepted) == (2, 2)
    assert "it grew while it was read: what was added since comes with the next load" in first.notes
    again = loaded(tmp_path / "w.db", export)
    assert (again.accepted, again.unchanged) == (2, 2)
    assert rows(tmp_path / "w.db", "SELECT sum(clicks) FROM traffic") == [(16,)]
