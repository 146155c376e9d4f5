"""Orders in two tables, heads and lines: each line gets what its head says, and no order counts twice."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from core.ingest.lookups.order_heads import are_order_lines
from core.workspace.write.load import load
from tests.workspace.loading import rows

STATES = ("paid", "paid", "cancelled", "refunded")
LINES = [
    (order, product, 1 + order % 2, 2.5 * product) for order in range(1, 41) for product in range(1, 2 + order % 3)
]
"""Order, product, quantity and price of each."""
HEADS = [
    (order, f"2026-05-{1 + order % 20:02d} 10:00:00", f"c{order % 9}", STATES[order % 4], "US" if order % 2 else "CA")
    for order in range(1, 41)
]


def total(order: int) -> float:
    return sum(quantity * price for own, _, quantity, price in LINES if own == order)


PAID = sum(total(head[0]) for head in HEADS if head[3] != "cancelled")
SUMS = (
    "SELECT count(*), count(DISTINCT order_id), round(sum(CASE WHEN paid_at IS NOT NULL THEN gmv END), 2) FROM orders"
)
HEAD = "id,created_at,customer_id,status,country,total"
LINE = "id,order_id,product_id,quantity,unit_price"


def heads_text(header: str = HEAD, heads: list[tuple[int, str, str, str, str]] = HEADS) -> str:
    cells = ([*map(str, head), f"{total(head[0]):.2f}"][: header.count(",") + 1] for head in heads)
    return "\n".join((header, *map(",".join, cells))) + "\n"


def lines_text(header: str = LINE, price: str = "{:.2f}") -> str:
    cells = (
        [str(at), str(line[0]), f"P{line[1]}", str(line[2]), price.format(line[3])][: header.count(",") + 1]
        for at, line in enumerate(LINES)
    )
    return "\n".join((header, *map(",".join, cells))) + "\n"


def loaded(folder: Path, **files: str) -> tuple[list[tuple[object, ...]], str]:
    """What the orders of these files sum up to, and what is said of those that are not loaded themselves."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    report = load(folder / "w.db", [folder])
    return rows(folder / "w.db", SUMS), "\n".join(report.skipped)


@pytest.mark.parametrize(
    ("heads", "lines"),
    [
        (("orders", HEAD), ("order_items", LINE)),
        (("orders", HEAD.removesuffix(",total")), ("order_items", LINE)),
        (("a", HEAD.replace("id,", "order_id,", 1)), ("b", LINE)),
        (("sales", HEAD.replace("id,", "Order Number,", 1)), ("items", LINE.replace("order_id", "Order Number"))),
        (
            ("bestellungen", "Bestellnummer,Bestelldatum,Kundennummer,Bestellstatus,Land,Gesamtbetrag"),
            ("positionen", "Position-ID,Bestellnummer,Artikelnummer,Menge,Einzelpreis"),
        ),
        (
            ("pedidos", "ID de pedido,Fecha del pedido,ID de cliente,Estado,País,Importe total"),
            ("lineas", "ID,ID de pedido,ID de producto,Cantidad,Precio unitario"),
        ),
    ],
)  # fmt: skip
def test_lines_get_the_columns_of_their_head(tmp_path: Path, heads: tuple[str, str], lines: tuple[str, str]) -> None:
    sums, skipped = loaded(tmp_path, **{heads[0]: heads_text(heads[1]), lines[0]: lines_text(lines[1])})
    assert sums == [(len(LINES), len(HEADS), PAID)]
    assert f"{tmp_path / heads[0]}.csv: its columns are added to the rows of the files that have its ids" in skipped
    buyers = rows(tmp_path / "w.db", "SELECT count(DISTINCT buyer_id), count(DISTINCT market) FROM orders")
    assert buyers == [(9, 2)]


def test_heads_of_several_months_are_one(tmp_path: Path) -> None:
    parts = {f"orders_{at}": heads_text(heads=HEADS[at * 20 : at * 20 + 20]) for at in (0, 1)}
    sums, _ = loaded(tmp_path, **parts, order_items=lines_text())
    assert sums == [(len(LINES), len(HEADS), PAID)]


