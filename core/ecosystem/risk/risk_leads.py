"""Leads: members whose pattern is unusual for their peers, with a limit on false ones over everything that is tested.

A lead is no verdict. Each says what was seen and what is usual, so that a person can look.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from core.base.arrays import Ints
from core.base.days import Window
from core.base.segment import Segment
from core.ecosystem.health_results import Risk
from core.ecosystem.risk.buyer_patterns import Purchases, few_buyers, refund_rings, shared_buyers
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.price_swings import price_swings
from core.ecosystem.risk.review_bursts import LAGS, review_bursts
from core.ecosystem.risk.tail_tests import discoveries
from core.ratings.cases.accounts import Accounts
from core.workspace.read import risk_rows
from core.workspace.read.workspace import Workspace

Columns = dict[str, Ints]

FALSE_DISCOVERIES = 0.05
_WEEKS = 8
"""That leads are looked for in."""
_MOST = 100.0


def risks(workspace: Workspace, crowds: Sequence[Accounts], as_of: int, where: Segment) -> tuple[tuple[Risk, ...], int]:
    """The leads of the last eight weeks, most unusual first, and how many tests they come from."""
    window = Window(as_of - 7 * (_WEEKS + LAGS) + 1, as_of)
    orders = risk_rows.orders(workspace, window, where)
    reviews = risk_rows.reviews(workspace, window, where)
    tested = [(crowd, one) for crowd in crowds for one in _tested(crowd, as_of, orders, reviews)]
    chances = [one.p_value for _, one in tested]
    if not sum(map(len, chances)):
        return (), 0
    q_values = np.split(discoveries(np.concatenate(chances)), np.cumsum([len(one) for one in chances])[:-1])
    found = [
        _risk(crowd, one, at, float(q_value[at]))
        for (crowd, one), q_value in zip(tested, q_values, strict=True)
        for at in np.flatnonzero(q_value <= FALSE_DISCOVERIES).tolist()
    ]
    order = sorted(found, key=lambda one: (one.p_value, one.kind, *one.subject.items()))
    return tuple(order), sum(map(len, chances))


def _tested(crowd: Accounts, as_of: int, orders: Columns, reviews: Columns) -> Iterator[Leads]:
    column = "creator_id" if crowd.side == "creators" else "seller_id"
    member, age = crowd.names.place[orders[column]], as_of - orders["day"]
    late = age < 7 * _WEEKS
    here = {name: one[late] for name, one in orders.items()}
    market, category = crowd.markets.place[here["market"]], crowd.categories.place[here["category"]]
    bought = Purchases.of(member[late], market, age[late], here["buyer_id"], here["refunded"])
    yield few_buyers(bought)
    yield refund_rings(bought)
    yield shared_buyers(bought, _persons(crowd), crowd.names.words)
    price = here["gmv"] / np.maximum(here["units"], 1)
    yield price_swings(member[late], here["product_id"], category, age[late] // 7, price)
    since = as_of - reviews["day"]
    lag = np.where(reviews["ordered"] > 0, (reviews["day"] - reviews["ordered"]) // 7, -1)
    author = crowd.names.place[reviews[column]]
    yield review_bursts(
        member=author,
        week=since // 7,
        lag=lag,
        rating=reviews["rating"],
        order_member=member,
        order_week=age // 7,
        weeks=_WEEKS,
    )


def _persons(crowd: Accounts) -> Ints:
    """A number for whoever holds each account."""
    return np.unique(np.array(crowd.persons), return_inverse=True)[1].astype(np.int64)


def _risk(crowd: Accounts, one: Leads, at: int, q_value: float) -> Risk:
    column = "creator_id" if crowd.side == "creators" else "seller_id"
    p_value = float(one.p_value[at])
    return Risk(
        subject={column: crowd.names.words[one.member[at]]},
        kind=one.kind,
        score=min(-10 * float(np.log10(max(p_value, 1e-300))), _MOST),
        p_value=p_value,
        q_value=q_value,
        reasons=one.reasons(int(one.cell[at])),
    )
