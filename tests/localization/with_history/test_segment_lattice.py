"""The lattice of segments: elements and their sums counted leaf by leaf, dimensions with many values, names for the same."""

from collections import Counter

import numpy as np
import pytest

from core.base.segment import Segment
from core.localization.with_history.segment_lattice import MANY, Cuboid, SegmentLattice

LEAVES = 900


def lattice(sellers: int, seed: int = 1) -> SegmentLattice:
    """Random leaves of so many sellers; a zone is another word for a market, and everything is in one currency."""
    rng = np.random.default_rng(seed)
    sizes = {"seller_id": sellers, "market": 3, "channel": 6}
    codes = {name: rng.integers(0, size + 1, LEAVES) for name, size in sizes.items()}
    codes["seller_id"][:sellers] = np.arange(1, sellers + 1)
    codes |= {"zone": codes["market"], "currency": np.ones(LEAVES, int)}
    values = {name: ("", *(f"{name}{code}" for code in range(1, column.max() + 1))) for name, column in codes.items()}
    return SegmentLattice(values, tuple(codes), np.column_stack(list(codes.values())).astype(np.int32))


def names(grid: SegmentLattice) -> set[tuple[str, ...]]:
    return {tuple(grid.dimensions[axis] for axis in cuboid.axes) for cuboid in grid.cuboids}


def test_dimensions_that_say_the_same_or_nothing_are_left_out() -> None:
    grid = lattice(5)
    assert [grid.dimensions[axis] for axis in grid.shown] == ["seller_id", "market", "channel"]
    assert grid.radix == (6, 4, 7, 4, 2)


@pytest.mark.parametrize(("sellers", "deep"), [(MANY, True), (MANY + 1, False)])
def test_of_many_values_only_pairs_are_looked_at(sellers: int, deep: bool) -> None:
    grid = lattice(sellers)
    pairs = {("seller_id", "market"), ("seller_id", "channel"), ("market", "channel")}
    assert names(grid) - {("seller_id", "market", "channel")} == pairs | {("seller_id",), ("market",), ("channel",)}
    assert (("seller_id", "market", "channel") in names(grid)) is deep
    assert all((cuboid.base is None) == (not deep and 0 in cuboid.axes) for cuboid in grid.cuboids)


@pytest.mark.parametrize(("dimensions", "threes", "fours"), [(3, 1, 0), (4, 4, 1), (5, 10, 5), (6, 20, 0)])
def test_of_few_dimensions_segments_of_four_are_looked_at(dimensions: int, threes: int, fours: int) -> None:
    values = {f"d{axis}": ("", "a", "b") for axis in range(dimensions)}
    codes = np.random.default_rng(3).integers(1, 3, (LEAVES, dimensions)).astype(np.int32)
    deep = Counter(map(len, names(SegmentLattice(values, tuple(values), codes))))
    assert (deep[3], deep[4], deep[5]) == (threes, fours, 0)


@pytest.mark.parametrize("sellers", [7, MANY + 1, 900])
def test_sums_of_elements_are_those_of_their_leaves(sellers: int) -> None:
    grid, rng = lattice(sellers), np.random.default_rng(2)
    columns = rng.integers(1, 9, (2, LEAVES)).astype(float)
    some = np.flatnonzero(rng.random(LEAVES) < 0.3)
    for rows in (np.arange(LEAVES), some):
        for cuboid, sums in zip(grid.cuboids, grid.sums(columns, grid.cuboids, rows), strict=True):
            assert sums.shape == (2, cuboid.size)
            assert by_element(grid, cuboid, sums) == counted(grid, cuboid, columns, rows)


def by_element(grid: SegmentLattice, cuboid: Cuboid, sums: np.ndarray) -> dict[tuple[int, ...], tuple[float, ...]]:
    codes = grid.codes[:, cuboid.axes]
    return {tuple(codes[leaf]): tuple(sums[:, key]) for leaf, key in enumerate(cuboid.key) if sums[:, key].any()}


def counted(
    grid: SegmentLattice, cuboid: Cuboid, columns: np.ndarray, rows: np.ndarray
) -> dict[tuple[int, ...], tuple[float, ...]]:
    totals: tuple[Counter[tuple[int, ...]], ...] = (Counter(), Counter())
    for leaf in rows:
        for total, column in zip(totals, columns, strict=True):
            total[tuple(grid.codes[leaf, cuboid.axes])] += column[leaf]
    return {key: (totals[0][key], totals[1][key]) for key in totals[0]}


def test_elements_are_priced_by_how_many_are_given_in_full() -> None:
    grid = lattice(900)
    for cuboid in grid.cuboids:
        codes = grid.codes[:, cuboid.axes]
        full = {tuple(row) for row in codes if all(row)}
        assert {tuple(codes[leaf]) for leaf, key in enumerate(cuboid.key) if cuboid.given[key]} == full
        ways = {1: 3, 2: 3, 3: 1}[len(cuboid.axes)]
        assert cuboid.price == pytest.approx(np.log(len(full) * ways))


def test_a_segment_holds_the_leaves_of_its_values() -> None:
    grid = lattice(5)
    rows = grid.inside(Segment.parse("market=market1|market3,channel=channel2,weather=fine"))
    assert rows.tolist() == [market in (1, 3) and channel == 2 for _, market, channel, *_ in grid.codes.tolist()]
