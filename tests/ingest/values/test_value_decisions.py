# ruff: noqa: E501 - headers and rows are as the systems write them
"""Dates and numbers are decided once, on the whole column, or the file is refused with both readings and the flag."""

from decimal import Decimal
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from core.base.days import iso, parse_day
from core.base.errors import UsageError
from core.ingest.formats.encoding import encoding_of
from core.ingest.values.date_columns import decide, is_date
from core.ingest.values.date_order import DateHints
from core.ingest.values.moment_text import DateReading, DayNumber, day_or_none, read_moment
from core.ingest.values.number_columns import FigureColumn, decimal_marks, mark_of_batch
from core.ingest.values.numbers import is_number, read_number
from tests.ingest.shapes import figures, loads

LAST = parse_day("2026-11-28")


def read(*cells: str, **hints: object) -> list[str]:
    """The days that cells of one column are read as."""
    reading, _ = decide(cells, DateHints(**{"last": LAST, **hints}))  # type: ignore[arg-type]
    moments = [read_moment(cell, reading) for cell in cells]
    return [iso(moment.seconds // 86_400) for moment in moments if moment is not None]


@pytest.mark.parametrize(
    "cell",
    [
        "Sat Aug 01 2026", "Aug-01-26", "01-Aug-26", "1. August 2026", "1 de ago. de 2026", "2026年8月1日", "20260801",
        "2026080114", "1 août 2026", "1 agosto 2026", "1 ส.ค. 2569", "1 thg 8, 2026", "2026년 8월 1일", "2026. 8. 1.",
        "1 августа 2026 г.", "1 Ağustos 2026", "Saturday, August 1, 2026", "Aug 2026", "2026-08", "2026-W31-6", "46235",
        "1785542400", "1785542400000", "2026-08-01 - 2026-08-07", "2026/08/01/ 19:30", "Sat Aug 01 2026 07:00:00 GMT+0700 (WIB)",
        "1 Aug, 2026 09:15 PM", "01/08/2026 - 09:05:06", "10:20 01/08/2026", "2026年08月01日10时05分06秒", "2026年8月1日 10:05", "2569-08-01", "1 Agt 2026", "1. 8. 2026", "'2026-08-01",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_spelling(cell: str) -> None:
    assert read(cell, order="dmy") == ["2026-08-01"]


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["November 29", "December 31", "January 1"], ["2025-11-29", "2025-12-31", "2026-01-01"]),
        (["28 mayo", "29 mayo"], ["2026-05-28", "2026-05-29"]),
        (["27 апреля", "28 апреля"], ["2026-04-27", "2026-04-28"]),
        (["2 Maret", "1 Maret", "28 Februari"], ["2026-03-02", "2026-03-01", "2026-02-28"]),
        (["February 28", "February 29", "March 1"], ["2024-02-28", "2024-02-29", "2024-03-01"]),
        (["7月1日", "7月2日"], ["2026-07-01", "2026-07-02"]),
        (["Dec 1", "Jan 1", "Dec 2", "Jan 2"], ["2025-12-01", "2026-01-01", "2025-12-02", "2026-01-02"]),
        (["KW 20", "KW 21"], ["2026-05-11", "2026-05-18"]),
    ],
)
def test_days_without_a_year_end_before_the_file_does(cells: list[str], days: list[str]) -> None:
    assert read(*cells) == days
    _, notes = decide(cells, DateHints(last=LAST))
    assert "--day" in notes[0]
    assert read(*cells, last=parse_day("2020-12-31"))[0][:4] in {"2016", "2019", "2020"}


def test_the_order_of_day_and_month_needs_evidence() -> None:
    assert read("01/07/2026", "13/07/2026") == ["2026-07-01", "2026-07-13"]
    assert read("01/07/2026", "01/13/2026") == ["2026-01-07", "2026-01-13"]
    assert read("01/07/2026", likely="dmy") == ["2026-07-01"]
    assert read("07/01/2026", order="mdy", likely="dmy") == ["2026-07-01"]
    assert read("26/07/01", order="ymd") == ["2026-07-01"]
    with pytest.raises(UsageError, match=r"is 01/07/2026 day first or month first\? No date .* --date-order dmy"):
        read("01/07/2026", "02/07/2026", likely=None)
    with pytest.raises(UsageError, match="Some dates have the day first"):
        read("13/07/2026", "07/13/2026")


def test_the_day_of_a_file_settles_the_order_of_its_own_days() -> None:
    made = {"is_past": True, "is_named": True, "last": parse_day("2026-11-05")}
    assert read("11/05/2026", **made) == read("05/11/2026", **made) == ["2026-11-05"]
    assert read("02/11/2026", **made) == ["2026-11-02"]
    with pytest.raises(UsageError, match="day first or month first"):
        read("01/11/2026", **made)  # four days before the file, or ten months
    assert read("11/02/2026", "11/05/2026", **made | {"likely": "dmy"}) == ["2026-11-02", "2026-11-05"]
    assert read("05/12/2026", is_past=True, last=LAST) == ["2026-05-12"], "the fifth of December is still to come"
    for open_order in ({}, {"is_named": True}, {"is_past": True, "is_named": True}):
        with pytest.raises(
            UsageError, match="day first or month first"
        ):  # a promised day; no day near that of the file
            read("01/09/2026", "01/10/2026", "01/11/2026", **{"last": LAST, **open_order})
    assert read("09/09/2026", "10/10/2026") == ["2026-09-09", "2026-10-10"], "both orders say the same"


def test_numbers_that_are_days() -> None:
    assert read("0000", "0031", first=parse_day("2026-03-01")) == ["2026-03-01", "2026-04-01"]
    assert read("202627", is_week=True) == ["2026-06-29"]
    assert read("202607") == ["2026-07-01"]
    assert decide(["1/1/2569", "13/1/2569"], DateHints(last=LAST))[1] == ("its years are Buddhist ones: 2569 is 2026",)


@pytest.mark.parametrize(
    "cell", ["Campaign 5", "Video 3", "12.5", "3", "MUG-0", "", "Total of 56 results", "1.250", "abc"]
)
def test_what_is_no_date(cell: str) -> None:
    assert not is_date(cell)


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("1.250.000", ",", "1250000"), ("1.234,56", ",", "1234.56"), ("1 234,56", ",", "1234.56"), ("1'234.5", ".", "1234.5"),
        ("Rp154.530", ",", "154530"), ("₫900.000", ",", "900000"), ("R$ 1.234,56", ",", "1234.56"), ("12,5 %", ",", "12.5"),
        ("1.2K", ".", "1200"), ("(123)", ".", "-123"), ("$1,234", ".", "1234"), ("¥12,000", ".", "12000"), ("3,5 млн", ",", "3500000"),
        ("0.125", ".", "0.125"), ("1234.567", ".", "1234.567"), ("-5", ".", "-5"), ("2万", ".", "20000"), ("−1.5", ".", "-1.5"),
    ],
)  # fmt: skip
def test_a_figure_is_read_in_every_spelling(cell: str, mark: str, value: str) -> None:
    found = decimal_marks({"sales": FigureColumn(cells=[cell])}, None)["sales"]
    assert found in {mark, "auto"}
    assert str(read_number(cell, "." if found == "auto" else found).normalize().__format__("f")) == value  # type: ignore[union-attr]


