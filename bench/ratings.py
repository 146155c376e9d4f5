"""Whether ratings predict how the next orders turn out, and how fast they are computed.

    python bench/ratings.py olist          # real reviews of Olist's sellers (data next to the checkout, or in WHYDROP_SHARED)
    python bench/ratings.py marketplace    # made-up creators, --seeds 3
    python bench/ratings.py speed          # a million creators in five roles

What it costs to buy a rating: bench/rating_attacks.py.

Rolling origins: everybody is rated by what was known on a day, and the orders of the next four weeks are judged by what was
known three weeks after those. Log loss and AUC are of single orders; the slope is that of a logistic regression of what
happened on the predicted log odds (1 = neither too bold nor too timid). What is no probability (stars, Wilson's bound,
platform rules) is turned into one by a logistic regression on all earlier origins, which the rates do not get.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.days import iso
from core.catalogue.rating_rules import packaged
from core.ratings import rate
from core.ratings.cases.case_streams import Bad
from core.ratings.rating_table import RatingInputs, RatingTable
from core.ratings.scoring import grades
from core.ratings.scoring.priors import Members, Prior, fit
from core.ratings.scoring.scores import Belief, deviations, run_of, scores
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from fixtures.marketplace import generate

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NEXT, WAIT = 28, 21
_LEAST = 0.001
"""Raw rates are kept this far from 0 and 1, where one order would cost without end."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One day of rating: what each way says of each who had cases later, and how those went; shape (who,)."""

    rates: Mapping[str, Floats]
    marks: Mapping[str, Floats]
    """What is no probability; shape (who,)."""
    bad: Floats
    cases: Floats
    small: NDArray[np.bool_]


def main() -> None:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["olist", "marketplace", "speed"])
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    if args.what == "speed":
        speed()
    elif args.what == "olist":
        olist()
    else:
        marketplace(args.seeds)


def olist() -> None:
    """Bad reviews (1 or 2 stars) of sellers: what was reviewed by a day tells what is reviewed after it."""
    shared = Path(os.environ.get("WHYDROP_SHARED", Path(__file__).parents[2] / "shared"))
    exports = sorted((shared / "data" / "olist").glob("*.csv.gz"))
    if not exports:
        print(f"skipped: no Olist exports in {shared / 'data' / 'olist'} (WHYDROP_SHARED says where they are)")
        return
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "olist.db"
        load(db, exports)
        with Workspace.open(db) as workspace:
            whole = _reviewed(rate.gather(workspace, "sellers", packaged()))
            last = int(whole.cases.base.max())
            origins = [
                _origin(_reviewed(rate.gather(workspace, "sellers", packaged(), day)), whole, day)
                for day in range(last - 16 * NEXT, last - NEXT + 1, NEXT)
            ]
    print(f"Olist sellers, bad reviews, {len(origins)} origins, the last on {iso(last - NEXT)}")
    _report(origins)


def marketplace(seeds: int) -> None:
    """Faults that creators answer for, in made-up marketplaces of a year."""
    origins: list[Origin] = []
    for seed in range(701, 701 + seeds):
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), seed=seed, days=365, scale=2)
            db = Path(folder) / "w.db"
            load(db, [path for path in sorted(Path(folder).glob("*.csv*")) if "traffic" not in path.name])
            with Workspace.open(db) as workspace:
                whole = rate.gather(workspace, "creators", packaged())
                last = whole.as_of - NEXT - WAIT
                origins += [
                    _origin(rate.gather(workspace, "creators", packaged(), day), whole, day)
                    for day in range(last - 5 * NEXT, last + 1, NEXT)
                ]
    print(f"made-up creators, seeds 701-{700 + seeds}, {len(origins)} origins")
    _report(origins)


def _reviewed(gathered: RatingInputs) -> RatingInputs:
    """The same with delivered and reviewed orders only: where not all reviews are there, silence says nothing."""
    cases = gathered.cases
    bad = (cases.stars > 0) & (cases.stars <= 2)
    review = list(gathered.rules.reasons).index("review")
    stream = next(one for one in gathered.frame.streams if one.of == "orders")
    rows = np.flatnonzero((cases.who > 0) & (cases.stars > 0) & (cases.base > 0))
    cell = np.full(len(cases.who), -1)
    cell[np.flatnonzero(cases.who > 0)] = stream.cell
    hit = np.flatnonzero(bad[rows])
    days = cases.reviewed[rows]
    mine = Bad(
        component=0, spread=1.0, cell=cell[rows][hit], start=days[hit], known=days[hit],
        gone=np.full(len(hit), 1 << 40), amount=np.ones(len(hit)), row=rows[hit],
    )  # fmt: skip
    empty = replace(stream, bads=())
    deliveries = replace(
        stream,
        of="deliveries",
        cell=cell[rows],
        start=days,
        market=cases.market[rows],
        weight=np.ones(len(rows)),
        bads=(mine,),
    )
    component = replace(gathered.rules.components["reviews"], of="deliveries")
    frame = replace(gathered.frame, components=(component,), streams=(deliveries, empty))
    fault = np.where(bad, review, -1)
    base = np.where(cases.stars > 0, cases.reviewed, 0)
    cases = replace(cases, base=base, fault=fault, late=cases.late & False)
    judged = rate.inputs(gathered.as_of, gathered.crowd, cases, gathered.violations, frame)
    at_once = replace(judged.pooled, delays=np.ones_like(judged.pooled.delays))
    return replace(judged, pooled=at_once)


