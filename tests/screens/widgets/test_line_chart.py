"""The chart of days: what it marks and names."""

from collections.abc import Sequence
from dataclasses import replace
from math import nan

import pytest

from core.base.days import Window, parse_day
from tui.widgets.line_chart import ChartData, _band_rows, _column, _dates, _ends, _event_line

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


@pytest.mark.parametrize(
    ("values", "unit", "ends"),
    [
        ((10.0, 20.0), "count", (9.4, 20.6)),  # 6 % of the 10 between them above and below
        ((4.0, 20.0), "count", (0.0, 20.96)),  # 4 is less than half of 16: nought is the foot
        ((8.0, 24.0), "count", (7.04, 24.96)),  # 8 is half of 16, which is too far from nought
        ((0.5, 0.98), "ratio", (0.4712, 1.0)),  # no share of more than all
        ((7.0, 7.0), "count", (6.58, 7.42)),  # 6 % of 7 where all are equal
    ],
)
def test_the_curve_has_air_above_and_below_it(values: Sequence[float], unit: str, ends: tuple[float, float]) -> None:
    data = replace(chart(), values=(*values, nan), low=values, high=values, unit=unit)
    assert _ends(data) == pytest.approx(ends)


def test_days_are_dated_at_both_ends_and_each_fortnight() -> None:
    data = chart()
    assert _dates(data, 28) == "1 Mar      15 Mar     28 Mar"
    assert [_column(data, MARCH.first + after, 55) for after in (-3, 0, 1, 27, 40)] == [0, 0, 2, 54, 54]
    at_the_end = replace(data, onset=MARCH.first + 21)
    assert _dates(at_the_end, 28) == "1 Mar      15 Mar     28 Mar", "22 Mar would touch the last day"
    assert _dates(replace(data, onset=MARCH.first + 10), 28) == "1 Mar  11 Mar         28 Mar", (
        "the onset before a fortnight"
    )


def test_the_expected_range_covers_the_lines_between_its_ends() -> None:
    """Of ten lines for 0 to 10 the range 2 to 4 has the seventh to the ninth; unknown ends have none."""
    data = replace(chart(), low=[2.0] * 28, high=[4.0] * 27 + [nan])
    assert _band_rows(data, 0, 28, 0.0, 10.0, 10) == range(6, 9)
    assert _band_rows(data, 27, 28, 0.0, 10.0, 10) == range(0)
    assert _band_rows(replace(data, low=[-5.0] * 28, high=[50.0] * 28), 3, 28, 0.0, 10.0, 10) == range(10)
