"""Numbers that name something or count the same again: found by how they repeat, and by what they are called."""

from pathlib import Path

import pyarrow as pa
import pytest

from core.base.errors import UsageError, WrongOption
from core.ingest.columns.column_profile import profiles
from core.ingest.columns.id_columns import repeats_as_codes
from core.ingest.formats.batch import TextBatch
from tests.ingest.shapes import figures, loads
from tests.workspace.loading import rows as rows_of


def repeats(cells: list[int]) -> bool:
    column = pa.array([str(cell) for cell in cells], pa.string())
    texts = TextBatch({"x": column}, pa.array(range(len(cells))).to_numpy())
    return repeats_as_codes(profiles(texts, ("x",))["x"])


def test_large_numbers_that_repeat_more_than_chance_has_them_are_codes() -> None:
    assert repeats([5102, 5405, 6108] * 10)  # thirty figures of a range of 1,007 differ but for one
    assert repeats([150_000_001, 150_000_002] * 20)  # counts of that size differ by thousands
    assert not repeats([4711, 4712, 6108] * 3)
    assert not repeats([471, 475, 810] * 10)
    assert not repeats([4711] * 40)
    assert not repeats([150_000, 250_000, 190_000] * 10)  # prices and budgets are round
    assert not repeats([1000 + 37 * at % 211 for at in range(30)])
    assert not repeats([0, *[5102, 5405, 6108] * 10])


def test_a_code_tells_rows_apart_and_is_in_no_sum(tmp_path: Path) -> None:
    rows = "".join(f"{day:02d}.07.2026;{code};{day}\n" for day in range(1, 15) for code in (150000001, 150000002))
    loads(tmp_path, f"Datum;Artikelwahl;Klicks\n{rows}", "a.csv")
    assert figures(tmp_path, "SELECT count(DISTINCT artikelwahl), sum(clicks) FROM daily") == (2, 210)
    assert figures(tmp_path, "SELECT group_concat(name) FROM daily_measures") == ("clicks",)


@pytest.mark.parametrize("figure", [(100, 200), (1, 3), (7, 7), (1234, 2345), (4711, 4711)])
def test_figures_that_are_the_same_each_day_add_up(tmp_path: Path, figure: tuple[int, int]) -> None:
    """In a table of nothing else, nothing shows that they are codes, or the size of something."""
    days = [f"2026-07-{day:02d}" for day in range(1, 29)]
    rows = [f"{day},{country},{own}\n" for day in days for country, own in zip(("DE", "FR"), figure, strict=True)]
    loads(tmp_path, "date,country,widgets\n" + "".join(rows), "a.csv")
    assert figures(tmp_path, "SELECT sum(widgets) FROM daily") == (28 * sum(figure),)
    assert figures(tmp_path, "SELECT unit FROM daily_measures") == ("count",)


def test_the_only_figure_of_a_slice_and_day_is_no_code(tmp_path: Path) -> None:
    days = [f"2026-07-{day:02d}" for day in range(1, 31)]
    schools = (("A", 1204, 5102), ("B", 1311, 5405), ("C", 2021, 6108))
    rows = [
        f"{day},{school},{meals + at % 2},{plant}\n" for at, day in enumerate(days) for school, meals, plant in schools
    ]
    loads(tmp_path, "date,school,meals,kitchen\n" + "".join(rows), "a.csv")
    assert figures(tmp_path, "SELECT group_concat(name) FROM daily_measures WHERE unit = 'count'") == ("meals",)
    assert figures(tmp_path, "SELECT sum(meals) FROM daily") == (30 * (1204 + 1311 + 2021) + 15 * 3,)


def test_the_till_of_a_day_may_often_hold_the_same(tmp_path: Path) -> None:
    rows = "".join(f"2026-07-{day:02d},{(1250, 1275, 1325)[day % 3]}\n" for day in range(1, 31))
    loads(tmp_path, f"date,till\n{rows}", "a.csv")
    assert figures(tmp_path, "SELECT sum(till) FROM daily") == (10 * (1250 + 1275 + 1325),)


