"""One market of the newest day is only partly there: `check` and `scan` say so, and nothing of what is whole or small."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import Segment
from core.detection.quality.newest_days.unfinished_day import hours_early
from core.detection.quality.newest_days.unfinished_slice import slice_issues
from core.detection.quality.quality_issue import QualityIssue
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

DAYS, FIRST = 70, 20_000


def found(
    newest: dict[str, float],
    usual: float = 200.0,
    day_before: float = 1.0,
    days: int = DAYS,
    restless: float = 0.0,
    last_hour: float = 23.9,
    lots: int = 1,
    rests: bool = False,
) -> list[QualityIssue]:
    """The issues of three markets whose newest day has these shares of a usual one, and its last order at this hour.

    `restless`: logs by which the whole shop differs from day to day; `lots`: lines that come together; `rests`: on two days of
    each week nobody orders.
    """
    markets = ("ID", "TH", "VN")
    rng = np.random.default_rng(3)
    level = np.exp(rng.normal(0, restless, days))
    rows = lots * rng.poisson(usual / lots * level * (1 + 0.3 * (np.arange(days) % 7 == 5)), (3, days)).astype(float)
    rows[:, rests & np.isin(np.arange(days) % 7, (1, 2))] = 0
    hours = 24 - rng.exponential(0.1, (3, days))
    hours[1, -1] = last_hour
    for at, market in enumerate(markets):
        rows[at, -1] *= newest.get(market, 1.0)
        rows[at, -2] *= day_before if market in newest else 1.0
    profile = SimpleNamespace(
        kinds=("orders",), spans={"orders": Window(100, 99 + days)},
        dimensions_of=lambda kind: ("market",), rows_by_value=lambda kind, dimension: (markets, rows),
        last_order_by_value=lambda dimension: hours,
    )  # fmt: skip
    return list(slice_issues(cast(Profile, profile)))


@pytest.mark.parametrize("days", range(20, 26))
def test_a_short_past_is_no_error_and_names_no_whole_day(days: int) -> None:
    assert not found({}, days=days)


def test_a_market_with_two_fifths_of_its_orders_on_the_newest_day_is_named() -> None:
    (issue,) = found({"TH": 0.4})
    assert (issue.check, issue.status, issue.where) == ("partial_newest_day", "warn", Segment.of({"market": "TH"}))
    assert issue.days == Window(99 + DAYS, 99 + DAYS)
    assert "market=TH" in issue.detail
    assert any(f"{share}%" in issue.detail for share in range(33, 48))


@pytest.mark.parametrize(
    ("newest", "more"),
    [
        ({}, {}),
        ({"TH": 0.8}, {}),
        ({"ID": 0.4, "TH": 0.4, "VN": 0.4}, {}),
        ({"TH": 0.4}, {"day_before": 0.4}),
        ({"TH": 0.4}, {"usual": 12.0}),
        ({"TH": 0.4}, {"days": 20}),
    ],
    ids=["whole", "a little less", "everywhere", "since yesterday", "few orders", "a short past"],
)
def test_what_is_whole_everywhere_small_or_lasting_is_not(newest: dict[str, float], more: dict[str, float]) -> None:
    assert found(newest, **more) == []  # type: ignore[arg-type]


def test_what_all_markets_share_is_not_the_scatter_of_one() -> None:
    (issue,) = found({"TH": 0.4}, restless=0.25)
    assert issue.where == Segment.of({"market": "TH"})


def test_days_of_rest_are_no_calm_days() -> None:
    """Lines in lots of four: 4 of 10 usual orders are within three standard deviations, however alike markets are at weekends."""
    assert found({"TH": 0.4}, usual=40.0, lots=4, rests=True) == []
    assert len(found({"TH": 0.4}, usual=400.0, rests=True)) == 1


def test_orders_that_stop_hours_early_name_a_market_however_few_they_are() -> None:
    (issue,) = found({}, usual=9.0, last_hour=10.0)
    assert issue.where == Segment.of({"market": "TH"})
    assert "stop 13.9 hours earlier than usual" in issue.detail
    assert found({}, usual=3.0, last_hour=10.0) == []


def test_a_last_order_is_early_only_beyond_what_is_usual() -> None:
    busy, quiet = 24 - np.full(29, 0.1), 24 - np.random.default_rng(1).exponential(3, 29)
    for hours, last, early in ((busy, 20.0, 3.9), (busy, 22.5, 0.0), (quiet, 12.0, 0.0), (busy[:14], 20.0, 0.0)):
        assert hours_early(np.array([*hours[:-1], last])) == pytest.approx(early)
    assert hours_early(np.array([*busy, np.nan])) == 0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders of three markets, 100 a day each, of which two fifths came in one on the newest day."""
    rng = np.random.default_rng(8)
    lines = ["order_id,ordered_at,gmv,market,paid_at"]
    for day in range(DAYS):
        for market in ("ID", "TH", "VN"):
            count = rng.poisson(100) if (day, market) != (DAYS - 1, "TH") else 40
            for second in rng.integers(0, 86_000, count).tolist():
                at = f"{iso(FIRST + day)}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
                lines.append(f"{len(lines)},{at},10,{market},{at}")
    folder = tmp_path_factory.mktemp("unfinished")
    (folder / "orders.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "orders.csv"])
    return folder / "w.db"


def test_scan_says_that_the_market_may_be_unfinished(shop: Path) -> None:
    with Workspace.open(shop) as workspace:
        scan = find_incidents(workspace)
        assert "market=TH" in " ".join(
            check.detail for check in scan.data_quality if check.check == "partial_newest_day"
        )
        findings = [finding for finding in scan.findings if finding.where == Segment.of({"market": "TH"})]
        assert findings
        assert {finding.shape for finding in findings} == {"partial"}
        assert all(finding.data_quality for finding in findings)


def test_the_last_order_of_each_value_is_that_of_its_rows(shop: Path) -> None:
    last: dict[tuple[str, int], float] = {}
    lines: Counter[str] = Counter()
    for line in (shop.parent / "orders.csv").read_text().splitlines()[1:]:
        _, at, _, market, _ = line.split(",")
        hours = int(at[11:13]) + int(at[14:16]) / 60 + int(at[17:19]) / 3600
        day = int((np.datetime64(at[:10]) - np.datetime64("1970-01-01")).astype(int)) - FIRST
        last[market, day] = max(hours, last.get((market, day), 0.0))
        lines[market] += 1
    with Workspace.open(shop) as workspace:
        profile = workspace.profile(workspace.span)
        markets, rows = profile.rows_by_value("orders", "market")
        hours_of = profile.last_order_by_value("market")
    assert dict(zip(markets, rows.sum(1), strict=True)) == lines
    assert hours_of.shape == rows.shape
    for (market, number), expected in last.items():
        assert hours_of[markets.index(market), number] == pytest.approx(expected, abs=1 / 3600)
