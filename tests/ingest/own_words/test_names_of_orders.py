"""Columns of orders in many languages: what they are read as by their names, and which tables are lines of orders."""

from pathlib import Path

import pytest

from core.ingest.headers.entity_names import entity_column
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.measure_names import adds_up
from core.ingest.own_words.order_guess import guess_orders
from core.workspace.write.load import load
from tests.ingest.own_words.test_bounds_of_guesses import read
from tests.workspace.loading import rows

HEADERS = {
    "de": "Bestellnummer,Bestelldatum,Kunden-ID,Artikel-Nr.,Stk.,Stückpreis,Händler-ID",
    "fr": "N° de commande,Date de commande,Code client,Référence produit,Qté,PU,Nom du vendeur",
    "it": "Numero ordine,Data ordine,Codice cliente,Codice articolo,Q.tà,Prezzo unitario,Nome negozio",
    "hu": "Rendelésszám,Dátum,Vevőkód,Cikkszám,Darab,Egységár,Bolt",
    "ru": "№ заказа,Дата заказа,ID клиента,Код товара,Кол-во,Цена,Название магазина",
    "el": "Κωδικός παραγγελίας,Ημερομηνία,Κωδικός πελάτη,Προϊόν,Τεμάχια,Τιμή μονάδας,Κατάστημα",
    "ko": "주문번호,주문일,고객ID,상품코드,주문수량,단가,상점명",
    "zh": "订单号,下单时间,客户编号,货号,件数,单件价格,店铺名称",
}
LINES = ("o1,2026-07-01,b1,p1,2,5,s1", "o1,2026-07-01,b1,p2,1,7,s1", "o2,2026-07-02,b2,p1,3,5,s2")


@pytest.mark.parametrize("language", HEADERS)
def test_columns_of_orders_are_known_by_a_noun_and_what_stands_at_it(language: str) -> None:
    columns, first = read("\n".join((HEADERS[language], *LINES)))
    plan = guess_orders(columns, first)
    assert plan is not None
    names = HEADERS[language].split(",")
    read_as = {column.target: (column.source, column.by) for column in plan.columns}
    assert read_as["gmv"] == (names[5], names[4])
    assert {target: read_as[target][0] for target in ("buyer_id", "product_id", "units", "seller_id")} == {
        "buyer_id": names[2],
        "product_id": names[3],
        "units": names[4],
        "seller_id": names[6],
    }


def test_a_number_of_buyers_is_no_buyer() -> None:
    counted = [
        *("Kunden", "Neue Kunden", "Clients", "Nouveaux clients", "Customer type", "Customer city", "会員数", "客户数"),
        *("Số khách hàng", "Nombre client", "Vevőszám", "ग्राहकों का नंबर", "de cliente"),
    ]
    assert entity_column(counted, "buyer_id") is None
    assert entity_column(["Số sản phẩm", "Tên hãng", "Nombre article", "Termékszám"], "product_id") is None
    named = {
        "Mã số khách hàng": "buyer_id",
        "ग्राहक का नाम": "buyer_id",
        "Codigo del cliente": "buyer_id",
        "Ім'я клієнта": "buyer_id",
        "Nom de la boutique": "seller_id",
        "Tên hàng": "product_id",
    }
    assert {name: entity_column([name], key) for name, key in named.items()} == {name: name for name in named}
    assert entity_column(["Customer name", "Customer No.", "Customer email"], "buyer_id") == "Customer No."


def test_a_price_is_no_amount_where_units_are_not_known_and_the_order_has_one() -> None:
    columns, first = read("Order ID,Created at,Price,Number,Order total\no1,2026-07-01,5,2,10\no2,2026-07-02,7,1,7")
    plan = guess_orders(columns, first)
    assert plan is not None
    assert [(column.source, column.by) for column in plan.columns if column.target == "gmv"] == [("Order total", None)]


LINED = "Order ID,Date,SKU,Quantity,Total amount\n" + "\n".join(
    f"o{at},2026-07-{1 + at % 9:02},p{line},1,{10 + at}" for at in range(20) for line in range(2)
)
"""20 orders of two lines each, which repeat what the order cost: 20 x 10 + (0 + 1 + ... + 19) = 390."""


def test_lines_with_units_are_orders_whatever_their_day_is_called(tmp_path: Path) -> None:
    export = tmp_path / "lines.csv"
    export.write_text(LINED)
    (file,) = load(tmp_path / "w.db", [export]).files
    assert "gmv = 'Total amount' (once an order), units = 'Quantity'" in file.notes[0]
    assert rows(tmp_path / "w.db", "SELECT count(*), sum(gmv), sum(units) FROM orders") == [(40, 390.0, 40)]
    export.write_text(
        LINED.replace("\n", ",0\n").replace("amount,0", "amount,Balance") + ",0"
    )  # nothing is left to pay
    (file,) = load(tmp_path / "balance.db", [export]).files
    assert "'Total amount' (once an order)" in file.notes[0]


