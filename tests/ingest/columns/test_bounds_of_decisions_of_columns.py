"""What days, hours, ids and roles of columns show, and tables of a file that are left out, at their limits."""

from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from core.catalogue.kinds import KINDS, CellType
from core.ingest import open_export
from core.ingest.columns import column_decisions, column_profile, hours_and_offsets, likely_date_order, time_columns
from core.ingest.columns.column_profile import Columns, is_day_name
from core.ingest.formats.text_hash import text_hashes
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.layout import TableRegion
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.values.moment_text import DateReading
from tests.ingest.columns.test_bounds_of_profiles import profile
from tests.ingest.test_bounds_of_layouts import rows_of


def columns_of(**cells: list[str | None]) -> Columns:
    return {name: profile(own, name) for name, own in cells.items()}


@pytest.mark.parametrize(("name", "is_day"), [
    ("finished_at", True), ("givenOn", True), ("finishedAt", True), ("chat", False), ("Order date", True), ("Day", True),
    ("Week", True), ("Monat", True),
    ("Fecha", True), ("Zorks", False), ("At", False), ("FORMAT", False),
])  # fmt: skip
def test_names_of_days(name: str, is_day: bool) -> None:
    assert is_day_name(name) == is_day


def test_figures_that_are_days() -> None:
    counted = column_profile._are_counted_days
    for name, cells, are in (
        ("zorks", "946684800", True), ("zorks", "946684799", False), ("zorks", "4102444799", True),
        ("zorks", "4102444800", False), ("zorks", "946684800000", True),
        ("Order date", "36526", True), ("Order date", "36525", False), ("Order date", "62091.5", True),
        ("Order date", "62092", False), ("zorks", "40000", False),
        ("updates", "40000", False), ("Order date", "40000 x", False), ("Order date", "40000 946684800", False),
        ("Date", "40000.5.1", False),
    ):  # fmt: skip
        assert counted(name, cells.split()) == are, (name, cells)
    for cells, are in (
        ("2026-07 2026-08", True),
        ("2026-07 2026-13", True),
        ("2026-07 2026-13 2026-14 2026-15", False),
        ("2026-07 x", False),
        ("2026-13", False),
    ):
        assert column_profile._are_days(cells.split()) == are, cells
    assert column_profile._spread(profile(list("abcdefg")).cells, 3) == ["a", "c", "e"]
    assert column_profile._spread(profile(list("ab")).cells, 3) == ["a", "b"]
    assert profile(["5", "6", None]).hundreds() == 0
    assert profile(["100", "999", "99", "1000", "100"]).hundreds() == 2
    assert profile(["1.5", "2.5", "1,250", "7"]).marked() == ["1.5", "1,250"]
    assert [profile([cell]).is_remark for cell in ("x" * 200, "x", "https://a.b", "http:b")] == [
        True,
        False,
        True,
        False,
    ]


def test_the_order_of_dates_is_that_of_others() -> None:
    orders = [DateReading(order=order) for order in (None, "ymd", "mdy", "dmy")]
    assert [column_decisions._first_order(own) for own in (orders, orders[:2], [])] == ["mdy", None, None]
    columns = columns_of(a=["13/01/2026", "14/01/2026"], b=["x", "y"], c=["01/02/2026", "02/02/2026"])
    assert column_decisions._order_of_others(columns, ["c"]) == "dmy"
    assert column_decisions._order_of_others(columns, ["a", "c"]) is None
    both = columns_of(a=["13/01/2026", "14/01/2026"], d=["01/13/2026", "01/14/2026"])
    assert column_decisions._order_of_others(both, []) is None
    unread = column_decisions._unread_date
    for name, cells, is_unread in (
        ("Belegdatum", ["0107", "0207"], True), ("Belegdatum", ["0107", "0107"], False),
        ("Candidate", ["0107", "0207"], False), ("Datum", ["x", "y"], False),
    ):  # fmt: skip
        assert (unread({name: profile(cells, name)}) is not None) == is_unread, name
    for name, cells, is_unread in (
        ("Week", ["x", "y"], True),
        ("Week", ["x", "x"], False),
        ("Zorks", ["x", "y"], False),
        ("Week", ["5.5", "6.5"], False),
    ):
        assert (column_decisions._unread_calendar({name: profile(cells, name)}) is not None) == is_unread, name


def daily(**more: Any) -> Plan:
    day = ColumnPlan("date", CellType.DAY, "Day")
    return Plan(KINDS["daily"], (day, ColumnPlan("visits", CellType.COUNT, "Visits")), **more)


