"""The exports of one marketplace, named and written as its own programs do: read with no flag, as the contract's are."""

import sqlite3
from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.ingest.own_words.order_parts import order_parts
from core.workspace.write.load import load
from tests.ingest.own_words.test_bounds_of_guesses import read
from tests.ingest.shapes import figures, loads

TRAFFIC = {
    "en": "Date,Country/Region,Sales Channel,Creator ID,Shop ID,Product Category,"
    "Buyer Type,Device Type,Product Impressions,Product Clicks,Product Views,Adds to cart",
    "de": "Datum,Markt,Kanal,Creator-ID,Händler-ID,Produktkategorie,"
    "Kundentyp,Gerät,Impressionen,Klicks,Produktaufrufe,In den Warenkorb gelegt",
    "es": "Fecha,País,Canal,Creador,Vendedor,Categoría,"
    "Tipo de cliente,Dispositivo,Impresiones,Clics,Vistas de producto,Añadidos al carrito",
    "pt": "Data,Mercado,Canal,ID do criador,Vendedor,Categoria,"
    "Tipo de cliente,Dispositivo,Impressões,Cliques,Visualizações do produto,Adições ao carrinho",
    "id": "Tanggal,Negara,Kanal,Kreator,Penjual,Kategori,"
    "Tipe Pelanggan,Perangkat,Tayangan,Klik,Kunjungan Produk,Tambah ke Keranjang",
    "nl": "Datum,Land,Kanaal,Creator,Verkoper,Categorie,"
    "Klanttype,Apparaat,Vertoningen,Klikken,Productweergaven,Toegevoegd aan winkelwagen",
    "zh": "日期,国家/地区,渠道,达人ID,店铺ID,商品类目,用户类型,设备,曝光量,点击量,商品浏览量,加购数",
    "ja": "日付,国,チャネル,クリエイターID,店舗ID,カテゴリ,"
    "顧客タイプ,デバイス,表示回数,クリック数,商品閲覧数,カート追加数",
}


@pytest.mark.parametrize("language", TRAFFIC)
def test_traffic_of_creators_is_sliced_as_orders_are(tmp_path: Path, language: str) -> None:
    """Ten days of two creators; the country of each row follows from its creator, and is kept all the same."""
    rows = "".join(
        f"2026-07-{1 + at // 2:02},{('ID', 'TH')[at % 2]},live,c{at % 2},s1,toys,{('new', 'old')[at % 2]},-,"
        f"{100 + at},{10 + at},{5 + at},{at}\n"
        for at in range(20)
    )
    (file,) = loads(tmp_path, f"{TRAFFIC[language]}\n{rows}").files
    assert (file.kind, file.added) == ("traffic", 20)
    counted = "SELECT sum(impressions), sum(clicks), sum(detail_views), sum(add_to_carts), count(device) FROM traffic"
    assert figures(tmp_path, counted) == (2000 + 190, 200 + 190, 100 + 190, 190, 0)
    first = "market = 'ID' AND creator_id = 'c0' AND user_segment = 'new'"
    sliced = f"SELECT sum(impressions), max(channel), max(seller_id), max(category) FROM traffic WHERE {first}"
    assert figures(tmp_path, sliced) == (1000 + 90, "live", "s1", "toys")


@pytest.mark.parametrize(
    "header", ["Date,Country,Campaign,Impressions,Clicks", "Tanggal,Kreator,Campaign,Tayangan,Klik"]
)
def test_rows_of_totals_are_no_traffic_of_their_own(tmp_path: Path, header: str) -> None:
    """Eight days of two campaigns and both: 100 and 200 views a day."""
    of_all = (("A", 100), ("B", 200), ("Total", 300))
    rows = "".join(
        f"2026-07-0{day},{who},{name},{day * views},{day * views // 10}\n"
        for day in range(1, 9)
        for who in ("TH", "ID")
        for name, views in of_all
    )
    (file,) = loads(tmp_path, f"{header}\n{rows}").files
    assert (file.kind, file.added) == ("traffic", 32)
    assert figures(tmp_path, "SELECT sum(impressions), sum(clicks) FROM traffic") == (2 * 36 * 300, 2 * 36 * 30)


