"""A load that is undone leaves the workspace as if it had never been, and can be repeated."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.workspace.read.workspace import Workspace
from core.workspace.schema import load_log
from core.workspace.write.load import load
from core.workspace.write.load_job import LoadJob
from core.workspace.write.load_report import FileLoad, Reject
from core.workspace.write.recovery import undo as undoing
from core.workspace.write.recovery.undo import later_loads, undo
from tests.workspace.loading import contents, loaded, rows, written

ORDERS = "order_id,ordered_at,market,product_id,gmv,paid_at\n"
FIRST = ORDERS + "A,2026-01-01,ID,p,10,2026-01-01\nB,2026-01-02,TH,p,20,\nC,2026-01-02,TH,q,30,2026-01-02\n"


def words_and_measures(db: Path) -> list[tuple[object, ...]]:
    return rows(db, "SELECT dimension, code, value FROM dictionary ORDER BY 1, 2") + rows(
        db, "SELECT name FROM daily_measures ORDER BY 1"
    )


def state(db: Path) -> object:
    return contents(db), words_and_measures(db), rows(db, "SELECT key, value FROM meta WHERE key = 'newest_moment'")


def test_a_correction_that_moves_changes_and_adds_rows_is_taken_back(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "first.csv", FIRST))
    before = state(db)
    wrong = written(tmp_path, "wrong.csv", ORDERS + "A,2026-01-05,VN,p,99,2026-01-05\nD,2026-01-02,VN,p,7,2026-02-01\n")
    report = loaded(db, wrong)
    assert (report.accepted, report.replaced) == (2, 1)
    assert undo(db, 2).path == str(wrong)
    assert state(db) == before
    assert loaded(db, wrong).accepted == 2, "an undone load is not taken for one that is in"
    assert load_log.loads(db)[0].id == 3, "the number of an undone load is not given again"


def test_what_a_load_replaced_of_slices_comes_back(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", "date,market,visits,plays\n2026-01-01,ID,5,1\n2026-01-01,TH,6,\n"))
    before = state(db)
    loaded(
        db,
        written(
            tmp_path, "b.csv", "date,market,visits,likes\n2026-01-01,TH,60,1\n2026-01-03,ID,8,2\n2026-01-03,ID,8,2\n"
        ),
    )
    undo(db, 2)
    assert state(db) == before


def test_accounts_come_back_too(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", "creator_id,handle,followers\na,anna,5\nb,bo,6\n"))
    before = state(db)
    loaded(db, written(tmp_path, "b.csv", "creator_id,handle,followers\nb,bob,7\nc,cy,1\n"))
    undo(db, 2)
    assert state(db) == before


def test_reviews_find_their_orders_again(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "r.csv", "review_id,order_id,reviewed_at,rating\n1,A,2026-01-09,5\n"))
    loaded(db, written(tmp_path, "o.csv", FIRST))
    assert rows(db, "SELECT market FROM reviews") == [("ID",)]
    undo(db, 2)
    assert rows(db, "SELECT market FROM reviews") == [(None,)]
    with Workspace.open(db) as workspace:
        assert workspace.measures == ("reviews", "rating_sum", "negative_reviews")


@pytest.mark.parametrize("later", ["A,2026-01-01,ID,p,11,2026-01-01\n", "A,2026-01-01,ID,p,10,2026-01-01\n"])
def test_a_load_that_later_ones_rest_on_is_not_undone(tmp_path: Path, later: str) -> None:
    """Neither when they replaced its rows nor when they repeated them: then they would be gone although a later file has them."""
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "first.csv", FIRST))
    before = state(db)
    loaded(db, written(tmp_path, "later.csv", ORDERS + later + "Z,2026-01-09,ID,p,1,\n"))
    assert later_loads(db, 1) == (2,)
    with pytest.raises(UsageError, match="Undo them first: whydrop loads undo 2"):
        undo(db, 1)
    undo(db, 2)
    assert state(db) == before
    undo(db, 1)
    assert rows(db, "SELECT count(*) FROM orders") == [(0,)]


def test_what_never_was_or_is_too_old_is_refused(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "first.csv", FIRST))
    with pytest.raises(UsageError, match="no load 7"):
        undo(db, 7)
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.execute("UPDATE meta SET value = 2 WHERE key = 'undo_from'")
    with pytest.raises(UsageError, match="too old"):
        undo(db, 1)


@pytest.mark.parametrize("seed", range(4))
def test_loads_at_random_are_undone_one_by_one(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    db, states = tmp_path / "w.db", []
    for number in range(5):
        if chance.random() < 0.5:
            lines = {
                (f"O{chance.randrange(12)}", chance.choice("pq")): f"{chance.randrange(1, 9)},{chance.choice('IV')}"
                for _ in range(8)
            }
            body = "".join(
                f"{order},2026-01-0{figures[0]},{figures[2]},{product},{figures[0]}.5,\n"
                for (order, product), figures in lines.items()
            )
            text = ORDERS + body
        else:
            body = "".join(
                f"2026-01-0{chance.randrange(1, 4)},{chance.choice('IV')},{chance.randrange(9)}\n" for _ in range(6)
            )
            text = f"date,market,m{chance.randrange(2)}\n" + "\n".join(dict.fromkeys(body.splitlines())) + "\n"
            text = text if len({line[:12] for line in text.splitlines()[1:]}) == text.count("\n") - 1 else FIRST
        states.append((state(db) if db.exists() else None, loaded(db, written(tmp_path, f"{number}.csv", text))))
        if load_log.loads(db)[0].path != str(tmp_path / f"{number}.csv"):
            states.pop()
    while states:
        before, _ = states.pop()
        undo(db, load_log.loads(db)[0].id)
        if before is not None:
            assert state(db) == before


ACCOUNTS = "creator_id,role,since,handle,followers\n" + "".join(
    f"C{at // 2},{('live_host', 'affiliate')[at % 2]},2025-01-01,h{at // 2},{at // 2}\n" for at in range(20)
)
ROWS_OF_BOTH = "SELECT (SELECT count(*) FROM roles), (SELECT count(*) FROM creators)"


@pytest.mark.parametrize(("number", "left"), [(1, (0, 10)), (2, (20, 0))])
def test_a_file_of_two_exports_is_read_again_once_one_is_undone(
    tmp_path: Path, number: int, left: tuple[int, int]
) -> None:
    """Ten accounts of two roles each."""
    db, path = tmp_path / "w.db", written(tmp_path, "accounts.csv", ACCOUNTS)
    load(db, [path])
    undo(db, number)
    assert rows(db, ROWS_OF_BOTH) == [left]
    load(db, [path])
    assert rows(db, ROWS_OF_BOTH) == [(20, 10)]
    assert "the same file was loaded" in load(db, [path]).files[0].notes[0]


def test_a_file_of_two_exports_is_read_again_when_the_first_alone_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed program takes nothing out again; one that is stopped does."""
    db, path = tmp_path / "w.db", written(tmp_path, "accounts.csv", ACCOUNTS)
    run = LoadJob.run

    def stopped(job: LoadJob) -> tuple[FileLoad, list[Reject]]:
        if job.export.kind.name == "creators":
            raise KeyboardInterrupt
        return run(job)

    with monkeypatch.context() as patch:
        patch.setattr(LoadJob, "run", stopped)
        with pytest.raises(KeyboardInterrupt):
            load(db, [path])
        assert rows(db, ROWS_OF_BOTH) == [(0, 0)]
        patch.setattr(undoing, "undo", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            load(db, [path])
    assert rows(db, ROWS_OF_BOTH) == [(20, 0)]
    load(db, [path])
    assert rows(db, ROWS_OF_BOTH) == [(20, 10)]
