"""What became of every order: when it could first be judged, what went wrong with it, and whose fault that was."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, Ints
from core.base.date_text import during
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.row_order import distinct, row_order
from core.catalogue.rating_rules import RatingRules
from core.ratings.cases import accounts
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.batches import faulty_batches
from core.ratings.cases.buyer_independence import (
    BAD_RATING,
    Buyings,
    independence,
    independence_of_reviews,
    others_of_buyers,
)
from core.ratings.cases.case_weight import case_weights
from core.ratings.cases.order_surges import calm
from core.ratings.cases.review_share import spoken_for
from core.ratings.rating_results import Side
from core.workspace.read import rating_rows
from core.workspace.read.workspace import Workspace

NONE = -1
_BUYER = "buyer"
REVIEW = "review"
"""The reason of an order whose review is bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """One element an order line; shape (rows,) each. Days are 0 where nothing happened."""

    id: Ints
    day: Ints
    seller: Ints
    """Code of the shop."""
    who: Ints
    """Place of who is rated: the creator, or the seller."""
    market: Ints
    category: Ints
    channel: Ints
    """Code; as for content and product."""
    content: Ints
    product: Ints
    base: Ints
    """Since when it can be judged: its delivery, or the order itself where no export tells of deliveries; 0 where the buyer sent
    it back for no fault."""
    late: Flags
    """It came after the promised day: says nothing about anything else."""
    fault: Ints
    """Index of the reason in the rules; -1 = all is well, as far as is known."""
    known: Ints
    """When the fault became known."""
    stars: Ints
    """Of its first review; 0 = none."""
    reviewed: Ints
    """Day of that review."""
    due: Ints
    """When the dispatch was due, or the seller cancelled."""
    dispatch: Ints
    """Index of the reason why it was not dispatched in time; -1 = it was."""
    gmv: Ints
    """Paid, in cents."""
    weight: Floats
    """How much it tells, 0..1: less when it is cheap, one of several of one buyer, or of too many buyers nobody else has."""
    review_weight: Floats
    """How much its review tells: less when too many reviews are of buyers nobody else has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offences:
    """One element a violation; shape (rows,) each."""

    day: Ints
    who: Ints
    market: Ints
    category: Ints
    channel: Ints
    content: Ints
    points: NDArray[np.float64]
    overturned: Ints
    """Day of it; 0 = it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What became of every order line of a window, whoever is rated by it; shape (rows,) each."""

    as_of: int
    """Last day of the window."""
    orders: Mapping[str, Ints]
    """Columns of `rating_rows.orders`."""
    reviews: Mapping[str, Ints]
    """Columns of `rating_rows.reviews` where there are no orders; else none."""
    base: Ints
    """As in `Cases`, as are those below."""
    stars: Ints
    reviewed: Ints
    fault: Ints
    """Faulty batches are not marked yet."""
    known: Ints
    due: Ints
    dispatch: Ints
    returned: Flags
    """Sent back for no fault: such orders cost nothing, so they tell nothing."""


class OrderReader:
    """Reads the facts of a window, and accounts; those of the newest window are held for the other side, which asks next."""

    def __init__(self, workspace: Workspace, rules: RatingRules) -> None:
        self._workspace, self._rules = workspace, rules
        self._newest: tuple[Window, OrderFacts] | None = None
        self._accounts: dict[Side, Accounts] = {}

    def accounts(self, side: Side) -> Accounts:
        """Everybody of a side."""
        if side not in self._accounts:
            self._accounts[side] = accounts.read(self._workspace, side)
        return self._accounts[side]

    def facts(self, window: Window) -> OrderFacts:
        """Of every order line, as known at the end of the window. Raises NotEnoughData without orders and reviews."""
        if self._newest is None or self._newest[0] != window:
            self._newest = None
            self._newest = window, _facts(self._workspace, self._rules, window)
        return self._newest[1]


def _facts(workspace: Workspace, rules: RatingRules, window: Window) -> OrderFacts:
    orders = rating_rows.orders(workspace, window)
    if not len(orders["day"]):
        reviews, none = rating_rows.reviews_alone(workspace, window), np.zeros(0, np.int64)
        if not len(reviews["day"]):
            raise NotEnoughData(
                f"no orders and no reviews {during(window)}. A rating needs them: load orders or reviews."
            )
        return OrderFacts(
            as_of=window.last, orders=orders, reviews=reviews, base=none, stars=none, reviewed=none, fault=none, known=none,
            due=none, dispatch=none, returned=none > 0,
        )  # fmt: skip
    codes = reason_codes(rating_rows.words(workspace, "refund_reason"), rules)
    who_cancels = rating_rows.words(workspace, "cancelled_by")
    seller = who_cancels.index("seller") if "seller" in who_cancels else NONE
    stars, reviewed = _first_reviews(orders, rating_rows.reviews(workspace, window))
    fault, known = _faults(orders, stars, reviewed, codes, rules)
    returned = (orders["refunded"] != 0) & (codes[orders["refund_reason"]] == NONE) & (fault == NONE)
    due, dispatch = _dispatches(orders, seller, rules)
    return OrderFacts(
        as_of=window.last,
        orders=orders,
        reviews={},
        base=np.where(returned, 0, _base(orders, rules.ripe_days)),
        stars=stars,
        reviewed=reviewed,
        fault=fault,
        known=known,
        due=due,
        dispatch=dispatch,
        returned=returned,
    )


def of_crowd(facts: OrderFacts, crowd: Accounts, rules: RatingRules) -> Cases:
    """The cases of one side; without any orders each review counts as one."""
    if facts.reviews:
        return _of_reviews(facts.reviews, crowd, rules)
    orders = facts.orders
    places, product = _places(orders, crowd), orders["product_id"]
    person = crowd.person_places()[places["who"]]
    weight = case_weights(person, _buyers(orders), orders["day"], orders["value"], places["category"])
    weight[facts.returned] = 0.0
    lines = Buyings(
        person=person,
        market=places["market"],
        others=others_of_buyers(person, np.where(facts.returned, 0, orders["buyer"])),
        weight=weight,
        bad=facts.fault >= 0,
    )
    of_reviews = independence_of_reviews(lines, facts.stars)
    # what is cut already crowds out no other orders
    lines = replace(lines, weight=weight * independence(lines))
    in_calm = calm(lines, orders["day"])
    low = facts.fault == list(rules.reasons).index(REVIEW)
    lines = replace(lines, weight=lines.weight * in_calm, bad=(facts.fault >= 0) & ~low)
    # a bad review speaks for no further good orders
    spoken = spoken_for(lines, np.where(low, 0, facts.base), facts.reviewed, facts.as_of, rules.ripe_days)
    review_weight, weight = weight * np.minimum(in_calm, of_reviews), lines.weight * spoken
    return Cases(
        id=orders["id"],
        **places,
        product=product,
        base=facts.base,
        late=(orders["came_late"] > 0) & (orders["delivered"] > 0),
        fault=_excused(product, facts.base, person, facts.fault, rules),
        known=facts.known,
        stars=facts.stars,
        reviewed=facts.reviewed,
        due=facts.due,
        dispatch=facts.dispatch,
        gmv=np.where(orders["paid"] > 0, orders["value"], 0),
        weight=weight,
        review_weight=np.minimum(weight, review_weight),
    )


def _buyers(orders: Mapping[str, Ints]) -> Ints:
    """A number for each buyer; an order of an unknown one is of a buyer of its own."""
    known = orders["buyer"]
    orders_of_unknown = distinct(orders["purchase"])[1]
    buyers: Ints = np.where(known > 0, known, int(known.max(initial=0)) + 1 + orders_of_unknown)
    return buyers


def reported_components(workspace: Workspace, rules: RatingRules) -> frozenset[str]:
    """The components that the loaded columns can show, whether or not any case is bad."""
    known = rating_rows.columns_loaded(workspace)
    refunds = ("orders", "refunded_at") in known or ("orders", "refund_amount") in known
    reviews = ("reviews", "") in known
    telling = {
        "unexplained": refunds,
        REVIEW: reviews,
        "dispatch": ("orders", "ship_by") in known,
        "cancellation": ("orders", "cancelled_by") in known,
        "violation": ("violations", "") in known,
    }
    reasons = refunds and ("orders", "refund_reason") in known
    return frozenset(
        entry.key
        for entry in rules.components.values()
        if any(telling.get(reason, reasons and reason != "batch") for reason in entry.bad)
    )


def read_offences(workspace: Workspace, crowd: Accounts, window: Window) -> Offences:
    """Every violation of a window by somebody of the crowd."""
    result = rating_rows.violations(workspace, window)
    whole = {name: entry.astype(np.int64) for name, entry in result.items() if name != "points"}
    # a creator's violation may name the shop too: then it is the creator's
    mine = (
        (whole["creator_id"] > 0) if crowd.side == "creators" else (whole["creator_id"] == 0) & (whole["seller_id"] > 0)
    )
    whole = {name: entry[mine] for name, entry in whole.items()}
    placed = _places(whole, crowd)
    selected = {name: placed[name] for name in ("day", "who", "market", "category", "channel", "content")}
    return Offences(**selected, points=np.maximum(result["points"][mine], 0.0), overturned=whole["overturned"])


def _places(rows: Mapping[str, Ints], crowd: Accounts) -> dict[str, Ints]:
    creators = crowd.side == "creators"
    return {
        "day": rows["day"],
        "seller": rows["seller_id"],
        "who": crowd.names.place[rows["creator_id" if creators else "seller_id"]],
        "market": crowd.markets.place[rows["market"]],
        "category": crowd.categories.place[rows["category"]],
        "channel": rows["channel"],
        "content": rows["content_type"],
    }


def reason_codes(words: Sequence[str], rules: RatingRules) -> Ints:
    """The reason that each refund reason tells, by code; the buyer's own is no fault (-1), an unknown one is unexplained."""
    order = list(rules.reasons)
    tests = [
        (order.index(reason), re.compile(rf"\b(?:{'|'.join(map(re.escape, reported))})"))
        for reason, reported in rules.reasons.items()
        if reported
    ]
    plain = [re.sub(r"[_\-]+", " ", word.lower()) for word in words]
    result = [next((at for at, test in tests if test.search(word)), order.index("unexplained")) for word in plain]
    return np.array([NONE if order[at] == _BUYER else at for at in result], np.int64)


