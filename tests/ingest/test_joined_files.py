"""Several files that make one export together: each order with its payments, items, customer and product."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.workspace.write.load import load
from tests.workspace.loading import rows

FILES = {
    "orders": "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
    "order_delivered_customer_date,order_estimated_delivery_date\n"
    "o1,c1,delivered,2026-07-01 10:00:00,2026-07-01 10:05:00,2026-07-02 09:00:00,2026-07-05 12:00:00,2026-07-09 00:00:00\n"
    "o2,c2,shipped,2026-07-02 11:00:00,2026-07-02 11:05:00,2026-07-03 09:00:00,,2026-07-10 00:00:00\n"
    "o3,c3,created,2026-07-03 12:00:00,,,,2026-07-11 00:00:00\n",
    "payments": "order_id,payment_sequential,payment_type,payment_installments,payment_value\n"
    "o2,1,boleto,1,30.10\no1,1,credit_card,1,20.00\no1,2,voucher,1,5.55\no3,1,credit_card,1,7.25\n",
    "items": "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
    "o1,1,p1,s1,2026-07-04 00:00:00,15.00,3.00\no1,2,p2,s2,2026-07-05 00:00:00,5.55,2.00\n"
    "o2,1,p2,s2,2026-07-06 00:00:00,25.10,5.00\n",
    "customers": "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state\n"
    "c3,u3,30000,x,MG\nc1,u1,10000,x,SP\nc2,u2,20000,x,RJ\n",
    "products": "product_id,product_category_name,product_name_lenght,product_weight_g\np1,brinquedos,10,100\np2,,12,50\n",
    "categories": "product_category_name,product_category_name_english\nbrinquedos,toys\n",
}
FIGURES = "SELECT order_id, gmv, units, seller_id, category, customer_state, payment_type, paid_at IS NULL FROM orders ORDER BY 1"


def written(folder: Path, *left_out: str, **changed: str) -> list[Path]:
    paths = [folder / f"{name}.csv" for name in FILES if name not in left_out]
    for path in paths:
        path.write_text(changed.get(path.stem, FILES[path.stem]))
    return paths


def test_orders_take_their_sums_and_the_first_of_what_there_are_several(tmp_path: Path) -> None:
    report = load(tmp_path / "w.db", written(tmp_path))
    assert {(file.preset, file.accepted, file.rejected) for file in report.files} == {
        ("olist", 3, 0),
        ("olist-products", 2, 0),
    }
    assert rows(tmp_path / "w.db", FIGURES) == [
        ("o1", 25.55, 2, "s1", "toys", "SP", "credit_card", 0),
        ("o2", 30.1, 1, "s2", None, "RJ", "boleto", 0),
        ("o3", 7.25, None, None, None, "MG", "credit_card", 1),
    ]
    assert rows(tmp_path / "w.db", "SELECT product_id FROM products ORDER BY 1") == [("p1",), ("p2",)]
    assert report.files[0].notes[0].startswith("joined with payments, items, customers")


def test_files_may_come_in_any_order_or_in_a_folder(tmp_path: Path) -> None:
    paths = written(tmp_path)
    load(tmp_path / "a.db", paths[::-1])
    (tmp_path / "folder").mkdir()
    written(tmp_path / "folder")
    load(tmp_path / "b.db", [tmp_path / "folder"])
    assert rows(tmp_path / "a.db", FIGURES) == rows(tmp_path / "b.db", FIGURES)
    again = load(tmp_path / "a.db", paths)
    assert {(file.replaced, file.unchanged) for file in again.files} == {(0, 3), (0, 2)}


def test_what_is_not_needed_may_be_missing(tmp_path: Path) -> None:
    load(tmp_path / "w.db", written(tmp_path, "items", "products", "categories"))
    assert rows(tmp_path / "w.db", "SELECT sum(gmv), count(units), count(seller_id) FROM orders") == [
        (pytest.approx(62.9), 0, 0)
    ]


def test_the_needed_file_is_named_and_so_is_an_amount_that_cannot_be_added_up(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"orders.csv: it belongs together with a file of payments .columns order_id"):
        load(tmp_path / "w.db", written(tmp_path, "payments"))
    with pytest.raises(UsageError, match="an amount that is to be added up cannot be read"):
        load(tmp_path / "w.db", written(tmp_path, payments=FILES["payments"].replace("5.55", "five")))


def test_rejected_rows_name_the_line_of_the_main_file(tmp_path: Path) -> None:
    orders = FILES["orders"].replace("2026-07-02 11:00:00,2026-07-02 11:05:00", "soon,soon")
    report = load(tmp_path / "w.db", written(tmp_path, orders=orders))
    assert [(reject.line, reject.raw.startswith("o2,c2")) for reject in report.rejects] == [(3, True)]
