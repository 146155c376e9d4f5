"""Columns of days, labels and lines of records at the limits of what is one."""

from typing import Any

import numpy as np
import pytest

from core.base.errors import UsageError
from core.ingest.shapes import day_columns, grouped_days, reshaped_rows, row_labels
from tests.ingest.shapes import parts
from tests.ingest.shapes.test_bounds_of_shapes import rows_of, table
from tests.ingest.test_bounds_of_layouts import DAYS

DATED = ",".join(DAYS)


@pytest.mark.parametrize(("cells", "run"), [
    ("7/1,7/2,7/3", "7/1,7/2,7/3"), ("7/1,7/2", ""), ("a,7/1,7/2,7/3,Total", "7/1,7/2,7/3"),
    ("7/1,7/2,7/3,7/5,7/6", "7/1,7/2,7/3"),
    ("a,b,c,d,e,7/1,7/2,7/3,7/4", "7/1,7/2,7/3,7/4"), ("a,b,c,d,e,f,7/1,7/2,7/3", ""), ("9/9,7/1,7/2,7/3", "7/1,7/2,7/3"),
    ("KW 1,KW 2,KW 3,KW 4", "KW 1,KW 2,KW 3,KW 4"), ("", ""),
])  # fmt: skip
def test_days_without_a_year_side_by_side(cells: str, run: str) -> None:
    assert day_columns._days_without_year(cells.split(",")) == set(filter(None, run.split(",")))


@pytest.mark.parametrize(("cells", "count"), [
    (DATED, 3), (f"{DATED},{DAYS[0]}", 3), (f"{DAYS[0]},{DAYS[1]},x", 2), (f"{DAYS[0]},{DAYS[1]},7", 0),
    (f"{DATED},1,2.5,3,4,5,6,7", 3),
    (f"{DATED},1,2,3,4,5,6,7,8", 0), ("20260701,20260702,20260703", 3), ("20260701,20260702,20260704", 0),
])  # fmt: skip
def test_how_many_of_the_cells_of_a_row_are_days(cells: str, count: int) -> None:
    """Three and three of ten, those that are no plain numbers."""
    assert len(day_columns._days_in(cells.split(","))) == count


@pytest.mark.parametrize(("text", "row"), [
    (f"a,{DATED}\nx,1,2,3", 0), (f"Report\na,{DATED}\nx,1,2,3", 1), (f"a,{DAYS[0]},{DAYS[1]}\nx,1,2", None),
    (f"7,{DATED}\nx,1,2,3", None),
    (f"a,{DATED}\nx,1,2,y", 0), (f"a,{DATED}\nx,1,y,y", None), (f"a,{DATED},{DAYS[0]}\nx,1,2,3,4", None), (f"a,{DATED}", None),
    (f"a,{DATED},b,c,d,e,f,g\nx,1,2,3,4,5,6,7,8,9", 0), (f"a,{DATED},b,c,d,e,f,g,h\nx,1,2,3,4,5,6,7,8,9,1", None),
    ("a,7/1,7/2,7/3\nx,1,2,3", 0), ("a,7/1,7/2,7/3\n2026-08-01,1,2,3", None), ("a,b,7/1,7/2,7/3\nx,2026-08-01,1,2,3", None),
])  # fmt: skip
def test_the_row_of_days(text: str, row: int | None) -> None:
    assert day_columns._days_row(rows_of(text)) == row
    for depth, found in ((day_columns._DEPTH - 1, True), (day_columns._DEPTH, False)):
        rows = [*[["x"]] * (depth - (row or 0)), *rows_of(text)]
        assert day_columns._days_row(rows) == (depth if row is not None and found else None), "thirty rows"


def test_columns_numbered_like_the_days_of_a_month() -> None:
    def dated(count: int, path: str, *before: str, start: int = 1) -> list[str] | None:
        row = [*before, *(str(at) for at in range(start, start + count)), "Total"]
        given = [row, ["7"] * len(row)]
        made = day_columns._with_dates(given, path)
        return None if made is given else list(made[0])

    assert dated(28, "February 2026.csv", "Shop") == ["Shop", *(f"2026-02-{day:02d}" for day in range(1, 29)), "Total"]
    assert dated(31, "July 2026.csv") == [*(f"2026-07-{day:02d}" for day in range(1, 32)), "Total"]
    assert dated(27, "February 2026.csv", "Shop") is None
    assert dated(30, "February 2026.csv", "Shop") is None, "no month has as many"
    assert dated(28, "February 2026.csv", "7") is None
    assert dated(28, "February 2026.csv", start=2) is None
    with pytest.raises(UsageError, match="numbered 1 to 28"):
        dated(28, "a.csv")
    padded = [["Shop", *(f"{at:02d}" for at in range(1, 32))]]
    assert day_columns._with_dates([["Orders of July 2026"], *padded], "a.csv")[1][1] == "2026-07-01"


