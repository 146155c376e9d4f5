"""The chart of an explanation, and the signs on its page."""

from core.catalogue.metric_names import metric_words
from core.views.metric_detail import MetricDetail
from tui.widgets.line_chart import ChartData

SIGNS = (
    "  chart      ░ expected range of the day, ━ the days that are explained, │ onset, ▲ event",
    "  waterfall  █ total   ▒ worse   ░ better; each bar starts where the one above it ends",
)


def chart_of(detail: MetricDetail) -> ChartData:
    """The days around an explained window, with their expected range and the events nearest the onset first."""
    explanation = detail.explanation
    nearest = sorted(detail.events, key=lambda event: abs(event.window.first - explanation.onset.day))
    return ChartData(
        title=f"Daily {metric_words(explanation.metric)}",
        days=detail.days,
        values=detail.values,
        low=detail.low,
        high=detail.high,
        unit=explanation.unit,
        window=explanation.window,
        onset=explanation.onset.day,
        events=[(event.window.first, event.title) for event in nearest],
        is_worse=explanation.is_drop,
    )
