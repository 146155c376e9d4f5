"""Columns that are days, figures and labels that stand elsewhere than in their rows: decided on a few rows."""

from typing import Any, cast

import pytest

from core.base.errors import UsageError
from core.ingest.formats.batch import Located
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.layout import find_regions
from core.ingest.shapes.day_columns import turned
from core.ingest.shapes.grouped_days import grouped_days
from core.ingest.shapes.reshaped_rows import reshaped
from tests.ingest.shapes import parts
from tests.ingest.test_bounds_of_layouts import DAYS, PLAIN, rows_of, table


def told(text: str, path: str = "sales.csv", **more: Any) -> tuple[list[tuple[str, ...]], dict[str, str]]:
    found = turned(table(text, **more), path)
    return [tuple(row) for row in found.rows], found.describe


def test_columns_of_days_become_rows() -> None:
    text = f"product,{','.join(DAYS)},Total\nshoe,1,2,3,6\nhat,4,,6,10\nTotal,5,2,9,16"
    rows, described = told(text)
    assert rows[0] == ("Date", "product", "sales")
    assert rows[1:] == [
        (DAYS[0], "shoe", "1"), (DAYS[1], "shoe", "2"), (DAYS[2], "shoe", "3"), (DAYS[0], "hat", "4"), (DAYS[2], "hat", "6"),
    ]  # fmt: skip
    assert described == {"format": "text", "columns of days": "2026-07-01 to 2026-07-03"}
    where = turned(table(text), "sales.csv").records(0, rows[0]).locate([0, 4])
    assert [(record, line) for record, line, _ in cast(Located, where)] == [(0, 2), (4, 3)]
    titled, _ = told(f"Units sold\n{text}", "July 2026.csv")
    assert titled[0] == ("Date", "product", "Units sold")
    assert told(text, "July 2026.csv")[0][0] == ("Date", "product", "value")
    grid = "Week,Mon,Tue,Wed,Thu,Fri,Sat,Sun\n2026-07-06,1,2,3,4,5,6,7\n2026-07-13,8,9,1,2,3,4,5"
    assert told(grid)[1] == {"format": "text", "columns of days": "2026-07-06 to 2026-07-19"}
    hours = f"Date,{','.join(f'{hour:02d}:00' for hour in range(24))}\n2026-07-06{',1' * 24}\n2026-07-07{',2' * 24}"
    assert told(hours)[1] == {"format": "text", "columns of hours": "0 to 23"}
    weekdays, _ = told(f"product,{','.join(DAYS)}\n,Wed,Thu,Fri\nshoe,1,2,3\nhat,4,5,6")
    assert [row[1] for row in weekdays] == ["product", *["shoe"] * 3, *["hat"] * 3]


def test_rows_of_figures_become_columns() -> None:
    rows, _ = told(f"Metric,{','.join(DAYS)}\nOrders,1,2,3\nMy own figure,4,5,6")
    assert rows == [("Date", "Orders", "My own figure"), (DAYS[0], "1", "4"), (DAYS[1], "2", "5"), (DAYS[2], "3", "6")]
    known, _ = told(f"what,{','.join(DAYS)}\nOrders,1,2,3\nClicks,4,5,6\nMy own figure,4,5,6")
    assert known[0] == ("Date", "Orders", "Clicks", "My own figure")
    assert told(f"what,{','.join(DAYS)}\nOrders,1,2,3\nshoe,4,5,6")[0][0][1] == "what", "half of the names"
    assert told(f"Metric,{','.join(DAYS)}\nOrders,1,2,3\norders,4,5,6")[0][0][1] == "Metric", "a name twice"


def test_days_of_a_month_by_their_numbers() -> None:
    numbers = ",".join(str(at) for at in range(1, 32))
    cells = ",".join("7" for _ in range(31))
    assert told(f"product,{numbers}\nshoe,{cells}", "Sales July 2026.csv")[0][31] == ("2026-07-31", "shoe", "7")
    assert told(f"July 2026\nproduct,{numbers}\nshoe,{cells}", "a.csv")[0][1] == ("2026-07-01", "shoe", "7")
    with pytest.raises(UsageError, match="numbered 1 to 31, like the days of a month"):
        told(f"product,{numbers}\nshoe,{cells}", "a.csv")
    few = ",".join(str(at) for at in range(1, 28))
    assert told(f"product,{few}\nshoe,{cells[:53]}", "a.csv")[0][0][0] == "product", "27 are no month"


