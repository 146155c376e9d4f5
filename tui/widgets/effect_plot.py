"""A metric by day against its counterfactual, with the onset of the finding and the first day of the action."""

from math import isfinite

from rich.text import Text
from textual.widget import Widget

from core.base.days import Day
from core.reports.number_format import condensed, day, figure, spark
from core.views.case_figures import CaseFigures

_LABEL = 8
"""Cells left of the plot for the values of its axis."""
_PLOT = 6
"""Lines from which on there is room for a plot."""
_SIGNS = "● actual   ─ without the action   ░ its 95 % interval   │ action   ▲ onset"


class EffectPlot(Widget):
    """A point for each day, the counterfactual as a line in its band; one line of bars where room is short."""

    DEFAULT_CSS = "EffectPlot { height: 2; padding: 0 1; }"

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._figures: CaseFigures | None = None

    def fill(self, figures: CaseFigures | None) -> None:
        """Shows other figures, or none."""
        self._figures = figures
        self.refresh()

    def render(self) -> Text:
        """As much as there is room for."""
        figures = self._figures
        if figures is None or not any(map(isfinite, figures.actual)):
            return Text("")
        lines = (
            _plot(figures, self.size.width, self.size.height)
            if self.size.height >= _PLOT
            else _line(figures, self.size.width)
        )
        return Text("\n", no_wrap=True, end="").join(Text(line[: self.size.width], no_wrap=True) for line in lines)


def _line(figures: CaseFigures, width: int) -> list[str]:
    ends = f" {day(figures.days.first)}-{day(figures.days.last)}"
    onset = "" if figures.onset is None else f"   ▲ onset {day(figures.onset)}"
    return [
        spark(condensed(figures.actual, max(width - len(ends), 8))) + ends,
        f"│ action from {day(figures.since)}{onset}",
    ]


def _plot(figures: CaseFigures, width: int, height: int) -> list[str]:
    """The newest days that fit, a column each; three lines below are for the axis."""
    columns = max(width - _LABEL - 1, 1)
    rows = height - 3
    lists = (figures.actual, figures.counterfactual, figures.low, figures.high)
    points = list(zip(*(values[-columns:] for values in lists), strict=True))
    first = figures.days.last - len(points) + 1
    finite = [value for point in points for value in point if isfinite(value)]
    floor, top = (min(finite), max(finite)) if finite else (0.0, 1.0)
    step = (top - floor) / (rows - 1) or 1.0
    lines = []
    for row in range(rows):
        level = rows - 1 - row
        label = {0: figure(top, figures.unit), rows - 1: figure(floor, figures.unit)}.get(row, "")
        cells = "".join(
            _cell(point, floor, step, level, first + index == figures.since) for index, point in enumerate(points)
        )
        lines.append(f"{label:>{_LABEL}} {cells}")
    marks = "".join(_mark(first + index, figures) for index in range(len(points)))
    start, end = day(first), day(figures.days.last)
    dates = start + " " * max(len(points) - len(start) - len(end), 1) + end
    lead = " " * (_LABEL + 1)
    return [*lines, lead + marks, lead + dates, lead + _SIGNS]


def _cell(point: tuple[float, ...], floor: float, step: float, level: int, is_first_day: bool) -> str:
    """What stands at one level of one day: the actual value before the counterfactual before its band."""
    levels = [round((value - floor) / step) if isfinite(value) else None for value in point]
    actual, counterfactual, low, high = levels
    if actual == level:
        return "●"
    if counterfactual == level:
        return "─"
    if low is not None and high is not None and low <= level <= high:
        return "░"
    return "│" if is_first_day else " "


def _mark(number: Day, figures: CaseFigures) -> str:
    return "▲" if number == figures.onset else "│" if number == figures.since else " "
