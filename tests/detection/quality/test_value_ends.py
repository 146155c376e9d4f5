"""When a value of a dimension ended, and which one may be its new name: days and rows counted by hand."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.detection.quality.breaks.ended_slices import ended_slices
from core.detection.quality.row_checks import row_issues
from core.workspace.read.profile.row_profile import Profile
from tests.detection.quality.profiles import DAYS, FIRST, LAST, found, profile


def test_a_value_that_ends_is_a_doubt_and_a_market_that_ends_a_fault() -> None:
    table = np.full((2, DAYS), 10.0)
    table[1, -4:] = 0
    for dimension, status, reason in (
        ("campaign", "warn", "it ended, or was not exported"),
        ("market", "fail", "go on."),
    ):
        asked = profile(
            "daily",
            dimensions_of=(dimension,),
            rows_by_value=(("a", "b"), table),
            given_by_day={"sales": np.ones(DAYS)},
        )
        (issue,) = found(row_issues(asked), "missing_slices")
        assert issue.status == status
        assert reason in issue.detail


@pytest.mark.parametrize(
    ("silent", "usual", "days", "named"),
    [(2, 5, 70, True), (1, 5, 70, True), (1, 4, 70, False), (2, 4, 70, True), (2, 5, 27, False), (2, 5, 28, True)],
)  # fmt: skip
def test_a_market_that_ends_while_others_go_on(silent: int, usual: int, days: int, named: bool) -> None:
    table = np.full((2, days), float(usual))
    table[1, -silent:] = 0
    asked = profile(days=days, dimensions_of=("market",), rows_by_value=(("ID", "TH"), table))
    issues = found(row_issues(asked), "missing_slices")
    end = FIRST + days - 1
    assert [(issue.where, issue.days) for issue in issues] == (
        [(Segment.parse("market=TH"), Window(end - silent + 1, end))] if named else []
    )
    table[0, -silent:] = 0
    assert found(row_issues(asked), "missing_slices") == [], "all of them end"


@pytest.mark.parametrize(
    ("kind", "usual", "closed", "silent", "named"),
    [
        ("orders", 8, (), 2, True),  # 16 orders are missing
        ("orders", 7, (), 2, False), ("orders", 7, (), 3, True),  # 14; 21
        ("orders", 20, (50, 51), 2, False), ("orders", 20, (50, 51), 3, True),  # it was closed for as long
        ("orders", 20, (0, 1, 2, 3), 2, True),  # began late
        ("traffic", 20, (50,), 1, False), ("traffic", 20, (), 1, True),
        ("traffic", 1, (), 2, True), ("traffic", 1, (), 1, False),  # a country is often one row a day
        ("traffic", 4, (50, 60), 2, True), ("traffic", 4, (40, 50, 60), 2, False), ("orders", 1, (), 20, False),
    ],
)  # fmt: skip
def test_a_market_ends_when_it_is_silent_for_longer_than_by_chance_or_ever_before(
    kind: str, usual: int, closed: tuple[int, ...], silent: int, named: bool
) -> None:
    table = np.array([np.full(DAYS, 50.0), np.full(DAYS, float(usual))])
    table[1, list(closed)], table[1, -silent:] = 0, 0
    asked = profile(kind, dimensions_of=("market",), rows_by_value=(("ID", "TH"), table))
    assert bool(list(ended_slices(asked, kind, LAST))) is named


@pytest.mark.parametrize(("began", "rows", "named"), [(67, 20, True), (67, 29, True), (67, 31, False), (66, 20, False)])
def test_a_value_that_begins_as_another_one_ends_may_be_its_new_name(began: int, rows: int, named: bool) -> None:
    """Store 4 has 20 rows a day up to day 66; the other one has up to half as many again, from the next day on."""
    table = np.array([np.full(DAYS, 50.0), np.full(DAYS, 20.0), np.full(DAYS, float(rows))])
    table[1, 67:], table[2, :began] = 0, 0
    asked = profile("daily", dimensions_of=("store",), rows_by_value=(("3", "4", "40"), table))
    (issue,) = ended_slices(asked, "daily", LAST)
    assert issue.detail.endswith(" store=40 began then, with about as many: it may be the new name.") is named


@pytest.mark.parametrize(("others", "begun", "told"), [(2, 66, 1), (2, 65, 0), (37, 66, 1), (38, 66, 0)])
def test_a_category_of_orders_is_told_when_it_has_a_new_name(others: int, begun: int, told: int) -> None:
    """Bags have 20 orders a day up to day 65, handbags from a day on; of more than 40 values such pairs are chance."""
    table = np.full((others + 3, DAYS), 20.0)
    table[1, 66:], table[2, :begun] = 0, 0
    names = ("shoes", "bags", "handbags", *(f"other {number}" for number in range(others)))
    asked = profile("orders", dimensions_of=("category",), rows_by_value=(names, table))
    issues = [issue for issue in ended_slices(asked, "orders", LAST) if "category=handbags began" in issue.detail]
    assert len(issues) == told


def new_names(
    kind: str, dimension: str, spans: dict[str, tuple[int, int, float]], rest: tuple[int, ...] = ()
) -> list[str]:
    """What check says of new names; `spans`: value -> days from and to (excluded), and its rows a day. DAYS are in all."""
    table = np.zeros((len(spans), DAYS))
    for row, (first, stop, rows) in enumerate(spans.values()):
        table[row, first:stop] = rows
    table[:, list(rest)] = 0
    asked = profile(kind, dimensions_of=(dimension,), rows_by_value=(tuple(spans), table))
    return [
        issue.detail.partition("exported. " if "exported. " in issue.detail else "go on. ")[2]
        for issue in ended_slices(asked, kind, LAST)
    ]


@pytest.mark.parametrize(
    ("dimension", "before", "told"),
    [
        ("market", {}, True), ("store", {}, True),
        ("store", {"TH": (0, 30, 20.0), "VN": (30, DAYS, 20.0)}, False),  # they took turns before
        ("store", {"TH": (0, 30, 20.0), "VN": (31, DAYS, 20.0)}, True),
        ("store", {"a": (12, DAYS, 9.0), "b": (20, DAYS, 9.0), "c": (31, DAYS, 9.0)}, True),
        ("store", {"a": (12, DAYS, 9.0), "b": (20, DAYS, 9.0), "c": (31, DAYS, 9.0), "d": (44, DAYS, 9.0)}, False),
        ("store", {name: (at, DAYS, 9.0) for at, name in enumerate("abcdefgh")}, True),  # rare ones begin a few days late
    ],
)  # fmt: skip
def test_values_that_take_turns_have_no_new_names(
    dimension: str, before: dict[str, tuple[int, int, float]], told: bool
) -> None:
    spans = {"big": (0, DAYS, 50.0), **before, "spring": (0, 60, 20.0), "summer": (60, DAYS, 20.0)}
    assert (
        f"{dimension}=summer began then, with about as many: it may be the new name."
        in new_names("daily", dimension, spans)
    ) is told


@pytest.mark.parametrize(
    ("old", "new", "told"), [("TH", "VN", False), ("UK", "GB", True), ("Thailand", "TH", True), ("th", "TH", True)]
)
def test_a_country_is_not_called_another_one(old: str, new: str, told: bool) -> None:
    spans = {"ID": (0, DAYS, 50.0), old: (0, 60, 20.0), new: (60, DAYS, 20.0)}
    (words,) = new_names("traffic", "market", spans)
    assert words.startswith(f"market={new} began") is told


def test_several_new_names_are_told_nearest_first_and_rest_days_between_do_not_count() -> None:
    """All categories were renamed over two days on which nobody sells: 20 rows a day may be 21, 18 or 25 now, not 26 or 40."""
    rows = {"b": 18.0, "c": 21.0, "d": 40.0, "e": 25.0, "f": 26.0}
    spans = {"big": (0, DAYS, 50.0), "a": (0, 55, 20.0), **{name: (57, DAYS, size) for name, size in rows.items()}}
    names = "category=c and category=b and category=e began then, with about as many: one of them may be the new name."
    assert new_names("orders", "category", spans, rest=(55, 56)) == [names]


def test_rows_a_day_before_a_value_ended_are_those_before_and_not_the_empty_days_since() -> None:
    """Of the newest 56 days 25 are empty; before, there were 12 to 28 rows a day, 20 at the median."""
    table = np.array([np.full(DAYS, 50.0), 20.0 + np.tile([-8, 0, 8, 0], DAYS)[:DAYS]])
    table[1, -25:] = 0
    asked = profile("orders", dimensions_of=("market",), rows_by_value=(("ID", "TH"), table))
    (issue,) = ended_slices(asked, "orders", LAST)
    assert "(20 a day before)" in issue.detail


@pytest.mark.parametrize(("days", "told"), [(43, 0), (44, 1)])
def test_days_of_rest_miss_no_slice(days: int, told: int) -> None:
    """VN sells until Friday, and all rest on Saturday and Sunday. A Monday without VN is one day, a Tuesday the second."""
    rows = np.full((2, days), 20.0)
    rows[:, np.isin(np.arange(days) % 7, (5, 6))] = 0  # the last of 42 days is a Sunday
    rows[1, 42:] = 0
    shop = SimpleNamespace(
        spans={"orders": Window(0, days - 1)},
        dimensions_of=lambda kind: ("market",),
        rows_by_value=lambda kind, dimension: (("ID", "VN"), rows),
    )  # fmt: skip
    issues = list(ended_slices(cast(Profile, shop), "orders", days - 1))
    assert [str(issue.where) for issue in issues] == ["market=VN"] * told
