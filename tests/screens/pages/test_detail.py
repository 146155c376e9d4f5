"""What was opened from a list: its neighbours, and searching in a text."""

from pathlib import Path

import pytest

from tests.screens.conftest import TH, on_metrics, settled, text_of, type_in
from tui.app import Whydrop
from tui.explain_question import ExplainQuestion
from tui.screens.common.modals import Reader
from tui.screens.explain_screen import ExplainScreen
from tui.screens.overview_screen import OverviewScreen
from tui.widgets.data_grid import DataGrid
from tui.widgets.text_pane import TextPane


@pytest.mark.usefixtures("explained")
async def test_the_next_metric_is_explained_and_escape_comes_back_to_its_row(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_metrics(pilot)
        first = [row.key for row in app.screen.query_one("#metrics", DataGrid).rows]
        await pilot.press("enter")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, ExplainScreen)
        asked = []
        for key in ("right_square_bracket", "right_square_bracket", "right_square_bracket", "left_square_bracket"):
            await pilot.press(key)
            await settled(pilot)
            assert page._question is not None
            asked.append(page._question.metric)
        assert asked == [first[1], first[2], first[2], first[1]]
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)
        assert app.screen.query_one("#metrics", DataGrid).cursor == 1


@pytest.mark.usefixtures("explained")
async def test_rows_that_open_nothing_are_passed_over(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.explain(ExplainQuestion("gmv", where=TH))
        await settled(pilot)
        outer = app.screen
        steps = outer.query_one("#steps", DataGrid)
        steps.focus()
        await pilot.press("j", "enter")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, ExplainScreen)
        asked = []
        for key in (*["right_square_bracket"] * 4, *["left_square_bracket"] * 4):
            assert page._question is not None
            asked.append(page._question.metric)
            await pilot.press(key)
            await settled(pilot)
        down = ["paid_orders", "orders", "payment_rate", "average_order_value"]
        assert asked == [*down, *reversed(down)]
        await pilot.press("escape")
        assert app.screen is outer
        assert steps.cursor == 1


@pytest.mark.usefixtures("explained")
async def test_a_question_from_no_list_has_no_neighbours(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.explain(ExplainQuestion("gmv"))
        await settled(pilot)
        await pilot.press("right_square_bracket")
        assert app.screen._question == ExplainQuestion("gmv")  # type: ignore[attr-defined]
        assert [one.message for one in app._notifications] == ["this was not opened from a list"]


@pytest.mark.usefixtures("explained")
async def test_a_text_is_searched_from_match_to_match(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        lines = [f"line {number} of [b]many[/b]{' words' * 30}" for number in range(100)]
        await app.push_screen(Reader("A text", lines))
        await pilot.press("n", "slash")
        assert [one.message for one in app._notifications] == ["nothing is searched for yet: / asks for it"]
        await type_in(pilot, "9 of")
        shown = []
        for key in ("n", "n", "N", "N", "N", "escape"):
            await settled(pilot)
            shown.append(text_of(app))
            await pilot.press(key)
        for text, number in zip(shown, (9, 19, 29, 19, 9, 99), strict=True):
            assert f"line {number} of [b]many[/b]" in text
        assert "10 of 10" in shown[-1]
        assert isinstance(app.screen, Reader)
        assert "/9 of" not in text_of(app)
        await pilot.press("slash", *"zz", "enter")
        assert "no match" in text_of(app)
        await pilot.press("escape", "y", "escape")
        assert app.clipboard == "\n".join(lines)
        assert isinstance(app.screen, OverviewScreen)


@pytest.mark.usefixtures("explained")
async def test_a_text_opened_from_a_list_goes_on_to_its_neighbours(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.explain(ExplainQuestion("gmv"))
        await settled(pilot)
        app.screen.query_one("#why", DataGrid).focus()
        await pilot.press("enter", "right_square_bracket", "right_square_bracket")
        assert "for: payment_rate fell" in "".join(app.screen.query_one(TextPane).lines)
        await pilot.press("left_square_bracket")
        assert "one day came twice" in app.screen.query_one(TextPane).lines