def _base(orders: Mapping[str, Ints], ripe_days: int) -> Ints:
    """Delivered ones since their delivery; refunded ones that never came since long enough to be ripe."""
    delivered, refunded = orders["delivered"], orders["refunded"]
    if not delivered.any():
        counts = (orders["cancelled"] == 0) & ((orders["paid"] > 0) | (not orders["paid"].any()))
        return np.where(counts, orders["day"], 0)
    lost = (delivered == 0) & (refunded != 0) & (orders["cancelled"] == 0)
    return np.where(lost, np.maximum(orders["day"], refunded - ripe_days), delivered)


def _first_reviews(orders: Mapping[str, Ints], reviews: Mapping[str, Ints]) -> tuple[Ints, Ints]:
    """Stars and day of the first review of each order, the worst of a day; edits of it do not count."""
    order = row_order(reviews["day"], reviews["rating"])[::-1]
    line, rating, day = (reviews[name][order] for name in ("order_line", "rating", "day"))
    by_id = row_order(orders["id"])
    row = by_id[np.minimum(np.searchsorted(orders["id"], line, sorter=by_id), len(by_id) - 1)]
    here = (orders["id"][row] == line) & (rating > 0)
    stars, reviewed = np.zeros(len(by_id), np.int64), np.zeros(len(by_id), np.int64)
    # of several that are assigned to one row, numpy keeps the last: the first review
    stars[row[here]], reviewed[row[here]] = rating[here], day[here]
    return stars, reviewed