def test_what_stands_above_the_days() -> None:
    for above, header, named in (
        (",Shop,July,,", f",,{DATED}", f",Shop,{DATED}"), ("Region,Shop,July,,", f",,{DATED}", f"Region,Shop,{DATED}"),
        ("Region,,,,", f",,{DATED}", f",,{DATED}"), ("7,Shop,July,,", f",,{DATED}", f",,{DATED}"),
        ("Region,Shop,July", f",,{DATED}", f",,{DATED}"),
        ("Region,Shop,July,,", f"Place,,{DATED}", f"Place,Shop,{DATED}"), ("a,b,7,,", f",,{DATED}", f"a,b,{DATED}"),
    ):  # fmt: skip
        rows = [above.split(","), header.split(",")]
        assert day_columns._with_labels(rows, 1, 2)[1] == named.split(","), above
    rows = [["", "", *DAYS]]
    assert day_columns._with_labels(rows, 0, 2) == rows
    data = [["x"], ["7", "a", "b", "c", "d", DAYS[0]], ["7", "a", "b", "c", "d", "e", DAYS[0]], ["a", DAYS[0]]]
    assert [day_columns._first_data(rows) for rows in (data, data[2:], data[:1] * 40, [*data[:1] * 30, data[1]])] == [
        1,
        30,
        30,
        30,
    ]


BODY = [["East", "1", "2", "3"], ["West", "4", "", "6"], ["Total shops", "5", "2", "9"], ["North", "7", "7", "7"]]


def test_sums_of_the_rows_above_are_left_out() -> None:
    def kept(*rows: list[str]) -> list[int]:
        return [at for at, _ in day_columns._without_sums(list(enumerate(rows)), [1, 2, 3])]

    assert kept(*BODY) == [0, 1, 3]
    assert kept(BODY[0], BODY[1], ["Total shops", "5", "2", "8"], BODY[3]) == [0, 1, 2, 3]
    assert kept(BODY[0], BODY[1], ["Other shops", "5", "2", "9"]) == [0, 1, 2]
    assert kept(BODY[3], *BODY[:3]) == [0, 1, 2], "those right above"
    assert kept(*BODY[:3], ["Total of all", "5", "2", "9"]) == [0, 1]
    assert kept(["East", "0", "0", "0"], ["Total", "0", "0", "0"]) == [0, 1]
    assert kept(["East", "1000", "1000", "1000"], ["Total", "1001", "1000", "1000"]) == [0]
    assert kept(["East", "1000", "1000", "1000"], ["Total", "1002", "1000", "1000"]) == [0, 1]


def test_what_several_rows_come_to() -> None:
    def comes(*rows: str) -> bool:
        return day_columns._has_result([["", *row.split()] for row in rows], [1, 2, 3])

    assert comes("1 2 3", "4 5 6", "5 7 9")
    assert comes("9 9 9", "1 2 3", "4 5 6", "5 7 9")
    assert comes("9 9 9", "1 2 3", "8 7 6"), "the first less the other"
    assert comes("9 9 9", "1 2 3", "1 1 1", "7 6 5")
    assert comes("1 2 3", "0 0 0", "4 5 6", "5 7 9")
    assert not comes("1 2 3", "4 5 6", "5 7 8")
    assert not comes("1 2 3", "1 2 3"), "of one row"
    assert not comes("1 0 3", "4 0 6", "5 0 9"), "of two days"
    assert not comes("0 0 0", "1 2 3", "1 2 3")
    for count, found in ((60, True), (61, False)):
        assert comes(*["7 8 9"] * (count - 3), "1 2 3", "4 5 6", "5 7 9") == found
    for cells, units in (
        ("1 2", False),
        ("1 2%", True),
        ("$1 2", True),
        ("$1 $2", False),
        ("1% 2%", False),
        ("x% -", True),
    ):
        body = [["a", "", cell] for cell in cells.split()]
        assert day_columns._have_units(body, [1, 2]) == units, cells


def test_rows_that_are_figures_of_their_own() -> None:
    def are(header: str, *names: str, labels: tuple[int, ...] = (0,)) -> bool:
        body = [[name, str(at + 1), str(at * at + 7)] for at, name in enumerate(names)]
        return day_columns._are_figures([header, "", ""], labels, [1, 2], body)

    assert are("Metric", "zorks", "blarks")
    assert are("", "zorks", "blarks")
    assert are("Metric $", "zorks", "blarks")
    assert not are("Metric", "zorks", "Zorks")
    assert not are("Metric", "zorks", "")
    assert not are("Metric", "zorks", labels=())
    assert not are("shop", "zorks", "blarks")
    assert [are("shop", "Orders", name) for name in ("clicks", "blarks")] == [True, False], "more than half"
    assert are("shop", "Orders", "clicks", "blarks")
    assert not are("channel", "Orders", "clicks")


