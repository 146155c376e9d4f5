"""The two lines above every screen: what is looked at, and the tabs."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from core.reports.escaping import for_terminal


@dataclass(frozen=True, slots=True)
class Tab:
    """One screen that a digit opens."""

    digit: str
    name: str
    title: str


class Header(Widget):
    """`whydrop  demo.db  gmv  9-15 Mar 2026      data to 15 Mar` over the tabs; a click on a tab opens it."""

    DEFAULT_CSS = """
    Header { height: 2; }
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
        room = max(0, width - cell_len(state) - 2)
        first = Text(left, no_wrap=True, end="")
        first.truncate(room, overflow="ellipsis", pad=True)
        first.append(f" {state} ", "dim")
        second = Text(" ")
        for tab in self._tabs:
            mark = "[{}]" if tab.name == self._current else " {} "
            second.append(mark.format(f"{tab.digit} {tab.title}"), "bold" if tab.name == self._current else "")
            second.append(" ")
        second.truncate(width)
        return Text("\n", no_wrap=True).join([first, second])

    def on_click(self, event: events.Click) -> None:
        """Opens the tab under the mouse."""
        if event.y != 1:
            return
        right = 1
        for tab in self._tabs:
            right += cell_len(f"{tab.digit} {tab.title}") + 3
            if event.x < right:
                self.post_message(self.Chosen(tab.name))
                return
