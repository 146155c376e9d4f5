"""The one table widget: draws only the rows that are seen, so that any number of them costs the same."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.base.errors import UsageError
from core.reports.escaping import for_terminal
from core.reports.table import GAP, Row, Table
from tui.keys import bindings
from tui.widgets.copy_message import Copied

_GUTTER = 1
"""Cells left of the first column, for the cursor mark."""
_MOST_COPIED = 10_000
"""Rows; so many are too much for any clipboard anyway."""
_CURSOR = "▌"
_STYLES = ("good", "bad", "dim", "bold")


class DataGrid(ScrollView, can_focus=True):
    """A table with a cursor, its title in the first line. Keys and mouse move, fold, sort and open; the page does the rest."""

    BINDINGS = bindings("move", "table")
    COMPONENT_CLASSES = {"grid--title", "grid--header", "grid--cursor", *(f"grid--{name}" for name in _STYLES)}  # noqa: RUF012
    DEFAULT_CSS = """
    DataGrid {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > .grid--title { color: $foreground-muted; }
        &:focus > .grid--title { color: $accent; text-style: bold; }
        & > .grid--header { color: $foreground-muted; }
        & > .grid--cursor { text-style: bold; }
        &:focus > .grid--cursor { text-style: reverse; }
        & > .grid--good { color: $success; }
        & > .grid--bad { color: $error; }
        & > .grid--dim { color: $foreground-muted; }
        & > .grid--bold { text-style: bold; }
    }
    """

    class Opened(Message):
        """A row was opened."""

        def __init__(self, grid: "DataGrid", row: Row) -> None:
            super().__init__()
            self.grid, self.row = grid, row

        @property
        def control(self) -> "DataGrid":
            """The grid, for `@on(Grid.Opened, "#id")`."""
            return self.grid

    class CursorMoved(Message):
        """The cursor is on another row."""

        def __init__(self, grid: "DataGrid", row: Row) -> None:
            super().__init__()
            self.grid, self.row = grid, row

        @property
        def control(self) -> "DataGrid":
            """The grid, for `@on(Grid.Moved, "#id")`."""
            return self.grid

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.table = Table("", (), (), empty="")
        self.rows: Sequence[Row] = ()
        self._fault = ""
        """Why the filter cannot be used."""
        self.words = ""
        """What the rows are filtered by."""
        self.cursor = 0
        self._folded: set[str] = set()
        self._sort, self._descending = "", False
        self._column = 0
        self._layout: list[tuple[int, int]] = []

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    def fill(self, table: Table, folded: set[str] | None = None) -> None:
        """Shows another table; the cursor stays on the row with the same key, or at the top."""
        at_top = self.cursor == 0
        keys = {column.key for column in table.columns}
        self.table = table
        self._folded = self._folded if folded is None else folded
        self._sort = self._sort if self._sort in keys else ""
        self._column = min(self._column, max(len(keys) - 1, 0))
        self._arrange()
        if at_top:
            self.go(0)

    def filtered(self, words: str) -> None:
        """Shows only the rows that hold all these words."""
        self.words = words
        self._arrange()

    def select(self, key: str) -> None:
        """Puts the cursor on the row with this key, when it is shown."""
        index = self.table.place(self.rows, key)
        if index is not None:
            self.go(index)

    def _arrange(self) -> None:
        selected_key = self.row.key if self.row else ""
        try:
            self.rows, self._fault = self.table.shown(self.words, self._folded, self._sort, self._descending), ""
        except UsageError as error:
            self.rows, self._fault = (), str(error)
        self.cursor = self.table.place(self.rows, selected_key) or 0
        self._measure()
        self.go(self.cursor)
        if self.row:
            self.post_message(self.CursorMoved(self, self.row))

    def _measure(self) -> None:
        width = self.scrollable_content_region.width - _GUTTER
        self.virtual_size = Size(self.scrollable_content_region.width, self._top + max(len(self.rows), 1))
        self._layout = self.table.layout(self.rows, max(width, 1))
        self.refresh()

    @property
    def _top(self) -> int:
        """Lines of title and header, which do not scroll."""
        return 1 + self.table.header

    @property
    def _page(self) -> int:
        return max(self.scrollable_content_region.height - self._top, 1)

    def on_resize(self) -> None:
        """The columns share the new width."""
        self._measure()
        self.go(self.cursor)

    def go(self, index: int) -> None:
        """Puts the cursor on a row, the nearest one there is, and scrolls it into view."""
        before = self.row
        self.cursor = max(0, min(index, len(self.rows) - 1))
        first = round(self.scroll_offset.y)
        top = max(self.cursor - self._page + 1, min(first, self.cursor))
        if top != first:
            self.scroll_to(y=top, animate=False)
        self.refresh()
        if self.row and self.row is not before:
            self.post_message(self.CursorMoved(self, self.row))

    def action_move(self, by: int) -> None:
        """Moves the cursor."""
        self.go(self.cursor + by)

    def action_leaf(self, by: int) -> None:
        """Moves the cursor by pages."""
        self.go(self.cursor + by * self._page)

    def action_first(self) -> None:
        """To the first row."""
        self.go(0)

    def action_last(self) -> None:
        """To the last row."""
        self.go(len(self.rows) - 1)

    def action_side(self, by: int) -> None:
        """Folds or unfolds a branch; in a table without branches, chooses a column."""
        row = self.row
        if row and self.table.branches:
            branch = row.key if row.key in self.table.branches else ""
            if by < 0 and (not branch or branch in self._folded):
                self.select(row.parent)
            elif branch:
                (self._folded.discard if by > 0 else self._folded.add)(branch)
                self._arrange()
        elif self._layout and self.table.header:
            columns = [index for index, _ in self._layout]
            at = columns.index(self._column) if self._column in columns else 0
            self._column = columns[max(0, min(at + by, len(columns) - 1))]
            self.refresh()

    def action_sort(self) -> None:
        """Sorts by the chosen column; once more: the order that the table came in."""
        if self.table.header and self.table.columns:
            key = self.table.columns[self._column].key
            self._sort, self._descending = ("" if self._sort == key else key), False
            self._arrange()

    def action_reverse(self) -> None:
        """The other way round."""
        if self.table.header and self.table.columns:
            self._sort = self._sort or self.table.columns[self._column].key
            self._descending = not self._descending
            self._arrange()

    def action_open(self) -> None:
        """Opens the row under the cursor."""
        if self.row:
            self.post_message(self.Opened(self, self.row))

    def action_copy(self) -> None:
        """Copies the row under the cursor as a person reads it."""
        if self.row:
            self.post_message(Copied(self.table.tsv([self.row]).partition("\n")[2], "the row"))

    def action_copy_all(self) -> None:
        """Copies all shown rows with the header."""
        self.post_message(Copied(self.table.tsv(self.rows[:_MOST_COPIED]), f"{len(self.rows)} rows"))

    def on_click(self, event: events.Click) -> None:
        """A row takes the cursor, and opens when it had it; a column's title sorts."""
        line = event.y
        if line == self._top - 1 and self.table.header:
            self._column = self._at(event.x)
            self.action_sort()
        elif self._top <= line < self._top + len(self.rows):
            index = line - self._top + round(self.scroll_offset.y)
            if index < len(self.rows):
                again = index == self.cursor and event.chain > 1
                self.go(index)
                if again:
                    self.action_open()

    def _at(self, x: int) -> int:
        """The column under a cell of the screen."""
        right = _GUTTER
        for index, width in self._layout:
            right += width + GAP
            if x < right:
                return index
        return self._layout[-1][0]

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the title, the header, or a row."""
        width = self.scrollable_content_region.width
        if y == 0:
            line = self._title(width)
        elif y < self._top:
            line = self._header()
        else:
            index = y - self._top + round(self.scroll_offset.y)
            line = self._row(index) if index < len(self.rows) else self._nothing(index)
        return Strip(line).adjust_cell_length(width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"grid--{name}") if name else self.rich_style

    def _title(self, width: int) -> list[Segment]:
        if not self.table.title:
            return []
        filtered = f" /{self.words}" if self.words else ""
        sorted_by = f" sorted by {self._sort} {'↓' if self._descending else '↑'}" if self._sort else ""
        left = f"─ {self.table.title}{filtered}{sorted_by} "
        right = next((count for count in self._counts() if cell_len(left + count) <= width), "")
        rule = "─" * max(0, width - cell_len(left) - cell_len(right))
        return [Segment(_fitted(left + rule + right, width, right=False), self._style("title"))]

    def _counts(self) -> Iterator[str]:
        """What the table says of itself, and where the cursor is when not all rows are seen; the longest first."""
        hidden = len(self.rows) > self._page or bool(self.words)
        position = f"{self.cursor + 1 if self.rows else 0:,} of {len(self.rows):,}" if hidden else ""
        for parts in ((self.table.note, position), (position,)):
            text = "  ".join(part for part in parts if part)
            if text:
                yield f" {text} ─"

    def _header(self) -> list[Segment]:
        line = [Segment(" ", self.rich_style)]
        for index, width in self._layout:
            column = self.table.columns[index]
            arrow = ("↓" if self._descending else "↑") if column.key == self._sort else ""
            style = self._style("header")
            if index == self._column and self.has_focus:
                style += Style(underline=True)
            text = _fitted(column.title + arrow, width, column.right)
            line += [Segment(text, style), Segment(" " * GAP, self.rich_style)]
        return line

    def _nothing(self, index: int) -> list[Segment]:
        if index:
            return []
        return [Segment(f" {self._fault or self.table.empty}", self._style("bad" if self._fault else "dim"))]

    def _row(self, index: int) -> list[Segment]:
        row = self.rows[index]
        here = index == self.cursor
        base = self._style("cursor") if here else self.rich_style
        line = [Segment(_CURSOR if here else " ", base)]
        for column, width in self._layout:
            cell = row.cells[column]
            text = cell.draw(width) if cell.draw else cell.text
            if column == 0:
                text = self.table.lead(row, self._folded) + text
            style = base if here and self.has_focus else base + self._own(cell.style)
            line += [Segment(_fitted(text, width, self.table.columns[column].right), style), Segment(" " * GAP, base)]
        return line

    def _own(self, name: str) -> Style:
        return self.get_component_rich_style(f"grid--{name}") if name else Style.null()


def _fitted(text: str, width: int, right: bool) -> str:
    """The text in exactly so many cells, an ellipsis where it is cut."""
    clean = for_terminal(text)
    size = cell_len(clean)
    if size > width:
        return set_cell_size(clean, max(width - 1, 0)) + "…"[:width]
    return " " * (width - size) + clean if right else clean + " " * (width - size)
