"""Reports and tables as text for a terminal: they fit its width, columns drop by priority, words stay whole where they fit."""

from collections.abc import Iterator
from itertools import zip_longest

from core.base.date_text import date_range
from core.base.frozen import frozen
from core.reports.escaping import for_terminal
from core.reports.figures.number_format import figure
from core.reports.report import DailyChart, Report, Section
from core.reports.table import GAP, Cell, Column, Row, Table
from core.reports.tables.sparkline import condensed, sparkline
from core.reports.text_width import cell_width, chopped, cut, hanging, wrapped

_ENDLESS = 100_000
"""Cells: nothing is that wide."""
_CHART = 60
"""Cells of a chart in one line: two months of days, and it fits 80 columns next to its ends."""
_BETWEEN = " · "
"""Separates what stands below a row."""
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


@frozen(kw_only=True)
class TextStyle:
    """What a terminal can show."""

    width: int | None
    """Cells in a line; None: there is no end, as in a pipe."""
    tables_fit: bool = True
    """Whether columns that do not fit are dropped."""
    is_styled: bool = False
    """Whether bold and dim are understood."""

    def bold(self, text: str) -> str:
        """The text in bold where that can be shown."""
        return f"{_BOLD}{text}{_PLAIN}" if self.is_styled and text else text

    def dim(self, text: str) -> str:
        """The text in a weak colour where that can be shown."""
        return f"{_DIM}{text}{_PLAIN}" if self.is_styled and text.strip() else text


def report_lines(report: Report, style: TextStyle) -> Iterator[str]:
    """A report: the answer first, then each section under its title."""
    if report.title:
        for line in wrapped(for_terminal(report.title), style.width):
            yield style.bold(line)
    for sentence in report.summary:
        yield from wrapped(for_terminal(sentence), style.width)
    has_begun = bool(report.title or report.summary)
    for section in report.sections:
        if has_begun:
            yield ""
        has_begun = True
        yield from _section(section, style)


def _section(section: Section, style: TextStyle) -> Iterator[str]:
    if section.title:
        yield style.bold(for_terminal(section.title))
    if section.chart is not None:
        yield from _chart(section.chart)
    if section.table is not None:
        yield from table_lines(section.table, style)
    for line in section.lines:
        yield from wrapped(for_terminal(line), style.width)
    for item in section.items:
        first, *others = wrapped(for_terminal(item), None if style.width is None else style.width - 4)
        yield f"  - {first}"
        yield from (f"    {line}" for line in others)
    for text in section.code:
        yield from (f"  {for_terminal(line)}" for line in text.split("\n"))


def table_lines(table: Table, style: TextStyle) -> Iterator[str]:
    """A table without lines; its title is that of the section."""
    if not table.rows:
        yield for_terminal(table.empty)
        return
    layout = _layout(table, style)
    columns = [(table.columns[index], cells) for index, cells in layout]
    if table.header:
        titles = [_padded(column.title, column, cells) for column, cells in columns]
        yield style.dim(_joined(titles))
    for row in table.rows:
        lead = table.lead(row, ())
        parts = [_cell_lines(row.cells[index], cells, lead if index == 0 else "") for index, cells in layout]
        for texts in zip_longest(*parts, fillvalue=""):
            line = _joined([_padded(text, *column) for text, column in zip(texts, columns, strict=True)])
            yield style.bold(line) if row.cells[0].style == "bold" else line
        yield from _below(table, row, layout, style)


def hidden_columns(table: Table, style: TextStyle) -> int:
    """How many columns of a table are left out because they do not fit."""
    return len(_hidden(table, _layout(table, style), is_essential=False)) if table.rows else 0


def _hidden(table: Table, layout: list[tuple[int, int]], *, is_essential: bool) -> list[int]:
    """The indices of the columns that have no room, the essential ones or the others."""
    visible = {index for index, _ in layout}
    return [
        index
        for index, column in enumerate(table.columns)
        if index not in visible and column.is_essential == is_essential
    ]


def _below(table: Table, row: Row, layout: list[tuple[int, int]], style: TextStyle) -> Iterator[str]:
    """What a reader must not miss of the columns that have no room, in lines below the row."""
    hidden = _hidden(table, layout, is_essential=True)
    texts = [
        f"{table.columns[index].title}: {text}" for index in hidden if (text := for_terminal(row.cells[index].text))
    ]
    indent = " " * (layout[0][1] + GAP)
    for line in wrapped(indent + _BETWEEN.join(texts), style.width) if texts else ():
        yield style.dim(line)


def _layout(table: Table, style: TextStyle) -> list[tuple[int, int]]:
    """(index of the column, cells that it gets) of the columns that fit: one that shrinks keeps its words whole."""
    width = style.width if style.width is not None and style.tables_fit else _ENDLESS
    return table.layout(table.rows, width)


def _cell_lines(cell: Cell, cells: int, lead: str) -> list[str]:
    """A cell in as many lines as its words need."""
    if cell.draw is not None:
        return [cell.draw(cells)]
    text = for_terminal(cell.text)
    return [part for line in wrapped(lead + text, cells, hanging(text)) for part in chopped(line, cells)]


def _padded(text: str, column: Column, cells: int) -> str:
    text = cut(text, cells)
    blanks = " " * (cells - cell_width(text))
    return f"{blanks}{text}" if column.right else f"{text}{blanks}"


def _joined(texts: list[str]) -> str:
    return (" " * GAP).join(texts).rstrip()


def _chart(chart: DailyChart) -> Iterator[str]:
    """The days as one line of bars from the lowest to the highest value."""
    values = [value for value in chart.values if value == value]
    if values:
        low, high = figure(min(values), chart.unit), figure(max(values), chart.unit)
        yield f"{sparkline(condensed(chart.values, _CHART))}  {low} to {high}, {date_range(chart.days)}"
