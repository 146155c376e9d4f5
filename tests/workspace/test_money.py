"""Amounts in several currencies: converted as a person would with the table of rates beside the orders."""

import csv
import gzip
import sqlite3
from pathlib import Path

import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import EVERYTHING, Segment
from core.workspace.read.figure_sql import total_sql
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from fixtures.marketplace.generate import generate
from fixtures.marketplace.settings import MARKETS
from tests.workspace.loading import loaded, rows, written

ORDERS = """order_id,ordered_at,gmv,currency,market,paid_at,refund_amount,refunded_at,commission
1,2026-03-02,150000,IDR,ID,2026-03-02,,,15000
2,2026-03-04,150000,IDR,ID,2026-03-04,75000,2026-03-06,
3,2026-03-04,100,THB,TH,2026-03-04,,,
4,2026-03-04,20.50,USD,TH,2026-03-04,,,2
5,2026-03-05,7,,TH,2026-03-05,,,
6,2026-03-05,150000,IDR,ID,,,,
"""
FX = "date,currency,rate\n2026-03-01,IDR,0.0001\n2026-03-04,IDR,0.00006\n2026-03-03,THB,0.03\n"
ALL = Window.parse("2026-03-01..2026-03-08")
BY_HAND = {
    "gmv": 150_000 * 0.0001 + 150_000 * 0.00006 + 100 * 0.03 + 20.5 + 7,
    "refund_amount": 75_000 * 0.00006,
    "commission": 15_000 * 0.0001 + 2,
}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A workspace that counts in US dollars."""
    written(tmp_path, "whydrop.toml", '[money]\ncurrency = "usd"\n')
    return tmp_path / "w.db"


def totals(db: Path, where: Segment = EVERYTHING) -> dict[str, float]:
    with Workspace.open(db) as workspace:
        cube = workspace.cube(BY_HAND, ALL, where=where)
        return {name: cube.total(name) for name in BY_HAND}


@pytest.mark.parametrize("first", ["orders", "fx"])
def test_amounts_are_converted_at_the_newest_rate_of_their_day_whichever_is_loaded_first(
    tmp_path: Path, db: Path, first: str
) -> None:
    files = {"orders": ORDERS, "fx": FX}
    load(db, [written(tmp_path, f"{name}.csv", files[name]) for name in sorted(files, key=lambda one: one != first)])
    assert totals(db) == pytest.approx(BY_HAND, rel=1e-12)
    assert totals(db, Segment.parse("market=TH"))["gmv"] == pytest.approx(30.5)
    assert rows(db, "SELECT gmv, currency FROM orders WHERE order_id = '1'") == [(150_000, "IDR")]


@pytest.mark.parametrize("measure", BY_HAND)
@pytest.mark.parametrize("clock", ["order", "event"])
def test_the_sql_run_by_hand_converts_too(tmp_path: Path, db: Path, measure: str, clock: str) -> None:
    load(db, [written(tmp_path, "orders.csv", ORDERS), written(tmp_path, "fx.csv", FX)])
    with Workspace.open(db) as workspace:
        sql = total_sql(workspace, measure, ALL, clock=clock)[measure]  # type: ignore[arg-type]
    assert sqlite3.connect(db).execute(sql).fetchone()[0] == pytest.approx(BY_HAND[measure])


def test_a_corrected_rate_holds_at_once(tmp_path: Path, db: Path) -> None:
    load(db, [written(tmp_path, "orders.csv", ORDERS), written(tmp_path, "fx.csv", FX)])
    loaded(db, written(tmp_path, "fx2.csv", "date,currency,rate\n2026-03-04,IDR,0.00007\n"))
    assert totals(db)["refund_amount"] == pytest.approx(75_000 * 0.00007)


def test_what_has_no_rate_does_not_count_and_is_said(tmp_path: Path, db: Path) -> None:
    report = load(db, [written(tmp_path, "orders.csv", ORDERS), written(tmp_path, "fx.csv", FX.replace("01,", "03,"))])
    orders, fx = report.files
    assert "1 order line is in THB" in orders.notes[1]
    assert fx.notes == (
        "1 order line is in IDR, and no rate is known that early (2 Mar 2026): its amount does not count. "
        "Load older fx exports.",
    )
    assert totals(db)["gmv"] == pytest.approx(BY_HAND["gmv"] - 15)


def test_amounts_without_any_rate_are_no_zeros(tmp_path: Path, db: Path) -> None:
    lines = [line for line in ORDERS.splitlines() if line.startswith("order_id") or "IDR" in line]
    loaded(db, written(tmp_path, "orders.csv", "\n".join(lines)))
    with (
        Workspace.open(db) as workspace,
        pytest.raises(NotEnoughData, match="Load fx exports with rates of IDR to USD"),
    ):
        workspace.cube(["gmv"], ALL)


def test_without_a_currency_amounts_stay_as_they_are_and_a_mixture_is_said(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    report = load(db, [written(tmp_path, "orders.csv", ORDERS), written(tmp_path, "fx.csv", FX)])
    assert "orders are in IDR, THB, USD, and their amounts are added up as they are" in report.files[0].notes[0]
    assert totals(db)["gmv"] == 300_127.5


def test_what_is_no_currency_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "whydrop.toml", '[money]\ncurrency = "dollars"\n')
    with pytest.raises(UsageError, match="no currency 'dollars'"):
        load(tmp_path / "w.db", [written(tmp_path, "orders.csv", ORDERS)])


def test_a_marketplace_in_its_own_currencies_is_worth_what_it_is_in_dollars(tmp_path: Path, db: Path) -> None:
    generate(tmp_path / "made", seed=3, days=14, scale=0.1)
    with gzip.open(next((tmp_path / "made").glob("orders.csv.gz")), "rt") as file:
        lines = list(csv.DictReader(file))
    with (tmp_path / "made" / "fx.csv").open() as file:
        rates = {(one["date"], one["currency"]): float(one["rate"]) for one in csv.DictReader(file)}
    worth = 0.0
    for line in lines:
        line["currency"] = MARKETS[line["market"]].currency
        rate = rates[line["ordered_at"][:10], line["currency"]]
        line["gmv"] = f"{float(line['gmv']) / rate:.2f}"
        worth += float(line["gmv"]) * rate if line["paid_at"] else 0.0
    with (tmp_path / "orders.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    load(db, [tmp_path / "orders.csv", tmp_path / "made" / "fx.csv"])
    with Workspace.open(db) as workspace:
        assert workspace.cube(["gmv"], workspace.span).total("gmv") == pytest.approx(worth, rel=1e-9)
