"""How texts become typed columns, and which rows are refused: every kind of cell at its limits, by one plan each."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.base.time_zones import Zones
from core.catalogue.kinds import KINDS, CellType
from core.ingest.formats.batch import Batch, TextBatch
from core.ingest.mapping.cell_parsing import CellParser
from core.ingest.mapping.column_plan import ColumnPlan, Plan

DAY = ColumnPlan("date", CellType.DAY, "Day")


def parsed(plan: Plan, first: int = 0, zones: Zones | None = None, **cells: list[str | None]) -> Batch:
    """The batch of some columns of text whose first record is that number of the file."""
    columns = {name.replace("_", " "): pa.array(own, pa.string()) for name, own in cells.items()}
    rows = len(next(iter(columns.values())))
    return CellParser(plan, zones or Zones("UTC")).batch(TextBatch(columns, np.arange(first, first + rows)))


def reasons(batch: Batch) -> list[tuple[int, str]]:
    return [(row.record, row.reason) for row in batch.refused]


def value(cell: CellType, text: str | None, kind: str = "daily", target: str = "thing", **more: Any) -> Any:
    """What a cell of a row becomes; the reason where the row is refused."""
    plan = Plan(KINDS[kind], (DAY, ColumnPlan(target, cell, "Thing", **more)), decimal=more.get("decimal") or ".")
    batch = parsed(plan, Day=["2026-07-01"], Thing=[text], By=["3"])
    return batch.columns[target][0].as_py() if len(batch) else batch.refused[0].reason


@pytest.mark.parametrize(
    ("cell", "text", "found"),
    [
        (CellType.COUNT, "0", 0),
        (CellType.COUNT, "-1", "Thing: not a whole number, 0 or more: '-1'"),
        (CellType.COUNT, "1.5", "Thing: not a whole number, 0 or more: '1.5'"),
        (CellType.RATING, "1", 1),
        (CellType.RATING, "5", 5),
        (CellType.RATING, "0", "Thing: not a whole number from 1 to 5: '0'"),
        (CellType.RATING, "6", "Thing: not a whole number from 1 to 5: '6'"),
        (CellType.NUMBER, "-1.5", -1.5),
        (CellType.NUMBER, "x", "Thing: not a number: 'x'"),
        (CellType.MONEY, "1.25", 125),
        (CellType.MONEY, "x", "Thing: not an amount: 'x'"),
        (CellType.DURATION, "0:05:12", 312.0),
        (CellType.WORD, " Live ", "Live"),
        (
            CellType.TEXT,
            "1.23457E+15",
            "Thing: an id that a spreadsheet has rounded; export ids as text: '1.23457E+15'",
        ),
        (CellType.NUMBER, None, None),
    ],
)
def test_cells_of_each_kind(cell: CellType, text: str | None, found: object) -> None:
    target = "order_id" if cell is CellType.TEXT else "thing"
    assert value(cell, text, target=target) == found


def test_units_may_be_negative_and_currencies_are_upper_case() -> None:
    assert value(CellType.COUNT, "-2", target="units") == -2
    assert value(CellType.WORD, "eur", target="currency") == "EUR"
    assert value(CellType.WORD, "eur") == "eur"


@pytest.mark.parametrize(
    ("cell", "text", "more", "found"),
    [
        (CellType.NUMBER, "1.5", {"times": 60.0}, 90.0),
        (CellType.COUNT, "3", {"times": 0.5}, 2),
        (CellType.MONEY, "1.25", {"times": -1.0}, -125),
        (CellType.WORD, "1.5", {"times": 60.0}, "1.5"),
        (CellType.MONEY, "1.25", {"by": "By"}, 375),
        (CellType.NUMBER, "1.5", {"by": "By"}, 4.5),
        (CellType.NUMBER, "1,5", {"decimal": ","}, 1.5),
        (CellType.NUMBER, "1,5", {"decimal": "auto"}, 1.5),
        (CellType.NUMBER, "1.5", {"decimal": "auto"}, 1.5),
        (CellType.MONEY, "1.234,50", {"decimal": "auto"}, 123450),
        (CellType.MONEY, "1.25", {"decimal": "auto", "by": "By"}, 375),
        (CellType.NUMBER, "3", {"decimal": "auto", "times": 0.5}, 1.5),
    ],
)
def test_figures_are_multiplied(cell: CellType, text: str, more: dict[str, Any], found: object) -> None:
    assert value(cell, text, **more) == found


def test_a_row_without_a_factor_or_with_a_bad_one_is_refused_or_not_given() -> None:
    plan = Plan(KINDS["daily"], (DAY, ColumnPlan("sales", CellType.MONEY, "Price", by="Pieces")))
    batch = parsed(plan, Day=["2026-07-01"] * 4, Price=["2", "2", "x", "y"], Pieces=["3", None, "1", "z"])
    assert batch.columns["sales"].to_pylist() == [600, None]
    assert reasons(batch) == [(2, "Price: not an amount: 'x'"), (3, "Price: not an amount: 'y'")]
    batch = parsed(plan, Day=["2026-07-01"], Price=["2"], Pieces=["z"])
    assert reasons(batch) == [(0, "Price: not an amount: '2'")]


def test_rows_without_a_day_have_one_reason_each() -> None:
    plan = Plan(KINDS["daily"], (DAY, ColumnPlan("orders", CellType.COUNT, "Orders")))
    batch = parsed(plan, first=7, Day=["2026-07-01", None, "x" * 61, None], Orders=["1", "2", "-3", None])
    assert reasons(batch) == [
        (8, "date: not given"),
        (9, f"Day: not a day like 2026-03-09: '{'x' * 60}…'; Orders: not a whole number, 0 or more: '-3'"),
    ]
    assert (batch.records.tolist(), batch.read, len(batch)) == ([7], 3, 1), "the blank row was not read"


def test_rows_that_are_no_data_are_not_read() -> None:
    columns = (DAY, ColumnPlan("orders", CellType.COUNT, "Orders"))
    plan = Plan(KINDS["daily"], columns, drop={"Shop": frozenset(("Total",))}, description="Orders")
    cells: dict[str, list[str | None]] = {
        "Day": ["2026-07-01"] * 3,
        "Shop": ["A", "Total ", "B"],
        "Orders": ["pieces", "5", "6"],
    }
    assert parsed(plan, **cells).columns["orders"].to_pylist() == [6]
    later = parsed(plan, first=1, **cells)
    assert reasons(later) == [(1, "Orders: not a whole number, 0 or more: 'pieces'")], "only the first record describes"
    cells["Orders"] = ["n/a", "5", "6"]
    assert parsed(plan, **cells).columns["orders"].to_pylist() == [None, 6]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("2026-07-01 00:00:00", "2026-07-01"),
        ("2026-07-01T00:00Z", "2026-07-01"),
        ("2026-07-01 10:00", "2026-07-01 10:00"),
        ("1 Jul 2026 10:00", "2026-07-01 10:00"),
        ("1 Jul 2026 10:00:30", "2026-07-01 10:00:30"),
        ("1 Jul 2026", "2026-07-01"),
    ],
)
def test_the_moment_in_a_rows_name_is_written_in_one_way(cell: str, name: str) -> None:
    key = (ColumnPlan("row_key_0", CellType.MOMENT, "Day"), ColumnPlan("row_key_1", CellType.TEXT, "Code"))
    batch = parsed(Plan(KINDS["daily"], (DAY,), key=key), Day=[cell], Code=["c"])
    assert batch.columns["row_key"].to_pylist() == parsed(
        Plan(KINDS["daily"], (DAY,), key=(ColumnPlan("row_key_0", CellType.TEXT, "Name"), key[1])),
        Day=["2026-07-01"], Name=[name], Code=["c"],
    ).columns["row_key"].to_pylist()  # fmt: skip


def test_rows_are_named_by_all_parts_or_by_those_that_are_there() -> None:
    key = (ColumnPlan("row_key_0", CellType.TEXT, "A"), ColumnPlan("row_key_1", CellType.TEXT, "B"))
    cells: dict[str, list[str | None]] = {"Day": ["2026-07-01"] * 3, "A": ["x", "x", None], "B": ["y", None, None]}
    strict = parsed(Plan(KINDS["daily"], (DAY,), key=key), **cells)
    assert reasons(strict) == [(1, "row_key: not given"), (2, "row_key: not given")]
    blank = parsed(Plan(KINDS["daily"], (DAY,), key=key, has_blank_names=True), **cells)
    assert (blank.columns["row_key"].to_pylist(), reasons(blank)) == (["x\x1fy", "x"], [(2, "row_key: not given")])
    numbered = parsed(Plan(KINDS["daily"], (DAY,), numbered=True), first=4, **cells)
    assert len(set(numbered.columns["row_key"].to_pylist())) == 3


LINE = (
    ColumnPlan("order_id", CellType.TEXT, "Order"),
    ColumnPlan("ordered_at", CellType.MOMENT, "At"),
    ColumnPlan("paid_at", CellType.MOMENT, "At"),
    ColumnPlan("gmv", CellType.MONEY, "Amount"),
)


def test_returns_have_a_refund_and_no_sales() -> None:
    more = (ColumnPlan("units", CellType.COUNT, "Units"), ColumnPlan("refund_amount", CellType.MONEY, "Refund"))
    more = (*more, ColumnPlan("refunded_at", CellType.MOMENT, "Back"))
    cells: dict[str, list[str | None]] = {
        "Order": ["a", "b", "c", "d"], "At": ["2026-07-01 10:00"] * 4, "Amount": ["5", "-5", "7", "-9"],
        "Units": ["1", "1", "-2", None], "Refund": [None, None, "6", None], "Back": [None] * 4,
    }  # fmt: skip
    batch = parsed(Plan(KINDS["orders"], (*LINE, *more), returns=True), **cells)
    assert batch.columns["gmv"].to_pylist() == [500, 0, 0, 0]
    assert batch.columns["refund_amount"].to_pylist() == [None, 500, 600, 900]
    assert batch.columns["units"].to_pylist() == [1, -1, -2, -1]
    assert [cell is not None for cell in batch.columns["paid_at"].to_pylist()] == [True, False, False, False]
    assert [cell is not None for cell in batch.columns["refunded_at"].to_pylist()] == [False, True, True, True]
    late = parsed(Plan(KINDS["orders"], (*LINE, *more)), **cells)
    assert [(record, reason[:8]) for record, reason in reasons(late)] == [(at, "a return") for at in (1, 2, 3)]


@pytest.mark.parametrize(
    ("zone", "ordered", "due"),
    [
        ("UTC", "2026-07-01T23:30", "2026-07-02T23:59:59"),
        ("Asia/Jakarta", "2026-07-01T16:30", "2026-07-02T16:59:59"),
    ],
)
def test_moments_are_of_the_zone_and_deadlines_end_their_day(zone: str, ordered: str, due: str) -> None:
    more = ColumnPlan("ship_by", CellType.DEADLINE, "Due")
    cells: dict[str, list[str | None]] = {
        "Order": ["a"],
        "At": ["2026-07-01 23:30"],
        "Amount": ["5"],
        "Due": ["2026-07-02"],
    }
    batch = parsed(Plan(KINDS["orders"], (*LINE, more)), zones=Zones(zone), **cells)
    found = [np.datetime64(batch.columns[name][0].as_py(), "s") for name in ("ordered_at", "ship_by")]
    assert found == [np.datetime64(ordered, "s"), np.datetime64(due, "s")]
    assert batch.days is not None
    assert batch.days.tolist() == [int(np.datetime64("2026-07-01", "D").astype(int))]
