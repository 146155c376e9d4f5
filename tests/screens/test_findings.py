"""Findings as somebody writes a report with them."""

import json
from dataclasses import replace
from pathlib import Path
from shutil import copy

import pytest

from core.base.errors import WhydropError
from core.reports.finding_markdown import report, words
from core.reports.narrative import narrative
from core.reports.pinned_findings import added, path_of, pin, read, write
from core.views.metric_detail import MetricDetail
from tests.screens.conftest import settled, text_of, type_in
from tui.app import Whydrop
from tui.explain_question import ExplainQuestion
from tui.screens.explain_screen import ExplainScreen
from tui.screens.findings_screen import FindingsScreen
from tui.widgets.data_grid import DataGrid


@pytest.fixture
def own(shop: Path, tmp_path: Path) -> Path:
    """A workspace beside which a test may write."""
    return Path(copy(shop, tmp_path / "own.db"))


@pytest.mark.usefixtures("explained")
async def test_what_is_pinned_on_explain_is_there_to_read_now_and_tomorrow(own: Path) -> None:
    for _ in range(2):
        app = Whydrop(own)
        async with app.run_test(size=(80, 24)) as pilot:
            await app.explain(ExplainQuestion("gmv"))
            await settled(pilot)
            await pilot.press("p", "7")
            await settled(pilot)
            assert isinstance(app.screen, FindingsScreen)
            shown = text_of(app)
            assert "1 pinned   0 confirmed  0 likely  1 open" in shown
            assert "gmv -12.7%, 9-15 Mar 2026" in shown
            assert "Affected: market=TH" in shown
    assert len(read(own)) == 1


@pytest.mark.usefixtures("explained")
async def test_state_note_order_and_undo_are_kept(own: Path, metric_detail: MetricDetail) -> None:
    other = replace(metric_detail.explanation, metric="orders")
    write(
        own,
        (
            pin(metric_detail.explanation, narrative(metric_detail.explanation), "whydrop explain gmv"),
            pin(other, narrative(metric_detail.explanation), "whydrop explain orders"),
        ),
    )
    app = Whydrop(own)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("space", "space", "e")
        await type_in(pilot, "talk to payments")
        assert [(one.state, one.note) for one in read(own)] == [("confirmed", "talk to payments"), ("open", "")]
        await pilot.press("J")
        assert [one.told["metric"] for one in read(own)] == ["orders", "gmv"]
        grid = app.screen.query_one("#findings", DataGrid)
        assert grid.row is not None
        assert grid.row.item.told["metric"] == "gmv"
        await pilot.press("delete")
        assert [one.told["metric"] for one in read(own)] == ["orders"]
        await pilot.press("u")
        assert [one.told["metric"] for one in read(own)] == ["orders", "gmv"]
        await pilot.press("G")
        assert "note: talk to payments" in text_of(app)
        await pilot.press("u", "u")
        assert [(one.told["metric"], one.note) for one in read(own)] == [("gmv", ""), ("orders", "")]


@pytest.mark.usefixtures("explained")
async def test_enter_explains_a_finding_again(own: Path, metric_detail: MetricDetail) -> None:
    write(own, (pin(metric_detail.explanation, narrative(metric_detail.explanation), "whydrop explain gmv"),))
    app = Whydrop(own)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ExplainScreen)
        assert app.question == ExplainQuestion("gmv", metric_detail.explanation.window)


@pytest.mark.usefixtures("explained")
async def test_the_report_is_exported_as_markdown(own: Path, metric_detail: MetricDetail, tmp_path: Path) -> None:
    write(own, (pin(metric_detail.explanation, narrative(metric_detail.explanation), "whydrop explain gmv"),))
    app = Whydrop(own)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("x")
        await type_in(pilot, str(tmp_path / "report.md"))
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == report(read(own))


def test_words_are_made_of_the_figures_and_bring_no_markup(metric_detail: MetricDetail) -> None:
    one = pin(metric_detail.explanation, narrative(metric_detail.explanation), "whydrop explain gmv --db shop.db")
    text = "\n".join(words(one))
    for part in (
        "gmv was 41.2k in 2026-03-09..2026-03-15",
        "payment_rate -7,000",
        "market=TH -6,300 (93% sure)",
        "What speaks for C11 Payment provider outage",
        "for: payment_rate fell",
        "C18 App release bug: no release near it",
        "double loads: one day came twice",
        "$ whydrop explain gmv --db shop.db",
    ):
        assert part in text
    written = report([one])
    assert "\\[red\\]not markup\\[/\\] gone" in written
    assert "\x1b" not in written
    assert "    whydrop explain gmv --db shop.db" in written


def test_the_same_question_is_kept_once_with_its_newest_figures(metric_detail: MetricDetail) -> None:
    first = replace(
        pin(metric_detail.explanation, narrative(metric_detail.explanation), ""), state="likely", note="mine"
    )
    newer = pin(replace(metric_detail.explanation, actual=40000.0), (), "")
    kept = added((first,), newer)
    assert [(one.state, one.note, one.told["actual"]) for one in kept] == [("likely", "mine", 40000.0)]
    other = pin(replace(metric_detail.explanation, metric="orders"), (), "")
    assert [one.told["metric"] for one in added(kept, other)] == ["gmv", "orders"]


def test_a_file_that_is_no_list_of_findings_is_said_and_kept(tmp_path: Path) -> None:
    for text in ("not JSON", json.dumps({"schema": "other/1", "findings": []}), json.dumps({"findings": 3}), "[]"):
        path_of(tmp_path / "a.db").write_text(text, encoding="utf-8")
        with pytest.raises(WhydropError, match=r"a\.findings\.json: not a list of findings"):
            read(tmp_path / "a.db")
        assert path_of(tmp_path / "a.db").read_text(encoding="utf-8") == text


def test_figures_that_there_are_not_stay_nothing(metric_detail: MetricDetail, tmp_path: Path) -> None:
    explanation = replace(metric_detail.explanation, expected=float("nan"), change=float("nan"), change_pct=None)
    write(tmp_path / "a.db", (pin(explanation, (), ""),))
    (one,) = read(tmp_path / "a.db")
    assert one.told["expected"] is None
    assert words(one)[0].startswith("gmv –,")
