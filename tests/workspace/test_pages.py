"""Rows made into pages by numpy are what SQLite would have made of them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import gettempdir

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from core.workspace.write.bulk.bulk_writer import BulkWriter
from core.workspace.write.bulk.sqlite_pages import _first_rows
from core.workspace.write.bulk.staging import Staging

INTEGERS = st.one_of(
    st.none(), st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1), *(st.just(2**n) for n in (7, 15, 23, 31, 47))
)
FLOATS = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**52), 2**52).map(float))


def opened(path: str = ":memory:") -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(
        "CREATE TABLE facts (id INTEGER PRIMARY KEY, code INTEGER NOT NULL DEFAULT 0, a INTEGER, b REAL, never INTEGER, "
        "name TEXT)"
    )
    connection.execute("CREATE INDEX some ON facts (never) WHERE never IS NOT NULL")
    return connection


def write(connection: sqlite3.Connection, *batches: dict[str, object]) -> None:
    writer = BulkWriter(connection, "facts", Staging(Path(gettempdir()) / "pages.db"))
    connection.execute("BEGIN")
    for batch in batches:
        writer.insert(batch)
    writer.flush()
    writer.stop()
    connection.execute("COMMIT")
    writer.close()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 2**55 - 1), INTEGERS, FLOATS), min_size=1, max_size=30, unique_by=lambda row: row[0]
    )
)
def test_any_numbers_read_back_as_they_were(drawn) -> None:  # type: ignore[no-untyped-def]
    repeats = 6_000 // len(drawn) + 1  # enough rows for the way of many rows
    ids = np.unique(np.concatenate([(np.array([row[0] for row in drawn]) // 2 + n) for n in range(repeats)]))
    ids = ids[ids > 0]
    table = [drawn[n % len(drawn)] for n in range(len(ids))]
    with closing(opened()) as connection:
        write(
            connection,
            {
                "id": ids,
                "a": pa.array([row[1] for row in table], pa.int64()),
                "b": pa.array([row[2] for row in table], pa.float64()),
            },
        )
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        held = connection.execute(
            "SELECT id, code, a, b, never, typeof(a), typeof(b) FROM facts ORDER BY id"
        ).fetchall()
    kinds = {True: "null", False: "integer"}
    assert held == [
        (int(one), 0, a, b, None, kinds[a is None], "null" if b is None else "real")
        for one, (_, a, b) in zip(ids, table, strict=True)
    ]


TEXTS = st.one_of(st.none(), st.text(max_size=14), st.just("x" * 57), st.just("y" * 80))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(TEXTS, INTEGERS), min_size=1, max_size=30), st.integers(0, 3), st.booleans())
def test_any_texts_read_back_as_they_were(drawn, cut, is_turned) -> None:  # type: ignore[no-untyped-def]
    table = [drawn[n % len(drawn)] for n in range(6_003)]
    order = slice(None, None, -1) if is_turned else slice(None)
    with closing(opened()) as connection:
        batch = {
            "id": np.arange(1, 6_004)[cut:][order],
            "name": pa.array([row[0] for row in table], pa.string())[cut:],
            "a": pa.array([row[1] for row in table], pa.int64())[cut:],
        }
        write(connection, batch)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        held = connection.execute("SELECT name, a FROM facts ORDER BY id").fetchall()
    assert held[order] == table[cut:]


def test_many_batches_in_any_order_and_small_ones_between(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    ids = rng.permutation(np.arange(1, 400_001))
    batches = [
        {"id": part, "code": (part % 50_000).astype(np.int32), "a": part * 3}
        for part in np.split(ids, [20_000, 20_010, 90_000, 91_000, 300_000])
    ]
    with closing(opened(str(tmp_path / "w.db"))) as connection:
        write(connection, *batches)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        sums = connection.execute("SELECT count(*), sum(a - 3 * id), sum(code <> id % 50000) FROM facts").fetchone()
    assert sums == (400_000, 0, 0)


def test_rows_that_the_pages_cannot_hold_go_another_way() -> None:
    with closing(opened()) as connection:
        write(connection, {"id": -np.arange(6_000, 0, -1), "a": np.arange(6_000)})
        assert connection.execute("SELECT count(*), min(id), sum(a) FROM facts").fetchone() == (
            6_000,
            -6_000,
            17_997_000,
        )


def test_a_failing_copy_is_raised_and_nothing_is_kept() -> None:
    with closing(opened()) as connection:
        connection.execute("INSERT INTO facts (id) VALUES (5)")
        writer = BulkWriter(connection, "facts", Staging(Path(gettempdir()) / "pages.db"))
        connection.execute("BEGIN")
        writer.insert({"id": np.arange(1, 10_001)})
        with pytest.raises(sqlite3.IntegrityError):
            writer.flush()
        writer.stop()
        connection.execute("ROLLBACK")
        writer.close()
        assert connection.execute("SELECT count(*) FROM facts").fetchone() == (1,)


@pytest.mark.parametrize("more", [1, 2, 90])
def test_a_last_batch_of_few_rows_is_a_table_too(more: int) -> None:
    """Its rows fit into one page, which has to be the root of its own."""
    with closing(opened()) as connection:
        write(connection, {"id": np.arange(1, 6_001)}, {"id": np.arange(6_001, 6_001 + more)})
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*), max(id) FROM facts").fetchone() == (6_000 + more, 6_000 + more)


def test_a_page_takes_the_rows_that_fit_and_the_next_begins_behind_them() -> None:
    """A page of 16,384 bytes has 8 for its head: of rows of 4,094 bytes four fit, of rows of 4,095 three."""
    assert _first_rows(np.arange(1, 10) * 4094) == [0, 4, 8]
    assert _first_rows(np.arange(1, 10) * 4095) == [0, 3, 6]
