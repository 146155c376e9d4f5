"""Causes of a single leaf: believed as far as the noise of the table allows, and named by the shortest name."""

import numpy as np

from core.localization.single_table.localize import LeafTable, localize

SIZES = (10, 12, 10, 8)
GRID = np.stack([axis.ravel() for axis in np.indices(SIZES)], axis=1).astype(np.int32)
NOISE = 0.15
LEAF, MIRROR = 4_321, 7_777


def leaf_table(actual: np.ndarray, forecast: np.ndarray) -> LeafTable:
    values = tuple(tuple(f"{name}{k}" for k in range(size)) for name, size in zip("abcd", SIZES, strict=True))
    return LeafTable(dimensions=tuple("abcd"), values=values, codes=GRID, actual=actual, forecast=forecast)


def noisy(seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Forecasts and actuals: the larger of both falls short by Gaussian noise of up to 3.5 standard deviations."""
    rng = np.random.default_rng(seed)
    size = rng.weibull(0.8, len(GRID)) * 100 + 1
    noise = NOISE * np.clip(rng.standard_normal(len(GRID)), -3.5, 3.5)
    return size * (1 - np.maximum(noise, 0)), size * (1 + np.minimum(noise, 0))


def name_of(leaf: int) -> dict[str, str]:
    return {name: f"{name}{code}" for name, code in zip("abcd", GRID[leaf], strict=True)}


def wheres(table: LeafTable) -> list[dict[str, str]]:
    return [segment.where.to_dict() for segment in localize(table).segments]


def test_a_leaf_beyond_what_chance_does_among_so_many_is_found() -> None:
    forecast, actual = noisy()
    actual[LEAF] = forecast[LEAF] * (1 - 5.0 * NOISE)
    assert wheres(leaf_table(actual, forecast)) == [name_of(LEAF)]


def test_a_leaf_that_chance_brings_is_none() -> None:
    forecast, actual = noisy()
    actual[LEAF] = forecast[LEAF] * (1 - 4.3 * NOISE)
    assert wheres(leaf_table(actual, forecast)) == [{}]


def test_leaves_that_chance_brings_one_at_a_time_are_found_when_they_are_three() -> None:
    """One of 9,600 leaves at 4.7 standard deviations is no surprise; three at once on the same side are."""
    forecast, actual = noisy()
    several = [LEAF, 1_234, 8_008]
    one, three = actual.copy(), actual.copy()
    one[LEAF], three[several] = forecast[LEAF] * (1 - 4.7 * NOISE), forecast[several] * (1 - 4.7 * NOISE)
    assert wheres(leaf_table(one, forecast)) == [{}]
    named = wheres(leaf_table(three, forecast))
    assert sorted(named, key=str) == sorted((name_of(leaf) for leaf in several), key=str)


def test_a_leaf_as_far_as_one_on_the_other_side_is_noise() -> None:
    forecast, actual = noisy()
    actual[LEAF] = forecast[LEAF] * (1 - 5.0 * NOISE)
    forecast[MIRROR] = actual[MIRROR] * (1 - 5.1 * NOISE)
    assert wheres(leaf_table(actual, forecast)) == [{}]


def test_a_leaf_that_is_alone_in_a_wider_element_has_its_name() -> None:
    forecast, actual = noisy()
    alone = (GRID[:, 0] == GRID[LEAF, 0]) & (GRID[:, 1] == GRID[LEAF, 1]) & (np.arange(len(GRID)) != LEAF)
    forecast[alone] = actual[alone] = 0.0
    actual[LEAF] = 0.02 * forecast[LEAF]
    where = name_of(LEAF)
    assert wheres(leaf_table(actual, forecast)) == [{"a": where["a"], "b": where["b"]}]
