"""Reports as one HTML page: no script, nothing from elsewhere, light and dark, printable. Same reports, same bytes."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files

from core.reports.escaping import for_terminal
from core.reports.report import Report, Section
from core.reports.table import Column, Row, Table
from core.reports.text_width import UNIT
from core.reports.writers.svg_chart import daily_chart

_MOST_CODE = 6_000
"""Letters of one SQL text on the page: the command next to it prints the whole."""
_WHOLE = re.compile(rf"\d{{4}}-\d\d-\d\d|[-+]?[\d.,-]*\d[kMBT]? {UNIT}")
"""What stays in one line: a day, a figure with its unit, currency or month."""
_WORD = 24
"""Letters of a word that is kept in one line of its cell, such as a day or an id."""
_ON_PAPER = 2
"""From this priority on a column is for larger screens and for paper."""
_INDENT = 1.5
"""Letters that a row of a tree is indented for each level."""
_MOST_SQL = 30_000
"""Letters of SQL of one report: the page stays below 150 kB a finding."""
_MOST_SQL_OF_PAGE = 350_000
"""Letters of SQL of all reports of a page: fifty findings stay below 1 MB."""


def to_html(reports: Sequence[Report]) -> str:
    """One page that opens offline, prints, and follows the reader's light or dark setting."""
    title = _html(reports[0].title if len(reports) == 1 else f"{len(reports)} reports")
    contents = _contents(reports) if len(reports) > 1 else ""
    room = min(_MOST_SQL, _MOST_SQL_OF_PAGE // max(len(reports), 1))
    body = contents + "\n".join(
        line for number, report in enumerate(reports, 1) for line in _report(number, report, room)
    )
    digest = sha256(body.encode()).hexdigest()[:16]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_style()}</style></head><body>\n{body}\n"
        f"<footer>Made by whydrop. Content {digest}: the same inputs give the same bytes.</footer></body></html>\n"
    )


def _style() -> str:
    return (files("core.reports.writers") / "page.css").read_text("utf-8")


def _contents(reports: Sequence[Report]) -> str:
    links = "".join(f'<li><a href="#r{at}">{_html(report.title)}</a></li>' for at, report in enumerate(reports, 1))
    return f"<nav><ol>{links}</ol></nav>\n"


def _html(text: str) -> str:
    return escape(for_terminal(text))


def _prose(text: str) -> str:
    """Text in which no line ends inside a date, or between a figure and its unit."""
    return _WHOLE.sub(r'<span class="w">\g<0></span>', _html(text))


def _report(number: int, report: Report, room: int) -> Iterator[str]:
    """One report; `room`: letters of SQL that it may hold."""
    yield f'<article id="r{number}"><h1>{_prose(report.title)}</h1>'
    yield from (f'<p class="answer">{_prose(line)}</p>' for line in report.summary)
    for section in report.sections:
        yield from _section(section, room)
    yield "</article>"


def _section(section: Section, room: int) -> Iterator[str]:
    yield f"<section><h2>{_html(section.title)}</h2>"
    if section.chart is not None:
        yield f'<div class="chart">{daily_chart(section.chart)}</div>'
    if section.table is not None:
        yield _table(section.table)
    yield from (f"<p>{_prose(line)}</p>" for line in section.lines if line.strip())
    if section.items:
        yield "<ul>" + "".join(f"<li>{_prose(item)}</li>" for item in section.items) + "</ul>"
    yield from _code(section.code, room)
    yield "</section>"


def _code(texts: Sequence[str], room: int) -> Iterator[str]:
    """The first text is open (a command), the others (SQL) are folded away, in so many letters of `room`."""
    for at, text in enumerate(texts):
        cut = text[: min(_MOST_CODE, room)]
        room -= len(cut)
        escaped = escape("\n".join(for_terminal(line) for line in cut.split("\n")))
        more = "\n… (the command above with --sql prints all of it)" if len(cut) < len(text) else ""
        if not at:
            yield f"<pre>{escaped}{more}</pre>"
        elif cut:
            name = _html(text.split("\n", 1)[0].removeprefix("-- "))
            yield f"<details><summary>SQL: {name}</summary><pre>{escaped}{more}</pre></details>"


def _table(table: Table) -> str:
    if not table.rows:
        return f"<p>{_html(table.empty)}</p>"
    columns = [
        (at, column) for at, column in enumerate(table.columns) if not any(row.cells[at].draw for row in table.rows)
    ]
    classes = {at: _column_class(column) for at, column in columns}
    head = "".join(
        f'<th{_attribute(classes[at])} title="{escape(column.meaning)}">{_html(column.title)}</th>'
        for at, column in columns
    )
    rows = "".join(_row(table, row, classes) for row in table.rows)
    titles = f"<thead><tr>{head}</tr></thead>" if table.header else ""
    return f'<div class="scroll"><table>{titles}<tbody>{rows}</tbody></table></div>'


def _row(table: Table, row: Row, classes: dict[int, str]) -> str:
    indent = f' style="padding-left:{_INDENT * row.depth:g}em"' if row.depth else ""
    if not table.header and not any(row.cells[at].text for at in classes if at):  # a sentence has the whole line
        return f'<tr><td colspan="{len(classes)}"{indent}>{_prose(row.cells[0].text)}</td></tr>'
    cells = (
        f"<td{_attribute(name, row.cells[at].text)}{indent if at == 0 else ''}>{_html(row.cells[at].text)}</td>"
        for at, name in classes.items()
    )
    return f"<tr>{''.join(cells)}</tr>"


def _column_class(column: Column) -> str:
    """`n`: numbers; `o`: left out on the narrow screen of a phone."""
    return "n" * column.right + " o" * (column.priority >= _ON_PAPER)


def _attribute(column_class: str, text: str = "") -> str:
    """The class of a cell: its column's, and `w` for a single word."""
    is_word = "n" not in column_class and text and len(text) <= _WORD and " " not in text
    names = f"{column_class}{' w' if is_word else ''}".strip()
    return f' class="{names}"' if names else ""