def test_amounts_of_orders_count_once_where_lines_have_none(tmp_path: Path) -> None:
    sums, _ = loaded(tmp_path, orders=heads_text(), order_items=lines_text("id,order_id,product_id,quantity"))
    assert sums == [(len(LINES), len(HEADS), PAID)]


def test_orders_without_lines_are_told(tmp_path: Path) -> None:
    more = [*HEADS, (77, "2026-05-09 10:00:00", "c1", "paid", "US")]
    sums, skipped = loaded(tmp_path, orders=heads_text(heads=more), order_items=lines_text())
    assert sums == [(len(LINES), len(HEADS), PAID)]
    assert "; 1 order of it has no line in any file." in skipped


def test_sheets_of_a_workbook_are_joined(tmp_path: Path) -> None:
    book = Workbook()
    for title, text in (("Orders", heads_text()), ("Items", lines_text())):
        sheet = book.create_sheet(title)
        for line in text.splitlines():
            sheet.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in line.split(",")])
    del book["Sheet"]
    book.save(tmp_path / "shop.xlsx")
    report = load(tmp_path / "w.db", [tmp_path / "shop.xlsx"])
    assert rows(tmp_path / "w.db", SUMS) == [(len(LINES), len(HEADS), PAID)]
    assert "what 'Orders' says of each order is in columns of its lines" in str(report)


