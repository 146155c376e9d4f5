# ruff: noqa: E501 - headers are as the systems write them
"""The shapes that known systems write: every trap that is known of each, as a small file."""

from pathlib import Path
from typing import Any

import pytest

from core.base.errors import UsageError
from core.ingest.presets import presets
from core.workspace.write.load import load
from tests.conftest import ROOT, SHARED, needs_shared
from tests.workspace.loading import loaded, rows, written

TIKTOK = "Order ID,Order Status,SKU ID,Quantity,SKU Subtotal After Discount,Order Amount,Order Refund Amount,Created Time,Paid Time,Country\n"
LIVE_ID = "Creator ID,Kreator,Nama panggilan,Waktu Live,Durasi,Penghasilan (Rp),Pesanan Dibuat,Pesanan Dibayar,Penjualan,Live Stream Dilihat,Produk Dilihat,Klik Produk,CTR\n"
LIVE_EN = "Creator ID,Creator,Nickname,Launched Time,Duration,Revenue (Rp),Products,Orders Created,Orders Paid,Unit Sales,Buyers,Average Price (Rp),CO rate,Viewers,Views,Product Impressions,Product Clicks\n"
SHOPEE = "No. Pesanan,Status Pesanan,Waktu Pesanan Dibuat,Waktu Pembayaran Dilakukan,Nama Produk,Nomor Referensi SKU,Harga Setelah Diskon,Jumlah,Total Pembayaran\n"
SHOPIFY = "Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount,Vendor\n"
SELLER_SIDE = "Order ID,Product ID,Product Name,SKU ID,Price,Payment Amount,Currency,Quantity,Order Status,Creator Username,Content Type,Est. standard commission payment,Time Created\n"
THAI = "หมายเลขคำสั่งซื้อ,ID ของ SKU,ชื่อสินค้า,รหัสสินค้า,ราคา,สินค้าที่ขายได้,รหัสร้านค้า,สกุลเงิน,ประเภทเนื้อหา,วันที่สั่งซื้อ\n"
CREATORS = "Creator name,{gmv},Refunds,Attributed orders,Affiliate items sold ,CTR,Product impressions\n"
PARTNER = "Date,Campaign ID,Creator name,Product ID,Livestream room ID,Creator LIVE-attributed GMV,Affiliate LIVE orders,Duration,LIVE views\n"
VIDEOS = "Video title,Video ID,Post date,Video link,Creator name,Product ID,Creator video-attributed GMV,Video-attributed orders,AOV,Avg. GMV per customer,Video-attributed items sold,Refunds,Items refunded,Est. commission,Est. flat fee,Video views,Likes,Comments,Shares,Video product impressions,Video product clicks,Completion rate,CTR,Engagement,Video GPM\n"
PRODUCTS_ZH = "商品名称,商品 ID,商品类目,达人归因 GMV,退款金额,达人归因成交件数,已退款的商品件数,归因订单数,商品曝光次数,商品点击量,商品点击率\n"
SHOPEE_AFFILIATE = "Order id,Order Status,Verified Status,Order Time,Item id,Model id,Affiliate Username,Purchase Value(Rp),Refund Amount(Rp),Qty,Item Brand Commission(Rp)\n"
PARTNER_VIDEO = "Date,Campaign ID,Campaign name,Creator name,Product ID,Shop ID,Video ID,Post time,Affiliate video-attributed GMV,Affiliate video orders,Duration,Video views,Creator-attributed items sold\n"
DASHES = "# ----------------------------------------\n"
ANALYTICS = "Page,Page Title,Source,Country,Device Category,Sessions,Avg. Time on Page,Bounce Rate,Page Views\n"

