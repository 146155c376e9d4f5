"""A metric by day as an inline SVG: expected range, onset and events marked; colours are the page's.

What is read stands in the page around it, where it wraps: a drawing that is scaled to a phone has no room for sentences.
"""

import math
from collections.abc import Iterator
from html import escape

from core.base.date_text import day_month
from core.reports.escaping import for_terminal
from core.reports.figures.number_format import figure
from core.reports.report import DailyChart

_WIDTH, _HEIGHT = 760, 212
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 6, 34
_MOST_TICKS = 8
_NAMED = 3
"""Events that are named below the chart: those nearest the onset."""
_SIGNS = "shaded: expected range · red: onset · ▲ event"


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
    """Title and legend, the chart as one `<svg>`, and the names of events; a sentence where there is nothing to draw."""
    if not any(map(math.isfinite, chart.values)):
        return "<p>No values to draw.</p>"
    scale = _Scale(chart)
    label = escape(for_terminal(chart.label))
    return "".join(
        (
            f'<p class="chart-title"><b>{label}</b> <span>{_SIGNS}</span></p>',
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">',
            *_grid(chart, scale),
            *_window(chart, scale),
            *_lines(chart, scale),
            *_events(chart, scale),
            "</svg>",
            *(f'<p class="event-name">{escape(name)}</p>' for name in _event_names(chart)),
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
        yield f'<text x="{scale.x(number)}" y="{_HEIGHT - _BOTTOM + 27}" text-anchor="{anchor}">{day_month(number)}</text>'


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
        title = f"onset {day_month(chart.onset)}"
        yield f'<path class="onset" d="M{scale.x(chart.onset)} {_TOP}V{bottom}"><title>{title}</title></path>'


def _event_names(chart: DailyChart) -> list[str]:
    """The events nearest the onset, with their days."""
    nearest = sorted(chart.events, key=lambda event: (abs(event[0] - chart.onset), event))[:_NAMED]
    return [f"▲ {day_month(at)} {for_terminal(title)}" for at, title in nearest]