def test_buyers_are_looked_up_by_the_id_that_the_head_has(tmp_path: Path) -> None:
    people = "id,name,city\n" + "".join(f"c{at},n{at},{'Rome' if at % 2 else 'Oslo'}\n" for at in range(9))
    for name, text in (("orders", heads_text()), ("order_items", lines_text()), ("customers", people)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    load(tmp_path / "w.db", [tmp_path], dimensions=("city",))
    found = rows(tmp_path / "w.db", "SELECT city, count(*) FROM orders GROUP BY 1 ORDER BY 1")
    in_rome = sum(order % 9 % 2 for order, *_ in LINES)
    assert found == [("Oslo", len(LINES) - in_rome), ("Rome", in_rome)]


@pytest.mark.parametrize(
    "other",
    [
        "payment_id,order_id,paid_at,amount\n" + "".join(f"P{at},{at},2026-05-03,9.00\n" for at in range(1, 41)),
        "order_id,review_date,rating,comment\n" + "".join(f"{at},2026-05-03,4,fine\n" for at in range(1, 41)),
        "order_id,shipped_at,carrier\n" + "".join(f"{at},2026-05-03,post\n" for at in range(1, 41)),
    ],
)
def test_payments_reviews_and_parcels_are_no_heads(tmp_path: Path, other: str) -> None:
    """They name each order once, too, and have a day; lines without a day of their own are refused as before."""
    (tmp_path / "items.csv").write_text(lines_text(), encoding="utf-8")
    (tmp_path / "other.csv").write_text(other, encoding="utf-8")
    (tmp_path / "days.csv").write_text("date,visits\n2026-05-01,5\n2026-05-02,6\n2026-05-03,7\n", encoding="utf-8")
    report = load(tmp_path / "w.db", [tmp_path])
    assert any("items.csv: not recognised" in line for line in report.skipped)
    assert not any("other.csv: what it says" in line for line in report.skipped)


@pytest.mark.parametrize(
    "other",
    [
        "order_id,shipment_date,customer_id,carrier,depot,address,city,zone",
        "order_id,invoice_date,customer_id,note,memo,tax_id,bank,desk",
    ],
)
def test_the_head_is_the_table_that_says_most_of_orders(tmp_path: Path, other: str) -> None:
    """A wider table of parcels or invoices has the order, a day and the customer, too: its days are those of other things."""
    text = other + "\n" + "".join(f"{at},2026-06-{1 + at % 20:02d},c{at % 9},a,b,x{at},d,e\n" for at in range(1, 41))
    sums, _ = loaded(tmp_path, orders=heads_text(), order_items=lines_text(), others=text)
    assert sums == [(len(LINES), len(HEADS), PAID)]
    assert rows(tmp_path / "w.db", "SELECT max(ordered_at) FROM orders WHERE ordered_at > '2026-06'") == [(None,)]


@pytest.mark.parametrize(
    ("state", "cancelled"),
    [("buyer_cancelled", True), ("Not cancelled", False), ("Nicht storniert", False), ("Inte makulerad", False)],
)
def test_what_a_state_says_of_cancellations(tmp_path: Path, state: str, *, cancelled: bool) -> None:
    """What is not cancelled is paid, and no order is both."""
    loaded(tmp_path, orders=heads_text().replace("cancelled", state), order_items=lines_text())
    found = rows(tmp_path / "w.db", "SELECT count(cancelled_at), count(*) - count(paid_at) FROM orders")
    of_state = sum(HEADS[order - 1][3] == "cancelled" for order, *_ in LINES)
    assert found == [(of_state, of_state) if cancelled else (0, 0)]


def test_which_tables_have_lines() -> None:
    def are(header: str, *cells: str) -> bool:
        return are_order_lines([header.split(","), *(line.split(",") for line in cells)])

    assert are("order_id,sku,qty,refunded_at", "1,a,1,", "2,b,2,2026-05-03")
    assert not are("order_id,sku,qty,refunded_at", "1,a,1,2026-05-02", "2,b,2,2026-05-03"), "a list of refunds"
    assert not are("order_id,sku,colour"), "neither units nor an amount"
    assert not are("order_id,quantity,price"), "no product"
    assert not are("sku,quantity,price"), "no order"


@pytest.mark.parametrize(
    ("amount", "price"), [("unit_price_cents", "{:.0f}"), ("Price (cents)", "{:.0f}"), ("unit_price", "{:.2f}")]
)
def test_amounts_in_coins_become_amounts_in_units(tmp_path: Path, amount: str, price: str) -> None:
    """A database keeps 2.50 as 250 cents, and its header says so."""
    factor = 100 if "cents" in amount else 1
    cells = (
        f"{at},{order},P{product},{units},{price.format(each * factor)}"
        for at, (order, product, units, each) in enumerate(LINES)
    )
    lines = "\n".join((LINE.replace("unit_price", amount), *cells)) + "\n"
    refunds = "order_id,refund_date,amount_cents\n3,2026-05-20,250\n5,2026-05-21,1275\n"
    sums, _ = loaded(tmp_path, orders=heads_text().replace("refunded", "paid"), order_items=lines, refunds=refunds)
    assert sums == [(len(LINES), len(HEADS), PAID)]
    given_back = "SELECT order_id, refund_amount FROM orders WHERE refund_amount IS NOT NULL ORDER BY order_id"
    assert rows(tmp_path / "w.db", given_back) == [("3", 2.5), ("5", 12.75)]


def test_refunds_in_a_sheet_of_their_own_belong_to_the_orders_of_another(tmp_path: Path) -> None:
    book = Workbook()
    refunds = "Order ID,Refund date,Refund amount\n3,2026-05-20,2.5\n5,2026-05-21,4\n5,2026-05-22,1\n99,2026-05-22,1\n"
    heads = heads_text("Order ID,Order date,Customer,Status,Country,Amount").replace("refunded", "paid")
    for title, text in (("Sales", heads), ("Refunds", refunds)):
        sheet = book.create_sheet(title)
        for line in text.splitlines():
            sheet.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in line.split(",")])
    del book["Sheet"]
    book.save(tmp_path / "shop.xlsx")
    report = load(tmp_path / "w.db", [tmp_path / "shop.xlsx"], as_kind="orders")
    given_back = "SELECT order_id, refund_amount FROM orders WHERE refund_amount IS NOT NULL ORDER BY order_id"
    assert rows(tmp_path / "w.db", given_back) == [("3", 2.5), ("5", 5.0)]
    note = "what 'Refunds' says of each order is in columns of its lines; 1 order that it names is in no sheet"
    assert [note in file.notes for file in report.files] == [True]
