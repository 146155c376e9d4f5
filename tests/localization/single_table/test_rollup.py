"""Sums and promises of all conjunctions of a table, counted element by element."""

from itertools import combinations
from math import comb, log, prod
from statistics import NormalDist

import numpy as np
import pytest

from core.localization.single_table.cuboid_sums import CuboidSums
from core.localization.single_table.dense_rollup import Axes, DenseRollup
from core.localization.single_table.leaf_evidence import EXTRA, TOGETHER, LeafEvidence
from core.localization.single_table.leaf_noise import LeafNoise
from core.localization.single_table.sparse_cuboids import SparseCuboids

RADIX = [3, 4, 2, 5]
LEAVES = 150
CODES = np.column_stack([np.random.default_rng(1).integers(0, size, LEAVES) for size in RADIX]).astype(np.int32)
CODES[:5] = [[min(k, size - 1) for size in RADIX] for k in range(5)]
EVERY = [axes for depth in range(1, 5) for axes in combinations(range(4), depth)]
GAUSSIAN = LeafNoise(counts=0.0, spread=0.05**2, measured="forecast", tail=1000.0)


def elements(axes: Axes, codes: np.ndarray = CODES) -> dict[tuple[int, ...], np.ndarray]:
    """Codes of each element that occurs -> its leaves."""
    keys = [tuple(row) for row in codes[:, list(axes)].tolist()]
    return {key: np.flatnonzero([other == key for other in keys]) for key in set(keys)}


def evidence(seed: int = 2, fall: float = 1.0, width: float = 0.05) -> LeafEvidence:
    """Leaves with Gaussian noise, where those of the second value of the first dimension fell."""
    rng = np.random.default_rng(seed)
    mean = rng.lognormal(4, 0.5, LEAVES)
    value = mean * (1 + width * rng.standard_normal(LEAVES)) * np.where(CODES[:, 0] == 1, fall, 1.0)
    return LeafEvidence(value, mean, mean, GAUSSIAN)


@pytest.mark.parametrize("most_cells", [2_000, 60, 25, 1])
def test_sums_are_those_of_the_leaves(most_cells: int) -> None:
    rng = np.random.default_rng(3)
    columns = rng.integers(-9, 9, (2, LEAVES)).astype(float)
    some = np.flatnonzero(rng.random(LEAVES) < 0.4)
    rollup = DenseRollup(CODES, RADIX, most_cells)
    rollup.count(None, *columns)
    rollup.count(some, *-columns[:, some])
    kept = np.where(np.isin(np.arange(LEAVES), some), 0.0, columns)
    for axes in rollup.axes:
        assert axes in rollup
        sums = rollup.of(axes).reshape(2, *(RADIX[axis] for axis in axes))
        counted = {codes: kept[:, rows].sum(1) for codes, rows in elements(axes).items()}
        assert all((sums[:, *codes] == total).all() for codes, total in counted.items())
        assert np.count_nonzero(sums) == sum(np.count_nonzero(total) for total in counted.values())


@pytest.mark.parametrize(("most_cells", "number"), [(2_000, 15), (239, 14), (238, 13), (28, 6), (27, 5), (1, 4)])
def test_the_smallest_cuboids_are_taken_first(most_cells: int, number: int) -> None:
    axes = DenseRollup(CODES, RADIX, most_cells).axes
    ordered = sorted(EVERY, key=lambda each: (len(each), prod(RADIX[axis] for axis in each), each))
    assert axes == ordered[:number]


def test_a_table_of_very_many_dimensions_is_looked_into_less_deeply() -> None:
    depths = {}
    for dimensions in (31, 34):
        rollup = DenseRollup(np.eye(2, dimensions, dtype=np.int32), [2] * dimensions, 1e9)
        depths[dimensions] = max(map(len, rollup.axes))
        assert len(rollup.axes) == sum(comb(dimensions, layer) for layer in range(1, depths[dimensions] + 1))
    assert depths == {31: 3, 34: 2}, "4,495 and 5,984 triples"


def test_the_best_of_each_cuboid_by_its_codes() -> None:
    rollup = DenseRollup(CODES, RADIX, 2_000)
    values = np.random.default_rng(4).permutation(rollup.sums.shape[1]).astype(float)
    places = np.flatnonzero(np.arange(len(values)) % 3 > 0)
    best = {axes: (value, codes) for value, axes, codes in rollup.best(places, values[places])}
    start = 0
    for axes in rollup.axes:
        cells = [(values[start + k], codes) for k, codes in enumerate(np.ndindex(*(RADIX[axis] for axis in axes)))]
        assert best[axes] == max(cell for k, cell in enumerate(cells) if (start + k) % 3 > 0)
        start += len(cells)


def test_an_element_costs_the_name_that_it_has_among_others() -> None:
    noisy = LeafEvidence(*(np.full(LEAVES, 9.0),) * 3, LeafNoise(1.0, 0.0, "middle", 8.0))
    sums = CuboidSums(CODES, noisy)
    assert sums.price((0,)) == pytest.approx(log(3) + log(4) + EXTRA)
    assert sums.price((1, 3)) == pytest.approx(log(20) + log(6) + EXTRA)
    assert sums.price((0, 1, 2, 3)) == pytest.approx(log(120) + EXTRA)
    few = CuboidSums(CODES[:50], LeafEvidence(*(np.full(50, 9.0),) * 3, noisy.noise))
    assert few.price((0, 1, 3)) == pytest.approx(log(50) + log(4) + EXTRA), "there are no more elements than leaves"
    single = CuboidSums(CODES, evidence()).price((0, 1, 2, 3))
    assert single == pytest.approx(log(120) + log(2) + 0.5 * np.log1p(2 / np.pi / 0.05**2)), "where noise is Gaussian"


