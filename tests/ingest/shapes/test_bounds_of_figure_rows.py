"""Rows of one figure each, and outlines of labels and days, at the limits of what is one."""

import pytest

from core.base.errors import UsageError
from core.ingest.shapes import metric_rows, outlined_rows
from core.ingest.shapes.metric_rows import REPEATED, SPREAD, spread
from core.ingest.shapes.outlined_rows import outlined
from tests.ingest.shapes.test_bounds_of_shapes import rows_of, table

LONG = "date,metric,value\n2026-07-01,orders,1\n2026-07-01,gmv,20\n2026-07-02,orders,2\n2026-07-02,gmv,30"


def made(text: str) -> list[str] | None:
    found = spread(table(rows_of(text)), 0)
    return None if found is None else [",".join(row) for row in found.rows]


@pytest.mark.parametrize(("words", "are"), [
    ("orders,clicks", True), ("orders,zorks", False), ("orders,zorks,blarks", False), ("orders", False), ("sales,cost", False),
    ("sales,cost,conversion rate", True), ("sales,conversion rate", True), ("conversion rate,bounce rate", False),
    ("zorks,blarks", False),
    ("orders (web),clicks (web)", True), ("Orders,Clicks,a,b", True), ("Orders,Clicks,a,b,c", False), ("orders,sales", True),
])  # fmt: skip
def test_words_that_figures_are_called_by(words: str, are: bool) -> None:
    assert metric_rows._are_figures([["x", word] for word in [*words.split(","), ""]], 1) == are
    assert not metric_rows._are_figures([["x"]] * 3, 1)


def test_how_many_words_name_figures() -> None:
    for count, are in ((58, True), (59, False)):
        words = ["orders", "clicks", *(f"orders ({at})" for at in range(count))]
        assert metric_rows._are_figures([[word] for word in words], 0) == are, "sixty"
    for count, is_spread in ((60, True), (61, False)):
        rows = [["date", "metric", "value"], *(["2026-07-01", f"figure {at}x", "1"] for at in range(count))]
        assert (spread(table(rows), 0) is not None) == is_spread


@pytest.mark.parametrize(("header", "row", "named"), [
    ("date,metric,value", "2026-07-01,a,1", ("metric", "value")), ("date,metric,zorks", "2026-07-01,a,1", ("metric", "zorks")),
    ("date,metric,id,zorks", "2026-07-01,a,7,1", ("metric", "zorks")),
    ("date,metric,number", "2026-07-01,a,1", ("metric", "number")),
    ("date,metric,year,zorks", "2026-07-01,a,2026,1", ("metric", "zorks")), ("date,metric,word", "2026-07-01,a,b", None),
    ("date,kind,value", "2026-07-01,orders,1", None), ("date,kind,orders", "2026-07-01,orders,1", None),
])  # fmt: skip
def test_which_columns_name_figures_and_hold_them(header: str, row: str, named: tuple[str, str] | None) -> None:
    assert metric_rows._named_figures(header.split(","), [row.split(",")] * 3) == named


def test_a_figure_has_one_column() -> None:
    two = [["2026-07-01", "a", "1", "2"]] * 3
    for value in ("zorks", "value"):
        with pytest.raises(UsageError, match="several columns of figures: " + value):
            metric_rows._named_figures(["date", "metric", value, "blarks"], two)
    kinds = [["2026-07-01", "orders", "1"], ["2026-07-01", "clicks", "2"]]
    assert metric_rows._named_figures(["date", "kind", "zorks"], kinds) == ("kind", "zorks")
    assert metric_rows._named_figures(["date", "kind", "hours"], kinds) is None, "it says itself what it counts"
    assert metric_rows._named_figures(["date", "kind", "zorks (EUR)"], kinds) is None
    assert metric_rows._named_figures(["date", "kind", "a", "b"], [[*row, "9"] for row in kinds]) is None
    for metric, words, entries in (
        ("kind", ["sales", "refunds"], True), ("kind", ["sales", "clicks"], False), ("metric", ["sales"], False),
        ("kind", ["zorks"], True),
    ):  # fmt: skip
        assert metric_rows._may_be_entries(metric, words) == entries


