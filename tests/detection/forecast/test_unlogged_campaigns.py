"""Promotions of the first weeks that nobody logged."""

import numpy as np
import pytest

from core.base.arrays import Floats
from core.detection.detector.online_detector import OnlineDetector
from core.detection.forecast.panel import CLOSED, LIFTED, ORDINARY, Panel
from core.detection.forecast.unlogged_campaigns import with_unlogged_campaigns

FIRST = 20_000
WEEK = np.array([100, 110, 120, 130, 160, 210, 180])


def calm(days: int = 60) -> Floats:
    """One series by weekday, every third day by 2 % more; shape (1, days)."""
    day = np.arange(days)
    return np.asarray(WEEK[day % 7] * (1 + 0.02 * (day % 3 == 0)))[None]


def lifted(values: Floats, before: int = 60, **more: object) -> list[int]:
    panel = with_unlogged_campaigns(Panel(FIRST, values, **more), FIRST + before)  # type: ignore[arg-type]
    return np.flatnonzero(np.broadcast_to(panel.known, values.shape)[0] == LIFTED).tolist()


def test_the_days_of_a_promotion_are_lifted_and_no_others() -> None:
    values = calm()
    assert lifted(values) == []
    values[0, 9:15] *= 1.5
    values[0, 30:33] *= 1.3
    assert lifted(values) == [9, 10, 11, 12, 13, 14, 30, 31, 32]
    assert lifted(values, before=28) == [9, 10, 11, 12, 13, 14]
    assert lifted(values, before=27) == []


def test_two_days_a_small_rise_and_a_new_level_are_none() -> None:
    values = calm()
    values[0, 9:11] *= 1.5
    values[0, 20:26] *= 1.1
    assert lifted(values) == []
    values = calm()
    values[0, 25:] *= 1.5
    assert lifted(values) == []


@pytest.mark.parametrize(("ends", "days"), [(81, [77, 78, 79, 80]), (82, [])])
def test_as_many_days_come_after_it_as_it_has_at_least(ends: int, days: list[int]) -> None:
    values = calm(100)
    values[0, 77:ends] *= 1.5  # three days of the twelve weeks are left, or two
    values[0, 84:] *= 9  # later days say nothing
    assert lifted(values, before=100) == days


@pytest.mark.parametrize(("first", "ends", "count"), [(16, 30, 14), (16, 31, 0), (0, 14, 14), (0, 15, 0)])
def test_what_is_high_for_more_than_two_weeks_is_how_things_were(first: int, ends: int, count: int) -> None:
    values = calm()
    values[0, first:ends] *= 1.5
    assert len(lifted(values)) == count


def test_more_of_what_is_bad_is_no_promotion_and_rates_may_rise() -> None:
    values = calm()
    values[0, 9:15] *= 1.5
    assert lifted(values, worse=np.ones(1)) == []
    assert lifted(values, exposure=values) == []
    assert lifted(values, exposure=np.full((1, 60), 1000.0)) == [9, 10, 11, 12, 13, 14]


def test_days_without_anything_say_nothing_and_what_is_known_stays() -> None:
    values = calm()
    values[0, 9:15] *= 1.5
    values[0, 12] = 0
    known = np.full((1, 60), ORDINARY, np.int8)
    known[0, 3] = CLOSED
    panel = with_unlogged_campaigns(Panel(FIRST, values, known=known), FIRST + 60)
    assert np.flatnonzero(panel.known[0]).tolist() == [3, 9, 10, 11]  # two days are left of the others
    assert panel.known[0, 3] == CLOSED
    assert known[0, 9] == ORDINARY


@pytest.mark.parametrize(("empty", "is_lifted"), [(6, True), (7, False)])
def test_what_comes_in_lumps_has_no_promotions(empty: int, is_lifted: bool) -> None:
    """Of 60 days, six without anything are a tenth."""
    values = calm()
    values[0, 9:15] *= 1.5
    values[0, 20 : 20 + 4 * empty : 4] = 0
    assert bool(lifted(values)) is is_lifted


def test_weekends_of_rest_are_no_days_without_anything() -> None:
    values, known = calm(), np.full((1, 60), ORDINARY, np.int8)
    rest = np.isin(np.arange(60) % 7, (5, 6))
    values[0, rest], known[0, rest] = 0, CLOSED
    values[0, 30], known[0, 30] = 0, CLOSED
    values[0, 14:19] *= 1.5
    assert lifted(values, known=known) == [14, 15, 16, 17, 18]


def test_a_fall_shows_after_promotions_that_began_in_the_first_month() -> None:
    rng, series, days = np.random.default_rng(77), 24, 130
    shocks = rng.normal(0, 0.05, (series, days))
    for day in range(1, days):
        shocks[:, day] += 0.5 * shocks[:, day - 1]
    mean = 3000 * WEEK[np.arange(days) % 7] / WEEK.mean() * np.exp(shocks)
    for first in range(5, 110, 26):
        mean[:, first : first + 7] *= 1.6
    mean[:, 120:] *= 0.7
    values = rng.poisson(mean).astype(float)
    panel = Panel(FIRST, values, group=np.arange(series))

    def seen(of: Panel) -> int:
        (active,) = OnlineDetector(of).sightings([days - 1])
        return len(active.series)

    assert seen(panel) <= 2  # what the promotions taught
    assert seen(with_unlogged_campaigns(panel, FIRST + days - 1)) >= 18


def test_what_comes_on_days_of_campaigns_alone_is_all_that_is_known() -> None:
    known = np.full((2, 14), ORDINARY, np.int8)
    known[:, 3:6] = LIFTED
    values = np.zeros((2, 14))
    values[:, 3:6] = 30
    values[1, 8] = 10
    exposures, usual = Panel(FIRST, values, known=known).ordinary(np.arange(2), slice(0, 14))
    assert (usual.sum(1).tolist(), exposures.sum(1).tolist()) == ([90, 10], [14, 11])
