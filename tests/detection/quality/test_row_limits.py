"""What fires each check of the number of rows, and what is just not enough: days and shares counted by hand."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from core.base.date_text import date_text
from core.base.days import Window
from core.detection.quality.row_checks import row_issues
from core.detection.quality.row_streams import RowStream, row_streams
from core.workspace.read.profile.row_profile import Profile
from tests.detection.quality.profiles import DAYS, FIRST, LAST, days_with, found, profile


@pytest.mark.parametrize(
    ("kind", "usual", "gone", "named"),
    [
        ("traffic", 20.0, [40], [40]),
        ("traffic", 1.0, [40], [40]),
        ("orders", 8.0, [40], [40]),  # of 70 days, 70 / e^8 = 0.023 are empty by chance
        ("orders", 7.0, [40], []),  # 0.064
        ("orders", 5.0, [40, 41], [40, 41]),  # two in a row: 70 / e^10
        ("orders", 4.0, [40, 41], []),
        ("traffic", 20.0, [20], []),
        ("traffic", 20.0, [21], [21]),
        ("traffic", 20.0, [33, 40], [33]),
        ("traffic", 20.0, [47, 26, 40], [26]),
        ("traffic", 20.0, [30, 31, 32, 33, 34], [30, 31, 32, 33, 34]),
        ("traffic", 20.0, [30, 31, 32, 33, 34, 36], [31, 32, 33, 34, 36]),
        ("traffic", 20.0, [30, 31, 32, 33, 34, 35, 36], [32, 33, 34, 35, 36]),
    ],
)
def test_days_without_rows(kind: str, usual: float, gone: list[int], named: list[int]) -> None:
    """After three weeks, and not on a weekday that had none in the three weeks before."""
    issues = found(row_issues(profile(kind, days_with(dict.fromkeys(gone, 0.0), usual))), "missing_days")
    if not named:
        assert issues == []
        return
    (issue,) = issues
    assert issue.days == Window(FIRST + named[0], FIRST + named[-1])
    more = {6: " and 1 more day.", 7: " and 2 more days."}.get(len(gone), ".")
    assert f"{', '.join(date_text(FIRST + day) for day in named)}{more} Load" in issue.detail
    assert issue.kinds == {kind}


@pytest.mark.parametrize(
    ("rows", "stop"),
    [
        (days_with({67: 0, 68: 0, 69: 1}), 67),
        (days_with({68: 0, 69: 1}), None),
        (days_with({66: 1, 67: 1, 68: 1, 69: 2}), 66),
        (days_with({66: 1, 67: 1, 68: 2, 69: 4}), None),
        (days_with({66: 4, 67: 0, 68: 0, 69: 1}), 67),
        (days_with({60: 0, 61: 0, 62: 0}), None),
        (days_with({67: 0, 68: 0, 69: 0.4}, usual=4.0), None),
    ],
    ids=["stopped", "two days", "a trickle", "too much of a trickle", "since the next day", "goes on", "few rows"],
)
def test_a_source_that_stops(rows: np.ndarray, stop: int | None) -> None:
    issues = found(row_issues(profile("orders", rows)), "stopped_source")
    assert [issue.days for issue in issues] == ([] if stop is None else [Window(FIRST + stop, LAST)])
    for issue in issues:
        assert f"1972: {int(rows[stop:].sum())} up to" in issue.detail
        assert "20 a day before" in issue.detail


@pytest.mark.parametrize(
    ("length", "lacks", "rows", "check"),
    [
        (28, 3, 20, "stopped_source"),
        (28, 2, 20, "partial_newest_day"),
        (27, 3, 20, None),
        (28, 1, 15, "partial_newest_day"),
        (28, 1, 14, None),
        (28, 2, 8, "partial_newest_day"),
    ],
    ids=["three days", "two days", "too short", "one day", "may be chance", "two days of few"],
)
def test_orders_that_end_before_other_rows(length: int, lacks: int, rows: int, check: str | None) -> None:
    """Traffic goes on; orders have rows for so many days and then none at all: e^-15 is no chance, e^-14 is taken for one."""
    spans = {"traffic": Window(FIRST, FIRST + length + lacks - 1), "orders": Window(FIRST, FIRST + length - 1)}
    both = SimpleNamespace(
        kinds=tuple(spans), spans=spans, rows_by_day=lambda kind: np.full(len(spans[kind]), rows),
        dimensions_of=lambda _: (), last_order_by_day=lambda: np.full(length, 22.0),
    )  # fmt: skip
    end = FIRST + length
    issues = list(row_issues(cast(Profile, both)))
    assert [(one.check, one.days) for one in issues] == (
        [] if check is None else [(check, Window(end, end + lacks - 1))]
    )
    assert all(("why nothing was bought" in one.detail) == (check == "partial_newest_day") for one in issues)


@pytest.mark.parametrize(
    ("day", "rows", "status"),
    [
        (69, 40.0, "fail"), (69, 37.0, "fail"), (69, 44.0, "fail"), (69, 45.0, "warn"), (69, 36.0, None),
        (10, 40.0, None), (14, 40.0, "fail"), (60, 10.0, "warn"), (60, 12.0, None),
    ],
)  # fmt: skip
def test_rows_that_jump_lately(day: int, rows: float, status: str | None) -> None:
    issues = found(row_issues(profile(rows=days_with({day: rows}))), "row_jumps")
    assert [issue.status for issue in issues] == ([] if status is None else [status])
    for issue in issues:
        assert issue.days == Window(FIRST + day, FIRST + day)
        assert f"{rows / 20:.1f} times the usual 20" in issue.detail
        assert ("loaded twice" in issue.detail) is (status == "fail")


def test_a_jump_is_recent_and_beyond_what_rows_do_anyway() -> None:
    restless = np.where(np.arange(DAYS) % 2, 14.0, 20.0)
    assert found(row_issues(profile(rows=np.append(restless[:-1], 40.0))), "row_jumps") == []
    long = days_with({59: 40.0}, days=120)
    assert found(row_issues(profile(rows=long, days=120)), "row_jumps") == [], "more than sixty days ago"
    assert len(found(row_issues(profile(rows=np.roll(long, 1), days=120)), "row_jumps")) == 1
    assert found(row_issues(profile("orders", days_with({69: 40.0}))), "row_jumps") == [], "orders may double"


@pytest.mark.parametrize(
    ("rows", "clicks", "named"),
    [
        (40, 1.0, False),
        (40, 1.4, False),
        (40, 1.45, True),
        (40, 2.0, True),
        (10, 1.0, False),
        (10, 0.72, False),
        (10, 0.7, True),
    ],
)
def test_rows_that_jump_without_their_measures_tell_nothing(rows: float, clicks: float, named: bool) -> None:
    """A version that takes its users from another one doubles the rows; what is loaded twice doubles the clicks as well."""
    for unit in (1.0, 1e-6):
        sums = {"clicks": unit * days_with({69: 1000 * clicks}, usual=1000), "views": np.zeros(DAYS)}
        issues = found(row_issues(profile(rows=days_with({69: rows}), sums_by_day=sums)), "row_jumps")
        assert bool(issues) is named


@pytest.mark.parametrize(("newest", "partial"), [(12.0, False), (3.0, True)])
def test_days_of_events_have_more_rows_or_fewer(newest: float, partial: bool) -> None:
    """From 19 to 25 rows a day with a median of 22: half of that is one of such days, a seventh is not."""
    rows = np.array([18.0, 22.0, 27.0] * 24)[:DAYS]
    rows[-1] = newest
    assert bool(found(row_issues(profile("traffic", rows)), "partial_newest_day")) is partial


@pytest.mark.parametrize(
    ("kind", "rows", "last", "partial"),
    [
        ("traffic", 11.0, 22.0, True), ("traffic", 12.0, 22.0, False), ("orders", 20.0, 19.9, True),
        ("orders", 20.0, 20.1, False), ("orders", 4.0, np.nan, False),
    ],
)  # fmt: skip
def test_a_newest_day_that_is_not_over(kind: str, rows: float, last: float, partial: bool) -> None:
    hours = np.append(np.full(DAYS - 1, 22.0), last)
    asked = profile(kind, days_with({69: rows}), last_order_by_day=hours)
    issues = found(row_issues(asked), "partial_newest_day")
    assert [issue.days for issue in issues] == ([Window(LAST, LAST)] if partial else [])
    for issue in issues:
        assert ("it has 11 rows, 55% of the usual 20" if kind == "traffic" else "2.1 hours earlier") in issue.detail


def test_hours_of_the_last_order_must_be_regular_to_tell() -> None:
    scattered = np.where(np.arange(DAYS) % 2, 22.0, 21.0)
    for last, partial in ((13.6, False), (13.4, True)):
        asked = profile("orders", last_order_by_day=np.append(scattered[:-1], last))
        assert bool(found(row_issues(asked), "partial_newest_day")) is partial, (
            "sixteen times a scatter of half an hour"
        )
    unknown = np.append(np.full(DAYS - 1, np.nan), 10.0)
    unknown[-15:-1] = 22.0
    assert found(row_issues(profile("orders", last_order_by_day=unknown)), "partial_newest_day")
    unknown[-15] = np.nan
    assert not found(row_issues(profile("orders", last_order_by_day=unknown)), "partial_newest_day")


@pytest.mark.parametrize(("gap", "days", "strays"), [(367, 41, 2), (366, 41, 0), (367, 37, 0), (367, 400, 2)])
def test_days_more_than_a_year_away_are_stray(gap: int, days: int, strays: int) -> None:
    """Two of at least forty days, before or after all others."""
    rows = np.zeros(days + gap + 1)
    rows[:days] = 1
    rows[days - 1 + gap] = rows[days + gap] = 1
    for side in (rows, rows[::-1]):
        (stream,) = row_streams(profile(rows=side, days=len(side)))
        assert len(stream.stray) == strays
        assert len(stream.rows) == (days if strays else len(rows))
        if strays:
            assert abs(stream.stray[0] - stream.first) > 366 or abs(stream.stray[0] - stream.last) > 366


def test_stray_days_that_lie_apart_are_stray_one_by_one() -> None:
    rows = np.zeros(1 + 2 * 367 + 60)
    rows[[0, 367]] = rows[734:] = 1
    for side, first in ((rows, 734), (rows[::-1], 0)):
        (stream,) = row_streams(profile(rows=side, days=len(side)))
        assert (stream.first - FIRST, len(stream.rows), len(stream.stray)) == (first, 61, 2)


def stream(rows: np.ndarray, kind: str = "traffic") -> RowStream:
    return RowStream(kind=kind, measures=frozenset(), first=FIRST, rows=rows)


def test_days_of_rest_and_gaps_of_a_stream() -> None:
    open_days = (np.arange(DAYS) + FIRST) % 7 != 3
    resting = stream(open_days * 5.0)
    assert np.flatnonzero(resting.rests).tolist() == [3]
    assert resting.working_days(Window(LAST + 1, LAST + 14)) == 12
    assert not stream((open_days * 5.0)[:17]).rests.any(), "two of these weekdays tell nothing yet"
    three_weeks = stream(np.tile([5.0, 5, 5, 0, 5, 5, 5], 3))
    assert three_weeks.rests.sum() == 1, "three of a weekday do"
    broken = open_days * 5.0
    broken[30] = 0
    window = Window(FIRST - 2, LAST + 2)
    weekday = np.arange(window.first, window.last + 1) % 7
    expected = (weekday == 3) | np.isin(np.arange(window.first, window.last + 1), [FIRST + 30, LAST + 1, LAST + 2])
    assert stream(broken).gaps(window).tolist() == expected.tolist()
    assert stream(broken, "orders").gaps(window).tolist() == (weekday == 3).tolist(), (
        "a day without orders may be chance"
    )
    often = np.arange(DAYS) % 10 < 7
    assert stream(often * 1.0).gaps(window)[2:-2].tolist() == (~often).tolist()
    assert not stream((np.arange(DAYS) % 3 > 0) * 1.0).gaps(window).any(), "two of three days are not regular"


@pytest.mark.parametrize(
    ("usual", "empty", "lost"),
    [(30.0, slice(30, 33), True), (5.0, slice(30, 33), True), (5.0, slice(30, 31), False), (4.0, slice(30, 33), False)],
)
def test_days_without_orders_that_are_no_chance_were_not_exported(usual: float, empty: slice, lost: bool) -> None:
    """A run of empty days counts as a whole, by the fewer of the days before and after: a shop that opens has days without."""
    rows = np.full(DAYS, usual)
    rows[empty] = 0
    window = Window(FIRST, LAST)
    assert stream(rows, "orders").gaps(window).tolist() == ((rows == 0) & lost).tolist()
    rows[: empty.start] = 1
    assert not stream(rows, "orders").gaps(window).any()


@pytest.mark.parametrize(
    ("measures", "name"), [("", "daily"), ("b a", "a, b"), ("c b a", "a, b, c"), ("a b c d", "daily")]
)
def test_a_stream_is_called_by_its_kind_or_three_measures(measures: str, name: str) -> None:
    called = RowStream(kind="daily", measures=frozenset(measures.split()), first=FIRST, rows=np.ones(3))
    assert (called.name, called.last) == (name, FIRST + 2)


def test_measures_of_daily_exports_are_grouped_by_their_days() -> None:
    shares = {
        "visits": np.full(DAYS, 1.0),
        "orders_paid": np.full(DAYS, 0.5),
        "calls": np.r_[np.zeros(40), np.ones(30)],
    }
    asked = profile("daily", 20, given_by_day=shares | {"market": np.ones(DAYS)}, dimensions_of=("market",))
    streams = {each.measures: (each.first, len(each.rows), each.rows[0]) for each in row_streams(asked)}
    assert streams == {
        frozenset({"visits", "orders_paid"}): (FIRST, DAYS, 20),
        frozenset({"calls"}): (FIRST + 40, 30, 20),
    }
