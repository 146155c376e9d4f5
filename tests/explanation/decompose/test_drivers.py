"""Drivers add up, whatever the figures."""

from math import fsum, isclose, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.metric_tree.metric_loader import load
from core.explanation.decompose.drivers import contributions, drivers

CATALOGUE = load()
MEASURES = ("impressions", "clicks", "orders", "paid_orders", "gmv")
counts = st.one_of(st.just(0.0), st.floats(0.01, 1e9), st.floats(-1e3, -0.01), st.integers(0, 50).map(float))
sums = st.tuples(*[counts] * len(MEASURES)).map(lambda values: dict(zip(MEASURES, values, strict=True)))


def closes(parts: list[float], change: float) -> bool:
    return isclose(fsum(parts), change, rel_tol=1e-9, abs_tol=1e-9 * max(map(abs, parts), default=0.0))


@given(sums, sums)
def test_drivers_add_up_to_the_change(actual, expected):
    found = drivers(CATALOGUE, "gmv", actual, expected)
    assert [one.metric for one in found] == [
        "impressions", "ctr", "click_to_order_rate", "payment_rate", "average_order_value",
    ]  # fmt: skip
    assert closes([one.contribution for one in found], actual["gmv"] - expected["gmv"])


@given(st.lists(st.tuples(st.floats(0.01, 1e4), st.floats(0.01, 1e4)), min_size=1, max_size=6))
def test_a_driver_that_did_not_move_brought_nothing_and_others_their_own_way(values):
    values = [*values, (7.0, 7.0)]
    after, before = 1.0, 1.0
    for now, then in values:
        after, before = after * now, before * then
    parts = contributions(values, after, before)
    scale = max(map(abs, parts))
    assert abs(parts[-1]) <= 1e-9 * scale
    for (now, then), part in zip(values, parts, strict=True):
        assert part * (now - then) >= -1e-9 * scale * abs(now - then)


def test_log_mean_of_two_factors_by_hand():
    # L(24, 20) = 4 / ln(24 / 20) = 21.9393; x ln(8 / 10) = -4.8956; x ln(3 / 2) = 8.8956
    assert contributions([(8, 10), (3, 2)], 24, 20) == pytest.approx([-4.8956, 8.8956], abs=1e-4)


def test_a_factor_that_falls_to_zero_takes_the_shapley_share():
    # 10 x 2 -> 0 x 3: the first factor's turn costs 20 or 30, the second brings 10 or nothing
    assert contributions([(0, 10), (3, 2)], 0, 20) == pytest.approx([-25, 5])


def test_what_known_factors_do_not_account_for_goes_to_the_unknown_one():
    parts = contributions([(nan, nan), (5, 5)], 30, 20)
    assert parts == pytest.approx([10, 0])


def test_a_metric_without_factors_is_its_own_driver():
    sums = {"refunded_orders": 5.0, "paid_orders": 100.0}, {"refunded_orders": 2.0, "paid_orders": 100.0}
    (only,) = drivers(CATALOGUE, "refund_rate", *sums)
    assert (only.metric, only.contribution, only.share) == ("refund_rate", pytest.approx(0.03), 1.0)


@pytest.mark.parametrize(
    ("left", "driver"), [(3.0, "impressions"), (59.0, "impressions"), (61.0, "ctr"), (2_000.0, "ctr")]
)
def test_a_rate_of_none_tells_nothing_where_as_few_would_have_come(left: float, driver: str) -> None:
    """Of 20 impressions one is clicked: of 60, three would be; none of fewer says that impressions are gone, not clicks."""
    before = dict(zip(MEASURES, (20_000.0, 1_000.0, 50.0, 45.0, 900.0), strict=True))
    parts = drivers(CATALOGUE, "gmv", dict.fromkeys(MEASURES, 0.0) | {"impressions": left}, before)
    assert min(parts, key=lambda part: part.contribution).metric == driver
    assert fsum(part.contribution for part in parts) == pytest.approx(-900)
