# ruff: noqa: E501 - headers and rows are as the systems write them
"""Exports in the shapes of real systems, with values of their own: the figures that come out are those counted by hand."""

from pathlib import Path
from typing import Any

import pytest

from core.base.days import parse_day
from core.base.errors import UsageError
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import days, figures, loads, table

GA4 = "# ----\n# Traffic\n# Property: Shop\n# ----\n# \n# Start date: 20260701\n# End date: 20260703\n"
CHANNEL = "Session primary channel group (Default channel group)"
STUDIO = '"Date","Video Views","Profile Views","Likes","Comments","Shares"\n'
ASIN = "(Parent) ASIN,(Child) ASIN,Title,Sessions - Total,Units Ordered,Unit Session Percentage,Ordered Product Sales\n"
EBAY = "Sales Record Number,Order Number,Buyer Username,Item Number,Custom Label,Quantity,Sold For,Sale Date,Paid On Date\n"
ETSY = "Sale Date,Item Name,Buyer,Quantity,Price,Item Total,Currency,Transaction ID,Listing ID,Date Paid,Order ID,SKU\n"
TIKTOK = "Order ID,SKU ID,Quantity,SKU Subtotal After Discount,Order Refund Amount,Created Time,Paid Time,Country,Purchase Channel,Order Channel,Creator Handle\n"
STATS = "Tanggal,Total Penjualan (IDR),Total Pesanan,Penjualan per Pesanan,Total Pengunjung,Tingkat Konversi Pesanan\n"
LIVE = "ID Kreator,Kreator,Waktu Live,Durasi,GMV dari LIVE (Rp),Pemesanan,Klik Produk,CTR\n"
META = "Reporting starts,Reporting ends,Campaign name,Ad name,Day,Amount spent (USD),Impressions,Frequency\n"
YOUTUBE_DE = (
    "Vi\u00adde\u00ado,Videotitel,Veröffentlichungszeitpunkt des Videos,Auf\u00adru\u00adfe,Wiedergabezeit (Stunden)\n"
)

