"""Who of a segment has which score and grade, now and 28 days before, and which score 56 days before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.errors import NotEnoughData
from core.base.row_order import distinct, largest_of
from core.base.segment import Segment
from core.catalogue.rating_rules import RatingRules
from core.ecosystem.members.activity import BEFORE, NOW, WEEKS, Activity
from core.ratings.cases.order_facts import OrderReader
from core.ratings.rate import rate
from core.ratings.rating_results import Side
from core.ratings.rating_table import RatingTable
from core.ratings.scoring.grades import PROVISIONAL
from core.workspace.read.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreHistory:
    """The cards of one side that have any case, of those who are active in the segment."""

    now: RatingTable
    cards: Ints
    """Of `now`."""
    before: RatingTable | None
    """28 days ago, with the grades of that day from the history of `now`; None when nothing could be rated then."""
    matched: Ints
    """The same cards in `before`; -1 = without any case then. Shape (cards,)."""
    earlier: RatingTable | None
    """Scores of 56 days ago, without grades; None when the data do not go back so far, or nothing could be rated then."""
    moved_before: tuple[int, int] | None
    """How many cards changed their grade in the 28 days before the last, of how many graded at both ends; None when the data do
    not go back so far, or nothing could be rated then."""

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
        return np.where(self.matched < 0, -1, self.before.grade[self.matched] % len(self.grades))


def standings(
    workspace: Workspace, activities: Sequence[Activity], rules: RatingRules, where: Segment
) -> tuple[list[ScoreHistory], dict[Side, NotEnoughData]]:
    """Rates every side as known now, 28 and 56 days ago, and says of the others why they cannot be rated.

    Day by day and not side by side, so that the orders of a day are read once.
    """
    reader = OrderReader(workspace, rules)
    now: dict[Side, tuple[RatingTable, Ints]] = {}
    errors: dict[Side, NotEnoughData] = {}
    for activity in activities:
        side = activity.crowd.side
        try:
            now[side] = _rated_now(workspace, activity, rules, where, reader)
        except NotEnoughData as error:
            errors[side] = error
    rated = [activity for activity in activities if activity.crowd.side in now]
    before = {item.crowd.side: _rated(workspace, item, rules, 7 * WEEKS, reader) for item in rated}
    earlier = {
        item.crowd.side: _rated(workspace, item, rules, 14 * WEEKS, reader) for item in rated if item.weeks >= 3 * WEEKS
    }
    return [_history(item, *now[item.crowd.side], before[item.crowd.side], earlier) for item in rated], errors


def _rated_now(
    workspace: Workspace, activity: Activity, rules: RatingRules, where: Segment, reader: OrderReader
) -> tuple[RatingTable, Ints]:
    """A side's ratings and the cards of those who are looked at. Raises NotEnoughData without any."""
    rated = rate(workspace, activity.crowd.side, rules, activity.as_of, reader=reader)
    cards = np.flatnonzero((rated.rank > 0) & _chosen(rated, activity, where))
    if not len(cards):
        raise NotEnoughData(f"none of the {activity.crowd.side} there has a rating.")
    return rated, cards


def _history(
    activity: Activity,
    now: RatingTable,
    cards: Ints,
    before: RatingTable | None,
    earlier: Mapping[Side, RatingTable | None],
) -> ScoreHistory:
    moved, matched = None, np.full(len(cards), -1)
    if before is not None:
        before = _graded(before, now)
        matched = _found(now, cards, before)
        matched = np.where(before.rank[matched] > 0, matched, -1)
        if activity.crowd.side in earlier:
            moved = _moved(now, activity.as_of - 14 * WEEKS, activity.as_of - 7 * WEEKS)
    return ScoreHistory(
        now=now,
        cards=cards,
        before=before,
        matched=matched,
        earlier=earlier.get(activity.crowd.side),
        moved_before=moved,
    )


def _grades_at(rated: RatingTable, day: int) -> Ints | None:
    """The grades of the cards `graded` at an earlier day; None without a refresh by then. Past refreshes never
    change, so no past day is replayed."""
    week = int(np.searchsorted(rated.history.days, day, side="right")) - 1
    return None if week < 0 else rated.history.grades[week].astype(np.int64)


def _moved(rated: RatingTable, since: int, until: int) -> tuple[int, int] | None:
    """How many cards changed their grade between two days, of how many graded at both ends; None without a refresh by then."""
    then, last = _grades_at(rated, since), _grades_at(rated, until)
    if then is None or last is None:
        return None
    both = (then >= 0) & (last >= 0)
    return int((then != last)[both].sum()), int(both.sum())


def _graded(before: RatingTable, now: RatingTable) -> RatingTable:
    """An earlier rating with the grades of its day."""
    grades, known = np.full(before.size, PROVISIONAL), _grades_at(now, before.gathered.as_of)
    if known is not None:
        at = _found(now, now.graded, before)
        grades[at[at >= 0]] = known[at >= 0]
    return replace(before, grade=grades)


def _rated(
    workspace: Workspace, activity: Activity, rules: RatingRules, days: int, reader: OrderReader
) -> RatingTable | None:
    """A side's scores so many days ago; None when nothing could be rated then."""
    day = activity.as_of - days
    try:
        return rate(workspace, activity.crowd.side, rules, day, with_grades=False, reader=reader)
    except NotEnoughData:
        return None


def merit(rated: RatingTable, size: int) -> tuple[Floats, Ints]:
    """Each member's score, its cards weighed by order lines, and the grade of the card with most of them; nan and -1 without a
    card. Shape (members,)."""
    cards = np.flatnonzero(rated.rank > 0)
    who = rated.gathered.frame.cards.who[cards]
    orders = np.maximum(rated.orders[cards], 1).astype(np.float64)
    weight = np.bincount(who, orders, size)
    with np.errstate(invalid="ignore"):
        score = np.bincount(who, orders * rated.score[cards], size) / weight
    grade = np.full(size, -1)
    members, of_card = distinct(who)
    grade[members] = rated.grade[cards[largest_of(of_card, orders)]] % len(rated.grades)
    return score, grade


def _chosen(rated: RatingTable, activity: Activity, where: Segment) -> Flags:
    """Cards of those who were active in the segment; where it names markets, their cards in those."""
    cards, words = rated.gathered.frame.cards, rated.gathered.crowd.markets.words
    active = activity.active(NOW) | activity.active(BEFORE)
    keep = active[cards.who] if where else np.ones(cards.size, bool)
    markets = dict(where.terms).get("market")
    if markets is not None:
        keep &= np.isin(cards.market, [words.index(market) for market in markets if market in words])
    return keep


def _found(now: RatingTable, cards: Ints, before: RatingTable) -> Ints:
    """The cards in the other rating, by who, role and market; -1 where it has none."""
    words = sorted({*now.gathered.frame.cards.roles, *before.gathered.frame.cards.roles})
    requested, chosen = _keys(now, words)[cards], _keys(before, words)
    order = np.argsort(chosen, kind="stable")
    at = order[np.minimum(np.searchsorted(chosen[order], requested), len(chosen) - 1)]
    return np.where(chosen[at] == requested, at, -1)


def _keys(rated: RatingTable, words: list[str]) -> Ints:
    cards = rated.gathered.frame.cards
    role = np.array([words.index(word) for word in cards.roles])[cards.role]
    keys: Ints = (cards.who * len(words) + role) * len(rated.gathered.crowd.markets.words) + cards.market
    return keys
