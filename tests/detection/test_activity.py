"""Errors that rise with the sessions they are counted of are nothing bad; those that rise beyond them are."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import iso
from core.base.segment import EVERYTHING
from core.detection.case_activity import CaseActivity
from core.detection.distributions import deviance_score, normal_score
from core.detection.drop_merging import Drop
from core.detection.forecast.panel import Panel
from core.detection.forecast.residual_noise import ResidualNoise
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


@pytest.mark.parametrize("delay", [0, 2])
def test_cases_are_held_against_the_rate_of_eight_weeks(delay: int) -> None:
    """2 cases in 100 sessions a day; then 200 sessions a day for ten days, of which 40 cases are expected and not 20."""
    volume, cases = np.full(72, 100.0), np.full(72, 2.0)
    volume[60:70], volume[[3, 70, 71]] = 200, 1e6  # before the eight weeks, and after the drop
    panel = Panel(100, cases[None])
    noise = ResidualNoise(panel, 3)
    noise.days[:] = 30
    tested = SimpleNamespace(delay=delay, slice_sums=SimpleNamespace(sums={"sessions": volume[None]}))
    unusual = np.zeros((1, 72), bool)
    activity = CaseActivity.__new__(CaseActivity)
    activity._plan = cast(Any, SimpleNamespace(tested=[tested], panel=panel))
    activity._detector = cast(Any, SimpleNamespace(unusual=unusual, noise=noise))
    activity._names, activity._rows = ["sessions"], [{EVERYTHING: 0}]

    def score(actual: float) -> float:
        return activity.score(
            Drop(
                test=0,
                where=EVERYTHING,
                row=0,
                kin=0,
                anchor=160 - delay,
                onset=160 - delay,
                last=169 - delay,
                actual=actual,
                expected=20,
                variance=25,
                exposure=10,
                score=9.0,
                clearest=9.0,
                reach=2.0,
            )
        )

    assert score(40) == 0
    raw = deviance_score(np.array([60.0]), np.array([40.0]), np.array([100.0]), np.ones(1))
    assert score(60) == pytest.approx(float(normal_score(raw, np.array([40.0]))[0]))
    unusual[0, 4:46] = True
    assert score(40) == 0, "fourteen days tell the rate"
    unusual[0, 46] = True
    assert score(40) == 9, "thirteen do not"
    unusual[:] = False
    volume[60:70] = 100
    assert score(40) == score(20) == 9, "as much activity as before"
    volume[60:70] = 200
    cases[4:60] = 0
    assert score(40) == 9, "no cases before"
    activity._names = [None]
    assert score(40) == 9
