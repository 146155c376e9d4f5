"""On random cubes every slice adds up to the whole: drivers, mix and rate, segments and the rest."""

from math import fsum, isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.cube.cube import Cube, CubePart
from core.explanation.decompose.drivers import drivers
from core.explanation.decompose.mix_and_rate import mix_of_ratio, mix_of_sum
from core.explanation.locate.segment_part import SegmentMove, measures_of, shares
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.localization.with_history.leaf_history import leaf_history
from core.localization.with_history.leaf_rows import leaf_rows

CATALOGUE = load()
VALUES = {"market": ("", "ID", "TH", "VN"), "channel": ("", "live", "video"), "product_id": ("", "P1", "P2", "P3")}
PAST, NOW = Window(0, 27), Window(28, 34)
TRAFFIC, ORDERS = ("impressions", "clicks"), ("orders", "paid_orders", "gmv")


def cube(rng: np.random.Generator, window: Window, rows: int) -> Cube:
    """Traffic that knows no products, and orders that do; gmv in cents, some of it negative."""
    parts = []
    for names, sliced in ((TRAFFIC, ("market", "channel")), (ORDERS, tuple(VALUES))):
        codes = {name: rng.integers(0, len(VALUES[name]), rows).astype(np.int32) for name in sliced}
        held = {name: rng.integers(-50 if name == "gmv" else 0, 1000, rows).astype(float) for name in names}
        days = rng.integers(window.first, window.last + 1, rows).astype(np.int32)
        parts.append(CubePart(days, codes, held))
    return Cube(window, VALUES, tuple(parts), {"gmv": 100})


@st.composite
def comparisons(draw) -> ActualVsExpected:
    """A window of a week beside four weeks, weighted at random."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = draw(st.integers(1, 60))
    (stock,) = leaf_rows([(cube(rng, NOW, rows), cube(rng, PAST, 4 * rows))])
    now = np.arange(len(stock.days)) >= len(PAST)
    weights = np.where(now, 0.0, rng.random(len(now)) * draw(st.sampled_from([0.05, 0.25, 1.0])))
    growth = {"gmv": draw(st.floats(0.1, 10))}
    return ActualVsExpected(
        baseline=Baseline("expected", PAST), stock=stock, now=now, held=~now, weights=weights, scales=growth
    )


@settings(max_examples=40)
@given(comparisons())
def test_every_slice_adds_up_to_the_whole(compared):
    actual, expected = compared.sums
    for name in (*TRAFFIC, *ORDERS):
        for dimension in VALUES:
            for total, side in zip((actual, expected), compared.by(name, dimension), strict=True):
                assert isclose(side.sum(), total[name], rel_tol=1e-9, abs_tol=1e-6)
        leaves = compared.leaves([name], tuple(VALUES)).totals()
        assert isclose(leaves[0][name], actual[name], rel_tol=1e-9, abs_tol=1e-6)
        inside = [compared.where(Segment.of({"market": one})).sums[0][name] for one in VALUES["market"]]
        assert isclose(fsum(inside), actual[name], rel_tol=1e-9, abs_tol=1e-6)


@settings(max_examples=40)
@given(comparisons())
def test_the_weeks_of_the_past_hold_all_of_it(compared):
    held = leaf_history(CATALOGUE.metric("impressions"), compared, ("market", "channel"))
    assert isclose(held.weeks.sum(), compared.stock.daily("impressions")[compared.held].sum(), rel_tol=1e-9)
    assert isclose(held.actual.sum(), compared.sums[0]["impressions"], rel_tol=1e-9)
    assert isclose(held.expected.sum(), compared.sums[1]["impressions"], rel_tol=1e-9)


@settings(max_examples=40)
@given(comparisons())
def test_drivers_add_up_to_the_change(compared):
    actual, expected = compared.sums
    parts = drivers(CATALOGUE, "gmv", actual, expected)
    change = actual["gmv"] - expected["gmv"]
    size = max(abs(change), *(abs(one.contribution) for one in parts))
    assert isclose(fsum(one.contribution for one in parts), change, abs_tol=1e-9 * size)


@pytest.mark.parametrize("key", ["gmv", "payment_rate", "ctr"])
@settings(max_examples=25)
@given(comparisons())
def test_mix_and_rate_and_segments_and_the_rest_add_up_to_the_change(key, compared):
    metric = CATALOGUE.metric(key)
    actual, expected = compared.value(metric)
    if not (np.isfinite(actual) and np.isfinite(expected)):
        return
    if metric.denominator is None:
        found = mix_of_sum("market", VALUES["market"], compared.by(key, "market"), compared.by("orders", "market"))
    else:
        sides = [{name: compared.by(name, "market")[side] for name in metric.measures()} for side in (0, 1)]
        over = metric.numerator.of(sides[0]), metric.numerator.of(sides[1])
        under = metric.denominator.of(sides[0]), metric.denominator.of(sides[1])
        found = mix_of_ratio("market", VALUES["market"], over, under)
    size = abs(actual) + abs(expected) + sum(abs(one.mix) + abs(one.rate) for one in found.values)
    assert isclose(found.mix + found.rate, actual - expected, abs_tol=1e-9 * size)
    assert isclose(fsum(one.mix + one.rate for one in found.values), actual - expected, abs_tol=1e-9 * size)
    leaves = compared.leaves(measures_of(metric), ("market",))
    places = [SegmentMove(Segment.of({"market": one}), 1.0) for one in VALUES["market"]]
    told = shares(metric, leaves, places, actual - expected)
    assert isclose(
        fsum(one.change for one in told),
        actual - expected,
        abs_tol=1e-9 * (size + sum(abs(one.change) for one in told)),
    )
