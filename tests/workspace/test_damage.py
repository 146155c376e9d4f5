"""A damaged workspace is one line that says so, from every command; what can be read of it is saved."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from core.base.errors import DamagedWorkspace, WhydropError
from core.workspace.schema import connection as connections
from core.workspace.schema.connection import open_read
from core.workspace.schema.damage import explained
from core.workspace.write.load import load
from core.workspace.write.recovery import rescue as rescuing
from core.workspace.write.recovery.rescue import rescue
from tests.workspace.loading import contents, written
from tui.cli import app

PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    days = [f"2026-0{month}-{day:02}" for month in (1, 2) for day in range(1, 29)]
    traffic = "".join(
        f"{day},{market},s{n},{900 + n},40\n" for day in days for market in ("ID", "TH") for n in range(9)
    )
    orders = "".join(f"O{n},{days[n % 56]},ID,{n % 90},{days[n % 56]}\n" for n in range(3_000))
    load(
        folder / "w.db",
        [
            written(folder, "traffic.csv", "date,market,seller_id,impressions,clicks\n" + traffic),
            written(folder, "orders.csv", "order_id,ordered_at,market,gmv,paid_at\n" + orders),
        ],
    )
    return folder / "w.db"


def zeroed(first: int, count: int) -> Callable[[bytearray], None]:
    def damage(data: bytearray) -> None:
        data[PAGE * first : PAGE * (first + count)] = bytes(PAGE * count)

    return damage


def cut(data: bytearray) -> None:
    del data[len(data) // 2 :]


def written_over(data: bytearray) -> None:
    middle = len(data) // 2
    data[middle : middle + 3 * PAGE] = b"\xf0" * 3 * PAGE


@pytest.mark.parametrize("damage", [zeroed(3, 27), zeroed(1, 1), zeroed(0, 4), cut, written_over])
@pytest.mark.parametrize("command", ["series gmv", "scan", "check", "loads"])
def test_a_damaged_workspace_is_one_line(
    tmp_path: Path, whole: Path, damage: Callable[[bytearray], None], command: str
) -> None:
    data = bytearray(whole.read_bytes())
    damage(data)
    (tmp_path / "w.db").write_bytes(data)
    done = CliRunner().invoke(app, [*command.split(), "--db", str(tmp_path / "w.db"), "-q"])
    assert done.exit_code in {0, 1}
    assert isinstance(done.exception, SystemExit | None)
    if done.exit_code:
        assert done.stderr.count("\n") == 1
        assert "whydrop rescue" in done.stderr or "not a database" in done.stderr


@pytest.mark.parametrize(
    "dropped", ["VIEW orders", "TABLE dictionary", "TABLE traffic_rows", "TABLE meta", "TABLE loads"]
)
def test_a_dropped_table_is_one_line(tmp_path: Path, whole: Path, dropped: str) -> None:
    db = tmp_path / "w.db"
    shutil.copy(whole, db)
    with closing(sqlite3.connect(db)) as connection:
        connection.execute(f"DROP {dropped}")
    refused = 0
    for command in ("scan", "loads", "series impressions", f"load {whole.parent / 'orders.csv'}"):
        done = CliRunner().invoke(app, [*command.split(), "--db", str(db), "-q"])
        assert isinstance(done.exception, SystemExit | None)
        refused += done.exit_code != 0
        if done.exit_code:
            assert done.stderr.count("\n") == 1
            assert dropped.split()[1] in done.stderr
    assert bool(refused) == dropped.startswith("TABLE"), "views are for people alone"


@pytest.mark.parametrize("dropped", ["loads", "load_days", "rejects"])
def test_a_log_that_lacks_a_table_is_no_empty_log(tmp_path: Path, whole: Path, dropped: str) -> None:
    db = tmp_path / "w.db"
    shutil.copy(whole, db)
    with closing(sqlite3.connect(db)) as connection:
        connection.execute(f"DROP TABLE {dropped}")
    for command in ("loads", "loads show 1", "rejects"):
        done = CliRunner().invoke(app, [*command.split(), "--db", str(db), "--format", "json"])
        assert done.exit_code == 1
        assert dropped in done.stderr


@pytest.mark.parametrize(("versions", "seen"), [(0, True), (1, False), (9_999, False), (10_000, True), (-1, True)])
def test_a_letter_that_changed_is_damage_unless_another_program_changed_the_schema(
    tmp_path: Path, whole: Path, versions: int, seen: bool
) -> None:
    db, data = tmp_path / "w.db", bytearray(whole.read_bytes())
    data[data.rfind(b"s8") + 1] ^= 1
    version = int.from_bytes(data[40:44], "big") + versions
    data[40:44] = version.to_bytes(4, "big")
    db.write_bytes(data)
    if seen:
        with pytest.raises(DamagedWorkspace):
            open_read(db)
    else:
        open_read(db).close()


def test_nonsense_in_a_row_is_damage_and_no_traceback(tmp_path: Path, whole: Path) -> None:
    db = tmp_path / "w.db"
    shutil.copy(whole, db)
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.execute("UPDATE traffic_rows SET impressions = 'many'")
    done = CliRunner().invoke(app, ["series", "impressions", "--by", "market", "--db", str(db)])
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "a row of traffic" in done.stderr


def test_a_whole_workspace_is_rescued_whole(tmp_path: Path, whole: Path) -> None:
    new = tmp_path / "new.db"
    assert not any(table.lost for table in rescue(whole, new))
    assert contents(new) == contents(whole)
    with pytest.raises(WhydropError, match="is there already"):
        rescue(whole, new)


@pytest.mark.parametrize(("first", "count"), [(0, PAGE), (2_000, 200)], ids=["a page", "row ids out of order"])
def test_rows_on_both_sides_of_the_damage_are_rescued(tmp_path: Path, whole: Path, first: int, count: int) -> None:
    db, new = tmp_path / "w.db", tmp_path / "new.db"
    data = bytearray(whole.read_bytes())
    with closing(sqlite3.connect(whole)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'orders_rows'").fetchone()[0]
    leaf = int.from_bytes(data[PAGE * (root - 1) + 12 :][:2], "big")  # the cell of the first child, then its page
    middle = int.from_bytes(data[PAGE * (root - 1) + leaf :][:4], "big")
    at = PAGE * (middle - 1) + first
    data[at : at + count] = bytes(count)
    db.write_bytes(data)
    found = {table.table: table for table in rescue(db, new)}
    assert found["orders_rows"].lost
    assert 2_000 < found["orders_rows"].read < 3_000
    assert not found["traffic_rows"].lost
    assert contents(new)["traffic"] == contents(whole)["traffic"]
    assert set(contents(new)["orders"]) < set(contents(whole)["orders"])
    assert load(new, [whole.parent / "orders.csv"]).files[0].accepted == 3_000 - found["orders_rows"].read


def test_rows_whose_words_are_lost_keep_their_figures(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All words of markets are lost, and the first of each other dimension: the other words keep their rows."""
    new, copied = tmp_path / "new.db", rescuing._copy

    def partly(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> rescuing.RescuedTable:
        found = copied(source, target, table)
        if table == "dictionary":
            target.execute("DELETE FROM dictionary WHERE dimension = 'market' OR code = 1")
            return rescuing.RescuedTable(table, found.read, True)
        return found

    monkeypatch.setattr(rescuing, "_copy", partly)
    rescue(whole, new)
    sums = "SELECT {} AS name, sum(gmv) FROM orders GROUP BY 1 ORDER BY 1"
    with closing(sqlite3.connect(whole)) as old, closing(sqlite3.connect(new)) as saved:
        for name in ("market", "channel", "creator_id"):
            before, after = (sorted(db.execute(sums.format(name)), key=str) for db in (old, saved))
            assert sorted(gmv or 0 for _, gmv in after) == sorted(gmv or 0 for _, gmv in before)
            assert {row for row in after if not str(row[0]).startswith("lost-")} <= {*before}
    done = CliRunner().invoke(app, ["series", "orders", "--by", "market", "--db", str(new)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert "lost-1" in done.stdout


def test_a_file_that_is_nothing_cannot_be_rescued(tmp_path: Path) -> None:
    (tmp_path / "w.db").write_bytes(b"nothing of the kind" * 999)
    with pytest.raises(WhydropError, match="nothing can be read"):
        rescue(tmp_path / "w.db", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_full_disk_is_no_damage_and_what_is_on_it_is_read(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even readers make an index of the write-ahead log; where there is no room, SQLite says no more than "disk I/O error"."""
    no_room = sqlite3.OperationalError("disk I/O error")
    no_room.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    assert "the disk is full; the workspace is as it was. Make room" in str(explained(whole, no_room))
    errors, version = iter([no_room]), connections._version

    def without_log(path: Path, connection: sqlite3.Connection) -> int | None:
        for error in errors:
            raise error
        return version(path, connection)

    monkeypatch.setattr(connections, "_version", without_log)
    with closing(open_read(whole)) as connection:
        assert connection.execute("SELECT count(*) FROM orders_rows").fetchone() == (3_000,)
    source: Any = SimpleNamespace(execute=Mock(side_effect=no_room))
    with pytest.raises(WhydropError, match="the disk is full"):  # not that nothing can be read of it
        rescuing._readable(whole, source)