@pytest.mark.parametrize("cell", ["-", "--", "N/A", "n/d", "", "#DIV/0!"])
def test_what_says_that_there_is_no_figure(cell: str) -> None:
    assert read_number(cell) is None


def test_what_stays_ambiguous_is_refused_with_both_readings() -> None:
    open_column = {"sales": FigureColumn(cells=["1.250", "2.500"])}
    with pytest.raises(
        UsageError, match=r"is 1\.250 in 'sales' 1250, or a fraction \(1\.250\)\? .*--decimal , .*--decimal \."
    ):
        decimal_marks(open_column, None)
    assert decimal_marks(open_column, ",") == {"sales": ","}
    assert decimal_marks(open_column, None, unread=["12,5%"]) == {"sales": ","}
    assert decimal_marks(open_column | {"cost": FigureColumn(cells=["3.5"])}, None) == {"sales": ".", "cost": "."}
    assert decimal_marks({"visits": FigureColumn(cells=["1.250"], is_count=True)}, None) == {"visits": ","}
    money = {"gmv": FigureColumn(cells=["45.000"], is_money=True)}
    assert decimal_marks(money, None, words=["IDR"]) == {"gmv": ","}
    with pytest.raises(UsageError):
        decimal_marks(money, None, words=["USD"])
    with pytest.raises(UsageError, match="others a comma"):
        decimal_marks({"sales": FigureColumn(cells=["1,234.50", "1.234,50"])}, None)
    assert decimal_marks({"sales": FigureColumn(cells=[])}, None) == {"sales": "auto"}
    with pytest.raises(UsageError):
        mark_of_batch("sales", ["1.250"])
    assert mark_of_batch("sales", ["1,5"]) == ","


