"""Figures that the localizer rests on, each against what it is defined as: densities, sizes, factors, parts of a table."""

from time import process_time

import numpy as np
import pytest

from core.localization.single_table.common_factor import crowded, general
from core.localization.single_table.leaf_evidence import LeafEvidence
from core.localization.single_table.leaf_noise import LeafNoise, size_of
from core.localization.single_table.localize import localize
from core.localization.single_table.noise_fit import fit
from core.localization.single_table.ratio_table import as_sums
from core.localization.single_table.table_search import table_search
from tests.localization.single_table.test_localize import GRID, table

LEAVES = 6_000
EXACT = LeafNoise(counts=0.0, spread=0.02**2, measured="larger", tail=1000.0)


def relative(seed: int, width: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mean = rng.lognormal(4, 1, LEAVES)
    return mean * (1 + width * rng.standard_normal(LEAVES)), mean


@pytest.mark.parametrize("tail", [3.0, 8.0, 40.0, 1000.0])
def test_a_density_sums_up_to_one(tail: float) -> None:
    noise = LeafNoise(counts=0.0, spread=1.0, measured="larger", tail=tail)
    scores = np.linspace(-400, 400, 800_001)
    assert np.exp(noise.log_density(scores**2) + noise.constant).sum() * 1e-3 == pytest.approx(1, abs=2e-4)


def test_the_size_of_counts_is_their_mean_where_nothing_moved() -> None:
    mean = np.array([3.0, 80.0, 5e4])
    assert size_of("deviance", mean, mean) == pytest.approx(mean)
    for step in (0.999e-3, 1.001e-3):  # on both sides of where a series takes the place of the quotient
        assert size_of("deviance", mean * (1 + step), mean) == pytest.approx(mean * (1 + step / 3), rel=1e-6)


def test_of_two_factors_that_many_leaves_share_the_nearer_to_one_is_general() -> None:
    rng = np.random.default_rng(1)
    mean = rng.lognormal(4, 1, LEAVES)
    factors = np.where(np.arange(LEAVES) < 0.6 * LEAVES, 0.5, 0.8)
    assert general(mean * factors, mean, EXACT) == pytest.approx(0.8, rel=0.03)


@pytest.mark.parametrize(("share", "factor"), [(0.18, 0.5), (0.12, 1.0)])
def test_a_factor_is_general_when_a_good_part_of_the_leaves_shares_it(share: float, factor: float) -> None:
    """The others are scattered over an eighth to eight times, so that hardly two of them agree."""
    rng = np.random.default_rng(2)
    mean = rng.lognormal(4, 1, LEAVES)
    scattered = np.exp(rng.uniform(-2.1, 2.1, LEAVES))
    value = mean * np.where(np.arange(LEAVES) < share * LEAVES, 0.5, scattered)
    assert general(value, mean, EXACT) == pytest.approx(factor, rel=0.03)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_where_the_larger_leaves_crowd_depends_on_no_unit(unit: float) -> None:
    value, mean = relative(3)
    value *= 0.7
    value[::9] = 0.0
    mean[1::9] = 0.0
    assert crowded(value, mean) == pytest.approx(0.7, rel=0.02)
    assert crowded(value * unit, mean * unit) == pytest.approx(crowded(value, mean))


@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("share", [0.1, 0.35])
def test_a_cause_of_most_of_a_side_does_not_widen_the_noise(factor: float, share: float) -> None:
    value, mean = relative(4)
    value[: int(share * LEAVES)] *= factor
    noise = fit(value, mean, 0.0)
    one = np.array([1000.0])
    assert noise.variance(one, one, one)[0] ** 0.5 / 1000 == pytest.approx(0.05, rel=0.2)


def test_whole_units_that_are_off_by_one_speak_less_for_a_cause_on_either_side() -> None:
    forecast = np.tile([6.0, 8.0, 10.0, 12.0], 30)
    noise = LeafNoise(counts=0.0, spread=0.05**2, measured="forecast", tail=1000.0)
    rows = np.arange(len(forecast))
    likelihoods = []
    for off in (0.0, 1.0, -1.0):
        value = np.round(forecast * 0.5)
        value[:4] += off
        likelihoods.append(LeafEvidence(value, forecast, forecast, noise).fit(rows, 0.0).likelihood)
    assert likelihoods[0] > max(likelihoods[1:]) + 2


def test_the_part_of_a_table_that_causes_own_is_that_of_their_leaves() -> None:
    inside = GRID[:, 0] == 1
    mean = np.random.default_rng(5).lognormal(4, 1, len(GRID))
    noise = 1 + 0.02 * np.random.default_rng(6).standard_normal(len(GRID))
    result = table_search(np.asfortranarray(GRID), mean * noise * np.where(inside, 0.5, 1.0), mean, False)
    assert [(element.axes, element.codes) for element in result.elements] == [((0,), (1,))]
    assert result.owned == pytest.approx(inside.mean())
    calm = table_search(np.asfortranarray(GRID), mean * noise, mean, False)
    assert (calm.elements, calm.owned) == ((), 0.0)
    assert calm.nearest < 0


def test_rates_of_successes_are_counted_by_their_failures_though_some_leaves_have_none() -> None:
    base, base_forecast = np.full(len(GRID), 50.0), np.full(len(GRID), 60.0)
    rng = np.random.default_rng(7)
    good, good_forecast = base - rng.poisson(1.0, len(GRID)), base_forecast - rng.poisson(1.2, len(GRID))
    assert (good == base).any()
    assert (good_forecast == base_forecast).any()
    failed, expected, counted = as_sums(table(GRID, good, good_forecast, actual_base=base, forecast_base=base_forecast))
    assert counted
    assert failed == pytest.approx(base - good)
    assert expected.sum() == pytest.approx(float((base_forecast - good_forecast).sum()) * 50 / 60, rel=0.05)


def test_own_seconds_are_those_of_the_processor() -> None:
    value, mean = (column[: len(GRID)] for column in relative(8))
    started = process_time()
    seconds = localize(table(GRID, value, mean)).seconds
    assert 0 <= seconds <= process_time() - started
