"""What is asked of a workspace in a query or two, each answer counted by hand from one small marketplace."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, parse_day
from core.base.errors import DamagedWorkspace, NotEnoughData, UsageError
from core.workspace.read import rating_rows
from core.workspace.read.blocks import cache_files, column_blocks, day_span
from core.workspace.read.given_measures import shadowed_measures
from core.workspace.read.workspace import Workspace
from core.workspace.schema import exchange_rates, load_log
from core.workspace.schema.damage import fault_of
from core.workspace.schema.tables import DAY_BITS
from core.workspace.write import dictionary
from core.workspace.write.load import load
from core.workspace.write.load_report import Progress
from core.workspace.write.recovery.rescue import is_damaged
from tests.workspace.loading import rows, written

DAY = parse_day("2026-03-01")
FILES = {
    "creators": "creator_id,person_id,seller_id,market,joined_on\nc1,P1,,ID,2026-02-01\nc2,P1,s1,TH,\nc3,,,,2026-02-08\n",
    "roles": "creator_id,role,since,until\nc1,affiliate,2026-02-01,2026-02-20\nc1,live_host,,\n",
    "sellers": "seller_id,name,market,joined_on\ns1,One,TH,2025-12-01\ns2,Two,,\n",
    "orders": """order_id,ordered_at,creator_id,gmv,currency,paid_at,refund_reason
a,2026-03-01T08:00:00Z,c1,10,USD,2026-03-01T08:05:00Z,
b,2026-03-01T09:00:00Z,c4,20,EUR,2026-03-01T09:05:00Z,late
c,2026-03-02T09:00:00Z,c1,30,EUR,,
d,2026-03-02T09:00:00Z,c1,many,EUR,,
""",
    "daily": "date,market,orders,gmv,calls\n2026-03-01,ID,3,5,7\n2026-03-02,TH,4,6,8\n",
    "fx": "date,currency,rate\n2026-03-02,EUR,1.25\n",
}
MARCH = Window(DAY, DAY + 1)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files, one load each, in this order."""
    folder = tmp_path_factory.mktemp("readers")
    for name, text in FILES.items():
        load(folder / "w.db", [written(folder, f"{name}.csv", text)])
    return folder / "w.db"


@pytest.fixture
def workspace(db: Path) -> Iterator[Workspace]:
    with Workspace.open(db) as opened:
        yield opened


def test_who_holds_which_account(workspace: Workspace) -> None:
    assert [rating_rows.person_of(workspace, creator) for creator in ("c1", "c2", "c3", "c9")] == [
        "P1",
        "P1",
        "c3",
        "c9",
    ]
    assert [rating_rows.accounts_of(workspace, person) for person in ("P1", "c3")] == [("c1", "c2"), ()]
    known = {id_: rating_rows.is_known(workspace, "creators", id_) for id_ in ("c1", "c2", "c4", "s1", "")}
    assert known == {"c1": True, "c2": True, "c4": True, "s1": False, "": False}
    assert [rating_rows.is_known(workspace, "sellers", id_) for id_ in ("s2", "c1")] == [True, False]
    never, first, second = rating_rows.NEVER, parse_day("2026-02-01"), parse_day("2026-02-08")
    assert rating_rows.accounts(workspace) == {
        "c1": rating_rows.Account("P1", "", "ID", first),
        "c2": rating_rows.Account("P1", "s1", "TH", never),
        "c3": rating_rows.Account("", "", "", second),
    }
    assert rating_rows.sellers(workspace) == {
        "s1": rating_rows.Account("", "s1", "TH", parse_day("2025-12-01")),
        "s2": rating_rows.Account("", "s2", "", never),
    }
    assert rating_rows.roles(workspace) == [
        rating_rows.RoleRow("c1", "affiliate", first, parse_day("2026-02-20")),
        rating_rows.RoleRow("c1", "live_host", never, rating_rows.FOREVER),
    ]


def test_which_columns_tell_something(workspace: Workspace) -> None:
    loaded = rating_rows.columns_loaded(workspace)
    assert {("orders", "refund_reason"), ("orders", ""), ("fx", "rate")} <= loaded
    assert loaded.isdisjoint({("orders", "refunded_at"), ("reviews", "")})
    ids = {
        order: id_ for id_, order in rating_rows.order_ids(workspace, [DAY << DAY_BITS, DAY + 1 << DAY_BITS]).items()
    }
    assert ids == {"a": DAY << DAY_BITS, "c": DAY + 1 << DAY_BITS}
    assert rating_rows.order_query("it's") == "SELECT * FROM orders WHERE order_id = 'it''s';"