def test_totals_that_an_earlier_file_counted_as_traffic_are_not_left_out_of_a_later_one(tmp_path: Path) -> None:
    """One total that is no sum shows nothing; eight that are sums do."""

    def days(which: range, extra: int) -> str:
        of_all = (("A", 100), ("B", 200), ("Total", 300 + extra))
        rows = (f"2026-07-0{day},TH,{name},{day * views},{day}\n" for day in which for name, views in of_all)
        return "Date,Country,Campaign,Impressions,Clicks\n" + "".join(rows)

    loads(tmp_path, days(range(1, 2), 1), "one.csv")
    with pytest.raises(UsageError, match="its rows of 'Total' are the sums of all others"):
        loads(tmp_path, days(range(2, 10), 0), "two.csv")


def test_figures_that_are_no_steps_to_an_order_are_days_of_figures(tmp_path: Path) -> None:
    rows = "".join(f"2026-07-0{at},ID,c{at},{at}00,{at}0,{at}.50\n" for at in range(1, 9))
    (file,) = loads(tmp_path, f"Date,Country,Creator ID,Impressions,Clicks,Cost\n{rows}").files
    assert (file.kind, file.added) == ("daily", 8)


def test_reports_of_other_systems_are_no_youtube_charts(tmp_path: Path) -> None:
    """Day, device and impressions are in the reports of many."""
    rows = "".join(
        f"2026-07-0{at},{'ID' if at % 2 else 'TH'},live,c{at},s{at},web,{at}00,{at}0\n" for at in range(1, 9)
    )
    (file,) = loads(tmp_path, f"Day,Market,Channel,Creator ID,Seller,Device Type,Impressions,Clicks\n{rows}").files
    assert (file.kind, file.preset) == ("traffic", None)


@pytest.mark.parametrize("blank", ["-", "--", "N/A", "n/a", "\\N", "NULL"])
def test_marks_of_nothing_are_no_creators(tmp_path: Path, blank: str) -> None:
    rows = "".join(f"o{at},2026-07-0{at},{at}.00,{'ann' if at < 4 else blank},{blank}\n" for at in range(1, 9))
    loads(tmp_path, f"order_id,ordered_at,gmv,creator_id,refund_reason\n{rows}")
    assert figures(tmp_path, "SELECT count(creator_id), count(refund_reason), sum(gmv) FROM orders") == (3, 0, 36)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Fecha de entrega estimada", "promised_by"),
        ("Delivery completed on", "delivered_at"),
        ("Estimasi Tanggal Pengiriman Tiba", "promised_by"),
        ("Batas Waktu Pengiriman Pesanan", "ship_by"),
        ("出荷予定日", "ship_by"),
        ("出荷完了日時", "shipped_at"),
        ("Date d'annulation", "cancelled_at"),
        ("Дата возврата средств", "refunded_at"),
        ("Payment due date", None),
        ("Payment failed at", None),
        ("Payout date", None),
        ("Refund requested on", None),
        ("Wunschliefertermin", None),
        ("配達希望日", None),
        ("Updated", None),
    ],
)
def test_days_of_an_order_are_known_by_parts_of_their_names(name: str, target: str | None) -> None:
    columns, _ = read(f"{name},Order\n2026-07-01,a\n-,b")
    assert order_parts(columns, ()) == ({} if target is None else {target: name})


def test_a_day_that_every_order_has_is_a_plan() -> None:
    columns, _ = read("Delivery Date,Order\n2026-07-01,a\n2026-07-09,b")
    assert order_parts(columns, ()) == {}


def test_of_two_days_that_are_called_alike_none_is_taken() -> None:
    columns, _ = read("Delivery note,Delivery,Refund total,Refund count\n2026-07-01,2026-07-02,1.50,1")
    assert order_parts(columns, ()) == {"refund_amount": "Refund total"}


def test_days_that_are_open_are_read_as_those_of_the_other_files(tmp_path: Path) -> None:
    """All accounts joined on 1 June, or on 6 January: the orders next to them have the month first."""
    orders = "".join(f"o{at},07/{at}/2026 10:00,{at}.00\n" for at in range(10, 20))
    (tmp_path / "orders.csv").write_text(f"order_id,ordered_at,gmv\n{orders}")
    accounts = "".join(f"c{at},p{at},06/01/2025\n" for at in range(3))
    (tmp_path / "creators.csv").write_text(f"creator_id,person_id,joined_on\n{accounts}")
    report = load(tmp_path / "w.db", [tmp_path / "creators.csv", tmp_path / "orders.csv"])
    (notes,) = (file.notes for file in report.files if file.kind == "creators")
    assert (
        "its dates are read month first, as those of the other files are; if that is wrong, use --date-order dmy"
        in notes
    )
    with sqlite3.connect(tmp_path / "w.db") as connection:
        assert connection.execute("SELECT DISTINCT joined_on FROM creators").fetchall() == [("2025-06-01",)]


