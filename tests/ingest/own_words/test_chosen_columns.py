"""Which of several columns orders take their amount, units, product, days and refunds from, and what is said of it."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from tests.ingest.shapes import figures, loads

SALES = (
    "SELECT sum(units), sum(gmv), count(DISTINCT product_id), sum(paid_at IS NOT NULL), sum(refund_amount) FROM orders"
)


def orders(header: str, *lines: str) -> str:
    """An order a day with its id first and its day next; `lines` are the rest of each row."""
    return f"{header}\n" + "".join(f"A{at:03},2026-07-{at:02},{line}\n" for at, line in enumerate(lines, 1))


@pytest.mark.parametrize(
    ("header", "amount"),
    [
        ("订单号,订单成交时间,商品数量(件),商品总价(元),商品,商品id,订单状态", "商品总价(元)"),
        ("訂單號碼,訂單日期,數量,商品小計,商品名稱,商品貨號,訂單狀態", "商品小計"),
        ("Numer zamówienia,Data zamówienia,Ilość sztuk,Wartość,Produkt,SKU,Status", "Wartość"),
        ("Bestelnummer,Besteldatum,Aantal stuks,Bedrag,Product,SKU,Status", "Bedrag"),
        ("Numer zamówienia,Data zamówienia,Ilość produktów,Kwota zamówienia,Produkt,SKU,Status", "Kwota zamówienia"),
        (
            "Numero de pedido,Creado el,Cantidad de artículos,Monto total,Nombre del articulo,SKU del vendedor,Estado",
            "Monto total",
        ),
    ],
)
def test_columns_are_known_by_a_noun_and_what_is_counted_of_it(tmp_path: Path, header: str, amount: str) -> None:
    paid, unpaid = ("已完成", "已取消") if "状" in header or "狀" in header else ("ok", "cancelled")
    lines = [f"{at % 3 + 1},{at}.50,Cup,c{at % 4},{unpaid if at == 5 else paid}" for at in range(1, 13)]
    (file,) = loads(tmp_path, orders(header, *lines)).files
    assert f"gmv = {amount!r}" in file.notes[0]
    total = sum(at + 0.5 for at in range(1, 13))
    assert figures(tmp_path, SALES) == (24, total, 4, 11, None)


def test_amounts_that_could_be_those_of_sales_are_named(tmp_path: Path) -> None:
    header = (
        "Order ID,Order date,SKU,Qty,Item price,Tax amount,Amount charged,Amount paid again,Amount of the year,Status"
    )
    states = ["failed", "paid"] * 4
    lines = [f"s{at},1,{at}.00,{at / 5},{at * 1.2:.2f},{at}.00,999.00,{state}" for at, state in enumerate(states, 1)]
    (file,) = loads(tmp_path, orders(header, *lines)).files
    assert file.notes[2] == "amounts are read from 'Item price' x 'Qty', not from Amount charged"
    assert file.notes[3].startswith("not loaded: Tax amount, Amount charged, ")


@pytest.mark.parametrize(
    ("header", "refunded", "done"),
    [
        ("주문번호,주문일시,수량,결제금액,상품명,결제상태", "환불", "결제완료"),
        ("Nº pedido,Fecha,Cantidad,Importe,SKU,Estado", "Reembolso completo", "Pagado"),
        ("订单号,下单时间,数量,金额,商品id,售后状态", "退款成功", "无售后"),
        ("订单号,下单时间,数量,金额,商品id,订单状态", "已取消，退款成功", "已收货"),
    ],
)
def test_orders_whose_state_says_so_were_paid_and_refunded(
    tmp_path: Path, header: str, refunded: str, done: str
) -> None:
    lines = [f"1,{at}.00,p{at % 2},{refunded if at in {3, 7} else done}" for at in range(1, 11)]
    loads(tmp_path, orders(header, *lines))
    assert figures(tmp_path, SALES) == (10, 55, 2, 10, 10)


@pytest.mark.parametrize(("day", "target"), [("2026-07-20", "ship_by"), ("", "shipped_at")])
def test_a_day_of_dispatch_that_unpaid_orders_have_too_is_planned(tmp_path: Path, day: str, target: str) -> None:
    header = "Номер заказа,Принят в обработку,Количество,Сумма заказа,SKU,Дата отгрузки,Статус"
    lines = [f"1,5,p1,{day if at == 4 else '2026-07-20'},{'Отменён' if at == 4 else 'Доставлен'}" for at in range(1, 9)]
    (file,) = loads(tmp_path, orders(header, *lines)).files
    assert f"{target} = 'Дата отгрузки'" in file.notes[0]


@pytest.mark.parametrize("name", ["Shipped date", "Versendet am", "Enviado el"])
def test_a_dispatch_that_has_happened_is_no_plan(tmp_path: Path, name: str) -> None:
    """Every order was sent, also the one that its buyer cancelled at the door."""
    header = f"Order ID,Order date,Qty,Total,SKU,{name},Status"
    lines = [f"1,5,p1,2026-07-20,{'Cancelled' if at == 4 else 'Delivered'}" for at in range(1, 9)]
    (file,) = loads(tmp_path, orders(header, *lines)).files
    assert f"shipped_at = {name!r}" in file.notes[0]


def test_charged_amounts_are_sales_and_who_ships_supplies_nothing(tmp_path: Path) -> None:
    header = "Order Number,Charged Date,Financial Status,SKU ID,Item Price,Proveedor de envio"
    states = ["Refund" if at == 2 else "Charged" for at in range(1, 7)]
    lines = [f"{state},s{at},{'-' if state == 'Refund' else ''}4.00,Blue" for at, state in enumerate(states)]
    loads(tmp_path, orders(header, *lines))
    assert figures(tmp_path, SALES)[1:] == (20, 6, 5, 4)


@pytest.mark.parametrize("whole", [True, False])
def test_a_price_that_grows_with_the_pieces_is_that_of_the_line(tmp_path: Path, whole: bool) -> None:
    """Four articles of 1.50, 2.50, 3.50 and 4.50 a piece, each bought by one, two and three, in a table with decimal commas."""
    bought = [(at // 3 + 1.5, at % 3 + 1) for at in range(12)]
    lines = [f's{price},{many},"{price * (many if whole else 1):.2f}",paid'.replace(".", ",") for price, many in bought]
    lines = [line.replace(",5,", "5,", 1) for line in lines]
    (file,) = loads(
        tmp_path, orders("Order ID,Order date,SKU,Qty,Price,Payment status", *lines), as_kind="orders"
    ).files
    assert ("gmv = 'Price', units" if whole else "gmv = 'Price' x 'Qty'") in file.notes[0]
    assert figures(tmp_path, SALES)[:2] == (24, sum(price * many for price, many in bought))


def test_a_closed_order_whose_money_was_given_back_had_been_paid(tmp_path: Path) -> None:
    header = "主订单编号,订单提交时间,商品数量,订单应付金额,商家编码,订单状态,售后状态"
    lines = [
        f"1,{at}.00,p,{'已关闭' if at in {2, 5} else '已完成'},{'退款成功' if at == 5 else '-'}" for at in range(1, 9)
    ]
    loads(tmp_path, orders(header, *lines))
    assert figures(tmp_path, SALES) == (8, 36, 1, 7, 5)


@pytest.mark.parametrize(
    ("header", "cancelled", "done"),
    [
        ("No Pesanan,Tanggal,Total,Status Pesanan", "dibatalkan", "selesai"),
        ("Numer zamówienia,Data,Kwota,Status", "odwołane", "wysłane"),
        ("Order Id,Order Date,Total,Void?", "true", "false"),
    ],
)
def test_orders_that_any_word_or_flag_calls_off_are_cancelled(
    tmp_path: Path, header: str, cancelled: str, done: str
) -> None:
    loads(tmp_path, orders(header, *(f"{at}.50,{cancelled if at == 3 else done}" for at in range(1, 7))))
    counted = "SELECT count(*), sum(cancelled_at IS NOT NULL), sum(paid_at IS NOT NULL) FROM orders"
    assert figures(tmp_path, counted) == (6, 1, 5)


@pytest.mark.parametrize(("rows", "articles"), [(20, 3), (18, 18)])
def test_an_id_of_each_of_many_lines_is_no_article(tmp_path: Path, rows: int, articles: int) -> None:
    header = "Order ID,Order Date,Item ID,Product Name,Quantity,Unit Price"
    text = "".join(f"A{at // 2},2026-07-{at + 1:02},i{at},Cup {at % 3},1,2.50\n" for at in range(rows))
    loads(tmp_path, f"{header}\n{text}")
    counted = figures(tmp_path, "SELECT count(DISTINCT product_id), count(*), sum(gmv) FROM orders")
    assert counted == (articles, rows, rows * 2.5)


def test_what_a_preset_calls_unpaid_stays_so_and_a_cancelled_return_cancels_nothing(tmp_path: Path) -> None:
    header = "Order Number,Order Date,Order Status,Order Total Amount,Order Refund Amount"
    loads(tmp_path, orders(header, *(f"{'cancelled' if at == 2 else 'completed'},9.00,{at}" for at in range(1, 5))))
    assert figures(tmp_path, "SELECT sum(paid_at IS NOT NULL), sum(refund_amount) FROM orders") == (3, 10)
    header = "Order ID,Order date,Customer,Total,Status,Return status"
    lines = [f"Ann,9.00,{'failed' if at == 1 else 'paid'},{'cancelled' if at == 3 else '-'}" for at in range(1, 7)]
    loads(tmp_path, orders(header, *lines).replace("A00", "B00"), "returns.csv")
    own = "SELECT sum(paid_at IS NOT NULL), sum(cancelled_at IS NOT NULL) FROM orders WHERE order_id LIKE 'B%'"
    assert figures(tmp_path, own) == (5, 0)


def test_days_whose_rows_name_orders_say_so(tmp_path: Path) -> None:
    text = orders("Sipariş no,Tarih,Toplam (TL)", *(f"{at}.50" for at in range(1, 9)))
    (file,) = loads(tmp_path, text).files
    (back,) = loads(
        tmp_path, orders("Order ID,Refund date,Total", *(f"{at}.50" for at in range(1, 9))), "back.csv"
    ).files
    assert not any("though its rows name orders" in note for note in back.notes)
    assert (file.kind, file.notes[0]) == (
        "daily",
        "added up by day, although 'Sipariş no' names orders; to count orders, load it with --as orders",
    )


def test_the_price_of_one_piece_is_no_amount_where_pieces_may_be_counted(tmp_path: Path) -> None:
    header = "受注番号,受注日,商品名,袋,単価,ステータス"
    with pytest.raises(UsageError, match="looks? like orders"):
        loads(tmp_path, orders(header, *(f"米,{at},300,完了" for at in range(1, 9))))
    (file,) = loads(tmp_path, orders(header, *("米,1,300,完了" for _ in range(8))), as_kind="orders").files
    assert "gmv = '単価', product_id" in file.notes[0], "one of each"


def test_sold_pieces_and_refunds_make_orders(tmp_path: Path) -> None:
    header = "SalesOrderNumber,DateKey,ProductKey,SalesQuantity,UnitPrice,SalesAmount"
    loads(tmp_path, orders(header, *(f"p{at % 2},{at},2.00,{at * 2 - 1}.00" for at in range(1, 9))), "facts.csv")
    assert figures(tmp_path, SALES)[:2] == (36, 72)
    header = "Order #,Order Date,Email,Quantity,Total Paid,Attendee Status"
    lines = [f"a{at}@ex.org,1,5.00,{'Refunded' if at == 4 else 'Attending'}" for at in range(1, 7)]
    loads(tmp_path, orders(header, *lines).replace("A00", "T00"), "attendees.csv")
    assert figures(tmp_path, "SELECT sum(gmv), sum(refund_amount) FROM orders WHERE order_id LIKE 'T%'") == (30, 5)


def test_a_second_state_cancels_orders_and_is_told_where_it_says_unpaid(tmp_path: Path) -> None:
    header = "Número de pedido,Fecha,Cliente,Total,Estado del pago,Estado del pedido"
    states = [("Pagado", "Enviado"), ("Rechazado", "Enviado"), ("Pagado", "Cancelado"), ("Rechazado", "Cancelado")]
    (file,) = loads(tmp_path, orders(header, *(f"Ana,{at}.00,{','.join(states[at % 4])}" for at in range(8)))).files
    assert (
        file.notes[1]
        == "some lines whose 'Estado del pago' is rechazado count as paid, because 'Estado del pedido' decides"
    )
    counted = "SELECT sum(paid_at IS NOT NULL), sum(cancelled_at IS NOT NULL) FROM orders"
    assert figures(tmp_path, counted) == (4, 4)
    alone = [f"Ana,{at}.00,{states[at % 4][0]},{'Enviado' if at else 'En camino'}" for at in range(8)]
    (file,) = loads(tmp_path, orders(header, *alone).replace("A00", "B00"), "other.csv").files
    assert "'Estado del pago' is rechazado)" in file.notes[0]
    assert not any(" count as paid, because " in note for note in file.notes)
