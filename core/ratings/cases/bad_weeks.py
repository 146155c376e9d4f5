"""How much cases that go bad count in weeks in which far more do than before: no few weeks spoil a rating.

Whoever spoils a rival buys at once; who gets worse stays so. So what goes bad in a week counts up to what chance may make of the
weeks before, and a little more with each week that it lasts. Cases that go well make no room for bad ones, nor take it.
"""

from dataclasses import replace

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
_FIRST = 1.0
"""Bad cases that everybody is taken to have had before. On eleven marketplaces (seeds 861 to 863, 873, 875, 901 to 903, 931 to
933) 50 bad orders that a rival bought of the best member in two weeks cost it 16 points on average, 30 without such limits. Rank
agreement with true quality on 88 marketplaces is as before (-.0001). Of 40 members of whose orders a fifth went bad from a day
on, 55 % had a worse grade after four weeks, 85 % after six and 92 % after eight; without limits 82, 85 and 95 %."""


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
    delivery[rows] *= _factors(card, np.maximum(fault, 0), base, delivery[rows], is_fault)
    review[rows] *= _factors(card, late.astype(np.int64), reviewed, review[rows], is_low)
    return replace(cases, delivery_weight=delivery, review_weight=review)


def _factors(card: Ints, kind: Ints, day: Ints, weight: Floats, is_bad: Flags) -> Floats:
    """The factor 0..1 on the weight of each case; shape (rows,).

    The newest of a week come first, so that no bad case more takes the place of one that counts longer.
    """
    factor, bad = np.ones(len(day)), np.flatnonzero(is_bad)
    if not len(bad):
        return factor
    first, kinds = int(day.min()) // _WEEK, int(kind.max()) + 1
    (series, newest), of_case, _ = combinations(card[bad] * kinds + kind[bad], -day[bad])
    weighed = np.bincount(of_case, weight[bad], len(series)).astype(np.float64)
    week = -newest // _WEEK - first
    keys, place = distinct(series)
    table = np.zeros((len(keys), int(week.max()) + 1))
    np.add.at(table, (place, week), weighed)
    begun = np.full(int(card.max()) + 1, int(day.max()))
    np.minimum.at(begun, card, day)
    room = _most(table, begun[keys // kinds] // _WEEK - first)[place, week]
    before = np.cumsum(weighed) - weighed
    start = np.flatnonzero(begins(series, week))
    before -= np.repeat(before[start], np.diff(np.append(start, len(week))))
    factor[bad] = (np.clip(room - before, 0.0, weighed) / np.maximum(weighed, 1e-300))[of_case]
    return factor


def _most(bad: Floats, begun: Ints) -> Floats:
    """What counts at most of the bad cases of each week, shape (series, weeks); `begun`: week of the first case of each."""
    most, counted = np.full(bad.shape, np.inf), bad.copy()
    for week in range(_PAST, bad.shape[1]):
        weeks = week - begun
        usual = (counted[:, : week - _RECENT].sum(axis=1) + _FIRST) / np.maximum(weeks - _RECENT, 1)
        # twice what is usual, and two standard deviations more; a first one always counts
        limit = 2 * usual + 2 * np.sqrt(usual) + 1
        limit *= 1 + np.log2(np.maximum(bad[:, week] / limit, 1.0)) / _DOUBLINGS
        most[:, week] = np.where(weeks >= _PAST, limit, np.inf)
        counted[:, week] = np.minimum(bad[:, week], most[:, week])
    return most
