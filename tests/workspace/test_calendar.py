"""Public holidays, where settings ask for them."""

import sys
from pathlib import Path

import pytest

from core.base.errors import UsageError, WhydropError
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """August 2025 of Indonesia, Thailand and a market that is no country."""
    rows = [f"2025-08-{day:02d},{market},100,{day}" for day in range(1, 32) for market in ("ID", "TH", "moon")]
    (tmp_path / "t.csv").write_text("\n".join(["date,market,impressions,clicks", *rows]))
    (tmp_path / "e.csv").write_text("event_id,starts_at,kind,market\nsale,2025-08-15,campaign,ID\n")
    load(tmp_path / "w.db", [tmp_path / "t.csv", tmp_path / "e.csv"])
    return tmp_path / "w.db"


def _events(db: Path, asked: str) -> list[tuple[str, str]]:
    (db.parent / "whydrop.toml").write_text(f"[calendar]\nholidays = {asked}\n")
    with Workspace.open(db) as workspace:
        return [(one.event_id, one.kind) for one in workspace.events()]


def test_without_a_wish_only_the_log_counts(db: Path) -> None:
    assert _events(db, "false") == [("sale", "campaign")]


def test_holidays_of_the_markets_that_are_countries(db: Path) -> None:
    found = _events(db, "true")
    assert ("sale", "campaign") in found
    assert ("holiday:ID:2025-08-17", "holiday") in found
    assert ("holiday:TH:2025-08-12", "holiday") in found
    assert all(event == "sale" or event.startswith(("holiday:ID:2025-08", "holiday:TH:2025-08")) for event, _ in found)


def test_holidays_of_some_markets(db: Path) -> None:
    assert {event.split(":")[1] for event, kind in _events(db, '["TH"]') if kind == "holiday"} == {"TH"}


def test_a_market_without_a_calendar_is_told(db: Path) -> None:
    with pytest.raises(UsageError, match="no calendar of 'moon'"):
        _events(db, '["moon"]')


def test_without_the_package_it_is_named(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(WhydropError, match="pip install holidays"):
        _events(db, "true")