def promised(known: LeafEvidence, rows: np.ndarray, free: np.ndarray) -> tuple[float, float]:
    """Nats that a common deviation of some free leaves saves beyond that of the others, and their weight."""
    rows, others = np.intersect1d(rows, free), np.setdiff1d(free, rows)
    pull, weight = known.pulls[rows].sum(), known.weights[rows].sum()
    shared = known.pulls[others].sum() / (known.weights[others].sum() + 400) * weight
    beyond = pull - min(max(shared, min(pull, 0)), max(pull, 0))
    return float(beyond**2 / (2 * weight)), float(weight)


@pytest.mark.parametrize("fall", [0.7, 1.4])
def test_what_elements_promise_is_what_their_leaves_pull_beyond_the_rest(fall: float) -> None:
    known = evidence(5, fall)
    sums = CuboidSums(CODES, known)
    taken = elements((1, 2))[1, 1]
    sums.take(taken)
    free = np.setdiff1d(np.arange(LEAVES), taken)
    (dense,) = sums.strongest(np.isin(np.arange(LEAVES), free))
    best = {axes: (nats, codes) for nats, axes, codes in dense}
    for axes in EVERY:
        promises = {
            codes: promised(known, rows, free)[0] - sums.price(axes) + (log(TOGETHER) if len(axes) == 4 else 0)
            for codes, rows in elements(axes).items()
            if len(np.intersect1d(rows, free))
        }
        nats, codes = max((nats, codes) for codes, nats in promises.items())
        if axes in best:
            assert best[axes] == (pytest.approx(nats), codes)
        else:
            assert nats < 0
    assert best[0,][1] == (1,)
    rest = known.pulls[free].sum() / (known.weights[free].sum() + 400)
    assert sums.rest_of(np.zeros(0, np.int64)) == pytest.approx(rest)


@pytest.mark.parametrize("loose", [0.0, 0.01])
def test_the_nearest_is_what_lacks_least_to_its_full_price(loose: float) -> None:
    known = evidence(6)
    sums, every = CuboidSums(CODES, known, loose), np.arange(LEAVES)
    lacks = []
    for axes in EVERY:
        full = log(max(min(prod(RADIX[axis] for axis in axes), LEAVES), 2)) + log(comb(4, len(axes))) + EXTRA
        for rows in elements(axes).values():
            nats, weight = promised(known, rows, every)
            lacks.append(nats / (1 + weight * loose) - full)
    assert sums.nearest() == pytest.approx(max(lacks))
    assert sums.nearest() < 0


def test_errors_of_whole_elements_are_learnt_from_the_calm_ones() -> None:
    rng = np.random.default_rng(7)
    codes = np.column_stack([rng.integers(0, 80, 6_000), rng.integers(0, 3, 6_000)]).astype(np.int32)
    mean, noise = np.full(6_000, 100.0), 1 + 0.05 * rng.standard_normal(6_000)
    drift = np.array([NormalDist(0, 0.08).inv_cdf((k + 0.5) / 80) for k in range(80)])[codes[:, 0]]
    still, drifting = (
        CuboidSums(codes, LeafEvidence(value, mean, mean, GAUSSIAN)).looseness()
        for value in (mean * noise, mean * (noise + drift))
    )
    assert still == 0.0
    assert np.sqrt(drifting) == pytest.approx(0.08, rel=0.1)
    few = CuboidSums(CODES[:, :2], evidence(width=0.5))
    assert few.looseness() == 0.0, "a handful of elements tells nothing"


def test_nats_beyond_errors() -> None:
    sums = CuboidSums(CODES, evidence(), loose=0.01)
    assert sums.beyond_errors(8.0, -0.2) == pytest.approx(1 / (1 / 8 + 2 * 0.01 / 0.04))
    assert sums.beyond_errors(-3.0, 0.2) == -3.0
    assert CuboidSums(CODES, evidence()).beyond_errors(8.0, 0.2) == 8.0


def test_sparse_cuboids_hold_every_element_that_could_pay() -> None:
    rng = np.random.default_rng(8)
    rollup = DenseRollup(CODES, RADIX, 14)
    odd = np.flatnonzero(rng.random(LEAVES) < 0.6)
    signed, weights = rng.normal(0, 3, len(odd)), rng.uniform(1, 2, len(odd))
    sparse = SparseCuboids(rollup, odd, signed, weights, lambda axes: 4.0 + len(axes))
    hits = {hit.axes: hit for hit in sparse.cuboids}
    assert sparse.usual() == pytest.approx(signed.sum() / weights.sum())
    owned = np.zeros(LEAVES, bool)
    for turn in range(2):
        mine = np.where(owned[odd], 0.0, signed), np.where(owned[odd], 0.0, weights)
        for axes in (axes for axes in EVERY if len(axes) > 1):
            held = {}
            for codes, rows in elements(axes, CODES[odd]).items():
                pulls = signed[rows]
                if max(pulls[pulls > 0].sum(), -pulls[pulls < 0].sum()) > 4.0 + len(axes):
                    held[codes] = mine[0][rows].sum(), mine[1][rows].sum()
            hit = hits.get(axes)
            sums = {} if hit is None else {
                sparse.codes(hit, k): (hit.signed[k], hit.weights[k]) for k in range(len(hit.signed))
            }  # fmt: skip
            assert sums == {codes: pytest.approx(total) for codes, total in held.items()}
        owned[rng.random(LEAVES) < 0.3] = True
        sparse.take(owned) if turn == 0 else None
    assert sparse.usual() == pytest.approx(mine[0].sum() / mine[1].sum())
