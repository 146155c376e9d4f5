"""What names say of measures: levels and rates of any language, lengths of time, years; labels and totals of pivot tables."""

from pathlib import Path

import pytest

from core.ingest.headers.measure_names import is_level_name, is_rate_name, may_be_level_name
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import figures, loads, table

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


def test_rates_are_known_by_parts_of_compounds_and_of_nested_names() -> None:
    assert all(
        is_rate_name(name, ("de",))
        for name in ("Abbruchquote", "Durchschnittswert", "metrics.ctr", "bounceRate", "€/kWh")
    )
    assert not any(is_rate_name(name, ("de",)) for name in ("Gesamtpreis", "Anzahl Quoten", "metrics.clicks"))


def additive(folder: Path) -> list[str]:
    with Workspace.open(folder / "w.db") as workspace:
        return list(workspace.measures)


def test_levels_years_and_places_are_in_no_total(tmp_path: Path) -> None:
    header = "Date,Sold,Stock,Temp (°C),Latitude,Year built"
    loads(tmp_path, table(header, 12, lambda at, day: f"{day},{at},{900 - 77 * at % 50},21.5,41.1{at},{1950 + at}"))
    assert additive(tmp_path) == ["sold"]


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
    days = "2026-05,2026-06,2026-07"
    text = (
        f"Region,Shop,{days}\nNorth,A,1,2,3\n,B,4,5,6\n{total},5,7,9\nSouth,C,7,8,9\n,D,1,1,1\nGrand Total,,13,16,19\n"
    )
    loads(tmp_path, text, "orders.csv", dimensions=("Region",))
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily WHERE region = 'North'") == (21, 6)
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (48, 12)


def test_vowel_signs_are_parts_of_words(tmp_path: Path) -> None:
    loads(tmp_path, table("วันที่,ยอดขาย,เป้าหมาย,จำนวนบิล", 12, lambda at, day: f"{day},{at * 7},500,{at}"))
    assert set(additive(tmp_path)) == {"sales", "จำนวนบิล"}
