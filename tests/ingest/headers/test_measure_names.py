"""What names say of measures: levels and rates of any language, lengths of time, years; labels and totals of pivot tables."""

from pathlib import Path

import pytest

from core.base.errors import WhydropError
from core.ingest.headers.measure_names import counts_events, is_level_name, is_rate_name, may_be_level_name
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import days, figures, loads, table

LEVELS = (
    *(
        "Stock",
        "Inventory on hand",
        "Waiting list size",
        "Sales YTD",
        "Cumulative downloads",
        "Lagerbestand",
        "Mitgliederbestand",
    ),
    *(
        "Voorraad",
        "Lagersaldo",
        "Giacenza",
        "Incasso progressivo",
        "Existencias",
        "Estoque",
        "Importe acumulado",
        "Stok akhir",
    ),
    *(
        "Tồn kho cuối ngày",
        "สินค้าคงเหลือ",
        "在庫数",
        "库存量",
        "누적 가입자",
        "재고",
        "Остаток на складе",
        "المخزون",
        "stockLevel",
    ),
)
COUNTS = (
    "Stock sold",
    "New members",
    "Units",
    "Lagerort",
    "Entradas de stock",
    "新增库存",
    "Orders",
    "Running shoes",
    "Uscite",
)


def test_levels_are_known_by_name_in_every_language() -> None:
    assert [name for name in LEVELS if not is_level_name(name) and not is_rate_name(name, ("ru",))] == []
    assert [name for name in COUNTS if is_level_name(name) or may_be_level_name(name)] == []


OPEN_ONES = (
    *("Unpaid invoices", "Facturas impagadas", "Factures impayées", "Bestellungen in Arbeit", "Stück auf Lager"),
    *("Fatture insolute", "Openstaande klachten", "Sztuki na stanie", "Неоплаченные заказы", "Kalan sipariş"),
    *("未完成订单", "待支付订单", "受注残", "未出荷", "미결제 주문", "가입자수", "Công nợ", "Följare"),
)


def test_what_is_not_dealt_with_yet_is_not_said_to_add_up() -> None:
    """Each also has a word for what comes anew each day, or a part of one: orders, invoices, `công`."""
    assert [name for name in OPEN_ONES if not (is_level_name(name) or may_be_level_name(name))] == []
    assert [name for name in OPEN_ONES if counts_events(name) and not is_level_name(name)] == []


def test_rates_are_known_by_parts_of_compounds_and_of_nested_names() -> None:
    assert all(
        is_rate_name(name, ("de",))
        for name in ("Abbruchquote", "Durchschnittswert", "metrics.ctr", "bounceRate", "€/kWh")
    )
    assert not any(is_rate_name(name, ("de",)) for name in ("Gesamtpreis", "Anzahl Quoten", "metrics.clicks"))


SUMS = (
    *("推广成本", "商品成本", "Churned users"),
    *("Rating count", "Full price revenue", "Number of ratings", "Age 18-24", "Solar yield (kWh)", "Total price"),
    *("Umsatz Corporate", "Anzahl Bewertungen", "Ingresos por publicidad", "Nombre de notes", "Vendas por telefone"),
    *("Food/Drinks", "Day/night", "Kunden/Besucher/Gäste", "Vistas/Clics"),
    *("Potongan harga", "Harga pokok penjualan", "Jumlah penilaian", "Tổng giá trị", "Số tiền giảm giá", "Giá vốn"),
    *("จำนวนการติดต่อ", "ราคารวม", "评分人数", "点击(千次)", "評価件数", "당일 판매량", "식당 매출", "담당자 통화수"),
)
RATES = (
    *("Rating", "Rating (1-5)", "Average rating count", "Price paid", "Average age 18-24", "Total cost per order"),
    *("Umsatz pro Kunde", "Ingreso por cliente", "Nombre moyen de notes", "Harga", "Jumlah harga rata-rata"),
    *("Giá", "Giá sau giảm giá", "Giá trị trung bình", "ยอดขายต่อออเดอร์", "平均评分人数", "千次展示成本", "平均評価数"),
    *("Páginas/visita", "Umsatz/Kunde", "Doanh số/đơn", "Items/basket", "Satisfaction", "客满意度", "売上/件"),
    *("고객당 매출", "1인당 횟수", "Количество на заказ"),
    *(
        "Concurrent viewers",
        "Gleichzeitige Zuschauer",
        "同時接続数",
        "同时在线人数",
        "동시 시청자",
        "Người xem cùng lúc",
    ),
    *("Одновременных зрителей", "Espectadores simultáneos", "转化成本", "直播间下单成本", "User churn"),
)


