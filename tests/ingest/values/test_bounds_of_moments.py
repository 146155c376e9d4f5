"""Days in words, their years, and the figures of a day at the limits of how they are written."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.base.days import parse_day
from core.base.errors import UsageError
from core.ingest.values import years_of_days
from core.ingest.values.date_order import DateHints, _order_by_file, is_ambiguous, order_of_dates, orders_seen
from core.ingest.values.date_words import OWN
from core.ingest.values.moment_text import DateReading, read_moment
from core.ingest.values.worded_days import bare_day, full_year, in_plain_signs, worded


@pytest.mark.parametrize(("text", "parts"), [
    ("28 May", (0, 5, 28)), ("May 28", (0, 5, 28)), ("May 2026", (2026, 5, 1)), ("2026 May 8", (2026, 5, 8)), ("May", (0, 5, 0)),
    ("8 May 26", (2026, 5, 8)), ("26 May 8", None), ("32 May", (2032, 5, 1)), ("31 May", (0, 5, 31)), ("May 89 1", None),
    ("1 May 89", (2089, 5, 1)), ("1 May 90", (1990, 5, 1)), ("1 2 May 26", None), ("1 May 026", None), ("2026", None),
    ("2026 7 1", None),
    ("20260 May", None), ("Sat 1 May 2026", (2026, 5, 1)), ("Zork 1 May", None), ("2026年5月1日", (2026, 5, 1)),
    ("5月1日", (0, 5, 1)),
    ("2026年5月", (2026, 5, 1)), ("1 tháng 5 2026", (2026, 5, 1)), ("ngày 1 tháng 5 năm 2026", (2026, 5, 1)),
    ("1 May 2026 г", (2026, 5, 1)),
    ("2026년 5월 1일", (2026, 5, 1)), ("May 1 2026 2025", None), ("8 May 2569", (2569, 5, 8)), ("1 2026 May", (2026, 5, 1)),
])  # fmt: skip
def test_days_in_words(text: str, parts: tuple[int, int, int] | None) -> None:
    if parts is None:
        with pytest.raises(ValueError, match=r"not a date|no month"):
            worded(text, OWN)
    else:
        assert worded(text, OWN) == parts


def test_years_of_few_digits() -> None:
    assert [full_year(digits) for digits in ("0", "89", "90", "99", "2026", "0001", "100")] == [
        2000,
        2089,
        1990,
        1999,
        2026,
        1,
        100,
    ]


@pytest.mark.parametrize(("cell", "plain"), [
    ("202607011011", "20260701T10:11:00"), ("20260701101", "20260701101"), ("20260701T101112Z", "20260701T10:11:12Z"),
    ("20260701101112345", "20260701T10:11:12"), ("20260701 1011", "20260701T10:11:00"), ("202607012411", "202607012411"),
    ("[01/Jul/2026:10:11:12 +0700]", "01-Jul-2026 10:11:12+0700"), ("01/Jul/2026:10:11:12", "01-Jul-2026 10:11:12"),
    ("01JUL2026:10:11:12.5", "01JUL2026 10:11:12"), ("01JUL2026 10:11:12", "01JUL2026 10:11:12"),
    ("令和元年7月1日", "2019年7月1日"),
    ("民國115年7月1日", "2026年7月1日"), ("平成30年", "2018年"), ("\u200e1/7/2026", "1/7/2026"),
    ("2026-07-01-10.11.12", "2026-07-01T10:11:12"),
])  # fmt: skip
def test_signs_of_logs_databases_and_emperors(cell: str, plain: str) -> None:
    assert in_plain_signs(cell) == plain


@pytest.mark.parametrize(("cell", "day"), [
    ("week of 6 July 2026", "6 July 2026"), ("w/c 6/7/2026", "6/7/2026"), ("week of July 6", "July 6"),
    ("week of it", "week of it"),
    ("1.6-7.6.2026", "1.6.2026"), ("1/6 - 7/6/2026", "1/6/2026"), ("28.12. - 3.1.2027", "28.12.2026"),
    ("28/12-3/1/2027", "28/12/2026"),
    ("12/28-1/3/2027", "12/28/2026"), ("2/1-1/3/2027", "2/1/2027"), ("1/6-7.6.2026", "1/6-7.6.2026"),
    ("1.6-7.6.26", "1.6-7.6.26"),
    ("Mon 29/06/2026", "29/06/2026"), ("Mon, 6", "6"), ("Mon 6", "Mon 6"), ("mar. 01/07/2026", "01/07/2026"),
    ("mar. 01-2026", "mar. 01-2026"),
    ("Zork 29/06/2026", "Zork 29/06/2026"), ("29 Jun - 5 Jul 2026", "29 Jun 2026"), ("29 Dec - 4 Jan 2027", "29 Dec 2026"),
    ("6 - 12 July 2026", "6 July 2026"),
    ("29 Dec 2026 - 4 Jan 2027", "29 Dec 2026"), ("Jul 6 to 12, 2026", "Jul 6 2026"), ("29 Jun - 5 Jul", "29 Jun - 5 Jul"),
    ("Jul 2026 - 2027", "Jul 2026 - 2027"),
    ("5 Jul - 5 Jul 2026", "5 Jul 2026"), ("1/7 - Jul 5 2026", "1/7 - Jul 5 2026"), ("2026-07-01", "2026-07-01"),
])  # fmt: skip
def test_the_day_that_a_cell_begins_with(cell: str, day: str) -> None:
    assert bare_day(cell) == day


def last(text: str) -> int:
    return parse_day(text)


@pytest.mark.parametrize(("days", "end", "years"), [
    ("7/1 7/2", "2026-07-02", "2026 2026"), ("7/1 7/2", "2026-07-01", "2025 2025"), ("7/2 7/1", "2026-07-02", "2026 2026"),
    ("12/31 1/1", "2026-01-01", "2025 2026"), ("1/1 12/31", "2026-01-01", "2026 2025"),
    ("1/1 3/1", "2026-07-01", "2026 2026"), ("12/31 1/1", "2025-12-31", "2024 2025"),
    ("12/31 1/1 12/30", "2026-07-01", "2024 2025 2025"), ("2/28 2/29", "2026-07-01", "2024 2024"), ("2/29", "2024-02-28", "2020"),
    ("3/1 3/2 6/1 6/2", "2026-07-01", "2026 2026 2026 2026"), ("6/1 3/1 6/2 3/2", "2026-06-02", "2026 2026 2026 2026"),
    ("6/1 3/1 6/2 3/2", "2026-03-02", "2025 2025 2025 2025"), ("11/1 2/1 11/2 2/2", "2026-02-02", "2025 2026 2025 2026"),
])  # fmt: skip
def test_the_years_of_days_that_have_none(days: str, end: str, years: str) -> None:
    """They rise or fall through one turn of the year at most, or leave out the longest part of it."""
    pairs = [(int(day.split("/")[0]), int(day.split("/")[1])) for day in days.split()]
    found = years_of_days.years_of_days(pairs, last(end))
    assert [found[pair] for pair in pairs] == [*map(int, years.split())]


def test_days_that_no_year_has() -> None:
    for days in ([(2, 30)], [(2, 29), (4, 31)], [(3, 1), (2, 30), (7, 1), (2, 1)]):
        with pytest.raises(UsageError, match="no year has all of them"):
            years_of_days.years_of_days(days, last("2026-07-01"))
    every = [(month, day) for month in range(1, 13) for day in range(1, 32)]
    real = [day for day in every if years_of_days.exists(2024, day)]
    assert (len(real), set(years_of_days.years_of_days(real, last("2026-12-31")).values())) == (366, {2024})
    with pytest.raises(UsageError, match="no year and repeat"):
        years_of_days.years_of_days(every, last("2026-12-31"))
    weeks = years_of_days.years_of_weeks
    assert weeks([51, 52, 1, 2], last("2026-01-08")) == {51: 2025, 52: 2025, 1: 2026, 2: 2026}
    assert weeks([2, 1, 52, 51], last("2026-01-08")) == {51: 2025, 52: 2025, 1: 2026, 2: 2026}
    assert weeks([27, 28], last("2026-07-05")) == {27: 2025, 28: 2025}, "it ends in week 27"
    assert weeks([26, 27], last("2026-07-05")) == {26: 2026, 27: 2026}
    assert weeks([9, 5, 7, 3, 8], last("2026-07-05")) == dict.fromkeys((3, 5, 7, 8, 9), 2026)


def test_months_with_years_of_two_digits() -> None:
    months = {"jan": 1, "feb": 2, "mar": 3, "dec": 12}

    def found(cells: str, end: str = "2026-07-01", *, is_called: bool = False) -> list[date]:
        return list(years_of_days.months_of_years(cells.split(), months, last(end), is_called=is_called).values())

    assert found("Jan-25 Feb-25 Mar-25") == [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)]
    assert found("Dec-24 Jan-25 Feb-25") == [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]
    assert (found("Jan-25 Feb-25"), found("Jan-25 Mar-25 Dec-24"), found("Jan-25 Feb-25 Zork-25")) == ([], [], [])
    assert found("Jan-25 x", is_called=True) == []
    assert found("Jan-25", is_called=True) == [date(2025, 1, 1)]
    for end, near in (("2025-01-01", True), ("2024-12-31", False), ("2054-12-31", True), ("2055-01-01", False)):
        assert bool(found("Jan-25", end, is_called=True)) == near, end


def test_dates_of_three_short_numbers() -> None:
    first = years_of_days.is_year_first
    end = last("2026-07-03")
    assert first(["26/07/01", "26/07/03"], end)
    assert not first(["26/07/01", "26/07/04"], end), "it is to come"
    assert not first(["26/07/01"], end)
    assert not first(["26/07/01", "26/07/01"], end), "neither changes more"
    assert not first(["26/07/01", "26/7/2026"], end)
    assert not first(["x", "y"], end)
    assert not first(["26/07/01", "26/13/03"], end)
    assert not first(["20/07/01", "20/07/26"], last("2026-07-20")), "with the year last it is nearer"
    reading = DateReading(order="dmy")
    ahead = years_of_days.years_ahead
    for cells, by in (
        ("01/06/69 02/06/69", 43), ("01/06/69 02/06/26", 0), ("01/06/2069", 0), ("01/06/71", 43), ("01/07/71", 0), ("x", 0),
        ("01/06/46", 0), ("01/07/46", 43),
    ):  # fmt: skip
        assert ahead(cells.split(), reading, end) == by, cells


@pytest.mark.parametrize(("text", "order", "moment"), [
    ("01/02/2026", "dmy", "2026-02-01"), ("01/02/2026", "mdy", "2026-01-02"), ("01/02/2026", None, None),
    ("02/02/2026", None, "2026-02-02"), ("26/07/01", "ymd", "2026-07-01"),
    ("2026-07-01 12:00 AM", None, "2026-07-01 00:00"), ("2026-07-01 12:30 pm", None, "2026-07-01 12:30"),
    ("2026-07-01 1:00 PM", None, "2026-07-01 13:00"), ("2026-07-01 13:00 PM", None, None),
    ("2026-07-01 0:30 AM", None, None), ("2026-07-01 24:00", None, None),
    ("2026-07-01 23:59:59", None, "2026-07-01 23:59:59"), ("2026-07-01T10:00Z", None, "2026-07-01 10:00 utc"),
    ("2026-07-01T10:00+07:00", None, "2026-07-01 03:00 utc"), ("2026-07-01T10:00-0330", None, "2026-07-01 13:30 utc"),
    ("2026-07-01T10:00+05", None, "2026-07-01 05:00 utc"),
    ("2026-07-01T10:00-07:00", None, "2026-07-01 17:00 utc"), ("2026-07-01 10:00:00-07:00", None, "2026-07-01 17:00 utc"),
    ("2026-07-01 03:00 -07:00", None, "2026-07-01 10:00 utc"), ("2026-07-01 10:00-07:00", None, "2026-07-01 17:00 utc"),
    ("2026-07-01 10:00-11:00", None, "2026-07-01 10:00"), ("2026-07-01 23:00-00:00", None, "2026-07-01 23:00"),
    ("1405-01-01", None, None), ("1448-01-14", None, None),
    ("2026-07-01 10:00:00 -07:00", None, "2026-07-01 17:00 utc"),
    ("2026-07-01 10:00 -12:00", None, "2026-07-01 22:00 utc"), ("2026-07-01 10:00 -13:00", None, "2026-07-01 10:00"),
    ("2026-07-01 10:00 +0530 IST", None, "2026-07-01 04:30 utc"), ("2026-07-01 10:00 IST", None, None),
    ("2026-07-01 10:00:00-11:00:00", None, "2026-07-01 10:00:00"), ("2026-07-01 10:00 - 11:00", None, "2026-07-01 10:00"),
    ("2026-07-01T10:00 - 2026-07-01T11:00", None, "2026-07-01 10:00"), ("2026-07-01 22:00~23:00", None, "2026-07-01 22:00"),
    ("2026-07-01T10:00+25:00", None, None), ("2026070110", None, "2026-07-01 10:00"), ("2569-07-01", None, "2026-07-01"),
    ("2026-07-01 - 2026-07-07", None, "2026-07-01"),
    ("2026-02-30", None, None), ("-", None, "none"), ("", None, "none"), ("x", None, None),
    ("2026-W27", None, "2026-06-29"), ("2026-07", None, "2026-07-01"),
    ("1 May 2026 10:00", None, "2026-05-01 10:00"), ("May 2026", None, "2026-05-01"), ("1 May", None, None),
    ("0001-01-01", None, "0001-01-01"), ("0000-01-01", None, None),
    ("0001-01-01T00:00+07:00", None, None), ("9999-12-31T23:00-07:00", None, None),
    ("1/7/2026 23:00 - 2/7/2026 00:00", "dmy", "2026-07-01 23:00"), ("1/7/2026 10:00-11:00", "dmy", "2026-07-01 10:00"),
    ("10:20 01/07/2026", "dmy", "2026-07-01 10:20"), ("2026. 7. 1.", None, "2026-07-01"),
    ("2026/07/01(水)", None, "2026-07-01"), ("2026/07/01(Zork)", None, None), ("'2026-07-01'", None, "2026-07-01"),
])  # fmt: skip
def test_cells_that_are_moments(text: str, order: Any, moment: str | None) -> None:
    reading = DateReading(order=order)
    if moment is None:
        with pytest.raises(ValueError):  # noqa: PT011 - of any reason
            read_moment(text, reading)
        return
    found = read_moment(text, reading)
    if moment == "none" or found is None:
        assert (found, moment) == (None, "none")
        return
    day, _, clock = moment.removesuffix(" utc").partition(" ")
    hours, minutes, seconds = (
        int(part) for part in (f"{clock}:0" if clock.count(":") == 1 else clock or "0:0:0").split(":")
    )
    assert found == (last(day) * 86_400 + 3600 * hours + 60 * minutes + seconds, moment.endswith("utc"), not clock)


@pytest.mark.parametrize(("text", "number", "seconds", "is_day"), [
    ("1782864000", "epoch", 1782864000, False), ("1782864000500", "epoch_ms", 1782864000, False),
    ("40000", "serial", 39_999 * 86_400 - 25_568 * 86_400, True),
    ("40000.5", "serial", 39_999 * 86_400 - 25_568 * 86_400 + 43_200, False), ("3", "nth", 86_400 * 10, True),
    ("202601", "week", 20_451 * 86_400, True), ("202607", "month", 20_635 * 86_400, True),
    ("202654", "week", None, True), ("202613", "month", None, True), ("9" * 20, "epoch", None, True),
])  # fmt: skip
def test_cells_that_are_numbers_of_moments(text: str, number: Any, seconds: int | None, is_day: bool) -> None:
    """Day 40,000 of a spreadsheet is 2009-07-06; week 1 of 2026 begins on 2025-12-29."""
    reading = DateReading(number=number, first=7)
    if seconds is None:
        with pytest.raises((ValueError, OverflowError)):
            read_moment(text, reading)
    else:
        found = read_moment(text, reading)
        assert found is not None
        assert (found.seconds, found.is_day, found.is_absolute) == (seconds, is_day, number.startswith("epoch"))


def test_the_order_of_day_and_month() -> None:
    hints = DateHints(last=last("2026-07-03"))
    for cells, order in (
        ("13/07/2026 01/07/2026", "dmy"), ("07/13/2026 07/01/2026", "mdy"), ("02/02/2026", None), ("2026-07-01", None),
        ("26/07/01 26/07/02", "ymd"),
        ("01/02/2026 02/02/2026 03/02/2026 04/02/2026", "dmy"),
    ):  # fmt: skip
        assert order_of_dates(cells.split(), hints) == order, cells
    assert order_of_dates(["01/02/2026"], replace(hints, order="mdy")) == "mdy"
    assert order_of_dates(["01/02/2026"], replace(hints, likely="mdy")) == "mdy"
    assert order_of_dates(["13/02/2026", "01/02/2026"], replace(hints, likely="mdy")) == "dmy"
    for text, says in (
        ("01/02/2026", "No date has a day over 12"),
        ("13/02/2026 02/13/2026", "Some dates have the day first"),
    ):
        with pytest.raises(UsageError, match=says):
            order_of_dates(text.split(), hints)
    assert orders_seen(["12/12/2026", "31/31/2026", "x"]) == {"dmy", "mdy"}
    assert orders_seen(["12/07/2026", "07/12/2026"]) == set()
    assert orders_seen(["01/07/2026 - 13/07/2026"]) == {"dmy"}
    assert [
        is_ambiguous(cell) for cell in ("01/02/2026", "02/02/2026", "13/02/2026", "x", "01/02/2026 - 03/02/2026")
    ] == [True, False, True, False, True]
    assert _order_by_file(["01/08/2026", "02/08/2026"], replace(hints, is_past=True)) == "mdy"
    near = replace(hints, is_past=True, is_named=True)
    assert _order_by_file(["01/07/2026", "02/07/2026"], near) == "dmy", "those of its name"
    assert _order_by_file(["01/07/2026", "02/07/2026"], replace(near, is_named=False)) is None