def _faults(
    orders: Mapping[str, Ints], stars: Ints, reviewed: Ints, reasons: Ints, rules: RatingRules
) -> tuple[Ints, Ints]:
    """What went wrong with each order, and when that was known: its refund's reason, else that its review is bad."""
    refund = np.where(orders["refunded"] > 0, reasons[orders["refund_reason"]], NONE)
    bad = (stars > 0) & (stars <= BAD_RATING)
    fault = np.where(bad & (refund == NONE), list(rules.reasons).index(REVIEW), refund)
    by_refund = np.where(refund >= 0, orders["refunded"], rating_rows.FOREVER)
    known = np.minimum(by_refund, np.where(bad, reviewed, rating_rows.FOREVER))
    return fault, np.where(fault >= 0, known, 0)


def _dispatches(orders: Mapping[str, Ints], seller: int, rules: RatingRules) -> tuple[Ints, Ints]:
    """When a dispatch was due, and the reason why it failed; orders that others cancelled were not due."""
    order = list(rules.reasons)
    by_seller = (orders["cancelled"] > 0) & (orders["cancelled_by"] == seller)
    by_other = (orders["cancelled"] > 0) & ~by_seller
    late = np.where(orders["sent_late"] > 0, order.index("dispatch"), NONE)
    # a deadline has passed when its day is over: the newest day may be half a day
    deadline = np.where(orders["due"] > 0, orders["due"] + 1, 0)
    due = np.where(by_seller, orders["cancelled"], np.where(by_other, 0, deadline))
    return due, np.where(by_seller, order.index("cancellation"), late)


def _excused(product: Ints, base: Ints, person: Ints, fault: Ints, rules: RatingRules) -> Ints:
    """The faults, those of a product in a week when it fails for others too named as its batch's."""
    order = list(rules.reasons)
    failed = np.isin(fault, [order.index(reason) for reason in ("product", "unexplained", REVIEW)]) & (base > 0)
    batch = faulty_batches(product, np.maximum(base, 0) // 7, person, base > 0, failed)
    return np.where(failed & batch, order.index("batch"), fault)


def _of_reviews(reviews: Mapping[str, Ints], crowd: Accounts, rules: RatingRules) -> Cases:
    """Reviews by themselves: each is a case that was judged on its day."""
    bad = reviews["rating"] <= BAD_RATING
    nothing = np.zeros(len(bad), np.int64)
    return Cases(
        id=nothing,
        **_places(reviews, crowd),
        product=reviews["product_id"],
        base=reviews["day"],
        late=nothing > 0,
        fault=np.where(bad, list(rules.reasons).index(REVIEW), NONE),
        known=np.where(bad, reviews["day"], 0),
        stars=reviews["rating"],
        reviewed=reviews["day"],
        due=nothing,
        dispatch=nothing + NONE,
        gmv=nothing,
        weight=np.ones(len(bad)),
        review_weight=np.ones(len(bad)),
    )