def test_numbers_of_ratings_and_discounts_are_sums_whatever_their_words_mean_alone() -> None:
    spoken = ("de", "es", "fr", "pt", "id", "vi", "th", "zh", "ja", "ko", "ru")
    assert [name for name in SUMS if any(is_rate_name(name, (code,)) for code in spoken)] == []
    assert [name for name in RATES if not any(is_rate_name(name, (code,)) for code in spoken)] == []


def additive(folder: Path) -> list[str]:
    with Workspace.open(folder / "w.db") as workspace:
        return list(workspace.measures)


def test_levels_years_and_places_are_in_no_total(tmp_path: Path) -> None:
    header = "Date,Sold,Stock,Temp (°C),Latitude,Year built,day_of_week,is_weekend,fiscal_week,Weekday,Jam"
    loads(
        tmp_path,
        table(
            header,
            12,
            lambda at, day: (
                f"{day},{at},{900 - 77 * at % 50},21.5,41.1{at},{1950 + at},{at % 7},{at % 7 // 6},{at // 7},{at * 88},{at * 9}"
            ),
        ),
    )
    assert additive(tmp_path) == ["sold", "weekday", "jam"]  # up to 968 and 99: no day and no hour (in Indonesian)


def test_amounts_that_are_called_like_codes_or_are_small_are_in_totals(tmp_path: Path) -> None:
    header = "Datum,Umsatz Werk,Call Center,Cost Center,No-Shows,Mermas (kg),CA (M€),Fehler,Besuche,Gains,qty_id,qty_vn,user_id"
    loads(
        tmp_path,
        table(
            header,
            20,
            lambda at, day: (
                f"{day},{at}.05,{80 + 7 * at % 20},{100 * (at % 3 + 1)},{at % 3},0.1{at + 10},0.20{at % 7 + 1},0.05,900,"
                f"0.5,{at},{at},{500 + at}"
            ),
        ),
    )
    assert set(additive(tmp_path)) == {
        "umsatz_werk",
        "call_center",
        "no_shows",
        "mermas_kg",
        "ca_m€",
        "besuche",
        "gains",
        "qty_id",
        "qty_vn",
    }
    assert figures(tmp_path, "SELECT round(sum(umsatz_werk), 2), sum(call_center), sum(no_shows) FROM daily") == (
        191.0,
        1790,
        19,
    )


def test_a_list_of_rates_in_a_mapping_is_the_last_word(tmp_path: Path) -> None:
    text = table("Date,Papier,Guests", 20, lambda at, day: f"{day},0.{at + 10},{at * 9 % 70 + 100}")
    columns = '[columns]\ndate = "Date"\npapier = "Papier"\nguests = "Guests"\n'
    sums = {}
    for rates in ("", 'rates = ["papier"]\n', "rates = []\n"):
        folder = tmp_path / str(len(rates))
        folder.mkdir()
        (folder / "own.toml").write_text(f'kind = "daily"\n{rates}{columns}')
        loads(folder, text, mapping=folder / "own.toml")
        sums[rates] = set(additive(folder))
    assert list(sums.values()) == [{"guests"}, {"guests"}, {"papier", "guests"}]


def test_how_long_something_took_is_a_figure_in_seconds(tmp_path: Path) -> None:
    report = loads(
        tmp_path,
        table(
            "Date,Calls,Talk time,AHT",
            12,
            lambda at, day: f"{day},{at},{at}:00:07,0:03:{at + 10}",
        ),
    )
    assert set(additive(tmp_path)) == {"calls", "talk_time"}
    assert figures(tmp_path, "SELECT sum(talk_time), max(aht), count(*) FROM daily") == (66 * 3600 + 84, 201, 12)
    assert "in seconds: talk_time, aht" in report.files[0].notes


@pytest.mark.parametrize("total", ["North Total,", "Total North,", "North,Total"])
def test_pivot_tables_have_their_labels_in_each_row_and_no_totals(tmp_path: Path, total: str) -> None:
    months = "2026-05,2026-06,2026-07"
    text = f"Region,Shop,{months}\nNorth,A,1,2,3\n,B,4,5,6\n{total},5,7,9\nSouth,C,7,8,9\n,D,1,1,1\nGrand Total,,13,16,19\n"
    loads(tmp_path, text, "orders.csv", dimensions=("Region",))
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily WHERE region = 'North'") == (21, 6)
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (48, 12)


def test_vowel_signs_are_parts_of_words(tmp_path: Path) -> None:
    loads(tmp_path, table("วันที่,ยอดขาย,เป้าหมาย,จำนวนบิล", 12, lambda at, day: f"{day},{at * 7},500,{at}"))
    assert set(additive(tmp_path)) == {"sales", "จำนวนบิล"}


