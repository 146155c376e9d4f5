"""Tables that are no rows of days, and all rows that they become: decided on a few rows, which are written down by hand."""

from collections.abc import Sequence

import pytest

from core.base.errors import UsageError
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.shapes.calendar_grids import month_diary, month_grid, week_grid, with_years, year_grid
from core.ingest.shapes.calendar_parts import with_days
from core.ingest.shapes.hour_columns import hour_rows
from core.ingest.shapes.metric_rows import REPEATED, spread
from core.ingest.shapes.outlined_rows import _depths, outlined
from core.ingest.shapes.row_labels import value_name
from core.ingest.shapes.sheet_layout import split_blocks, split_columns
from core.ingest.shapes.state_rows import HISTORY, with_state_times
from tests.ingest.shapes import days, parts


def rows_of(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.split("\n")]


def table(rows: Sequence[Sequence[str]]) -> TurnedTable:
    return TurnedTable(rows, range(len(rows)), {}, rows)


def test_weekdays_side_by_side_are_days_of_their_weeks() -> None:
    grid = rows_of(
        "Week,Shop,Mon,Tue,Wed,Thu,Fri,Sat,Sun\n2026-06-29,A,1,2,3,4,5,6,7\n2026-07-06,B,8,,10,11,12,13,14\nTotal,,9,2,3,4,5,6,7"
    )
    made = parts(week_grid(grid, 1))
    own, origins = made
    assert own[0] == ("Date", "Shop", "value")
    assert own[1:8] == [(day, "A", str(at)) for at, day in enumerate(["2026-06-29", "2026-06-30", *days(5)], 1)]
    assert own[8:] == [(f"2026-07-{day:02d}", "B", str(day + 2)) for day in (6, 8, 9, 10, 11, 12)]
    assert origins == [0, *[1] * 7, *[2] * 6]
    assert week_grid(grid, 0) is None


def test_a_week_may_begin_on_a_sunday_and_be_called_by_any_of_its_days() -> None:
    made = parts(
        week_grid(rows_of("Week,Sun,Mon,Tue,Wed,Thu,Fri,Sat\n2026-07-08,1,2,3,4,5,6,7\n2026-07-15,8,9,1,2,3,4,5"), 1)
    )
    assert (made[0][1], made[0][7], made[0][8]) == (("2026-07-05", "1"), ("2026-07-11", "7"), ("2026-07-12", "8"))


def test_two_weeks_show_the_order_of_day_and_month_and_one_does_not() -> None:
    work = "Week,Mon,Tue,Wed,Thu,Fri\n06.07.2026,1,2,3,4,5"
    made = parts(week_grid(rows_of(f"{work}\n13.07.2026,6,7,8,9,10"), 1))
    assert (made[0][1], made[0][-1]) == (("2026-07-06", "1"), ("2026-07-17", "10"))
    with pytest.raises(UsageError, match=r"weekdays \(Mon to Fri\)"):
        week_grid(rows_of(work), 1)
    with pytest.raises(UsageError, match="first day of each week"):
        week_grid(rows_of(f"{work}\n15.07.2026,6,7,8,9,10"), 1)  # nine days later


def test_months_side_by_side_are_days_of_the_year_of_their_title() -> None:
    body = [[str(day), str(day), str(day) if day < 29 else "", str(2 * day)] for day in range(1, 32)]
    made = parts(month_grid([["Visits of 2025", "", "", ""], ["Day", "Jan", "Feb", "Mar"], *body], "visits.csv", 2))
    own, origins = made
    assert (own[:3], own[31:33], own[-1]) == (
        [("Date", "value"), ("2025-01-01", "1"), ("2025-01-02", "2")],
        [("2025-01-31", "31"), ("2025-02-01", "1")],
        ("2025-03-31", "62"),
    )
    assert origins == [1, *range(2, 33), *range(2, 30), *range(2, 33)]
    assert month_grid([["Day", "Jan", "Feb", "Mar"], *body], "visits.csv", 1) is None  # no year
    assert month_grid([["Day", "Jan 2025", "Feb 2025", "Mar 2025"], *body[:27]], "visits.csv", 1) is None
    assert month_grid([["Day", "Jan 2025", "Feb 2025", "Apr 2025"], *body], "visits.csv", 1) is None


