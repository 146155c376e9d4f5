"""Exact-match F1, seconds and honesty of the localiser on tables with known root causes.

    python -m bench.localize [--seeds N] [--first SEED]

Four worlds: `relative` (multiplicative noise in actuals or forecasts, causes of every depth and both directions),
`leaves` (causes of one leaf), `orders` (rare orders with priced baskets, forecast from four noisy weeks, a general
move), `rates` (failures of attempts); and `calm`, where nothing in particular happened.
"""

import argparse
from collections.abc import Callable
from time import process_time

import numpy as np

from core.causes.localise import LeafTable, localise

Truth = set[frozenset[tuple[str, str]]]
World = Callable[[np.random.Generator], tuple[LeafTable, Truth]]


def _space(rng: np.random.Generator, most: int) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], np.ndarray]:
    """Dimensions, values and the codes of all their combinations, at most about `most` of them."""
    sizes = [int(rng.integers(4, 13)) for _ in range(int(rng.integers(3, 6)))]
    while np.prod(sizes) > most:
        sizes[int(np.argmax(sizes))] = max(2, max(sizes) * 2 // 3)
    names = tuple("abcdef"[: len(sizes)])
    values = tuple(tuple(f"{name}{k}" for k in range(size)) for name, size in zip(names, sizes, strict=True))
    return names, values, np.stack([one.ravel() for one in np.indices(sizes)], axis=1).astype(np.int32)


def _plant(
    rng: np.random.Generator, codes: np.ndarray, names: tuple[str, ...], values: tuple[tuple[str, ...], ...],
    causes: int, deepest: int, factor: Callable[[], float], least: int = 1,
) -> tuple[np.ndarray, Truth]:  # fmt: skip
    """A factor for each leaf, and the disjoint-by-name causes behind it; the first cause of a leaf decides."""
    factors, taken, truth = np.ones(len(codes)), np.zeros(len(codes), bool), set()
    for _ in range(causes):
        for _ in range(50):
            axes = rng.choice(codes.shape[1], int(rng.integers(1, deepest + 1)), replace=False)
            leaf = codes[rng.integers(len(codes))]
            inside = (codes[:, axes] == leaf[axes]).all(axis=1)
            if inside.sum() >= least and not (inside & taken).any():
                break
        else:
            continue
        factors[inside], taken[inside] = factor(), True
        truth.add(frozenset((names[k], values[k][leaf[k]]) for k in axes))
    return factors, truth


def relative(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """Log-normal or exponential sizes, a fifth of them nothing; noise of 1-20 %."""
    names, values, codes = _space(rng, 40_000)
    size = rng.lognormal(3, 2, len(codes)) if rng.random() < 0.5 else rng.weibull(0.9, len(codes)) * 100
    size[rng.random(len(codes)) < rng.uniform(0, 0.25)] = 0
    noise = rng.uniform(0.01, 0.2)
    up = rng.random() < 0.3
    far = min(0.9, 4 * noise + 0.2)
    cut = lambda: 1 - rng.uniform(far, 0.98) if not up else 1 + rng.uniform(far, 3)  # noqa: E731
    factors, truth = _plant(rng, codes, names, values, int(rng.integers(1, 5)), min(3, len(names)), cut)
    actual, forecast = size * factors, size.copy()
    if rng.random() < 0.5:
        actual = actual * np.abs(1 + noise * rng.standard_normal(len(size)))
    else:
        forecast = forecast * np.abs(1 + noise * rng.standard_normal(len(size)))
    return LeafTable(names, values, codes, actual.round(3), forecast.round(3)), _seen(truth, codes, names, values, size)


def leaves(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """One to five single leaves, noise of 2-10 %."""
    names, values, codes = _space(rng, 40_000)
    size = rng.weibull(0.9, len(codes)) * 100 + 0.1
    factors, truth, noise = np.ones(len(codes)), set(), rng.uniform(0.02, 0.1)
    for leaf in rng.choice(len(codes), int(rng.integers(1, 6)), replace=False):
        factors[leaf] = rng.uniform(0, 0.4)
        truth.add(frozenset((names[k], values[k][codes[leaf, k]]) for k in range(len(names))))
    actual = size * factors * (1 + noise * rng.standard_normal(len(size)))
    return LeafTable(names, values, codes, actual.round(4), size.round(4)), truth


def orders(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """Revenue: Poisson orders with gamma baskets, forecast from four weeks of the same; everything moves by up to 4 %."""
    names, values, codes = _space(rng, 12_000)
    due = _skewed(rng, codes) * len(codes) * rng.uniform(4, 12)
    factors, truth = _plant(rng, codes, names, values, int(rng.integers(1, 4)), 3, lambda: rng.uniform(0.3, 0.75), 8)
    kept = {one for one in truth if due[_inside(one, codes, names, values)].sum() > 150}
    for one in truth - kept:
        factors[_inside(one, codes, names, values)] = 1
    price = rng.uniform(20, 60)

    def revenue(mean: np.ndarray) -> np.ndarray:
        return rng.gamma(np.maximum(2.0 * rng.poisson(mean), 1e-9), price / 2)

    forecast = sum(revenue(due) for _ in range(4)) / 4
    actual = revenue(due * factors * (1 + rng.uniform(-0.04, 0.04)))
    return LeafTable(names, values, codes, actual.round(2), forecast.round(2)), kept


def rates(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """Attempts that go well, and failures that one segment has five to twenty times as many of."""
    names, values, codes = _space(rng, 2_000)
    attempts = rng.poisson(_skewed(rng, codes) * len(codes) * 60)
    before = rng.poisson(attempts * 4) / 4
    rate = rng.uniform(0.003, 0.03)
    factors, truth = _plant(rng, codes, names, values, 1, 2, lambda: rng.uniform(5, 20), 8)
    failed = rng.binomial(attempts, np.minimum(rate * factors, 0.9))
    expected = rng.binomial((before * 4).astype(int), rate) / 4
    table = LeafTable(names, values, codes, (attempts - failed) * 1.0, before - expected, attempts * 1.0, before)
    extra = {one for one in truth if (attempts * rate * (factors - 1))[_inside(one, codes, names, values)].sum() > 25}
    return table, extra


def calm(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """Orders without any cause."""
    names, values, codes = _space(rng, 12_000)
    due = _skewed(rng, codes) * len(codes) * 8
    return LeafTable(names, values, codes, rng.poisson(due) * 1.0, rng.poisson(due * 4) / 4), set()


WORLDS: dict[str, World] = {one.__name__: one for one in (relative, leaves, orders, rates, calm)}


def _skewed(rng: np.random.Generator, codes: np.ndarray) -> np.ndarray:
    share = np.ones(len(codes))
    for axis in range(codes.shape[1]):
        share *= rng.dirichlet(np.full(codes[:, axis].max() + 1, 1.5))[codes[:, axis]]
    return share


def _inside(
    cause: frozenset[tuple[str, str]], codes: np.ndarray, names: tuple[str, ...], values: tuple[tuple[str, ...], ...]
) -> np.ndarray:
    rows = np.ones(len(codes), bool)
    for name, value in cause:
        axis = names.index(name)
        rows &= codes[:, axis] == values[axis].index(value)
    return rows


def _seen(
    truth: Truth, codes: np.ndarray, names: tuple[str, ...], values: tuple[tuple[str, ...], ...], size: np.ndarray
) -> Truth:
    """The causes that hold at least one leaf with something in it."""
    return {one for one in truth if (size[_inside(one, codes, names, values)] > 0).any()}


def run(world: World, seeds: range) -> tuple[str, list[tuple[float, bool]]]:
    """One line of figures, and each answer's confidence and whether it was right."""
    hit = extra = missed = 0
    spent, said = 0.0, []
    for seed in seeds:
        table, want = world(np.random.default_rng(seed))
        start = process_time()
        found = localise(table)
        spent += process_time() - start
        have = {frozenset(one.where.to_dict().items()) for one in found.segments} - {frozenset()}
        said += [
            (one.confidence, frozenset(one.where.to_dict().items()) in want) for one in found.segments if one.where
        ]
        hit, extra, missed = hit + len(have & want), extra + len(have - want), missed + len(want - have)
    f1 = 2 * hit / max(2 * hit + extra + missed, 1)
    return f"{hit:5} right {extra:4} extra {missed:4} missed   F1 {f1:.3f}   {spent / len(seeds):.3f} s", said


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=40)
    options.add_argument("--first", type=int, default=1000)
    given = options.parse_args()
    said = []
    for name, world in WORLDS.items():
        line, here = run(world, range(given.first, given.first + given.seeds))
        said += here
        print(f"{name:9} {line}", flush=True)
    for low, high in ((0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        right = [hit for confidence, hit in said if low <= confidence < high]
        print(
            f"said {low:.2f}-{min(high, 1):.2f}: {len(right):4} answers, {np.mean(right) if right else np.nan:.2f} right"
        )


if __name__ == "__main__":
    main()
