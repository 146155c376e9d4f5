"""A parcel past its promised day is late before it arrives, wherever days are compared at one age: counted by hand."""

import sqlite3
from pathlib import Path

import pytest

from core.base.days import Window, parse_day
from core.base.segment import EVERYTHING
from core.views.metric_detail import _daily_values
from core.workspace.read.figure_sql import total_sql
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

ORDERS = """\
order_id,ordered_at,gmv,paid_at,promised_by,delivered_at,cancelled_at
in_time,2026-03-01T10:00:00Z,10,2026-03-01T10:00:00Z,2026-03-06T00:00:00Z,2026-03-05T10:00:00Z,
late,2026-03-01T10:00:00Z,10,2026-03-01T10:00:00Z,2026-03-06T00:00:00Z,2026-03-08T10:00:00Z,
returned,2026-03-01T10:00:00Z,10,2026-03-01T10:00:00Z,2026-03-06T00:00:00Z,2026-03-08T10:00:00Z,2026-03-08T12:00:00Z
never,2026-03-01T10:00:00Z,10,2026-03-01T10:00:00Z,2026-03-06T00:00:00Z,,
cancelled,2026-03-01T10:00:00Z,10,2026-03-01T10:00:00Z,2026-03-06T00:00:00Z,,2026-03-04T10:00:00Z
no_promise,2026-03-01T10:00:00Z,10,2026-03-01T10:00:00Z,,2026-03-07T10:00:00Z,
newest,2026-03-20T10:00:00Z,10,2026-03-20T10:00:00Z,2026-03-26T00:00:00Z,,
"""
DAY = Window.parse("2026-03-01..2026-03-01")
UNTIL_END_OF_6TH = 5 * 24 + 13 + 59 / 60 + 59 / 3600
"""Hours from 10:00 on 1 March to the last second of 6 March."""
BY_HAND = {
    4: {"deliveries": 1, "late_deliveries": 0, "delivery_hours": 96},
    5: {"deliveries": 4, "late_deliveries": 3, "delivery_hours": 96 + 3 * UNTIL_END_OF_6TH},
    7: {"deliveries": 5, "late_deliveries": 3, "delivery_hours": 96 + 2 * 168 + 144 + UNTIL_END_OF_6TH + 48},
    None: {"deliveries": 4, "late_deliveries": 2, "delivery_hours": 96 + 2 * 168 + 144},
}
"""Age in days -> what is counted of 1 March; None: as it is known now, when only what arrived is a delivery."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("overdue")
    (folder / "orders.csv").write_text(ORDERS)
    load(folder / "w.db", [folder / "orders.csv"])
    return Workspace.open(folder / "w.db")


@pytest.mark.parametrize("age", BY_HAND)
def test_overdue_parcels_count_as_late_at_an_age(workspace: Workspace, age: int | None) -> None:
    cube = workspace.cube(BY_HAND[age], DAY, age=age)
    assert {name: cube.total(name) for name in BY_HAND[age]} == pytest.approx(BY_HAND[age])


@pytest.mark.parametrize("age", BY_HAND)
@pytest.mark.parametrize("measure", BY_HAND[None])
def test_the_sql_run_by_hand_gives_the_figure_at_an_age(workspace: Workspace, measure: str, age: int | None) -> None:
    sql = total_sql(workspace, measure, DAY, age=age)[measure]
    assert sqlite3.connect(workspace.path).execute(sql).fetchone()[0] == pytest.approx(BY_HAND[age][measure])


@pytest.mark.parametrize(
    ("newest", "rate"), [("2026-03-14", 3 / 4), ("2026-03-01", 2 / 4)], ids=["5 days old", "complete"]
)
def test_a_chart_counts_overdue_parcels_as_the_explanation_beside_it(
    workspace: Workspace, newest: str, rate: float
) -> None:
    explained = Window(DAY.first, parse_day(newest))
    values = _daily_values(workspace, workspace.metric("late_delivery_rate"), EVERYTHING, DAY, explained)
    assert values == pytest.approx((rate,))


@pytest.mark.parametrize(("arrivals", "overdue"), [(0, 0), (1, 0), (2, 3)])
def test_what_was_promised_after_the_arrivals_that_are_known_is_not_late_yet(
    tmp_path: Path, arrivals: int, overdue: int
) -> None:
    """Twenty parcels arrive each day up to 8 March, and a few on the 12th: from a tenth of a usual day on these tell of all."""
    lines = ["order_id,ordered_at,gmv,paid_at,promised_by,delivered_at"]
    for day in range(5, 9):
        lines += [
            f"{day}-{k},2026-03-0{day - 4},10,2026-03-0{day - 4},2026-03-0{day + 1},2026-03-0{day}" for k in range(20)
        ]
    lines += [f"lag-{k},2026-03-05,10,2026-03-05,2026-03-10," for k in range(3)]
    lines += [f"soon-{k},2026-03-11,10,2026-03-11,2026-03-16,2026-03-12" for k in range(arrivals)]
    lines.append("newest,2026-03-20,10,2026-03-20,2026-03-26,")
    (tmp_path / "orders.csv").write_text("\n".join(lines))
    load(tmp_path / "w.db", [tmp_path / "orders.csv"])
    day = Window.parse("2026-03-05..2026-03-05")
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert workspace.cube(("late_deliveries",), day, age=7).total("late_deliveries") == overdue
        sql = total_sql(workspace, "late_deliveries", day, age=7)["late_deliveries"]
        assert sqlite3.connect(workspace.path).execute(sql).fetchone()[0] == overdue
