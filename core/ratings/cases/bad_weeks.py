"""How much bad cases count in weeks that have far more of them than before: a few weeks do not spoil a rating.

Whoever spoils a rival's rating buys in a few weeks, on top of the usual sales. A real decline lasts, and good cases become fewer.
So the bad cases of a week count as far as usual good ones are missing, or up to what chance may make of the weeks before, and a
little more with each week that it lasts. Good cases make no room for bad ones.
"""

from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import begins, combinations, distinct
from core.catalogue.rating_rules import RatingRules
from core.ratings.cases.case_outcomes import Cases
from core.ratings.cases.order_facts import BAD_RATING, REVIEW

_WEEK = 7
_PAST = 4
"""Weeks since the first case of somebody from which what is usual is known."""
_RECENT = 2
"""The newest weeks before, which tell nothing of what is usual: those of one attack would vouch for each other."""
_DOUBLINGS = 20
"""So many times twice as many bad cases as the limit count twice: more bad ones always cost a little more."""
_OF_MARKET = 20.0
"""Cases of an unchanged week that those of a market are added to: small markets go up and down by chance."""
_FIRST = 1.0
"""Bad cases that everybody is taken to have had before. On eight marketplaces (seeds 863, 873, 890 to 893, 900, 931) 50 bad
orders that a rival bought of the best member in two weeks cost it 21 points on average, 31 without such limits. When a change of
grade had to be 85 % sure, not 90: of 60 members of whose orders a fifth went bad from a day on, 66 % had a worse grade after four
weeks, 88 % after six and 92 % after eight; without limits 76, 90 and 97 %. If missing cases made no room it would be 18 points,
and 53, 86 and 93 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Cases with what is limited of them; shape (rows,) each."""

    card: Ints
    market: Ints
    kind: Ints
    """Each is limited by itself."""
    day: Ints
    weight: Floats
    is_bad: Flags
    is_well: Flags


def limited(cases: Cases, person: Ints, role: Ints, rules: RatingRules) -> Cases:
    """The cases, those that go bad with the weight that is left for them in their week.

    `person`, `role`: of each, shape (rows,). Each fault is by itself, as are reviews of late orders. What rivals cannot cause,
    such as late dispatches, is not limited.
    """
    rows = np.flatnonzero((cases.who > 0) & (cases.base > 0))
    markets, roles = int(cases.market.max(initial=0)) + 1, int(role.max(initial=0)) + 1
    card = distinct((person[rows] * markets + cases.market[rows]) * roles + role[rows])[1]
    late = cases.late[rows]
    fault, stars, base = cases.fault[rows], cases.stars[rows], cases.base[rows]
    is_fault = (fault >= 0) & (fault != list(rules.reasons).index(REVIEW)) & ~late
    is_low = (stars > 0) & (stars <= BAD_RATING)
    reviewed = np.maximum(cases.reviewed[rows], base)
    delivery, review = cases.delivery_weight.copy(), cases.review_weight.copy()
    delivered = _Lines(
        card=card, market=cases.market[rows], kind=np.maximum(fault, 0), day=base, weight=delivery[rows], is_bad=is_fault,
        is_well=(fault < 0) & ~late,
    )  # fmt: skip
    by_review = replace(
        delivered,
        kind=late.astype(np.int64),
        day=reviewed,
        weight=review[rows],
        is_bad=is_low,
        is_well=stars > BAD_RATING,
    )
    delivery[rows] *= _factors(delivered)
    review[rows] *= _factors(by_review)
    return replace(cases, delivery_weight=delivery, review_weight=review)


def _factors(lines: _Lines) -> Floats:
    """The factor 0..1 on the weight of each case; shape (rows,).

    The newest of a week come first, so that no bad case more takes the place of one that counts longer.
    """
    factor, bad = np.ones(len(lines.day)), np.flatnonzero(lines.is_bad)
    if not len(bad):
        return factor
    first, kinds = int(lines.day.min()) // _WEEK, int(lines.kind.max()) + 1
    (series, newest), of_case, _ = combinations(lines.card[bad] * kinds + lines.kind[bad], -lines.day[bad])
    weighed = np.bincount(of_case, lines.weight[bad], len(series)).astype(np.float64)
    week = -newest // _WEEK - first
    keys, place = distinct(series)
    table = np.zeros((len(keys), int(week.max()) + 1))
    np.add.at(table, (place, week), weighed)
    cards, owner = distinct(keys // kinds)
    begun = np.full(int(lines.card.max()) + 1, int(lines.day.max()))
    np.minimum.at(begun, lines.card, lines.day)
    well, trend = _sold_well(lines, cards, first, table.shape[1])
    room = _most(table, begun[cards] // _WEEK - first, owner, well, trend)[place, week]
    before = np.cumsum(weighed) - weighed
    start = np.flatnonzero(begins(series, week))
    before -= np.repeat(before[start], np.diff(np.append(start, len(week))))
    factor[bad] = (np.clip(room - before, 0.0, weighed) / np.maximum(weighed, 1e-300))[of_case]
    return factor


def _sold_well(lines: _Lines, cards: Ints, first: int, weeks: int) -> tuple[Floats, Floats]:
    """Cases of some cards that go well, and those of all others of the market over what these were in the weeks before.

    Shape (cards, weeks) each; `first`: the first week.
    """
    week = lines.day // _WEEK - first
    rows = np.flatnonzero(lines.is_well & (week < weeks))
    market = np.zeros(int(lines.card.max()) + 1, np.int64)
    market[lines.card] = lines.market
    whole = np.zeros((int(lines.market.max()) + 1, weeks))
    np.add.at(whole, (lines.market[rows], week[rows]), lines.weight[rows])
    place = np.full(len(market), -1)
    place[cards] = np.arange(len(cards))
    rows = rows[place[lines.card[rows]] >= 0]
    well, trend = np.zeros((len(cards), weeks)), np.ones((len(cards), weeks))
    np.add.at(well, (place[lines.card[rows]], week[rows]), lines.weight[rows])
    others = whole[market[cards]] - well + _OF_MARKET
    for at in range(_PAST, weeks):
        trend[:, at] = others[:, at] / others[:, at - _PAST : at].mean(axis=1)
    return well, trend


def _most(bad: Floats, begun: Ints, owner: Ints, well: Floats, trend: Floats) -> Floats:
    """What counts at most of the bad cases of each week, shape (series, weeks).

    `owner`: the card of each series; `begun`: the week of the first case of each card; the others: `_sold_well`.
    """
    most, counted, usual_sales = np.full(bad.shape, np.inf), bad.copy(), well.copy()
    for week in range(bad.shape[1]):
        if week >= _PAST:
            weeks = (week - begun)[owner]
            usual = (counted[:, : week - _RECENT].sum(axis=1) + _FIRST) / np.maximum(weeks - _RECENT, 1)
            missing = usual_sales[:, week - _PAST : week].mean(axis=1) * trend[:, week] - well[:, week]
            # twice what is usual, and two standard deviations more; a first one always counts
            limit = np.maximum(2 * usual + 2 * np.sqrt(usual) + 1, missing[owner])
            limit *= 1 + np.log2(np.maximum(bad[:, week] / limit, 1.0)) / _DOUBLINGS
            most[:, week] = np.where(weeks >= _PAST, limit, np.inf)
            counted[:, week] = np.minimum(bad[:, week], most[:, week])
        usual_sales[:, week] += np.bincount(owner, counted[:, week], len(well))
    return most
