"""The days of rows: in the time zone of their market, over when they are over everywhere, deadlines at their ends."""

from pathlib import Path

import pytest

from core.base.days import Window, parse_day
from core.base.errors import UsageError
from core.detection.forecast.maturity import newest_known
from core.workspace.read.figure_sql import total_sql
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.workspace.loading import loaded, rows, written


def test_a_day_is_a_day_of_the_markets_time_zone(tmp_path: Path) -> None:
    written(tmp_path, "whydrop.toml", '[time]\ndefault = "UTC"\n[time.markets]\nID = "Asia/Jakarta"\n')
    db = tmp_path / "w.db"
    lines = ("1,2026-03-09T20:00:00Z,1,ID", "2,2026-03-09T20:00:00Z,1,TH", "3,2026-03-09T20:00:00,1,ID")
    text = "\n".join(("order_id,ordered_at,gmv,market", *lines)) + "\n"
    loaded(db, written(tmp_path, "orders.csv", text))
    assert rows(db, "SELECT order_id, date, ordered_at FROM orders ORDER BY order_id") == [
        ("1", "2026-03-10", "2026-03-09T20:00:00Z"),
        ("2", "2026-03-09", "2026-03-09T20:00:00Z"),
        ("3", "2026-03-09", "2026-03-09T13:00:00Z"),
    ]
    with Workspace.open(db) as workspace:
        # 20:00 UTC is 3 in the morning of the 10th in Jakarta, where half of that day is still to come, and 20:00 of the 9th in
        # TH, which has the clock of the default
        assert workspace.newest_clock == workspace.newest_moment == 1773086400
    events = (
        "event_id,starts_at,ends_at,market\na,2026-03-09,2026-03-10,ID\nb,2026-03-09T20:00:00Z,,ID\nc,2026-03-09,,TH\n"
        "d,2026-03-09T23:30:00,,ID|TH\n"
    )
    loaded(db, written(tmp_path, "events.csv", events))
    with Workspace.open(db) as workspace:
        windows = {event.event_id: str(event.window) for event in workspace.events()}
    assert windows == {
        "a": "2026-03-09..2026-03-10",
        "b": "2026-03-10..2026-03-10",
        "c": "2026-03-09..2026-03-09",
        "d": "2026-03-09..2026-03-09",
    }
    written(tmp_path, "whydrop.toml", '[time]\ndefault = "Asia/Tokyo"\n')
    with pytest.raises(UsageError, match="time zones"):
        load(db, [written(tmp_path, "more.csv", text.replace("1,", "9,"))])


def test_a_day_is_over_when_it_is_over_in_every_market(tmp_path: Path) -> None:
    """The last order comes at 23:59 in Manila, 8 hours ahead, when it is 22:59 in Jakarta, and 15:59 in UTC."""
    written(tmp_path, "whydrop.toml", '[time.markets]\nID = "Asia/Jakarta"\nPH = "Asia/Manila"\n')
    text = "order_id,ordered_at,gmv,market\n1,2026-03-09T12:00:00+07:00,1,ID\n2,2026-03-09T23:59:00+08:00,1,PH\n"
    loaded(tmp_path / "w.db", written(tmp_path, "orders.csv", text))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert workspace.newest_clock - workspace.newest_moment == 7 * 3600
        assert newest_known(workspace) == workspace.span.last == parse_day("2026-03-09")


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "America/Los_Angeles"])
def test_what_was_known_of_a_day_ends_at_midnight_of_its_market(tmp_path: Path, zone: str) -> None:
    """Half an hour before midnight counts, half an hour after it does not, wherever midnight of UTC is."""
    written(tmp_path, "whydrop.toml", f'[time]\ndefault = "{zone}"\n')
    text = "order_id,ordered_at,gmv,paid_at\n1,2026-03-04T20:00,1,2026-03-04T23:30\n2,2026-03-04T20:00,1,2026-03-05T00:30\n"
    loaded(tmp_path / "w.db", written(tmp_path, "orders.csv", text + "3,2026-03-06T23:59,1,2026-03-06T23:59\n"))
    day = parse_day("2026-03-04")
    with Workspace.open(tmp_path / "w.db") as workspace:
        known: tuple[dict[str, int], ...] = ({"age": 0}, {"as_of": day}, {"age": 1}, {"as_of": day + 1})
        paid = [workspace.cube(["paid_orders"], Window(day, day), **when).total("paid_orders") for when in known]
        sql = total_sql(workspace, "paid_orders", Window(day, day), age=0)["paid_orders"]
        assert (paid, workspace.plain(sql, ())) == ([1, 1, 2, 2], [(1,)])


def test_a_deadline_without_a_time_is_the_end_of_its_day(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    text = "order_id,ordered_at,gmv,ship_by,shipped_at\n1,2026-03-09,1,2026-03-10,2026-03-10T18:00\n"
    loaded(db, written(tmp_path, "orders.csv", text))
    assert rows(db, "SELECT ship_by, shipped_at <= ship_by FROM orders") == [("2026-03-10T23:59:59Z", 1)]


def test_the_newest_moment_leaves_deadlines_out(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    text = "order_id,ordered_at,gmv,ship_by,delivered_at\n1,2026-03-09,1,2030-01-01,2026-03-11T00:00:01Z\n"
    loaded(db, written(tmp_path, "orders.csv", text))
    assert rows(db, "SELECT value FROM meta WHERE key = 'newest_moment'") == [("1773187201",)]
