"""Concentration of amounts whose figures are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ecosystem.changes.serial_correlation import covariance
from core.ecosystem.changes.step_test import RECENT
from core.ecosystem.members.activity import Activity
from core.ecosystem.spread.concentration import (
    _figures,
    _gainers,
    _log_odds,
    claims,
    concentrations,
    figure_intervals,
    spread,
)
from core.ecosystem.spread.member_moves import TESTED, _influences, _squared_move, step_variances
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
        listed=nothing == 0,
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


def test_one_has_all() -> None:
    found = spread(np.array([0.0] * 99 + [5.0]))
    assert found.gini == pytest.approx(0.99)
    assert (found.hhi, found.top_1pct_share) == (1.0, 1.0)


def test_by_hand() -> None:
    """1, 2, 3, 4: mean absolute difference 1.25 over twice the mean; the upper tenth is four tenths of the largest."""
    found = spread(np.array([4.0, 1.0, 3.0, 2.0]))
    assert found.gini == pytest.approx(1.25 / 5)
    assert found.hhi == pytest.approx(0.3)
    assert found.top_10pct_share == pytest.approx(0.16)


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


def test_the_idle_do_not_count_and_nothing_is_nothing() -> None:
    (found,) = concentrations(activity([*range(5, 25), 0, 0], [1] * 22))
    assert (found.population, found.population_before) == (20, 22)
    assert found.now.gini == pytest.approx(spread(np.arange(5.0, 25.0)).gini)
    assert concentrations(activity([0, 0], [1, 1])) == []


def test_what_too_few_members_cannot_tell_is_not_shown_and_the_largest_are_named() -> None:
    (shops,) = concentrations(activity([9, 3, 1, 5, 2, 8, 4, 7, 6, 10, 12, 11, *[1] * 8], [1] * 20))
    assert shops.now.gini is not None
    assert (shops.now.top_1pct_share, shops.now.top_10pct_share) == (None, None)
    assert set(shops.intervals) == {"gini", "hhi"}
    assert [one.name for one in shops.largest] == ["C000010", "C000011", "C000009"]
    assert shops.largest[0].share == pytest.approx(12 / 86)
    (few,) = concentrations(activity([5, 1] * 9 + [2], [1] * 19))
    assert (few.now.gini, few.now.hhi, few.intervals) == (None, None, {})


def test_every_interval_holds_its_figure() -> None:
    random, named = np.random.default_rng(2), []
    for n in (20, 24, 60, 300):
        sizes = random.pareto(1.5, n)
        point = spread(sizes)
        intervals = figure_intervals(sizes)
        named.append(len(intervals))
        for name, (low, high) in intervals.items():
            assert low <= getattr(point, name) <= high
    assert min(named) >= 1


def test_sizes_of_no_known_shape_have_figures_only_where_members_are_many() -> None:
    """Two clusters, three orders of magnitude apart."""
    random = np.random.default_rng(3)
    sizes = np.concatenate([random.normal(1, 0.02, 100), random.normal(1000, 20, 100)])
    assert figure_intervals(sizes) == {}
    found = figure_intervals(np.tile(sizes, 3))
    assert found["gini"][0] < (spread(sizes).gini or 0) < found["gini"][1]


def weekly(random: np.random.Generator, members: int, weeks: int = 14) -> np.ndarray:
    return random.lognormal(8, 1, members)[:, None] * np.exp(random.normal(0, 0.2, (members, weeks)))


def test_a_change_of_the_same_members_is_found_and_noise_is_not() -> None:
    random, quiet = np.random.default_rng(5), []
    everybody = activity([1] * 80, [1] * 80)
    for _ in range(30):
        amount = np.vstack([np.zeros(14), weekly(random, 80)])
        quiet += [one.p_value for one in claims(everybody, {"gmv": amount})]
    assert np.mean(np.array(quiet) < 0.05) < 0.1
    top = np.argsort(-amount.sum(axis=1))[3:6]
    amount[top, :3] *= 6
    found = {one.figure: one for one in claims(everybody, {"gmv": amount})}
    assert found["gini of gmv"].p_value < 1e-4
    assert found["gini of gmv"].is_worse
    assert found["gini of gmv"].interval is not None
    assert found["gini of gmv"].interval[0] > 0
    assert set(found["gini of gmv"].who) == {f"C{at - 1:06}" for at in top}
    assert found["gini of gmv"].onset == everybody.as_of - 20


def test_who_gained_or_lost_most_of_an_amount() -> None:
    amount = np.ones((8, 9))
    amount[3, :4], amount[5, :4], amount[6, :4] = 5, 3, 0
    crowd = activity([1] * 7, [1] * 7)
    words = crowd.crowd.names.words
    assert _gainers(crowd, amount, True) == (words[3], words[5])
    assert _gainers(crowd, amount, False)[0] == words[6]
    assert len(_gainers(crowd, amount, False)) == 3


def test_what_a_member_does_to_a_figure_is_its_derivative() -> None:
    sizes = np.exp(np.random.default_rng(5).normal(0, 1.2, 40))
    reach, before = _influences(sizes, _figures(sizes)), _figures(sizes)
    for row, at in enumerate(np.argsort(sizes)):
        after = _figures(np.where(np.arange(40) == at, sizes * np.exp(1e-7), sizes))
        slopes = [(_log_odds(after[name]) - _log_odds(before[name])) / 1e-7 for name in TESTED]
        assert reach[:, row] == pytest.approx(slopes, abs=1e-5)


def test_how_far_members_move_is_weighed_by_their_shares() -> None:
    """Five weeks: the newest against the four before. One member grew from 0.2 to 0.4, one shrank from 0.6 to 0.4, two came and
    went."""
    share = np.array([[0.4] + [0.2] * 4, [0.4] + [0.6] * 4, [0.2] + [0.0] * 4, [0.0] + [0.2] * 4])
    moves = 0.6 * np.log(2) ** 2 + 1.0 * np.log(1.5) ** 2
    assert _squared_move(share, np.eye(5), 1) == pytest.approx(moves / 1.6)
    assert _squared_move(share[2:], np.eye(5), 1) == 1.0, "nobody is in both"
    # of four weeks two are new at most: 0.2 to 0.3, 0.6 to 0.5, and 0.2 to 0.1
    few = (0.5 * np.log(1.5) ** 2 + 1.1 * np.log(1.2) ** 2 + 0.3 * np.log(2) ** 2) / 1.9
    assert _squared_move(share[:, :4], np.eye(4), 4) == _squared_move(share[:, :4], np.eye(4), 2) == pytest.approx(few)
    # the two newest weeks are those that are tested: members moved in the weeks before
    amount = np.concatenate([np.full((4, 2), 0.25), share, share[:, 1:2]], axis=1)
    sizes = share[:2].sum(axis=1)
    reach = (_influences(sizes, _figures(sizes)) ** 2).sum(axis=1)
    found = step_variances(amount, np.zeros((3, 8)), (1, 2), _figures(sizes), sizes)
    squares = [_squared_move(amount[:, 2:], np.eye(6), weeks) for weeks in (1, 2)]
    assert found == pytest.approx(np.outer(squares, reach))


def test_members_who_drift_move_as_far_as_from_one_week_to_the_next() -> None:
    """The step of a random walk is that between its last old week and its first new one: the third newest, of three new ones."""
    walk = 9.0 - np.abs(np.subtract.outer(np.arange(9), np.arange(9)))
    share = np.full((2, 9), 0.5)
    share[:, 2], share[:, 7] = (0.4, 0.6), (0.9, 0.1)
    last = (0.9 * np.log(0.8) ** 2 + 1.1 * np.log(1.2) ** 2) / 2
    assert _squared_move(share, walk, 3) == pytest.approx(last)
    assert _squared_move(share, np.eye(9), 3) != pytest.approx(last)


@pytest.mark.parametrize("weeks", [11, 12])
def test_how_weeks_go_together_is_used_where_eight_are_known(weeks: int) -> None:
    random = np.random.default_rng(3)
    amount = np.exp(np.cumsum(random.normal(0, 0.3, (30, weeks)), axis=1))
    series, sizes = np.cumsum(random.normal(0, 0.1, (3, weeks)), axis=1), amount.sum(axis=1)
    found = step_variances(amount, series, RECENT, _figures(sizes), sizes)
    share, known = (amount / amount.sum(axis=0))[:, 4:], weeks - 4
    together = covariance(series[:, 4:], known) if known >= 8 else np.eye(known)
    reach = (_influences(sizes, _figures(sizes)) ** 2).sum(axis=1)
    assert found == pytest.approx(np.outer([_squared_move(share, together, length) for length in RECENT], reach))


@pytest.mark.parametrize("weeks", [8, 9, 12])
def test_a_short_history_is_no_sure_one(weeks: int) -> None:
    random, chances = np.random.default_rng(weeks), []
    for _ in range(40):
        amount = np.exp(random.normal(0, 1, (40, 1)) + random.normal(0, 0.3, (40, weeks)))
        everybody = activity([1] * 40, [1] * 40)
        found = claims(everybody, {"gmv": np.concatenate([np.zeros((1, weeks)), amount])})
        chances += [one.p_value for one in found]
    assert np.mean(np.array(chances) < 0.01) < 0.03
