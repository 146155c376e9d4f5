"""One table of keys: what is bound, shown, explained and documented is the same."""

from pathlib import Path

import pytest
from textual.binding import Binding
from textual.widget import Widget

from tests.conftest import ROOT
from tests.screens.conftest import settled, text_of
from tui.app import Whydrop
from tui.keys import KEYS, TOGETHER, bindings, markdown
from tui.screens.base_screen import BaseScreen
from tui.screens.cases_screen import CasesScreen
from tui.screens.creators_screen import CreatorsScreen
from tui.screens.data_screen import DataScreen
from tui.screens.detail_screen import DetailScreen
from tui.screens.ecosystem_screen import EcosystemScreen
from tui.screens.explain_screen import ExplainScreen
from tui.screens.overview_screen import OverviewScreen
from tui.screens.screen_help import help_lines
from tui.widgets.data_grid import DataGrid
from tui.widgets.text_pane import TextPane

OWNERS = {
    "app": Whydrop, "page": BaseScreen, "move": DataGrid, "table": DataGrid, "text": TextPane,
    "detail": DetailScreen, "explain": ExplainScreen,
    "creators": CreatorsScreen, "ecosystem": EcosystemScreen, "cases": CasesScreen,
}  # fmt: skip


def test_ids_are_unique_and_no_key_means_two_things_in_one_place() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    for scope in OWNERS:
        taken = [one for key in KEYS if key.scope in {scope, *TOGETHER} for one in key.keys.split(",")]
        assert len(taken) == len(set(taken))


def test_every_scope_has_an_owner() -> None:
    assert {key.scope for key in KEYS} == set(OWNERS)


@pytest.mark.parametrize("scope", OWNERS)
def test_every_action_exists(scope: str) -> None:
    owner = OWNERS[scope]
    for key in KEYS:
        if key.scope == scope:
            target, _, name = key.action.partition("(")[0].rpartition(".")
            assert hasattr(Whydrop if target == "app" else owner, f"action_{name}"), key


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize(
    "page", [OverviewScreen, ExplainScreen, CreatorsScreen, EcosystemScreen, DataScreen, CasesScreen]
)
async def test_footer_help_and_palette_show_what_is_bound(shop: Path, page: type[BaseScreen]) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press(
            {
                OverviewScreen: "1",
                ExplainScreen: "2",
                CreatorsScreen: "4",
                EcosystemScreen: "5",
                DataScreen: "6",
                CasesScreen: "7",
            }[page]
        )
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, page)
        scopes = {"app", "page", "move", "table", page.TAB, *({"detail"} if issubclass(page, DetailScreen) else ())}
        live = {active.binding.id for active in screen.active_bindings.values()}
        expected = {key.id for key in KEYS if key.scope in scopes}
        expected -= {DataScreen: {"page.window"}, CasesScreen: {"page.window", "page.numbers"}}.get(page, set())
        assert expected <= live
        lines = "\n".join(help_lines(screen))
        commands = {command.title for command in app.get_system_commands(screen)}
        footer = text_of(app).splitlines()[-1]
        for key in KEYS:
            assert (key.words in lines) == (key.id in expected)
            assert (key.words in commands) == (key.id in expected)
            if key.footer and key.id in expected:
                assert key.footer in footer


def test_a_binding_carries_the_id_by_which_a_user_can_change_it() -> None:
    made = [one for scope in OWNERS for one in bindings(scope)]
    assert {one.id for one in made if isinstance(one, Binding)} == {key.id for key in KEYS}


def test_the_documentation_shows_the_same_keys() -> None:
    assert markdown() in (ROOT / "docs" / "screens.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("explained")
async def test_a_digit_without_a_screen_does_nothing(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        before = text_of(app)
        await pilot.press("3", "8")
        assert text_of(app) == before


@pytest.mark.usefixtures("explained")
async def test_the_cursor_keys_of_vi_and_of_everybody(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        grid = app.screen.query_one("#metrics", DataGrid)
        places = []
        for key in ("j", "down", "k", "G", "g", "end", "home", "ctrl+d", "ctrl+u", "pagedown", "pageup"):
            await pilot.press(key)
            places.append(grid.cursor)
        assert places == [1, 2, 1, 2, 0, 2, 0, 2, 0, 2, 0]


@pytest.mark.usefixtures("explained")
async def test_panes_are_reached_by_tab_and_zoomed(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        stops = []
        for _ in range(3):
            stops.append(app.focused.id if isinstance(app.focused, Widget) else None)
            await pilot.press("tab")
        assert stops == ["metrics", "alerts", "events"]
        await pilot.press("z")
        assert "payment_rate" in text_of(app)
        assert "What happened near it" not in text_of(app)
        await pilot.press("escape")
        assert "What happened near it" in text_of(app)


@pytest.mark.usefixtures("explained")
async def test_the_mouse_chooses_sorts_opens_and_changes_tabs(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        grid = app.screen.query_one("#metrics", DataGrid)
        await pilot.click("#metrics", offset=(5, 3))
        assert grid.cursor == 1
        await pilot.click("#metrics", offset=(3, 1))
        assert [row.key for row in grid.rows] == ["gmv", "payment_rate", "refund_rate"]
        await pilot.click("Header", offset=(18, 1))
        await settled(pilot)
        assert isinstance(app.screen, ExplainScreen)
