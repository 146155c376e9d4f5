"""Moves and onsets against figures counted by hand: errors are as large as lines scatter, in any unit."""

from math import erfc, exp, log, sqrt

import numpy as np
import pytest

from core.catalogue.metric_tree.metric_loader import load
from core.explanation.decompose.metric_moves import Daily, MetricMove, lines, moved
from core.explanation.locate.onset import estimate_onset

CATALOGUE = load()
GMV, ORDERS, CTR = (CATALOGUE.metric(key) for key in ("gmv", "orders", "ctr"))
PAST = 56


def daily(values: dict[str, np.ndarray], window: int = 7, reference: int | None = None) -> Daily:
    """The last `window` days are judged; the reference is the `reference` days before, or all."""
    size = len(next(iter(values.values())))
    days = np.arange(size)
    now = days >= size - window
    before = ~now if reference is None else ~now & (days >= size - window - reference)
    return Daily({name: np.asarray(line, float) for name, line in values.items()}, days, before, now)


def gmv(line: Daily) -> MetricMove:
    return moved([GMV], line, None)["gmv"]


def white(seed: int, days: int = PAST + 7, spread: float = 0.1) -> np.ndarray:
    return 1000.0 * (1 + spread * np.random.default_rng(seed).standard_normal(days))


def wandering(seed: int, r: float, days: int = PAST + 7) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(days + 50) * 0.1 * sqrt(1 - r * r)
    for day in range(1, days + 50):
        noise[day] += r * noise[day - 1]
    return 1000.0 * (1 + noise[50:])


def test_what_is_expected_is_the_level_of_the_weekdays() -> None:
    week = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    line = daily({"gmv": np.tile(week, 9) * 100})
    actual, level = lines(GMV, line, None)
    assert np.array_equal(actual, line.sums["gmv"])
    assert level == pytest.approx(np.tile(week, 9) * 100)
    found = gmv(daily({"gmv": np.concatenate([np.tile(week, 8) * 100, week * 80])}))
    assert (found.actual, found.expected) == pytest.approx((2240, 2800))
    assert found.percent == pytest.approx(-0.2)
    assert found.beyond == pytest.approx(log(0.8), rel=1e-6)


def test_the_error_is_that_of_the_scatter_of_the_days_before() -> None:
    found = [gmv(daily({"gmv": white(seed)})) for seed in range(40)]
    by_hand = sqrt(1.5 / 7 * (1 + 7 / PAST)) * 0.1
    assert np.median([one.relative_error for one in found]) == pytest.approx(by_hand, rel=0.15)


@pytest.mark.parametrize(("r", "most"), [(0.0, 0.05), (0.5, 0.1), (0.8, 0.15)])
def test_days_that_are_alike_say_less(r: float, most: float) -> None:
    found = [gmv(daily({"gmv": wandering(seed, r)})) for seed in range(150)]
    assert np.mean([one.p_value < 0.05 for one in found]) <= most


