"""The one table widget: draws only the rows that are seen, so that any number of them costs the same."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

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
from core.reports.text_width import cut
from tui.keys import bindings
from tui.widgets.copy_message import Copied

_GUTTER = 1
"""Cells left of the first column, for the cursor mark."""
_MOST_COPIED = 10_000
"""Rows; so many are too much for any clipboard anyway."""
_CURSOR = "▌"
_SPLIT = "│"
"""In a picture: what stands before it is the past, and calm."""
_CLASSES = ("title", "name", "header", "cursor", "mark", "good", "bad", "dim", "bold")


class DataGrid(ScrollView, can_focus=True):
    """A table with a cursor, its title in the first line. Keys and mouse move, fold, sort and open; the page does the rest."""

    BINDINGS = bindings("move", "table")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"grid--{name}" for name in _CLASSES}
    DEFAULT_CSS = """
    DataGrid {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > .grid--title { color: $foreground-muted; }
        & > .grid--name { text-style: bold; }
        &:focus > .grid--name { color: $accent; text-style: bold; }
        & > .grid--header { color: $foreground-muted; }
        &:focus > .grid--cursor { background: $panel; }
        & > .grid--mark { color: $foreground-muted; }
        &:focus > .grid--mark { color: $accent; background: $panel; }
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

    def __init__(self, id: str, *, details: bool = False, most: int = 0) -> None:  # noqa: A002 - Textual's word
        """`details`: columns that do not fit go to a second line of their row. `most`: as high as its rows, up to so many lines;
        0: as high as the page makes it."""
        super().__init__(id=id)
        self._details, self._most = details, most
        self._rest: list[int] = []
        """Columns of the second line."""
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
        self._layout = self.table.layout(self.rows, max(width, 1))
        visible = {index for index, _ in self._layout}
        self._rest = (
            [index for index in range(len(self.table.columns)) if index not in visible] if self._details else []
        )
        lines = self._top + max(len(self.rows) * self._lines, 1)
        self.virtual_size = Size(self.scrollable_content_region.width, lines)
        if self._most:
            self.styles.height = min(lines, self._most)
        self.refresh()

    @property
    def _lines(self) -> int:
        """Lines of a row."""
        return 2 if self._rest else 1

    @property
    def _top(self) -> int:
        """Lines of title and header, which do not scroll."""
        return 1 + self.table.header

    @property
    def _page(self) -> int:
        return max((self.scrollable_content_region.height - self._top) // self._lines, 1)

    def on_resize(self) -> None:
        """The columns share the new width."""
        self._measure()
        self.go(self.cursor)

    def go(self, index: int) -> None:
        """Puts the cursor on a row, the nearest one there is, and scrolls it into view."""
        before = self.row
        self.cursor = max(0, min(index, len(self.rows) - 1))
        first = round(self.scroll_offset.y) // self._lines
        top = max(self.cursor - self._page + 1, min(first, self.cursor))
        if top != first:
            self.scroll_to(y=top * self._lines, animate=False)
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
        elif line >= self._top:
            index = (line - self._top + round(self.scroll_offset.y)) // self._lines
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
            index, part = divmod(y - self._top + round(self.scroll_offset.y), self._lines)
            if index >= len(self.rows):
                line = self._nothing(index + part)
            else:
                line = self._second_line(index, width) if part else self._row(index, width)
        return Strip(line).adjust_cell_length(width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"grid--{name}") if name else self.rich_style

    def _title(self, width: int) -> list[Segment]:
        if not self.table.title:
            return []
        name = self.table.title + (f" /{self.words}" if self.words else "")
        name += f", by {self._sort_title()} {'↓' if self._descending else '↑'}" if self._sort else ""
        name = _fitted(name, min(cell_len(name), max(width - 3, 0)), right=False)
        right = next((count for count in self._counts() if cell_len(f"─ {name} {count}") < width), "")
        rule = "─" * max(0, width - cell_len(f"─ {name} {right}"))
        return [
            Segment("─ ", self._style("title")),
            Segment(name, self._style("name")),
            Segment(f" {rule}{right}", self._style("title")),
        ]

    def _sort_title(self) -> str:
        column = next(column for column in self.table.columns if column.key == self._sort)
        return column.title or column.key

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

    def _row(self, index: int, width: int) -> list[Segment]:
        row = self.rows[index]
        base, line = self._begin(index)
        if self._is_sentence(row):
            text = self.table.lead(row, self._folded) + row.cells[0].text
            line.append(Segment(cut(for_terminal(text), width - _GUTTER), base + self._own(row.cells[0].style)))
            return _filled(line, width, base)
        for column, cells in self._layout:
            cell = row.cells[column]
            text = cell.draw(cells) if cell.draw else cell.text
            if column == 0:
                text = self.table.lead(row, self._folded) + text
            fitted = _fitted(text, cells, self.table.columns[column].right)
            line += (
                self._picture(fitted, cell.style, base)
                if cell.draw
                else [Segment(fitted, base + self._own(cell.style))]
            )
            line.append(Segment(" " * GAP, base))
        return _filled(line, width, base)

    def _is_sentence(self, row: Row) -> bool:
        """Whether a row of a table without header has nothing but its first cell, which then has the whole line."""
        return not self.table.header and not any(cell.text or cell.draw for cell in row.cells[1:])

    def _picture(self, text: str, style: str, base: Style) -> list[Segment]:
        """A picture whose past is dim."""
        past, split, now = text.partition(_SPLIT)
        if not split:
            return [Segment(text, base + self._own(style))]
        return [Segment(past + split, base + self._own("dim")), Segment(now, base + self._own(style))]

    def _second_line(self, index: int, width: int) -> list[Segment]:
        """What has no column of its own here, below the second column."""
        row = self.rows[index]
        base, line = self._begin(index)
        indent = self._layout[0][1] + GAP if len(self._layout) > 1 else GAP
        texts = (row.cells[column].text for column in self._rest)
        text = " · ".join(for_terminal(text) for text in texts if text)
        room = max(width - indent - _GUTTER - 1, 0)
        line += [Segment(" " * indent, base), Segment(cut(text, room), base + self._own("dim"))]
        return _filled(line, width, base)

    def _begin(self, index: int) -> tuple[Style, list[Segment]]:
        """The style of a row, and the mark of the cursor."""
        if index != self.cursor:
            return self.rich_style, [Segment(" ", self.rich_style)]
        return self._style("cursor"), [Segment(_CURSOR, self._style("mark"))]

    def _own(self, name: str) -> Style:
        """Colour and weight of a cell; the background is the row's."""
        if not name:
            return Style.null()
        style = self.get_component_rich_style(f"grid--{name}")
        return Style(color=style.color, bold=style.bold)


def _filled(line: list[Segment], width: int, base: Style) -> list[Segment]:
    """The line up to the edge, so that the cursor is one bar."""
    used = sum(cell_len(segment.text) for segment in line)
    return [*line, Segment(" " * max(width - used, 0), base)]


def _fitted(text: str, width: int, right: bool) -> str:
    """The text in exactly so many cells, an ellipsis where it is cut."""
    clean = for_terminal(text)
    size = cell_len(clean)
    if size > width:
        return set_cell_size(clean, max(width - 1, 0)) + "…"[:width]
    return " " * (width - size) + clean if right else clean + " " * (width - size)
