"""Leads: members whose pattern is unusual for their peers, with a limit on false ones over everything that is tested.

A lead is no verdict. Each says what was seen and what is usual, so that a person can look.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.days import Window
from core.base.row_order import combinations, distinct
from core.base.segment import Segment
from core.detection.distributions import q_values
from core.ecosystem.members.activity import Activity
from core.ecosystem.results.health_results import Risk
from core.ecosystem.risk.accounts_of_person import many_accounts
from core.ecosystem.risk.bad_orders_apart import bad_orders_apart, usual_shop
from core.ecosystem.risk.buyer_patterns import Purchases, few_buyers, refund_rings, same_day_orders
from core.ecosystem.risk.hourly_bursts import hourly_bursts
from core.ecosystem.risk.identical_reviews import identical_reviews
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.review_bursts import LAGS, review_bursts, weeks_later
from core.ecosystem.risk.shared_buyers import CreatorBuyers, shared_buyers
from core.ecosystem.risk.traffic_and_orders import (
    LineWeeks,
    bad_order_surges,
    had_begun,
    order_surges,
    orders_without_traffic,
    through_creators,
    weekly_counts,
)  # fmt: skip
from core.ecosystem.risk.unknown_buyers import unknown_buyers
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.order_facts import BAD_RATING
from core.workspace.read.rows import risk_rows
from core.workspace.read.workspace import Workspace

Columns = dict[str, Ints]

FALSE_DISCOVERIES = 0.02
"""Where nothing is wrong, one page in fifty has any lead."""
_WEEKS = 8
"""That leads are looked for in."""
_MOST = 100.0
_OF_REVIEWS = frozenset({"review_burst", "hourly_reviews", "identical_reviews"})
_CLEARLY = 1.25
"""Times the purity of creators that a shop's must be to be named in their place."""
_LINKED = 0.5
"""Share of the suspected lines of one lead that belong to another from which on both are one pattern."""


@dataclass(frozen=True, slots=True)
class _Tested:
    """Tests of one kind, whose members are places in `names`."""

    column: str
    names: tuple[str, ...]
    leads: Leads


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lead:
    """A lead with the rows that make it up."""

    risk: Risk
    column: str
    member: int
    source: str
    """orders or reviews."""
    rows: Flags


def risks(
    workspace: Workspace, activities: Sequence[Activity], as_of: int, where: Segment
) -> tuple[tuple[Risk, ...], int]:
    """The leads of the last eight weeks, most unusual first, and how many tests they come from."""
    crowds = [activity.crowd for activity in activities]
    window = Window(as_of - 7 * (_WEEKS + LAGS) + 1, as_of)
    orders = risk_rows.orders(workspace, window, where)
    reviews = risk_rows.reviews(workspace, window, where)
    texts = risk_rows.repeated_texts(workspace, window)
    creators = next((item for item in activities if item.crowd.side == "creators"), None)
    tests = [test for activity in activities for test in _tested(activity, creators, as_of, orders, reviews, texts)]
    p_values = [test.leads.p_value for test in tests]
    if not sum(map(len, p_values)):
        return (), 0
    least_rates = np.split(q_values(np.concatenate(p_values)), np.cumsum([len(values) for values in p_values])[:-1])
    late = {source: _is_late(rows, as_of) for source, rows in (("orders", orders), ("reviews", reviews))}
    places = {
        source: {_column(crowd): crowd.names.place[rows[_column(crowd)][late[source]]] for crowd in crowds}
        for source, rows in (("orders", orders), ("reviews", reviews))
    }
    buyers = _buyers({name: orders[name][late["orders"]] for name in ("buyer_id", "day", "refunded")}, as_of)
    leads = [
        _lead(test, at, float(q_value[at]), places, buyers)
        for test, q_value in zip(tests, least_rates, strict=True)
        for at in np.flatnonzero(q_value <= FALSE_DISCOVERIES).tolist()
    ]
    leads.sort(key=lambda lead: (lead.risk.p_value, lead.risk.kind, *lead.risk.subject.items()))
    return tuple(_right_doors(leads, places)), sum(map(len, p_values))


def _is_late(rows: Columns, as_of: int) -> Flags:
    """Which rows are of the weeks that leads are of."""
    return np.asarray(as_of - rows["day"] < 7 * _WEEKS)


def _impressions(activity: Activity) -> Floats | None:
    """Of each member and week, counted back; None where no traffic names any member."""
    amounts = activity.amounts.get("impressions")
    return None if amounts is None or not amounts.any() else activity.weekly("impressions", _WEEKS + LAGS)


