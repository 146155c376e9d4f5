# ruff: noqa: E501 - files are as systems write them
"""What there is a number of, windows before each day, statements of income, numbers of rows, months written first, nested Parquet."""

from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import NotEnoughData, UsageError
from core.detection.scan import detect
from core.ingest.columns.day_column import best_day_column
from core.ingest.headers.id_names import is_id_name
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import days, figures, loads, table
from tests.workspace.loading import rows as query

DAYS = days(12)


def additive(folder: Path) -> set[str]:
    with Workspace.open(folder / "w.db") as workspace:
        return set(workspace.measures) & {
            "held",
            "lifetime_total_likes",
            "active_subscriptions",
            "28_days_reach",
            "daily_reach",
            "new",
        }


@pytest.mark.parametrize("name", ["Lifetime Total Likes", "Active Subscriptions"])
def test_what_there_is_a_number_of_does_not_add_up(tmp_path: Path, name: str) -> None:
    rows = [
        f"{day},{shop},{900 * times + 3 * at},{at % 5}"
        for at, day in enumerate(DAYS)
        for shop, times in (("US", 1), ("DE", 4))
    ]
    loads(tmp_path, f"Date,Country,{name},New\n" + "\n".join(rows))
    assert additive(tmp_path) == {"new"}


def test_the_same_words_of_what_came_add_up(tmp_path: Path) -> None:
    loads(tmp_path, table("Date,Active Subscriptions,New", 12, lambda at, day: f"{day},{50 + 37 * at % 41},{at}"))
    assert additive(tmp_path) == {"active_subscriptions", "new"}


def test_windows_next_to_the_figure_of_the_day_do_not_add_up(tmp_path: Path) -> None:
    loads(
        tmp_path,
        table("Date,Daily Reach,28 Days Reach", 12, lambda at, day: f"{day},{40 + at * 17 % 23},{900 + at * 77 % 59}"),
    )
    assert additive(tmp_path) == {"daily_reach"}


@pytest.mark.parametrize(
    ("header", "day_counts"), [("Date,Visits,28 Days Reach", 40), ("Date,Daily Reach,28 Days Reach", 940)]
)
def test_a_window_alone_or_with_less_than_the_day_is_a_figure(tmp_path: Path, header: str, day_counts: int) -> None:
    """Passes of a day and of four weeks are two kinds of passes: what four weeks have, no day has more of."""
    loads(tmp_path, table(header, 12, lambda at, day: f"{day},{day_counts + at * 17 % 23},{900 + at * 77 % 59}"))
    assert "28_days_reach" in additive(tmp_path)


STATEMENT = "Account,Jan 2026,Feb 2026,Mar 2026\nIncome\nSales,90,80,70\nServices,10,20,30\nTotal Income,100,100,100\nLess Cost of Sales\nPurchases,40,30,20\nTotal Cost of Sales,40,30,20\nGross Profit,60,70,80\n"


def test_rows_of_a_statement_of_income_are_figures(tmp_path: Path) -> None:
    loads(tmp_path, STATEMENT)
    assert figures(
        tmp_path, "SELECT sum(sales), sum(services), sum(purchases), sum(gross_profit), count(*) FROM daily"
    ) == (240, 60, 90, 210, 3)


def test_totals_of_some_rows_are_left_out_of_columns_of_days(tmp_path: Path) -> None:
    loads(
        tmp_path,
        "Shop,2026-07-01,2026-07-02,2026-07-03\nN1,1,2,3\nN2,4,5,6\nTotal North,5,7,9\nS1,7,8,9\nTotal South,7,8,9\n",
        "orders.csv",
    )
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (45, 9)


def test_a_first_column_that_counts_on_is_no_figure(tmp_path: Path) -> None:
    report = loads(tmp_path, table("Urutan,Date,Orders", 12, lambda at, day: f"{at + 1},{day},{at * 7 % 11}"))
    assert any(note.startswith("not loaded: Urutan") for note in report.files[0].notes)


