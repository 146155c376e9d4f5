# ruff: noqa: E501 - files are as systems write them
"""Outlines of pivot tables, periods next to each other, logs without figures, numbers of rows, series and lines in documents."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.base.errors import UsageError
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import days, figures, loads, table

DAYS = days(8)


def test_days_below_each_label_of_a_pivot_table(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Year", "2026"], [], ["Row Labels", "Sum of Orders", "Average price"]]
    for label, times in (("East", 1), ("West", 3)):
        rows += [[label, times * 36, 4.5], *([day, times * at, 4.5] for at, day in enumerate(DAYS, 1))]
    book = openpyxl.Workbook()
    for row in [*rows, ["Grand Total", 144, 4.5]]:
        book.active.append(row)
    book.save(tmp_path / "pivot.xlsx")
    loads(tmp_path, (tmp_path / "pivot.xlsx").read_bytes(), "pivot.xlsx")
    assert figures(
        tmp_path,
        "SELECT sum(sum_of_orders), sum(sum_of_orders * (row_labels = 'West')), count(*), min(date) FROM daily",
    ) == (144, 108, 16, "2026-07-01")


def test_an_outline_of_three_levels(tmp_path: Path) -> None:
    text = "Region,Orders\n"
    for region, products in (("N", (("Mug", 1), ("Cup", 2))), ("S", (("Mug", 5),))):
        text += f"{region},{10 * sum(times for _, times in products)}\n"
        for product, times in products:
            text += f"{product},{10 * times}\n" + "".join(f"{day},{times * at}\n" for at, day in enumerate(days(4), 1))
    loads(tmp_path, text)
    assert figures(
        tmp_path,
        "SELECT sum(orders), sum(orders * (region = 'N')), sum(orders * (region_2 = 'Mug')), count(*) FROM daily",
    ) == (80, 30, 60, 12)


def test_labels_below_each_day(tmp_path: Path) -> None:
    rows = "".join(f"{day};{4 * at},5\nlive;{at},5\nvideo;{3 * at},0\n" for at, day in enumerate(DAYS, 1))
    loads(tmp_path, f"Date;Weight\n{rows}Total;148,0\n")
    assert figures(tmp_path, "SELECT sum(weight), sum(weight * (label = 'video')), count(*) FROM daily") == (
        148,
        108,
        16,
    )


def test_words_among_days_that_are_no_sums_are_no_outline(tmp_path: Path) -> None:
    rows = "".join(
        f"{label},99\n" + "".join(f"{day},{at * times}\n" for at, day in enumerate(DAYS, 1))
        for label, times in (("a", 1), ("b", 3))
    )
    with pytest.raises(UsageError, match="same day and slice"):
        loads(tmp_path, f"Date,Orders\n{rows}")


def test_days_in_parts_above_a_footer(tmp_path: Path) -> None:
    rows = "".join(f"2026,Qtr 3,July,{at},{at * 10}\n" for at in range(1, 9))
    loads(tmp_path, f"Year,Quarter,Month,Day,Sum of Sales\n{rows}\nApplied filters:\nYear is 2026\n")
    assert figures(tmp_path, "SELECT sum(sum_of_sales), min(date), max(date) FROM daily") == (360, DAYS[0], DAYS[7])


def periods(weeks: tuple[int, ...]) -> str:
    rows = "".join(f"{day},day,{at}\n" for at, day in enumerate(days(14), 1))
    return f"Period,Granularity,Visits\n{rows}" + "".join(
        f"{days(14)[7 * at]},week,{count}\n" for at, count in enumerate(weeks)
    )


def test_weeks_next_to_their_days_are_left_out(tmp_path: Path) -> None:
    report = loads(tmp_path, periods((28, 77)))
    assert figures(tmp_path, "SELECT sum(visits), count(*) FROM daily") == (105, 14)
    assert "left out 2 rows of totals or descriptions" in report.files[0].notes


def test_weeks_of_other_figures_than_the_days_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="several periods"):
        loads(tmp_path, periods((280, 770)))


def test_a_log_without_figures_counts_its_rows(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-07-0{1 + at % 3}T09:{at:02d}:00Z,{'view' if at % 4 else 'buy'},u{at % 7}\n" for at in range(40)
    )
    report = loads(tmp_path, f"timestamp,event,user\n{rows}")
    assert "it has no figures that add up: each row counts as one of events" in report.files[0].notes
    assert figures(tmp_path, "SELECT sum(events), sum(events * (event = 'buy')), max(date) FROM daily") == (
        40,
        10,
        DAYS[2],
    )


@pytest.mark.parametrize("cell", ["12 crates", "3 flats"])
def test_figures_with_units_that_nobody_knows_are_not_counted_as_rows(tmp_path: Path, cell: str) -> None:
    rows = "".join(f"{day},{shop},{at}{cell}\n" for at, day in enumerate(DAYS) for shop in ("N", "S", "W"))
    with pytest.raises(UsageError, match="no column holds figures"):
        loads(tmp_path, f"Date,Shop,Sold\n{rows}")


def test_a_day_and_a_word_each_are_no_log(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column holds figures"):
        loads(tmp_path, table("Date,Mood", 8, lambda at, day: f"{day},{'good' if at else 'bad'}"))


@pytest.mark.parametrize("name", ["", "No", "#", "序号", "STT", "Unnamed: 0"])
def test_numbers_of_rows_count_nothing(tmp_path: Path, name: str) -> None:
    loads(tmp_path, table(f"{name},Date,Orders", 8, lambda at, day: f"{at + 1},{day},{at * 3}", f"Total,,{28 * 3}\n"))
    assert (
        figures(tmp_path, "SELECT group_concat(name) FROM pragma_table_info('daily') WHERE name NOT LIKE '%key%'")[
            0
        ].split(",")[-1]
        == "orders"
    )
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (84, 8)


def test_days_in_a_row_decide_between_day_and_month(tmp_path: Path) -> None:
    loads(tmp_path, "Begin Date,Country Code,Units\n" + "".join(f"07/0{at}/2026,DE,{at}\n" for at in range(1, 8)))
    assert figures(tmp_path, "SELECT min(date), max(date) FROM daily") == (DAYS[0], DAYS[6])


def test_firsts_of_months_decide_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--date-order"):
        loads(tmp_path, "Date,Units\n" + "".join(f"01/0{at}/2026,{at}\n" for at in range(1, 8)))


@pytest.mark.parametrize("cells", [("1,120", "730", "2,401"), ("1,127", "730", "402", "815")])
def test_hundreds_without_a_mark_show_that_marks_group(tmp_path: Path, cells: tuple[str, ...]) -> None:
    text = "".join(f'{day},"{cell}"\n' for day, cell in zip(DAYS, cells, strict=False))
    loads(tmp_path, f"Date,Amount\n{text}")
    assert figures(tmp_path, "SELECT sum(amount) FROM daily") == (sum(int(cell.replace(",", "")) for cell in cells),)


def test_two_hundreds_without_a_mark_may_be_fractions(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--decimal"):
        loads(tmp_path, f'Date,Weight\n{DAYS[0]},"1,127"\n{DAYS[1]},730\n{DAYS[2]},402\n')


EPOCH = 1_782_864_000
"""2026-07-01, in seconds."""


@pytest.mark.parametrize("scale", [1, 1000])
@pytest.mark.parametrize("name", ["timestamp", "ts_ms", "Created"])
def test_moments_as_numbers_in_a_column_that_is_called_one(tmp_path: Path, name: str, scale: int) -> None:
    loads(tmp_path, f"{name},orders\n" + "".join(f"{(EPOCH + 86_400 * at) * scale},{at}\n" for at in range(8)))
    assert figures(tmp_path, "SELECT sum(orders), min(date), max(date) FROM daily") == (28, DAYS[0], DAYS[7])


SERIES: dict[str, Any] = {
    "of each shop": {"data": {"result": [{"metric": {"shop": shop}, "values": [[EPOCH + 86_400 * at, str(at * times)] for at in range(8)]} for shop, times in (("a", 1), ("b", 4))]}},
    "value first": [{"target": shop, "datapoints": [[at * times, EPOCH + 86_400 * at] for at in range(8)]} for shop, times in (("a", 1), ("b", 4))],
}  # fmt: skip


@pytest.mark.parametrize("shape", SERIES)
def test_points_of_series_are_rows(tmp_path: Path, shape: str) -> None:
    loads(tmp_path, json.dumps(SERIES[shape]), "answer.json")
    assert figures(tmp_path, "SELECT sum(value), count(*), min(date), max(date) FROM daily") == (
        140,
        16,
        DAYS[0],
        DAYS[7],
    )


def test_series_that_are_called_figures_are_columns(tmp_path: Path) -> None:
    chart = [
        {"name": name, "data": [[EPOCH + 86_400 * at, at * 5] for at in range(8)]}
        for name in ("Orders", "Avg order value")
    ]
    loads(tmp_path, json.dumps({"series": chart}), "chart.json")
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert list(workspace.measures) == ["orders"]
    assert figures(tmp_path, "SELECT sum(orders) FROM daily") == (140,)


@pytest.mark.parametrize(
    "document", [[[day, at] for at, day in enumerate(DAYS)], {"value": [[day, at] for at, day in enumerate(DAYS)]}]
)
def test_pairs_of_a_day_and_a_figure_are_a_table(tmp_path: Path, document: Any) -> None:
    loads(tmp_path, json.dumps(document), "answer.json")
    assert figures(tmp_path, "SELECT sum(value), max(date) FROM daily") == (28, DAYS[7])


def test_lines_inside_of_orders_are_the_rows(tmp_path: Path) -> None:
    orders = [
        {"id": 100 + at, "created_at": f"{DAYS[at]}T09:00:00Z", "financial_status": "paid", "total_price": "70.00", "line_items": [{"id": 10 * at + line, "sku": f"S{line}", "quantity": line, "price": "10.00"} for line in (1, 2, 4)]}
        for at in range(6)
    ]  # fmt: skip
    text = json.dumps({"orders": orders})
    loads(tmp_path, text, "orders.json")
    assert figures(tmp_path, "SELECT count(*), sum(units), count(DISTINCT order_id) FROM orders") == (18, 42, 6)


LOCAL = {
    "id": "ID Pesanan,ID SKU,Jumlah,Subtotal SKU Setelah Diskon,Waktu Dibuat,Waktu Dibayar",
    "th": "หมายเลขคำสั่งซื้อ,ID ของ SKU,จำนวน,ยอดรวมย่อยของ SKU หลังหักส่วนลด,เวลาที่สร้าง,เวลาที่ชำระเงิน",
    "vi": "ID đơn hàng,ID SKU,Số lượng,Tổng phụ SKU sau khi giảm giá,Thời gian tạo,Thời gian thanh toán",
}


@pytest.mark.parametrize("language", LOCAL)
def test_shop_orders_with_a_local_header(tmp_path: Path, language: str) -> None:
    lines = "".join(
        f"58{at:05d},17,{at % 3 + 1},1000,2{at % 5}/07/2026 09:00:00,{'' if at == 4 else '25/07/2026 10:00:00'}\n"
        for at in range(9)
    )
    report = loads(tmp_path, f"{LOCAL[language]}\nPlatform unique order ID.,,d,d,d,d\n{lines}")
    assert report.files[0].preset == "tiktok-shop-orders"
    assert figures(tmp_path, "SELECT count(*), sum(units), count(paid_at) FROM orders") == (9, 18, 8)


def test_numbers_of_rows_of_a_part_count_nothing_in_any_order(tmp_path: Path) -> None:
    loads(tmp_path, table("Number,Date,Orders", 12, lambda at, day: f"{(at * 5) % 12 + 501},{day},{at * 3}"))
    assert figures(tmp_path, "SELECT group_concat(name) FROM daily_measures") == ("orders",)
