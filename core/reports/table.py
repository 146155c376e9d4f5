"""The neutral table that every result becomes: what a screen shows, a command prints and a file holds."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any

from core.base.frozen import frozen
from core.reports.escaping import for_terminal
from core.reports.figures.table_values import plain_text
from core.reports.text_width import breakable_parts, cell_width, words

GAP = 2
"""Cells between two columns."""
WORD = 36
"""Cells of the longest word that is kept whole in a column that wraps: ids of 32 letters are."""
_FEWEST = 8
"""Cells that a column keeps at least: with fewer its texts say nothing."""
_ENDLESS = 10_000
"""A width in cells that no terminal has: no upper limit."""
_PICTURE = 60
"""Cells beyond which a bar or a chart tells nothing more."""


@frozen
class Column:
    """A column, and how it yields when there is little room."""

    key: str
    title: str
    meaning: str
    """Its definition, for the help."""
    right: bool = False
    priority: int = 0
    """The highest number goes first when the rows do not fit, and grows last; 0 stays."""
    least: int = 0
    """A column that may shrink to this many cells; 0: as wide as its longest cell."""
    most: int = _ENDLESS
    unit: str = ""
    """How its figures are written, as `number_format.plain_text` knows it."""
    is_essential: bool = False
    """Whether a printed table that has no room for it shows it below the row instead of leaving it out."""


@frozen
class Cell:
    """One figure or word: as a person reads it, and as a program does."""

    text: str = ""
    value: Any = None
    """What is sorted by and exported; None stands for the text."""
    style: str = ""
    """good | bad | dim | bold"""
    draw: Callable[[int], str] | None = None
    """Draws a picture of the width that the column has."""

    @property
    def plain(self) -> Any:
        """What a program reads."""
        return self.text if self.value is None else self.value


@frozen
class Row:
    """One line of a table."""

    key: str
    """Tells it from the others, so that the cursor finds it again."""
    cells: tuple[Cell, ...]
    """One for each column of the table."""
    item: Any = None
    """What it stands for; whoever opens the row gets it."""
    parent: str = ""
    """Key of the row that it is folded away under."""
    depth: int = 0
    """How far it is indented in a tree."""


@dataclass(frozen=True)
class Table:
    """Everything that one grid shows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    header: bool = True
    note: str = ""
    """A word at the right end of the title."""
    name: str = ""
    """Begins the name of an exported file."""
    empty: str = "nothing"
    """What is said when there are no rows."""

    @cached_property
    def branches(self) -> frozenset[str]:
        """Keys of the rows that others are folded away under."""
        return frozenset(row.parent for row in self.rows if row.parent)

    @property
    def has_rows(self) -> bool:
        """Whether there are rows that a filter may hide."""
        return bool(self.rows)

    def lead(self, row: Row, folded: Collection[str]) -> str:
        """What stands before the first cell of a row in a tree."""
        if not self.branches:
            return ""
        mark = " " if row.key not in self.branches else "▸" if row.key in folded else "▾"
        return f"{'  ' * row.depth}{mark} "

    def shown(self, words: str, folded: Collection[str], sort: str, descending: bool) -> Sequence[Row]:
        """The rows in the order and number that a reader asked for."""
        hidden: set[str] = set()
        rows = []
        for row in self.rows:
            if row.parent in folded or row.parent in hidden:
                hidden.add(row.key)
            else:
                rows.append(row)
        matches = self._with_parents(rows, words) if words.strip() else rows
        return self._ordered(matches, sort, descending) if sort else matches

    def _with_parents(self, rows: Sequence[Row], words: str) -> list[Row]:
        """The rows that hold all these words, each below the branches that lead to it."""
        needed: set[str] = set()
        visible = []
        for row in reversed(rows):  # a branch stands above its rows
            if row.key in needed or _matches(row, words):
                visible.append(row)
                needed |= {row.parent} - {""}
        return visible[::-1]

    def place(self, rows: Sequence[Row], key: str) -> int | None:
        """Where the row with this key is among the shown ones."""
        return next((index for index, row in enumerate(rows) if row.key == key), None)

    def _ordered(self, rows: list[Row], sort: str, descending: bool) -> list[Row]:
        column_index = [column.key for column in self.columns].index(sort)
        comparable = [row for row in rows if not _unknown(row.cells[column_index].plain)]
        comparable.sort(key=lambda row: _order(row.cells[column_index].plain), reverse=descending)
        return comparable + [row for row in rows if _unknown(row.cells[column_index].plain)]

    def layout(self, rows: Sequence[Row], width: int, longest: int = WORD) -> list[tuple[int, int]]:
        """(index of the column, cells that it gets) of the columns that fit into `width`.

        A column that may shrink keeps words of up to `longest` cells whole; only where nothing is left to drop are they cut.
        """
        widths = [self._natural(index, rows) for index in range(len(self.columns))]
        smallest = [self._whole_words(index, rows, natural, longest) for index, natural in enumerate(widths)]
        visible = list(range(len(self.columns)))
        while _sum(visible, smallest) > width and any(self.columns[index].priority for index in visible):
            visible.remove(max(visible, key=lambda index: self.columns[index].priority))
        if _sum(visible, smallest) > width:
            smallest = [column.least or natural for column, natural in zip(self.columns, widths, strict=True)]
            self._squeeze(smallest, visible, width)
        left = max(width - _sum(visible, smallest), 0)
        cells = {}
        for index in sorted(visible, key=lambda index: self.columns[index].priority):
            cells[index] = smallest[index] + min(left, max(widths[index] - smallest[index], 0))
            left -= cells[index] - smallest[index]
        return [(index, cells[index]) for index in visible]

    def _squeeze(self, smallest: list[int], visible: Sequence[int], width: int) -> None:
        """Takes what does not fit even so from the columns that may shrink, the widest first."""
        for index in sorted(visible, key=lambda index: -smallest[index]):
            if self.columns[index].least:
                excess = max(_sum(visible, smallest) - width, 0)
                smallest[index] = max(smallest[index] - excess, min(smallest[index], _FEWEST))

    def _whole_words(self, index: int, rows: Sequence[Row], natural: int, longest: int) -> int:
        """Cells that a column needs for its title and its longest word."""
        least = self.columns[index].least
        if not least or any(row.cells[index].draw for row in rows):
            return least or natural
        texts = (
            word
            for row in rows
            for text in words(for_terminal(row.cells[index].text))
            for word in breakable_parts(text)
        )
        leads = max((cell_width(self.lead(row, ())) for row in rows), default=0) if index == 0 else 0
        title = cell_width(self.columns[index].title) if self.header else 0
        return min(max(least, title, leads + min(max(map(cell_width, texts), default=0), longest)), natural)

    def _natural(self, index: int, rows: Sequence[Row]) -> int:
        """As wide as the longest cell; a picture as wide as its column lets it, but never endless as a pipe is."""
        column = self.columns[index]
        title = cell_width(column.title) if self.header else 0
        if any(row.cells[index].draw for row in rows):
            return max(min(column.most, _PICTURE), title)
        leads = [self.lead(row, ()) if index == 0 else "" for row in rows]
        texts = (lead + for_terminal(row.cells[index].text) for lead, row in zip(leads, rows, strict=True))
        longest = max(map(cell_width, texts), default=0)
        return max(title, min(longest, column.most), column.least)

    def values(self, rows: Sequence[Row]) -> tuple[list[str], Iterator[list[Any]]]:
        """Names and plain values of these rows, for programs."""
        return [column.key for column in self.columns], ([cell.plain for cell in row.cells] for row in rows)

    def records(self) -> list[dict[str, Any]]:
        """All rows as programs read them, by the keys of the columns; None where nothing is known."""
        keys = [column.key for column in self.columns]
        return [dict(zip(keys, map(_known, row.cells), strict=True)) for row in self.rows]

    def tsv(self, rows: Sequence[Row]) -> str:
        """The rows as a person reads them, for the clipboard."""
        lines = [[column.title for column in self.columns], *([cell.text for cell in row.cells] for row in rows)]
        return "\n".join("\t".join(for_terminal(cell) for cell in line) for line in lines)


