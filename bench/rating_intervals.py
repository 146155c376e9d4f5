"""Coverage of the 95 % intervals of fairness, calibration and mobility on the health page.

python bench/rating_intervals.py [WORLDS]

Worlds as in bench/health_intervals.py: members of lognormal and Pareto sizes, whose scores say in part how good they are.
"""

import sys
from collections.abc import Iterator

import numpy as np
from health_intervals import LAWS, Interval

from core.base.arrays import Floats
from core.ecosystem.fairness.calibration import Outcomes, rankings, ratio_interval
from core.ecosystem.fairness.exposure import spearman
from core.ecosystem.fairness.mobility import shorrocks
from core.ecosystem.fairness.rating_gaps import difference, selection
from core.ecosystem.proportions import share_of, wilson

_STAY = np.array([[0.8, 0.15, 0.05, 0.0], [0.1, 0.75, 0.1, 0.05], [0.02, 0.13, 0.75, 0.1], [0.0, 0.05, 0.15, 0.8]])
_GRADES = np.array([0.2, 0.4, 0.3, 0.1])
_RATE, _SLOPE, _GROUP = 0.05, 0.3, 0.3
_MANY = 400_000


def scored(random: np.random.Generator, members: int) -> tuple[Floats, Floats, Floats]:
    """Score, share of bad orders, and impressions of each member."""
    quality = random.normal(0, 1, members)
    score = 60 + 7 * quality + random.normal(0, 7, members)
    seen = np.exp(0.03 * score + random.normal(0, 1, members))
    return score, np.minimum(_RATE * np.exp(-_SLOPE * quality), 1.0), seen


def truths() -> tuple[float, float]:
    """The AUC and the rank correlation of scores and impressions of the population."""
    score, rate, seen = scored(np.random.default_rng(1), _MANY)
    order = np.argsort(score)
    bad, good = rate[order], 1 - rate[order]
    auc = float((good * (np.cumsum(bad) - bad / 2)).sum() / (good.sum() * bad.sum()))
    return auc, spearman(score, seen)[0]


def of_ratings(
    law: str, members: int, random: np.random.Generator, auc: float, correlation: float
) -> Iterator[tuple[str, float, Interval]]:
    """Figures of one world: name, truth, interval (None = not shown)."""
    sizes, (score, rate, seen) = LAWS[law](random, members), scored(random, members)
    group = np.zeros(members, bool)
    group[random.permutation(members)[: max(3, int(_GROUP * members))]] = True
    person, top = np.arange(members), score > 62
    yield "score gap", 0.0, difference(score, person, group)[2]
    yield "selection ratio", 1.0, selection(top, group)[1]
    yield "exposure correlation", correlation, spearman(score, seen)[1]
    cases = random.poisson(np.maximum(60 * sizes / sizes.mean(), 0.2)).astype(np.float64)
    bad = random.binomial(cases.astype(np.int64), rate).astype(np.float64)
    some = np.flatnonzero(cases > 0)
    ranking = rankings(
        Outcomes(
            side="creators", score=score[some], grade=0 * some, grades=("A",), person=some, cases=cases[some],
            bad=bad[some], groups={},
        ),
        None,
    )  # fmt: skip
    yield "AUC", auc, None if ranking is None else ranking.interval
    expected = cases * _RATE * np.exp(_SLOPE**2 / 2)
    here = group & (cases > 0)
    yield "bad versus expected", 1.0, ratio_interval(bad[here], expected[here], person[here])[1]
    before = random.choice(4, members, p=_GRADES)
    after = (random.random(members)[:, None] > np.cumsum(_STAY, axis=1)[before]).sum(axis=1)
    matrix = np.bincount(before * 4 + after, minlength=16).reshape(4, 4)
    rows = np.flatnonzero(matrix.sum(axis=1))
    yield "Shorrocks", float((1 - np.diag(_STAY)[rows]).sum() / max(len(rows) - 1, 1)), shorrocks(matrix)[1]
    yield "grades moved", float(_GRADES @ (1 - np.diag(_STAY))), wilson(int((before != after).sum()), members)
    good = random.random(members) ** 0.5
    yield "false demotion", 0.2, share_of(good, (random.random(members) < 0.2).astype(np.float64))[1]
    yield "newcomers' share", 0.2, share_of(sizes, (random.random(members) < 0.2).astype(np.float64))[1]


def main() -> None:
    """Prints a line for each law and number of members."""
    worlds, known = int(sys.argv[1]) if len(sys.argv) > 1 else 200, truths()
    for members in (12, 60, 300):
        for law in LAWS:
            random = np.random.default_rng([members, sum(map(ord, law))])
            covered: dict[str, list[bool]] = {}
            for _ in range(worlds):
                for name, truth, interval in of_ratings(law, members, random, *known):
                    hits = covered.setdefault(name, [])
                    hits += [] if interval is None else [interval[0] <= truth <= interval[1]]
            parts = [f"{name} {np.mean(hits):.3f}" if hits else f"{name} not shown" for name, hits in covered.items()]
            sys.stdout.write(f"{members:>4} {law:<14} {', '.join(parts)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
