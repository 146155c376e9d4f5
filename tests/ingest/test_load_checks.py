"""What `check` says of the loads themselves."""

from pathlib import Path

from core.detection.quality.data_quality import check
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.ingest.shapes import loads, table

NEW = {"replaced_rows", "changed_columns", "summed_rates"}


def statuses(folder: Path) -> dict[str, str]:
    with Workspace.open(folder / "w.db") as workspace:
        return {found.check: found.status for found in check(workspace) if found.check in NEW}


def test_a_load_that_replaced_most_of_what_was_there(tmp_path: Path) -> None:
    loads(tmp_path, table("date,market,orders", 25, lambda n, day: f"{day},ID,{n}"))
    assert set(statuses(tmp_path).values()) == {"pass"}
    late = table("date,market,orders", 25, lambda n, day: f"{day},ID,{n + (n > 20)}")
    loads(tmp_path, late, "late.csv")
    assert statuses(tmp_path)["replaced_rows"] == "pass"
    loads(tmp_path, table("date,market,orders", 25, lambda n, day: f"{day},ID,{n * 7 + 3}"), "other.csv")
    assert statuses(tmp_path)["replaced_rows"] == "warn"


def test_a_source_whose_columns_are_gone(tmp_path: Path) -> None:
    loads(tmp_path, "date,orders,returned\n2026-07-01,5,1\n", source="shop")
    loads(tmp_path, "date,orders\n2026-07-02,5\n", "b.csv", source="other")
    loads(tmp_path, "date,orders,returned,more\n2026-07-02,5,1,2\n", "c.csv", source="shop")
    assert statuses(tmp_path)["changed_columns"] == "pass"
    loads(tmp_path, "date,orders\n2026-07-03,5\n", "d.csv", source="shop")
    assert statuses(tmp_path)["changed_columns"] == "warn"


def test_files_without_a_source_are_those_of_their_name(tmp_path: Path) -> None:
    loads(tmp_path, "date,orders,returned\n2026-07-01,5,1\n", "sales_2026-07-01.csv")
    loads(tmp_path, "date,visits\n2026-07-01,5\n", "visits_2026-07-01.csv")
    loads(tmp_path, "Returned;Orders;Datum\n1;5;2026-07-02\n", "sales_2026-07-02.csv")
    assert statuses(tmp_path)["changed_columns"] == "pass"
    loads(tmp_path, "date,orders\n2026-07-03,5\n", "sales_2026-07-03.csv")
    assert statuses(tmp_path)["changed_columns"] == "warn"


def test_days_that_were_refused_for_being_far_away_are_named(tmp_path: Path) -> None:
    text = table("date,orders", 25, lambda n, day: f"{day},{n}", "2062-07-01,5\n")
    loads(tmp_path, text)
    with Workspace.open(tmp_path / "w.db") as workspace:
        (named,) = [found for found in check(workspace) if found.check == "stray_days"]
    assert (named.status, "export.csv: 1 row of 1 Jul 2062 refused" in named.detail) == ("warn", True)
    loads(tmp_path, text.replace("2062-07-01", "2026-07-26"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert {found.status for found in check(workspace) if found.check == "stray_days"} == {"pass"}


def test_a_rate_that_is_added_up(tmp_path: Path) -> None:
    loads(tmp_path, "date,orders,open_rate\n2026-07-01,5,0.25\n2026-07-02,5,0.5\n")
    assert statuses(tmp_path)["summed_rates"] == "pass"
    (tmp_path / "m.toml").write_text('[columns]\ndate = "date"\nopen_rate = "open_rate"\n')
    loads(tmp_path, "date,open_rate\n2026-07-03,0.25\n", "own.csv", mapping=tmp_path / "m.toml")
    assert statuses(tmp_path)["summed_rates"] == "pass"
    loads(tmp_path, "date,average_basket\n2026-07-03,0.25\n", "new.csv", mapping=_mapped(tmp_path))
    assert statuses(tmp_path)["summed_rates"] == "warn"


def _mapped(folder: Path) -> Path:
    path = folder / "average.toml"
    path.write_text('[columns]\ndate = "date"\naverage_basket = "average_basket"\n')
    return path


def test_a_column_asked_for_by_name_is_sliced_by_that_name(tmp_path: Path) -> None:
    path = tmp_path / "shops.csv"
    path.write_text("date,unit,value\n2026-03-01,a,1\n2026-03-01,b,2\n")
    load(tmp_path / "w.db", [path], as_kind="daily", dimensions=["unit"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert workspace.values("unit") == ("", "a", "b")


def test_a_word_in_the_first_row_is_refused_where_that_has_a_day(tmp_path: Path) -> None:
    report = loads(tmp_path, table("date,orders", 12, lambda n, day: f"{day},{n or 'closed'}"))
    assert (report.files[0].rejected, report.files[0].accepted) == (1, 11)
    report = loads(tmp_path, table("date,orders\n,pieces", 12, lambda n, day: f"{day},{n}"), "b.csv", source="b")
    assert (report.files[0].rejected, report.files[0].accepted) == (0, 12)
