"""Columns that are computed from stored ones are what SQLite makes of the same expression."""

import sqlite3
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, parse_day
from core.workspace.read import rating_rows
from core.workspace.read.blocks import cache, column_blocks
from core.workspace.read.blocks.computed_columns import expression
from core.workspace.read.measure_sql import ORDERS, filled
from core.workspace.read.rows import risk_rows
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import NOTHING
from core.workspace.write.load import load
from tests.workspace.loading import written

_VALUES = (None, -3, 0, 1, 2)
_ROWS = list(product(_VALUES, repeat=3))
_EXPRESSIONS = (
    "a + b * c", "(a + b) * c", "a - b - c", "a / 2", "r.a >> 1 < b", "a = b OR b = c AND c <> a", "NOT a AND b", "NOT a IS NULL",
    "a IS NOT NULL AND (b OR NOT c)", "coalesce(a, b, c)", "min(max(a, b), c)", 'CASE WHEN a > b THEN r."c" WHEN b THEN 7 END',
    "CASE WHEN a IS NULL THEN b >= 0 ELSE a <= c END",
)  # fmt: skip


@pytest.mark.parametrize("sql", _EXPRESSIONS)
def test_same_as_sqlite(sql: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE r (a, b, c)")
    connection.executemany("INSERT INTO r VALUES (?, ?, ?)", _ROWS)
    expected = [value for (value,) in connection.execute(f"SELECT coalesce({sql}, 0) FROM r ORDER BY rowid")]
    stored = {
        name: np.array([NOTHING if row[at] is None else row[at] for row in _ROWS]) for at, name in enumerate("abc")
    }
    formula = expression(sql)
    assert formula is not None
    assert formula.of({name: stored[name] for name in formula.names}).tolist() == expected


@pytest.mark.parametrize(
    "sql",
    [
        "abs(a)",
        "o.a",
        "(SELECT min(a) FROM r)",
        "a ||",
        "'a'",
        "a b",
        "(a",
        "-a",
        'r."a-b"',
        "CASE WHEN a THEN b",
        "a IS 1",
    ],
)
def test_left_to_sqlite(sql: str) -> None:
    assert expression(sql) is None


def test_cubes_are_the_same(tmp_path: Path) -> None:
    """Of five orders, as they were known at seven moments: with columns read together, and each by itself."""
    rows = (
        "order_id,ordered_at,units,gmv,paid_at,ship_by,shipped_at,promised_by,delivered_at,cancelled_at,cancelled_by,refunded_at,refund_amount",
        "a,2026-03-01T08:00:00Z,1,10,2026-03-01T09:00:00Z,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,2026-03-04,2026-03-05T07:00:00Z,,,2026-03-06T01:00:00Z,4",
        "b,2026-03-01T09:00:00Z,,20,,2026-03-02T09:00:00Z,,2026-03-04,,2026-03-02T08:00:00Z,seller,,",
        "c,2026-03-02T08:00:00Z,0,30,2026-03-04T09:00:00Z,,,,2026-03-04T07:00:00Z,,,,30",
        "d,2026-03-03T08:00:00Z,2,40,2026-03-03T08:05:00Z,2026-03-05T09:00:00Z,,2026-03-06,,2026-03-04T10:00:00Z,buyer,,",
        "e,2026-03-07T08:00:00Z,3,5,,,,,,,,,",
    )
    load(tmp_path / "w.db", [written(tmp_path, "orders.csv", "\n".join(rows))])
    first = parse_day("2026-03-01")
    window, moments = Window(first, first + 6), [(None, None), *((first + day, None) for day in (1, 3, 5))]
    moments += [(None, age) for age in (0, 2, 4)]

    def totals(*, together: bool) -> list[dict[str, float]]:
        with Workspace.open(tmp_path / "w.db") as workspace:
            if together:
                risk_rows.read_with_ratings(workspace)
            names = [name for name in ORDERS if name in workspace.measures]
            cubes = [workspace.cube(names, window, as_of=as_of, age=age) for as_of, age in moments]
            return [{name: float(cube.totals(name, ())) for name in names} for cube in cubes]

    computed = totals(together=True)
    assert computed == totals(together=False)
    # a, c and d are paid; c two days after it was made
    assert [result["paid_orders"] for result in computed] == [3, 1, 3, 3, 2, 3, 3]


def test_ratings_after_health_find_their_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that health computed are kept for a command that reads no stored ones."""
    monkeypatch.setattr(cache, "_LEAST_BYTES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    export = "order_id,ordered_at,gmv,paid_at,cancelled_at\na,2026-03-01T08:00:00Z,1,2026-03-02,2026-03-04"
    load(tmp_path / "w.db", [written(tmp_path, "orders.csv", export)])
    first = parse_day("2026-03-01")
    window = Window(first, first + 6)
    with Workspace.open(tmp_path / "w.db") as workspace:
        risk_rows.read_with_ratings(workspace)
        workspace.cube(["paid_orders"], window)
    monkeypatch.setattr(column_blocks, "_block", lambda *_: pytest.fail("read again"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        rows = rating_rows.orders(workspace, window)
    assert [rows[name].tolist() for name in ("paid", "cancelled", "due")] == [[first + 1], [first + 3], [0]]


def test_everything_counted_of_orders_is_understood() -> None:
    for measure in ORDERS.values():
        for text in (measure.sql, measure.at_age or measure.sql):
            sql = filled(text, {"now": "min(7, r.id)", "arrivals": "9", "seller": "2", "buyer": "3"}, "{}")
            assert expression(sql) is not None, sql
