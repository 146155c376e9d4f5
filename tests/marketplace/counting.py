"""Counts metrics of a generated world with numpy, as an analyst would who had only what is known at its end."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fixtures.marketplace import Records

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAY = 86_400
BUYER, SELLER = 1, 2
RATIOS = {
    "ctr": ("clicks", "impressions"),
    "detail_view_rate": ("detail_views", "clicks"),
    "cart_rate": ("add_to_carts", "detail_views"),
    "click_to_order_rate": ("orders", "clicks"),
    "payment_rate": ("paid_orders", "orders"),
    "average_order_value": ("gmv", "paid_orders"),
    "gpm": ("gmv", "impressions"),
    "commission_rate": ("commission", "gmv"),
    "seller_cancel_rate": ("seller_cancelled_orders", "orders"),
    "late_dispatch_rate": ("late_dispatches", "due_dispatches"),
    "late_delivery_rate": ("late_deliveries", "deliveries"),
    "delivery_time": ("delivery_days", "deliveries"),
    "refund_rate": ("refunded_orders", "paid_orders"),
    "average_rating": ("rating_sum", "reviews"),
    "negative_review_rate": ("negative_reviews", "reviews"),
    "violations_per_1k_orders": ("violations", "orders"),
}


class Counted:
    """A world's base measures by day and segment."""

    def __init__(self, made: Records) -> None:
        self.made = made
        self.days = made.world.days

    @cached_property
    def _traffic(self) -> tuple[Ints, dict[str, Ints], dict[str, Floats]]:
        traffic, slices = self.made.traffic, self.made.world.slices
        rows = np.flatnonzero(traffic.reached)
        names = {"clicks": "clicks_recorded"}
        counts = ("impressions", "clicks", "detail_views", "add_to_carts", "watch_seconds")
        return (
            traffic.day[rows],
            {name: codes[traffic.slice[rows]] for name, codes in slices.codes.items()},
            {name: getattr(traffic, names.get(name, name))[rows] for name in counts},
        )

    @cached_property
    def _orders(self) -> tuple[Ints, dict[str, Ints], dict[str, Floats]]:
        lines, fate, end = self.made.lines, self.made.fate, self.made.world.end
        rows = np.flatnonzero(~lines.lost)
        paid, delivered, cancelled = fate.paid_at <= end, fate.delivered_at <= end, fate.cancelled_at <= end
        due = (fate.ship_by <= end) & ~cancelled
        counts = {
            "orders": np.ones(len(paid)),
            "paid_orders": paid,
            "gmv": lines.cents / 100 * paid,
            "commission": lines.commission_cents / 100 * paid,
            "seller_cancelled_orders": cancelled & (fate.cancelled_by == SELLER),
            "due_dispatches": due,
            "late_dispatches": due & (fate.shipped_at > fate.ship_by),
            "deliveries": delivered,
            "late_deliveries": delivered & (fate.delivered_at > fate.promised_by),
            "delivery_days": np.where(delivered, fate.delivered_at - fate.paid_at, 0) / DAY,
            "refunded_orders": fate.refunded_at <= end,
        }
        sheet = lines.sheet
        return sheet.day[rows], {k: v[rows] for k, v in sheet.codes.items()}, {k: v[rows] for k, v in counts.items()}

    @cached_property
    def _reviews(self) -> tuple[Ints, dict[str, Ints], dict[str, Floats]]:
        reviews = self.made.reviews
        day = reviews.reviewed_at // DAY - self.made.world.first
        codes = {name: codes[reviews.line] for name, codes in self.made.lines.sheet.codes.items()}
        bad = reviews.rating <= 2
        return day, codes, {"reviews": np.ones(len(day)), "rating_sum": reviews.rating, "negative_reviews": bad}

    @cached_property
    def _violations(self) -> tuple[Ints, dict[str, Ints], dict[str, Floats]]:
        found = self.made.violations
        codes = {"market": found.market, "channel": found.channel, "category": found.category}
        codes |= {"creator_id": found.creator, "seller_id": found.seller}
        stands = found.overturned_at > self.made.world.end
        return found.occurred_at // DAY - self.made.world.first, codes, {"violations": stands}

    def daily(self, measure: str, where: Mapping[str, str]) -> Floats:
        """The base measure on each day inside a segment."""
        tables = (self._traffic, self._orders, self._reviews, self._violations)
        day, codes, counts = next(table for table in tables if measure in table[2])
        rows = np.ones(len(day), bool)
        for name, wanted in self.made.world.codes_of(where).items():
            rows &= np.isin(codes[name], wanted)
        return np.bincount(day[rows], counts[measure][rows].astype(float), minlength=self.days)

    def value(self, metric: str, where: Mapping[str, str], first: int, last: int) -> float:
        """The metric over days counted from the first one of the data; a count is given by day."""
        window = slice(first, last + 1)
        if metric not in RATIOS:
            return float(self.daily(metric, where)[window].mean())
        over, under = (self.daily(measure, where)[window].sum() for measure in RATIOS[metric])
        return float(over / under) if under else float("nan")

    def day(self, iso: str) -> int:
        """The day of an ISO date, counted from the first one of the data."""
        return int(np.datetime64(iso, "D").astype(int)) - self.made.world.first
