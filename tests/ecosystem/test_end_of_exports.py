"""Where exports end, health ends: what is counted after it says nothing about the members."""

from pathlib import Path

import numpy as np

from core.base.days import parse_day
from core.ecosystem.completeness import end_of_exports
from core.ecosystem.health import health
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS = "2026-01-05", 70


def saved(folder: Path, last_days: list[int]) -> Path:
    """Forty orders a day of twenty sellers, and then so many on the last days."""
    start, lines = np.datetime64(FIRST), ["order_id,ordered_at,seller_id,buyer_id,gmv,paid_at"]
    for at, orders in enumerate([*[40] * (DAYS - len(last_days)), *last_days]):
        day = start + at
        lines += [f"{at}-{row},{day}T12:00:00,S{(at + row) % 20:02},B{at}-{row},10,{day}" for row in range(orders)]
    (folder / "orders.csv").write_text("\n".join(lines))
    load(folder / "w.db", [folder / "orders.csv"])
    return folder / "w.db"


def test_health_is_that_of_the_last_day_before_the_exports_all_but_end(tmp_path: Path) -> None:
    last = parse_day(FIRST) + DAYS - 1
    with Workspace.open(saved(tmp_path, [2, 0, 1, 1])) as workspace:
        assert end_of_exports(workspace, last) == last - 4
        found = health(workspace)
        assert found.as_of == last - 4
        assert any("read as of 2026-03-11" in note for note in found.notes)
        assert not [claim for claim in found.claims if claim.is_marked]
        assert health(workspace, last).as_of == last, "whoever chooses a day gets it"


def test_a_quiet_day_or_two_is_no_end(tmp_path: Path) -> None:
    last = parse_day(FIRST) + DAYS - 1
    with Workspace.open(saved(tmp_path, [20, 18, 1, 1])) as workspace:
        assert end_of_exports(workspace, last) == last
        assert health(workspace).as_of == last
