"""What columns of own names are taken for: orders, entries of a ledger, reviews, violations, accounts, shops, changes."""

import numpy as np
import pyarrow as pa
import pytest

from core.ingest.columns.column_profile import Columns, profiles
from core.ingest.formats.batch import TextBatch
from core.ingest.mapping.column_plan import Plan
from core.ingest.own_words.change_list import change_list
from core.ingest.own_words.entity_lists import entity_list
from core.ingest.own_words.ledger_lines import are_ledger_lines
from core.ingest.own_words.order_guess import guess_orders
from core.ingest.own_words.order_states import counted_unpaid
from core.ingest.own_words.read_orders import orders_plan
from core.ingest.request import ORDER_AMOUNT


def read(text: str) -> tuple[Columns, TextBatch]:
    names, *rows = (line.split(",") for line in text.split("\n"))
    cells = zip(*rows, strict=True)
    columns = {
        name: pa.array([cell or None for cell in own], pa.string()) for name, own in zip(names, cells, strict=True)
    }
    texts = TextBatch(columns, np.arange(len(rows)))
    return profiles(texts, names), texts


def sources(plan: Plan | None) -> dict[str, str | None]:
    return {} if plan is None else {column.target: column.source for column in plan.columns}


ORDERS = "Order ID,Created at,Subtotal,Quantity,SKU,Shop,Status\n" + "\n".join(
    f"A{at},2026-07-0{at} 10:00,{at}0,{at},S{at},X,{'Cancelled' if at == 3 else 'Done'}" for at in range(1, 7)
)


def test_lines_of_orders_by_their_names() -> None:
    columns, first = read(ORDERS)
    plan = guess_orders(columns, first)
    assert plan is not None
    assert sources(plan) == {
        "order_id": "Order ID",
        "cancelled_at": "Created at",
        "ordered_at": "Created at",
        "paid_at": "Created at",
        "gmv": "Subtotal",
        "units": "Quantity",
        "product_id": "SKU",
        "seller_id": "Shop",
    }
    paid = next(column for column in plan.columns if column.target == "paid_at")
    assert (paid.unless, paid.unless_cells, paid.is_judged) == ("Status", frozenset(("cancelled",)), True)
    cancelled = next(column for column in plan.columns if column.target == "cancelled_at")
    assert (cancelled.where, cancelled.where_cells) == ("Status", frozenset(("cancelled",)))
    asked = sources(guess_orders(*read(ORDERS.replace("Cancelled", "Cancellation requested"))))
    assert "cancelled_at" not in asked, "nobody knows yet whether it will be"
    assert {"product_id", "seller_id"} <= {*plan.dimensions}
    note, paid_lines = orders_plan(columns, first, (), requested=False, nearest=None).notes
    assert paid_lines.endswith("all count as paid on 'Created at', except those whose 'Status' is cancelled")
    assert "paid_at = 'Created at' (not where 'Status' is cancelled), gmv = 'Subtotal', units" in note
    sliced = orders_plan(columns, first, ("Status",), requested=True, nearest=None)
    assert (sources(sliced)["status"], sliced.dimensions[-1]) == ("Status", "status")
    assert "'Status' is cancelled are counted like all others" in str(counted_unpaid(columns))
    done, first = read(ORDERS.replace("Cancelled", "Done"))
    assert counted_unpaid(done) is None
    for lacks in ("Order ID", "Created at", "Subtotal"):
        text = ORDERS.replace("Cancelled", "Done").replace(lacks, "Remark")
        columns, first = read(text.replace("2026-07-0", "x") if lacks == "Created at" else text)
        assert guess_orders(columns, first) is None


def amount(text: str, before: tuple[str, ...] = ()) -> tuple[str | None, str | None, str | None] | None:
    """The column of the amount, what it is multiplied by, and once in which it counts."""
    columns, first = read(text)
    plan = guess_orders(columns, first, before)
    found = (
        [(column.source, column.by, column.once) for column in plan.columns if column.target == "gmv"] if plan else []
    )
    return found[0] if found else None


def lines(header: str, *cells: str) -> str:
    """Two lines of each of three orders: `cells` are those of the six."""
    return f"Order ID,Order date,{header}\n" + "\n".join(
        f"A{at // 2},2026-07-0{at // 2 + 1},{cell}" for at, cell in enumerate(cells)
    )


def test_the_amount_of_a_line_is_its_own_its_price_by_units_or_that_of_its_order() -> None:
    whole = ("7", "7", "8", "8", "9", "9")
    own = ("1", "2", "3", "4", "5", "6")
    assert amount(lines("Amount", *own)) == ("Amount", None, None)
    assert amount(lines("Amount", *whole)) == ("Amount", None, "Order ID")
    assert amount(lines("Amount", *whole[:4], "9", "1")) == ("Amount", None, None)
    assert amount(lines("Amount", *whole[:4])) == ("Amount", None, None)  # two orders show nothing
    assert amount(lines("Amount", *whole[:4]), (ORDER_AMOUNT,)) == ("Amount", None, "Order ID")
    for name in ("Line total", "Positionsbetrag", "明細金額"):  # says whose it is, whatever the figures
        assert amount(lines(name, *whole)) == amount(lines(name, *whole), (ORDER_AMOUNT,)) == (name, None, None)
    assert amount(lines("Order total", *whole)) == ("Order total", None, "Order ID")
    assert amount(lines("Order total", *own)) == ("Order total", None, None)
    priced = [f"{price},{units}" for price, units in zip(whole, own, strict=True)]
    assert amount(lines("Price,Quantity", *priced)) == ("Price", "Quantity", None)
    both = [f"{cell},3,1" for cell in whole]
    assert amount(lines("Amount,Price,Quantity", *both)) == ("Price", "Quantity", None)
    assert amount(lines("Amount,Price", *(cell[:-2] for cell in both))) == ("Amount", None, "Order ID")
    assert amount(lines("Value", *(f"€{cell}" for cell in own))) == ("Value", None, None)
    assert amount(lines("Value,Other", *(f"€{cell},€{cell}" for cell in own))) is None
    assert amount(lines("Discount amount", *own)) is None