@pytest.mark.parametrize(("cells", "hour"), [
    (["2026-07-01T17:00:00Z", "2026-07-02T17:00:00Z", "2026-07-03T17:00:00Z"], "17:00"),
    (["2026-07-01T17:00Z", "2026-07-02T17:00Z"], None),
    (["2026-07-01T17:00Z", "2026-07-02T16:00Z", "2026-07-03T17:00Z"], "16:00"),
    (["2026-07-01T17:00Z", "2026-07-02T15:00Z", "2026-07-03T17:00Z"], None),
    (["2026-07-01T00:00Z", "2026-07-02T00:00Z", "2026-07-03T00:00Z"], None),
    (["2026-07-01T17:00Z", "2026-07-02T17:30Z", "2026-07-03T17:00Z"], None),
    (["2026-07-01 17:00 UTC", "2026-07-02 17:00 UTC", "2026-07-03 17:00:00.0 UTC"], "17:00"),
    (["2026-07-01", "2026-07-02", "2026-07-03"], None),
])  # fmt: skip
def test_days_that_begin_at_midnight_elsewhere(cells: list[str | None], hour: str | None) -> None:
    assert hours_and_offsets._midnight_elsewhere(daily(), columns_of(Day=cells)) == hour


def test_offsets_of_moments() -> None:
    columns = columns_of(
        Day=["2026-07-01 10:00+07:00", "2026-07-02 11:00 +0700", "2026-07-03 10:00-03:00", "2026-07-04 10:00"]
    )
    assert hours_and_offsets._offsets(daily(), columns) == ["+0700", "+07:00", "-03:00"]
    assert (
        hours_and_offsets._offsets(daily(), columns_of(Day=["2026-07-01 10:00-11:00", "2026-07-01 11:00-12:00"])) == []
    )
    late: list[str | None] = [f"2026-07-01 10:00:{at % 60:02d}.{at}" for at in range(200)]
    assert hours_and_offsets._offsets(daily(), columns_of(Day=[*late, "2026-07-03 10:00-03:00"])) == []
    assert hours_and_offsets._offsets(daily(own_clock=True), columns_of(Day=[*late, "2026-07-03 10:00-03:00"])) == [
        "-03:00"
    ]
    whole = hours_and_offsets._are_whole_hours
    for cells, are in (
        (["2026-07-01T10:00+07:00"], True),
        (["2026-07-01T10:30+07:00"], False),
        (["2026-07-01T10:00:00+0700"], True),
        (["2026-07-01T10:00"], False),
    ):
        assert whole(daily(), columns_of(Day=[*cells])) == are, cells


@pytest.mark.parametrize(("name", "is_id"), [
    ("No. of orders", False), ("No. of order", False), ("Number of visits", False), ("number", False), ("No", False),
    ("order no", True), ("#", False), ("# Order", True),
    ("Total no", False), ("Count of ID", False), ("Count ID", True), ("user_id", True), ("userId", True), ("idle", False),
    ("paid", False), ("clicks by id", False), ("No visits", False),
    ("reference2", True), ("Umsatz 2", False), ("N° de passages", False), ("N° de passage", True),
    ("visits_by_phone", False), ("", False),
])  # fmt: skip
def test_names_of_ids(name: str, is_id: bool) -> None:
    assert is_id_name(name) == is_id


@pytest.mark.parametrize(("name", "names"), [
    ("order", True), ("orders", False), ("order id", True), ("order amount", False), ("invoice", True), ("receipt", False),
    ("receipt no.", True), ("No. of orders", False),
    ("order#", True), ("purchase/order", False), ("order ref", True),
])  # fmt: skip
def test_names_of_orders(name: str, names: bool) -> None:
    assert names_order(name) == names


def region(text: str, skipped: frozenset[int] = frozenset()) -> TableRegion:
    return TableRegion(rows=rows_of(text), offset=2, header=0, above=(), is_whole=True, skipped=skipped)


