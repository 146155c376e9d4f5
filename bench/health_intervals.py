"""Coverage of the 95 % intervals on the health page: `python bench/health_intervals.py [WORLDS]`.

Worlds of 12, 60 and 300 members with lognormal and Pareto sizes, whose truth is known: the population that sizes come from for
concentration, the rate of all such members for rates and shares. A figure that a world does not show is left out, and counted.
"""

import sys
from collections.abc import Callable, Iterator
from math import asin, erf

import numpy as np

from core.base.arrays import Floats
from core.ecosystem.fairness.calibration import Outcomes, rankings, ratio_interval
from core.ecosystem.fairness.exposure import spearman
from core.ecosystem.fairness.mobility import shorrocks
from core.ecosystem.fairness.rating_gaps import difference, selection
from core.ecosystem.proportions import newcombe, share_of, wilson
from core.ecosystem.ratio_change import ratio
from core.ecosystem.spread.concentration import figure_intervals

Interval = tuple[float, float] | None
LAWS: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "lognormal 0.8": lambda random, n: np.exp(random.normal(0, 0.8, n)),
    "lognormal 1.3": lambda random, n: np.exp(random.normal(0, 1.3, n)),
    "pareto 1.3": lambda random, n: random.pareto(1.3, n) + 1,
    "pareto 2.0": lambda random, n: random.pareto(2.0, n) + 1,
}
GINI = {"lognormal 0.8": erf(0.4), "lognormal 1.3": erf(0.65), "pareto 1.3": 1 / 1.6, "pareto 2.0": 1 / 3}


def top_share(law: str, top: float) -> float:
    """What the top share of the population has."""
    from scipy.special import ndtr, ndtri

    name, value = law.split()
    shape = float(value)
    return float(1 - ndtr(ndtri(1 - top) - shape)) if name == "lognormal" else top ** (1 - 1 / shape)


def expected_hhi(law: str, members: int) -> float:
    """HHI to be expected of so many members."""
    random = np.random.default_rng(0)
    sizes = [LAWS[law](random, members) for _ in range(4000)]
    return float(np.mean([(one**2).sum() / one.sum() ** 2 for one in sizes]))


def of_sizes(law: str, members: int, random: np.random.Generator, hhi: float) -> Iterator[tuple[str, float, Interval]]:
    """Concentration figures: name, truth, interval (None = not shown)."""
    intervals = figure_intervals(LAWS[law](random, members) * 1000)
    truths = {
        "gini": GINI[law],
        "hhi": hhi,
        "top_1pct_share": top_share(law, 0.01),
        "top_10pct_share": top_share(law, 0.1),
    }
    for name, truth in truths.items():
        yield name, truth, intervals.get(name)


def of_rates(law: str, members: int, random: np.random.Generator) -> Iterator[tuple[str, float, Interval]]:
    """A refund rate that differs from member to member, its change, the share of a group, and a share of members."""
    sizes = LAWS[law](random, members)
    own = random.beta(4, 76, members)
    orders = random.poisson(np.maximum(60 * sizes / sizes.mean(), 0.2), (2, members)).astype(float)
    bad = random.binomial(orders.astype(int), own).astype(float)
    rate = ratio(bad, orders, np.ones(members, bool))
    yield "rate", 0.05, rate.interval
    yield "rate change", 0.0, rate.change_interval
    group = random.random(members) < 0.3
    if group.any() and not group.all():
        yield "group share", 0.3, share_of(sizes, group.astype(float))[1]
    silent = random.binomial(members, 0.08), random.binomial(3 * members, 0.08)
    yield "silent share", 0.08, wilson(silent[0], members)
    yield "silent change", 0.0, newcombe((silent[0], members), (silent[1], 3 * members))


def of_ratings(law: str, members: int, random: np.random.Generator) -> Iterator[tuple[str, float, Interval]]:
    """Figures of fairness, of scores that tell nothing of orders and groups that differ in nothing but a score gap of 3."""
    nobody = np.zeros(members, np.int64)
    sizes, person, group = LAWS[law](random, members), np.arange(members), random.random(members) < 0.35
    orders = random.poisson(np.maximum(60 * sizes / sizes.mean(), 0.2)).astype(float)
    bad = random.binomial(orders.astype(int), random.beta(4, 60, members)).astype(float)
    score = 70 + 8 * random.standard_normal(members) + 3 * group
    both = random.standard_normal((2, members))
    yield "correlation", 6 / np.pi * asin(0.25), spearman(both[0], 0.5 * both[0] + 0.75**0.5 * both[1])[1]
    past = Outcomes(
        side="creators", score=score, grade=nobody, grades=("A",), person=person, cases=orders, bad=bad, groups={}
    )
    area = rankings(past, None)
    yield "AUC", 0.5, None if area is None else area.interval
    if group.any() and not group.all():
        yield "bad orders of a group", 1.0, ratio_interval(bad[group], orders[group] / 16, person[group])[1]
        yield "score gap", 3.0, difference(score, person, group)[2]
        yield "selection ratio", 1.0, selection(random.random(members) < 0.3, group)[1]
    yield "false demotion", 0.15, share_of(random.random(members), (random.random(members) < 0.15).astype(float))[1]
    stay = np.diag([0.65, 0.7, 0.65]) + 0.1
    moves = np.stack([random.multinomial(members // 3, row / row.sum()) for row in stay])
    yield (
        "grades that move",
        float((3 - np.diag(stay / stay.sum(axis=1, keepdims=True)).sum()) / 2),
        shorrocks(moves)[1],
    )


def main() -> None:
    """Prints a line for each law, number of members and figure."""
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for members in (12, 60, 300):
        for law in LAWS:
            random, hhi = np.random.default_rng([members, sum(map(ord, law))]), expected_hhi(law, members)
            covered: dict[str, list[bool]] = {}
            hidden: dict[str, int] = {}
            for _ in range(worlds):
                every = (
                    *of_sizes(law, members, random, hhi),
                    *of_rates(law, members, random),
                    *of_ratings(law, members, random),
                )
                for name, truth, interval in every:
                    if interval is None:
                        hidden[name] = hidden.get(name, 0) + 1
                    else:
                        covered.setdefault(name, []).append(interval[0] <= truth <= interval[1])
            parts = [f"{name} {np.mean(hits):.3f}" for name, hits in covered.items()]
            parts += [f"{name} not shown {count}" for name, count in hidden.items()]
            sys.stdout.write(f"{members:>4} {law:<14} {', '.join(parts)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
