"""What is learnt of the noise of days: the part that counting gives, and the part that stays however much there is to count."""

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING
from core.catalogue.metric_tree.metric_loader import load
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
        key: panel_of([(catalogue.metric(key), SliceSums((EVERYTHING,), sums), False)], 0, np.zeros((1, 20)), 0).event[
            0
        ]
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


def test_noise_of_days_is_learnt_by_its_definition() -> None:
    """Two groups: single events, whose unit is one, and amounts, whose unit is fitted; two speeds, of which one is the best."""
    rng = np.random.default_rng(9)
    group, plain = np.array([0, 1, 0, 1]), np.array([True, False, True, False])
    noise = ResidualNoise(Panel(0, np.ones((4, 5)), counts=plain, group=group), 2)
    square, telling, days, moments = np.zeros((2, 4)), np.zeros((2, 4)), np.zeros(4), np.zeros((2, 5))
    unit, extra, factor = np.array([1.0, 0.0]), np.full(2, 0.01), np.ones((2, 4))
    for _ in range(60):
        mean, doubt = rng.uniform(5, 60, (2, 4)), rng.uniform(0.001, 0.05, (2, 4))
        residual, heed, best = rng.normal(0, 0.4, (2, 4)), rng.random(4) < 0.8, rng.integers(0, 2, 4)
        noise.learn(mean, residual, doubt, heed, best)
        chosen = []
        for speed, one in np.ndindex(2, 4):
            counting = unit[group[one]] / mean[speed, one]
            base = counting + extra[group[one]]
            daily = max(factor[speed, one] * base, counting * plain[one])
            whole = doubt[speed, one] + daily
            size = min(residual[speed, one] ** 2, 9 * whole) / 0.985
            own = max(size - doubt[speed, one], size / 4)
            tells = heed[one] * (daily / whole) ** 2
            square[speed, one] = 0.99 * square[speed, one] + tells * own / base
            telling[speed, one] = 0.99 * telling[speed, one] + tells
            if speed == best[one] and heed[one]:
                weight = (counting + max(extra[group[one]], 0.002) + doubt[speed, one]) ** -2
                x = 1 / mean[speed, one]
                chosen.append((group[one], weight * np.array([x * x, x, 1, x * own, own])))
        days, moments = 0.99 * days + heed, 0.99 * moments
        for at, sums in chosen:
            moments[at] += sums
        factor = (square + 10) / (telling + 10)
        for at in range(2):
            xx, x1, ones, xy, y1 = moments[at] + 6 / 0.01**2 * np.array([0, 0, 1, 0, 0.01])
            spread = xx * ones - x1**2
            unit[at] = 1.0 if at == 0 else max((xy * ones - x1 * y1) / spread, 0) if spread > 1e-6 * xx * ones else 0.0
            extra[at] = max((y1 - unit[at] * x1) / ones, 1e-5)
        assert noise.factor == pytest.approx(factor)
        assert noise.factor_of_best == pytest.approx(factor[best, np.arange(4)])
        assert (noise.unit, noise.extra) == (pytest.approx(unit[group]), pytest.approx(extra[group]))
        assert noise.days == pytest.approx(days)
    assert unit[1] > 0.5, "amounts have a unit by now"
    ahead = np.array([[20.0, 1.0], [20.0, 1.0]])
    counting = unit[[0, 1], None] / ahead
    wide = noise.factor_of_best[[2, 3], None] * (counting + extra[:, None])
    assert noise.scatter_of(np.array([2, 3]), ahead) == pytest.approx(
        np.stack([np.maximum(wide[0], counting[0]), wide[1]])
    )


@pytest.mark.parametrize(("evidence", "least"), [(40, 1.96), (62.5, 1.48), (80, 1.0)])
def test_intervals_of_days_follow_their_hits_and_misses(evidence: float, least: float) -> None:
    """A miss widens by .95 of a quarter, a hit narrows by .05 of it; a young series is not narrower than the normal law."""
    noise = ResidualNoise(Panel(0, np.ones((2, 5))), 1)
    noise.days[:] = evidence
    noise.check(0, np.array([False, True]), np.ones(2, bool))
    assert noise.reach[0] == pytest.approx([1.96 + 0.2375, max(1.96 - 0.0125, least)], abs=1e-3)
    noise.check(0, np.array([False, True]), np.array([False, False]))
    assert noise.reach[0] == pytest.approx([1.96 + 0.2375, max(1.96 - 0.0125, least)], abs=1e-3), "nothing was judged"
    for _ in range(100):
        noise.check(0, np.array([False, True]), np.ones(2, bool))
    assert noise.reach[0] == pytest.approx([6.0, least], abs=1e-3)
    noise.check(1, np.array([False, True]), np.ones(2, bool))
    full, seventh = 0.25 * np.array([0.95, -0.05]), 0.25 / 7 * np.array([0.95, -0.05])
    young = {40: 1.0, 62.5: 0.5, 80: 0.0}[evidence]
    assert noise.reach[1] == pytest.approx(1.959964 + young * full + (1 - young) * seventh)


def test_a_series_is_expected_from_its_first_day_on() -> None:
    values = np.zeros((2, 30))
    values[0, -1] = 100.0
    ahead = expected_from_detector(OnlineDetector(Panel(0, values)).run(29), Window(30, 32))
    assert ahead.known.tolist() == [1, 0]
    assert np.isfinite(ahead.mean[0]).all()
    assert np.isnan(ahead.mean[1]).all()
    assert ahead.mean.shape == (2, 3)
