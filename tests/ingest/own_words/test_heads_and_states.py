"""What rows of orders are: heads among their lines, sales and returns, orders that stand though somebody asked to cancel them."""

from pathlib import Path

import pytest

from tests.ingest.shapes import figures, loads
from tests.workspace.loading import rows as rows_of

SUMS = "SELECT count(*), sum(units), sum(gmv), count(paid_at), count(DISTINCT order_id) FROM orders"


@pytest.mark.parametrize("count", [4, 600])
@pytest.mark.parametrize(
    "header",
    [
        "record_type,order_id,created_at,status,currency,sku,qty,line_total",
        "Typ,Auftragsnummer,Auftragsdatum,Status,Währung,Artikel,Menge,Positionsbetrag",
        "Type,OrderId,OrderDate,Status,CurrencyCode,OfferId,Quantity,LineItemAmount",
    ],
)
def test_heads_among_lines_are_no_lines(tmp_path: Path, header: str, count: int) -> None:
    text = header + "\n"
    for order in range(count):
        text += f"H,A{order},2026-07-{1 + order % 28:02d} 10:00:00,{'cancelled' if order % 4 == 3 else 'paid'},EUR,,,\n"
        text += "".join(f"L,A{order},,,,S{at},2,{order + at}.50\n" for at in range(1 + order % 2))
    lines, units = count * 3 // 2, count * 3
    assert (file := loads(tmp_path, text).files[0]).accepted == lines
    paid = [order for order in range(count) if order % 4 != 3 for _ in range(1 + order % 2)]
    total = sum(order + at + 0.5 for order in range(count) for at in range(1 + order % 2))
    assert figures(tmp_path, SUMS) == (lines, units, total, len(paid), count)
    assert any(f"not counted themselves ({count} rows)" in note for note in file.notes)


def test_a_head_without_lines_is_said_and_two_heads_of_an_order_are_none(tmp_path: Path) -> None:
    head, line = "H,{0},2026-07-0{0} 10:00:00,paid,EUR,,,\n", "L,{0},,,,S1,2,5\n"
    text = "record_type,order_id,created_at,status,currency,sku,qty,line_total\n"
    text += "".join((head + line).format(order) for order in (1, 2, 3)) + head.format(4)
    (file,) = loads(tmp_path, text).files
    assert any("(4 rows, 1 of orders without a line)" in note for note in file.notes)
    other = tmp_path / "other"
    other.mkdir()
    (file,) = loads(other, text + head.format(1).replace("paid", "open")).files
    assert not any("themselves" in note for note in file.notes)


@pytest.mark.parametrize(
    ("name", "sale", "back"),
    [
        ("doc_type_name", "Продажа", "Возврат"),
        ("Belegart", "Verkauf", "Retoure"),
        ("Operación", "Venta", "Devolución"),
        ("单据", "销售", "退货"),
    ],
)
def test_returns_are_taken_off_sales_in_any_language(tmp_path: Path, name: str, sale: str, back: str) -> None:
    rows = [f"2026-07-{at:02d},{back if at % 5 == 0 else sale},{at}.25\n" for at in range(1, 21)]
    loads(tmp_path, f"date,{name},amount_x\n" + "".join(rows))
    assert figures(tmp_path, "SELECT sum(amount_x) FROM daily") == (210 + 20 * 0.25 - 2 * (50 + 4 * 0.25),)


def test_what_was_sold_or_returned_later_is_no_direction(tmp_path: Path) -> None:
    rows = [f"2026-07-{at:02d},{'Returned' if at % 5 == 0 else 'Sale'},{at}.25\n" for at in range(1, 21)]
    loads(tmp_path, "date,outcome,amount_x\n" + "".join(rows))
    assert figures(tmp_path, "SELECT sum(amount_x) FROM daily") == (215,)


