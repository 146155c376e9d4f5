"""Matches: from a creator to products, and on to their creators."""

from pathlib import Path

import pytest

from tests.screens.conftest import settled, text_of
from tui.app import Whydrop
from tui.screens.common.modals import Reader
from tui.screens.creators_screen import CreatorsScreen
from tui.screens.match_screen import MatchScreen
from tui.widgets.data_grid import DataGrid


@pytest.mark.usefixtures("explained")
async def test_from_a_creator_to_products_and_on_to_their_creators(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("t")
        await settled(pilot)
        first = app.screen
        assert isinstance(first, MatchScreen)
        assert [row.key for row in first.query_one("#match-list", DataGrid).rows] == ["P1", "P2"]
        shown = " ".join(text_of(app).split())
        for words in (
            "The quality limit excluded 2",
            "best of 36",
            "100",
            "10 to 300",
            "60%",
        ):
            assert words in shown, words
        await pilot.press("enter")
        assert isinstance(app.screen, Reader)
        assert "7 of its 9 creators also sell this creator" in text_of(app)
        await pilot.press("escape", "j", "t")
        await settled(pilot)
        assert isinstance(app.screen, MatchScreen)
        assert "matches › product P2" in text_of(app)
        await pilot.press("escape", "escape")
        assert isinstance(app.screen, CreatorsScreen)


async def test_a_real_market_has_matches(market: Path) -> None:
    app = Whydrop(market)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("t")
        await settled(pilot)
        assert isinstance(app.screen, MatchScreen)
        assert app.screen.query_one("#match-list", DataGrid).rows or "!" in text_of(app)