def test_labels_of_merged_cells() -> None:
    def down(text: str, labels: list[int]) -> list[str]:
        return [",".join(row) for _, row in day_columns._filled_down(list(enumerate(rows_of(text))), labels)]

    assert down("A,x,1\n,y,2\nB,x,3", [0, 1]) == ["A,x,1", "A,y,2", "B,x,3"]
    assert down("A,a,x,1\n,b,y,2\nB,,x,3", [0, 1, 2]) == ["A,a,x,1", "A,b,y,2", "B,,x,3"], (
        "another label ends those right of it"
    )
    assert down(",x,1\nA,y,2", [0, 1]) == [",x,1", "A,y,2"]
    assert down("A,x,1\n,,2", [0, 1]) == ["A,x,1", ",,2"], "a row without the last one"
    assert down("A,1\n,2", [0]) == ["A,1", ",2"]


def turned(text: str, path: str = "a.csv", **more: Any) -> list[str]:
    return [",".join(row) for row in day_columns.turned(table(rows_of(text)), path).rows]


def test_cells_below_days() -> None:
    few = "\n".join(f"p{at},1,2,3" for at in range(9))
    assert len(turned(f"product,{DATED}\n{few}\nq,x,y,3")) == 1 + 30
    with pytest.raises(UsageError, match="no figures, such as 'x'"):
        turned(f"product,{DATED}\n{few}\nq,x,y,z\nr,w,2,3")
    assert turned(f"product,{DATED}\n,EUR,EUR,EUR\na,1,2,3\nb,4,5,6")[1:3] == ["2026-07-01,a,1", "2026-07-02,a,2"]
    assert turned(f"product,{DATED}\na,1,2,3\nTotal,9,9,9\nb,4,5,6")[4] == "2026-07-01,b,4"
    assert turned(f"product,{DATED}\na,1,2\nb,4,5,6")[3] == "2026-07-01,b,4", "a short row"
    assert turned(f"Orders\nproduct,{DATED}\na,1,2,3\nb,4,5,6")[0] == "Date,product,Orders"
    assert turned(f"Product\nproduct,{DATED}\na,1,2,3\nb,4,5,6")[0] == "Date,product,value"
    assert turned(f"Date\nproduct,{DATED}\na,1,2,3\nb,4,5,6")[0] == "Date,product,value"
    assert turned(f"Orders,shop\nproduct,{DATED}\na,1,2,3\nb,4,5,6", "Visits.csv")[0] == "Date,product,Visits"
    for below, fits in ((f"{DAYS[0]},{DAYS[1]},x", True), (DATED, False)):
        text = f"product,{DATED}\na,1,2,3\nb,4,5,6\nc,4,5,6\nd,4,5,6\ne,4,5,6\nf,4,5,6\ng,{below}"
        with pytest.raises(UsageError, match="no figures" if fits else "another table below"):
            turned(text)


def test_which_columns_name_rows() -> None:
    def names(header: str, *rows: str) -> list[int]:
        return row_labels.row_labels(header.split(","), [1, 2], [row.split(",") for row in rows], "days")

    assert names("shop,d,e", "a,1,2", "b,3,4") == [0]
    assert names("shop,d,e,sum", "a,1,2,3", "b,3,4,7") == [0]
    assert names("shop,d,e,zorks", "a,1,2,3", "b,3,4,7") == [0], "a sum, whatever it is called"
    assert names("shop,d,e,Total", "a,1,2,9", "b,3,4,9") == [0, 3], "the same in every row"
    assert names("shop,d,e,Total", "a,1,2,9", "b,3,4,8") == [0]
    assert names("shop,d,e,zorks,blank", "a,100,200,303,", "b,100,200,297,") == [0], "within one percent"
    assert names("sku,d,e", "7,1,2", "8,3,4") == [0]
    for zorks in ("304", "296"):
        with pytest.raises(UsageError, match="'zorks' has other figures"):
            names("shop,d,e,zorks", f"a,100,200,{zorks}", "b,100,200,300")
    with pytest.raises(UsageError, match="'zorks' has other figures"):
        names("shop,d,e,zorks", "a,1,2,9")
    for cell, is_total in (
        ("Total", True),
        ("Total income", True),
        ("North total", True),
        ("A total of b", False),
        ("income", False),
    ):
        assert row_labels.is_called_total(cell) == is_total, cell


