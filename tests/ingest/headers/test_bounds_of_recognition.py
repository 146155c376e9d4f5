"""What a table is taken for, by its columns and first rows, at the limits of what shows it."""

from typing import Any

import pytest

from core.base.errors import NoDailyFigures, UsageError
from core.ingest import recognition, row_kinds
from core.ingest.layout import TableRegion
from core.ingest.recognition import recognize
from tests.ingest.test_bounds_of_layouts import rows_of


def region(text: str, header: int | None = 0) -> TableRegion:
    return TableRegion(rows=rows_of(text), offset=0, header=header, above=(), is_whole=True)


@pytest.mark.parametrize(("header", "row", "kind"), [
    ("date,orders", "2026-07-01,5", "daily"), ("date,impressions", "2026-07-01,5", "traffic"),
    ("date,impressions,clicks", "2026-07-01,5,6", "traffic"),
    ("date,impressions,clicks,zorks", "2026-07-01,5,6,7", "daily"),
    ("date,impressions,clicks,zorks", "2026-07-01,5,6,a", "traffic"),
    ("order_id,ordered_at,gmv", "A1,2026-07-01,5", "orders"),
    ("order_id,review_id,reviewed_at,rating", "A1,R1,2026-07-01,5", "reviews"),
    ("creator_id,followers", "C1,5", "creators"), ("date,creator_id,followers,zorks", "2026-07-01,C1,5,6", "daily"),
    ("creator_id,role", "C1,affiliate", "roles"),
    ("date,currency,rate", "2026-07-01,EUR,1.1", "fx"), ("product_id,title", "P1,Cup", "products"),
    ("zorks,blarks", "2026-07-01,5", "daily"),
    ("zorks,blarks", "a,5", "daily"),
])  # fmt: skip
def test_kinds_by_their_columns(header: str, row: str, kind: str) -> None:
    rows = "\n".join([header, *[row] * 3])
    assert recognize(region(rows), None, None).kind.name == kind


