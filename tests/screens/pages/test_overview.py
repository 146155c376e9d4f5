"""Overview as somebody uses it."""

from dataclasses import replace
from math import isnan
from pathlib import Path

import pytest

from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.detection.findings import Scan
from core.views.overview import Overview, overview, with_scan
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.screens.conftest import LAST, TH, on_metrics, settled, text_of, type_in
from tui.app import Whydrop
from tui.screens.common.modals import Prompt, Reader
from tui.screens.explain_screen import ExplainScreen
from tui.screens.overview_screen import OverviewScreen
from tui.widgets.data_grid import DataGrid
from tui.widgets.plain_text import PlainText


async def test_the_worst_metric_comes_first_and_enter_explains_it(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_metrics(pilot)
        grid = app.screen.query_one("#metrics", DataGrid)
        worst = grid.rows[0].item
        assert worst.metric in {"payment_rate", "paid_orders", "gmv", "gpm"}
        assert worst.is_drop
        assert "▼ below range" in text_of(app)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ExplainScreen)
        assert f"{worst.metric.replace('_', ' ')} fell from" in text_of(app)


async def test_a_page_says_that_it_reads_before_there_is_an_answer(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OverviewScreen, "ask", lambda *_: None)
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)):
        assert text_of(app).splitlines()[2].strip() == "Reading ..."


async def test_escape_comes_back_to_the_same_row(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_metrics(pilot)
        await pilot.press("j", "j", "enter")
        await settled(pilot)
        chosen = app.question
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)
        grid = app.screen.query_one("#metrics", DataGrid)
        assert grid.has_focus
        assert grid.cursor == 2
        assert grid.row is not None
        assert chosen is not None
        assert grid.row.key == chosen.metric


