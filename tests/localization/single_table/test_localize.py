"""The localizer as explain uses it: planted causes are found exactly, whatever the noise, and odd tables get a clear answer."""

from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import UsageError
from core.base.segment import Segment
from core.localization.single_table.localize import LeafTable, localize

GRID = np.stack([one.ravel() for one in np.indices((5, 6, 7))], axis=1).astype(np.int32)
Where = dict[str, str]


def table(
    codes: np.ndarray, actual: np.ndarray, forecast: np.ndarray, names: tuple[str, ...] = (), **bases: np.ndarray
) -> LeafTable:
    names = names or ("market", "channel", "device")[: codes.shape[1]]
    values = tuple(tuple(f"{name}{k}" for k in range(codes[:, j].max() + 1)) for j, name in enumerate(names))
    return LeafTable(
        dimensions=names,
        values=values,
        codes=codes,
        actual=np.asarray(actual, float),
        forecast=np.asarray(forecast, float),
        **bases,
    )


def found(asked: LeafTable) -> list[Where]:
    return [one.where.to_dict() for one in localize(asked).segments]


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
    (one,) = localize(table(GRID, f * 0.7 * (1 + 0.02 * rng.standard_normal(len(f))), f)).segments
    assert one.where == Segment()
    assert one.change == pytest.approx(one.actual - one.forecast)


def test_a_segment_against_a_general_move_is_still_found() -> None:
    rng, f = expected(4)
    v = 0.8 * f * (1 + 0.03 * rng.standard_normal(len(f)))
    v[GRID[:, 1] == 4] *= 0.5
    assert found(table(GRID, v, f)) == [{"channel": "channel4"}]


def test_causes_that_cross_are_told_without_what_follows_from_both() -> None:
    rng, f = expected(12)
    v = f * (1 + 0.03 * rng.standard_normal(len(f)))
    v[GRID[:, 0] == 2] *= 0.4
    v[GRID[:, 1] == 3] *= 1.9
    answer = found(table(GRID, v, f))
    assert sorted(map(str, answer)) == ["{'channel': 'channel3'}", "{'market': 'market2'}"]


def test_new_and_vanished_values_of_a_sparse_cube_that_moves_as_a_whole() -> None:
    rng = np.random.default_rng(13)
    codes = np.stack([one.ravel() for one in np.indices((9, 8, 10, 7))], axis=1).astype(np.int32)
    codes = codes[rng.random(len(codes)) < 0.15]
    f = rng.lognormal(3, 1, len(codes))
    v = 1.25 * f * (1 + 0.08 * rng.standard_normal(len(f)))
    v[codes[:, 0] == 4] = 0
    f[(codes[:, 1] == 2) & (codes[:, 3] == 5)] = 0
    answer = found(table(codes, v, f, ("a", "b", "c", "d")))
    assert {"a": "a4"} in answer
    assert {"b": "b2", "d": "d5"} in answer
    assert len(answer) == 2


@pytest.mark.parametrize(("moved", "noise"), [(0.67, 0.19), (0.85, 0.2), (1.4, 0.1)])
def test_a_general_move_no_larger_than_the_noise_is_nothing_in_particular(moved: float, noise: float) -> None:
    rng = np.random.default_rng(14)
    f = rng.lognormal(3, 1, (12, 10, 9)).ravel()
    codes = np.stack([one.ravel() for one in np.indices((12, 10, 9))], axis=1).astype(np.int32)
    assert found(table(codes, f * moved * np.abs(1 + noise * rng.standard_normal(len(f))), f)) == [{}]


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
    (one,) = localize(asked).segments
    assert one.where.to_dict() == {"market": "market1"}
    assert one.actual == pytest.approx(0.8, abs=0.01)
    assert one.forecast == pytest.approx(0.98)


