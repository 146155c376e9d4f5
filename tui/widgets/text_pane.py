"""A text to scroll, search and copy."""

import re
from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from core.reports.escaping import for_terminal
from core.reports.text_width import hanging, wrapped
from tui.keys import bindings
from tui.widgets.copy_message import Copied
from tui.widgets.plain_text import PlainText

_SECOND_COLUMN = re.compile(r"\s*\S+(?: \S+)*\s{2,}(?=\S)")
"""A word or some, and the blanks before the next column."""
_MATCH, _HERE = "underline", "reverse"


class TextPane(VerticalScroll, can_focus=True):
    """Lines of plain text; what is searched for is marked, and `n` and `N` go from one match to the next."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("move", "text")
    ALLOW_MAXIMIZE = True
    """As tables: what scrolls is not zoomed otherwise."""
    DEFAULT_CSS = """
    TextPane { scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    TextPane > #matches { dock: bottom; display: none; color: $accent; background: $background; }
    """

    def __init__(self, *lines: str, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.lines = list(map(for_terminal, lines))
        self.words = ""
        """What is searched for."""
        self._match = 0

    def compose(self) -> ComposeResult:
        yield Static(id="lines", markup=False)
        yield PlainText("", id="matches")

    def on_resize(self) -> None:
        """Lines break where they have to."""
        self._draw()

    def say(self, lines: Iterable[str]) -> None:
        """Shows another text."""
        self.lines = list(map(for_terminal, lines))
        self._match = 0
        if self.is_attached and self.query("#lines"):  # else it is composed of them
            self._draw()

    def filtered(self, words: str) -> None:
        """Marks the lines that hold these words, and goes to the first."""
        self.words, self._match = words, 0
        self._draw()
        self._show_match()

    @property
    def matches(self) -> list[int]:
        """Lines that hold what is searched for."""
        return [at for at, line in enumerate(self.lines) if self._find(line)] if self.words else []

    def _find(self, line: str) -> re.Match[str] | None:
        return re.search(re.escape(self.words), line, re.IGNORECASE)

    def _wrapped(self, line: str) -> list[str]:
        """The line in lines that fit; what stands in a second column goes on in it."""
        second = _SECOND_COLUMN.match(line)
        column = len(second[0]) - (len(line) - len(line.lstrip())) if second else 0
        width = max(self.scrollable_content_region.width, 1)
        return list(wrapped(line, width, column if 0 < column < width // 2 else hanging(line.lstrip())))

    def _draw(self) -> None:
        """The text, each match marked."""
        matches, text = self.matches, Text()
        for at, line in enumerate(self.lines):
            for part in self._wrapped(line):
                marked = Text(part + "\n")
                match = self._find(part) if matches else None
                if match:
                    marked.stylize(_HERE if at == matches[self._match] else _MATCH, *match.span())
                text.append_text(marked)
        self.query_one("#lines", Static).update(text)
        position = f"{self._match + 1} of {len(matches)}" if matches else "no match"
        position_line = self.query_one("#matches", PlainText)
        position_line.display = bool(self.words)
        position_line.say([f"/{self.words}  {position}"])

    def _show_match(self) -> None:
        """Scrolls to the match, a line above it when there is one; lines may be wrapped."""
        matches = self.matches
        if matches:
            above = sum(len(self._wrapped(line)) for line in self.lines[: matches[self._match]])
            self.scroll_to(y=max(above - 1, 0), animate=False)

    def action_match(self, by: int) -> None:
        """To the next match; after the last comes the first."""
        matches = self.matches
        if not self.words:
            self.notify("nothing is searched for yet: / asks for it", markup=False)
        elif matches:
            self._match = (self._match + by) % len(matches)
            self._draw()
            self._show_match()

    def action_move(self, by: int) -> None:
        """Scrolls by lines."""
        self.scroll_relative(y=by, animate=False)

    def action_leaf(self, by: int) -> None:
        """Scrolls by pages."""
        self.scroll_relative(y=by * max(self.scrollable_content_region.height - 1, 1), animate=False)

    def action_first(self) -> None:
        """To the top."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """To the end."""
        self.scroll_end(animate=False)

    def action_copy(self) -> None:
        """Copies all of the text."""
        self.post_message(Copied("\n".join(self.lines), "the text"))