@pytest.mark.parametrize(
    ("text", "complete", "fault"),
    [
        (f"product,{','.join(DAYS)}\nshoe,1,2,3", False, "too long or too ragged"),
        (f"product,{','.join(DAYS)}\nshoe,1,2,3,4", True, "too long or too ragged"),
        (
            f"product,{','.join(DAYS)}\nshoe,1,2,3\nhat,1,2,3\nproduct,{','.join(DAYS)}",
            True,
            "those of another table below",
        ),
        (f"product,price,{','.join(DAYS)}\nshoe,9,1,2,3", True, "the column 'price' has other figures"),
    ],
)
def test_columns_of_days_that_cannot_be_turned(text: str, complete: bool, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        told(text, complete=complete)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"product,{DAYS[0]},{DAYS[1]}\nshoe,1,2",
        f"product,{','.join(DAYS)}\nshoe,red,blue,green",
        f"7,{','.join(DAYS)}\n8,1,2,3",
    ],
)
def test_other_tables_stay_as_they_are(text: str) -> None:
    plain = table(text)
    assert turned(plain, "a.csv") is plain


def reshapes(text: str) -> list[tuple[str, ...]] | None:
    """The rows of a table that was reshaped; None for one that stays as it is."""
    rows = rows_of(text)
    plain = TurnedTable(rows, range(len(rows)), {}, rows)
    found = reshaped(plain, find_regions(plain), "x.csv")
    return None if found is plain else [tuple(row) for row in found.rows]


def test_labels_of_merged_cells_stand_in_each_row() -> None:
    merged = "shop,date,gmv\nA,2026-07-01,1\n,2026-07-02,2\nB,2026-07-01,3\n,2026-07-02,4"
    assert reshapes(merged) == [
        ("shop", "date", "gmv"),
        ("A", "2026-07-01", "1"), ("A", "2026-07-02", "2"), ("B", "2026-07-01", "3"), ("B", "2026-07-02", "4"),
    ]  # fmt: skip
    days = "date,shop,gmv\n2026-07-01,A,1\n,B,2\n2026-07-02,A,3\n,B,4"
    assert [row[0] for row in reshapes(days) or ()] == ["date", *["2026-07-01"] * 2, *["2026-07-02"] * 2]
    assert reshapes(merged.replace("A,2026", ",2026")) is None, "the first row has none"
    assert reshapes(merged.replace("\nB", "\nA")) is None, "a label twice"
    assert reshapes(merged.replace("\n,2026-07-02,2", "\nC,2026-07-02,2")) is None, "most rows have one"
    assert reshapes("gmv,date\n1,2026-07-01\n2,\n3,2026-07-02\n4,") is None, "nothing right of the days"
    total = reshapes(f"{merged}\n,2026-07-03,5\n,2026-07-04,5\nTotal,,20")
    assert total is not None
    assert total[-1] == ("Total", "", "20")


def test_figures_that_are_named_in_a_column_get_columns() -> None:
    long = "date,metric,value\n2026-07-01,orders,1\n2026-07-01,gmv,20\n2026-07-02,orders,2\n2026-07-02,gmv,30"
    assert reshapes(long) == [("date", "orders", "gmv"), ("2026-07-01", "1", "20"), ("2026-07-02", "2", "30")]
    assert reshapes(long.replace("\n2026-07-02,gmv,30", "")) == [
        ("date", "orders", "gmv"),
        ("2026-07-01", "1", "20"),
        ("2026-07-02", "2", ""),
    ]
    with pytest.raises(UsageError, match="'orders' appears twice for date 2026-07-02"):
        reshapes(long.replace("2026-07-02,gmv", "2026-07-02,orders"))
    assert reshapes(long.replace("gmv", "7")) is None, "a figure for a name"
    assert reshapes(long.replace("metric", "colour").replace("orders", "red")) is None, "slices of one figure"


def test_figures_below_their_days_or_days_below_their_figures() -> None:
    below = rows_of(
        ",2026-07-01,,2026-07-02,\nChannel,Orders,Views,Orders,Views\nlive,1,10,2,20\nvideo,3,30,,\n\nTotal,4,40,2,20"
    )
    assert parts(grouped_days(below, 1)) == (
        [
            ("Date", "Channel", "Orders", "Views"),
            ("2026-07-01", "live", "1", "10"),
            ("2026-07-02", "live", "2", "20"),
            ("2026-07-01", "video", "3", "30"),
        ],
        [1, 2, 2, 3],
    )
    above = rows_of("Orders,,Views,\n2026-07-01,2026-07-02,2026-07-01,2026-07-02\n1,2,10,20")
    assert parts(grouped_days(above, 1)) == (
        [("Date", "Orders", "Views"), ("2026-07-01", "1", "10"), ("2026-07-02", "2", "20")],
        [1, 2, 2],
    )
    assert grouped_days(above, 0) is None
    assert grouped_days(rows_of("2026-07-01,2026-07-02\nWed,Thu\n1,2\n3,4"), 1) is None  # each of one day
    assert grouped_days(rows_of("2026-07-01,,2026-07-02,\nOrders,Orders,Orders,Orders\n1,2,3,4"), 1) is None


