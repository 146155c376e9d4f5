"""A folder of exports of several systems: a channel of a web analytics tool stops, orders fall, an advertiser's file ends."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.detection.quality.data_quality import check
from core.explanation.explain import explain
from core.incidents.kept_incidents import find_incidents
from core.views.overview import overview
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS, ON = 20_000, 84, 7
LAST = FIRST + DAYS - 1
WEEK = Window(LAST - ON + 1, LAST)
SESSIONS = {"paid": 600, "organic": 900, "mail": 300}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(12)
    visits, orders, ads, searches = ["day,medium,sessions"], ["order_id,ordered_at,paid_at,gmv"], [], []
    for day in range(FIRST, LAST + 1):
        stopped = day > LAST - ON
        for medium, usual in SESSIONS.items():
            sessions = int(rng.poisson(usual * (0.05 if stopped and medium == "paid" else 1)))
            visits.append(f"{iso(day)},{medium},{sessions}")
            orders += [f"{day}-{medium}-{at},{iso(day)},{iso(day)},50" for at in range(rng.binomial(sessions, 0.03))]
        if not stopped:
            ads.append(f"{iso(day)},{rng.poisson(40_000)},{rng.poisson(200)}")
        searches.append(f"{iso(day)},{rng.poisson(9000)},{rng.poisson(450)},{rng.poisson(40)}")
    files = {
        "visits": visits, "orders": orders, "ads": ["day,impressions,spend", *ads],
        "search": ["day,impressions,clicks,pages", *searches],
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("shop")
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        load(folder / "w.db", [folder / f"{name}.csv"], source=None if name == "orders" else name)
    return folder / "w.db"


def test_the_channel_that_stopped_is_the_worst_finding(shop: Path) -> None:
    with Workspace.open(shop) as workspace:
        worst = find_incidents(workspace).findings[0]
    assert (worst.metric, worst.severity) == ("sessions", "critical")
    assert worst.where.terms[-1] == ("medium", ("paid",)), "gmv knows no such dimension"
    assert worst.expected == pytest.approx(SESSIONS["paid"] * ON, rel=0.05)


def test_impressions_of_one_system_over_clicks_of_another_are_doubted_and_prove_no_lost_logs(shop: Path) -> None:
    with Workspace.open(shop) as workspace:
        (doubt,) = [item for item in check(workspace) if item.check == "mixed_sources"]
        answer = explain(workspace, "gmv", window=WEEK)
    assert doubt.status == "warn"
    assert doubt.detail.startswith(
        "CTR mixes systems: 80% of impressions come from sources without any clicks, most of them from ads"
    )
    assert answer.is_drop
    assert not any(cause.score >= 0.5 for cause in answer.causes)


def test_what_an_ended_export_counts_is_not_expected_to_be_nothing(shop: Path) -> None:
    with Workspace.open(shop) as workspace:
        with pytest.raises(NotEnoughData, match="no rows count spend on .* after an export ends"):
            explain(workspace, "spend", window=WEEK)
        assert not [item for item in check(workspace) if item.check == "instrumentation" and item.status != "pass"], (
            "no row gives it"
        )
        before = explain(workspace, "sessions", window=WEEK, where=Segment.parse("medium=organic"))
    assert not before.is_drop


def test_the_overview_expects_no_more_than_explain_of_an_export_that_ended(tmp_path: Path) -> None:
    """Traffic ends two days before reviews do: six days of a thousand are in the newest whole week."""
    rng = np.random.default_rng(3)
    traffic = [f"{iso(FIRST + day)},{market},{rng.poisson(500)}" for day in range(80) for market in ("ID", "TH")]
    reviews = [f"r{day}-{n},{iso(FIRST + day)},{rng.integers(3, 6)}" for day in range(82) for n in range(30)]
    (tmp_path / "traffic.csv").write_text("\n".join(["date,market,impressions", *traffic]))
    (tmp_path / "reviews.csv").write_text("\n".join(["review_id,reviewed_at,rating", *reviews]))
    load(tmp_path / "w.db", [tmp_path / "traffic.csv", tmp_path / "reviews.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        row = next(row for row in overview(workspace).rows if row.metric == "impressions")
        answer = explain(workspace, "impressions", window=row.window)
    assert len(row.window) == 7
    assert row.actual == answer.actual == pytest.approx(6000, rel=0.05)
    assert row.expected == pytest.approx(answer.expected, rel=0.02)
    assert row.expected == pytest.approx(6000, rel=0.05)
