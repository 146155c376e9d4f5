"""Exact-match F1, seconds and honesty of the localizer on tables with known root causes.

    python -m bench.localize [--seeds N] [--first SEED]

Worlds: `relative` (multiplicative noise in actuals or forecasts, causes of every depth), `leaves` (causes of one leaf),
`mixed` (a sparse cube that moves as a whole, with falls, rises, new and vanished values at once), `orders` (rare orders with
priced baskets, forecast from four noisy weeks, a general move), `rates` (failures of attempts, where ordinary rates drift too);
and `calm`, where nothing in particular happened, though everything may have moved. At the end: of the answers said with so much
confidence, how many were right. That nothing in particular happened (`{}`) is such an answer too.
"""

import argparse
from collections.abc import Callable
from itertools import combinations, pairwise
from time import process_time

import numpy as np

from core.localization.single_table.localize import LeafTable, localize

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
    factors, truth = _plant(
        rng=rng,
        codes=codes,
        names=names,
        values=values,
        causes=int(rng.integers(1, 5)),
        deepest=min(3, len(names)),
        factor=cut,
    )
    actual, forecast = size * factors, size.copy()
    if rng.random() < 0.5:
        actual = actual * np.abs(1 + noise * rng.standard_normal(len(size)))
    else:
        forecast = forecast * np.abs(1 + noise * rng.standard_normal(len(size)))
    return LeafTable(
        dimensions=names, values=values, codes=codes, actual=actual.round(3), forecast=forecast.round(3)
    ), _seen(truth, codes, names, values, size)