def _reach(activity: Activity, creators: Activity | None, orders: Columns, as_of: int) -> Floats | None:
    """What lets expect how much each member sells in a week: its impressions, or those of the creators that sell for it."""
    seen = _impressions(activity)
    if seen is not None or creators is None or creators is activity:
        return seen
    member = activity.crowd.names.place[orders["seller_id"]]
    creator, week = creators.crowd.names.place[orders["creator_id"]], (as_of - orders["day"]) // 7
    seen = _impressions(creators)
    if seen is None:
        named = creator > 0
        seen = weekly_counts(creator[named], week[named], creators.crowd.size, _WEEKS + LAGS)
    return through_creators(member, creator, seen, activity.crowd.size)


def _tested(
    activity: Activity,
    creators: Activity | None,
    as_of: int,
    orders: Columns,
    reviews: Columns,
    texts: risk_rows.RepeatedTexts,
) -> Iterator[_Tested]:
    crowd = activity.crowd
    column, names = _column(crowd), crowd.names.words
    member, age = crowd.names.place[orders[column]], as_of - orders["day"]
    late, recent = _is_late(orders, as_of), _is_late(reviews, as_of)
    market = crowd.markets.place[orders["market"]]
    everything = Purchases.of(member, market, age, orders["buyer_id"], orders["refunded"])
    bought = everything.newest(_WEEKS)
    begun = had_begun(member, orders["seller_id" if crowd.side == "creators" else "creator_id"], age // 7)
    known = Purchases.of(*(column[begun] for column in (member, market, age, orders["buyer_id"], orders["refunded"])))
    # a shop's orders go as well as those of the same creators elsewhere
    bad, group = _bad(orders, reviews), orders["category" if crowd.side == "creators" else "creator_id"]
    by_group = Purchases.of(member, group, age, orders["buyer_id"], bad.astype(np.int64))
    lines = LineWeeks(member[late], age[late] // 7)
    impressions = _impressions(activity)
    since = as_of - reviews["day"]
    lag = weeks_later(as_of, reviews["ordered"], reviews["day"])
    author = crowd.names.place[reviews[column]]
    for leads in (
        few_buyers(bought),
        refund_rings(bought),
        shared_buyers(bought, _persons(crowd), names, _creator_buyers(crowd, orders, late)),
        same_day_orders(member[late], market[late], age[late], orders["buyer_id"][late]),
        bad_orders_apart(
            member,
            _mates(crowd, orders),
            age=age,
            buyer=orders["buyer_id"],
            bad=bad,
            names=names,
            recent=late,
        ),
        unknown_buyers(member, market, orders["buyer_id"], late),
        order_surges(everything, _reach(activity, creators, orders, as_of), crowd.size, _WEEKS, lines, known),
        bad_order_surges(by_group, crowd.size, _WEEKS, replace(lines, counts=bad[late])),
        *(() if impressions is None else [orders_without_traffic(bought, impressions, _WEEKS, lines)]),
        review_bursts(
            author,
            week=since // 7,
            lag=lag,
            rating=reviews["rating"],
            order_member=member,
            order_week=age // 7,
            weeks=_WEEKS,
        ),
        hourly_bursts("hourly_orders", "orders", member[late], orders["day"][late], orders["moment"][late], as_of),
        hourly_bursts(
            "hourly_reviews", "reviews", author[recent], reviews["day"][recent], reviews["moment"][recent], as_of
        ),
        identical_reviews(author[recent], texts.number_of(reviews["id"][recent]), texts.texts),
    ):
        yield _Tested(column, names, leads)
    if crowd.side == "creators":
        leads, persons = many_accounts(crowd)
        yield _Tested("person_id", persons, leads)


def _column(crowd: Accounts) -> str:
    return "creator_id" if crowd.side == "creators" else "seller_id"


def _mates(crowd: Accounts, orders: Columns) -> Ints:
    """At whom the orders of a member were made: the shop, or of sellers the usual shop of the product."""
    seller = orders["seller_id"]
    return seller if crowd.side == "creators" else usual_shop(orders["product_id"], seller)


def _creator_buyers(crowd: Accounts, orders: Columns, late: Flags) -> CreatorBuyers | None:
    """Through which creators buyers buy at shops; None of creators."""
    if crowd.side == "creators":
        return None
    known = late & (orders["creator_id"] > 0) & (orders["buyer_id"] > 0)
    pair = combinations(orders["creator_id"][known], orders["buyer_id"][known])[1]
    return CreatorBuyers(crowd.names.place[orders["seller_id"][known]], pair)


def _bad(orders: Columns, reviews: Columns) -> Flags:
    """Which lines were refunded, or got one or two stars."""
    return np.asarray(
        (orders["refunded"] > 0) | np.isin(orders["id"], reviews["order_line"][reviews["rating"] <= BAD_RATING])
    )


def _persons(crowd: Accounts) -> Ints:
    """A number for whoever holds each account."""
    return np.unique(np.array(crowd.persons), return_inverse=True)[1].astype(np.int64)


def _lead(
    tested: _Tested, at: int, q_value: float, sources: Mapping[str, Mapping[str, Ints]], buyers: Mapping[str, Ints]
) -> _Lead:
    leads = tested.leads
    p_value, member, cell = float(leads.p_value[at]), int(leads.member[at]), int(leads.cell[at])
    risk = Risk(
        subject={tested.column: tested.names[member]},
        kind=leads.kind,
        score=min(-10 * float(np.log10(max(p_value, 1e-300))), _MOST),
        p_value=p_value,
        q_value=q_value,
        reasons=leads.reasons(cell),
    )
    source = "reviews" if leads.kind in _OF_REVIEWS else "orders"
    here = sources[source].get(tested.column)
    if leads.rows is not None:
        rows = leads.rows(cell)
    elif here is None:  # a person has no rows
        rows = np.zeros(0, bool)
    else:
        rows = _repeated(here == member, buyers.get(leads.kind, buyers[""])) if source == "orders" else here == member
    return _Lead(risk=risk, column=tested.column, member=member, source=source, rows=rows)


def _buyers(orders: Columns, as_of: int) -> Mapping[str, Ints]:
    """Kind of lead -> a number for whom each line counts among those who come back; "" = any other kind."""
    buyer, week = orders["buyer_id"], (as_of - orders["day"]) // 7
    weekly = np.where(buyer > 0, distinct(buyer * _WEEKS + week)[1] + 1, 0)
    return {"refund_ring": np.where(orders["refunded"] > 0, buyer, 0), "shared_buyers": buyer, "": weekly}


def _right_doors(result: list[_Lead], sources: Mapping[str, Mapping[str, Ints]]) -> list[Risk]:
    """The leads without those of a shop whose pattern is that of creators, or the other way round.

    When most rows of a lead belong to leads of the other side too, it is dropped if the pattern is a larger part of all that
    their members do; a shop in whose place creators can be named must be clearly purer than they are. `sources`:
    kind of row -> column -> place of each row's member.
    """
    return [item.risk for item in result if not _is_shadow(item, result, sources[item.source])]


def _is_shadow(item: _Lead, result: list[_Lead], members: Mapping[str, Ints]) -> bool:
    same = [mate for mate in result if mate.source == item.source and len(mate.rows) == len(item.rows)]
    mates = [mate for mate in same if mate.column not in {item.column, "person_id"} and (mate.rows & item.rows).any()]
    if not mates or item.column not in members:
        return False
    theirs = np.logical_or.reduce([mate.rows for mate in mates])
    if (item.rows & theirs).sum() < _LINKED * item.rows.sum():
        return False
    side = [mate for mate in same if mate.column == item.column and (mate.rows & theirs).any()]
    ours = np.logical_or.reduce([mate.rows for mate in side])
    own, others = _purity(ours, side, members), _purity(theirs, mates, members)
    if (ours & theirs).sum() < _LINKED * theirs.sum():
        # a shop that stands out by itself does not hide a creator of whose orders nearly all are odd
        return others >= own
    # a shop that sells through hardly anybody else looks like its creator: it is named only where it is clearly the purer
    return others > _CLEARLY * own if item.column == "creator_id" else _CLEARLY * others >= own


def _purity(rows: Flags, leads: list[_Lead], members: Mapping[str, Ints]) -> float:
    """What part of all rows of the leads' members make up the leads."""
    return float(rows.sum()) / max(float(np.isin(members[leads[0].column], [lead.member for lead in leads]).sum()), 1.0)


def _repeated(here: Flags, buyer: Ints) -> Flags:
    """Lines of a member by buyers who have several there; `buyer`: a number for each buyer of a week, 0 = not known."""
    chosen = here & (buyer > 0)
    times = np.bincount(buyer[chosen], minlength=int(buyer.max(initial=0)) + 1)
    return np.asarray(chosen & (times[buyer] > 1))
