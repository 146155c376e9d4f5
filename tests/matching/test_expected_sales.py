"""Intervals of expected sales: their ends are quantiles of counts around a mean that differs from pair to pair."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import nbinom

from core.matching import expected_sales
from core.matching.expected_sales import _calibrated_shapes, _end, _SalesFit


@pytest.mark.parametrize("shape", [0.3, 2.0, 20.0])
def test_ends_are_near_the_quantiles_of_the_negative_binomial(shape: float) -> None:
    mean = np.array([40.0, 300.0])
    counts = nbinom(shape, shape / (shape + mean))
    assert _end(mean, shape, upper=True) == pytest.approx(counts.ppf(0.9), rel=0.06, abs=1)
    if shape > 1:
        assert _end(mean, shape, upper=False) == pytest.approx(counts.ppf(0.1), rel=0.12, abs=1)


def test_the_lower_end_is_nothing_where_nothing_is_likely() -> None:
    mean = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 30.0])
    nothing = nbinom(2.0, 2.0 / (2.0 + mean)).pmf(0)
    assert ((_end(mean, 2.0, upper=False) == 0) == (nothing > 0.1)).all()


@pytest.mark.parametrize("shape", [0.5, 4.0])
def test_calibrated_intervals_cover_four_of_five_of_the_larger_pairs(shape: float) -> None:
    chance = np.random.default_rng(int(10 * shape))
    mean = chance.lognormal(2.5, 1, 12_000)
    lines = chance.poisson(mean * chance.gamma(shape, 1 / shape, len(mean))).astype(float)
    low_shape, high_shape = _calibrated_shapes(mean, lines)
    large = np.argsort(mean)[len(mean) // 2 :]
    assert (lines < _end(mean, low_shape, upper=False))[large].mean() == pytest.approx(0.1, abs=0.02)
    assert (lines > _end(mean, high_shape, upper=True))[large].mean() == pytest.approx(0.1, abs=0.02)
    assert high_shape == pytest.approx(shape, rel=0.35)


def test_shapes_stay_within_their_bounds() -> None:
    mean = np.full(1_000, 50.0)
    low, high = expected_sales._SHAPES
    assert _calibrated_shapes(mean, mean) == pytest.approx((high, high), rel=0.01)
    scattered = np.where(np.arange(1_000) % 2 == 0, 0.0, 1e6)
    least, most = _calibrated_shapes(mean, scattered)
    assert most == pytest.approx(low, rel=0.01)
    assert nbinom(least, least / (least + 50)).pmf(0) == pytest.approx(0.1, abs=0.01)  # the lower end is then nothing


def test_who_sells_as_usual_has_no_effect() -> None:
    pairs = {"_creator": np.array([0, 0, 1, 1]), "_product": np.array([0, 1, 0, 1]), "_days": np.array([1.0, 2, 3, 4])}
    usual = SimpleNamespace(_history=SimpleNamespace(shape=(2, 2)), _usual=np.log([8.0, 4, 2, 5]), **pairs)
    usual._lines = np.array([8.0, 8, 6, 20])
    creators, products, without = _SalesFit._effects(usual)  # type: ignore[arg-type]
    for effects in (creators, products, without):
        assert effects == pytest.approx(np.zeros(effects.shape), abs=1e-12)
