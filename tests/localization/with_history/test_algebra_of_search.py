"""What elements are worth in the search with a history: deviances, scales, prices and lists of values by hand."""

from dataclasses import replace
from math import comb, exp, inf, log

import numpy as np
import pytest
from scipy import special

from core.base.segment import Segment
from core.localization.single_table.common_factor import crowded
from core.localization.single_table.table_search import table_search
from core.localization.with_history import alike_elements
from core.localization.with_history import scan_search as scans
from core.localization.with_history.leaf_history import LeafHistory, _share
from core.localization.with_history.scan_search import scan_search
from core.localization.with_history.segment_lattice import SegmentLattice
from core.localization.with_history.unclaimed_elements import UnclaimedElements
from tests.localization.single_table.test_rollup import CODES as TABLE
from tests.localization.single_table.test_rollup import LEAVES
from tests.localization.with_history.test_element_noise import CODES, fallen, history


def shares(seed: int = 1, trials: float = 3000.0) -> LeafHistory:
    """Clicks of as many impressions each week, a fifth of them."""
    plain = history(seed)
    rng = np.random.default_rng(seed)
    counts = rng.binomial(int(trials), 0.2, (9, len(CODES))).astype(float)
    usual = np.full((8, len(CODES)), 0.2 * trials)
    return replace(
        plain,
        actual=counts[0],
        expected=usual[0],
        weeks=counts[1:],
        usual=usual,
        trials=np.full(len(CODES), trials),
        past_trials=np.full((8, len(CODES)), trials),
    )


def test_deviances_are_those_of_poisson_and_of_binomials() -> None:
    search = UnclaimedElements(history(1))
    unit = search.unit
    sums = np.array([[30.0, 60.0, 0.0], [60.0, 60.0, 10.0]])
    upper, lower = sums + unit / 2
    assert search.deviance(sums) == pytest.approx(special.kl_div(upper, lower))
    assert search.deviance(sums)[1] == 0
    share = UnclaimedElements(shares())
    sums = np.array([[30.0, 60.0, 0.0], [60.0, 60.0, 10.0], [100.0, 100.0, 40.0]])
    upper, lower = sums[:2] + share.unit / 2
    missed, misses = sums[2] - sums[:2] + share.unit / 2
    assert share.deviance(sums) == pytest.approx(special.kl_div(upper, lower) + special.kl_div(missed, misses))
    turned = np.array([sums[2] - sums[0], sums[2] - sums[1], sums[2]])
    assert share.deviance(turned) == pytest.approx(share.deviance(sums)), "failures tell the same as successes"


def test_counting_and_drift_scale_what_is_seen() -> None:
    search = UnclaimedElements(history(2))
    cuboid = search.cuboids[0]
    expected = np.array([0.0, 50.0, -7.0])
    by_hand = search.noise[cuboid.axes].unit + search.noise[cuboid.axes].drift * np.array([0, 50, 0])
    assert search.scale(cuboid, expected) == pytest.approx(by_hand * search.doubt)
    assert search.doubt == 1 + 7 / 56
    single = search.option(cuboid, np.array([3]))
    assert single.price == cuboid.price
    several = search.option(cuboid, np.array([3, 5, 7]))
    assert several.price == pytest.approx(cuboid.price - log(12) + log(comb(12, 3)))
    sums = search.sums[0][:, [3, 5, 7]].sum(1, keepdims=True)
    assert several.deviance == pytest.approx(float(search.deviance(sums)[0]))
    parts = search.sums[0][1, [3, 5, 7]]
    drift = search.noise[cuboid.axes].drift * (parts**2).sum() / parts.sum()
    assert several.scale == pytest.approx((search.noise[cuboid.axes].unit + drift) * search.doubt)


def test_changes_beyond_twentyfold_are_alike() -> None:
    search = UnclaimedElements(history(3))
    half = search.unit / 2
    assert search.log_ratio(np.array([50.0, 100.0])) == pytest.approx(log((50 + half) / (100 + half)))
    assert search.log_ratio(np.array([0.0, 1e6])) == -3
    assert search.log_ratio(np.array([1e6, -4.0])) == 3
    assert search.log_ratio(np.array([1e6 * exp(2.9), 1e6])) == pytest.approx(2.9, abs=1e-4)


@pytest.mark.parametrize("made", [history, shares])
def test_values_that_fell_alike_are_one_list(monkeypatch: pytest.MonkeyPatch, made: object) -> None:
    plain = made(4)  # type: ignore[operator]
    alone = scan_search(fallen(plain, "market=M1|M4|M7", 0.7))
    assert {str(one.where) for one in alone} == {"market=M1", "market=M4", "market=M7"}, (
        "of twelve values each by itself"
    )
    monkeypatch.setattr(alike_elements, "_NAMED_ALONE", 11)
    (first, *_) = scan_search(fallen(plain, "market=M1|M4|M7", 0.7))
    assert first.where == Segment.parse("market=M1|M4|M7")
    assert set(np.flatnonzero(plain.grid.inside(first.where))) == set(first.rows.tolist())
    search = UnclaimedElements(fallen(plain, "market=M1|M4|M7", 0.7))
    market = next(cuboid for cuboid in search.cuboids if cuboid.axes == (0,))
    chosen = alike_elements.alike(
        search, market, int(market.key[int(np.flatnonzero(plain.grid.inside(Segment.parse("market=M4")))[0])])
    )
    assert len(chosen) == 3