@settings(max_examples=100, deadline=None)
@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]))
def test_any_amount_reads_back(amount, marks) -> None:  # type: ignore[no-untyped-def]
    group, point = marks
    text = f"{amount:,.2f}".replace(",", "g").replace(".", point).replace("g", group)
    assert is_number(text)
    assert read_number(text, "," if point == "," else ".") == amount


ENCODED = {
    "gb18030": "日期,店铺,销售额\n2026-07-01,上海门店,7\n", "cp932": "日付,店舗,売上\n2026-07-01,大阪支店,7\n",
    "big5hkscs": "日期,商店,銷售額\n2026-07-01,高雄店,7\n", "cp949": "날짜,매장,매출\n2026-07-01,부산점,7\n",
    "euc_jp": "日付,店舗,売り上げ\n2026-07-01,大阪の支店,7\n", "cp1251": "Дата,Город,Продажи\n2026-07-01,Казань,7\n",
    "cp874": "วันที่,ร้านค้า,ยอดขาย\n2026-07-01,เชียงใหม่,7\n", "cp1252": "Datum,Größe,Menge\n2026-07-01,Köln,7\n",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODED)
def test_letters_of_the_world_are_not_taken_for_others(encoding: str) -> None:
    assert encoding_of(ENCODED[encoding].encode(encoding), "a.csv") == encoding
    assert encoding_of(b"a,b\n1,2\n", "a.csv", "GBK") == "gb18030"
    with pytest.raises(UsageError, match="no encoding"):
        encoding_of(b"", "a.csv", "klingon")


@pytest.mark.parametrize("number", ["epoch", "epoch_ms", "serial", "nth", "week", "month"])
@pytest.mark.parametrize("cell", ["9" * 13, "9" * 30, "2026" + "9" * 30, "9" * 400])
def test_a_number_that_no_calendar_has_is_no_date(number: DayNumber, cell: str) -> None:
    if (number, len(cell)) != ("epoch_ms", 13):  # that one is a day of the year 2286
        with pytest.raises(ValueError, match="."):
            read_moment(cell, DateReading(number=number))


