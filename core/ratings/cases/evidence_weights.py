"""How much each order line tells, of each kind of evidence by itself.

Deliveries, dispatches and reviews are weighed apart: a bad case of one kind never makes room in another. A review weighs no more
than its purchase does by buyer and price. Purchases that are too many take no weight from reviews, only good reviews that are
too many do: 500 good purchases by a rival would cost a creator up to 3.9 points, so they cost 1.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import combinations, distinct
from core.catalogue.rating_rules import RatingRules
from core.ratings.cases.case_weight import case_weights, usual_values
from core.ratings.cases.independence.buyer_independence import (
    MOST_ODDS,
    MOST_ODDS_OF_REVIEWS,
    Buyings,
    independence,
    known_others,
)
from core.ratings.cases.independence.buyer_systems import buyer_systems
from core.ratings.cases.independence.excess import GOOD, evened
from core.ratings.cases.independence.order_surges import calm
from core.ratings.cases.independence.review_share import usually_reviewed
from core.ratings.cases.order_facts import BAD_RATING, REVIEW, OrderFacts
from core.ratings.cases.refresh_days import deciding_weeks, first_day

_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceWeights:
    """0..1 of each order line; less when it is cheap, one of several of one buyer, or one of more than is usual.

    Shape (rows,) each.
    """

    delivery: Floats
    dispatch: Floats
    """Differs from that of the delivery where both went wrong."""
    review: Floats
    """0 without one."""


def evidence_weights(
    facts: OrderFacts, person: Ints, market: Ints, category: Ints, rules: RatingRules
) -> EvidenceWeights:
    """The weights of the lines of one side; `person` whose they are, 0 = nobody."""
    day = facts.orders["day"]
    week = deciding_weeks(day, first_day(day))
    others = known_others(person, np.where(facts.returned, 0, facts.orders["buyer"]), week)
    values = usual_values(person, facts.orders["value"], category)
    system = buyer_systems(facts.orders["source"], facts.orders["buyer"])
    crowd = _Crowd(
        facts=facts,
        person=person,
        market=market,
        usual=values,
        week=week,
        others=others,
        buyer=_buyers(facts.orders),
        system=system,
    )
    size = len(person)
    # lines that went wrong in both ways are there twice
    twice = np.flatnonzero((facts.fault >= 0) & (facts.dispatch >= 0))
    outcome = np.where(facts.fault >= 0, facts.fault, facts.dispatch) + 1
    rows = np.concatenate([np.arange(size), twice])
    lines = crowd.lines(rows, np.concatenate([outcome, facts.dispatch[twice] + 1]))
    full = lines.weight
    lines = replace(lines, weight=lines.weight * _independence(lines, system[rows]))
    lines = replace(lines, weight=lines.weight * calm(lines, facts.orders["day"][rows]))
    # a bad review speaks for no further good orders
    base = np.where(facts.fault == list(rules.reasons).index(REVIEW), 0, facts.base)
    # who reviews what came late is not known to tell of dispatches: late ones go as good ones do
    refunds = replace(lines, outcome=np.concatenate([facts.fault + 1, np.full(len(twice), GOOD)]))
    seller = facts.orders["seller_id"][rows]
    usual = usually_reviewed(refunds, seller, base[rows], facts.reviewed[rows], facts.as_of, rules.mature_after_days)
    counted = np.concatenate([np.where(facts.fault >= 0, facts.base, facts.due), facts.due[twice]])
    weight = _evened(lines, full, lines.weight * usual, counted)
    delivery = weight[:size]
    dispatch = delivery.copy()
    dispatch[twice] = weight[size:]
    # a bad review is never one too many
    review = np.minimum(_of_reviews(crowd), full[:size]) * np.where(facts.stars > BAD_RATING, usual[:size], 1.0)
    return EvidenceWeights(delivery=delivery, dispatch=dispatch, review=review)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """Order lines and whose they are; shape (rows,) each."""

    facts: OrderFacts
    person: Ints
    market: Ints
    usual: Ints
    """The usual value of the category, the same for every kind of evidence."""
    week: Ints
    """As those of the others, below: when what counts is decided."""
    others: Ints
    """As in `Buyings`."""
    buyer: Ints
    system: Ints
    """Of the buyer's id (`buyer_systems`)."""

    def lines(self, rows: Ints, outcome: Ints) -> Buyings:
        """Some lines, weighed among themselves by buyer and value."""
        person, orders = self.person[rows], self.facts.orders
        weight = case_weights(
            person, self.buyer[rows], orders["day"][rows], orders["value"][rows], self.usual[rows], outcome
        )
        # what is sent back for no fault costs nothing
        weight[self.facts.returned[rows]] = 0.0
        return Buyings(
            person=person,
            market=self.market[rows],
            week=self.week[rows],
            others=self.others[:, rows],
            weight=weight,
            outcome=outcome,
        )


def _of_reviews(crowd: _Crowd) -> Floats:
    weight, stars = np.zeros(len(crowd.person)), crowd.facts.stars
    rows = np.flatnonzero(stars > 0)
    lines = crowd.lines(rows, (stars[rows] <= BAD_RATING).astype(np.int64))
    lines = replace(lines, week=np.maximum(lines.week, deciding_weeks(crowd.facts.reviewed[rows], 0)))
    full = lines.weight
    lines = replace(lines, weight=full * _independence(lines, crowd.system[rows], MOST_ODDS_OF_REVIEWS))
    limited = lines.weight * calm(lines, crowd.facts.orders["day"][rows])
    base = crowd.facts.base[rows]
    counted = np.where(base > 0, np.maximum(crowd.facts.reviewed[rows], base), 0)
    weight[rows] = _evened(lines, full, limited, counted)
    return weight


def _evened(lines: Buyings, full: Floats, limited: Floats, day: Ints) -> Floats:
    """The limited weights, those of bad lines `evened` over the weeks of their member.

    `day`: since when each bad line counts, 0 where it counts nowhere; shape (lines,).
    """
    weight, bad = limited.copy(), np.flatnonzero(lines.outcome != GOOD)
    bad = bad[(lines.person[bad] > 0) & (day[bad] > 0)]
    series = combinations(lines.person[bad], lines.market[bad], lines.outcome[bad])[1]
    some = np.flatnonzero((np.bincount(series, limited[bad] < full[bad]) > 0)[series])
    bad = bad[some]
    weight[bad] = evened(full[bad], limited[bad], series[some], day[bad] // _WEEK)
    return weight


def _independence(lines: Buyings, system: Ints, most_odds: float = MOST_ODDS) -> Floats:
    """`independence` among the lines of each system of buyers' ids: nobody is met again in another one."""
    if not system.any():
        return independence(lines, most_odds)
    factor = np.ones(len(system))
    for one in np.flatnonzero(np.bincount(system)).tolist():
        here = system == one
        same = Buyings(**{entry.name: getattr(lines, entry.name)[..., here] for entry in fields(lines)})
        factor[here] = independence(same, most_odds)
    return factor


def _buyers(orders: Mapping[str, Ints]) -> Ints:
    """A number for each buyer; an order of an unknown one is of a buyer of its own."""
    known = orders["buyer"]
    orders_of_unknown = distinct(orders["purchase"])[1]
    buyers: Ints = np.where(known > 0, known, int(known.max(initial=0)) + 1 + orders_of_unknown)
    return buyers
