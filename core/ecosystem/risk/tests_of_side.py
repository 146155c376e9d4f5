"""Everything that is tested of one side, creators or shops: how it is bought from, how its orders go, how it is reviewed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations
from core.ecosystem.members.activity import COLUMNS, Activity
from core.ecosystem.risk.accounts_of_person import many_accounts
from core.ecosystem.risk.bad_orders_apart import bad_orders_apart, usual_shop
from core.ecosystem.risk.buyer_patterns import Purchases, few_buyers, refund_rings, same_day_orders
from core.ecosystem.risk.excused_refunds import Returns, excused_refunds
from core.ecosystem.risk.hourly_bursts import hourly_bursts
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.review_patterns.identical_reviews import identical_reviews
from core.ecosystem.risk.review_patterns.praised_orders import praised_orders
from core.ecosystem.risk.review_patterns.raised_reviews import raised_reviews
from core.ecosystem.risk.review_patterns.repeated_praise import repeated_praise
from core.ecosystem.risk.review_patterns.review_bursts import LAGS, review_bursts
from core.ecosystem.risk.shared_buyers import CreatorBuyers, regulars, shared_buyers
from core.ecosystem.risk.traffic_and_orders import (
    LineWeeks,
    bad_order_surges,
    had_begun,
    main_market,
    order_surges,
    orders_without_traffic,
    through_creators,
    weekly_counts,
)  # fmt: skip
from core.ecosystem.risk.unknown_buyers import unknown_buyers
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.independence.buyer_systems import buyer_systems
from core.ratings.cases.order_facts import BAD_RATING
from core.workspace.read.rows import risk_rows

Columns = dict[str, Ints]
WEEKS = 8
"""That leads are looked for in."""
_MIDDLING = 3
"""Stars up to which a review is no praise."""
_WAIT = 14
"""Days after which most reviews of an order are there."""


@dataclass(frozen=True, slots=True)
class Tested:
    """Tests of one kind, whose members are places in `names`."""

    column: str
    names: tuple[str, ...]
    leads: Leads


@dataclass(frozen=True, kw_only=True)
class _Side:
    """Orders and reviews of one side, by whose they are."""

    activity: Activity
    creators: Activity | None
    as_of: int
    orders: Columns
    reviews: Columns
    unseen: Mapping[str, Collection[int]]
    """Market, "" = every one, -> weeks, counted back, of which traffic is missing."""

    @property
    def crowd(self) -> Accounts:
        """Everybody of the side."""
        return self.activity.crowd

    @property
    def is_of_creators(self) -> bool:
        """Whether these are creators, not shops."""
        return self.crowd.side == "creators"

    @cached_property
    def member(self) -> Ints:
        """Place of whoever each order is of; shape (orders,), as are those below."""
        return np.asarray(self.crowd.names.place[self.orders[COLUMNS[self.crowd.side]]])

    @cached_property
    def market(self) -> Ints:
        """Place of the market."""
        return np.asarray(self.crowd.markets.place[self.orders["market"]])

    @cached_property
    def market_of_buyers(self) -> Ints:
        """A number for the market and the system of the buyer's id: no buyer is met again in another one."""
        systems = buyer_systems(self.orders["source"], self.orders["buyer_id"])
        return self.market * (int(systems.max(initial=0)) + 1) + systems

    @cached_property
    def age(self) -> Ints:
        """In days."""
        return self.as_of - self.orders["day"]

    @cached_property
    def late(self) -> Flags:
        """Whether it is of the weeks that leads are of."""
        return is_late(self.orders, self.as_of)

    def purchases(self, group: Ints, flag: Ints, some: Flags | slice = slice(None)) -> Purchases:
        """Of members and buyers, compared within a group; `flag`: which of them went wrong."""
        columns = (self.member, group, self.age, self.orders["buyer_id"], flag)
        return Purchases.of(*(column[some] for column in columns))

    @cached_property
    def bought(self) -> Purchases:
        """All, compared within markets of buyers, with those that were refunded."""
        return self.purchases(self.market_of_buyers, self.orders["refunded"])


def tests_of_side(
    activity: Activity,
    creators: Activity | None,
    as_of: int,
    orders: Columns,
    reviews: Columns,
    texts: risk_rows.RepeatedTexts,
    unseen: Mapping[str, Collection[int]],
) -> Iterator[Tested]:
    """Every test of a side; `creators`: the activity of those who sell for shops; `unseen`: market, "" = every one, -> weeks,
    counted back, of which traffic is missing."""
    side = _Side(activity=activity, creators=creators, as_of=as_of, orders=orders, reviews=reviews, unseen=unseen)
    column, names = COLUMNS[side.crowd.side], side.crowd.names.words
    for leads in (*_of_buyers(side), *_of_orders(side), *_of_reviews(side, texts)):
        yield Tested(column, names, leads)
    if side.is_of_creators:
        leads, persons = many_accounts(side.crowd)
        yield Tested("person_id", persons, leads)


def _of_buyers(side: _Side) -> Iterator[Leads]:
    """By whom orders are placed, and who sends them back."""
    crowd, orders, late = side.crowd, side.orders, side.late
    bought = side.bought.newest(WEEKS)
    yield few_buyers(bought)
    yield refund_rings(bought)
    persons, through = _persons(crowd), _creator_buyers(crowd, orders, late)
    yield shared_buyers(bought, persons, crowd.names.words, through)
    yield shared_buyers(regulars(bought), persons, crowd.names.words, through, "shared_regulars")
    yield same_day_orders(side.member[late], side.market_of_buyers[late], side.age[late], orders["buyer_id"][late])
    yield unknown_buyers(side.member, side.market_of_buyers, orders["buyer_id"], late)


