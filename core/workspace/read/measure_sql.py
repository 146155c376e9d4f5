"""What is counted of the rows of each kind: one SQL expression for each base measure.

The same text serves two readers: the coded tables (moments are epoch seconds, words are codes), which are fast, and the
views in words, which a person can query by hand. `{...}` marks the places where the two differ.
"""

import re
from collections.abc import Mapping

from core.base.frozen import frozen

_SECONDS = re.compile(r"\{seconds:([^}]*)\}")
DUE = "(ship_by IS NOT NULL AND ship_by <= {now})"
"""A dispatch is due when its deadline has passed by the newest moment that is known."""

REFUNDED = "(CASE WHEN refunded_at IS NULL THEN refund_amount > 0 ELSE refunded_at <= {now} END)"
DELIVERED = "(delivered_at IS NOT NULL AND delivered_at <= {now})"
CANCELLED = "(cancelled_at IS NOT NULL AND cancelled_at <= {now})"
OVERDUE = f"(promised_by IS NOT NULL AND promised_by <= {{arrivals}} AND NOT {DELIVERED} AND NOT {CANCELLED})"
"""A delivery is overdue when its promised day has passed by the newest day of which arrivals are known, and it has not come."""
PAID = "(paid_at IS NOT NULL AND paid_at <= {now})"
LATE = f"({DELIVERED} AND promised_by IS NOT NULL AND delivered_at > promised_by)"
SOLD = "units IS NULL OR units >= 0"
"""A line with fewer than no units is something that came back."""
STANDS = "(overturned_at IS NULL OR overturned_at > {now})"
STOOD = f"({STANDS} OR overturned_at = occurred_at)"
"""A list that says no day of the decision gives the moment of the violation: not known at any age but now."""
_HOURS = "{{seconds:{}}} - {{seconds:coalesce(paid_at, ordered_at)}}"


@frozen
class MeasureSql:
    """How one base measure is counted: an expression over a row, and the columns without which it cannot be."""

    sql: str
    needs: tuple[str, ...] = ()
    """Columns that must be given somewhere; the kind's own required columns left out."""
    moment: str | None = None
    """The moment that it happened on (`--clock event`); None when it has only the day of its row."""
    whole: bool = True
    """Whether each row counts a whole number."""
    per: int = 1
    """What is counted by the row is divided by this when summed: hours are counted in seconds."""
    flag: bool = False
    """Whether each row counts 0 or 1."""
    at_age: str = ""
    """How it is counted instead where days are compared at one age, so that what is still to come would be left out."""

    def counted(self, age: int | None) -> str:
        """The expression for days as they were known `age` days later, or, with None, as they are known now."""
        return self.sql if age is None else self.at_age or self.sql


TRAFFIC: Mapping[str, MeasureSql] = {
    **{name: MeasureSql(name, (name,)) for name in ("impressions", "clicks", "detail_views", "add_to_carts")},
    "watch_seconds": MeasureSql("watch_seconds", ("watch_seconds",), whole=False),
}

ORDERS: Mapping[str, MeasureSql] = {
    "orders": MeasureSql(f"({SOLD})", flag=True),
    "units": MeasureSql(f"(CASE WHEN {SOLD} THEN units END)", ("units",)),
    "paid_orders": MeasureSql(PAID, ("paid_at",), flag=True),
    "gmv": MeasureSql(f"(CASE WHEN {PAID} THEN gmv END)", ("paid_at",)),
    "commission": MeasureSql(f"(CASE WHEN {PAID} THEN commission END)", ("paid_at", "commission")),
    "cancelled_orders": MeasureSql(CANCELLED, ("cancelled_at",), "cancelled_at", flag=True),
    "seller_cancelled_orders": MeasureSql(
        f"({CANCELLED} AND cancelled_by = {{seller}})", ("cancelled_at", "cancelled_by"), "cancelled_at", flag=True
    ),
    "buyer_cancelled_orders": MeasureSql(
        f"({CANCELLED} AND cancelled_by = {{buyer}})", ("cancelled_at", "cancelled_by"), "cancelled_at", flag=True
    ),
    "due_dispatches": MeasureSql(DUE, ("ship_by", "shipped_at"), "ship_by", flag=True),
    "late_dispatches": MeasureSql(
        f"({DUE} AND (shipped_at IS NULL OR shipped_at > ship_by))", ("ship_by", "shipped_at"), "ship_by", flag=True
    ),
    "deliveries": MeasureSql(
        DELIVERED, ("delivered_at",), "delivered_at", flag=True, at_age=f"({DELIVERED} OR {OVERDUE})"
    ),
    "late_deliveries": MeasureSql(
        LATE,
        ("delivered_at", "promised_by"),
        "delivered_at",
        flag=True,
        at_age=f"({LATE} OR {OVERDUE})",
    ),
    "delivery_hours": MeasureSql(
        f"(CASE WHEN {DELIVERED} THEN {_HOURS.format('delivered_at')} END)",
        ("delivered_at",),
        "delivered_at",
        per=3600,
        at_age=f"(CASE WHEN {DELIVERED} THEN {_HOURS.format('delivered_at')} "
        f"WHEN {OVERDUE} THEN {_HOURS.format('{arrivals}')} END)",
    ),
    "refunded_orders": MeasureSql(REFUNDED, ("refunded_at|refund_amount",), "refunded_at", flag=True),
    "refund_amount": MeasureSql(f"(CASE WHEN {REFUNDED} THEN refund_amount END)", ("refund_amount",), "refunded_at"),
}

REVIEWS: Mapping[str, MeasureSql] = {
    "reviews": MeasureSql("1", flag=True),
    "rating_sum": MeasureSql("rating"),
    "negative_reviews": MeasureSql("(rating <= 2)", flag=True),
}

VIOLATIONS: Mapping[str, MeasureSql] = {
    "violations": MeasureSql(STANDS, flag=True, at_age=STOOD),
    "violation_points": MeasureSql(
        f"(CASE WHEN {STANDS} THEN points END)",
        ("points",),
        whole=False,
        at_age=f"(CASE WHEN {STOOD} THEN points END)",
    ),
}

BY_KIND: Mapping[str, Mapping[str, MeasureSql]] = {
    "traffic": TRAFFIC,
    "orders": ORDERS,
    "reviews": REVIEWS,
    "violations": VIOLATIONS,
}
"""Kind -> base measure -> how it is counted; `daily` brings its own measures, already counted."""

COUNTED_AT_AGE = frozenset(name for name, item in ORDERS.items() if item.at_age)
"""Base measures that count overdue deliveries where days are compared at one age."""


def exports_with(measure: str, kind: str) -> str:
    """The exports that a base measure is counted of, for a sentence: the kind, and the columns that they must have.

    >>> exports_with("orders", "orders"), exports_with("paid_orders", "orders")
    ('orders exports', 'orders exports with paid_at')
    """
    counted = BY_KIND.get(kind, {}).get(measure)
    columns = " and ".join(counted.needs).replace("|", " or ") if counted else ""
    return f"{kind} exports with {columns}" if columns else f"{kind} exports"


def filled(sql: str, places: Mapping[str, str], seconds: str) -> str:
    """The expression with its places filled: by name, and `{seconds:...}` by a pattern of what gives the seconds of a moment."""
    for name, text in places.items():
        sql = sql.replace(f"{{{name}}}", text)
    return _SECONDS.sub(lambda m: seconds.format(m[1]), sql)
