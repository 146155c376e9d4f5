"""Every figure of a past day is that of the data cut at that day, to the last digit."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.ecosystem.worlds import made, saved
from tests.ratings import shop
from tui.cli import app

DAYS = 91


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the whole time, with late dispatches, and violations of which some are overturned later."""
    folder = tmp_path_factory.mktemp("whole")
    saved(made(5, days=DAYS, orders_a_day=60.0), folder / "first")
    tables = {path.stem: list(csv.DictReader(path.open())) for path in (folder / "first").glob("*.csv")}
    joined = {row["creator_id"]: row["joined_on"] for row in tables["creators"]}
    violations = [
        shop.violation(at, at, f"C{at % 90:03}", 1 + at % 4, shop.moment(at + 20) if at % 3 == 0 else "")
        for at in range(2, DAYS - 20)
    ]
    tables["violations"] = [row for row in violations if joined[row["creator_id"]] < row["occurred_at"][:10]]
    for at, row in enumerate(tables["orders"]):
        ordered = date.fromisoformat(row["ordered_at"][:10])
        row["ship_by"], row["shipped_at"] = (str(ordered + timedelta(days)) for days in (2, 5 if at % 9 == 0 else 1))
    return shop.saved(folder / "second", tables)


def page(db: Path, *words_of_day: str) -> dict[str, Any]:
    """The whole health page of a day, by default of that on which exports end."""
    words = ["health", "--db", str(db), *words_of_day, "--format", "json"]
    document: dict[str, Any] = json.loads(CliRunner().invoke(app, words).stdout)
    return document


@pytest.mark.parametrize("day", [62, 80])
def test_health_of_a_past_day_knows_nothing_later(day: int, whole: Path, tmp_path: Path) -> None:
    tables = {path.stem: list(csv.DictReader(path.open())) for path in whole.parent.glob("*.csv")}
    then = page(whole, "--as-of", shop.iso(day))
    cut = page(shop.saved(tmp_path, shop.cut(tables, day)))
    assert then["as_of"] == shop.iso(day)
    assert len(then["claims"]) > 100
    assert {name: then[name] for name in then if then[name] != cut.get(name)} == {}
    assert then.keys() == cut.keys()
