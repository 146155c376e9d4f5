"""Builds a leaderboard: the ratings of two days, brought together card by card."""

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.days import Day
from core.base.errors import UsageError
from core.catalogue.rating_rules import RatingRules
from core.detection.quality.end_of_exports import end_of_exports
from core.ratings.cases.case_matrix import card_keys
from core.ratings.rate import rate
from core.ratings.rating_results import Side
from core.ratings.rating_table import RatingTable
from core.ratings.scorecard.scorecard import DAYS_BACK
from core.ratings.scoring import grades as grading
from core.views.standings.leaderboard import Leaderboard
from core.workspace.read.workspace import Workspace


def leaderboard(
    workspace: Workspace, side: Side, rules: RatingRules, as_of: Day | None = None, since: Day | None = None
) -> Leaderboard:
    """Everybody of a side at a day (by default that on which exports end) versus an earlier one (by default four weeks before);
    kept with the state of the workspace.

    Raises NotEnoughData when there are no orders and no reviews, UsageError when `since` is after `as_of`.
    """
    end = end_of_exports(workspace) if as_of is None else as_of
    start = max(end - DAYS_BACK, workspace.span.first) if since is None else since
    if start > end:
        raise UsageError("the day to compare with is after the one that is rated. Swap them.")
    words = ("leaderboard", side, rules.fingerprint, end, start)
    return workspace.kept(
        words, Leaderboard, lambda: compared(rate(workspace, side, rules, end), rate(workspace, side, rules, start))
    )


def compared(now: RatingTable, then: RatingTable) -> Leaderboard:
    """Two days' ratings of one side by the same rules side by side."""
    gathered, cards = now.gathered, now.gathered.frame.cards
    crowd, names = gathered.crowd, [component.key for component in gathered.frame.components]
    row_before = _rows_before(now, then)
    rated_before = (row_before >= 0) & (then.rank[row_before] > 0)
    names_before = [component.key for component in then.gathered.frame.components]
    old = _points(then)
    points_before = np.full((len(names), now.size), np.nan)
    for row, name in enumerate(names):
        if name in names_before:
            points_before[row, rated_before] = old[names_before.index(name), row_before[rated_before]]
    return Leaderboard(
        side=crowd.side,
        as_of=gathered.as_of,
        since=then.gathered.as_of,
        names=crowd.names.words,
        persons=crowd.persons,
        roles=cards.roles,
        markets=crowd.markets.words,
        components=names,
        grades=gathered.rules.grades,
        who=cards.who,
        role=cards.role,
        market=cards.market,
        score=now.score,
        low=now.low,
        high=now.high,
        grade=now.grade,
        rank=now.rank,
        peers=now.rivals,
        orders=now.orders,
        gmv=now.gmv,
        newcomer=now.newcomer,
        points=_points(now),
        weight=now.peers.weight,
        before=np.where(rated_before, then.score[row_before], np.nan),
        grade_before=np.where(rated_before, then.grade[row_before], -2),
        points_before=points_before,
    )


def _points(rated: RatingTable) -> Floats:
    """Points of each component, (components, cards)."""
    beliefs = grading.beliefs(rated.gathered.frame, rated.peers, np.arange(rated.size), rated.n, rated.k)
    points: Floats = rated.peers.weight * np.array([belief.utility() for belief in beliefs])
    return points


def _rows_before(now: RatingTable, then: RatingTable) -> Ints:
    """Of each card, where it stands among those of the earlier day; -1 = nowhere. One workspace names all alike on every day."""
    mine, theirs = (_keys(rated) for rated in (now, then))
    if not len(theirs):
        return np.full(now.size, -1)
    at = np.minimum(np.searchsorted(theirs, mine), len(theirs) - 1)
    return np.where(theirs[at] == mine, at, -1)


def _keys(rated: RatingTable) -> Ints:
    cards, markets = rated.gathered.frame.cards, len(rated.gathered.crowd.markets.words)
    return card_keys(cards.who, cards.role, cards.market, len(cards.roles), markets)
