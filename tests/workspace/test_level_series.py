"""Levels, which no total has, as a series: by hand, and by the SQL that a person may run."""

import sqlite3

import numpy as np
import pytest

from core.base.days import Window
from core.base.errors import UsageError
from core.base.segment import EVERYTHING, Segment
from core.views.metric_series import series
from core.workspace.read.figure_sql import series_sql
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

DAYS = Window.parse("2026-07-02..2026-07-04")
ROWS = {"2026-07-01": (9, 5), "2026-07-02": (11, 5), "2026-07-03": (None, 4), "2026-07-04": (12, 6)}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Revenue a month and new subscriptions of two plans; of one, nobody says the revenue of 3 July."""
    folder = tmp_path_factory.mktemp("levels")
    lines = [
        f"{day},{plan},{'' if count is None else count},{at}"
        for day, counts in ROWS.items()
        for at, (plan, count) in enumerate(zip(("Pro", "Team"), counts, strict=True))
    ]
    (folder / "plans.csv").write_text("\n".join(["date,plan,mrr,new_subscriptions", *lines]) + "\n")
    load(folder / "w.db", [folder / "plans.csv"])
    return Workspace.open(folder / "w.db")


@pytest.mark.parametrize("key", ["mrr", "MRR"])
def test_a_level_is_shown_as_its_rows_give_it(workspace: Workspace, key: str) -> None:
    by_plan = series(workspace, key, DAYS, EVERYTHING, ("plan",))
    assert (by_plan.metric, by_plan.keys) == ("mrr", (("Pro",), ("Team",)))
    np.testing.assert_array_equal(by_plan.values, [[11, np.nan, 12], [5, 4, 6]])
    pro = series(workspace, key, DAYS, Segment.of({"plan": "Pro"}))
    assert [row["value"] for row in pro.rows()] == [11, None, 12]
    with sqlite3.connect(workspace.path) as connection:
        sql = series_sql(workspace, key, DAYS, Segment.of({"plan": "Team"}), ("plan", "market"), "order")
        assert connection.execute(sql).fetchall() == [
            ("2026-07-02", "Team", None, 5),
            ("2026-07-03", "Team", None, 4),
            ("2026-07-04", "Team", None, 6),
        ]


def test_levels_are_never_added_up(workspace: Workspace) -> None:
    alone = series(workspace, "mrr", Window.parse("2026-07-03..2026-07-04"), EVERYTHING)
    assert [row["value"] for row in alone.rows()] == [4, None]
    with pytest.raises(UsageError, match="several rows of a day have one. Ask for each: --by plan"):
        series(workspace, "mrr", Window.parse("2026-07-04..2026-07-04"), EVERYTHING)
    with pytest.raises(UsageError, match="nothing tests or explains it. Its figures: whydrop series mrr"):
        workspace.metric("Mrr")
    with pytest.raises(UsageError, match="no dimension 'plans'"):
        series(workspace, "mrr", DAYS, EVERYTHING, ("plans",))
