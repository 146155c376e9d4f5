"""Lines of orders over several files: which line is which; the amount of a whole order counts once, however often it is said."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import UsageError
from core.workspace.write.load import load
from core.workspace.write.recovery.undo import undo
from tests.ingest.shapes import figures, loads
from tests.workspace.loading import rows

LINES = {name: f"o1,2026-07-01,{at}.50,{at}\n" for at, name in enumerate("ABCD", 1)}


@pytest.mark.parametrize(
    ("files", "left", "counts"),
    [
        ("AB BA", "AB", (0, 0, 2)),
        ("AB B", "AB", (0, 0, 1)),
        ("ABC CA", "ABC", (0, 0, 2)),
        ("A BA", "AB", (1, 0, 1)),
        ("A BAC", "ABC", (2, 0, 1)),
        ("AB CA", "AC", (0, 1, 1)),
        ("ABC DCBA", "ABCD", (1, 0, 3)),
    ],
)
def test_a_line_that_nothing_numbers_is_known_by_its_cells(
    tmp_path: Path, files: str, left: str, counts: tuple[int, int, int]
) -> None:
    for number, names in enumerate(files.split()):
        text = "order_id,ordered_at,gmv,units\n" + "".join(LINES[name] for name in names)
        (file,) = loads(tmp_path, text, f"{number}.csv").files
    assert (file.added, file.replaced, file.unchanged) == counts
    assert [units for (units,) in rows(tmp_path / "w.db", "SELECT units FROM orders ORDER BY 1")] == [
        "ABCD".index(name) + 1 for name in left
    ]


def test_the_second_line_of_a_number_is_not_that_of_the_next_number(tmp_path: Path) -> None:
    text = "order_id,ordered_at,product_id,line,gmv\n" + "".join(
        f"o1,2026-07-01,p,{line},{gmv}\n" for line, gmv in ((1, 5), (1, 6), (2, 7))
    )
    (file,) = loads(tmp_path, text).files
    assert (file.added, file.replaced) == (3, 0)
    assert figures(tmp_path, "SELECT sum(gmv) FROM orders") == (18,)


TIKTOK = "Order ID,SKU ID,Quantity,SKU Subtotal After Discount,Order Refund Amount,Created Time,Paid Time,Country\n"


def test_an_amount_of_a_whole_order_counts_once_over_files(tmp_path: Path) -> None:
    lines = [f"7,{sku},1,50,9,01/07/2026 08:00:00,01/07/2026 08:05:00,Indonesia\n" for sku in (1, 2, 3)]
    loads(tmp_path, TIKTOK + lines[0] + lines[1], "page-1.csv")
    loads(tmp_path, TIKTOK + lines[2] + lines[2].replace("7,3,1,50,9", "8,3,1,50,4"), "page-2.csv")
    assert figures(tmp_path, "SELECT sum(gmv), sum(refund_amount), count(*) FROM orders") == (200, 13, 4)


@pytest.mark.parametrize(
    ("refunds", "total"), [(("5", "5", "0", "0"), 15), (("5", "6", "0", "0"), 33), (("5", "0", "0", "0"), 15)]
)
def test_a_refund_that_all_lines_of_its_order_repeat_counts_once(
    tmp_path: Path, refunds: tuple[str, ...], total: int
) -> None:
    """Three orders of four have one, on both of their lines or on one of four; the last has none."""
    text = "order_no,order date,sku,qty,amount,refund amount\n" + "".join(
        f"{number},2026-07-01,s{at},1,9,{refund if number < 4 else 0}\n"
        for number in range(1, 5)
        for at, refund in enumerate(refunds[: 2 if refunds[1] != "0" else 4])
    )
    loads(tmp_path, text, as_kind="orders")
    assert figures(tmp_path, "SELECT sum(refund_amount) FROM orders") == (total,)


def test_refunds_of_lines_are_of_lines_where_equal_lines_alone_have_equal_ones(tmp_path: Path) -> None:
    """Twelve orders of two tickets, of which those of four were given back: 8 x 20. The file takes refunds and commissions off as
    negative amounts; a tenth of 20 tickets at 20 and 4 at 35 is 54.
    """
    text = "order_no,order date,ticket,qty,item price,refund amount,commission\n" + "".join(
        f"{number},2026-07-01,t{at},1,{price},{-20 if number < 4 else ''},{-price / 10}\n"
        for number in range(12)
        for at, price in enumerate((20, 35 if number > 7 else 20))
    )
    loads(tmp_path, text, as_kind="orders")
    assert figures(tmp_path, "SELECT sum(refund_amount), sum(commission) FROM orders") == (160, 54)


def test_a_file_of_one_refund_is_read_as_those_before_it_or_with_it(tmp_path: Path) -> None:
    """Four orders of 2 July and one of 3 July have 30 back, on both of their lines: 150. The later file alone shows nothing."""
    texts = [
        "order_no,order date,sku,qty,item price,refund amount\n"
        + "".join(
            f"{day}-{number},2026-07-{day:02d},s,1,{price},{30 if number < refunded else ''}\n"
            for number in range(12)
            for price in (20, 35)
        )
        for day, refunded in ((2, 4), (3, 1))
    ]
    loads(tmp_path, texts[0], as_kind="orders")
    loads(tmp_path, texts[1], "later.csv")
    assert figures(tmp_path, "SELECT sum(refund_amount) FROM orders") == (150,)
    (tmp_path / "turned").mkdir()
    loads(tmp_path / "turned", texts[1], as_kind="orders")
    (second,) = loads(tmp_path / "turned", texts[0], "later.csv").files
    assert any(
        note.startswith("lines repeat the amount of their order, which an earlier load") for note in second.notes
    )


def test_amounts_in_cents_are_multiplied_as_a_mapping_says(tmp_path: Path) -> None:
    mapping = tmp_path / "cents.toml"
    mapping.write_text(
        'kind = "orders"\n[columns]\norder_id = "id"\nordered_at = "created"\nunits = { column = "packs", times = 6 }\n'
        'gmv = { column = "amount", times = 0.01 }\nrefund_amount = { column = "back", times = -0.01 }\n'
    )
    loads(tmp_path, "id,created,packs,amount,back\na,2026-07-01,2,1999,-500\nb,2026-07-02,1,2999,\n", mapping=mapping)
    assert figures(tmp_path, "SELECT sum(gmv), sum(refund_amount), sum(units) FROM orders") == (49.98, 5, 18)


@pytest.mark.parametrize("corrected", ["1", "2", "12", "3", "32"])
def test_the_newest_amount_of_a_whole_order_counts_whichever_lines_bring_it(tmp_path: Path, corrected: str) -> None:
    """And the lines need not be of one day. Undone, the amount of before counts again."""

    def page(number: int, skus: str, refund: int) -> None:
        text = "".join(f"7,{sku},1,50,{refund},0{sku}/07/2026 08:00:00,,Indonesia\n" for sku in skus)
        loads(tmp_path, TIKTOK + text, f"page-{number}.csv")

    total = "SELECT sum(refund_amount), sum(gmv), count(*) FROM orders"
    page(1, "1", 9)
    page(2, "2", 9)
    page(3, "3", 9)
    assert figures(tmp_path, total) == (9, 150, 3)
    page(4, corrected, 20)
    assert figures(tmp_path, total) == (20, 150, 3)
    undo(tmp_path / "w.db", 4)
    assert figures(tmp_path, total) == (9, 150, 3)


@pytest.mark.parametrize("price", ["", ",Price"])
def test_few_lines_repeat_the_amount_of_their_order_as_those_of_an_earlier_file_did(tmp_path: Path, price: str) -> None:
    """Two orders show nothing alone; five do. Files of one load are read alike in either order."""
    header = f"Order Number,Order Date,SKU,Qty,Total{price}\n"
    lines = [
        f"O{order},2026-07-0{order},S{line},1,{90 + order}{',30' if price else ''}\n"
        for order in range(1, 8)
        for line in range(3)
    ]
    many, few = header + "".join(lines[:16]), header + "".join(lines[16:])
    expected = 7 * 3 * 30 if price else sum(90 + order for order in range(1, 8))
    loads(tmp_path, many, "many.csv", as_kind="orders")
    loads(tmp_path, few, "few.csv", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), count(*) FROM orders") == (expected, 21)
    load(tmp_path / "late.db", [tmp_path / "few.csv"], as_kind="orders")
    (late,) = load(tmp_path / "late.db", [tmp_path / "many.csv"], as_kind="orders").files
    assert any(note.startswith("lines repeat the amount of their order, which an earlier load") for note in late.notes)
    undo(tmp_path / "late.db", 2)
    undo(tmp_path / "late.db", 1)
    for db, together in (
        (tmp_path / "late.db", ["few.csv", "many.csv"]),
        (tmp_path / "new.db", ["many.csv", "few.csv"]),
    ):
        report = load(db, [tmp_path / name for name in together], as_kind="orders")
        assert not any("an earlier load" in note for file in report.files for note in file.notes)
        assert rows(db, "SELECT sum(gmv), count(*) FROM orders") == [(expected, 21)]


def test_an_amount_of_a_whole_order_leaves_the_lines_of_other_orders_and_sources(tmp_path: Path) -> None:
    lines = "Name,Financial Status,Created at,Paid at,Lineitem quantity,Lineitem name,Lineitem price\n" + "".join(
        f"#{order},paid,2026-07-01 10:00:00 +0000,2026-07-01 10:00:00 +0000,1,{name},{price}\n"
        for order, name, price in ((5, "Cup", 20), (5, "Mug", 30), (6, "Cup", 20), (6, "Mug", 30))
    )
    totals = "Order Number,Order Status,Order Date,Order Total Amount,SKU\n" + "".join(
        f"#{order},Completed,2026-07-01 10:00,60,{sku}\n" for order, sku in ((5, "S"), (5, "T"))
    )
    loads(tmp_path, lines, "shop.csv")
    (file,) = loads(tmp_path, totals, "other.csv").files
    assert file.preset == "woocommerce-order-totals"
    assert figures(tmp_path, "SELECT sum(gmv), count(*) FROM orders") == (160, 6)


def _orders(first: str, paid: str = "") -> str:
    """Twelve orders, five hours apart."""
    moments = np.datetime64(first) + 5 * 3600 * np.arange(12)
    return "order_id,product_id,ordered_at,paid_at,gmv\n" + "".join(
        f"#{1001 + at},P1,{moment},{paid or moment},{10 + at}\n" for at, moment in enumerate(moments)
    )


def test_the_numbers_of_another_shops_orders_replace_nothing(tmp_path: Path) -> None:
    loads(tmp_path, _orders("2026-09-01T08:00:01"), "de.csv")
    other = _orders("2026-09-01T08:07:09")
    with pytest.raises(
        UsageError, match=r"12 rows have the order_id of rows loaded before \(such as #1001\), but another"
    ):
        loads(tmp_path, other, "fr.csv")
    loads(tmp_path, other, "fr.csv", source="fr")
    assert figures(tmp_path, "SELECT count(*), sum(gmv) FROM orders") == (24, 2 * sum(range(10, 22)))


def test_corrections_and_other_clocks_keep_their_orders(tmp_path: Path) -> None:
    text = _orders("2026-09-01T08:00:01")
    loads(tmp_path, text, "de.csv")
    (file,) = loads(tmp_path, _orders("2026-09-01T15:00:01"), "later.csv").files
    assert (file.replaced, file.added) == (12, 0), "seven hours are a time zone"
    (file,) = loads(
        tmp_path, text.replace("#1001,P1,2026-09-01T08:00:01", "#1001,P1,2026-09-03T08:00:07"), "one.csv"
    ).files
    assert (file.replaced, file.added) == (12, 0), "one of twelve"


def test_lines_inside_of_orders_are_known_by_their_sums_in_any_language(tmp_path: Path) -> None:
    """Order 3 has a delivery fee in addition; the refund of order 2 stands on each of its two lines and counts once."""
    orders = [
        {
            "criado_em": f"2026-07-{number:02}T10:00:00-03:00",
            "pedido": f"BR{number}",
            "cliente": {"id": f"c{number % 3}"},
            "criador": f"@a{number % 2}",
            "itens": [{"sku": f"s{at}", "quantidade": at, "preco_unitario": "2.50"} for at in range(1, 2 + number % 2)]
            + [{"sku": "s9", "quantidade": 3, "preco_unitario": "4"}],
            "valor_total": 12 + (7.5 if number % 2 else 2.5) + (5 if number == 3 else 0),
            "reembolso": 3.5 if number == 2 else 0,
        }
        for number in range(1, 11)
    ]
    path = tmp_path / "pedidos.json"
    path.write_text(json.dumps({"pedidos": orders}))
    loaded = load(tmp_path / "w.db", [path], as_kind="orders").files[0]
    assert (loaded.kind, loaded.read) == ("orders", 25)  # five orders of three lines, five of two
    assert figures(tmp_path, "SELECT sum(gmv), sum(units), sum(refund_amount) FROM orders") == (170.0, 50, 3.5)
    people = "SELECT count(DISTINCT order_id), count(DISTINCT buyer_id), count(DISTINCT creator_id) FROM orders"
    assert figures(tmp_path, people) == (10, 3, 2)


def test_views_of_videos_inside_of_creators_are_no_lines_of_orders(tmp_path: Path) -> None:
    videos = [{"title": "a", "views": 10}, {"title": "b", "views": 20}]
    creators = [{"id": f"c{at}", "day": f"2026-07-{at:02}", "views": 30, "videos": videos} for at in range(1, 9)]
    path = tmp_path / "creators.json"
    path.write_text(json.dumps(creators))
    load(tmp_path / "w.db", [path], as_kind="daily")
    assert figures(tmp_path, "SELECT sum(views), count(*) FROM daily") == (240, 8)
