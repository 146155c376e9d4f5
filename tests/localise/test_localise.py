"""The localiser as explain uses it: planted causes are found exactly, whatever the noise, and odd tables get a clear answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.causes.localise import LeafTable, localise
from core.errors import UsageError
from core.segment import Segment

GRID = np.stack([one.ravel() for one in np.indices((5, 6, 7))], axis=1).astype(np.int32)
Where = dict[str, str]


def table(
    codes: np.ndarray, actual: np.ndarray, forecast: np.ndarray, names: tuple[str, ...] = (), **bases: np.ndarray
) -> LeafTable:
    names = names or ("market", "channel", "device")[: codes.shape[1]]
    values = tuple(tuple(f"{name}{k}" for k in range(codes[:, j].max() + 1)) for j, name in enumerate(names))
    return LeafTable(names, values, codes, np.asarray(actual, float), np.asarray(forecast, float), **bases)


def found(asked: LeafTable) -> list[Where]:
    return [one.where.to_dict() for one in localise(asked).segments]


def expected(seed: int) -> tuple[np.random.Generator, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng, rng.lognormal(4, 1, len(GRID))


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.8])
def test_a_segment_that_moved_alone_is_found_whichever_way(factor: float) -> None:
    rng, f = expected(1)
    v = f * (1 + 0.05 * rng.standard_normal(len(f)))
    v[(GRID[:, 0] == 2) & (GRID[:, 1] == 3)] *= factor
    assert found(table(GRID, v, f)) == [{"market": "market2", "channel": "channel3"}]


def test_causes_of_different_depth_and_direction_are_told_apart() -> None:
    rng, f = expected(2)
    v = f * (1 + 0.04 * rng.standard_normal(len(f)))
    v[GRID[:, 2] == 1] *= 0.6
    v[(GRID[:, 0] == 0) & (GRID[:, 1] == 5) & (GRID[:, 2] != 1)] *= 1.7
    answer = found(table(GRID, v, f))
    assert {"device": "device1"} in answer
    assert {"market": "market0", "channel": "channel5"} in answer
    assert len(answer) == 2


def test_a_move_of_everything_is_nothing_in_particular() -> None:
    rng, f = expected(3)
    (one,) = localise(table(GRID, f * 0.7 * (1 + 0.02 * rng.standard_normal(len(f))), f)).segments
    assert one.where == Segment()
    assert one.change == pytest.approx(one.actual - one.forecast)


def test_a_segment_against_a_general_move_is_still_found() -> None:
    rng, f = expected(4)
    v = 0.8 * f * (1 + 0.03 * rng.standard_normal(len(f)))
    v[GRID[:, 1] == 4] *= 0.5
    assert found(table(GRID, v, f)) == [{"channel": "channel4"}]


def test_counts_with_noisy_forecasts_give_no_false_segments() -> None:
    wrong = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        due = rng.lognormal(1, 1, len(GRID))
        wrong += found(table(GRID, rng.poisson(due), rng.poisson(due * 4) / 4)) != [{}]
    assert wrong <= 1


def test_a_fall_of_counts_is_found_though_most_leaves_count_little() -> None:
    rng = np.random.default_rng(5)
    due = rng.lognormal(0.5, 0.7, len(GRID))
    v = rng.poisson(due * np.where(GRID[:, 0] == 3, 0.3, 1.0))
    assert found(table(GRID, v, due)) == [{"market": "market3"}]


def test_of_two_dimensions_that_say_the_same_the_shorter_name_is_told() -> None:
    rng, f = expected(6)
    v = f * (1 + 0.03 * rng.standard_normal(len(f))) * np.where(GRID[:, 1] == 2, 0.5, 1)
    twice = np.column_stack([GRID, GRID[:, 1]]).astype(np.int32)
    assert found(table(twice, v, f, ("market", "channel", "device", "via"))) == [{"via": "via2"}]


def test_a_ratio_is_about_rates_not_about_volumes() -> None:
    rng = np.random.default_rng(7)
    tries = rng.poisson(400, len(GRID)).astype(float)
    before = rng.poisson(400, len(GRID)).astype(float)
    before[GRID[:, 2] == 4] *= 3  # the volume of a device fell, its rate did not
    good = tries - rng.binomial(tries.astype(int), np.where(GRID[:, 0] == 1, 0.2, 0.02))
    asked = table(GRID, good, 0.98 * before, actual_base=tries, forecast_base=before)
    (one,) = localise(asked).segments
    assert one.where.to_dict() == {"market": "market1"}
    assert one.actual == pytest.approx(0.8, abs=0.01)
    assert one.forecast == pytest.approx(0.98)


def test_a_value_of_which_nothing_was_expected_is_found() -> None:
    rng, f = expected(8)
    v = f * (1 + 0.03 * rng.standard_normal(len(f)))
    new = (GRID == [1, 1, 1]).all(axis=1)
    f, v = np.where(new, 0, f), np.where(new, 400.0, v)
    assert found(table(GRID, v, f)) == [{"market": "market1", "channel": "channel1", "device": "device1"}]


@pytest.mark.parametrize(("actual", "forecast"), [([5.0], [10.0]), ([0.0], [0.0]), ([7.0], [0.0])])
def test_one_leaf_is_everything(actual: list[float], forecast: list[float]) -> None:
    assert found(table(np.zeros((1, 2), np.int32), np.array(actual), np.array(forecast))) == [{}]


def test_nothing_forecast_anywhere_is_nothing_in_particular() -> None:
    assert found(table(GRID, np.random.default_rng(9).poisson(5, len(GRID)), np.zeros(len(GRID)))) == [{}]


@pytest.mark.parametrize("scale", [-1.0, 1e-200, 1e200])
def test_sign_and_unit_do_not_matter(scale: float) -> None:
    rng, f = expected(10)
    v = f * (1 + 0.05 * rng.standard_normal(len(f))) * np.where(GRID[:, 1] == 2, 0.4, 1)
    assert found(table(GRID, v * scale, f * scale)) == [{"channel": "channel2"}]


def test_a_dimension_of_a_hundred_thousand_values_does_no_harm() -> None:
    rng = np.random.default_rng(11)
    codes = np.column_stack([rng.integers(0, 100_000, 120_000), rng.integers(0, 8, 120_000)]).astype(np.int32)
    f = rng.gamma(2, 20, len(codes))
    v = f * (1 + 0.1 * rng.standard_normal(len(f))) * np.where(codes[:, 1] == 3, 0.6, 1)
    assert found(table(codes, v, f)) == [{"channel": "channel3"}]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_figure_that_is_no_number_is_refused_with_its_row(bad: float) -> None:
    f = np.ones(len(GRID))
    v = f.copy()
    v[41] = bad
    with pytest.raises(UsageError, match="actual is no finite number in row 42"):
        localise(table(GRID, v, f))


def test_a_ratio_needs_both_denominators() -> None:
    f = np.ones(len(GRID))
    with pytest.raises(UsageError, match="denominators"):
        localise(table(GRID, f, f, actual_base=f))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 4), st.floats(0, 1))
def test_any_table_gets_an_answer_that_adds_up(seed: int, rows: int, dimensions: int, negative: float) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (rows, dimensions)).astype(np.int32)
    v, f = rng.poisson(2, rows) * rng.choice([1.0, 50.5], rows), rng.poisson(1, rows) * 10.0
    v[rng.random(rows) < negative / 4] *= -1
    f[rng.random(rows) < negative / 4] *= -1
    answer = localise(table(codes, v, f, ("a", "b", "c", "d")[:dimensions]))
    assert answer.segments
    for one in answer.segments:
        inside = np.ones(rows, bool)
        for name, value in one.where.to_dict().items():
            inside &= codes[:, "abcd".index(name)] == int(value[1:])
        assert inside.any()
        assert 0 < one.confidence < 1
        assert one.actual == pytest.approx(v[inside].sum())
        assert one.change == pytest.approx((v - f)[inside].sum())


def test_confidence_is_honest_over_worlds_of_several_kinds() -> None:
    from bench.localize import WORLDS, run

    said = [one for name in ("relative", "orders", "rates") for one in run(WORLDS[name], range(500, 510))[1]]
    sure = [right for confidence, right in said if confidence >= 0.9]
    assert len(sure) > 30
    assert np.mean(sure) >= 0.9