def test_days_below_their_months() -> None:
    diary = "Day,Coffees\nJune 2026,\n29,5\n30,6\nJuly 2026,\n1,7\nTotal,18"
    assert parts(month_diary(rows_of(diary), 0)) == (
        [("Date", "Coffees"), ("2026-06-29", "5"), ("2026-06-30", "6"), ("2026-07-01", "7")],
        [0, 2, 3, 5],
    )
    assert month_diary(rows_of(diary.replace("\nJuly 2026,\n1,7", "")), 0) is None  # too few
    assert month_diary(rows_of(diary.replace("Day,Coffees", "Day,Coffees\n28,4")), 0) is None  # of no month
    assert month_diary(rows_of(diary.replace("June 2026", "June")), 0) is None  # of no year


def test_months_of_years() -> None:
    years = "Year,Jan,Feb,Mar\n2024,1,2,3\n2025,4,,6"
    assert parts(year_grid(rows_of(years), 1)) == (
        [("Date", "value"), *zip(("2024-01", "2024-02", "2024-03", "2025-01", "2025-03"), "12346", strict=True)],
        [0, 1, 1, 1, 2, 2],
    )
    assert year_grid(rows_of(years.replace("\n2025", "\nForecast,,,\n2025")), 1) is None
    assert year_grid(rows_of(years.replace("2025", "2024")), 1) is None
    assert year_grid(rows_of(years.replace("Feb", "Apr")), 1) is None


def test_months_take_the_year_of_the_name_of_the_file() -> None:
    rows = rows_of("Product,Jan,Feb,Mar\nCup,1,2,3\nPot,4,5,6")
    named = [["Sales"], ["Product", "2026-01", "2026-02", "2026-03"], *rows[1:]]
    assert with_years([["Sales"], *rows], "sales 2026.csv", 2) == named
    assert with_years(rows, "sales.csv", 1) is rows
    assert with_years(rows, "sales 2026.csv", 0) is rows
    dated = rows_of("Day,Jan,Feb,Mar\n2026-07-01,1,2,3\n2026-07-02,4,5,6")
    assert with_years(dated, "sales 2026.csv", 1) is dated


def test_hours_side_by_side_are_rows_of_hours() -> None:
    clocks = "Date,Shop,8:00,9:00,10:00,11:00,12:00,13:00\n2026-07-01,A,1,2,3,4,5,6\n2026-07-02,B,7,,9,1,2,3\nTotal,,8,2,3,5,7,9"
    made = parts(hour_rows(rows_of(clocks), 1, "out/visits 2026-07.csv"))
    assert made[0][0] == ("Date", "Shop", "Hour", "visits")
    assert made[0][1:7] == [("2026-07-01", "A", str(hour), str(hour - 7)) for hour in range(8, 14)]
    assert made[0][7:] == [
        ("2026-07-02", "B", hour, cell) for hour, cell in zip(("8", "10", "11", "12", "13"), "79123", strict=True)
    ]
    assert made[1] == [0, *[1] * 6, *[2] * 5]
    assert hour_rows(rows_of(clocks), 0, "visits.csv") is None
    assert hour_rows(rows_of(clocks.replace("10:00", "10:30")), 1, "visits.csv") is None
    assert hour_rows(rows_of(clocks.replace("13:00", "Visits")), 1, "visits.csv") is None
    sums = ("Visits", "21", "22", "43")
    summed = [[*row, own] for row, own in zip(rows_of(clocks), sums, strict=True)]
    assert parts(hour_rows(summed, 1, "visits.csv")) == made
    with pytest.raises(UsageError, match="its columns are hours, and the column 'Visits' has other figures"):
        hour_rows([*summed[:2], [*summed[2][:-1], "25"], summed[3]], 1, "visits.csv")
    numbered = [
        ["Date", *(f"Hour {hour}" for hour in range(24))],
        ["2026-07-01", *map(str, range(24))],
        ["2026-07-02", *["1"] * 24],
    ]
    made = parts(hour_rows(numbered, 1, "visits.csv"))
    assert (made[0][1], made[0][24], len(made[0])) == (("2026-07-01", "0", "0"), ("2026-07-01", "23", "23"), 49)


