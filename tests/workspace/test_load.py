"""Loading canonical exports: what the contract promises of every kind."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import UsageError, WhydropError
from core.workspace.schema import load_log
from core.workspace.write.load import load
from tests.workspace.loading import contents, loaded, rows, written

ORDERS = """order_id,ordered_at,product_id,gmv,paid_at,market,units
1,2026-03-09T23:00:00+07:00,p1,10.50,2026-03-09,ID,1
1,2026-03-09,p2,3,,ID,2
2,2026-03-10,,5.99,2026-03-11,TH,4
"""
KINDS = {
    "traffic": "date,market,impressions\n2026-03-09,ID,100\n",
    "orders": ORDERS,
    "reviews": "review_id,order_id,reviewed_at,rating,text\nr1,1,2026-03-12,5,fine\n",
    "violations": "violation_id,occurred_at,policy,points,creator_id\nv1,2026-03-12T10:00:00Z,spam,2,c1\n",
    "creators": "creator_id,person_id,followers,joined_on\nc1,p1,1000,2025-01-01\n",
    "roles": "creator_id,role,since\nc1,affiliate,2025-01-01\nc1,live_host,\n",
    "products": "product_id,title,price,currency,listed_on\np1,Shirt,9.95,USD,2025-01-01\n",
    "sellers": "seller_id,name,joined_on\ns1,Acme,2024-01-01\n",
    "events": "event_id,starts_at,ends_at,kind,title,market\ne1,2026-03-09,2026-03-10,release,New app,ID\n",
    "fx": "date,currency,rate\n2026-03-09,IDR,0.00006\n",
    "daily": "date,page,views,watch\n2026-03-09,a,1,2.5\n2026-03-09,b,3,\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_recognised_loaded_and_loaded_again_without_change(tmp_path: Path, kind: str) -> None:
    export, db = written(tmp_path, "export.csv", KINDS[kind]), tmp_path / "w.db"
    options = {"dimensions": ["page"]} if kind == "daily" else {}
    first = loaded(db, export, **options)
    held = contents(db)
    other_name = written(tmp_path, "other.csv", KINDS[kind].replace("\n", "\r\n"))
    again = loaded(db, other_name, **options)
    assert (first.kind, first.accepted, first.rejected) == (kind, first.read, 0)
    assert first.read == KINDS[kind].count("\n") - 1
    assert (again.accepted, again.unchanged) == (0, first.read)
    assert contents(db) == held


def test_rows_are_compared_with_those_of_their_own_source(tmp_path: Path) -> None:
    head, db = "date,page,views\n", tmp_path / "w.db"
    own, other = f"{head}2026-03-09,a,1\n2026-03-10,a,2\n", f"{head}2026-03-09,a,5\n2026-03-10,a,6\n"
    corrected = own.replace("a,2", "a,3")
    sourced = f"{head}2026-03-09,a,1\n2026-03-10,a,3\n".replace("\n", ",A\n").replace("views,A", "views,source")
    counts = []
    for name, text, source in (
        *(("1.csv", own, None), ("2.csv", own, "A"), ("3.csv", other, "B"), ("4.csv", f"{own}2026-03-11,a,9\n", "A")),
        *(("5.csv", corrected, "A"), ("6.csv", f"{other}\n", "B"), ("7.csv", own.replace("\n", "\r\n"), None)),
        ("8.csv", sourced, None),
    ):
        report = loaded(db, written(tmp_path, name, text), dimensions=["page"], source=source)
        counts.append((report.added, report.replaced, report.unchanged))
    assert counts == [(2, 0, 0), (2, 0, 0), (2, 0, 0), (1, 0, 2), (0, 1, 1), (0, 0, 2), (0, 0, 2), (0, 0, 2)]
    held = rows(db, "SELECT coalesce(source, ''), sum(views) FROM daily GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in held] == [("", 3), ("A", 13), ("B", 11)]


def test_cells_become_what_they_mean(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "orders.csv", ORDERS))
    assert rows(
        db,
        "SELECT date, order_id, product_id, ordered_at, paid_at, gmv, units FROM orders ORDER BY order_id, product_id",
    ) == [
        ("2026-03-09", "1", "p1", "2026-03-09T16:00:00Z", "2026-03-09T00:00:00Z", 10.5, 1),
        ("2026-03-09", "1", "p2", "2026-03-09T00:00:00Z", None, 3.0, 2),
        ("2026-03-10", "2", None, "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 5.99, 4),
    ]


def test_money_is_exact_to_the_cent_over_many_rows(tmp_path: Path) -> None:
    lines = [f"{n},2026-01-01,{n % 1000}.{n % 100:02d}" for n in range(20_000)]
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "orders.csv", "order_id,ordered_at,gmv\n" + "\n".join(lines)))
    cents = sum(n % 1000 * 100 + n % 100 for n in range(20_000))
    assert rows(db, "SELECT sum(gmv) FROM orders_rows") == [(cents,)]


def test_what_cannot_be_read_is_refused_with_line_reason_and_raw_text(tmp_path: Path) -> None:
    text = (
        "order_id,ordered_at,gmv,units,product_id\n"
        "1,2026-03-09,5,1,p\n"
        '2,2026-03-09,5,1,"two\nlines"\n'
        "3,not a date,5,1,p\n"
        "4,2026-03-09,,x,p\n"
        "\n"
        "5,2026-03-09\n"
        ",2026-03-09,1,1,p\n"
        "6,2026-02-30,1,-1,p\n"
    )
    db, export = tmp_path / "w.db", written(tmp_path, "orders.csv", text)
    report = load(db, [export])
    assert (report.files[0].read, report.files[0].accepted, report.files[0].rejected) == (7, 2, 5)
    kept = load_log.rejects(db)
    assert [one.line for one in kept] == [5, 6, 8, 9, 10]
    assert [one.raw for one in kept][:3] == ["3,not a date,5,1,p", "4,2026-03-09,,x,p", "5,2026-03-09"]
    assert "ordered_at: not a moment" in kept[0].reason
    assert "gmv: not given" in kept[1].reason
    assert "units: not a whole number" in kept[1].reason
    assert "2 cells where the header has 5" in kept[2].reason
    assert "order_id: not given" in kept[3].reason
    assert "ordered_at" in kept[4].reason
    assert report.to_dict()["rejects"][0]["line"] == 5


def test_refused_rows_can_be_mended_and_loaded(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "traffic.csv", "date,clicks\n2026-01-01,5\n2026-01-02,many\n"))
    mended = load_log.to_mend(db, 1).replace("many", "7")
    assert loaded(db, written(tmp_path, "mended.csv", mended)).accepted == 1
    assert rows(db, "SELECT sum(clicks) FROM traffic") == [(12,)]


def test_a_correction_replaces_only_the_columns_that_it_carries(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "orders.csv", ORDERS))
    report = loaded(
        db, written(tmp_path, "fix.csv", "order_id,ordered_at,product_id,gmv\n1,2026-03-11,p1,99\n1,2026-03-09,p2,3\n")
    )
    assert (report.accepted, report.replaced, report.unchanged) == (1, 1, 1)
    assert rows(db, "SELECT date, gmv, units, market FROM orders WHERE product_id = 'p1'") == [
        ("2026-03-11", 99.0, 1, "ID")
    ]
    assert rows(db, "SELECT count(*) FROM orders") == [(3,)]


def test_a_file_that_undoes_a_correction_is_not_taken_for_known(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    old = written(tmp_path, "old.csv", "date,clicks\n2026-01-01,5\n")
    new = written(tmp_path, "new.csv", "date,clicks\n2026-01-01,6\n")
    loaded(db, old)
    loaded(db, new)
    assert loaded(db, old).replaced == 1
    assert rows(db, "SELECT clicks FROM traffic") == [(5,)]


def test_rows_of_one_file_with_one_key(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    text = "date,market,clicks\n2026-01-01,ID,5\n2026-01-01,ID,5\n2026-01-01,TH,1\n"
    report = loaded(db, written(tmp_path, "traffic.csv", text))
    assert (report.read, report.accepted, report.unchanged, report.replaced, report.copies) == (3, 2, 1, 0, 1)
    assert "1 row is equal in every column" in report.notes[0]
    assert rows(db, "SELECT market, clicks FROM traffic ORDER BY 1") == [("ID", 5), ("TH", 1)]
    other = written(tmp_path, "other.csv", text + "2026-01-01,ID,6\n")
    with pytest.raises(UsageError, match=r"lines 2 and 5 have the same day and slice but differ\. .*--dimension"):
        load(db, [other])
    assert rows(db, "SELECT market, clicks FROM traffic ORDER BY 1") == [("ID", 5), ("TH", 1)]
    kept = loaded(tmp_path / "v.db", other, duplicates="keep")
    assert (kept.accepted, kept.unchanged, kept.copies) == (4, 0, 0)
    assert rows(tmp_path / "v.db", "SELECT market, clicks FROM traffic ORDER BY 1") == [("ID", 16), ("TH", 1)]


def test_rows_of_one_seller_count_once_or_are_refused(tmp_path: Path) -> None:
    db, text = tmp_path / "w.db", "seller_id,name\ns1,One\ns2,Two\ns1,One\n"
    report = loaded(db, written(tmp_path, "sellers.csv", text))
    assert (report.read, report.accepted, report.unchanged, report.copies) == (3, 2, 1, 1)
    with pytest.raises(UsageError, match=r"lines 2 and 5 have the same seller_id but differ"):
        load(db, [written(tmp_path, "other.csv", text + "s1,Uno\n")])
    assert rows(db, "SELECT seller_id, name FROM sellers ORDER BY 1") == [("s1", "One"), ("s2", "Two")]


@pytest.mark.parametrize("first", ["orders", "reviews"])
def test_a_review_takes_its_slice_from_its_order_whichever_comes_first(tmp_path: Path, first: str) -> None:
    db = tmp_path / "w.db"
    lines = ("r1,1,2026-03-12,5,p2,", "r2,9,2026-03-12,1,,VN", "r3,1,2026-03-13,4,,")
    reviews = "\n".join(("review_id,order_id,reviewed_at,rating,product_id,market", *lines))
    files = {"orders": ORDERS, "reviews": reviews}
    for name in sorted(files, key=lambda name: name != first):
        loaded(db, written(tmp_path, f"{name}.csv", files[name]))
    assert rows(db, "SELECT review_id, market, product_id FROM reviews ORDER BY 1") == [
        ("r1", "ID", "p2"), ("r2", "VN", None), ("r3", "ID", "p1"),
    ]  # fmt: skip


def test_custom_dimensions_and_measures_come_and_stay(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", "date,page,views\n2026-01-01,x,1\n"), dimensions=["page"])
    loaded(db, written(tmp_path, "b.csv", "date,likes\n2026-01-01,2.5\n"))
    assert rows(db, "SELECT page, views, likes FROM daily ORDER BY views") == [(None, None, 2.5), ("x", 1, None)]
    assert rows(db, "SELECT name, unit FROM daily_measures") == [("views", "count"), ("likes", "number")]


def test_a_column_of_words_in_daily_that_nobody_asked_for_is_said(tmp_path: Path) -> None:
    report = loaded(tmp_path / "w.db", written(tmp_path, "a.csv", "date,page,views\n2026-01-01,x,1\n2026-01-02,y,2\n"))
    assert "page" in report.notes[0]
    assert "--dimension page" in report.notes[0]


def test_dry_run_reports_all_and_keeps_nothing(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    report = load(db, [written(tmp_path, "orders.csv", ORDERS)], dry_run=True)
    assert report.files[0].accepted == 3
    assert rows(db, "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM loads)") == [(0, 0)]


def test_folders_and_patterns_load_what_they_hold(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for kind in ("orders", "reviews"):
        written(folder, f"{kind}.csv", KINDS[kind])
    written(folder, "notes.txt", "nothing to see here\n")
    (folder / "traffic.csv.gz").write_bytes(gzip.compress(KINDS["traffic"].encode()))
    report = load(tmp_path / "w.db", [folder])
    assert sorted(one.kind for one in report.files) == ["orders", "reviews", "traffic"]
    assert len(report.skipped) == 1
    assert len(load(tmp_path / "v.db", [folder / "*.csv"]).files) == 2


def test_a_folder_loads_every_night_whatever_else_lies_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    written(folder, "orders.csv", KINDS["orders"])
    written(folder, "notes.txt", "nothing to see here\n")
    written(folder, "undecided.csv", "date,clicks\n01/02/2026,1\n03/04/2026,2\n")
    monkeypatch.setattr("core.ingest.formats.record_text.BLOCK", 100)
    line = '{"date": "2026-01-02", "clicks": 1}\n'
    written(folder, "endless.jsonl", line * 2000 + "x" * (4 << 20))  # found only after most lines were read
    for _night in range(2):
        report = load(tmp_path / "w.db", [folder])
        assert [one.kind for one in report.files] == ["orders"]
        assert len(report.skipped) == 3
        assert report.refused is None
    assert report.files[0].unchanged == report.files[0].read
    with pytest.raises(WhydropError, match="not recognised"):
        load(tmp_path / "w.db", [folder / "n*.txt"])


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("", {}, "empty"),
        ("1,2,3\n4,5,6\n", {}, "no header"),
        ("a,b\n1,2\n", {}, "not recognised"),
        ("order_id,gmv\n1,2\n", {"as_kind": "orders"}, "no column ordered_at"),
        ("date,clicks\n2026-01-01,1\n", {"as_kind": "order"}, "Did you mean orders"),
        ("date,clicks\n2026-01-01,1\n", {"dimensions": ["page"]}, "'page'"),
        ("date,market\n2026-01-01,ID\n", {"as_kind": "daily"}, "no column holds figures"),
    ],
)
def test_what_is_no_export_is_a_clear_error(tmp_path: Path, text: str, options: dict[str, object], says: str) -> None:
    with pytest.raises(WhydropError, match=says):
        load(tmp_path / "w.db", [written(tmp_path, "x.csv", text)], **options)  # type: ignore[arg-type]
    assert not (tmp_path / "w.db").exists()


def test_paths_that_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        load(tmp_path / "w.db", [tmp_path / "missing.csv"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no exports"):
        load(tmp_path / "w.db", [tmp_path / "empty"])


def test_a_header_without_rows_loads_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path / "w.db", written(tmp_path, "x.csv", "date,clicks\n")).read == 0


def test_slices_whose_hashes_are_equal_stay_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.workspace.write.row_hash.mixed", lambda values, place: np.zeros(len(values), np.uint64))
    db = tmp_path / "w.db"
    text = "date,market,clicks\n2026-01-01,ID,5\n2026-01-01,TH,6\n2026-01-02,ID,7\n2026-01-01,TH,6\n"
    assert loaded(db, written(tmp_path, "a.csv", text)).copies == 1
    assert (
        loaded(db, written(tmp_path, "b.csv", "date,market,clicks\n2026-01-01,TH,6\n2026-01-01,ID,9\n")).unchanged == 1
    )
    assert rows(db, "SELECT date, market, clicks FROM traffic ORDER BY clicks") == [
        ("2026-01-01", "TH", 6), ("2026-01-02", "ID", 7), ("2026-01-01", "ID", 9),
    ]  # fmt: skip


def test_many_keyed_rows_are_written_in_bulk_and_kept_apart_by_their_keys(tmp_path: Path) -> None:
    db, lines = tmp_path / "w.db", [f"o{n},2026-01-{n % 28 + 1:02d},p{n % 3},{n}.50,,b{n}" for n in range(12_000)]
    again = ["o5,2026-01-06,p2,5.50,,b5", "o6,2026-01-20,p0,7,ID,b6", "o6,2026-01-21,p0,8,ID,"]
    text = "\n".join(["order_id,ordered_at,product_id,gmv,market,buyer_id", *lines, *again, "last,2026-01-01,,1,,"])
    report = loaded(db, written(tmp_path, "a.csv", text))
    assert (report.read, report.unchanged, report.copies, report.replaced) == (12_004, 1, 1, 0)
    assert rows(db, "SELECT count(*), sum(gmv), count(DISTINCT buyer_id) FROM orders_rows") == [
        (12_003, sum(n * 100 + 50 for n in range(12_000)) + 700 + 800 + 100, 12_001)
    ]
    assert rows(db, "SELECT line, date, gmv, market, buyer_id FROM orders WHERE order_id = 'o6' ORDER BY 1") == [
        (None, "2026-01-07", 6.5, None, "b6"), ("2", "2026-01-20", 7.0, "ID", "b6"), ("3", "2026-01-21", 8.0, "ID", None)
    ]  # fmt: skip
    held = contents(db)
    other = loaded(db, written(tmp_path, "b.csv", text.replace("o5,", "o5 ,")))
    assert (other.accepted, contents(db)) == (0, held)
    more = written(tmp_path, "c.csv", text.replace("\no", "\nx").replace("last", "o7"))
    assert loaded(db, more).replaced == 0
    assert rows(db, "SELECT count(*) FROM orders") == [(24_006,)]
    assert rows(db, "PRAGMA integrity_check") == [("ok",)]


def test_rows_held_already_are_spared_unless_the_file_gives_them_twice(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    header = "date,market,clicks,watch_seconds\n"
    loaded(db, written(tmp_path, "a.csv", header + "2026-01-01,ID,5,0.5\n2026-01-01,TH,,\n2026-01-02,ID,7,2\n"))
    changed = "2026-01-01,ID,5,0.5\n2026-01-01,TH,,\n2026-01-02,ID,7,2\n2026-01-02,ID,8,2\n"
    with pytest.raises(UsageError, match="lines 4 and 5 have the same day and slice"):
        load(db, [written(tmp_path, "b.csv", header + changed)])
    changed = "2026-01-01,ID,5,0.5\n2026-01-01,TH,,\n2026-01-02,ID,8,2\n2026-01-02,ID,8,2\n2026-01-01,TH,,\n"
    report = loaded(db, written(tmp_path, "c.csv", header + changed))
    assert (report.read, report.unchanged, report.replaced) == (5, 4, 1)
    assert rows(db, "SELECT date, market, clicks, watch_seconds FROM traffic ORDER BY 1, 2") == [
        ("2026-01-01", "ID", 5, 0.5), ("2026-01-01", "TH", None, None), ("2026-01-02", "ID", 8, 2.0),
    ]  # fmt: skip


def test_a_keyed_row_that_comes_with_another_day_is_a_correction(tmp_path: Path) -> None:
    db, mapping = (
        tmp_path / "w.db",
        written(tmp_path, "m.toml", 'key = ["post"]\n[columns]\ndate = "day"\nlikes = "likes"\n'),
    )
    text = "day,post,likes\n2026-01-01,a,5\n2026-01-01,b,5\n"
    loaded(db, written(tmp_path, "a.csv", text), mapping=mapping)
    moved = "2026-01-03,a,5\n2026-01-01,b,5\n2026-01-02,b,6\n"
    report = loaded(db, written(tmp_path, "b.csv", "day,post,likes\n" + moved), mapping=mapping)
    assert (report.added, report.unchanged, report.replaced) == (1, 1, 1)
    assert "1 rows differ" in report.notes[-1]
    assert rows(db, "SELECT date, likes FROM daily ORDER BY date") == [
        ("2026-01-01", 5), ("2026-01-02", 6), ("2026-01-03", 5)
    ]  # fmt: skip