def mixed(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """Some of all combinations; up to four segments that fall, rise, vanish or are new, while everything moves by up to 30 %."""
    names, values, codes = _space(rng, 60_000)
    codes = codes[rng.random(len(codes)) < max(rng.uniform(0.05, 0.5), 100 / len(codes))]
    size, noise = rng.lognormal(3, 1, len(codes)), rng.uniform(0.02, 0.15)
    kinds = {
        "fall": lambda: rng.uniform(0.1, 0.5),
        "rise": lambda: rng.uniform(2, 5),
        "gone": lambda: 0.0,
        "new": lambda: np.inf,
    }
    factors, truth = _plant(
        rng=rng,
        codes=codes,
        names=names,
        values=values,
        causes=int(rng.integers(1, 5)),
        deepest=3,
        factor=lambda: kinds[rng.choice([*kinds])](),
        least=3,
    )
    new = np.isinf(factors)
    actual = (
        np.where(new, 1, factors) * size * rng.uniform(0.7, 1.3) * np.abs(1 + noise * rng.standard_normal(len(size)))
    )
    return LeafTable(
        dimensions=names, values=values, codes=codes, actual=actual.round(2), forecast=np.where(new, 0, size).round(2)
    ), truth


def leaves(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """One to five single leaves, noise of 2-10 %."""
    names, values, codes = _space(rng, 40_000)
    size = rng.weibull(0.9, len(codes)) * 100 + 0.1
    factors, truth, noise = np.ones(len(codes)), set(), rng.uniform(0.02, 0.1)
    for leaf in rng.choice(len(codes), int(rng.integers(1, 6)), replace=False):
        factors[leaf] = rng.uniform(0, 0.4)
        truth.add(frozenset((names[k], values[k][codes[leaf, k]]) for k in range(len(names))))
    actual = size * factors * (1 + noise * rng.standard_normal(len(size)))
    return LeafTable(
        dimensions=names, values=values, codes=codes, actual=actual.round(4), forecast=size.round(4)
    ), truth


def orders(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """Revenue: Poisson orders with gamma baskets, forecast from four weeks of the same; everything moves by up to 4 %."""
    names, values, codes = _space(rng, 12_000)
    due = _skewed(rng, codes) * len(codes) * rng.uniform(4, 12)
    factors, truth = _plant(
        rng=rng,
        codes=codes,
        names=names,
        values=values,
        causes=int(rng.integers(1, 4)),
        deepest=3,
        factor=lambda: rng.uniform(0.3, 0.75),
        least=8,
    )
    kept = {one for one in truth if due[_inside(one, codes, names, values)].sum() > 150}
    for one in truth - kept:
        factors[_inside(one, codes, names, values)] = 1
    price = rng.uniform(20, 60)

    def revenue(mean: np.ndarray) -> np.ndarray:
        return rng.gamma(np.maximum(2.0 * rng.poisson(mean), 1e-9), price / 2)

    forecast = sum(revenue(due) for _ in range(4)) / 4
    actual = revenue(due * factors * (1 + rng.uniform(-0.04, 0.04)))
    return LeafTable(
        dimensions=names, values=values, codes=codes, actual=actual.round(2), forecast=forecast.round(2)
    ), kept


def rates(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """Attempts that go well, and failures: in one segment or two there are three to twenty times as many, unevenly. Ordinary
    rates drift too, those of whole segments among them."""
    names, values, codes = _space(rng, 8_000)
    share = _skewed(rng, codes) * rng.lognormal(0, 0.7, len(codes))
    load = share / share.sum() * 10 ** rng.uniform(3.6, 5.3)
    before = np.minimum(rng.uniform(0.005, 0.05) * np.exp(_by_value(rng, codes, 0.4, 0.2)), 0.4)
    now = before * rng.lognormal(0, 0.2) * np.exp(_drift(rng, codes))
    truth: Truth = set()
    for _ in range(rng.choice([0, 1, 1, 1, 1, 1, 2])):
        axes = rng.choice(len(names), int(rng.choice([1, 2, 3], p=[0.55, 0.35, 0.1])), replace=False)
        leaf = codes[rng.choice(len(codes), p=load / load.sum())]
        inside = (codes[:, axes] == leaf[axes]).all(axis=1)
        if 0.03 < load[inside].sum() / load.sum() < 0.6 and not (inside & (now > 3 * before)).any():
            odds = _by_value(rng, codes, rng.uniform(0, 0.8), 0.2)[inside]
            worse = np.exp(rng.uniform(np.log(3), np.log(20)) + odds - np.average(odds, weights=load[inside]))
            now[inside] = np.minimum(now[inside] * np.maximum(worse, 1), 0.8)
            truth.add(frozenset((names[k], values[k][leaf[k]]) for k in axes))
    due, came = (rng.poisson(load * rng.lognormal(0, 0.1, len(load))) for _ in range(2))
    good, well = rng.binomial(came, 1 - np.minimum(now, 0.9)) * 1.0, rng.binomial(due, 1 - before) * 1.0
    return LeafTable(
        dimensions=names,
        values=values,
        codes=codes,
        actual=good,
        forecast=well,
        actual_base=came * 1.0,
        forecast_base=due * 1.0,
    ), truth


def calm(rng: np.random.Generator) -> tuple[LeafTable, Truth]:
    """Orders, or figures with multiplicative noise that all move together; nothing in particular."""
    names, values, codes = _space(rng, 12_000)
    moved = rng.choice([1.0, rng.uniform(0.6, 1.4)])
    due = _skewed(rng, codes) * len(codes) * rng.uniform(2, 40)
    if rng.random() < 0.5:
        return LeafTable(
            dimensions=names,
            values=values,
            codes=codes,
            actual=rng.poisson(due * moved) * 1.0,
            forecast=rng.poisson(due * 4) / 4,
        ), set()
    noise = rng.uniform(0.02, 0.2)
    actual = due * moved * np.abs(1 + noise * rng.standard_normal(len(due)))
    return LeafTable(dimensions=names, values=values, codes=codes, actual=actual.round(3), forecast=due.round(3)), set()


WORLDS: dict[str, World] = {one.__name__: one for one in (relative, leaves, mixed, orders, rates, calm)}


def _by_value(rng: np.random.Generator, codes: np.ndarray, values: float, leaves: float) -> np.ndarray:
    """What each value of each dimension adds, and what each leaf does, of these standard deviations."""
    added = rng.normal(0, leaves, len(codes))
    for column in codes.T:
        added += rng.normal(0, values, column.max() + 1)[column]
    return added


def _drift(rng: np.random.Generator, codes: np.ndarray) -> np.ndarray:
    """What the log rates of leaves, and of a few segments of one or two dimensions, differ by from one time to another: not
    by half or double, for that would be a cause."""
    drifted = rng.normal(0, rng.uniform(0.05, 0.3), len(codes))
    often, much = rng.uniform(0, 0.12), rng.uniform(0.1, 0.5)
    radix = codes.max(axis=0) + 1
    for layer in (1, 2):
        for axes in combinations(range(codes.shape[1]), layer):
            key = np.ravel_multi_index(codes[:, axes].T, radix[list(axes)])
            drifted += np.where(rng.random(key.max() + 1) < often, rng.normal(0, much, key.max() + 1), 0)[key]
    return np.clip(drifted, -np.log(2), np.log(2))


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
        found = localize(table)
        spent += process_time() - start
        have = {frozenset(one.where.to_dict().items()): one.confidence for one in found.segments}
        said += [(sure, where in (want or {frozenset()})) for where, sure in have.items()]
        right = have.keys() & want
        hit, missed = hit + len(right), missed + len(want - right)
        extra += len(have.keys() - want - {frozenset()})
    f1 = 2 * hit / (2 * hit + extra + missed) if want or hit or missed else float(not extra)
    return f"{hit:5} right {extra:4} extra {missed:4} missed   F1 {f1:.3f}   {spent / len(seeds):.3f} s", said


def reliability(said: list[tuple[float, bool]]) -> list[str]:
    """For bands of confidence: how many answers, how sure they were on average, how many were right."""
    lines = []
    for low, high in pairwise((0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)):
        here = [one for one in said if low <= one[0] < high]
        if here:
            sure, right = np.mean(here, axis=0)
            lines.append(
                f"said {low:.2f}-{min(high, 1):.2f}: {len(here):5} answers, said {sure:.2f}, right {right:.2f}"
            )
    return lines


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=40)
    options.add_argument("--first", type=int, default=1000)
    given = options.parse_args()
    said = []
    for name, world in WORLDS.items():
        line, here = run(world, range(given.first, given.first + given.seeds))
        said += here
        sure = [right for confidence, right in here if confidence >= 0.9]
        print(
            f"{name:9} {line}   of {len(sure)} answers said with .9: {np.mean(sure) if sure else np.nan:.2f}",
            flush=True,
        )
    print("\n".join(reliability(said)))


if __name__ == "__main__":
    main()
