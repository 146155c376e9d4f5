"""Cells that are days and moments, at the limits of each rule: just read, just refused, just taken for something else."""

from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import UsageError
from core.ingest.values.date_columns import decide, is_date
from core.ingest.values.date_order import DateHints, orders_seen
from core.ingest.values.dates import day_in_name, days, days_in_texts, times
from core.ingest.values.moment_text import DateReading, read_moment
from core.ingest.values.placeholders import without_placeholders
from core.ingest.values.years_of_days import is_year_first

EPOCH = date(1970, 1, 1).toordinal()
DMY = DateReading(order="dmy")
NOT_READ = r"\w"
"""Some reason."""


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH


def seconds(text: str) -> int:
    return int((datetime.fromisoformat(text) - datetime(1970, 1, 1)).total_seconds())


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("01/02/2026 12:05 AM", "2026-02-01T00:05"),
        ("01/02/2026 12:05 PM", "2026-02-01T12:05"),
        ("01/02/2026 01:05:09 pm", "2026-02-01T13:05:09"),
        ("01/02/2026 11:59 p.m.", "2026-02-01T23:59"),
        ("2026-02-01 오후 1:05", "2026-02-01T13:05"),
        ("2026-02-01 上午 12:05", "2026-02-01T00:05"),
        ("2026-02-01 09時05分", "2026-02-01T09:05"),
        ("1 Feb 2026, 9h05", "2026-02-01T09:05"),
        ("2026-02-01T09:05:30.75", "2026-02-01T09:05:30"),
        ("31/12/89 10:00", "2089-12-31T10:00"),
        ("31/12/90 10:00", "1990-12-31T10:00"),
        ("2026020123", "2026-02-01T23:00"),
    ],
)
def test_hours_of_a_cell(cell: str, moment: str) -> None:
    assert read_moment(cell, DMY) == read_moment(cell, DMY).__class__(seconds(moment), False, False)


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [
        ("Z", 0),
        ("+07:00", 420),
        ("-0330", -210),
        ("+05", 300),
        ("UTC+8:00", None),
        ("UTC+08:00", 480),
        ("GMT-03:00", -180),
        ("PDT", -420),
        ("PST", -480),
        ("JST", 540),
        ("AEST", 600),
        ("ACST", 570),
        ("EET", 120),
        ("MSK", 180),
        ("CEST", 120),
        ("BST", 60),
        ("WIB", 420),
        ("EST", -300),
    ],
)
def test_offsets_of_a_cell(zone: str, minutes: int | None) -> None:
    cell = f"2026-02-01 12:00 {zone}"
    if minutes is None:
        with pytest.raises(ValueError, match=NOT_READ):
            read_moment(cell, DMY)
        return
    moment = read_moment(cell, DMY)
    assert moment is not None
    assert (moment.seconds, moment.is_absolute) == (seconds("2026-02-01T12:00") - 60 * minutes, True)


