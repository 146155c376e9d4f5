"""The order in which the exports of a folder are loaded: newer ones correct older ones, fine tables come before coarse ones."""

from pathlib import Path

import pytest

from core.workspace.write.load import load
from tests.workspace.loading import rows

DAYS = [f"2026-09-{day:02}" for day in range(1, 8)]


def total(db: Path) -> int:
    """All orders of a workspace."""
    return int(rows(db, "SELECT sum(orders) FROM daily")[0][0])


def write(folder: Path, name: str, counts: dict[str, int]) -> None:
    """An export of orders by day."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("date,orders\n" + "".join(f"{day},{count}\n" for day, count in counts.items()))


def written(tmp_path: Path, *names: str) -> Path:
    """Three exports of four days each: the newest day has 80 of its 100 orders."""
    for at, name in enumerate(names):
        days = DAYS[at : at + 4]
        write(tmp_path / "in", name, {**dict.fromkeys(days, 100), days[-1]: 80})
    return tmp_path / "in"


@pytest.mark.parametrize(
    "names",
    [
        ("sales_2026-09-04.csv", "sales_2026-09-05.csv", "sales_2026-09-06.csv"),
        ("b 30.08.2026.csv", "b 31.08.2026.csv", "b 01.09.2026.csv"),  # by day, not by name
        ("out_20260904_235959.csv", "out_20260905_020047.csv", "out_20260906_000000.csv"),
    ],
)
def test_a_later_export_of_a_report_corrects_an_earlier_one(tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = written(tmp_path, *names)
    report = load(tmp_path / "w.db", [folder])
    assert report.skipped == ()
    assert total(tmp_path / "w.db") == 5 * 100 + 80
    assert [file.replaced for file in report.files] in ([0, 1, 1], [1, 0, 1])  # as the files are listed
    again = load(tmp_path / "w.db", [folder])
    assert [(file.accepted, file.unchanged) for file in again.files] == [(0, 4)] * 3
    assert total(tmp_path / "w.db") == 5 * 100 + 80
    oldest = load(tmp_path / "w.db", [folder / names[0]])  # by itself it is what is meant
    assert [file.replaced for file in oldest.files] == [1]
    assert total(tmp_path / "w.db") == 4 * 100 + 2 * 80


def test_names_that_do_not_say_which_is_newer_correct_nothing(tmp_path: Path) -> None:
    report = load(tmp_path / "w.db", [written(tmp_path, "shop1 2026-09-04.csv", "shop2 2026-09-05.csv", "c.csv")])
    assert len(report.skipped) == 2
    assert total(tmp_path / "w.db") == 380


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({DAYS[0]: 100, DAYS[1]: 7}, {DAYS[1]: 90, DAYS[2]: 7}),  # parts: what came around midnight
        (dict.fromkeys(DAYS[:4], 100), dict.fromkeys(DAYS[1:5], 60)),  # other figures for every day: another report
    ],
)
def test_parts_and_other_reports_are_no_corrections(
    tmp_path: Path, first: dict[str, int], second: dict[str, int]
) -> None:
    write(tmp_path / "in", "x_2026-09-02.csv", first)
    write(tmp_path / "in", "x_2026-09-03.csv", second)
    report = load(tmp_path / "w.db", [tmp_path / "in"])
    assert ["gives other figures" in why for why in report.skipped] == [True]
    assert total(tmp_path / "w.db") == sum(first.values())


def test_of_two_tables_with_the_same_figures_the_finer_one_is_kept(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    lines = [
        (day, market, channel, 10 * at + len(channel))
        for at, day in enumerate(DAYS)
        for market in ("ID", "TH")
        for channel in ("live", "search")
    ]
    fine = "".join(f"{day},{market},{channel},{count}\n" for day, market, channel, count in lines)
    coarse = "".join(
        f"{day},{market},{sum(row[3] for row in lines if row[:2] == (day, market))}\n"
        for day in DAYS
        for market in ("ID", "TH")
    )
    (tmp_path / "in" / "a.csv").write_text(f"date,market,orders\n{coarse}")
    (tmp_path / "in" / "b.csv").write_text(f"date,market,channel,orders\n{fine}")
    report = load(tmp_path / "w.db", [tmp_path / "in"])
    assert [Path(file.path).name for file in report.files] == ["b.csv"]
    assert "that the workspace holds sliced by" in report.skipped[0]
    assert total(tmp_path / "w.db") == sum(row[3] for row in lines)
