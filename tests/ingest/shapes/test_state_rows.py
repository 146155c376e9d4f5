"""Histories: a row for each change of a state. Each order counts once, whatever became of it."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.base.arrays import Ints
from core.base.errors import UsageError
from core.ingest.shapes.state_rows import _begin_alike, _is_history, _varies
from core.workspace.write.load import load
from tests.ingest.shapes import loads
from tests.workspace.loading import rows

PAID, SHIPPED, CANCELLED = ("created", "paid"), ("created", "paid", "shipped"), ("created", "cancelled")


def history(*lives: tuple[str, ...], prefix: str = "") -> str:
    """A line a change: order O1 is created on 1 September at 10:00, O2 an hour later; each next state comes a day later."""
    lines = [
        (
            f"2026-09-{1 + step:02}T{10 + number}:00:00",
            f"O{number},{prefix}{state},2026-09-{1 + step:02}T{10 + number}:00:00,KL,{10 + number}.5",
        )
        for number, life in enumerate(lives, 1)
        for step, state in enumerate(life)
    ]
    return "order_id,status,updated_at,region,amount\n" + "\n".join(line for _, line in sorted(lines)) + "\n"


@pytest.mark.parametrize("prefix", ["", "ORDER_"])
def test_an_order_counts_once_with_the_time_of_each_state(tmp_path: Path, prefix: str) -> None:
    (tmp_path / "log.csv").write_text(history(PAID, SHIPPED, CANCELLED, ("created",), PAID, PAID, prefix=prefix))
    report = load(tmp_path / "w.db", [tmp_path / "log.csv"], as_kind="orders", dimensions=["region"])
    assert report.files[0].read == 6
    assert any("its rows are changes of status" in note for note in report.files[0].notes)
    found = rows(
        tmp_path / "w.db",
        "SELECT count(*), count(paid_at), sum(CASE WHEN paid_at IS NOT NULL THEN gmv END), count(cancelled_at), "
        "count(shipped_at) FROM orders",
    )
    assert found == [(6, 4, 11.5 + 12.5 + 15.5 + 16.5, 1, 1)]


@pytest.mark.parametrize("clock", ["%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S+07:00"])
def test_a_line_of_an_order_counts_once_whatever_its_moments_look_like(tmp_path: Path, clock: str) -> None:
    changes = [
        f"O{number},S{line},{state},{(datetime(2026, 8, 30, 9, number) + timedelta(days=step)).strftime(clock)},{line}.5\n"
        for number in range(8)
        for step, state in enumerate(("created", "paid", "shipped")[: 1 + number % 3])
        for line in (1, 2)
    ]
    (tmp_path / "log.csv").write_text("order_id,sku,status,changed_at,amount\n" + "".join(reversed(changes)))
    report = load(tmp_path / "w.db", [tmp_path / "log.csv"], as_kind="orders")
    assert report.files[0].read == 16
    found = rows(
        tmp_path / "w.db",
        "SELECT count(paid_at), sum(CASE WHEN paid_at IS NOT NULL THEN gmv END), count(shipped_at), min(date), max(date) "
        "FROM orders",
    )
    assert found == [(10, 5 * (1.5 + 2.5), 4, "2026-08-30", "2026-08-30")]  # 8 orders: 3 created, 3 paid, 2 shipped


@pytest.mark.parametrize(
    "text",
    [
        # lines of orders, each with a state of its own, at the moment of the order
        "order_id,status,created_at,sku,amount\n"
        + "".join(
            f"O{at // 2},{('paid', 'refunded')[at % 2]},2026-09-{1 + at // 2:02},S{at},{at}\n" for at in range(20)
        ),
        # products that are ordered again, one in an order that is cancelled
        "sku,status,created_at,amount\n"
        + "".join(
            f"S{at % 10},{('paid', 'cancelled')[(at + at // 10) % 2]},2026-09-{1 + at:02},{at}\n" for at in range(20)
        ),
        # one row an order
        "order_id,status,created_at,amount\n"
        + "".join(f"O{at},{('paid', 'open')[at % 2]},2026-09-{1 + at:02},{at}\n" for at in range(20)),
    ],
)
def test_lines_of_orders_are_no_history(tmp_path: Path, text: str) -> None:
    (tmp_path / "lines.csv").write_text(text)
    report = load(tmp_path / "w.db", [tmp_path / "lines.csv"], as_kind="orders")
    assert report.files[0].read == 20


def test_a_history_of_orders_says_how_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(history(PAID, SHIPPED, CANCELLED, ("created",), PAID, PAID))
    (file,) = load(tmp_path / "w.db", [tmp_path / "log.csv"]).files
    assert "read as orders: order_id = 'order_id', ordered_at = 'created at', paid_at = 'paid at'" in file.notes[0]
    assert rows(tmp_path / "w.db", "SELECT count(*), count(paid_at), count(cancelled_at) FROM orders") == [(6, 4, 1)]


def states(*rows: str) -> tuple[Ints, pa.DictionaryArray]:
    """The things of some rows, a letter each, and their states: `ab` is a thing with two rows, first in state a."""
    things = np.array([at for at, row in enumerate(rows) for _ in row], np.int64)
    return things, pa.array([state for row in rows for state in row]).dictionary_encode()


@pytest.mark.parametrize(
    ("rows", "is_history"),
    [
        (["ab"] * 5 + ["a"] * 5, True),
        (["ab"] * 4 + ["a"] * 4, False),
        (["ab"] * 5 + ["a"] * 6, False),
        (["ab"] * 48 + ["aa"] * 2, True),
        (["ab"] * 47 + ["aa"] * 3, False),
    ],
)
def test_most_things_of_a_history_have_several_states(rows: list[str], is_history: bool) -> None:
    assert _is_history(*states(*rows)) is is_history


@pytest.mark.parametrize(("first", "other", "is_alike"), [(8, 2, True), (7, 3, False), (4, 1, True)])
def test_four_of_five_things_begin_alike(first: int, other: int, is_alike: bool) -> None:
    things, words = states(*["ab"] * first, *["ba"] * other, *["b"] * 9)
    order = np.arange(len(things))
    assert _begin_alike(things, words, order) is is_alike
    assert _begin_alike(things, words, order[::-1]) is is_alike, "then they begin in the other one"


@pytest.mark.parametrize(("differing", "varies"), [(2, False), (3, True)])
def test_a_column_that_differs_in_more_than_two_of_a_hundred_things_is_of_the_change(
    differing: int, varies: bool
) -> None:
    things = np.repeat(np.arange(100), 2)
    cells = pa.array([f"{thing}{'x' if row and thing < differing else ''}" for thing in range(100) for row in (0, 1)])
    assert _varies(things, np.arange(0, 200, 2), cells) is varies


def test_articles_of_several_orders_are_no_history_of_their_states(tmp_path: Path) -> None:
    """Each article is in a cancelled order before one that was paid, as in a short file by chance."""
    lines = [
        f"{100 + at};2026-07-{1 + at:02d} 10:00;c{at};{'cancelled' if at < 5 else 'paid'};S{at % 5};2;1{at}.50\n"
        for at in range(10)
    ]
    (file,) = loads(tmp_path, "order_no;created;customer;status;sku;qty;price\n" + "".join(lines)).files
    assert (file.kind, file.accepted) == ("orders", 10)


@pytest.mark.parametrize("several", [5, 4])
def test_a_part_of_the_changes_of_each_order_is_no_list_of_orders(tmp_path: Path, several: int) -> None:
    """Of ten orders a few have two rows, which begin in three states: with fewer than five, rows may be anything."""
    states = ("paid", "shipped", "delivered", "cancelled")
    lines = [
        f"O{order},{states[(order + step) % 3 + step]},2026-09-{10 + order + step}T10:00:00,P{order % 3},{order}.5"
        for order in range(10)
        for step in range(2 if order < several else 1)
    ]
    (tmp_path / "part.csv").write_text("order_id,status,updated_at,product_id,amount\n" + "\n".join(lines) + "\n")
    if several < 5:
        assert load(tmp_path / "w.db", [tmp_path / "part.csv"]).files[0].kind == "orders"
    else:
        with pytest.raises(UsageError, match="5 orders have several rows that differ only in 'status' and time"):
            load(tmp_path / "w.db", [tmp_path / "part.csv"])


@pytest.mark.parametrize("column", ["product_id", "amount", "status", "updated_at"])
def test_lines_of_an_order_are_no_changes_of_its_state(tmp_path: Path, column: str) -> None:
    """They differ in their product or amount, or have one state or one time."""
    cells = {
        "status": ("paid", "shipped"),
        "updated_at": ("2026-09-10", "2026-09-12"),
        "product_id": "PP",
        "amount": "55",
    }
    cells[column] = ("2026-09-10",) * 2 if column == "updated_at" else ("paid",) * 2 if column == "status" else "67"
    lines = [
        f"O{order},{','.join(cells[name][(step + (name == 'status' and order % 2)) % 2] for name in cells)}"
        for order in range(12)
        for step in range(1 + (order < 7))
    ]
    (tmp_path / "lines.csv").write_text(f"order_id,{','.join(cells)}\n" + "\n".join(lines) + "\n")
    assert load(tmp_path / "w.db", [tmp_path / "lines.csv"]).files[0].kind == "orders"


def test_ids_that_look_like_days_are_no_time_of_a_change(tmp_path: Path) -> None:
    """Nothing else in the table is a moment: nobody knows what became of an order when."""
    lines = [f"2026-09-{10 + order},{state},5" for order in range(8) for state in ("paid", "shipped")]
    (tmp_path / "log.csv").write_text("order_id,status,amount\n" + "\n".join(lines) + "\n")
    (file,) = load(tmp_path / "w.db", [tmp_path / "log.csv"], as_kind="orders").files
    assert not any("changes of" in note for note in file.notes)
