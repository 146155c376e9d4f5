"""Baselines that do not follow a slow leak, and a step that stays a drop while it is news."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, parse_day
from core.base.segment import Segment
from core.detection.comparison import compare
from core.detection.comparison_result import Comparison
from core.detection.detector.drop_state import NEW_LEVEL
from core.detection.detector.online_detector import OnlineDetector
from core.detection.forecast.panel import Panel
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.detection.series_scan import scan_series

START, DAYS = date(2025, 10, 6), 168
FIRST = parse_day(START.isoformat())
LEAK, STEP = 98, 126
"""Days on which market=TH begins to lose 2 % a week, and on which, in another workspace, market=ID loses a quarter."""
ID, TH, VN = (Segment.of({"market": name}) for name in ("ID", "TH", "VN"))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return opened(tmp_path_factory.mktemp("step"), {"ID": np.where(np.arange(DAYS) >= STEP, 0.75, 1.0)})


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return opened(tmp_path_factory.mktemp("leak"), {"TH": 0.98 ** (np.maximum(np.arange(DAYS) - LEAK, 0) / 7)})


def opened(folder: Path, change: dict[str, np.ndarray]) -> Workspace:
    """Three markets with a weekly season and 2 % of noise a day, some of them multiplied by a change (days,)."""
    rng, time = np.random.default_rng(21), np.arange(DAYS)
    week = 1 + 0.15 * np.sin(time * 2 * np.pi / 7)
    lines = ["date,market,impressions,clicks"]
    for name in ("ID", "TH", "VN"):
        factor = change.get(name, np.ones(DAYS))
        seen = rng.poisson(40_000 * week * np.exp(rng.normal(0, 0.02, DAYS)) * factor)
        clicks = rng.binomial(seen, 0.05)
        lines += [f"{START + timedelta(int(day))},{name},{seen[day]},{clicks[day]}" for day in time]
    (folder / "traffic.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "traffic.csv"], as_kind="traffic")
    return Workspace.open(folder / "w.db")


def half_of(compared: Comparison) -> float:
    """Half of the interval, relative to what is expected."""
    low, high = compared.interval
    return (high - low) / 2 / compared.expected


def week_to(day: int) -> Window:
    return Window(FIRST + day - 6, FIRST + day)


@pytest.mark.parametrize("day", [133, 140, 147, 154, 161])
def test_a_slow_leak_is_a_drop_for_scan_and_for_comparison(leaking: Workspace, day: int) -> None:
    (found,) = [
        one for one in scan_series(leaking, metrics=["impressions"], as_of=FIRST + day).findings if one.where == TH
    ]
    assert LEAK - 3 <= found.onset - FIRST <= LEAK + 28
    lost = 1 - 0.98 ** ((day - 3 - LEAK) / 7)
    compared = compare(leaking, "impressions", week_to(day), where=TH)
    assert compared.is_drop
    assert 1 - compared.actual / compared.expected >= 0.6 * lost, "the baseline does not follow the leak"
    assert half_of(compared) <= 0.12, "what is expected of a week is as sure as it was when the leak began"


@pytest.mark.parametrize("age", [2, 10, 20, 30, 40])
def test_a_step_stays_a_drop_while_it_is_news(market: Workspace, age: int) -> None:
    day = STEP + age - 1
    found = [one for one in scan_series(market, metrics=["impressions"], as_of=FIRST + day).findings if one.where == ID]
    assert [one.onset - FIRST for one in found] == [STEP]
    assert found[0].change_pct == pytest.approx(-0.25, abs=0.03)
    assert found[0].actual == pytest.approx(0.75 * found[0].expected, rel=0.04)
    compared = compare(market, "impressions", Window(max(FIRST + STEP, FIRST + day - 6), FIRST + day), where=ID)
    assert compared.is_drop
    assert compared.actual == pytest.approx(0.75 * compared.expected, rel=0.04)
    assert half_of(compared) <= 0.08


def test_what_has_come_to_nothing_is_over_after_six_weeks_and_begins_anew() -> None:
    """A product that fades out in three weeks is a drop for six, and no second one; when it is sold again it is a new series."""
    rng = np.random.default_rng(12)
    time = np.arange(230)
    level = np.where(time < 60, 400.0, 400 * np.exp(-(time - 60) / 4.0)) * (time < 81) + 300.0 * (time >= 190)
    grid = Panel(0, rng.poisson(np.repeat(level[None], 20, 0)).astype(float), group=np.arange(20) // 10)
    on = np.zeros((20, 230), bool)
    detector = OnlineDetector(grid)
    for active in detector.sightings(range(40, 230)):
        on[active.series, active.day] = True
    assert on[:, 66:98].all()
    assert not on[:, 60 + NEW_LEVEL + 5 :].any()
    assert detector.age.tolist() == [40.0] * 20


def test_one_day_of_fewer_cases_is_no_sign_that_a_rise_is_over() -> None:
    """Two cases a day rose to ten. A day with four makes two a day e ** 8 / 5 ** 4 = 4.8 times as likely as ten; one with two,
    119 times. A fall from two to one is judged by the noise of two: of one case, exp(.25) to 1 against it."""
    detector = OnlineDetector(Panel(first=3, values=np.random.default_rng(2).poisson(2.0, (1, 84)) * 1.0)).run(83)
    mean = np.array([2.0])
    counts = 0.5 / detector.noise.scatter(mean[:, None])[0, 0]  # what cases scatter beyond counting

    def odds(actual: float, depth: float) -> float:
        return float(np.exp(detector._toward_normal(np.array([actual]), mean, np.array([depth]))[0] / counts))

    assert odds(4.0, 4.0) == pytest.approx(np.exp(8) / 5**4, rel=1e-6)
    assert odds(2.0, 4.0) == pytest.approx(np.exp(8) / 5**2, rel=1e-6)
    assert odds(1.0, -0.5) == pytest.approx(np.exp(-0.25), rel=1e-6)
