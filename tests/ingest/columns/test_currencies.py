"""Amounts whose currency stands in their header or cells: those of two currencies never add up without a word."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.detection.quality.data_quality import issues
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import figures, loads

ROWS = "2026-07-01,{0},3\n2026-07-02,{0},4\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"date,GMV (USD),orders\n{ROWS.format('10.50')}", f"date,GMV (Rp),orders\n{ROWS.format(105000)}"),
        (
            f"Datum,Umsatz €,Bestellungen\n{ROWS.format('10.50')}",
            f"Datum,Umsatz in CHF,Bestellungen\n{ROWS.format('11.50')}",
        ),
        (f"date,GMV,orders\n{ROWS.format('Rp10.500')}", f"date,GMV,orders\n{ROWS.format('฿10.50')}"),
        (
            "date,sales,orders,currency\n2026-07-01,10,3,EUR\n2026-07-02,12,4,EUR\n",
            "date,sales,orders,currency\n2026-07-01,10,3,THB\n2026-07-02,12,4,THB\n",
        ),
    ],
    ids=["brackets", "words", "cells", "a column of one word"],
)
def test_daily_amounts_of_two_currencies_are_said(tmp_path: Path, first: str, second: str) -> None:
    one = loads(tmp_path, first, "one.csv", source="one")
    assert not any("add" in note and "up" in note for note in one.files[0].notes), (
        "one currency alone is nothing to say"
    )
    two = loads(tmp_path, second, "two.csv", source="two")
    assert "added up" in two.files[0].notes[0], two.files[0].notes
    assert "orders" not in two.files[0].notes[0], "counts are in no currency"


def test_amounts_of_orders_are_in_the_currency_that_their_header_or_cells_say(tmp_path: Path) -> None:
    head = "order_id,ordered_at,{}\n"
    loads(tmp_path, head.format("GMV (USD)") + "1,2026-07-01,10.50\n")
    loads(tmp_path, head.format("gmv") + "2,2026-07-01,Rp154.530\n3,2026-07-01,Rp1.250.000\n", "other.csv")
    assert figures(tmp_path, "SELECT group_concat(currency), sum(gmv) FROM orders") == ("USD,IDR,IDR", 1404540.5)


def test_a_column_of_two_currencies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"several currencies \(Rp154\.530, ฿20\)"):
        loads(tmp_path, "order_id,ordered_at,gmv\n1,2026-07-01,Rp154.530\n2,2026-07-01,฿20\n")
    with pytest.raises(UsageError, match=r"several currencies \(\$9\.50, €8\.50\)"):
        loads(tmp_path, "date,shop,sales\n2026-07-01,Boston,$9.50\n2026-07-01,Bonn,€8.50\n")


def test_two_amounts_keep_their_currencies_in_their_names_and_are_no_doubt(tmp_path: Path) -> None:
    text = "date,Revenue (USD),Revenue (EUR)\n2026-07-01,10.5,9.5\n2026-07-02,11.5,9.7\n"
    report = loads(tmp_path, text)
    assert figures(tmp_path, "SELECT sum(revenue_usd), sum(revenue_eur) FROM daily") == (22.0, 19.2)
    assert not any("added up" in note for note in report.files[0].notes)


def test_words_in_brackets_are_no_currencies(tmp_path: Path) -> None:
    loads(tmp_path, "date,Orders (NEW),Orders (ALL)\n2026-07-01,1,5\n2026-07-02,2,6\n")
    assert figures(tmp_path, "SELECT sum(orders_new), sum(orders_all) FROM daily") == (3, 11)


def test_an_amount_is_no_rate_whatever_word_it_has(tmp_path: Path) -> None:
    head = "Дата;Заказали на сумму, руб;Расходы на рекламу, ₽;Выручка на заказ, руб\n"
    loads(tmp_path, head + "01.07.2026;1200,50;300;40,5\n02.07.2026;1300,50;310;41,5\n")
    sql = "SELECT group_concat(name) FROM (SELECT name FROM daily_measures WHERE unit = 'rate')"
    assert figures(tmp_path, sql) == ("выручка_на_заказ",)


def test_a_second_currency_far_below_the_first_is_refused(tmp_path: Path) -> None:
    rows = [f"{at},2026-07-01,{'Rp' if at < 150 else '฿'}{1000 + 7 * at}" for at in range(200)]
    with pytest.raises(UsageError, match=r"several currencies \(Rp1000, ฿2050\)"):
        loads(tmp_path, "\n".join(["order_id,ordered_at,gmv", *rows, ""]))


def test_days_without_the_mixed_amounts_are_checked_without_a_word(tmp_path: Path) -> None:
    header = "date,GMV ({}),orders\n"
    loads(tmp_path, header.format("USD") + ROWS.format("10.50"), "one.csv", source="one")
    loads(tmp_path, header.format("Rp") + ROWS.format(105000), "two.csv", source="two")
    with Workspace.open(tmp_path / "w.db") as workspace:
        span = workspace.span
        mixed, empty = (
            [issue for issue in issues(workspace, days) if issue.check == "currencies"]
            for days in (span, span.shifted(-len(span)))
        )
    assert len(mixed) == 1
    assert not empty


def test_nothing_needs_no_currency(tmp_path: Path) -> None:
    loads(tmp_path, "order_id,ordered_at,gmv\n1,2026-07-01,Rp154.530\n2,2026-07-01,0\n3,2026-07-01,Rp20.000\n")
    assert figures(tmp_path, "SELECT group_concat(DISTINCT currency) FROM orders") == ("IDR",)


@pytest.mark.parametrize("name", ["Billing currency", "Transaktionswährung", "结算币种"])
def test_amounts_next_to_codes_of_currencies_under_any_name_do_not_add_up(tmp_path: Path, name: str) -> None:
    rows = "2026-07-01,{0},10.50\n2026-07-01,{1},900.00\n2026-07-02,{0},12.50\n"
    report = loads(tmp_path, f"Date,{name},Amount\n{rows.format('EUR', 'HKD')}")
    assert any(note.startswith("its amounts are in EUR, HKD, which do not add up") for note in report.files[0].notes)
    words = loads(tmp_path, f"Date,{name},Amount\n{rows.format('paid', 'due')}", "b.csv", dry_run=True)
    assert not any("add up" in note for note in words.files[0].notes), "words are no codes"
