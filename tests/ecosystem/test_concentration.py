"""Concentration of amounts whose figures are known."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ecosystem.activity import Activity
from core.ecosystem.concentration import FIGURES, concentrations, spread
from core.ratings.cases.accounts import Accounts, SortedWords
from core.workspace.read.rating_rows import NEVER

amounts = st.lists(st.integers(0, 10**9), min_size=1, max_size=60).filter(any)


def crowd(size: int) -> Accounts:
    """Nobody, and so many creators of whom nothing is told."""
    names = SortedWords.of(["", *(f"C{at:06}" for at in range(size))])
    nothing = np.zeros(size + 1, np.int64)
    empty = SortedWords.of([""])
    return Accounts(
        side="creators",
        names=names,
        persons=names.words,
        own_shop=nothing - 1,
        market=nothing,
        joined=nothing + NEVER,
        roles=(),
        markets=empty,
        categories=empty,
    )


def activity(now: list[int], before: list[int]) -> Activity:
    """Members that had these amounts of gmv last week, and five weeks ago; 0 = not active."""
    both = np.array([now, before], np.int64)
    weeks, members = np.nonzero(both)
    return Activity(
        crowd=crowd(len(now)),
        as_of=1000,
        first=0,
        member=members + 1,
        week=weeks * 5,
        amounts={"gmv": both[weeks, members]},
    )


def test_equal_members_are_as_many_as_they_are() -> None:
    found = spread(np.full(50, 7.0))
    assert found.gini == pytest.approx(0, abs=1e-12)
    assert found.effective_number == pytest.approx(50)
    assert found.top_1pct_share == pytest.approx(0.01)
    assert found.top_10pct_share == pytest.approx(0.1)
    assert found.palma == pytest.approx(0.25)


def test_one_has_all() -> None:
    found = spread(np.array([0.0] * 99 + [5.0]))
    assert found.gini == pytest.approx(0.99)
    assert (found.hhi, found.top_1pct_share, found.palma) == (1.0, 1.0, None)


def test_by_hand() -> None:
    """1, 2, 3, 4: mean absolute difference 1.25 over twice the mean; the upper tenth is four tenths of the largest."""
    found = spread(np.array([4.0, 1.0, 3.0, 2.0]))
    assert found.gini == pytest.approx(1.25 / 5)
    assert found.hhi == pytest.approx(0.3)
    assert found.top_10pct_share == pytest.approx(0.16)
    assert found.palma == pytest.approx(0.16 / ((1 + 0.6 * 2) / 10))


@given(amounts)
def test_gini_is_the_mean_difference(held: list[int]) -> None:
    values = np.array(held, float)
    difference = np.abs(values[:, None] - values).mean() / (2 * values.mean())
    assert spread(values).gini == pytest.approx(difference, abs=1e-9)


@given(amounts, st.integers(2, 5))
def test_neither_units_nor_copies_change_shares(held: list[int], times: int) -> None:
    values = np.array(held, float)
    one, other = spread(values), spread(np.repeat(values * 3, times))
    for name in ("gini", "top_1pct_share", "top_10pct_share"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-9)
    assert other.hhi == pytest.approx(one.hhi / times)


def test_the_interval_covers_the_truth_of_the_population_drawn_from() -> None:
    """Gini of a log-normal population is known: erf(sigma / 2)."""
    from math import erf

    random, covered = np.random.default_rng(4), 0
    for _ in range(60):
        drawn = np.rint(random.lognormal(8, 0.8, 300)).astype(int).tolist()
        low, high = concentrations(activity(drawn, [0] * 300))[0].intervals["gini"]
        covered += low <= erf(0.8 / 2) <= high
    assert 53 <= covered <= 60


def test_a_change_is_seen_where_levels_alone_leave_it_open() -> None:
    """The same members are drawn for both, so that what they share cancels out."""
    random = np.random.default_rng(5)
    before = random.lognormal(8, 1, 200)
    now = np.where(before > np.quantile(before, 0.9), before * 1.25, before)
    (found,) = concentrations(activity(np.rint(now).astype(int).tolist(), np.rint(before).astype(int).tolist()))
    assert found.before is not None
    assert found.intervals["gini"][0] < found.before.gini
    assert found.change_intervals["gini"][0] > 0


def test_the_idle_do_not_count_and_nothing_is_nothing() -> None:
    (found,) = concentrations(activity([5, 5, 0, 0], [1, 1, 1, 1]))
    assert (found.population, found.population_before) == (2, 4)
    assert found.now.gini == pytest.approx(0)
    assert concentrations(activity([0, 0], [1, 1])) == []


def test_one_member_has_every_figure() -> None:
    (found,) = concentrations(activity([5], [0]))
    assert all(np.isfinite(value) for value in astuple(found.now))
    assert set(found.intervals) == set(FIGURES)
