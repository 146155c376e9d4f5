"""Tables as files, and settings with where they come from."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from core.workspace.write.load import load
from tui.cli import app


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Three order lines; a product that looks like a formula, an amount with cents, blanks."""
    (tmp_path / "orders.csv").write_text(
        "order_id,ordered_at,product_id,gmv,paid_at\n"
        "a,2026-03-01,=1+1,10.25,2026-03-01\n"
        "b,2026-03-01,p2,20,\n"
        "c,2026-03-02,p2,30,2026-03-02\n"
    )
    load(tmp_path / "w.db", [tmp_path / "orders.csv"])
    return tmp_path / "w.db"


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_every_format_holds_the_same_rows(db: Path, tmp_path: Path) -> None:
    for ending in ("csv", "json", "parquet"):
        done = _run("export", "orders", "--db", str(db), "-o", str(tmp_path / f"o.{ending}"))
        assert done.exit_code == 0, done.stderr
        assert f"o.{ending}: 3 rows of orders" in done.stderr
    with (tmp_path / "o.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    records = json.loads((tmp_path / "o.json").read_text())
    table = pq.read_table(tmp_path / "o.parquet").to_pylist()
    assert [row["order_id"] for row in rows] == ["a", "b", "c"]
    assert [float(row["gmv"]) for row in rows] == [10.25, 20, 30]
    assert rows[0]["product_id"] == "'=1+1"
    assert records[0]["product_id"] == table[0]["product_id"] == "=1+1"
    assert [record["gmv"] for record in records] == [row["gmv"] for row in table] == [10.25, 20, 30]
    assert records[1]["paid_at"] is None
    assert records == table


def test_nothing_is_overwritten_half_written_or_guessed(db: Path, tmp_path: Path) -> None:
    there = tmp_path / "o.csv"
    there.write_text("mine")
    assert _run("export", "orders", "--db", str(db), "-o", str(there)).exit_code == 1
    assert there.read_text() == "mine"
    assert _run("export", "orders", "--db", str(db), "-o", str(tmp_path / "o.pdf")).exit_code == 2
    assert _run("export", "ordres", "--db", str(db), "-o", str(tmp_path / "x.csv")).exit_code == 2
    assert _run("export", "orders", "--db", str(db), "-o", str(tmp_path / "none" / "x.csv")).exit_code == 1
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["o.csv", "orders.csv"]
    assert not list(tmp_path.glob(".*csv*"))


def test_settings_say_where_they_come_from(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(db.parent / "of the user"))
    folder = db.parent
    (folder / "whydrop.toml").write_text('[money]\ncurrency = "IDR"\n[time]\ndefault = "Asia/Jakarta"\n')
    done = _run("config", "--db", str(db), "--format", "json")
    rows = {row["key"]: row for row in json.loads(done.stdout)["settings"]}
    assert (rows["money.currency"]["value"], rows["money.currency"]["origin"]) == ("IDR", str(folder / "whydrop.toml"))
    assert rows["calendar.holidays"] == {"key": "calendar.holidays", "value": False, "origin": "default"}
    assert rows["db"]["origin"] == "flag"
    (folder / "whydrop.toml").write_text("[mony]\n")
    assert _run("config", "--db", str(db)).exit_code == 2