@pytest.mark.parametrize(
    ("name", "is_id"),
    [
        ("No. Orders", False),
        ("No. of Orders", False),
        ("No. Pesanan", True),
        ("Nº de pedidos", False),
        ("No. Order", True),
    ],
)
def test_plurals_after_a_word_for_numbers_are_counts(name: str, is_id: bool) -> None:
    assert is_id_name(name) is is_id


@pytest.mark.parametrize("month", ["{:02d}.2026", "{:02d}/2026", "{}-2026"])
def test_months_before_their_year_are_months(tmp_path: Path, month: str) -> None:
    loads(tmp_path, "Kalendermonat;Wert\n" + "".join(f"{month.format(at)};{at}\n" for at in range(1, 8)))
    assert figures(tmp_path, "SELECT min(date), max(date), sum(wert) FROM daily") == ("2026-01-01", "2026-07-01", 28)


def test_measure_names_are_figures_of_their_own(tmp_path: Path) -> None:
    rows = "".join(f"{day},Orders,{at}\n{day},Revenue,{at * 10}\n" for at, day in enumerate(DAYS))
    loads(tmp_path, f"Day of Date,Measure Names,Measure Values\n{rows}")
    assert figures(tmp_path, "SELECT sum(orders), sum(revenue), count(*) FROM daily") == (66, 660, 12)


@pytest.mark.parametrize(
    "header", ["Date,Page Views", "Date,Page Views,Page Views: Germany", "Date,Views,Likes,Shares"]
)
def test_a_table_below_pairs_of_words_and_days(tmp_path: Path, header: str) -> None:
    width = header.count(",")
    rows = "".join(f"7/{at}/26" + f",{at}.0" * width + "\n" for at in range(10, 20))
    loads(tmp_path, f"Name,Acme\nStart Date,7/10/26\nEnd Date,7/19/26\n{header}\n{rows}")
    assert figures(tmp_path, "SELECT min(date), max(date), count(*) FROM daily") == ("2026-07-10", "2026-07-19", 10)


def test_a_booking_counts_on_the_day_of_the_booking(tmp_path: Path) -> None:
    rows = "".join(f"4{at:05d},{days(12, 8)[at]},{day},{10 + at} EUR,ok\n" for at, day in enumerate(DAYS))
    loads(tmp_path, f"Booking number,Check-in,Booked on,Total,Status\n{rows}")
    assert figures(tmp_path, "SELECT min(date), max(date) FROM daily") == (DAYS[0], DAYS[-1])
    assert best_day_column({}, {}) is None


def test_entries_of_a_balance_are_no_payments(tmp_path: Path) -> None:
    rows = "".join(f"txn_{at},charge,{at}.50,usd,{day} 10:05,{day} 00:00,Sub\n" for at, day in enumerate(DAYS, 1))
    text = f"id,Type,Amount,Currency,Created (UTC),Available On (UTC),Description\n{rows}txn_99,payout,-84.00,usd,{DAYS[-1]} 11:07,{DAYS[-1]} 00:00,Payout\n"
    report = loads(tmp_path, text)
    assert report.files[0].kind == "daily"
    assert figures(tmp_path, "SELECT sum(amount), sum(amount * (type = 'charge')) FROM daily") == (0, 84)


def test_fields_inside_of_a_column_are_columns(tmp_path: Path) -> None:
    inner = pa.array([{"orders": at, "money": {"revenue": at * 1.5}} for at in range(12)])
    pq.write_table(pa.table({"day": pa.array(DAYS), "metrics": inner}), tmp_path / "part.parquet")
    loads(tmp_path, (tmp_path / "part.parquet").read_bytes(), "part.parquet")
    assert figures(tmp_path, "SELECT sum(metrics_orders), sum(metrics_money_revenue) FROM daily") == (66, 99.0)


POSTS = {
    "es": "Identificador de la publicación,Nombre de usuario de la cuenta,Hora de publicación,Enlace permanente,Fecha,Visualizaciones,Me gusta",
    "de": "Beitrags-ID,Benutzername des Kontos,Veröffentlichungszeit,Dauerhafter Link,Datum,Aufrufe,„Gefällt mir“-Angaben",
    "id": "ID Postingan,Nama pengguna akun,Waktu penerbitan,Tautan permanen,Tanggal,Tayangan,Suka",
    "vi": "ID bài viết,Tên người dùng tài khoản,Thời gian đăng,Liên kết vĩnh viễn,Ngày,Lượt xem,Lượt thích",
}


