"""Drops that are there are found, and nothing else is: simulated series whose truth is known."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso, parse_day
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.detection.comparison import compare
from core.detection.comparison_result import Comparison
from core.detection.quality.data_quality import issues
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.detection.series_scan import scan_series

START = date(2025, 1, 6)
DAYS = 120
DROPPED = {f"s{i:02d}": (100, 0.4) for i in range(0, 12, 2)}
"""Series -> the day on which it falls, and by how much."""


def series(seed: int, drops: dict[str, tuple[int, float]], count: int = 24) -> np.ndarray:
    """Counts with a weekly season, slow growth and noise of 5 %; shape (series, days)."""
    rng = np.random.default_rng(seed)
    time = np.arange(DAYS)
    week = np.exp(rng.normal(0, 0.15, (count, 7)))[:, time % 7]
    mean = np.exp(rng.uniform(np.log(80), np.log(3000), (count, 1))) * week * np.exp(0.001 * time)
    mean *= np.exp(rng.normal(0, 0.05, (count, DAYS)))
    for name, (day, depth) in drops.items():
        mean[int(name[1:]), day:] *= 1 - depth
    return rng.poisson(mean)


def workspace(folder: Path, counts: np.ndarray, days: int = DAYS) -> Workspace:
    lines = ["date,series,visits"]
    lines += [
        f"{START + timedelta(day)},s{row:02d},{counts[row, day]}" for day in range(days) for row in range(len(counts))
    ]
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "visits.csv"], as_kind="daily", dimensions=["series"])
    return Workspace.open(folder / "w.db")


def day(number: int) -> int:
    return parse_day((START + timedelta(number)).isoformat())


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("dropped"), series(3, DROPPED))


def test_planted_drops_are_found_with_their_onset(dropped: Workspace) -> None:
    found = {
        dict(one.where.terms).get("series", ("",))[0]: one
        for one in scan_series(dropped, by=["series"], as_of=day(108)).findings
    }
    assert DROPPED.keys() <= found.keys()
    assert all(abs(found[name].onset - day(100)) <= 1 for name in DROPPED)
    for name in DROPPED:
        one = found[name]
        assert one.change == pytest.approx(one.actual - one.expected)
        assert one.change_pct == pytest.approx(-0.4, abs=0.12)
        assert one.actual < one.interval[0] < one.expected < one.interval[1]


def test_a_calm_world_has_no_grave_findings(tmp_path: Path) -> None:
    with workspace(tmp_path, series(4, {})) as calm:
        found = scan_series(calm, by=["series"], as_of=Window(day(63), day(119)))
    assert [one for one in found.findings if one.severity != "minor"] == []
    assert len({(one.where, one.onset) for one in found.findings}) <= 2


def test_a_day_is_judged_by_what_was_known_then(dropped: Workspace, tmp_path: Path) -> None:
    with workspace(tmp_path, series(3, DROPPED), days=106) as earlier:
        then = scan_series(earlier, by=["series"], as_of=day(105)).findings
    replayed = [
        one
        for one in scan_series(dropped, by=["series"], as_of=Window(day(101), day(110))).findings
        if one.as_of == day(105)
    ]
    assert [(one.id, one.actual) for one in replayed] == [(one.id, one.actual) for one in then]
    assert [one.expected for one in replayed] == pytest.approx([one.expected for one in then])


def test_too_short_a_past_is_said(tmp_path: Path) -> None:
    with (
        workspace(tmp_path, series(5, {}, count=2), days=10) as young,
        pytest.raises(NotEnoughData, match="four weeks of data"),
    ):
        scan_series(young)


def test_other_days_are_plain_sums(dropped: Workspace) -> None:
    counts = series(3, DROPPED)
    window, other = Window(day(100), day(106)), f"{iso(day(60))}..{iso(day(66))}"
    beside = compare(dropped, "visits", window, other)
    assert (beside.actual, beside.expected) == (counts[:, 100:107].sum(), counts[:, 60:67].sum())
    before = compare(dropped, "visits", window, "previous")
    assert before.expected == counts[:, 93:100].sum()


def test_intervals_hold_what_they_promise(tmp_path: Path) -> None:
    season = np.exp(0.2 * np.sin(np.arange(DAYS) * 2 * np.pi / 7))
    with workspace(tmp_path, np.random.default_rng(20).poisson(20 * season, (20, DAYS))) as calm:
        inside = [
            found.interval[0] <= found.actual <= found.interval[1]
            for row in range(20)
            for found in [_compared(calm, row)]
        ]
    assert 0.85 <= np.mean(inside) <= 1.0, "95 % of 20 windows, and what chance does to that"


def _compared(calm: Workspace, row: int) -> Comparison:
    return compare(calm, "visits", Window(day(100), day(106)), "expected", Segment.of({"series": f"s{row:02d}"}))


def test_a_missing_day_is_told_by_the_checks(tmp_path: Path) -> None:
    counts = series(6, {})
    lines = ["date,series,visits"]
    lines += [
        f"{START + timedelta(d)},s{row:02d},{counts[row, d]}"
        for d in range(DAYS)
        if d != 110
        for row in range(len(counts))
    ]
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "visits.csv"], as_kind="daily", dimensions=["series"])
    with Workspace.open(tmp_path / "w.db") as holed:
        assert [one.check for one in issues(holed) if day(110) in one.days] == ["missing_days"]
