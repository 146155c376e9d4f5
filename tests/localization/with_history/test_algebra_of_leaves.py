"""Laws of leaves by their definitions: densities, sizes, units, drifts, rates and events, on figures counted by hand."""

from dataclasses import replace
from itertools import product
from typing import get_args

import numpy as np
import pytest
from scipy import integrate, special, stats

from core.base.days import Window
from core.base.segment import Segment
from core.cube.cube import Cube, CubePart
from core.localization.single_table import sparse_cuboids
from core.localization.single_table.dense_rollup import DenseRollup
from core.localization.single_table.leaf_noise import SURE, LeafNoise, Size, logarithmic_mean, size_of
from core.localization.single_table.sparse_cuboids import SparseCuboids
from core.localization.with_history import leaf_history
from core.localization.with_history.element_noise import _noise, noises_of, unit_of
from core.localization.with_history.leaf_history import LeafHistory
from core.localization.with_history.leaf_rows import leaf_rows
from core.localization.with_history.segment_lattice import SegmentLattice
from tests.localization.single_table.test_rollup import CODES, EVERY, RADIX, elements
from tests.localization.with_history.test_sums import CATALOGUE, compared

LATTICE_VALUES = {"market": ("", "ID", "TH", "VN"), "device": ("", "app", "web")}
LATTICE = SegmentLattice(
    LATTICE_VALUES, tuple(LATTICE_VALUES), np.array(list(product(range(1, 4), range(1, 3))), np.int32)
)


@pytest.mark.parametrize("tail", [3.0, 8.0, 500.0, 501.0])
def test_scores_have_the_density_of_student_or_gauss(tail: float) -> None:
    noise = LeafNoise(counts=0.0, spread=1.0, measured="forecast", tail=tail)
    scores = np.linspace(-6, 6, 25)
    law = stats.norm.logpdf(scores) if tail > 500 else stats.t.logpdf(scores, tail)
    assert noise.log_density(scores**2) + noise.constant == pytest.approx(law)
    expected = np.minimum(law.max() - law, SURE)
    assert noise.bounded(scores) ** 2 / 2 == pytest.approx(expected)
    assert (np.sign(noise.bounded(scores)) == np.sign(scores)).all()
    assert noise.bounded(np.array([-1e6, 1e6])).tolist() == pytest.approx([-((2 * SURE) ** 0.5), (2 * SURE) ** 0.5])


@pytest.mark.parametrize("measured", ["forecast", "middle", "value"])
@pytest.mark.parametrize("tail", [30.0, 1000.0])
def test_values_have_a_density(measured: Size, tail: float) -> None:
    noise = LeafNoise(counts=0.5, spread=0.003, measured=measured, tail=tail, grain=0.1)

    def density(value: float) -> float:
        figures = np.array([value]), np.array([200.0])
        deviations, precisions = noise.deviation(*figures)
        logs = noise.log_density(deviations**2 * precisions) + noise.stretch(*figures) + noise.constant
        return float(np.exp(logs[0]))

    assert integrate.quad(density, 60, 600, points=[200], limit=200)[0] == pytest.approx(1, abs=5e-3)


def test_sizes_of_leaves_by_their_measures() -> None:
    value, mean = np.array([80.0, 0.0, 200.0, -50.0, 100.0]), np.array([100.0, 100.0, 0.0, 20.0, 100.0])
    larger = [100, 100, 200, 50, 100]
    found = {measured: size_of(measured, value, mean) for measured in get_args(Size)}
    assert found["larger"].tolist() == larger
    assert found["middle"].tolist() == [90, 50, 100, 35, 100]
    assert found["forecast"].tolist() == [100, 100, 40, 20, 100]
    assert found["value"].tolist() == [80, 20, 200, 50, 100]
    deviances = 2 * (special.xlogy([80, 200], [0.8, 200 / 100]) - [-20, 100])
    assert size_of("deviance", np.array([80.0, 200.0]), np.array([100.0, 100.0])) == pytest.approx(
        [20**2 / deviances[0], 100**2 / deviances[1]]
    )
    assert size_of("deviance", np.array([0.0, 100.0]), np.array([100.0, 100.0])) == pytest.approx([50, 100])
    near = np.array([100.0999, 100.1001])
    assert np.ptp(size_of("deviance", near, np.full(2, 100.0))) < 1e-3, "no step where the formula changes"
    assert logarithmic_mean(value, mean) == pytest.approx([20 / np.log(100 / 80), 20, 40, 30 / np.log(2.5), 100]), (
        "at least a fifth of the larger"
    )


def history(now: list[float], weeks: list[list[float]], trials: list[list[float]] | None = None) -> LeafHistory:
    past = np.array(weeks).reshape(-1, 6)
    usual = np.outer(past.sum(1) / past.sum(1).mean(), past.mean(0)) if len(past) else past
    shares = None if trials is None else np.array(trials)
    return LeafHistory(
        grid=LATTICE,
        actual=np.array(now),
        expected=past.mean(0) if len(past) else np.ones(6),
        weeks=past,
        usual=usual,
        trials=None if shares is None else shares[0],
        past_trials=None if shares is None else shares[1:],
        length=7,
        event=1.0,
    )


