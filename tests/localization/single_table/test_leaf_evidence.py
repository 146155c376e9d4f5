"""What leaves say together: the best common deviation, and what it saves against being ordinary."""

import numpy as np
import pytest

from core.localization.single_table import leaf_evidence
from core.localization.single_table.leaf_evidence import EXTRA, LeafEvidence
from core.localization.single_table.leaf_noise import SURE, LeafNoise, Size
from core.localization.single_table.leaf_table import Rows

WIDTH = 0.1
GAUSSIAN = LeafNoise(counts=0.0, spread=WIDTH**2, measured="forecast", tail=1000.0)
EVERY = np.arange(400)


def leaves(scores: np.ndarray, mean: float = 1e3, deviation: float = 0.0, noise: LeafNoise = GAUSSIAN) -> LeafEvidence:
    """Leaves at a common deviation, and off it by so many standard deviations."""
    forecast = np.full(len(scores), mean + np.pi)
    return LeafEvidence(forecast * (1 + deviation + WIDTH * scores), forecast, forecast, noise)


def gaussian(seed: int, size: int = 400, width: float = 1.0) -> np.ndarray:
    return width * np.random.default_rng(seed).standard_normal(size)


@pytest.mark.parametrize("deviation", [-0.6, -0.2, 0.3, 2.0])
def test_a_common_deviation_saves_what_the_likelihood_says(deviation: float) -> None:
    known = leaves(gaussian(1), deviation=deviation)
    fit = known.fit(EVERY, 0.0)
    assert fit.deviation == pytest.approx(deviation, abs=0.02)
    assert (fit.narrow, fit.spread) == (1.0, 0.0)
    # log likelihood at the common deviation, where no leaf speaks for more than `SURE` against being ordinary
    near = ((known.deviations - fit.deviation) / WIDTH) ** 2 / 2
    far = np.minimum((known.deviations / WIDTH) ** 2 / 2, SURE)
    assert fit.likelihood == pytest.approx(-near.sum())
    assert fit.gain == pytest.approx((far - near).sum())
    assert fit.shift == np.inf
    assert known.gains(EVERY, fit) == pytest.approx(far - near)


def test_only_what_goes_beyond_the_others_counts() -> None:
    known = leaves(gaussian(2), deviation=0.4)
    alone, beside, beyond, against = (known.fit(EVERY, outside).gain for outside in (0.0, 0.2, 0.9, -0.5))
    assert alone == against > 1.5 * beside > 0
    assert beyond == pytest.approx(0.0, abs=1.0), "no further than the others"
    again = known.fit(EVERY, 0.2, known.fit(EVERY, 0.0))
    assert again == known.fit(EVERY, 0.2)


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.8])
def test_leaves_that_scatter_are_told_from_a_shift(spread: float) -> None:
    scattered = leaves(gaussian(3, width=np.hypot(1, spread / WIDTH))).fit(EVERY, 0.0)
    shifted = leaves(gaussian(3, width=np.hypot(1, spread / WIDTH)), deviation=1.5).fit(EVERY, 0.0)
    assert scattered.spread == shifted.spread == pytest.approx(spread)
    assert scattered.gain > 10
    assert abs(scattered.shift) < 5 < shifted.shift


def test_leaves_that_follow_more_closely_than_noise_are_seen() -> None:
    for width, narrow in ((0.5, 0.5), (0.05, 0.2)):
        fit = leaves(gaussian(4, width=width), deviation=0.3).fit(EVERY, 0.0)
        assert fit.narrow == pytest.approx(narrow, rel=0.1)
        assert fit.spread == 0.0
    two = leaves(np.array([0.01, -0.01]), deviation=0.3).fit(np.arange(2), 0.0)
    assert (two.narrow, two.spread) == (1.0, 0.0), "of two leaves nobody knows"


def test_counts_keep_their_noise_however_closely_a_cause_is_followed() -> None:
    """Half of the noise of ordinary leaves is counting, which a cause cannot take away."""
    forecast = np.full(400, 100.0 + np.pi)
    noise = LeafNoise(counts=1.0, spread=0.03, measured="forecast", tail=1000.0)
    value = forecast * (1.4 + 0.001 * gaussian(5))
    fit = LeafEvidence(value, forecast, forecast, noise).fit(EVERY, 0.0)
    own = 1 / forecast[0] + 0.03
    least = max(own - (1 - fit.narrow**2) * 0.03, fit.narrow**2 * own)
    assert fit.likelihood == pytest.approx(-0.5 * 400 * np.log(least / own), rel=0.02)


