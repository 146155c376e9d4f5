"""Which amounts, prices and units of orders count whose columns no preset knows."""

from pathlib import Path

import pytest

from tests.ingest.shapes import figures, loads

PAID = "SELECT sum(CASE WHEN paid_at IS NOT NULL THEN gmv END), count(*), sum(paid_at IS NOT NULL) FROM orders"


def test_the_gross_amount_counts_and_not_what_is_left_of_it(tmp_path: Path) -> None:
    rows = "".join(f"A{n},2026-07-0{n},{n}0,{n},{n}9\n" for n in range(1, 7))
    loads(tmp_path, f"Order ID,Order Date,Gross Amount,Fees,Net Amount\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (210, 6, 6)


def test_the_only_amount_with_a_currency_is_that_of_the_order(tmp_path: Path) -> None:
    rows = "".join(f"B{n};2026-07-0{n};{n};{n}0,50\n" for n in range(1, 7))
    loads(tmp_path, f"Bestellnummer;Bestelldatum;Stück;Wert in EUR\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units), max(currency) FROM orders") == (213, 21, "EUR")


def test_a_price_is_known_by_a_word_of_its_name(tmp_path: Path) -> None:
    """Two pieces each, for 1.50 to 6.50: the price of the delivery is none of theirs."""
    rows = "".join(f"A{n},2026-07-0{n},2,{n}.50,9.99\n" for n in range(1, 7))
    loads(tmp_path, f"order_id,order_date,quantity,price_brutto,delivery_price\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units) FROM orders") == (48, 12)


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


def test_a_refund_is_never_taken_for_the_amount_of_an_order(tmp_path: Path) -> None:
    rows = "".join(f"A{n},2026-07-0{n},0,{n}000\n" for n in range(1, 7))
    header = "No. Pesanan,Waktu Pesanan Dibuat,Jumlah Pengembalian Dana,Jumlah Penghasilan"
    loads(tmp_path, f"{header}\n{rows}", as_kind="orders")
    assert figures(tmp_path, PAID) == (21_000, 6, 6)


def test_pieces_count_with_their_price_in_german(tmp_path: Path) -> None:
    rows = "".join(f"10{n};1{n}.07.2026;{n};{n}0,50\n" for n in range(1, 5))
    loads(tmp_path, f"Bestellnummer;Bestelldatum;Stückzahl;Preis\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units), count(*) FROM orders") == (305.0, 10, 4)


def test_the_sales_behind_commissions_are_no_orders(tmp_path: Path) -> None:
    rows = "".join(
        f"90{n},2026-07-{1 + n // 3:02},pub-{n % 4},{'declined' if n % 5 == 0 else 'approved'},{n}.50,0.{n}0\n"
        for n in range(1, 10)
    )
    head = "Transaction ID,Transaction Date,Publisher,Commission Status,Sale Amount,Commission Amount"
    (file,) = loads(tmp_path, f"{head}\n{rows}").files
    assert (file.kind, file.added) == ("daily", 9)
    assert figures(tmp_path, "SELECT sum(sale_amount), count(DISTINCT row_key) FROM daily") == (49.5, 9)


def test_an_amount_far_below_the_price_counts_pieces(tmp_path: Path) -> None:
    rows = "A-1,2026-07-01,48900,2\nA-1,2026-07-01,16900,3\nA-2,2026-07-02,13988,1\n"
    loads(tmp_path, f"No. Pesanan,Tanggal Pesanan,Harga,Jumlah\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units) FROM orders") == (2 * 48900 + 3 * 16900 + 13988, 6)
