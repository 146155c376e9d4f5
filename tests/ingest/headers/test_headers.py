"""Headers in any language: what a column is called in English, which columns cannot be added up, which rows are totals."""

import tomllib
from importlib.resources import files

import pytest

from core.catalogue.metric_tree.metric_loader import load
from core.ingest.headers.column_names import english_names, first_called, in_english, is_known_name, translated
from core.ingest.headers.entity_names import entity_column
from core.ingest.headers.folding import folded, plain_words
from core.ingest.headers.id_names import names_order
from core.ingest.headers.languages import language, language_lists, languages, shortened, spelt, written_lists
from core.ingest.headers.measure_names import is_calendar_name, is_rate_name
from core.ingest.headers.word_lists import called, is_total

RATES = {
    "en": ["CTR", "Average order value", "Bounce rate", "Cost per result", "Unit price", "Views (%)", "Position"],
    "de": ["Durchschnittliche Position", "Klickrate", "Umsatz pro Kunde", "Öffnungsrate", "Maximale Zuschauer"],
    "es": ["Tasa de rebote", "Precio medio", "Espectadores máximos (máx.)"],
    "ru": ["Средняя цена", "Средние просмотры", "Максимальное число зрителей"],
    "vi": ["Số người xem cao nhất"],
    "pt": ["Taxa de cliques", "Média de visualizações"],
    "fr": ["Taux de clics", "Prix moyen"],
    "id": ["Tingkat Konversi", "Rata-rata Penonton", "Penjualan per Pesanan"],
    "th": ["อัตราการคลิก", "ราคาเฉลี่ย"],
    "pl": ["Współczynnik konwersji", "Średnia wartość zamówienia", "Koszt za kliknięcie"],
    "tr": ["Dönüşüm Oranı", "Ortalama Sepet Tutarı", "BİRİM FİYAT"],
    "zh": ["点击率", "客单价", "平均观看时长"],
    "ja": ["クリック率", "平均視聴時間", "購入単価"],
    "ko": ["클릭률", "평균 시청 시간"],
}
COUNTS = {
    "en": ["Clicks", "Operations", "Generated orders", "Shares of posts"],
    "de": ["Bestellungen", "Umsatz", "Produkte", "Gesamtpreis", "Anteilseigner"],
    "ru": ["Просмотры", "Конверсии"],
    "id": ["Pesanan", "Pengunjung", "Persediaan"],
    "th": ["คำสั่งซื้อ", "ยอดขาย"],
    "pl": ["Wydatki na reklamę", "Zamówienia", "Sprzedane sztuki"],
    "tr": ["Görüntülenme", "Satış adedi", "Ciro"],
    "zh": ["点击量", "订单数", "销售额"],
    "ja": ["クリック数", "注文数"],
    "ko": ["클릭수", "주문수"],
}


@pytest.mark.parametrize("code", RATES)
def test_rates_averages_and_prices_are_known_by_name(code: str) -> None:
    assert [name for name in RATES[code] if not is_rate_name(name, (code,))] == []


@pytest.mark.parametrize("code", COUNTS)
def test_what_counts_is_no_rate(code: str) -> None:
    assert [name for name in COUNTS[code] if is_rate_name(name, (code,))] == []


def test_short_words_of_a_language_that_the_header_is_not_in_say_nothing() -> None:
    catalogue = load()
    assert [name for name in catalogue.metrics if name not in catalogue.measures and not is_rate_name(name)] == []
    assert is_rate_name("Nombre maximal d'actions")
    assert is_rate_name("Tasa de rebote", ("es",))
    assert not is_rate_name("Tasa de rebote", ("de",))


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.code)
def test_the_words_of_a_language_are_those_of_its_file(language) -> None:  # type: ignore[no-untyped-def]
    parsed = tomllib.loads(files("core.ingest.headers").joinpath(f"{language.code}.toml").read_text(encoding="utf-8"))
    code = language.code
    named = {folded(name): english for english, names in parsed["headers"].items() for name in spelt(code, names)}
    assert {name: language.headers[name] for name in named} == named
    plain, connectives = {*map(plain_words, named)}, parsed.get("connectives", ())
    assert {*language.headers}.difference(named) <= plain | {shortened(name, connectives) for name in plain}
    assert language.date_order == parsed.get("date_order")
    lists = {key: list(spelt(code, words)) for key, words in parsed.items() if isinstance(words, list)}
    assert {key: list(written_lists(key)[code]) for key in lists} == lists
    assert language_lists("unpaid")[code] == tuple(map(folded, spelt(code, parsed["unpaid"])))


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.code)
def test_every_name_of_a_language_is_found_in_its_file(language) -> None:  # type: ignore[no-untyped-def]
    assert language.headers
    if language.code != "en":
        lost = [
            name
            for name in language.headers
            if language.code not in {found.code for found in translated((name,)).languages}
        ]
        assert lost == []
    assert all(map(is_known_name, language.headers))


