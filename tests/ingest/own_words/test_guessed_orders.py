"""Lines of orders whose columns no preset knows: which are paid, which amount counts, in any language."""

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


def test_the_gross_amount_counts_and_not_what_is_left_of_it(tmp_path: Path) -> None:
    rows = "".join(f"A{n},2026-07-0{n},{n}0,{n},{n}9\n" for n in range(1, 7))
    loads(tmp_path, f"Order ID,Order Date,Gross Amount,Fees,Net Amount\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (210, 6, 6)


def test_the_only_amount_with_a_currency_is_that_of_the_order(tmp_path: Path) -> None:
    rows = "".join(f"B{n};2026-07-0{n};{n};{n}0,50\n" for n in range(1, 7))
    loads(tmp_path, f"Bestellnummer;Bestelldatum;Stück;Wert in EUR\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units), max(currency) FROM orders") == (213, 21, "EUR")


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


def test_a_price_is_known_by_a_word_of_its_name(tmp_path: Path) -> None:
    """Two pieces each, for 1.50 to 6.50: the price of the delivery is none of theirs."""
    rows = "".join(f"A{n},2026-07-0{n},2,{n}.50,9.99\n" for n in range(1, 7))
    loads(tmp_path, f"order_id,order_date,quantity,price_brutto,delivery_price\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units) FROM orders") == (48, 12)


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


@pytest.mark.parametrize(
    ("sign", "code", "said"), [("$", None, "$"), ("€", "EUR", "EUR"), ("Rp", "IDR", None), ("", "IDR", None)]
)
def test_amounts_of_another_currency_than_the_sales_are_left_out(
    tmp_path: Path, sign: str, code: str | None, said: str | None
) -> None:
    rows = "".join(f"A{n},2026-07-0{n},{sign}{n}0.50,Rp{n}500\n" for n in range(1, 7))
    report = loads(tmp_path, f"Order ID,Order Date,Amount,Commission\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), max(currency) FROM orders") == (213, code)
    left_out = [note for note in report.files[0].notes if "commission, which is in IDR" in note]
    assert len(left_out) == (said is not None)
    assert said is None or f"not in {said} like gmv" in left_out[0]


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


@pytest.mark.parametrize(
    "header",
    [
        "Bestellnummer,Bestelldatum,Artikel-Nr.,Menge,Stückpreis,Gesamtbetrag,Provision,Käufer",
        "Número de pedido,Fecha del pedido,Referencia,Cantidad,Precio por unidad,Total del pedido,Comisión,Comprador",
        "Numéro de commande,Date de commande,Référence,Quantité,Prix de vente,Total commande,Commission,Acheteur",
        "Numero ordine,Data ordine,Codice articolo,Quantità,Prezzo unitario,Totale ordine,Commissione,Acquirente",
        "Numer zamówienia,Data zamówienia,Kod produktu,Ilość,Cena brutto,Wartość zamówienia,Prowizja,Kupujący",
        "Номер заказа,Дата заказа,Артикул,Количество,Цена за единицу,Сумма заказа,Комиссия,Покупатель",
        "Sipariş numarası,Sipariş tarihi,Stok kodu,Adet,Birim fiyat,Ödenen tutar,Komisyon,Alıcı",
        "注文番号,注文日,商品コード,注文数量,単価,合計金額,販売手数料,購入者",
        "หมายเลขคำสั่งซื้อ,วันที่สั่งซื้อ,รหัสสินค้า,จำนวน,ราคาต่อชิ้น,ยอดชำระ,ค่าคอมมิชชั่น,ผู้ซื้อ",
    ],
)
def test_prices_units_and_people_of_orders_are_known_in_any_language(tmp_path: Path, header: str) -> None:
    rows = (
        "A,2026-07-01,S1,2,10.50,41.00,4.10,x\nA,2026-07-01,S2,4,5.00,41.00,0,x\nB,2026-07-14,S1,1,10.50,10.50,1.05,y\n"
    )
    loads(tmp_path, f"{header}\n{rows}", as_kind="orders")
    sums = "SELECT sum(gmv), sum(units), sum(commission), count(DISTINCT buyer_id), min(product_id) FROM orders"
    assert figures(tmp_path, sums) == (51.5, 7, pytest.approx(5.15), 2, "S1")


@pytest.mark.parametrize(("second", "expected"), [("8.00", 37.5), ("12.50", 25.0)])
def test_an_amount_called_that_of_an_order_is_that_of_a_line_where_lines_differ(
    tmp_path: Path, second: str, expected: float
) -> None:
    lines = "".join(
        f"{order},2026-07-14,S{line},{amount}\n" for order in "AB" for line, amount in ((1, "12.50"), (2, second))
    )
    loads(
        tmp_path,
        "Order Id,Order Date,SKU,Invoice Amount\n" + lines.replace("B,2026-07-14,S2,8.00", "B,2026-07-14,S2,4.50"),
        as_kind="orders",
    )
    assert figures(tmp_path, "SELECT sum(gmv) FROM orders") == (expected,)


@pytest.mark.parametrize(
    "amount", ["Importe total del pedido", "Betrag des Auftrags", "Montant TTC final", "Сумма за весь заказ"]
)
def test_an_amount_is_known_by_a_word_of_its_name(tmp_path: Path, amount: str) -> None:
    header = f"No. Order,Tanggal Order,Stock Left,{amount}"
    loads(tmp_path, f"{header}\nA,2026-07-01,7,10.50\nB,2026-07-14,9,4.25\n", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), count(*) FROM orders") == (14.75, 2)


def test_a_later_file_whose_lines_differ_is_read_by_line_whatever_an_earlier_one_showed(tmp_path: Path) -> None:
    header = "Order Id,Order Date,SKU,Total\n"

    def lines(orders: str, second: str) -> str:
        return "".join(
            f"{order},2026-07-14,S{line},{amount}\n" for order in orders for line, amount in ((1, "5"), (2, second))
        )

    loads(tmp_path, header + lines("ABC", "5"), "alike.csv", as_kind="orders")
    loads(tmp_path, header + lines("DEF", "7"), "apart.csv", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv) FROM orders") == (3 * 5 + 3 * 12,)


@pytest.mark.parametrize(("cells", "expected"), [(("10%", "12%", "8%"), None), (("1.0", "1.2", "0.8"), 3.0)])
def test_a_rate_of_commission_is_no_amount(tmp_path: Path, cells: tuple[str, ...], expected: float | None) -> None:
    lines = "".join(f"A{at},2026-07-1{at},10.50,{cell}\n" for at, cell in enumerate(cells))
    loads(tmp_path, "Order No,Order Time,Paid Amount,Commission\n" + lines, as_kind="orders")
    assert figures(tmp_path, "SELECT sum(commission), sum(gmv) FROM orders") == (expected, 31.5)


def test_lines_take_what_their_order_says_once(tmp_path: Path) -> None:
    text = (
        "Order Reference,Creation Date,Customer,Order Lines/Product,Order Lines/Quantity,Order Lines/Subtotal,Total\n"
        "S1,2026-07-01 10:00:00,Ann,Cup,2.0,10.50,15.75\n,,,Mug,1.0,5.25,\n"
        "S2,2026-07-02 10:00:00,Bo,Cup,1.0,5.25,10.50\n,,,Mug,1.0,5.25,\nS3,2026-07-03 10:00:00,Ann,Mug,3.0,15.75,15.75\n"
    )
    (file,) = loads(tmp_path, text, as_kind="orders").files
    assert (file.accepted, file.rejected) == (5, 0)
    sql = "SELECT sum(gmv), sum(units), count(DISTINCT order_id), max(date), sum(buyer_id = 'Ann') FROM orders"
    assert figures(tmp_path, sql) == (42.0, 8, 3, "2026-07-03", 3)


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


def test_a_refund_is_never_taken_for_the_amount_of_an_order(tmp_path: Path) -> None:
    rows = "".join(f"A{n},2026-07-0{n},0,{n}000\n" for n in range(1, 7))
    header = "No. Pesanan,Waktu Pesanan Dibuat,Jumlah Pengembalian Dana,Jumlah Penghasilan"
    loads(tmp_path, f"{header}\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (21_000, 6, 6)


def test_codes_are_the_ids_of_rows_that_nobody_paid(tmp_path: Path) -> None:
    rows = "".join(f"HP{n}0000000,1{n}/07/2026,{n}0,{'Cancelado' if n == 3 else 'Completo'}\n" for n in range(1, 7))
    text = f"Transação,Data de Venda,Preço do Produto,Status\n{rows}"
    with pytest.raises(UsageError, match="look like orders. Read them so with --as orders: order_id = 'Transação'"):
        loads(tmp_path, text)
    loads(tmp_path, text, as_kind="orders")
    assert figures(tmp_path, PAID) == (180, 6, 5)


def test_pieces_count_with_their_price_in_german(tmp_path: Path) -> None:
    rows = "".join(f"10{n};1{n}.07.2026;{n};{n}0,50\n" for n in range(1, 5))
    loads(tmp_path, f"Bestellnummer;Bestelldatum;Stückzahl;Preis\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units), count(*) FROM orders") == (305.0, 10, 4)


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


def test_the_sales_behind_commissions_are_no_orders(tmp_path: Path) -> None:
    rows = "".join(
        f"90{n},2026-07-{1 + n // 3:02},pub-{n % 4},{'declined' if n % 5 == 0 else 'approved'},{n}.50,0.{n}0\n"
        for n in range(1, 10)
    )
    head = "Transaction ID,Transaction Date,Publisher,Commission Status,Sale Amount,Commission Amount"
    (file,) = loads(tmp_path, f"{head}\n{rows}").files
    assert (file.kind, file.added) == ("daily", 9)
    assert figures(tmp_path, "SELECT sum(sale_amount), count(DISTINCT row_key) FROM daily") == (49.5, 9)


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


def test_an_amount_far_below_the_price_counts_pieces(tmp_path: Path) -> None:
    rows = "A-1,2026-07-01,48900,2\nA-1,2026-07-01,16900,3\nA-2,2026-07-02,13988,1\n"
    loads(tmp_path, f"No. Pesanan,Tanggal Pesanan,Harga,Jumlah\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units) FROM orders") == (2 * 48900 + 3 * 16900 + 13988, 6)


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
