"""A metric by day as an inline SVG: expected range, onset and events marked and named; colours are the page's."""

import math
from collections.abc import Iterator
from html import escape
from textwrap import wrap

from core.reports.escaping import for_terminal
from core.reports.number_format import day, figure
from core.reports.report import DailyChart
from core.reports.text_width import cell_width

_WIDTH, _HEIGHT = 760, 226
"""Of the chart without the lines that name events."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 22, 32
_MOST_TICKS = 8
_NAMED = 3
"""Events that are named below the chart: those nearest the onset."""
_SIGNS = "shaded: expected range · red: onset · ▲ event"
_INDENT = "\u2003"
"""Begins the further lines of a long title: a page keeps no plain blanks."""
_LETTERS, _LINE = 100, 15
"""Letters of a line below the chart, and its height: 100 of the widest common letters fit the width."""


class _Scale:
    """Where a day and a value are drawn."""

    def __init__(self, chart: DailyChart) -> None:
        finite = [value for value in (*chart.values, chart.low, chart.high, chart.expected) if math.isfinite(value)]
        low, high = min(finite), max(finite)
        room = (high - low) * 0.08 or abs(high) * 0.08 or 1.0
        self.low = 0.0 if 0 <= low < 0.5 * high else low - room
        self.high = min(high + room, 1.0) if chart.unit == "ratio" and high <= 1 else high + room
        self._first, self._days = chart.days.first, max(len(chart.days) - 1, 1)

    def x(self, number: int) -> float:
        share = (number - self._first) / self._days
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM), 1)


def daily_chart(chart: DailyChart) -> str:
    """The chart as one `<svg>`; a sentence where there is nothing to draw."""
    if not any(map(math.isfinite, chart.values)):
        return "<p>No values to draw.</p>"
    scale = _Scale(chart)
    label = escape(for_terminal(chart.label))
    names = _event_names(chart)
    return "".join(
        (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + _LINE * len(names)}" role="img" aria-label="{label}">',
            *_grid(chart, scale),
            *_window(chart, scale),
            *_lines(chart, scale),
            *_events(chart, scale),
            *(_text("event-name", _LEFT, _HEIGHT + _LINE * at + 8, line) for at, line in enumerate(names)),
            _text("name", _LEFT, 12, chart.label),
            f'<text x="{_WIDTH - _RIGHT}" y="12" text-anchor="end">{_SIGNS}</text>',
            "</svg>",
        )
    )


def _grid(chart: DailyChart, scale: _Scale) -> Iterator[str]:
    """Three values on the left, some days below."""
    for share in (0.0, 0.5, 1.0):
        value = scale.low + share * (scale.high - scale.low)
        at = scale.y(value)
        yield f'<path class="grid" d="M{_LEFT} {at}H{_WIDTH - _RIGHT}"/>'
        yield f'<text x="{_LEFT - 6}" y="{at + 4}" text-anchor="end">{figure(value, chart.unit)}</text>'
    step = max(7, math.ceil(len(chart.days) / _MOST_TICKS / 7) * 7)
    for number in range(chart.days.last, chart.days.first - 1, -step):
        anchor = "end" if number == chart.days.last else "middle"
        yield f'<text x="{scale.x(number)}" y="{_HEIGHT - _BOTTOM + 24}" text-anchor="{anchor}">{day(number)}</text>'


def _window(chart: DailyChart, scale: _Scale) -> Iterator[str]:
    """The expected range, and the expected value, over the days that are explained."""
    left, right = scale.x(max(chart.window.first, chart.days.first)), scale.x(chart.window.last)
    width = max(round(right - left, 1), 3)
    if math.isfinite(chart.low) and math.isfinite(chart.high):
        top, bottom = scale.y(chart.high), scale.y(chart.low)
        height = max(round(bottom - top, 1), 1)
        yield f'<rect class="range" x="{left}" y="{top}" width="{width}" height="{height}"><title>expected range</title></rect>'
    yield f'<path class="expected" d="M{left} {scale.y(chart.expected)}h{width}"><title>expected</title></path>'


def _lines(chart: DailyChart, scale: _Scale) -> Iterator[str]:
    """One line for each run of days with values; a day alone is a dot."""
    for run in _runs(chart):
        if len(run) == 1:
            number, value = run[0]
            yield f'<circle class="dot" cx="{scale.x(number)}" cy="{scale.y(value)}" r="2"/>'
        else:
            points = " ".join(f"{scale.x(number)},{scale.y(value)}" for number, value in run)
            yield f'<polyline class="line" points="{points}"/>'


def _runs(chart: DailyChart) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for number, value in zip(range(chart.days.first, chart.days.last + 1), chart.values, strict=False):
        if math.isfinite(value):
            run.append((number, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _events(chart: DailyChart, scale: _Scale) -> Iterator[str]:
    """The onset as a dashed line, events as marks on the axis."""
    bottom = _HEIGHT - _BOTTOM
    for at, title in chart.events:
        text = escape(for_terminal(title))
        yield f'<path class="event" d="M{scale.x(at)} {bottom + 1}l5 9h-10z"><title>{text}</title></path>'
    if chart.onset in chart.days:
        yield f'<path class="onset" d="M{scale.x(chart.onset)} {_TOP}V{bottom}"><title>onset {day(chart.onset)}</title></path>'


def _event_names(chart: DailyChart) -> list[str]:
    """Lines that name the events nearest the onset, each title whole."""
    nearest = sorted(chart.events, key=lambda event: (abs(event[0] - chart.onset), event))[:_NAMED]
    texts = (f"▲ {day(at)}  {for_terminal(title)}" for at, title in nearest)
    return [line for text in texts for line in wrap(text, _letters(text), subsequent_indent=_INDENT)]


def _letters(text: str) -> int:
    """How many letters of a text fill a line: half as many where some are wide, as Chinese ones are."""
    return _LETTERS if cell_width(text) <= len(text) else _LETTERS // 2


def _text(name: str, x: int, y: int, text: str) -> str:
    return f'<text class="{name}" x="{x}" y="{y}">{escape(for_terminal(text))}</text>'
