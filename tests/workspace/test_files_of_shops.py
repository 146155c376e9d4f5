"""Files with the same columns: of several shops, of one shop corrected, of totals, of weeks next to their days."""

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from openpyxl import Workbook

from core.base.errors import WhydropError
from core.workspace.read.profile.load_history import LoadHistory
from core.workspace.write.file_figures import ComparedFiles
from core.workspace.write.load import load
from core.workspace.write.recovery.undo import undo
from tests.ingest.shapes import days
from tests.workspace.loading import rows, written

DAYS = days(28)
VISITS = np.random.default_rng(6).poisson([[300], [500]], (2, 28))


def shop_file(
    folder: Path, name: str, visits: np.ndarray, column: str = "visits", dates: list[str] | None = None
) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [f"{day},{figure},{figure // 7}" for day, figure in zip(dates or DAYS, visits.tolist(), strict=True)]
    return written(folder, f"{name}.csv", "\n".join([f"date,{column},baskets", *lines]))


def by_source(db: Path) -> dict[str, int]:
    return dict(rows(db, "SELECT coalesce(source, ''), sum(visits) FROM daily GROUP BY 1"))


def test_files_of_one_folder_with_other_figures_are_of_shops_called_by_their_names(tmp_path: Path) -> None:
    folder, db = tmp_path / "exports", tmp_path / "w.db"
    for name, visits in zip(("berlin", "paris"), VISITS, strict=True):
        shop_file(folder, name, visits)
    for _night in range(2):
        load(db, [folder])
        assert by_source(db) == {"berlin": VISITS[0].sum(), "paris": VISITS[1].sum()}
    shop_file(folder, "berlin", VISITS[0] + 7)
    load(db, [folder])
    assert by_source(db)["berlin"] == VISITS[0].sum() + 7 * 28, "a corrected file replaces its own rows"
    shop_file(folder, "total", VISITS.sum(axis=0))
    report = load(db, [folder])
    assert any("total" in words and "sums of the other files" in words for words in report.skipped)
    assert "total" not in by_source(db)


def test_a_corrected_file_is_loaded_by_itself(tmp_path: Path) -> None:
    corrected = VISITS[0].copy()
    corrected[:3] += 1
    db = tmp_path / "w.db"
    first, second = shop_file(tmp_path, "march", VISITS[0]), shop_file(tmp_path, "march_new", corrected)
    report = load(db, [first, second])
    assert "march_new.csv: gives other figures than another file of this load" in str(report.refused)
    assert by_source(db) == {"": VISITS[0].sum()}
    assert load(db, [second]).files[0].replaced == 3
    assert by_source(db) == {"": corrected.sum()}


@pytest.mark.parametrize(("factor", "refused"), [(1.0, True), (0.95, True), (0.8, False)])
def test_sums_of_weeks_are_refused_next_to_their_days(tmp_path: Path, factor: float, refused: bool) -> None:
    """Dated by the day before their weeks' six other days: nine tenths of these are enough."""
    db = tmp_path / "w.db"
    load(db, [shop_file(tmp_path, "days", VISITS[0])])
    after = np.array([VISITS[0][first + 1 : first + 7].sum() for first in range(0, 28, 7)])
    weeks = shop_file(tmp_path, "weeks", np.ceil(after * factor).astype(int), dates=DAYS[::7])
    if refused:
        with pytest.raises(
            WhydropError, match="its dates are 7 or more days apart, and its visits, baskets are as large"
        ):
            load(db, [weeks])
        assert by_source(db) == {"": VISITS[0].sum()}
    else:
        load(db, [weeks])


