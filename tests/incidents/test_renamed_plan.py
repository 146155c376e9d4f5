"""A plan that goes on under a new name lost nothing, though nothing but money is counted."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load


def test_money_that_goes_on_under_another_name_is_no_loss(tmp_path: Path) -> None:
    rng, start, days = np.random.default_rng(5), date(2026, 1, 5), 84
    lines = ["date,plan,region,revenue"]
    for day in range(days):
        for plan, money in (("basic", 400.0), ("family", 2000.0), ("student", 900.0)):
            name = "basic 2.0" if plan == "basic" and day >= days - 5 else plan
            for region, share in (("north", 0.5), ("south", 0.3), ("west", 0.2)):
                amount = money * share * np.exp(rng.normal(0, 0.05))
                lines.append(f"{start + timedelta(day)},{name},{region},{amount:.2f}")
    (tmp_path / "billing.csv").write_text("\n".join(lines))
    load(tmp_path / "w.db", [tmp_path / "billing.csv"], dimensions=("plan", "region"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert find_incidents(workspace).findings == ()