def test_a_row_of_units_may_be_above_the_same_cell_in_every_row(tmp_path: Path) -> None:
    loads(
        tmp_path,
        table(
            "Date,Sold,Sold %,Talk time,Time on site\n,pcs,%,h:mm:ss,h:mm:ss",
            12,
            lambda at, day: f"{day},{at},1.5,0:{at + 10}:00,0:01:{at + 10}",
        ),
    )
    assert set(additive(tmp_path)) == {"sold", "talk_time"}


def test_amounts_of_a_currency_in_the_header_have_no_three_decimals(tmp_path: Path) -> None:
    loads(tmp_path, table("Date,Cost (₹)", 12, lambda at, day: f'{day},"{at + 10},500"'))
    assert figures(tmp_path, "SELECT sum(cost) FROM daily") == (192_000,)


def test_plans_are_known_by_another_form_of_the_same_word(tmp_path: Path) -> None:
    loads(tmp_path, table("Дата,Выпуск,План выпуска", 12, lambda at, day: f"{day},{at},500"))
    assert additive(tmp_path) == ["выпуск"]


def test_parts_of_dates_are_known_in_every_language(tmp_path: Path) -> None:
    loads(
        tmp_path,
        table(
            "Datum,Jahr,Kalenderwoche,Stunde,Stück,Baujahr",
            12,
            lambda at, day: f"{day},2026,{at},{at},{at},19{at + 10}",
        ),
    )
    assert additive(tmp_path) == ["units"]


def test_figures_have_the_unit_of_their_column_behind_them(tmp_path: Path) -> None:
    loads(
        tmp_path,
        table("Date,Sold,Seat,Mixed", 12, lambda at, day: f'{day},"{at},5 kg",1{at} A,{at} {"kg" if at else "g"}'),
    )
    assert additive(tmp_path) == ["sold"]
    assert figures(tmp_path, "SELECT sum(sold) FROM daily") == (72.0,)


def test_amounts_of_several_currencies_are_said_to_be_such(tmp_path: Path) -> None:
    text = table("Date,Currency,Paid", 6, lambda at, day: f"{day},{('EUR', 'USD')[at % 2]},5.5")
    assert any("EUR, USD" in note for note in loads(tmp_path, text).files[0].notes)


