"""Grids of weekdays, months and years, and days in several columns, at the limits of what is one."""

from datetime import date

import pytest

from core.base.errors import UsageError
from core.ingest.shapes import calendar_grids, calendar_parts
from core.ingest.shapes.calendar_grids import month_diary, month_grid, week_grid, with_years, year_grid
from core.ingest.shapes.calendar_parts import with_days
from tests.ingest.shapes import parts
from tests.ingest.shapes.test_bounds_of_shapes import rows_of, table

WEEK = "Mon,Tue,Wed,Thu,Fri,Sat,Sun"
CELLS = "1,2,3,4,5,6,7"


def test_where_weekdays_stand_side_by_side() -> None:
    for header, found in (
        (f"Week,{WEEK}", (0, 1, [*range(7)])), (f"Week,Shop,{WEEK}", (0, 2, [*range(7)])), (WEEK, (0, 1, [1, 2, 3, 4, 5, 6])),
        ("Week,Mon,Tue,Wed,Thu,Fri", (0, 1, [0, 1, 2, 3, 4])), ("Week,Mon,Tue,Wed,Thu", None), ("Mon,Tue,Wed,Thu,Fri", None),
        ("Week,Mon,Tue,Wed,Thu,Fri,Sat,Sum", (0, 1, [0, 1, 2, 3, 4, 5])), (f"a,b\nWeek,{WEEK}", (1, 1, [*range(7)])), ("", None),
    ):  # fmt: skip
        assert calendar_grids._weekday_row(rows_of(header)) == found, header


@pytest.mark.parametrize(("cells", "weekday", "starts"), [
    ("2026-07-08 2026-07-15", 0, "2026-07-06 2026-07-13"), ("2026-07-08 2026-07-15", 6, "2026-07-05 2026-07-12"),
    ("2026-07-08", 2, "2026-07-08"), ("2026-07-08 2026-07-16", 0, ""), ("2026-07-15 2026-07-08", 0, "2026-07-13 2026-07-06"),
    ("06/07/2026 13/07/2026", 0, "2026-07-06 2026-07-13"), ("07/06/2026 07/13/2026", 0, "2026-07-06 2026-07-13"),
    ("06/07/2026", 0, ""), ("2026-07-08 x", 0, ""), ("", 0, ""),
])  # fmt: skip
def test_the_first_days_of_weeks(cells: str, weekday: int, starts: str) -> None:
    wanted = [date.fromisoformat(day) for day in starts.split()] or None
    assert calendar_grids._starts(cells.split(), weekday) == wanted


def test_weeks_below_each_other() -> None:
    grid = f"Shop,Week,{WEEK}\nA,2026-07-06,{CELLS}\nB,2026-07-06,,,,,,,9"
    rows, origins = parts(week_grid(rows_of(grid), 1))
    assert rows[1:] == [*((f"2026-07-{at + 5:02d}", "A", str(at)) for at in range(1, 8)), ("2026-07-12", "B", "9")]
    assert (rows[0], origins) == (("Date", "Shop", "value"), [0, *[1] * 7, 2])
    assert week_grid(rows_of(grid + "\nSum of shops,,1,2"), 1) == week_grid(rows_of(grid), 1), "a short row"
    assert week_grid(rows_of(grid.replace("2026-07-06", "x")), 1) is None
    for name, cell, message in (("Week", "27", "'Week' does not say"), ("Zorks", "KW 27", "'Zorks' does not say")):
        with pytest.raises(UsageError, match=message):
            week_grid(rows_of(grid.replace("Week", name).replace("2026-07-06", cell)), 1)
    assert week_grid(rows_of(grid.replace("Week", "Zorks").replace("2026-07-06", "27")), 1) is None


