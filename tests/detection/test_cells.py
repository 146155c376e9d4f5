"""Which cells of two dimensions a scan looks at by default: those large enough to matter, of what a product is made of."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import Segment
from core.detection.forecast.panel_build import Slicer
from core.detection.scan_plan import ScanPlan, plan_scan
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

DAYS, FIRST = 63, 20_000
SHARES = {("ID", "live"): 0.5, ("ID", "video"): 0.3, ("TH", "live"): 0.17, ("TH", "video"): 0.03}
SHOPS = 45


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Traffic of four cells of known size, a shop each of 45 by turns."""
    lines = ["date,market,channel,seller_id,impressions,clicks,viewers,watch_seconds"]
    for day, ((market, channel), share) in ((day, cell) for day in range(DAYS) for cell in SHARES.items()):
        for turn in range(3):
            seen = round(90_000 * share / 3)
            seller = f"S{(day * 3 + turn) % SHOPS}"
            lines.append(f"{iso(FIRST + day)},{market},{channel},{seller},{seen},{seen // 10},{seen // 2},{seen * 3}")
    folder = tmp_path_factory.mktemp("cells")
    (folder / "traffic.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "traffic.csv"])
    return folder / "w.db"


def planned(path: Path, by: list[str] | None = None, where: str = "") -> ScanPlan:
    with Workspace.open(path) as workspace:
        return plan_scan(workspace, Window(FIRST + DAYS - 1, FIRST + DAYS - 1), None, by, Segment.parse(where))


def pairs(plan: ScanPlan) -> dict[str, set[tuple[str, ...]]]:
    """metric -> cells of two dimensions, as (market, channel)."""
    cells: dict[str, set[tuple[str, ...]]] = {}
    for test, where in plan.row_of:
        if len(where.terms) == 2:
            values = dict(where.terms)
            assert set(values) == {"market", "channel"}, "a dimension with many values is in no cell"
            cells.setdefault(plan.tested[test].metric.key, set()).add((*values["market"], *values["channel"]))
    return cells


def test_the_larger_cells_of_what_a_product_is_made_of(shop: Path) -> None:
    found = pairs(planned(shop))
    assert set(found) == {"impressions", "ctr"}, "not of seconds watched, nor of their product"
    assert all(cells == set(SHARES) for cells in found.values())


def test_each_series_is_planned_once(shop: Path) -> None:
    counts = Counter((test, where) for test, where in planned(shop).row_of)
    assert set(counts.values()) == {1}


def test_no_cells_of_a_filter_and_no_others_than_asked_for(shop: Path) -> None:
    inside = planned(shop, where="market=ID")
    assert {len(where.terms) for _, where in inside.row_of} == {1, 2}, (
        "of one dimension with few values there are no pairs"
    )
    assert pairs(planned(shop, by=["market"])) == {}
    assert set(pairs(planned(shop, by=["market", "channel"]))) > {"impressions", "ctr"}, "asked for: of every metric"


@pytest.mark.parametrize(("least", "kept"), [(0.0, 4), (0.029, 4), (0.1, 3), (0.2, 2), (0.6, 0)])
def test_cells_below_a_share_of_the_whole_are_left_out(shop: Path, least: float, kept: int) -> None:
    with Workspace.open(shop) as workspace:
        cube = workspace.cube(("impressions", "clicks"), workspace.span, ("market", "channel"))
    cells = Slicer(cube, ("impressions",)).by(("market", "channel"), least=least)
    sums = np.array([share for share in SHARES.values() if share >= least])
    assert len(cells.where) == kept
    assert np.sort(cells.sums["impressions"].sum(1)) == pytest.approx(np.sort(sums) * 90_000 * DAYS, rel=1e-3)


def test_cells_of_what_daily_exports_count(tmp_path: Path) -> None:
    """They may be all there is: a drop of half in one cell of sixteen is 3 % of the whole, and stands in no side."""
    lines = ["day,market,channel,signups"]
    for day in range(FIRST, FIRST + DAYS):
        lines += [f"{iso(day)},{market},{channel},20" for market in ("ID", "TH") for channel in ("live", "video")]
    (tmp_path / "signups.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "signups.csv"])
    cells = {(market, channel) for market in ("ID", "TH") for channel in ("live", "video")}
    assert pairs(planned(tmp_path / "w.db")) == {"signups": cells}
