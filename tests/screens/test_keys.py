"""One table of keys: what is bound, shown, explained and documented is the same."""

from pathlib import Path
from shutil import copy

import pytest
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widget import Widget

from tests.conftest import ROOT
from tests.screens.conftest import on_metrics, settled, text_of
from tui.app import Whydrop
from tui.keys import KEYS, TOGETHER, bindings, markdown
from tui.screens.cases_screen import CasesScreen
from tui.screens.common.base_screen import BaseScreen
from tui.screens.common.detail_screen import DetailScreen
from tui.screens.common.screen_help import help_lines
from tui.screens.creator_screen import CreatorScreen
from tui.screens.creators_screen import CreatorsScreen
from tui.screens.data_screen import DataScreen
from tui.screens.ecosystem_screen import EcosystemScreen
from tui.screens.explain_screen import ExplainScreen
from tui.screens.funnel_screen import FunnelScreen
from tui.screens.match_screen import MatchScreen
from tui.screens.overview_screen import OverviewScreen
from tui.screens.voice_screen import ComplaintsScreen, VoiceScreen
from tui.widgets.data_grid import DataGrid
from tui.widgets.text_pane import TextPane

OWNERS = {
    "app": Whydrop, "page": BaseScreen, "move": DataGrid, "table": DataGrid, "text": TextPane,
    "detail": DetailScreen, "explain": ExplainScreen, "funnel": FunnelScreen, "match": MatchScreen, "voice": VoiceScreen,
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


PAGES = {
    OverviewScreen: (), ExplainScreen: ("2",), FunnelScreen: ("3",), CreatorsScreen: ("4",), CreatorScreen: ("4", "enter"),
    MatchScreen: ("4", "t"), EcosystemScreen: ("5",), DataScreen: ("6",), CasesScreen: ("7",), VoiceScreen: ("8",),
    ComplaintsScreen: ("8", "enter"),
}  # fmt: skip
WITHOUT = {
    DataScreen: {"page.window"}, CasesScreen: {"page.window", "page.numbers"}, CreatorScreen: {"page.window"},
    MatchScreen: {"page.window"}, ComplaintsScreen: {"page.window"}, ExplainScreen: {"match.open"},
}  # fmt: skip
"""What a screen cannot do: it has no days or figures to choose; a segment that is no creator and no product has no match."""
SCOPES = {
    ExplainScreen: {"explain", "match", "detail"}, FunnelScreen: {"funnel"}, CreatorsScreen: {"creators", "match"},
    CreatorScreen: {"match", "detail"}, MatchScreen: {"match", "detail"}, EcosystemScreen: {"ecosystem"},
    CasesScreen: {"cases"}, VoiceScreen: {"voice"}, ComplaintsScreen: {"detail"},
}  # fmt: skip


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize("page", PAGES)
async def test_the_keys_that_work_are_those_of_help_palette_and_footer(
    shop: Path, tmp_path: Path, page: type[BaseScreen]
) -> None:
    app = Whydrop(Path(copy(shop, tmp_path / "shop.db")))  # keys open cases
    async with app.run_test(size=(160, 24)) as pilot:
        await settled(pilot)
        for key in PAGES[page]:
            await pilot.press(key)
            await settled(pilot)
        screen = app.screen
        assert type(screen) is page
        expected = {key.id for key in KEYS if key.scope in {"app", "page", "move", "table"} | SCOPES.get(page, set())}
        expected -= WITHOUT.get(page, set())
        assert {active.binding.id for active in screen.active_bindings.values()} >= expected
        lines = "\n".join(help_lines(screen))
        commands = {command.title for command in app.get_system_commands(screen)}
        footer = text_of(app).splitlines()[-1]
        listed = {(key.keys, key.words) for key in KEYS if key.id in expected}
        for key in KEYS:
            is_listed = (key.keys, key.words) in listed
            assert (f"  {app.label(key):<14} {key.words}\n" in f"{lines}\n") == is_listed, key
            assert (key.words in commands) == is_listed, key
            if key.footer and key.id in expected:
                assert key.footer in footer, key
        await _press_all(pilot, expected)


async def _press_all(pilot: Pilot[None], expected: set[str]) -> None:
    """What asks for something opens a box or says why it cannot; it does nothing where it is not listed."""
    app, screen = pilot.app, pilot.app.screen
    asking = [key for key in KEYS if key.scope not in {"app", "move", "table", "text", "detail"}]
    skipped = {"page.back", "page.filter", "page.zoom", "page.reload", "page.next", "page.previous", "creators.side"}
    for key in asking:
        if key.id in skipped or not key.footer:
            continue
        said = len(app._notifications)
        await pilot.press(key.keys.split(",")[0])
        await settled(pilot)
        happened = app.screen is not screen or len(app._notifications) > said
        others = {other.keys for other in KEYS if other.id in expected and other.id != key.id}
        assert happened or key.id not in expected or not screen.grids, key
        assert key.id in expected or key.keys in others or not happened, key
        while app.screen is not screen:
            await pilot.press("escape")


def test_a_binding_carries_the_id_by_which_a_user_can_change_it() -> None:
    made = [one for scope in OWNERS for one in bindings(scope)]
    assert {one.id for one in made if isinstance(one, Binding)} == {key.id for key in KEYS}


def test_the_documentation_shows_the_same_keys() -> None:
    assert markdown() in (ROOT / "docs" / "screens.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("explained")
async def test_the_cursor_keys_of_vi_and_of_everybody(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_metrics(pilot)
        grid = app.screen.query_one("#metrics", DataGrid)
        places = []
        for key in ("j", "down", "k", "G", "g", "end", "home", "ctrl+d", "ctrl+u", "pagedown", "pageup"):
            await pilot.press(key)
            places.append(grid.cursor)
        assert places == [1, 2, 1, 2, 0, 2, 0, 2, 0, 2, 0]


@pytest.mark.usefixtures("explained")
async def test_panes_are_reached_by_tab_and_zoomed(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        stops = []
        for _ in range(3):
            stops.append(app.focused.id if isinstance(app.focused, Widget) else None)
            await pilot.press("tab")
        assert stops == ["findings", "metrics", "events"]
        app.screen.query_one("#metrics").focus()
        await pilot.press("z")
        assert "payment rate" in text_of(app)
        assert "context, not causes" not in text_of(app)
        assert "[1 Overview]" in text_of(app).splitlines()[1], "tabs and keys stay"
        assert "q quit" in text_of(app).splitlines()[-1]
        assert app.screen.query_one("#metrics").size.height == 24 - 3
        assert isinstance(app.screen, OverviewScreen)
        app.screen.say("! out of reach")
        await pilot.pause()
        assert text_of(app).splitlines()[-2].strip() == "! out of reach", "what is wrong is said there, too"
        app.screen.say("")
        await pilot.press("escape")
        assert "context, not causes" in text_of(app)
        with monkeypatch.context() as patch:
            patch.setattr(app.screen, "_is_empty", True)
            await pilot.press("z")
            assert app.screen.maximized is None, "a page without an answer has no pane to show"
        await pilot.press("7")
        await settled(pilot)
        app.screen.query_one("#text").focus()
        await pilot.press("z")
        assert "no case yet" not in text_of(app), "a text is zoomed as a table is"


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
        await pilot.click("Header", offset=(16, 1))
        await settled(pilot)
        assert isinstance(app.screen, ExplainScreen)
