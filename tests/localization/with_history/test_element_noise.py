"""How far elements of a history stray, and that nothing of it depends on the unit."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from core.base.segment import Segment
from core.localization.with_history.element_noise import _lots_and_drift, noises_of, unit_of
from core.localization.with_history.leaf_history import LeafHistory
from core.localization.with_history.scan_search import scan_search
from core.localization.with_history.segment_lattice import SegmentLattice, ValueGroup

VALUES = {
    "market": ("", *(f"M{number}" for number in range(12))),
    "channel": ("", "live", "search", "video"),
    "device": ("", *(f"D{number}" for number in range(8))),
}
CODES = np.array(list(product(range(1, 13), range(1, 4), range(1, 9))), np.int32)


def history(seed: int, mean: float = 200.0, over: float = 1.0, wander: float = 0.0, weeks: int = 8) -> LeafHistory:
    """Counts in lots of `over` by leaf; markets wander by `wander` from week to week."""
    rng = np.random.default_rng(seed)
    level = mean * rng.gamma(4, 0.25, len(CODES))
    paths = np.exp(np.cumsum(rng.normal(0, wander, (weeks + 1, 12)), axis=0))[:, CODES[:, 0] - 1]
    counts = over * rng.poisson(level * paths / over)
    past = counts[1:].astype(float)
    usual = past.mean(0) if weeks else level
    return LeafHistory(
        grid=SegmentLattice(VALUES, tuple(VALUES), CODES),
        actual=counts[0].astype(float),
        expected=usual,
        weeks=past,
        usual=np.outer(past.sum(1) / past.sum(1).mean(), usual) if weeks else past,
        trials=None,
        past_trials=None,
        length=7,
        event=over,
    )


def fallen(plain: LeafHistory, where: str, factor: float = 0.6) -> LeafHistory:
    inside = plain.grid.inside(Segment.parse(where))
    return replace(plain, actual=np.where(inside, np.round(plain.actual * factor), plain.actual))


def scaled(plain: LeafHistory, unit: float) -> LeafHistory:
    fields = {name: getattr(plain, name) * unit for name in ("actual", "expected", "weeks", "usual", "event")}
    return replace(plain, **fields)


@pytest.mark.parametrize("over", [1.0, 5.0, 40.0])
def test_a_unit_is_what_comes_at_once(over: float) -> None:
    assert unit_of(history(1, over=over)) == pytest.approx(over, rel=0.15)


def test_a_unit_without_a_past_is_one_event() -> None:
    assert unit_of(history(2, weeks=0)) == 1.0
    assert unit_of(scaled(history(2, weeks=0), 16_000.0)) == 16_000.0
    still = history(3)
    flat = replace(still, weeks=still.usual)
    assert 0 < unit_of(flat) < 1e-6


def test_shares_scatter_less_than_counts() -> None:
    rng = np.random.default_rng(4)
    trials = np.full((8, len(CODES)), 400.0)
    clicks = rng.binomial(400, 0.5, trials.shape).astype(float)
    plain = replace(history(4), weeks=clicks, usual=np.full(clicks.shape, 200.0))
    fitted = 8 / 7  # a level that is known, not learnt from these eight weeks
    assert unit_of(plain) == pytest.approx(0.5 * fitted, rel=0.1)
    assert unit_of(replace(plain, trials=trials[0], past_trials=trials)) == pytest.approx(1.0 * fitted, rel=0.1)


def test_elements_that_wander_drift_and_others_hardly_do() -> None:
    calm, restless = ({key: np.sqrt(noise.drift) for key, noise in noises_of(one, 1.0).items()} for one in (
        history(5, mean=5_000.0), history(5, mean=5_000.0, wander=0.1),
    ))  # fmt: skip
    assert all(value <= 0.02 for value in calm.values())
    assert 0.08 < restless[(0,)] < 0.25
    assert restless[(0, 1)] == restless[(0,)], "an element strays as its most restless dimension does"
    assert restless[(1,)] < 0.5 * restless[(0,)]


def test_longer_and_shorter_windows_stray_further() -> None:
    plain = history(6, mean=5_000.0, wander=0.1)
    spans = {length: noises_of(replace(plain, length=length), 1.0)[(0,)].drift for length in (1, 7, 28)}
    assert spans[1] == pytest.approx(spans[7] * 7**0.5)
    assert spans[28] == pytest.approx(spans[7] * 2)


def test_one_week_of_history_says_nothing_of_drift() -> None:
    noises = noises_of(history(7, weeks=1, wander=0.3), 1.0)
    assert {(noise.unit, noise.drift) for noise in noises.values()} == {(1.0, 0.01**2)}


@pytest.mark.parametrize(("lots", "drift"), [(3.0, 0.04), (3.0, 0.01**2), (1.0, 0.04)])
def test_lots_and_drift_of_many_elements_are_told_apart(lots: float, drift: float) -> None:
    """On the line itself the answer is exact when weeks are many; elements of one size or few tell nothing of lots."""
    mean = np.array([2.0, 3, 4, 5, 6, 8, 10, 15, 20, 40, 80, 160])
    found = _lots_and_drift(lots + drift * mean, mean, 1.0, 10**9)
    assert found == pytest.approx((lots, drift), rel=1e-3, abs=1e-5)
    alike = np.full(12, 20.0) + np.arange(12) / 1e3
    assert _lots_and_drift(lots + drift * alike, alike, 1.0, 4) == pytest.approx(
        (1.0, (lots - 1) / 20 + drift), rel=1e-2
    )
    few = lots + drift * mean[:3]
    assert _lots_and_drift(few, mean[:3], 1.0, 10**9) == pytest.approx((1.0, max((few - 1).sum() / 9, 1e-4)))


def test_what_holds_whole_customers_is_in_lots_as_large_as_theirs() -> None:
    """Orders of three lines each of a customer, who has one market, and each line of another product: 3 of each 3 are alike."""
    codes = np.array(
        [(customer % 3 + 1, customer + 1, line + 1) for customer in range(30) for line in range(3)], np.int32
    )
    level = 2.0 ** np.arange(30).clip(0, 24).repeat(3)[:30]
    orders = np.random.default_rng(1).poisson(4 + level % 60, (9, 30)).repeat(3, axis=1).astype(float)
    values = {name: ("", *map(str, range(size))) for name, size in {"market": 3, "customer": 30, "line": 3}.items()}
    plain = LeafHistory(
        grid=SegmentLattice(values, tuple(values), codes), actual=orders[0], expected=orders[1:].mean(0),
        weeks=orders[1:], usual=np.tile(orders[1:].mean(0), (8, 1)), event=1.0, length=7,
        trials=None, past_trials=None,
    )  # fmt: skip
    noises = noises_of(plain, 1.0)
    assert noises[(1,)].unit == pytest.approx(3, rel=0.25)
    assert noises[(0,)].unit == noises[(0, 1)].unit == noises[(1,)].unit
    assert noises[(2,)].unit == noises[(1, 2)].unit == 1.0


@pytest.mark.parametrize("unit", [0.01, 100.0, 16_000.0, 1e6, 1e9])
@pytest.mark.parametrize("weeks", [8, 0])
def test_segments_do_not_depend_on_the_unit(unit: float, weeks: int) -> None:
    plain = fallen(fallen(history(8, weeks=weeks), "market=M3,channel=live", 0.4), "device=D2", 0.7)
    found, other = scan_search(plain), scan_search(scaled(plain, unit))
    assert [str(one.where) for one in found][:2] == ["device=D2", "channel=live,market=M3"]
    assert [one.where for one in other] == [one.where for one in found]
    assert [one.gain for one in other] == pytest.approx([one.gain for one in found], rel=1e-6)


def test_gains_fall_with_the_noise_and_grow_with_the_change() -> None:
    gains = [
        scan_search(fallen(history(9, over=over), "market=M3", factor))[0].gain
        for over, factor in ((1.0, 0.5), (1.0, 0.8), (5.0, 0.8))
    ]
    assert gains[0] > 3 * gains[1] > 3 * 3 * gains[2] / 1.5


def test_a_segment_names_its_leaves_and_what_it_costs_to_say() -> None:
    (found, *_) = scan_search(fallen(history(10), "market=M3,channel=live"))
    assert found.where == Segment.parse("market=M3,channel=live")
    assert len(found.rows) == 8
    assert found.price == pytest.approx(np.log(36) + np.log(3)), "36 elements of three pairs of dimensions"


def test_a_small_value_of_a_group_that_fell_alone_is_named_itself() -> None:
    of = {f"M{number}": "east" if number < 6 else "west" for number in range(12)}
    plain = fallen(history(11), "market=M3", 0.5)
    grouped = replace(plain, grid=plain.grid.sliced_by(ValueGroup("region", "market", of)))
    assert str(scan_search(grouped)[0].where) == "market=M3"
    east = "market=" + "|".join(f"M{number}" for number in range(6))
    plain = fallen(history(11), east, 0.5)
    grouped = replace(plain, grid=plain.grid.sliced_by(ValueGroup("region", "market", of)))
    assert scan_search(grouped)[0].where == Segment.parse(east)


def test_the_lattice_counts_elements() -> None:
    grid = SegmentLattice(VALUES, tuple(VALUES), CODES)
    assert len(grid) == 288
    assert [len(one.axes) for one in grid.cuboids] == [1, 1, 1, 2, 2, 2, 3]
    assert [int(np.count_nonzero(one.given)) for one in grid.cuboids] == [12, 3, 8, 36, 96, 24, 288]
    assert grid.inside(Segment.parse("market=M3|M4,device=D0")).sum() == 6
    totals = grid.sums(np.ones((1, 288)), grid.cuboids)
    assert [set(one[0][one[0] > 0]) for one in totals] == [{24}, {96}, {36}, {8}, {3}, {12}, {1}]
    some = grid.sums(np.ones((1, 288)), grid.cuboids, np.arange(24))
    assert [float(one.sum()) for one in some] == [24.0] * 7


def test_a_few_weeks_tell_how_far_markets_stray_too() -> None:
    noises = noises_of(history(3, mean=5000.0, wander=0.1, weeks=3), 1.0)
    assert noises[(1,)].drift == noises[(2,)].drift < 0.001
    assert 0.001 < noises[(0,)].drift < 0.03, "steps of 10 %, seen about the mean of three weeks"
