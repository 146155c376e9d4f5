"""What the detector counts on one day, by figures counted by hand: first noise, weights, campaigns, rises, the last two weeks."""

import numpy as np
import pytest

from core.base.days import Window
from core.detection.detector.online_detector import OnlineDetector
from core.detection.expected_values import expected_from_detector
from core.detection.forecast.panel import Panel
from core.detection.forecast.residual_noise import first_scatter, persistence


def detector(series: int = 1, days: int = 60, worse: float = -1.0, **more: np.ndarray) -> OnlineDetector:
    """One that has seen nothing yet, of series of 100 a day whose ordinary days scatter by 2 % of the square."""
    made = OnlineDetector(Panel(0, np.full((series, days), 100.0), worse=np.full(series, worse), **more))
    made.age[:] = 30
    return made


def test_the_first_noise_is_that_between_the_same_weekdays_of_two_weeks() -> None:
    values, exposure = np.repeat([[10.0, 12.0]], 7, 1), np.ones((1, 14))
    assert [float(found[0]) for found in first_scatter(values, exposure)] == pytest.approx([11, (2 / 11) ** 2 / 2])
    closed, open_days = values.copy(), exposure.copy()
    closed[0, [3, 11]] = open_days[0, [3, 11]] = 0  # of two weekdays one week is left: five tell
    usual = (6 * 10 + 6 * 12) / 12
    found = [float(figure[0]) for figure in first_scatter(closed, open_days)]
    assert found == pytest.approx([usual, (2 / usual) ** 2 / 2])
    wider = np.repeat([[1.0, 1.2]], 7, 1)
    assert float(first_scatter(values, wider)[1][0]) == pytest.approx(0), "as many more as there was to count"
    week, ones = values[:, :7], np.ones((1, 7))
    assert np.isnan(first_scatter(week, ones)[1]).all(), "one week tells nothing"


def test_days_far_off_weigh_less_and_new_series_take_in_all() -> None:
    made = detector(5)
    assert made._weight(np.array([0.0, 2.5, 4.0, 5.0, 5.01])).tolist() == [1, 1, 0.625, 0.5, 0]
    made.age[:] = [13, 13, 13, 14, 14]
    assert made._weight(np.full(5, 9.0)).tolist() == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(("worse", "counted"), [(-1.0, [90.0, 130, 90, 100]), (1.0, [90, 130, 100, 130])])
def test_days_of_a_campaign_count_as_far_as_they_are_worse(worse: float, counted: list[float]) -> None:
    made, actual, mean = detector(4, worse=worse), np.array([90.0, 130, 90, 130]), np.full(4, 100.0)
    assert made.panel.excused(actual, mean, np.array([False, False, True, True])).tolist() == counted
    assert made.panel.excused(actual, mean, np.zeros(4, bool)) is actual


def test_a_day_speaks_for_the_level_it_is_nearer_to() -> None:
    """100 were normal, 50 the dropped level: the squares of what is missing to either differ by .25, twice .02 times 6.25."""
    made = detector(3)
    ratio = made._toward_normal(np.array([100.0, 50, 75]), np.full(3, 100.0), np.full(3, -0.5))
    assert ratio == pytest.approx([6.25, -6.25, 0])


@pytest.mark.parametrize(
    ("actual", "expected", "exposure", "enough"),
    [(5, 1, 5, True), (1, 5, 5, True), (4.9, 4.9, 5, False), (5, 5, 4.9, False)],
)
def test_five_events_of_five_trials_are_plenty(actual: float, expected: float, exposure: float, enough: bool) -> None:
    made = detector(exposure=np.ones((1, 60)))
    made.windows.actual[3], made.windows.expected[3], made.windows.exposure[3] = actual, expected, exposure
    assert made._plenty(np.array([3]), np.array([0])).tolist() == [enough]


@pytest.mark.parametrize(("days", "score", "on", "is_level"), [
    (14, 5.1, False, True), (13, 5.1, False, False), (14, 5.0, False, False), (14, 5.1, True, False),
])  # fmt: skip
def test_a_rise_whose_clearest_window_has_two_weeks_is_the_new_level(
    days: int, score: float, on: bool, is_level: bool
) -> None:
    made = detector()
    made.windows.began[:], made.leaks.windows.began[:] = 10, 10
    made.windows.days[4], made.windows.actual[4], made.windows.expected[4] = days, 300, 200
    made.episodes.on[:] = on
    scores = np.zeros((28, 1))
    scores[4], scores[9] = score, 4.9
    before = made.levels.outlook().spread[0, 0]
    made._rise(scores)
    assert (made.windows.began.max() < 0, made.leaks.windows.began.max() < 0) == (is_level, is_level)
    doubt = made.levels.outlook().spread[0, 0] - before
    assert doubt == pytest.approx(np.log(1.5) ** 2 / 4 if is_level else 0.0)


def test_a_step_up_is_no_noise() -> None:
    """Days scatter by 2 %, weeks by .8 %: four weeks after a step up by a third a week is known within 3 %. Where the step
    counted as noise it was known within 117 %."""
    values = 1e6 * np.exp(np.random.default_rng(5).normal(0, 0.02, 105) + np.where(np.arange(105) < 70, 0, 0.29))
    made = OnlineDetector(Panel(0, values[None], counts=np.zeros(1, bool))).run(97)
    week = expected_from_detector(made, Window(98, 104))
    assert week.total[0] == pytest.approx(7e6 * np.exp(0.29), rel=0.02)
    assert (week.total_hi[0] - week.total_lo[0]) / 2 / week.total[0] < 0.03


def test_rises_that_are_usual_are_noise() -> None:
    """Days scatter by 3 %; from day 50 on, every 17 days e times as many come, and fade within a week. Where all rises were left
    out the series was in one for good, and its intervals held half of the days."""
    day = np.arange(160)
    bursts = np.where(day < 50, 0.0, np.exp(-(day % 17) / 5))
    values = 1e4 * np.exp(np.random.default_rng(5).normal(0, 0.03, 160) + bursts)
    made, inside = OnlineDetector(Panel(0, values[None], counts=np.zeros(1, bool))), []
    for last in range(140, 159):
        ahead = expected_from_detector(made.run(last), Window(last + 1, last + 1))
        inside.append(ahead.total_lo[0] <= values[last + 1] <= ahead.total_hi[0])
    assert np.mean(inside) > 0.9


def test_what_came_in_the_last_two_weeks_of_a_drop() -> None:
    """80 a day of 100, two days of which nothing was expected; before and after them other figures."""
    made = detector(2)
    made.panel.values[:, 26:40] = 80.0
    made.expected[:] = 100.0
    made.expected[:, [30, 31]] = np.nan
    made.episodes.on[0] = True
    lately, chance = made._lately(40)
    assert lately.tolist() == [pytest.approx(-0.2), 0]
    lasting = 1 + made.noise.link[0] * persistence(14)[14]
    assert chance.tolist() == [pytest.approx(0.8 * ((1 / 80 + 0.01) / 12 * lasting) ** 0.5), 0]


def test_the_usual_denominator_is_the_mean_of_the_first_days_and_then_follows_by_a_tenth() -> None:
    exposure = 50.0 * np.arange(1, 13)[None]
    panel = Panel(0, exposure / 10, exposure)
    usual = [float(OnlineDetector(panel).run(day)._usual_exposure[0]) for day in (0, 9, 10)]
    assert usual == pytest.approx([50, 275, 275 + 0.1 * (550 - 275)])
