"""The health of the whole as people ask for it, of exports whose every row is known."""

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
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


@pytest.fixture(scope="module")
def asked(db: Path) -> dict[str, Any]:
    return ask(db)


def test_the_promised_keys(asked: dict[str, Any]) -> None:
    found = asked
    assert found["schema"] == "whydrop.health/1"
    assert {"gini", "hhi", "top_1pct_share"} <= found["concentration"].keys()
    assert found["concentration"]["side"] == "creators"


def test_every_active_member_counts_once(asked: dict[str, Any], tables: Tables) -> None:
    last = {row["creator_id"] for row in tables["orders"] if row["ordered_at"] >= shop.moment(84 - 27)}
    assert asked["concentration"]["population"] == len(last)


def test_the_order_of_rows_changes_nothing(asked: dict[str, Any], tables: Tables, tmp_path: Path) -> None:
    def mixed(rows: list[shop.Row]) -> list[shop.Row]:
        random.Random(3).shuffle(rows)
        return rows

    assert ask(saved(tmp_path, tables, mixed)) == asked


def test_every_format(db: Path, computed_once: Callable[[str], None]) -> None:
    computed_once("core.ecosystem.health.health")
    for format_ in ("table", "ndjson", "csv", "md"):
        result = CliRunner().invoke(app, ["health", "--db", str(db), "--format", format_])
        assert result.exit_code == 0, format_
        assert "gini" in result.stdout.lower(), format_


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (["--where", "market=XX"], 2, "no market 'XX'"),
        (["--as-of", "2001-01-01"], 1, "no data by 1 Jan 2001"),
        (["--as-of", "2030-01-01"], 1, "nobody sold or was seen from 5 Dec 2029 to 1 Jan 2030. The last"),
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


@pytest.mark.parametrize(
    ("days", "impressions", "exit_code", "says"),
    [
        (1, 0, 1, "5 Jan 2026. No row names anybody with orders or impressions."),
        (1, 9, 0, "Nothing could be tested (for incidents of a few days, see whydrop scan); no leads."),
        (
            112,
            9,
            0,
            "Too little to say whether the marketplace is healthy (for incidents of a few days, see whydrop scan): "
            "0 of 1 test found",
        ),
    ],
)
def test_one_creator_tells_little(days: int, impressions: int, exit_code: int, says: str, tmp_path: Path) -> None:
    first = date(2026, 1, 5)
    rows = [
        {"date": (first + timedelta(days=at)).isoformat(), "creator_id": "C1", "impressions": impressions}
        for at in range(days)
    ]
    result = CliRunner().invoke(app, ["health", "--db", str(saved(tmp_path, {"traffic": rows}))])
    assert result.exit_code == exit_code
    assert says in result.stdout + result.stderr


def grades(db: Path, *words: str) -> dict[tuple[str, str, str], str]:
    """What `rate` says of everybody with a case."""
    result = CliRunner().invoke(app, ["rate", *words, "--db", str(db), "--format", "json"])
    rows = json.loads(result.stdout)["ratings"]
    return {(row["creator_id"], row["role"], row["market"]): row["grade"] for row in rows if row["rank"]}


def test_mobility_is_what_the_ratings_of_both_days_say(asked: dict[str, Any], db: Path) -> None:
    now, before = grades(db), grades(db, "--as-of", shop.iso(84 - 28))
    found = asked["mobility"]["creators"]
    both = now.keys() & before.keys()
    assert found["cards"] == len(both)
    for row, old in enumerate(found["grades"]):
        for column, new in enumerate(found["grades"]):
            cards = sum(before[key] == old and now[key] == new for key in both)
            assert found["matrix"][row][column] == cards


def test_fairness_has_the_mean_of_what_rate_says(asked: dict[str, Any], db: Path) -> None:
    result = CliRunner().invoke(app, ["rate", "--market", "TH", "--db", str(db), "--format", "json"])
    scores = [row["score"] for row in json.loads(result.stdout)["ratings"] if row["rank"]]
    (group,) = [one for one in asked["fairness"] if one["side"] == "creators" and one["value"] == "TH"]
    assert {"group", "value", "n", "mean_score", "gap", "interval"} <= group.keys()
    assert (group["n"], group["mean_score"]) == (len(scores), pytest.approx(sum(scores) / len(scores)))


def test_a_market_that_is_served_badly_shows(tables: Tables, tmp_path: Path) -> None:
    worse = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    for at, row in enumerate(worse["orders"]):
        if int(row["creator_id"][1:]) % 3 == 0:
            row["market"] = "VN"
            if at % 5 == 0 and row["delivered_at"]:
                row |= {"refunded_at": row["delivered_at"], "refund_amount": "10", "refund_reason": "not_as_described"}
        else:
            row["market"] = "ID"
    for row in worse["creators"]:
        row["market"] = "VN" if int(row["creator_id"][1:]) % 3 == 0 else "ID"
    found = ask(saved(tmp_path, worse))["fairness"]
    (group,) = [one for one in found if one["side"] == "creators" and one["value"] == "VN"]
    assert group["interval"][1] < 0
    assert group["four_fifths"] == "fail"


def test_where_looks_at_some_only(asked: dict[str, Any], db: Path) -> None:
    found = ask(db, "--where", "market=TH")
    assert {one["value"] for one in found["fairness"] if one["group"] == "market"} == set()
    assert found["concentration"]["population"] < asked["concentration"]["population"]


def test_by_default_it_looks_at_the_newest_day_with_sales(tables: Tables, tmp_path: Path) -> None:
    later = {**tables, "reviews": [*tables["reviews"], shop.review(1, 140, 5) | {"review_id": "late"}]}
    found = ask(saved(tmp_path, later))
    assert found["as_of"] == max(row["ordered_at"] for row in tables["orders"])[:10]


def test_a_side_that_only_reviews_name_is_left_out(tables: Tables, tmp_path: Path) -> None:
    rows = [{name: one for name, one in row.items() if name != "creator_id"} for row in tables["orders"]]
    spoken = [{**row, "order_id": "", "creator_id": "C1"} for row in tables["reviews"]]
    found = ask(saved(tmp_path, {"orders": rows, "reviews": spoken}))
    assert {one["side"] for one in found["concentration"]["all"]} == {"sellers"}