def test_a_value_of_few_prices_is_no_code(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-07-{at // 3 + 1:02d} 1{at % 3}:05,{('cash', 'card')[at % 2]},{(1299, 1999, 2499)[at % 3]}\n"
        for at in range(60)
    )
    loads(tmp_path, f"Time,Method,Sum\n{rows}", "a.csv")
    assert figures(tmp_path, 'SELECT sum("sum") FROM daily') == (20 * (1299 + 1999 + 2499),)


def test_bills_numbered_by_their_moment_or_day_are_known_by_that(tmp_path: Path) -> None:
    moments = "".join(f"202607{at // 3 + 1:02d}1{at % 3}0507,2026-07-{at // 3 + 1:02d},{at}\n" for at in range(30))
    loads(tmp_path, f"Bill,Date,Items\n{moments}", "a.csv")
    counted = "".join(f"202607{at // 3 + 1:02d}0{at % 3 + 1},2026-07-{at // 3 + 1:02d},{at}\n" for at in range(30))
    loads(tmp_path, f"Slip,Date,Pieces\n{counted}", "b.csv")
    assert figures(tmp_path, "SELECT sum(items), sum(pieces), count(*) FROM daily") == (435, 435, 60)


def test_people_and_what_there_may_be_at_any_time_are_said_to_count_again(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-07-{day:02d},{50 + day**3 % 19},{20 + day**3 % 17},{day**3 % 11},{700 + day**3 % 19},{700 + day**3 % 43}\n"
        for day in range(1, 31)
    )
    report = loads(tmp_path, f"date,unique_visitors,open_doors,clicks,weight (kg),waste (kg)\n{rows}", "a.csv")
    said = [note for note in report.files[0].notes if "again" in note]
    assert (
        said
        == [
            "the same may count again on each day and in each slice: unique_visitors, open_doors, weight_kg"  # within 16 of 700
        ]
    )


def test_figures_whose_names_say_nothing_are_told_once_and_can_be_taken_out_of_totals(tmp_path: Path) -> None:
    names = ("date", "orders", "Docks", "Tržby", "来店客数", "Kasse", "foo", "number of calls")
    rows = "".join(
        f"2026-07-{day:02d}," + ",".join(str(20 + day * at % 17) for at in range(3, 10)) + "\n" for day in range(1, 15)
    )
    text = f"{','.join(names)}\n{rows}"
    (first,) = loads(tmp_path, text).files
    assert [note for note in first.notes if "added up" in note] == [
        "added up, as nothing shows otherwise: docks, kasse, foo; if one is a stock or an average, load again with --rate docks"
    ]
    (again,) = loads(tmp_path, text, rates=["Docks"]).files
    assert (again.unchanged, again.added) == (14, 0)
    assert "with the rows of earlier files, kept, but now in no total and no scan: docks" in again.notes
    assert figures(tmp_path, "SELECT name FROM daily_measures WHERE unit = 'rate'") == ("docks",)
    (later,) = loads(tmp_path, text.replace("2026-07", "2026-08"), "later.csv").files
    assert [note.partition(";")[0] for note in later.notes if "total" in note or "added up" in note] == [
        "kept, but in no total and no scan, as in earlier loads: docks",
        "added up, as nothing shows otherwise: kasse, foo",
    ]
    with pytest.raises(WrongOption, match="no measure 'dock' to keep out of totals. Did you mean docks?"):
        loads(tmp_path, text, "other.csv", rates=["dock"])


def test_what_a_machine_reads_at_equal_distances_are_no_events(tmp_path: Path) -> None:
    rows = "".join(f"2026-07-01T{at:02d}:00:00Z,web-1,{at * 7 % 13}.5\n" for at in range(24))
    with pytest.raises(UsageError, match="no column holds figures that can be added up: avg_cpu"):
        loads(tmp_path, f"time,host,avg_cpu\n{rows}", "a.csv")
    events = rows.replace("T05:00:00Z", "T05:00:01Z")
    loads(tmp_path, f"time,host,avg_cpu\n{events}", "b.csv")
    assert figures(tmp_path, "SELECT sum(events) FROM daily") == (24,)


def test_names_decide_of_a_few_months(tmp_path: Path) -> None:
    rows = "".join(f"2026-{month:02d},{100 + 20 * month},{month}\n" for month in range(1, 8))
    loads(tmp_path, f"Month,Active Patrons,New Patrons\n{rows}", "a.csv")
    assert figures(tmp_path, "SELECT group_concat(name || unit) FROM daily_measures") == (
        "active_patronsrate,new_patronscount",
    )


@pytest.mark.parametrize(
    "name", ["Would you come again? (0-10)", "Was it good?", "Turnaround time (min)", "Tiempo de espera"]
)
def test_answers_and_times_are_no_sums(tmp_path: Path, name: str) -> None:
    rows = "".join(f"2026-07-{day:02d},{day % 11},{day}\n" for day in range(1, 15))
    loads(tmp_path, f"Day,{name},Guests\n{rows}", "a.csv")
    assert figures(tmp_path, "SELECT group_concat(name) FROM daily_measures WHERE unit <> 'rate'") == ("guests",)


@pytest.mark.parametrize(
    ("name", "cell"), [("Telefon", "60012345{:02d}"), ("Contact", "+1 412 555 40{:02d}"), ("Kunde", "0170 55512{:02d}")]
)
def test_numbers_of_phones_are_in_no_sum(tmp_path: Path, name: str, cell: str) -> None:
    rows = "".join(f"2026-07-{at:02d},{cell.format(at)},{at}.5\n" for at in range(1, 13))
    loads(tmp_path, f"Date,{name},Deposit\n{rows}")
    assert measures(tmp_path) == ["deposit"]


def test_times_of_day_without_colons_are_in_no_sum(tmp_path: Path) -> None:
    rows = "".join(f"202607{at:02d},{90000 + 101 * at},{at}.5,{at}5\n" for at in range(1, 13))
    loads(tmp_path, f"交易日期,交易时间,清算金额,Waiting time\n{rows}")
    assert measures(tmp_path) == ["waiting_time", "清算金额"]


def measures(folder: Path) -> list[str]:
    """The measures of days of a workspace, by name."""
    return [name for (name,) in rows_of(folder / "w.db", "SELECT name FROM daily_measures ORDER BY name")]
