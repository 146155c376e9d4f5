"""A ratio with nothing to divide by on the days asked for is one sentence, however its segment became known."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.explanation.explain import explain
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

DAYS, SILENT = 60, 4


@pytest.mark.parametrize("located", [None, 0.9])
@pytest.mark.parametrize("where", [EVERYTHING, Segment.of({"market": "ID"})])
def test_nothing_to_divide_by_is_said(tmp_path: Path, where: Segment, located: float | None) -> None:
    lines = ["date,market,impressions,clicks"]
    for day in range(DAYS):
        shown = 0 if day >= DAYS - SILENT else 5_000 + 37 * (day % 7)
        moment = date(2026, 1, 5) + timedelta(day)
        lines += [f"{moment},{market},{shown},{shown // 25}" for market in ("ID", "TH")]
    (tmp_path / "traffic.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "traffic.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        window = Window(workspace.span.last - SILENT + 1, workspace.span.last)
        for baseline in ("expected", "previous"):
            with pytest.raises(NotEnoughData, match="CTR"):
                explain(workspace, "ctr", window=window, baseline=baseline, where=where, located=located)
