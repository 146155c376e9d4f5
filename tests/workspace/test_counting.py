"""What is counted of orders, reviews and violations: by hand, by the cube, and by the SQL that a person may run."""

import sqlite3
from pathlib import Path

import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import EVERYTHING, Segment
from core.views.metric_series import series
from core.workspace.read.figure_sql import series_sql, total_sql
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

ORDERS = """\
order_id,product_id,ordered_at,market,channel,units,gmv,paid_at,ship_by,shipped_at,promised_by,delivered_at,\
cancelled_at,cancelled_by,refunded_at,refund_amount,commission
o1,p1,2026-03-01T10:00:00Z,ID,live,2,10.10,2026-03-01T10:05:00Z,2026-03-03T00:00:00Z,2026-03-02T00:00:00Z,\
2026-03-06T00:00:00Z,2026-03-05T10:05:00Z,,,2026-03-08T00:00:00Z,10.10,1.01
o1,p2,2026-03-01T10:00:00Z,ID,live,1,5.25,2026-03-01T10:05:00Z,2026-03-03T00:00:00Z,2026-03-04T00:00:00Z,\
2026-03-06T00:00:00Z,2026-03-07T00:00:00Z,,,,,0.52
o2,p1,2026-03-02T23:59:59Z,TH,video,3,7.00,,,,,,2026-03-03T08:00:00Z,buyer,,,
o3,p1,2026-03-03T00:00:00Z,TH,live,1,9.99,2026-03-03T01:00:00Z,2026-03-05T00:00:00Z,,,,2026-03-04T08:00:00Z,seller,,,
o4,p3,2026-03-08T12:00:00Z,ID,video,1,3.33,2026-03-08T12:01:00Z,2026-03-20T00:00:00Z,,,,,,,,0.33
"""
REVIEWS = """\
review_id,order_id,reviewed_at,rating,market
r1,o1,2026-03-06T00:00:00Z,5,
r2,o3,2026-03-07T09:00:00Z,1,XX
r3,nowhere,2026-03-07T09:00:00Z,2,VN
"""
VIOLATIONS = """\
violation_id,occurred_at,creator_id,points,overturned_at
v1,2026-03-02T00:00:00Z,c1,4,
v2,2026-03-03T00:00:00Z,c1,2,2026-03-04T00:00:00Z
"""
TRAFFIC = """\
date,market,impressions,watch_seconds
2026-03-01,ID,1000,12.5
2026-03-02,TH,500,7
"""
ALL = Window.parse("2026-03-01..2026-03-08")
BY_HAND = {
    "orders": 5, "units": 8, "paid_orders": 4, "gmv": 28.67, "commission": 1.86, "cancelled_orders": 2,
    "seller_cancelled_orders": 1, "buyer_cancelled_orders": 1, "due_dispatches": 3, "late_dispatches": 2, "deliveries": 2,
    "late_deliveries": 1, "delivery_hours": 96 + 133 + 55 / 60, "refunded_orders": 1, "refund_amount": 10.10, "reviews": 3,
    "rating_sum": 8, "negative_reviews": 2, "violations": 1, "violation_points": 4,
    "impressions": 1500, "watch_seconds": 19.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("counting")
    for name, text in (("orders", ORDERS), ("reviews", REVIEWS), ("violations", VIOLATIONS), ("traffic", TRAFFIC)):
        (folder / f"{name}.csv").write_text(text)
    load(folder / "w.db", sorted(folder.glob("*.csv")))
    return Workspace.open(folder / "w.db")


def by_sql(path: Path, sql: str) -> float:
    value: float = sqlite3.connect(path).execute(sql).fetchone()[0]
    return value


def test_everything_that_can_be_counted_is(workspace: Workspace) -> None:
    assert set(workspace.measures) == set(BY_HAND)
    cube = workspace.cube(BY_HAND, ALL)
    assert {name: cube.total(name) for name in BY_HAND} == pytest.approx(BY_HAND, rel=1e-12)


@pytest.mark.parametrize("measure", BY_HAND)
@pytest.mark.parametrize("where", ["", "market=TH", "market=ID|VN"])
def test_the_sql_run_by_hand_gives_the_figure(workspace: Workspace, measure: str, where: str) -> None:
    segment = Segment.parse(where)
    total = workspace.cube([measure], ALL, where=segment).total(measure)
    sql = total_sql(workspace, measure, ALL, segment)[measure]
    assert by_sql(workspace.path, sql) == pytest.approx(total, rel=1e-9)


def test_ratios_have_their_sql_too(workspace: Workspace) -> None:
    queries = total_sql(workspace, "payment_rate", ALL)
    assert set(queries) == {"payment_rate", "orders", "paid_orders"}
    assert by_sql(workspace.path, queries["payment_rate"]) == pytest.approx(4 / 5)


def test_a_review_takes_its_slice_from_its_order(workspace: Workspace) -> None:
    cube = workspace.cube(["reviews"], ALL, ["market"])
    found = dict(zip(cube.values["market"], cube.totals("reviews", ["market"]), strict=True))
    assert {market: count for market, count in found.items() if count} == {"ID": 1, "TH": 1, "VN": 1}


def test_what_follows_an_order_is_counted_on_its_day_or_on_its_own(workspace: Workspace) -> None:
    first = Window.parse("2026-03-01..2026-03-01")
    assert workspace.cube(["deliveries"], first).total("deliveries") == 2
    assert workspace.cube(["deliveries"], first, clock="event").total("deliveries") == 0
    on_the_fifth = workspace.cube(["deliveries", "gmv"], Window.parse("2026-03-05..2026-03-05"), clock="event")
    assert (on_the_fifth.total("deliveries"), on_the_fifth.total("gmv")) == (1, 0)


def test_the_past_did_not_know_what_came_later(workspace: Workspace) -> None:
    day = Window.parse("2026-03-05..2026-03-05").first
    cube = workspace.cube(["deliveries", "refunded_orders", "late_dispatches", "violations"], ALL, as_of=day)
    assert [cube.total(name) for name in ("deliveries", "refunded_orders", "late_dispatches", "violations")] == [
        1,
        0,
        2,
        1,
    ]


def test_a_series_has_every_day_once(workspace: Workspace) -> None:
    found = series(workspace, "gmv", ALL, Segment())
    assert [row["value"] for row in found.rows()] == [15.35, 0, 9.99, 0, 0, 0, 0, 3.33]
    sliced = series(workspace, "payment_rate", ALL, Segment(), ["market"])
    assert sliced.rows()[0] == {"day": "2026-03-01", "market": "ID", "value": 1}


def test_what_nothing_counts_is_said_with_the_remedy(workspace: Workspace) -> None:
    with pytest.raises(NotEnoughData, match="nothing here counts clicks. Load traffic exports with clicks"):
        workspace.metric("clicks")
    with pytest.raises(UsageError, match="Did you mean market"):
        workspace.cube(["orders"], ALL, ["markte"])
    with pytest.raises(UsageError, match="no channel 'lives' in the data. Did you mean live"):
        workspace.cube(["orders"], ALL, where=Segment.parse("channel=lives"))
    with pytest.raises(NotEnoughData, match=r"the workspace holds 1-8 Mar 2026"):
        workspace.window(ALL.last + 1, ALL.last + 9)


def test_dimensions_may_be_called_like_the_columns_of_a_series(tmp_path: Path) -> None:
    """Three visits of low and four of high amounts a day, of which the third day has none: by the cube and by SQL."""
    lines = [
        f"2026-03-{day:02},{amount},x,{day},{visits}" for day in (1, 2) for amount, visits in (("low", 3), ("high", 4))
    ]
    (tmp_path / "a.csv").write_text(
        "date,amount,value,rank,visits\n" + "\n".join([*lines, "2026-03-03,low,x,3,0"]) + "\n"
    )
    load(tmp_path / "w.db", [tmp_path / "a.csv"], dimensions=("amount", "value"))
    wanted = [("2026-03-01", "high", "x", 4), ("2026-03-01", "low", "x", 3), ("2026-03-02", "high", "x", 4)]
    with Workspace.open(tmp_path / "w.db") as workspace:
        asked = (workspace, "visits", ALL, EVERYTHING, ("amount", "value"))
        shown = series(*asked).rows()
        sql = series_sql(*asked, "order")
    assert {"day": "2026-03-02", "amount": "low", "value_": "x", "value": 3} in shown
    connection = sqlite3.connect(tmp_path / "w.db")
    assert connection.execute(sql).fetchall()[:3] == wanted
    connection.close()