def rates(seed: int, now: np.ndarray) -> LeafTable:
    """Failures of attempts at a rate of 2 %, that goes by the factor `now`."""
    rng = np.random.default_rng(seed)
    tries, before = (rng.poisson(300, len(GRID)).astype(float) for _ in range(2))
    failed = rng.binomial(tries.astype(int), np.minimum(0.02 * now, 0.9))
    foretold = rng.binomial(before.astype(int), 0.02)
    return table(GRID, tries - failed, before - foretold, actual_base=tries, forecast_base=before)


def test_rates_that_drift_a_little_are_no_cause() -> None:
    rng = np.random.default_rng(15)
    drift = np.exp(rng.normal(0, 0.15, len(GRID)) + rng.normal(0, 0.15, 6)[GRID[:, 1]])
    assert found(rates(15, drift)) == [{}]


def test_a_cause_of_failures_that_spares_a_part_is_told_as_one() -> None:
    rng = np.random.default_rng(16)
    uneven = 8 * np.exp(rng.normal(0, 0.5, 7)[GRID[:, 2]]) * np.where(GRID[:, 2] == 3, 1 / 8, 1)
    assert found(rates(16, np.where(GRID[:, 1] == 2, uneven, 1.0))) == [{"channel": "channel2"}]


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


def test_refunds_stand_as_negative_leaves() -> None:
    rng, f = expected(17)
    f[rng.random(len(f)) < 0.06] *= -1
    v = f * (1 + 0.05 * rng.standard_normal(len(f)))
    v[GRID[:, 2] == 4] *= 0.5
    assert found(table(GRID, v, f)) == [{"device": "device4"}]


def test_a_dimension_that_numbers_the_rows_does_no_harm() -> None:
    rng = np.random.default_rng(18)
    codes = np.column_stack([rng.permutation(20_000), rng.integers(0, 8, 20_000)]).astype(np.int32)
    f = rng.gamma(2, 20, len(codes))
    noise = 1 + 0.1 * rng.standard_normal(len(f))
    assert found(table(codes, f * noise * np.where(codes[:, 1] == 3, 0.7, 1), f)) == [{"channel": "channel3"}]
    assert found(table(codes, f * noise, f)) == [{}]


def test_of_many_dimensions_the_right_two_are_told() -> None:
    rng = np.random.default_rng(19)
    codes = rng.integers(0, 4, (8_000, 16)).astype(np.int32)
    f = rng.lognormal(3, 1, len(codes))
    v = f * (1 + 0.05 * rng.standard_normal(len(f))) * np.where((codes[:, 3] == 1) & (codes[:, 7] == 2), 0.5, 1)
    names = tuple("abcdefghijklmnop")
    assert found(table(codes, v, f, names)) == [{"d": "d1", "h": "h2"}]


def test_rows_of_the_same_leaf_are_one() -> None:
    rng, f = expected(20)
    v = f * (1 + 0.05 * rng.standard_normal(len(f))) * np.where(GRID[:, 1] == 2, 0.5, 1)
    part = rng.random(len(f))
    twice = table(np.vstack([GRID, GRID]), np.r_[v * part, v * (1 - part)], np.r_[f * (1 - part), f * part])
    assert found(twice) == found(table(GRID, v, f)) == [{"channel": "channel2"}]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_figure_that_is_no_number_is_refused_with_its_row(bad: float) -> None:
    f = np.ones(len(GRID))
    v = f.copy()
    v[41] = bad
    with pytest.raises(UsageError, match="actual is no finite number in row 42"):
        localize(table(GRID, v, f))


def test_a_ratio_needs_both_denominators() -> None:
    f = np.ones(len(GRID))
    with pytest.raises(UsageError, match="denominators"):
        localize(table(GRID, f, f, actual_base=f))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 4), st.floats(0, 1))