SHAPES = [
    # a description below the header, ids that end in TAB, an order's refund on each of its lines, day first by one cell
    (
        "tiktok-shop-orders",
        "\ufeff" + TIKTOK + "Platform unique order ID.,s,s,Quantity of SKU.,a,a,a,t,t,c\n"
        '58387\t,จัดส่งแล้ว,1\t,2,"1,234.50",2000,10,25/06/2026 13:03:57\t,25/06/2026 13:05:00\t,Thailand\n'
        "58387\t,จัดส่งแล้ว,2\t,1,765.50,2000,10,25/06/2026 13:03:57\t,,Thailand\n",
        "SELECT date, order_id, product_id, gmv, refund_amount, market FROM orders ORDER BY product_id",
        [("2026-06-25", "58387", "1", 1234.5, 10.0, "TH"), ("2026-06-25", "58387", "2", 765.5, None, "TH")],
    ),
    # month first and a twelve-hour clock
    (
        "tiktok-shop-orders",
        TIKTOK + "1,x,1,2,$5.00,$5.00,0,03/14/2026 10:00:00 PM,03/15/2026 12:00:00 AM,\n",
        "SELECT ordered_at, paid_at FROM orders",
        [("2026-03-14T22:00:00Z", "2026-03-15T00:00:00Z")],
    ),
    (
        "tiktok-affiliate-orders-seller",
        SELLER_SIDE + '1,9,Baju\tmerah,7,RM 10.00,"RM 1,234.56",MYR,2,Settled,amy,LIVE,RM 12.30,26/08/2026 11:00:00\n',
        "SELECT creator_id, channel, gmv, commission, currency FROM orders",
        [("amy", "live", 1234.56, 12.3, "MYR")],
    ),
    (
        "tiktok-affiliate-orders-creator",
        THAI + "1,7,เสื้อ,9,฿150.50,2,s1,THB,ไลฟ์,26/08/2026 11:00\n",
        "SELECT channel, gmv, seller_id FROM orders",
        [("live", 301.0, "s1")],
    ),
    # an old name of a column, a column name that ends in a space, definitions, amounts as text, `--` for nothing
    (
        "tiktok-creator-analysis",
        CREATORS.format(gmv="Affiliate-attributed GMV") + 'Name,The GMV brought,r,o,i,c,p\nc1,"$2,200.00",--,3,4,5.93%,1.2K\n',
        "SELECT creator_id, gmv, refund_amount, orders, units, impressions FROM daily",
        [("c1", 2200.0, None, 3, 4, 1200)],
    ),
    # two lines of preamble, a slash before the time, dots between thousands
    (
        "tiktok-live-analysis",
        "LIVE\n01/05/2023 - 31/05/2023\n" + LIVE_ID + "7,t,T,2023/05/12/ 19:30,1h39min,Rp154.530,3,2,2,200,1.200,60,12.34%\n",
        "SELECT date, creator_id, live_seconds, gmv, impressions FROM daily",
        [("2023-05-12", "7", 5940.0, 154530.0, 1200)],
    ),
    # the date is a range
    (
        "tiktok-partner-report",
        PARTNER + "2026-09-28-2026-09-29,c,n,p,r,Rp154.530,1,1m28s,5\n",
        "SELECT date, gmv, content_seconds FROM daily",
        [("2026-09-28", 154530.0, 88.0)],
    ),
    (
        "tiktok-studio-content",
        "Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views,Total play time,Average watch time\n"
        't,http://x,2026-01-05,1.2K,3,4,"18,400",0:09,11.5\n',
        "SELECT views, likes, watch_seconds FROM videos",
        [(18400, 1200, 9.0)],
    ),
    # dates saved again by a spreadsheet, month first or day first; a column twice; fewer subscribers than before
    (
        "youtube-studio-table",
        "Content,Video title,Video publish time,Watch time (hours),Subscribers,Watch time (hours)\n"
        "Total,,,0.75,-2,0.75\nabc,A,11/26/24,0.5,-3,0.5\nabd,B,3/4/25,0.25,1,0.25\n",
        "SELECT substr(published_at, 1, 10), video_id, watch_seconds, followers FROM videos ORDER BY 1",
        [("2024-11-26", "abc", 1800.0, -3), ("2025-03-04", "abd", 900.0, 1)],
    ),
    (
        "youtube-studio-totals",
        "Date,Views\n13-06-2025,5\n05-06-2025,6\n",
        "SELECT date, views FROM daily ORDER BY 1",
        [("2025-06-05", 6), ("2025-06-13", 5)],
    ),
    # shares of a group of viewers, no day
    (
        "youtube-studio-dimension",
        "Viewer age,Views (%),Average view duration,Average percentage viewed (%),Watch time (hours) (%)\n13–17 years,1.2,0:05:12,30.1,0.8\n",
        "SELECT viewer_age, views_percent FROM daily",
        [("13–17 years", 1.2)],
    ),
    # English, old and new columns
    (
        "tiktok-live-analysis",
        "LIVE\n01/05/2023\n" + LIVE_EN + '7,t,T,2023/05/12/ 19:30,1h 39min,"1.154.530",3,2,2,2,9,9,4%,50,60,200,12%\n',
        "SELECT date, creator_id, live_seconds, gmv, paid_orders, views, impressions, clicks FROM daily",
        [("2023-05-12", "7", 5940.0, 1154530.0, 2, 60, 200, 12)],
    ),
    (
        "tiktok-live-analysis",
        "Creator,Start time,Duration,Attributed GMV,Attributed orders,Views,LIVE impressions,Product clicks,Product impressions\n"
        "amy,2026-03-09 19:30,0s,$5.50,1,7,70,3,30\n",
        "SELECT date, live_seconds, gmv, orders, live_impressions FROM daily",
        [("2026-03-09", 0.0, 5.5, 1, 70)],
    ),
    (
        "tiktok-affiliate-orders-creator",
        "Order ID,SKU ID,Product name,Product ID,Price,Items sold,Items refunded,Shop code,Currency,Content Type,Est. standard commission,Order date\n"
        "1,7,Shirt,9,$150.50,2,0,s1,USD,Video,$3.01,08/26/2026 11:00\n",
        "SELECT date, channel, gmv, commission, seller_id FROM orders",
        [("2026-08-26", "video", 301.0, 3.01, "s1")],
    ),
    # Dutch: a dot between thousands, a comma before decimals
    (
        "google-analytics",
        DASHES + "# Alle websitegegevens\n# Kanalen\n# 20150701-20170831\n" + DASHES + "\n"
        'Default Channel Grouping,Sessies,Bouncepercentage,Transacties,Opbrengst\nDirect,2.546,"99,88%",0,"US$ 1.000,50"\n',
        "SELECT date, traffic_source, sessions, revenue FROM daily",
        [("2017-08-31", "Direct", 2546, 1000.5)],
    ),
    # definitions below the header, `--` for nothing, a rate over 100, one video with two products
    (
        "tiktok-video-analysis",
        VIDEOS + "The title,The id,The day,The link,Who,Which,GMV brought,o,a,a,i,r,r,c,f,v,l,c,s,p,p,c,c,e,g\n"
        "Hi,77,2026-07-02,http://x,amy,1,$1,200.50".replace("$1,200.50", '"$1,200.50"') + ",3,$1,$1,4,$10.00,1,$60.00,--,1.2K,5,6,7,2000,30,12%,105.93%,1%,$2\n"
        "Hi,77,2026-07-02,http://x,amy,2,--,--,--,--,--,--,--,--,--,800,5,6,7,20,3,12%,1%,1%,--\n",
        "SELECT date, video_id, creator_id, product_id, gmv, orders, refund_amount, video_views, impressions FROM daily ORDER BY product_id",
        [("2026-07-02", "77", "amy", "1", 1200.5, 3, 10.0, 1200, 2000), ("2026-07-02", "77", "amy", "2", None, None, None, 800, 20)],
    ),
    # Chinese, the product's id as a number
    (
        "tiktok-product-list",
        "2026-07-01 - 2026-07-31\n" + PRODUCTS_ZH + '衬衫,1729.0,服装,"¥2,200.00",¥10.00,4,1,3,"18,400",200,1.09%\n',
        "SELECT date, product_id, category, gmv, refund_amount, orders, units, impressions, clicks FROM daily",
        [("2026-07-31", "1729", "服装", 2200.0, 10.0, 3, 4, 18400, 200)],
    ),
    (
        "shopee-affiliate",
        SHOPEE_AFFILIATE + "24A,Completed,Verified,2026-07-01 10:00:00,9,,amy,189.950,0,2,9.497\n24A,Completed,Verified,2026-07-01 10:00:00,9,71,amy,Rp1.020.100,20.000,1,0\n",
        "SELECT product_id, creator_id, gmv, refund_amount, commission, currency, channel, market FROM orders ORDER BY gmv",
        [("9", "amy", 189950.0, 0.0, 9497.0, "IDR", "affiliate", "ID"), ("71", "amy", 1020100.0, 20000.0, 0.0, "IDR", "affiliate", "ID")],
    ),
    (
        "tiktok-partner-report",
        PARTNER_VIDEO + "2026-09-28-2026-09-28,c,n,amy,p,s,v,2026-09-01,Rp154.530,1,19s,5,2\n",
        "SELECT date, gmv, orders, units, content_seconds FROM daily",
        [("2026-09-28", 154530.0, 1, 2, 19.0)],
    ),
    ("tiktok-studio-overview", "Date,Video Views,Profile Views,Likes\n2026-01-05,1.2K,3,4\n", "SELECT views, likes FROM daily", [(1200, 4)]),
    # the order's total repeats on each line: the lines count
    (
        "shopee-orders",
        SHOPEE + "A1,Selesai,2026-07-01 10:00,2026-07-01 10:05,Baju,,189.950,2,400.000\nA1,Selesai,2026-07-01 10:00,,Topi,T1,20.100,1,400.000\n",
        "SELECT product_id, gmv FROM orders ORDER BY gmv",
        [("T1", 20100.0), ("Baju", 379900.0)],
    ),
    # only the first line of an order has what belongs to the order; its refund counts once; days are those of the shop
    (
        "shopify-orders",
        SHOPIFY + "#1,a@b.c,paid,2026-05-14 11:23:45 +0100,GBP,30,2026-05-14 11:20:00 +0100,2,Shirt,10.00,S1,5,Acme\n#1,a@b.c,,,,,,1,Hat,10.00,H1,,Acme\n",
        "SELECT product_id, gmv, paid_at, refund_amount, currency FROM orders ORDER BY product_id",
        [("H1", 10.0, "2026-05-14T11:23:45Z", None, "GBP"), ("S1", 20.0, "2026-05-14T11:23:45Z", 5.0, "GBP")],
    ),
    # a preamble that gives the period, thousands in quotes
    (
        "google-analytics",
        DASHES + "# All Web Site Data\n# Audience Overview\n# 20150701-20170831\n" + DASHES + "\n" + ANALYTICS
        + '/a,A,google,Netherlands,mobile,"1,701",00:01:11,32.30%,"2,000"\n',
        "SELECT date, page, device, sessions, page_views FROM daily",
        [("2017-08-31", "/a", "mobile", 1701, 2000)],
    ),
    # soft hyphens in the header, a row of totals, month names
    (
        "youtube-studio-table",
        "Content,Video title,Video publish time,Duration,Com\u00adments ad\u00added,Im\u00adpres\u00adsions click-through rate (%),Views\n"
        'Total,,,,8,1.68,30\nabc,A,"Sep 29, 2025",60,8,,30\n',
        "SELECT substr(published_at, 1, 10), video_id, comments, views FROM videos",
        [("2025-09-29", "abc", 8, 30)],
    ),
    (
        "youtube-studio-chart",
        "Date,Content,Video title,Video publish time,Duration,Engaged views\n2025-06-13,abc,A,\"Sep 29, 2025\",60,5\n",
        "SELECT date, content, engaged_views FROM daily",
        [("2025-06-13", "abc", 5)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("preset", "text", "sql", "expected"),
    SHAPES,
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_a_known_shape_is_recognised_and_read(
    tmp_path: Path, preset: str, text: str, sql: str, expected: list[Any]
) -> None:
    report = loaded(tmp_path / "w.db", written(tmp_path, "export.csv", text))
    assert (report.preset, report.rejected) == (preset, 0)
    assert rows(tmp_path / "w.db", sql) == expected


def test_a_workbook_with_sections(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["01/07/2026 - 31/07/2026"], [], [None, None, "All", None, None, "Affiliate"],
        ["Product ID", "Product Name", "GMV", "SKU orders", "Product impressions", "GMV"],
        [1729.0, "x", "Rp1.234.567", 3, 10, "Rp1.000"],
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "compass.xlsx")
    assert loaded(tmp_path / "w.db", tmp_path / "compass.xlsx").preset == "tiktok-product-analysis"
    assert rows(tmp_path / "w.db", "SELECT date, product_id, gmv, orders, affiliate_gmv FROM daily") == [
        ("2026-07-31", "1729", 1234567.0, 3, 1000)
    ]


def test_a_workbook_of_orders_below_its_descriptions(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "OrderSKUList"
    header = TIKTOK.strip().split(",")
    book.active.append(header)
    book.active.append(["Platform unique order ID.", *["What it is."] * (len(header) - 1)])
    book.active.append(["584\t", "Dikirim", "1.0", 2, "Rp154.530", 0, 0, "25/06/2026 13:03:57\t", "", "Indonesia"])
    book.save(tmp_path / "orders.xlsx")
    assert loaded(tmp_path / "w.db", tmp_path / "orders.xlsx").preset == "tiktok-shop-orders"
    assert rows(tmp_path / "w.db", "SELECT order_id, product_id, gmv, currency, market FROM orders") == [
        ("584", "1", 154530.0, "IDR", "ID")
    ]


def test_the_day_of_a_list_is_in_its_name(tmp_path: Path) -> None:
    text = CREATORS.format(gmv="Creator-attributed GMV") + "amy,$5.50,--,1,1,5.93%,20\n"
    loaded(tmp_path / "w.db", written(tmp_path, "Transaction_Analysis_Creator_List_20260724-20260730.csv", text))
    assert rows(tmp_path / "w.db", "SELECT date, gmv FROM daily") == [("2026-07-30", 5.5)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TIKTOK + "1,x,1,2,5,5,0,03/04/2026 13:03:57,,\n", "--date-order"),
        (TIKTOK + "1,x,1,2,5,5,0,25/04/2026,,\n2,x,1,2,5,5,0,03/14/2026,,\n", "Some dates have the day first"),
        (TIKTOK.replace("Quantity", "Qty") + "1,x,1,2,5,5,0,25/04/2026,,\n", "'Quantity'"),
        (CREATORS.format(gmv="Creator-attributed GMV") + "c,1.234,--,1,1,--,5\n", "--decimal"),
    ],
)
def test_what_cannot_be_known_is_asked(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        load(tmp_path / "w.db", [written(tmp_path, "export.csv", text)])


def test_the_answer_decides(tmp_path: Path) -> None:
    export = written(tmp_path, "export.csv", TIKTOK + "1,x,1,2,5,5,0,03/04/2026,,\n")
    loaded(tmp_path / "d.db", export, date_order="dmy")
    loaded(tmp_path / "m.db", export, date_order="mdy")
    assert rows(tmp_path / "d.db", "SELECT date FROM orders") == [("2026-04-03",)]
    assert rows(tmp_path / "m.db", "SELECT date FROM orders") == [("2026-03-04",)]


def test_an_export_that_is_not_known_is_told_what_it_lacks(tmp_path: Path) -> None:
    text = "order_id,buyer_id,gmv,units\n1,b,5,1\n"
    with pytest.raises(UsageError, match="Nearest is the kind orders, which also has ordered_at"):
        load(tmp_path / "w.db", [written(tmp_path, "a.csv", text)])
    with pytest.raises(UsageError, match="Nearest is the preset tiktok-shop-orders, which also has Created Time"):
        load(
            tmp_path / "w.db",
            [written(tmp_path, "b.csv", TIKTOK.replace("Created Time", "Made") + "1,x,1,2,5,5,0,x,,\n")],
        )


YOUTUBE = {
    "Totals.csv": "Date,Views\n2025-06-13,5\n",
    "Chart data.csv": 'Date,Content,Video title,Video publish time,Duration,Views\n2025-06-13,abc,A,"Jun 1, 2025",60,5\n',
    "Chart data 2.csv": "Date,Subscription status,Views\n2025-06-13,SUBSCRIBED,5\n",
}


@pytest.mark.parametrize("second", list(YOUTUBE)[1:])
def test_the_same_figures_in_another_cut_are_said(tmp_path: Path, second: str) -> None:
    first, *_ = (name for name in YOUTUBE if name != second)
    assert not loaded(tmp_path / "w.db", written(tmp_path, first, YOUTUBE[first])).notes[1:]
    notes = loaded(tmp_path / "w.db", written(tmp_path, second, YOUTUBE[second])).notes
    assert f"the same figures as {tmp_path / first}" in notes[-1]
    assert loaded(tmp_path / "w.db", written(tmp_path, "more.csv", YOUTUBE[first].replace("-13", "-14"))).preset


def test_a_second_chart_by_something_else_is_said(tmp_path: Path) -> None:
    for name in ("Chart data.csv", "Chart data 2.csv"):
        notes = loaded(tmp_path / "w.db", written(tmp_path, name, YOUTUBE[name])).notes
    assert "in another cut" in notes[-1]


def test_an_export_as_long_as_a_systems_limit_is_said(tmp_path: Path) -> None:
    text = "date,market,clicks\n" + "".join(f"2026-01-01,m{n},1\n" for n in range(500))
    assert "exactly 500 rows" in loaded(tmp_path / "w.db", written(tmp_path, "a.csv", text)).notes[0]


def test_every_preset_says_what_it_is() -> None:
    for name, mapping in presets().items():
        assert mapping.recognised_by or mapping.parts, name


@needs_shared
@pytest.mark.slow
def test_public_files_give_the_figures_that_are_known_of_them(olist: Path, tmp_path: Path) -> None:
    assert SHARED is not None
    db = olist
    presets = {preset for (preset,) in rows(db, "SELECT preset FROM loads")}
    assert presets >= {"olist", "olist-reviews", "olist-products", "olist-sellers"}
    by_day = "SELECT count(*) FROM orders WHERE sample = 'first10k' AND date BETWEEN '{}' AND '{}'"
    assert rows(db, by_day.format("2017-11-24", "2017-11-26")) == [(225,)]
    assert rows(db, by_day.format("2017-12-01", "2017-12-03")) == [(84,)]
    assert rows(db, by_day.format("2018-08-29", "2018-09-25")) == [(6,)]
    late = "SELECT sum(delivered_at > promised_by), count(*) FROM orders WHERE delivered_at IS NOT NULL AND sample LIKE 'first%' AND substr(paid_at, 1, 10) BETWEEN '{}' AND '{}'"
    assert rows(db, late.format("2018-01-08", "2018-01-31")) == [(75, 1139)]
    assert rows(db, late.format("2018-02-19", "2018-03-15")) == [(271, 1179)]
    loaded(tmp_path / "payments.db", SHARED / "data" / "olist" / "olist_order_payments_dataset.csv.gz")
    assert round(rows(tmp_path / "payments.db", "SELECT sum(payment_value) FROM daily")[0][0], 2) == 16_008_872.12


@needs_shared
@pytest.mark.parametrize("folder", ["fb_live_sellers", "online_shoppers", "tiktok_shop", "youtube_studio"])
def test_public_files_are_recognised(tmp_path: Path, folder: str) -> None:
    assert SHARED is not None
    report = load(tmp_path / "w.db", [SHARED / "data" / folder])
    assert not [line for line in report.skipped if "--source" not in line]  # several channels are several sources
    assert all(one.preset and not one.rejected for one in report.files)


def test_live_sellers_give_the_figures_that_are_known_of_them(tmp_path: Path) -> None:
    live = ROOT / "fixtures" / "fb_live_sellers"
    db = tmp_path / "w.db"
    loaded(db, live / "Live.csv.gz", mapping=live / "mapping.toml")
    total = "SELECT sum({}) FROM daily WHERE date BETWEEN '{}' AND '{}'"
    assert rows(db, total.format("comments", "2017-04-01", "2017-06-30")) == [(2237,)]
    assert rows(db, total.format("comments", "2017-07-01", "2017-09-30")) == [(354_776,)]
    assert rows(db, total.format("reactions", "2015-10-01", "2015-12-31")) == [(99_699,)]
    assert rows(db, total.format("reactions", "2016-01-01", "2016-03-31")) == [(25_981,)]
    assert rows(db, "SELECT min(date) FROM daily WHERE loves > 0") == [("2016-02-24",)]
