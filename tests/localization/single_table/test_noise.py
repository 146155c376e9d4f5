"""Noise, factor and evidence of a table are what it was made with."""

import numpy as np
import pytest

from core.localization.single_table.common_factor import crowded, general, narrower, settle
from core.localization.single_table.confidence import of_nothing, of_segment
from core.localization.single_table.leaf_noise import LeafNoise
from core.localization.single_table.leaf_table import quantile, renumbered
from core.localization.single_table.noise_fit import fit, fit_rates, grain_of
from core.localization.single_table.ratio_table import as_sums
from tests.localization.single_table.test_localize import GRID, table

LEAVES = 6_000


def relative(seed: int, width: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mean = rng.lognormal(4, 1, LEAVES)
    return mean * (1 + width * rng.standard_normal(LEAVES)).clip(0.01), mean


def counted(seed: int, level: float = 20.0, over: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mean = level * rng.lognormal(0, 1, LEAVES)
    return over * rng.poisson(mean / over), mean


def spread_at(noise: LeafNoise, size: float) -> float:
    """Standard deviation of a leaf of this size."""
    one = np.array([size])
    return float(np.sqrt(noise.variance(one, one, one)[0]))


@pytest.mark.parametrize("width", [0.03, 0.1, 0.25])
def test_relative_noise_has_the_width_that_it_was_made_with(width: float) -> None:
    noise = fit(*relative(1, width), 0.0)
    assert spread_at(noise, 1000.0) / 1000.0 == pytest.approx(width, rel=0.15)


@pytest.mark.parametrize("width", [0.15, 0.2])
@pytest.mark.parametrize("of_either", [True, False])
def test_noise_of_either_figure_is_told_from_that_of_the_larger(width: float, of_either: bool) -> None:
    """Where one figure varies around the other and nobody knows which, the larger of both is farther off half of the time."""
    rng = np.random.default_rng(5)
    size, error, swapped = rng.lognormal(4, 1, LEAVES), width * rng.standard_normal(LEAVES), rng.random(LEAVES) < 0.5
    figures = size, size * ((1 + error) if of_either else (1 - np.abs(error))).clip(0.0)
    noise = fit(np.where(swapped, *figures), np.where(swapped, *figures[::-1]), 0.0)
    assert noise.measured == ("either" if of_either else "larger")
    assert noise.spread**0.5 == pytest.approx(width, rel=0.04)
    assert noise.gaussian


@pytest.mark.parametrize("over", [1.0, 9.0])
def test_counts_scatter_by_their_root(over: float) -> None:
    noise = fit(*counted(2, 60.0, over), 0.0)
    for size in (60.0, 600.0):
        assert spread_at(noise, size) == pytest.approx(np.sqrt(over * size), rel=0.25)


@pytest.mark.parametrize("unit", [0.01, 1e4, 1e9])
def test_noise_has_the_unit_of_the_figures(unit: float) -> None:
    for value, mean in (relative(3, 0.1), counted(3)):
        plain, scaled = fit(value, mean, 0.0), fit(value * unit, mean * unit, 0.0)
        assert spread_at(scaled, 100.0 * unit) == pytest.approx(unit * spread_at(plain, 100.0), rel=0.02)


def test_causes_on_one_side_do_not_widen_the_noise() -> None:
    value, mean = relative(4, 0.05)
    value[: LEAVES // 5] *= 0.5
    assert spread_at(fit(value, mean, 0.0), 1000.0) / 1000.0 == pytest.approx(0.05, rel=0.2)


def test_few_leaves_are_given_a_usual_noise() -> None:
    noise = fit(np.array([1.0, 2.0]), np.array([1.0, 2.0]), 0.0)
    assert spread_at(noise, 100.0) == pytest.approx(10.0)


def test_rates_scatter_as_counts_do_at_least() -> None:
    value, mean = counted(5, 8.0)
    noise = fit_rates(value, mean, 0.0)
    assert 1.0 <= spread_at(noise, 8.0) / np.sqrt(8.0) < 1.6
    wide = fit_rates(*counted(5, 80.0, 3.0), 0.0)
    assert spread_at(wide, 8.0) > spread_at(noise, 8.0)


@pytest.mark.parametrize(("decimals", "expected"), [(0, 1 / 6), (2, 1e-4 / 6), (6, 1e-12 / 6)])
def test_the_grain_of_rounded_figures(decimals: int, expected: float) -> None:
    figures = np.random.default_rng(6).uniform(1, 50, 500).round(decimals)
    assert grain_of(figures, figures) == pytest.approx(expected)
    assert grain_of(figures, np.full(1, np.pi)) == 0.0


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.0, 1.3])
def test_the_factor_by_which_everything_moved(factor: float) -> None:
    value, mean = relative(7, 0.05)
    noise = fit(value, mean, 0.0)
    found = general(value * factor, mean, noise)
    assert found == pytest.approx(factor, rel=0.06)
    assert settle(value * factor, mean, found, noise) == pytest.approx(factor, rel=0.005)
    assert crowded(value * factor, mean) == pytest.approx(factor, rel=0.02)


def test_a_factor_needs_leaves_that_tell() -> None:
    value, mean = relative(8, 0.05)
    noise = fit(value, mean, 0.0)
    assert general(value[:5], mean[:5], noise) is None
    assert crowded(value[:5], mean[:5]) == 1.0
    half = value * np.where(np.arange(LEAVES) < LEAVES // 3, 0.5, 1.0)
    assert general(half, mean, noise) == 1.0, "the forecast is right for most"


def test_the_narrower_of_two_noises() -> None:
    mean = relative(9, 0.1)[1]
    wide, narrow = (fit(*relative(9, width), 0.0) for width in (0.2, 0.05))
    assert narrower(wide, narrow, mean) is narrow
    assert narrower(narrow, wide, mean) is narrow
    assert narrower(wide, wide, mean) is wide


def test_of_noises_that_hardly_differ_the_first_is_kept() -> None:
    mean = relative(9, 0.1)[1]
    first, nearly, clearly = (
        LeafNoise(counts=0.0, spread=0.01 * ratio, measured="larger", tail=1000.0) for ratio in (1.0, 0.9, 0.75)
    )
    assert narrower(first, nearly, mean) is first, "log variances differ by .11"
    assert narrower(first, clearly, mean) is clearly, "they differ by .29"


@pytest.mark.parametrize("unit", [1e-4, 1e6])
def test_vanished_and_new_leaves_are_beyond_noise_in_any_unit(unit: float) -> None:
    value, mean = relative(11, 0.05)
    value[: LEAVES // 8], mean[LEAVES // 8 : LEAVES // 4] = 0.0, 0.0
    plain, scaled = fit(value, mean, 0.0), fit(value * unit, mean * unit, 0.0)
    assert 5.0 < spread_at(plain, 100.0) < 10.0, "were the vanished ones noise, it would be 50"
    assert spread_at(scaled, 100.0 * unit) == pytest.approx(unit * spread_at(plain, 100.0), rel=0.02)


def test_confidence_grows_with_what_is_saved() -> None:
    gains = [of_segment(gain, 50.0, 100.0, rates=False) for gain in (0.0, 4.0, 40.0)]
    assert gains == pytest.approx([0.48, 0.98 - 0.5 * np.exp(-1), 0.98], abs=1e-3)
    assert of_segment(40.0, 4.0, 100.0, rates=False) == pytest.approx(gains[1])
    rates = [of_segment(gain, 50.0, 100.0, rates=True) for gain in (5.5, 50.0, 100.0)]
    assert rates == sorted(rates)
    assert of_segment(5.5, 50.0, 5.5, rates=True) == pytest.approx(0.49)
    assert of_nothing(-2.2) == pytest.approx(0.49)
    assert of_nothing(-20.0) > 0.97 > 0.2 > of_nothing(0.0)


def test_quantiles_are_figures_of_the_table() -> None:
    figures = np.array([5.0, 1.0, 4.0, 2.0, 3.0])
    assert [quantile(figures, share) for share in (0.0, 0.5, 1.0)] == [1.0, 3.0, 5.0]


def test_a_ratio_is_its_numerator_against_the_forecast_rate() -> None:
    base = np.full(len(GRID), 1000.0)
    errors, forecast = np.full(len(GRID), 20.0), np.full(len(GRID), 10.0)
    value, mean, is_counted = as_sums(table(GRID, errors, forecast, actual_base=2 * base, forecast_base=base))
    assert is_counted
    assert value == pytest.approx(errors)
    assert mean == pytest.approx(np.full(len(GRID), 20.0)), "twice the attempts at the same rate"
    successes = as_sums(table(GRID, base - errors, base - forecast, actual_base=base, forecast_base=base))
    assert successes[0] == pytest.approx(errors), "what is mostly a success is counted by its failures"
    assert successes[1] == pytest.approx(forecast)
    money = as_sums(table(GRID, errors * 1.5, forecast * 1e4, actual_base=base, forecast_base=base))
    assert not money[2]
    assert money[1] == pytest.approx(forecast * 1e4, rel=0.01)


def test_codes_are_renumbered_in_their_order() -> None:
    numbers, count = renumbered(np.array([5, 2, 5, 9]))
    assert (numbers.tolist(), count) == ([1, 0, 1, 2], 3)
