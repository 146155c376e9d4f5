# ruff: noqa: E501 - headers and rows are as the systems write them
"""Lines of orders in words of their own, and ids of rows and orders: figures counted by hand."""

import json
from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.ingest.headers.id_names import is_id_name
from core.workspace.write.load import load
from tests.ingest.own_words.test_events import PAYPAL
from tests.ingest.shapes import figures, loads
from tests.workspace.loading import rows as stored


def columns(folder: Path) -> set[str]:
    import sqlite3

    with sqlite3.connect(folder / "w.db") as connection:
        return {column[0] for column in connection.execute("SELECT * FROM daily LIMIT 0").description}


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        ("Order ID,Order Date,Order Total (inc tax),Billing Country", "1,2026-07-{:02d},20.50,GB", (2, 41.0, None)),
        ("注文番号,注文日時,単価,個数", "{0},2026/07/{0:02d} 10:20:05,150,2", (2, 600.0, 4)),
        ("N.º de venda,Data da venda,Unidades,Receita por produtos (BRL)", "{0},{0} de julho de 2026 10:22 hs.,2,40.5", (2, 81.0, 4)),
        ("Bestellnummer;Bestelldatum;Preis", "{0};{0:02d}.07.2026 09:05 Uhr;1.020,50", (2, 2041.0, None)),
    ],
)  # fmt: skip
def test_lines_that_look_like_orders_are_read_with_the_flag_that_the_refusal_names(
    tmp_path: Path, header: str, rows: str, expected: tuple[int, float, int | None]
) -> None:
    text = "\n".join((header, rows.format(1).replace("1,2026", "A,2026", 1), rows.format(14)))
    with pytest.raises(UsageError, match="look like orders. Read them so with --as orders: order_id = "):
        loads(tmp_path, text)
    (file,) = loads(tmp_path, text, as_kind="orders").files
    assert file.kind == "orders"
    assert figures(tmp_path, "SELECT count(*), sum(gmv), sum(units) FROM orders") == expected


def test_the_total_of_an_order_counts_once_however_many_lines_repeat_it(tmp_path: Path) -> None:
    text = "Order No,Order Date,SKU,Order Total\n7,2026-07-01,A,60\n7,2026-07-01,B,60\n8,2026-07-02,A,5\n"
    loads(tmp_path, text, as_kind="orders")
    assert figures(tmp_path, "SELECT count(*), sum(gmv) FROM orders") == (3, 65.0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Order #", True), ("ID Video", True), ("Abrechnungsnummer", True), ("注文番号", True), ("PLZ", True),
        ("Número de pedido", True), ("Número de pedidos", False), ("Numero di ordini", False), ("Number of orders", False),
        ("Orders", False), ("No", False), ("Paid", False), ("Mã đơn hàng", True), ("Apple Identifier", True),
    ],
)  # fmt: skip
def test_names_of_ids_in_any_language(name: str, expected: bool) -> None:
    assert is_id_name(name) is expected


def test_long_whole_numbers_are_ids_whatever_they_are_called(tmp_path: Path) -> None:
    text = "Date,Psp,Credit\n" + "".join(f"2026-07-0{at},88153{at:010d},{at}.5\n" for at in range(1, 8))
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT sum(credit) FROM daily") == (31.5,)
    assert "psp" not in columns(tmp_path)


ORDER_TOTALS = "Order number,Date created,SKU,Qty,Price,Total\n"


def test_an_amount_that_all_lines_of_an_order_repeat_is_not_that_of_a_line(tmp_path: Path) -> None:
    lines = [f"{order},2026-07-0{order},S{line},{line},10.00,30.00\n" for order in (1, 2, 3) for line in (1, 2)]
    loads(tmp_path, ORDER_TOTALS + "".join(lines), as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units) FROM orders") == (90.0, 9)
    without_price = (ORDER_TOTALS + "".join(lines)).replace(",Price,", ",Colour,").replace(",10.00,", ",red,")
    loads(tmp_path, without_price, as_kind="orders", source="other")
    assert figures(tmp_path, "SELECT sum(gmv) FROM orders WHERE source = 'other'") == (90.0,)


def test_amounts_that_differ_by_line_add_up(tmp_path: Path) -> None:
    lines = [f"{order},2026-07-0{order},S{line},1,10.00,{line + 8}.00\n" for order in (1, 2, 3) for line in (1, 2)]
    loads(tmp_path, ORDER_TOTALS + "".join(lines), as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv) FROM orders") == (57.0,)


def test_lines_without_a_day_take_that_of_their_order(tmp_path: Path) -> None:
    text = "Order ID,Date,Currency,Product,Quantity,Unit price\n1,2026-07-01,USD,a,2,5\n1,,,b,1,5\n2,2026-07-02,EUR,a,1,5\n"
    (file,) = loads(tmp_path, text, as_kind="orders").files
    assert file.rejected == 0
    assert figures(tmp_path, "SELECT sum(gmv), sum(date = '2026-07-01'), sum(currency = 'USD') FROM orders") == (
        20.0,
        2,
        2,
    )


