"""The last line of a screen: the keys that work there, the most particular first; what does not fit is left to the help."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.widget import Widget

from tui.keys import KEYS, Key

_ALWAYS = ("table.open", "page.help", "app.quit")
"""Keys that are never left out."""
_GAP = 2


class KeyBar(Widget):
    """Keys and what they do; a click does the same."""

    COMPONENT_CLASSES = {"bar--key", "bar--word"}  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    KeyBar {
        height: 1; dock: bottom; padding: 0 1;
        & > .bar--key { color: $accent; text-style: bold; }
        & > .bar--word { color: $foreground-muted; }
    }
    """

    def __init__(self, label: Callable[[Key], str]) -> None:
        """`label`: the keys that do it here, as a person reads them."""
        super().__init__()
        self._label = label
        self._spans: list[tuple[int, int, Key]] = []

    def on_mount(self) -> None:
        """Follows what works on the screen."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Text:
        """The line, cut to nothing but whole keys."""
        keys = self._fitting(self._live(), self.size.width)
        text, self._spans = Text(no_wrap=True), []
        for key in keys:
            start = cell_len(text.plain)
            text.append(self._first(key), str(self.get_component_rich_style("bar--key")))
            text.append(f" {key.footer}", str(self.get_component_rich_style("bar--word")))
            self._spans.append((start, cell_len(text.plain), key))
            text.append(" " * _GAP)
        return text

    def _live(self) -> list[Key]:
        live = {active.binding.id for active in self.screen.active_bindings.values()}
        return [key for key in KEYS if key.footer and key.id in live]

    def _fitting(self, keys: Sequence[Key], width: int) -> list[Key]:
        """The keys in their order, those of every screen dropped first."""
        fitting = list(keys)
        droppable = [key for key in reversed(keys) if key.id not in _ALWAYS and key.scope in {"page", "move", "table"}]
        droppable += [key for key in reversed(keys) if key.id not in _ALWAYS and key not in droppable]
        while droppable and sum(self._width(key) for key in fitting) - _GAP > width:
            fitting.remove(droppable.pop(0))
        return fitting

    def _first(self, key: Key) -> str:
        return self._label(key).split(" ")[0]

    def _width(self, key: Key) -> int:
        return cell_len(f"{self._first(key)} {key.footer}") + _GAP

    async def on_click(self, event: events.Click) -> None:
        """Does what the key under the mouse does."""
        x = event.x - 1
        for start, end, key in self._spans:
            if start <= x < end:
                binding = next(
                    (active for active in self.screen.active_bindings.values() if active.binding.id == key.id), None
                )
                if binding is not None:
                    await self.app.run_action(key.action, binding.node)
                return
