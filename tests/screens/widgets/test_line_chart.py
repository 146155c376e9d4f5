"""The chart of days: what it marks and names."""

from core.base.days import Window, parse_day
from tui.widgets.line_chart import ChartData, _event_line

MARCH = Window(parse_day("2026-03-01"), parse_day("2026-03-28"))


def chart(*events: tuple[int, str]) -> ChartData:
    """28 days of ones, the last week judged, with events that begin so many days after the first day."""
    ones = [1.0] * len(MARCH)
    return ChartData(
        title="Daily GMV", days=MARCH, values=ones, low=ones, high=ones, unit="money", window=Window(MARCH.last - 6, MARCH.last),
        onset=None, events=[(MARCH.first + after, title) for after, title in events],
    )  # fmt: skip


def test_only_events_on_the_days_of_a_chart_are_marked_and_named() -> None:
    data = chart((-1, "the day before"), (0, "first day"), (27, "last day"), (28, "the day after"))
    assert [title for _, title in data.drawn_events] == ["first day", "last day"]
    assert _event_line(data, 80) == "▲ 1 Mar first day   ▲ 28 Mar last day"
    assert _event_line(data, 22) == "▲ 1 Mar first day", "the second one would be cut"
    assert _event_line(chart((-40, "long ago")), 80) == "no event on these days"
