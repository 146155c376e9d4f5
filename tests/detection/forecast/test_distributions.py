"""Distributions, counts of rare events and days to compare with, against their definitions."""

from dataclasses import replace
from math import comb, lgamma, log

import numpy as np
import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.detection.detector.rare_events import rare_chances, tail_of_counts
from core.detection.distributions import deviance_score, discoveries, interval, normal_cdf, q_values, wilson
from core.detection.forecast.panel import Panel
from core.detection.forecast.reference_days import balanced_days, named_days, usual_days


def likelihood(count: float, mean: float, size: float) -> float:
    """Log probability of a negative binomial count."""
    ways = lgamma(count + size) - lgamma(size) - lgamma(count + 1)
    return ways + size * log(size / (size + mean)) + count * log(mean / (size + mean))


@pytest.mark.parametrize("count", [3.0, 30.0, 50.0, 90.0])
@pytest.mark.parametrize("unit", [1.0, 16_000.0])
def test_the_score_is_the_root_of_the_deviance(count: float, unit: float) -> None:
    """Twice the log likelihood ratio of a mean of its own against a mean of 50."""
    size = 10.0
    deviance = 2 * (likelihood(count, count, size) - likelihood(count, 50.0, size))
    variance = unit**2 * (50 + 50**2 / size)
    score = deviance_score(*(np.array([figure]) for figure in (count * unit, 50.0 * unit, variance, unit)))
    assert score[0] == pytest.approx(np.sign(count - 50) * deviance**0.5)
    nothing = deviance_score(*(np.array([figure]) for figure in (-4.0, 50.0, 300.0, 1.0)))
    assert nothing == deviance_score(*(np.array([figure]) for figure in (0.0, 50.0, 300.0, 1.0)))


@pytest.mark.parametrize("shape", [4.0, 60.0])
def test_an_interval_holds_95_of_100_gamma_numbers(shape: float) -> None:
    drawn = np.random.default_rng(1).gamma(shape, 200 / shape, 40_000)
    lo, hi = interval(np.array([200.0]), np.array([200.0**2 / shape]), unit=1e-9)
    assert np.mean(drawn < lo) == pytest.approx(0.025, abs=0.003)
    assert np.mean(drawn > hi) == pytest.approx(0.025, abs=0.003)


@pytest.mark.parametrize("mean", [1.0, 3.6, 3.8, 20.0])
def test_the_lower_end_is_nothing_where_nothing_comes_once_in_forty(mean: float) -> None:
    """Of counts: exp(-3.69) = 0.025."""
    lo, _ = interval(np.array([mean]), np.array([mean]))
    assert bool(lo[0] == 0) is bool(np.exp(-mean) >= 0.025)
    size = 2.0
    lo, _ = interval(np.array([mean]), np.array([mean + mean**2 / size]), unit=1.0)
    assert bool(lo[0] == 0) is ((size / (size + mean)) ** size >= 0.025)


def test_shares_lie_where_the_score_test_does_not_refuse_them() -> None:
    for successes, trials in ((0, 5), (3, 8), (8, 8), (40, 90)):
        low, high = (float(end[0]) for end in wilson(np.array([successes]), np.array([trials])))
        for end in (low, high):
            if 0 < end < 1:
                z = (successes / trials - end) / (end * (1 - end) / trials) ** 0.5
                assert abs(z) == pytest.approx(1.959964)
        assert low <= successes / trials <= high
        assert (low == 0, high == 1) == (successes == 0, successes == trials)


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    p = np.random.default_rng(2).random(40) ** 3
    p[7] = p[11]
    for rate in (0.05, 0.2):
        ordered = np.sort(p)
        passing = [k for k in range(40) if ordered[k] <= rate * (k + 1) / 40]
        assert discoveries(p, rate).tolist() == (p <= ordered[passing[-1]]).tolist()
    assert q_values(np.array([0.9, 0.01, 0.8])) == pytest.approx([0.9, 0.03, 0.9])
    assert normal_cdf(np.array([[0.0, 1.959964]])) == pytest.approx(np.array([[0.5, 0.975]]))


