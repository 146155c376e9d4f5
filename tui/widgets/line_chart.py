"""A metric by day: a curve with its expected range, the window, the onset and events marked below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from rich.text import Text
from textual.widget import Widget

from core.base.date_text import day_month
from core.base.days import Day, Window
from core.reports.escaping import for_terminal
from core.reports.figures.number_format import figure
from core.reports.text_width import cell_width, cut
from tui.widgets.braille import curve

_LABEL = 8
"""Cells left of the chart for the values of its axis."""
_FOOT = 3
"""Lines below the curve: marks, days, events."""
_LEAST = 3
"""Lines of a curve that can be read."""
_HALVED = 7
"""Lines of a curve from which on its middle has a label too; as that at the top, it is of the upper edge of its line."""
_FORTNIGHT = 14
"""Days from one date below the curve to the next, where there is room."""
_MOST = 3
"""Cells of a day: a curve that is stretched further looks calmer than it is."""
_NAMED_EVENTS, _BETWEEN = 3, "   "
"""Events that are named below the days, and what stands between two of them."""
_MARGIN = 0.06
"""Of the height, above and below the curve: its ends do not touch the frame."""
_BAND, _ONSET, _WINDOW, _EVENT = "░", "│", "━", "▲"


@dataclass(frozen=True, kw_only=True)
class ChartData:
    """What a chart shows; sequences have one value for each of `days`, nan where there is none."""

    title: str
    days: Window
    values: Sequence[float]
    low: Sequence[float]
    """The expected range of a day, with `high`."""
    high: Sequence[float]
    unit: str
    window: Window
    """The days that are judged."""
    onset: Day | None
    events: Sequence[tuple[Day, str]]
    """(day, title), the nearest first."""
    legend: str = "░ expected range"
    is_worse: bool = True
    """Whether the window got worse: then its curve has the colour of an alarm."""

    @property
    def drawn_events(self) -> Sequence[tuple[Day, str]]:
        """Those on the days of the chart: only they have a mark."""
        return [event for event in self.events if event[0] in self.days]


class LineChart(Widget):
    """Braille dots for the days, shaded cells for the expected range."""

    COMPONENT_CLASSES = {"chart--dim", "chart--bad", "chart--title", "chart--mark"}  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    LineChart {
        height: 8;
        & > .chart--dim { color: $foreground-muted; }
        & > .chart--bad { color: $error; text-style: bold; }
        & > .chart--title { color: $foreground-muted; }
        & > .chart--mark { color: $accent; }
    }
    """

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._data: ChartData | None = None

    def fill(self, data: ChartData | None) -> None:
        """Shows other figures, or none."""
        self._data = data
        self.refresh()

    def render(self) -> Text:
        """As many lines as there is room for."""
        data = self._data
        height = self.size.height - 1 - _FOOT
        if data is None or not any(map(isfinite, data.values)) or height < _LEAST:
            return Text("")
        lines = [self._title(data), *self._curve(data, height), *self._foot(data)]
        return Text("\n", no_wrap=True, end="").join(lines)

    def _style(self, name: str) -> str:
        return str(self.get_component_rich_style(f"chart--{name}")) if name else ""

    def _columns(self, data: ChartData) -> int:
        """Cells of the curve."""
        return max(min(self.size.width - _LABEL - 2, len(data.days) * _MOST), 8)

    def _title(self, data: ChartData) -> Text:
        left, right = f"─ {for_terminal(data.title)} ", f" {data.legend} ─"
        room = self.size.width - cell_width(left) - cell_width(right)
        text = left + "─" * room + right if room > 0 else cut(left, self.size.width)
        return Text(text, self._style("title"), no_wrap=True)

    def _curve(self, data: ChartData, height: int) -> list[Text]:
        columns = self._columns(data)
        low, high = _ends(data)
        dots = curve(data.values, low, high, width=columns, height=height)
        band = [_band_rows(data, column, columns, low, high, height) for column in range(columns)]
        onset = None if data.onset is None or data.onset not in data.days else _column(data, data.onset, columns)
        inside = range(_column(data, data.window.first, columns), _column(data, data.window.last, columns) + 1)
        middle = (high + low) / 2
        labels = {0: high, height - 1: low} | ({height // 2: middle} if height >= _HALVED else {})
        lines = []
        for row in range(height):
            label = figure(labels[row], data.unit) if row in labels else ""
            line = Text(f"{label:>{_LABEL}} ", self._style("dim"), no_wrap=True)
            for column in range(columns):
                dot = dots.cell(column, row)
                if dot != " ":
                    line.append(dot, self._style("bad" if data.is_worse and column in inside else ""))
                elif column == onset:
                    line.append(_ONSET, self._style("mark"))
                else:
                    line.append(_BAND if row in band[column] else " ", self._style("dim"))
            lines.append(line)
        return lines

    def _foot(self, data: ChartData) -> list[Text]:
        """The marks of window and events, the days, and the events in words."""
        columns = self._columns(data)
        marks = [" "] * columns
        first, last = (_column(data, end, columns) for end in (data.window.first, data.window.last))
        marks[first : last + 1] = _WINDOW * (last + 1 - first)
        for number, _ in data.drawn_events:
            marks[_column(data, number, columns)] = _EVENT
        lead = " " * (_LABEL + 1)
        return [
            Text(lead + "".join(marks), self._style("mark"), no_wrap=True),
            Text(lead + _dates(data, columns), self._style("dim"), no_wrap=True),
            Text(
                cut(lead + _event_line(data, self.size.width - len(lead)), self.size.width),
                self._style("dim"),
                no_wrap=True,
            ),
        ]


def _ends(data: ChartData) -> tuple[float, float]:
    """The values at the foot and the top: all that is drawn fits, and 0 is the foot where that costs little."""
    finite = [value for values in (data.values, data.low, data.high) for value in values if isfinite(value)]
    low, high = min(finite), max(finite)
    margin = _MARGIN * ((high - low) or abs(high) or 1.0)
    foot = 0.0 if 0 <= low < (high - low) / 2 else low - margin
    top = min(high + margin, 1.0) if data.unit == "ratio" and high <= 1 else high + margin
    return foot, top


def _column(data: ChartData, number: Day, columns: int) -> int:
    """The cell of a day's middle."""
    index = max(0, min(number - data.days.first, len(data.days) - 1))
    return round(index * (columns - 1) / max(len(data.days) - 1, 1))


def _band_rows(data: ChartData, column: int, columns: int, low: float, high: float, height: int) -> range:
    """The lines of one column that the expected range covers."""
    index = round(column * (len(data.days) - 1) / max(columns - 1, 1))
    bottom, top = data.low[index], data.high[index]
    if not (isfinite(bottom) and isfinite(top)):
        return range(0)
    rows = [round((1 - (value - low) / ((high - low) or 1.0)) * height - 0.5) for value in (top, bottom)]
    return range(max(rows[0], 0), min(rows[1], height - 1) + 1)


def _dates(data: ChartData, columns: int) -> str:
    """The first and last day at the edges, the onset between them and a date each fortnight, where they do not touch."""
    line = [" "] * columns
    between = range(data.days.first + _FORTNIGHT, data.days.last, _FORTNIGHT)
    for number in (data.days.first, data.days.last, data.onset, *between):
        if number is None or number not in data.days:
            continue
        text = day_month(number)
        start = max(min(_column(data, number, columns) - len(text) // 2, columns - len(text)), 0)
        if not "".join(line[max(start - 2, 0) : start + len(text) + 2]).strip():
            line[start : start + len(text)] = text
    return "".join(line)


def _event_line(data: ChartData, cells: int) -> str:
    """As many of the nearest events as fit whole; the first one in any case."""
    line = ""
    for number, title in data.drawn_events[:_NAMED_EVENTS]:
        text = f"{_EVENT} {day_month(number)} {for_terminal(title)}"
        if line and cell_width(line) + len(_BETWEEN) + cell_width(text) > cells:
            break
        line += f"{_BETWEEN if line else ''}{text}"
    return line or "no event on these days"