@pytest.mark.parametrize(("name", "cells"), [("SL", [*range(1, 13)]), ("DB", [1.5 + at % 4 for at in range(12)])])
def test_numbers_of_rows_and_short_names_of_amounts_count_no_units(name: str, cells: list[float]) -> None:
    lines = "\n".join(f"{cell},o{at},2026-07-{1 + at:02},{5 + at % 3}" for at, cell in enumerate(cells))
    plan = guess_orders(*read(f"{name},Order ID,Order date,Amount\n{lines}"))
    assert plan is not None
    assert "units" not in {column.target for column in plan.columns}


REFUNDS = (
    LINED.replace("Total amount", "Amount,Return reason").replace("\n", ",late\n").replace(",late", "", 1) + ",late"
)
OTHERS = {
    "refunds": (LINED.replace("Date", "Refund date").replace("Total amount", "Refund amount"), 780),
    "returns": (REFUNDS, 780),
    "fees": (LINED.replace("Total amount", "Amount").replace(",1,", ",1,-"), -780),
    "kinds of fees": (LINED.replace("Total amount", "Amount").replace("SKU", "Gebührenart"), 780),
    "kinds of entries": (LINED.replace("Total amount", "Amount").replace("SKU", "交易类型"), 780),
}
"""Lines of 2 x 390 of what no order brings."""


@pytest.mark.parametrize("name", OTHERS)
def test_refunds_and_fees_with_units_are_added_up_by_day(tmp_path: Path, name: str) -> None:
    text, total = OTHERS[name]
    export = tmp_path / "lines.csv"
    export.write_text(text)
    load(tmp_path / "w.db", [export])
    amount = "refund_amount" if name == "refunds" else "amount"
    assert rows(tmp_path / "w.db", f"SELECT count(*), sum({amount}) FROM daily") == [(40, total)]


MOMENTS = [f"202607{at:02}" for at in range(1, 13)], [str(1_783_000_000 + 86_400 * at) for at in range(12)]


@pytest.mark.parametrize("moments", MOMENTS)
def test_a_row_of_totals_leaves_days_of_digits_days(tmp_path: Path, moments: list[str]) -> None:
    export = tmp_path / "days.csv"
    lines = [f"{moment},{10 + at}" for at, moment in enumerate(moments)]
    export.write_text("\n".join(("日付,訪問数", *lines, "合計,186")))
    load(tmp_path / "w.db", [export])
    (found,) = rows(tmp_path / "w.db", "SELECT count(DISTINCT date), count(*) FROM daily")
    assert found == (12, 12)


def test_numbers_of_orders_are_counted_and_averages_are_not_however_they_are_parted() -> None:
    assert (is_id_name("Numero ordini"), is_id_name("Numero ordine")) == (False, True)
    assert not adds_up("rata_rata_nilai_pesanan", "rata_rata_nilai_pesanan", ("id",))


LISTS = {
    "cs": ("ID recenze,Datum,Produkt,Hodnocení,Text recenze", "ID tvůrce,Přezdívka,Sledující,Datum registrace"),
    "ar": ("رقم التقييم,التاريخ,المنتج,التقييم,نص المراجعة", "معرف المنشئ,الاسم,المتابعون,تاريخ الانضمام"),
    "fi": ("Arvostelu-ID,Päivämäärä,Tuote,Arvosana,Teksti", "Tekijä-ID,Nimimerkki,Seuraajat,Liittymispäivä"),
    "en": ("Review ID,Date,Product,Rating,Content", "Creator ID,Nickname,Followers,Joined"),
}


@pytest.mark.parametrize("language", LISTS)
def test_reviews_and_accounts_are_lists_in_every_language(tmp_path: Path, language: str) -> None:
    reviews, accounts = LISTS[language]
    (tmp_path / "reviews.csv").write_text(f"{reviews}\nR1,2026-07-01,Tea,5,good\nR2,2026-07-02,Tea,1,bad\n")
    (tmp_path / "accounts.csv").write_text(f"{accounts}\nC1,ann,500,2025-01-02\nC2,bob,70,2024-03-04\n")
    load(tmp_path / "w.db", [tmp_path / "reviews.csv", tmp_path / "accounts.csv"])
    said = rows(tmp_path / "w.db", "SELECT review_id, rating, product_id, text FROM reviews ORDER BY review_id")
    assert said == [("R1", 5, "Tea", "good"), ("R2", 1, "Tea", "bad")]
    known = rows(tmp_path / "w.db", "SELECT creator_id, handle, followers, joined_on FROM creators ORDER BY creator_id")
    assert known == [("C1", "ann", 500, "2025-01-02"), ("C2", "bob", 70, "2024-03-04")]