@pytest.mark.parametrize(("changed", "refused"), [(28, True), (3, True), (2, False)])
def test_a_file_with_other_columns_that_replaces_three_figures_may_be_of_another_system(
    tmp_path: Path, changed: int, refused: bool
) -> None:
    db, other = tmp_path / "w.db", VISITS[0].copy()
    other[:changed] += 70
    load(db, [shop_file(tmp_path, "first", VISITS[0])])
    lines = [f"{day},{figure},{figure * 3}" for day, figure in zip(DAYS, other.tolist(), strict=True)]
    path = written(tmp_path, "second.csv", "\n".join(["date,visits,pages", *lines]))
    if refused:
        with pytest.raises(WhydropError, match=f"{changed} of its rows give other figures than .*first.csv"):
            load(db, [path])
    else:
        load(db, [path])
    load(db, [path], source="other")
    assert by_source(db)["other"] == other.sum()


TICKETS = [
    f"T{at},{DAYS[at * 7 % 28]}T{at % 24:02}:{at % 60:02},{('bug', 'bill')[at % 2]},{at % 50 + 1}" for at in range(120)
]


def ticket_file(folder: Path, name: str, first: int, last: int) -> Path:
    folder.mkdir(exist_ok=True)
    return written(folder, f"{name}.csv", "\n".join(["ticket_id,opened,type,minutes", *TICKETS[first:last]]))


@pytest.mark.parametrize("before", [None, (0, 120), (0, 40)])
def test_parts_of_one_log_of_events_are_no_shops(tmp_path: Path, before: tuple[int, int] | None) -> None:
    """Two parts that share ten tickets or follow an earlier file of the log: each of the 120 counts once, 1 to 50 minutes twice
    and 1 to 20 once more."""
    folder, db = tmp_path / "parts", tmp_path / "w.db"
    if before is not None:
        load(db, [ticket_file(tmp_path, "log", *before)])
    ticket_file(folder, "part_a", 0, 70)
    ticket_file(folder, "part_b", 60 if before is None else 70, 120)
    load(db, [folder])
    assert rows(db, "SELECT count(*), sum(minutes), max(source) FROM daily") == [(120, 2 * 1275 + 210, None)]


def test_files_of_shops_after_one_without_a_source_that_they_may_correct_are_left_out(tmp_path: Path) -> None:
    folder, db = tmp_path / "exports", tmp_path / "w.db"
    load(db, [shop_file(tmp_path, "berlin", VISITS[0])])
    shop_file(folder, "berlin_new", VISITS[0] + 1)
    shop_file(folder, "paris", VISITS[1])
    with pytest.raises(
        WhydropError, match="nothing shows whether it corrects that one or is of another shop: name the source"
    ):
        load(db, [folder])
    assert by_source(db) == {"": VISITS[0].sum()}


