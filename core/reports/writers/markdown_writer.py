"""Reports and tables as Markdown: text from data stays text."""

from collections.abc import Iterator, Sequence

from core.base.date_text import date_range
from core.reports.escaping import for_markdown, for_terminal
from core.reports.figures.number_format import span
from core.reports.figures.table_values import iso_text
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Table
from core.reports.tables.sparkline import condensed, sparkline

_CHART = 60
"""Bars of a chart: they stay in one line of a page."""


def to_markdown(reports: Sequence[Report]) -> str:
    """The reports one below the other."""
    return "\n".join(line for report in reports for line in _report(report)).rstrip() + "\n"


def _report(report: Report) -> Iterator[str]:
    if report.title:
        yield f"# {for_markdown(report.title)}"
        yield ""
    yield from _paragraphs(report.summary)
    for section in report.sections:
        yield from _section(section)


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if line.strip():
            yield for_markdown(line.strip())
            yield ""


def _section(section: Section) -> Iterator[str]:
    if section.title:
        yield f"## {for_markdown(section.title)}"
        yield ""
    chart = section.chart
    values = [value for value in chart.values if value == value] if chart is not None else []
    if chart is not None and values:
        ends = span(min(values), max(values), chart.unit)
        yield f"`{sparkline(condensed(chart.values, _CHART))}` {ends}, {date_range(chart.days)}"
        yield ""
    if section.table is not None:
        yield from markdown_table(section.table)
        yield ""
    yield from _paragraphs(section.lines)
    if section.items:
        yield from (f"- {for_markdown(item)}" for item in section.items)
        yield ""
    for text in section.code:
        fence = "`" * max(3, _longest_run(text) + 1)
        yield from (fence, *(for_terminal(line) for line in text.split("\n")), fence, "")


def _longest_run(text: str) -> int:
    """The most backquotes in a row: a fence must be longer."""
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest


def markdown_table(table: Table) -> Iterator[str]:
    """A table with all its columns; the columns of figures are right-aligned, those of days and moments are ISO."""
    if not table.rows:
        yield for_markdown(table.empty)
        return
    columns = [
        (at, column) for at, column in enumerate(table.columns) if not any(row.cells[at].draw for row in table.rows)
    ]
    yield _line([column.title for _, column in columns])
    yield "|" + "|".join(" ---: " if column.right else " --- " for _, column in columns) + "|"
    for row in table.rows:
        texts = [_text(column, row.cells[at]) for at, column in columns]
        yield _line(["  " * row.depth + text if at == 0 else text for at, text in enumerate(texts)])


def _text(column: Column, cell: Cell) -> str:
    is_time = column.unit in {"day", "moment"} and cell.text
    return iso_text(cell.plain, column.unit) if is_time else cell.text


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_indented, cells)) + " |"


def _indented(cell: str) -> str:
    """A cell that stays indented: readers of Markdown cut blanks off its ends, also wide ones, but no entities."""
    text = cell.lstrip(" ")
    return "&emsp;" * ((len(cell) - len(text)) // 2) + for_markdown(text)