def test_months_side_by_side() -> None:
    for header, texts, months in (
        ("Day,Jan,Feb,Mar", ["2026"], {1: (2026, 1), 2: (2026, 2), 3: (2026, 3)}), ("Day,Jan,Feb", ["2026"], None),
        ("Jan,Feb,Mar", ["2026"], None), ("Day,Jan,Feb,Mar", [], None), ("Day,Jan,x,Feb,Mar", ["2026"], None),
        ("Day,Nov 2025,Dec 2025,Jan 2026", [], {1: (2025, 11), 2: (2025, 12), 3: (2026, 1)}), ("Day,Mar,Feb,Jan", ["2026"], None),
        ("Day,x,Jan,Feb,Mar,Sum", ["of 2026"], {2: (2026, 1), 3: (2026, 2), 4: (2026, 3)}), ("Day,a,b,c", ["2026"], None),
        ("Day,Jan 2025,Feb,Mar", ["2026"], None), ("Day,Jan,Feb,Apr", ["2026"], None),
    ):  # fmt: skip
        assert calendar_grids._months(header.split(","), texts) == months, header
    body = [[f"{day}.", str(day), "", "7"] for day in range(1, 32)]
    grid = [["Day", "Jan 2025", "Feb 2025", "Mar 2025"], *body]
    assert len(parts(month_grid(grid, "a.csv", 1))[0]) == 1 + 2 * 31
    assert len(parts(month_grid(grid[:29], "a.csv", 1))[0]) == 1 + 2 * 28
    assert month_grid(grid[:28], "a.csv", 1) is None
    assert month_grid([*grid, ["31", "7", "", "7"]], "a.csv", 1) is None, "a day twice"
    assert month_grid([*grid, ["Sum", "7", "", "7"], ["32"]], "a.csv", 1) == month_grid(grid, "a.csv", 1)
    assert month_grid(grid, "a.csv", 0) is None
    for title, name in (("2025", "a.csv"), ("", "a 2025.csv")):
        titled = month_grid([[title], ["Day", "Jan", "Feb", "Mar"], *body], name, 2)
        assert parts(titled)[0] == parts(month_grid(grid, "a.csv", 1))[0]


def test_years_below_each_other() -> None:
    years = "Year,Jan,Feb,Mar\n2024,1,2,3\n2025,4,,6"
    whole = year_grid(rows_of(years), 1)
    for before, after in (
        ("\n2025", "\n\n2025"), ("Mar", "Apr"), ("Year,", "Jan 2025,"), ("2024", "x"), ("2024,1,2,3\n2025,4,,6", "2024,1,2"),
        ("Jan,Feb,Mar", "Jan,Feb,x"), ("Jan,", "Jan 2024,"), ("2024", "2024 a"),
    ):  # fmt: skip
        made = year_grid(rows_of(years.replace(before, after)), 1)
        assert (made is not None) == (before == "2024"), (before, after)
        assert made != whole
    assert year_grid(rows_of("2023,1,2,3\n" + years), 2) == [(at + 1, row) for at, row in whole or []], (
        "above its header"
    )
    assert year_grid(rows_of(years), 0) is None
    assert year_grid(rows_of(f"{years}\nSum,5,2,9"), 1) == whole


def test_titles_that_say_the_year_of_months() -> None:
    rows = rows_of("Product,Jan,Feb,Mar\nCup,1,2,3\nPot,4,5,6")
    for header, changes in (
        ("Product,Jan,Feb,Mar", True), ("Product,Jan,Feb", False), ("Product,Jan 2026,Feb 2026,Mar 2026", False),
        ("Product,Jan,Feb,Mar,Total", True), ("Product,Type,Jan,Feb,Mar", True),
    ):  # fmt: skip
        body = [[*row, "7", "8"][: header.count(",") + 1] for row in rows[1:]]
        if "Type" in header:
            body = [[row[0], *row[:-1]] for row in body]
        given = [header.split(","), *body]
        made = with_years(given, "sales 2026.csv", 1)
        assert (made is not given) == changes, header
        assert made[1:] == body
        named = {"Jan": "2026-01", "Feb": "2026-02", "Mar": "2026-03"}
        assert made[0] == [named.get(name, name) if changes else name for name in given[0]]
    words = [rows[0], ["Cup", "1", "x", "3"], ["Pot", "4", "y", "6"]]
    assert with_years(words, "sales 2026.csv", 1) is words
    late = [rows[0], *[["Cup", "1", "2", "3"]] * 100, *[["Cup", "x", "x", "x"]] * 200]
    assert with_years(late, "sales 2026.csv", 1) is not late, "a hundred rows are read"


