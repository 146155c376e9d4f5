"""Lines of orders whose columns no preset knows: which are paid, cancelled or refunded, in any language."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.ingest.formats.sources import sources
from core.ingest.headers.word_lists import is_unpaid
from core.ingest.inspection import inspect
from tests.ingest.shapes import figures, loads

PAID = "SELECT sum(CASE WHEN paid_at IS NOT NULL THEN gmv END), count(*), sum(paid_at IS NOT NULL) FROM orders"


@pytest.mark.parametrize(
    ("state", "unpaid"),
    [
        *(
            (state, True)
            for state in ("Cancelled", "Sin pagar", "Chưa thanh toán", "未付款", "Nicht bezahlt", "Not paid")
        ),
        *(
            (state, False)
            for state in ("Not cancelled", "No cancelado", "Nicht storniert", "未取消", "Tidak dibatalkan")
        ),
        ("Completed", False),
    ],
)
def test_states_of_orders(state: str, unpaid: bool) -> None:
    assert is_unpaid(state) is unpaid


@pytest.mark.parametrize(
    ("header", "cancelled"),
    [
        ("ID đơn hàng,Thời gian tạo,Trạng thái đơn hàng,Số lượng,Số tiền đơn hàng", "Đã hủy"),
        ("ID del pedido,Hora de creación,Estado del pedido,Cantidad,Importe del pedido", "Sin pagar"),
        ("รหัสคำสั่งซื้อ,เวลาที่สั่งซื้อ,สถานะคำสั่งซื้อ,จำนวน,มูลค่าซื้อ(฿)", "ยกเลิก"),
        ("No. Order,Tanggal Order,Status Order,Total Barang,Total Harga Produk", "Dibatalkan"),
        ("order_ref,created_at,status,parcels,total_eur", "cancelled"),
        ("orderRef,createdAt,status,parcels,basketTotal", "cancelled"),
        ("order_nr,order_timestamp,status,quantity_purchased,base_price", "cancelled"),
    ],
)
def test_cancelled_orders_are_never_added_up_by_day(tmp_path: Path, header: str, cancelled: str) -> None:
    rows = "".join(f"A{n},2026-07-0{n} 10:00,{cancelled if n == 3 else 'Ok'},1,{n}0.00\n" for n in range(1, 7))
    (file,) = loads(tmp_path, f"{header}\n{rows}").files
    assert file.notes[0].startswith("read as orders: order_id = ")
    _, day, state, *_ = header.split(",")
    assert file.notes[1] == (
        f"no column says when a line was paid: all count as paid on {day!r}, except those whose {state!r} is {cancelled.lower()}"
    )
    assert figures(tmp_path, PAID) == (180, 6, 5)


def test_lines_without_a_state_all_count_as_paid_and_it_is_said(tmp_path: Path) -> None:
    header, rows = "Bestellnummer,Bestelldatum,Artikelnummer,Menge,Positionsbetrag", "B{0},2026-07-0{0},P,1,{0}0.50\n"
    (file,) = loads(tmp_path, f"{header}\n" + "".join(rows.format(n) for n in range(1, 7))).files
    assert "no column says when a line was paid: all count as paid on 'Bestelldatum'" in file.notes
    assert figures(tmp_path, PAID) == (213, 6, 6)


def test_a_day_of_payment_says_who_paid_by_itself(tmp_path: Path) -> None:
    header, rows = "Bestellnummer,Bestelldatum,Zahlungsdatum,Menge,Positionsbetrag", "B{0},2026-07-0{0},{1},1,{0}0.50\n"
    text = "".join(rows.format(n, "" if n == 3 else f"2026-07-1{n}") for n in range(1, 7))
    (file,) = loads(tmp_path, f"{header}\n{text}").files
    assert not any("count as paid" in note for note in file.notes)
    assert figures(tmp_path, PAID)[1:] == (6, 5)


def test_the_moment_of_payment_tells_who_paid(tmp_path: Path) -> None:
    rows = "".join(f"A{n},2026-07-0{n},{'' if n == 3 else f'2026-07-0{n}'},{n}0\n" for n in range(1, 7))
    loads(tmp_path, f"ID del pedido,Hora de creación,Hora de pago,Importe\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (180, 6, 5)


@pytest.mark.parametrize(("other", "paid"), [("paid", (120, 6, 3)), ("shipped", (210, 6, 6))])
def test_what_is_pending_is_unpaid_next_to_what_is_paid(tmp_path: Path, other: str, paid: tuple[int, ...]) -> None:
    """Orders of 10 to 60: next to paid ones those of 10, 30 and 50 wait for money, next to shipped ones for a parcel."""
    rows = "".join(f"A{n},2026-07-0{n},{other if n % 2 == 0 else 'pending'},{n}0\n" for n in range(1, 7))
    loads(tmp_path, f"Order ID,Order Date,Status,Total\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == paid


@pytest.mark.parametrize(
    "flags", [("Cancelled or failed", "", "TRUE"), ("Voided", "0", "1"), ("Stornoviert", "nein", "ja")]
)
def test_a_flag_says_which_orders_nobody_paid(tmp_path: Path, flags: tuple[str, str, str]) -> None:
    """Orders of 10 to 60, the third of which was cancelled; how often a payment failed says nothing of the order."""
    name, no, yes = flags
    rows = "".join(f"A{n},2026-07-0{n},{yes if n == 3 else no},{n % 2},{n}0\n" for n in range(1, 7))
    loads(tmp_path, f"Order ID,Order Date,{name},Failed attempts,Total\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (180, 6, 5)


def test_a_payment_on_the_first_line_of_an_order_is_that_of_all_its_lines(tmp_path: Path) -> None:
    """Four orders of lines of 10 and 5, the third of which nobody paid."""
    rows = "".join(
        f"A{n},2026-07-0{n},{'' if n == 3 else f'2026-07-0{n}'},tea,10\nA{n},2026-07-0{n},,mug,5\n" for n in range(1, 5)
    )
    loads(tmp_path, f"Order No,Created At,Paid At,SKU,Line Total\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (45, 8, 6)


@pytest.mark.parametrize(
    ("header", "buyer", "seller"),
    [
        ("Número do pedido,Data do pedido,Valor total,Data do cancelamento,Cancelado por", "Comprador", "Vendedor"),
        ("Numer zamówienia,Data zamówienia,Kwota zamówienia,Data anulowania,Anulowane przez", "klient", "sklep"),
    ],
)
def test_who_cancelled_an_order_is_known_in_any_language(tmp_path: Path, header: str, buyer: str, seller: str) -> None:
    who = {2: buyer, 4: seller, 5: seller}
    rows = "".join(f"A{n},2026-07-0{n},{n}0,{'2026-07-20' if n in who else ''},{who.get(n, '')}\n" for n in range(1, 7))
    loads(tmp_path, f"{header}\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(cancelled_by = 'buyer'), sum(cancelled_by = 'seller') FROM orders") == (1, 2)


def test_states_that_come_after_the_rows_that_are_looked_at_first_count(tmp_path: Path) -> None:
    count = 70_000
    rows = "".join(f"A{n},2026-07-01,{'Cancelled' if n == count - 1 else 'Done'},1\n" for n in range(count))
    loads(tmp_path, f"Order ID,Order Date,Order Status,Total\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (count - 1, count, count - 1)


def test_entries_that_name_orders_may_be_added_up_by_day(tmp_path: Path) -> None:
    rows = "".join(f"No-{n},2026-07-0{n},{n}\n" for n in range(1, 7))
    with pytest.raises(UsageError, match="--as daily adds them up by day"):
        loads(tmp_path, f"No. Pesanan,Waktu Pesanan Dibuat,Biaya\n{rows}")


def test_shipments_are_orders_where_the_user_says_so(tmp_path: Path) -> None:
    """Eight of 24 came on the third day, promised for the second."""
    days = [(f"2026-07-{1 + n // 2:02}", f"2026-07-{(2 if n % 3 else 4) + n // 2:02}") for n in range(24)]
    due = [f"2026-07-{3 + n // 2:02} 10:00" for n in range(24)]
    rows = "".join(
        f"SH{n:05},{made} 10:00,Leeds,{5 + n}.50,{due[n]},{came} 09:00\n" for n, (made, came) in enumerate(days)
    )
    header = "Shipment No,Created,Depot,Price GBP,Promised delivery,Delivered"
    loads(tmp_path, f"{header}\n{rows}", as_kind="orders", dimensions=["Depot"])
    counted = "SELECT count(DISTINCT order_id), sum(gmv), sum(delivered_at > promised_by), max(depot) FROM orders"
    assert figures(tmp_path, counted) == (24, 24 * 5.5 + 12 * 23, 8, "Leeds")


def test_lines_of_one_order_in_two_files_are_two(tmp_path: Path) -> None:
    header, lines = (
        "No. Order,No. Order Item,Tanggal Order,Total\n",
        [f"O{n // 2},L{n},2026-07-0{n + 1},{n}\n" for n in range(6)],
    )
    for part in (lines[::2], lines[1::2]):
        loads(tmp_path, header + "".join(part) + "O9,L9,2026-07-09,0\nO9,L8,2026-07-09,0\n", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), count(*) FROM orders") == (15, 8)


@pytest.mark.parametrize(
    ("header", "cancelled", "encoding"),
    [
        ("Nr zamówienia;Data złożenia;Status;Ilość;Wartość brutto (PLN)", "Anulowane", "cp1250"),
        ("Ваш номер заказа;Дата оформления;Статус;Количество;Стоимость, руб.", "Отменён", "cp1251"),
        ("Bestelnummer;Besteldatum;Status;Aantal;Totaal", "Geannuleerd", "utf-8"),
        ("رقم الطلب;تاريخ الطلب;حالة الطلب;الكمية;الإجمالي", "ملغي", "utf-8"),
        ("주문번호;주문일자;진행상태;수량;판매금액", "취소완료", "cp949"),
        ("訂單編號;轉單日;訂單狀態;數量;小計", "已取消", "big5"),
    ],
)
def test_orders_of_more_languages(tmp_path: Path, header: str, cancelled: str, encoding: str) -> None:
    rows = "".join(f"A{n};2026-07-1{n};{cancelled if n == 3 else 'Ok'};1;{n}0,50\n" for n in range(1, 7))
    loads(tmp_path, f"{header}\n{rows}".encode(encoding), as_kind="orders")
    assert figures(tmp_path, PAID) == (182.5, 6, 5)


def test_a_later_file_whose_lines_differ_is_read_by_line_whatever_an_earlier_one_showed(tmp_path: Path) -> None:
    header = "Order Id,Order Date,SKU,Total\n"

    def lines(orders: str, second: str) -> str:
        return "".join(
            f"{order},2026-07-14,S{line},{amount}\n" for order in orders for line, amount in ((1, "5"), (2, second))
        )

    loads(tmp_path, header + lines("ABC", "5"), "alike.csv", as_kind="orders")
    loads(tmp_path, header + lines("DEF", "7"), "apart.csv", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv) FROM orders") == (3 * 5 + 3 * 12,)


@pytest.mark.parametrize("is_paid_said", [False, True])
@pytest.mark.parametrize("has_day", [False, True])
def test_the_state_on_the_first_line_of_an_order_is_that_of_all_its_lines(
    tmp_path: Path, is_paid_said: bool, has_day: bool
) -> None:
    """Of 12 orders with lines of 10 and 5, three are cancelled, one of them before it was paid."""
    rows = "order number,order date,status,paid at,line amount\n"
    for order in range(12):
        day = f"2026-03-{order + 1:02d}"
        state = "Cancelled" if order % 4 == 0 else "Completed"
        paid = day if is_paid_said and order else ""
        rows += f"A{10_000 + order * 7},{day},{state},{paid},10\nA{10_000 + order * 7},{day if has_day else ''},,,5\n"
    loads(tmp_path, rows, as_kind="orders")
    sold = 11 * 15 if is_paid_said else 9 * 15
    assert figures(tmp_path, "SELECT sum(gmv), count(*) FROM orders WHERE paid_at IS NOT NULL") == (sold, sold / 7.5)


def test_codes_are_the_ids_of_rows_that_nobody_paid(tmp_path: Path) -> None:
    rows = "".join(f"HP{n}0000000,1{n}/07/2026,{n}0,{'Cancelado' if n == 3 else 'Completo'}\n" for n in range(1, 7))
    text = f"Transação,Data de Venda,Preço do Produto,Status\n{rows}"
    with pytest.raises(UsageError, match="look like orders. Read them so with --as orders: order_id = 'Transação'"):
        loads(tmp_path, text)
    loads(tmp_path, text, as_kind="orders")
    assert figures(tmp_path, PAID) == (180, 6, 5)


@pytest.mark.parametrize(
    ("second", "own", "total"), [("Commission,-5", "N", 95), ("Commission,-5", "F", 95), ("Retour,-100", "N", None)]
)
def test_sales_and_fees_of_each_order_are_a_ledger_and_returned_orders_are_not(
    tmp_path: Path, second: str, own: str, total: int | None
) -> None:
    entries = (("N", "Vente,100"), (own, second))
    lines = [f"{no}{at},2026-07-0{at},{cells}\n" for at in range(1, 8) for no, cells in entries]
    text = "N° commande,Date de transaction,Type,Montant\n" + "".join(lines)
    if total is None:
        with pytest.raises(UsageError, match="--as orders"):
            loads(tmp_path, text)
        return
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT sum(amount), count(DISTINCT type) FROM daily") == (7 * total, 2)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("Bestellnummer,Bestelldatum,Verkaufskanal,Gesamtbetrag", ("x", None)),
        ("No. Order,Tanggal Order,Saluran penjualan,Total Harga Produk", ("x", None)),
        ("主订单编号,订单提交时间,销售渠道,订单应付金额", ("x", None)),
        ("主订单编号,订单提交时间,达人昵称,订单应付金额", (None, "x")),
    ],
)
def test_where_and_by_whom_an_order_was_sold(
    tmp_path: Path, header: str, wanted: tuple[str | None, str | None]
) -> None:
    rows = "".join(f"A{n},2026-07-0{n} 10:00,x,{n}0\n" for n in range(1, 7))
    loads(tmp_path, f"{header}\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT DISTINCT channel, creator_id FROM orders") == wanted


def test_the_mapping_of_orders_in_arabic_has_the_cells_of_orders_that_nobody_paid(tmp_path: Path) -> None:
    lines = "".join(f"A{at};2026-07-1{at};{'ملغي' if at == 3 else 'Ok'};{at}0,50\n" for at in range(1, 7))
    path = tmp_path / "a.csv"
    path.write_text(f"رقم الطلب;تاريخ الطلب;حالة الطلب;الإجمالي\n{lines}")
    (source,) = sources(path)
    assert 'unless = "حالة الطلب", is = ["ملغي"]' in (inspect(source)[0].mapping or "")


def test_an_order_is_named_by_a_column_that_has_cells_and_dated_by_what_happened(tmp_path: Path) -> None:
    header = "ID,TRANSACTION_ID,CREATED_AT,TOTAL_PRICE,QUANTITY,_FIVETRAN_SYNCED\n"
    body = "".join(f"40{at},,2026-07-0{at}T10:00:00Z,{at}.50,1,2026-07-20 00:00:00\n" for at in range(1, 6))
    report = loads(tmp_path, header + body, as_kind="orders")
    assert report.files[0].accepted == 5
    assert figures(tmp_path, "SELECT min(order_id), min(ordered_at), sum(gmv) FROM orders")[0] == "401"
    with pytest.raises(UsageError, match="no column ordered_at"):
        loads(tmp_path, f"{header}{body}".replace("CREATED_AT", "MEMO").replace("T10:00:00Z", "x"), as_kind="orders")


def test_a_refund_that_was_refused_or_is_open_gave_nothing_back(tmp_path: Path) -> None:
    states = ("", "Approved", "Pending", "Rejected", "Completed")
    rows = "".join(f"o{at},2026-07-0{at},{at}0.00,1,{state},{at}.00\n" for at, state in enumerate(states, 1))
    loads(tmp_path, f"Order ID,Order Date,Total,Qty,Refund Status,Refund Amount\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (150, 5, 5)
    assert figures(tmp_path, "SELECT sum(refund_amount) FROM orders") == (1 + 2 + 5,)


@pytest.mark.parametrize("state", ["refunded", "Erstattet", "已退款"])
def test_a_state_tells_which_orders_were_refunded(tmp_path: Path, state: str) -> None:
    rows = "".join(f"o{at},2026-07-0{at},{at}0.50,1,{state if at == 3 else 'completed'}\n" for at in range(1, 6))
    loads(tmp_path, f"Order ID,Order Date,Total,Qty,Status\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (152.5, 5, 5)
    assert figures(tmp_path, "SELECT sum(refund_amount), sum(refunded_at IS NOT NULL) FROM orders") == (30.5, 1)