def test_values_that_fell_alike_in_a_part_of_the_rest_are_one_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike_elements, "_NAMED_ALONE", 11)
    where = Segment.parse("market=M1|M4|M7,device=D2")
    changed = fallen(history(4), str(where), 0.4)
    (first, *others) = scan_search(changed)
    assert (first.where, others) == (where, [])
    pairs = next(cuboid for cuboid in UnclaimedElements(changed).cuboids if cuboid.axes == (0, 2))
    assert first.price == pytest.approx(pairs.price - log(12) + log(comb(12, 3))), (
        "which three of twelve, on one device"
    )
    gone = ~changed.grid.inside(Segment.parse("device=D1"))
    past = {name: getattr(changed, name) * gone for name in ("expected", "weeks", "usual")}
    (new,) = scan_search(replace(history(4), **past))
    assert new.where == Segment.parse("device=D1"), "a device that is new in all markets is no list of any"
    (wide, *_) = scan_search(fallen(history(4), "market=M1|M4|M7", 0.4))
    assert wide.where == Segment.parse("market=M1|M4|M7"), "no device is named where all fell"
    plain = history(4)
    regions = np.where(CODES[:, :1] <= 8, 1, 2).astype(np.int32)  # M0 to M7 are the north
    names = {**plain.grid.values, "region": ("", "north", "south")}
    nested = replace(plain, grid=SegmentLattice(names, tuple(names), np.hstack([CODES, regions])))
    monkeypatch.setattr(alike_elements, "_NAMED_ALONE", 7)
    (short, *_) = scan_search(fallen(nested, "market=M1|M4|M7", 0.4))
    assert short.where == Segment.parse("market=M1|M4|M7"), "nor the region that they all lie in"


def test_the_common_level_is_the_weighted_median_of_elements() -> None:
    plain = history(5)
    moved = replace(plain, actual=plain.expected * np.where(plain.grid.inside(Segment.parse("market=M1|M2")), 0.4, 0.9))
    search = scans._Search(moved)
    pairs = [sums for cuboid, sums in zip(search.cuboids, search.elements.sums, strict=True) if len(cuboid.axes) < 3]
    actual, expected = np.concatenate(pairs, axis=1)[:2, :]
    level, ratio = search._common(), actual[expected > 0] / expected[expected > 0]
    below = [expected[expected > 0][ratio < level + step].sum() / expected.sum() for step in (-1e-9, 1e-9)]
    assert below[0] < 0.5 <= below[1]
    gone = replace(plain, actual=np.where(np.arange(len(CODES)) == 7, plain.expected, 0))
    share = gone.actual.sum() / gone.expected.sum()
    assert scans._Search(gone)._common() == pytest.approx(share), "not nothing"
    assert scans._Search(replace(plain, actual=0 * plain.actual))._common() == 1e-3


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e4])
def test_levels_and_factors_know_no_unit(unit: float) -> None:
    rng = np.random.default_rng(6)
    mean = rng.lognormal(0, 1, 60) * unit
    assert crowded(mean * 0.8, mean) == pytest.approx(0.8)
    assert _share(np.array([3.0, 1.0]) * unit, np.array([2.0, 0.0]) * unit) == pytest.approx([1.5, 1])


def test_what_causes_own_is_the_share_of_their_leaves() -> None:
    rng = np.random.default_rng(7)
    mean = rng.lognormal(5, 0.5, LEAVES)
    value = mean * (1 + 0.02 * rng.standard_normal(LEAVES)) * np.where(TABLE[:, 0] == 1, 0.5, 1.0)
    found = table_search(TABLE, value, mean, rates=False)
    assert [element.name for element in found.elements] == [((0,), (1,))]
    assert found.owned == pytest.approx((TABLE[:, 0] == 1).mean())
    calm = table_search(TABLE, mean * (1 + 0.02 * rng.standard_normal(LEAVES)), mean, rates=False)
    assert (calm.elements, calm.owned) == ((), 0)


def crossed(fallen_where: tuple[str, ...], seed: int = 1) -> LeafHistory:
    """Twelve shops by twelve brands; nearly all that one shop sells is of one brand, which hardly another shop sells."""
    values = {name: ("", *(f"{name}{number}" for number in range(1, 13))) for name in ("shop", "brand")}
    codes = np.array([(shop, brand) for shop in range(1, 13) for brand in range(1, 13)], np.int32)
    ones = codes == 1
    level = np.where(ones.all(1), 600.0, np.where(ones.any(1), 2.0, 300.0))
    rng = np.random.default_rng(seed)
    counts = rng.poisson(np.tile(level, (9, 1))).astype(float)
    grid = SegmentLattice(values, tuple(values), codes)
    inside = np.any([grid.inside(Segment.parse(where)) for where in fallen_where], axis=0)
    return LeafHistory(
        grid=grid,
        actual=np.where(inside, np.round(counts[0] * 0.6), counts[0]),
        expected=counts[1:].mean(0),
        weeks=counts[1:],
        usual=np.outer(counts[1:].sum(1) / counts[1:].sum(1).mean(), counts[1:].mean(0)),
        trials=None,
        past_trials=None,
        length=7,
        event=1.0,
    )


@pytest.mark.parametrize("seed", [1, 4, 7])
def test_a_segment_knows_the_one_that_describes_its_change_nearly_as_well(seed: int) -> None:
    both, alone = (scan_search(crossed(where, seed))[0] for where in (("shop=shop1", "brand=brand1"), ("shop=shop1",)))
    assert {str(both.where), str(both.rival)} == {"shop=shop1", "brand=brand1"}
    assert 0 <= both.lead < 2
    assert str(alone.where) == "shop=shop1"
    assert alone.lead > both.lead + 0.5, "what is left of the brand did not fall"
    apart = scan_search(crossed(("shop=shop2", "brand=brand3"), seed))
    assert [(str(one.rival), one.lead) for one in apart] == [("", inf)] * 2, "what is elsewhere is another change"