def weeks(count: int, seed: int = 1) -> list[list[float]]:
    return np.random.default_rng(seed).poisson(60.0, (count, 6)).astype(float).tolist()


def test_the_unit_is_what_elements_scatter_by_for_each_expected_one() -> None:
    past = weeks(5)
    trials = np.full((6, 6), 240.0)
    for shares in (False, True):
        plain = history(past[0], past, trials.tolist() if shares else None)
        # both dimensions are shown whole, so that the widest elements are the leaves
        squares = ((plain.weeks - plain.usual) ** 2).sum()
        weight = (plain.usual * (1 - plain.usual / 240 if shares else 1)).sum()
        assert unit_of(plain) == pytest.approx(squares / (weight * 4 / 5))
    assert unit_of(replace(plain, weeks=plain.weeks[:0], usual=plain.usual[:0], event=7.0)) == 7.0


def test_drifts_from_few_weeks_and_from_many() -> None:
    rng = np.random.default_rng(2)
    now = rng.poisson(900.0, (8, 3)).astype(float) * np.exp(rng.normal(0, 0.2, (8, 3)))
    usual = np.tile(now.mean(0), (8, 1))
    for used in (2, 3):
        squares = ((now[:used] - usual[:used]) ** 2).sum(0) / (used - 1)
        excess = squares / usual[0] - 1.5
        assert _noise(now[:used], usual[:used], 7, 1.5).drift == pytest.approx(excess.sum() / usual[0].sum())
    errors = []
    for week in range(5):
        before = slice(week + 1, min(week + 7, 8))
        forecast = usual[week] * now[before].sum(0) / usual[before].sum(0)
        errors.append((now[week] - forecast) ** 2 / (1 + 1 / (before.stop - before.start)))
    excess = np.mean(errors, axis=0) / usual[0] - 1.5
    many = _noise(now, usual, 7, 1.5).drift
    assert many == pytest.approx(excess.sum() / usual[0].sum())
    assert (
        _noise(now, usual, 28, 1.5).drift
        == _noise(now, usual, 1, 1.5).drift * (4 / 7) ** 0.5
        == pytest.approx(2 * many)
    )
    small = np.column_stack([now, np.full(8, 1.0)])
    assert _noise(small, np.column_stack([usual, np.full(8, 1.4)]), 7, 1.5).drift == pytest.approx(many), (
        "below one event"
    )
    assert _noise(usual, usual, 7, 1.0).drift == pytest.approx(0.01**2)
    assert _noise(now, usual, 7, 1e9).drift == 0.01**2


def test_an_element_strays_as_its_dimension_that_strays_most() -> None:
    past = np.array(weeks(8, 3)) * 20
    past[::2, :2] *= 1.5  # ID wanders, devices do not
    found = noises_of(history(past[0].tolist(), past.tolist()), 20.0)
    market, device = found[(0,)].drift, found[(1,)].drift
    assert market > 4 * device
    assert found[(0, 1)].drift == market
    short = noises_of(history(past[0].tolist(), past[:1].tolist()), 20.0)
    assert {noise.drift for noise in short.values()} == {0.01**2}


def test_what_is_taken_out_has_nothing_left() -> None:
    past = weeks(4)
    trials = (np.array(weeks(5, 9)) + 200).tolist()
    whole = history(past[0], past, trials)
    left = whole.without([Segment.parse("market=ID"), Segment.parse("market=TH,device=app")])
    kept = np.array([False, False, False, True, True, True])
    for name in ("actual", "expected", "weeks", "usual", "trials", "past_trials"):
        before, after = getattr(whole, name), getattr(left, name)
        assert after.tolist() == np.where(kept, before, 0).tolist(), name
    plain = history(past[0], past).without([Segment.parse("market=ID")])
    assert plain.trials is plain.past_trials is None


def test_shares_events_amounts_and_factors() -> None:
    assert leaf_history._share(np.array([6.0, 3.0]), np.array([3.0, 0.0])).tolist() == [2, 1]
    assert leaf_history._share(np.array([6.0, 3.0]), 2.0).tolist() == [3, 1.5]
    assert leaf_history._amount(np.array([[0.0, 5.0, -9.0], [0.0, 6.0, 0.0]])) == 6
    assert leaf_history._amount(np.zeros((2, 3))) == 1
    assert leaf_history._factor(np.array([5.0, 5.0]), np.array([0.0, 1.0]), 8.0) == pytest.approx([1, 13 / 9])
    upper, lower = np.array([[30.0, 10.0], [10.0, 30.0]]), np.array([[100.0, 100.0], [100.0, 100.0]])
    # each leaf has a rate of a fifth, so that each strays by ten: four hundred over eighty
    assert leaf_history._event(upper, lower, 3.0, True) == pytest.approx(400 / 80)
    assert leaf_history._event(np.full((2, 2), 20.0), np.full((2, 2), 10.0), 3.0, True) == pytest.approx(2)
    amounts = np.full((2, 2), 20.0), np.full((2, 2), 10.0)
    assert leaf_history._event(*amounts, 3.0, False) == 3, "one euro of spending is no event"
    for nothing in (upper[:1], 0 * upper):
        assert leaf_history._event(nothing, lower[: len(nothing)], 3.0, True) == 3.0
    assert leaf_history._event(upper, 0 * lower, 3.0, True) == 3.0