def test_two_days_that_are_judged_say_less_than_seven() -> None:
    errors = [gmv(daily({"gmv": wandering(3, 0.5)}, window)).relative_error for window in (1, 2, 7)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[0] < 7**0.5 * errors[2], "days that are alike are not as good as seven of their own"


@pytest.mark.parametrize("unit", [0.01, 100.0, 16_000.0, 1e6, 1e9])
@pytest.mark.parametrize("days", [PAST, 10, 2, 1])
def test_money_of_any_unit(unit: float, days: int) -> None:
    values = white(5, days + 7)
    plain, other = (gmv(daily({"gmv": values * factor})) for factor in (1.0, unit))
    assert (other.beyond, other.error, other.relative_error) == pytest.approx(
        (plain.beyond, plain.error, plain.relative_error), rel=1e-9
    )
    starts = [estimate_onset(GMV, daily({"gmv": values * factor}), None) for factor in (1.0, unit)]
    assert starts[0] == starts[1]


def test_counts_scatter_by_one_at_least_and_money_by_what_it_did() -> None:
    flat = np.full(PAST + 7, 100.0)
    found = moved([GMV, ORDERS], daily({"gmv": flat, "orders": flat}), None)
    assert found["orders"].relative_error == pytest.approx(sqrt(1.5 / 700 * (1 + 7 / PAST)))
    assert found["gmv"].relative_error < 1e-3
    few = daily({"gmv": np.array([90.0, 110.0] * 4), "orders": np.full(8, 100.0)}, 1)
    found = moved([GMV, ORDERS], few, None)
    assert found["orders"].relative_error == pytest.approx(sqrt(1.5 / 100 * (1 + 1 / 7)))
    spread = np.std([90.0, 110.0, 90.0, 110.0, 90.0, 110.0, 90.0], ddof=1)
    mean = 690 / 7
    assert found["gmv"].relative_error == pytest.approx(sqrt(1.5 * (1 + 1 / 7)) * spread / mean, rel=0.1)
    only = gmv(daily({"gmv": np.array([100.0, 50.0])}, 1))
    assert only.relative_error == pytest.approx(sqrt(1.5 * 2)), "a single day may be anything"


def test_what_everything_did_is_taken_off_where_the_rest_is_larger() -> None:
    fall = np.concatenate([np.ones(PAST), np.full(7, 0.5)])
    inside, larger, smaller = (daily({"gmv": size * fall}) for size in (100.0, 900.0, 50.0))
    assert moved([GMV], inside, larger)["gmv"].beyond == pytest.approx(0.0, abs=1e-6)
    assert moved([GMV], inside, smaller)["gmv"].beyond == pytest.approx(log(0.5), abs=1e-3)


def test_nothing_is_said_of_what_was_not_there_or_is_not_counted() -> None:
    new = np.concatenate([np.zeros(PAST), np.full(7, 50.0)])
    assert moved([GMV], daily({"gmv": new}), None) == {}
    assert moved([GMV, ORDERS], daily({"gmv": white(1)}), None).keys() == {"gmv"}


def test_p_values_and_what_is_clear() -> None:
    def move(beyond: float, error: float) -> MetricMove:
        return MetricMove(
            metric="m", unit="ratio", actual=exp(beyond), expected=1.0, beyond=beyond, error=error,
            relative_error=error,
        )  # fmt: skip

    assert move(-0.2, 0.1).p_value == pytest.approx(erfc(2 / sqrt(2)))
    assert move(0.0, 0.0).p_value == 1.0
    assert move(0.1, 0.0).p_value == 0.0
    assert [move(size, 0.01).clear for size in (0.031, -0.031, 0.029)] == [True, True, False]
    assert [move(size, 0.1).clear for size in (0.31, -0.31, 0.29)] == [True, True, False]


def test_rates_are_judged_against_their_denominator() -> None:
    impressions = np.concatenate([np.full(PAST, 10_000.0), np.full(7, 20_000.0)])
    line = daily({"impressions": impressions, "clicks": 0.05 * impressions})
    found = moved([CTR], line, None)["ctr"]
    assert (found.actual, found.expected, found.beyond) == pytest.approx((0.05, 0.05, 0.0), abs=1e-9)


def step(day: int, days: int = 1, factor: float = 0.7) -> np.ndarray:
    return 1 + (factor - 1) * np.clip((np.arange(PAST + 7) - day + 1) / days, 0, 1)


@pytest.mark.parametrize(
    ("day", "grown", "shape"), [(56, 1, "step"), (62, 1, "spike"), (50, 1, "step"), (45, 14, "ramp")]
)
def test_how_a_change_began(day: int, grown: int, shape: str) -> None:
    found = estimate_onset(GMV, daily({"gmv": white(2, spread=0.02) * step(day, grown)}), None)
    assert (found.shape, found.day) == (shape, pytest.approx(day, abs=0 if grown == 1 else 2))
    assert found.first <= found.day <= found.last
    assert (found.grown == 1) == (shape != "ramp")


def test_only_changes_in_the_direction_of_the_window_count() -> None:
    values = white(4, spread=0.02) * step(57, factor=0.8)
    values[30:34] *= 1.3
    assert estimate_onset(GMV, daily({"gmv": values}), None).day == 57


def test_the_noisier_the_days_the_wider_the_onset() -> None:
    widths = []
    for spread in (0.02, 0.25):
        found = [estimate_onset(GMV, daily({"gmv": white(seed, spread=spread) * step(58)}), None) for seed in range(8)]
        widths.append(np.mean([one.last - one.first for one in found]))
    assert widths[0] < 1 < 3 < widths[1]
