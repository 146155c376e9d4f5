"""The two lines above every screen: what is looked at, and the tabs."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from core.reports.escaping import for_terminal
from core.reports.text_width import cell_width, cut


@dataclass(frozen=True, slots=True)
class Tab:
    """One screen that a digit opens."""

    digit: str
    name: str
    title: str


class Header(Widget):
    """`whydrop  demo.db  gmv  9-15 Mar 2026      data to 15 Mar` over the tabs; a click on a tab opens it."""

    COMPONENT_CLASSES = {"header--dim", "header--current"}  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    Header {
        height: 2;
        & > .header--dim { color: $foreground-muted; }
        & > .header--current { color: $accent; text-style: bold; }
    }
    """
    subject: reactive[str] = reactive("")
    """What is looked at."""
    state: reactive[str] = reactive("")
    """How far the data reach, and whether they can be trusted."""
    busy: reactive[bool] = reactive(False)
    """Whether the core still works on an answer."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, workspace: str, tabs: tuple[Tab, ...], current: str) -> None:
        super().__init__()
        self._workspace, self._tabs, self._current = workspace, tabs, current

    def render(self) -> Text:
        """Both lines, cut to the width."""
        width = self.size.width
        left = for_terminal(f" whydrop  {self._workspace}   {self.subject}")
        state = for_terminal("reading ..." if self.busy else self.state)
        room = max(0, width - cell_len(state) - 4)
        if cell_width(left) > room:  # the file name says least
            left = for_terminal(f" whydrop  {self.subject}")
        left_text = cut(left, room)
        first = Text(left_text + " " * (room + 2 - cell_width(left_text)), no_wrap=True, end="")
        first.append(f" {state} ", str(self.get_component_rich_style("header--dim")))
        first.stylize("bold", 1, 8)
        second = Text(no_wrap=True, end="")
        for start, _, text, tab in self._spans():
            second.append(" " * (start - cell_len(second.plain)))
            current = tab.name == self._current
            second.append(text, str(self.get_component_rich_style("header--current")) if current else "")
        second.truncate(width)
        return Text("\n", no_wrap=True).join([first, second])

    def _spans(self) -> list[tuple[int, int, str, Tab]]:
        """First and last cell, text and tab of each; neighbours are closer where there is little room."""
        words = [(f"{tab.digit} {tab.title}", tab) for tab in self._tabs]
        spare = self.size.width - sum(cell_len(text) + 1 for text, _ in words) - 1
        if spare < 0:  # a digit is enough for those that are not open
            words = [(text if tab.name == self._current else tab.digit, tab) for text, tab in words]
            spare = self.size.width - sum(cell_len(text) + 1 for text, _ in words) - 3
        gap = max(0, min(2, spare // max(len(words), 1)))
        spans: list[tuple[int, int, str, Tab]] = []
        start = 0
        for text, tab in words:
            mark = f"[{text}]" if tab.name == self._current else text
            current = tab.name == self._current
            first = start + (bool(spans) if current else 1)
            spans.append((first, first + cell_len(mark), mark, tab))
            start = first + cell_len(mark) + gap
        return spans

    def on_click(self, event: events.Click) -> None:
        """Opens the tab under the mouse."""
        for start, end, _, tab in self._spans():
            if event.y == 1 and start <= event.x < end:
                self.post_message(self.Chosen(tab.name))
                return