def test_orders_by_their_states_although_no_header_is_known(tmp_path: Path) -> None:
    text = "Folio No.,Capturado,Estado,Ciudad,Valor (MXN),Fin\n" + "".join(
        f"F-{at},2026-07-{1 + at // 4:02d} 10:{at:02d},{'Cancelado' if at % 4 == 3 else 'Pagado'},Puebla,{10 + at}.50,2026-07-30 1{at % 9}:00\n"
        for at in range(12)
    )
    with pytest.raises(UsageError, match=r"--as orders: order_id = 'Folio No\.'.* \(not where 'Estado' is cancelado\)"):
        loads(tmp_path, text)
    loads(tmp_path, text, as_kind="orders")
    paid = [10.5 + at for at in range(12) if at % 4 != 3]
    sums = "SELECT count(*), sum(CASE WHEN paid_at IS NOT NULL THEN gmv END), max(date) FROM orders"
    assert figures(tmp_path, sums) == pytest.approx((12, sum(paid), "2026-07-03"))


def test_lines_of_orders_in_any_words_are_known_by_order_and_line(tmp_path: Path) -> None:
    lines = [
        f"SO-{order};{line};{1 + order // 4:02d}.07.2026;{('PL', 'CZ')[order % 2]};{line + 1};{5 + order % 7},50"
        for order in range(40)
        for line in range(1, 2 + order % 3)
    ]
    (file,) = loads(tmp_path, "Auftrag;Position;Auftragsdatum;Land;Menge;Nettowert\n" + "\n".join(lines) + "\n").files
    assert "each row is an event, known by its Auftrag and Position" in file.notes
    amounts = [float(line.rpartition(";")[2].replace(",", ".")) for line in lines]
    assert figures(tmp_path, "SELECT sum(events), sum(nettowert) FROM daily") == pytest.approx(
        (len(lines), sum(amounts))
    )
    assert figures(tmp_path, "SELECT count(DISTINCT land) FROM daily") == (2,)
    later = [f"SO-9{at};1;15.07.2026;PL;1;2,50" for at in range(4)]
    (file,) = loads(
        tmp_path, "Auftrag;Position;Auftragsdatum;Land;Menge;Nettowert\n" + "\n".join(later) + "\n", "later.csv"
    ).files
    assert "each row is an event, known by its Auftrag and Position" in file.notes
    assert figures(tmp_path, "SELECT sum(events), sum(nettowert) FROM daily") == pytest.approx(
        (len(lines) + 4, sum(amounts) + 10)
    )
    assert figures(tmp_path, "SELECT count(*) FROM pragma_table_info('daily') WHERE name = 'position'") == (0,)


def test_an_id_that_names_rows_is_a_dimension_when_somebody_asks_for_it(tmp_path: Path) -> None:
    loads(tmp_path, PAYPAL, dimensions=("Transaktionscode",))
    assert figures(tmp_path, "SELECT count(DISTINCT transaktionscode), sum(netto) FROM daily") == (5, 1046.5)


def test_orders_numbered_by_their_moment_keep_their_numbers(tmp_path: Path) -> None:
    rows = "".join(f"202607{day:02}101112,2026-07-{day:02} 10:11:12,{day}0\n" for day in range(1, 9))
    loads(tmp_path, f"Order No,Order Date,Total\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT min(order_id), count(DISTINCT order_id), sum(gmv) FROM orders") == (
        "20260701101112",
        8,
        360,
    )


def test_the_country_of_a_customer_or_an_address_is_the_market_of_an_order(tmp_path: Path) -> None:
    orders = [
        {
            "order_id": f"o{at}",
            "created_at": f"2026-07-0{at}T10:00:00Z",
            "amount": at,
            "customer": {"country": "FR"},
            **({"shipping_address": {"country_code": "DE"}} if at < 4 else {}),
        }
        for at in range(1, 7)
    ]
    loads(tmp_path, "\n".join(map(json.dumps, orders[:3])), "orders.jsonl", as_kind="orders")
    loads(tmp_path, "\n".join(map(json.dumps, orders[3:])), "later.jsonl", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(market = 'DE'), sum(market = 'FR'), sum(gmv) FROM orders") == (3, 3, 21)


@pytest.mark.parametrize(("unpaid", "paid_orders"), [("", 3), ("2026-07-03", 2)])
def test_an_order_with_a_day_of_payment_was_paid_even_if_it_was_cancelled_later(
    tmp_path: Path, unpaid: str, paid_orders: int
) -> None:
    """Where some have no such day it says which were paid; where all have one, only the state does."""
    text = (
        "Order ID,Order date,Paid at,Status,Amount\n"
        "A1,2026-07-01,2026-07-01,Completed,10.50\n"
        "A2,2026-07-02,2026-07-02,Cancelled,20.50\n"
        f"A3,2026-07-03,{unpaid},Cancelled,30.50\n"
        "A4,2026-07-04,2026-07-04,Completed,40.50\n"
    )
    (tmp_path / "orders.csv").write_text(text)
    load(tmp_path / "w.db", [tmp_path / "orders.csv"], as_kind="orders")
    assert stored(tmp_path / "w.db", "SELECT count(*), count(paid_at) FROM orders") == [(4, paid_orders)]
