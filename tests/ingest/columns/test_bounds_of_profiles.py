"""What a column is by its name and cells: where each judgement begins and ends, on as few cells as decide it."""

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import UsageError
from core.ingest.columns.column_profile import ColumnProfile, profiles
from core.ingest.columns.compared_columns import compared_columns
from core.ingest.columns.day_column import best_day_column
from core.ingest.columns.id_columns import is_id, is_numbering, is_row_number
from core.ingest.columns.time_columns import is_calendar_column, is_clock, is_length
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.documents.chart_shapes import chart_table
from core.ingest.headers.column_names import english_names
from core.ingest.plans.subtotals import coarser_rows


def profile(cells: list[str | None], name: str = "Something") -> ColumnProfile:
    return profiles(TextBatch({name: pa.array(cells, pa.string())}, np.arange(len(cells))), [name])[name]


@pytest.mark.parametrize(
    ("role", "name", "cells"),
    [
        ("number", "Something", ["1", "2", "3,5"]),
        ("number", "Something", ["pieces", "1", "2"]),  # the first row says the units
        ("text", "Something", ["1", "2", "pieces"]),
        ("text", "Something", ["pieces", "pieces", "1", "2"]),
        ("number", "Something", [*map(str, range(1, 10)), "n/k"]),
        ("text", "Something", [*map(str, range(1, 9)), "n/k"]),
        ("date", "Something", ["2026-07-01", "2026-07-02", "2026-07-03", "2026-07-04", "n/k"]),
        ("text", "Something", ["2026-07-01", "2026-07-02", "2026-07-03", "n/k"]),
        ("percent", "Something", ["5%", "6 %", "7"]),
        ("number", "Something", ["5%", "6", "7"]),
        ("date", "Something", ["20260701", "20260702"]),
        ("number", "Something", ["20260701", "20261302"]),
        ("number", "Orders", ["46204", "46205"]),
        ("date", "Order date", ["46204", "46205"]),  # days of a spreadsheet
        ("number", "Order date", ["36525", "46205"]),
        ("date", "Order date", ["1782864000", "1782950400"]),
        ("date", "created_at", ["1782864000123", "1782950400456"]),
        ("date", "Week", ["27", "28"]),
        ("number", "Weeks", ["27", "28"]),
        ("number", "Week", ["27", "54"]),
        ("date", "Day", ["7/1", "7/2", "7/3"]),
        ("text", "Score", ["7/1", "7/2", "7/3"]),
        ("date", "Birthday", ["0000-00-00", "2026-07-01", "0000-00-00", "2026-07-02"]),
        ("blank", "Something", ["-", "n/a", None]),
    ],
)
def test_what_the_cells_of_a_column_are(role: str, name: str, cells: list[str | None]) -> None:
    assert profile(cells, name).role.value == role


def test_a_unit_that_all_figures_have_is_taken_off() -> None:
    weight = profile(["12 kg", "3 kg"])
    assert (weight.role.value, weight.unit, weight.different()) == ("number", "kg", ["12", "3"])
    assert profile(["12 kg", "3 g"]).role.value == profile(["12 A", "3 A"]).role.value == "text"


def test_days_come_in_runs_where_a_table_is_sorted_by_them() -> None:
    moments = [f"2026-07-0{day} {hour}:00" for day in range(1, 6) for hour in (10, 11)]
    assert profile(moments).comes_in_runs
    assert profile(moments).day_count == 5
    assert not profile([*moments, moments[0]]).comes_in_runs  # six runs of five days


@pytest.mark.parametrize(
    ("cells", "name", "is_first", "expected"),
    [
        (["1", "2", "3"], "No.", False, True),
        (["0", "1", "2"], "No.", False, True),
        ([*map(str, range(2, 12))], "No.", False, True),  # of a part of the rows: 100 / 20 is 5
        ([*map(str, range(2, 11))], "No.", False, False),
        (["1", "2"], "No.", False, False),
        (["1", "5000", "3"], "No.", False, False),
        ([*map(str, range(1, 11))], "Orders", True, True),
        ([*map(str, range(1, 10))], "Orders", True, False),
        ([*map(str, range(1, 11))], "Orders", False, False),
        ([*map(str, range(2, 12))], "Orders", True, False),
        (["1", "2", "3", "5", "6", "7", "8", "9", "10", "11"], "Orders", True, False),
        ([*map(str, range(1, 11)), "Total", "Mean"], "Orders", True, True),
        ([*map(str, range(1, 11)), "Total", "Mean", "Sum"], "Orders", True, False),
    ],
)
def test_numbers_of_rows(cells: list[str | None], name: str, is_first: bool, expected: bool) -> None:
    assert is_row_number(profile(cells, name), is_first=is_first) is expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["57001"] * 3, True),  # a meter
        (["57001"] * 2, False),
        (["5700"] * 3, False),
        (["57001", "57001", "57002"], False),
        (["0001", "0002"] * 2, True),
        (["0001", "2"] * 2, False),
        (["0001", "00002"] * 2, False),
        (["0001", "0002", "0003", "0004"], False),  # as many as rows
        (["1234567890123", "1234567890129"], True),
        (["123456789012", "123456789019"], False),
    ],
)
def test_figures_that_name_something_whatever_they_are_called(cells: list[str | None], expected: bool) -> None:
    assert is_id(profile(cells), "Something") is expected


