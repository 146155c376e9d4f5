"""The cases of one side: what became of every order of somebody who is rated, whose fault it was, and how much it tells."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, Ints
from core.base.days import Window
from core.catalogue.rating_rules import Counted, RatingRules
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.batches import faulty_batches
from core.ratings.cases.evidence_weights import evidence_weights
from core.ratings.cases.order_facts import BAD_RATING, NONE, REVIEW, OrderFacts
from core.workspace.read import rating_rows
from core.workspace.read.workspace import Workspace


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
    """Since when it can be judged: its delivery, or the order itself where its source tells of no deliveries; 0 where the buyer
    sent it back for no fault."""
    refundable: Flags
    """As in `OrderFacts`."""
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
    delivery_weight: Floats
    """How much it tells, as in `EvidenceWeights`; those below, too."""
    dispatch_weight: Floats
    review_weight: Floats

    def weight(self, of: Counted) -> Floats:
        """How much each line tells among cases of a kind; orders weigh as deliveries do."""
        return {"dispatches": self.dispatch_weight, "reviews": self.review_weight}.get(of, self.delivery_weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violations:
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


def of_crowd(facts: OrderFacts, crowd: Accounts, rules: RatingRules) -> Cases:
    """The cases of one side; without any orders each review counts as one."""
    if facts.reviews:
        return _of_reviews(facts.reviews, crowd, rules)
    orders = facts.orders
    places, product = _places(orders, crowd), orders["product_id"]
    person = crowd.person_places()[places["who"]]
    weights = evidence_weights(facts, person, places["market"], places["category"], rules)
    return Cases(
        id=orders["id"],
        **places,
        product=product,
        base=facts.base,
        refundable=facts.refundable,
        late=(orders["came_late"] > 0) & (orders["delivered"] > 0),
        fault=_excused(product, facts.base, person, facts.fault, rules),
        known=facts.known,
        stars=facts.stars,
        reviewed=facts.reviewed,
        due=facts.due,
        dispatch=facts.dispatch,
        gmv=np.where(orders["paid"] > 0, orders["value"], 0),
        delivery_weight=weights.delivery,
        dispatch_weight=weights.dispatch,
        review_weight=weights.review,
    )


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


def read_violations(workspace: Workspace, crowd: Accounts, window: Window) -> Violations:
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
    overturned = np.where(whole["overturned"] <= window.last, whole["overturned"], 0)
    return Violations(**selected, points=np.maximum(result["points"][mine], 0.0), overturned=overturned)


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
        refundable=nothing == 0,
        late=nothing > 0,
        fault=np.where(bad, list(rules.reasons).index(REVIEW), NONE),
        known=np.where(bad, reviews["day"], 0),
        stars=reviews["rating"],
        reviewed=reviews["day"],
        due=nothing,
        dispatch=nothing + NONE,
        gmv=nothing,
        delivery_weight=np.ones(len(bad)),
        dispatch_weight=np.ones(len(bad)),
        review_weight=np.ones(len(bad)),
    )
