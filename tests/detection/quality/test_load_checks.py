"""What the log of loads tells: columns that are gone, rows that were replaced or refused, rates that are added up."""

import pytest

from core.base.days import Window
from core.detection.quality.load_checks import load_issues
from core.workspace.read.profile.load_history import LoadedFile
from tests.detection.quality.profiles import FIRST, LAST, history


def loaded(path: str, header: str, read: int = 0, replaced: int = 0, source: str | None = "shop") -> LoadedFile:
    return LoadedFile(path, "orders", source, header, read, replaced)


def test_loads_that_lose_columns_or_replace_rows() -> None:
    files = (
        loaded("1.csv", "date;views;likes"),
        loaded("2.csv", "date;views", source="other"),
        loaded("3.csv", "date;views;shares", source=None),
        loaded("4.csv", "date;likes;more"),
        loaded("5.csv", "date;likes;more"),
    )
    (issue,) = load_issues(history(loaded_files=files), Window(FIRST, LAST))
    assert (issue.check, issue.detail) == ("changed_columns", "4.csv has no views, which earlier exports of shop had.")
    names = ("views", "average_position", "click_through_rate")
    (issue,) = load_issues(history(daily_measures=names), Window(FIRST, LAST))
    assert issue.check == "summed_rates"
    assert issue.measures == {"average_position", "click_through_rate"}


@pytest.mark.parametrize(("rows", "text"), [(1, "a.csv: 1 row of 1-7 Jan 1970 refused"), (2000, "2,000 rows of")])
def test_refused_days_are_counted(rows: int, text: str) -> None:
    (issue,) = load_issues(history(refused_far_days=(("a.csv", rows, 0, 6),)), Window(FIRST, LAST))
    assert (issue.check, issue.status) == ("stray_days", "warn")
    assert text in issue.detail
