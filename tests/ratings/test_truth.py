"""Ratings of simulated creators, against how good they really are."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from core.ratings.rating_table import RatingTable
from core.ratings.simulate import flips_a_year
from tests.ratings.simulated import FIRST, World, world

Floats = NDArray[np.float64]


def auc(risk: Floats, bad: Floats, good: Floats) -> float:
    """The chance that a bad order is of somebody riskier than a good one is; each has so many of either."""
    order = np.argsort(risk)
    risk, bad, good = risk[order], bad[order], good[order]
    before = np.concatenate([[0.0], np.cumsum(good)])
    low, high = np.searchsorted(risk, risk), np.searchsorted(risk, risk, "right")
    return float((bad * (before[low] + before[high]) / 2).sum() / (bad.sum() * good.sum()))


def raw(rated: RatingTable) -> tuple[Floats, Floats]:
    """(bad, all) orders of each card, each counted once."""
    cases, size = rated.gathered.cases, rated.gathered.crowd.size
    who = rated.gathered.frame.cards.who
    return np.bincount(cases.who, cases.fault >= 0, size)[who], np.bincount(cases.who, minlength=size)[who].astype(
        float
    )


def one_quality(seed: int, spread: float = 0.8, median: float = 150, creators: int = 600) -> tuple[World, Floats]:
    """Creators of one market who are good or bad at everything alike, and how many times worse than usual each is."""
    made = world(seed, creators, median=median, sizes=0.7)
    worse = np.exp(np.random.default_rng(seed + 50).normal(0, spread, len(made.orders)) - spread * spread / 2)
    rates = {"product": 0.05 * worse, "content": 0.02 * worse, "service": 0.008 * worse, "compliance": 0 * worse}
    shares = {name: np.minimum(rate, 0.4) for name, rate in rates.items()}
    return replace(made, rates=shares, market=np.zeros_like(made.market)), worse


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scores_rank_as_the_truth_does_and_better_than_star_averages(seed: int) -> None:
    made, worse = one_quality(seed)
    rated = made.rated()
    rng, cases = np.random.default_rng(seed), rated.gathered.cases
    mood = rng.random(len(cases.who))
    good = np.where(mood < 0.66, 5, np.where(mood < 0.89, 4, 3))
    stars = np.where(cases.fault >= 0, np.where(mood < 0.6, 1, 2), good)
    who = rated.gathered.frame.cards.who
    average = np.bincount(cases.who, stars, rated.gathered.crowd.size)[who] / np.maximum(raw(rated)[1], 1)
    truth = -worse[who - 1]
    seen = rated.rank > 0
    mine, theirs = (float(spearmanr(one[seen], truth[seen])[0]) for one in (rated.score, average))
    assert mine >= 0.80
    assert mine >= theirs + 0.02


@pytest.mark.parametrize(("median", "spread"), [(60, 0.8), (200, 0.8), (200, 0.4)])
def test_intervals_cover_the_true_score(median: float, spread: float) -> None:
    covered = []
    for seed in range(3):
        made = world(seed, median=median, spread=spread)
        rated = made.rated()
        true = made.true_scores(rated)
        covered.append((rated.low <= true) & (true <= rated.high))
    assert 0.93 <= np.mean(covered) <= 0.97


def test_small_creators_are_told_apart_better_than_by_raw_rates() -> None:
    mine, theirs = [], []
    for seed in range(4):
        made = world(seed, creators=2000, median=40, spread=0.6, levels=(1.0, 2.0, 4.0), bad=0.008)
        nothing = np.zeros(len(made.orders))
        made = replace(
            made,
            rates={"product": made.rates["product"], **dict.fromkeys(("content", "service", "compliance"), nothing)},
        )
        rated = made.rated()
        bad, all_ = raw(rated)
        small = (all_ > 0) & (all_ < 30)
        who = rated.gathered.frame.cards.who - 1
        true, future = made.rates["product"][who], made.orders[who]
        for found, risk in ((mine, -rated.score), (theirs, bad / np.maximum(all_, 1))):
            found.append(auc(risk[small], (true * future)[small], ((1 - true) * future)[small]))
    assert np.mean(mine) >= np.mean(theirs) + 0.05, (mine, theirs)


def raw_flips_a_year(made: World) -> float:
    """Grade changes of a creator a year when the raw rate of the last four weeks is cut at the same points."""
    rated = made.rated()
    cases, cards = rated.gathered.cases, rated.gathered.frame.cards
    usual = float((cases.fault >= 0).mean())
    cuts = -np.log(np.array([0.75, 0.60, 0.45])) / -np.log(0.60) * usual
    grades = []
    for end in range(FIRST + 62, FIRST + made.days, 7):
        here = (cases.base <= end) & (cases.base > end - 28)
        n = np.bincount(cases.who[here], minlength=rated.gathered.crowd.size)[cards.who]
        k = np.bincount(cases.who[here], cases.fault[here] >= 0, rated.gathered.crowd.size)[cards.who]
        grades.append(np.where(n > 0, np.searchsorted(cuts, k / np.maximum(n, 1)), -1))
    kept = np.array(grades)
    both = (kept[1:] >= 0) & (kept[:-1] >= 0)
    return float(((kept[1:] != kept[:-1]) & both).sum() / both.sum() * 52)


def test_grades_are_still_while_quality_is() -> None:
    made = [world(seed, median=300, days=364, sizes=0.7) for seed in range(3)]
    assert np.mean([flips_a_year(one.rated()) for one in made]) <= 0.6
    assert raw_flips_a_year(made[0]) >= 5


@pytest.mark.parametrize(("a_week", "weeks"), [(3, 24), (10, 10), (40, 6), (150, 4)])
def test_a_collapse_is_seen_within_weeks(a_week: int, weeks: int) -> None:
    creators, fallen, days, fall = (200, 30, 350, 150) if a_week > 100 else (500, 75, 350, 150)
    rng = np.random.default_rng(5)
    true = np.minimum(0.015 * np.exp(rng.normal(0, 0.8, creators) - 0.32), 0.4)
    true[:fallen] = 0.015
    made = world(5, creators, days=days)
    nothing, shift = np.zeros(creators), np.ones((days, creators))
    shift[fall:, :fallen] = 5 / 1.5
    rates = {"product": true, **dict.fromkeys(("content", "service", "compliance"), nothing)}
    made = replace(
        made, rates=rates, shift=shift, market=np.zeros_like(made.market), orders=nothing + a_week * days / 7
    )
    rated = made.rated(as_of=fall + 7 * (weeks + 1))
    history, mine = rated.history, rated.gathered.frame.cards.who[rated.graded] <= fallen
    before = history.grades[history.days <= FIRST + fall][-1]
    graded = mine & (before >= 0)
    assert graded.sum() > 20
    seen = (history.grades[history.days > FIRST + fall] > before).any(axis=0)
    assert seen[graded].mean() > 0.5


def test_being_little_known_costs_nothing_on_average() -> None:
    gaps = []
    for seed in range(3):
        made = world(seed, creators=1500, median=60)
        rated = made.rated()
        small = (rated.orders > 0) & (rated.orders < 30)
        gaps.append(rated.score[small].mean() - rated.score[rated.orders >= 100].mean())
    assert abs(np.mean(gaps)) < 2.0


def test_ranks_count_who_has_a_case_and_share_places() -> None:
    rated = world(1).rated()
    card = int(np.flatnonzero(rated.rank == 1)[0])
    same = (rated.gathered.frame.cards.market == rated.gathered.frame.cards.market[card]) & (rated.rank > 0)
    assert rated.score[card] == rated.score[same].max()
    assert rankdata(-rated.score[same], "min").astype(int).tolist() == rated.rank[same].tolist()
    assert rated.rivals[card] == same.sum()
