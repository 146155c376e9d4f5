"""Whether those who are rated better are seen more.

Exposure in proportion to merit is what a fair ranking gives (Singh and Joachims, Fairness of exposure in rankings, KDD 2018,
section 4); who is seen less than the merit of its tier deserves, or more, shows in shares beside shares. Merit is the score of
a member's cards, each weighed by its order lines.
"""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Floats, Ints
from core.ecosystem.activity import NOW, Activity
from core.ecosystem.fairness.score_history import ScoreHistory
from core.ecosystem.health_results import Exposure, Interval, Tier

_FEWEST = 10
_SURE = 1.959964
_TENTHS = 10


def exposures(standings: list[ScoreHistory], activities: tuple[Activity, ...]) -> Iterator[Exposure]:
    """One for each side that is rated and seen, with ten members at least."""
    by_side = {one.crowd.side: one for one in activities}
    for standing in standings:
        found = _exposure(standing, by_side[standing.side])
        if found is not None:
            yield found


def _exposure(standing: ScoreHistory, activity: Activity) -> Exposure | None:
    if "impressions" not in activity.amounts:
        return None
    score, grade = _merit(standing, activity.crowd.size)
    members = np.flatnonzero(activity.active(NOW) & (grade >= 0))
    seen = activity.amount("impressions", NOW)[members].astype(np.float64)
    if len(members) < _FEWEST or not seen.any():
        return None
    sold = (
        activity.amount("gmv", NOW)[members].astype(np.float64) if "gmv" in activity.amounts else np.zeros(len(members))
    )
    correlation, interval = spearman(score[members], seen)
    place = np.argsort(np.argsort(score[members], kind="stable"), kind="stable")
    tenth = place * _TENTHS // len(members)
    return Exposure(
        side=standing.side,
        members=len(members),
        correlation=correlation,
        interval=interval,
        grades=tuple(_tiers(grade[members], standing.grades, seen, sold)),
        deciles=tuple(_tiers(tenth, tuple(str(one + 1) for one in range(_TENTHS)), seen, sold)),
    )


def _merit(standing: ScoreHistory, size: int) -> tuple[Floats, Ints]:
    """Each member's score, and the grade of its card with the most order lines; -1 = without a card. Shape (members,)."""
    cards, who = standing.cards, standing.now.gathered.frame.cards.who[standing.cards]
    orders = np.maximum(standing.now.orders[cards], 1).astype(np.float64)
    weight = np.bincount(who, orders, size)
    score = np.bincount(who, orders * standing.now.score[cards], size) / np.maximum(weight, 1)
    grade = np.full(size, -1)
    order = np.lexsort((-np.arange(len(cards)), orders, who))
    grade[who[order]] = standing.grade()[order]  # the last of each member, which has the most
    return score, grade


def _tiers(tier: Ints, names: tuple[str, ...], seen: Floats, sold: Floats) -> Iterator[Tier]:
    size = len(names)
    members, impressions, gmv = (
        np.bincount(tier, minlength=size),
        np.bincount(tier, seen, size),
        np.bincount(tier, sold, size),
    )
    for at, name in enumerate(names):
        if members[at]:
            share, part = float(members[at] / len(tier)), float(impressions[at] / seen.sum())
            worth = float(gmv[at] / sold.sum()) if sold.any() else None
            yield Tier(
                tier=name,
                members=int(members[at]),
                member_share=share,
                impression_share=part,
                gmv_share=worth,
                exposure_ratio=part / share,
            )


def spearman(first: Floats, second: Floats) -> tuple[float, Interval]:
    """Spearman's rank correlation and its 95 % interval (Bonett and Wright, Psychometrika 2000); at least four pairs."""
    ranks = np.stack([_ranks(one) for one in (first, second)])
    if (ranks.std(axis=1) == 0).any():
        return 0.0, (-1.0, 1.0)
    found = float(np.clip(np.asarray(np.corrcoef(ranks))[0, 1], -1, 1))
    half = _SURE * float(np.sqrt((1 + found**2 / 2) / (len(first) - 3)))
    middle = float(np.arctanh(np.clip(found, -0.999999, 0.999999)))
    return found, (float(np.tanh(middle - half)), float(np.tanh(middle + half)))


def _ranks(values: Floats) -> Floats:
    """From 1; equals share the mean of theirs."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(times) - (times - 1) / 2)[place]
    return ranks
