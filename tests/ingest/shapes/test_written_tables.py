"""Tables of fixed width, sheets that are parts of a whole, archives that tell their figures twice."""

import io
import zipfile
from itertools import product
from pathlib import Path
from sqlite3 import OperationalError

import openpyxl
import pytest

from core.base.errors import UsageError
from core.ingest.formats.sources import sources
from core.ingest.inspection import inspect
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.ingest.shapes import days, figures, loads, table
from tests.workspace.loading import rows

TOTALS = "SELECT sum(orders), sum(revenue), count(*) FROM daily"


FRAME = "┌────────────┬──────────┬────────┬─────────┐"
RULES = "---------- --------- ------ ----------"


@pytest.mark.parametrize(
    ("top", "row", "end"),
    [
        (
            "Date        Channel   Orders     Revenue\n----------  --------  ------  ----------",
            "{}  {:<9}{:>7}{:>12.2f}",
            "",
        ),
        ("Daily report of ACME\n\nDate        Channel   Orders     Revenue", "{}  {:<9}{:>7}{:>12.2f}", ""),
        (
            f"{FRAME}\n│    Date    │ Channel  │ Orders │ Revenue │\n{FRAME}",
            "│ {} │ {} │ {} │ {} │",
            f"\n{FRAME}\n6 rows",
        ),
        (f"Date       Channel   Orders Revenue\n{RULES}", "{} {:<9} {:<6} {:<10}", "\n\n(6 rows affected)"),
        (
            " Date │ Channel │ Orders │ Revenue \n──────┼─────────┼────────┼─────────",
            " {} │ {} │ {} │ {}",
            "\n(6 rows)",
        ),
        (
            "Date       Channel  Orders Revenue\n----       -------  ------ -------",
            "{} {:<9}{:>6} {:>7.2f}",
            "",
        ),
    ],
    ids=["ruler", "title", "frame", "rules", "bars between", "rules of names"],
)
def test_columns_below_each_other_are_split(tmp_path: Path, top: str, row: str, end: str) -> None:
    cells = [(f"2026-07-0{n}", channel, n, n * 1.5) for n in (1, 2, 3) for channel in ("Live", "Shop tab")]
    report = loads(tmp_path, "\n".join([top, *(row.format(*line) for line in cells)]) + f"{end}\n", "report.prn")
    assert (report.files[0].read, report.files[0].rejected) == (6, 0)
    assert figures(tmp_path, TOTALS) == (12, 18.0, 6)
    assert figures(tmp_path, "SELECT sum(orders) FROM daily WHERE channel = 'Shop tab'") == (6,)


def test_types_above_the_names_of_columns_are_no_header(tmp_path: Path) -> None:
    """Each figure of each market is a table of its own, whose number is no figure."""
    above = [
        "#group,false,false,true,false,true",
        "#datatype,string,long,dateTime:RFC3339,double,string,string",
        "#default,_result,,,,,",
    ]
    tables = product((("orders", 1), ("revenue", 10)), ("TH", "ID"))
    cells = [
        f",,{table},2026-07-0{day}T00:00:00Z,{day * factor},{field},{market}"
        for table, ((field, factor), market) in enumerate(tables)
        for day in (1, 2, 3)
    ]
    loads(tmp_path, "\n".join([*above, ",result,table,_time,_value,_field,market", *cells]) + "\n")
    assert figures(tmp_path, TOTALS) == (12, 120.0, 6)


def test_groups_above_the_names_of_columns_may_be_repeated(tmp_path: Path) -> None:
    """As Looker writes a pivot: no cells are merged."""
    above = "Traffic Source,Email,Email,Direct,Direct\nCreated Date,Orders,Revenue,Orders,Revenue\n"
    text = above + "".join(f"2026-07-0{day},{day},1.5,{2 * day},2.5\n" for day in (1, 2, 3))
    loads(tmp_path, text)
    total = "SELECT sum(orders), sum(revenue) FROM daily WHERE traffic_source = 'Direct'"
    assert figures(tmp_path, total) == (12, 7.5)
    ((found,),) = map(inspect, sources(tmp_path / "export.csv"))
    (tmp_path / "own.toml").write_text(found.mapping)
    load(tmp_path / "mapped.db", [tmp_path / "export.csv"], mapping=tmp_path / "own.toml")
    assert rows(tmp_path / "mapped.db", total) == [(12, 7.5)]


def test_units_below_the_names_of_columns_say_what_is_no_sum(tmp_path: Path) -> None:
    loads(
        tmp_path, "Date,Orders,Margin,Cost\n,pcs,%,EUR\n" + "".join(f"2026-07-0{n},{n},1{n},{n}.5\n" for n in (1, 2, 3))
    )
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == {"orders", "cost"}


