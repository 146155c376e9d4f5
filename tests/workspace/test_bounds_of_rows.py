"""Rows at the limits of what they are taken for: arrivals, lines that are there twice, equal sums, ids out of order."""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from core.base.time_zones import DAY_SECONDS
from core.workspace.read.cube_query import CubeQuery
from core.workspace.read.profile.repeated_lines import repeated_lines
from core.workspace.write.bulk import sqlite_pages
from core.workspace.write.bulk.bulk_writer import BulkWriter
from core.workspace.write.load import load
from core.workspace.write.merging.other_cuts import _are_same
from core.workspace.write.recovery import rescue
from tests.workspace.loading import written

NOON = DAY_SECONDS // 2


@pytest.mark.parametrize(("arrivals", "now", "last"), [
    ({3: 10, 4: 10, 5: 10}, 6 * DAY_SECONDS, 6 * DAY_SECONDS - 1),
    ({3: 10, 4: 10, 5: 1}, 6 * DAY_SECONDS, 6 * DAY_SECONDS - 1),  # a tenth of a usual day
    ({3: 20, 4: 20, 5: 1}, 6 * DAY_SECONDS, 5 * DAY_SECONDS - 1),  # less than that
    ({3: 10, 5: 10}, 5 * DAY_SECONDS + NOON, 5 * DAY_SECONDS + NOON),  # that moment is known by then
    ({3: 10, 5: 10}, 5 * DAY_SECONDS + NOON - 1, 4 * DAY_SECONDS - 1),
    ({}, 6 * DAY_SECONDS, 0),
])  # fmt: skip
@pytest.mark.parametrize("ahead", [0, 13 * 3600, -11 * 3600])
def test_the_last_day_with_arrivals(arrivals: dict[int, int], now: int, last: int, ahead: int) -> None:
    """The same hours of the same days, on a clock that is so far ahead of UTC."""
    moments = np.array(
        [0, *(day * DAY_SECONDS + NOON - ahead for day, count in arrivals.items() for _ in range(count))]
    )
    query = SimpleNamespace(
        blocks=SimpleNamespace(read=lambda *_: (moments // DAY_SECONDS, moments)),
        _local_days=lambda source, values: (values + ahead) // DAY_SECONDS,
        ahead=lambda moment: ahead,
    )
    rows = cast(Any, SimpleNamespace(kind="orders", span=None))
    assert CubeQuery._last_arrivals(cast(Any, query), rows, now - ahead) == (last - ahead if last else 0)


def test_lines_that_are_there_twice_are_more_than_chance_makes() -> None:
    moments = np.arange(1, 1001) * 61
    prices = np.arange(1000) % 7
    assert repeated_lines(moments, [prices]) == 0
    twice = np.append(moments, moments[:30])
    assert repeated_lines(twice, [np.append(prices, prices[:30])]) == 30
    assert repeated_lines(twice, [np.append(prices, prices[:30] + 1)]) == 0, "another price"
    assert repeated_lines(np.append(moments, [moments[0]] * 3), [np.append(prices, [prices[0]] * 3)]) == 3
    midnight = np.full(50, 3 * DAY_SECONDS)
    assert repeated_lines(midnight, [np.zeros(50)]) == 0, "days without a time"
    assert repeated_lines(midnight - 7 * 3600, [np.zeros(50)]) == 0, "days without a time in a zone"
    minutes = np.concatenate([day * DAY_SECONDS + 60 + np.arange(200) % 50 * 60 for day in range(4)])
    assert repeated_lines(minutes, [np.zeros(800)]) == 0, "as many are equal a day apart"


def test_sums_are_the_same_on_nearly_all_days_and_vary() -> None:
    days = np.arange(1.0, 21.0)[:, None]
    assert _are_same(days, days).tolist() == [True]
    assert _are_same(days, -days).tolist() == _are_same(days, days + 1).tolist() == [False]
    assert _are_same(days[:2], days[:2]).tolist() == [False], "two days show nothing"
    assert _are_same(np.full((20, 1), 5.0), np.full((20, 1), 5.0)).tolist() == [False], "the same figure each day"
    assert _are_same(np.zeros((20, 2)), np.zeros((20, 2))).tolist() == [False, False]
    assert _are_same(np.hstack([days, days]), np.hstack([days, days * 2])).tolist() == [True, False]


@pytest.mark.parametrize(("ids", "text", "fits"), [
    ([1], "a", True), ([0], "a", False), ([], "a", False), ([(1 << 55) - 1], "a", True), ([1 << 55], "a", False),
    ([1], "x" * sqlite_pages.LONGEST_TEXT, True), ([1], "x" * (sqlite_pages.LONGEST_TEXT + 1), False), ([1], None, True),
])  # fmt: skip
def test_rows_that_fit_into_pages(ids: list[int], text: str | None, fits: bool) -> None:
    columns = {"id": np.array(ids, np.int64), "text": pa.array([text] * len(ids), pa.string())}
    writer = cast(Any, SimpleNamespace(_columns=[("text", False)]))
    assert BulkWriter._fits(writer, columns) is fits
    wide = cast(Any, SimpleNamespace(_columns=[("text", False)] * (sqlite_pages.MOST_COLUMNS + 1)))
    assert not BulkWriter._fits(wide, columns)


def test_rows_are_read_until_ids_are_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue, "_STEP", 2)

    def parts(ids: list[int], first: int | None) -> list[Any]:
        sql = " UNION ALL ".join(f"SELECT {id_}, {100 - id_}" for id_ in ids)
        with closing(sqlite3.connect(":memory:")) as connection:
            return list(rescue._until_damage(connection, sql, first))

    assert parts([3, 4, 7], 3) == [[(3, 97), (4, 96)], [(7, 93)]]
    assert parts([3, 4, 4, 7], 3) == [[(3, 97), (4, 96)], [], None]
    assert parts([3, 4, 2], 3) == [[(3, 97), (4, 96)], [], None]
    assert parts([3], 4) == [[], None], "before the first one"
    assert parts([3, 2], None) == [[(3, 97), (2, 98)], []], "of a table without row ids"


def test_reasons_of_refused_rows_are_counted_with_their_first_lines(tmp_path: Path) -> None:
    lines = [
        *(f"EUR,2026-03-0{day},x{day}" for day in range(1, 6)),
        ",2026-03-06,1",
        "EUR,2026-03-07,1",
        ",2026-03-08,1",
    ]
    path = written(tmp_path, "fx.csv", "currency,date,rate\n" + "\n".join(lines))
    report = load(tmp_path / "w.db", [path], as_kind="fx")
    (file,) = report.files
    assert (file.read, file.accepted, file.rejected) == (8, 1, 7)
    assert [(fault.rows, fault.lines) for fault in file.faults] == [(5, (2, 3, 4)), (2, (7, 9))]
    assert [(reject.line, reject.raw) for reject in report.rejects][-2:] == [(7, lines[5]), (9, lines[7])]