def _sum(visible: Sequence[int], widths: Sequence[int]) -> int:
    """Cells of these columns and the gaps between them."""
    return sum(widths[index] for index in visible) + GAP * (len(visible) - 1)


def table_of(
    title: str, columns: Sequence[Column], records: Iterable[Mapping[str, Any]], empty: str = "nothing"
) -> Table:
    """A table of records: in each column the value of its key, written in the unit of the column."""
    rows = tuple(
        Row(str(number), tuple(_cell(column, record.get(column.key)) for column in columns))
        for number, record in enumerate(records)
    )
    return Table(title, tuple(columns), rows, empty=empty)


def _cell(column: Column, value: Any) -> Cell:
    return Cell(plain_text(value, column.unit), value)


def _known(cell: Cell) -> Any:
    value = cell.plain
    size = _width(value)
    return None if isinstance(size, float) and isnan(size) else value


def _matches(row: Row, words: str) -> bool:
    text = " ".join(cell.text for cell in row.cells).casefold()
    return all(word in text for word in words.casefold().split())


def _width(value: Any) -> Any:
    """What a value is sorted by: a range (low, high) by its width."""
    match value:
        case (int() | float() as low, int() | float() as high):
            return high - low
    return value


def _unknown(value: Any) -> bool:
    value = _width(value)
    return value is None or value == "" or (isinstance(value, float) and isnan(value))


def _order(value: Any) -> tuple[bool, Any]:
    value = _width(value)
    number = isinstance(value, int | float)
    return not number, value if number else str(value).casefold()