def test_figures_get_columns() -> None:
    assert made(LONG) == ["date,orders,gmv", "2026-07-01,1,20", "2026-07-02,2,30"]
    assert made(LONG.replace("orders", "date")) == ["date,date 2,gmv", "2026-07-01,1,20", "2026-07-02,2,30"]
    assert made(LONG + "\nTotal,,53") == made(LONG)
    assert made(LONG.replace("metric", "kind").replace("gmv", "clicks")) == [
        "date,orders,clicks",
        "2026-07-01,1,20",
        "2026-07-02,2,30",
    ]
    alone = "date,kind,zorks\n" + "\n".join(
        f"2026-07-{at:02d},{'orders' if at % 2 else 'clicks'},{at}" for at in range(1, 20)
    )
    assert made(alone) is None, "no two are of one day"
    assert made(f"{alone}\n2026-07-19,clicks,5") is not None, "nineteen of twenty are days of their own"
    entries = "date,kind,zorks\n2026-07-01,sales,5\n2026-07-01,orders,2\n2026-07-01,orders,7\n2026-07-02,sales,1"
    assert made(entries) is None, "two payments"
    again = spread(table(rows_of(f"{LONG}\n2026-07-02,gmv,30\n2026-07-02,gmv,30")), 0)
    assert again is not None
    assert (again.describe[REPEATED], again.describe[SPREAD]) == ("2", "metric")
    units = "date,metric,unit,value\n" + "\n".join(
        f"2026-07-0{day},{name},{unit},{day}"
        for day in (1, 2)
        for name, unit in (("gmv", "EUR"), ("rate", "%"), ("orders", "pcs"))
    )
    assert made(units) == ["date,gmv (EUR),rate (%),orders", "2026-07-01,1,1,1", "2026-07-02,2,2,2"]
    single = "\n".join(line for line in units.splitlines() if not line.startswith("2026-07-02"))
    assert made(single) == [
        "date,unit,gmv,rate,orders",
        "2026-07-01,EUR,1,,",
        "2026-07-01,%,,1,",
        "2026-07-01,pcs,,,1",
    ], "one of each"
    numbered = (
        "no,date,metric,value\n1,2026-07-01,orders,1\n2,2026-07-01,gmv,20\n3,2026-07-02,orders,2\n4,2026-07-02,gmv,30"
    )
    assert made(numbered) == made(LONG)
    assert metric_rows.header_of([["a"], ["a", "b"], ["a", "", "b", "c"]]) == 2
    assert metric_rows.header_of([["a"], ["a", "b"]]) is None


OUTLINE = "Shop,Orders\nEast,5\n2026-07-01,2\n2026-07-02,3\nWest,9\n2026-07-01,4\n2026-07-02,5"


def test_what_an_outline_begins_with() -> None:
    for cells, may in (
        ("East 2026-07-01", True), ("2026-07-01 East", True), ("2026-07-01 2026-07-02", False), ("2026-07-01 7", False),
        ("2026-07-01", False),
        ("East West", False), ("East 7 2026-07-01", False), ("East West 2026-07-01", True), ("", False),
    ):  # fmt: skip
        assert outlined_rows._may_begin(cells.split()) == may, cells


def test_sums_above_or_below() -> None:
    for text, found in (
        (OUTLINE, True), (OUTLINE.replace("East,5", "East,6"), False),
        (OUTLINE.replace("East,5", "East,").replace("West,9", "West,"), True),
        (OUTLINE.replace("East,5", "East,"), False), (OUTLINE.replace("West", "East"), False),
        (OUTLINE.replace("2026-07-02", "2026-07-01"), False),
        (OUTLINE.replace("East", ""), False), (OUTLINE.replace("East", "7"), False), (f"{OUTLINE}\nTotal,14", True),
        (OUTLINE.replace("East,5", "East,0").replace("2026-07-01,2\n2026-07-02,3", "2026-07-01,0\n2026-07-02,0"), True),
    ):  # fmt: skip
        assert (outlined(table(rows_of(text)), 0) is not None) == found, text
    for total, found in (("10010", True), ("10011", False), ("9991", True), ("9989", False)):
        text = OUTLINE.replace("East,5", f"East,{total}").replace(
            "2026-07-01,2\n2026-07-02,3", "2026-07-01,4000\n2026-07-02,6000"
        )
        assert (outlined(table(rows_of(text)), 0) is not None) == found, "a thousandth"
    made = outlined(table(rows_of(OUTLINE.replace("Shop", "Date"))), 0)
    assert made is not None
    assert made.rows[0] == ("Date", "label", "Orders")
    worded = outlined(table([[row[0], "x", row[1]] for row in rows_of(OUTLINE)]), 0)
    assert worded is not None
    assert worded.rows[1] == ("2026-07-01", "East", "x", "2")
    figures = outlined_rows._figures(["1,5", "2,25", ""])
    assert figures is not None
    assert figures.tolist() == [1.5, 2.25, 0.0]
    assert outlined_rows._figures(["1.5", "x"]) is None
