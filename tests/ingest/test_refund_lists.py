"""Lists of refunds that stand apart from the orders: each order gets what was given back of it."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from core.workspace.write.load import load
from tests.workspace.loading import rows

ORDERS = "Order ID,Order date,Customer,Amount\n" + "".join(
    f"A{number},2026-07-{number % 20 + 1:02d},c{number % 7},{number + 10}.50\n" for number in range(40)
)
REFUNDS = """Order ID,Refund date,Refund amount,Reason,Status
A3,2026-07-09,13.50,broken,Completed
A5,2026-07-11,5.25,late,Completed
A5,2026-07-12,10.25,late again,Completed
A8,2026-07-20,18.50,changed my mind,Rejected
A39,2026-07-22,1.00,,Completed
"""
REFUNDED = (
    "SELECT order_id, refund_amount, substr(refunded_at, 1, 10), refund_reason FROM orders "
    "WHERE refund_amount IS NOT NULL OR refunded_at IS NOT NULL ORDER BY rowid"
)
WANTED = [("A3", 13.5, "2026-07-09", "broken"), ("A5", 15.5, "2026-07-11", "late"), ("A39", 1.0, "2026-07-22", None)]


def _loaded(folder: Path, refunds: str, orders: str = ORDERS, **options: str) -> tuple[list[tuple[object, ...]], str]:
    """What the orders know of refunds after a load of both files, and why files were skipped."""
    (folder / "orders.csv").write_text(orders, encoding="utf-8")
    (folder / "refunds.csv").write_text(refunds, encoding="utf-8")
    report = load(folder / "w.db", [folder], **{"as_kind": "orders", **options})
    query = REFUNDED.replace("ORDER BY rowid", "ORDER BY CAST(substr(order_id, 2) AS INTEGER)")
    return rows(folder / "w.db", query), "\n".join(report.skipped)


@pytest.mark.parametrize("state", ["Status", "refundStatus", "Order status,Return state"])
def test_orders_get_the_refunds_of_a_list(tmp_path: Path, state: str) -> None:
    """Those of one order add up, with the day and the reason of the first; what was rejected is no refund, but that of an order
    that was cancelled is.
    """
    refunds = REFUNDS.replace("Status", state)
    if "," in state:
        refunds = refunds.replace(",Completed", ",Cancelled,Completed").replace(",Rejected", ",Cancelled,Rejected")
    refunded, skipped = _loaded(tmp_path, refunds)
    assert refunded == WANTED
    assert f"{tmp_path / 'refunds.csv'}: its columns are added to the rows of the files that have its ids" in skipped
    assert "no file" not in skipped


def test_lists_of_other_languages_are_known(tmp_path: Path) -> None:
    orders = ORDERS.replace("Order ID,Order date,Customer,Amount", "Sipariş No;Sipariş Tarihi;Müşteri;Tutar")
    head = "Sipariş No;İade Tarihi;İade Tutarı;İade Nedeni;Durum"
    refunds = REFUNDS.replace("Order ID,Refund date,Refund amount,Reason,Status", head).replace(
        "Rejected", "İptal edildi"
    )
    orders, refunds = (text.replace(",", ";").replace(".", ",") for text in (orders, refunds))
    assert _loaded(tmp_path, refunds, orders)[0] == WANTED


def test_a_list_without_amounts_says_which_orders_were_returned(tmp_path: Path) -> None:
    returns = "order-id,return-date,quantity,reason\nA3,2026-07-09,1,broken\nA5,2026-07-11,2,late\n"
    refunded, _ = _loaded(tmp_path, returns, ORDERS.replace("Order ID", "order-id"))
    assert refunded == [("A3", None, "2026-07-09", "broken"), ("A5", None, "2026-07-11", "late")]


@pytest.mark.parametrize("preset", [True, False])
def test_an_order_of_several_lines_is_refunded_once(tmp_path: Path, preset: bool) -> None:
    """A5 has two lines of 6.00 and one of 3.50."""
    more = "A5,2026-07-06,c5,6.00\nA5,2026-07-06,c5,6.00\nA5,2026-07-06,c5,3.50\n"
    orders = ORDERS.replace("A5,2026-07-06,c5,15.50\n", more).replace("Order ID", "Order ID,Line").splitlines()
    orders = [line.replace(",2026", f",{at},2026", 1) for at, line in enumerate(orders)]
    if preset:  # of Etsy
        names = ("Order ID,Transaction ID,Sale Date,Buyer,Item Total", "Item Name,Quantity,Price,Listing ID,Order Type")
        orders = [f"{line},Mug,1,1.00,7,online" for line in orders]
        orders[0] = ",".join(names)
    refunded, _ = _loaded(tmp_path, REFUNDS, "\n".join(orders) + "\n", as_kind="etsy-orders" if preset else "orders")
    assert sum(float(str(amount or 0)) for _, amount, *_ in refunded) == 30.0
    assert [order for order, *_ in refunded] == ["A3", "A5", "A5", "A5", "A39"]


@pytest.mark.parametrize(
    "head",
    [
        "order_id,ordered_at,buyer_id,gmv",
        "amazon-order-id,purchase-date,buyer,item-price",
        "No. Pesanan,Waktu Pesanan Dibuat,Status Pesanan,Harga Setelah Diskon,Jumlah",
    ],
)
def test_orders_are_known_by_other_names_of_ids_and_amounts(tmp_path: Path, head: str) -> None:
    """The project's own; Amazon's, whose returns call the order otherwise; those of a preset, known by all of its columns."""
    tail = ",1" * (head.count(",") - 3)
    orders = "\n".join([head, *(line + tail for line in ORDERS.splitlines()[1:])])
    refunded, skipped = _loaded(tmp_path, REFUNDS.replace("Order ID", "order-id"), orders + "\n")
    assert (refunded, "its own rows are not counted" in skipped) == (WANTED, True)


@pytest.mark.parametrize("name", ["Order ID", "Order number"])
def test_lists_of_several_months_say_it_together(tmp_path: Path, name: str) -> None:
    """A39, which both have, counts once; A5 has one refund in each, and A9 the same one twice in the second."""
    lines = REFUNDS.splitlines(keepends=True)
    late = [lines[0].replace("Order ID", name), lines[5], lines[3], *["A9,2026-07-13,2.00,,Done\n"] * 2]
    (tmp_path / "refunds_late.csv").write_text("".join(late))
    refunded, skipped = _loaded(tmp_path, "".join([*lines[:3], *lines[4:]]))
    assert refunded == [*WANTED[:2], ("A9", 4.0, "2026-07-13", None), WANTED[2]]
    assert skipped.count("its own rows are not counted") == 2


def test_refunds_with_other_ids_are_others(tmp_path: Path) -> None:
    """Of A3 each list has a refund of 2.00 on the same day; the one of A5 is in both, paid out by the second."""
    head = "Refund ID,Order ID,Refund date,Refund amount,Refund status\n"
    (tmp_path / "refunds_late.csv").write_text(f"{head}R2,A5,2026-07-09,3.00,Paid\nR3,A3,2026-07-09,2.00,Approved\n")
    refunded, _ = _loaded(tmp_path, f"{head}R1,A3,2026-07-09,2.00,Approved\nR2,A5,2026-07-09,3.00,Approved\n")
    assert refunded == [("A3", 4.0, "2026-07-09", None), ("A5", 3.0, "2026-07-09", None)]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_long_list_is_read_to_its_end(tmp_path: Path, form: str) -> None:
    """200 refunds of 1.25, one for each order; their remarks make the table longer than the 1 MiB that tell what a file is."""
    numbers = range(200)
    orders = "Order ID,Order date,Amount\n" + "".join(f"A{n},2026-07-{n % 20 + 1:02d},10.50\n" for n in numbers)
    (tmp_path / "orders.csv").write_text(orders)
    if form == "csv":
        lines = ["Order ID,Refund date,Refund amount,Note", *(f"A{n},2026-07-30,1.25,{'x' * 6_000}" for n in numbers)]
    else:
        lines = [f'{{"order_id": "A{n}", "refund_date": "2026-07-30", "refund_amount": 1.25}}' for n in numbers]
    (tmp_path / f"refunds.{form}").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path], as_kind="orders")
    assert rows(tmp_path / "w.db", "SELECT count(refunded_at), sum(refund_amount) FROM orders") == [(200, 250)]


def test_orders_in_sheets_of_a_workbook_get_their_refunds(tmp_path: Path) -> None:
    lines = [line.split(",") for line in ORDERS.splitlines()]
    book = Workbook()
    book.active.append(["Shop report"])
    for title, first, last in (("first", 1, 21), ("second", 21, 41)):
        sheet = book.create_sheet(title)
        for line in (lines[0], *lines[first:last]):
            sheet.append(line)
    book.save(tmp_path / "orders.xlsx")
    (tmp_path / "refunds.csv").write_text(REFUNDS)
    load(tmp_path / "w.db", [tmp_path], as_kind="orders")
    assert rows(tmp_path / "w.db", "SELECT count(*), sum(refund_amount) FROM orders") == [(40, 30.0)]


def test_orders_that_no_file_has_are_told(tmp_path: Path) -> None:
    _, skipped = _loaded(tmp_path, REFUNDS + "A77,2026-07-23,2.00,,Completed\n")
    assert "so its own rows are not counted; 1 order that it names is in no file" in skipped


OTHER_LISTS = {
    "most of another shop": REFUNDS.replace("\nA", "\nB").replace("B3,", "A3,"),
    "another day of each": REFUNDS.replace("Reason", "Ordered on").replace("late again", "2026-07-02")
    .replace("broken", "2026-07-01").replace("late", "2026-07-02").replace("changed my mind", "2026-07-03"),
    "amounts in two ways": REFUNDS.replace("5.25", '"1.005,25"'),
}  # fmt: skip


@pytest.mark.parametrize("refunds", OTHER_LISTS.values(), ids=OTHER_LISTS)
def test_other_lists_say_nothing_of_the_orders(tmp_path: Path, refunds: str) -> None:
    assert _loaded(tmp_path, refunds)[0] == []


def test_refunds_of_their_own_stay(tmp_path: Path) -> None:
    lines = [
        f"{line},{'Refund amount' if at == 0 else at % 9 // 8 * 2.5}\n" for at, line in enumerate(ORDERS.splitlines())
    ]
    refunded = [row[:2] for row in _loaded(tmp_path, REFUNDS, "".join(lines))[0] if row[1]]
    assert refunded == [("A7", 2.5), ("A16", 2.5), ("A25", 2.5), ("A34", 2.5)]


def test_the_same_orders_again_have_no_further_dimension(tmp_path: Path) -> None:
    """What an earlier load noted of `Order amount` is no name of a column."""
    two = [line.rsplit(",", 1) for line in ORDERS.replace("Amount", "Order amount").splitlines()]
    lines = [
        f"{kept},SKU,{amount}\n" if at == 0 else f"{kept},P1,{amount}\n{kept},P2,{amount}\n"
        for at, (kept, amount) in enumerate(two)
    ]
    _loaded(tmp_path, REFUNDS, "".join(lines))
    again = load(tmp_path / "w.db", [tmp_path])
    assert [(file.added, file.replaced, file.unchanged) for file in again.files] == [(0, 0, 80)]
    columns = [name for (name,) in rows(tmp_path / "w.db", "SELECT name FROM pragma_table_info('orders')")]
    assert "order_amount" not in columns


def test_parts_of_the_orders_that_come_later_get_their_refunds(tmp_path: Path) -> None:
    lines = ORDERS.splitlines(keepends=True)
    _loaded(tmp_path, REFUNDS, "".join(lines[:21]))
    (tmp_path / "more.csv").write_text("".join([lines[0], *lines[21:]]))
    load(tmp_path / "w.db", [tmp_path], as_kind="orders")
    assert rows(tmp_path / "w.db", "SELECT count(*), sum(refund_amount) FROM orders") == [(40, 30.0)]


def test_a_user_who_says_that_files_are_figures_of_days_gets_these(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "refunds.csv").write_text(REFUNDS)
    load(tmp_path / "w.db", [tmp_path], as_kind="daily")
    assert rows(tmp_path / "w.db", "SELECT sum(refund_amount) FROM daily") == [(48.5,)]


def test_a_list_that_is_loaded_alone_says_what_it_is_for(tmp_path: Path) -> None:
    notes = {}
    for name, text in (("refunds", REFUNDS), ("visits", REFUNDS.replace("Refund ", "Visit "))):
        (tmp_path / f"{name}.csv").write_text(text)
        notes[name] = " ".join(
            load(tmp_path / f"{name}.db", [tmp_path / f"{name}.csv"], as_kind="daily").files[0].notes
        )
    assert "loaded together with the orders that it names, it says which of them were refunded" in notes["refunds"]
    assert "loaded together" not in notes["visits"]


def test_a_list_that_says_when_a_refund_was_asked_for_has_the_day_of_the_refund(tmp_path: Path) -> None:
    head = "Return order ID,Order ID,Time requested,Refund time,Refund amount,Return reason\n"
    returns = "R1,A3,2026-07-08,2026-07-09,13.50,broken\nR2,A5,2026-07-10,2026-07-11,15.50,late\n"
    assert _loaded(tmp_path, head + returns)[0] == WANTED[:2]
