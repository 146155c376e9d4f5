"""Days as systems of the world write them: with weekdays, weeks, quarters, months with two digits of the year."""

from pathlib import Path

import pytest

from core.base.days import parse_day
from tests.ingest.shapes import figures, loads


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Data", "01/07/2026 14.30"),
        ("اليوم", "\u200f01-07-2026"),
        ("Vecka", "2026 v.27"),
        ("finishedAt", "1782864000000"),
    ],
)
def test_days_as_systems_of_the_world_write_them(tmp_path: Path, header: str, cells: str) -> None:
    loads(tmp_path, f"{header},sold\n{cells},5\n", date_order="dmy")
    assert figures(tmp_path, "SELECT max(date), sum(sold) FROM daily") in [("2026-07-01", 5), ("2026-06-29", 5)]


def test_months_with_years_of_two_digits_are_no_days(tmp_path: Path) -> None:
    rows = "".join(f"{month}-25,{at}\n" for at, month in enumerate(("Nov", "Dec")))
    loads(tmp_path, f"Month,Sold\n{rows}Jan-26,7\nFeb-26,9\n")
    assert figures(tmp_path, "SELECT min(date), max(date), sum(sold) FROM daily") == ("2025-11-01", "2026-02-01", 17)


def test_the_same_day_of_some_months_is_a_day(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Sold\nJan-15,1\nFeb-15,2\nMar-15,3\nMar-16,4\n", day=parse_day("2026-04-01"))
    assert figures(tmp_path, "SELECT min(date), max(date) FROM daily") == ("2026-01-15", "2026-03-16")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("T3 2025", "2025-07-01"),
        ("3T2025", "2025-07-01"),
        ("1er trimestre 2026", "2026-01-01"),
        ("3. Quartal 2025", "2025-07-01"),
        ("2025年第3四半期", "2025-07-01"),
        ("2026/7/1 星期三", "2026-07-01"),
        ("2026-07-01 Wed", "2026-07-01"),
    ],
)
def test_quarters_and_days_before_their_weekday(tmp_path: Path, cell: str, day: str) -> None:
    loads(tmp_path, f"Day,Sold\n{cell},5\n")
    assert figures(tmp_path, "SELECT max(date) FROM daily") == (day,)


def test_weekdays_that_are_called_like_months_stand_before_days(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Passages\nlun. 13/07/2026,5\nmar. 14/07/2026,6\nmer. 15/07/2026,7\n")
    assert figures(tmp_path, "SELECT sum(passages), max(date), count(*) FROM daily") == (18, "2026-07-15", 3)
