"""The Voice as somebody uses it: from a theme to its texts."""

from pathlib import Path

import pytest

from tests.screens.conftest import settled, text_of
from tui.app import Whydrop
from tui.screens.common.modals import Reader
from tui.screens.voice_screen import ComplaintsScreen, VoiceScreen
from tui.widgets.data_grid import DataGrid


@pytest.mark.usefixtures("explained")
async def test_from_a_theme_to_its_texts_and_back(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("8")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, VoiceScreen)
        shown = " ".join(text_of(app).split())
        for words in ("Late or missing delivery costs the most", "40", "▲", "800", "seller_id=S1", "Words: late, box"):
            assert words in shown, words
        assert [row.key for row in page.query_one("#written", DataGrid).rows] == ["R2", "R1"]
        await pilot.press("enter")
        await settled(pilot)
        texts = app.screen
        assert isinstance(texts, ComplaintsScreen)
        assert [row.key for row in texts.query_one("#texts", DataGrid).rows] == ["R2", "R1"]
        assert "[red]not markup[/] gone" in text_of(app)
        await pilot.press("enter")
        assert isinstance(app.screen, Reader)
        await pilot.press("escape", "right_square_bracket")
        await settled(pilot)
        assert [row.key for row in texts.query_one("#texts", DataGrid).rows] == ["R1"]
        await pilot.press("escape")
        assert app.screen is page
        assert page.query_one("#themes", DataGrid).cursor == 1


async def test_a_real_market_without_texts_says_where_its_themes_come_from(market: Path) -> None:
    app = Whydrop(market)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("8")
        await settled(pilot)
        assert app.screen.query_one("#themes", DataGrid).rows
        await pilot.press("enter")
        await settled(pilot)
        grid = app.screen.query_one("#texts", DataGrid)
        assert grid.rows or "no text: it is counted from" in text_of(app)
