"""What fires each check of what rows say, and what is just not enough: shares and figures counted by hand."""

from typing import cast

import numpy as np
import pytest

from core.base.date_text import date_text
from core.base.days import Window
from core.detection.quality.content_checks import content_issues, sequence_issues
from core.workspace.read.profile.faulty_rows import Orphans, OutOfOrder
from core.workspace.read.profile.load_history import LoadedFile
from tests.detection.quality.profiles import DAYS, FIRST, LAST, found, profile


@pytest.mark.parametrize(
    ("now", "before", "days", "status"),
    [
        (0.0, 0.9, 7, "fail"), (0.02, 0.9, 7, "warn"), (0.0, 0.49, 7, "warn"), (0.64, 0.9, 7, "warn"),
        (0.66, 0.9, 7, None), (0.9, 0.6, 14, "warn"), (0.0, 0.9, 30, None),
    ],
)  # fmt: skip
def test_columns_that_are_given_less_or_more_often(now: float, before: float, days: int, status: str | None) -> None:
    share = np.r_[np.full(DAYS - days, before), np.full(days, now)]
    issues = found(
        content_issues(profile(given_by_day={"device": share, "paid_at": share}), Window(FIRST, LAST)), "null_rates"
    )
    assert [issue.status for issue in issues] == ([] if status is None else [status])
    for issue in issues:
        assert f"{now:.0%} of the rows since" in issue.detail
        assert issue.days.last == LAST
        assert len(issue.days) <= days
        assert issue.measures == {"device"}, "young days never have what comes later"


@pytest.mark.parametrize(("repeated", "status"), [(2, None), (3, "warn"), (20, "warn"), (21, "fail")])
def test_lines_that_are_there_twice(repeated: int, status: str | None) -> None:
    issues = found(
        content_issues(profile("orders", repeated_orders=(repeated, 1000)), Window(FIRST, LAST)), "double_loads"
    )
    assert [issue.status for issue in issues] == ([] if status is None else [status])


@pytest.mark.parametrize(
    ("factor", "days", "fires"),
    [(8.1, 3, True), (7.8, 3, False), (1 / 8.1, 1, True), (8.1, 14, True), (8.1, 40, False)],
)  # fmt: skip
def test_values_of_orders_by_another_unit(factor: float, days: int, fires: bool) -> None:
    money = np.r_[np.full(DAYS - days, 60.0), np.full(days, 60.0 * factor)]
    asked = profile("orders", order_values=(("", "USD"), [np.zeros(DAYS), money], [np.zeros(DAYS), np.full(DAYS, 3.0)]))
    issues = found(content_issues(asked, Window(FIRST, LAST)), "unit_jumps")
    assert len(issues) == int(fires)
    for issue in issues:
        assert "in USD" in issue.detail
        assert f"{factor:,.3g} times" in issue.detail
        assert issue.days.last == LAST
        assert len(issue.days) in (1, 3, 7, 14), "the spans that are looked at"
        assert issue.detail.endswith(f"since {date_text(issue.days.first)}: another currency, or cents for units?")
    cents = profile("orders", order_values=(("USD",), [money / 1000], [np.full(DAYS, 3.0)]))
    assert len(found(content_issues(cents, Window(FIRST, LAST)), "unit_jumps")) == int(fires), "money of any unit"
    few = profile("orders", order_values=(("USD",), [money], [np.full(DAYS, 2.0)]))
    assert found(content_issues(few, Window(FIRST, LAST)), "unit_jumps") == [], "two lines a day tell nothing"


