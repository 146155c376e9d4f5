"""What matures slowly: the newest days are too young to say anything, and that is said."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.base.days import Window, parse_day
from core.base.errors import NotEnoughData
from core.explanation.explain import explain
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.detection.series_scan import scan_series

FIRST, DAYS = date(2026, 1, 1), 90


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty orders a day, four of them refunded three to ten days later: nothing ever changes."""
    folder = tmp_path_factory.mktemp("young")
    now = FIRST + timedelta(DAYS)
    lines = ["order_id,ordered_at,gmv,paid_at,refunded_at,refund_amount"]
    for day in (FIRST + timedelta(k) for k in range(DAYS)):
        for number in range(40):
            refunded = day + timedelta(3 + number // 5)
            known = number % 10 == 0 and refunded < now
            tail = f"{refunded}T12:00:00,10" if known else ","
            lines.append(f"{day}-{number},{day}T{number % 24:02d}:00:00,10,{day}T{number % 24:02d}:30:00,{tail}")
    (folder / "orders.csv").write_text("\n".join(lines))
    load(folder / "w.db", [folder / "orders.csv"])
    return folder / "w.db"


def test_by_default_days_are_asked_about_that_are_old_enough(db: Path) -> None:
    with Workspace.open(db) as workspace:
        found = explain(workspace, "refund_rate")
    assert found.window.last <= parse_day("2026-03-24")
    assert found.actual == pytest.approx(found.expected, rel=0.1)
    assert not found.is_drop


def test_days_that_are_too_young_are_refused_with_the_day_up_to_which_to_ask(db: Path) -> None:
    with (
        Workspace.open(db) as workspace,
        pytest.raises(NotEnoughData, match="too early: of orders of 31 Mar 2026") as told,
    ):
        explain(workspace, "refund_rate", window=Window.parse("2026-03-25..2026-03-31"))
    assert "Choose days up to 2026-03-24" in str(told.value)


def test_a_young_cohort_is_no_finding(db: Path) -> None:
    with Workspace.open(db) as workspace:
        assert scan_series(workspace).findings == ()