@pytest.mark.parametrize(("cells", "sparse"), [
    ("A,,B,", True), ("A,,,B", True), ("A,,,", False), (",A,,B", False), ("A,,A,", False), ("A,B,,", True), ("A,B,C,", False),
    ("A,,B,,Total", True), ("A,B,Total", False),
])  # fmt: skip
def test_labels_that_few_rows_have(cells: str, sparse: bool) -> None:
    body = [[cell] for cell in cells.split(",")]
    assert reshaped_rows._is_sparse(body, 0) == sparse
    assert reshaped_rows._is_label(body, 0) == sparse
    assert not reshaped_rows._is_label([[cell.replace("B", "7")] for [cell] in body], 0)


def headed(text: str) -> list[str] | None:
    made = reshaped_rows._headed(table(rows_of(text)), 0)
    return None if made is None else [",".join(row) for row in made.rows[1:]]


def test_labels_in_rows_of_their_own() -> None:
    text = "Shop,Date,Orders\nEast,,\n,2026-07-01,1\nWest,,\n,2026-07-01,3"
    assert headed(text) == ["East,2026-07-01,1", "West,2026-07-01,3"]
    assert headed(f"{text}\nTotal,,4") == ["East,2026-07-01,1", "West,2026-07-01,3", "Total,,4"]
    assert headed(text.replace("West,,", "West")) == ["East,2026-07-01,1", "West,2026-07-01,3"]
    for before, after in (
        ("\nEast,,", ""), ("West,,", ",,"), ("West,,", "2026-07-09,,"), ("West,,", "7,,"), ("West,,", "West,a,"),
        ("\n,2026-07-01,3", ""),
        ("\n,2026-07-01,3", "\nSouth,2026-07-01,3"), ("\n,2026-07-01,3", "\n,2026-07-01,3\nSouth,,\n,1"),
    ):  # fmt: skip
        changed = text.replace(before, after)
        assert (headed(changed) is not None) == (after.endswith("South,,\n,1")), (before, after)
    for row, has in (
        ("a,b", True),
        ("a,", False),
        (",b", False),
        ("Total,b", False),
        ("totals of all,b", False),
        ("", False),
    ):
        assert reshaped_rows._has_own_label(row.split(",")) == has


def test_lines_of_records() -> None:
    text = "Ticket,Date,Fee,Task,Minutes\n1001,2026-07-01,9,Cup,2\n,,,Plate,1\n1002,2026-07-02,8,Cup,3\n,,,Bowl,4"
    whole = reshaped_rows._continued(table(rows_of(text)), 0)
    assert whole is not None
    assert whole.rows[2] == ("1001", "2026-07-01", "", "Plate", "1")
    for before, after in (
        ("1001,", ","), ("\n,,,Bowl,4", ""), (",,,Bowl", ",,,Total"), ("2026-07-0", "7"),
        (",,,Plate", ",2026-07-01,,Plate"), ("Cup", "5"),
    ):  # fmt: skip
        changed = text.replace(before, after)
        if before == "Cup":
            changed = changed.replace("Plate", "6").replace("Bowl", "7")
        assert reshaped_rows._continued(table(rows_of(changed)), 0) is None, (before, after)
    assert reshaped_rows._continued(table(rows_of("Ticket,Date\n")), 0) is None


def test_days_above_or_below_names_of_figures() -> None:
    def grouped(text: str) -> Any:
        return grouped_days.grouped_days(rows_of(text), 1)

    text = ",2026-07-01,,2026-07-02,\nChannel,Orders,Views,Orders,Views\nlive,1,10,2,20"
    rows, origins = parts(grouped(text))
    assert (rows[1:], origins) == ([("2026-07-01", "live", "1", "10"), ("2026-07-02", "live", "2", "20")], [1, 2, 2])
    assert parts(grouped(text.replace("Channel", "")))[0][0] == ("Date", "label", "Orders", "Views")
    assert parts(grouped(text.replace("Channel", "").replace(",2026", "Shop,2026", 1)))[0][0][1] == "Shop"
    assert grouped(text + "\nTotal,9,9,9,9") == grouped(text)
    short = parts(grouped(text + "\nvideo,5"))[0]
    assert short[3:] == [("2026-07-01", "video", "5", "")]
    for before, after in (
        ("2026-07-02", "2026-07-01"), ("Views", "Orders"), ("Views", "7"), ("\nlive,1,10,2,20", ""), ("live,1,10", "live,x,10"),
        ("2026-07-02", "x"), ("Channel,", ""),
    ):  # fmt: skip
        assert grouped(text.replace(before, after)) is None, (before, after)
    assert parts(grouped(text.replace("live,1,10,2,20", "live,1,10,2,x")))[0][2][-1] == "x"
    assert np.isnan(row_labels.cell_values(["1", ""])).tolist() == [False, True]
