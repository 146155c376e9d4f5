"""Shops that are closed on some weekdays, and reports that come once a week or once a month."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso, parse_day
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.detection.comparison import compare
from core.detection.forecast.panel_build import rest_days
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.detection.series_scan import scan_series

FIRST = parse_day("2025-12-01")  # a Monday
DAYS = 189
SIZES = {"North": 9_000, "South": 4_000, "West": 2_500}
NOISE = 0.03
SOUTH = Segment.of({"region": "South"})


def workspace_of(
    folder: Path,
    days: Sequence[int],
    *,
    lost: float = 0.0,
    since: int = 1 << 40,
    zeros: bool = False,
    measure: str = "sessions",
) -> Path:
    """Sessions by region on the given days; a part of the South is lost since one of them; `zeros` fill the others."""
    random, lines = np.random.default_rng(5), [f"date,region,{measure}"]
    for day in range(DAYS):
        for region, size in SIZES.items():
            value = size * np.exp(random.normal(0, NOISE)) * (1 - lost * (region == "South" and day >= since))
            if day in days or zeros:
                lines.append(f"{iso(FIRST + day)},{region},{int(value) if day in days else 0}")
    path = folder / "sessions.csv"
    path.write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [path], dimensions=["region"])
    return folder / "w.db"


OPEN = [day for day in range(DAYS) if day % 7 < 5]
WEEKLY = list(range(0, DAYS, 7))
TWICE_A_WEEK = [day for day in range(DAYS) if day % 7 in (1, 4)]


@pytest.mark.parametrize("zeros", [False, True])
def test_closed_weekends_do_not_widen_what_is_expected_of_a_week(tmp_path: Path, zeros: bool) -> None:
    with Workspace.open(workspace_of(tmp_path, OPEN, zeros=zeros)) as workspace:
        widths = []
        for week in range(21, 27):
            found = compare(workspace, "sessions", Window(FIRST + 7 * week, FIRST + 7 * week + 6))
            assert found.is_within_range
            widths.append((found.interval[1] - found.interval[0]) / found.expected)
    noise = NOISE * np.sqrt(sum(size**2 for size in SIZES.values()) / 5) / sum(SIZES.values())
    assert 4 * noise * 0.8 < np.mean(widths) < 4 * noise * 2


@pytest.mark.parametrize(
    ("days", "lost", "since", "measure"),
    [
        (OPEN, 0.12, 182, "sessions"),
        (WEEKLY, 0.3, 175, "sessions"),
        (TWICE_A_WEEK, 0.2, 176, "litres"),
        ([day for day in TWICE_A_WEEK if day >= 119], 0.4, 176, "sessions"),
    ],
)
def test_a_drop_is_found_where_weekdays_rest(
    tmp_path: Path, days: Sequence[int], lost: float, since: int, measure: str
) -> None:
    with Workspace.open(workspace_of(tmp_path, days, lost=lost, since=since, measure=measure)) as workspace:
        (finding,) = scan_series(workspace).findings
        assert (finding.metric, finding.where) == (measure, SOUTH)
        assert FIRST + since - 7 < finding.onset <= FIRST + since
        assert finding.onset - FIRST in days, "nothing begins on a day of rest"
        assert finding.change_pct == pytest.approx(-lost, abs=0.04)


@pytest.mark.parametrize("days", [OPEN, WEEKLY])
def test_nothing_is_found_where_only_chance_is_at_work(tmp_path: Path, days: Sequence[int]) -> None:
    with Workspace.open(workspace_of(tmp_path, days)) as workspace:
        assert scan_series(workspace, as_of=Window(FIRST + DAYS - 21, FIRST + DAYS - 1)).findings == ()


def test_an_open_day_on_a_weekday_of_rest_is_held_against_nobody(tmp_path: Path) -> None:
    path = workspace_of(tmp_path, OPEN)
    extra = tmp_path / "extra.csv"
    extra.write_text(f"date,region,sessions\n{iso(FIRST + DAYS - 2)},South,40\n")
    load(path, [extra], dimensions=["region"])
    with Workspace.open(path) as workspace:
        assert scan_series(workspace).findings == ()
        found = compare(workspace, "sessions", Window(FIRST + DAYS - 7, FIRST + DAYS - 1), where=SOUTH)
        assert found.is_within_range


def test_monthly_reports_are_too_few_to_expect_anything_and_say_so(tmp_path: Path) -> None:
    days = range(0, DAYS, 30)
    with Workspace.open(workspace_of(tmp_path, days)) as workspace:
        with pytest.raises(NotEnoughData, match="21 days with data"):
            scan_series(workspace)
        window = Window(FIRST + days[-1], FIRST + days[-1])
        with pytest.raises(NotEnoughData, match="an expected value needs"):
            compare(workspace, "sessions", window)
        with pytest.raises(NotEnoughData, match="no rows count .*between two reports"):
            compare(workspace, "sessions", window, "previous")
        earlier = f"{iso(FIRST + days[-2])}..{iso(FIRST + days[-2])}"
        assert compare(workspace, "sessions", window, earlier).expected == pytest.approx(sum(SIZES.values()), rel=0.1)


def test_which_days_rest() -> None:
    random = np.random.default_rng(3)
    columns = np.arange(140)
    given = np.stack(
        [
            columns % 7 < 5,
            columns % 7 == 2,
            np.isin(columns, np.cumsum([0, 31, 28, 31, 30])),
            random.random(140) < 0.5,  # chance: an empty weekday is none of rest
            np.isin(columns, [3, 9, 40, 61]),  # single events
            columns >= 70,  # began late
            columns < 100,  # stopped
            np.ones(140),
        ]
    ).astype(bool)
    rest = rest_days(given)
    assert (rest[:3] == ~given[:3]).all()
    assert not rest[3:].any()
