"""The one table widget: keys and mouse move, fold, sort, filter and open its rows."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from core.base.count_text import count
from core.base.errors import UsageError
from core.reports.table import GAP, Row, Table
from tui.keys import bindings
from tui.widgets.copy_message import Copied
from tui.widgets.rows_view import GUTTER, RowsView

_MOST_COPIED = 10_000
"""Rows; so many are too much for any clipboard anyway."""


class DataGrid(RowsView, can_focus=True):
    """A table with a cursor, its title in the first line; the page says what opening a row does."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("move", "table")

    class Opened(Message):
        """A row was opened."""

        def __init__(self, grid: "DataGrid", row: Row) -> None:
            super().__init__()
            self.grid, self.row = grid, row

        @property
        def control(self) -> "DataGrid":
            """The grid, for `@on(DataGrid.Opened, "#id")`."""
            return self.grid

    class CursorMoved(Message):
        """The cursor is on another row."""

        def __init__(self, grid: "DataGrid", row: Row) -> None:
            super().__init__()
            self.grid, self.row = grid, row

        @property
        def control(self) -> "DataGrid":
            """The grid, for `@on(DataGrid.CursorMoved, "#id")`."""
            return self.grid

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

    def on_resize(self) -> None:
        """The columns share the new width."""
        self._measure()
        self.go(self.cursor)

    def go(self, index: int) -> None:
        """Puts the cursor on a row, the nearest one there is, and scrolls it into view."""
        before = self.row
        self.cursor = max(0, min(index, len(self.rows) - 1))
        first = round(self.scroll_offset.y)
        start, end = self._line_of(self.cursor), self._line_of(min(self.cursor + 1, len(self.rows)))
        top = min(max(first, end - self._room), start)
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
        line = self._line_of(self.cursor) + by * self._room
        index = self._row_at(max(line, 0))[0]
        self.go(index if index != self.cursor else self.cursor + by)

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
        copied = self.rows[:_MOST_COPIED]
        total = f" of {len(self.rows):,}" if len(copied) < len(self.rows) else ""
        self.post_message(Copied(self.table.tsv(copied), f"{count(len(copied), 'row')}{total}"))

    def on_click(self, event: events.Click) -> None:
        """A row takes the cursor, and opens when it had it; a column's title sorts."""
        line = event.y
        if line == self._top - 1 and self.table.header:
            self._column = self._at(event.x)
            self.action_sort()
        elif line >= self._top:
            index, _ = self._row_at(line - self._top + round(self.scroll_offset.y))
            if index < len(self.rows):
                again = index == self.cursor and event.chain > 1
                self.go(index)
                if again:
                    self.action_open()

    def _at(self, x: int) -> int:
        """The column under a cell of the screen."""
        right = GUTTER
        for index, width in self._layout:
            right += width + GAP
            if x < right:
                return index
        return self._layout[-1][0]
