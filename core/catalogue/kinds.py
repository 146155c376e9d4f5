"""What a row of an export can be: each canonical kind as data."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from core.base.errors import UsageError, did_you_mean
from core.base.frozen import frozen


class CellType(Enum):
    """What a cell means, and so how it is read and kept."""

    WORD = "word"
    """One of a limited set of words; kept as a code."""
    TEXT = "text"
    """Any text, such as an id or a title."""
    DAY = "day"
    MOMENT = "moment"
    """A day, with a time or without; local time of its market where no offset is given."""
    DEADLINE = "deadline"
    """A moment by which something is due; one without a time means the end of that day."""
    COUNT = "count"
    """A whole number, 0 or more."""
    NUMBER = "number"
    MONEY = "money"
    """An amount, exact to 1/100 of the currency's unit."""
    DURATION = "duration"
    """A length of time; kept as seconds."""
    RATING = "rating"
    """A whole number from 1 to 5."""

    @property
    def is_moment(self) -> bool:
        """Whether it is a point in time."""
        return self in {CellType.MOMENT, CellType.DEADLINE}


SLICE = ("market", "channel", "content_type", "creator_id", "seller_id", "category", "user_segment", "device")
"""The columns to slice by, wherever a kind has them."""
SOURCE = "source"
"""Where a fact came from: the platform, account or shop that its file names, else its preset, else what the user says."""
LINE = "line"
"""What tells order lines of one product in one order apart: a line number, or a SKU."""

MONEY_MEASURES = frozenset({"gmv", "commission", "refund_amount"})
"""Measures that are money in every kind."""
DISTINCT_COUNTS = frozenset({"viewers"})
"""Columns that count people: one may be in several rows, so that they cannot be added up."""


@frozen(kw_only=True)
class Kind:
    """One kind of export."""

    name: str
    columns: Mapping[str, CellType]
    """Every column that it knows, in order; `daily` takes any further ones as dimensions or measures."""
    required: tuple[str, ...]
    key: tuple[str, ...] = ()
    """What names a row; empty: its day and whole slice."""
    day: str | None = None
    """The column that gives a row its day; None for what has none (accounts, products)."""
    telling: tuple[str, ...] = field(default=())
    """Columns that, with the required ones, distinguish it from other kinds."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The slice columns and what else is a word to slice by."""
        return tuple(name for name in (*SLICE, "product_id", SOURCE) if self.columns.get(name) is CellType.WORD)

    @property
    def is_fact(self) -> bool:
        """Whether its rows are counted by day."""
        return self.day is not None and self.name != "fx"


def _kind(
    name: str,
    required: str,
    columns: str,
    *,
    key: str = "",
    day: str | None = None,
    telling: str = "",
    slices: bool = True,
) -> Kind:
    """A kind from text such as `order_id:text units:count`; the slice columns follow its own."""
    own = {column: CellType(cell) for column, _, cell in (text.partition(":") for text in columns.split())}
    carried = (*SLICE, SOURCE) if day else SLICE
    sliced = {column: CellType.WORD for column in carried if slices and column not in own}
    return Kind(
        name=name,
        columns={**own, **sliced},
        required=tuple(required.split()),
        key=tuple(key.split()),
        day=day,
        telling=tuple(telling.split()),
    )


_ALL = (
    _kind(
        "traffic",
        "date",
        "date:day impressions:count clicks:count detail_views:count add_to_carts:count viewers:count watch_seconds:number",
        day="date",
        telling="impressions clicks detail_views add_to_carts viewers watch_seconds",
    ),
    _kind(
        "orders",
        "order_id ordered_at gmv",
        "order_id:text ordered_at:moment product_id:word line:word buyer_id:word units:count gmv:money currency:word "
        "paid_at:moment ship_by:deadline shipped_at:moment promised_by:deadline delivered_at:moment cancelled_at:moment "
        "cancelled_by:word refunded_at:moment refund_amount:money refund_reason:word commission:money",
        key="order_id product_id line source",
        day="ordered_at",
    ),
    _kind(
        "reviews",
        "review_id reviewed_at rating",
        "review_id:text order_id:text reviewed_at:moment rating:rating text:text product_id:word",
        key="review_id source",
        day="reviewed_at",
    ),
    _kind(
        "violations",
        "violation_id occurred_at",
        "violation_id:text occurred_at:moment policy:word points:number content_id:text overturned_at:moment",
        key="violation_id source",
        day="occurred_at",
    ),
    _kind(
        "creators",
        "creator_id",
        "creator_id:text person_id:text handle:text agency_id:text followers:count joined_on:day seller_id:text",
        key="creator_id",
        telling="person_id handle agency_id followers joined_on",
    ),
    _kind("roles", "creator_id role", "creator_id:text role:text since:day until:day", key="creator_id role since"),
    _kind(
        "products",
        "product_id",
        "product_id:text title:text price:money currency:text listed_on:day stock:count seller_id:text category:text",
        key="product_id",
        telling="title price listed_on stock",
    ),
    _kind(
        "videos",
        "video_id",
        "video_id:text creator_id:text title:text link:text format:text published_at:moment duration_seconds:duration "
        "views:count engaged_views:count reach:count impressions:count likes:count dislikes:count comments:count "
        "shares:count saves:count followers:number watch_seconds:number clicks:count orders:count units:count gmv:money "
        "refund_amount:money revenue:money commission:money source:text",
        key="video_id source",
        telling="views likes comments shares watch_seconds",
        slices=False,
    ),
    _kind("sellers", "seller_id", "seller_id:text name:text joined_on:day", key="seller_id", telling="name joined_on"),
    _kind(
        "events",
        "event_id starts_at",
        "event_id:text starts_at:moment ends_at:deadline kind:text title:text owner:text",
        key="event_id",
    ),
    _kind(
        "fx", "date currency rate", "date:day currency:text rate:number", key="date currency", day="date", slices=False
    ),
    _kind("daily", "date", "date:day", day="date"),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every kind by name, in the order of the contract."""


def kind_named(name: str) -> Kind:
    """The kind of that name. Raises UsageError, offering the nearest."""
    try:
        return KINDS[name]
    except KeyError:
        raise UsageError(f"no kind {name!r}.{did_you_mean(name, KINDS)} Known: {', '.join(KINDS)}.") from None