@pytest.mark.parametrize("came", [0, 2, 6])
def test_events_fall_into_a_window_like_coins(came: int) -> None:
    before, share = 5, 0.3

    def chance(k: int) -> float:
        return comb(came + before, k) * share**k * (1 - share) ** (came + before - k)

    exact = sum(chance(k) for k in range(came + before + 1) if k >= came), sum(chance(k) for k in range(came + 1))
    found = (tail_of_counts(came, 30.0, before, 70.0, more=more) for more in (True, False))
    assert tuple(found) == pytest.approx(exact)
    assert tail_of_counts(came, 0.0, before, 70.0, more=True) == tail_of_counts(came, 3.0, 0, 0.0, more=False) == 1.0


@pytest.mark.parametrize(("expected", "counted"), [(9.9, True), (10.0, False)])
def test_only_rare_events_are_counted_and_half_a_year_back(expected: float, counted: bool) -> None:
    values = np.zeros((2, 260))
    values[0, [20, 100, 255]] = [50.0, 4.0, 3.0]  # day 20 lies further back than half a year
    values[1, 255] = 3.0
    panel = Panel(first=0, values=values, event=np.array([1.0, 0.0]), counts=np.array([True, False]), worse=np.ones(2))
    chances = rare_chances(panel, np.arange(2), np.array([250, 250]), 256, np.array([expected, 1.0]))
    assert chances[0] == (pytest.approx(tail_of_counts(3, 7.0, 4, 182.0, more=True)) if counted else 0.0)
    assert chances[1] == 0.0, "amounts are no events"


def test_days_of_another_window_by_weekday_or_by_mean() -> None:
    week, month = Window(700, 706), Window(651, 680)
    same = balanced_days(week, Window(693, 699))
    assert (same.days.tolist(), same.weights.tolist()) == (list(range(693, 700)), [1.0] * 7)
    by_weekday = balanced_days(week, month)
    for day in week.first, week.last:
        alike = by_weekday.weights[by_weekday.days % 7 == day % 7]
        assert alike == pytest.approx(1 / len(alike)), "each weekday once"
    assert by_weekday.weights.sum() == pytest.approx(7)
    weekend = balanced_days(Window(705, 706), Window(693, 699))
    assert weekend.days[weekend.weights > 0].tolist() == [698, 699]
    plain = balanced_days(week, Window(697, 699))
    assert plain.weights.tolist() == pytest.approx([7 / 3] * 3), "three days have not every weekday"
    dense = replace(plain, scales={"gmv": 2.0}).dense("gmv", Window(695, 700))
    assert dense.tolist() == pytest.approx([0, 0, *[14 / 3] * 3, 0])
    assert plain.window == Window(697, 699)


def test_same_weekdays_of_the_last_eight_of_sixteen_weeks() -> None:
    past, none = Window(0, 199), np.zeros(200, bool)
    days = usual_days(Window(200, 201), past, none)
    assert days.days.tolist() == sorted(day - 7 * week for day in (200, 201) for week in range(1, 9))
    assert days.weights == pytest.approx(1 / 8)
    unusual = none.copy()
    unusual[200 - 7 * 16 : 200 : 1] = True
    unusual[[200 - 7 * 16, 150]] = False
    far = usual_days(Window(200, 200), past, unusual)
    assert far.days.tolist() == [200 - 7 * 16], "within sixteen weeks"
    unusual[200 - 7 * 16] = True
    near = usual_days(Window(200, 200), past, unusual)
    assert near.days.tolist() == [82, 83, 84, 85, 86, 87, 150], "no such weekday is left: the newest usual days"
    every = usual_days(Window(200, 200), past, ~none)
    assert every.days.tolist() == sorted(200 - 7 * week for week in range(1, 9)), "none is usual"


def test_baselines_by_name() -> None:
    span, window = Window(100, 600), Window(500, 502)
    names = {name: named_days(span, window, name).window for name in ("previous", "last-year", "4w")}
    assert names == {"previous": Window(497, 499), "last-year": Window(136, 138), "4w": Window(472, 499)}
    assert named_days(span, Window(464, 470), "last-year").window.first == span.first
    assert named_days(span, window, "1970-04-11..1971-08-24").window == span
    for window in (Window(463, 470), Window(99, 101)):
        with pytest.raises(NotEnoughData, match="not all inside"):
            named_days(span, window, "last-year")
    with pytest.raises(NotEnoughData):
        named_days(span, window, "1970-04-11..1971-08-25")
    with pytest.raises(UsageError, match="no baseline 'next'"):
        named_days(span, window, "next")
