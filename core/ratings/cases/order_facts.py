"""What became of every order: when it could first be judged, what went wrong with it, and when that became known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.date_text import during
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.row_order import row_order
from core.catalogue.rating_rules import RatingRules
from core.catalogue.refund_reasons import reason_in, spoken_reasons
from core.catalogue.text_folding import beginnings, folded_all
from core.ratings.cases import accounts
from core.ratings.cases.accounts import Accounts
from core.ratings.rating_results import Side
from core.workspace.read import rating_rows
from core.workspace.read.workspace import Workspace

NONE = -1
_BUYER = "buyer"
REVIEW = "review"
"""The reason of an order whose review is bad."""
BAD_RATING = 2
"""Stars of a review that is bad, and fewer."""
_ENOUGH, _LEAST_TOLD = 10, 0.05
"""Lines of which something is to be expected before their group can be without it, and the share of them that it needs."""


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
    """Since when it can be judged: its delivery, or the order itself where its source tells of no deliveries; 0 where the buyer
    sent it back for no fault. As are those below, in `Cases`."""
    stars: Ints
    reviewed: Ints
    fault: Ints
    """Faulty batches are not marked yet."""
    known: Ints
    due: Ints
    dispatch: Ints
    returned: Flags
    """Sent back for no fault: such orders cost nothing, so they tell nothing."""
    refundable: Flags
    """Refunds are reported where it was sold; elsewhere an order that was not refunded proves nothing."""


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
    reports = _Reports(orders, window.last - rules.mature_after_days)
    if not len(orders["day"]):
        reviews, none = rating_rows.reviews_alone(workspace, window), np.zeros(0, np.int64)
        if not len(reviews["day"]):
            raise NotEnoughData(
                f"no orders and no reviews {during(window)}. A rating needs them: load orders or reviews."
            )
        return OrderFacts(
            as_of=window.last, orders=orders, reviews=reviews, base=none, stars=none, reviewed=none, fault=none, known=none,
            due=none, dispatch=none, returned=none > 0, refundable=none > 0,
        )  # fmt: skip
    codes = reason_codes(rating_rows.words(workspace, "refund_reason"), rules)
    who_cancels = rating_rows.words(workspace, "cancelled_by")
    seller = who_cancels.index("seller") if "seller" in who_cancels else NONE
    stars, reviewed = _first_reviews(orders, rating_rows.reviews(workspace, window))
    fault, known = _faults(orders, stars, reviewed, codes, rules)
    returned = (orders["refunded"] != 0) & (codes[orders["refund_reason"]] == NONE) & (fault == NONE)
    due, dispatch = _dispatches(reports, seller, rules, window.last)
    return OrderFacts(
        as_of=window.last,
        orders=orders,
        reviews={},
        base=np.where(returned, 0, _base(reports, rules.mature_after_days)),
        stars=stars,
        reviewed=reviewed,
        fault=fault,
        known=known,
        due=due,
        dispatch=dispatch,
        returned=returned,
        refundable=reports.cover_refunds(),
    )


def reason_codes(words: Sequence[str], rules: RatingRules) -> Ints:
    """The reason that each refund reason means, by code; the buyer's own is no fault (-1), an unknown one is unexplained.

    The words of the rules come first, then those of other languages.
    """
    order = list(rules.reasons)
    written = {reason: beginnings(reported) for reason, reported in rules.reasons.items()}
    texts = folded_all([word.replace("_", " ") for word in words])
    result = [reason_in(text, written) for text in texts]
    spoken = iter(spoken_reasons([text for text, reason in zip(texts, result, strict=True) if reason is None]))
    names = [(next(spoken) if reason is None else reason) or "unexplained" for reason in result]
    return np.array([NONE if name == _BUYER else order.index(name) for name in names], np.int64)


@dataclass(frozen=True, slots=True)
class _Reports:
    """Which outcomes of orders their sources report: of others only what went wrong would count."""

    orders: Mapping[str, Ints]
    complete_until: int
    """The last day whose orders have had the time for every outcome."""

    def cover(self, known: Flags) -> Flags:
        """Whether the source of each line reports, for its market and category, what is `known` of some lines."""
        source = self.orders["source"]
        reported: Flags = np.bincount(source, known)[source] > 0
        return reported & self._as_usual(known, source, ("market", "category"))

    def cover_refunds(self) -> Flags:
        """Whether refunds are reported for the source, market and category of each line."""
        everywhere = np.zeros_like(self.orders["source"])
        return self._as_usual(self.orders["refunded"] > 0, everywhere, ("source", "market", "category"))

    def _as_usual(self, known: Flags, whole: Ints, names: Sequence[str]) -> Flags:
        """Whether each group has about as many known lines as is usual in the whole that it is part of.

        Digital goods are never delivered, and a market may lack a column that others of the file have. A group with less than a
        twentieth of what is usual, where ten or more are expected, does not report it.
        """
        is_complete, reported = self.orders["day"] <= self.complete_until, np.ones(len(whole), bool)
        usual = np.bincount(whole, known & is_complete) / np.maximum(np.bincount(whole, is_complete), 1)
        for name in names:
            group = whole * (int(self.orders[name].max(initial=0)) + 1) + self.orders[name]
            expected, times = np.bincount(group, usual[whole] * is_complete), np.bincount(group, known & is_complete)
            reported &= ((expected < _ENOUGH) | (times >= _LEAST_TOLD * expected))[group]
        return reported

    def went_through(self) -> Flags:
        """Lines that nobody cancelled, and that were paid where payments are reported."""
        paid = self.orders["paid"] > 0
        return np.asarray((self.orders["cancelled"] == 0) & (paid | ~self.cover(paid)))


def _base(reports: _Reports, mature_after_days: int) -> Ints:
    """Delivered ones since their delivery; refunded ones that never came only once they are complete."""
    orders = reports.orders
    delivered, refunded = orders["delivered"], orders["refunded"]
    lost = (delivered == 0) & (refunded != 0) & (orders["cancelled"] == 0)
    arrived = np.where(lost, np.maximum(orders["day"], refunded - mature_after_days), delivered)
    return np.where(reports.cover(delivered > 0), arrived, np.where(reports.went_through(), orders["day"], 0))


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
    since = np.minimum(by_refund, np.where(bad, reviewed, rating_rows.FOREVER))
    return fault, np.where(fault >= 0, since, 0)


def _dispatches(reports: _Reports, seller: int, rules: RatingRules, as_of: int) -> tuple[Ints, Ints]:
    """When a dispatch was due, and the reason why it failed; orders that others cancelled were not due.

    Where a source reports who cancels but no deadlines, an order that went through counts as kept: with cancellations as the only
    cases, all sellers of a platform of services had scores of 12 to 17.
    """
    orders, order = reports.orders, list(rules.reasons)
    by_seller = (orders["cancelled"] > 0) & (orders["cancelled_by"] == seller)
    by_other = (orders["cancelled"] > 0) & ~by_seller
    # a deadline has passed when its day is over: the newest day may be half a day
    deadline = np.where(orders["due"] > 0, orders["due"] + 1, 0)
    names_who = (orders["cancelled"] > 0) & (orders["cancelled_by"] > 0)  # a later cancellation is not known yet
    is_kept = ~reports.cover(orders["due"] > 0) & reports.cover(names_who) & reports.went_through()
    deadline = np.where(is_kept, orders["day"], deadline)
    late = np.where((orders["sent_late"] > 0) & (deadline <= as_of) & ~by_other, order.index("dispatch"), NONE)
    due = np.where(by_seller, orders["cancelled"], np.where(by_other, 0, deadline))
    return due, np.where(by_seller, order.index("cancellation"), late)
