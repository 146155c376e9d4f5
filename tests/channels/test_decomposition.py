"""The split of a change of GMV: it closes, and each part is what it is called."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.channels.decomposition import decompose
from core.channels.funnel import STEPS, usable_steps

Side = dict[str, np.ndarray]


def side(impressions: list[float], rates: list[list[float]]) -> Side:
    """Sums of the steps, from impressions and the rates of each channel."""
    values = [np.array(impressions, float)]
    for rate in rates:
        values.append(values[-1] * np.array(rate))
    return dict(zip(STEPS, values, strict=True))


RATES = [[0.1, 0.05], [0.2, 0.1], [0.9, 0.8], [30.0, 50.0]]
counts = some.one_of(some.just(0.0), some.floats(1, 1e7))
rate = some.floats(0, 3)


@given(
    some.lists(some.tuples(counts, rate, rate, rate, rate), min_size=1, max_size=6),
    some.lists(some.tuples(counts, rate, rate, rate, rate), min_size=6, max_size=6),
)
def test_parts_add_up_to_the_change_of_every_channel_with_zeros(
    now: list[tuple[float, ...]], before: list[tuple[float, ...]]
) -> None:
    sides = []
    for rows in (now, before[: len(now)]):
        columns = np.array(rows).T
        sides.append(side(columns[0].tolist(), [column.tolist() for column in columns[1:]]))
    parts = decompose(sides[0], sides[1], STEPS)
    change = sides[0]["gmv"] - sides[1]["gmv"]
    total = parts.volume + parts.mix + parts.rate
    # a part can be many times the change, where much traffic met low rates: its rounding scales with the part, not with GMV.
    # Half a cent is what a reader of the sum can see.
    largest = max(float(np.abs(part).max()) for part in (parts.volume, parts.mix, *parts.rates.values()))
    assert total == pytest.approx(change, abs=min(1e-9 + 1e-14 * largest, 0.005))


def test_refunds_booked_without_orders_cut_off_the_orders() -> None:
    booked = {**side([1000, 2000], RATES), "paid_orders": np.array([0.0, 90.0]), "gmv": np.array([-20.0, 4000.0])}
    assert usable_steps((booked, side([1000, 2000], RATES))) == ("gmv",)


def test_more_traffic_alone_is_volume() -> None:
    parts = decompose(side([2000, 4000], RATES), side([1000, 2000], RATES), STEPS)
    assert parts.mix == pytest.approx([0, 0], abs=1e-9)
    assert parts.rate == pytest.approx([0, 0], abs=1e-9)
    assert parts.volume == pytest.approx([1000 * 0.1 * 0.2 * 0.9 * 30, 2000 * 0.05 * 0.1 * 0.8 * 50])


def test_traffic_that_moves_between_channels_is_mix() -> None:
    parts = decompose(side([1500, 1500], RATES), side([1000, 2000], RATES), STEPS)
    assert parts.volume == pytest.approx([0, 0], abs=1e-9)
    assert parts.rate == pytest.approx([0, 0], abs=1e-9)
    assert parts.mix == pytest.approx([500 * 0.54, -500 * 0.2])


def test_a_rate_that_changes_is_that_rate() -> None:
    worse = [RATES[0], RATES[1], [0.45, 0.8], RATES[3]]
    parts = decompose(side([1000, 2000], worse), side([1000, 2000], RATES), STEPS)
    assert parts.rates["payment_rate"] == pytest.approx([-270, 0])
    assert parts.rate == pytest.approx([-270, 0])
    assert parts.volume + parts.mix == pytest.approx([0, 0], abs=1e-9)


def test_a_channel_that_vanished_kept_its_rates_and_a_new_one_has_its_own() -> None:
    parts = decompose(side([0, 2000], RATES), side([1000, 0], RATES), STEPS)
    assert parts.rate == pytest.approx([0, 0], abs=1e-9)
    assert (parts.volume + parts.mix) == pytest.approx([-540, 400])
    single = decompose(
        side([0, 2000], RATES), side([1, 2000], RATES), STEPS
    )  # one impression is enough to have had rates
    assert single.rate == pytest.approx([0, 0], abs=1e-9)


def test_no_traffic_at_all_is_volume_and_no_other_mix() -> None:
    parts = decompose(side([0, 0], RATES), side([1000, 2000], RATES), STEPS)
    assert parts.volume == pytest.approx([-1000 * 0.1 * 0.2 * 0.9 * 30, -2000 * 0.05 * 0.1 * 0.8 * 50])
    assert parts.mix == pytest.approx([0, 0], abs=1e-9)


def test_the_unit_of_money_scales_every_part() -> None:
    now, before = side([900, 2500], [[0.12, 0.05], *RATES[1:]]), side([1000, 2000], RATES)
    parts = decompose(now, before, STEPS)
    for factor in (100.0, 16_000.0, 1e9):
        large = decompose({**now, "gmv": now["gmv"] * factor}, {**before, "gmv": before["gmv"] * factor}, STEPS)
        assert large.volume == pytest.approx(parts.volume * factor, rel=1e-12)
        assert large.rates["average_order_value"] == pytest.approx(
            parts.rates["average_order_value"] * factor, abs=1e-6 * factor
        )


def test_steps_before_one_that_a_channel_lacks_are_left_out() -> None:
    whole = side([1000, 2000], RATES)
    lacking = {**whole, "impressions": np.array([1000.0, 0.0])}
    assert usable_steps((whole, whole)) == STEPS
    assert usable_steps((whole, lacking)) == ("clicks", "orders", "paid_orders", "gmv")
    only = {name: whole[name] for name in ("orders", "paid_orders", "gmv")}
    assert usable_steps((only, only)) == ("orders", "paid_orders", "gmv")


@pytest.mark.parametrize(("clicks", "steps"), [(1.0, STEPS), (0.0, STEPS[2:])])
def test_a_step_counts_from_its_first_case_on(clicks: float, steps: tuple[str, ...]) -> None:
    """A single click is enough for orders to be counted of clicks; orders without one cut them off."""
    usual = side([100.0, 100.0], RATES)
    few = {**usual, "clicks": np.array([clicks, 5.0]), "orders": np.array([1.0, 0.5])}
    assert usable_steps((usual, few)) == steps