def test_tables_of_a_file() -> None:
    assert open_export._is_of_period(region("Period,visits\n2026-07-01 - 2026-07-03,5\n2026-07-04 - 2026-07-09,6"))
    assert not open_export._is_of_period(region("Period,visits\n2026-07-01 - 2026-07-03,5\n2026-07-04,6"))
    assert not open_export._is_of_period(region("Period,visits"))
    assert open_export._is_dated(region("Day,visits\n 2026-07-01 ,5\nx,6"))
    assert not open_export._is_dated(region("Day,visits\nx,5\n2026-07-01,6"))
    assert open_export._is_dated(region("Day,visits\nx,5\n2026-07-01,6", frozenset((1,))))
    assert not open_export._is_dated(region("Day,visits"))
    assert open_export._days(region("a,b,c,d\n2026-07-01,x,2026-07-02,2026-07-03")) == {"2026-07-01", "2026-07-02"}
    assert open_export._left_out("t", region("a\n1"), "why") == "'t' (1 row: why)"

    def item(preset: str | None, header: str, days: str, table: object) -> Any:
        export = SimpleNamespace(preset=preset, header=header)
        return SimpleNamespace(export=export, region=region(f"Day\n{days}"), table=table, title=f"T {days}")

    first, day = object(), "2026-07-01"
    one = item("p", "Day", day, first)
    for other, is_cut in (
        (item("p", "Day", day, object()), True), (item("q", "Day", day, object()), False),
        (item("p", "Day", "2026-07-02", object()), False), (item("p", "Tag", day, object()), False),
        (item("p", "Day", day, first), False),
    ):  # fmt: skip
        assert open_export._is_cut_of(other, one) == is_cut
        kept, said = open_export._without_repeats([one, other])
        assert (len(kept), len(said)) == ((1, 1) if is_cut else (2, 0))
    assert not open_export._is_cut_of(item(None, "Day", day, object()), item(None, "Day", day, object()))
    period = item(None, "Day", "2026-07-01 - 2026-07-03", object())
    assert [len(part) for part in open_export._without_repeats([one, period])] == [1, 1]
    assert [len(part) for part in open_export._without_repeats([period, period])] == [2, 0]


def test_accounts_of_roles() -> None:
    def export(ids: list[str], told: list[int], cells: tuple[str, ...] = ("creator_id", "followers")) -> Any:
        batch = SimpleNamespace(records=[*range(len(ids))], columns={"creator_id": ids})
        return SimpleNamespace(
            batches=[batch] if ids else [], contents=lambda records: told, cells=dict.fromkeys(cells)
        )

    assert open_export._agree(export(["a", "a", "b"], [1, 1, 2]))
    assert not open_export._agree(export(["a", "a", "b"], [1, 3, 2]))
    assert not open_export._agree(export([], []))
    roles = export(["a"], [1], ("creator_id", "role", "market"))
    assert open_export._with_accounts(roles, export(["a"], [1], ("creator_id", "market"))) == [roles]
    assert open_export._with_accounts(cast(Any, roles), export(["a", "a"], [1, 2])) == [roles]


def test_units_and_ranges_of_prices() -> None:
    columns = columns_of(Weight=["5 kg", "6 kg"], Price=["$5.00 - $7.00", "$6.00"], Other=["5-7", "6~8"])
    units = column_decisions.with_units(
        Plan(
            KINDS["daily"],
            (ColumnPlan("weight", CellType.NUMBER, "Weight"), ColumnPlan("word", CellType.WORD, "Weight")),
        ),
        columns,
    )
    assert [column.mark for column in units.columns] == [columns["Weight"].unit, None]
    assert columns["Weight"].unit is not None
    marked = Plan(KINDS["daily"], (ColumnPlan("weight", CellType.NUMBER, "Weight", mark="/"),))
    assert column_decisions.with_units(marked, columns).columns[0].mark == "/"

    def ranged(source: str | None, mark: str | None = None) -> tuple[str | None, tuple[str, ...]]:
        plan = Plan(KINDS["products"], (ColumnPlan("price", CellType.MONEY, source, mark=mark),))
        made = column_decisions.with_price_ranges(plan, columns)
        return made.columns[0].mark, made.notes

    assert ranged("Price") == ("-", ("prices such as $5.00 - $7.00 are ranges: the lowest of each counts",))
    assert (ranged("Other"), ranged("Weight"), ranged(None), ranged("Price", "/")) == (
        (None, ()),
        (None, ()),
        (None, ()),
        ("/", ()),
    )