def test_fractions_that_hardly_repeat_are_amounts_although_they_are_called_a_code() -> None:
    cells = [f"{at}.25" for at in range(10, 20)]
    assert not is_id(profile([*cells]), "Umsatz Werk")
    assert not is_id(profile([f"1,{cell}" for cell in cells]), "Umsatz Werk")
    assert is_id(profile([*cells[:9]]), "Anteil Werk")
    assert (is_id(profile([*cells[:3]]), "Umsatz Werk"), is_id(profile([*cells[:2]]), "Umsatz Werk")) == (False, True)
    assert is_id(profile([*cells[:7], "7.20", "8.20", "9.20"]), "Umsatz Werk")
    assert is_id(profile([*cells]), "Werk")
    counts = ["5", "9", "4", "8", "7", "12", "11", "3", "6", "10"]
    assert not is_id(profile([*counts]), "Umsatz Werk", is_one_a_day=True)
    assert is_id(profile([*counts]), "Umsatz Werk")
    assert is_id(profile([*map(str, range(10))]), "Umsatz Werk", is_one_a_day=True)  # they go one way
    assert not is_id(profile([*counts]), "Phone", is_one_a_day=True)
    assert is_id(profile([*counts]), "Phone")
    assert is_id(profile([*counts]), "Code", is_one_a_day=True)
    assert is_id(profile([*counts[:9], "1000"]), "Phone", is_one_a_day=True)


def test_numbers_that_lie_close_together_and_all_differ_name_something() -> None:
    assert is_numbering(profile([*map(str, range(1000, 1030))]))
    assert not is_numbering(profile([*map(str, range(999, 1029))]))
    assert not is_numbering(profile([*map(str, range(1000, 1029))]))
    assert not is_numbering(profile([str(1000 + 40 * at) for at in range(30)]))  # 900 / 2322 is less than 12
    assert not is_numbering(profile([f"{at}.5" for at in range(1000, 1030)]))
    receipts = [str(1000 + 5 * at % 12) for at in range(11)]  # 121 / 24 is more than 3
    assert is_numbering(profile(receipts, "Receipt"))
    assert not is_numbering(profile(receipts, "Receipts"))
    assert not is_numbering(profile(receipts[:9], "Receipt"))
    assert is_numbering(profile([*receipts[:10], "1019"], "Number"))  # 121 / 40
    assert not is_numbering(profile([*receipts[:10], "1020"], "Receipt"))  # 121 / 42
    assert is_numbering(profile(["100000000", "100000099", "100000001"])), (
        "long ones that differ in their last digits only"
    )
    assert not is_numbering(profile(["100000000", "100000100", "100000001"]))
    assert not is_numbering(profile(["100000000", "100000099"]))
    assert not is_numbering(profile(["100000000", "100000099", "100000099"]))


@pytest.mark.parametrize(
    ("cells", "name", "length", "clock"),
    [
        (["10:00", "11:30"], "Something", False, True),
        (["10:00", "11:30"], "Duration", False, False),
        (["10:00"], "Something", False, False),
        (["0:10:00", "0:20:00", "1:00:00"], "Something", True, False),
        (["0:10:00", "1:20:00"], "Something", False, True),
        (["10:10:00", "11:20:00"], "Duration", True, False),
        (["25:00:00", "3:00:00"], "Something", True, False),
        (["23:00:00", "3:00:00"], "Something", False, True),
        (["5m", "1h 3m", "20 s"], "Something", True, False),
        (["h:m:s", "0:10:00", "0:20:00"], "Something", True, False),
    ],
)
def test_lengths_of_time_and_times_of_day(cells: list[str | None], name: str, length: bool, clock: bool) -> None:
    assert (is_length(profile(cells, name)), is_clock(profile(cells, name))) == (length, clock)


@pytest.mark.parametrize(
    ("cells", "name", "expected"),
    [
        (["1", "12"], "Month", True),
        (["1", "54"], "Month", False),
        (["0", "2300"], "Hour", True),
        (["2025", "2026"], "Year", True),
        (["202531", "202602"], "Week", True),
        (["1", "365"], "Day of year", True),
        (["1", "365"], "Week", False),
        (["1999", "2005"], "Year built", True),
        (["1799", "2005"], "Year built", False),
        (["1", "12"], "Orders", False),
    ],
)
def test_parts_of_dates(cells: list[str | None], name: str, expected: bool) -> None:
    assert is_calendar_column(profile(cells, name), name) is expected


