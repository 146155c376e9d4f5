"""Bounds and choices of the loader that no ordinary export reaches: each has the one file that does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import WhydropError
from core.ingest.table_starts import find_starts, title_start
from core.ingest.values.typed_numbers import whole_numbers
from core.workspace.write.load import load
from tests.ingest.shapes import figures, loads


@pytest.mark.parametrize(
    ("cells", "least", "most", "bad"),
    [
        (["1", "5"], 1, 5, []),
        (["0", "1.0", "5.0", "6"], 1, 5, [0, 3]),
        (["-1", "0", "7.0"], 0, None, [0]),
        (["-1", "n/a", "7"], None, None, []),
        (["9223372036854775807", "9223372036854775808"], 0, None, [1]),
        (["2.5", "2"], 0, None, [0]),
    ],
)
def test_whole_numbers_stay_within_their_bounds(
    cells: list[str], least: int | None, most: int | None, bad: list[int]
) -> None:
    result = whole_numbers(pa.array(cells), ".", least=least, most=most)
    assert ([] if result.bad is None else result.bad.nonzero()[0].tolist()) == bad
    assert [value.as_py() is None for value in result.values] == [
        at in bad or cells[at] == "n/a" for at in range(len(cells))
    ]


@pytest.mark.parametrize(("count", "more"), [(5, None), (7, "and 2 more")])
def test_a_refusal_names_five_tables_and_counts_the_others(tmp_path: Path, count: int, more: str | None) -> None:
    tables = "\n".join(f"Colour{at},Size{at}\nred,{at}\nblue,1\n" for at in range(count))
    with pytest.raises(WhydropError, match=f"none of its {count} tables can be loaded") as caught:
        loads(tmp_path, tables)
    assert ("more" in str(caught.value)) == (more is not None)
    assert more is None or more in str(caught.value)
    assert str(caught.value).count("(2 rows:") == min(count, 5)


@pytest.mark.parametrize(
    ("header", "row", "first"),
    [
        ("Refund date,Order date,Sales", "2026-08-{0:02d},2026-07-{0:02d},5", "2026-07-01"),
        ("Period,Shipped,Sales", "2026-06-30,2026-07-{0:02d},5", "2026-07-01"),
        ("First,Second,Sales", "{1},2026-07-{0:02d},5", "2026-07-01"),
        ("First,Second,Sales", "2026-07-{0:02d},2026-08-{2:02d},5", "2026-07-01"),
    ],
    ids=["the best name", "not the period", "the most filled", "the most days"],
)
def test_of_several_columns_of_days_one_gives_rows_their_day(tmp_path: Path, header: str, row: str, first: str) -> None:
    rows = [row.format(day, f"2026-09-{day:02d}" if day % 2 else "", 1 + day // 4) for day in range(1, 10)]
    loads(tmp_path, "\n".join((header, *rows)))
    assert figures(tmp_path, "SELECT min(date), count(DISTINCT date) FROM daily") == (first, 9)


def test_the_title_above_a_second_table_is_its_own(tmp_path: Path) -> None:
    first = (["Orders"], ["Day", "Orders"], ["2026-07-01", "5"], ["2026-07-02", "6"])
    rows = (*first, ["Visits"], ["# by day"], ["Day", "Visits"], ["2026-07-01", "9"])
    starts = find_starts(rows, frozenset({4}))
    assert starts == [1, 6]
    assert title_start(rows, 1, 6, frozenset({4})) == 4
    assert title_start(rows, 1, 6, frozenset()) == 4
    assert title_start([*rows[:3], ["Total of all"], *rows[4:]], 1, 6, frozenset({4})) == 4


def test_refused_rows_of_a_long_parquet_file_are_named_by_their_place(tmp_path: Path) -> None:
    days = [(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(day)).date() for day in range(300)]
    rows = 70_000
    column = [days[at % 300].isoformat() for at in range(rows)]
    for at in (7, 33_000, 69_999):
        column[at] = "soon"
    pq.write_table(
        pa.table({"date": column, "market": [f"m{at // 300}" for at in range(rows)], "clicks": [1] * rows}),
        tmp_path / "long.parquet",
    )
    report = load(tmp_path / "w.db", [tmp_path / "long.parquet"])
    assert [reject.line for reject in report.rejects] == [8, 33_001, 70_000]
    assert figures(tmp_path, "SELECT sum(clicks) FROM traffic") == (rows - 3,)


def test_totals_without_a_word_are_rows_that_are_the_sum_of_the_others(tmp_path: Path) -> None:
    body = "2026-07-01,5,1.5\n2026-07-02,6,2.5\n2026-07-03,9,4\n"
    for at, (text, total) in enumerate(
        (
            (f"date,clicks,paid\n{body},20,8\n", 1),
            (f"date,clicks,paid\n,20,8\n{body}", 1),
            (f"date,clicks,paid\n{body},21,9\n", 0),
        )
    ):
        (file,) = loads(tmp_path, text, f"{at}.csv", source=f"s{at}").files
        assert (file.read, file.rejected) == (4 - total, 1 - total)


@pytest.mark.parametrize(("text", "kind"), [
    ("creator_id,joined_on\nC1,2026-01-01\n", "creators"), ("seller_id,joined_on\nS1,2026-01-01\n", "sellers"),
    ("date,creator_id,joined_on,gmv\n2026-11-01,C1,2026-01-01,5\n2026-11-02,C1,2026-01-01,6.5\n", "daily"),
])  # fmt: skip
def test_when_accounts_joined_tells_them_apart_from_days(tmp_path: Path, text: str, kind: str) -> None:
    assert loads(tmp_path, text).files[0].kind == kind