def _origin(then: RatingInputs, whole: RatingInputs, day: int) -> Origin:
    """The predictions of each method on a day, and the outcomes of the next weeks for cards that had cases."""
    rated = rate.judge(then)
    cards = then.frame.cards
    keys, later = _key(then), _key(whole)
    bad, cases = _future(whole, day)
    place = np.minimum(np.searchsorted(later, keys), len(later) - 1)
    known = later[place] == keys
    bad, cases = np.where(known, bad[place], 0.0), np.where(known, cases[place], 0.0)
    rows = [row for row, one in enumerate(then.frame.components) if one.of == "deliveries"]
    n, k = rated.counts.cases[rows[0]], rated.counts.bad[rows].sum(axis=0)
    pooled = float(k.sum() / n.sum())
    believed = grades.beliefs(then.frame, rated.peers, np.arange(rated.size), rated.n, rated.k)
    value = sum(believed[row].value for row in rows)
    stars, times = _stars(then)
    seen = cases > 0
    threshold = np.where(n < 30, 0.0, np.where(k / np.maximum(n, 1) > pooled, 1.0, -1.0))
    raw = np.where(n > 0, k / np.maximum(n, 1), pooled)
    rates = {
        "whydrop": np.asarray(value),
        "pooled mean": np.full(len(n), pooled),
        "raw rate": np.clip(raw, _LEAST, 1 - _LEAST),
        "raw, half a case added": (k + 0.5) / (n + 1),
    }
    marks = {
        "star average": -np.where(times > 0, stars / np.maximum(times, 1), (stars.sum() / max(times.sum(), 1))),
        "Wilson upper bound": _wilson(k, n),
        "30 orders, then above the mean": threshold,
        "lowest of the dimensions": _lowest(rated, rows),
    }
    return Origin(
        {name: one[seen] for name, one in rates.items()},
        {name: one[seen] for name, one in marks.items()},
        bad[seen],
        cases[seen],
        (n < 30)[seen] & (cards.who > 0)[seen],
    )


def _key(gathered: RatingInputs) -> Ints:
    """Names each card: places and markets are the same at every origin."""
    cards = gathered.frame.cards
    keys: Ints = (cards.who * 64 + cards.role) * 1024 + cards.market
    return keys


def _future(whole: RatingInputs, day: int) -> tuple[Floats, Floats]:
    """(bad, all) cases of each card in the weeks after a day, as known three weeks after those."""
    frame = whole.frame
    stream = next(one for one in frame.streams if one.of == "deliveries")
    here = (stream.start > day) & (stream.start <= day + NEXT)
    cases = np.bincount(frame.cell_card[stream.cell[here]], minlength=frame.cards.size).astype(float)
    bad = np.zeros(frame.cards.size)
    for one in stream.bads:
        hit = (one.start > day) & (one.start <= day + NEXT) & (one.known <= day + NEXT + WAIT)
        bad += np.bincount(frame.cell_card[one.cell[hit]], minlength=frame.cards.size)
    return np.minimum(bad, cases), cases


def _stars(then: RatingInputs) -> tuple[Floats, Floats]:
    """Sum and number of stars of each card."""
    stream = next(one for one in then.frame.streams if one.of == "orders")
    rows = np.flatnonzero(then.cases.who > 0)
    card = then.frame.cell_card[stream.cell] if len(stream.cell) == len(rows) else np.zeros(len(rows), np.int64)
    stars, size = then.cases.stars[rows], then.frame.cards.size
    return np.bincount(card, stars, size), np.bincount(card, stars > 0, size)


def _wilson(k: Floats, n: Floats) -> Floats:
    """Upper end of Wilson's 95 % interval: what a cautious ranking goes by."""
    z, m = 1.96, np.maximum(n, 1)
    p = np.where(n > 0, k / m, 0.5)
    bound: Floats = (p + z * z / (2 * m) + z * np.sqrt(p * (1 - p) / m + z * z / (4 * m * m))) / (1 + z * z / m)
    return bound


def _lowest(rated: RatingTable, rows: list[int]) -> Floats:
    """The raw rate of the dimension that looks worst compared with everybody's."""
    n, k = rated.counts.cases, rated.counts.bad
    ratios = [k[row] / np.maximum(n[row], 1) / max(float(k[row].sum() / n[row].sum()), 1e-9) for row in rows]
    worst: Floats = np.max(ratios, axis=0)
    return worst