def test_the_day_of_a_row_is_called_so_or_changes_most() -> None:
    def best(**cells: list[str | None]) -> str | None:
        texts = {name.replace("_", " "): pa.array(own, pa.string()) for name, own in cells.items()}
        columns = profiles(TextBatch(texts, np.arange(4)), list(texts))
        return best_day_column(columns, english_names(columns))

    days: list[str | None] = ["2026-07-04", "2026-07-02", "2026-07-03", "2026-07-01"]
    assert best(Orders=["1", "2", "3", "4"]) is None
    assert best(Shipped=["2026-07-09"] * 4) == "Shipped"
    assert best(Shipped=["2026-07-09"] * 4, Made=days) == "Made"
    assert best(Shipped=days, Date=days) == "Date"
    first, second = days[3], days[1]
    assert best(Shipped=[first, second] * 2, Made=[first, first, second, second]) == "Made"  # the table is sorted by it
    assert (
        best(Shipped=[first, second] * 2, Ticket_closed=[second, first] * 2, Ticket_number=["T1", "T2", "T3", "T4"])
        == "Ticket closed"
    )
    assert best(Shipped=days, Made=[*days[:3], None]) == "Shipped"  # the fuller one


def test_what_only_compares() -> None:
    figures = {
        "sales": np.array([5.0, 7.0, 9.0, 4.0, 6.0]),
        "previous_sales": np.array([4.0, 8.0, 6.0, 4.0, 1.0]),
        "difference": np.array([1.0, -1.0, 3.0, 0.0, 5.0]),
        "sales_target": np.array([5.0, 5.0, 10.0, 5.0, 5.0]),
        "returns": np.array([1.0, 0.0, 1.0, 0.0, 1.0]),
    }
    sources = {name: name.replace("_", " ").title() for name in figures}
    found = compared_columns(sources, figures)
    assert (list(found.other), list(found.planned)) == (["previous_sales", "difference"], ["sales_target"])
    alone = compared_columns(
        {"goal": "Goal visits", "orders": "Orders"}, {"goal": figures["sales_target"], "orders": figures["sales"]}
    )
    assert list(alone.planned) == ["goal"]  # in fives: somebody set it
    spent = compared_columns(
        {"goal": "Goal visits", "orders": "Orders"}, {"goal": figures["sales"], "orders": figures["returns"]}
    )
    assert list(spent.planned) == []
    figures["difference"][1:3] = 7.0
    assert list(compared_columns(sources, figures).other) == ["previous_sales"]


def test_rows_of_longer_periods_repeat_the_shortest() -> None:
    words = {"shop": pa.array(["A", "A", "A"]), "period": pa.array(["day", "day", "month"])}
    assert coarser_rows(words, {"orders": np.array([3.0, 4.0, 7.0])}).tolist() == [2]
    assert coarser_rows(words, {"orders": np.array([3.0, 4.0, 10.5])}).tolist() == [2]  # half as much again
    with pytest.raises(UsageError, match=r"several periods \(day, month in 'period'\)"):
        coarser_rows(words, {"orders": np.array([3.0, 4.0, 10.6])})
    plans = {"day": pa.array(["1 Jul", "1 Jul", "2 Jul", "2 Jul"]), "plan": pa.array(["monthly", "annual"] * 2)}
    sold = {"trials": np.array([3.0, 3.0, 4.0, 4.0])}
    assert coarser_rows(plans, sold, "day").tolist() == []  # both plans on each day: neither is a sum of the other
    assert coarser_rows({**plans, "day": pa.array(["1 Jul", "1 Jul", "2 Jul", ""])}, sold, "day").tolist() == []
    assert coarser_rows({"period": pa.array(["day"] * 3)}, {"orders": np.ones(3)}).tolist() == []
    assert coarser_rows({"period": pa.array(["day", "day", "year round"])}, {"orders": np.ones(3)}).tolist() == []


def test_the_data_of_charts() -> None:
    series = {"labels": ["2026-07-01", "2026-07-02"], "datasets": [{"label": "Orders", "data": [5, None]}]}
    assert chart_table(series) == (["label", "Orders"], [["2026-07-01", "5"], ["2026-07-02", None]])
    points = {**series, "datasets": [{"name": "Orders", "data": [{"value": 5}, {"value": 6}]}]}
    assert chart_table(points) == (["label", "Orders"], [["2026-07-01", "5"], ["2026-07-02", "6"]])
    named = {"categories": ["a", "b"], "series": [[1, 2], [3, 4]], "seriesLabels": ["x", "y"]}
    assert chart_table(named) == (["label", "x", "y"], [["a", "1", "3"], ["b", "2", "4"]])
    assert chart_table({**series, "datasets": [{"label": "Orders", "data": [5]}]}) is None
    assert chart_table({**series, "datasets": [{"data": [5, 6]}]}) is None
    cells = {
        "cols": [{"label": "Day"}, {"id": "orders"}, {}],
        "rows": [
            {"c": [{"v": "Date(2026, 6, 1)"}, {"v": 5}, None]},
            {"c": [{"v": "Date(2026,6,2,10,30)"}, {"v": 6}, {"v": 7}]},
        ],
    }
    assert chart_table(cells) == (
        ["Day", "orders", "3"],
        [["2026-07-01", "5", None], ["2026-07-02T10:30:00", "6", "7"]],
    )
    assert chart_table({**cells, "rows": [{"c": [{"v": 1}]}]}) is None
