"""Keys, lists of refunds and of appeals at the limits of what is one."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from core.ingest.formats.turned_table import TurnedTable
from core.ingest.lookups import found_lookups, lookup_tables, order_tables, refund_lists, table_words
from core.ingest.lookups.appeal_lists import one_row_each
from core.ingest.lookups.lookup_tables import LookupTable, below_titles, with_lookups
from core.ingest.lookups.refund_lists import refund_list
from tests.ingest.shapes.test_bounds_of_shapes import rows_of, table

STORES = LookupTable("stores", ("store id",), pa.array(["S1", "S2", "S3"]), {"Town": pa.array(["Rome", "Oslo", None])})


@pytest.mark.parametrize(("text", "place"), [
    ("day,store_id\n1,S1\n2,S2", 1), ("day,store\n1,S1\n2,S2", None), ("day,store_id\n1,S1", None), ("Store ID\nS1\n \nS2", 0),
    ("store_id\n" + "S1\n" * 9 + "S9", 0), ("store_id\n" + "S1\n" * 8 + "S9", None), ("store_id,b\nS1\nS2", 0),
    ("store_id\nS8\nS9", None),
])  # fmt: skip
def test_tables_that_have_a_key(text: str, place: int | None) -> None:
    """Two rows, and nine of ten keys known."""
    assert STORES.place_in(rows_of(text)) == place


def test_words_by_their_key() -> None:
    made = with_lookups(table(rows_of("day,store_id\n1,S1\n2,S3\n3,S2\n4")), [STORES])
    assert made.rows == [
        ["day", "store_id", "Town"],
        ["1", "S1", "Rome"],
        ["2", "S3", ""],
        ["3", "S2", "Oslo"],
        ["4", "", ""],
    ]
    assert made.describe["looked up"] == "stores"
    (batch,) = made.records(0, made.rows[0]).texts(["Town", "day"])
    assert {name: cells.to_pylist() for name, cells in batch.columns.items()} == {
        "Town": ["Rome", None, "Oslo", None], "day": ["1", "2", "3", "4"],
    }  # fmt: skip
    for towns, header in (
        ("Rome,Oslo", "store_id,town"),
        ("Rome,Bonn", "store_id,town,stores Town"),
        ("Rome", "store_id,town"),
    ):
        rows = [["store_id", "town"], *zip(("S1", "S2"), towns.split(","), strict=False)]
        assert [*with_lookups(table([*map(list, rows), ["S1"]]), [STORES]).rows[0]] == header.split(","), (
            "the same words are there"
        )
    plain = table(rows_of("day,shop\n1,S1\n2,S2"))
    assert with_lookups(plain, [STORES]) is plain
    other = LookupTable("regions", ("region",), pa.array(["R1", "R2"]), {"Town": pa.array(["a", "b"])})
    both = with_lookups(table(rows_of("region,store_id\nR1,S1\nR2,S2")), [STORES, other])
    assert both.rows[:2] == [["region", "store_id", "Town", "regions Town"], ["R1", "S1", "Rome", "a"]]
    assert both.describe["looked up"] == "stores and regions"
    titled = table(rows_of("Report\nday,store_id,orders\n1,S1,5\n2,S2,6"))
    assert [*below_titles(titled).rows[0]] == ["day", "store_id", "orders"]
    assert below_titles(plain) is plain


@pytest.mark.parametrize(("name", "cells", "may"), [
    ("store_id", "S1 S2", True), ("store_id", "S1", False), ("store_id", "S1 S1", False), ("order_id", "A1 A2", False),
    ("town", "Rome Oslo", True),
    ("day", "2026-07-01 2026-07-02", False), ("price", "5 6", False), ("store_id", "5 6", True),
    ("violation_id", "V1", True), ("town", "5 x", True),
])  # fmt: skip
def test_columns_that_may_be_keys(name: str, cells: str, may: bool) -> None:
    rows = [[cell] for cell in cells.split()]
    assert table_words._may_be_key(name, rows) == may
    assert not table_words._may_be_key(name, [*rows, []])
    assert not table_words._may_be_key(name, [*rows, [" "]])


def test_what_other_tables_call_a_key() -> None:
    for key, stem, names in (
        ("id", "dim boxes", "boxes id,box id"), ("id", "branches", "branches id,branch id"),
        ("pk", "classes", "classes pk,class pk"),
        ("id", "store", "store id"), ("store_id", "x", "store id"), ("code", "", ""), ("sk", "cities", "cities sk,city sk"),
    ):  # fmt: skip
        assert ",".join(lookup_tables.names_elsewhere(key, stem)) == names
    for weeks, is_series in (
        ("0 7", True),
        ("0 14", True),
        ("0 21", False),
        ("0", False),
        ("", False),
        ("0 7 28", True),
        ("0 7 35", False),
    ):
        days = [int(day) for day in weeks.split()]

        class Rows:
            def __init__(self, days: list[int] | None) -> None:
                self.days = None if days is None else np.array(days)

            def __len__(self) -> int:
                return 1 if self.days is None else len(self.days)

        export = SimpleNamespace(batches=[Rows(days), Rows([]), Rows(None)])
        assert found_lookups._is_series(cast(Any, export)) == is_series, weeks
    assert [table_words._is_plain_figure(cell) for cell in ("5", "2026-07-01", "x")] == [True, False, False]
    assert [table_words._is_no_word(cell) for cell in ("5", "2026-07-01", "x")] == [True, True, False]
    assert [
        table_words._are(pa.array(cells, pa.string()), str.isdecimal) for cells in (["5", None], [None], ["5", "x"])
    ] == [True, False, False]


@pytest.mark.parametrize(("header", "row", "are"), [
    ("Order ID,Order date,Amount", "A1,2026-07-01,5", True), ("Order ID,Amount", "A1,5", False),
    ("Parcel,Order date,Amount", "A1,2026-07-01,5", False),
    ("Order ID,Order date", "A1,2026-07-01", False), ("Order ID,Order date,gmv", "A1,2026-07-01,5", True),
    ("Order ID,Refund date,Refund amount", "A1,2026-07-01,5", False),
    ("Order ID,Order date,Amount,Refund amount", "A1,2026-07-01,5,1", False), ("Order ID,Order date,Amount", "A1,,5", False),
])  # fmt: skip
def test_tables_of_orders(header: str, row: str, are: bool) -> None:
    assert order_tables.are_orders([header.split(","), row.split(","), row.split(",")]) == are


def test_columns_of_days() -> None:
    for cells, are in (("2026-07-01", True), ("2026-07-01,", True), ("2026-07-01,x", False), ("", False)):
        assert order_tables.are_days([["a", cell] for cell in cells.split(",")] + [["a"]], 1) == are


REFUNDS = (
    "Order ID,Refund date,Refund amount,Reason,Status,Line ID\n"
    "A3,2026-07-09,13.50,broken,Completed,L1\nA5,2026-07-11,5.25,late,Rejected,L2"
)


def test_columns_of_a_list_of_refunds() -> None:
    def columns(text: str) -> Any:
        header, *rows = rows_of(text)
        found = refund_lists._columns_of(header, rows)
        return found and (found.order, found.day, found.amount, found.reason, found.state, found.ids)

    assert columns(REFUNDS) == (0, 1, 2, 3, 4, (5,))
    assert columns("Order ID,Return date\nA,2026-07-01\nB,2026-07-02") == (0, 1, None, None, None, ())
    assert columns("Order ID,Return date,Zorks\nA,2026-07-01,5\nB,2026-07-02,6") == (0, 1, 2, None, None, ())
    assert columns("Order ID,Return date,Zorks,Blarks\nA,2026-07-01,5,6\nB,2026-07-02,6,7") == (
        0,
        1,
        None,
        None,
        None,
        (),
    )
    assert columns("Order ID,Return date,Units,Zorks\nA,2026-07-01,5,6\nB,2026-07-02,6,7") == (0, 1, 3, None, None, ())
    assert columns("Order ID,Return date,Zorks\nA,2026-07-01,5\nB,2026-07-02,") == (0, 1, None, None, None, ())
    for before, after in (
        ("Refund date", "Order date"), ("Order ID", "Parcel"), ("Line ID", "Order No"), (",L2", ""),
    ):  # fmt: skip
        assert columns(REFUNDS.replace(before, after)) is None, (before, after)
    two = "Order ID,Date,Time,Refund ID\nA,2026-07-01,2026-07-02,R1\nB,2026-07-03,2026-07-04,R2"
    assert columns(two) is None, "two days"


def test_refunds_that_were_not_declined() -> None:
    found = refund_list(table(rows_of(f"{REFUNDS}\n,2026-07-12,1.00,,Completed,L3")), "refunds")
    assert found is not None
    assert (found.file, found.name, found.orders.to_pylist()) == ("refunds", "order id", ["A3"])
    assert [column.to_pylist() for column in found.details] == [["13.50"], ["2026-07-09"], ["broken"]]
    assert found.identity.to_pylist() == ["A3\x1f13.50\x1f2026-07-09\x1fbroken\x1fL1"]
    assert refund_list(table(rows_of("a,b\n1,2")), "x") is None


def test_refunds_of_one_order_add_up() -> None:
    def sums(cells: list[str | None], orders: list[int]) -> list[str | None] | None:
        _, firsts = np.unique(orders, return_index=True)
        found = refund_lists._sums(pa.array(cells, pa.string()), np.array(orders), firsts)
        return None if found is None else found.to_pylist()

    assert sums(["1.50", "2", "3.25"], [0, 1, 0]) == ["4.75", "2"]
    assert sums(["1,50", "2", "3,25"], [0, 1, 0]) == ["4,75", "2"]
    assert sums(["1,50", "2", "3.25"], [0, 1, 0]) is None, "two marks"
    assert sums(["x", "2", "3"], [0, 1, 0]) is None
    assert sums(["x", "2", "3"], [0, 1, 1]) == ["x", "5"], "one that is alone stays as it is written"
    assert sums([None, "2", "3"], [0, 0, 1]) == ["2", "3"]
    assert sums([None, None, "3"], [0, 0, 1]) == [None, "3"]


def test_rows_that_two_lists_have() -> None:
    def kept(*identities: str) -> list[int]:
        lists = [SimpleNamespace(identity=pa.array(own.split(), pa.string())) for own in identities]
        return refund_lists._different(cast(Any, lists)).tolist()

    assert kept("a b", "b c") == [0, 1, 3]
    assert kept("a a", "a") == [0, 1]
    assert kept("a", "a a") == [0, 2], "as many as the list with most has"
    assert kept("a b a", "b a a a") == [0, 1, 2, 6]
    orders = [table(rows_of("amazon-order-id,b\nA,1")), table(rows_of("Order ID,b\nA,1"))]
    assert refund_lists.names_of_orders("order id", orders) == ("order id",)
    assert refund_lists.names_of_orders("order no", orders) == ("amazon-order-id", "order id")
    assert refund_lists.names_of_orders("order no", []) == ()
    lookup = LookupTable(
        "refunds",
        ("order id",),
        pa.array(["A1", "A2", "A9"]),
        {"refund_amount": pa.array(["1", "2", "3"])},
        fits=order_tables.are_orders,
        is_of_few=True,
    )
    tables = [
        table(rows_of(f"Order ID,Order date,Amount\nA{at},2026-07-01,5\nA{at + 1},2026-07-01,6")) for at in (0, 2, 5)
    ]
    assert [lookup_tables.keys_without_rows(lookup, tables[:count]) for count in (0, 1, 2, 3)] == [3, 2, 1, 1]
    assert lookup_tables.plain_name("Order_ID") == "order id"


def test_appeals_against_one_violation() -> None:
    text = (
        "violation_id,appeal result,appealed on\nV1,rejected,2026-07-01\nV2,rejected,2026-07-02\n"
        "V1,overturned,2026-07-03\nV1,rejected,2026-07-04\nV2,upheld,2026-07-05\n,x,y"
    )
    plain = table(rows_of(text))
    made = one_row_each(plain, "appeals")
    assert isinstance(made, TurnedTable)
    assert [*made.rows[1:]] == [["V1", "overturned", "2026-07-03"], ["V2", "upheld", "2026-07-05"]]
    stores = table(rows_of("store_id,town\nS1,Rome"))
    assert one_row_each(stores, "stores") is stores