def _report(origins: list[Origin]) -> None:
    bad, cases = (np.concatenate([getattr(one, name) for one in origins[1:]]) for name in ("bad", "cases"))
    small = np.concatenate([one.small for one in origins[1:]])
    print(
        f"{int(cases.sum())} later cases, {bad.sum() / cases.sum():.2%} bad; {int(cases[small].sum())} of who had under 30"
    )
    print(f"{'':34}log loss   AUC   AUC under 30  slope")
    for name, risk in _predictions(origins):
        loss = -(bad * np.log(risk) + (cases - bad) * np.log1p(-risk)).sum() / cases.sum()
        slope = _logistic(np.log(risk / (1 - risk)), bad, cases)[1] if np.ptp(risk) > 0 else float("nan")
        few = auc(risk[small], bad[small], (cases - bad)[small])
        print(f"{name:34}{loss:8.4f}  {auc(risk, bad, cases - bad):.3f}  {few:12.3f}  {slope:5.2f}")


def _predictions(origins: list[Origin]) -> Iterator[tuple[str, Floats]]:
    """Each way's probabilities for all origins but the first."""
    for name in origins[0].rates:
        yield name, np.concatenate([one.rates[name] for one in origins[1:]])
    for name in origins[0].marks:
        found = []
        for at in range(1, len(origins)):
            past = origins[:at]
            mark, bad, cases = (np.concatenate(one) for one in (
                [each.marks[name] for each in past], [each.bad for each in past], [each.cases for each in past]))  # fmt: skip
            start, slope = _logistic(mark, bad, cases)
            found.append(1 / (1 + np.exp(-(start + slope * origins[at].marks[name]))))
        yield name, np.concatenate(found)


def _logistic(x: Floats, bad: Floats, cases: Floats) -> tuple[float, float]:
    """Intercept and slope of a logistic regression of counts (Newton's steps)."""
    centre, scale = float(np.average(x, weights=cases)), float(x.std()) or 1.0
    design = np.stack([np.ones(len(x)), (x - centre) / scale], axis=1)
    beta = np.zeros(2)
    for _ in range(25):
        p = 1 / (1 + np.exp(-design @ beta))
        curve = (design * (cases * p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        beta += np.linalg.solve(curve, design.T @ (bad - cases * p))
    return float(beta[0] - beta[1] * centre / scale), float(beta[1] / scale)


def auc(risk: Floats, bad: Floats, good: Floats) -> float:
    """The chance that a bad case is of somebody riskier than a good one is; each has so many of either."""
    order = np.argsort(risk, kind="stable")
    risk, bad, good = risk[order], bad[order], good[order]
    before = np.concatenate([[0.0], np.cumsum(good)])
    low, high = np.searchsorted(risk, risk), np.searchsorted(risk, risk, "right")
    return float((bad * (before[low] + before[high]) / 2).sum() / max(bad.sum() * good.sum(), 1e-9))


def speed(creators: int = 1_000_000, roles: int = 5, at_once: int = 250_000) -> None:
    """Priors of 270 peer groups, scores, intervals and grades of every creator in every role, from their counts."""
    rng, size = np.random.default_rng(1), creators * roles
    names = ("product", "content", "service", "compliance")
    group = rng.integers(0, roles * 6 * 9, size)
    n = rng.lognormal(3, 1.2, size)
    level = dict(zip(names, (0.05, 0.01, 0.004, 0.008), strict=True))
    k = {name: rng.poisson(n * rate * rng.gamma(2, 0.5, size)).astype(np.float64) for name, rate in level.items()}
    rules = packaged()
    weights = rules.roles["affiliate"].weights
    points = [weights["reviews"] + weights["product"], *(weights[name] for name in names[1:])]
    start = time.process_time()
    priors = {name: fit(Members(n, k[name], group), int(group.max()) + 1, name != "compliance") for name in names}
    fitted = time.process_time() - start
    score, low, high = np.empty(size), np.empty(size), np.empty(size)
    grades = np.empty(size, np.int8)
    for first in range(0, size, at_once):
        here = slice(first, first + at_once)
        found = scores(
            np.repeat(np.array(points)[:, None], len(group[here]), axis=1),
            [
                _belief(priors[name], group[here], n[here], k[name][here], name != "compliance", rules.peer_score)
                for name in names
            ],
        )
        score[here] = found.score
        low[here], high[here] = found.interval
        sure = np.stack([found.margin(cut) >= deviations(rules.probability) for cut in rules.grades.values()])
        grades[here] = np.argmax(sure, axis=0)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{size:,} cards: {seconds:.1f} CPU s (priors {fitted:.1f}), peak {peak:.2f} GB, mean score {score.mean():.1f}"
    )


def _belief(prior: Prior, group: Ints, n: Floats, k: Floats, is_share: bool, peer: float) -> Belief:
    mean, a = prior.mean[group], prior.a[group]
    run = run_of(mean, peer, is_share)
    return Belief(a=a, b=a / mean - a if is_share else a / mean, n=n, k=k, run=run, is_share=is_share)


if __name__ == "__main__":
    main()
