"""Writers of hand-off documents: HTML that needs nothing else, Markdown, JSON. Same documents, same bytes."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files

from core.base.days import iso
from core.base.errors import UsageError
from core.reports.escaping import for_markdown, for_terminal
from core.reports.hand_off import DailyChart, HandOff, ReportSection, ReportTable
from core.reports.number_format import day, short

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 720, 200, 60, 24


def to_html(documents: Sequence[HandOff]) -> str:
    """One page without scripts and without anything from elsewhere: it opens offline, prints, and follows light and dark."""
    body = "\n".join(line for document in documents for line in _html_document(document))
    title = _html(documents[0].title if len(documents) == 1 else f"{len(documents)} findings")
    digest = sha256(body.encode()).hexdigest()[:16]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_style()}</style></head><body>\n{body}\n"
        f"<footer>Made by whydrop. Content {digest}: the same input gives the same bytes.</footer></body></html>\n"
    )


def _style() -> str:
    return (files("core.reports") / "hand_off.css").read_text("utf-8")


def to_markdown(documents: Sequence[HandOff]) -> str:
    """The same as Markdown, its charts left out."""
    return "\n".join(line for document in documents for line in _markdown_document(document)).rstrip() + "\n"


def to_json(documents: Sequence[HandOff]) -> str:
    """The documents with the JSON that they rest on."""
    from msgspec import json

    plain = {"schema": "whydrop.report/1", "documents": [document.to_dict() for document in documents]}
    return json.format(json.encode(plain, enc_hook=lambda number: number.item()), indent=2).decode() + "\n"


WRITERS: Mapping[str, Callable[[Sequence[HandOff]], str]] = {".html": to_html, ".md": to_markdown, ".json": to_json}


def writer_for(suffix: str) -> Callable[[Sequence[HandOff]], str]:
    """The writer of files with this ending. Raises UsageError."""
    try:
        return WRITERS[suffix.lower()]
    except KeyError:
        raise UsageError(
            f"cannot write a report as {suffix or 'a file without ending'!r}. End its name with {', '.join(WRITERS)}."
        ) from None


def _html(text: str) -> str:
    return escape(for_terminal(text))


def _html_document(document: HandOff) -> Iterator[str]:
    yield f"<h1>{_html(document.title)}</h1>"
    yield from (f"<p>{_html(line)}</p>" for line in document.summary)
    for section in document.sections:
        yield f"<h2>{_html(section.title)}</h2>"
        if section.chart is not None:
            yield _svg(section.chart)
        if section.table is not None:
            yield _html_table(section.table)
        yield from (f"<p>{_html(line)}</p>" for line in section.lines)
        yield from (f"<pre>{escape(_code(text))}</pre>" for text in section.code)


def _code(text: str) -> str:
    return "\n".join(for_terminal(line) for line in text.split("\n"))


def _html_table(table: ReportTable) -> str:
    head = "".join(f"<th>{_html(title)}</th>" for title in table.titles)
    rows = "".join("<tr>" + "".join(f"<td>{_html(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f"<table><tr>{head}</tr>{rows}</table>"


def _svg(chart: DailyChart) -> str:
    """Values by day as a line, the expected band over the window, onset and events as marks."""
    finite = [value for value in chart.values if math.isfinite(value)]
    if not finite:
        return "<p>No values to draw.</p>"
    top = max(*finite, chart.high) if math.isfinite(chart.high) else max(finite)
    bottom = min(0.0, *finite)
    step = (_WIDTH - _LEFT) / max(len(chart.values) - 1, 1)

    def x(number: int) -> float:
        return round(_LEFT + (number - chart.days.first) * step, 1)

    def y(value: float) -> float:
        return round((_HEIGHT - _BOTTOM) * (1 - (value - bottom) / ((top - bottom) or 1.0)) + 4, 1)

    return "".join(
        (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{_html(chart.label)}" font-size="11">',
            *_band(chart, x, y),
            f'<polyline fill="none" stroke="var(--accent)" stroke-width="2" points="{_points(chart, x, y)}"/>',
            _onset(chart, x),
            *(
                f'<path d="M{x(at)} {_HEIGHT - _BOTTOM}l5 9h-10z" fill="var(--dim)"><title>{_html(title)}</title></path>'
                for at, title in chart.events
            ),
            f'<text x="0" y="14" fill="var(--dim)">{short(top)}</text>',
            f'<text x="0" y="{y(bottom)}" fill="var(--dim)">{short(bottom)}</text>',
            f'<text x="{_LEFT}" y="{_HEIGHT - 4}" fill="var(--dim)">{day(chart.days.first)}</text>',
            f'<text x="{_WIDTH}" y="{_HEIGHT - 4}" text-anchor="end" fill="var(--dim)">{iso(chart.days.last)}</text></svg>',
        )
    )


def _band(chart: DailyChart, x: Callable[[int], float], y: Callable[[float], float]) -> Iterator[str]:
    if not math.isfinite(chart.low) or not math.isfinite(chart.high):
        return
    left, right = x(chart.window.first), x(chart.window.last)
    high, low, middle = y(chart.high), y(chart.low), y(chart.expected)
    width, height = round(max(right - left, 3), 1), round(max(low - high, 1), 1)
    yield f'<rect x="{left}" y="{high}" width="{width}" height="{height}" fill="var(--band)"/>'
    yield f'<line x1="{left}" x2="{right}" y1="{middle}" y2="{middle}" stroke="var(--accent)" stroke-dasharray="5 3"/>'


def _onset(chart: DailyChart, x: Callable[[int], float]) -> str:
    if chart.onset not in chart.days:
        return ""
    at, end = x(chart.onset), _HEIGHT - _BOTTOM
    return f'<line x1="{at}" x2="{at}" y1="4" y2="{end}" stroke="var(--bad)" stroke-dasharray="3 3"/>'


def _points(chart: DailyChart, x: Callable[[int], float], y: Callable[[float], float]) -> str:
    return " ".join(
        f"{x(chart.days.first + number)},{y(value)}"
        for number, value in enumerate(chart.values)
        if math.isfinite(value)
    )


def _markdown_document(document: HandOff) -> Iterator[str]:
    yield from (f"# {_markdown(document.title)}", "")
    for line in document.summary:
        yield from (_markdown(line), "")
    for section in document.sections:
        if section.table is not None or section.lines or section.code:
            yield from _markdown_section(section)


def _markdown_section(section: ReportSection) -> Iterator[str]:
    yield from (f"## {_markdown(section.title)}", "")
    if section.table is not None:
        yield "| " + " | ".join(map(_markdown, section.table.titles)) + " |"
        yield "|" + " --- |" * len(section.table.titles)
        yield from ("| " + " | ".join(map(_markdown, row)) + " |" for row in section.table.rows)
        yield ""
    yield from (f"- {_markdown(line)}" for line in section.lines)
    if section.lines:
        yield ""
    for text in section.code:
        yield from (f"    {line}" for line in _code(text).split("\n"))
        yield ""


def _markdown(text: str) -> str:
    return for_markdown(for_terminal(text))
