"""Who of a segment has which score and grade, now and 28 days before."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.rating_rules import RatingRules
from core.ecosystem.activity import BEFORE, NOW, WEEKS, Activity
from core.ratings.rate import RatingTable, rate
from core.ratings.rating_results import Side
from core.workspace.read.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ScoreHistory:
    """The cards of one side that have any case, of those who are active in the segment."""

    now: RatingTable
    cards: Ints
    """Of `now`."""
    before: RatingTable | None
    """None when nothing could be rated then."""
    earlier: Ints
    """The same cards in `before`; -1 = without any case then. Shape (cards,)."""

    @property
    def side(self) -> Side:
        """Whose cards they are."""
        return self.now.gathered.crowd.side

    @property
    def grades(self) -> tuple[str, ...]:
        """Best first, then P."""
        return self.now.grades

    @property
    def top(self) -> int:
        """How many grades, from the best, are top grades: the upper half."""
        return (len(self.now.gathered.rules.grades) + 1) // 2

    def grade(self) -> Ints:
        """Index of each card's grade in `grades`; shape (cards,)."""
        return self.now.grade[self.cards] % len(self.grades)

    def grade_before(self) -> Ints:
        """The same 28 days ago; -1 = no case then."""
        if self.before is None:
            return np.full(len(self.cards), -1)
        return np.where(self.earlier < 0, -1, self.before.grade[self.earlier] % len(self.grades))


def standing(workspace: Workspace, activity: Activity, rules: RatingRules, where: Segment) -> ScoreHistory:
    """Rates a side as known now and 28 days ago. Raises NotEnoughData when there is nothing to rate by."""
    side, day = activity.crowd.side, activity.as_of
    now = rate(workspace, side, rules, day)
    cards = np.flatnonzero((now.rank > 0) & _chosen(now, activity, where))
    if not len(cards):
        raise NotEnoughData(f"none of the {side} there has a rating.")
    try:
        before = rate(workspace, side, rules, day - 7 * WEEKS)
    except NotEnoughData:
        return ScoreHistory(now, cards, None, np.full(len(cards), -1))
    return ScoreHistory(now, cards, before, _found(now, cards, before))


def _chosen(rated: RatingTable, activity: Activity, where: Segment) -> Flags:
    """Cards of those who were active in the segment; where it names markets, their cards in those."""
    cards, words = rated.gathered.frame.cards, rated.gathered.crowd.markets.words
    active = activity.active(NOW) | activity.active(BEFORE)
    keep = active[cards.who] if where else np.ones(cards.size, bool)
    markets = dict(where.terms).get("market")
    if markets is not None:
        keep &= np.isin(cards.market, [words.index(one) for one in markets if one in words])
    return keep


def _found(now: RatingTable, cards: Ints, before: RatingTable) -> Ints:
    """The cards in the other rating, by who, role and market; -1 where it has none, or one without any case."""
    words = sorted({*now.gathered.frame.cards.roles, *before.gathered.frame.cards.roles})
    wanted, known = _keys(now, words)[cards], _keys(before, words)
    order = np.argsort(known, kind="stable")
    at = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    return np.where((known[at] == wanted) & (before.rank[at] > 0), at, -1)


def _keys(rated: RatingTable, words: list[str]) -> Ints:
    cards = rated.gathered.frame.cards
    role = np.array([words.index(word) for word in cards.roles])[cards.role]
    keys: Ints = (cards.who * len(words) + role) * len(rated.gathered.crowd.markets.words) + cards.market
    return keys