def test_lines_of_a_record_have_its_number_and_day_and_not_its_figures() -> None:
    text = "Ticket,Date,Fee,Task,Minutes\n1001,2026-07-01,9,Cup,2\n,,,Plate,1\n1002,2026-07-02,8,Cup,3\n,,,Bowl,4"
    made = reshaped(table(text), find_regions(table(text)), "t.csv").rows
    assert [list(row) for row in made[1:]] == [
        ["1001", "2026-07-01", "9", "Cup", "2"],
        ["1001", "2026-07-01", "", "Plate", "1"],
        ["1002", "2026-07-02", "8", "Cup", "3"],
        ["1002", "2026-07-02", "", "Bowl", "4"],
    ]
    alone = text.replace("Task", "Count").replace("Cup", "5").replace("Plate", "6").replace("Bowl", "7")
    assert reshaped(table(alone), find_regions(table(alone)), "t.csv").rows[2][:2] == ["", ""]  # lines of figures only


FILLED = ["East,2026-07-01,1", "East,2026-07-02,2", "West,2026-07-01,3", "West,2026-07-02,4"]


@pytest.mark.parametrize(
    ("text", "header", "filled"),
    [
        (
            "East\nDate,Orders\n2026-07-01,1\n2026-07-02,2\nWest\nDate,Orders\n2026-07-01,3\n2026-07-02,4",
            "section,Date,Orders",
            FILLED,
        ),
        (
            "Shop,Date,Orders\nEast,,\n,2026-07-01,1\n,2026-07-02,2\nWest,,\n,2026-07-01,3\n,2026-07-02,4",
            "Shop,Date,Orders",
            FILLED,
        ),
        (
            "Shop,Date,Orders\nEast,2026-07-01,1\n,2026-07-02,2\nWest,2026-07-01,3\n,2026-07-02,4\nTotal,,10",
            "Shop,Date,Orders",
            [*FILLED, "Total,,10"],
        ),
        (
            "Date,Shop,Orders\n2026-07-01,A,1\n,B,2\n2026-07-02,A,3\n,B,4",
            "Date,Shop,Orders",
            ["2026-07-01,A,1", "2026-07-01,B,2", "2026-07-02,A,3", "2026-07-02,B,4"],
        ),
    ],
)
def test_labels_stand_in_every_row(text: str, header: str, filled: list[str]) -> None:
    made = reshaped(table(text), find_regions(table(text)), "t.csv")
    assert [",".join(row) for row in made.rows] == [header, *filled]


@pytest.mark.parametrize(
    "text",
    [
        "East\nDate,Orders\n2026-07-01,1\nEast\nDate,Orders\n2026-07-01,3",  # two of one name
        "Shop,Date,Orders\nEast,,\n,2026-07-01,1\n,2026-07-02,2",  # one label
        "Shop,Date,Orders\nEast,,\nWest,,\nNorth,,\n,2026-07-01,1\n,2026-07-02,2",  # more labels than rows
        "Shop,Date,Orders\nEast,2026-07-01,1\nWest,2026-07-02,2\n,2026-07-03,3",  # a label that somebody forgot
        "Shop,Date,Orders\nEast,2026-07-01,1\n,2026-07-02,2\nWest,2026-07-03,3\n,2026-07-04,4",  # of no help
        "Shop,Date,Orders\nEast,2026-07-01,1\n,2026-07-02,2\nEast,2026-07-01,3\n,2026-07-02,4",  # no other label
    ],
)
def test_what_lacks_no_label_stays_as_it_is(text: str) -> None:
    held = table(text)
    assert reshaped(held, find_regions(held), "t.csv") is held


def test_a_number_in_a_column_of_ids_names_a_row() -> None:
    rows, _ = told(f"Product ID,{','.join(DAYS)}\n4711,1,2,3\n4712,4,5,6")
    assert rows[1] == (DAYS[0], "4711", "1")