def test_shops_that_number_their_sales_alike_are_sources(tmp_path: Path) -> None:
    """One of five sales of the same day and number has the same amount in both."""
    folder, db = tmp_path / "shops", tmp_path / "w.db"
    folder.mkdir()
    for shop, more in (("berlin", False), ("paris", True)):
        lines = [
            f"{at},{DAYS[at // 5]},{10 * (1 + at % 5) + (25 + at // 5) * (more and at % 5 > 0)}" for at in range(140)
        ]
        written(folder, f"{shop}.csv", "\n".join(["ticket_id,date,amount", *lines]))
    load(db, [folder])
    assert rows(db, "SELECT source, count(*), sum(amount) FROM daily GROUP BY 1") == [
        ("berlin", 140, 28 * 150),
        ("paris", 140, 28 * (150 + 4 * 25) + 4 * (27 * 28 // 2)),
    ]


def test_long_files_whose_beginnings_share_no_day_are_compared_as_a_whole() -> None:
    """Of twelve days, a batch each, one file begins with the first four and the other with the last four."""

    def export(orders: dict[int, float]) -> Any:
        batches = [
            SimpleNamespace(days=np.array([day]), columns={"orders": pa.array([value])})
            for day, value in orders.items()
        ]
        return SimpleNamespace(dimensions=(), cells={}, measures=("orders",), batches=batches)

    first = export({day: 50.0 + day**3 % 17 for day in range(12)})
    unlike = export({day: 20.0 + day**3 % 23 for day in reversed(range(12))})
    corrected = export({day: 50.0 + day**3 % 17 + (day == 3) for day in reversed(range(12))})
    assert ComparedFiles.of([first, unlike], ["a", "b"]).are_apart(())
    assert not ComparedFiles.of([first, corrected], ["a", "b"]).are_apart(())


@pytest.mark.parametrize("order", [(20, 22), (22, 20)])
def test_parts_of_a_log_with_more_and_less_words_are_read_alike(tmp_path: Path, order: tuple[int, int]) -> None:
    """Of 44 calls each, 20 hosts slice and 22 are too many: the second file that is opened has its columns in another order."""
    paths = [
        written(tmp_path, f"{hosts}.csv", "call_id,started_at,host,result,amount\n" + "".join(
            f"{hosts}-{at},2026-03-{1 + at % 20:02} 10:{at:02},h{at % hosts},{'ab'[at % 2]},{at}\n" for at in range(44)
        )) for hosts in order
    ]  # fmt: skip
    load(tmp_path / "w.db", paths)
    counted = rows(tmp_path / "w.db", "SELECT count(*), count(DISTINCT host), sum(amount) FROM daily")
    assert counted == [(88, 22, 2 * sum(range(44)))]


def _months(folder: Path) -> tuple[Path, Path]:
    """Forty orders each of March and April, twenty of each host; all on one day."""
    return tuple(
        written(folder, f"{name}.csv", "order_id,ordered_at,gmv,paid_at,host,flow\n" + "".join(
            f"{name}{at},2026-0{month}-05,1{at},2026-0{month}-05,{'ab'[at % 2]},{'xyz'[at % 3]}\n" for at in range(40)
        )) for month, name in ((3, "march"), (4, "april"))
    )  # type: ignore[return-value]  # fmt: skip


OTHER = "40 of 40 rows replaced other figures of the same source"
OWN = "40 of 40 rows replaced those of an earlier load of this file"


def _said(db: Path, path: Path, *dimensions: str) -> list[str]:
    """What notes say of replaced rows, without their advice."""
    notes = (note for file in load(db, [path], dimensions=dimensions).files for note in file.notes)
    return [note.partition(";")[0] for note in notes if "replaced" in note]


def test_a_file_that_is_read_otherwise_replaces_its_own_rows_and_a_corrected_one_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, (march, april) = tmp_path / "w.db", _months(tmp_path)
    first = march.read_text()
    assert _said(db, march) == _said(db, april) == []
    assert _said(db, april, "host") == [OWN]
    monkeypatch.chdir(tmp_path)
    assert _said(db, Path("march.csv"), "host") == [OWN], "under another path, with another file loaded since"
    march.write_text(first.replace(",1", ",2"))
    assert _said(db, march) == [OTHER]
    assert _said(db, march, "flow") == [OWN]
    march.write_text(first)
    assert _said(db, march) == [OTHER], "the rows of the corrected file"
    assert [file.replaced for file in _history(db).loaded_files()] == [0, 0, 0, 0, 40, 0, 40]


def test_each_table_of_a_workbook_that_is_read_otherwise_replaces_its_own_rows(tmp_path: Path) -> None:
    db, book, paths = tmp_path / "w.db", Workbook(), _months(tmp_path)
    for path in paths:
        sheet = book.create_sheet(path.stem)
        for line in path.read_text().splitlines():
            sheet.append(line.split(","))
    book.remove(book.worksheets[0])
    book.save(tmp_path / "book.xlsx")
    assert _said(db, tmp_path / "book.xlsx") == []
    assert _said(db, tmp_path / "book.xlsx", "host") == [OWN, OWN]
    assert [(len(paths), names) for paths, names in _history(db).unkept_columns()] == []


def test_columns_that_were_not_kept_are_told_of_every_file_that_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of forty rows two words are twenty each, and three are too few of each to be told."""
    db, (march, april) = tmp_path / "w.db", _months(tmp_path)
    load(db, [march, april])
    assert _history(db).unkept_columns() == [((str(march), str(april)), ("host",))]
    monkeypatch.chdir(tmp_path)
    load(db, [Path("april.csv")], dimensions=["host"])
    assert _history(db).unkept_columns() == [((str(march),), ("host",))]
    undo(db, 3)
    assert _history(db).unkept_columns() == [((str(march), str(april)), ("host",))]


def _history(db: Path) -> LoadHistory:
    return LoadHistory(sqlite3.connect(db))


@pytest.mark.parametrize("kind", ["reviews", "orders"])
@pytest.mark.parametrize("source", ["other", None])
def test_rows_that_are_there_under_another_source_are_no_other_ones(
    tmp_path: Path, kind: str, source: str | None
) -> None:
    """Six rows; of the next seven, three have the ids and moments of earlier ones, and the others the ids alone."""
    head = {"reviews": "review_id,reviewed_at,rating", "orders": "order_id,ordered_at,gmv"}[kind]
    texts = [[f"{at},2026-07-0{at}T10:00:0{shift},{at % 5 + 1}" for at in range(1, 7)] for shift in (0, 1)]
    path = tmp_path / "file.csv"
    path.write_text("\n".join([head, *texts[0]]))
    load(tmp_path / "w.db", [path], source="own")
    with pytest.raises(WhydropError, match="6 of its 6 rows are those of the source 'own'"):
        load(tmp_path / "w.db", [path], source=source)
    path.write_text("\n".join([head, *texts[0][:3], *texts[1][3:], "9,2026-07-09T10:00:00,1"]))
    load(tmp_path / "w.db", [path], source=source)
    assert rows(tmp_path / "w.db", f"SELECT count(*) FROM {kind}") == [(13,)]


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("violation_id,occurred_at,policy,creator_id", "{at},2026-07-{at:02},spam,{shop}{at}"),
        ("review_id,reviewed_at,rating,text", "{at},2026-07-{at:02},5,{shop}"),
        ("order_id,ordered_at,gmv", "{at},2026-07-{at:02},{price}"),
    ],
)
def test_shops_that_number_from_one_and_give_days_alone_are_two(tmp_path: Path, head: str, line: str) -> None:
    """Nine rows of a shop a day each; those of the other one differ in who, in what was written, or in three prices."""
    for shop in "ab":
        lines = [line.format(at=at, shop=shop, price=7 + (shop == "b" and at % 3 == 0)) for at in range(1, 10)]
        (tmp_path / "file.csv").write_text("\n".join([head, *lines]))
        load(tmp_path / "w.db", [tmp_path / "file.csv"], source=shop)
    kind = head.split("_id")[0]
    assert rows(tmp_path / "w.db", f"SELECT source, count(*) FROM {kind}s GROUP BY 1") == [("a", 9), ("b", 9)]


def test_a_few_corrected_rows_do_not_make_a_second_shop(tmp_path: Path) -> None:
    """Of ten orders one is corrected; with two, nobody can tell."""
    texts = [f"{at},2026-07-{at:02},{at}" for at in range(1, 11)]
    path = tmp_path / "file.csv"
    for corrected, source in ((0, "own"), (2, "second")):
        lines = [f"{line}5" if at < corrected else line for at, line in enumerate(texts)]
        path.write_text("\n".join(["order_id,ordered_at,gmv", *lines]))
        load(tmp_path / "w.db", [path], source=source)
    path.write_text("\n".join(["order_id,ordered_at,gmv", f"{texts[0]}9", *texts[1:]]))
    with pytest.raises(WhydropError, match="9 of its 10 rows are those of the source"):
        load(tmp_path / "w.db", [path], source="third")
