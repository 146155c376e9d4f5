"""The rounds that take causes out of a table: from which side noise is learnt, parts, joins, and what follows from others."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from core.localization.single_table import common_factor, element_selection
from core.localization.single_table.element_selection import Element, Round
from core.localization.single_table.leaf_evidence import LeafEvidence
from core.localization.single_table.leaf_noise import SURE, LeafNoise
from core.localization.single_table.noise_fit import _calm_side, _narrow_side
from core.localization.with_history.element_noise import _error_of_week

GRID = np.stack([one.ravel() for one in np.indices((4, 5, 6))], axis=1).astype(np.int32)
NOISE = LeafNoise(counts=0.0, spread=0.05**2, measured="forecast", tail=1000.0)


def played(factor: np.ndarray, seed: int = 1, uneven: bool = False, play: bool = True) -> Round:
    rng = np.random.default_rng(seed)
    mean = rng.lognormal(4, 0.5, len(GRID))
    value = mean * factor * (1 + 0.05 * rng.standard_normal(len(GRID)))
    made = Round(GRID, LeafEvidence(value, mean, mean, NOISE), 0.0, uneven)
    return made.play() if play else made


def inside(**codes: int) -> np.ndarray:
    held = np.ones(len(GRID), bool)
    for axis, code in codes.items():
        held &= GRID[:, "abc".index(axis)] == code
    return held


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_noise_is_learnt_from_the_side_without_anomalies(sign: float) -> None:
    scores = sign * np.random.default_rng(2).standard_normal(4000)
    assert _calm_side(scores).all()
    assert _narrow_side(scores).all()
    fallen = np.where(np.arange(4000) < 60, sign * 9.0, scores)
    assert (_calm_side(fallen) == (fallen * sign <= 0)).all()
    zero = np.r_[fallen, 0.0]
    assert _calm_side(zero)[-1], "what is as expected is on either side"
    wide = np.where(scores * sign > 0, 2 * scores, scores)
    assert (_narrow_side(wide) == (wide * sign < 0)).all()
    assert _narrow_side(np.where(scores * sign > 0, 1.1 * scores, scores)).all(), "no clear difference"
    assert _narrow_side(wide[:20]).all(), "too few to tell"


def test_causes_own_their_leaves_and_nothing_else() -> None:
    made = played(np.where(inside(a=1, b=2), 0.5, 1.0) * np.where(inside(c=4), 1.5, 1.0))
    names = {element.name: element for element in made.found}
    assert set(names) == {((2,), (4,)), ((0, 1), (1, 2))}
    owned = np.zeros(len(GRID), int)
    for element in made.found:
        assert element.holds(GRID[element.rows]).all()
        owned[element.rows] += 1
        assert element.gain > 0
        assert element.gain == pytest.approx(element.fit.gain - made.lattice.price(element.axes))
    assert owned.max() == 1
    assert ((owned == 0) == made.free).all()
    assert made.found[0].gain == max(element.gain for element in made.found)


def test_elements_have_one_name_whatever_the_order_of_their_axes() -> None:
    made = played(np.ones(len(GRID)), play=False)
    one, other = made.weigh((0, 2), (1, 4)), made.weigh((2, 0), (4, 1))
    assert one.name == other.name == ((0, 2), (1, 4))
    assert sorted(one.rows) == sorted(other.rows) == np.flatnonzero(inside(a=1, c=4)).tolist()
    part = made.weigh((0,), (1,), np.flatnonzero(inside(b=2)))
    assert part.rows.tolist() == np.flatnonzero(inside(a=1, b=2)).tolist()


def element(made: Round, **codes: int) -> Element:
    return made.weigh(tuple("abc".index(axis) for axis in codes), tuple(codes.values()))


def test_ratios_are_of_sums_and_bounded() -> None:
    made = played(np.where(inside(a=1), 0.5, 1.0), play=False)
    whole = element(made, a=1)
    value, mean = made.evidence.value[whole.rows].sum(), made.evidence.mean[whole.rows].sum()
    assert made._log_ratio(whole) == pytest.approx(log(value / mean))
    gone = played(np.where(inside(a=1), 0.0, 1.0), play=False)
    assert gone._log_ratio(element(gone, a=1)) == pytest.approx(-log(1e9))
    for unit in (1e-4, 1e4):
        scaled = LeafEvidence(made.evidence.value * unit, made.evidence.mean * unit, made.evidence.mean * unit, NOISE)
        other = Round(GRID, scaled, 0.0, uneven=False)
        assert other._log_ratio(element(other, a=1)) == pytest.approx(log(value / mean))


@pytest.mark.parametrize(("both", "follows"), [(0.25, True), (1.9, False)])
def test_what_two_causes_share_follows_from_them(both: float, follows: bool) -> None:
    factor = np.where(inside(a=1), 0.5, 1.0) * np.where(inside(b=2), 0.5, 1.0)
    made = played(np.where(inside(a=1, b=2), both, factor), play=False)
    first, second, shared = element(made, a=1), element(made, b=2), element(made, a=1, b=2)
    apart = [replace(one, rows=np.setdiff1d(one.rows, shared.rows)) for one in (first, second)]
    made.found = [*apart, shared]
    assert made._follows(shared) is follows
    assert not made._follows(apart[0])
    made.found = [apart[0], shared]
    assert not made._follows(shared), "one cause alone explains no product"


def test_what_moved_as_the_whole_is_said_with_it() -> None:
    made = played(np.where(inside(a=1), 0.5, 1.0), play=False)
    whole, part = element(made, a=1), element(made, a=1, b=2)
    rest = made._element(whole.axes, whole.codes, np.setdiff1d(whole.rows, part.rows))
    made.found = [part, rest]
    made._join()
    (joined,) = made.found
    assert joined.name == whole.name
    assert sorted(joined.rows) == sorted(whole.rows)
    other = played(np.where(inside(a=1, b=2), 0.9, np.where(inside(a=1), 0.5, 1.0)), play=False)
    part = element(other, a=1, b=2)
    rest = other._element((0,), (1,), np.setdiff1d(element(other, a=1).rows, part.rows))
    other.found = [part, rest]
    other._join()
    assert len(other.found) == 2, "it moved otherwise"


@pytest.mark.parametrize("fall", [0.4, 1.8])
def test_a_part_is_named_and_not_the_whole_around_it(fall: float) -> None:
    """All that is promising above it is split until the part is left."""
    made = played(np.where(inside(a=1, b=2, c=3), fall, 1.0) * np.where(inside(a=3, c=1), 0.6, 1.0), seed=3)
    assert {one.name for one in made.found} >= {((0, 2), (3, 1))}
    deep = played(np.where(inside(a=1, b=2), fall, 1.0), seed=4)
    assert [one.name for one in deep.found] == [((0, 1), (1, 2))]
    whole = element(deep, a=1)
    fresh = played(np.where(inside(a=1, b=2), fall, 1.0), seed=4, play=False)
    whole = element(fresh, a=1)
    split = fresh._split(replace(whole, fit=fresh.evidence.fit(whole.rows, 0.0)))
    assert split is not None
    assert fresh._part(whole, split).name == ((0, 1), (1, 2))


@pytest.mark.parametrize(("visits", "added"), [(90, [(1,), (2,), (1, 2)]), (89, [(1,), (2,)]), (0, [(1,), (2,)])])
def test_parts_by_one_dimension_are_always_looked_at(
    monkeypatch: pytest.MonkeyPatch, visits: int, added: list[tuple[int, ...]]
) -> None:
    """Of 120 leaves a = 1 holds 30: three ways to split them visit 90."""
    monkeypatch.setattr(element_selection, "_VISITS", visits)
    fresh = played(np.ones(len(GRID)), play=False)
    assert [extra for extra, _, _ in fresh._parts(element(fresh, a=1))] == added


def test_leaves_agree_with_a_factor_up_to_two_standard_deviations() -> None:
    mean = np.full(5, 200.0)
    value = mean * (1 + 0.05 * np.array([0.0, 1.0, -2.0, 2.5, 9.0]))
    assert common_factor._agreement(value, mean, NOISE) == pytest.approx(2 + 1.5 + 0 + 0 + 0)
    precise = np.repeat(mean, 400)
    half = np.r_[np.full(1400, 1.0), np.full(600, 0.5)] * precise
    assert common_factor.general(half, precise, NOISE) == 1.0, "more than 15 % are as they were"
    assert common_factor.general(half[::-1] * np.r_[np.full(250, 1.0), np.full(1750, 0.6)], precise, NOISE) != 1.0
    known = common_factor.settle(precise * 0.8, precise, 0.82, NOISE)
    assert known == pytest.approx(0.8, abs=1e-4)
    few = common_factor.settle(np.array([80.0]), np.array([100.0]), 0.8, NOISE)
    assert few == pytest.approx(0.8)


@pytest.mark.parametrize("tail", [5.0, 1000.0])
def test_densities_of_leaves_with_a_common_deviation(tail: float) -> None:
    """Whole units may be rounded: half of the time exactly so."""
    noise = replace(NOISE, tail=tail)
    forecast = np.array([3.0, 4.0, 7.0, 40.5, 2000.0])
    value = np.array([2.0, 3.0, 4.0, 25.0, 1310.0])
    leaves = LeafEvidence(value, forecast, forecast, noise)._leaves(np.arange(5))
    assert leaves.counted.tolist()[:3] == [0, 1, 2]
    assert 3 not in leaves.counted
    deviations = value / forecast - 1
    widths = ((1.0, 0.0), (0.5, 0.0), (1.0, 0.2))
    found = leaves.density(-0.35, widths)
    for row, (narrow, spread) in enumerate(widths):
        variance = (narrow * 0.05) ** 2 + spread**2
        wider = -0.5 * np.log(variance / 0.05**2)
        plain = noise.log_density((deviations + 0.35) ** 2 / variance) + wider
        rounded = np.round(0.65 * forecast) / forecast - 1
        exact = noise.log_density((deviations - rounded) ** 2 / variance) + wider
        expected = np.where(np.isin(np.arange(5), leaves.counted), np.logaddexp(plain, exact) + log(0.5), plain)
        assert found[row] == pytest.approx(np.maximum(expected, -SURE))
    off = (deviations + 0.1) ** 2 / (0.05**2 + 0.3**2)
    alone = np.maximum(noise.log_density(off) - 0.5 * np.log((0.05**2 + 0.3**2) / 0.05**2), -SURE)
    assert leaves.scattered(-0.1, 0.3) == pytest.approx(alone.sum())


def test_a_week_without_a_past_is_expected_as_it_usually_is() -> None:
    now = np.array([[12.0, 5.0, 0.4], [10.0, 0.0, 0.1], [14.0, 0.0, 0.3], [12.0, 0.0, 0.2]])
    usual = np.array([[10.0, 4.0, 0.2], [10.0, 0.0, 0.2], [10.0, 0.0, 0.2], [10.0, 0.0, 0.2]])
    forecast = np.array([10 * 36 / 30, 4.0, 0.2 * 0.6 / 0.6])
    assert _error_of_week(now, usual, 0) == pytest.approx((now[0] - forecast) ** 2 / (1 + 1 / 3))


def test_another_cause_stands_by_its_leaves_outside() -> None:
    made = played(np.where(inside(a=1), 0.5, 1.0), seed=6, play=False)
    whole = element(made, b=2)
    assert made._apart(whole, None) is whole
    assert made._stands(whole, (0,), (1,))
    assert not made._stands(whole, (2,), (3,))
    fallen = played(np.where(inside(a=1, b=2), 0.5, 1.0), seed=6, play=False)
    assert not fallen._stands(element(fallen, b=2), (0,), (1,)), "all that fell lies inside"


def test_of_several_factors_the_one_nearest_to_none_is_general() -> None:
    mean = np.full(1000, 200.0)
    for low in (0.4, 0.6):
        value = mean * np.where(np.arange(1000) < 1000 * low, 0.45, 0.75)
        assert common_factor.general(value, mean, NOISE) == pytest.approx(0.75, rel=0.06)
        assert common_factor.general(mean * mean / value, mean, NOISE) == pytest.approx(1 / 0.75, rel=0.06)
