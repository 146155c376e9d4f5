"""Explain as somebody uses it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.cause_signatures import load as load_signatures
from core.catalogue.metric_tree.metric_loader import load as load_catalogue
from core.detection.comparison import compare
from core.explanation.diagnose.cause_tests import FACTS
from core.reports.tables.answer import answer_lines
from core.reports.tables.cause_table import cause_table
from core.reports.text_width import joined_to_fit, wrapped
from core.views.metric_detail import MetricDetail, metric_detail
from core.views.overview import overview
from core.workspace.read.workspace import Workspace
from tests.screens.conftest import TH, WEEK, settled, text_of, type_in
from tui.app import Whydrop
from tui.explain_question import ExplainQuestion
from tui.screens.common.modals import Reader
from tui.screens.explain_screen import ExplainScreen
from tui.widgets.data_grid import DataGrid


async def opened(app: Whydrop) -> ExplainScreen:
    await app.explain(ExplainQuestion("gmv"))
    assert isinstance(app.screen, ExplainScreen)
    return app.screen


async def test_a_real_workspace_is_explained_down_to_the_segment(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await app.explain(ExplainQuestion("gmv", Window.parse("2026-03-09..2026-03-15")))
        await settled(pilot)
        shown = text_of(app)
        assert "▼ Got worse: GMV fell from" in shown
        assert "▸" in shown or "▾" in shown
        steps = app.screen.query_one("#steps", DataGrid)
        payment = next(row.item for row in steps.rows if row.cells[0].text == "payment rate")
        assert payment.share == pytest.approx(1.0, abs=0.2)


def test_branches_add_up_to_their_parents_and_to_the_change(shop: Path) -> None:
    with Workspace.open(shop) as workspace:
        found = metric_detail(workspace, "gmv", window=Window.parse("2026-03-09..2026-03-15"))
    assert found.closes
    assert found.steps.root.contribution == pytest.approx(found.explanation.change, rel=1e-9)
    left = [found.steps.root]
    while left:
        branch = left.pop()
        left += branch.children
        if branch.children:
            assert sum(child.contribution for child in branch.children) == pytest.approx(branch.contribution, rel=1e-9)
            product = 1.0
            for child in branch.children:
                product *= child.actual
            assert product == pytest.approx(branch.actual, rel=1e-9)


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_answer_is_on_top(shop: Path, size: tuple[int, int]) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=size) as pilot:
        await opened(app)
        await settled(pilot)
        shown = " ".join(text_of(app).split())
        for words in (
            "▼ Got worse: GMV fell from 47.2k to 41.2k since 9 Mar.",
            "Where: market=TH (18.3k to 12.0k, 105% of the change).",
            "Likely cause: Payment provider outage (confidence 82%).",
            "Do: Fail over. Owner: Payments.",
            "Daily GMV",
            "[red]not markup[/]",
            "15 Mar",
            "q quit",
            *(
                ()
                if size[0] < 110
                else ("! data: double loads", "+ payment_rate fell", "✗ App release bug", "payment rate")
            ),
        ):
            assert words in shown, words


def test_an_answer_of_every_known_cause_takes_four_lines(metric_detail: MetricDetail) -> None:
    answer = replace(metric_detail.explanation, where=Segment.of({"market": "TH"}), segments=(), data_quality=())
    for signature in load_signatures(load_catalogue(), FACTS).values():
        match = replace(
            answer.causes[0], cause=f"{signature.key} {signature.name}", action=signature.action, owner=signature.owner
        )
        sentences = answer_lines(replace(answer, causes=(match,)))
        for cells in (78, 118):
            lines = [line for text in joined_to_fit(sentences, cells, 4) for line in wrapped(text, cells)]
            assert len(lines) <= 4, lines


@pytest.mark.usefixtures("explained")
async def test_the_old_page_is_never_under_a_new_title(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        page = await opened(app)
        await settled(pilot)
        page._question = ExplainQuestion("refund_rate")
        page._clear()
        await pilot.pause()
        shown = text_of(app)
        assert "Explaining refund rate ..." in shown
        assert "market=TH" not in shown
        assert "Payment provider" not in shown


def test_within_the_range_no_cause_is_named_and_a_bad_rise_got_worse(metric_detail: MetricDetail) -> None:
    answer = metric_detail.explanation
    usual = replace(answer, is_drop=False, actual=46000.0, change=-1250.0)
    lines = " ".join(answer_lines(replace(usual, segments=())))
    assert lines.startswith("Within the expected range: GMV came to 46.0k")
    assert "cause" not in lines
    rows = cause_table(replace(usual, segments=())).rows
    assert [row.cells[0].text for row in rows if row.key.startswith("cause")] == []
    assert "Where: only market=TH moved more than usual (105% of the change)." in " ".join(answer_lines(usual)), (
        "a part may leave its own range"
    )
    risen = replace(answer, metric="refund_rate", unit="ratio", expected=0.03, actual=0.06, change=0.03)
    assert answer_lines(risen)[0].startswith("▲ Got worse: refund rate rose from 3.00% to 6.00%")


@pytest.mark.usefixtures("explained")
async def test_a_segment_is_explained_inside_and_escape_comes_back(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(app)
        await settled(pilot)
        page.query_one("#segments", DataGrid).focus()
        await pilot.press("enter")
        await settled(pilot)
        assert app.screen is not page
        assert "GMV in market=TH" in text_of(app)
        await pilot.press("escape")
        assert app.screen is page
        assert page.query_one("#segments", DataGrid).has_focus
        await pilot.press("escape")
        assert app.current_mode == "overview"


@pytest.mark.usefixtures("explained")
async def test_branches_fold_and_unfold(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(app)
        await settled(pilot)
        steps = page.query_one("#steps", DataGrid)
        steps.focus()
        whole = [row.key for row in steps.rows]
        assert whole == [
            "expected",
            "/paid_orders",
            "/paid_orders/orders",
            "/paid_orders/payment_rate",
            "/average_order_value",
            "actual",
        ]
        await pilot.press("j", "left")
        assert [row.key for row in steps.rows] == ["expected", "/paid_orders", "/average_order_value", "actual"]
        await pilot.press("right")
        assert [row.key for row in steps.rows] == whole
        await pilot.press("j", "h")
        assert steps.row is not None
        assert steps.row.key == "/paid_orders"


@pytest.mark.usefixtures("explained")
async def test_split_shows_mix_and_rate_of_each_value_and_goes_inside(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(app)
        await settled(pilot)
        await pilot.press("d")
        await type_in(pilot, "market")
        values = page.query_one("#dimensions", DataGrid)
        assert [row.item for row in values.rows] == [TH, Segment.of({"market": "ID"})]
        assert "Split by market" in text_of(app)
        assert "mix effect -500, rate effect -5,500" in text_of(app)
        await pilot.press("enter")
        await settled(pilot)
        assert "GMV in market=TH" in text_of(app)
        await pilot.press("escape")
        assert values.rows[0].item == TH, "esc comes back to the values, and then to the dimensions"
        await pilot.press("escape")
        assert [row.key for row in values.rows] == ["market"]


@pytest.mark.usefixtures("explained")
async def test_numbers_sql_and_the_command(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app)
        await settled(pilot)
        await pilot.press("v")
        assert isinstance(app.screen, Reader)
        shown = text_of(app)
        assert "whydrop explain gmv --window 2026-03-09..2026-03-15 --db" in shown
        assert "SELECT sum(gmv) FROM orders;" in shown
        assert "-6,000" in shown


@pytest.mark.usefixtures("explained")
async def test_a_cause_is_read_with_its_evidence(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(app)
        await settled(pilot)
        page.query_one("#why", DataGrid).focus()
        await pilot.press("enter")
        assert "one day came twice" in text_of(app)
        await pilot.press("escape", "j", "j", "enter")
        shown = text_of(app)
        for words in ("for: payment_rate fell", "Fail over.", "Payments", "It is back."):
            assert words in shown


async def test_compare_asks_again_with_another_baseline(
    shop: Path, metric_detail: MetricDetail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a metric that no other test asks: a thread that an earlier one left may still ask something."""
    asked: list[str] = []

    def answer(question: ExplainQuestion, _: Workspace) -> MetricDetail:
        asked.extend([question.baseline] if question.metric == "cart_to_order_rate" else [])
        return metric_detail

    monkeypatch.setattr(ExplainQuestion, "answer", answer)
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.explain(ExplainQuestion("cart_to_order_rate"))
        await settled(pilot)
        await pilot.press("c")
        await type_in(pilot, "before")
        assert "no baseline 'before'" in text_of(app)
        await type_in(pilot, "previous")
        await settled(pilot)
        assert asked == ["expected", "previous"]


