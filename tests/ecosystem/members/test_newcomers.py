"""Coming and going of members whose every week is known."""

from dataclasses import replace

import numpy as np
import pytest

from core.ecosystem.members.activity import Activity
from core.ecosystem.members.newcomers import newcomers
from core.ecosystem.proportions import share_of, wilson
from tests.ecosystem.spread.test_concentration import crowd

TODAY, FIRST = 20_000, 20_000 - 7 * 30 + 1


def seen(*weeks: list[int], joined: dict[int, int] | None = None) -> Activity:
    """Members that had 1.00 of gmv in each of these weeks, counted back from the day asked for."""
    member = np.array([at + 1 for at, one in enumerate(weeks) for _ in one])
    week = np.array([week for one in weeks for week in one])
    everybody = crowd(len(weeks))
    days = everybody.joined.copy()
    for at, day in (joined or {}).items():
        days[at + 1] = day
    return Activity(
        crowd=replace(everybody, joined=days),
        as_of=TODAY,
        first=FIRST,
        member=member,
        week=week,
        amounts={"gmv": np.full(len(week), 100)},
    )


def test_everybody_is_counted_once() -> None:
    found = newcomers(seen([0, 5], [0, 20], [2], [4, 25], [29, 28]))
    assert (found.active, found.active_before) == (3, 2)
    assert (found.stayed, found.joined, found.came_back, found.went_quiet) == (1, 1, 1, 1)
    assert found.of_gmv is not None
    assert found.of_gmv.share == pytest.approx(1 / 3)


def test_an_old_account_is_no_newcomer_and_a_young_one_is() -> None:
    assert newcomers(seen([0], joined={0: TODAY - 400})).came_back == 1
    assert newcomers(seen([0], joined={0: TODAY - 20})).joined == 1


def test_whoever_begins_with_the_data_is_not_new() -> None:
    assert newcomers(seen([29, 0], [25, 0], [22, 0])).cohorts == ()
    assert [one.members for one in newcomers(seen([29, 0], [21, 0])).cohorts] == [1]


def test_survival_leaves_out_what_is_not_known_yet() -> None:
    found = newcomers(seen([7, 0], [7], [6, 0], [20, 16, 10], [20, 9]))
    four, eight, twelve = found.survival
    assert (four.members, four.active) == (4, 2)
    assert (eight.members, eight.active) == (2, 2)
    assert (twelve.members, twelve.active) == (2, 0)
    young = next(one for one in found.cohorts if one.day == TODAY - 6 * 7 - 6)
    assert young.active == {"4": None, "8": None, "12": None}


def test_the_share_of_newcomers_is_covered() -> None:
    random, covered = np.random.default_rng(2), 0
    for _ in range(200):
        new = random.random(400) < 0.2
        amount = random.lognormal(0, 1, 400) * np.where(new, 0.5, 1)
        low, high = share_of(amount, new.astype(float))[1]
        covered += low <= 0.1 / 0.9 <= high
    assert 180 <= covered <= 198


def test_wilson_by_the_book() -> None:
    """Brown, Cai and DasGupta, Statistical Science 2001: 1 of 30."""
    assert wilson(1, 30) == pytest.approx((0.0059, 0.1667), abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0