def test_figures_are_called_by_their_title_or_file() -> None:
    assert value_name(["Report of 2026", "Net sales"], "x.csv") == "Net sales"
    assert value_name([], "out/Shop_visits July 2026.v2.csv") == "Shop visits"
    assert value_name([], "2026-07.csv") == "value"


def test_days_below_their_labels_and_labels_below_their_days() -> None:
    labels = "Shop,Orders\nEast,5\n2026-07-01,2\n2026-07-02,3\nWest,9\n2026-07-01,4\n2026-07-02,5\nTotal,14"
    made = outlined(table(rows_of(labels)), 0)
    rows = [
        ("Date", "Shop", "Orders"),
        *(
            ("2026-07-01", "East", "2"),
            ("2026-07-02", "East", "3"),
            ("2026-07-01", "West", "4"),
            ("2026-07-02", "West", "5"),
        ),
    ]
    assert made.rows == rows
    assert [line for _, line, _ in made.records(0, rows[0]).locate(range(4))] == [3, 4, 6, 7]
    assert outlined(table(rows_of(labels.replace("East,5", "East,6"))), 0) is None  # no sum
    blank = outlined(table(rows_of(labels.replace("East,5", "East,").replace("West,9", "West,"))), 0)
    assert blank is not None
    assert blank.rows == rows
    assert outlined(table(rows_of(labels.replace("West", "East"))), 0) is None  # one label
    deep = outlined(
        table(rows_of("Area,Orders\nNorth,5\nEast,5\n2026-07-01,2\n2026-07-02,3\nSouth,4\nWest,4\n2026-07-01,4")), 0
    )
    assert deep is not None
    assert deep.rows == [
        ("Date", "Area", "Area 2", "Orders"),
        *(
            ("2026-07-01", "North", "East", "2"),
            ("2026-07-02", "North", "East", "3"),
            ("2026-07-01", "South", "West", "4"),
        ),
    ]
    twice = "Date,Orders\n2026-07-01,\n2026-07-02,\nEast,3\nWest,5"
    assert outlined(table(rows_of(twice)), 0) is None  # a day without labels
    below = outlined(table(rows_of("Date,Orders\n2026-07-01,6\nEast,2\nWest,4\n2026-07-02,8\nEast,3\nWest,5")), 0)
    assert below is not None
    assert below.rows == [("Date", "label", "Orders"), *(row for at in (1, 3, 2, 4) for row in rows[at : at + 1])]


def test_how_deep_rows_of_an_outline_are() -> None:
    def depths(kinds: str) -> list[int] | None:
        return _depths([kind == "d" for kind in kinds])

    assert depths("dlldl") == [0, 1, 1, 0, 1]
    assert depths("dlddl") is None, "a day without labels"
    assert depths("dldlld") is None, "and one at the end"
    assert depths("lddld") == [0, 1, 1, 0, 1]
    assert depths("llddldlld") == [0, 1, 2, 2, 1, 2, 0, 1, 2]
    assert depths("ldl") is None


def test_parts_of_days_in_columns_of_their_own() -> None:
    parts = with_days(table(rows_of("Orders,Year,Month,Day\n5,2026,7,1\n6,2026,7,2\n7,2026,December,31")), 0, "x.csv")
    assert parts is not None
    assert parts.rows == [("Date", "Orders"), ("2026-07-01", "5"), ("2026-07-02", "6"), ("2026-12-31", "7")]
    weeks = with_days(table(rows_of("Year,Week,Orders\n2026,7,5\n2026,KW 28,6\n2026,29,1")), 0, "x.csv")
    assert weeks is not None
    assert weeks.rows[1:] == [("2026-W07", "5"), ("2026-W28", "6"), ("2026-W29", "1")]
    both = with_days(table(rows_of("Year,Week,Day,Orders\n2026,7,1,5\n2026,7,2,6\n2026,8,1,1")), 0, "x.csv")
    assert both is not None
    assert both.rows[:2] == [("Date", "Day", "Orders"), ("2026-W07", "1", "5")]
    numbered = rows_of("Day,Orders\n1,5\n2,6\n3,7")
    titled = with_days(table(numbered), 0, "out/July 2026.csv")
    assert titled is not None
    assert titled.rows[1:] == [("2026-07-01", "5"), ("2026-07-02", "6"), ("2026-07-03", "7")]
    assert with_days(table(numbered), 0, "orders.csv") is None
    assert with_days(table([*numbered, ["5", "8"]]), 0, "July 2026.csv") is None  # the fourth is not there
    months = with_days(table(rows_of("Month,Orders\nJan,5\nFeb,6\nMar,7")), 0, "2025.csv")
    assert months is not None
    assert months.rows[1:] == [("2025-01", "5"), ("2025-02", "6"), ("2025-03", "7")]
    assert with_days(table(rows_of("Date,Month,Year\n2026-07-01,7,2026\n2026-07-02,7,2026")), 0, "x.csv") is None


