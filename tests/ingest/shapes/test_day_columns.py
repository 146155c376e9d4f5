"""Tables whose columns are days: each figure counts on the day above it, or the file is refused."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from tests.ingest.shapes import days, figures, loads

SUMMARY = (
    ",07/01/2026,07/02/2026,07/13/2026\n"
    'Gross Sales,$910.70,$228.12,"$1,887.80"\nDiscounts & Comps,($67.85),$0.00,($40.30)\nNet Sales,$842.85,$228.12,"$1,847.50"\n'
)


def units(*rows: str, title: str = "") -> str:
    return f"{title}SKU,Product,01-Jul-26,02-Jul-26,03-Jul-26,Total\n" + "".join(f"{row}\n" for row in rows)


def test_each_row_is_a_figure_of_its_own(tmp_path: Path) -> None:
    (file,) = loads(tmp_path, SUMMARY).files
    assert (file.accepted, file.rejected) == (3, 0)
    assert "its columns are days (07/01/2026 to 07/13/2026): each figure counts on the day above it" in file.notes
    totals = "SELECT min(date), max(date), sum(gross_sales), sum(discounts_comps), sum(net_sales) FROM daily"
    assert figures(tmp_path, totals) == (
        "2026-07-01",
        "2026-07-13",
        3026.62,
        pytest.approx(-108.15),
        pytest.approx(2918.47),
    )


@pytest.mark.parametrize(
    ("rows", "sums"),
    [
        ("Sold,10,20,30\nGiven back,-1,-2,-3\nLeft,9,18,27\n", {"sold": 60, "given_back": -6, "left": 54}),
        ("Sold,10,20,30\nGiven back,1,2,3\nLeft,9,18,27\n", {"sold": 60, "given_back": 6, "left": 54}),
        ("Taken,$10,$20,$30\nWalks,5,7,9\n", {"taken": 60, "walks": 21}),
    ],
)
def test_rows_that_come_to_another_or_are_of_other_units_are_figures(
    tmp_path: Path, rows: str, sums: dict[str, int]
) -> None:
    loads(tmp_path, "What,2026-07-01,2026-07-02,2026-07-03\n" + rows)
    columns = ", ".join(f'sum("{name}")' for name in sums)
    assert figures(tmp_path, f"SELECT {columns} FROM daily") == tuple(sums.values())


def test_each_row_is_a_slice_without_totals_of_rows_or_columns(tmp_path: Path) -> None:
    text = units("A1,Cup,1,20,,21", "A2,Mug,4,0,6,10", "Grand total,,5,20,6,31", title="Units sold by product\n")
    (file,) = loads(tmp_path, text).files
    assert (file.read, file.accepted) == (5, 5)
    assert figures(tmp_path, "SELECT sum(units_sold_by_product), count(*), max(date) FROM daily") == (
        31,
        5,
        "2026-07-03",
    )
    assert figures(tmp_path, "SELECT units_sold_by_product FROM daily WHERE sku = 'A1' AND date = '2026-07-02'") == (
        20,
    )


def test_figures_without_a_title_are_called_like_the_file(tmp_path: Path) -> None:
    loads(
        tmp_path,
        "Event,$overall,2026-07-01,2026-07-02,2026-07-03\nSign up,6,1,2,3\nOpen,15,4,5,6\n",
        "insights_202607.csv",
    )
    assert figures(tmp_path, "SELECT sum(insights), count(DISTINCT event) FROM daily") == (21, 2)


def test_numbers_of_things_tell_rows_apart_and_other_figures_are_refused(tmp_path: Path) -> None:
    header = "{},2026-07-01,2026-07-02,2026-07-03\n1001,5,6,7\n1002,5,6,7\n"
    loads(tmp_path, header.format("Store ID"))
    loads(tmp_path, "Shop,2026-07-01,2026-07-02,2026-07-03,YTD\n1A,5,6,7,900\n1B,5,6,7,901\n", "so far.csv")
    assert figures(tmp_path, "SELECT sum(export), sum(so_far), count(*) FROM daily") == (36, 36, 12)
    with pytest.raises(UsageError, match="the column 'Price' has other figures"):
        loads(tmp_path, header.format("Price"), "price.csv")


def test_a_cell_that_is_no_figure_is_refused_with_its_row(tmp_path: Path) -> None:
    report = loads(
        tmp_path, units("A1,Cup,1,2,n/k,3", *(f"A{row},Mug,{row + 10},{row + 20},{row + 30}," for row in range(2, 6)))
    )
    assert [(reject.line, reject.raw) for reject in report.rejects] == [(2, "A1,Cup,1,2,n/k,3")]
    assert figures(tmp_path, "SELECT count(*) FROM daily") == (14,)


def test_a_row_that_is_too_long_leaves_no_half_of_a_table(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one row for each day"):
        loads(tmp_path, units("A1,Cup,1,2,3,6", "A2,Mug,4,5,6,15,9"))


def test_rows_of_orders_with_many_days_are_no_header(tmp_path: Path) -> None:
    header = "order_id,ordered_at,paid_at,shipped_at,delivered_at,gmv\n"
    row = ",".join([*days(4), "5.50"])
    loads(tmp_path, header + f"a1,{row}\na2,{row}\n")
    assert figures(tmp_path, "SELECT count(*), sum(gmv) FROM orders") == (2, 11.0)


def test_a_period_above_a_table_is_no_row_of_days(tmp_path: Path) -> None:
    text = "Period,2026-07-01,2026-07-31\nProduct,Orders,Sales\nCup,5,60\nMug,6,70\nTea,7,80\n"
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT min(date), max(date), sum(orders), sum(sales) FROM daily") == (
        "2026-07-31",
        "2026-07-31",
        18,
        210,
    )


def test_names_of_things_are_no_figures_even_when_they_repeat(tmp_path: Path) -> None:
    loads(tmp_path, ",2026-07-01,2026-07-02,2026-07-03\nCup,1,2,3\nMug,4,5,6\n", "units.csv")
    assert figures(tmp_path, "SELECT sum(cup), sum(mug), count(*) FROM daily") == (6, 15, 3)
    with pytest.raises(UsageError, match="'Cup' appears twice"):
        loads(tmp_path, "Metric,2026-07-01,2026-07-02,2026-07-03\nCup,1,2,3\ncup,4,5,6\nCup,7,8,9\n", "again.csv")


def test_weekdays_below_the_days_are_no_row(tmp_path: Path) -> None:
    loads(tmp_path, "SKU,2026-07-01,2026-07-02,2026-07-03\n,Wed,Thu,Fri\nA1,1,2,3\nA2,4,5,6\n", "units.csv")
    assert figures(tmp_path, "SELECT sum(units), count(*) FROM daily") == (21, 6)


def test_two_tables_of_days_are_refused(tmp_path: Path) -> None:
    block = "SKU,2026-07-01,2026-07-02,2026-07-03\nA1,1,2,3\n"
    with pytest.raises(UsageError, match="so are those of another table below"):
        loads(tmp_path, f"Units\n{block}\nSales\n{block}")


def test_figures_of_eight_digits_are_no_second_row_of_days(tmp_path: Path) -> None:
    loads(tmp_path, "SKU,2026-07-01,2026-07-02,2026-07-03\nA1,20110102,20120304,20101112\nA2,7,8,9\n", "units.csv")
    assert figures(tmp_path, "SELECT sum(units), count(*) FROM daily") == (60331518 + 24, 6)


def test_a_period_in_two_cells_comes_before_the_day_of_the_report(tmp_path: Path) -> None:
    loads(tmp_path, "Report 01.08.2026;\nPeriod;01.07.2026;31.07.2026\nShop;Orders;Sales\nA;12;1.250,50\nB;3;99,50\n")
    assert figures(tmp_path, "SELECT max(date), sum(orders), sum(sales) FROM daily") == ("2026-07-31", 15, 1350.0)


def test_a_result_that_is_called_a_total_is_a_figure_of_a_statement(tmp_path: Path) -> None:
    rows = "Net sales,$10,$20,$30,$60\nTips,$1,$2,$3,$6\nTotal collected,$11,$22,$33,$66\nPer guest,$4,$5,$6,$5\n"
    loads(tmp_path, ",2026-07-01,2026-07-02,2026-07-03,Week total\n" + rows)
    assert figures(tmp_path, "SELECT sum(net_sales), sum(tips), sum(total_collected) FROM daily") == (60, 6, 66)


@pytest.mark.parametrize(
    "hours",
    [
        [f"{hour:02d}:00" for hour in range(24)],
        [f"H{hour}" for hour in range(1, 25)],
        [f"Stunde {hour}" for hour in range(1, 25)],
        [f"{hour}:00-{hour + 1}:00" for hour in range(9, 19)],
        [f"{(hour + 11) % 12 + 1} {'am' if hour < 12 else 'pm'}" for hour in range(24)],
        [f"{minute // 60}:{minute % 60:02d}" for minute in range(15, 1440, 15)] + ["0:00"],
    ],
)
def test_hours_side_by_side_are_rows_of_the_day(tmp_path: Path, hours: list[str]) -> None:
    days = [f"40017,2026-07-0{day},{','.join(str(day) for _ in hours)},{day * len(hours)}\n" for day in (1, 2, 3)]
    loads(tmp_path, f"Meter,Date,{','.join(hours)},Total\n{''.join(days)}", "load.csv")
    assert figures(tmp_path, "SELECT sum(load), count(*), count(DISTINCT date) FROM daily") == (
        6 * len(hours),
        3 * len(hours),
        3,
    )


def test_dates_of_any_column_of_a_table_show_the_order_of_day_and_month(tmp_path: Path) -> None:
    text = "Order Date,Promised Date,Checked Date,Orders\n03/04/2026,{},{},10\n05/04/2026,15/04/2026,{},12\n"
    with pytest.raises(UsageError, match="is 03/04/2026 day first or month first"):
        loads(tmp_path, text.format("13/04/2026", "04/16/2026", "04/17/2026"))
    (polish,) = loads(tmp_path, "Data,Clicks\n03/04/2026,10\n", dry_run=True).files
    assert "read day first, as its country, currency or language suggests" in polish.notes[0]
    loads(tmp_path, text.format("13/04/2026", "06/04/2026", "07/04/2026"))
    assert figures(tmp_path, "SELECT min(date), max(date) FROM daily") == ("2026-04-03", "2026-04-05")


def test_an_id_next_to_columns_of_months_names_its_row(tmp_path: Path) -> None:
    loads(tmp_path, "Libellé,idBank,2026-05,2026-06,2026-07\nau détail,17023,5,6,7\nen ligne,17055,50,60,70\n")
    assert figures(tmp_path, "SELECT count(*), count(DISTINCT date) FROM daily") == (6, 3)