@pytest.mark.parametrize("language", POSTS)
def test_posts_of_other_languages_are_posts(tmp_path: Path, language: str) -> None:
    rows = "".join(
        f"18{at:05d},acme,07/{at + 10}/2026 10:11,https://example.test/p/{at},Total,{at * 10},{at}\n" for at in range(8)
    )
    report = loads(tmp_path, f"{POSTS[language]}\n{rows}")
    assert (report.files[0].kind, report.files[0].accepted) == ("videos", 8)
    assert figures(tmp_path, "SELECT sum(coalesce(views, impressions)), sum(likes) FROM videos") == (280, 28)


def test_videos_are_a_list_where_their_views_are_known_and_no_days_where_not(tmp_path: Path) -> None:
    rows = "".join(f"v{at},{day},{at}\n" for at, day in enumerate(DAYS))
    with pytest.raises(UsageError, match="published"):
        loads(tmp_path, f"Videó,Videó közzétételének ideje,Pontok\n{rows}")
    assert loads(tmp_path, f"Videó,Videó közzétételének ideje,Megtekintések\n{rows}").files[0].kind == "videos"


def weekly(folder: Path, header: str = "Week", first: int = 6) -> None:
    loads(folder, "Date,Visits\n" + "".join(f"2026-07-{day:02d},{day * 10}\n" for day in range(6, 20)), "days.csv")
    sums = [sum(day * 10 for day in range(start, start + 7)) for start in (6, 13)]
    loads(folder, f"{header},Visits\n2026-07-06,{sums[0]}\n2026-07-13,{sums[1]}\n", "weeks.csv")


@pytest.mark.parametrize("header", ["Week", "Date"])
def test_sums_of_weeks_do_not_stand_in_for_their_days(tmp_path: Path, header: str) -> None:
    with pytest.raises(UsageError, match="sums of weeks"):
        weekly(tmp_path, header)
    assert figures(tmp_path, "SELECT sum(visits), count(*) FROM daily") == (1750, 14)


