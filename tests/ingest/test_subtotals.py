"""What a file has twice counts once: subtotals and their parts, periods beside days, cuts of one table in several sheets."""

from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest

from core.base.errors import UsageError
from core.ingest.plans.subtotals import repeated_figures
from tests.ingest.shapes import days, figures, loads

PRODUCTS = "Product,Variation,Sales,Seen\n"
LINES = "A,-,30,500\nA,red,10,-\nA,blue,20,-\nB,-,7,80\nB,red,7,-\n"
STATS = ["Tanggal", "Total Penjualan (IDR)", "Total Pesanan", "Penjualan per Pesanan", "Total Pengunjung"]


def twice(words: list[str | None], *columns: list[float]) -> list[int]:
    named = {str(at): np.array(column, float) for at, column in enumerate(columns)}
    return repeated_figures({"word": pa.array(words, pa.string())}, named).tolist()


def test_subtotals_above_or_below_their_rows_are_repeated() -> None:
    assert twice(["-", "a", "b", "", "a"], [3, 1, 2, 5, 5]) == [0, 3]
    assert twice(["a", "b", None, "a", "Total"], [1, 2, 3, 5, 5]) == [2, 4]


def test_all_of_something_is_a_total_where_it_adds_up() -> None:
    words = ["Shop A", "Shop B", "All shops"] * 2
    assert twice(words, [1, 2, 3, 5, 6, 11]) == [2, 5]
    assert twice(words, [1, 2, 3, 5, 6, 12]) == []


def test_a_word_of_six_sums_is_a_total_whatever_it_is_called() -> None:
    words: list[str | None] = ["World", "Peru", "Chile"]
    sums = [float(figure) for at in range(6) for figure in (5 * at + 3, 3 * at + 1, 2 * at + 2)]

    def of_days(words: list[str | None], *columns: list[float]) -> list[int]:
        of_day = {"day": pa.array([f"2026-07-{at // 3 + 1:02d}" for at in range(len(words))]), "word": pa.array(words)}
        return repeated_figures(
            of_day, {str(at): np.array(column, float) for at, column in enumerate(columns)}
        ).tolist()

    assert of_days(words * 6, sums) == [0, 3, 6, 9, 12, 15]
    assert of_days(words * 3, sums[:9], [2 * figure for figure in sums[:9]]) == [0, 3, 6]
    assert of_days(words * 5, sums[:15]) == []
    assert of_days(words * 6, [*sums[:-1], sums[-1] + 1]) == []
    many = [float(figure) for at in range(11) for figure in (5 * at + 3, 3 * at + 1, 2 * at + 2)]
    assert len(of_days(words * 11, [*many[:-1], 0.0])) == 11  # a row of the last day is in another file
    assert of_days(words * 11, [*many[:-4], 0.0, *many[-3:-1], 0.0]) == []
    assert of_days(words * 6, [3.0, 1, 2] * 6) == []  # numbers of screens


def test_rows_that_add_up_by_chance_or_not_at_all_stay() -> None:
    assert twice(["-", "a", "b", "-", "a"], [3, 1, 2, 5, 6]) == []
    assert twice(["-", "a", "-", "b"], [1, 1, 2, 2]) == []  # one row each: two things that are alike
    assert twice(["a", "-", "b", "c", "-", "d"], [1, 5, 2, 3, 4, 4]) == []  # something before the first
    assert twice(["-", "a", "b"], [0, 0, 0]) == []
    assert twice(["-", "a", "b"], [3, 1, 2]) == []  # one sum may be chance, two are none
    assert twice(["-", "a", "b"], [3, 1, 2], [7, 3, 4]) == [0]
    assert twice(["NA", "a", "b", "NA", "a", "b"], [3, 1, 2, 7, 3, 4]) == []  # North America
    assert twice(["a", "b", "c"], [3, 1, 2]) == []
    orders, visits = [1, 1, 0, 1, 0, 1], [900, 300, 200, 950, 310, 210]
    assert twice(["-", "a", "b", "-", "a", "b"], orders) == [0, 3]
    assert twice(["-", "a", "b", "-", "a", "b"], orders, visits) == []  # more visits than both have together


def test_parts_go_where_only_their_sums_have_a_figure() -> None:
    assert twice(["-", "a", "b", "-", "a"], [3, 1, 2, 5, 5], [9, np.nan, np.nan, 8, np.nan]) == [1, 2, 4]


def test_a_row_that_is_blank_in_two_columns_is_left_out_once() -> None:
    words = {"a": pa.array(["x", "y", "z", None]), "b": pa.array(["k", "l", "k", None])}
    figures = {"n": np.array([1.0, 2, 3, 6]), "m": np.array([4.0, 5, 6, 15])}
    assert repeated_figures(words, figures).tolist() == [3]


