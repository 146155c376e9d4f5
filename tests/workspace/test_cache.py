"""Columns and answers that are kept: never older than the workspace, never in the way."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.base.days import Window, parse_day
from core.explanation.explain import explain
from core.workspace.read.blocks import cache, cache_files
from core.workspace.read.workspace import Workspace
from core.workspace.schema.cases.case_chain import CaseDraft
from core.workspace.schema.columns import ColumnExpression, read
from core.workspace.schema.connection import open_read
from core.workspace.write.case_writing import append_records
from core.workspace.write.load import load

DAY = parse_day("2026-01-12")
WEEK = Window(DAY, DAY + 6)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for caches; workspaces of any size are worth one."""
    monkeypatch.setattr(cache, "_LEAST_BYTES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches"


def _loaded(folder: Path, clicks: int, name: str = "traffic.csv") -> Path:
    days = [f"2026-01-{day:02d}" for day in range(1, 32)]
    lines = [f"{day},{market},100,{clicks}" for day in days for market in ("ID", "TH")]
    (folder / name).write_text("\n".join(["date,market,impressions,clicks", *lines]))
    load(folder / "w.db", [folder / name])
    return folder / "w.db"


def _clicks(db: Path) -> float:
    with Workspace.open(db) as workspace:
        return workspace.cube(["clicks"], WEEK, ["market"]).total("clicks")


def test_what_is_kept_is_told_again_and_forgotten_when_the_workspace_changes(tmp_path: Path, kept: Path) -> None:
    db = _loaded(tmp_path, 10)
    assert _clicks(db) == _clicks(db) == 10 * 2 * 7
    assert list(kept.rglob("*.columns"))
    _loaded(tmp_path, 20, "corrected.csv")
    assert _clicks(db) == 20 * 2 * 7


def test_one_state_of_a_workspace_is_kept_at_a_time(tmp_path: Path, kept: Path) -> None:
    for clicks in (10, 20, 30):
        _clicks(_loaded(tmp_path, clicks, f"{clicks}.csv"))
    assert len(list((kept / "whydrop").iterdir())) == 1


def test_reading_writes_nothing_into_the_workspace(tmp_path: Path, kept: Path) -> None:
    db = _loaded(tmp_path, 10)
    before = db.read_bytes(), db.stat().st_mtime_ns
    with Workspace.open(db) as workspace:
        explain(workspace, "ctr")
    assert (db.read_bytes(), db.stat().st_mtime_ns) == before


def test_an_answer_is_read_back_as_it_was_given(tmp_path: Path, kept: Path) -> None:
    db = _loaded(tmp_path, 10)
    with Workspace.open(db) as workspace:
        first = explain(workspace, "ctr", window=WEEK, baseline="previous")
        assert list(kept.rglob("*.answer"))
        again = explain(workspace, "ctr", window=WEEK, baseline="previous")
    assert again == first


def test_a_case_leaves_answers_as_they_are_and_what_another_program_changes_does_not(
    tmp_path: Path, kept: Path
) -> None:
    db = _loaded(tmp_path, 10)

    def asked() -> int:
        made: list[int] = []
        with Workspace.open(db) as workspace:
            workspace.kept(["it"], _Sums, lambda: made.append(1) or _Sums(np.zeros(1), ()))
        return len(made)

    def another_program(sql: str) -> None:
        with closing(sqlite3.connect(db)) as connection, connection:
            connection.execute(sql)

    def case(number: int) -> None:
        body = {"at": f"2026-02-0{number}T00:00:00+00:00", "text": "x"}
        append_records(db, lambda _: [CaseDraft("case-1", "note", body)])

    assert (asked(), asked()) == (1, 0)
    with Workspace.open(db):  # a reader that goes on holds the checksum up, not the answers
        case(1)
    assert asked() == 0
    case(2)
    assert asked() == 0
    another_program("UPDATE traffic_rows SET clicks = clicks + 1")
    assert (asked(), asked()) == (1, 0)
    case(3)
    assert (asked(), asked()) == (1, 0)
    another_program("UPDATE traffic_rows SET clicks = clicks + 1")
    case(4)
    load(db, [tmp_path / "traffic.csv"])
    assert (asked(), asked()) == (1, 0)


def test_what_another_program_commits_meanwhile_names_no_older_state(tmp_path: Path) -> None:
    db = _loaded(tmp_path, 10)

    def another_program() -> None:
        with closing(sqlite3.connect(db)) as connection, connection:
            connection.execute("UPDATE traffic_rows SET clicks = clicks + 1")

    def meanwhile(statement: str) -> None:
        if statement.startswith("SELECT crc"):  # the state was read: what comes now is not seen
            another_program()

    another_program()
    with closing(open_read(db)) as reader, closing(open_read(db)) as newer:
        reader.execute("BEGIN")
        reader.set_trace_callback(meanwhile)
        state = cache.state_of(db, reader)
        assert state != cache.state_of(db, newer)


def test_a_changed_setting_asks_anew(tmp_path: Path, kept: Path) -> None:
    db = _loaded(tmp_path, 10)
    for _ in range(2):
        with Workspace.open(db) as workspace:
            explain(workspace, "ctr")
        (tmp_path / "whydrop.toml").write_text('[time]\ndefault = "UTC"\n')
    assert len(list(kept.rglob("*.answer"))) == 2


@dataclass(frozen=True)
class _Sums:
    by_day: NDArray[np.float64]
    names: tuple[str, ...]


def test_arrays_are_read_back_as_they_were(tmp_path: Path, kept: Path) -> None:
    with Workspace.open(_loaded(tmp_path, 10)) as workspace:
        made = _Sums(np.arange(6.0).reshape(2, 3), ("a", "b"))
        first = workspace.kept(["sums"], _Sums, lambda: made)
        again = workspace.kept(["sums"], _Sums, lambda: pytest.fail("it was kept"))
    assert first is made
    assert again.names == made.names
    assert np.array_equal(again.by_day, made.by_day)


@pytest.mark.parametrize("damage", [b"", b"\x00", b"nonsense"])
def test_a_damaged_answer_is_found_anew(tmp_path: Path, kept: Path, damage: bytes) -> None:
    db = _loaded(tmp_path, 10)
    with Workspace.open(db) as workspace:
        first = explain(workspace, "ctr")
        for file in kept.rglob("*.answer"):
            file.write_bytes(damage)
        assert explain(workspace, "ctr") == first


def test_a_column_of_which_a_bit_has_turned_is_read_from_the_workspace(tmp_path: Path, kept: Path) -> None:
    db = _loaded(tmp_path, 10)
    assert _clicks(db) == 140
    for folder in {path.parent for path in kept.rglob("*.columns")}:
        for column in cache_files.stored_columns(folder).values():
            content = bytearray(column.path.read_bytes())
            content[column.offset + column.length - 1] ^= 1
            column.path.write_bytes(content)
    assert _clicks(db) == 140


def test_where_nothing_can_be_kept_all_goes_on(tmp_path: Path, kept: Path) -> None:
    kept.write_text("not a folder")
    assert _clicks(_loaded(tmp_path, 10)) == 10 * 2 * 7


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(-(2**40), 2**40), st.integers(0, 2**40)),
        max_size=20,
    )
)
def test_packed_columns_are_unpacked_as_they_were(cells: list[tuple[int, int, int, int]]) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE r (a, b, c, d)")
    connection.executemany("INSERT INTO r VALUES (?, ?, ?, ?)", cells)
    below = {"a": 7, "b": 2, "c": None, "d": 2**41}
    found = read(connection, [ColumnExpression(name, below=limit) for name, limit in below.items()], "FROM r")
    connection.close()
    assert np.array_equal(np.column_stack(found), np.array(cells, np.int64).reshape(-1, 4))


def test_answers_are_of_the_newest_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of code and data at any depth; not of what is written beside them."""
    for name, changed in (
        ("a.py", 5), ("data.toml", 7), ("deep/er/b.py", 9), ("notes.md", 11), ("__pycache__/c.py", 12), (".git/d.py", 13)
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, ns=(0, changed))
    assert sorted(cache._changes(str(tmp_path))) == [5, 7, 9]
    monkeypatch.setattr(cache, "_PROGRAM", tmp_path)
    cache._code.cache_clear()
    assert cache._code() == "9"
    cache._code.cache_clear()