def test_hashes_of_texts_eight_bytes_at_a_time() -> None:
    """Splitmix64 of the length, then of each eight bytes, the last ones filled up with zeros."""

    def mixed(value: int, position: int) -> int:
        mask = (1 << 64) - 1
        out = (value + ((position << 48) + 1) * 0x9E3779B97F4A7C15) & mask
        out = ((out ^ (out >> 30)) * 0xBF58476D1CE4E5B9) & mask
        out = ((out ^ (out >> 27)) * 0x94D049BB133111EB) & mask
        return out ^ (out >> 31)

    def wanted(text: str) -> int:
        data, out = text.encode(), mixed(len(text.encode()), 0)
        for at in range(0, len(data), 8):
            out = mixed(out ^ int.from_bytes(data[at : at + 8].ljust(8, b"\0"), "little"), at)
        return out

    texts = ["", "a", "1234567", "12345678", "123456789", "1234567890123456", "äöü", "12345678901234567"]
    assert text_hashes([pa.array(texts)]).tolist() == [wanted(text) for text in texts]
    assert text_hashes([pa.array(texts)[3:5]]).tolist() == [wanted(text) for text in texts[3:5]]


@pytest.mark.parametrize(("name", "cells", "is_part"), [
    ("Week", "1 53", True), ("Week", "1 54", False), ("Week", "01 27.0", True), ("Week", "202631 202632", True),
    ("Month", "7 2", True), ("Hour", "0 2300", True), ("Year", "2025 2026", True),
    ("Year", "1799 1801", False), ("Year built", "1899 2025", True), ("Year built", "1899 2100", False),
    ("Baujahr", "1899 2025", True), ("Zorks", "2025 2026", False),
    ("Day of year", "1 399", True), ("Day of year", "1 401", False), ("Week", "1 99", False),
])  # fmt: skip
def test_columns_that_are_parts_of_dates(name: str, cells: str, is_part: bool) -> None:
    column = profile([*cells.split()], name)
    assert time_columns.is_calendar_column(column, name) == is_part


@pytest.mark.parametrize(("name", "cells", "length", "clock", "is_sum"), [
    ("Zorks", "0:10:00 0:20:00 9:00:00", True, False, False), ("Zorks", "0:10:00 9:20:00", False, True, False),
    ("Zorks", "24:00:00 9:20:00", True, False, True),
    ("Zorks", "23:59:59 9:20:00", False, True, False), ("Duration", "9:20:00 10:20:00", True, False, True),
    ("Wait time", "9:20:00 10:20:00", True, False, False), ("Zorks", "5m 1h", True, False, False),
    ("Zorks", "9:20 10:30", False, True, False), ("Zorks", "9:20", False, False, False),
    ("Average time", "9:20:00 10:20:00", True, False, False), ("Zorks", "x y", False, False, False),
])  # fmt: skip
def test_columns_of_clocks_and_lengths(name: str, cells: str, length: bool, clock: bool, is_sum: bool) -> None:
    column = profile([*cells.split()], name)
    found = (time_columns.is_length(column), time_columns.is_clock(column), time_columns.is_sum_of_time(column))
    assert found == (length, clock, is_sum)


def test_moments_that_a_machine_reads() -> None:
    def are(step: int, count: int = 20, start: int = 0, *, late: int = 0) -> bool:
        seconds = [start + step * at + (late if at == count - 1 else 0) for at in range(count)]
        cells = [f"2026-07-01T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in seconds]
        return time_columns.are_sampled(pa.array(cells))

    assert [are(3600), are(900), are(60), are(1)] == [True] * 4
    assert not are(3600, 19), "nineteen"
    assert not are(3600, start=900), "not of the clock"
    assert not are(420), "seven minutes are no part of an hour"
    assert not are(900, late=900)
    assert not time_columns.are_sampled(pa.array(["x"] * 20))
    assert not time_columns.are_sampled(pa.array(["2026-07-01T10:00:00"] * 20))


def test_places_that_settle_the_order_of_dates() -> None:
    plan = daily()
    for cells, order in (
        ({"Country": ["DE", "DE"]}, "dmy"), ({"Country": ["US", "US"]}, "mdy"), ({"Country": ["US", "DE"]}, None),
        ({"Country": ["JP", "JP"]}, None), ({"Currency": ["EUR", "EUR"]}, "dmy"),
        ({"Zorks": ["DE", "DE"]}, None), ({"Currency code": ["GBP", "GBP"]}, "dmy"),
        ({"Country": ["United States", "USA"]}, "mdy"),
    ):  # fmt: skip
        assert likely_date_order.likely_order(plan, columns_of(**cells)) == order, cells
    dotted = columns_of(Day=["01.02.2026", "02.03.2026"], Visits=["5", "6"])
    assert likely_date_order.likely_order(plan, dotted) == "dmy"
    assert [likely_date_order._is_currency(place) for place in ("EUR", "eur", "EURO", "USA", "DE")] == [
        True,
        False,
        False,
        False,
        False,
    ]
