"""Errors that rise with the sessions they are counted of are nothing bad; those that rise beyond them are."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import iso
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS, SINCE = 20_000, 84, 76


def opened(folder: Path, sessions: float, rate: float, columns: str = "sessions,errors") -> Workspace:
    """Sessions that rise by a factor in market=TH since a day, and errors, one of fifty, whose rate does."""
    rng = np.random.default_rng(3)
    lines = [f"date,market,{columns}"]
    for day in range(DAYS):
        for market, size in (("ID", 30_000), ("TH", 20_000)):
            risen = market == "TH" and day >= SINCE
            came = rng.poisson(size * np.exp(rng.normal(0, 0.03)) * (sessions if risen else 1.0))
            errors = rng.poisson(came * 0.02 * (rate if risen else 1.0))
            lines.append(f"{iso(FIRST + day)},{market},{f'{came},' if 'sessions' in columns else ''}{errors}")
    (folder / "days.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "days.csv"], as_kind="daily")
    return Workspace.open(folder / "w.db")


@pytest.mark.parametrize(("sessions", "rate", "grave"), [(2.0, 1.0, False), (2.0, 1.5, True), (1.0, 2.0, True)])
def test_errors_beyond_their_sessions_are_a_finding(tmp_path: Path, sessions: float, rate: float, grave: bool) -> None:
    with opened(tmp_path, sessions, rate) as workspace:
        for metrics in (None, ["errors"]):
            findings = [one for one in find_incidents(workspace, metrics=metrics).findings if one.severity != "minor"]
            assert [(one.metric, str(one.where)) for one in findings] == [("errors", "market=TH")] * grave


def test_errors_of_nothing_are_judged_by_themselves(tmp_path: Path) -> None:
    with opened(tmp_path, 2.0, 1.0, "errors") as workspace:
        assert [str(one.where) for one in find_incidents(workspace).findings if one.severity != "minor"] == [
            "market=TH"
        ]
