"""Why a score moved between two days.

From the score of the earlier day to that of the later one in five steps, each changing one thing: new evidence comes in
(entering), the evidence that was known before ages meanwhile (leaving), components weigh as on the later day (weights), the
peers become its peers (peers), the rules become its rules (rules). The points of a component after each step less those before
are its parts, so that parts add up to the component's change, and components to the score's, exactly. A card that did not exist
yet begins from its peers.
"""

from dataclasses import fields, replace

import numpy as np

from core.base.arrays import Floats
from core.ratings.cases import case_counts
from core.ratings.cases.case_counts import CaseCounts
from core.ratings.rating_results import PROVISIONAL, Movement, Shift
from core.ratings.rating_table import RatingTable
from core.ratings.scoring import grades
from core.ratings.scoring.peers import Peers

Points = dict[str, float]


def shifted(since: int, before: RatingTable | None, same_rules: RatingTable, after: RatingTable, card: int) -> Movement:
    """Why the score of a card of `after` moved since a day.

    `before`: the ratings of that day; None when there was nothing to rate by. `same_rules`: those of the later day by the
    rules of the earlier one; `after` itself when they did not change.
    """
    then = None if before is None else place_of(after, card, before)
    between = place_of(after, card, same_rules)
    end = _points(after, after.peers, card, after.n[:, card], after.k[:, card])
    if between is None:
        # the other rules have no such card: all of it is their doing
        stages = [end] * 6
    else:
        unmoved = _points(same_rules, same_rules.peers, between, same_rules.n[:, between], same_rules.k[:, between])
        stages = [*_before(before, same_rules, then, between), unmoved, end]
    names = sorted({name for stage in stages for name in stage}, key=list(after.gathered.rules.components).index)
    shifts = tuple(_shift(name, [stage.get(name, 0.0) for stage in stages]) for name in names)
    first, last = (float(sum(stage.values())) for stage in (stages[0], stages[-1]))
    return Movement(
        since=since,
        until=after.gathered.as_of,
        before=first,
        after=last,
        change=last - first,
        grade_before=PROVISIONAL if before is None or then is None else before.grades[before.grade[then]],
        grade_after=after.grades[after.grade[card]],
        shifts=shifts,
    )


def _before(before: RatingTable | None, later: RatingTable, then: int | None, between: int) -> list[Points]:
    """Points on the earlier day, with the new evidence added to its own, when its own has aged, and by the later weights."""
    if before is None or then is None:
        nothing = np.zeros(len(later.n))
        start = _points(later, later.peers, between, nothing, nothing)
        entered = _points(later, later.peers, between, later.n[:, between], later.k[:, between])
        return [start, entered, entered, entered]
    start = _points(before, before.peers, then, before.n[:, then], before.k[:, then])
    own = case_counts.only(later.gathered.pooled, later.gathered.pool[[between]])
    day = later.gathered.as_of
    now, aged = case_counts.count(own, day), case_counts.count(own, day, before.gathered.as_of)
    known = case_counts.only(before.gathered.pooled, before.gathered.pool[[then]])
    fresh = case_counts.count(known, before.gathered.as_of)
    both = _as_in(before, fresh, later, now.plus(aged, -1.0))
    alone = _effective(_as_in(before, fresh.plus(fresh, -1.0), later, now))
    return [
        start,
        _points(before, before.peers, then, *_effective(both)),
        _points(before, before.peers, then, *alone),
        _points(before, _weighing_as(before, later, then, between), then, *alone),
    ]


def _weighing_as(before: RatingTable, later: RatingTable, then: int, between: int) -> Peers:
    """The earlier peers with the points that components of the card have later."""
    keys = [entry.key for entry in later.gathered.frame.components]
    weight = before.peers.weight.copy()
    for row, entry in enumerate(before.gathered.frame.components):
        if entry.key in keys:
            weight[row, then] = later.peers.weight[keys.index(entry.key), between]
    return replace(before.peers, weight=weight)


def _effective(counts: CaseCounts) -> tuple[Floats, Floats]:
    n, k = counts.effective()
    return n[:, 0], np.maximum(k[:, 0], 0.0)


def _as_in(target: RatingTable, base: CaseCounts, source: RatingTable, more: CaseCounts) -> CaseCounts:
    """`base`, and `more` added by the names of the components, of which one rating may have others than the other."""
    names = [entry.key for entry in source.gathered.frame.components]
    take = [names.index(entry.key) if entry.key in names else -1 for entry in target.gathered.frame.components]

    def placed(values: Floats) -> Floats:
        return np.concatenate([values, np.zeros((1, values.shape[1]))])[take]

    return base.plus(CaseCounts(*(placed(getattr(more, entry.name)) for entry in fields(more))))


def _points(rated: RatingTable, peers: Peers, card: int, n: Floats, k: Floats) -> Points:
    """Component -> points of a card with this evidence."""
    result = grades.beliefs(rated.gathered.frame, peers, np.array([card]), n[:, None], k[:, None])
    names = [entry.key for entry in rated.gathered.frame.components]
    weights = peers.weight[:, card]
    return {
        name: float(weight * belief.utility()[0])
        for name, weight, belief in zip(names, weights, result, strict=True)
        if weight > 0
    }


def _shift(name: str, points: list[float]) -> Shift:
    before, entered, aged, weighed, peers, after = points
    return Shift(
        component=name,
        before=before,
        after=after,
        change=after - before,
        entering=entered - before,
        leaving=aged - entered,
        weights=weighed - aged,
        peers=peers - weighed,
        rules=after - peers,
    )


def place_of(rated: RatingTable, card: int, other: RatingTable) -> int | None:
    """Where the card of one rating stands in another; None where it does not."""
    here, there = rated.gathered, other.gathered
    cards, others = here.frame.cards, there.frame.cards
    name, role = here.crowd.names.words[cards.who[card]], cards.roles[cards.role[card]]
    market = here.crowd.markets.words[cards.market[card]]
    if name not in there.crowd.names.words or role not in others.roles or market not in there.crowd.markets.words:
        return None
    key = there.crowd.names.words.index(name), others.roles.index(role), there.crowd.markets.words.index(market)
    result = np.flatnonzero((others.who == key[0]) & (others.role == key[1]) & (others.market == key[2]))
    return int(result[0]) if len(result) else None