@pytest.mark.parametrize(
    "cell", [f"July {'9' * 30}", f"{'9' * 30} July 2026", f"2026年{'9' * 30}月1日", f"thg {'9' * 30} 1, 2026"]
)
def test_words_with_a_number_that_no_calendar_has_are_no_date(cell: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_moment(cell, DateReading())
    assert not is_date(cell, of_any_language=True)


def test_a_raised_digit_is_no_digit() -> None:
    assert not is_date("2²26-07-01", of_any_language=True)
    decide(["x ²026", "1/7 ²026"], DateHints(last=LAST, order="dmy"))


@pytest.mark.parametrize("cell", ["0001-01-01T00:00:00+07:00", "1 Jan 0001 00:00 WIB", "31/12/9999 23:59 PST"])
def test_a_moment_outside_of_the_calendar_is_no_date(cell: str) -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        read_moment(cell, DateReading(order="dmy"))


def test_an_endless_exponent_is_no_number() -> None:
    with pytest.raises(ValueError, match="not a number"):
        read_number("1e" + "9" * 30)


@pytest.mark.parametrize(
    ("cell", "is_noted"),
    [
        ("2569-08-01", True),
        ("1/8/2569 10:00", True),
        ("2026-08-01T10:00:00.256900", False),
        ("2026-08-01T10:00:00.012569", False),
    ],
)
def test_years_from_buddhas_death_are_said_and_fractions_of_seconds_are_none(cell: str, is_noted: bool) -> None:
    _, notes = decide([cell], DateHints(last=LAST, order="dmy"))
    assert any("Buddhist" in note for note in notes) is is_noted


@pytest.mark.parametrize(
    "cells",
    [
        ["ม.ค. 69", "ก.พ. 69", "ธ.ค. 70"],
        ["1 ม.ค. 69", "1 ก.พ. 69", "1 ธ.ค. 70"],
        ["1/1/69 10:30", "1/2/69 9:00", "1/12/70"],
    ],
)
@pytest.mark.parametrize("last", ["2028-01-01", "2026-02-10"])
def test_buddhist_years_of_two_digits_are_known_by_what_is_far_ahead(cells: list[str], last: str) -> None:
    """Those of a budget lie ahead of the file by less than two years."""
    reading, notes = decide(cells, DateHints(last=parse_day(last), order="dmy"))
    assert [iso(day_or_none(cell, reading) or 0) for cell in cells] == ["2026-01-01", "2026-02-01", "2027-12-01"]
    assert iso(day_or_none("29/2/67 10:00", reading) or 0) == "2024-02-29"  # 2067 has no such day
    assert notes == ("its years are Buddhist ones of two digits: 69 is 2026",)


def test_one_number_counts_days_hours_and_fractions_of_days() -> None:
    day = parse_day("2026-08-01")
    assert read_moment("3", DateReading(number="nth", first=day)).seconds == (day + 3) * 86_400  # type: ignore[union-attr]
    noon, whole = (read_moment(cell, DateReading(number="serial")) for cell in ("46235.5", "46235"))
    assert noon is not None
    assert whole is not None
    assert (noon.seconds, noon.is_day, whole.seconds, whole.is_day) == (
        day * 86_400 + 43_200,
        False,
        day * 86_400,
        True,
    )
    afternoon, night = (
        read_moment(cell, DateReading(order="dmy")) for cell in ("1/8/2026 12:05 PM", "1/8/2026 12:05 AM")
    )
    assert afternoon is not None
    assert night is not None
    assert (afternoon.seconds - night.seconds, night.seconds) == (43_200, day * 86_400 + 300)
    for cell in ("1/8/2026 13:05 PM", "1/8/2026 0:05 AM", "1/8/2026 25:00", "1/8/2026 10:61"):
        with pytest.raises(ValueError, match="hour|minute"):
            read_moment(cell, DateReading(order="dmy"))


def test_the_sign_of_a_currency_decides_the_order_of_day_and_month(tmp_path: Path) -> None:
    loads(tmp_path, "Day,Fee\n03/04/2026,Rp1.500\n04/04/2026,Rp22.500\n05/04/2026,Rp1.222.500\n")
    assert figures(tmp_path, "SELECT min(date), max(date), sum(fee) FROM daily") == (
        "2026-04-03",
        "2026-04-05",
        1_246_500,
    )


def test_a_column_of_one_day_is_no_day_of_rows_where_another_changes(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Posted,Likes\n2026-07-31,2026-07-01,5\n2026-07-31,2026-07-02,6\n2026-07-31,2026-07-03,7\n")
    assert figures(tmp_path, "SELECT min(date), max(date), sum(likes) FROM daily") == ("2026-07-01", "2026-07-03", 18)


def test_two_digit_years_are_first_where_they_change_least() -> None:
    assert read("26/07/01", "26/07/02", "26/07/30") == ["2026-07-01", "2026-07-02", "2026-07-30"]
    assert read("01/07/26", "02/07/26", "30/07/26") == ["2026-07-01", "2026-07-02", "2026-07-30"]
    assert read("31/12/20", "31/12/21", "31/12/22") == ["2020-12-31", "2021-12-31", "2022-12-31"]
    assert read("25/12/30", "25/12/31", "26/01/01") == ["2025-12-30", "2025-12-31", "2026-01-01"]


@pytest.mark.parametrize(
    "cell",
    [
        *("2026/07/01(水)", "2026/07/01（水）", "2026-07-01 (Wed)", "2026年7月1日(水)", "2026/07/01 (quarta-feira)"),
        *("quarta-feira, 1 de julho de 2026", "quarta, 1 de julho de 2026", "วันพุธที่ 1 กรกฎาคม 2569"),
    ],
)
def test_a_weekday_next_to_a_day_adds_nothing(cell: str) -> None:
    assert read(cell) == ["2026-07-01"]


def test_full_width_yen_are_money() -> None:
    assert read_number("￥139,415") == 139415


def test_a_quarter_counts_on_its_first_day() -> None:
    assert read("Q1 2026", "Q2 2026", "2026-Q3") == ["2026-01-01", "2026-04-01", "2026-07-01"]


def test_a_minus_may_follow_its_number() -> None:
    assert (read_number("1.234,56-", ","), read_number("5-")) == (Decimal("-1234.56"), -5)
    assert not is_number("5-7")


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Numer zamówienia;Ilość;Wartość\n1;2;3\n", "cp1250"),
        ("Mes;Código;Año\n1;2;3\n", "cp1252"),
        ("Mês;Número\n1;2\n", "cp1252"),
        ("Œuvre;Cœur;Année\n1;2;3\n", "cp1252"),
    ],
)
def test_polish_is_not_taken_for_a_western_language(text: str, page: str) -> None:
    assert encoding_of(text.encode(page), "x.csv") == page