def _of_orders(side: _Side) -> Iterator[Leads]:
    """How many orders there are, when, and how many go wrong."""
    crowd, orders, late, member, age = side.crowd, side.orders, side.late, side.member, side.age
    bad = _bad(orders, side.reviews)
    mates, buyer = _mates(crowd, orders), orders["buyer_id"]
    yield bad_orders_apart(member, mates, age=age, buyer=buyer, bad=bad, names=crowd.names.words, recent=late)
    yield excused_refunds(_returns(side), late)
    begun = had_begun(member, orders["seller_id" if side.is_of_creators else "creator_id"], age // 7)
    known, lines = side.purchases(side.market, orders["refunded"], begun), LineWeeks(member[late], age[late] // 7)
    yield order_surges(side.bought, _reach(side), crowd.size, WEEKS, lines, known)
    # a shop's orders go as well as those of the same creators elsewhere
    by_group = side.purchases(orders["category" if side.is_of_creators else "creator_id"], bad.astype(np.int64))
    yield bad_order_surges(by_group, crowd.size, WEEKS, replace(lines, counts=bad[late]))
    impressions = _impressions(side.activity)
    if impressions is not None:
        complete = np.nan_to_num(_without_missing(side, impressions))
        yield orders_without_traffic(side.bought.newest(WEEKS), complete, WEEKS, lines)
    yield hourly_bursts(
        "hourly_orders",
        "orders",
        member[late],
        orders["day"][late],
        orders["moment"][late],
        side.as_of,
        side.market[late],
    )


def _of_reviews(side: _Side, texts: risk_rows.RepeatedTexts) -> Iterator[Leads]:
    """When reviews come, what they give, and whether they read alike."""
    reviews, recent = side.reviews, is_late(side.reviews, side.as_of)
    praised = np.isin(side.orders["id"], reviews["order_line"][reviews["rating"] > _MIDDLING])
    decided = (side.age >= _WAIT) & _at_reviewed_shops(side.orders, reviews)
    yield praised_orders(side.member, side.market, praised, decided, side.late)
    yield repeated_praise(side.member, side.orders["buyer_id"], side.age, praised, decided, side.late)
    author = side.crowd.names.place[reviews[COLUMNS[side.crowd.side]]]
    kinds = np.zeros_like(author), reviews["market"]
    yield raised_reviews(author, kinds, reviews["first_rating"], reviews["rating"], recent)
    yield review_bursts(
        author,
        age=side.as_of - reviews["day"],
        late=np.where(reviews["ordered"] > 0, reviews["day"] - reviews["ordered"], -1),
        rating=reviews["rating"],
        order_member=side.member,
        order_age=side.age,
        weeks=WEEKS,
    )
    day, moment = reviews["day"][recent], reviews["moment"][recent]
    yield hourly_bursts("hourly_reviews", "reviews", author[recent], day, moment, side.as_of)
    yield identical_reviews(author[recent], texts.number_of(reviews["id"][recent]), texts.texts)


def _at_reviewed_shops(orders: Columns, reviews: Columns) -> Flags:
    """Order lines of shops that have any review: exports of reviews are often of one shop, and no line of others has any."""
    reviewed = np.isin(orders["id"], reviews["order_line"])
    return np.asarray(np.bincount(orders["seller_id"], reviewed)[orders["seller_id"]] > 0)


def is_late(rows: Columns, as_of: int) -> Flags:
    """Which rows are of the weeks that leads are of."""
    return np.asarray(as_of - rows["day"] < 7 * WEEKS)


def _impressions(activity: Activity) -> Floats | None:
    """Of each member and week, counted back; None where no traffic names any member."""
    amounts = activity.amounts.get("impressions")
    return None if amounts is None or not amounts.any() else activity.weekly("impressions", WEEKS + LAGS)


def _reach(side: _Side) -> Floats | None:
    """What lets expect how much each member sells in a week: its impressions, or those of the creators that sell for it."""
    seen, creators = _impressions(side.activity), side.creators
    if seen is None and creators is not None and creators is not side.activity:
        creator, week = creators.crowd.names.place[side.orders["creator_id"]], side.age // 7
        of_creators = _impressions(creators)
        if of_creators is None:
            named = creator > 0
            sold = weekly_counts(creator[named], week[named], creators.crowd.size, WEEKS + LAGS)
            return through_creators(side.member, creator, sold, side.crowd.size)
        seen = through_creators(side.member, creator, of_creators, side.crowd.size)
    return None if seen is None else _without_missing(side, seen)


def _without_missing(side: _Side, seen: Floats) -> Floats:
    """The impressions of members and weeks, NaN in weeks of which days are missing of every market, or of a member's main one."""
    result, places = seen.copy(), {word: at for at, word in enumerate(side.crowd.markets.words)}
    home = main_market(side.member, side.market, len(seen))
    for market, weeks in side.unseen.items():
        here = np.flatnonzero(home == places[market]) if market else np.arange(len(seen))
        some = np.array([week for week in weeks if week < seen.shape[1]], np.int64)
        result[here[:, None], some] = np.nan
    return result


def _returns(side: _Side) -> Returns:
    """What came back, and why."""
    orders = side.orders
    of_category = side.orders["source"], side.market, orders["category"]
    return Returns(
        member=side.member,
        kinds=(
            orders["source"],
            combinations(orders["source"], orders["category"])[1],
            combinations(*of_category)[1],
            combinations(orders["source"], orders["product_id"])[1],
        ),
        buyer=orders["buyer_id"],
        age=side.age,
        is_excused=orders["excused"] > 0,
        is_refunded=orders["refunded"] > 0,
    )


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
