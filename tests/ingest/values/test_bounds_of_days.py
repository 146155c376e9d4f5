"""Days, months and lengths of time at the limits of what cells, names of files and folders say."""

import re

import pyarrow as pa
import pytest

from core.base.errors import UsageError
from core.ingest.values import date_words, dates, years_of_days
from core.ingest.values.date_columns import _yearless, is_date
from core.ingest.values.date_order import DateHints, _order_by_file, _running_order
from core.ingest.values.date_words import month_of, weekdays_of
from core.ingest.values.moment_text import DateReading, day_or_none
from core.ingest.values.numbers import read_duration
from core.ingest.values.path_parts import day_in_path
from core.ingest.values.periods import days_without_year


@pytest.mark.parametrize(("cells", "order"), [
    (["01/02/2026", "02/02/2026", "03/02/2026", "04/02/2026", "05/02/2026"], "dmy"),
    (["02/01/2026", "02/02/2026", "02/03/2026", "02/04/2026", "02/05/2026"], "mdy"),
    (["01/01/2026", "02/01/2026", "03/01/2026", "04/01/2026", "05/01/2026"], None),  # or the first of each month
    (["01/02/2025", "02/02/2026", "03/02/2026", "04/02/2026", "05/02/2026"], None),
    (["01/02/2026", "02/02/2026"], None), (["soon"], None),
    ([f"0{day}/02/2026" for day in range(2, 6)], "dmy"), ([f"0{day}/02/2026" for day in range(2, 5)], None),
    (["02/02/2026", "03/02/2026", "04/02/2026", "06/02/2026"], None),
])  # fmt: skip
def test_days_of_one_month_in_a_run_show_their_order(cells: list[str], order: str | None) -> None:
    assert _running_order(cells) == order


def test_the_day_of_a_file_shows_an_order() -> None:
    day = dates.day_in_name("a_20260305.csv")
    assert day is not None
    past, named = (DateHints(last=day, is_past=True, is_named=is_named) for is_named in (False, True))
    assert _order_by_file(["03/04/2026", "03/05/2026"], past) == "mdy", "in the other order they are after the file"
    assert _order_by_file(["06/03/2026"], past) == "dmy", "a day ahead: time zones"
    assert _order_by_file(["02/03/2026", "03/02/2026"], past) is None
    assert _order_by_file(["03/04/2025", "03/05/2025"], named) is None
    assert _order_by_file(["02/03/2026", "02/03/2026"], DateHints(last=day)) is None
    assert _order_by_file(["soon"], past) is None


def test_days_in_names_and_folders_that_no_calendar_has_are_none() -> None:
    assert [dates.day_in_name(name) for name in ("a_20261332.csv", "20260701_20261332.csv")] == [
        None, dates.day_in_name("20260701.csv"),
    ]  # fmt: skip
    assert (day_in_path("2026-13-05/a.csv"), day_in_path("2026-11-05/2026-13-05/a.csv")) == (
        None, dates.day_in_name("20261105"),
    )  # fmt: skip
    assert not dates.are_iso(pa.array([], pa.string()))
    assert dates.are_iso(pa.array(["2026-07-01T10:00:00Z"]))
    assert not dates.are_iso(pa.array(["2026-07-01T10:00:00Z", "2026-07-01"])), "all have an offset or none"
    assert day_or_none("32/07/2026", DateReading(order="dmy")) is None
    hours = dates.times(pa.array([f"2026-07-01 {at:02}:00-{(at + 1) % 24:02}:00" for at in range(24)]))
    assert [second // 3600 % 24 for second in hours.seconds.to_pylist()] == [*range(24)], "no offsets"
    _, other = dates.days(pa.array(["1405-01-01", "1500-01-01"]))
    assert other is not None, "of another calendar"
    assert other.tolist() == [True, False]
    plain = dates.times(pa.array(["20260701101112"])).seconds.to_pylist()
    assert plain == dates.times(pa.array(["2026-07-01T10:11:12"])).seconds.to_pylist()
    whole_days, bad = dates.days(pa.array(["1969-12-31T23:59:59", "1970-01-01", "1970-01-02T00:00:00"]))
    assert (whole_days.to_pylist(), bad) == ([-1, 0, 1], None)


def test_months_weekdays_and_years_that_cells_do_not_say() -> None:
    assert (month_of("Total 2026"), weekdays_of(["Mon", "Wed"]), weekdays_of([]), weekdays_of(["Mon"] * 8)) == (
        None,
    ) * 4
    assert weekdays_of(["Sat", "Sun", "Mon"]) == [5, 6, 0]
    assert [days_without_year(cells, None, None) for cells in (["7/1", "7/2"], ["31/31"], [], ["soon"])] == [
        {"7/1": (7, 1), "7/2": (7, 2)}, None, None, None,
    ]  # fmt: skip
    assert days_without_year(["7/1", "8/2"], None, "dmy") == {"7/1": (1, 7), "8/2": (2, 8)}
    with pytest.raises(UsageError, match=re.escape("is 7/1 day first or month first? No date has a day over 12.")):
        days_without_year(["7/1", "8/2"], None, None)
    january, june = (
        {f"{month}-25": None for month in months} for months in (("Jan", "Feb", "Mar"), ("Apr", "May", "Jun"))
    )
    months = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6}
    last = dates.day_in_name("20250401")
    assert last is not None
    found = years_of_days.months_of_years([*january], months, last)
    assert [day.isoformat() for day in found.values()] == ["2025-01-01", "2025-02-01", "2025-03-01"]
    for cells in ([*june], [*january][:2], [*january, "Foo-25"], ["Jan-25", "Feb-25", "Apr-25"], [*january, "soon"]):
        assert years_of_days.months_of_years(cells, months, last) == {}
    called = [
        years_of_days.months_of_years(cells, months, last, is_called=True) for cells in (["Apr-25"], ["May-25"], [])
    ]
    assert [[day.isoformat() for day in found.values()] for found in called] == [["2025-04-01"], [], []]


def test_days_without_a_year_have_a_month_and_a_day() -> None:
    english = dates.DateReading(months={"july": 7, "february": 2})
    cells = ("July 4", "4 July", "February 29", "February 30", "July 4 2026", "2026-07-04")
    assert [_yearless(cell, english) for cell in cells] == [
        (7, 4), (7, 4), (2, 29), None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "seconds"), [("11,5", 11.5), ("1m28s", 88), ("2d1h", 176_400), ("1:00:05", 3605), ("90:05", 5405)]
)
def test_durations(cell: str, seconds: float) -> None:
    read = read_duration(cell, ",")
    assert read is not None
    assert float(read) == seconds


def test_words_that_begin_like_no_month_read_no_language() -> None:
    date_words.may_be_month.cache_clear()
    date_words._of_locale.cache_clear()
    assert not any(map(date_words.may_be_month, ("creator", "product", "campaña", "товар", "商品")))
    assert date_words._of_locale.cache_info().currsize == 0  # each of 18 takes 5 ms
    names = ("märz", "wrzesień", "sábado", "วันพุธ", "thứ", "hai", "土", "週一", "토", "шестого")
    assert [name for name in names if not date_words.may_be_month(name)] == ["шестого"]


def test_a_word_behind_a_number_alone_is_a_month_and_behind_a_day_a_weekday() -> None:
    """`mar` is March, and Tuesday in Spanish."""
    assert all(map(is_date, ("2025 MAR", "12 mar", "3/3/2026 mar", "2026-03-03, mar")))
    assert not is_date("2025 lun")