@pytest.mark.usefixtures("explained")
async def test_a_narrow_page_says_what_it_has_no_room_for(
    shop: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = replace(scan, findings=(replace(scan.findings[0], where=TH),))
    monkeypatch.setattr("tui.screens.overview_screen.kept_scan", lambda *_, **__: found)
    app = Whydrop(shop)
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        assert " In market=TH since 9 Mar. Likely cause: Payment provider" in text_of(app)
        assert text_of(app).count("  +4 columns ─") == 2, "three of seven are left, and five of nine"
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert " Since 9 Mar. Likely cause: Payment provider" in text_of(app), "the table has the segment"
        await pilot.resize_terminal(160, 50)
        await settled(pilot)
        assert "columns" not in text_of(app).split("─ Metrics")[0]


@pytest.mark.usefixtures("explained")
async def test_a_finding_is_one_line_in_words_and_enter_explains_it(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        shown = text_of(app)
        titles, line = shown.splitlines()[3:5]
        assert titles.split() == ["severity", "finding", "where", "since", "cost"]
        for words in ("▼ critical", "payment rate fell from 90", "to 72", "everywhere", "9 Mar", "5,250"):
            assert words in line
        metric = next(one for one in shown.splitlines() if one[1:].startswith("payment rate  "))
        assert "▼ below range" in metric
        assert "1 failed check" in shown
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ExplainScreen)
        assert app.question is not None
        assert app.question.finding is not None
        assert app.question.metric == "payment_rate"


@pytest.mark.usefixtures("explained")
async def test_nothing_moves_when_the_scan_arrives(shop: Path, overview: Overview, scan: Scan) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        page = app.screen
        assert isinstance(page, OverviewScreen)
        page.show_answer(overview)
        await pilot.pause()
        before = [grid.region for grid in page.grids], [row.key for row in page.query_one("#metrics", DataGrid).rows]
        assert "scanning for findings ..." in text_of(app)
        page.show_answer(with_scan(overview, scan))
        await pilot.pause()
        after = [grid.region for grid in page.grids], [row.key for row in page.query_one("#metrics", DataGrid).rows]
        assert before == after


@pytest.mark.usefixtures("explained")
async def test_text_from_data_stays_text(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "[red]not markup[/] go" in text_of(app)
        app.screen.query_one("#events", DataGrid).focus()
        await pilot.press("enter")
        assert isinstance(app.screen, Reader)
        assert "[red]not markup[/] gone" in text_of(app)
        assert "\x1b" not in text_of(app)


@pytest.mark.usefixtures("explained")
async def test_filter_narrows_stays_visible_and_is_cleared_by_escape(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_metrics(pilot)
        grid = app.screen.query_one("#metrics", DataGrid)
        await pilot.press("slash")
        await type_in(pilot, "rate")
        assert [row.key for row in grid.rows] == ["payment_rate", "refund_rate"]
        assert "/rate" in text_of(app)
        assert grid.has_focus
        await pilot.press("escape")
        assert len(grid.rows) == 3


@pytest.mark.usefixtures("explained")
async def test_escape_while_typing_a_filter_drops_it(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_metrics(pilot)
        await pilot.press("slash", "x", "x")
        assert "no row has 'xx'; esc shows all" in text_of(app), "not that there is nothing"
        await pilot.press("escape")
        grid = app.screen.query_one("#metrics", DataGrid)
        assert (len(grid.rows), grid.has_focus) == (3, True)


@pytest.mark.usefixtures("explained")
async def test_a_chosen_window_is_looked_at_and_a_bad_one_is_said(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def answer(_: Workspace, *, window: object = None, **__: object) -> Overview:
        asked.append(window)
        raise NotEnoughData("no data on those days. Choose others.")

    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        monkeypatch.setattr("tui.screens.overview_screen.overview", answer)
        await pilot.press("w")
        await type_in(pilot, "march")
        assert isinstance(app.screen, Prompt)
        assert "'march'" in text_of(app)
        await type_in(pilot, "2026-03-02..2026-03-08")
        await pilot.press("w")
        await type_in(pilot, "2026-02")
        assert [str(one) for one in asked] == ["2026-03-02..2026-03-08", "2026-02-01..2026-02-28"]
        assert "no data on those days. Choose others." in text_of(app)


@pytest.mark.usefixtures("explained")
async def test_m_explains_the_metric_that_was_typed(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("m")
        await type_in(pilot, "gmv")
        assert isinstance(app.screen, ExplainScreen)
        assert app.question is not None
        assert app.question.metric == "gmv"


async def test_a_workspace_that_goes_away_is_a_line_and_no_crash(shop: Path, tmp_path: Path) -> None:
    app = Whydrop(tmp_path / "gone.db")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "there is no workspace" in " ".join(text_of(app).split())
        app.db = shop
        await pilot.press("r")
        await settled(pilot)
        assert app.screen.query_one("#metrics", DataGrid).rows
        assert not app.screen.query_one("#state", PlainText).display


@pytest.mark.usefixtures("explained")
async def test_a_fault_of_the_program_is_said_and_the_screens_go_on(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nought")

    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        monkeypatch.setattr("tui.screens.overview_screen.overview", broken)
        await pilot.press("r")
        await settled(pilot)
        assert "by nought" in text_of(app)
        await pilot.press("2")
        await settled(pilot)
        assert isinstance(app.screen, ExplainScreen)


@pytest.mark.usefixtures("explained")
async def test_numbers_show_formula_and_the_command_that_prints_the_same(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await on_metrics(pilot)
        await pilot.press("v")
        await settled(pilot)
        shown = " ".join(text_of(app).split())
        assert "-- payment_rate" in shown
        assert "FROM daily WHERE date BETWEEN '2026-03-09' AND '2026-03-15'" in shown
        assert "payment_rate = formula of payment_rate" in shown
        assert "whydrop explain payment_rate --window 2026-03-09..2026-03-15" in shown


@pytest.mark.usefixtures("explained")
async def test_sorting_by_a_column_and_back(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_metrics(pilot)
        grid = app.screen.query_one("#metrics", DataGrid)
        await pilot.press("s")
        assert [row.key for row in grid.rows] == ["gmv", "payment_rate", "refund_rate"]
        await pilot.press("S")
        assert [row.key for row in grid.rows] == ["refund_rate", "payment_rate", "gmv"]
        await pilot.press("l", "s")
        assert [row.key for row in grid.rows] == ["gmv", "payment_rate", "refund_rate"][::-1]
        assert ", by actual" in text_of(app)


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16), (200, 60)])
async def test_every_line_fits(shop: Path, size: tuple[int, int]) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.resize_terminal(*size)
        await settled(pilot)
        shown = text_of(app)
        assert "payment rate" in shown
        assert "-18.0 pp" in shown
        assert "quit" in shown or size[0] < 80


@pytest.mark.usefixtures("explained")
async def test_too_small_a_terminal_asks_for_room_and_recovers(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(40, 10)) as pilot:
        await settled(pilot)
        assert "at least 60 x 16" in " ".join(text_of(app).split())
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "payment rate" in text_of(app)
        app.screen.query_one("#metrics").focus()
        await pilot.resize_terminal(40, 10)
        await settled(pilot)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert app.focused is app.screen.query_one("#metrics"), "keys go on where they were"


def test_rows_add_nothing_of_their_own(shop: Path) -> None:
    """The figures are those of the metric over its window, and the order is by how bad things are."""
    with Workspace.open(shop) as workspace:
        found = overview(workspace)
        again = overview(workspace, window=found.rows[0].window.shifted(-7))
    by_key = {row.metric: row for row in found.rows}
    gmv = by_key["gmv"]
    assert by_key["gpm"].actual == pytest.approx(1000 * gmv.actual / by_key["impressions"].actual)
    assert gmv.actual == pytest.approx(
        sum(gmv.values[-7:] if not gmv.incomplete else gmv.values[-7 - gmv.incomplete : -gmv.incomplete])
    )
    assert gmv.interval[0] < gmv.expected < gmv.interval[1]
    assert [row.is_drop for row in found.rows] == sorted((row.is_drop for row in found.rows), reverse=True)
    assert not any(row.is_drop for row in again.rows if row.metric in {"gmv", "payment_rate"})


def test_incomplete_days_are_left_out(tmp_path: Path) -> None:
    lines = ["order_id,ordered_at,paid_at,gmv,refunded_at"]
    for day in range(80):
        for number in range(20):
            at = f"{iso(LAST - 79 + day)}T{number:02d}:00:00"
            lines.append(f"O{day}-{number},{at},{at},10,{at if number == 3 else ''}")
    (tmp_path / "orders.csv").write_text("\n".join(lines[:-12]), encoding="utf-8")
    load(tmp_path / "orders.db", [tmp_path / "orders.csv"], as_kind="orders")
    with Workspace.open(tmp_path / "orders.db") as workspace:
        newest = overview(workspace)
        asked = overview(workspace, window=Window(LAST - 8, LAST - 2))
    rows = {row.metric: row for row in newest.rows}
    assert rows["gmv"].window == Window(LAST - 7, LAST - 1)
    assert rows["refund_rate"].window == Window(LAST - 37, LAST - 31)
    assert any("is incomplete and left out" in note for note in newest.notes)
    assert (rows["gmv"].incomplete, rows["refund_rate"].incomplete) == (0, 30)
    young = {row.metric: row for row in asked.rows}
    assert (isnan(young["gmv"].expected), isnan(young["refund_rate"].expected)) == (False, True)
    assert not young["refund_rate"].is_drop


def test_a_scan_marks_the_metrics_that_fell_and_leaves_their_order(overview: Overview, scan: Scan) -> None:
    part = replace(scan.findings[0], metric="gmv", where=TH, also=("refund_rate",), severity="major")
    found = with_scan(overview, replace(scan, findings=(part,)))
    assert [row.metric for row in found.rows] == [row.metric for row in overview.rows]
    assert [row.part and row.part.severity for row in found.rows] == [None, "major", "major"]


@pytest.mark.usefixtures("explained")
async def test_without_a_past_it_says_why_there_are_no_alerts(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*_: object, **__: object) -> Scan:
        raise NotEnoughData("too short a past to judge.")

    monkeypatch.setattr("tui.screens.overview_screen.kept_scan", short)
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "too short a past to judge." in text_of(app)
        assert "payment rate" in text_of(app)


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize(("width", "words"), [(80, ["▼ below range"]), (160, ["88.0", "92.0", "to", "▼ below range"])])
async def test_columns_drop_and_words_never_break(shop: Path, width: int, words: list[str]) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(width, 40)) as pilot:
        await settled(pilot)
        line = next(one for one in text_of(app).splitlines() if one[1:].startswith("payment rate  "))
        for word in words:
            assert word in line
