"""The one table widget's picture: draws only the lines that are seen, so that any number of rows costs the same."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.base.count_text import count
from core.reports.escaping import for_terminal
from core.reports.table import GAP, Row, Table
from core.reports.text_width import cell_width, cut, hanging, wrapped

GUTTER = 1
"""Cells left of the first column, for the cursor mark, and right of the last one: no text touches the scrollbar."""
_WORD = 25
"""Cells of the longest word that is kept whole: for the sake of a few long ids no column drops."""
_CURSOR = "▌"
_SPLIT = "│"
"""In a picture: what stands before it is the past, and calm."""
_CLASSES = ("title", "name", "header", "cursor", "mark", "good", "bad", "dim", "bold")


class RowsView(ScrollView):
    """The rows of a table below its title and header, with a cursor. `DataGrid` adds keys and mouse."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"grid--{name}" for name in _CLASSES}
    DEFAULT_CSS = """
    RowsView {
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

    def __init__(self, id: str, *, wraps: bool = False, most: int = 0) -> None:  # noqa: A002 - Textual's word
        """`wraps`: texts that do not fit go on in further lines of their row; else they end with an ellipsis.
        `most`: as high as its rows, up to so many lines; 0: as high as the page makes it."""
        super().__init__(id=id)
        self._wraps, self._most = wraps, most
        self.table = Table("", (), (), empty="")
        self.rows: Sequence[Row] = ()
        self.words = ""
        """What the rows are filtered by."""
        self.cursor = 0
        self._fault = ""
        """Why the filter cannot be used."""
        self._reasons: list[str] = []
        """Why there are no rows, in lines that fit."""
        self._folded: set[str] = set()
        self._sort, self._descending = "", False
        self._column = 0
        self._layout: list[tuple[int, int]] = []
        self._wrapped: list[list[list[Segment]]] = []
        """Where texts wrap: the lines of each row, without the mark of the cursor."""
        self._starts: list[int] = []
        """Where texts wrap: the first line of each row, and the number of all lines."""

    def _measure(self) -> None:
        """Shares the width among the columns, and counts the lines."""
        width = self.scrollable_content_region.width
        self._layout = self.table.layout(self.rows, max(width - 2 * GUTTER, 1), _WORD)
        self._wrapped, self._starts = [], []
        if self._wraps:
            self._wrapped = [self._cells(row, width - GUTTER) for row in self.rows]
            self._starts = [0, *accumulate(map(len, self._wrapped))]
        reason = "" if self.rows else for_terminal(self._fault or self._hidden() or self.table.empty)
        self._reasons = list(wrapped(reason, max(width - 2 * GUTTER, 1))) if reason else []
        lines = self._top + max(self._line_of(len(self.rows)), len(self._reasons), 1)
        self.virtual_size = Size(width, lines)
        if self._most:
            self.styles.height = min(lines, self._most)
        self.refresh()

    def _hidden(self) -> str:
        """What is said where the filter hides every row: the table itself says why it has none."""
        return f"no row has {self.words!r}; esc shows all" if self.words and self.table.has_rows else ""

    @property
    def left_out(self) -> frozenset[str]:
        """Keys of the columns that the width has no room for."""
        visible = {index for index, _ in self._layout}
        return frozenset(column.key for index, column in enumerate(self.table.columns) if index not in visible)

    def notify_style_update(self) -> None:
        """Another theme: what is kept is redrawn."""
        super().notify_style_update()
        if self._wraps and self.is_attached:
            self._measure()

    @property
    def _top(self) -> int:
        """Lines of title and header, which do not scroll."""
        return 1 + self.table.header

    @property
    def _room(self) -> int:
        """Lines for rows."""
        return max(self.scrollable_content_region.height - self._top, 1)

    def _line_of(self, index: int) -> int:
        """The first line of a row, counted from the first row."""
        return self._starts[index] if self._starts else index

    def _row_at(self, line: int) -> tuple[int, int]:
        """The row of a line, and which of its lines that is; a row beyond the last one where there is none."""
        if not self._starts:
            return line, 0
        index = bisect_right(self._starts, line) - 1
        return index, line - self._starts[index]

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the title, the header, or a row."""
        width = self.scrollable_content_region.width
        if y == 0:
            line = self._title(width)
        elif y < self._top:
            line = self._header()
        else:
            index, part = self._row_at(y - self._top + round(self.scroll_offset.y))
            line = self._row(index, part, width) if index < len(self.rows) else self._nothing(y - self._top)
        return Strip(line).adjust_cell_length(width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"grid--{name}") if name else self.rich_style

    def _title(self, width: int) -> list[Segment]:
        if not self.table.title:
            return []
        name = self.table.title + (f" /{self.words}" if self.words else "")
        name += f", by {self._sort_title()} {'↓' if self._descending else '↑'}" if self._sort else ""
        name = cut(for_terminal(name), max(width - 3, 0))
        right = next((text for text in self._counts() if cell_len(f"─ {name} {text}") < width), "")
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
        """What the table says of itself, how many columns have no room, and where the cursor is when not all rows are seen; the
        longest first."""
        hidden = self._line_of(len(self.rows)) > self._room or bool(self.words)
        position = f"{self.cursor + 1 if self.rows else 0:,} of {len(self.rows):,}" if hidden else ""
        columns = f"+{count(len(self.left_out), 'column')}" if self.left_out and self.table.header and self.rows else ""
        note = self.table.note
        for parts in ((note, columns, position), (note, position), (columns, position), (position,)):
            text = "  ".join(part for part in parts if part)
            if text:
                yield f" {text} ─"

    def _header(self) -> list[Segment]:
        line = [Segment(" " * GUTTER, self.rich_style)]
        for index, width in self._layout:
            column = self.table.columns[index]
            arrow = ("↓" if self._descending else "↑") if column.key == self._sort else ""
            style = self._style("header")
            if index == self._column and self.has_focus:
                style += Style(underline=True)
            arrow = arrow if cell_width(column.title + arrow) <= width else ""  # the title of the table says it as well
            text = _fitted(column.title + arrow, width, column.right)
            line += [Segment(text, style), Segment(" " * GAP, self.rich_style)]
        return line

    def _nothing(self, index: int) -> list[Segment]:
        """A line of what is said where there are no rows."""
        if index >= len(self._reasons):
            return []
        return [Segment(" " * GUTTER + self._reasons[index], self._style("bad" if self._fault else "dim"))]

    def _row(self, index: int, part: int, width: int) -> list[Segment]:
        """A line of a row up to the edge, so that the cursor is one bar."""
        is_selected = index == self.cursor
        base = self._style("cursor") if is_selected else self.rich_style
        mark = Segment(_CURSOR, self._style("mark")) if is_selected else Segment(" " * GUTTER, base)
        cells = self._wrapped[index][part] if self._wrapped else self._cells(self.rows[index], width - GUTTER)[0]
        used = GUTTER + sum(cell_len(segment.text) for segment in cells)
        styled = (Segment(segment.text, base + (segment.style or Style.null())) for segment in cells)
        return [mark, *styled, Segment(" " * max(width - used, 0), base)]

    def _cells(self, row: Row, width: int) -> list[list[Segment]]:
        """The lines of a row, one where texts are cut; styles are those of the cells alone."""
        lead = self.table.lead(row, self._folded)
        if not self.table.header and not any(cell.text or cell.draw for cell in row.cells[1:]):
            style = self._own(row.cells[0].style)  # a sentence has the whole line
            return [[Segment(text, style)] for text in self._texts(lead, row.cells[0].text, width - GUTTER)]
        columns = []
        for index, cells in self._layout:
            cell = row.cells[index]
            texts = [cell.draw(cells)] if cell.draw else self._texts(lead if index == 0 else "", cell.text, cells)
            columns.append([_fitted(text, cells, self.table.columns[index].right) for text in texts])
        lines = []
        for parts in zip_longest(*columns):
            line: list[Segment] = []
            for (index, cells), text in zip(self._layout, parts, strict=True):
                cell = row.cells[index]
                content = " " * cells if text is None else text
                line += self._picture(content, cell.style) if cell.draw else [Segment(content, self._own(cell.style))]
                line.append(Segment(" " * GAP))
            lines.append(line)
        return lines or [[]]

    def _texts(self, lead: str, text: str, cells: int) -> list[str]:
        """The text behind its lead, cut or wrapped."""
        clean = for_terminal(text)
        if not self._wraps:
            return [cut(lead + clean, cells)]
        room = max(cells - cell_width(lead), 1)
        first, *further = wrapped(clean, room, hanging(clean))
        blank = " " * cell_width(lead)
        return [cut(lead + first, cells), *(cut(blank + line, cells) for line in further)]

    def _picture(self, text: str, style: str) -> list[Segment]:
        """A picture whose past is dim."""
        past, split, now = text.partition(_SPLIT)
        if not split:
            return [Segment(text, self._own(style))]
        return [Segment(past + split, self._own("dim")), Segment(now, self._own(style))]

    def _own(self, name: str) -> Style:
        """Colour and weight of a cell; the background is the row's."""
        if not name:
            return Style.null()
        style = self.get_component_rich_style(f"grid--{name}")
        return Style(color=style.color, bold=style.bold)


def _fitted(text: str, width: int, right: bool) -> str:
    """The text in exactly so many cells."""
    clean = cut(for_terminal(text), width)
    blanks = " " * (width - cell_width(clean))
    return blanks + clean if right else clean + blanks
