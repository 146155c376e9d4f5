"""A workspace to ask, and a way to ask it."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.workspace.write.load import load
from tui.cli import app

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten weeks of traffic in two markets and two channels; live in ID loses half of its clicks in the last six days."""
    folder = tmp_path_factory.mktemp("cli")
    rng = random.Random(5)
    lines = ["date,market,channel,impressions,clicks"]
    for day in range(70):
        for market, size in (("ID", 9000), ("TH", 4000)):
            for channel in ("live", "video"):
                shown = round(size * rng.gauss(1, 0.02))
                rate = 0.02 if (market, channel) == ("ID", "live") and day >= 64 else 0.04
                on = date(2026, 1, 5) + timedelta(day)
                lines.append(f"{on},{market},{channel},{shown},{round(shown * rate * rng.gauss(1, 0.02))}")
    (folder / "traffic.csv").write_text("\n".join(lines) + "\n")
    title = "=cmd()|live player \x1b[31m7"
    (folder / "events.csv").write_text(f"event_id,starts_at,kind,title,market\nE1,2026-03-10,release,{title},ID\n")
    load(folder / "w.db", [folder / "traffic.csv", folder / "events.csv"])
    return folder / "w.db"


@pytest.fixture
def whydrop(workspace: Path) -> Run:
    """Runs one command on the workspace, in this process."""

    def run(*words: str, db: Path | None = None) -> Result:
        return CliRunner().invoke(app, [*words, "--db", str(db or workspace)])

    return run
