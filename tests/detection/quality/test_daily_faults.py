"""Faults of `daily` exports reach every question: what never came in, came in half or rests every year has not dropped."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, parse_day
from core.base.segment import Segment
from core.detection.comparison import compare
from core.detection.quality.data_quality import issues, issues_affecting
from core.detection.quality.row_checks import newest_whole_day
from core.detection.quality.yearly_closures import recurring_lows
from core.explanation.explain import explain
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.detection.series_scan import scan_series

START, DAYS = date(2026, 1, 1), 84
LAST = START + timedelta(DAYS - 1)
Row = tuple[date, str, int]


def rows() -> list[Row]:
    """A count a day in two channels, with a weekly season and nothing else."""
    rng = np.random.default_rng(8)
    week = 1 + 0.2 * np.sin(np.arange(7) * 2 * np.pi / 7)
    return [
        (START + timedelta(day), channel, int(rng.poisson(level * week[day % 7])))
        for day in range(DAYS)
        for channel, level in (("live", 500), ("video", 300))
    ]


def opened(folder: Path, kept: list[Row], measure: str = "visits") -> Workspace:
    lines = [f"date,channel,{measure}", *(f"{day},{channel},{count}" for day, channel, count in kept)]
    (folder / "daily.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "daily.csv"], as_kind="daily", allow_far_days=True)
    return Workspace.open(folder / "w.db")


def halved_last_day(row: Row) -> Row:
    return (row[0], row[1], int(0.45 * row[2]) if row[0] == LAST else row[2])


FAULTS: dict[str, tuple[Callable[[], list[Row]], date]] = {
    "missing_days": (lambda: [row for row in rows() if row[0] != START + timedelta(80)], START + timedelta(80)),
    "partial_newest_day": (lambda: [halved_last_day(row) for row in rows()], LAST),
    "stray_days": (lambda: [*rows(), (date(2062, 3, 2), "live", 99)], date(2062, 3, 2)),
}


@pytest.mark.parametrize("measure", ["visits", "orders"])
@pytest.mark.parametrize("check", ["missing_days", "partial_newest_day", "stray_days"])
def test_a_fault_is_named_and_is_no_drop(tmp_path: Path, check: str, measure: str) -> None:
    make, day = FAULTS[check]
    with opened(tmp_path, make(), measure) as workspace:
        number = parse_day(day.isoformat())
        found = [one for one in issues(workspace) if one.check == check]
        assert [one.status for one in found] == ["fail"]
        touching = issues_affecting(issues(workspace), workspace, Window(number, number), {measure})
        assert check in {one.check for one in touching}
        assert scan_series(workspace).findings == ()
        if number <= parse_day(LAST.isoformat()):
            last = parse_day(LAST.isoformat())
            assert [one for one in scan_series(workspace, as_of=last).findings if one.kind == "drop"] == []
            explained = explain(workspace, measure, window=Window(last - 6, last))
            assert (check, "fail") in {(one.check, one.status) for one in explained.data_quality}


def test_the_day_that_is_judged_is_the_newest_whole_one(tmp_path: Path) -> None:
    for name, (make, newest) in {
        "half": (FAULTS["partial_newest_day"][0], LAST - timedelta(1)),
        "stray": (FAULTS["stray_days"][0], LAST),
        "sound": (rows, LAST),
    }.items():
        (tmp_path / name).mkdir()
        with opened(tmp_path / name, make()) as workspace:
            assert newest_whole_day(workspace) == parse_day(newest.isoformat())


def test_days_before_an_unfinished_one_that_lack_less_are_no_drop(tmp_path: Path) -> None:
    shares = {LAST: 0.45, LAST - timedelta(1): 0.72}
    with opened(
        tmp_path, [(day, channel, int(count * shares.get(day, 1))) for day, channel, count in rows()]
    ) as workspace:
        (issue,) = issues(workspace)
        last = parse_day(LAST.isoformat())
        assert (issue.check, issue.status, issue.days) == ("partial_newest_day", "fail", Window(last - 1, last))
        assert newest_whole_day(workspace) == last - 2
        scan = scan_series(workspace)
        assert scan.findings == ()
        assert scan.notes[0].startswith(
            "left out as incomplete: 24-25 Mar 2026 (whydrop check says why; --as-of 2026-03-25"
        )


def test_a_fall_of_one_slice_on_the_newest_day_is_none_of_these(tmp_path: Path) -> None:
    fallen = [
        (day, channel, count // 5 if channel == "live" and day == LAST else count) for day, channel, count in rows()
    ]
    with opened(tmp_path, fallen) as workspace:
        assert issues(workspace) == ()
        assert {str(one.where) for one in scan_series(workspace).findings} == {"channel=live"}


def test_one_market_that_lacks_alike_everywhere_is_looked_at(tmp_path: Path) -> None:
    lines = ["date,market,channel,visits,buys"]
    for day, channel, count in rows():
        for market in ("ID", "TH", "VN"):
            share = 0.45 if (day, market) == (LAST, "TH") else 1.0
            lines.append(f"{day},{market},{channel},{int(share * count)},{int(share * count / 4)}")
    (tmp_path / "daily.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "daily.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        (issue,) = issues(workspace)
        assert (issue.check, issue.status, str(issue.where)) == ("partial_newest_day", "warn", "market=TH")
        assert "market=TH" in issue.detail
        assert newest_whole_day(workspace) == parse_day(LAST.isoformat()), "the others are whole"


def test_days_of_rest_are_no_drop(tmp_path: Path) -> None:
    weekdays = [row for row in rows() if row[0].weekday() < 5]
    with opened(tmp_path, weekdays) as workspace:
        last = max(day for day, *_ in weekdays)
        sunday = parse_day((last - timedelta(last.weekday() + 1)).isoformat())
        assert issues(workspace) == ()
        assert scan_series(workspace, as_of=Window(sunday - 20, sunday)).findings == ()
        week = compare(workspace, "visits", Window(sunday - 6, sunday))
        assert not week.is_drop
        assert week.expected == pytest.approx(week.actual, rel=0.1), "nothing is expected of days of rest"


def test_a_slice_that_sold_once_is_not_missed(tmp_path: Path) -> None:
    once = [*rows(), (START + timedelta(60), "affiliate", 4000)]
    with opened(tmp_path, once) as workspace:
        last = parse_day(LAST.isoformat())
        assert scan_series(workspace, as_of=Window(last - 23, last)).findings == ()


def test_a_measure_that_begins_to_come_in_is_no_finding(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    lines = ["date,channel,visits,complaints"]
    lines += [
        f"{day},{channel},{count},{rng.poisson(20 * min(max(((day - START).days - 25) / 20, 0), 1))}"
        for day, channel, count in rows()
    ]
    (tmp_path / "daily.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "daily.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        last = parse_day(LAST.isoformat())
        assert scan_series(workspace, as_of=Window(last - 40, last), metrics=["complaints"]).findings == ()


def years(closed: set[int]) -> list[Row]:
    """Three and a half years of a count a day; every August of the years in `closed` brings a fifth in its first three weeks."""
    rng, first = np.random.default_rng(5), date(2023, 1, 2)
    days = [first + timedelta(number) for number in range((date(2026, 8, 14) - first).days + 1)]
    shut = {day for day in days if day.month == 8 and day.day <= 21 and day.year in closed}
    return [(day, "", int(rng.poisson(80 if day in shut else 400))) for day in days]


@pytest.mark.parametrize(
    ("closed", "severities"), [({2023, 2024, 2025, 2026}, set()), ({2026}, {"critical"}), ({2024, 2026}, {"critical"})]
)
def test_a_closure_of_every_year_is_no_drop(tmp_path: Path, closed: set[int], severities: set[str]) -> None:
    with opened(tmp_path, years(closed)) as workspace:
        assert {one.severity for one in scan_series(workspace).findings} == severities
        assert ("yearly_closure" in {one.check for one in issues(workspace)}) == (not severities)


def test_lows_recur_only_where_all_years_agree() -> None:
    daily = np.full(1200, 100.0)
    for year in range(3):
        daily[200 + 365 * year : 210 + 365 * year] = 20.0
    low = recurring_lows(daily, 900)
    assert low[30:40].all(), "the third year's own low, after two before"
    assert not low[:20].any()
    assert not low[60:].any()
    daily[565:575] = 100.0
    assert not recurring_lows(daily, 900).any(), "one year before was not low"


def test_a_cell_of_two_dimensions_that_is_gone_is_named(tmp_path: Path) -> None:
    """Of live on iOS nothing came in for five days; another export is sliced by city alone, so that no row has both."""
    lines = [
        f"{START + timedelta(day)},{channel},{device},{100 + day % 3}"
        for day in range(DAYS)
        for channel in ("live", "video")
        for device in ("ios", "web")
        if (channel, device) != ("live", "ios") or day < DAYS - 5
    ]
    (tmp_path / "cells.csv").write_text("\n".join(["date,channel,device,visits", *lines]) + "\n")
    other = [f"{START + timedelta(day)},{city},{7 + day % 2}" for day in range(DAYS) for city in ("Bonn", "Ulm")]
    (tmp_path / "cities.csv").write_text("\n".join(["date,city,tickets", *other]) + "\n")
    load(tmp_path / "w.db", [tmp_path / "cells.csv", tmp_path / "cities.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        (found,) = (one for one in issues(workspace) if "go on elsewhere" in one.detail)
    assert found.where == Segment.of({"channel": "live", "device": "ios"})
    assert found.days == Window(parse_day(str(LAST - timedelta(4))), parse_day(str(LAST)))
