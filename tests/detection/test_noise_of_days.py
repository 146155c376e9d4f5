"""What is learnt of the noise of days: the part that counting gives, and the part that stays however much there is to count."""

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING
from core.catalogue import load
from core.detection.detector.online_detector import OnlineDetector
from core.detection.distributions import Z95, normal_score, student_reach
from core.detection.expected_values import expected_from_detector
from core.detection.forecast.panel import Panel
from core.detection.forecast.panel_build import SliceSums
from core.detection.forecast.panel_build import panel as panel_of
from core.detection.forecast.residual_noise import ResidualNoise

DAYS, SERIES = 110, 80


def amounts(unit: float, extra: float) -> np.ndarray:
    """Daily amounts of variance unit x mean + extra x mean^2, means from 30 to 30,000 units; shape (series, days)."""
    rng = np.random.default_rng(21)
    mean = unit * np.geomspace(30, 30_000, SERIES)[:, None] * np.ones(DAYS)
    shocks = rng.gamma(1 / extra, extra, mean.shape) if extra else np.ones(mean.shape)
    return unit * rng.poisson(mean * shocks / unit).astype(float)


@pytest.mark.parametrize(("unit", "extra"), [(1.0, 0.02), (16_000.0, 0.02)])
def test_counting_and_what_is_beyond_it_are_told_apart(unit: float, extra: float) -> None:
    nothing = np.zeros(SERIES, bool)
    replay = OnlineDetector(Panel(0, amounts(unit, extra), counts=nothing)).run(DAYS - 1)
    assert replay.noise.unit[0] == pytest.approx(unit, rel=0.2)
    assert replay.noise.extra[0] == pytest.approx(extra, rel=0.35)


def test_only_what_is_counted_has_events() -> None:
    catalogue = load()
    sums = {name: np.full((1, 20), 5.0) for name in catalogue.measures}
    sizes = {
        key: panel_of([(catalogue.metric(key), SliceSums((EVERYTHING,), sums), False)], 0, np.zeros((1, 20))).event[0]
        for key in ("orders", "ctr", "gmv", "average_order_value", "violations_per_1k_orders", "refund_value_rate")
    }
    assert sizes["orders"] == sizes["ctr"] == 1.0
    assert sizes["gmv"] == sizes["average_order_value"] == sizes["refund_value_rate"] == 0.0
    assert sizes["violations_per_1k_orders"] == 1000.0


def test_student_tails_are_those_that_scores_are_translated_by() -> None:
    freedom = np.array([3.0, 8.0, 40.0])
    assert normal_score(student_reach(freedom), freedom) == pytest.approx(1.959964)
    assert student_reach(freedom) == pytest.approx([3.182, 2.306, 2.021], rel=0.012), "the tables of Student"


def test_a_mean_of_few_amounts_has_no_more_degrees_of_freedom_than_amounts() -> None:
    """Counts, hours of deliveries, and money by impressions that are no single events of it."""
    under, of_all = np.full((3, 5), 9.0), np.arange(3)
    panel = Panel(0, under * 20, under, event=np.array([1.0, 0, 0]), trial=np.array([1.0, 1, 0]))
    noise = ResidualNoise(panel, 3)
    assert noise.freedom(of_all, np.full(3, 30.0), np.full(3, 9.0)).tolist() == [40, 9, 40]
    assert noise.freedom(of_all, np.full(3, 30.0), np.full(3, 41.0)).tolist() == [40, 40, 40]


def test_a_short_past_makes_wider_intervals_than_a_long_one() -> None:
    values = amounts(1.0, 0.01)[-1:]
    wide = []
    for first in (40, 103):
        replay = OnlineDetector(Panel(0, values[:, :first])).run(first - 1)
        replay.noise.reach[:] = Z95
        wide.append(float(expected_from_detector(replay, Window(first, first + 6)).reach[0]))
    assert wide[0] > wide[1] > Z95


def test_short_intervals_are_believed_as_far_as_the_past_proves_them() -> None:
    values = amounts(1.0, 0.01)[-1:]
    window = Window(DAYS - 7, DAYS - 1)
    replay = OnlineDetector(Panel(0, values)).run(window.first - 1)
    reaches = []
    for reach in (Z95, 1.0, 3.0):
        replay.noise.reach[:] = reach
        ahead = expected_from_detector(replay, window)
        half_width = (ahead.total_hi - ahead.total_lo)[0] / (2 * ahead.total_sd[0])
        assert half_width == pytest.approx(ahead.reach[0], rel=0.03)
        reaches.append(float(ahead.reach[0]))
    weeks = window.first / 7
    believed = Z95 - (Z95 - 1.0) * weeks / (weeks + 20)
    assert np.array(reaches) / reaches[0] * Z95 == pytest.approx([Z95, believed, 3.0])


def test_days_of_short_pasts_are_covered() -> None:
    """Series by themselves, whose days scatter by 3 %: of the days 60 to 90 of their past 95 % lie in the interval."""
    rng = np.random.default_rng(23)
    week = np.exp(0.1 * rng.standard_normal((SERIES, 7)))[:, np.arange(95) % 7]
    values = 5000 * week * np.exp(0.03 * rng.standard_normal((SERIES, 95)))
    replay = OnlineDetector(Panel(0, values, group=np.arange(SERIES)))
    covered, noise = [], []
    for day in range(60, 91, 3):
        replay.run(day - 1)
        ahead = expected_from_detector(replay, Window(day, day))
        covered.append((values[:, day] >= ahead.total_lo) & (values[:, day] <= ahead.total_hi))
        noise.append(np.sqrt(replay.noise.scatter(ahead.mean)))
    assert 0.93 < np.mean(covered) < 0.97
    assert np.median(noise) == pytest.approx(0.03, rel=0.1)


def test_longer_windows_are_less_certain() -> None:
    """The past holds fewer windows of their length: their interval is wider in its own standard deviations."""
    values = amounts(1.0, 0.01)[-1:]
    replay = OnlineDetector(Panel(0, values)).run(DAYS - 1)
    replay.noise.reach[:] = Z95
    reaches = [float(expected_from_detector(replay, Window(DAYS, DAYS + days - 1)).reach[0]) for days in (7, 14, 28)]
    assert reaches == sorted(reaches)
    assert Z95 < reaches[0] < reaches[-1]
