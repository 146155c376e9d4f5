"""Days as people say them mean what the calendar says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.day_words import parse_days, parse_one_day
from core.base.days import Window, iso, parse_day
from core.base.errors import UsageError

SPAN = Window.parse("2026-01-05..2026-03-15")
MONDAY = parse_day("2026-03-16")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("2026-03-09", "2026-03-09..2026-03-09"),
        ("2026-03-09..2026-03-15", "2026-03-09..2026-03-15"),
        ("2026-03-14..", "2026-03-14..2026-03-15"),
        ("..2026-01-06", "2026-01-05..2026-01-06"),
        ("2026-02", "2026-02-01..2026-02-28"),
        ("yesterday", "2026-03-15..2026-03-15"),
        ("Today", "2026-03-16..2026-03-16"),
        ("7d", "2026-03-09..2026-03-15"),
        ("2w", "2026-03-02..2026-03-15"),
        ("tuesday", "2026-03-10..2026-03-10"),
        ("Mon", "2026-03-09..2026-03-09"),
        ("last-week", "2026-03-09..2026-03-15"),
        ("this-week", "2026-03-16..2026-03-16"),
        ("last-month", "2026-02-01..2026-02-28"),
        ("this-month", "2026-03-01..2026-03-16"),
        ("tuesday..", "2026-03-10..2026-03-15"),
        ("last-week..yesterday", "2026-03-09..2026-03-15"),
    ],
)
def test_words(text: str, window: str) -> None:
    assert str(parse_days(text, SPAN, MONDAY)) == window


@given(st.integers(0, 40_000), st.sampled_from(WEEKDAYS))
def test_a_weekday_is_the_newest_one_before_today(today: int, name: str) -> None:
    day = parse_one_day(name, today)
    assert 1 <= today - day <= 7
    assert date.fromisoformat(iso(day)).weekday() == WEEKDAYS.index(name)


@given(st.integers(0, 40_000))
def test_last_week_is_seven_days_from_monday(today: int) -> None:
    week = parse_days("last-week", SPAN, today)
    assert len(week) == 7
    assert date.fromisoformat(iso(week.first)).weekday() == 0
    assert 1 <= today - week.last <= 7


@pytest.mark.parametrize("text", ["", "soon", "0d", "t", "2026-13", "2026-02-30", "7", "d"])
def test_anything_else_is_an_error_that_says_what_can_be_written(text: str) -> None:
    with pytest.raises(UsageError, match=r"Write 2026-03-09, "):
        parse_days(text, SPAN, MONDAY)


def test_ends_in_order_and_one_day_where_one_is_asked() -> None:
    with pytest.raises(UsageError, match="ends before it starts"):
        parse_days("yesterday..2026-03-01", SPAN, MONDAY)
    with pytest.raises(UsageError, match="one is needed"):
        parse_one_day("7d", MONDAY)


@pytest.mark.parametrize("text", ["9999w", "0001-01-01..", "0001-01-01..9999-12-31"])
def test_a_window_of_more_than_ten_years_is_refused_where_the_data_have_less(text: str) -> None:
    with pytest.raises(UsageError, match="at most 3,660 can be asked about"):
        parse_days(text, SPAN, MONDAY)
    century = Window.parse("1926-01-01..2026-03-15")
    assert parse_days("..", century, MONDAY) == century
