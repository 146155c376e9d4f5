"""A folder of exports of many systems in one workspace: no figure of one file is changed by another."""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from core.base.errors import UsageError, WhydropError
from core.workspace.write.load import load
from core.workspace.write.recovery.undo import undo
from tests.ingest.presets.test_systems import CASES as SYSTEMS
from tests.ingest.test_cases import CASES

TABLES = ("daily", "orders", "videos")
EVERY = 3
"""Each third case, which takes a second."""


def totals(path: Path) -> Counter[tuple[str, str]]:
    """The sum of each column of figures in a workspace, in thousandths."""
    result: Counter[tuple[str, str]] = Counter()
    with sqlite3.connect(path) as database:
        for table in TABLES:
            names = [
                name for _, name, *_ in database.execute(f"PRAGMA table_info({table})") if name not in {"id", "load_id"}
            ]
            for name in names:
                sums = database.execute(
                    f'SELECT sum("{name}") FROM "{table}" WHERE typeof("{name}") IN (\'integer\', \'real\')'
                )
                result[table, name] = round(1000 * (sums.fetchone()[0] or 0))
    return result


def test_files_of_a_folder_load_as_each_does_alone_or_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    apart: dict[str, Counter[tuple[str, str]]] = {}
    for number, (text, *_) in enumerate([*CASES.values(), *SYSTEMS.values()][::EVERY]):
        path = folder / f"e{number}_20260731.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            load(tmp_path / f"{number}.db", [path])
        except WhydropError:
            path.unlink()
        else:
            apart[path.name] = totals(tmp_path / f"{number}.db")
    report = load(tmp_path / "w.db", [folder])
    left_out = {name for name in apart if any(f"/{name}:" in reason for reason in report.skipped)}
    assert len(left_out) == len(report.skipped) < len(apart) / 3
    assert sum(file.replaced + file.unchanged for file in report.files) == 0
    together = totals(tmp_path / "w.db")
    expected = sum((sums for name, sums in apart.items() if name not in left_out), Counter())
    assert {key: value for key, value in together.items() if value} == {
        key: value for key, value in expected.items() if value
    }


