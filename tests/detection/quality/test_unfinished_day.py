"""A newest day of a daily export of which only a part has come, in total, in most values, after a short past, in few counts."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.detection.quality.data_quality import issues
from core.detection.quality.newest_days.newest_cubes import NewestCube
from core.detection.quality.newest_days.unfinished_day import unfinished_days
from core.detection.quality.row_checks import newest_whole_day
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.detection.quality.test_measure_limits import cube

FIRST = 20_000
MARKETS = ("BR", "ID", "MX", "MY", "PH", "SG", "TH", "VN")


def opened(
    folder: Path, days: int, lacking: int, size: float = 400.0, unit: float = 1.0, late: int = 1, left: float = 0.31
) -> Workspace:
    """Eight markets, of which some have 31 % of their newest days; counts, and amounts of them."""
    rng = np.random.default_rng(4)
    lines = ["date,market,visits,spend"]
    for day in range(days):
        for at, market in enumerate(MARKETS):
            part = left if day >= days - late and at < lacking else 1.0
            visits = rng.poisson(part * size * (1 + 0.15 * (day % 7 < 2)) * np.exp(rng.normal(0, 0.05)))
            lines.append(f"{iso(FIRST + day)},{market},{visits},{visits * unit * 0.37:.6f}")
    (folder / "days.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "days.csv"], as_kind="daily")
    return Workspace.open(folder / "w.db")


@pytest.mark.parametrize(
    ("days", "lacking", "size"),
    [(60, 8, 400.0), (60, 6, 400.0), (60, 8, 8.0), (30, 8, 400.0), (16, 8, 400.0)],
    ids=["all", "most", "few visits", "a month", "two weeks"],
)
def test_a_part_of_the_newest_day_is_named_and_no_drop(tmp_path: Path, days: int, lacking: int, size: float) -> None:
    with opened(tmp_path, days, lacking, size) as workspace:
        last = FIRST + days - 1
        (issue,) = (one for one in issues(workspace) if one.check == "partial_newest_day")
        assert (issue.status, issue.days, issue.kinds) == ("fail", Window(last, last), {"daily"})
        assert dict(issue.where.terms) == ({} if lacking == 8 else {"market": MARKETS[:lacking]})
        assert newest_whole_day(workspace) == last - 1
        if days == 60 and size > 100:
            assert find_incidents(workspace).findings == ()
            assert {finding.kind for finding in find_incidents(workspace, as_of=last).findings} == {"data"}


@pytest.mark.parametrize(("late", "left", "told"), [(2, 0.5, True), (3, 0.5, False), (2, 0.65, False)])
def test_two_days_that_lack_as_much_may_be_late(tmp_path: Path, late: int, left: float, told: bool) -> None:
    """A fall that goes on for three days, or of a third, is one."""
    with opened(tmp_path, 60, 8, late=late, left=left) as workspace:
        said = [(one.status, len(one.days)) for one in issues(workspace) if one.check == "partial_newest_day"]
    assert said == ([("warn", 2)] if told else [])


@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_a_fall_of_few_markets_is_a_drop(tmp_path: Path, lacking: int) -> None:
    with opened(tmp_path, 60, lacking) as workspace:
        said = [(one.status, str(one.where)) for one in issues(workspace) if one.check == "partial_newest_day"]
        assert said == [("warn", f"market={market}") for market in MARKETS[:lacking]]
        assert newest_whole_day(workspace) == FIRST + 59
        fallen = {value for finding in find_incidents(workspace).findings for value in finding.where.to_dict().values()}
        assert bool(fallen) is bool(lacking)


@pytest.mark.parametrize("unit", [1e-3, 1e9])
def test_amounts_of_any_unit_say_the_same(tmp_path: Path, unit: float) -> None:
    with opened(tmp_path, 60, 8, 30.0, unit) as workspace:
        assert [one.status for one in issues(workspace)] == ["fail"]


@pytest.mark.parametrize(("size", "told"), [(3, False), (5, True)])
def test_a_market_without_its_few_events_is_no_unfinished_day(tmp_path: Path, size: int, told: bool) -> None:
    """Of 3 a day 2 * (3 ** .5 - 0) = 3.5 standard deviations are missing, of 5 a day 4.5."""
    lines = ["date,market,joined,left_us"]
    for day in range(40):
        for market, usual in (("SG", 0 if day == 39 else size), ("TH", 300 + day % 5), ("VN", 200 + day % 3)):
            lines.append(f"{iso(FIRST + day)},{market},{usual},{usual}")
    (tmp_path / "days.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "days.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        said = [str(issue.where) for issue in issues(workspace) if issue.check == "partial_newest_day"]
    assert said == (["market=SG"] if told else [])


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ((1.0, 0.9, 0.75, 0.5, 0.25), True),
        ((1.0, 1.0, 0.8, 0.6, 0.4), True),
        ((1.0, 1.0, 1.0, 0.6, 0.4), True),
        ((1.0, 0.4, 0.4, 0.4, 0.4), False),
        ((0.8, 0.7, 0.6, 0.5, 0.4, 0.3), False),
    ],
    ids=["four days", "three", "two", "a step", "six days are a decline"],
)
def test_conversions_that_come_days_after_their_clicks_may_be_incomplete(
    tmp_path: Path, shares: tuple[float, ...], told: bool
) -> None:
    lines = ["date,campaign,clicks,conversions"]
    for day in range(60):
        share = shares[day - 60] if day >= 60 - len(shares) else 1.0
        for at in range(3):
            clicks = 9000 + 50 * ((7 * day + 3 * at) % 11)
            lines.append(f"{iso(FIRST + day)},c{at},{clicks},{round(0.05 * clicks * share) + (day + at) % 4}")
    (tmp_path / "ads.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "ads.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        found = [issue for issue in issues(workspace) if issue.check == "partial_newest_day" and issue.status == "warn"]
    assert [issue.measures for issue in found] == [{"conversions"}] * told


@pytest.mark.parametrize(
    ("left", "words"),
    [(0.0, "no measure or segment has more than 1%"), (0.2, "every measure and segment has about 20%")],
)
def test_a_newest_day_without_anything_is_not_said_to_have_a_part(left: float, words: str) -> None:
    """Orders of the first hours of a new day (UTC) were here, and the traffic of that day was not."""
    visits = 1000 * (1 + 0.01 * (-1.0) ** np.arange(70))
    visits[-1] *= left
    (issue,) = unfinished_days([NewestCube("traffic", ("clicks",), cube(clicks=visits))])
    assert f"{words} of a usual day" in issue.detail
