"""Money in rupiah gives the answers of money in dollars: nothing in the arithmetic depends on the size of the unit."""

import numpy as np
import pytest

from core.base.days import Window
from core.detection.detector.online_detector import OnlineDetector
from core.detection.distributions import deviance_score, interval
from core.detection.expected_values import expected_from_detector
from core.detection.forecast.panel import Panel

UNITS = [0.01, 100.0, 16_000.0, 1e6, 1e9]
DAYS, DROP = 120, 100


def amounts() -> np.ndarray:
    """Money a day: some hundreds of orders of log-normal value; every fourth series falls by 30 % at the end."""
    rng = np.random.default_rng(12)
    level = np.exp(rng.uniform(np.log(5), np.log(800), (40, 1)))
    orders = rng.poisson(level * np.exp(0.15 * np.sin(np.arange(DAYS) * 2 * np.pi / 7)))
    orders[::4, DROP:] = rng.binomial(orders[::4, DROP:], 0.7)
    values = 20.0 * orders * np.exp(rng.normal(0, 0.5, orders.shape) / np.sqrt(np.maximum(orders, 1)))
    return np.round(values, 2)


def detector(factor: float) -> OnlineDetector:
    return OnlineDetector(Panel(0, amounts() * factor, counts=np.zeros(40, bool)))


@pytest.mark.parametrize("factor", UNITS)
def test_the_detector_answers_alike_in_every_unit(factor: float) -> None:
    (base,), (other,) = (list(detector(unit).sightings([DAYS - 6])) for unit in (1.0, factor))
    assert len(base.series) >= 5
    np.testing.assert_array_equal(other.series, base.series)
    np.testing.assert_array_equal(other.onset, base.onset)
    np.testing.assert_allclose(other.z, base.z, rtol=1e-6)
    for name, power in (("actual", 1), ("expected", 1), ("variance", 2)):
        np.testing.assert_allclose(getattr(other, name), getattr(base, name) * factor**power, rtol=1e-6)


@pytest.mark.parametrize("factor", UNITS)
def test_expected_values_are_alike_in_every_unit(factor: float) -> None:
    window = Window(DROP, DROP + 6)
    base, other = (expected_from_detector(detector(unit).run(DROP - 1), window) for unit in (1.0, factor))
    for name in ("mean", "total", "total_lo", "total_hi", "total_sd"):
        np.testing.assert_allclose(getattr(other, name), getattr(base, name) * factor, rtol=1e-6)


def test_the_deviance_is_that_of_poisson_and_of_gamma_at_its_ends() -> None:
    actual, expected = np.array([0.0, 4.0, 30.0, 80.0]), np.full(4, 25.0)
    poisson = deviance_score(actual, expected, expected, np.ones(4))
    log_ratio = np.log(np.maximum(actual, 1e-300) / expected)
    exact = np.sign(actual - expected) * np.sqrt(2 * (actual * log_ratio - (actual - expected)))
    np.testing.assert_allclose(poisson, exact, rtol=1e-3)
    gamma = deviance_score(actual[1:], expected[1:], 0.01 * expected[1:] ** 2, np.zeros(3))
    ratio = actual[1:] / expected[1:]
    np.testing.assert_allclose(gamma, np.sign(ratio - 1) * np.sqrt(2 * (ratio - 1 - np.log(ratio)) / 0.01), rtol=1e-3)


def test_nothing_lies_inside_an_interval_that_it_has_a_chance_in() -> None:
    few, many = np.array([3.0]), np.array([100.0])
    assert interval(few, few, unit=1.0)[0] == 0.0, "of three events all stay away once in twenty times"
    assert interval(many, 0.3 * many**2, unit=1.0)[0] > 5.0, "of a hundred they never do, however they scatter"
    lo, hi = interval(many, many, unit=1.0)
    assert (lo, hi) == (pytest.approx(81, abs=1), pytest.approx(120.5, abs=1))
