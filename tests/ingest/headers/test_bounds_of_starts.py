"""Where tables begin among titles, pairs, comments and blank rows: each decision at its limits."""

import pytest

from core.base.errors import UsageError
from core.ingest import table_starts
from core.ingest.table_starts import find_starts, title_start
from tests.ingest.test_bounds_of_layouts import rows_of

TABLE = "date,orders,gmv\n2026-07-01,3,20\n2026-07-02,4,30"
NONE: frozenset[int] = frozenset()


@pytest.mark.parametrize(("rows", "gaps", "border"), [
    ("a,b\n,", "", True), ("a,b\n# x,y", "", True), ("a,b\n1,2\nnote", "", True), ("a,b\n1,2\nnote,", "", False),
    ("a,b\n1,2\na note,", "", True),
    ("a,b\n1,2\n,note", "", False), ("a,b\n1,2\n7", "", False), ("a,b\n,\nnote,", "", True), ("a,b\n1,2\nnote,", "2", True),
    ("a,b\n1,2\nx,y", "2", False),
    ("a\n1\nnote", "", False), ("a\n1\na note", "2", False), ("a,b\n1,2\n2026-07-01,", "", False),
])  # fmt: skip
def test_rows_that_are_none_of_a_table(rows: str, gaps: str, border: bool) -> None:
    own = rows_of(rows)
    assert table_starts._is_border(own, len(own) - 1, 0, frozenset(map(int, gaps.split()))) == border


@pytest.mark.parametrize(("row", "header"), [
    ("a,b", True), ("a", False), (",b", False), (",b,c", True), (",,c,d", False), ("# a,b", False), ("a,a", False),
    ("a,a,b", True), ("a,a,a,b", False),
    ("a,7", False), ("a,2026-07-01", False), ("", False),
])  # fmt: skip
def test_rows_that_may_name_columns(row: str, header: bool) -> None:
    """Two different words, one of them blank at most, and more than half of them different."""
    assert table_starts._is_header(row.split(",")) == header


def test_a_header_is_above_figures() -> None:
    for text, is_above in (
        ("x,y\n1,2", True), ("x,y", False), ("x,y\na,b\na,b\n1,2", True), ("x,y\na,b\na,b\na,b\n1,2", False),
        ("x,y\n1", False), ("x,7\n1,2", False),
        ("date,y\n" + "a,b\n" * 49 + "1,2", True), ("date,y\n" + "a,b\n" * 50 + "1,2", False),
        ("date,y,z\n" + "a,b,c\n" * 9 + "1,2,3", False),
        ("x,y\n# c\n# c\n# c\n1,2", False), ("x,\n1,", False), ("x,y,\n1,2,", True), ("date,orders,gmv\n1,2", True),
        ("date,orders\n1", False),
        ("x,y,\n1,2,3", True), (",,x\n1,2,3", False),
    ):  # fmt: skip
        assert table_starts._is_above_figures(rows_of(text), 0) == is_above, text


def test_what_stands_above_a_first_header() -> None:
    for text, gaps, follows in (
        ("date,orders", (), True), ("title\ndate,orders", (), True), ("# a,b\ndate,orders", (), True),
        ("a,b\ndate,orders", (), False), ("a,b\ndate,orders", (1,), True),
        (",Live,,Video,\ndate,a,b,a,b", (), True), ("x,y\n,Live,,Video,\ndate,a,b,a,b", (), False),
        ("title\n,Live,,Video,\ndate,a,b,a,b", (), True), (",\ndate,orders", (), True),
    ):  # fmt: skip
        rows = rows_of(text)
        assert table_starts._follows(rows, len(rows) - 1, frozenset(gaps)) == follows, text
    for above, row, has in (
        ("date,zorks", "x,y", True), ("x,y", "date,zorks", False), ("date,zorks", "date,blarks", True),
        ("date,zorks", "date,orders", False), ("date,zorks,z", "x,y", False),
        ("xa,ya", "za,wa", False), ("xa,ya", "z1,wa", True), ("x1,ya", "z1,wa", False), ("7,date", "x,y", False),
    ):  # fmt: skip
        assert table_starts._has_header([above.split(",")], row.split(",")) == has, (above, row)
    assert not table_starts._has_header([], ["x", "y"])