def test_products_and_their_variations_count_once(tmp_path: Path) -> None:
    report = loads(tmp_path, PRODUCTS + LINES, "products_20260731.csv")
    assert figures(tmp_path, "SELECT sum(sales), sum(seen), count(*) FROM daily") == (37, 580, 2)
    assert "left out 3 rows of totals or descriptions" in report.files[0].notes


def test_the_total_of_each_day_is_no_channel(tmp_path: Path) -> None:
    rows = "".join(f"{day},,{10 * at + 5}\n{day},live,{10 * at}\n{day},video,5\n" for at, day in enumerate(days(4), 1))
    loads(tmp_path, "date,channel,orders\n" + rows)
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (120, 8)


@pytest.mark.parametrize(
    ("total", "parts", "accepted"),
    [
        ("3300,9900,12", ("1000,3000,9", "1100,3300,14", "1200,3600,13"), 3),
        ("3301,9900,12", ("1000,3000,9", "1100,3300,14", "1200,3600,13"), 4),  # one figure proves nothing
        ("3300,9900,8", ("1000,3000,9", "1100,3300,14", "1200,3600,13"), 4),  # less than any part: no average
        ("3300,9900,37", ("1000,3000,9", "1100,3300,14", "1200,3600,13"), 4),  # more than all parts
        ("3300,9900,", ("1000,3000,9", "1100,3300,14", "1200,3600,"), 3),
        ("2100,6300,12", ("1000,3000,9", "1100,3300,14"), 2),
        ("12,40,12", ("5,20,12", "7,20,12"), 3),  # digits that may fit by chance
        ("2100,6300,12", ("2100,6300,12", "0,0,0"), 2),
    ],
)
def test_a_row_that_is_the_sum_of_all_others_is_a_total_whatever_it_is_called(
    tmp_path: Path, total: str, parts: tuple[str, ...], accepted: int
) -> None:
    rows = "".join(f"{name},{part}\n" for name, part in zip("xyz", parts, strict=False))
    (file,) = loads(tmp_path, f"page,orders,taps,minutes\nRazem wszystko,{total}\n{rows}", "cuts_20260731.csv").files
    assert (file.accepted, file.preset) == (accepted, None)