@pytest.mark.parametrize(
    ("turn", "lines", "text"),
    [(3, 20, "3 hours later"), (-7, 20, "7 hours earlier"), (12, 20, "12 hours later"), (0, 20, None),
     (3, 1, None)],
)  # fmt: skip
def test_orders_at_other_hours(turn: int, lines: int, text: str | None) -> None:
    """The newest day is not looked at, nor are those before the last five weeks; the seven before it are the four weeks before
    them, turned: a large day of other hours and 27 alike. 109 or 2,177 orders in those."""
    usual = np.r_[np.zeros(8), np.arange(1, 13), np.zeros(4)] * lines / 12
    hours = np.tile(usual, (DAYS, 1))
    hours[-1] = hours[:-36] = 1000 * np.eye(24)[2]
    hours[-9] = 40 * np.roll(usual[::-1], 5)
    hours[-8:-1] = np.roll(hours[-36:-8].mean(0), turn)
    issues = found(content_issues(profile("orders", order_hours=hours), Window(FIRST, LAST)), "clock_shift")
    assert len(issues) == int(text is not None)
    for issue in issues:
        assert cast(str, text) in issue.detail
        assert issue.days == Window(LAST - 7, LAST)
    for days, told in ((35, text is not None), (34, False)):
        short = profile("orders", order_hours=hours[-days:], days=days)
        assert bool(found(content_issues(short, Window(FIRST, LAST)), "clock_shift")) is told
    few = np.tile(np.r_[np.zeros(8), np.arange(1, 10), 5, np.zeros(6)], (DAYS, 1))
    few[-8:-1] = np.roll(few[-1], 3)
    few[-2] = 0
    for orders in (300, 299):
        few[-3, 11] -= orders == 299
        asked = profile("orders", order_hours=few)
        assert bool(found(content_issues(asked, Window(FIRST, LAST)), "clock_shift")) is (orders == 300)
    for orders, told in ((4200, False), (4240, True)):  # (1 - cos 15 degrees) / 24 = .00142 = 6 of 4,225 orders
        gentle = np.tile((1 + np.cos(np.arange(24) * np.pi / 12)) * orders / 7 / 24, (DAYS, 1))
        gentle[:-8] *= 1 + np.arange(DAYS - 8)[:, None] % 2
        gentle[-8:-1] = np.roll(gentle[-1], 1)
        asked = profile("orders", order_hours=gentle)
        assert bool(found(content_issues(asked, Window(FIRST, LAST)), "clock_shift")) is told
    flat = np.tile(np.eye(24)[9] * 500.0, (DAYS, 1))
    flat[-8:-1] = np.eye(24)[15] * 500
    assert not found(content_issues(profile("orders", order_hours=flat), Window(FIRST, LAST)), "clock_shift")


@pytest.mark.parametrize(("orphans", "status"), [(2, None), (3, "warn"), (30, "warn"), (31, "fail")])
def test_rows_that_point_to_nothing(orphans: int, status: str | None) -> None:
    asked = profile(orphans=(Orphans("reviews without order", orphans, 100), Orphans("reviews of nobody", 0, 0)))
    issues = found(content_issues(asked, Window(FIRST, LAST)), "orphans")
    assert [issue.status for issue in issues] == ([] if status is None else [status])


def test_exports_that_end_where_systems_cut_them_off() -> None:
    read = {"a.csv": 50_000, "b.csv": 49_999, "c.csv": 0}
    asked = profile(files=[LoadedFile(path, "orders", None, "", rows, 0) for path, rows in read.items()])
    (issue,) = found(content_issues(asked, Window(FIRST, LAST)), "export_caps")
    assert issue.detail.startswith("a.csv has exactly 50,000 rows")


@pytest.mark.parametrize(("lines", "status"), [(10, "warn"), (11, "fail")])
def test_orders_paid_before_they_were_placed(lines: int, status: str) -> None:
    case = OutOfOrder(
        event="paid_at", before="ordered_at", lines=lines, of=1000, first_order="o1", days=Window(FIRST, LAST)
    )
    assert [issue.status for issue in sequence_issues(profile("orders", out_of_order=(case,)))] == [status]
    assert list(sequence_issues(profile("traffic", out_of_order=(case,)))) == []