def test_entries_of_a_ledger_are_no_orders() -> None:
    for header, kind in (
        ("Order ID,Sold on,Amount", "orders"), ("Order ID,Sold on,Amount,Fee name", "daily"),
        ("Order ID,Refund date,Refund amount", "daily"),
    ):  # fmt: skip
        row = "A1,2026-07-01,5,x" if header.count(",") == 3 else "A1,2026-07-01,5"
        found = recognize(region(f"{header}\n{row}\n{row}"), None, None)
        assert (found.kind.name, found.nearest is not None) == (kind, kind == "orders"), header
    shop = ["Name", "Financial Status", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price"]
    for more, preset in (([], "shopify-orders"), (["Payout ID"], None)):
        text = "\n".join([",".join([*shop, *more]), ",".join(["x"] * (6 + len(more)))])
        mapping = recognize(region(text), "orders" if more else None, None).mapping
        assert (mapping.name if mapping else None) == preset


def test_likely_kinds_are_the_most_telling_first() -> None:
    def likely(header: str, figures: str = "") -> list[str]:
        return [kind.name for kind in recognition._likely_kinds(header.split(), figures.split())]

    assert likely("date clicks") == ["traffic"]
    assert likely("date clicks zorks", "clicks zorks") == ["daily", "traffic"]
    assert likely("date zorks") == ["daily"]
    assert likely("zorks") == []
    assert likely("creator_id role followers")[0] == "roles"
    assert likely("date creator_id followers", "followers") == ["creators"]
    assert likely("date creator_id zorks", "zorks") == ["daily"]
    assert likely("order_id creator_id followers") == []


def test_a_list_with_ratings_may_be_reviews() -> None:
    kind = recognition.KINDS["products"]
    names = ("product_id", "rating", "review text", "title")

    def are(
        *rows: str, names: tuple[str, ...] = names, figures: tuple[str, ...] = ("rating",), kind: Any = kind
    ) -> bool:
        return recognition._are_reviews(kind, names, figures, [row.split(",") for row in rows])

    assert are("P1,5,good,Cup", "P1,4,bad,Cup")
    assert not are("P1,5,good,Cup", "P2,4,bad,Pot")
    assert not are("P1,5,good,Cup", "P1,4,bad,Cup", kind=recognition.KINDS["orders"])
    assert not are("P1,5,3,Cup", "P1,4,4,Cup", figures=("rating", "review text"))
    assert not are(
        "P1,5,good,Cup", "P1,4,bad,Cup", names=("product_id", "stars of it", "review text", "title"), figures=()
    )
    dated = ("product_id", "rating", "review date", "title")
    assert are("P1,5,2026-07-01,Cup", "P2,4,2026-07-02,Pot", names=dated)
    assert are("P1,5,good,Cup", "", "P1")


def test_what_is_no_export_is_said() -> None:
    for text, error, says in (
        ("a,b\nx,y", NoDailyFigures, "none of them holds figures"),
        ("violation_id,note\nV1,x", NoDailyFigures, "no days and no figures"),
        ("date,date\n2026-07-01,5", UsageError, "column date appears twice"),
        ("order_id,ordered_at,gmv,GMV\nA,2026-07-01,5,6", UsageError, "gmv appears twice"),
    ):  # fmt: skip
        with pytest.raises(error, match=says):
            recognize(region(text), None, None)
    assert recognize(region("a,b\nx,y"), "daily", None).kind.name == "daily"
    recognition._refuse_repeats(["zorks", "zorks", "date"], ["date"])
    with pytest.raises(UsageError, match="has 3 cells, and no row below it has as many: the first has 2"):
        recognition.refuse_other_widths([["a", "b", "c"], ["1", "2"], ["3", "4"]])
    with pytest.raises(UsageError, match="no header"):
        recognize(region("1,2\n3,4", None), "daily", None)
    recognition.refuse_other_widths([["a", "b"]])
    recognition.refuse_other_widths([["a", "b"], ["1"], ["1", "2"]])
    recognition.refuse_other_widths([["a", "7"], ["1"]])


def test_columns_of_figures() -> None:
    def figures(*rows: str) -> list[str]:
        return [*row_kinds.figure_columns(("a", "b"), [row.split(",") for row in rows])]

    assert figures("1,x", "2,3") == ["a"]
    assert figures("pcs,x", "2,3", "3,4", "4,5") == ["a", "b"], "the first row may say the units"
    assert figures("pcs,3", "2,3") == ["b"]
    assert figures(",", "") == []
    assert figures("1", "2") == ["a"]
    for late, found in ((row_kinds.ROWS_READ - 1, []), (row_kinds.ROWS_READ, ["a"])):
        assert figures(*["1"] * late, "x") == found
    assert [recognition._may_name(row.split(",")) for row in ("a,1", "a,1,2", "a,1,,", "1")] == [
        True,
        False,
        True,
        False,
    ]
    sectioned = recognition._sectioned(["", "Live", "", "Video"], ["Date", "Orders", " GMV ", "Orders"])
    assert sectioned == ["Date", "Live::Orders", "Live::GMV", "Video::Orders"]
    assert recognition._sectioned(["Live"], ["a", ""]) == ["Live::a", ""]


def test_kinds_of_rows() -> None:
    for row, is_comment in (
        ("# made", True),
        ("#,7", True),
        ("# a,7", True),
        ("# a,7,8", False),
        ("#group,a,b,c", True),
        ("a,# b", False),
        ("", False),
    ):
        assert row_kinds.is_comment(row.split(",")) == is_comment, row
    for row, below, groups in (
        (",Live,,Video,", "Date,a,b,a,b", True), (",Live,,Video", "Date,a,b,a,b", False),
        (",Live,,,", "Date,a,b,a,b", False), ("a,b,c,d,e", "Date,a,b,a,b", False),
        (",Live,,7,", "Date,a,b,a,b", False), (",Live,,Video,", "Date,a,,,", False), (",Live,,Video,", "Date,,b,,b", True),
        (",Live,Live,Video,", "Date,a,b,a,b", True),
        ("x,Live,y,Video", "a,b,c,d", False), ("x,,y,z", "a,b,,", True), ("x,,y,z", ",b,,", False),
    ):  # fmt: skip
        assert row_kinds.groups_columns(row.split(","), below.split(",")) == groups, (row, below)
    for names, units, named in (
        ("Day,Cost,Share", ",EUR,%", "Day,Cost (EUR),Share (%)"), ("Day,Cost,Share", ",EUR,7", "Day,Cost,Share"),
        ("Day,Cost", "x,EUR", "Day,Cost"),
        ("Day,Cost", ",EUR,", "Day,Cost"), ("Day,Cost,Note", ",EUR,abcde", "Day,Cost (EUR),Note"),
        ("Day,Cost,Note", ",EUR,abcdef", "Day,Cost,Note"),
        ("Day,Weight", ",kg", "Day,Weight"), ("Day,Speed,Cost", ",km/h,EUR", "Day,Speed (km/h),Cost (EUR)"),
        ("Day,,Cost", ",EUR,EUR", "Day,,Cost (EUR)"),
    ):  # fmt: skip
        assert row_kinds._with_units(names.split(","), [units.split(",")]) == named.split(","), (names, units)
    groups = ["", "Live", "", "Video", ""]
    for cells, named in (
        ("Date,Orders,GMV,Orders,", "Date,Live Orders,GMV,Video Orders,Video"),
        ("Date,EUR,,%,", "Date,Live (EUR),,Video (%),"), ("Date,EUR,GMV,abcde,", "Date,EUR,GMV,abcde,Video"),
        ("Date,EUR,GMV,abcd,", "Date,Live (EUR),GMV,Video (abcd),"),
    ):  # fmt: skip
        assert row_kinds.header_cells([groups, cells.split(",")], 1) == named.split(","), cells
    assert row_kinds.is_mostly([["1"], ["x"], [""], []], 0, str.isdecimal) is False
    assert row_kinds.is_mostly([["1"], ["2"], ["x"]], 0, str.isdecimal)
    assert not row_kinds.is_mostly([], 0, str.isdecimal)


def test_the_nearest_kind_is_named_with_what_is_missing() -> None:
    assert (
        recognition._nearest(rows_of("order_id,ordered_at\nA,2026-07-01"))
        == "Nearest is the kind orders, which also has gmv. "
    )
    assert recognition._nearest(rows_of("zorks,blarks\n1,2")) == ""
    assert (
        recognition._nearest(rows_of("order_id,zorks\n1,2"))
        == "Nearest is the kind orders, which also has ordered_at, gmv. "
    )