def test_all_of_two_slices_at_once(tmp_path: Path) -> None:
    cells = {("m", "d"): 3, ("m", "e"): 5, ("n", "d"): 7, ("n", "e"): 11}
    rows = [
        (day, market, device, sum(v for (m, d), v in cells.items() if market in (m, "All") and device in (d, "Total")))
        for day in days(2)
        for market in ("All", "m", "n")
        for device in ("Total", "d", "e")
    ]
    loads(tmp_path, "date,place,device,orders\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (52, 8)


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_cuts_of_a_known_table_in_further_sheets_are_left_out_and_said(tmp_path: Path) -> None:
    made = [STATS, *([day, 1000 + at, 10, 100, 900] for at, day in enumerate(days(5)))]
    paid = [STATS, *([day, 800 + at, 8, 100, 900] for at, day in enumerate(days(5)))]
    workbook(tmp_path / "book.xlsx", {"Pesanan Dibuat": made, "Pesanan Dibayar": paid})
    report = loads(tmp_path, (tmp_path / "book.xlsx").read_bytes(), "stats.xlsx")
    assert figures(tmp_path, "SELECT sum(sales), sum(orders) FROM daily") == (5010, 50)
    assert "left out: 'Pesanan Dibayar' (5 rows: it has the columns and days of" in report.files[0].notes[0]


def test_a_period_beside_days_is_left_out(tmp_path: Path) -> None:
    period = [["Period", "Viewers"], ["01-07-2026-31-07-2026", 500]]
    sessions = [["Day", "Viewers", "Sales"], *([day, 100, 20 + at] for at, day in enumerate(days(5)))]
    workbook(tmp_path / "book.xlsx", {"Overview": period, "Days": sessions})
    report = loads(tmp_path, (tmp_path / "book.xlsx").read_bytes(), "live.xlsx")
    assert figures(tmp_path, "SELECT sum(viewers), count(*) FROM daily") == (500, 5)
    assert "it is of a period" in report.files[0].notes[0]


@pytest.mark.parametrize("order", ["Estado", "Order status"])
def test_orders_that_nobody_paid_are_not_sold(tmp_path: Path, order: str) -> None:
    text = f"# de venta,Fecha,{order},Unidades,Total\n" + "".join(
        f"{at},2026-07-{at + 1:02d},{'Cancelada por el comprador' if at == 2 else 'Entregado'},1,{10 + at}\n"
        for at in range(6)
    )
    report = loads(tmp_path, text.replace("# de venta", "Order ID"), as_kind="orders")
    assert figures(tmp_path, "SELECT count(*), sum(paid_at IS NULL) FROM orders") == (6, 1)
    assert f"(not where {order!r} is cancelada por el comprador)" in report.files[0].notes[0]


def test_sheets_that_tell_the_same_days_differently_are_refused_with_what_to_do(tmp_path: Path) -> None:
    shops = {shop: [["Date", "Orders"], *([day, count] for day in days(4))] for shop, count in (("N", 3), ("S", 4))}
    workbook(tmp_path / "book.xlsx", dict(shops))
    with pytest.raises(
        UsageError, match=r"\[S\]: gives other figures than another table .* Save the one that is meant"
    ):
        loads(tmp_path, (tmp_path / "book.xlsx").read_bytes(), "shops.xlsx")


def test_rows_of_orders_of_which_some_were_cancelled_are_not_added_up_by_day(tmp_path: Path) -> None:
    rows = "".join(f"{at},2026-07-{at + 1:02d},{'Annulé' if at == 2 else 'Livré'},{10 + at}\n" for at in range(8))
    with pytest.raises(UsageError, match=r"look like orders\. Read them so with --as orders: .* is annulé"):
        loads(tmp_path, "ID,Date,État,Total\n" + rows)
    loads(tmp_path, "ID,Date,État,Total\n" + rows, as_kind="orders")
    assert figures(tmp_path, "SELECT count(*), sum(paid_at IS NOT NULL) FROM orders") == (8, 7)
    (other := tmp_path / "other").mkdir()
    loads(other, "ID,Date,État,Total\n" + rows.replace("Annulé", "Perdu"))
    assert figures(other, "SELECT count(*), sum(total) FROM daily") == (8, 108)


def test_a_workbook_of_headers_alone_is_refused(tmp_path: Path) -> None:
    header = ["Date", "Orders", "Amounts"]
    workbook(tmp_path / "book.xlsx", {"Sales": [header], "Refunds": [header]})
    with pytest.raises(UsageError, match="none of its 2 tables can be loaded"):
        loads(tmp_path, (tmp_path / "book.xlsx").read_bytes(), "blank.xlsx")


def test_the_status_of_an_order_comes_before_that_of_its_delivery(tmp_path: Path) -> None:
    rows = "".join(
        f"{at},2026-07-{at + 1:02d},{10 + at},{'Failed, then delivered' if at == 1 else 'Delivered'},"
        f"{'Cancelled' if at == 2 else 'Done'}\n"
        for at in range(6)
    )
    loads(tmp_path, "Order ID,Date,Total,Delivery status,Status\n" + rows, as_kind="orders")
    assert figures(tmp_path, "SELECT group_concat(order_id) FROM orders WHERE paid_at IS NULL") == ("2",)


def test_another_word_for_unpaid_far_below_is_none_of_a_sale(tmp_path: Path) -> None:
    states = ["Cancelled", *["Done"] * 28, "Payment failed"]
    note = "x" * (5_000_000 // len(states))  # what a load looks at first ends before the last row
    rows = "".join(f"{at},2026-07-{at + 1:02d},{10 + at},{state},{note}\n" for at, state in enumerate(states))
    loads(tmp_path, "Order ID,Date,Total,Status,Note\n" + rows, as_kind="orders")
    assert figures(tmp_path, "SELECT group_concat(order_id) FROM orders WHERE paid_at IS NULL") == ("0,29",)


def test_letters_of_as_many_rows_as_others_are_no_periods(tmp_path: Path) -> None:
    devices = "".join(f"2026-07-01,C{at},{device},{at + 9}\n" for at in range(6) for device in "dm")
    loads(tmp_path, "Date,Country,Device,Visits\n" + devices)
    assert figures(tmp_path, "SELECT count(*), sum(visits) FROM daily") == (12, 138)
    periods = "".join(f"2026-07-{at + 1:02d},d,{at + 9}\n" for at in range(6)) + "2026-07-01,m,69\n"
    loads(tmp_path, "Date,Period,Sold\n" + periods, "periods.csv")
    assert figures(tmp_path, "SELECT count(sold), sum(sold) FROM daily") == (6, 69)


@pytest.mark.parametrize(
    ("first", "last"), [("initial_available_balance", "Closing balance"), ("Saldo inicial", "Saldo final")]
)
def test_balances_before_and_after_movements_are_none_of_them(tmp_path: Path, first: str, last: str) -> None:
    """Movements of 1 to 8, next to balances of 500 and 536."""
    moves = "".join(f"2026-07-0{n},m{n},payment,{n}\n" for n in range(1, 9))
    loads(tmp_path, f"Day,Movement ID,Kind,Paid in\n2026-07-01,,{first},500\n{moves}2026-07-09,,{last},536\n")
    assert figures(tmp_path, "SELECT sum(paid_in), count(*) FROM daily") == (36, 8)
