"""A workspace of a few days: every command says what it can or, in one line, what is missing."""

from pathlib import Path

import pytest

from core.workspace.write.load import load
from tests.cli.conftest import Run

QUESTIONS = (
    "scan",
    "explain gmv",
    "explain gmv --baseline previous",
    "channels",
    "channels --baseline previous",
    "voice",
    "index",
    "index --baseline previous",
    "rate creators",
    "rate sellers",
    "rate creators --as-of 2026-07-01",
    "health",
    "health --as-of 2026-07-01",
    "match --creator c1",
    "check",
    "series gmv --by channel",
    "verify gmv --where channel=live --since 2026-07-01",
    "verify gmv --where channel=live --plan",
    "report",
)


def _saved(folder: Path, days: int, *, counted: bool) -> Path:
    """Orders that are paid on their day, or the same already counted."""
    if counted:
        lines = ["date,channel,creator_id,impressions,orders,gmv"]
        lines += [
            f"2026-07-{day:02},live,c{who},{900 + who},3,{30 + who}" for day in range(1, days + 1) for who in range(4)
        ]
    else:
        lines = ["order_id,ordered_at,paid_at,channel,creator_id,seller_id,product_id,buyer_id,gmv,currency"]
        for day in range(1, days + 1):
            for who in range(6):
                moment = f"2026-07-{day:02}T{8 + 2 * who:02}:00:00"
                lines.append(f"{day}-{who},{moment},{moment},live,c{who % 3},s{who % 2},p{who},b{who},{20 + who},USD")
    path = folder / "export.csv"
    path.write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [path])
    return folder / "w.db"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("days", "counted"), [(1, False), (3, False), (7, False), (20, False), (1, True), (7, True)])
def test_every_command_answers_or_says_in_one_line_what_is_missing(
    whydrop: Run, tmp_path: Path, days: int, counted: bool
) -> None:
    db = _saved(tmp_path, days, counted=counted)
    said = whydrop("scan", db=db).stderr.strip()
    assert said.endswith("Load older exports.") == (days == 1), said
    if days > 1:  # what it says instead can be done
        instead = said.rpartition("whydrop explain METRIC ")[2]
        assert whydrop("explain", "gmv", *instead.split(), db=db).exit_code == 0, instead
        asked = whydrop("explain", "gmv", db=db).stderr
        assert "--baseline A..B" in asked if days == 20 else "or choose fewer days: --window A..B" in asked
    for question in QUESTIONS:
        result = whydrop(*question.split(), db=db)
        assert result.exception is None or isinstance(result.exception, SystemExit), question
        assert result.exit_code in {0, 1}, question
        if result.exit_code:
            assert result.stdout == ""
            assert len([line for line in result.stderr.splitlines() if line.startswith("whydrop: ")]) == 1, question


def test_accounts_alone_are_something_loaded_without_days(whydrop: Run, tmp_path: Path) -> None:
    path = tmp_path / "creators.csv"
    path.write_text("creator_id,handle\nC1,a\n")
    load(tmp_path / "w.db", [path])
    for question in ("health", "channels", "check"):
        result = whydrop(*question.split(), db=tmp_path / "w.db")
        assert result.exit_code == 1
        assert "nothing that is loaded has days. Load traffic, orders or daily exports with: " in result.stderr


def test_a_first_day_names_no_days_before_the_data(whydrop: Run, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id,ordered_at,gmv,cancelled_at\n1,2026-01-01,5,2026-01-02\n2,2026-01-01,6,\n")
    load(tmp_path / "w.db", [path])
    said = whydrop("explain", "cancel_rate", db=tmp_path / "w.db").stderr
    assert said.endswith("next to nothing of cancel rate is known. Count what happens on its own day: --clock event.\n")
