"""A metric over the days around a window: one line where room is short, a chart where there is some."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.widget import Widget

from core.base.days import Window
from core.reports.escaping import for_terminal
from core.reports.number_format import condensed, day, figure, spark

_BARS = " ▁▂▃▄▅▆▇█"
_LABEL = 8
"""Cells left of the chart for the values of its axis."""
_CHART = 6
"""Lines from which on there is room for a chart."""


@dataclass(frozen=True, kw_only=True)
class Days:
    """What a timeline shows."""

    days: Window
    values: Sequence[float]
    unit: str
    window: Window
    events: Sequence[tuple[int, str]]
    """(day, title) of what happened on these days."""


class Timeline(Widget):
    """Bars by day, the window marked below them, events as triangles."""

    DEFAULT_CSS = "Timeline { height: 2; padding: 0 1; }"

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._shown: Days | None = None

    def fill(self, days: Days) -> None:
        """Shows other days."""
        self._shown = days
        self.refresh()

    def render(self) -> Text:
        """As much as there is room for."""
        if self._shown is None or not any(map(isfinite, self._shown.values)):
            return Text("")
        lines = self._chart(self._shown) if self.size.height >= _CHART else self._lines(self._shown)
        return Text("\n", no_wrap=True, end="").join(
            Text(set_cell_size(for_terminal(line), self.size.width), no_wrap=True) for line in lines
        )

    def _lines(self, days: Days) -> list[str]:
        head = f"{len(days.values)} days "
        bars = spark(condensed(days.values, max(self.size.width - cell_len(head) - 16, 8)))
        return [f"{head}{bars} {day(days.days.first)}-{day(days.days.last)}", f"events  {_event_labels(days.events)}"]

    def _chart(self, days: Days) -> list[str]:
        height = self.size.height - 3
        room = self.size.width - _LABEL - 1
        day_width = max(1, min(3, room // len(days.values)))
        values = condensed(days.values, room // day_width)
        finite = [value for value in values if isfinite(value)]
        low, high = min(finite), max(finite)
        floor = 0.0 if 0 <= low < high / 2 else low - 0.1 * (high - low)
        lines = []
        for row in range(height):
            label = {0: figure(high, days.unit), height - 1: figure(floor, days.unit)}.get(row, "")
            cells = (_block((value - floor) / ((high - floor) or 1) * height - (height - 1 - row)) for value in values)
            lines.append(f"{label:>{_LABEL}} " + "".join(cell * day_width for cell in cells))
        return [*lines, *self._foot(days, len(values), day_width)]

    def _foot(self, days: Days, columns: int, day_width: int) -> list[str]:
        """The line that marks window and events, the dates, and the events in words."""
        per = len(days.days) / columns
        marks = [" "] * columns
        for number in range(max(days.window.first, days.days.first), min(days.window.last, days.days.last) + 1):
            marks[min(int((number - days.days.first) / per), columns - 1)] = "─"
        for number, _ in days.events:
            marks[min(int((number - days.days.first) / per), columns - 1)] = "▲"
        line = "".join(mark + (mark if mark == "─" else " ") * (day_width - 1) for mark in marks)
        first, last = day(days.days.first), day(days.days.last)
        dates = first + " " * max(columns * day_width - len(first) - len(last), 1) + last
        lead = " " * (_LABEL + 1)
        return [lead + line, lead + dates, f"{'events':>{_LABEL}} {_event_labels(days.events)}"]


def _block(level: float) -> str:
    """One cell of a column that reaches up to `level` cells from its foot."""
    return _BARS[round(max(0.0, min(1.0, level)) * 8)] if isfinite(level) else " "


def _event_labels(events: Sequence[tuple[int, str]]) -> str:
    return "   ".join(f"▲ {day(number)} {title}" for number, title in events) or "none on these days"
