"""Ecosystem as somebody uses it who answers for the whole."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.ecosystem.health import health
from core.ecosystem.results.health_results import Health, Risk
from core.reports.health_narrative import five_lines, value_words
from core.workspace.read.workspace import Workspace
from tests.screens.conftest import settled, text_of, type_in
from tui.app import Whydrop
from tui.screens.common.modals import Reader
from tui.screens.common.screen_help import help_lines
from tui.screens.ecosystem_screen import EcosystemScreen
from tui.widgets.data_grid import DataGrid
from tui.widgets.text_pane import TextPane


@cache
def answer(db: Path, as_of: int | None, where: Segment) -> Health:
    """What the core answers; the same question is computed once for all tests of this file."""
    with Workspace.open(db) as workspace:
        return health(workspace, as_of, where)


@pytest.fixture(autouse=True)
def _ask_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tui.screens.ecosystem_screen.kept_health", lambda workspace, *question: answer(workspace.path, *question)
    )


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_tests_cohorts_and_groups_are_on_one_screen(market: Path, size: tuple[int, int]) -> None:
    app = Whydrop(market)
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, EcosystemScreen)
        shown = text_of(app)
        for words in (
            "Changes and gaps tested",
            "Newcomers still active (%), by weeks since joining",
            "Rating gaps by group",
            "4/5",
            "q quit",
        ):
            assert words in shown, words
        for name in ("#tests", "#cohorts", "#fairness"):
            assert page.query_one(name, DataGrid).rows
        assert all(len(line) <= size[0] for line in shown.splitlines())


@pytest.mark.usefixtures("explained")
async def test_every_answer_is_the_figure_of_the_core(market: Path) -> None:
    found = answer(market, None, EVERYTHING)
    app = Whydrop(market)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5")
        await settled(pilot)
        tested = [row.item for row in app.screen.query_one("#tests", DataGrid).rows]
        assert sorted(map(str, tested)) == sorted(map(str, found.claims))
        marks = [one.is_marked for one in tested]
        assert marks == sorted(marks, reverse=True)
        for row in app.screen.query_one("#tests", DataGrid).rows:
            assert row.cells[-1].text == ("!" if row.item.is_marked else "")
            assert row.cells[2].text == value_words(row.item, row.item.now, "USD")
        assert five_lines(found, "USD")[0] in " ".join(text_of(app).split())
        groups = [row.item for row in app.screen.query_one("#fairness", DataGrid).rows]
        assert sorted(map(str, groups)) == sorted(str(item) for item in found.fairness if item.interval is not None)
        for row in app.screen.query_one("#cohorts", DataGrid).rows:
            for count, cell in zip(row.item.active.values(), row.cells[3:], strict=False):
                assert cell.text == ("" if count is None else f"{100 * count / row.item.members:.0f}")


@pytest.mark.usefixtures("explained")
async def test_enter_reads_what_lies_behind_and_goes_on_to_the_next(market: Path) -> None:
    app = Whydrop(market)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await settled(pilot)
        grid = app.screen.query_one("#tests", DataGrid)
        grid.filtered("regular members who became inactive, creators")
        await pilot.press("enter")
        assert isinstance(app.screen, Reader)
        lines = app.screen.query_one(TextPane).lines
        assert lines[0].startswith("Not marked: q ")
        assert any(line.startswith("p value") for line in lines)
        await pilot.press("escape", *["tab"] * 3, "enter")
        lines = app.screen.query_one(TextPane).lines
        assert "A gap is a question, not a verdict: groups may differ in what they sell." in lines
        await pilot.press("right_square_bracket")
        assert app.screen.query_one(TextPane).lines != lines


@pytest.mark.usefixtures("explained")
async def test_a_segment_and_a_day_are_asked_for(market: Path) -> None:
    app = Whydrop(market)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5")
        await settled(pilot)
        whole = [row.cells[2].text for row in app.screen.query_one("#tests", DataGrid).rows]
        await pilot.press("d")
        await type_in(pilot, "market=ID")
        assert "market=ID" in text_of(app).splitlines()[0]
        assert [row.cells[2].text for row in app.screen.query_one("#tests", DataGrid).rows] != whole
        await pilot.press("v")
        assert any(
            "whydrop health --as-of" in line and "--where market=ID" in line
            for line in app.screen.query_one(TextPane).lines
        )
        await pilot.press("escape", "w")
        await type_in(pilot, "2026-02-20..2026-03-01")
        assert "as of 1 Mar 2026" in text_of(app)
        await pilot.press("d")
        await type_in(pilot, "mrket=ID")
        assert "no dimension 'mrket'. Did you mean market?" in text_of(app)


@pytest.mark.usefixtures("explained")
async def test_help_defines_each_column(market: Path) -> None:
    app = Whydrop(market)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, EcosystemScreen)
        lines = "\n".join(help_lines(page))
        for grid in page.grids:
            for column in grid.table.columns:
                assert column.meaning in lines


@pytest.mark.usefixtures("explained")
async def test_where_nobody_sold_it_says_so(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> None:
        raise NotEnoughData("nobody sold or was seen. Choose another day.")

    monkeypatch.setattr("tui.screens.ecosystem_screen.kept_health", nobody)
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await settled(pilot)
        assert "nobody sold or was seen. Choose another day." in text_of(app)
        await pilot.press("enter", "v")
        assert isinstance(app.screen, EcosystemScreen)


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_risk_is_worded_as_a_lead_and_enter_reads_its_reasons(
    market: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = ("46 orders on 12 Mar from 5 buyers", "most of them cancelled")
    lead = Risk(
        subject={"creator_id": "[b]C7[/b]\x1b[31m"},
        kind="order_burst",
        score=63.2,
        p_value=1e-7,
        q_value=0.0004,
        reasons=reasons,
    )
    with_lead = replace(answer(market, None, EVERYTHING), risk=(lead,), risk_tests=5321)
    monkeypatch.setattr("tui.screens.ecosystem_screen.kept_health", lambda *_: with_lead)
    app = Whydrop(market)
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await settled(pilot)
        shown = text_of(app)
        for words in (
            "1 in 5,321 tests: where to look, not verdicts",
            "[b]C7[/b]",
            "order burst",
            "63",
            "46 orders on",
        ):
            assert words in shown, words
        app.screen.query_one("#risks", DataGrid).focus()
        await pilot.press("enter")
        lines = app.screen.query_one(TextPane).lines
        assert [f"  - {reason}" for reason in reasons] == lines[:2]
        assert "A lead is not a verdict: there may be a good reason. Check before you tell anybody." in lines
        assert "\x1b" not in text_of(app)
