"""Which lines that look like orders are read as sales without a flag."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from tests.ingest.shapes import figures, loads


@pytest.mark.parametrize(
    "header",
    [
        "Order No,Date,SKU,Qty,Amount,Supplier",
        "Order No,Order Date,SKU,Qty,Amount,Vendor name",
        "Bestellnummer,Bestelldatum,Artikelnummer,Menge,Betrag,Lieferant",
        "Номер заказа,Дата заказа,Артикул,Количество,Сумма,Поставщик",
        "采购订单号,下单日期,商品编号,数量,金额,供应商",
        "Order ID,Quote Date,SKU,Qty,Amount,Seller",
        "Order ID,Payout Date,SKU,Qty,Payout Amount,Seller",
        "Inköpsordernummer,Datum,Artikel,Antal,Belopp,Butik",
        "Номер заказа поставщику,Дата,Товар,Количество,Сумма,Склад",
        "Payment order no,Date,SKU,Qty,Amount,Employee",
        "Order No,Cancelled on,SKU,Qty,Amount,Seller",
        "Lieferscheinnummer,Lieferdatum,Artikelnummer,Menge,Betrag,Filiale",
        "Bestellnummer,Rückgabedatum,Artikelnummer,Menge,Betrag,Filiale",
    ],
)
def test_rows_of_suppliers_and_of_other_documents_are_no_sales_unless_somebody_says_so(
    tmp_path: Path, header: str
) -> None:
    rows = "".join(f"B{n},2026-07-0{n},tea,{n},{n}0.50,{'Bolt' if n % 2 else 'Acme'}\n" for n in range(1, 7))
    with pytest.raises(UsageError, match=r"--as daily.* --as orders: order_id"):
        loads(tmp_path, f"{header}\n{rows}")
    loads(tmp_path, f"{header}\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units) FROM orders") == (213, 21)


def test_vendors_of_orders_with_buyers_sell(tmp_path: Path) -> None:
    rows = "".join(f"B{n},2026-07-0{n},tea,{n},{n}0.50,Bolt,ann\n" for n in range(1, 7))
    loads(tmp_path, f"Order No,Order Date,SKU,Qty,Amount,Vendor,Customer\n{rows}")
    assert figures(tmp_path, "SELECT sum(gmv), max(seller_id) FROM orders") == (213, "Bolt")


@pytest.mark.parametrize("other", ["Payout date", "Platform created at", "Datum da página"])
def test_words_that_only_begin_like_one_for_payment_say_nothing_of_it(tmp_path: Path, other: str) -> None:
    """Six orders, the third of which has no such day."""
    rows = "".join(f"A{n},2026-07-0{n},{'' if n == 3 else f'2026-07-0{n}'},tea,1,{n}0\n" for n in range(1, 7))
    loads(tmp_path, f"Order ID,Order date,{other},SKU,Qty,Total\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), count(*), count(paid_at) FROM orders") == (210, 6, 6)


@pytest.mark.parametrize("header", ["Expense ID,Date,Merchant,Amount,Status", "Spesen-ID,Datum,Händler,Betrag,Status"])
def test_expenses_with_states_are_no_orders_of_customers(tmp_path: Path, header: str) -> None:
    rows = "".join(f"EX-{n},2026-07-0{n},Uber,{n}0.50,{'Rejected' if n == 3 else 'Approved'}\n" for n in range(1, 7))
    report = loads(tmp_path, f"{header}\n{rows}")
    assert figures(tmp_path, "SELECT sum(amount), count(*) FROM daily") == (213, 6)
    assert any("rejected are counted like all others" in note for note in report.files[0].notes)
