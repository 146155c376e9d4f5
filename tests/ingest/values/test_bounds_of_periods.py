"""Weeks, months, quarters and days without a year at the limits of what is one."""

from datetime import date

import pytest

from core.base.errors import UsageError
from core.ingest.values import periods


@pytest.mark.parametrize(("cells", "are"), [
    ("", False), ("7/1 7/2", False), ("7/1 7/2 7/3", True), ("7/1 7/2 7/4", False), ("7/3 7/2 7/1", False),
    ("1/7 2/7 3/7", True), ("30.6. 1.7. 2.7.", True), ("7/1 7/2 x", False), ("x 7/2 7/3", False),
    ("12/30 12/31 1/1", True), ("12/30 12/31 1/2", False), ("12/30 1/1 1/2", False),
    ("2/27 2/28 3/1", True), ("2/28 2/29 3/1", True), ("2/27 2/29 3/1", False), ("13/13 13/14 13/15", False),
    ("kw_27 kw_28", False), ("kw_27 kw_28 kw_29", True), ("kw_27 kw_29 kw_30", False), ("kw_29 kw_28 kw_27", False),
    ("kw_51 kw_52 kw_1", True), ("kw_52 kw_53 kw_1", True), ("kw_51 kw_52 kw_2", False), ("kw_50 kw_51 kw_1", False),
    ("kw_1 kw_2 kw_3", True), ("week_1 week_2 week_3", False), ("week_2 week_3 week_4", True), ("kw_1 week_2 kw_3", False),
    ("x kw_2 kw_3", False), ("kw_52 kw_53 kw_54", False),
])  # fmt: skip
def test_cells_side_by_side_that_are_days_or_weeks(cells: str, are: bool) -> None:
    """A year ends with its week 52 or 53, and February with its 28th, or its 29th where that is there."""
    assert periods.are_headings([cell.replace("_", " ") for cell in cells.split()]) == are


def test_how_many_days_without_a_year_follow_each_other() -> None:
    days = ["2/25", "2/26", "2/27", "2/28", "3/1", "3/2", "3/3"]
    assert periods.follow_each_other(days)
    assert periods.follow_each_other([day for day in days[::-1] for _ in range(2)])
    assert not periods.follow_each_other(days[1:]), "six"
    assert not periods.follow_each_other([*days[:-1], "3/4"])
    assert not periods.follow_each_other([*days[:-1], "x"])
    assert not periods.follow_each_other([f"{page}/9" for page in range(3, 10)]), "the last page of nine"
    assert periods.follow_each_other([f"{day}/9" for day in range(4, 11)])
    for cells, are in (
        ("7/1 7/2", False), ("7/1 7/2 7/9", False), ("7/1 7/2 7/9 7/10", True), ("7/1 7/2 7/1 7/2", False),
        ("7/1 8/2 9/3", False),
        ("kw_3 kw_7 kw_9", True), ("kw_3 kw_7 7/1", False), ("12/31 1/1 1/2", True), ("7/1 7/2 x", False),
    ):  # fmt: skip
        assert periods.are_without_year([cell.replace("_", " ") for cell in cells.split()]) == are, cells


def test_the_order_of_days_without_a_year() -> None:
    known = periods.days_without_year
    assert known(["7/1", "7/2"], None, None) == {"7/1": (7, 1), "7/2": (7, 2)}, "else they are months apart"
    assert known(["7/1", "7/2"], "dmy", None) == {"7/1": (1, 7), "7/2": (2, 7)}
    assert known(["7/1", "7/2"], "ymd", None) == {"7/1": (7, 1), "7/2": (7, 2)}
    assert known(["7/1", "8/2"], None, "dmy") == {"7/1": (1, 7), "8/2": (2, 8)}
    assert known(["7/1", "7/2"], None, "dmy") == {"7/1": (7, 1), "7/2": (7, 2)}, (
        "what is likely decides where nothing else does"
    )
    assert known(["7/13", "7/20"], None, "dmy") == {"7/13": (7, 13), "7/20": (7, 20)}
    assert (known([], None, None), known(["31/31"], None, None), known(["7/1", "x"], None, None)) == (None, None, None)
    for likely in (None, "ymd"):
        with pytest.raises(UsageError, match="is 7/1 day first or month first"):
            known(["7/1", "8/2"], None, likely)


def test_texts_of_periods() -> None:
    longest = "1er trimestre 2026"
    first = {
        "W2 2026": date(2026, 1, 5), "2026, KW 2": date(2026, 1, 5), "2026年第2周": date(2026, 1, 5),
        "2026-W02-3": date(2026, 1, 7),
        longest: date(2026, 1, 1), "2026 Q4": date(2026, 10, 1), "T2-2026": date(2026, 4, 1), "2026年第3季度": date(2026, 7, 1),
        "2026/07": date(2026, 7, 1), "7-2026": date(2026, 7, 1),
    }  # fmt: skip
    for text, day in first.items():
        assert (periods.is_period(text), periods.period_start(text)) == (True, day), text
    for text in (f"{longest[:3]} {longest[3:]}", "13-2026", "2026 Q5", "0 Quartal 2026", "Week 2"):
        assert (periods.is_period(text), periods.period_start(text)) == (False, None), text
    for text in ("2026-W54", "2026/13"):
        assert periods.is_period(text)
        with pytest.raises(ValueError, match="Invalid week|month must be"):
            periods.period_start(text)
    weeks = {"2026/27": date(2026, 6, 29), "1-2026": date(2025, 12, 29)}
    assert periods.bare_weeks([*weeks]) == weeks
    assert [periods.bare_weeks(cells) for cells in ([], ["2026/27", "x"], ["2026/54"], ["0-2026"])] == [None] * 4
    numbers = [periods.week_of(cell) for cell in ("KW 0", "KW 1", " kw53 ", "KW 54", "7. KW", "第7週", "27")]
    assert numbers == [None, 1, 53, None, 7, 7, None]
