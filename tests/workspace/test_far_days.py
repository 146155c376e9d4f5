"""Days that mean none, and days far from all others: neither counts, and neither stretches a series."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.days import parse_day
from core.workspace.read.workspace import Workspace
from core.workspace.write.file_checks.far_days import far_days
from core.workspace.write.load import load
from tests.workspace.loading import loaded, rows, written

WEEKS = "date,market,impressions\n" + "".join(
    f"2026-0{month}-{day:02},ID,{100 + day}\n" for month in (1, 2, 3) for day in range(1, 29)
)
PLACEHOLDERS = ["0001-01-01", "1900-01-01", "1970-01-01", "9999-12-31", "0000-00-00", "1899-12-30"]


@pytest.mark.parametrize("day", PLACEHOLDERS)
@pytest.mark.parametrize("other", ["2026-01-02", "2026-1-2"])
def test_a_row_of_no_day_is_refused_in_every_shape_of_dates(tmp_path: Path, day: str, other: str) -> None:
    report = load(
        tmp_path / "w.db",
        [written(tmp_path, "t.csv", f"date,market,impressions\n2026-01-01,ID,1\n{day},ID,7\n{other},ID,2\n")],
    )
    assert (report.files[0].accepted, report.files[0].rejected) == (2, 1)
    assert report.rejects[0].line == 3
    assert "date" in report.rejects[0].reason
    assert rows(tmp_path / "w.db", "SELECT date FROM traffic ORDER BY 1") == [("2026-01-01",), ("2026-01-02",)]


@pytest.mark.parametrize(
    "moment",
    [f"{day}T00:00:00" for day in PLACEHOLDERS] + ["0000-00-00 00:00:00", "1970-01-01T00:00:00Z", "9999-12-31"],
)
def test_an_order_with_no_time_of_payment_is_not_paid(tmp_path: Path, moment: str) -> None:
    db = tmp_path / "w.db"
    text = f"order_id,ordered_at,gmv,paid_at\nA,2026-03-01,10,{moment}\nB,2026-03-01,10,2026-03-01T10:00:00\n"
    assert loaded(db, written(tmp_path, "o.csv", text)).accepted == 2
    with Workspace.open(db) as workspace:
        assert workspace.cube(["gmv"], workspace.span).total("gmv") == 10


def test_a_far_day_is_refused_or_taken_when_asked(tmp_path: Path) -> None:
    db, path = tmp_path / "w.db", written(tmp_path, "t.csv", WEEKS + "2062-03-01,ID,5\n2019-03-01,ID,5\n")
    report = load(db, [path])
    assert [(row.line, row.reason[:10]) for row in report.rejects] == [(86, "2062-03-01"), (87, "2019-03-01")]
    assert load(db, [path], allow_far_days=True).files[0].accepted == 2


def test_a_file_of_two_seasons_has_no_far_days(tmp_path: Path) -> None:
    report = loaded(
        tmp_path / "w.db", written(tmp_path, "t.csv", WEEKS + WEEKS.partition("\n")[2].replace("2026", "2023"))
    )
    assert report.rejected == 0
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert (workspace.span.first, workspace.span.last) == (parse_day("2023-01-01"), parse_day("2026-03-28"))


def test_days_that_are_far_cost_and_change_nothing(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "t.csv", WEEKS + "9998-03-01,ID,5\n"), allow_far_days=True)
    began = time.process_time()
    with Workspace.open(db) as workspace:
        assert str(workspace.span) == "2026-01-01..2026-03-28"
        cube = workspace.cube(["impressions"], workspace.window(None, parse_day("9999-01-01")))
        assert cube.total("impressions") == sum(100 + day for day in range(1, 29)) * 3 + 5
    assert time.process_time() - began < 2, "as much as the days that there are"


@given(st.dictionaries(st.integers(20_000, 20_400), st.integers(1, 9)), st.integers(21_000, 900_000))
def test_only_few_rows_can_be_far(days: dict[int, int], far: int) -> None:
    found = far_days({**days, far: 1})
    assert found <= {far}
    assert bool(found) == (sum(days.values()) >= 5)
