"""Whether those who are rated better are seen more, and whether some groups are seen more than their scores deserve.

Exposure in proportion to merit is what a fair ranking gives (Singh and Joachims, Fairness of exposure in rankings, KDD 2018,
section 4). Merit is the score of a member's cards, each weighed by its order lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.distributions import student_quantile
from core.ecosystem.changes.step_test import LEAST_HISTORY, RECENT, steps
from core.ecosystem.fairness.score_history import ScoreHistory, merit
from core.ecosystem.members.activity import NOW, Activity
from core.ecosystem.ranks import correlation_chance, ranks, spearman
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.fairness_results import Exposure, Tier

_FEWEST = 10
_TENTHS = 10
_GROUPS = ("agency",)
"""Groups whose exposure is held against others' of the same score."""
_ALIKE = ("market", "role")
"""What members are seen more or less by: an agency of a small market is compared with others of that market."""
_LEAST_MEMBERS = 4
_LEAST_HELD = 2.0
"""Effective size of a comparison, n1 n2 / (n1 + n2) in one market: four members with four others."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Members with a score 28 days ago and their impressions; shape (members,), (members, weeks)."""

    score: Floats
    impressions: Floats
    groups: Mapping[str, tuple[Ints, tuple[str, ...]]]


def exposure(standing: ScoreHistory, activity: Activity) -> Exposure | None:
    """Of a side that is rated and seen, with ten members at least; else None."""
    if "impressions" not in activity.amounts:
        return None
    score, grade = merit(standing.now, activity.crowd.size)
    mine = np.zeros(activity.crowd.size, bool)
    mine[standing.now.gathered.frame.cards.who[standing.cards]] = True
    members = np.flatnonzero(activity.active(NOW) & (grade >= 0) & mine)
    impressions = activity.amount("impressions", NOW)[members].astype(np.float64)
    if len(members) < _FEWEST or not impressions.any():
        return None
    sold = (
        activity.amount("gmv", NOW)[members].astype(np.float64) if "gmv" in activity.amounts else np.zeros(len(members))
    )
    correlation, interval = spearman(score[members], impressions)
    rank = np.argsort(np.argsort(score[members], kind="stable"), kind="stable")
    tenth = rank * _TENTHS // len(members)
    return Exposure(
        side=standing.side,
        members=len(members),
        correlation=correlation,
        interval=interval,
        grades=tuple(_tiers(grade[members], standing.grades, impressions, sold)),
        deciles=tuple(_tiers(tenth, tuple(str(item + 1) for item in range(_TENTHS)), impressions, sold)),
    )


def _tiers(tier: Ints, names: tuple[str, ...], views: Floats, sold: Floats) -> Iterator[Tier]:
    size = len(names)
    members, impressions, gmv = (
        np.bincount(tier, minlength=size),
        np.bincount(tier, views, size),
        np.bincount(tier, sold, size),
    )
    for at, name in enumerate(names):
        if members[at]:
            share, part = float(members[at] / len(tier)), float(impressions[at] / views.sum())
            worth = float(gmv[at] / sold.sum()) if sold.any() else None
            yield Tier(
                tier=name,
                members=int(members[at]),
                member_share=share,
                impression_share=part,
                gmv_share=worth,
                exposure_ratio=part / share,
            )


def merit_claims(side: str, exposed: Seen, last: int) -> Iterator[Claim]:
    """Whether the better rated are seen less than chance would have it, or less than before, and who is seen beyond merit."""
    if len(exposed.score) < _FEWEST:
        return
    now = exposed.impressions[:, : max(RECENT)].sum(axis=1)
    market = exposed.groups.get("market", (np.zeros(len(now), np.int64), ()))[0]
    correlation, interval = spearman(_within(exposed.score, market), _within(np.log1p(now), market))
    yield Claim(
        topic="merit", figure="correlation_vs_chance", side=side, where={}, unit="index", now=correlation, before=None,
        effect=correlation, is_factor=False, interval=interval,
        p_value=correlation_chance(correlation, len(exposed.score)) if correlation < 0 else 1.0, onset=last - 27,
        is_worse=correlation < 0,
    )  # fmt: skip
    weeks = exposed.impressions.shape[1]
    if weeks >= max(RECENT) + LEAST_HISTORY and (exposed.impressions.sum(axis=0) > 0).all():
        yield _change(side, exposed, market, last)
    for name in _GROUPS:
        if name in exposed.groups:
            yield from _group_claims(side, exposed, name, now)