def test_an_order_that_was_paid_before_it_was_closed_was_paid(tmp_path: Path) -> None:
    """`-` stands where nobody paid: the column of payments has the paid ones itself. A seller's code of an article is no shop."""
    rows = [
        f"{at},K{at % 3},3,10,2026-07-{at:02d} 09:00:00,{'-' if at % 4 == 0 else f'2026-07-{at:02d} 09:05:00'},"
        f"{'已关闭' if at % 2 == 0 else '已完成'}\n"
        for at in range(1, 13)
    ]
    loads(tmp_path, "主订单编号,商家编码,商品数量,商品单价,订单提交时间,支付完成时间,订单状态\n" + "".join(rows))
    assert figures(
        tmp_path, "SELECT count(paid_at), sum(gmv), count(seller_id), count(DISTINCT product_id) FROM orders"
    ) == (
        9,
        360,
        0,
        3,
    )


def test_orders_stand_until_they_are_cancelled(tmp_path: Path) -> None:
    states = (
        "paid",
        "Cancellation requested",
        "cancellation_rejected",
        "partially cancelled",
        "cancelled",
        "Cancelled on request",
    )
    rows = [f"{at},2026-07-{at:02d},p1,2,5,{states[at % 6]}\n" for at in range(1, 25)]
    loads(tmp_path, "order_id,order_date,product_id,quantity,line_total,order status\n" + "".join(rows))
    assert figures(tmp_path, "SELECT count(paid_at), count(cancelled_at) FROM orders") == (16, 8)


def test_times_of_day_in_four_digits_are_in_no_sum(tmp_path: Path) -> None:
    rows = [f"2026{7:02d}{1 + at // 2:02d},{9 + at % 9:02d}{at % 60:02d},{at}\n" for at in range(40)]
    loads(tmp_path, "買上日,買上時間,買上金額\n" + "".join(rows), "pos.csv")
    assert rows_of(tmp_path / "w.db", "SELECT name FROM daily_measures") == [("買上金額",)]


def test_pieces_are_known_by_their_price_and_amount(tmp_path: Path) -> None:
    """Nobody here knows `idadi`: by it, the price is what was paid; a fee, whole numbers too, is not."""
    rows = [f"o{at},2026-07-{at:02d},{2.5 * at},{1 + at % 3},{at},{2.5 * at * (1 + at % 3)}\n" for at in range(1, 25)]
    loads(tmp_path, "order_id,ordered on,unit price,idadi,ada,malipo\n" + "".join(rows), as_kind="orders")
    units = sum(1 + at % 3 for at in range(1, 25))
    total = sum(2.5 * at * (1 + at % 3) for at in range(1, 25))
    assert figures(tmp_path, "SELECT sum(units), sum(gmv) FROM orders") == (units, total)


def test_lines_of_nested_names_have_their_own_amounts(tmp_path: Path) -> None:
    header = "orderNumber;Invoice Date;Ordered On;state;amountTotal;lineItem.quantity;lineItem.unitPrice;lineItem.totalPrice\n"
    lines = [(order, 1 + line, 3 + order) for order in range(12) for line in range(1 + order % 2)]
    rows = [
        f"N{order};2026-07-{15 + order};2026-07-{1 + order:02d};{'cancelled' if order == 5 else 'open'};999;{many};{price};"
        f"{many * price}\n"
        for order, many, price in lines
    ]
    loads(tmp_path, header + "".join(rows))
    assert figures(tmp_path, "SELECT sum(units), sum(gmv), max(date) FROM orders") == (
        sum(many for _, many, _ in lines),
        sum(many * price for _, many, price in lines),
        "2026-07-12",
    )


def test_orders_of_a_known_system_are_cancelled_by_their_state(tmp_path: Path) -> None:
    header = "Order Number,Order Item Id,Created at,Status,Seller SKU,Paid Price\n"
    rows = [
        f"{at},{900 + at},2026-07-{at:02d} 09:00:00,{'canceled' if at % 4 == 0 else 'delivered'},S,10\n"
        for at in range(1, 13)
    ]
    (file,) = loads(tmp_path, header + "".join(rows)).files
    assert file.preset == "lazada-orders"
    assert figures(tmp_path, "SELECT count(paid_at), count(cancelled_at), max(cancelled_at) FROM orders") == (
        9,
        3,
        "2026-07-12T09:00:00Z",
    )