def test_rates_are_raked_from_the_whole_to_the_leaf() -> None:
    rng = np.random.default_rng(5)
    lower = rng.uniform(500, 900, 6)
    upper = lower * np.array([0.1, 0.2, 0.1, 0.2, 0.1, 0.2]) * rng.uniform(0.9, 1.1, 6)
    rate = np.full(6, upper.sum() / lower.sum())
    for _ in range(4):
        for axis in range(2):
            for code in range(1, 4):
                mine = LATTICE.codes[:, axis] == code
                if mine.any():
                    rate[mine] *= (upper[mine].sum() + 20) / ((rate * lower)[mine].sum() + 20)
    rate *= (upper + 20) / (rate * lower + 20)
    assert leaf_history._rates(LATTICE, upper, lower, 20.0) == pytest.approx(rate)


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e4])
def test_where_creators_are_at_home_does_not_depend_on_the_unit(unit: float) -> None:
    values = {"channel": ("", "live", "video"), "creator_id": ("", "c1", "c2", "c3")}
    codes = {"channel": np.array([1, 2, 2], np.int32), "creator_id": np.array([1, 1, 2], np.int32)}
    sold = CubePart(np.full(3, 28, np.int32), codes, {"gmv": unit * np.array([3.0, 1.0, 9.0])})
    accused = {"creator_id": np.array([1, 2, 3], np.int32)}
    told = CubePart(np.full(3, 28, np.int32), accused, {"violations": np.array([1.0, 10.0, 100.0])})
    (stock,) = leaf_rows([(Cube(Window(28, 34), values, (sold, told)), Cube(Window(0, 27), values, ()))])
    assert stock.about(Segment.parse("channel=live"), "gmv").daily("violations").sum() == 1.0


@pytest.mark.parametrize(
    ("limit", "value", "cuboids"), [("_VISITS", 200, 3), ("_MOST_CUBOIDS", 7, 7), ("_MOST_CUBOIDS", 5, 0)]
)
def test_the_walk_through_sparse_cuboids_ends(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, cuboids: int
) -> None:
    rollup = DenseRollup(CODES, RADIX, 14)
    odd = np.arange(60)

    def walked() -> list[tuple[int, ...]]:
        return [hit.axes for hit in SparseCuboids(rollup, odd, np.full(60, 9.0), np.ones(60), lambda _: 4.0).cuboids]

    whole = walked()
    assert whole == [axes for axes in EVERY if len(axes) > 1 and elements(axes)]
    monkeypatch.setattr(sparse_cuboids, limit, value)
    assert walked() == whole[:cuboids], "sixty leaves in each cuboid"


def test_only_shares_have_trials_and_nobody_has_a_home() -> None:
    share = leaf_history.leaf_history(CATALOGUE.metric("ctr"), compared(), ("market",))
    assert share.past_trials is not None
    assert share.past_trials.tolist() == [[0, 1400, 2100]] * 4
    rate = leaf_history.leaf_history(CATALOGUE.metric("impressions"), compared(), ("market",))
    assert rate.trials is rate.past_trials is None
    over = replace(CATALOGUE.metric("ctr"), numerator=CATALOGUE.metric("impressions").numerator)
    swapped = replace(over, denominator=CATALOGUE.metric("clicks").numerator)
    many = leaf_history.leaf_history(swapped, compared(), ("market",))
    assert many.trials is many.past_trials is None, "ten of each are no share"
    values = {"channel": ("", "live", "video"), "creator_id": ("", "c1")}
    codes = {"channel": np.array([1, 2], np.int32), "creator_id": np.array([0, 1], np.int32)}
    seen = CubePart(np.full(2, 28, np.int32), codes, {"clicks": np.array([9.0, 9.0])})
    told = {"creator_id": np.array([0, 1], np.int32)}
    named = CubePart(np.full(2, 28, np.int32), told, {"violations": np.array([1.0, 10.0])})
    (stock,) = leaf_rows([(Cube(Window(28, 34), values, (seen, named)), Cube(Window(0, 27), values, ()))])
    assert stock.about(Segment.parse("channel=live"), "clicks").daily("violations").sum() == 0
