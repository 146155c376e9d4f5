"""What must not change where a table is localized to: units, order, names, dimensions that say nothing, merged rows."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.localization.single_table.localize import LeafTable, localize

GRID = np.stack([axis.ravel() for axis in np.indices((5, 6, 7))], axis=1).astype(np.int32)
NAMES = ("market", "channel", "device")
Change = Callable[[LeafTable], LeafTable]


def table(names: tuple[str, ...], codes: np.ndarray, actual: np.ndarray, forecast: np.ndarray) -> LeafTable:
    values = tuple(tuple(f"{name}{k}" for k in range(codes[:, axis].max() + 1)) for axis, name in enumerate(names))
    return LeafTable(dimensions=names, values=values, codes=codes, actual=actual.round(2), forecast=forecast.round(2))


def two_causes(unit: float = 1.0) -> LeafTable:
    """Money with noise of 5 %; a device lost 40 %, a market on one channel of the other devices gained 80 %."""
    rng = np.random.default_rng(4)
    forecast = rng.lognormal(4, 1, len(GRID)) * unit
    actual = forecast * (1 + 0.05 * rng.standard_normal(len(GRID)))
    actual[GRID[:, 2] == 3] *= 0.6
    actual[(GRID[:, 0] == 1) & (GRID[:, 1] == 4) & (GRID[:, 2] != 3)] *= 1.8
    return table(NAMES, GRID, actual, forecast)


def answer(asked: LeafTable) -> dict[frozenset[tuple[str, str]], float]:
    """Segment -> confidence."""
    found = localize(asked).segments
    return {
        frozenset((name, str(value)) for name, value in one.where.to_dict().items()): one.confidence for one in found
    }


TRUTH = {frozenset({("device", "device3")}), frozenset({("market", "market1"), ("channel", "channel4")})}


@pytest.mark.parametrize("unit", [1.0, 100.0, 16_000.0, 1e6, 1e9])
def test_money_of_any_unit(unit: float) -> None:
    plain, other = answer(two_causes()), answer(two_causes(unit))
    assert set(plain) == TRUTH
    assert other == pytest.approx(plain, abs=1e-3)
    for one, scaled in zip(localize(two_causes()).segments, localize(two_causes(unit)).segments, strict=True):
        assert [figure / unit for figure in (scaled.actual, scaled.forecast, scaled.change)] == pytest.approx(
            [one.actual, one.forecast, one.change], rel=1e-4
        )


@settings(max_examples=8)
@given(st.permutations(range(3)), st.integers(0, 2**32))
def test_the_order_of_rows_and_columns(axes: list[int], seed: int) -> None:
    plain, order = two_causes(), np.random.default_rng(seed).permutation(len(GRID))
    moved = LeafTable(
        dimensions=tuple(NAMES[axis] for axis in axes),
        values=tuple(plain.values[axis] for axis in axes),
        codes=plain.codes[order][:, axes],
        actual=plain.actual[order],
        forecast=plain.forecast[order],
    )
    assert answer(moved) == pytest.approx(answer(plain), abs=1e-6)


@given(st.randoms(use_true_random=False))
@settings(max_examples=8)
def test_names_and_codes_of_values(random) -> None:
    plain = two_causes()
    values, codes = [], plain.codes.copy()
    for axis, names in enumerate(plain.values):
        order = random.sample(range(len(names)), len(names))
        values.append(tuple(f"{names[order.index(k)]}!" for k in range(len(names))))
        codes[:, axis] = np.array(order)[plain.codes[:, axis]]
    renamed = LeafTable(
        dimensions=NAMES, values=tuple(values), codes=codes, actual=plain.actual, forecast=plain.forecast
    )
    expected = {frozenset((name, f"{value}!") for name, value in where): sure for where, sure in answer(plain).items()}
    assert answer(renamed) == pytest.approx(expected, abs=1e-6)


def with_column(name: str, column: np.ndarray) -> LeafTable:
    plain = two_causes()
    return table((*NAMES, name), np.column_stack([GRID, column]).astype(np.int32), plain.actual, plain.forecast)


@pytest.mark.parametrize(
    "column",
    [np.zeros(len(GRID)), GRID[:, 2], np.random.default_rng(6).integers(0, 4, len(GRID))],
    ids=["constant", "copy", "random"],
)
def test_dimensions_that_say_nothing(column: np.ndarray) -> None:
    other = answer(with_column("a long irrelevant name", column))
    assert set(other) == TRUTH
    assert other == pytest.approx(answer(two_causes()), abs=0.05)


def test_rows_that_are_split() -> None:
    plain = two_causes()
    split = LeafTable(
        dimensions=NAMES,
        values=plain.values,
        codes=np.vstack([GRID, GRID]),
        actual=np.concatenate([plain.actual * 0.3, plain.actual * 0.7]),
        forecast=np.concatenate([plain.forecast * 0.6, plain.forecast * 0.4]),
    )
    assert answer(split) == pytest.approx(answer(plain), abs=0.02)


def test_what_fell_in_most_leaves_of_one_value_is_that_value() -> None:
    """Four fifths of the leaves are of one value, which halved: the forecast is right for the others, instead of everything
    having halved and the others having doubled."""
    rng = np.random.default_rng(12)
    codes = np.column_stack([(rng.random(4_000) < 0.2), *rng.integers(0, 12, (2, 4_000))]).astype(np.int32)
    forecast = rng.lognormal(4, 1, 4_000)
    actual = forecast * np.where(codes[:, 0] == 0, 0.5, 1.0) * (1 + 0.05 * rng.standard_normal(4_000))
    table = LeafTable(
        dimensions=("kind", "place", "size"),
        values=(("large", "small"), *(tuple(f"{name}{k}" for k in range(12)) for name in "ps")),
        codes=codes,
        actual=actual,
        forecast=forecast,
    )
    assert [segment.where.to_dict() for segment in localize(table).segments] == [{"kind": "large"}]


def test_rows_of_the_same_values_are_one_however_many_values_there_could_be() -> None:
    """Five dimensions of 8,192 values have 2 to the power of 65 cells: more than there are keys of 64 bits."""
    codes = np.array([[0, 0, 0, 0, 0], [4096, 0, 0, 0, 0], [8191] * 5, [4096, 0, 0, 0, 0]], np.int32)
    names = tuple(map(str, range(8192)))
    table = LeafTable(
        dimensions=tuple("abcde"),
        values=(names,) * 5,
        codes=codes,
        actual=np.array([1.0, 2.0, 4.0, 8.0]),
        forecast=np.ones(4),
    )
    merged = table.merged()
    assert sorted(merged.actual.tolist()) == [1.0, 4.0, 10.0]
    assert sorted(merged.forecast.tolist()) == [1.0, 1.0, 2.0]