@pytest.mark.parametrize(
    "cell",
    [
        "01/02/2026 13:05 PM",
        "01/02/2026 0:05 AM",
        "01/02/2026 24:00",
        "01/02/2026 10:60",
        "32/01/2026",
        "2026-02-01 10:00 +25:00",
        "2026-W54",
        "123456 May",
        "May",
        "1 2 May 2026",
        "26 May 2",
        "28 02",
    ],
)
def test_what_no_clock_or_calendar_shows(cell: str) -> None:
    with pytest.raises(ValueError, match=NOT_READ):
        read_moment(cell, DMY)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("May 1, 26", "2026-05-01"),
        ("1 May 0099", "0099-05-01"),
        ("May 2026", "2026-05-01"),
        ("2443-05-01", "1900-05-01"),
        ("2442-05-01", "2442-05-01"),
        ("2643-05-01", "2100-05-01"),
        ("2644-05-01", "2644-05-01"),
        ("2026-W01-1", "2025-12-29"),
        ("2026W53-7", "2027-01-03"),
        ("2026年5月", "2026-05-01"),
        ("5月1日2026年", "2026-05-01"),
        ("01/05/2026 - 07/05/2026", "2026-05-01"),
        ("20260501–20260507", "2026-05-01"),
    ],
)
def test_days_by_words_signs_and_eras(cell: str, expected: str) -> None:
    moment = read_moment(cell, DMY)
    assert moment is not None
    assert (moment.seconds // 86_400, moment.is_day) == (day(expected), True)


@pytest.mark.parametrize(
    ("cells", "number"),
    [
        (["20000", "79999"], "serial"),
        (["19999", "20001"], None),
        (["79999", "80000"], None),
        (["46235.5"], "serial"),
        (["202601", "202612"], "month"),
        (["202601", "202613"], "week"),
        (["202653"], "week"),
        (["202654"], None),
        (["202600"], None),
        (["631152000"], "epoch"),
        (["631151999"], None),
        (["4102444799"], "epoch"),
        (["4102444800"], None),
        (["631152000000"], "epoch_ms"),
        (["2026020109"], None),
    ],
)
def test_whole_numbers_that_count_days(cells: list[str], number: str | None) -> None:
    hints = DateHints(last=day("2026-12-31"))
    try:
        reading, _ = decide(cells, hints)
    except UsageError:
        assert number is None
        return
    assert reading.number == number


@pytest.mark.parametrize(("cells", "is_nth"), [(["0", "1", "1097"], True), (["0", "1098"], False), (["1", "2"], False)])
def test_days_counted_from_the_first_of_a_period(cells: list[str], is_nth: bool) -> None:
    reading, _ = decide(cells, DateHints(last=day("2026-12-31"), first=day("2026-01-01"), order="dmy"))
    assert (reading.number == "nth") is is_nth
    if is_nth:
        moment = read_moment("31", reading)
        assert moment is not None
        assert moment.seconds // 86_400 == day("2026-02-01")


def test_weeks_are_weeks_where_the_column_says_so() -> None:
    assert decide(["202601", "202605"], DateHints(last=day("2026-12-31"), is_week=True))[0].number == "week"
    assert decide(["202601"], DateHints(last=day("2026-12-31"), is_week=True))[1] == ("weeks count on their Monday",)


@pytest.mark.parametrize(
    ("cells", "orders"),
    [
        (["13/01/2026"], {"dmy"}),
        (["12/13/2026"], {"mdy"}),
        (["12/12/2026"], set()),
        (["13/01/2026", "01/13/2026"], {"dmy", "mdy"}),
        (["01/02/2026 - 13/02/2026"], {"dmy"}),
        (["2026-13-01"], set()),
    ],
)
def test_orders_that_cells_rule_in(cells: list[str], orders: set[str]) -> None:
    assert orders_seen(cells) == orders


def test_years_without_digits_are_counted_back_from_the_last_day() -> None:
    def years(cells: list[str], last: str) -> list[int]:
        reading, _ = decide(cells, DateHints(last=day(last)))
        return [reading.years[month, number] for month, number in ((int(cell[:2]), int(cell[3:])) for cell in iso)]

    iso = ["05-28", "05-29"]
    cells = ["May 28", "May 29"]
    assert years(cells, "2026-05-29") == [2026, 2026]
    assert years(cells, "2026-05-28") == [2025, 2025]
    iso, cells = ["12-31", "01-01"], ["Dec 31", "Jan 1"]
    assert years(cells, "2026-01-01") == [2025, 2026]
    assert years(cells, "2025-12-31") == [2024, 2025]
    iso, cells = ["03-02", "03-01", "02-28"], ["Mar 2", "Mar 1", "Feb 28"]
    assert years(cells, "2026-03-02") == [2026] * 3, "a run that falls"
    iso, cells = ["02-29"], ["Feb 29"]
    assert years(cells, "2027-01-01") == [2024]
    assert years(cells, "1908-02-28") == [1904]


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["26/07/01", "26/07/02"], True),
        (["26/07/01"], False),
        (["26/07/01", "27/07/02"], False),
        (["01/07/26", "02/07/26"], False),
        (["26/07/01", "26/07/2026"], False),
        (["27/07/01", "27/07/02"], False),
    ],
)
def test_years_of_two_digits_in_front(cells: list[str], first: bool) -> None:
    assert is_year_first(cells, day("2026-08-01")) is first


@pytest.mark.parametrize(
    ("cell", "is_one"),
    [
        ("2026-07-01", True),
        ("20260701", True),
        ("18260701", False),
        ("20261301", False),
        ("2026070123", True),
        ("2026070124", False),
        ("13/14/2026", False),
        ("12/31/2026", True),
        ("1.234", False),
        ("12.5", False),
        ("ORD12345", False),
        ("Juli 5", True),
        ("7月1日", True),
        ("13月1日", False),
        ("May", False),
        ("1 campaign", False),
        ("x" * 61 + " 1 May 2026", False),
        ("46235", False),
        ("of 5", False),
        ("2026-12-31T23:59:59+07:00", True),
        ("2026-02-28", True),
        ("2026-02-30", False),
        ("2026-06-31T10:00:00Z", False),
        ("2026-13-01", False),
        ("P12", False),
        ("M5", False),
        ("Q3 2026", True),
    ],
)
def test_what_looks_like_a_date(cell: str, is_one: bool) -> None:
    assert is_date(cell) is is_one


