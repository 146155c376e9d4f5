"""Members by the weeks in which they were active."""

import numpy as np
import pytest

from core.base.days import iso
from core.ecosystem.members.activity import BEFORE, NOW, Activity
from core.ecosystem.members.member_groups import main_values
from core.ecosystem.members.newcomers import is_new, newcomers
from core.ecosystem.members.silence_curve import has_left, silence_curve
from core.ratings.cases.accounts import Accounts, SortedWords
from core.workspace.read.rating_rows import NEVER


def accounts(persons: list[str], joined: list[int] | None = None) -> Accounts:
    words = ("", *(f"c{at:02}" for at in range(1, len(persons) + 1)))
    nothing = np.zeros(len(words), np.int64)
    return Accounts(
        side="creators", names=SortedWords(words, np.arange(len(words))), persons=("", *persons), own_shop=nothing - 1,
        market=nothing, joined=np.array([NEVER, *(joined or [NEVER] * len(persons))]), roles=(),
        markets=SortedWords(("",), nothing[:1]), categories=SortedWords(("",), nothing[:1]), listed=nothing > -1,
    )  # fmt: skip


def activity(
    weeks: list[list[int]], joined: list[int] | None = None, persons: list[str] | None = None, days: int = 26 * 7
) -> Activity:
    """For each member the weeks (0 = newest) in which it was active, with 10 cents of gmv in each."""
    cells = [(at + 1, week) for at, row in enumerate(weeks) for week in row]
    member, week = (np.array([cell[side] for cell in cells], np.int64) for side in (0, 1))
    people = persons or [f"P{at}" for at in range(len(weeks))]
    return Activity(
        crowd=accounts(people, joined), as_of=1000 + days - 1, first=1000, member=member, week=week,
        amounts={"gmv": np.full(len(cells), 10)},
    )  # fmt: skip


def test_who_is_active_and_how_much_by_week() -> None:
    told = activity([[0, 3], [4, 7], [8]])
    assert told.weeks == 26
    assert told.active(NOW).tolist() == [False, True, False, False]
    assert told.active(BEFORE).tolist() == [False, False, True, False]
    assert told.amount("gmv", NOW).tolist() == [0, 20, 0, 0]
    assert told.active_weeks(5).sum(axis=0).tolist() == [1, 0, 0, 1, 1]
    assert told.weekly("gmv", 8)[2].tolist() == [0, 0, 0, 0, 10, 0, 0, 10]
    assert told.oldest_week().tolist() == [-1, 3, 7, 8]


@pytest.mark.parametrize(
    ("oldest", "joined", "new"),
    [
        (2, NEVER, True), (17, NEVER, True), (18, NEVER, False), (2, 1000 + 22 * 7, True), (2, 1000 + 10 * 7, False),
        (2, 1000 + 23 * 7 - 56, True), (2, 1000 + 23 * 7 - 57, False), (2, 999, False), (24, 1000, True), (24, 999, False),
    ],
)  # fmt: skip
def test_a_newcomer_begins_with_a_young_account_or_after_eight_silent_weeks(
    oldest: int, joined: int, new: bool
) -> None:
    assert is_new(activity([[0, oldest]], [joined]))[1] == new


def test_several_accounts_of_one_person_are_one_newcomer() -> None:
    told = activity([[0, 3], [3], [1], [0, 2]], persons=["P", "P", "P", "Q"])
    assert is_new(told).tolist() == [False, True, False, False, True]
    old = activity([[0, 3], [0]], [1000 + 22 * 7, 900], persons=["P", "P"])
    assert not is_new(old).any(), "the person was there before the data"


def test_coming_and_going_of_members() -> None:
    told = activity([[0, 5], [1], [6, 12], [2, 9], [0, 4, 11], [3, 10, 14]])
    found = newcomers(told)
    assert (found.active, found.active_before, found.stayed) == (5, 3, 2)
    assert (found.joined, found.came_back, found.went_quiet) == (1, 2, 1)
    assert found.of_members.share == pytest.approx(1 / 5)
    assert found.of_gmv is not None
    assert found.of_gmv.share == pytest.approx(10 / 50)
    survival = {row.weeks: (row.members, row.active) for row in found.survival}
    # members began 5, 1, 12, 9, 11 and 14 weeks ago; four weeks at an age of so many must be past
    assert survival == {4: (4, 4), 8: (3, 2)}
    assert sum(cohort.members for cohort in found.cohorts) == 6
    assert iso(found.cohorts[0].day) == iso(told.as_of - 7 * 14 - 6)


def test_the_curve_of_the_silent_and_its_usual_rate() -> None:
    weeks = [list(range(16)), [*range(2, 16)], [0, 1, *range(6, 16)], [0, 8, 12]]
    curve = list(silence_curve(activity(weeks)))
    assert [row.day for row in curve] == [1181 - 7 * week - 6 for week in range(10, -1, -1)]
    newest = curve[-1]
    assert (newest.active, newest.regular, newest.silent) == (3, 2, 1)
    by_week = {(1181 - 6 - row.day) // 7: row for row in curve}
    assert [by_week[week].silent for week in (4, 3, 2, 1, 0)] == [1, 1, 0, 0, 1]
    assert newest.usual == pytest.approx(sum(row.silent for row in curve[:-1]) / sum(row.regular for row in curve[:-1]))
    assert curve[0].usual is None


def test_the_main_value_of_each_member() -> None:
    member, value, amount = np.array([1, 1, 1, 2, 2]), np.array([1, 2, 2, 0, 1]), np.array([5.0, 3, 3, 99, 1])
    assert main_values(member, value, amount, 4, 3).tolist() == [0, 2, 1, 0]


def test_whoever_left_was_active_in_three_of_the_four_weeks_before_two_of_silence() -> None:
    """Random weeks of which some are off, the oldest only part of one."""
    random = np.random.default_rng(71)
    weeks = [[week for week in range(random.integers(0, 9), 11) if random.random() < 0.6] for _ in range(150)]
    found = has_left(activity(weeks, days=10 * 7 + 3))[1:]
    expected = [
        bool(row) and row[0] >= 2 and sum(week in row for week in range(row[0], row[0] + 4)) >= 3 for row in weeks
    ]
    assert found.tolist() == expected
    assert 30 < sum(expected) < 120
    assert any(left and row[0] == 8 and row[-1] == 10 for row, left in zip(weeks, expected, strict=True)), (
        "in part of a week"
    )