CASES: dict[str, tuple[str | bytes, str | None, str, tuple[Any, ...]]] = {
    "tiktok orders by creator and channel": (
        TIKTOK + "d,d,d,d,d,d,d,d,d,d,d\n1\t,7\t,1,39000,0,01/07/2026 08:00:00\t,01/07/2026 08:05:00\t,Indonesia,TikTok,Live,amy\n"
        "2\t,8\t,2,50000,0,02/07/2026 08:00:00\t,,Indonesia,Tokopedia,Video,bo\n",
        "tiktok-shop-orders", "SELECT count(*), sum(gmv), sum(units), max(creator_id), min(date), max(purchase_channel) FROM orders",
        (2, 89000.0, 3, "bo", "2026-07-01", "Tokopedia"),
    ),
    "tiktok live in indonesian": (
        "Rentang Tanggal: 2026-07-01 - 2026-07-31\n\"\"\n" + LIVE + "7,amy,2026/07/01/ 19:30,1jam 20menit,1300000,10,150,5.00%\n"
        "7,amy,2026/07/02/ 19:30,1jam,1200000,11,120,5.00%\n",
        "tiktok-live-analysis", "SELECT count(*), sum(gmv), sum(orders), sum(live_seconds) FROM daily", (2, 2500000.0, 21, 8400.0),
    ),
    "shop analytics below a title, its first header blank": (
        "Analitik toko 01/07/2026 - 02/07/2026\n\"\"\n,GMV,Pesanan,Pembeli,Produk terjual,Impresi produk,AOV\n"
        "01/07/2026,Rp4.500.000,100,90,120,21000,45000\n02/07/2026,Rp1.500.500,50,40,60,9000,30010\n",
        "tiktok-shop-analytics", "SELECT count(*), sum(gmv), sum(product_impressions) FROM daily", (2, 6000500.0, 30000),
    ),
    "the month above the days, the header again": (
        STATS + "01-07-2026-31-07-2026,2.870.500,41,0,0,0\n\n" + STATS + '01-07-2026,1.870.000,20,93.500,800,"2,50%"\n02-07-2026,1.000.500,21,47.643,700,"3,00%"\n',
        "shopee-shop-stats", "SELECT count(*), sum(sales), sum(orders), min(date) FROM daily", (2, 2870500, 41, "2026-07-01"),
    ),
    "products of a period": (
        ASIN + 'P1,C1,"Cream, 1,76 oz","1,128",209,18.53%,"$1,937.41"\nP1,C2,Soap,700,100,14.29%,$950.00\nP2,C3,Gel,350,35,10.00%,$35.50\n',
        "amazon-business-by-asin", "SELECT count(*), sum(sales), sum(sessions) FROM daily", (3, 2922.91, 2178),
    ),
    "price by quantity, remarks below": (
        "\n" + EBAY + "1,01-1,amy,31,W0,2,$9.99,Jul-01-26,Jul-01-26\n2,01-2,bo,32,W1,1,$5.50,Jul-02-26,Jul-03-26\n\n2,record(s) downloaded,from,Jul-01-26\nSeller ID : shop\n",
        "ebay-orders", "SELECT count(*), sum(gmv), max(date) FROM orders", (2, 25.48, "2026-07-02"),
    ),
    "order items month first": (
        ETSY + '07/01/26,"Mug, big",amy,2,6.25,12.50,USD,400,11,07/01/26,33,M\n07/01/26,Cup,amy,1,3.00,3.00,USD,401,12,07/01/26,33,M\n',
        "etsy-orders", "SELECT count(*), sum(gmv), sum(units) FROM orders", (2, 15.5, 3),
    ),
    "twitch days with weekdays": (
        "Date,Average Viewers,Max Viewers,Follows,Minutes Watched,Sub Revenue\nSat Aug 01 2026,3.2,7,3,12000,2.83\nSun Aug 02 2026,4.2,9,4,12100,3.00\n",
        "twitch-channel", "SELECT count(*), sum(minutes_watched), sum(sub_revenue), max(date) FROM daily", (2, 24100, 5.83, "2026-08-02"),
    ),
    "ads by day with a total": (
        META + '2026-07-01,2026-07-31,Sale,A,2026-07-01,"1,000.50",340,1.2\n2026-07-01,2026-07-31,Sale,B,2026-07-01,80.25,100,1.1\n,,Total,,,1080.75,440,\n',
        "meta-ads", "SELECT count(*), sum(spend), sum(impressions), max(ad) FROM daily", (2, 1080.75, 440, "B"),
    ),
    "ads with a counted total": (
        'By Day,Campaign name,Ad name,Cost,Impressions,Clicks (destination),CTR (destination),Currency\n2026-07-01,W,U 0,"1,234.50",12000,180,1.50%,USD\n'
        '2026-07-01,W,U 1,10.50,1000,15,1.50%,USD\nTotal of 2 results,-,-,"1,245.00",13000,195,1.50%,USD\n',
        "tiktok-ads", "SELECT count(*), sum(cost), sum(clicks) FROM daily", (2, 1245.0, 195),
    ),
    "two pages in one UTF-16 file": (
        ('sep=,\n"Facebook reach"\n"Date","Facebook reach"\n"2026-07-01T00:00:00","10"\n"2026-07-02T00:00:00","11"\n\n"Instagram reach"\n'
         '"Date","Instagram reach"\n"2026-07-01T00:00:00","900"\n"2026-07-02T00:00:00","950"\n').encode("utf-16"),
        None, "SELECT count(*), sum(facebook_reach), sum(instagram_reach) FROM daily", (2, 21, 1850),
    ),
    "posts of a lifetime": (
        'Post ID,Account username,Description,Publish time,Post type,Date,Views,Likes\n1,shop_a,"Line one,\nline two",03/01/2026 09:48,IG reel,Lifetime,52,3\n2,shop_a,x,03/13/2026 10:00,IG image,Lifetime,40,1\n',
        "meta-posts", "SELECT count(*), sum(views), min(published_at), max(source) FROM videos", (2, 92, "2026-03-01T09:48:00Z", "shop_a"),
    ),
    "search console": (
        "Date,Clicks,Impressions,CTR,Position\n2026-07-02,60,3500,1.71%,20.1\n2026-07-01,63,3510,1.79%,20.3\n",
        "search-console", "SELECT sum(clicks), sum(impressions), max(position) FROM daily", (123, 7010, 20.3),
    ),
    "tables of nth days": (
        "# ---\n# Shop\n# 20260301-20260331\n# ---\n\nNth day,Active users\n0000,300\n0001,301\n\n\nNth day,New users\n0000,120\n0001,121\n",
        None, "SELECT min(date), count(*), sum(active_users), sum(new_users) FROM daily", ("2026-03-01", 2, 601, 241),
    ),
    "channels below their total": (
        GA4 + f"{CHANNEL},Date,Sessions,Engaged sessions,Engagement rate,Total revenue\n,,730,438,0.6,27.00\nOrganic,20260701,400,240,0.6,20.00\n"
        "Direct,20260701,300,180,0.6,5.00\nDirect,20260702,30,18,0.6,2.00\n",
        "ga4-acquisition", "SELECT count(*), sum(sessions), sum(revenue) FROM daily", (3, 730, 27),
    ),
    "events of a period": (
        GA4 + "Event name,Event count,Total users,Event count per user\npage_view,1290,290,4.45\nscroll,239,100,2.39\n",
        "ga4-events", "SELECT max(date), sum(event_count) FROM daily", ("2026-07-03", 1529),
    ),
    "semicolons and commas": ('date;orders;gross\n2026-01-01;5;"1.234,56"\n2026-01-02;6;22,3\n2026-01-03;7;1,20\n', None, "SELECT sum(gross) FROM daily", (1258.06,)),
    "points between thousands of rupiah": (
        "order_id,ordered_at,paid_at,market,gmv\nA,2026-01-01,2026-01-01,ID,189.950\nB,2026-01-02,2026-01-02,ID,1.250.000\n",
        None, "SELECT sum(gmv) FROM orders", (1439950.0,),
    ),
    "videos by their thumbnails": (
        "Videos,Videotitel,Veröffentlichungszeitpunkt des Videos,Dauer,Aufrufe,Thumbnail-Impressionen,Wiedergabezeit (Stunden)\nGesamt,,,,650,9000,12.5\n"
        'abc,Eins,"Aug 19, 2025",400,400,5000,8\nabd,Zwei,"Aug 20, 2025",240,250,4000,4.5\n',
        "youtube-studio-table", "SELECT count(*), sum(views), sum(impressions), sum(watch_seconds) FROM videos", (2, 650, 9000, 45000.0),
    ),
    "videos in german": (
        YOUTUBE_DE + 'Ge\u00adsamt,,,650,12.5\nabc,Eins,"Aug 19, 2025",400,8\nabd,Zwei,,240,4\nDie 500 besten Ergebnisse werden angezeigt\n',
        "youtube-studio-table", "SELECT count(*), sum(views), sum(published_at IS NULL), sum(watch_seconds) FROM videos", (2, 640, 1, 43200.0),
    ),
    "payments": (
        "Created date (UTC);Amount;Currency;Captured;Fee;Status;Customer ID\n2026-07-01 00:10:00;9.00;eur;TRUE;0.5;Paid;c0\n2026-07-01 00:11:00;9.00;eur;TRUE;0.5;Paid;c0\n",
        "stripe-payments", "SELECT count(*), sum(gmv) FROM orders", (2, 18.0),
    ),
    "buddhist years": ("date,orders\n1/1/2569,100\n13/1/2569,50\n", None, "SELECT min(date), sum(orders) FROM daily", ("2026-01-01", 150)),
    "followers are a level": (
        "Date,Followers,Difference in followers from previous day\n2026-07-01,100,3\n2026-07-02,98,-2\n",
        "tiktok-studio-followers", "SELECT sum(new_followers), max(followers) FROM daily", (1, 100.0),
    ),
    "lazada items": (
        "orderItemId,orderNumber,sellerSku,createTime,paidPrice,shippingCountry\n1,77,S,01 Jul 2026 10:00,12.50,MY\n2,77,S,01 Jul 2026 10:00,12.50,MY\n",
        "lazada-orders", "SELECT count(*), sum(gmv), sum(units), max(date) FROM orders", (2, 25.0, 2, "2026-07-01"),
    ),
    "woocommerce lines": (
        "Order Number,Order Status,Order Date,SKU,Quantity,Order Line Total\n5,completed,2026-07-01 10:00,S,2,20.50\n5,completed,2026-07-01 10:00,T,1,5.00\n",
        "woocommerce-orders", "SELECT count(*), sum(gmv), sum(units) FROM orders", (2, 25.5, 3),
    ),
    "shopify analytics": ("Day,Orders,Net sales\n2026-07-01,3,30.5\n2026-07-02,2,20\n", "shopify-analytics", "SELECT sum(orders), sum(net_sales) FROM daily", (5, 50.5)),
    "shopee ads in a period": (
        "Nama Iklan,Status,Dilihat,Jumlah Klik,Persentase Klik,Omzet Penjualan,Biaya,ROAS\nA,Aktif,1000,10,\"1,00%\",150.000,12.500,\"12,0\"\n",
        "shopee-ads", "SELECT sum(impressions), sum(ad_gmv), sum(cost) FROM daily", (1000, 150000, 12500),
    ),
    "viewers": ("Date,Total Viewers,New Viewers,Returning Viewers\n2026-07-01,9,4,5\n2026-07-02,8,4,4\n", "tiktok-studio-viewers", "SELECT sum(total_viewers) FROM daily", (17,)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_real_shape_gives_the_figures_counted_by_hand(tmp_path: Path, name: str) -> None:
    text, preset, sql, expected = CASES[name]
    report = loads(tmp_path, text)
    assert {(file.preset, file.rejected) for file in report.files} == {(preset, 0)}
    assert figures(tmp_path, sql) == tuple(
        pytest.approx(value) if isinstance(value, float) else value for value in expected
    )


def test_returns_are_refunds_and_no_sales(tmp_path: Path) -> None:
    lines = "100,A,6,2026-07-01 08:20,2.50,17850.0,France\n100,A,3,2026-07-01 08:20,2.50,17850.0,France\n"
    back = "C100,A,-1,2026-07-02 09:00,2.50,17850.0,France\n"
    report = loads(
        tmp_path, "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n" + lines + back + lines
    )
    assert (report.files[0].preset, report.files[0].accepted, report.files[0].copies) == ("invoice-lines", 3, 2)
    with Workspace.open(tmp_path / "w.db") as workspace:
        cube = workspace.cube(
            ["orders", "units", "gmv", "paid_orders", "refunded_orders", "refund_amount"], workspace.span
        )
        totals = {name: cube.daily(name).sum() for name in sorted(cube.measures)}
    assert totals == {
        "orders": 2,
        "units": 9,
        "gmv": 22.5,
        "paid_orders": 2,
        "refunded_orders": 1,
        "refund_amount": 2.5,
    }


def test_a_rate_is_a_ratio_of_its_parts_or_in_no_total(tmp_path: Path) -> None:
    text = table(
        "date,plan,fact,done_rate,position",
        6,
        lambda n, day: f"{day},{100 + n},{(100 + n) * (9 if n < 3 else 6) / 10},{90 if n < 3 else 60}%,{n}.5",
    )
    report = loads(tmp_path, text)
    assert report.files[0].notes[0] == "done_rate is computed as fact / plan"
    assert "position" in report.files[0].notes[1]
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == {"plan", "fact"}
        rate = workspace.metric("done_rate")
        assert (rate.formula, workspace.metric("Done Rate").key) == ("fact / plan", "done_rate")
    assert figures(tmp_path, "SELECT position FROM daily ORDER BY date") == (0.5,)


def test_studio_days_end_by_the_day_that_is_named(tmp_path: Path) -> None:
    text = STUDIO + '"December 31","5","1","1","-1","0"\n"January 1","6","1","1","2","0"\n'
    loads(tmp_path, text, day=parse_day("2025-01-02"))
    assert figures(tmp_path, "SELECT min(date), max(date), sum(comments) FROM daily") == ("2024-12-31", "2025-01-01", 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,amount\n2026-01-01,1.250\n2026-01-02,2.500\n", r"--decimal , \(it is 1250\)"),
        ("Date,Sales\n7/1/2026,5\n7/2/2026,6\n", "--date-order dmy"),
        ("name,sales\na,5\nb,6\n", "--day"),
        ("date,note,seen\n2026-01-01,x,4\n2026-01-01,x,5\n", "lines 2 and 3 have the same day and slice"),
        ("Order Number,Purchased at,Quantity,Total\nA,2026-07-01,1,5\n", "look like orders"),
    ],
)
def test_what_cannot_be_known_is_refused_with_the_flag(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        loads(tmp_path, text)


def test_columns_of_words_tell_rows_apart(tmp_path: Path) -> None:
    text = "date,campaign,note,spend\n2026-07-01,A,n1,1\n2026-07-01,B,n1,2\n2026-07-02,A,n2,4\n"
    report = loads(tmp_path, text)
    assert report.files[0].dimensions == ("campaign",)
    assert "sliced by campaign" in report.files[0].notes[0]
    single = "date,campaign,note,spend\n2026-07-03,A,n1,8\n"
    assert loads(tmp_path, single, "b.csv").files[0].dimensions == ("campaign",)
    assert figures(tmp_path, "SELECT count(DISTINCT campaign), sum(spend), sum(campaign IS NULL) FROM daily") == (
        2,
        15,
        0,
    )


def test_dimensions_that_an_earlier_load_lacked_are_refused(tmp_path: Path) -> None:
    loads(tmp_path, "date,campaign,spend\n2026-07-01,A,1\n")
    with pytest.raises(UsageError, match="--dimension campaign"):
        loads(tmp_path, "date,campaign,spend\n2026-07-01,A,1\n2026-07-01,B,2\n", "b.csv")


def test_two_systems_never_overwrite_each_other(tmp_path: Path) -> None:
    loads(tmp_path, STUDIO + "2026-07-01,100,1,1,1,1\n2026-07-02,200,1,1,1,1\n")
    loads(tmp_path, "Date,LIKES,Views\n2026-07-01,3,5\n2026-07-02,4,6\n", "b.csv")
    for shop in ("north", "south"):
        loads(tmp_path, "Date,Likes,views\n2026-07-01,10,20\n", f"{shop}.csv", source=shop)
    assert figures(tmp_path, "SELECT sum(views), sum(likes), count(DISTINCT source) FROM daily") == (351, 29, 3)
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert "source" in workspace.dimensions


def test_files_of_one_load_do_not_replace_each_other(tmp_path: Path) -> None:
    for name, orders in (("a", 1), ("b", 2), ("c", 1)):
        (tmp_path / f"{name}.csv").write_text(table("date,orders", 3, lambda n, day, orders=orders: f"{day},{orders}"))  # type: ignore[misc]
    from core.workspace.write.load import load

    report = load(tmp_path / "w.db", [tmp_path / f"{name}.csv" for name in "abc"])
    assert report.refused is not None
    assert "b.csv: gives other figures than another file of this load" in report.refused
    assert [file.unchanged for file in report.files] == [0, 3]
    for name, gmv in (("old", 5), ("new", 6)):
        (tmp_path / f"{name}.csv").write_text(f"order_id,ordered_at,gmv\no1,2026-07-01,{gmv}\n")
    refused = load(tmp_path / "o.db", [tmp_path / "new.csv", tmp_path / "old.csv"]).refused
    assert "another file of this load for the same orders (1 row, 1 Jul 2026)" in (refused or "")
    corrected = load(tmp_path / "w.db", [tmp_path / "b.csv"]).files[0]
    assert (corrected.replaced, corrected.added) == (3, 0)
    assert corrected.notes[0].startswith(
        "3 of 3 rows replaced other figures of the same source; if they are of another shop"
    )


def test_another_measure_of_the_same_days_replaces_nothing(tmp_path: Path) -> None:
    loads(tmp_path, "date,orders\n2026-07-01,1\n")
    assert loads(tmp_path, "date,returned\n2026-07-01,2\n", "b.csv").files[0].replaced == 0
    assert figures(tmp_path, "SELECT count(*), sum(orders), sum(returned) FROM daily") == (1, 1, 2)


def test_nothing_accepted_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    text = table("date,market,impressions", 5, lambda n, day: f"{day},ID,many")
    report = loads(tmp_path, text, as_kind="traffic")
    assert report.refused is not None
    assert "all 5 rows were refused (impressions: not a whole number" in report.refused
    (fault,) = report.files[0].faults
    assert (fault.rows, fault.lines) == (5, (2, 3, 4))


def test_hours_are_a_dimension_of_their_days(tmp_path: Path) -> None:
    report = loads(tmp_path, "Hour,Orders\n2026070100,1\n2026070113,2\n2026070200,5\n")
    assert report.files[0].dimensions == ("hour",)
    assert figures(tmp_path, "SELECT sum(orders), max(hour) FROM daily WHERE date = '2026-07-01'") == (3, "13")


def test_sheets_of_a_workbook_are_read_or_named(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Queries"
    for sheet, lines in (
        (book.active, [["Top queries", "Clicks", "Impressions", "CTR", "Position"], ["cup", 5, 50, 0.1, 3.5]]),
        (
            book.create_sheet("Dates"),
            [["Date", "Clicks", "Impressions", "CTR", "Position"], [days(1)[0], 5, 50, 0.1, 3.5]],
        ),
        (book.create_sheet("Filters"), [["Filter", "Value"], ["Search type", "Web"]]),
    ):
        for line in lines:
            sheet.append(line)
    book.save(tmp_path / "console.xlsx")
    from core.workspace.write.load import load

    (file,) = load(tmp_path / "w.db", [tmp_path / "console.xlsx"]).files
    assert (file.preset, file.accepted) == ("search-console", 1)
    assert file.notes[0].startswith("left out: 'Queries'")


def test_a_file_of_other_columns_replaces_no_days_but_may_correct_some(tmp_path: Path) -> None:
    days = [f"2026-07-{day:02d}" for day in range(1, 9)]
    loads(tmp_path, "date,orders,visits\n" + "".join(f"{day},{at},7\n" for at, day in enumerate(days)))
    other = "Tag;orders;Kassen\n" + "".join(f"{day};{at + 50};3\n" for at, day in enumerate(days))
    with pytest.raises(UsageError, match="8 of its rows give other figures than .* and its columns are others"):
        loads(tmp_path, other, "till.csv")
    loads(tmp_path, other, "till.csv", source="till")
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (28 + 28 + 400, 16)
    wider = "date,orders,visits,leads\n" + "".join(f"{day},{at + 1},7,2\n" for at, day in enumerate(days))
    loads(tmp_path, wider, "wider.csv")  # the same system, with a column more
    assert figures(tmp_path, "SELECT sum(orders) FROM daily WHERE source IS NULL") == (36,)