def test_columns_of_fixed_width_and_tables_next_to_each_other() -> None:
    cells = [("Date", "Orders", "Revenue"), ("2026-07-01", "12", "30.50"), ("2026-07-02", "7", "9.00")]
    lines = [[f"{day:<12}{orders:>6}{revenue:>10}"] for day, orders, revenue in cells]
    made = split_columns(table([["Daily report"], lines[0], ["-" * 28], *lines[1:]]))
    assert [list(row) for row in made.rows] == [["Daily report", "", ""], *map(list, cells)]
    assert made.describe["delimiter"] == "columns"
    two = split_columns(table([[f"{day:<12}{orders:>6}"] for day, orders, _ in cells]))
    assert [list(row) for row in two.rows] == [list(row[:2]) for row in cells]
    whole = table([*lines, ["2026-07-03,4"]])
    assert split_columns(whole) is whole  # its last line has no columns
    sheet = rows_of("Date,Orders,,Date,Orders\n2026-07-01,1,,2026-07-01,3\n2026-07-02,2,,2026-07-02,4\n,,,2026-07-03,5")
    left, right = split_blocks(table(sheet))
    assert list(left.rows) == [("Date", "Orders"), ("2026-07-01", "1"), ("2026-07-02", "2")]
    assert list(right.rows)[-1] == ("2026-07-03", "5")
    assert len(right.rows) == 4
    named = table([["Date", "Orders", "", "Shop", "Town"], *sheet[1:]])
    assert split_blocks(named) == [named]


def test_rows_of_one_figure_each_are_columns_of_figures() -> None:
    rows = rows_of(
        "date,metric,value\n2026-07-01,orders,5\n2026-07-01,views,50\n2026-07-02,Orders,6\n2026-07-03,views,70"
    )
    made = spread(table(rows), 0)
    assert [tuple(row) for row in made.rows] == [
        *(("date", "orders", "views"), ("2026-07-01", "5", "50"), ("2026-07-02", "6", ""), ("2026-07-03", "", "70")),
    ]
    assert REPEATED not in made.describe
    again = spread(table([*rows, rows[-1]]), 0)
    assert again is not None
    assert again.describe[REPEATED] == "1"
    with pytest.raises(UsageError, match="'views' appears twice for date 2026-07-03"):
        spread(table([*rows, ["2026-07-03", "views", "71"]]), 0)
    with pytest.raises(UsageError, match="is blank in"):
        spread(table([*rows, ["2026-07-03", "", "71"]]), 0)


def test_changes_of_a_state_are_moments_of_the_things_that_change() -> None:
    changes = [
        [f"O{at}", f"2026-07-0{at} {hour}:00", state, "web"]
        for at in range(1, 7)
        for hour, state in ((10, "created"), (11, "order_paid"))
        if at < 6 or state == "created"
    ]
    made = with_state_times(table([["order_id", "changed_at", "status", "channel"], *changes]), 0)
    assert made.describe[HISTORY] == "status"
    assert [tuple(row) for row in made.rows] == [
        ("order_id", "channel", "status", "created at", "paid at"),
        *((f"O{at}", "web", "order_paid", f"2026-07-0{at} 10:00", f"2026-07-0{at} 11:00") for at in range(1, 6)),
        ("O6", "web", "created", "2026-07-06 10:00", ""),
    ]
    assert with_state_times(table([["order_id", "changed_at", "status", "channel"], *changes[:8]]), 0) is None