def test_days_that_names_and_titles_give() -> None:
    assert day_in_name("report_20260724-20260730.xlsx") == day("2026-07-30")
    assert day_in_name("sales_2026-03-01_2026-03-21.csv") == day("2026-03-21")
    assert day_in_name("out_20260321235959.csv") == day("2026-03-21")
    assert day_in_name("report_20261399.xlsx") is None
    assert day_in_name("id_120260724.csv") is None
    assert day_in_name("BusinessReport-28.07.26.csv") == day_in_name("x 28.07.2026.csv") == day("2026-07-28")
    assert day_in_name("app 1.12.26.03.csv") is None
    assert day_in_name("r_202607242359.csv") == day("2026-07-24")
    july = (day("2026-07-01"), day("2026-07-31"))
    assert days_in_texts(["01/07/2026 - 31/07/2026", "05/05/2025"]) == july
    assert days_in_texts(["Shop", "2026-07-01", "2026-07-31", "2020-01-01"]) == july, "a period in two cells"
    assert days_in_texts(["2026-07-31", "2026-07-01"]) == july
    assert days_in_texts(["Generated 2026-08-02", "Day 2026-07-31"]) == (day("2026-07-31"),)


def test_columns_of_days_and_moments_and_their_faults() -> None:
    plain = times(pa.array(["2026-07-01T10:00:00", None, "2026-07-02"]))
    assert plain.seconds.to_pylist() == [seconds("2026-07-01T10:00"), None, seconds("2026-07-02")]
    assert plain.absolute is None
    assert plain.dateless is not None
    assert plain.dateless.tolist() == [False, False, True]
    offset = times(pa.array(["2026-07-01T10:00:00+07:00", "2026-07-01T10:00:00Z"]))
    assert offset.seconds.to_pylist() == [seconds("2026-07-01T03:00"), seconds("2026-07-01T10:00")]
    assert offset.absolute is not None
    assert offset.absolute.all()
    fractions = times(pa.array(["1969-12-31T23:59:58.5Z", "2026-07-01T10:00:00.999999Z", None]))
    assert fractions.seconds.to_pylist() == [-2, seconds("2026-07-01T10:00"), None]
    assert fractions.absolute is not None
    assert fractions.absolute.tolist() == [True, True, False]
    behind = times(pa.array(["2026-07-01 10:00-07:00", "2026-07-01 10:00-17:00"]))
    assert behind.seconds.to_pylist() == [seconds("2026-07-01T17:00"), seconds("2026-07-01T10:00")]
    mixed = times(pa.array(["2026-07-01T10:00:00+07:00", "2026-07-01 10:00", "never", None, "-"]))
    assert mixed.seconds.to_pylist() == [seconds("2026-07-01T03:00"), seconds("2026-07-01T10:00"), None, None, None]
    assert mixed.absolute is not None
    assert mixed.bad is not None
    assert (mixed.absolute.tolist(), mixed.bad.tolist()) == ([True, *[False] * 4], [False, False, True, False, False])
    values, bad = days(pa.array(["01/07/2026 23:59", "x", None, "01/07/2026 23:59", "31/12/1969"]), DMY)
    assert values.to_pylist() == [day("2026-07-01"), None, None, day("2026-07-01"), -1]
    assert bad is not None
    assert bad.tolist() == [False, True, False, False, False]


def test_days_that_stand_for_none() -> None:
    text = pa.array(["a", "b", "c", "d", "0000-00-00", "x"])
    recognized = pa.array(
        [day("1900-01-01"), day("9999-12-31"), day("1970-01-01"), day("2026-07-01"), None, None], pa.int64()
    )
    bad = np.array([False] * 4 + [True, True])
    values, still_bad, placeholders = without_placeholders(recognized, text, bad, are_seconds=False)
    assert values.to_pylist() == [None, None, None, day("2026-07-01"), None, None]
    assert still_bad is not None
    assert placeholders is not None
    assert (still_bad.tolist(), placeholders.tolist()) == ([False] * 5 + [True], [True, True, True, False, True, False])
    moments = pa.array([0, 1, day("1899-12-30") * 86_400 + 5], pa.int64())
    values, _, _ = without_placeholders(moments, text[:3], None, are_seconds=True)
    assert values.to_pylist() == [None, 1, None], "the Unix clock stood at 0 only once"
    usual = pa.array([366, day("2199-12-31")], pa.int64())
    assert without_placeholders(usual, text[:2], None, are_seconds=False) == (usual, None, None)
