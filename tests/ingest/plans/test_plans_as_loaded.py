"""What plans of tables make of small files: figures counted by hand."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from tests.workspace.loading import loaded, rows, written

Line = Callable[[int], tuple[str, ...]]
DAYS = 40


def _table(folder: Path, header: str, line: Line) -> Path:
    """A file with some rows for each day; `line` makes those of a day from its number, without the day."""
    lines = (f"{date(2026, 1, 5) + timedelta(day)},{row}" for day in range(DAYS) for row in line(day))
    return written(folder, f"{header.split(',')[-1]}.csv", "\n".join([header, *lines]))


def test_rows_have_the_source_of_their_column_or_the_one_that_is_given(tmp_path: Path) -> None:
    own = _table(tmp_path, "date,source,visits", lambda day: (f"web,{day % 7 + 3}", f"app,{day % 7 + 9}"))
    loaded(tmp_path / "own.db", own)
    assert rows(tmp_path / "own.db", "SELECT source, sum(visits) FROM daily GROUP BY 1") == [("app", 475), ("web", 235)]
    plain = _table(tmp_path, "date,market,calls", lambda day: (f"ID,{day % 7 + 3}",))
    assert loaded(tmp_path / "plain.db", plain, source="north").source == "north"
    assert rows(tmp_path / "plain.db", "SELECT source, sum(calls) FROM daily GROUP BY 1") == [("north", 235)]


def test_a_name_whose_rows_are_the_sum_of_the_others_is_their_total(tmp_path: Path) -> None:
    depots = _table(
        tmp_path,
        "date,depot,parcels",
        lambda day: (f"Lyon,{day % 7 + 3}", f"Metz,{day % 5 + 8}", f"Reseau,{day % 7 + day % 5 + 11}"),
    )
    done = loaded(tmp_path / "w.db", depots)
    assert "left out 40 rows of totals or descriptions" in done.notes
    assert rows(tmp_path / "w.db", "SELECT depot, sum(parcels) FROM daily GROUP BY 1") == [("Lyon", 235), ("Metz", 400)]


def test_rows_for_all_that_are_no_sum_are_counted_and_said(tmp_path: Path) -> None:
    depots = _table(
        tmp_path,
        "date,depot,parcels",
        lambda day: (f"Lyon,{day % 7 + 3}", f"Metz,{day % 5 + 8}", f"All,{day % 3 + 50}"),
    )
    done = loaded(tmp_path / "w.db", depots)
    said = "rows of 'All' in 'depot' are counted like all others, since they are not the sum of the others"
    assert said in done.notes
    assert rows(tmp_path / "w.db", "SELECT sum(parcels) FROM daily") == [(235 + 400 + 2039,)]


def test_a_column_that_is_called_like_a_step_of_the_funnel_is_that_step(tmp_path: Path) -> None:
    loaded(tmp_path / "w.db", _table(tmp_path, "date,pay_ord_cnt,parcels", lambda day: (f"{day % 7 + 3},{day % 5}",)))
    assert rows(tmp_path / "w.db", "SELECT sum(paid_orders), sum(parcels) FROM daily") == [(235, 80)]
