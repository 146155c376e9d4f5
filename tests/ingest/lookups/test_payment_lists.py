"""Payments in a table of their own, loaded beside orders that do not say who paid."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from core.workspace.write.load import load
from tests.workspace.loading import rows

HEADERS = {
    "en": (
        "id,order_id,paid_at,amount,status",
        "order_id,ordered_at,customer_id,total",
        "payments",
        "failed",
    ),
    "en_database": (
        "id,order_id,created_at,amount,payment_status",
        "order_id,created_at,customer_id,total_amount",
        "payments",
        "failed",
    ),
    "de": (
        "Zahlungsnummer;Bestellnummer;Zahlungsdatum;Betrag;Status",
        "Bestellnummer;Bestelldatum;Kundennummer;Gesamtbetrag",
        "zahlungen",
        "fehlgeschlagen",
    ),
    "pl": (
        "Nr płatności;Numer zamówienia;Data płatności;Kwota;Status",
        "Numer zamówienia;Data zamówienia;Klient;Wartość",
        "płatności",
        "odrzucona",
    ),
}
ORDERS = range(1, 25)
PAID = "SELECT count(*), count(paid_at), sum(iif(paid_at IS NOT NULL, gmv, 0)), max(paid_at) FROM orders"


def files_of(folder: Path, language: str, paid: Collection[int], parts: int = 1) -> Sequence[Path]:
    """Order n is of n.00, of day n; each paid one two days later, order 2 in two payments and order 3 after one that failed."""
    payments, orders, name, failed = HEADERS[language]
    made = [(f"A{n}", n + 2, n, "ok") for n in paid]
    made = [("A3", 4, 3, failed), *made, ("A2", 20, 1, "ok"), *([] if 5 in paid else [("A5", 9, 5, failed)])]
    lines = [f"P{at},{order},2026-07-{day:02d},{sum_}.00,{word}" for at, (order, day, sum_, word) in enumerate(made)]
    texts = {"orders": (orders, [f"A{n},2026-07-{n:02d},c{n % 4},{n}.00" for n in ORDERS])}
    texts |= {f"{name}_{part}": (payments, lines[part::parts]) for part in range(parts)}
    paths = []
    for stem, (header, body) in texts.items():
        paths.append(folder / f"{stem}.csv")
        mark = ";" if ";" in header else ","
        paths[-1].write_text("\n".join([header, *(line.replace(",", mark) for line in body)]) + "\n", encoding="utf-8")
    return paths


@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("parts", [1, 2])
def test_orders_are_paid_on_the_day_of_their_first_payment(tmp_path: Path, language: str, parts: int) -> None:
    paid = [n for n in ORDERS if n % 5 != 0]
    report = load(tmp_path / "w.db", files_of(tmp_path, language, paid, parts))
    assert report.refused is None
    assert rows(tmp_path / "w.db", PAID) == [(24, 20, sum(paid), "2026-07-26T00:00:00Z")]
    assert rows(tmp_path / "w.db", "SELECT paid_at FROM orders WHERE order_id IN ('A2', 'A3') ORDER BY 1") == [
        ("2026-07-04T00:00:00Z",), ("2026-07-05T00:00:00Z",)
    ]  # fmt: skip
    assert not any("no column says" in note for file in report.files for note in file.notes)


@pytest.mark.parametrize("paid", [[n for n in ORDERS if n <= 12], [n + 50 for n in ORDERS] + [9]])
def test_payments_of_some_months_or_of_other_orders_tell_of_nobody_who_paid(tmp_path: Path, paid: list[int]) -> None:
    """The rest would look unpaid. They are left out, and the orders are read as without them."""
    folder = tmp_path / "export"
    folder.mkdir()
    orders, payments = folder / "orders.csv", folder / "payments.csv"
    lines = [f"A{n},2026-07-{n:02d},SKU{n % 4},1,{n}.00" for n in ORDERS]
    orders.write_text("\n".join(["Order ID,Order Date,SKU,Quantity,Line Total", *lines]) + "\n")
    lines = [f"P{n},A{n},2026-07-{n % 28 + 1:02d},{n}.00,ok" for n in paid]
    payments.write_text("\n".join([HEADERS["en"][0], *lines]) + "\n")
    (skipped,) = load(tmp_path / "w.db", [folder]).skipped
    assert "payments.csv: " in skipped
    assert "not counted" not in skipped, "it says nothing of the orders"
    assert rows(tmp_path / "w.db", PAID) == [(24, 24, sum(ORDERS), "2026-07-24T00:00:00Z")]


def test_orders_loaded_again_without_their_payments_stay_as_paid_as_they_were(tmp_path: Path) -> None:
    """No column of the orders says who paid: that takes back nothing, and counts for orders that are new."""
    db, paid = tmp_path / "w.db", [n for n in ORDERS if n % 5 != 0]
    orders, payments = files_of(tmp_path, "en", paid)
    load(db, [orders, payments])
    (again,) = load(db, [orders]).files
    assert (again.unchanged, again.replaced) == (24, 0)
    assert rows(db, PAID) == [(24, 20, sum(paid), "2026-07-26T00:00:00Z")]
    text = orders.read_text().replace("A1,2026-07-01,c1,1.00", "A1,2026-07-01,c1,8.00")
    orders.write_text(text + "A25,2026-07-25,c1,25.00\n")
    (later,) = load(db, [orders]).files
    assert (later.unchanged, later.replaced, later.accepted) == (23, 1, 2)
    assert rows(db, PAID) == [(25, 21, sum(paid) + 7 + 25, "2026-07-26T00:00:00Z")]


def test_a_moment_that_is_corrected_moves_the_payment_that_was_taken_from_it(tmp_path: Path) -> None:
    db, file = tmp_path / "w.db", tmp_path / "orders.csv"
    for hour in (8, 9):
        lines = [f"A{n},2026-07-{n:02d} 0{hour}:00,SKU{n % 4},1,{n}.00" for n in ORDERS]
        file.write_text("\n".join(["Order ID,Order Date,SKU,Quantity,Line Total", *lines]) + "\n")
        load(db, [file])
    assert rows(db, "SELECT count(*), count(DISTINCT order_id) FROM orders WHERE paid_at LIKE '%T09:00:00Z'") == [
        (24, 24)
    ]
