"""What the looking commands print, in every format."""

import csv
import io
import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.base.date_text import date_text
from core.base.days import parse_day
from tests.cli.conftest import Run


def test_a_series_is_the_promised_json(whydrop: Run) -> None:
    document = json.loads(whydrop("series", "ctr", "--by", "market", "--from", "2026-03-15", "--format", "json").stdout)
    assert document["schema"] == "whydrop.series/1"
    assert document["metric"] == "ctr"
    assert [(row["day"], row["market"]) for row in document["rows"]] == [("2026-03-15", "ID"), ("2026-03-15", "TH")]
    assert all(0.02 < row["value"] < 0.05 for row in document["rows"])


@pytest.mark.parametrize("by", [["--by", "market,channel"], ["--by", "market", "--by", "channel"]])
def test_dimensions_are_given_with_commas_or_one_by_one(whydrop: Run, by: list[str]) -> None:
    """`channels` and `index` left out the first of two, and the others refused commas."""
    rows = json.loads(whydrop("series", "ctr", *by, "--from", "2026-03-15", "--format", "json").stdout)["rows"]
    assert [(row["market"], row["channel"]) for row in rows] == [
        ("ID", "live"), ("ID", "video"), ("TH", "live"), ("TH", "video")
    ]  # fmt: skip
    assert whydrop("scan", *by).exit_code == 0


def test_every_format_has_the_same_rows(whydrop: Run) -> None:
    asked = ("series", "clicks", "--where", "market=TH", "--from", "2026-03-12")
    rows = json.loads(whydrop(*asked, "--format", "json").stdout)["rows"]
    assert [json.loads(line) for line in whydrop(*asked, "--format", "ndjson").stdout.splitlines()] == rows
    assert [int(row["value"]) for row in csv.DictReader(io.StringIO(whydrop(*asked, "--format", "csv").stdout))] == [
        row["value"] for row in rows
    ]
    listed = whydrop(*asked, "--format", "md").stdout.splitlines()[2:]
    assert [line.split("|")[1].strip() for line in listed] == [row["day"] for row in rows]
    days = [" ".join(line.split()[:3]) for line in whydrop(*asked).stdout.splitlines()[1:]]
    assert days == [date_text(parse_day(row["day"])) for row in rows]


def test_fields_choose_columns(whydrop: Run) -> None:
    assert whydrop("metrics", "--fields", "key,unit", "--format", "csv").stdout.splitlines()[:2] == [
        "key,unit",
        "impressions,count",
    ]
    document = json.loads(
        whydrop("series", "ctr", "--from", "2026-03-15", "--fields", "value", "--format", "json").stdout
    )
    assert list(document["rows"][0]) == ["value"]


def test_fields_of_an_empty_list_are_those_of_a_full_one(tmp_path: Path, whydrop: Run) -> None:
    db = tmp_path / "w.db"
    (tmp_path / "t.csv").write_text("date,clicks,impressions\n2026-03-01,1,9\n")
    whydrop("load", str(tmp_path / "t.csv"), db=db)
    listed = json.loads(whydrop("loads", "--format", "json", db=db).stdout)["loads"][0]
    whydrop("loads", "undo", "1", db=db)
    for name in listed:
        assert json.loads(whydrop("loads", "--format", "json", "--fields", name, db=db).stdout)["loads"] == []


def test_fields_choose_keys_of_one_result(whydrop: Run) -> None:
    asked = ("explain", "ctr", "--where", "market=ID", "--fields", "metric,where,is_drop")
    lines = [line.split() for line in whydrop(*asked).stdout.splitlines()]
    assert lines == [["field", "value"], ["metric", "ctr"], ["where", "market=ID"], ["is_drop", "yes"]]
    assert json.loads(whydrop(*asked, "--format", "json").stdout).keys() == {"schema", "metric", "where", "is_drop"}
    assert whydrop(*asked, "--format", "md").stdout.splitlines()[2:] == [
        "| metric | ctr |",
        "| where | market=ID |",
        "| is\\_drop | yes |",
    ]


def test_options_stand_in_any_position(whydrop: Run) -> None:
    assert whydrop("series", "--format", "csv", "ctr", "-q", "--from", "2026-03-15").exit_code == 0


