"""Tables that name the orders of another one: lines with ids, too few heads, payments; `inspect` joins what `load` does."""

from pathlib import Path

import pytest

from core.base.errors import RefusedFile
from core.ingest.formats.sources import sources
from core.ingest.inspection import inspect
from core.ingest.request import Request
from core.workspace.write.files.loadable_exports import lookups_of_load
from core.workspace.write.load import load
from tests.ingest.shapes import figures, loads
from tests.workspace.loading import rows, written

HEADS = "OrderID,CustomerID,OrderDate,OrderStatus\n" + "".join(
    f"{order},{order % 5},2026-05-{1 + order % 20:02d},{'cancelled' if order % 4 == 3 else 'paid'}\n"
    for order in range(20)
)
LINES = "OrderLineID,OrderID,ProductID,Quantity,LineTotal\n" + "".join(
    f"{100 + order * 2 + at},{order},P{at},{1 + at},{order + at}.50\n" for order in range(20) for at in range(2)
)
PAYMENTS = "PaymentID,OrderID,PaymentDate,Amount\n" + "".join(
    f"{700 + order},{order},2026-05-{1 + order % 20:02d},{2 * order + 2}\n" for order in range(20) if order % 4 != 3
)


def folder_of(path: Path, **files: str) -> Path:
    for name, text in files.items():
        written(path, f"{name}.csv", text)
    return path


def test_lines_with_an_id_of_their_own_join_their_heads_and_payments(tmp_path: Path) -> None:
    report = load(tmp_path / "w.db", [folder_of(tmp_path, Orders=HEADS, OrderLines=LINES, Payments=PAYMENTS)])
    paid = [order for order in range(20) if order % 4 != 3]
    assert rows(tmp_path / "w.db", "SELECT count(*), sum(units), count(buyer_id) FROM orders") == [(40, 60, 40)]
    assert rows(tmp_path / "w.db", "SELECT sum(gmv) FROM orders WHERE paid_at IS NOT NULL") == [
        (sum(paid) * 2 + 2 * len(paid),)
    ]
    (why,) = (text for text in report.skipped if "Payments.csv" in text)
    assert "its columns are added to the rows of the files that have its ids" in why


def test_too_few_heads_are_said(tmp_path: Path) -> None:
    few = "\n".join(HEADS.splitlines()[:13]).replace("OrderID", "id", 1) + "\n"
    with pytest.raises(RefusedFile, match=r"heads of its orders are in orders\.csv, but of only 12 of the 20 orders"):
        load(tmp_path / "w.db", [folder_of(tmp_path, orders=few, order_lines=LINES.replace("OrderID", "order_id"))])


def test_lines_that_join_all_their_heads_are_refused_for_what_they_lack(tmp_path: Path) -> None:
    """Nothing says which of the orders were paid, and no line has units: a person must say that they are orders."""
    orders = "order_id,order_date,customer_id,total\n"
    orders += "".join(f"{order},2026-05-{1 + order:02d},{order % 5},{20 + order}.00\n" for order in range(20))
    items = "id,order_id,price,product_id\n"
    items += "".join(f"{100 + order * 2 + at},{order},{10 + at}.00,P{at}\n" for order in range(20) for at in range(2))
    with pytest.raises(RefusedFile, match="its lines look like orders. Read them so with --as orders: order_id = "):
        load(tmp_path / "w.db", [folder_of(tmp_path, orders=orders, order_items=items)])


def test_inspect_joins_what_load_joins(tmp_path: Path) -> None:
    files = list(sources(folder_of(tmp_path, Orders=HEADS, OrderLines=LINES)))
    lookups, words = lookups_of_load(files, Request())
    (lines,) = (source for source in files if source.name.endswith("Lines.csv"))
    (found,) = inspect(lines, Request(), lookups)
    assert [(column.name, column.becomes) for column in found.columns if column.becomes in {"gmv", "buyer_id"}] == [
        ("LineTotal", "gmv"),
        ("CustomerID", "buyer_id"),
    ]
    assert [Path(source.name).name for source in words] == ["Orders.csv"]
    assert any("looked up in orders" in note for note in found.notes)


@pytest.mark.parametrize(("currencies", "coins"), [(("EUR",), 100), (("JPY", "krw"), 1), (("KWD",), 1000)])
def test_coins_are_those_of_the_currency(tmp_path: Path, currencies: tuple[str, ...], coins: int) -> None:
    text = "order_id,created_at,customer_id,status,amount_minor,currency\n"
    text += "".join(
        f"o{at},2026-05-{1 + at:02d},c,{'paid' if at else 'cancelled'},{1000 * at},{currencies[at % len(currencies)]}\n"
        for at in range(12)
    )
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT sum(gmv) FROM orders") == (66_000 / coins,)


def test_coins_of_currencies_that_differ_are_refused(tmp_path: Path) -> None:
    text = "order_id,created_at,customer_id,status,amount_minor,currency\n"
    text += "".join(f"o{at},2026-05-{1 + at:02d},c,paid,{1000 * at},{('JPY', 'EUR')[at % 2]}\n" for at in range(12))
    with pytest.raises(RefusedFile, match="smallest coins of JPY, EUR"):
        loads(tmp_path, text)


def test_the_column_that_a_note_names_to_slice_by_has_words_that_repeat(tmp_path: Path) -> None:
    text = "ref,order_id,order_date,product_id,quantity,line_total,salesperson\n"
    text += "".join(f"r{at},o{at},2026-05-{1 + at:02d},p,1,5,{'AB'[at % 2]}\n" for at in range(12))
    (file,) = loads(tmp_path, text).files
    assert any(
        "not loaded: ref, salesperson; keep one with, say, --dimension salesperson" in note for note in file.notes
    )