def test_whole_units_are_rounded_to() -> None:
    """A cause of -35 % leaves 2 of 3 and 1 of 1, which no ordinary noise tells so exactly."""
    forecast = np.tile([1.0, 2.0, 3.0, 4.0], 30)
    value = np.round(forecast * 0.65)
    noise = LeafNoise(counts=0.0, spread=0.05**2, measured="forecast", tail=1000.0)
    rows = np.arange(len(forecast))
    whole = LeafEvidence(value, forecast, forecast, noise).fit(rows, 0.0)
    broken = LeafEvidence(value, forecast, forecast + 1e-6, noise).fit(rows, 0.0)
    assert whole.likelihood > broken.likelihood + 20
    large = LeafEvidence(value * 100, forecast * 100, forecast * 100, noise).fit(rows, 0.0)
    assert large.likelihood == pytest.approx(broken.likelihood, rel=0.05), "of large figures rounding is not felt"


@pytest.mark.parametrize(
    ("noise", "full"),
    [
        (GAUSSIAN, False),
        (LeafNoise(counts=1.0, spread=0.01, measured="middle", tail=1000.0), True),
        (LeafNoise(counts=0.0, spread=0.01, measured="larger", tail=8.0), True),
        (LeafNoise(counts=0.0, spread=0.01, measured="deviance", tail=1000.0), True),
        (LeafNoise(counts=0.0, spread=1e-9, measured="larger", tail=1000.0), True),
    ],
)
def test_a_single_leaf_is_cheap_only_where_noise_is_gaussian(noise: LeafNoise, full: bool) -> None:
    price = leaves(gaussian(6), noise=noise).leaf_price
    assert price == (EXTRA if full else pytest.approx(np.log(2) + 0.5 * np.log1p(2 / np.pi / WIDTH**2)))


def test_of_noise_of_either_figure_a_leaf_costs_one_bit_less() -> None:
    either, larger = (
        leaves(gaussian(6), noise=LeafNoise(counts=0.0, spread=0.01, measured=measured, tail=1000.0)).leaf_price
        for measured in ("either", "larger")
    )
    assert larger - either == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("scores", "number"),
    [
        ([5.0, 0.1], 1),
        ([4.9, 4.8, 4.7, 0.3], 3),  # worth 11.0 and more, where one of three costs 12.1 - log(3)
        ([5.0, 4.0, -4.9, -4.9], 1),  # what is too near and what is on the other side is not named with it
        ([4.5] * 20, 8),  # no more than eight are named together
    ],
)
def test_leaves_that_are_named_together_cost_less_each(scores: list[float], number: int) -> None:
    known = leaves(np.array(scores))
    assert known.together(0, np.ones(len(scores), bool), price=12.1) == pytest.approx(np.log(number))


@pytest.mark.parametrize(("mirror", "is_noise"), [(-5.1, True), (-4.9, False), (5.1, False)])
def test_a_leaf_as_far_on_the_other_side(mirror: float, is_noise: bool) -> None:
    known = leaves(np.array([5.0, mirror, 0.3, -0.2]))
    assert known.mirrored(0, np.ones(4, bool), price=15.0) is is_noise
    assert known.mirrored(0, np.array([True, False, True, True]), price=15.0) is False, "another cause owns it"
    assert known.mirrored(0, np.ones(4, bool), price=0.1) is (mirror < 0), "it would pay the price too"


@pytest.mark.parametrize("measured", ["larger", "either", "middle", "forecast", "value"])
def test_vanished_and_new_leaves_are_worth_no_more_than_sure(measured: Size) -> None:
    value, mean = np.array([0.0, 50.0, 1e6]), np.array([50.0, 0.0, 1.0])
    known = LeafEvidence(value, mean, mean, LeafNoise(counts=0.0, spread=0.01, measured=measured, tail=1000.0))
    assert known.worth == pytest.approx([SURE] * 3)
    assert np.sign(known.scores).tolist() == [-1, 1, 1]
    assert np.isfinite(known.deviations).all()


def test_weighted_middles_start_the_search() -> None:
    """A tenth of wild leaves does not take the common deviation away."""
    rows: Rows = np.arange(200)
    scores = gaussian(7, 200)
    scores[::10] = 80.0
    heavy = LeafNoise(counts=0.0, spread=WIDTH**2, measured="forecast", tail=5.0)
    fit = leaves(scores, deviation=-0.5, noise=heavy).fit(rows, 0.0)
    assert fit.deviation == pytest.approx(-0.5, abs=0.03)
    some, weights = np.array([30.0, 10.0, 20.0, 40.0]), np.array([1.0, 4.0, 3.0, 2.0])
    assert leaf_evidence._middles(some, weights) == [21.0, 10.0, 20.0, 20.0], "3, 5 and 7 of the 10 come by 10, 20, 20"
    assert leaf_evidence._middles(some[:2], weights[:2]) == [14.0]
