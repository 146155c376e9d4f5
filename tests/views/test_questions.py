"""What people write in questions is read against what the workspace holds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.base.days import Window, parse_day
from core.base.errors import UsageError
from core.base.segment import Segment
from core.views.configuration import configuration
from core.views.questions.question_words import (
    read_baseline,
    read_clock,
    read_day,
    read_dimensions,
    read_names,
    read_segment,
    read_value,
    read_window,
    window_or_since,
)
from core.workspace.read.workspace import Workspace
from tests.views.conftest import LAST


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("market=TH", {"market": "TH"}),
        ("Market=th", {"market": "TH"}),
        ("market=thailand", {"market": "TH"}),
        ("market=Indonesia|TH,channel=LIVE", {"market": ["ID", "TH"], "channel": "live"}),
        ("role=live_host", {"role": "live_host"}),
        ("", {}),
    ],
)
def test_a_segment_is_read_in_any_case_and_countries_by_name(
    workspace: Workspace, text: str, where: dict[str, str | list[str]]
) -> None:
    assert read_segment(workspace, text) == Segment.of(where)


@pytest.mark.parametrize(
    ("ask", "fault"),
    [
        (lambda ws: read_segment(ws, "market=XX"), "no market 'XX' in the data. Known: ID, TH."),
        (lambda ws: read_segment(ws, "channel=thailand"), "no channel 'thailand' in the data. Known: live, video."),
        (lambda ws: read_segment(ws, "seller_id=q"), "Known: s0, s1, s2, s3, s4, s5, s6, s7 and 2 more."),
        (
            lambda ws: read_segment(ws, "seller_id=s1,Seller-Id=s2"),
            "names a dimension twice. Write NAME=A|B for either value.",
        ),
        (lambda ws: read_value(ws, "makret", "ID"), "no dimension 'makret'. Did you mean market?"),
        (lambda ws: read_clock("wall"), "no clock 'wall'. It is order"),
        (lambda ws: window_or_since(ws, "7d", "2026-03-01"), "use either --window or --since."),
        (lambda ws: read_day(ws, "soon"), "not a day or window: 'soon'."),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    workspace: Workspace, ask: Callable[[Workspace], object], fault: str
) -> None:
    with pytest.raises(UsageError) as refused:
        ask(workspace)
    assert fault in str(refused.value)


def test_days_are_read_from_words(workspace: Workspace) -> None:
    assert read_window(workspace, "  ") is None
    assert read_day(workspace, "") is None
    assert window_or_since(workspace, "", "") is None
    assert window_or_since(workspace, "", "2026-03-10") == Window(parse_day("2026-03-10"), LAST)
    assert read_window(workspace, "7d") == Window(LAST - 6, LAST)
    assert read_day(workspace, "yesterday") == LAST, "words count from the day after the newest one"
    assert (read_baseline(workspace, "4w"), read_baseline(workspace, "2026-03..")) == ("4w", "2026-03-01..2026-03-15")


def test_names_are_listed_once(workspace: Workspace) -> None:
    assert read_names("a, b", "b,,c ") == ["a", "b", "c"]
    assert read_dimensions(workspace, "Market,channel", "market", "Other") == ["market", "channel", "Other"]
    assert (read_value(workspace, "market", "thailand"), read_clock("event")) == ("TH", "event")


def test_every_setting_says_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = tmp_path / "w.db"
    monkeypatch.delenv("WHYDROP_DB", raising=False)

    def origins(*, chosen: bool = False) -> dict[str, tuple[object, str]]:
        return {row.key: (row.value, row.origin) for row in configuration(db, chosen=chosen)}

    assert origins()["db"] == (str(db), "default")
    assert origins(chosen=True)["db"] == (str(db), "flag")
    assert (origins()["time.default"], origins()["metrics"]) == (("UTC", "default"), (None, "default"))
    assert origins()["cache"][1] == "environment", "tests have a cache of their own"
    toml = tmp_path / "whydrop.toml"
    toml.write_text(
        '[time]\ndefault = "Asia/Jakarta"\n[time.markets]\nTH = "Asia/Bangkok"\n[measures.boosts]\nname = "Boosts"\n'
    )
    monkeypatch.setenv("WHYDROP_DB", str(db))
    monkeypatch.delenv("XDG_CACHE_HOME")
    now = origins(chosen=True)
    assert now["db"] == (str(db), "environment")
    assert now["cache"][1] == "default"
    assert now["time.default"] == ("Asia/Jakarta", str(toml))
    assert now["time.markets.TH"] == ("Asia/Bangkok", str(toml))
    assert "time.markets" not in now
    assert now["measures.boosts.name"] == ("Boosts", str(toml))
    assert ("measures" in now, now["metrics"]) == (False, (None, "default"))
    assert now["calendar.holidays"] == (False, "default")


def test_a_setting_of_a_file_stands_where_its_default_would(tmp_path: Path) -> None:
    (tmp_path / "whydrop.toml").write_text("[calendar]\nholidays = true\n")
    rows = configuration(tmp_path / "w.db", chosen=False)
    plain = configuration(tmp_path / "elsewhere" / "w.db", chosen=False)
    assert [row.key for row in rows] == [row.key for row in plain]
    (holidays,) = (row for row in rows[1:] if row not in plain)
    assert (holidays.key, holidays.value, holidays.origin) == (
        "calendar.holidays",
        True,
        str(tmp_path / "whydrop.toml"),
    )