def test_days_of_a_diary() -> None:
    diary = "Day,Coffees\nJune 2026,\n29,5\n30.,6\nJuly 2026,\n1,7"
    made = month_diary(rows_of(diary), 0)
    assert len(made or []) == 4
    for before, after, same in (
        ("\n1,7", "\n,\n1,7", True), ("\n1,7", "\nTotal,18\n1,7", True), ("\n1,7", "\nx,7", False),
        ("\n1,7", "\nJuly 2026,8\n1,7", False),
        ("\n1,7", "", False), ("Day,", "June 2026,\nDay,", False),
    ):  # fmt: skip
        other = month_diary(rows_of(diary.replace(before, after)), 0)
        assert (other is not None and [row for _, row in other] == [row for _, row in made or []]) == same, (
            before,
            after,
        )


@pytest.mark.parametrize(("text", "first", "path"), [
    ("Year,Month,Orders\n2026,7,5\n2026,8,6", ("2026-07", "5"), ""),
    ("Orders,Month,Year\n5,July,2026\n6,Aug,2026", ("2026-07", "5"), ""),
    ("Year,Month,Day,Orders\n2026,7,31,5\n2026,8,1,6", ("2026-07-31", "5"), ""),
    ("Year,Week,Orders\n2026,53,5\n2026,1,6", ("2026-W53", "5"), ""),
    ("Year,Week,Orders\n2026,KW 7,5\n2026,KW 8,6", ("2026-W07", "5"), ""), ("Year,Month,Orders\n2026,13,5\n2026,14,6", None, ""),
    ("Year,Week,Orders\n2026,54,5\n2026,55,6", None, ""),
    ("Year,Month,Day,Orders\n2026,7,32,5\n2026,7,33,6", ("2026-07", "32", "5"), ""),
    ("Year,Month,Orders\n1899,7,5\n1899,8,6", None, ""), ("Year,Month,Orders\n2026,0,5\n2026,0,6", None, ""),
    ("Year,Orders\n2026,5\n2027,6", None, ""),
    ("Month,Orders\nJan,1\nFeb,2\nMar,3", ("2025-01", "1"), "a 2025.csv"),
    ("Month,Orders\nJan,1\nFeb,2\nJan,3", None, "a 2025.csv"),
    ("Month,Orders\nJan,1\nFeb,2\nMar,3", None, "a.csv"), ("Day,Orders\n1,5\n2,6\n3,7", ("2025-07-01", "5"), "a July 2025.csv"),
    ("Day,Orders\n1,5\n2,6\n4,7", None, "a July 2025.csv"), ("Day,Orders\n1,5\n2,6\n1,7", None, "a July 2025.csv"),
    ("Day,Orders\n2,5\n3,6\n4,7", None, "a July 2025.csv"),
    ("Day,Orders\n1,5\n2,6\n3,7", None, "a 2025.csv"), ("Date,Year,Month\n2026-07-01,2026,7\n2026-07-02,2026,7", None, ""),
    ("Day,Month,Orders\n1,July,5\n2,July,6\n3,Aug,7", None, "a 2025.csv"),
    ("Month,Orders\nJan,1\nTotal,9\nFeb,2\nMar,3", ("2025-01", "1"), "a 2025.csv"),
])  # fmt: skip
def test_days_in_several_columns_or_in_a_name(text: str, first: tuple[str, ...] | None, path: str) -> None:
    rows = rows_of(text)
    made = with_days(table(rows), 0, path)
    assert (made.rows[1] if made is not None else None) == first
    if made is not None:
        assert (made.rows[0][0], len(made.rows)) == ("Date", len(rows))


def test_parts_of_days() -> None:
    for told, is_such in (
        ("_is_year", "1900 2099 1899 2100 199 20260 ２０２６"), ("_is_month", "1 12 0 13 July"),
        ("_is_week", "1 53 0 54 x"), ("_is_day", "1 31 0 32 x"),
    ):  # fmt: skip
        wanted = {"_is_year": "1100000", "_is_month": "11001", "_is_week": "11000", "_is_day": "11000"}[told]
        assert "".join(str(int(getattr(calendar_parts, told)(cell))) for cell in is_such.split()) == wanted, told
    titled = [["July 2025", ""], ["Day", "Orders"], ["1", "5"], ["2", "6"], ["3", "7"]]
    made = with_days(table(titled), 1, "a.csv")
    assert made is not None
    assert made.rows == [("Date", "Orders"), ("2025-07-01", "5"), ("2025-07-02", "6"), ("2025-07-03", "7")]
    assert [line for _, line, _ in made.records(0, made.rows[0]).locate(range(3))] == [3, 4, 5]
