"""Bands of the same columns below words: a row for each band; comparisons stay columns, totals are left out."""

from pathlib import Path

import pytest

from core.workspace.write.load import load
from tests.ingest.shapes import days, figures, loads
from tests.workspace.loading import rows

BODY = [(f"2026-07-{day:02}", 10 + day, 100, 20 + day, 300) for day in range(1, 11)]
"""Ten days; the orders of both bands come to 10 x 10 + 55 + 10 x 20 + 55 = 410, the sales to 4,000."""


def export(*above: str, below: str = "Date,Orders,Sales,Orders,Sales") -> str:
    return "\n".join((*above, below, *(",".join(map(str, row)) for row in BODY))) + "\n"


BANDS = (
    ("Region,North,,South,", "region"),
    (",North,,South,", '"group"'),
    (",North,North,South,South", '"group"'),
)


@pytest.mark.parametrize(("above", "dimension"), BANDS)
def test_each_band_has_rows_of_its_own(tmp_path: Path, above: str, dimension: str) -> None:
    loads(tmp_path, export(above))
    assert figures(tmp_path, "SELECT count(*), sum(orders), sum(sales) FROM daily") == (20, 410, 4000)
    by_band = rows(tmp_path / "w.db", f"SELECT {dimension}, sum(orders) FROM daily GROUP BY 1 ORDER BY 1")
    assert by_band == [("North", 155), ("South", 255)]


def test_a_merged_cell_names_the_column_that_bands_share(tmp_path: Path) -> None:
    loads(tmp_path, export("Date,North,,South,", below=",Orders,Sales,Orders,Sales"))
    assert figures(tmp_path, 'SELECT count(DISTINCT date), count(DISTINCT "group"), sum(orders) FROM daily') == (
        10,
        2,
        410,
    )


def test_a_band_of_totals_is_left_out(tmp_path: Path) -> None:
    lines = [f"{day},{a},{b},{a + b}" for day, a, _, b, _ in BODY]
    loads(tmp_path, "\n".join((",North,South,Total", "Date,Orders,Orders,Orders", *lines)) + "\n")
    assert figures(tmp_path, "SELECT count(*), sum(orders) FROM daily") == (20, 410)


@pytest.mark.parametrize("above", [",This year,,Last year,", ",Actual,,Target,"])
def test_comparisons_are_no_parts_of_a_whole(tmp_path: Path, above: str) -> None:
    loads(tmp_path, export(above))
    assert figures(tmp_path, "SELECT count(*) FROM daily") == (10,)
    named = rows(tmp_path / "w.db", "SELECT name FROM daily_measures")
    assert ("orders",) not in named
    assert ("group",) not in rows(tmp_path / "w.db", "SELECT name FROM pragma_table_xinfo('daily')")


def test_days_of_digits_are_headings_where_they_go_on_in_equal_steps(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(
        "Metrika,20260501,20260502,20260503\nNávštěvy,100,120,130\nObjednávky,10,12,13\n"
    )
    load(tmp_path / "w.db", [tmp_path / "wide.csv"])
    found = rows(tmp_path / "w.db", "SELECT date, * FROM daily ORDER BY 1")
    assert [row[0] for row in found] == ["2026-05-01", "2026-05-02", "2026-05-03"]
    assert {"návštěvy", "orders"} <= {name for (name,) in rows(tmp_path / "w.db", "SELECT name FROM daily_measures")}


@pytest.mark.parametrize("header", ["Mutató,Érték", "المقياس,القيمة", "ตัวชี้วัด,ค่า", "Ukazatel,Hodnota", "Nøgletal,Værdi"])
def test_rows_of_one_figure_each_are_spread_in_every_language(tmp_path: Path, header: str) -> None:
    lines = [f"2026-07-{day:02},{word},{value}" for day in range(1, 8) for word, value in (("visits", 100), ("xyz", 7))]
    loads(tmp_path, "\n".join((f"Date,{header}", *lines)) + "\n")
    assert figures(tmp_path, "SELECT count(*), sum(visits), sum(xyz) FROM daily") == (7, 700, 49)


@pytest.mark.parametrize("word", ["Plan", "Last year", "Budget"])
def test_a_band_that_only_compares_is_in_no_total(tmp_path: Path, word: str) -> None:
    body = "".join(f"{day},{at + 10},{at + 100}.50,{at + 12},{at + 120}.50\n" for at, day in enumerate(days(6)))
    loads(tmp_path, f",Actual,,{word},\nDate,Orders,Revenue,Orders,Revenue\n{body}")
    name = word.lower().replace(" ", "_")
    assert figures(tmp_path, "SELECT sum(orders_actual), sum(revenue_actual) FROM daily") == (75, 618)
    rates = figures(tmp_path, "SELECT group_concat(name) FROM daily_measures WHERE unit = 'rate'")
    assert rates == (f"orders_{name},revenue_{name}",)