def test_options_that_not_every_file_of_a_folder_can_follow(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    texts = {
        "visits": "Date,Campaign,Visits\n2026-07-01,a,5\n2026-07-02,a,6\n",
        "sales": "Date,Sales\n2026-07-01,2.50\n2026-07-02,3.75\n",
        "costs": "Date;Cost\n2026-07-01;1.250\n2026-07-02;2.250\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    report = load(tmp_path / "w.db", [folder], dimensions=("campaign",), decimal=",")
    assert [file.accepted for file in report.files] == [2, 2, 2]
    assert {file.notes[0] for file in report.files[:2]} == {"it has no column campaign: loaded without"}
    with sqlite3.connect(tmp_path / "w.db") as database:
        sums = "SELECT sum(visits), sum(sales), sum(cost), max(campaign) FROM daily"
        assert database.execute(sums).fetchone() == (11, 6.25, 3500, "a")
    with pytest.raises(UsageError, match="no column 'nope' to slice by"):
        load(tmp_path / "w.db", [folder], dimensions=("nope",))


def test_a_currency_is_one_however_it_is_written(tmp_path: Path) -> None:
    lines = "order_id,ordered_at,gmv,currency\n1,2026-07-01,5,eur\n2,2026-07-01,6,EUR\n"
    (tmp_path / "orders.csv").write_text(lines)
    load(tmp_path / "w.db", [tmp_path / "orders.csv"])
    with sqlite3.connect(tmp_path / "w.db") as database:
        assert database.execute("SELECT DISTINCT currency FROM orders").fetchall() == [("EUR",)]


def test_files_of_one_system_have_one_order_of_day_and_month(tmp_path: Path) -> None:
    folder = tmp_path / "sales"
    folder.mkdir()
    for number, (day, units) in enumerate([("09/08/2026", 5), ("09/14/2026", 7), ("10/10/2026", 3), ("11/05/2026", 4)]):
        rows = f"{day},EUR,{units},10.5\n{day},USD,{units},8.5\n"
        (folder / f"{number}.csv").write_text("Day,Currency,Units,Proceeds\n" + rows)
    with pytest.raises(UsageError, match="is 09/08/2026 day first or month first"):
        load(tmp_path / "alone.db", [folder / "0.csv"])
    report = load(tmp_path / "w.db", [folder])
    with sqlite3.connect(tmp_path / "w.db") as database:
        days = database.execute("SELECT date, sum(units) FROM daily GROUP BY 1 ORDER BY 1").fetchall()
    assert days == [("2026-09-08", 10), ("2026-09-14", 14), ("2026-10-10", 6), ("2026-11-05", 8)]
    assert all("its amounts are in EUR, USD" in " ".join(file.notes) for file in report.files)


def shops(folder: Path, *names: str, days: int = 12) -> Path:
    """A file for each shop: 100 visits on one day and one more on each next, times the number of the shop."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names, 1):
        (folder / f"{name}.csv").write_text("Day,Visits,Sales\n" + shop_rows("2026-11", number, days))
    return folder


def shop_rows(month: str, number: int, days: int = 12) -> str:
    """What a shop had in a month; each but the first has the days of the first in another order."""
    counts = {day: day * (2 * number - 1) % 13 or 13 for day in range(1, days + 1)}
    return "".join(f"{month}-{day:02d},{(99 + own) * number},{own * number}\n" for day, own in counts.items())


def visits(path: Path) -> dict[str | None, int]:
    with sqlite3.connect(path) as database:
        return dict(database.execute("SELECT source, sum(visits) FROM daily GROUP BY 1"))


def test_a_file_for_each_shop_is_a_source_for_each_shop(tmp_path: Path) -> None:
    each = sum(range(100, 112))
    load(tmp_path / "w.db", [shops(tmp_path / "out", "Bonn_2026-11-12", "Köln_2026-11-12", "Ulm_2026-11-12")])
    assert visits(tmp_path / "w.db") == {"Bonn": each, "Köln": 2 * each, "Ulm": 3 * each}
    again = load(tmp_path / "w.db", [shops(tmp_path / "next", "Bonn_2026-11-13", days=13)])
    assert (again.files[0].accepted, again.files[0].unchanged, again.files[0].source) == (1, 12, "Bonn")
    assert "its name, or its folder's, is the source" in " ".join(again.files[0].notes)


def test_a_folder_for_each_shop_is_a_source_for_each_shop(tmp_path: Path) -> None:
    for number, name in enumerate(("Bonn", "Ulm"), 1):
        for month in ("10", "11"):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / f"2026-{month}.csv").write_text(
                "Day,Visits,Sales\n" + shop_rows(f"2026-{month}", number)
            )
    load(tmp_path / "w.db", [tmp_path])
    assert visits(tmp_path / "w.db") == {"Bonn": 2 * sum(range(100, 112)), "Ulm": 4 * sum(range(100, 112))}


def test_a_shop_that_was_loaded_alone_keeps_its_rows(tmp_path: Path) -> None:
    folder = shops(tmp_path / "out", "Bonn", "Köln", "Ulm")
    load(tmp_path / "w.db", [folder / "Bonn.csv"])
    load(tmp_path / "w.db", [folder])
    shops(folder, "Bonn", days=13)
    assert sum(file.accepted for file in load(tmp_path / "w.db", [folder]).files) == 1
    each = sum(range(100, 112))
    assert visits(tmp_path / "w.db") == {None: each + 112, "Köln": 2 * each, "Ulm": 3 * each}


@pytest.mark.parametrize("names", [("report", "report corrected"), ("report", "report (1)")])
def test_most_figures_alike_are_no_other_shop(tmp_path: Path, names: tuple[str, str]) -> None:
    folder = shops(tmp_path / "out", *names)
    rows = (folder / f"{names[0]}.csv").read_text()
    (folder / f"{names[1]}.csv").write_text(rows.replace(",100,1", ",103,1"))
    report = load(tmp_path / "w.db", [folder])
    assert len(report.files) == 1
    assert "gives other figures than another file of this load" in report.skipped[0]


def test_a_file_of_sums_or_one_that_may_correct_another_is_no_shop(tmp_path: Path) -> None:
    each = sum(range(100, 112))
    folder = shops(tmp_path / "out", "Bonn", "Köln", "Ulm")
    named = {"Bonn": each, "Köln": 2 * each, "Ulm": 3 * each}
    counts = [[day, day * 3 % 13, day * 5 % 13] for day in range(1, 13)]
    sums = [(594 + a + 2 * b + 3 * c, a + 2 * b + 3 * c) for a, b, c in counts]
    rows = "".join(f"2026-11-{day:02d},{visits},{sales}\n" for day, (visits, sales) in enumerate(sums, 1))
    (folder / "Stores.csv").write_text("Day,Visits,Sales\n" + rows)
    assert "Stores.csv: left out: its figures are the sums" in load(tmp_path / "w.db", [folder]).skipped[0]
    assert visits(tmp_path / "w.db") == named
    (folder / "Stores.csv").unlink()
    (folder / "Bonn new.csv").write_text((folder / "Bonn.csv").read_text().replace(",100,1", ",103,1"))
    assert "(Bonn, Köln, Ulm), and nothing shows" in load(tmp_path / "w.db", [folder]).skipped[0]
    with pytest.raises(UsageError, match="name the source of its rows with --source"):
        load(tmp_path / "w.db", [folder / "Bonn new.csv"])
    assert visits(tmp_path / "w.db") == named
    (folder / "Bonn new.csv").unlink()
    undo(tmp_path / "w.db", 2)  # as after a load that was ended in the middle
    load(tmp_path / "w.db", [folder])
    assert visits(tmp_path / "w.db") == named


@pytest.mark.parametrize(("factor", "first"), [(0.8, 1), (3, 12), (3, 16)])
def test_net_amounts_and_parts_that_overlap_are_no_other_shop(tmp_path: Path, factor: float, first: int) -> None:
    for name, start, times in (("a", 1, 1), ("b", first, factor)):
        rows = [f"2026-10-{day:02d},{round((day * 5 % 23 + 1) * 100 * times)}\n" for day in range(start, start + 16)]
        (tmp_path / f"{name}.csv").write_text("Day,Amount\n" + "".join(rows))
    rows = [f"2026-10-{day:02d},{day * 7 % 13}\n" for day in range(1, 32)]
    (tmp_path / "c.csv").write_text("Day,Amount\n" + "".join(rows))
    report = load(tmp_path / "w.db", [tmp_path])
    assert len(report.files) == 1
    assert all("gives other figures than another file of this load" in reason for reason in report.skipped)


def test_another_shop_does_not_replace_a_file_that_is_called_unchanged(tmp_path: Path) -> None:
    folder = shops(tmp_path / "out", "Bonn", "Ulm")
    load(tmp_path / "w.db", [folder / "Ulm.csv"])
    (folder / "Ulm.csv").rename(folder / "Ulm shop.csv")
    report = load(tmp_path / "w.db", [folder])
    assert "12 of its rows give other figures than" in report.skipped[0]
    assert visits(tmp_path / "w.db") == {None: 2 * sum(range(100, 112))}


def test_parts_of_each_shop_are_rows_of_one_source(tmp_path: Path) -> None:
    for number, name in enumerate(("Bonn", "Ulm"), 1):
        for month in ("2026-10", "2026-11"):
            (tmp_path / f"{name}_{month}.csv").write_text("Day,Visits,Sales\n" + shop_rows(month, number))
    load(tmp_path / "w.db", [tmp_path])
    assert visits(tmp_path / "w.db") == {"Bonn": 2 * sum(range(100, 112)), "Ulm": 4 * sum(range(100, 112))}


def test_folders_say_the_day_and_what_all_rows_have_in_common(tmp_path: Path) -> None:
    for day, views in (("1", 10), ("2", 20), ("3", 30)):
        for country in ("DE", "FR"):
            folder = tmp_path / f"lake/dt=2026-11-0{day}/country={country}"
            folder.mkdir(parents=True)
            (folder / "part-0.csv").write_text(f"event,n\nview,{views + (country == 'FR')}\nbuy,3\n")
    load(tmp_path / "w.db", [tmp_path / "lake"])
    with sqlite3.connect(tmp_path / "w.db") as database:
        rows = database.execute("SELECT date, sum(n), sum(n * (country = 'FR')) FROM daily GROUP BY 1").fetchall()
    assert rows == [("2026-11-01", 27, 14), ("2026-11-02", 47, 24), ("2026-11-03", 67, 34)]


def test_folders_of_months_and_runs_are_no_segments(tmp_path: Path) -> None:
    for run, views in ((1, 10), (2, 30)):  # the second run corrects the first, and adds nothing to it
        folder = tmp_path / f"year=2026/month=11/dt=2026-11/run={run}/country=EU/hour=07/market=12"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text(f"date,country,n\n2026-11-05,a,{views - 1}\n2026-11-05,b,1\n")
        load(tmp_path / "w.db", [folder])
    with sqlite3.connect(tmp_path / "w.db") as database:
        named = database.execute("SELECT group_concat(name) FROM dimensions WHERE custom").fetchone()
        rows = database.execute("SELECT country, hour, market, n FROM daily ORDER BY 1").fetchall()
    assert named == ("hour,country",)
    assert rows == [("a", "07", "12", 29), ("b", "07", "12", 1)]


def test_equal_bytes_of_another_day_or_partition_are_rows_of_their_own(tmp_path: Path) -> None:
    for name in ("dt=2026-11-01/country=DE", "dt=2026-11-01/country=FR", "dt=2026-11-02/country=DE"):
        (tmp_path / "lake" / name).mkdir(parents=True)
        (tmp_path / "lake" / name / "part-0.csv").write_text("event,n\nview,10\nbuy,3\n")
        load(tmp_path / "w.db", [tmp_path / "lake"])
    with sqlite3.connect(tmp_path / "w.db") as database:
        assert database.execute("SELECT count(*), sum(n) FROM daily").fetchone() == (6, 39)


def test_folders_of_days_are_a_series_of_exports(tmp_path: Path) -> None:
    for day in (5, 6):
        (tmp_path / f"2026/11/0{day}").mkdir(parents=True)
        rows = "".join(f"2026-11-0{own},{own * 10 + (own == day)}\n" for own in range(day - 3, day + 1))
        (tmp_path / f"2026/11/0{day}/visits.csv").write_text("Day,Visits\n" + rows)
    load(tmp_path / "w.db", [tmp_path / "2026"])
    with sqlite3.connect(tmp_path / "w.db") as database:
        rows = dict(database.execute("SELECT date, visits FROM daily WHERE date > '2026-11-03'"))
    assert rows == {"2026-11-04": 40, "2026-11-05": 50, "2026-11-06": 61}, "the later export corrects the fifth"
