"""What would have been: a day-by-day path that equals the comparison's total, and baselines that do not follow a leak."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, parse_day
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.detection.comparison import compare
from core.detection.expected_path import counterfactual
from core.detection.scan import scan
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

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


def week_to(day: int) -> Window:
    return Window(FIRST + day - 6, FIRST + day)


def test_days_add_up_to_what_is_expected_of_the_window(market: Workspace) -> None:
    path = counterfactual(market, "impressions", VN, week_to(150))
    compared = compare(market, "impressions", week_to(150), where=VN)
    assert path.expected.sum() == pytest.approx(path.total)
    assert path.actual.sum() == compared.actual
    assert (path.total, path.total_interval) == (pytest.approx(compared.expected), pytest.approx(compared.interval))
    assert (path.lo < path.expected).all()
    assert (path.expected < path.hi).all()
    assert path.known_days == 144


@pytest.mark.parametrize(("key", "true"), [("impressions", None), ("ctr", 0.05)])
def test_most_days_come_inside_their_interval(market: Workspace, key: str, true: float | None) -> None:
    path = counterfactual(market, key, VN, Window(FIRST + 112, FIRST + 167))
    inside = (path.actual >= path.lo) & (path.actual <= path.hi)
    assert 0.85 <= inside.mean() <= 1.0
    assert path.total_interval[0] < path.total < path.total_interval[1]
    if true is not None:
        np.testing.assert_allclose(path.expected, true, rtol=0.05)
        assert path.total == pytest.approx(true, rel=0.03)


def test_days_since_the_change_are_not_known(market: Workspace) -> None:
    late = week_to(DAYS - 1)
    blind = counterfactual(market, "impressions", ID, late, since=FIRST + STEP)
    assert blind.since == FIRST + STEP
    assert blind.known_days == STEP
    assert blind.actual.sum() == pytest.approx(0.75 * blind.total, rel=0.04)
    assert blind.actual.sum() < blind.total_interval[0]
    nearer = counterfactual(market, "impressions", ID, week_to(STEP + 6), since=FIRST + STEP)
    width = [(one.total_interval[1] - one.total_interval[0]) / one.total for one in (nearer, blind)]
    assert width[0] < width[1], "what lies further ahead is known less well"


def test_too_short_a_past_is_said(market: Workspace) -> None:
    with pytest.raises(NotEnoughData, match="13 days of impressions"):
        counterfactual(market, "impressions", EVERYTHING, Window(FIRST + 13, FIRST + 19))
    assert counterfactual(market, "impressions", EVERYTHING, Window(FIRST + 14, FIRST + 20)).known_days == 14


@pytest.mark.parametrize("day", [133, 140, 147, 154, 161])
def test_a_slow_leak_is_a_drop_for_scan_and_for_comparison(leaking: Workspace, day: int) -> None:
    (found,) = [one for one in scan(leaking, metrics=["impressions"], as_of=FIRST + day).findings if one.where == TH]
    assert LEAK - 3 <= found.onset - FIRST <= LEAK + 28
    lost = 1 - 0.98 ** ((day - 3 - LEAK) / 7)
    compared = compare(leaking, "impressions", week_to(day), where=TH)
    assert compared.is_drop
    assert 1 - compared.actual / compared.expected >= 0.6 * lost, "the baseline does not follow the leak"


@pytest.mark.parametrize("age", [2, 10, 20, 30, 40])
def test_a_step_stays_a_drop_while_it_is_news(market: Workspace, age: int) -> None:
    day = STEP + age - 1
    found = [one for one in scan(market, metrics=["impressions"], as_of=FIRST + day).findings if one.where == ID]
    assert [one.onset - FIRST for one in found] == [STEP]
    assert found[0].change_pct == pytest.approx(-0.25, abs=0.03)
    assert found[0].actual == pytest.approx(0.75 * found[0].expected, rel=0.04)
    compared = compare(market, "impressions", Window(max(FIRST + STEP, FIRST + day - 6), FIRST + day), where=ID)
    assert compared.is_drop
    assert compared.actual == pytest.approx(0.75 * compared.expected, rel=0.04)
