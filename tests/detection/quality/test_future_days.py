"""Days in the future of the load do not stretch what is scanned, and are named."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.date_text import date_range, date_text
from core.base.days import Window, iso, parse_day
from core.detection.quality.data_quality import check
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

TODAY = parse_day(datetime.now(UTC).date().isoformat())
DAYS = 40


def opened(folder: Path, days: list[int]) -> Workspace:
    """Visits on some days, counted from today."""
    rng = np.random.default_rng(2)
    lines = ["date,visits", *(f"{iso(TODAY + day)},{rng.poisson(900)}" for day in days)]
    (folder / "days.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "days.csv"], as_kind="daily", allow_far_days=True)
    return Workspace.open(folder / "w.db")


@pytest.mark.parametrize(
    ("ahead", "last", "named"),
    [
        ([], -1, ""),
        ([0, 1], 1, ""),  # east of Greenwich it may be tomorrow
        ([95], -1, date_text(TODAY + 95)),
        ([2, 3, 4], -1, date_range(Window(TODAY + 2, TODAY + 4))),
        (list(range(2, 42)), 41, ""),  # as many as those of the past: another clock
    ],
)
def test_few_days_in_the_future_are_named_and_left_out(tmp_path: Path, ahead: list[int], last: int, named: str) -> None:
    with opened(tmp_path, [*range(-DAYS, 0), *ahead]) as workspace:
        stray = [entry for entry in check(workspace) if entry.check == "stray_days" and entry.status != "pass"]
        assert workspace.span == Window(TODAY - DAYS, TODAY + last)
        assert [(entry.status, named in entry.detail) for entry in stray] == [("fail", True)] * bool(named)


def test_an_order_of_the_future_is_no_newest_moment(tmp_path: Path) -> None:
    moment = datetime.now(UTC).replace(tzinfo=None, hour=12, minute=0, second=0, microsecond=0)
    lines = ["order_id,ordered_at,gmv,paid_at"]
    for number, days in enumerate([*range(-DAYS, 0), 60]):
        at = (moment + timedelta(days=days)).isoformat()
        lines.append(f"o{number},{at},20,{at}")
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "orders.csv"], as_kind="orders")
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert workspace.span.last == TODAY - 1
        assert workspace.newest_moment == TODAY * 86_400 - 1


def test_a_day_in_the_future_of_a_load_of_old_days_is_stray(tmp_path: Path) -> None:
    with opened(tmp_path, [*range(-3040, -3000), 95]) as workspace:
        assert [entry.status for entry in check(workspace) if entry.check == "stray_days"] == ["fail"]
        assert workspace.span.last == TODAY - 3001
