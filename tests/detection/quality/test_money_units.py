"""Amounts of money in any unit give the same answers: dollars, thousands of dollars, rupiah."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.catalogue.metric_tree.metric_loader import load as load_catalogue
from core.cube.takeover import took_over
from core.detection.quality.data_quality import check
from core.explanation.explain import explain
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS = 20_000, 56
LAST = FIRST + DAYS - 1
METRICS = """
[metrics.roas]
formula = "revenue / spend"
[metrics.cost_per_click]
formula = "spend / clicks"
unit = "money"
good = "down"
"""


def advertising(folder: Path, unit: float) -> Path:
    """Six campaigns: in one the return of spend has been half for five days. 0.2 to 2 a day, in units of money."""
    rng = np.random.default_rng(5)
    lines = ["date,market,channel,clicks,revenue,spend"]
    for day in range(DAYS):
        for market, size in (("ID", 5.0), ("TH", 3.0), ("VN", 2.0)):
            for channel, share in (("search", 0.6), ("social", 0.4)):
                spend = size * share * rng.gamma(60, 1 / 60)
                fall = 0.5 if (market, channel) == ("TH", "search") and day >= DAYS - 5 else 1.0
                revenue = 3 * spend * fall * rng.gamma(60, 1 / 60)
                clicks = rng.poisson(100 * spend)
                money = f"{revenue * unit:.9f},{spend * unit:.9f}"
                lines.append(f"{iso(FIRST + day)},{market},{channel},{clicks},{money}")
    (folder / "days.csv").write_text("\n".join(lines) + "\n")
    (folder / "whydrop.toml").write_text(METRICS)
    load(folder / "w.db", [folder / "days.csv"], as_kind="daily")
    return folder / "w.db"


def answers(db: Path) -> tuple[list[object], list[float], list[float]]:
    """What scan, explain and check say: words and days; what has no unit; amounts."""
    window = Window(LAST - 4, LAST)
    with Workspace.open(db) as workspace:
        scan, checks = find_incidents(workspace), check(workspace)
        explanations = [explain(workspace, name, window=window) for name in ("revenue", "roas", "cost_per_click")]
    words: list[object] = [scan.tested, *((entry.check, entry.status) for entry in checks)]
    shares, amounts = [], []
    for finding in scan.findings:
        words += [finding.metric, str(finding.where), finding.onset, finding.severity]
        shares += [finding.p_value, finding.change_pct or 0.0, finding.confidence or 0.0]
        amounts.append(finding.impact)
    for answer in explanations:
        words += [answer.is_drop, answer.onset.day, *(str(segment.where) for segment in answer.segments)]
        shares += [answer.change_pct or 0.0, *(segment.confidence for segment in answer.segments)]
        shares += [end / answer.expected for end in answer.interval]
    return words, shares, amounts


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[object], list[float], list[float]]:
    words, shares, amounts = answers(advertising(tmp_path_factory.mktemp("plain"), 1.0))
    assert "channel=search,market=TH" in words
    return words, shares, amounts


@pytest.mark.parametrize("unit", [1000.0, 1e9])
def test_scan_explain_and_check_answer_alike_in_every_unit(
    tmp_path: Path, plain: tuple[list[object], list[float], list[float]], unit: float
) -> None:
    words, shares, amounts = answers(advertising(tmp_path, unit))
    assert words == plain[0]
    assert shares == pytest.approx(plain[1], rel=1e-4, abs=1e-9)
    assert [amount / unit for amount in amounts] == pytest.approx(plain[2], rel=1e-4)


def test_a_takeover_of_amounts_has_no_least_size() -> None:
    before, now = np.array([8.0, 2.0, 0.0]), np.array([6.0, 2.0, 2.0])
    assert not took_over(before, now).any(), "of two of a count, chance makes other values the largest"
    for unit in (1e-3, 1.0, 1e9):
        assert took_over(unit * before, unit * now, is_count=False).tolist() == [False, False, True]


def test_amounts_are_no_events_although_they_are_whole_numbers() -> None:
    daily = {"clicks": "count", "ad_spend": "count", "revenue": "number", "unit_sales": "count"}
    catalogue = load_catalogue(None, daily, {"roas": "revenue / ad_spend", "cpc": "ad_spend / clicks"})
    assert {key: catalogue.measures[key].unit for key in daily} == daily | {"ad_spend": "number"}
    kinds = {
        key: (catalogue.metric(key).adds_events, catalogue.metric(key).per_event) for key in ("roas", "cpc", "ctr")
    }
    assert kinds == {"roas": (False, False), "cpc": (False, True), "ctr": (True, True)}
    assert not catalogue.metric("gmv").adds_events