def test_corrections_of_two_days_a_week_apart_are_corrections(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Visits\n" + "".join(f"2026-07-{day:02d},{day * 10}\n" for day in range(6, 20)), "days.csv")
    report = loads(tmp_path, "Date,Visits\n2026-07-06,65\n2026-07-13,120\n", "corrected.csv")
    assert report.files[0].replaced == 2


def test_one_sheet_of_a_workbook_may_have_the_column_to_slice_by(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Orders"
    book.create_sheet("Spend")
    for day in DAYS:
        book["Orders"].append(
            (day, "N", 3) if book["Orders"].max_row > 1 or day != DAYS[0] else ("Date", "Region", "Orders")
        )
        book["Spend"].append((day, 5) if book["Spend"].max_row > 1 or day != DAYS[0] else ("Date", "Spend"))
    book.save(tmp_path / "book.xlsx")
    report = loads(tmp_path, (tmp_path / "book.xlsx").read_bytes(), "book.xlsx", dimensions=["Region"])
    assert [file.dimensions for file in report.files] == [("region",), ()]
    with pytest.raises(UsageError, match="no column 'Shop'"):
        loads(tmp_path, (tmp_path / "book.xlsx").read_bytes(), "again.xlsx", dimensions=["Shop"])


def test_days_since_a_period_began_are_known_in_any_language(tmp_path: Path) -> None:
    rows = "".join(f"{at},{at * 3}\n" for at in range(12))
    loads(tmp_path, f"# 시작일: 20260701\n# 종료일: 20260712\n일차,세션\n{rows}")
    assert figures(tmp_path, "SELECT min(date), max(date), count(*) FROM daily") == (DAYS[0], DAYS[-1], 12)


def test_answers_with_a_time_are_counted_though_their_scores_do_not_add_up(tmp_path: Path) -> None:
    loads(
        tmp_path,
        "Submitted at,Country,Rating\n"
        + "".join(f"{day} 10:0{at % 10}:00,ID,{1 + at % 5}\n" for at, day in enumerate(DAYS)),
    )
    assert figures(tmp_path, "SELECT sum(events), count(*) FROM daily") == (12, 12)
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert "rating" not in workspace.measures


def test_positions_in_thai_do_not_add_up(tmp_path: Path) -> None:
    loads(tmp_path, table("วันที่,คลิก,ตำแหน่ง", 12, lambda at, day: f"{day},{at},5.5"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert list(workspace.measures) == ["clicks"]


def test_figures_of_last_year_and_targets_only_compare(tmp_path: Path) -> None:
    report = loads(
        tmp_path,
        table("Date,Total Sales,Total Sales LY,Sales Target", 12, lambda at, day: f"{day},{at * 7},{at * 5},{at * 8}"),
    )
    assert any("total_sales_ly, sales_target" in note for note in report.files[0].notes if "only compare" in note)


def test_labels_without_a_name_left_of_months_and_their_figures(tmp_path: Path) -> None:
    loads(
        tmp_path,
        ",July 2026,,August 2026,\n,Revenue,Count,Revenue,Count\nTotal,30,3,70,7\n  Asia,10,1,30,3\n  Europe,20,2,40,4\n",
    )
    assert figures(tmp_path, "SELECT sum(revenue), sum(count), sum(revenue * (label = 'Asia')) FROM daily") == (
        100,
        10,
        40,
    )


@pytest.mark.parametrize("name", ["ADR", "RevPAR", "AHT", "NPS"])
def test_jargon_of_rates_does_not_add_up(tmp_path: Path, name: str) -> None:
    loads(tmp_path, table(f"Date,Demand,{name}", 12, lambda at, day: f"{day},{at * 3},120.5"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert list(workspace.measures) == ["demand"]


def test_revenue_that_recurs_is_a_level_and_what_comes_of_it_is_not(tmp_path: Path) -> None:
    loads(
        tmp_path,
        table(
            "Date,MRR,New MRR,Churned MRR", 12, lambda at, day: f"{day},{50_000 + 40 * at},{at % 5 * 10}.00,{-at}.00"
        ),
    )
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == {"new_mrr", "churned_mrr"}


def test_a_price_of_all_pieces_is_an_amount(tmp_path: Path) -> None:
    loads(tmp_path, table("Data,Preço Total,Preço unitário", 12, lambda at, day: f"{day},{at * 7}.50,3.50"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert list(workspace.measures) == ["preço_total"]


def test_the_same_day_of_last_year_only_compares(tmp_path: Path) -> None:
    loads(tmp_path, table("日付,売上金額（税込）,前年同日売上", 12, lambda at, day: f"{day},{at * 7},{at * 6}"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert list(workspace.measures) == ["売上金額_税込"]


GROUPED = "Order - Number,Date - Order Date,Order Status,Item - Qty,Item - Price"
PLAIN = "order_nr,order_timestamp,item_status,quantity,offer_price"


@pytest.mark.parametrize("header", [GROUPED, PLAIN])
def test_lines_of_orders_whose_columns_stand_in_groups(tmp_path: Path, header: str) -> None:
    rows = "".join(
        f"SS-{at:03d},{day} 10:0{at % 10}:00,{'Cancelled' if at == 3 else 'Shipped'},{1 + at % 3},10.00\n"
        for at, day in enumerate(DAYS)
    )
    loads(tmp_path, f"{header}\n{rows}", as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(units), count(paid_at) FROM orders") == (240, 24, 11)


def test_charges_in_seconds_are_events(tmp_path: Path) -> None:
    rows = "".join(
        f'{{"id": "ch_{at}", "amount": {100 + at}, "created": {1_782_864_007 + 40_000 * at}}}\n' for at in range(20)
    )
    loads(tmp_path, rows, "charges.jsonl")
    assert figures(tmp_path, "SELECT sum(amount), count(*), min(date) FROM daily") == (2190, 20, DAYS[0])


def test_what_has_an_id_on_each_full_hour_is_counted(tmp_path: Path) -> None:
    lines = [f"{DAYS[at // 24]} {at % 24:02d}:00:00,q{at % 3}\n" for at in range(48)]
    with pytest.raises(UsageError, match="no column holds figures"):  # a machine that is read each hour
        loads(tmp_path, f"created_at,queue\n{''.join(lines)}")
    tickets = "".join(f"{1000 + at},{line}" for at, line in enumerate(lines))
    loads(tmp_path, f"ticket_id,created_at,queue\n{tickets}")
    assert figures(tmp_path, "SELECT sum(tickets), count(DISTINCT date) FROM daily") == (48, 2)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("daily", ["", ",came"])
def test_counters_of_several_slices_are_not_added_up(tmp_path: Path, newest_first: bool, daily: str) -> None:
    counts = {"a": 5000, "b": 900}
    rows = []
    for at, day in enumerate(days(14)):
        for place, page in enumerate(counts):
            came = (7 * at + 3 * place) % 11 + 1
            counts[page] += came
            rows.append(f"{day},{page},{counts[page]},{(5 * at) % 13}{f',{came}' if daily else ''}\n")
    text = f"date,page,reads,orders{daily}\n" + "".join(rows[::-1] if newest_first else rows)
    (file,) = loads(tmp_path, text).files
    assert "kept, but in no total and no scan, since they cannot be added up: reads" in file.notes


def test_figures_that_fall_on_some_day_or_have_just_begun_are_no_counters(tmp_path: Path) -> None:
    rows = [
        f"{day},{100 + 9 * at - 40 * (at == 17)},{max(0, at - 12) ** 2},{500 + 7 * at}\n"
        for at, day in enumerate(days(24))
    ]
    (file,) = loads(tmp_path, "date,orders,begun,steady\n" + "".join(rows)).files
    assert not any("cannot be added up" in note for note in file.notes)


def test_followers_of_accounts_that_all_differ_are_no_ids(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-07-{day:02},S{shop},{5000 + 3 * day + 400 * shop}\n" for day in range(1, 31) for shop in range(3)
    )
    (file,) = loads(tmp_path, "date,shop,followers\n" + rows).files
    assert "kept, but in no total and no scan, since they cannot be added up: followers" in file.notes
    assert figures(tmp_path, "SELECT count(*), max(followers) FROM daily") == (90, 5890)
    with Workspace.open(tmp_path / "w.db") as workspace, pytest.raises(NotEnoughData, match="nothing in it adds up"):
        detect(workspace)


def test_what_begins_at_full_hours_counts_on_the_day_that_it_began(tmp_path: Path) -> None:
    rows = "".join(
        f"R{day}{hour},2026-08-{day:02} {hour}:00:00,2026-08-{day + (hour > 22):02} {(hour + 1) % 24:02}:{10 + day}:00,host{hour % 2},{day}\n"
        for day in range(1, 21)
        for hour in (10, 15, 23)
    )
    report = loads(tmp_path, f"room_id,opened,closed,host,sold\n{rows}")
    assert any("known by its room_id" in note for note in report.files[0].notes)
    found = query(tmp_path / "w.db", "SELECT host, sum(sold), count(DISTINCT date), max(date) FROM daily GROUP BY host")
    assert found == [("host0", 210, 20, "2026-08-20"), ("host1", 420, 20, "2026-08-20")]


@pytest.mark.parametrize("none", ["00000000", "0000-00-00", "00.00.0000"])
def test_days_that_are_not_set_are_no_figures(tmp_path: Path, none: str) -> None:
    day = "20260{}{:02}" if none.isdecimal() else "2026-0{}-{:02}"
    rows = "".join(f"N{at},{day.format(7, at)},{day.format(8, at) if at < 8 else none},{at}\n" for at in range(1, 21))
    report = loads(tmp_path, f"VBELN,ERDAT,LFDAT,Paletten\n{rows}")
    assert figures(tmp_path, "SELECT sum(paletten), count(*) FROM daily") == (210, 20)
    assert "LFDAT" in " ".join(report.files[0].notes)  # not loaded
