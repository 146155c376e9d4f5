"""Columns and letters at the limits of what they are taken for: scripts, days in words, numbers of rows, sources."""

from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns.column_profile import ColumnProfile, Role
from core.ingest.columns.currencies import _is_amount
from core.ingest.columns.id_columns import is_of_country, is_row_number
from core.ingest.columns.likely_date_order import likely_order
from core.ingest.formats.charsets import multibyte
from core.ingest.formats.charsets.multibyte import _Pairs
from core.ingest.formats.documents import json_shapes
from core.ingest.formats.documents.json_shapes import _of_object
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.plans.row_identity import from_source
from core.ingest.request import Request
from core.ingest.row_kinds import is_mostly
from core.ingest.shapes.calendar_parts import _day
from core.ingest.values.date_words import month_of
from core.ingest.values.periods import _is_dense
from core.ingest.values.worded_days import bare_day
from core.ingest.values.years_of_days import _newest, years_of_weeks


def pairs(*groups: tuple[int, int, int], singles: int = 0) -> _Pairs:
    """So many characters of each lead and trail."""
    letters = [(lead, trail) for count, lead, trail in groups for _ in range(count)]
    return _Pairs(tuple(lead for lead, _ in letters), tuple(trail for _, trail in letters), singles)


@pytest.mark.parametrize(("script", "plain", "other", "share"), [
    ("_is_korean", (0xB0, 0xA1), (0xC9, 0xA1), 0.97), ("_is_korean", (0xC8, 0xFE), (0xC8, 0xA0), 0.97),
    ("_is_traditional", (0xA4, 0x40), (0xC7, 0x40), multibyte._COMMON),
    ("_is_traditional", (0xC6, 0x7F), (0xA3, 0x7F), multibyte._COMMON),
    ("_is_shift_jis", (0x81, 0x40), (0x99, 0x40), 0.971), ("_is_shift_jis", (0xE1, 0x40), (0xE2, 0x40), 0.971),
    ("_is_euc_jp", (0xA4, 0xA1), (0xD0, 0xA1), multibyte._COMMON),
    ("_is_euc_jp", (0xA5, 0xA1), (0xD0, 0xA1), multibyte._COMMON),
])  # fmt: skip
def test_scripts_by_the_share_of_their_common_letters(
    script: str, plain: tuple[int, int], other: tuple[int, int], share: float
) -> None:
    fits = getattr(multibyte, script)
    enough = -(-int(share * 10_000) // 10)
    assert fits(pairs((enough, *plain), (1000 - enough, *other)))
    assert not fits(pairs((enough - 2, *plain), (1002 - enough, *other)))
    few = multibyte._FEWEST
    assert fits(pairs((few, *plain)))
    assert not fits(pairs((few - 1, *plain)))
    assert not fits(pairs((few, *plain), singles=9 * few)), "letters of one byte count among all"


def test_simplified_letters_lie_beyond_hangul_and_are_no_kana() -> None:
    common = -(-int(multibyte._COMMON * 10_000) // 10)
    assert multibyte._is_simplified(pairs((common - 100, 0xB0, 0xA1), (100, 0xD7, 0xA1), (1000 - common, 0xD8, 0xA1)))
    assert not multibyte._is_simplified(
        pairs((common - 102, 0xB0, 0xA1), (100, 0xD7, 0xA1), (1002 - common, 0xD8, 0xA1))
    )
    assert not multibyte._is_simplified(pairs((970, 0xC8, 0xA1), (30, 0xC9, 0xA1))), "as in Korean"
    assert multibyte._is_simplified(pairs((969, 0xC8, 0xA1), (31, 0xC9, 0xA1)))
    kana = int(multibyte._KANA * 1000)
    for count, fits in ((kana - 1, True), (kana, False)):
        letters = pairs((1000 - kana - 50 + kana - count, 0xB0, 0xA1), (50, 0xD0, 0xA1), (count, 0xA4, 0xA1))
        assert multibyte._is_simplified(letters) is (fits and (1000 - count) / 1000 >= multibyte._COMMON)
    assert multibyte._is_shift_jis(pairs((96, 0x81, 0x40), (1, 0x82, 0x9F), (3, 0xE0, 0x40)))
    for kana_pair, counts in (((0x82, 0x9F), True), ((0x82, 0x9E), False), ((0x83, 0x96), True), ((0x83, 0x97), False)):
        some = pairs((int(multibyte._COMMON * 100) + 1, *kana_pair), (99 - int(multibyte._COMMON * 100), 0x99, 0x40))
        assert multibyte._is_shift_jis(some) is counts


@pytest.mark.parametrize(("cells", "dense"), [
    (["01/02", "02/02", "03/02"], True), (["03/02", "02/02", "01/02"], True), (["01/02", "01/02", "05/02"], False),
    (["01/02", "01/02", "01/02", "05/02"], True), (["01/02"], False), (["01/02", "03/02", "05/02"], False),
])  # fmt: skip
def test_days_are_dense_where_most_follow_the_one_before(cells: list[str], dense: bool) -> None:
    assert _is_dense(cells, "dmy") is dense


def test_weeks_without_a_year_turn_once() -> None:
    last = 20_454  # 2026-01-01, of the first week
    assert years_of_weeks([51, 52, 1], last) == {51: 2025, 52: 2025, 1: 2026}
    assert years_of_weeks([1, 52, 51], last) == {51: 2025, 52: 2025, 1: 2026}
    assert years_of_weeks([1, 2, 3], last) == {1: 2025, 2: 2025, 3: 2025}
    assert years_of_weeks([1, 1], last) == {1: 2026}
    assert years_of_weeks([49, 48], last) == years_of_weeks([48, 49], last) == {48: 2025, 49: 2025}


@pytest.mark.parametrize(("cell", "bare"), [
    ("1.6-7.6.2026", "1.6.2026"), ("29/12 - 04/01/2026", "29/12/2025"),
    ("29.12.-4.1.2026", "29.12.2025"), ("28/06 au 04/07/2026", "28/06/2026"),
    ("06/28 to 07/04/2026", "06/28/2026"), ("1.6.2026", "1.6.2026"),
    ("week of 29/06/2026", "29/06/2026"), ("Mon 29/06/2026", "29/06/2026"),
])  # fmt: skip
def test_the_first_day_of_a_range(cell: str, bare: str) -> None:
    assert bare_day(cell) == bare


@pytest.mark.parametrize(("cell", "month"), [
    ("January 2026", (2026, 1)), ("  Jan  ", (None, 1)), ("", None), ("2026-13", None), ("07/2026", (2026, 7)), ("Janitor", None),
    ("September 2026      ", (2026, 9)), ("September    , 2026 x", None), ("Thursday", None),
])  # fmt: skip
def test_months_that_stand_alone(cell: str, month: tuple[int | None, int] | None) -> None:
    assert month_of(cell) == month
    assert month_of("September" + " " * 7 + "2026") == (2026, 9), "twenty letters"
    assert month_of("September" + " " * 8 + "2026") is None


@pytest.mark.parametrize(("parts", "day"), [
    (("2026", "3", "", "7"), "2026-03-07"), (("2026", "March", "", ""), "2026-03"), (("2026", "", "9", ""), "2026-W09"),
    (("2026", "", "", ""), "2026"), (("26x", "3", "", ""), "3"),
    (("2026", "3", "", "Total"), "3 Total"), (("2026", "Total", "", ""), "Total"),
    (("x", "", "9", ""), "9"),
])  # fmt: skip
def test_days_put_together_from_their_parts(parts: tuple[str, str, str, str], day: str) -> None:
    assert _day(*parts) == day


@pytest.mark.parametrize(
    ("cells", "mostly"), [(["a", "b", "1"], True), (["a", "1"], False), (["a", "", "  ", "b", "1"], True), ([], False)]
)
def test_most_filled_cells_pass(cells: list[str], mostly: bool) -> None:
    assert is_mostly([["x", cell] for cell in cells] + [["x"]], 1, str.isalpha) is mostly


def test_the_newest_of_dates() -> None:
    assert _newest(["01/02/2026", "03/01/2026"], "dmy") == 20_485
    assert _newest(["01/02/2026", "03/01/2026"], "mdy") == 20_513
    assert _newest(["13/02/2026", "31/01/2026"], "mdy") is None


@pytest.mark.parametrize(
    ("name", "amount"),
    [("gmv", True), ("ad_cost", True), ("clicks", False), ("refund_amount", True), ("orders", False)],
)
def test_names_of_amounts(name: str, amount: bool) -> None:
    assert _is_amount(name) is amount


def column(name: str, cells: list[str], role: Role = Role.TEXT, filled: int | None = None) -> ColumnProfile:
    texts = pa.array(cells, pa.string())
    return ColumnProfile(name=name, role=role, cells=texts, filled=filled or len(cells), rows=len(cells), column=texts)


@pytest.mark.parametrize(("places", "order"), [
    (["US"], "mdy"), (["US", "PH"], "mdy"), (["ID"], "dmy"), (["US", "ID"], None), ([], None), (["USA", "USD"], "mdy"),
    (["Germany", "GB", "JP"], "dmy"), (["USD"], None), (["ID", "USD"], "dmy"), (["EUR", "GBP"], "dmy"), (["EUR", "USD"], None),
])  # fmt: skip
def test_countries_settle_the_order_of_day_and_month(places: list[str], order: str | None) -> None:
    plan = cast(Any, SimpleNamespace(columns=()))
    columns = {"Country": column("Country", places), "Day": column("Day", ["01/02/2026"], Role.DATE)}
    assert likely_order(plan, columns) == order
    dotted = {**columns, "Day": column("Day", ["1.2.2026"], Role.DATE)}
    assert likely_order(plan, dotted) == (order or "dmy")
    euro = cast(Any, SimpleNamespace(columns=(SimpleNamespace(constant="EUR", target="currency"),)))
    assert likely_order(euro, {"Day": columns["Day"]}) == "dmy"


@pytest.mark.parametrize(("name", "rows", "first", "numbers"), [
    ("No.", 3, False, True), ("No.", 2, False, False),
    ("(column 1)", 3, False, True), ("Sales", 10, True, True), ("Sales", 9, True, False),
    ("Sales", 10, False, False),
])  # fmt: skip
def test_columns_that_only_number_rows(name: str, rows: int, first: bool, numbers: bool) -> None:
    cells = [str(at + 1) for at in range(rows)]
    assert is_row_number(column(name, cells), is_first=first) is numbers
    assert not is_row_number(column(name, [*cells[:-1], "99"]), is_first=first)
    assert not is_row_number(column(name, [str(at + 2) for at in range(rows)]), is_first=first)
    if numbers:
        assert is_row_number(column(name, [*cells, "Total", "Mean"]), is_first=first)
        assert not is_row_number(column(name, [*cells, "a", "b", "c"]), is_first=first)


@pytest.mark.parametrize(("length", "tables"), [(1, 0), (2, 1), (3, 1)])
def test_lists_of_one_length_are_columns(length: int, tables: int) -> None:
    value = {"day": [f"2026-01-0{at + 1}" for at in range(length)], "views": list(range(length))}
    found = list(_of_object("x", value))
    assert len(found) == tables * (length >= json_shapes._FEWEST)
    assert list(_of_object("x", {**value, "likes": list(range(length + 1))})) == []


def test_the_source_of_rows_is_named_once() -> None:
    kind = KINDS["daily"]
    named = Plan(kind, (ColumnPlan("source", CellType.WORD, "Shop"),))
    assert from_source(named, Request()) is named
    with pytest.raises(UsageError, match="gives the source of each row"):
        from_source(named, Request(source="x"))
    none = Plan(kind, ())
    assert from_source(none, Request()) is none


def test_a_name_without_the_code_of_a_country_is_compared_with_no_other() -> None:
    others = iter(["orders_TH"])
    assert not is_of_country("clicks", others)
    assert list(others) == ["orders_TH"]
    assert is_of_country("orders_ID", ["orders_TH"])
