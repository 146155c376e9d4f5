"""The health of the whole as people ask for it, of exports whose every row is known."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.ratings import shop
from tests.ratings.shop import Tables, saved
from tui.cli import app


def ask(db: Path, *words: str) -> dict[str, Any]:
    """The JSON document."""
    result = CliRunner().invoke(app, ["health", *words, "--db", str(db), "--format", "json"])
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.fixture(scope="module")
def tables() -> Tables:
    return shop.world(days=84)


@pytest.fixture(scope="module")
def db(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("shop"), tables)


def test_the_promised_keys(db: Path) -> None:
    found = ask(db)
    assert found["schema"] == "whydrop.health/1"
    assert {"gini", "hhi", "top_1pct_share"} <= found["concentration"].keys()
    assert found["concentration"]["side"] == "creators"


def test_every_active_member_counts_once(db: Path, tables: Tables) -> None:
    last = {row["creator_id"] for row in tables["orders"] if row["ordered_at"] >= shop.moment(84 - 27)}
    assert ask(db)["concentration"]["population"] == len(last)


def test_the_order_of_rows_changes_nothing(db: Path, tables: Tables, tmp_path: Path) -> None:
    def mixed(rows: list[shop.Row]) -> list[shop.Row]:
        random.Random(3).shuffle(rows)
        return rows

    assert ask(saved(tmp_path, tables, mixed)) == ask(db)


@pytest.mark.parametrize("format_", ["table", "json", "ndjson", "csv", "md"])
def test_every_format(db: Path, format_: str) -> None:
    result = CliRunner().invoke(app, ["health", "--db", str(db), "--format", format_])
    assert result.exit_code == 0
    assert "gini" in result.stdout


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (["--where", "market=XX"], 2, "no market 'XX'"),
        (["--as-of", "2001-01-01"], 1, "no data by 2001-01-01"),
        (["--as-of", "2030-01-01"], 1, "nobody sold or was seen"),
        (["--as-of", "soon"], 2, "not a day"),
    ],
)
def test_one_line_says_what_is_wrong(db: Path, words: list[str], exit_code: int, says: str) -> None:
    result = CliRunner().invoke(app, ["health", *words, "--db", str(db)])
    assert result.exit_code == exit_code
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_anybody_it_says_what_to_load(tmp_path: Path) -> None:
    rows = [{"date": "2026-01-05", "market": "ID", "impressions": 5}]
    result = CliRunner().invoke(app, ["health", "--db", str(saved(tmp_path, {"traffic": rows}))])
    assert result.exit_code == 1
    assert "creator_id or seller_id" in result.stderr
