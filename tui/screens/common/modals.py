"""What opens over a screen: something to read, something to choose, something to type."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from core.base.errors import WhydropError
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.reading import TitledText, sql_lines
from core.reports.writers.text_writer import TextStyle
from tui.keys import binding, bindings
from tui.list_navigation import ListNavigation
from tui.widgets.copy_message import Copied
from tui.widgets.data_grid import DataGrid
from tui.widgets.plain_text import PlainText
from tui.widgets.text_pane import TextPane

_READ_AT_MOST = 96
"""Cells of a line in the widest box."""
_BOX_SHARE, _WIDE_SCREEN = 0.9, 110
"""Part of a wide screen that a box takes, and from how many cells on; a narrower screen it takes whole."""
_FRAME = 6
"""Cells of a box that hold no text: border, padding, scrollbar and the blank before it."""
_CLOSE = Binding("escape", "close", "close")
_MOST_COPIED = 64 * 1024
"""Bytes that a terminal can be trusted to take for its clipboard."""


def reading_width(screen_width: int) -> int:
    """Cells of a line of text in a box over a screen of so many cells."""
    box = int(screen_width * _BOX_SHARE) if screen_width >= _WIDE_SCREEN else screen_width
    return min(_READ_AT_MOST, max(box - _FRAME, 1))


def reading_style(screen_width: int) -> TextStyle:
    """How a report is written to be read in such a box."""
    return TextStyle(width=reading_width(screen_width))


class Reader(ModalScreen[None]):
    """Text to read, search and copy; opened from a list, it goes on to the neighbours of what it shows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _CLOSE,
        Binding("q,enter,question_mark,v", "close", "close", show=False),
        binding("page.filter"),
        *bindings("detail"),
    ]

    def __init__(self, title: str, lines: Sequence[str], navigation: ListNavigation[TitledText] | None = None) -> None:
        super().__init__(classes="modal")
        self._title, self._lines, self._navigation = title, list(lines), navigation

    def compose(self) -> ComposeResult:
        with Vertical(classes="box large"):
            yield PlainText(self._title, classes="title")
            yield TextPane(*self._lines)
            yield Input(id="find", placeholder="words to search for", compact=True)
            neighbours = "   [ ] previous, next" if self._navigation else ""
            yield PlainText(f"esc close   j k scroll   / search   y copy{neighbours}", classes="hint")

    def on_mount(self) -> None:
        self.query_one(TextPane).focus()

    def add_sql(self, queries: Mapping[str, str]) -> None:
        """Queries to read, below the rest."""
        self._lines += sql_lines(queries)
        for prose in self.query(TextPane):
            prose.say(self._lines)

    def action_filter(self) -> None:
        """Opens the line to type into what is searched for."""
        bar = self.query_one("#find", Input)
        bar.value, bar.display = self.query_one(TextPane).words, True
        bar.focus()

    @on(Input.Changed, "#find")
    def search(self, event: Input.Changed) -> None:
        """Marks what is typed."""
        if event.input.display:
            self.query_one(TextPane).filtered(event.value)

    @on(Input.Submitted, "#find")
    def searched(self) -> None:
        """Back to the text, what was found marked."""
        self.query_one("#find").display = False
        self.query_one(TextPane).focus()

    def action_close(self) -> None:
        """Ends a search, or goes back to the screen."""
        prose = self.query_one(TextPane)
        if prose.words or self.query_one("#find").display:
            prose.filtered("")
            self.searched()
        else:
            self.dismiss()

    def action_sibling(self, by: int) -> None:
        """Reads the next item of the list."""
        sibling = self._navigation.step(by) if self._navigation else None
        if sibling:
            title, self._lines = sibling[0], list(sibling[1])
            self.query_one(".title", PlainText).say([title])
            self.query_one(TextPane).say(self._lines)

    @on(Copied)
    def copy(self, event: Copied) -> None:
        """Hands the text to the terminal's clipboard."""
        self.app.copy_to_clipboard(event.text[:_MOST_COPIED])
        self.notify("copied the text", markup=False)


class Picker(ModalScreen[str | None]):
    """One of several names: typing filters, enter takes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _CLOSE,
        Binding("down,ctrl+n", "move(1)", "down", show=False),
        Binding("up,ctrl+p", "move(-1)", "up", show=False),
        Binding("pagedown", "move(10)", "page down", show=False),
        Binding("pageup", "move(-10)", "page up", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(classes="modal")
        self._title = title
        columns = (Column("name", "", ""), Column("meaning", "", "", least=4))
        rows = tuple(Row(name, (Cell(name), Cell(words, style="dim"))) for name, words in choices)
        self._table = Table(title, columns, rows, header=False, empty="no such name")

    def compose(self) -> ComposeResult:
        with Vertical(classes="box large"):
            yield Input(placeholder="type to filter", compact=True)
            grid = DataGrid("choices")
            grid.can_focus = False
            yield grid
            yield PlainText("enter choose   ↑ ↓ move   esc close", classes="hint")

    def on_mount(self) -> None:
        self.query_one(DataGrid).fill(self._table)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Shows the names that match."""
        self.query_one(DataGrid).filtered(event.value)
        self.query_one(DataGrid).select(event.value)

    @on(Input.Submitted)
    def take(self) -> None:
        """Hands the name under the cursor back."""
        row = self.query_one(DataGrid).row
        if row:
            self.dismiss(row.key)

    @on(DataGrid.Opened)
    def take_clicked(self, event: DataGrid.Opened) -> None:
        """The same with the mouse."""
        self.dismiss(event.row.key)

    def action_move(self, by: int) -> None:
        """Moves the cursor while the keyboard types."""
        self.query_one(DataGrid).action_move(by)

    def action_close(self) -> None:
        """Back without a choice."""
        self.dismiss(None)


class Prompt(ModalScreen[str | None]):
    """A line to type; what cannot be used is said below it, and the line stays."""

    BINDINGS: ClassVar[list[BindingType]] = [_CLOSE]

    def __init__(self, title: str, text: str, hint: str, use: Callable[[str], None], verb: str = "use") -> None:
        """`verb`: what enter does with the line, in a word."""
        super().__init__(classes="modal")
        self._title, self._text, self._hint, self._use, self._verb = title, text, hint, use, verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield PlainText(self._title, classes="title")
            yield Input(self._text, compact=True)
            yield PlainText(self._hint, classes="hint")
            yield PlainText(f"enter {self._verb}   esc close", classes="hint")
            yield PlainText("", id="fault")

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """Uses the line, or says why not."""
        try:
            self._use(event.value)
        except WhydropError as error:
            self.query_one("#fault", PlainText).say([str(error)])
        else:
            self.dismiss(event.value)

    def action_close(self) -> None:
        """Back, nothing done."""
        self.dismiss(None)
