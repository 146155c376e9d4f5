"""The program of the screens: tabs, themes, and what all screens know."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from textual import on
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import DiscoveryHit, Hits, Provider
from textual.filter import LineFilter
from textual.screen import Screen
from textual.system_commands import SystemCommandsProvider
from textual.theme import Theme

from tui.explain_question import ExplainQuestion
from tui.keys import KEYS, Key, bindings, label
from tui.list_navigation import ListNavigation
from tui.screens.overview_screen import OverviewScreen
from tui.widgets.ascii_filter import Ascii
from tui.widgets.header import Header, Tab

_DARK = Theme(
    "whydrop-dark", primary="#7aa2c8", accent="#e0a458", foreground="#d8dee3", background="#14181c", surface="#1c2228",
    panel="#232b33", success="#7fb685", warning="#e0a458", error="#e06c5f", dark=True,
)  # fmt: skip
_LIGHT = Theme(
    "whydrop-light", primary="#2f5f8a", accent="#9a5b00", foreground="#20262b", background="#fbfaf7", surface="#f0eee8",
    panel="#e6e3da", success="#2c6e3f", warning="#8a5a00", error="#b3261e", dark=False,
)  # fmt: skip


def _screen(module: str, name: str) -> Screen[None]:
    """A screen of its own module, loaded when its tab is opened first: the Overview does not wait for all of them."""
    screen: Screen[None] = getattr(import_module(f"tui.screens.{module}"), name)()
    return screen


class KeyCommands(SystemCommandsProvider):
    """The palette lists what the keys do in the order of the help: screens first."""

    async def discover(self) -> Hits:
        """All commands, before anything is typed."""
        for name, keys, callback, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(name, callback, help=keys)


class Whydrop(App[None]):
    """Overview first; each tab keeps its own stack of screens."""

    TITLE = "whydrop"
    CSS_PATH = "whydrop.tcss"
    COMMANDS: ClassVar[set[type[Provider]]] = {KeyCommands}  # type: ignore[assignment]
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    MODES: ClassVar[dict[str, Callable[[], Screen[None]]]] = {
        "overview": OverviewScreen,
        "explain": partial(_screen, "explain_screen", "ExplainScreen"),
        "funnel": partial(_screen, "funnel_screen", "FunnelScreen"),
        "creators": partial(_screen, "creators_screen", "CreatorsScreen"),
        "ecosystem": partial(_screen, "ecosystem_screen", "EcosystemScreen"),
        "data": partial(_screen, "data_screen", "DataScreen"),
        "cases": partial(_screen, "cases_screen", "CasesScreen"),
        "voice": partial(_screen, "voice_screen", "VoiceScreen"),
    }  # type: ignore[assignment]
    DEFAULT_MODE = "overview"
    TABS = (
        Tab("1", "overview", "Overview"),
        Tab("2", "explain", "Explain"),
        Tab("3", "funnel", "Funnel"),
        Tab("4", "creators", "Creators"),
        Tab("5", "ecosystem", "Ecosystem"),
        Tab("6", "data", "Data"),
        Tab("7", "cases", "Cases"),
        Tab("8", "voice", "Voice"),
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-low"), (32, "-high")]  # noqa: RUF012
    ESCAPE_TO_MINIMIZE = False

    def __init__(self, db: Path, plain: bool = False, own_keys: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__()
        self.own_keys = own_keys
        """What the user changed: id -> keys."""
        self.set_keymap(dict(own_keys))
        self.db = db
        self.question: ExplainQuestion | None = None
        """What Explain explains; None until somebody asks."""
        self.metrics: list[tuple[str, str]] = []
        """(key, name) of what can be explained here, worst first."""
        self._origin = self.DEFAULT_MODE
        """The tab from which Explain was opened."""
        self._ascii = [Ascii()] if plain else []
        self.animation_level = "none"
        self.register_theme(_DARK)
        self.register_theme(_LIGHT)
        self.theme = _DARK.name

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's own and, last, the one for terminals that know ASCII alone."""
        return [*super().get_line_filters(), *self._ascii]

    @on(Header.Chosen)
    def _choose(self, event: Header.Chosen) -> None:
        self.action_show(event.name)

    def action_show(self, tab: str) -> None:
        """Opens a tab as it was left; one that does not exist yet does nothing."""
        if tab in self.MODES and tab != self.current_mode:
            self.switch_mode(tab)

    async def explain(
        self, question: ExplainQuestion, navigation: ListNavigation[ExplainQuestion] | None = None
    ) -> None:
        """Opens Explain on a question, whatever it showed before; `navigation`: the list that it comes from."""
        self.question = question
        if self.current_mode != "explain":
            self._origin = self.current_mode
        await self.switch_mode("explain")
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        from tui.screens.explain_screen import ExplainScreen  # as the other tabs: loaded when it is opened

        page = self.screen
        if isinstance(page, ExplainScreen):
            page.navigation = navigation
            page.take(question)

    def action_origin(self) -> None:
        """Opens the tab from which Explain was opened, as it was left."""
        self.action_show(self._origin)

    def label(self, key: Key) -> str:
        """The keys that do it here, as a person reads them."""
        return label(self.own_keys.get(key.id, key.keys))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: everything that a key does on this screen."""
        active = {entry.binding.id: entry for entry in screen.active_bindings.values()}
        for key in KEYS:
            if key.id in active:
                yield SystemCommand(
                    key.words, self.label(key), partial(self.run_action, key.action, active[key.id].node)
                )