def test_the_language_that_knows_most_names_translates() -> None:
    german = translated(("Datum", "Bestellungen", "Umsatz"))
    assert german.spoken == ("de",)
    assert dict(german.names) == {"Datum": "Date", "Bestellungen": "Orders", "Umsatz": "Sales"}
    assert translated(("Day", "Whatever")).languages == ()


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("data_pagamento", "Paid time"), ("fecha_pedido", "Order date"), ("numero_commande", "Order ID"),
        ("dateCommande", "Order date"), ("valor_compra", "valor_compra"),
    ],
)  # fmt: skip
def test_programs_leave_out_the_words_that_join_others(name: str, english: str) -> None:
    """`Valor da compra` is the total of an order and `valor de compra` that of a line: shortened it is neither."""
    assert in_english(name) == english
    assert {"data reembolso", "fecha reembolso", "date remboursement"} <= {*called("refunded_at")}


def test_a_column_keeps_its_own_name_beside_the_english_one() -> None:
    names = english_names(["Tag", "Aufrufe", "Views"])
    assert (names["date"], names["tag"], names["views"]) == ("Tag", "Tag", "Views")
    assert folded("Sales (IDR)") == folded("sales") == "sales"


@pytest.mark.parametrize(
    "cell",
    [
        "Total",
        "TOTAL:",
        "Total of 56 results",
        "Total: 56 rows",
        "Gesamt",
        "Итого",
        "总计",
        "Total - all",
        f"Total - {31 * 'x'}",
        "Grand total",
        "TOPLAM",
        "Razem",
        "Gesamtsumme",
        "รวมทั้งสิ้น",
    ],
)
def test_rows_of_totals_are_known(cell: str) -> None:
    assert is_total(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "Totally Spies",
        "Total war: the game of the century that nobody asked for",
        "Sum 41",
        "a total",
        f"Total: {40 * 'x'}",
        f"Total - {32 * 'x'}",  # 40 letters
    ],
)
def test_names_that_begin_like_totals_are_none(cell: str) -> None:
    assert not is_total(cell)


def test_capitals_of_turkish_are_the_letters_that_they_stand_for() -> None:
    turkish = translated(("TARİH", "SİPARİŞ SAYISI", "Kampanya Adı"))
    assert dict(turkish.names) == {"TARİH": "Date", "SİPARİŞ SAYISI": "Orders", "Kampanya Adı": "Campaign name"}
    assert turkish.spoken == ("tr",)


def test_short_words_without_their_accents_are_known_beside_others_of_their_language_alone() -> None:
    assert translated(("Date", "Status", "EV", "AR", "Thu", "Ref")).names == {}  # not Év, Ár, Thứ and Réf.
    assert not is_calendar_name("EV")
    assert translated(("fecha", "ano", "ventas")).names == {"fecha": "Date", "ano": "Year", "ventas": "Sales"}


def test_ids_of_orders_are_no_numbers_of_orders() -> None:
    ids = (
        "Rendelésszám",
        "rendelesszam",
        "Tilauksen numero",
        "Objednávka č.",
        "Αρ. παραγγελίας",
        "מספר הזמנה",
        "ऑर्डर आईडी",
    )
    numbers = (
        "Rendelések száma",
        "Tilausten määrä",
        "Počet objednávek",
        "Αριθμός παραγγελιών",
        "מספר הזמנות",
        "ऑर्डर संख्या",
    )
    assert [name for name in ids if not names_order(name)] == []
    assert [name for name in numbers if names_order(name)] == []


def test_short_words_without_their_accents_tell_no_language() -> None:
    """`Év` is a year in Hungarian, and `EV` is a car."""
    hungarian = language("hu")
    assert hungarian.short["ev"] == hungarian.headers["év"] == "Year"
    assert "ev" not in hungarian.headers
    assert hungarian.headers.keys() >= {plain_words(word) for word in hungarian.headers if len(word) > 4}


def test_letters_that_programs_lack_are_written_as_two() -> None:
    named = english_names(["Waehrung", "Stueckzahl"])
    assert (named["currency"], named["units"]) == ("Waehrung", "Stueckzahl")
    assert first_called(english_names(["Rueckerstattung"]), called("refund_amount")) == "Rueckerstattung"
    assert entity_column(["Kaeufernummer"], "buyer_id") == "Kaeufernummer"
