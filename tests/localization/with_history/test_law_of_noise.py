"""The law of a leaf's noise: its parts agree with one another, and a list of values pays for what it could have been."""

from itertools import product
from math import comb, log

import numpy as np
import pytest

from core.base.segment import Segment
from core.localization.single_table.leaf_noise import LeafNoise, Size
from core.localization.with_history import leaf_history
from core.localization.with_history.leaf_history import LeafHistory
from core.localization.with_history.scan_search import scan_search
from core.localization.with_history.segment_lattice import SegmentLattice

MEASURES: tuple[Size, ...] = ("larger", "either", "middle", "forecast", "value")
MEAN = np.array([100.0, 100.0, 100.0, 100.0, 7.0])
VALUE = np.array([60.0, 90.0, 100.0001, 150.0, 9.0])


def score(noise: LeafNoise, value: np.ndarray) -> np.ndarray:
    deviation, precision = noise.deviation(value, MEAN)
    return np.asarray(deviation * np.sqrt(precision))


@pytest.mark.parametrize("measured", MEASURES)
@pytest.mark.parametrize(("counts", "spread"), [(1.0, 0.0), (0.0, 0.04), (0.5, 0.01)])
def test_the_stretch_is_the_slope_of_the_score(measured: Size, counts: float, spread: float) -> None:
    noise = LeafNoise(counts=counts, spread=spread, measured=measured, tail=1000.0)
    step = 1e-5 * VALUE
    slope = (score(noise, VALUE + step) - score(noise, VALUE - step)) / (2 * step)
    assert np.exp(noise.stretch(VALUE, MEAN)) == pytest.approx(np.abs(slope), rel=2e-3)


@pytest.mark.parametrize("measured", MEASURES)
def test_a_deviation_is_told_back_as_a_ratio(measured: Size) -> None:
    noise = LeafNoise(counts=0.0, spread=0.01, measured=measured, tail=1000.0)
    deviations, _ = noise.deviation(VALUE, MEAN)
    assert [noise.ratio(deviation) for deviation in deviations.tolist()] == pytest.approx(VALUE / MEAN)


def many_sellers(fallen: str) -> LeafHistory:
    """Counts of 20 sellers on 6 devices; those sellers have halved."""
    values = {"seller_id": ("", *(f"S{number}" for number in range(20))), "device": ("", *(f"D{n}" for n in range(6)))}
    codes = np.array(list(product(range(1, 21), range(1, 7))), np.int32)
    rng, grid = np.random.default_rng(7), SegmentLattice(values, tuple(values), codes)
    past = rng.poisson(300.0, (8, len(codes))).astype(float)
    inside = grid.inside(Segment.parse(fallen))
    return LeafHistory(
        grid=grid,
        actual=rng.poisson(np.where(inside, 150.0, 300.0)).astype(float),
        expected=past.mean(0),
        weeks=past,
        usual=np.tile(past.mean(0), (8, 1)),
        trials=None,
        past_trials=None,
        length=7,
        event=1.0,
    )


def test_a_list_of_values_pays_for_the_lists_of_its_length() -> None:
    (one,) = scan_search(many_sellers("seller_id=S1"))
    (three,) = scan_search(many_sellers("seller_id=S1|S5|S6"))
    assert [str(one.where), str(three.where)] == ["seller_id=S1", "seller_id=S1|S5|S6"]
    assert three.price == pytest.approx(one.price - log(20) + log(comb(20, 3)))


def test_an_event_is_as_large_as_leaves_scatter_from_week_to_week() -> None:
    rng = np.random.default_rng(9)
    denominator = np.full((40, 200), 500.0)
    for size in (1.0, 25.0):
        numerator = size * rng.poisson(0.1 * denominator / size)
        assert leaf_history._event(numerator, denominator, usual=3.0, per_event=True) == pytest.approx(size, rel=0.1)
    assert leaf_history._event(numerator[:1], denominator[:1], usual=3.0, per_event=True) == 3.0


def test_an_event_has_the_size_of_its_money_where_the_denominator_is_a_fraction() -> None:
    """Shares of a denominator in thousands, or of a small one, tell as much as whole units."""
    rng = np.random.default_rng(10)
    denominator = np.full((40, 200), 500.0)
    numerator = 25.0 * rng.poisson(0.1 * denominator / 25.0)
    whole = leaf_history._event(numerator, denominator, usual=3.0, per_event=True)
    assert leaf_history._event(numerator, denominator / 1e5, usual=3.0, per_event=True) >= whole
    scattered = leaf_history._event(numerator * 1e-6, denominator / 1e5, usual=3.0, per_event=True)
    assert scattered == pytest.approx(
        max(whole * 1e-6, float(numerator.sum() * 1e-6 / (denominator / 1e5).sum())), rel=1e-9
    )


def test_a_factor_is_drawn_to_one_by_what_little_there_is() -> None:
    counted, fitted = np.array([3.0, 0.0, 900.0, 5.0]), np.array([1.0, 4.0, 300.0, 0.0])
    assert leaf_history._factor(counted, fitted, 2.0) == pytest.approx([5 / 3, 2 / 6, 902 / 302, 1.0])


def test_rates_are_those_of_the_values_and_then_the_leafs_own() -> None:
    grid = many_sellers("seller_id=S1").grid
    by_device = np.array([0.02, 0.04, 0.06, 0.08, 0.1, 0.12])[grid.codes[:, 1] - 1]
    denominator = np.full(len(grid), 1e5)
    own = np.where(np.arange(len(grid)) == 17, 3.0, 1.0)
    rates = leaf_history._rates(grid, by_device * own * denominator, denominator, 1.0)
    assert rates == pytest.approx(by_device * own, rel=0.02)