def test_any_table_gets_an_answer_that_adds_up(seed: int, rows: int, dimensions: int, negative: float) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (rows, dimensions)).astype(np.int32)
    v, f = rng.poisson(2, rows) * rng.choice([1.0, 50.5], rows), rng.poisson(1, rows) * 10.0
    v[rng.random(rows) < negative / 4] *= -1
    f[rng.random(rows) < negative / 4] *= -1
    answer = localize(table(codes, v, f, ("a", "b", "c", "d")[:dimensions]))
    assert answer.segments
    for one in answer.segments:
        inside = np.ones(rows, bool)
        for name, value in one.where.to_dict().items():
            inside &= codes[:, "abcd".index(name)] == int(value[1:])
        assert inside.any()
        assert 0 < one.confidence < 1
        assert one.actual == pytest.approx(v[inside].sum())
        assert one.change == pytest.approx((v - f)[inside].sum())


def test_nothing_is_said_with_less_confidence_when_a_cause_is_near() -> None:
    rng, f = expected(22)
    v = f * (1 + 0.1 * rng.standard_normal(len(f)))
    inside = (GRID[:, 0] == 1) & (GRID[:, 1] == 1)
    calm, near = (localize(table(GRID, v * np.where(inside, factor, 1), f)).segments[0] for factor in (1.0, 0.855))
    assert calm.where == near.where == Segment()
    assert near.confidence < 0.5 < 0.8 < calm.confidence


def test_confidence_is_honest_over_worlds_of_several_kinds() -> None:
    from bench.localize import WORLDS, run

    said = [one for world in WORLDS.values() for one in run(world, range(500, 512))[1]]
    sure = [right for confidence, right in said if confidence >= 0.9]
    unsure = [right for confidence, right in said if confidence < 0.6]
    assert len(sure) > 100
    assert np.mean(sure) >= 0.9
    assert np.mean(unsure) < 0.8


def test_ratios_of_rows_that_are_split_are_those_of_the_leaf() -> None:
    whole = rates(21, np.where(GRID[:, 0] == 1, 6.0, 1.0))
    part = np.random.default_rng(21).integers(0, 3, (4, len(GRID))) / 2
    columns = (whole.actual, whole.forecast, whole.actual_base, whole.forecast_base)
    halves = [np.r_[column * share, column * (1 - share)] for column, share in zip(columns, part, strict=True)]
    split = table(np.vstack([GRID, GRID]), *halves[:2], actual_base=halves[2], forecast_base=halves[3])
    (segment,) = localize(split).segments
    (expected,) = localize(whole).segments
    assert segment == expected
    inside = GRID[:, 0] == 1
    sums = [column[inside].sum() for column in columns]
    assert (segment.actual, segment.forecast) == pytest.approx((sums[0] / sums[2], sums[1] / sums[3]))


def test_codes_of_more_dimensions_than_a_number_has_digits_are_merged_right() -> None:
    rng = np.random.default_rng(24)
    leaves = rng.integers(0, 50, (30, 14)).astype(np.int32)  # 50^14 keys
    leaves[0] = 49
    rows = rng.permutation(np.repeat(np.arange(30), 3))
    figures = rng.integers(1, 9, len(rows)).astype(float)
    merged = table(leaves[rows], figures, 2 * figures, tuple("abcdefghijklmn")).merged()
    by_leaf = {tuple(leaf): figures[rows == k].sum() for k, leaf in enumerate(leaves.tolist())}
    assert {tuple(leaf): value for leaf, value in zip(merged.codes.tolist(), merged.actual, strict=True)} == by_leaf
    assert merged.forecast.tolist() == (2 * merged.actual).tolist()
    assert merged.merged() is merged


def test_two_values_are_a_dimension_and_the_seconds_are_its_own() -> None:
    rng = np.random.default_rng(25)
    codes = np.stack([axis.ravel() for axis in np.indices((300, 2))], axis=1).astype(np.int32)
    f = rng.lognormal(3, 0.5, len(codes))
    v = f * (1 + 0.05 * rng.standard_normal(len(f))) * np.where(codes[:, 1] == 1, 0.8, 1)
    started = process_time()
    answer = localize(table(codes, v, f))
    assert [segment.where.to_dict() for segment in answer.segments] == [{"channel": "channel1"}]
    assert 0 <= answer.seconds <= process_time() - started
