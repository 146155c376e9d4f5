"""Creators and Creator as somebody uses them."""

import csv
from pathlib import Path
from typing import Any

import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from tests.screens.conftest import settled, text_of, type_in
from tests.screens.people import scorecard
from tests.views.boards import board
from tui.app import Whydrop
from tui.screens.common.modals import Reader
from tui.screens.common.screen_help import help_lines
from tui.screens.creator_screen import CreatorScreen
from tui.screens.creators_screen import CreatorsScreen
from tui.widgets.data_grid import DataGrid
from tui.widgets.text_pane import TextPane

SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Lets the screens have these people instead of asking the core; gathers what they asked."""
    found: list[tuple[Any, ...]] = []

    def board_of(_: object, side: str, __: object, *days: int | None) -> Any:
        found.append((side, *days))
        return board(side)

    def card_of(_: object, side: str, id_: str, __: object, *days: int | None) -> Any:
        found.append((side, id_, *days))
        return scorecard(id_, side)

    monkeypatch.setattr("tui.screens.creators_screen.leaderboard", board_of)
    monkeypatch.setattr("tui.screens.creator_screen.scorecard", card_of)
    return found


def line_of(app: Whydrop, word: str) -> str:
    """The first line of the screen that holds the word."""
    return next(line for line in text_of(app).splitlines() if word in line)


@pytest.mark.usefixtures("asked", "explained")
@pytest.mark.parametrize("size", SIZES)
async def test_where_everybody_stands_is_on_one_screen(shop: Path, size: tuple[int, int]) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=size) as pilot:
        await pilot.press("4")
        await settled(pilot)
        assert isinstance(app.screen, CreatorsScreen)
        first = line_of(app, "live_host")
        for words in ("C1", "ID", "B?", "70.0", "6.0", "-10.0", "product"):
            assert words in first, words
        shown = text_of(app)
        for words in ("[b]C9[/b]", "new", "A ≥75", "1 moved down, 1 up"):
            assert words in shown, words
        assert ("product -8.0  compliance -2.0" in shown) == (size[0] < 110)
        assert "\x1b" not in shown
        assert ("points" in shown) == (size[0] >= 110)


@pytest.mark.usefixtures("explained")
async def test_a_scorecard_opens_goes_on_to_the_next_and_comes_back_to_the_row(
    shop: Path, asked: list[tuple[Any, ...]]
) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, CreatorScreen)
        cards = page.query_one("#cards", DataGrid)
        assert cards.row is not None
        assert cards.row.item.rating.role == "live_host"
        await pilot.press("right_square_bracket")
        await settled(pilot)
        assert cards.row.item.rating.role == "affiliate"
        assert [one[1] for one in asked[1:]] == ["C1"], "another card of the same person is there already"
        await pilot.press("right_square_bracket")
        await settled(pilot)
        assert [one[1] for one in asked[1:]] == ["C1", "C2"]
        await pilot.press("escape")
        assert isinstance(app.screen, CreatorsScreen)
        grid = app.screen.query_one("#leaders", DataGrid)
        assert (grid.cursor, grid.has_focus) == (2, True)


@pytest.mark.usefixtures("asked", "explained")
@pytest.mark.parametrize("size", SIZES)
async def test_a_scorecard_shows_roles_components_the_way_up_and_what_lies_behind(
    shop: Path, size: tuple[int, int]
) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=size) as pilot:
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("j", "enter")
        await settled(pilot)
        shown = text_of(app)
        for words in (
            "person H1: C1, C2", "Score 86.0 to 78.0 (-8.0) since 15 Feb", "A on 15 Feb", "2.00%", "3/120", "-8.0",
            "12 fewer bad reviews of the next 150 orders", "review: 1 star [b]C9[/b]", "q quit",
        ):  # fmt: skip
            assert words in shown, words
        assert "\x1b" not in shown
        page = app.screen
        assert "agency" in [row.cells[1].text for row in page.query_one("#cards", DataGrid).rows]
        await pilot.press("tab", "j", "j", "right")
        assert [row.cells[0].text for row in page.query_one("#components", DataGrid).rows][2:6] == [
            "content", "new evidence", "aged evidence", "peers moved",
        ]  # fmt: skip
        await pilot.press("enter")
        assert isinstance(app.screen, Reader)
        lines = app.screen.query_one(TextPane).lines
        assert any(line.startswith("points = weight x (1 - value)^run") for line in lines)


@pytest.mark.usefixtures("asked", "explained")
async def test_a_role_without_a_card_says_so(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("G")
        assert "nothing to rate in this role" in text_of(app)
        await pilot.press("k")
        assert "do not add up" not in text_of(app)


@pytest.mark.usefixtures("asked", "explained")
async def test_the_filter_speaks_of_columns_and_says_what_it_cannot_read(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        grid = app.screen.query_one("#leaders", DataGrid)
        await pilot.press("slash")
        assert "role:live grade<=B" in text_of(app)
        await type_in(pilot, "kind:affiliate band<=B")
        assert [row.item.id for row in grid.rows] == ["C2"]
        assert "/kind:affiliate band<=B" in text_of(app)
        await pilot.press("slash")
        await type_in(pilot, "scor<3")
        assert "no column 'scor'. Did you mean score?" in text_of(app)
        await pilot.press("escape")
        assert len(grid.rows) == 6


@pytest.mark.usefixtures("asked", "explained")
async def test_columns_sort_by_what_they_show_and_the_row_stays(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        grid = app.screen.query_one("#leaders", DataGrid)
        held = grid.row
        await pilot.press("l", "s")
        assert [row.item.id for row in grid.rows][:4] == ["C1", "C1", "C2", "C3"]
        assert grid.row == held
        grid.action_side(-len(grid.table.columns))
        for _ in grid.table.columns:
            grid.action_sort()
            assert len(grid.rows) == 6
            grid.action_reverse()
            grid.action_side(1)
        assert len(grid.rows) == 6


@pytest.mark.usefixtures("explained")
async def test_sellers_and_other_days_are_asked_for(shop: Path, asked: list[tuple[Any, ...]]) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("d")
        await settled(pilot)
        assert "Sellers" in text_of(app)
        await pilot.press("w")
        await type_in(pilot, "2026-03-01..2026-03-08")
        window = Window.parse("2026-03-01..2026-03-08")
        await pilot.press("enter")
        await settled(pilot)
        days = (window.last, window.first)
        assert asked == [
            ("creators", None, None), ("sellers", None, None), ("sellers", *days), ("sellers", "C1", *days),
        ]  # fmt: skip
        await pilot.press("v")
        command = f"  whydrop seller C1 --as-of 2026-03-15 --since 2026-02-15 --db {shop}"
        assert command in app.screen.query_one(TextPane).lines


@pytest.mark.usefixtures("asked", "explained")
async def test_export_copy_and_numbers(shop: Path, tmp_path: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("x")
        await type_in(pilot, str(tmp_path / "all.csv"))
        with (tmp_path / "all.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["id"] for row in rows][:2] == ["C1", "C1"]
        assert rows[0]["change"] == "-10"
        await pilot.press("y")
        assert app.clipboard.split("\t")[1] == "C1"
        await pilot.press("v")
        command = f"  whydrop creator C1 --as-of 2026-03-15 --since 2026-02-15 --db {shop}"
        assert command in app.screen.query_one(TextPane).lines


@pytest.mark.usefixtures("asked", "explained")
@pytest.mark.parametrize("keys", [("4",), ("4", "enter")])
async def test_help_defines_each_column(shop: Path, keys: tuple[str, ...]) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        page = app.screen
        assert isinstance(page, CreatorsScreen | CreatorScreen)
        lines = "\n".join(help_lines(page))
        for grid in page.grids:
            for column in grid.table.columns:
                assert column.meaning in lines


@pytest.mark.usefixtures("explained")
async def test_without_orders_it_says_so(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> None:
        raise NotEnoughData("no orders and no reviews. Load orders.")

    monkeypatch.setattr("tui.screens.creators_screen.leaderboard", nothing)
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        assert "no orders and no reviews. Load orders." in text_of(app)
        await pilot.press("enter", "v", "question_mark")
        assert isinstance(app.screen, Reader)


@pytest.mark.usefixtures("explained")
async def test_a_real_market_from_the_leaderboard_to_the_orders_behind_a_card(market: Path) -> None:
    app = Whydrop(market)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        grid = app.screen.query_one("#leaders", DataGrid)
        grid.filtered("change<0 orders>100")
        assert grid.row is not None
        chosen = grid.row.item
        await pilot.press("enter")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, CreatorScreen)
        card = page.query_one("#cards", DataGrid).row
        assert card is not None
        assert card.item.rating.score == pytest.approx(chosen.score)
        assert "do not add up" not in text_of(app)
        cases = page.query_one("#evidence-rows", DataGrid)
        cases.focus()
        cases.go(next(place for place, row in enumerate(cases.rows) if row.item.order_id))
        await pilot.press("enter")
        assert "SELECT * FROM orders WHERE order_id = 'O" in text_of(app)