@pytest.mark.usefixtures("explained")
async def test_export_writes_what_is_shown_and_never_over_a_file(shop: Path, tmp_path: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(app)
        await settled(pilot)
        page.query_one("#segments", DataGrid).focus()
        for name in ("out.json", "out.csv", "out.md", "out.tsv", "out.html"):
            await pilot.press("x")
            await type_in(pilot, str(tmp_path / name))
            await settled(pilot)
        rows = json.loads((tmp_path / "out.json").read_text())
        assert rows == [
            {
                "segment": "market=TH",
                "expected": 18300.0,
                "actual": 12000.0,
                "change": -6300.0,
                "share": 1.05,
                "confidence": 0.93,
                "interval": [17100.0, 19500.0],
                "p_value": 2e-9,
                "n": 1800.0,
            }
        ]
        for name in ("out.md", "out.html"):
            report = (tmp_path / name).read_text()
            assert "Likely cause: Payment provider outage" in report, "a report has the whole answer"
            assert "whydrop explain gmv" in report
        assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("market=TH,18300,")
        await pilot.press("x")
        await type_in(pilot, str(tmp_path / "out.csv"))
        shown = "".join(text_of(app).replace("│", "").split())  # where a line breaks depends on how long the path is
        assert "istherealready" in shown
        assert sorted(one.name for one in tmp_path.iterdir()) == [
            "out.csv",
            "out.html",
            "out.json",
            "out.md",
            "out.tsv",
        ]


@pytest.mark.usefixtures("explained")
async def test_copying_takes_the_row_or_the_whole_table(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(app)
        await settled(pilot)
        page.query_one("#segments", DataGrid).focus()
        await pilot.press("y")
        assert app.clipboard == "market=TH\t18.3k\t12.0k\t-6,300\t105%\t93%\t17.1k to 19.5k\t<0.001\t1,800"
        await pilot.press("Y")
        assert (
            app.clipboard.splitlines()[0]
            == "segment\texpected\tactual\teffect\tof change\tconfidence\texpected range\tp\tn"
        )


@pytest.mark.usefixtures("explained")
async def test_help_lists_the_live_keys_and_defines_each_column(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(100, 120)) as pilot:
        page = await opened(app)
        await settled(pilot)
        await pilot.press("question_mark")
        shown = text_of(app)
        for column in page.query_one("#segments", DataGrid).table.columns:
            assert column.meaning in shown
        assert "Split by a dimension" in shown
        assert "░ better" in shown


async def test_what_cannot_be_explained_is_a_line_and_another_question_helps(
    shop: Path, metric_detail: MetricDetail, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(question: ExplainQuestion, _: Workspace) -> MetricDetail:
        if question.metric == "ctr":
            raise NotEnoughData("nothing to compare ctr with. Choose other days.")
        return metric_detail

    monkeypatch.setattr(ExplainQuestion, "answer", answer)
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await app.explain(ExplainQuestion("ctr"))
        await settled(pilot)
        assert "nothing to compare ctr with. Choose other days." in text_of(app)
        await pilot.press("d", "p")
        assert [one.message for one in app._notifications] == ["nothing is explained yet"] * 2
        await pilot.press("m")
        await type_in(pilot, "gmv")
        assert "nothing to compare" not in text_of(app)
        assert "market=TH" in text_of(app)


def test_the_overview_expects_what_an_explanation_is_measured_by(shop: Path) -> None:
    with Workspace.open(shop) as workspace:
        rows = {row.metric: row for row in overview(workspace).rows}
        for key in ("gmv", "payment_rate"):
            found = compare(workspace, key, rows[key].window)
            assert rows[key].expected == pytest.approx(found.expected, rel=1e-3)
            assert rows[key].interval == pytest.approx(found.interval, rel=1e-3)
            assert rows[key].is_drop == found.is_drop


def test_a_question_is_one_line_in_words() -> None:
    asked = ExplainQuestion("gmv", WEEK, "previous", TH)
    assert asked.words == "GMV in market=TH, 9-15 Mar 2026 vs previous"
    assert ExplainQuestion("payment_rate").words == "payment rate"