def test_measures_of_daily_that_orders_give_are_said_once(db: Path, workspace: Workspace) -> None:
    said = (
        "gmv and orders: only rows of orders are counted, not those of daily exports, which would count twice; on days "
        "without rows of orders they are 0"
    )
    assert shadowed_measures(db, ["daily"]) == shadowed_measures(db, ["orders"]) == (said,)
    assert shadowed_measures(db, ["reviews"]) == ()
    assert (workspace.kind_of("orders"), workspace.kind_of("calls"), workspace.kind_of("clicks")) == (
        "orders",
        "daily",
        None,
    )


def test_amounts_at_the_newest_rate_of_their_day(db: Path) -> None:
    with closing(sqlite3.connect(db)) as connection:
        rates = exchange_rates.Rates(connection, "USD")
        codes = {
            name: code
            for code, name in connection.execute("SELECT code, value FROM dictionary WHERE dimension = 'currency'")
        }
        asked = np.array([codes["USD"], codes["EUR"], codes["EUR"], 0]), np.array([DAY, DAY, DAY + 1, DAY])
        assert np.nan_to_num(rates.at(*asked)).tolist() == [1.0, 0.0, 1.25, 1.0]
        with pytest.raises(
            NotEnoughData, match=r"no order can be counted in USD. Load fx exports with rates of EUR to USD"
        ):
            rates.at(np.array([codes["EUR"]]), np.array([DAY]))
        assert exchange_rates.doubts(connection, "USD") == (
            "1 order line is in EUR, and no rate is known that early (1 Mar 2026): its amount does not count. Load older fx "
            "exports.",
        )
        assert exchange_rates.in_several(connection) == ("USD", "EUR")
        (said,) = exchange_rates.doubts(connection, None)
        assert said.startswith("orders are in USD, EUR, and their amounts are added up as they are.")
        (daily,) = connection.execute("SELECT id FROM loads WHERE kind = 'daily'").fetchone()
        exchange_rates.keep_currencies(connection, daily, {"gmv": "EUR"})
        exchange_rates.keep_currencies(connection, daily - 1, {"gmv": "THB"})
        assert exchange_rates.mixed_currencies(connection, None) == "", "the other load is of orders"
        assert exchange_rates.mixed_currencies(connection, "EUR") == ""
        assert exchange_rates.mixed_currencies(connection, "USD") == (
            "gmv of daily exports is in EUR, USD: added up as it is"
        )


def test_what_one_load_did(db: Path) -> None:
    orders = next(entry for entry in load_log.loads(db) if entry.kind == "orders")
    detail = load_log.load_detail(db, orders.id)
    assert (orders.id, orders.read, orders.accepted, orders.rejected) == (4, 4, 3, 1)
    assert (detail.days, detail.replaced_rows) == (((DAY, 2, 2), (DAY + 1, 1, 1)), 0)
    assert [(row.line, row.raw.partition(",")[0]) for row in detail.rejects] == [(5, "d")]
    assert load_log.load_detail(db, 4, most_rejects=0).rejects == ()
    with pytest.raises(UsageError):
        load_log.load_detail(db, 9)


def test_what_an_unexpected_error_comes_from(tmp_path: Path, db: Path) -> None:
    assert fault_of(db, sqlite3.OperationalError("interrupted")) is None
    full = fault_of(db, OSError(errno.ENOSPC, "No space left on device", "/tmp/x"))  # noqa: S108 - a name in a text
    assert str(full) == "/tmp/x: no room is left (No space left on device). Make room and try again."  # noqa: S108
    assert fault_of(db, KeyError("x")) is fault_of(tmp_path / "none.db", KeyError("x")) is None
    assert fault_of(db, KeyboardInterrupt()) is None
    assert (is_damaged(db), is_damaged(tmp_path / "none.db")) == (False, False)
    (tmp_path / "half.db").write_bytes(db.read_bytes()[:8192])
    assert is_damaged(tmp_path / "half.db")
    with pytest.raises(DamagedWorkspace, match="whydrop rescue"):
        Workspace.open(tmp_path / "half.db")