def test_entries_of_a_ledger_add_and_take_off_for_most_orders() -> None:
    def ledger(*amounts: int) -> bool:
        text = "Order ID,Order date,Amount\n" + "\n".join(
            f"A{at // 2},2026-07-0{at // 2 + 1},{own}" for at, own in enumerate(amounts)
        )
        return are_ledger_lines(*read(text))

    assert ledger(10, -1, 20, -2, 30, -3)
    assert not ledger(10, -1, 20, -2, 30, 3)  # two orders
    assert ledger(1, -2, 1, -3, 1, -4)
    assert not ledger(10, 0, 20, 0, 30, 0)
    assert not ledger(10, -10, 20, -20, 30, -30)  # whole returns
    assert not ledger(10, -1, 20, -2, 30, -3, *[5] * 6)  # three of twelve lines
    assert ledger(10, -1, 20, -2, 30, -3, -5, -5, 5, 5)
    assert ledger(-1, -2, 0, -3)
    assert not ledger(0, 0, 0, 0)


LISTS = {
    "reviews": (
        "Review ID,Order ID,Date,Stars,Comment,SKU\nR1,A1,2026-07-01,5,Nice,S1\nR2,A2,2026-07-02,4.0,Fine,S2",
        {
            "review_id": "Review ID", "reviewed_at": "Date", "rating": "Stars",
            "order_id": "Order ID", "text": "Comment", "product_id": "SKU",
        },
    ),
    "violations": (
        "Violation ID,Creator,Date,Rule,Points\nV1,c1,2026-07-01,Fakes,2\nV2,c1,2026-07-02,Spam,1",
        {"violation_id": "Violation ID", "occurred_at": "Date", "creator_id": "Creator", "policy": "Rule", "points": "Points"},
    ),
    "creators": (
        "Creator ID,Name,Followers,Join date\nc1,Ann,10,2026-01-01\nc2,Bob,20,2026-01-02",
        {"creator_id": "Creator ID", "handle": "Name", "followers": "Followers", "joined_on": "Join date"},
    ),
    "sellers": (
        "Shop ID,Shop name,Join date\ns1,Ann's,2026-01-01\ns2,Bob's,2026-01-02",
        {"seller_id": "Shop ID", "name": "Shop name", "joined_on": "Join date"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LISTS)
def test_lists_of_things_by_what_their_rows_have(kind: str) -> None:
    text, expected = LISTS[kind]
    plan = entity_list(read(text)[0])
    assert plan is not None
    assert (plan.kind.name, sources(plan)) == (kind, expected)


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("reviews", "R2", "R1"),
        ("reviews", "4.0", "6"),
        ("reviews", "4.0", "4.5"),
        ("reviews", "Comment", "Ticket"),
        ("reviews", "Review ID", "Remark ID"),
        ("violations", "V2", "V1"),
        ("violations", "Creator", "Person"),
        ("creators", "c2", "c1"),
        ("creators", "Name,Followers", "Town,Orders"),
        ("creators", "Name,Followers,Join date", "Name,Town,Street"),
        ("sellers", "Shop name", "Town"),
        ("sellers", "Join date", "Visited on"),
        ("sellers", "s2", "s1"),
    ],
)
def test_what_lacks_that_is_no_such_list(kind: str, old: str, new: str) -> None:
    text = LISTS[kind][0]
    assert old in text
    plan = entity_list(read(text.replace(old, new))[0])
    assert plan is None or plan.kind.name != kind


def test_changes_have_a_moment_and_a_title_and_count_nothing() -> None:
    text = "Started,Ended,Release,Owner,Market\n2026-07-01,2026-07-02,App 5,Ann,ID\n2026-07-03,2026-07-04,App 6,Bob,All markets"
    plan = change_list(read(text)[0], "list.csv")
    assert plan is not None
    assert sources(plan) == {
        "event_id": "Started",
        "starts_at": "Started",
        "title": "Release",
        "kind": "Release",
        "ends_at": "Ended",
        "owner": "Owner",
        "market": "Market",
    }
    assert plan.columns[-1].words["All markets"] == ""
    assert "ID" not in plan.columns[-1].words
    for old, new in (("Owner", "Orders"), ("Ann", "1"), ("Bob", "2")):
        text = text.replace(old, new)
    assert change_list(read(text)[0], "list.csv") is None  # it counts orders
    title = "Date,Title\n2026-07-01,a\n2026-07-02,b"
    assert change_list(read(title)[0], "list.csv") is None
    assert change_list(read(title)[0], "releases.csv") is not None
    assert change_list(read(title)[0], "release posts.csv") is None
    many = "Date,Change\n" + "\n".join(f"2026-07-0{at % 2 + 1},c{at}" for at in range(6))
    assert change_list(read(many)[0], "a.csv") is not None
    assert change_list(read(f"{many}\n2026-07-01,c6")[0], "a.csv") is None  # more than three a day
    repeated = "Date,Change\n" + "\n".join(f"2026-07-0{at},{change}" for at, change in enumerate("abcdd", 1))
    assert change_list(read(repeated)[0], "a.csv") is not None  # four in five
    assert change_list(read(repeated.replace("c", "a"))[0], "a.csv") is None