def test_files_of_two_systems_are_each_read_in_their_own_order(tmp_path: Path) -> None:
    """Orders of 10 to 19 July, the month first; visits of four days of July, the day first, or of the 7th of four months: nobody
    counts those. That the day is first, as is then said, holds for the visits alone.
    """
    orders = "".join(f"o{at},07/{at}/2026 10:00,{at}.00\n" for at in range(10, 20))
    (tmp_path / "orders.csv").write_text(f"order_id,ordered_at,gmv\n{orders}")
    visits = "".join(f"0{day}/07/2026,{day},{day}0\n" for day in (1, 3, 4, 6))
    (tmp_path / "visits.csv").write_text(f"Date,Clicks,Impressions\n{visits}")
    (skipped,) = load(tmp_path / "a.db", [tmp_path]).skipped
    assert "is 01/07/2026 day first or month first?" in skipped
    report = load(tmp_path / "b.db", [tmp_path], date_order="dmy")
    assert report.files[0].notes[0] == "its dates are read month first, as they show, against --date-order"
    with sqlite3.connect(tmp_path / "b.db") as connection:
        read = [connection.execute(f"SELECT min(date), max(date), count(*) FROM {of}").fetchone() for of in KINDS]
    assert read == [("2026-07-10", "2026-07-19", 10), ("2026-07-01", "2026-07-06", 4)]


KINDS = ("orders", "traffic")


@pytest.mark.parametrize(
    "header",
    [
        "Creator,Role,From,Until",
        "达人ID,角色,开始日期,结束日期",
        "ID do criador,Função,Desde,Até",
        "Kreator,Peran,Sejak,Hingga",
    ],
)
def test_roles_of_accounts(tmp_path: Path, header: str) -> None:
    rows = "c1,live_host,2025-06-01,2025-09-01\nc1,affiliate,2025-09-02,-\nc2,affiliate,2025-06-01,-\n"
    (file,) = loads(tmp_path, f"{header}\n{rows}").files
    assert (file.kind, file.added) == ("roles", 3)
    counted = "SELECT count(DISTINCT creator_id), count(DISTINCT role), count(until), min(since) FROM roles"
    assert figures(tmp_path, counted) == (2, 2, 1, "2025-06-01")


@pytest.mark.parametrize(
    "header",
    [
        "Event ID,Starts At,End Date,Event Type,Description,Team,Country,Device Type",
        "Ereignis-ID,Startdatum,Enddatum,Art,Titel,Team,Markt,Gerät",
        "事件ID,开始时间,结束时间,事件类型,标题,团队,国家,设备",
        "event_id,starts_at,End Date,Type,Event,Owner,Country/Region,Device",
    ],
)
def test_changes_have_their_scope_in_own_words(tmp_path: Path, header: str) -> None:
    rows = "E1,2026-07-01,2026-07-03,outage,payment errors,payments,VN,ios\nE2,2026-07-05,-,release,new cart,shop,-,-\n"
    (file,) = loads(tmp_path, f"{header}\n{rows}", "changelog.csv").files
    assert (file.kind, file.added) == ("events", 2)
    counted = "SELECT event_id, kind, owner, market, device, date(ends_at) FROM events ORDER BY event_id LIMIT 1"
    assert figures(tmp_path, counted)[:5] == ("E1", "outage", "payments", "VN", "ios")


@pytest.mark.parametrize(("as_kind", "kind"), [(None, "traffic"), ("daily", "daily")])
def test_later_months_are_what_the_first_one_was(tmp_path: Path, as_kind: str | None, kind: str) -> None:
    header = "Datum,Markt,Kanal,Creator-ID,Impressionen,Klicks\n"
    for month, asked in ((6, as_kind), (7, None)):
        rows = "".join(f"2026-{month:02}-{at:02},ID,live,c{at % 2},{at}00,{at}0\n" for at in range(1, 9))
        (file,) = loads(tmp_path, header + rows, f"{month}.csv", as_kind=asked).files
        assert (file.kind, file.added) == (kind, 8)
    assert figures(tmp_path, f"SELECT sum(impressions), sum(clicks) FROM {kind}") == (7200, 720)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Motivo de la devolución", "refund_reason"),
        ("Refund note", None),
        ("Delay reason", None),
        ("退款原因说明", "refund_reason"),
    ],
)
def test_why_an_order_was_refunded_is_known_by_parts_of_the_name(name: str, target: str | None) -> None:
    columns, _ = read(f"{name},Order\nbroken,a\n,b")
    assert order_parts(columns, ()) == ({} if target is None else {target: name})