def test_whole_numbers_beyond_the_precision_of_floats_are_read(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Sold\n2026-07-01,9223372036854775807\n2026-07-02,5\n")
    assert figures(tmp_path, "SELECT max(sold), count(*) FROM daily") == (2**63 - 1, 2)


def test_rows_for_all_that_are_no_sum_are_said_to_be_counted(tmp_path: Path) -> None:
    rows = table("Date,Country,Sold", 6, lambda at, day: f"{day},{('US', 'DE', 'All')[at % 3]},{at}")
    assert any("'All' in 'Country'" in note for note in loads(tmp_path, rows).files[0].notes)


def test_levels_are_known_in_any_order_of_rows(tmp_path: Path) -> None:
    rows = [f"{day},{500 + at},{at}" for at, day in enumerate(days(28))]
    loads(tmp_path, "Date,Members,Sold\n" + "\n".join(rows[1::2] + rows[::-2]))
    assert additive(tmp_path) == ["sold"]


def test_a_part_with_a_total_of_its_own_replaces_no_other_part(tmp_path: Path) -> None:
    def part(shop: str, times: int) -> str:
        return table("Day,Shop,Sold", 6, lambda at, day: f"{day},{shop},{times * at}", f",{shop} Total,{times * 15}")

    loads(tmp_path, part("East", 1))
    with pytest.raises(WhydropError, match="--dimension shop"):
        loads(tmp_path, part("West", 10))


def test_amounts_are_no_numbers_of_orders(tmp_path: Path) -> None:
    rows = [
        f"{day},{screen},{['Dune', 'Up', 'Her'][screen - 1]},{at + 7}.5"
        for at, day in enumerate(days(12))
        for screen in (1, 2, 3)
    ]
    loads(tmp_path, "Day,Screen,Film,Gross\n" + "\n".join(rows))
    assert figures(tmp_path, "SELECT sum(gross), count(*) FROM daily") == (3 * (66 + 12 * 7.5), 36)


def test_figures_that_fall_over_weekends_only_add_up(tmp_path: Path) -> None:
    weekdays = [day for at, day in enumerate((*days(31, 7), *days(31, 8))) if (at + 2) % 7 < 5]
    loads(
        tmp_path,
        "Date,Sold\n"
        + "\n".join(f"{day},{200 + 23 * ((at + 2) % 5) + at * at % 7}" for at, day in enumerate(weekdays)),
    )
    assert additive(tmp_path) == ["sold"]


@pytest.mark.parametrize(
    "header",
    [
        "Datum,Tržba,Průměrná účtenka,Stav skladu,Zůstatek",
        "Dátum,Forgalom,Átlagos kosárérték,Készlet,Egyenleg",
        "Pvm,Myynti,Keskiostos,Varastosaldo,Käyttöaste",
        "Dato,Omsætning,Gns. køb,Lagerbeholdning,Belægning",
        "Dato,Omsetning,Snittkjøp,Varelager,Belegg",
        "Data,Vânzări,Valoare medie,Stoc,Grad de ocupare",
        "Дата,Продажі,Середній чек,Залишок на складі,Відсоток браку",
        "Ημερομηνία,Πωλήσεις,Μέση αξία,Απόθεμα,Πληρότητα",
        "תאריך,מכירות,ממוצע להזמנה,מלאי,תפוסה",
        "Date,Sales,Price (Kč/kWh),Shift,first_byte_ms",
        "Date,Sales,units/h,7_days,zone",
        "Datum,Omzet,Watertemperatuur,Tevredenheid,Stuksprijs",
    ],
)
def test_only_what_came_adds_up_in_every_language(tmp_path: Path, header: str) -> None:
    """Figures that show nothing by themselves: only the names can tell that one of four is no sum."""
    extra = ",1_day" if "7_days" in header else ""
    text = table(
        header + extra,
        12,
        lambda at, day: f"{day},{at * 7 % 5 + 9},{at * 5 % 7 + 3},{at * 3 % 5 + 1},{at % 4 + 1}{',1' * bool(extra)}",
    )
    loads(tmp_path, text)
    assert len(set(additive(tmp_path)) - {"1_day"}) == 1


def test_amounts_that_came_in_and_went_out_are_told_apart(tmp_path: Path) -> None:
    loads(
        tmp_path,
        table("Datum,#Bedrag,Af Bij,Omschrijving", 12, lambda at, day: f"{day},{at + 5},{('Af', 'Bij')[at % 2]},x{at}"),
    )
    # 5 + 7 + ... + 15 went out, and 6 + 8 + ... + 16 came in
    assert figures(tmp_path, "SELECT sum(bedrag) FROM daily GROUP BY af_bij ORDER BY 1")[0] == -60


def test_marks_are_no_sums_whatever_they_are_called(tmp_path: Path) -> None:
    """Between 3.1 and 4.6 in every row; hours, which say so in any language, loads, which differ by more (2.05 to 8.05), and what
    goes with the visits (2 % of them, or 2.1 %) add up.
    """
    text = table(
        "Date,Visits,Gefallen,hours,Arbeitsstunden,loads,Flour",
        12,
        lambda at, day: (
            f"{day},{at * 9 + 90},{(mark := 3.1 + at * 7 % 13 / 8):.2f},{mark:.2f},{mark:.2f},"
            f"{2.05 + at * 7 % 13 / 2:.2f},{(at * 9 + 90) * (0.02 + at % 2 / 1000):.2f}"
        ),
    )
    loads(tmp_path, text)
    assert set(additive(tmp_path)) == {"visits", "hours", "arbeitsstunden", "loads", "flour"}


def test_a_conversion_counts_in_whole_numbers_and_its_value_is_an_amount(tmp_path: Path) -> None:
    rows = [("2026-07-01", 45, "112.50", "0.30", "900.25"), ("2026-07-02", 60, "120.00", "0.24", "800.50")]
    header = "day,conversion,spend,cost_per_conversion,conversion_value"
    body = "".join(f"{day},{count},{spend},{rate},{value}\n" for day, count, spend, rate, value in rows)
    loads(tmp_path, f"{header}\n{body}")
    assert figures(tmp_path, "SELECT group_concat(name) FROM daily_measures WHERE unit = 'rate'") == (
        "cost_per_conversion",
    )
    assert figures(tmp_path, "SELECT sum(conversion), sum(conversion_value) FROM daily") == (105, 1700.75)


@pytest.mark.parametrize("name", ["CNPJ", "借记卡号", "Auftraggeberkonto", "Tegenrekening", "Kundenkennzeichen"])
def test_numbers_of_cards_and_accounts_count_nothing(tmp_path: Path, name: str) -> None:
    loads(tmp_path, f"Date,{name},Amount\n2026-07-01,3167,1.50\n2026-07-02,3168,2.50\n")
    assert figures(tmp_path, "SELECT group_concat(name) FROM daily_measures") == ("amount",)


def test_a_discount_is_no_account(tmp_path: Path) -> None:
    loads(tmp_path, "Datum;Umsatz;Skonto\n01.07.2026;31,50;1,25\n02.07.2026;42,50;2,25\n")
    assert figures(tmp_path, "SELECT sum(skonto) FROM daily") == (3.5,)