def test_the_catalogue_says_what_can_be_computed_here(whydrop: Run, tmp_path: Path) -> None:
    computable = {
        row["key"]: row["computable"] for row in json.loads(whydrop("metrics", "--format", "json").stdout)["metrics"]
    }
    assert (computable["ctr"], computable["gmv"]) == (True, False)
    lines = [line.split() for line in whydrop("metrics", "tree").stdout.splitlines()]
    assert ["gmv", "=", "paid_orders", "x", "average_order_value", "not", "in", "this", "workspace"] in lines
    assert ["ctr", "=", "clicks", "/", "impressions"] in lines
    assert whydrop("metrics", db=tmp_path / "none.db").exit_code == 0, "the catalogue needs no workspace"


def test_one_metric_says_its_leaves(whydrop: Run) -> None:
    shown = json.loads(whydrop("metrics", "show", "gmv", "--format", "json").stdout)["metrics"]
    assert shown[0]["leaves"] == ["impressions", "ctr", "click_to_order_rate", "payment_rate", "average_order_value"]
    fields = [line.split("  ")[0] for line in whydrop("metrics", "show", "gmv").stdout.splitlines()]
    headings = whydrop("metrics").stdout.splitlines()[0].split("  ")
    assert fields[1:] == [*filter(None, map(str.strip, headings)), "leaves"], "called as in the list of all metrics"


def test_text_from_data_is_never_code(whydrop: Run) -> None:
    assert "\x1b" not in whydrop("events").stdout
    cells = next(iter(csv.DictReader(io.StringIO(whydrop("events", "--format", "csv").stdout))))
    assert cells["title"].startswith("'=cmd()")
    document = json.loads(whydrop("events", "--format", "json").stdout)
    assert document["events"][0]["where"] == {"market": "ID"}


@pytest.mark.parametrize(
    "words", ["gmv --by market", "click_to_order_rate --by market --by device", "ctr --where market=ID"]
)
def test_the_sql_of_a_series_gives_its_figures(whydrop: Run, demo_workspace: Path, words: str) -> None:
    asked = ["series", *words.split(), "--from", "2026-03-14"]
    shown = json.loads(whydrop(*asked, "--format", "json", db=demo_workspace).stdout)["rows"]
    with closing(sqlite3.connect(demo_workspace)) as connection:
        rows = connection.execute(whydrop(*asked, "--sql", db=demo_workspace).stdout).fetchall()
    values = {tuple(cells): value for *cells, value in rows}
    assert len(values) == len(shown) >= 2
    for row in shown:
        value = row.pop("value")
        assert values[tuple(cell or None for cell in row.values())] == pytest.approx(value)


def test_reading_never_writes(whydrop: Run, workspace: Path) -> None:
    before = workspace.read_bytes()
    for words in (["series", "ctr"], ["metrics"], ["events"], ["loads"], ["rejects"]):
        assert whydrop(*words).exit_code == 0
    assert workspace.read_bytes() == before


def test_money_has_its_currency_in_series_plans_and_verdicts(
    whydrop: Run, demo_workspace: Path, tmp_path: Path
) -> None:
    db = Path(shutil.copy(demo_workspace, tmp_path / "w.db"))
    series = whydrop("series", "gmv", "--since", "2d", db=db).stdout
    assert series.splitlines()[0].endswith("value, in USD")
    where = ("gmv", "--where", "market=TH")
    assert re.search(
        r"an effect of \+[\d,.k]+ USD on an average day", whydrop("verify", *where, "--plan", db=db).stdout
    )
    whydrop("case", "open", *where, "--since", "2026-03-09", "--judge-on", "2026-03-15", db=db)
    judged = whydrop("case", "verify", "case-1", db=db).stdout
    assert re.search(r"Actual [\d,.k]+ USD on an average day versus [\d,.k]+ USD expected", judged)
    assert re.search(r"interval of the effect -[\d,.k]+ to -[\d,.k]+ USD", judged)
    assert re.search("By day, .*, in USD", judged)
    stored = whydrop("case", "show", "case-1", db=db).stdout
    assert re.search(r"got worse, -[\d,.k]+ USD on an average day \(", stored)
    assert re.search(r"Actual [\d,.k]+ USD on an average day versus [\d,.k]+ USD expected", stored)


def test_bars_stay_short_where_the_output_has_no_width(whydrop: Run, demo_workspace: Path) -> None:
    for words in (["explain", "gmv"], ["channels"], ["creator", "C1033"]):
        lines = whydrop(*words, db=demo_workspace).stdout.splitlines()
        bars = [line for line in lines if "█" in line]
        assert bars
        assert max(map(len, bars)) < 160
