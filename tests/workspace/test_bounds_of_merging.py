"""What a load leaves as it was, takes for a correction, or refuses: each rule just inside and just outside its bound."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from core.base.days import parse_day
from core.base.errors import UsageError
from core.workspace.read import rating_rows
from core.workspace.read.rating_rows import Account
from core.workspace.read.workspace import Workspace
from core.workspace.schema.load_log import rejects
from core.workspace.write.bulk.bulk_writer import BulkWriter
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.file_figures import ComparedFiles
from core.workspace.write.files.file_sources import by_folder
from core.workspace.write.load import load
from core.workspace.write.recovery.undo import undo
from tests.workspace.loading import loaded, rows, written

HEADER = "date,market,clicks,watch_seconds\n"


def test_a_figure_that_a_correction_leaves_blank_is_taken_back(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", HEADER + "2026-01-01,ID,5,0.5\n2026-01-01,TH,6,0.5\n"))
    report = loaded(db, written(tmp_path, "b.csv", HEADER + "2026-01-01,ID,5,\n2026-01-01,TH,6,0.5\n"))
    assert (report.replaced, report.unchanged) == (1, 1)
    assert rows(db, "SELECT clicks, watch_seconds FROM traffic ORDER BY market") == [(5, None), (6, 0.5)]


@pytest.mark.parametrize("room", [0, 3])
def test_days_with_more_rows_than_are_remembered_are_merged_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """Keyed rows of the same day have names of their own: no other row replaces them."""
    monkeypatch.setattr("core.workspace.write.merging.existing_rows._MOST_ROWS", room)
    db, keyed = (
        tmp_path / "w.db",
        written(tmp_path, "m.toml", 'key = ["post"]\n[columns]\ndate = "day"\nlikes = "likes"\n'),
    )
    loaded(db, written(tmp_path, "posts.csv", "day,post,likes\n2026-01-01,a,5\n2026-01-01,b,6\n"), mapping=keyed)
    loaded(db, written(tmp_path, "a.csv", "date,likes\n2026-01-01,7\n2026-01-02,7\n"))
    report = loaded(db, written(tmp_path, "b.csv", "date,likes\n2026-01-01,8\n2026-01-02,7\n"))
    assert (report.replaced, report.unchanged) == (1, 1)
    assert rows(db, "SELECT date, likes FROM daily ORDER BY 1, 2") == [
        ("2026-01-01", 5), ("2026-01-01", 6), ("2026-01-01", 8), ("2026-01-02", 7)
    ]  # fmt: skip
    loaded(db, written(tmp_path, "c.csv", HEADER + "2026-01-01,ID,5,1\n2026-01-02,ID,6,1\n"))
    assert loaded(db, written(tmp_path, "d.csv", HEADER + "2026-01-01,ID,9,1\n2026-01-02,ID,6,1\n")).replaced == 1
    assert rows(db, "SELECT sum(clicks) FROM traffic") == [(15,)]


def test_a_batch_that_fits_on_one_page_follows_large_ones(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "w.db", isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY, n INTEGER)")
        writer = BulkWriter(connection, "numbers", Staging(tmp_path))
        for first, count in (
            (1, 5_000),
            (5_001, 5_000),
            (10_001, 5_000),
            (15_001, 5_000),
            (20_001, 3),
            (30_001, 5_000),
        ):
            ids = np.arange(first, first + count)
            writer.insert({"id": ids, "n": 2 * ids})
        writer.flush()
        writer.stop()
        found = connection.execute("SELECT count(*), sum(n = 2 * id), min(id), max(id) FROM numbers").fetchone()
        assert found == (25_003, 25_003, 1, 35_000)
        assert connection.execute("SELECT n FROM numbers WHERE id = 20002").fetchall() == [(40_004,)]
        writer.close()


def test_orders_whose_lines_nothing_names_are_of_one_file_of_a_load(tmp_path: Path) -> None:
    """A later load corrects them; of one load nobody knows which file is right."""
    db, head = tmp_path / "w.db", "order_id,ordered_at,gmv\n"
    first = written(tmp_path, "a.csv", head + "1,2026-01-01,5\n2,2026-01-02,6\n")
    other = written(tmp_path, "b.csv", head + "1,2026-01-01,7\n3,2026-01-02,6\n")
    report = load(db, [first, other])
    assert "b.csv: gives other figures than another file of this load" in str(report.refused)
    assert rows(db, "SELECT sum(gmv) FROM orders") == [(11.0,)]
    assert loaded(db, other).replaced == 1
    named = "order_id,ordered_at,product_id,gmv\n"
    lines = [written(tmp_path, f"{gmv}.csv", f"{named}9,2026-01-03,p,{gmv}\n") for gmv in (1, 2)]
    assert "2.csv: gives other figures than another file of this load" in str(load(db, lines).refused)
    assert rows(db, "SELECT sum(gmv) FROM orders WHERE order_id = '9'") == [(1.0,)], "two lines of a product, cut apart"
    half = f"{named}7,2026-01-04,p,3\n8,2026-01-04,p,4\n"
    exports = [written(tmp_path, f"{gmv}-later.csv", f"{half[:-2]}{gmv}\n") for gmv in (4, 5)]
    assert [file.replaced for file in load(db, exports).files] == [0, 1], "a later export, which repeats as many"


@pytest.mark.parametrize(
    ("second", "replaced"),
    [
        ("north.csv", None),  # two warehouses
        ("south_2026-02-02.csv", 3),  # the next one of a series
        ("later.csv", 2),  # a correction, which repeats as much
    ],
)
def test_what_a_load_refused_is_refused_when_it_is_given_again(
    tmp_path: Path, second: str, replaced: int | None
) -> None:
    """Of four lines of products three or two have other amounts in the second file; the first one is as it was loaded."""
    db, head = tmp_path / "w.db", "order_id,ordered_at,product_id,gmv\n"
    lines = [f"{at},2026-01-0{at},p,{{}}\n" for at in range(1, 5)]
    files = [written(tmp_path, "south_2026-02-01.csv", head + "".join(lines).format(1, 1, 1, 1))]
    load(db, files)
    new = (1, 1, 2, 2) if replaced == 2 else (1, 2, 2, 2)
    files.append(written(tmp_path, second, head + "".join(lines).format(*new)))
    report = load(db, files)
    if replaced is not None:
        assert [file.replaced for file in report.files] == [0, replaced]
        return
    assert "north.csv: gives other figures than another file of this load" in str(report.refused)
    assert rows(db, "SELECT sum(gmv) FROM orders") == [(4.0,)]
    assert loaded(db, files[1]).replaced == 3, "by itself it corrects"
    files[1].write_text(head + "".join(lines).format(1, 3, 3, 3))
    load(db, files)
    assert rows(db, "SELECT sum(gmv) FROM orders") == [(10.0,)], "and goes on correcting"


def test_a_dimension_of_reviews_slices_their_orders_too(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "o.csv", "order_id,ordered_at,gmv\n1,2026-01-01,5\n"))
    text = "review_id,order_id,reviewed_at,rating,branch\nr1,1,2026-01-03,4,north\n"
    loaded(db, written(tmp_path, "r.csv", text), dimensions=["branch"])
    assert rows(db, "SELECT branch FROM orders") == [(None,)]
    assert rows(db, "SELECT rating, branch FROM reviews") == [(4, "north")]


def test_only_the_newest_loads_can_be_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.workspace.write.recovery.change_log._KEPT_LOADS", 2)
    db, undo_from = tmp_path / "w.db", "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'undo_from'"
    expected = [1, 1, 2, 3]
    for day, first in enumerate(expected, 1):
        loaded(db, written(tmp_path, f"{day}.csv", f"date,clicks\n2026-01-0{day},5\n"))
        assert rows(db, undo_from) == [(first,)]
    with pytest.raises(UsageError, match="too old"):
        undo(db, 2)
    undo(db, 3)
    assert rows(db, "SELECT date FROM traffic ORDER BY 1") == [("2026-01-01",), ("2026-01-02",), ("2026-01-04",)]


def test_undoing_the_only_load_forgets_its_words(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", HEADER + "2026-01-01,ID,5,1\n"))
    undo(db, 1)
    assert rows(db, "SELECT dimension, value FROM dictionary") == []


def test_a_search_of_signs_alone_finds_nothing(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", HEADER + "2026-01-01,ID,5,1\n2026-01-01,ID,many,1\n"))
    assert [len(rejects(db, search=words)) for words in ("??", "ID", "x1", "")] == [0, 1, 0, 1]


def test_accounts_are_what_their_export_tells(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    text = "creator_id,person_id,seller_id,market,joined_on\nC1,H1,S1,ID,2026-01-02\nC2,,,,\n"
    loaded(db, written(tmp_path, "c.csv", text))
    with Workspace.open(db) as workspace:
        told = rating_rows.accounts(workspace)
    day = parse_day("2026-01-02")
    assert told == {"C1": Account("H1", "S1", "ID", day), "C2": Account("", "", "", rating_rows.NEVER)}


def test_files_are_called_by_their_archive_where_they_lie_in_no_folder_of_it() -> None:
    assert by_folder("out/Berlin.zip:report.csv") == "Berlin"
    assert by_folder("out/shops.zip:Paris/report.csv") == "Paris"


@pytest.mark.parametrize(
    ("names", "totals"),
    [(["berlin", "paris", "total"], {"total"}), (["berlin", "gesamt", "total"], set()), (["berlin", "total"], set())],
)
def test_a_file_of_totals_leaves_two_others(names: list[str], totals: set[str]) -> None:
    values = np.arange(12, dtype=float).reshape(len(names), -1, 1) ** 2
    compared = ComparedFiles(names, values, np.ones((len(names), 2), bool))
    assert compared.totals() == totals


def test_a_file_whose_words_are_all_new_replaces_nothing(tmp_path: Path) -> None:
    db, head = tmp_path / "w.db", "date,shop,clicks,likes\n"
    lines = "".join(f"2026-01-0{day},{{}},{day + 3}{day},{day}\n" for day in range(1, 6))
    first = loaded(db, written(tmp_path, "a.csv", head + lines.format(*["north"] * 5)))
    assert "shop" not in first.dimensions
    with pytest.raises(UsageError, match="its shop is 'south' in every row, that of an earlier file .* 'north'"):
        load(db, [written(tmp_path, "b.csv", head + lines.replace(",1\n", ",9\n").format(*["south"] * 5))])


def test_rows_with_names_of_their_own_are_no_sums_of_weeks(tmp_path: Path) -> None:
    db, days = tmp_path / "w.db", [f"2026-03-{day:02d}" for day in range(1, 29)]
    loaded(
        db,
        written(tmp_path, "a.csv", "date,visits\n" + "".join(f"{day},{7 + at % 5}\n" for at, day in enumerate(days))),
    )
    weeks = "".join(f"{days[at]},{sum(7 + day % 5 for day in range(at + 1, at + 7))}\n" for at in (0, 7, 14, 21))
    with pytest.raises(UsageError, match="its dates are 7 or more days apart"):
        load(db, [written(tmp_path, "b.csv", "date,visits\n" + weeks)])
    keyed = written(tmp_path, "m.toml", 'key = ["post"]\n[columns]\ndate = "date"\nvisits = "visits"\n')
    posts = "date,visits,post\n" + weeks.replace("\n", ",p\n")
    for at in "abcd":
        posts = posts.replace(",p\n", f",{at}\n", 1)
    assert loaded(db, written(tmp_path, "c.csv", posts), mapping=keyed).added == 4


def test_a_later_file_shows_that_a_measure_cannot_be_added_up(tmp_path: Path) -> None:
    db, head = tmp_path / "w.db", "date,visits,filled\n"
    loaded(db, written(tmp_path, "a.csv", head + "".join(f"2026-01-0{day},{day}0,4{day}\n" for day in range(1, 8))))
    assert rows(db, "SELECT unit FROM daily_measures WHERE name = 'filled'") != [("rate",)]
    text = head + "".join(f"2026-02-0{day},{day}0,4{day}%\n" for day in range(1, 8))
    notes = loaded(db, written(tmp_path, "b.csv", text)).notes
    assert any(
        "with the rows of earlier files, kept, but now in no total and no scan: filled" in note for note in notes
    )
    assert rows(db, "SELECT unit FROM daily_measures WHERE name = 'filled'") == [("rate",)]


@pytest.mark.parametrize(
    ("split", "changed", "unchanged", "is_refused"),
    [(5, 1, 0, True), (4, 1, 0, False), (5, 10, 0, True), (5, 11, 0, False), (5, 2, 2, False), (5, 2, 1, True)],
)
def test_other_lines_of_many_orders_are_parts_of_a_file_and_no_corrections(
    tmp_path: Path, split: int, changed: int, unchanged: int, *, is_refused: bool
) -> None:
    """`split` orders have one line in each file, of other products; of `changed` both files have the same product."""
    header = "order_id,product_id,ordered_at,paid_at,gmv\n"
    day = "2026-05-01,2026-05-01"
    both = "".join(f"U{n},p,{day},3\n" for n in range(unchanged))
    one = (
        both + "".join(f"S{n},p,{day},5\n" for n in range(split)) + "".join(f"C{n},p,{day},7\n" for n in range(changed))
    )
    other = one.replace(",5\n", ",6\n").replace(",7\n", ",8\n")
    other = "".join(line.replace(",p,", ",q,") if line[0] == "S" else line for line in other.splitlines(keepends=True))
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", header + one))
    second = written(tmp_path, "b.csv", header + other)
    if is_refused:
        with pytest.raises(UsageError, match=f"{split} orders .* others in an earlier file, .* {changed} line"):
            load(db, [second])
    else:
        assert loaded(db, second).replaced == changed
    total = 5 * split + 7 * changed + 3 * unchanged
    assert rows(db, "SELECT sum(gmv) FROM orders") == [(total if is_refused else total + 6 * split + changed,)]


def test_an_export_with_one_more_line_of_each_order_corrects_them(tmp_path: Path) -> None:
    header = "order_id,product_id,ordered_at,paid_at,gmv\n"
    lines = [f"S{n},p,2026-05-01,2026-05-01,{n}\n" for n in range(9)]
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", header + "".join(lines)))
    more = [line.replace(",p,", ",q,") + line.replace("\n", "5\n") for line in lines]
    report = loaded(db, written(tmp_path, "b.csv", header + "".join(more)))
    assert (report.added, report.replaced) == (9, 9)


def test_every_second_row_of_a_longer_file_is_no_correction_of_the_others(tmp_path: Path) -> None:
    """The two files have the same days and countries, and each about half of the rows of each device."""
    days = [f"2026-05-{day:02d},{country}" for day in range(1, 29) for country in ("DE", "FR", "IT", "ES")]
    first, second = ("\n".join(["date,country,gadget,visits"] + [
        f"{day},{('web', 'app')[(at // 7 + half) % 2]},{at + 7 * half}" for at, day in enumerate(days)
    ]) + "\n" for half in (0, 1))  # fmt: skip
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "a.csv", first))
    with pytest.raises(UsageError, match="the other way round: 112 rows would replace others"):
        load(db, [written(tmp_path, "b.csv", second)])


def test_rows_whose_words_are_swapped_here_and_there_are_corrected(tmp_path: Path) -> None:
    days = [f"2026-05-{day:02d},{country}" for day in range(1, 29) for country in ("DE", "FR", "IT", "ES")]
    texts = ("\n".join(["date,country,gadget,visits"] + [
        f"{day},{('web', 'app')[(at + (at < last)) % 2]},{at + (at < last)}" for at, day in enumerate(days)
    ]) + "\n" for last in (0, 55))  # fmt: skip
    first, second = (written(tmp_path, name, text) for name, text in zip(("a.csv", "b.csv"), texts, strict=True))
    loaded(tmp_path / "w.db", first)
    assert loaded(tmp_path / "w.db", second).replaced == 55