def test_pairs_above_a_wider_table() -> None:
    def ends(text: str, header: int = 0) -> bool:
        rows = rows_of(text)
        return table_starts._ends_pairs(rows, header, len(rows) - 2)

    wide = "a,b,c,d,e\n1,2,3,4,5"
    assert ends(f"Shop,Mine\n{wide}")
    assert not ends("Shop,Mine\na,b,c,d\n1,2,3,4"), "five columns"
    assert ends("Shop,Mine\na,b,c,d,e\n1,2,3,,")
    assert not ends("Shop,Mine\na,b,c,d,e\n1,2,,,"), "three cells below"
    assert not ends("Shop,Mine\na,b,c,d,e\n1,2,3,4")
    assert not ends(f"Shop,Mine,x\n{wide}")
    assert not ends(f"Orders,Mine\n{wide}"), "a name that is known"
    assert ends(f"Orders,7\n{wide}")
    assert ends(f"Shop,Mine\nOrders,Mine\n{wide}"), "not the first one"
    assert ends(f"x,y,z\nShop,Mine\n{wide}", 1)
    for pairs, fits in ((table_starts.TITLE_ROWS, True), (table_starts.TITLE_ROWS + 1, False)):
        assert ends("Shop,Mine\n" * pairs + wide) == fits
    days = "Report,Sales\nStart Date,7/1/26\nDate,Zorks\n2026-07-01,3"
    for text, begins in (
        (days, True), (days.replace("Report,Sales\n", ""), False), (days.replace("Report,Sales", "Report"), True),
        (days.replace("Report,Sales", ""), False),
        (days.replace("Report,Sales", "7/1/26,Sales"), False), (days.replace("7/1/26", "x"), False),
        (days.replace("Report,Sales", "Report,7/1/26").replace("Start Date,7/1/26", "Start,x"), True),
        (days.replace("\n2026-07-01,3", "\n2026-07-01,3,4"), False), (days.replace("Date,Zorks", "Blarks,Zorks"), False),
        (days.replace("2026-07-01,3", "x,3"), False),
        (days.replace("2026-07-01,3", " 2026-07-01 ,3"), True), (days.replace("Report,Sales", "a,b,c"), False),
    ):  # fmt: skip
        assert ends(text) == begins, text


def test_tables_below_a_border() -> None:
    def new(row: str, below: str = "7,8,9", header: str = "date,orders,gmv", data: str = "2026-07-01,3,20") -> bool:
        rows = [line.split(",") for line in (header, data, row, *below.split("\n"))]
        return table_starts._is_new(rows, 0, 2)

    assert new("a,b")
    assert not new("a,b,c")
    assert new("aa,bb,cc", header="xa,ya,za")
    assert not new("a,b,c", header="xa,ya,za"), "letters are no names"
    assert new("visits,clicks,c"), "half of its names"
    assert not new("visits,b,c")
    assert new("a,visits,c", below="7,2026-07-02,9"), "a column of days"
    assert not new("a,b,c", below="7,2026-07-02,9")
    assert not new("visits,20,gmv", data="visits,3,20"), "cells that the table has"
    assert new("x1,y,z", header="x,y1,7"), "two of three names of the header, but for their numbers"
    assert not new("8,9,za", header="5,6,ya")
    assert new("orders2,gmv2,a"), "names of the header above, with another number"
    assert not new("aa,bb,cc", below="aa,b,c", header="xa,ya,za")

    def other(row: str, below: str = "a,b,c", data: str = "2026-07-01,3,20") -> bool:
        return table_starts._is_other(
            [line.split(",") for line in ("date,orders,gmv", data, row, *below.split("\n"))], 0, 2
        )

    assert other("pa,qa,ra")
    assert not other("pa,qa,ra7")
    assert not other("pa,qa,ra", data="pa,3,20")
    assert not other("pa,qa,ra", data="x,y,z")
    assert not other("pa,qa,ra", below="1,2")
    assert not other("pa,qa,ra,sa", below="1,2"), "none of its width"
    with pytest.raises(
        UsageError, match="below the table date, orders, gmv and a blank line or title is the row pa, qa, ra"
    ):
        other("pa,qa,ra", below="2026-07-02,5,6")
    for cell, may in (("ab", True), ("a", False), ("ab7", False), ("a b", True), ("77", False), ("", False)):
        assert table_starts._may_be_name(cell) == may, cell
    assert table_starts._unnumbered("Orders 12") == table_starts._unnumbered("orders 3")


