"""The columns that ratings are computed from, against the exports they come from, cell by cell."""

from pathlib import Path

import pytest

from core.base.days import Window, parse_day
from core.base.segment import EVERYTHING
from core.workspace.read import rating_rows
from core.workspace.read.rows import risk_rows
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

COLUMNS = (
    "order_id,ordered_at,market,creator_id,buyer_id,gmv,paid_at,promised_by,"
    "delivered_at,refunded_at,refund_amount,cancelled_at,cancelled_by"
)
ORDERS = """
1,2026-01-05T10:00:00,ID,C1,B1,10,2026-01-05,2026-01-09,2026-01-08,,,,
2,2026-01-05T11:00:00,TH,C2,B2,20,2026-01-05,2026-01-09,2026-01-11,,5,,
3,2026-01-06T12:00:00,TH,C1,B1,30,,,,,,2026-01-07,seller
4,2026-01-06T13:00:00,,C3,,40,2026-01-06,9998-01-01,2026-01-09,9999-12-31,,,
"""
REVIEWS = """review_id,order_id,reviewed_at,rating,creator_id
R1,2,2026-01-12T00:00:00,1,
R2,,2026-01-12T00:00:00,4,C3
"""
WEEK = Window(parse_day("2026-01-05"), parse_day("2026-01-12"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Four orders and two reviews, one of them of no order."""
    for name, text in (("orders.csv", COLUMNS + ORDERS), ("reviews.csv", REVIEWS)):
        (tmp_path / name).write_text(text)
    load(tmp_path / "w.db", [tmp_path / "orders.csv", tmp_path / "reviews.csv"])
    return Workspace.open(tmp_path / "w.db")


def test_orders_come_as_codes_and_days_and_what_did_not_happen_by_then_is_0(workspace: Workspace) -> None:
    with workspace:
        rows = rating_rows.orders(workspace, WEEK)
        creators, markets, cancellers = (
            rating_rows.words(workspace, name) for name in ("creator_id", "market", "cancelled_by")
        )
    day = parse_day("2026-01-05")
    assert [creators[code] for code in rows["creator_id"]] == ["C1", "C2", "C1", "C3"]
    assert [markets[code] for code in rows["market"]] == ["ID", "TH", "TH", ""]
    assert rows["day"].tolist() == [day, day, day + 1, day + 1]
    assert rows["paid"].tolist() == [day, day, 0, day + 1]
    assert rows["delivered"].tolist() == [day + 3, day + 6, 0, day + 4]
    assert rows["came_late"].tolist() == [0, 1, 0, 0]
    assert rows["refunded"].tolist() == [0, day + 6, 0, 0], (
        "an amount without a day: the delivery; the year 9999 is not yet"
    )
    assert rows["cancelled"].tolist() == [0, 0, day + 2, 0]
    assert [cancellers[code] for code in rows["cancelled_by"]] == ["", "", "seller", ""]
    assert rows["value"].tolist() == [1000, 2000, 3000, 4000]
    assert (rows["buyer"] > 0).tolist() == [True, True, True, False]
    assert rows["buyer"][0] == rows["buyer"][2] != rows["buyer"][1]


def test_reviews_name_their_order_line_and_by_themselves_their_codes(workspace: Workspace) -> None:
    with workspace:
        second = rating_rows.orders(workspace, WEEK)["id"][1]
        of_orders, alone = rating_rows.reviews(workspace, WEEK), rating_rows.reviews_alone(workspace, WEEK)
        creators = rating_rows.words(workspace, "creator_id")
    assert sorted(zip(of_orders["order_line"].tolist(), of_orders["rating"].tolist(), strict=True)) == [
        (0, 4),
        (second, 1),
    ]
    assert {(int(rating), creators[code]) for rating, code in zip(alone["rating"], alone["creator_id"], strict=True)} == {
        (1, ""), (4, "C3"),
    }  # fmt: skip


def test_days_without_a_time_have_no_moment_whatever_clock_their_market_has(tmp_path: Path) -> None:
    """Midnight in Bangkok is 17:00 UTC, in Delhi 18:30; reviews without a market are read by the default clock."""
    (tmp_path / "whydrop.toml").write_text('[time]\nmarkets = { TH = "Asia/Bangkok", IN = "Asia/Kolkata" }\n')
    orders = [
        "1,2026-01-05,TH",
        "2,2026-01-05,IN",
        "3,2026-01-05,",
        "4,2026-01-05T00:00:01,TH",
        "5,2026-01-05T06:30,TH",
    ]
    lines = ["order_id,ordered_at,market,gmv", *(f"{line},10" for line in orders)]
    (tmp_path / "orders.csv").write_text("\n".join(lines))
    reviews = ["review_id,order_id,reviewed_at,rating", "R1,1,2026-01-06,5", "R2,1,2026-01-06T00:15,5"]
    (tmp_path / "reviews.csv").write_text("\n".join(reviews))
    load(tmp_path / "w.db", [tmp_path / "orders.csv", tmp_path / "reviews.csv"])
    with Workspace.open(tmp_path / "w.db") as opened:
        moments = risk_rows.orders(opened, WEEK, EVERYTHING)["moment"]
        of_reviews = risk_rows.reviews(opened, WEEK, EVERYTHING)["moment"]
    day = parse_day("2026-01-05") * 86_400
    assert sorted(moments.tolist()) == [0, 0, 0, day - 7 * 3600 + 1, day - 1800]
    assert sorted(of_reviews.tolist()) == [0, day + 86_400 + 900]


def test_what_happens_has_the_day_of_its_market(tmp_path: Path) -> None:
    """22:00 in São Paulo is 1:00 of the next day in UTC, 3:00 in Jakarta 20:00 of the day before. Berlin changes its clocks on 29
    March 2026: half past midnight is 22:30 in UTC after it, and 23:30 before. Other markets have the clock of Tokyo."""
    (tmp_path / "whydrop.toml").write_text(
        '[time]\ndefault = "Asia/Tokyo"\n[time.markets]\nBR = "America/Sao_Paulo"\nID = "Asia/Jakarta"\nDE = "Europe/Berlin"\n'
    )
    moments = {
        "BR": "2026-04-02T22:00", "ID": "2026-04-02T03:00", "DE": "2026-04-02T00:30", "": "2026-04-02T08:00", "CL": "2026-04-02",
    }  # fmt: skip
    lines = [f"{name}1,2026-03-20T12:00,{name},C1,B1,10,,,{at},{at},,," for name, at in moments.items()]
    lines.append("7,2026-03-20T12:00,DE,C1,B1,10,,,2026-03-28T00:30,2026-03-28T23:30,,,")
    (tmp_path / "orders.csv").write_text("\n".join([COLUMNS, *lines]))
    load(tmp_path / "w.db", [tmp_path / "orders.csv"])
    day = parse_day("2026-04-02")
    with Workspace.open(tmp_path / "w.db") as workspace:
        risk_rows.read_with_ratings(workspace)
        rows = rating_rows.orders(workspace, Window(day - 20, day))
        assert rows["delivered"].tolist() == [*[day] * 5, day - 5]
        assert rows["refunded"].tolist() == [*[day] * 5, day - 5]
        before = risk_rows.orders(workspace, Window(day - 20, day - 1), EVERYTHING)
        assert before["refunded"].tolist() == [*[0] * 5, day - 5], "not known the day before"