def test_what_is_kept_on_disk_is_listed_limited_and_removed(tmp_path: Path) -> None:
    root = tmp_path / "caches"
    assert cache_files.states(root) == ()
    for at, (name, size) in enumerate((("old", 30), ("new", 50), ("newest", 20))):
        (root / name).mkdir(parents=True)
        (root / name / "a.columns").write_bytes(b"x" * size)
        os.utime(root / name, (1000 + at, 1000 + at))
    (root / cache_files.NOTES).mkdir()
    assert [(Path(state.folder).name, state.files, state.bytes) for state in cache_files.states(root)] == [
        ("newest", 1, 20), ("new", 1, 50), ("old", 1, 30),
    ]  # fmt: skip
    cache_files.limit(root, root / "newest", 70)
    assert sorted(folder.name for folder in root.iterdir() if folder.name != cache_files.NOTES) == ["new", "newest"]
    cache_files.limit(root, root / "new", 69)
    assert (root / "new").exists(), "never the folder in use"
    assert (cache_files.clear(root), [*root.iterdir()]) == (70, [])


def test_columns_that_are_not_as_they_were_written_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.columns"
    cache_files.write_columns(path, {"x": np.array([1, 2, 3]), "y": np.array([0.5])})
    stored = cache_files.stored_columns(tmp_path)
    assert {name: cache_files.read_column(column).tolist() for name, column in stored.items()} == {
        "x": [1, 2, 3],
        "y": [0.5],
    }  # type: ignore[union-attr]
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole + b"x", b"y" + whole[1:], whole[:40] + b"?" + whole[41:]):
        path.write_bytes(damaged)
        assert cache_files.stored_columns(tmp_path) == {}
    path.write_bytes(whole)
    path.rename(tmp_path / "b.columns")
    assert cache_files.stored_columns(tmp_path) == {}, "it is of another question"


def test_threads_read_what_one_connection_reads(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> list[float]:
        with Workspace.open(db) as workspace:
            cube = workspace.cube(["orders", "gmv", "calls"], MARCH, ["creator_id"])
            return [cube.total(measure) for measure in ("orders", "gmv", "calls")]

    plain = read()
    assert plain == [3.0, 30.0, 15.0]
    monkeypatch.setattr(column_blocks, "_THREADS", 2)
    monkeypatch.setattr(column_blocks, "_FEW_BYTES", 0)
    asked: list[int] = []
    by_threads = column_blocks.Blocks._by_threads
    monkeypatch.setattr(
        column_blocks.Blocks, "_by_threads", lambda own, missing: asked.append(len(missing)) or by_threads(own, missing)
    )
    assert read() == plain
    with Workspace.open(db) as workspace:
        workspace.read_together()
        assert workspace.cube(["orders"], MARCH).total("orders") == 3


@pytest.mark.parametrize(("later", "last"), [(0, 9), (2, 9), (3, 12)])
def test_few_days_after_today_do_not_stretch_the_span(later: int, last: int) -> None:
    """Ten days before: two more are under a fifth of all, three are more than that; the day of today counts as past."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE daily_rows (id INTEGER PRIMARY KEY)")
        days = [*range(10), *range(10, 10 + later)]
        connection.executemany("INSERT INTO daily_rows VALUES (?)", [(day << DAY_BITS,) for day in days])
        whole = Window(0, days[-1])
        assert day_span.span_until(connection, ["daily"], whole, 9) == Window(0, last)
        assert day_span.span_until(connection, ["daily"], whole, -1) == whole, "all of it is planned"


def test_groups_of_days_a_year_apart() -> None:
    runs = day_span._merged([(0, 10), (5, 8), (376, 380), (747, 750)])
    assert runs == [(0, 380), (747, 750)], "366 days between them are no gap, 367 are"


def test_many_new_words_are_sorted_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary, "_MANY", 1)
    seen: list[Progress] = []
    report = load(tmp_path / "w.db", [written(tmp_path, "daily.csv", FILES["daily"])], progress=seen.append)
    assert report.files[0].accepted == 2
    assert [(step.rows, Path(step.path).name) for step in seen] == [(2, "daily.csv")]
    assert rows(tmp_path / "w.db", "SELECT market, calls FROM daily ORDER BY 1") == [("ID", 7), ("TH", 8)]
    (index,) = rows(tmp_path / "w.db", "SELECT count(*) FROM sqlite_master WHERE name = 'dictionary_words'")
    assert index == (1,)


@pytest.mark.parametrize(("lines", "said"), [
    ("EUR,2026-03-01,x\n", "nothing was accepted: its only row was refused ("),
    ("", "nothing was accepted: fx.csv has a header and no rows of data."),
    ("EUR,2026-03-01,x\nUSD,2026-03-01,y\n", "nothing was accepted: all 2 rows were refused ("),
])  # fmt: skip
def test_a_load_that_takes_nothing_says_why(
    tmp_path: Path, lines: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "fx.csv", f"currency,date,rate\n{lines}")
    report = load(tmp_path / "w.db", [Path("fx.csv")], as_kind="fx")
    assert report.refused is not None
    assert report.refused.startswith(said)