def test_titles_above_a_further_table() -> None:
    rows = rows_of(f"{TABLE}\nSales of July\nof my shop\ndate,visits\n2026-07-01,3")
    assert title_start(rows, 0, 5, NONE) == 3
    assert title_start(rows, 0, 5, frozenset({4})) == 4, "a blank line ends them"
    assert title_start(rows, 0, 5, frozenset({5})) == 3
    comments = rows_of(f"{TABLE}\n# Sales\n# of my shop\ndate,visits\n2026-07-01,3")
    assert title_start(comments, 0, 5, frozenset({4})) == 3
    assert title_start(rows_of("date,orders\nnote\ndate,visits"), 0, 2, NONE) == 1
    assert title_start(rows_of("date,orders\ndate,visits"), 0, 1, NONE) == 1


def test_starts() -> None:
    for text, gaps, starts in (
        (TABLE, (), [0]), (f"Report\n{TABLE}", (), [1]), (f"{TABLE}\n\nchannel,visits\nlive,3", (), [0, 4]),
        (f"{TABLE}\ndate,orders,gmv\n2026-07-03,1,2", (3,), [0]),
        (f"{TABLE}\ndate,visits,clicks\n2026-07-03,1,2", (3,), [0, 3]), (f"{TABLE}\ndate,visits,clicks\n2026-07-03,1,2", (), [0]),
        ("Zorks,Blarks\n\ndate,orders\n2026-07-01,3", (), [2]), ("date,orders\n\nzorks,blarks\n2026-07-01,3", (), [0]),
        (",Live,,Video,\ndate,a,b,a,b\n2026-07-01,1,2,3,4", (), [1]),
        ("1,2\n3,4", (), []), ("", (), []),
    ):  # fmt: skip
        assert find_starts(rows_of(text), frozenset(gaps)) == starts, text
    for above, refused in (
        ("2026-06-01,5\n2026-06-02,6", True),
        ("2026-06-01,5", False),
        ("2026-06-01\n2026-06-02", False),
    ):
        text = f"{above}\n{TABLE}"
        if refused:
            with pytest.raises(UsageError, match="are 2 rows of days, the first 2026-06-01, 5"):
                find_starts(rows_of(text), frozenset({text.count("\n") - 2}))
        else:
            assert len(find_starts(rows_of(text), frozenset({text.count("\n") - 2}))) == 1
    assert table_starts._with_rows(rows_of("date,orders\n,\nx,y\n1,2"), [0, 2], NONE) == [0]
    assert table_starts._with_rows(rows_of("x,y\n,\ndate,orders\n1,2"), [0, 2], NONE) == [2]
    assert table_starts._with_rows(rows_of("x,y\n,\nz,w\n1,2"), [0, 2], NONE) == [2]
    assert table_starts._with_rows(rows_of("x,y\n1,2\nz,w\n1,2"), [0, 2], NONE) == [0, 2]