def test_figures_named_in_a_blank_column_left_of_a_segment_are_figures(tmp_path: Path) -> None:
    header = ",Region,July 1 2026,July 2 2026,July 3 2026\n"
    rows = [
        f"{name},{region},{cells}\n"
        for region in ("East", "West")
        for name, cells in (("Sales", "10,20,30"), ("Profit Ratio", "5%,6%,7%"))
    ]
    report = loads(tmp_path, header + "".join(rows))
    assert figures(tmp_path, "SELECT sum(sales), count(DISTINCT region) FROM daily") == (120, 2)
    assert "cannot be added up: profit_ratio" in str(report)


@pytest.mark.parametrize("remark", ["", "x" * 400_000])
def test_marks_before_each_cell_are_no_part_of_it(tmp_path: Path, remark: str) -> None:
    """Also where the table is longer than the beginning that shows what it is, which has up to 1 MiB."""
    lines = "".join(f"`2026-07-0{day},`{day},`{day}.50,`{remark}\n" for day in (1, 2, 3))
    loads(tmp_path, f"date,orders,revenue,note\n{lines}")
    assert figures(tmp_path, TOTALS) == (6, 7.5, 3)


def test_what_a_database_writes_for_null_is_not_given(tmp_path: Path) -> None:
    report = loads(
        tmp_path,
        "day\tmarket\tinstalls\tuninstalls\n"
        + "".join(
            f"2026-07-0{n}\t{market}\t{n}\t{cell}\n"
            for n, market, cell in ((1, "TH", "2"), (2, "\\N", "\\N"), (3, "NULL", "4"))
        ),
    )
    assert report.files[0].rejected == 0
    assert figures(tmp_path, "SELECT sum(installs), sum(uninstalls), count(market) FROM daily") == (6, 6, 1)


def test_sheets_with_other_figures_are_parts_where_the_user_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for factor, name in enumerate(("Live", "Video"), 1):
        sheet = book.create_sheet(name)
        sheet.append(["Date", "Orders"])
        for day in (1, 2, 3):
            sheet.append([f"2026-07-0{day}", day * factor])
    book.save(tmp_path / "parts.xlsx")
    with pytest.raises(UsageError, match="--dimension sheet"):
        load(tmp_path / "w.db", [tmp_path / "parts.xlsx"])
    load(tmp_path / "w.db", [tmp_path / "parts.xlsx"], dimensions=["sheet"])
    assert figures(tmp_path, "SELECT sum(orders), count(DISTINCT sheet) FROM daily") == (18, 2)


def test_an_archive_that_tells_its_figures_in_two_cuts_counts_once(tmp_path: Path) -> None:
    chart = "Date,Content,Video title,Video publish time,Duration,Views\n"
    chart += "".join(f'2026-07-0{n},{video},T,"May 2, 2026",60,{n}\n' for n in (1, 2, 3) for video in ("a", "b"))
    totals = "Date,Views\n" + "".join(f"2026-07-0{n},{2 * n}\n" for n in (1, 2, 3))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Chart data.csv", chart)
        archive.writestr("Totals.csv", totals)
    report = loads(tmp_path, packed.getvalue(), "Content.zip")
    assert figures(tmp_path, "SELECT sum(views) FROM daily") == (12,)
    assert "Totals.csv: left out: it has the figures of" in report.skipped[0]


def test_words_that_count_are_part_of_a_figure(tmp_path: Path) -> None:
    loads(tmp_path, "日付,注文数,訪問者数\n" + "".join(f'2026/07/1{n},{n}件,"1,20{n}人"\n' for n in (3, 4, 5)))
    assert figures(tmp_path, "SELECT sum(orders), sum(visitors) FROM daily") == (12, 3612)


def test_digits_and_marks_of_arabic_are_figures(tmp_path: Path) -> None:
    loads(tmp_path, "التاريخ,visits\n" + "".join(f"١{n}/٠٧/٢٠٢٦,١٬٢٣{n}٫٥\n" for n in "٣٤٥"))
    assert figures(tmp_path, "SELECT sum(visits), min(date) FROM daily") == (3703.5, "2026-07-13")


def test_tables_side_by_side_are_two(tmp_path: Path) -> None:
    rows = "".join(f"2026-07-0{n},{n},,2026-07-0{n},{n}0\n" for n in (1, 2, 3))
    report = loads(tmp_path, f"Live,,,Shop,\nDate,Orders,,Date,Visits\n{rows}")
    assert [file.accepted for file in report.files] == [3, 3]
    assert figures(tmp_path, "SELECT sum(orders), sum(visits) FROM daily") == (6, 60)


def test_a_label_in_a_row_of_its_own_goes_into_the_rows_below(tmp_path: Path) -> None:
    parts = [
        f"{name},,\n" + "".join(f",2026-07-0{n},{n}\n" for n in (1, 2, 3)) + f"Total for {name},,6\n" for name in "AB"
    ]
    loads(tmp_path, f"Shop,Date,Orders\n{''.join(parts)}")
    assert figures(tmp_path, "SELECT sum(orders), count(DISTINCT shop), count(*) FROM daily") == (12, 2, 6)