def _within(values: Floats, market: Ints) -> Floats:
    """Values less the mean of their market: that one market is seen less is no matter of merit."""
    size = np.maximum(np.bincount(market), 1)
    return np.asarray(values - (np.bincount(market, values) / size)[market])


def _change(side: str, exposed: Seen, market: Ints, last: int) -> Claim:
    score = _within(exposed.score, market)
    by_week = [spearman(score, _within(np.log1p(week), market))[0] for week in exposed.impressions.T]
    series = np.arctanh(np.clip(by_week, -0.999, 0.999))[None, :]
    result = steps(series, np.zeros(1))
    level, step, half = float(result.level[0]), float(result.step[0]), float(result.half()[0])
    before = float(np.tanh(level))
    return Claim(
        topic="merit", figure="correlation", side=side, where={}, unit="index",
        now=float(np.mean(by_week[: max(RECENT)])), before=float(np.mean(by_week[max(RECENT) : 2 * max(RECENT)])),
        effect=float(np.tanh(level + step)) - before, is_factor=False,
        interval=(float(np.tanh(level + step - half)) - before, float(np.tanh(level + step + half)) - before),
        p_value=float(result.p_value[0]), onset=last - 7 * int(result.onset[0]) + 1, is_worse=step < 0,
    )  # fmt: skip


def _group_claims(side: str, exposed: Seen, name: str, now: Floats) -> Iterator[Claim]:
    """Impressions of each group's members against others of their market and role, both as their scores predict."""
    from scipy.special import stdtr

    code, words = exposed.groups[name]
    chosen = np.flatnonzero(now > 0)
    rank = ranks(exposed.score[chosen]) / len(chosen)
    alike = [np.unique(exposed.groups[of][0][chosen], return_inverse=True)[1] for of in _ALIKE if of in exposed.groups]
    logs, groups = np.log(now[chosen]), code[chosen]
    for value in np.unique(groups).tolist():
        here = groups == value
        if not words[value] or min(here.sum(), (~here).sum()) < _LEAST_MEMBERS:
            continue
        found = _gap(logs, rank, here, alike)
        if found is None:
            continue
        gap, errors = found
        half = max(student_quantile(freedom) * error for error, freedom in errors)
        yield Claim(
            topic="exposure", figure="impressions_per_member_vs_merit", side=side, where={name: words[value]}, unit="index",
            now=float(np.exp(gap)), before=None, effect=float(np.exp(gap)), is_factor=True,
            interval=(float(np.exp(gap - half)), float(np.exp(gap + half))),
            p_value=max(2 * float(stdtr(freedom, -abs(gap) / error)) for error, freedom in errors), onset=None, is_worse=None,
        )  # fmt: skip


def _gap(
    logs: Floats, rank: Floats, here: Flags, alike: Sequence[Ints]
) -> tuple[float, tuple[tuple[float, float], ...]] | None:
    """What membership adds to the logarithm by least squares, score, market and role held, and two standard errors of it with
    their degrees of freedom: of equal variances, and of members who each scatter alike (HC2: MacKinnon and White, Journal of
    Econometrics 1985). None where hardly anybody outside of the group is of the same markets and roles.
    """
    dummies = [np.eye(int(part.max()) + 1)[part][:, 1:] for part in alike]
    others = np.column_stack([np.ones(len(logs)), rank, *dummies])
    base, size, _ = np.linalg.svd(others, full_matrices=False)
    base = base[:, size > 1e-9 * size[0]]
    own = here - base @ (base.T @ here)
    held = float(own @ own)
    freedom = len(logs) - base.shape[1] - 1
    if held < _LEAST_HELD or freedom < _LEAST_MEMBERS:
        return None
    gap = float(own @ logs) / held
    left = logs - base @ (base.T @ logs) - gap * own
    weight = own**2 / held**2
    leverage = (base**2).sum(axis=1) + own**2 / held
    robust = float((weight * left**2 / np.maximum(1 - leverage, 1e-6)).sum()) ** 0.5
    # as many equal members as carry the sum
    carried = max(float(weight.sum() ** 2 / (weight**2).sum()) - 1, 1.0)
    equal = float((left @ left) / freedom / held) ** 0.5
    return gap, ((max(equal, 1e-9), float(freedom)), (max(robust, 1e-9), carried))