def test_debits_are_negative(tmp_path: Path) -> None:
    loads(
        tmp_path,
        "Date,Amount\n" + "".join(f'2026-07-0{n},"1,00{n}.50 {"Dr" if n == 2 else "Cr"}"\n' for n in (1, 2, 3)),
    )
    assert figures(tmp_path, "SELECT sum(amount) FROM daily") == (1001.5 - 1002.5 + 1003.5,)


def test_a_running_total_is_in_no_total(tmp_path: Path) -> None:
    loads(tmp_path, table("Date,Cumulative downloads,Visits", 12, lambda n, day: f"{day},{90 + n * n},{7 * n % 5}"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == {"visits"}


@pytest.mark.parametrize(
    "document",
    [
        '{"labels": ["2026-07-01", "2026-07-02", "2026-07-03"], "datasets": [{"label": "Orders", "data": [1, 2, 3]}]}',
        '{"table": {"cols": [{"label": "Day"}, {"label": "Orders"}], "rows": [{"c": [{"v": "Date(2026,6,1)"}, {"v": 1}]},'
        ' {"c": [{"v": "Date(2026,6,2)"}, {"v": 2}]}, {"c": [{"v": "Date(2026,6,3)"}, {"v": 3}]}]}}',
    ],
)
def test_data_of_charts(tmp_path: Path, document: str) -> None:
    loads(tmp_path, document, "chart.json")
    assert figures(tmp_path, "SELECT sum(orders), min(date), max(date) FROM daily") == (6, "2026-07-01", "2026-07-03")


def test_a_comma_groups_thousands_where_the_language_knows_no_other(tmp_path: Path) -> None:
    loads(tmp_path, 'วันที่,ยอดขาย\n13/07/2026,"8,570"\n14/07/2026,"1,200"\n')
    assert figures(tmp_path, "SELECT sum(sales) FROM daily") == (9770,)


def test_a_price_that_is_a_range_is_its_lowest(tmp_path: Path) -> None:
    rows = "A,Cup,$12.90 - $15.90\nB,Mug,$8.00\nC,Plate,$5-$6\n"
    (file,) = loads(tmp_path, f"product_id,title,price\n{rows}").files
    assert (file.accepted, figures(tmp_path, "SELECT sum(price) FROM products")) == (3, (25.9,))
    assert "are ranges: the lowest of each counts" in file.notes[0]


def test_letters_with_marks_inside_words_are_not_chinese(tmp_path: Path) -> None:
    rows = "".join(f"2026-07-0{n};Zamówienie złożone;{n}\n" for n in (1, 2, 3))
    report = loads(tmp_path, f"Data;Źródło;Ilość\n{rows}".encode("cp1250"))
    assert not any("big5" in note for note in report.files[0].notes)
    assert figures(tmp_path, "SELECT sum(units) FROM daily") == (6,)


def test_figures_below_each_other_by_hour_are_columns(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-07-01,{hour},{name},{hour * k}\n" for hour in range(4) for k, name in ((1, "orders"), (10, "views"))
    )
    loads(tmp_path, f"date,hour,metric,value\n{rows}")
    assert figures(tmp_path, "SELECT sum(orders), sum(views), count(DISTINCT hour) FROM daily") == (6, 60, 4)


def test_the_last_of_the_columns_below_each_other_may_be_longer_than_its_name(tmp_path: Path) -> None:
    lines = [f"2026-07-0{n}  {n:>6}  {'long ' * n}remark" for n in (1, 2, 3)]
    loads(tmp_path, "\n".join(["Date        Orders  Remark", *lines]), "report.txt", dimensions=["remark"])
    assert figures(tmp_path, "SELECT sum(orders), max(remark) FROM daily") == (6, "long remark")


def test_a_sheet_for_each_day_is_of_the_day_it_is_called_by(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for day in (6, 7):
        sheet = book.create_sheet(f"{day:02d}.07.2026")
        for row in (("Line", "Pieces"), ("A", day), ("B", 10)):
            sheet.append(row)
    book.save(tmp_path / "lines.xlsx")
    load(tmp_path / "w.db", [tmp_path / "lines.xlsx"])
    assert figures(tmp_path, "SELECT min(date), max(date), sum(pieces) FROM daily") == ("2026-07-06", "2026-07-07", 33)


def test_what_stands_behind_digits_hides_no_decimals_and_codes_begin_with_zeros(tmp_path: Path) -> None:
    rows = "".join(f"{day}\t0001\t{at},000-\t{at}{at},50-\n" for at, day in enumerate(days(8), 1))
    loads(tmp_path, f"Date\tPlant\tQuantity\tAmount\n{rows}", "stock.txt")
    assert figures(tmp_path, "SELECT sum(quantity), sum(amount) FROM daily") == (-36, -400)  # 1 to 8, and 11.5 to 88.5
    with pytest.raises(OperationalError, match="plant"):
        figures(tmp_path, "SELECT plant FROM daily")
