"""Lists inside of the objects of a JSON document that are rows of their own: lines of an order, points of a series."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.ingest.formats.documents.json_values import DAY, flattened, value_text

Rows = list[dict[str, str | None]]
_QUANTITIES = frozenset(("quantity", "qty", "units", "amount_of_items"))
"""Keys that tell a list of the lines of an order."""
_ORDER_IDS = ("id", "order_id", "orderId", "order_number", "orderNumber")
_PAIR = 2
_EPOCHS = (631_152_000, 4_102_444_800)
"""Seconds since 1970, from 1990 to 2100."""


def order_lines(rows: Sequence[Mapping[str, Any]]) -> Rows | None:
    """The lines of orders, each with what its order says, when every object has an id and one list of objects with quantities;
    None for any other. Keys of a line begin with `lineitem `, the id of the order is `order_id`.
    """
    own = next((key for key in _ORDER_IDS if all(row.get(key) is not None for row in rows)), None)
    lists = [key for key in rows[0] if any(_is_line(item) for row in rows[:_LOOKED_AT] for item in _items(row, key))]
    if own is None or len(lists) != 1 or not all(isinstance(row.get(lists[0]), list) for row in rows):
        return None
    result: Rows = []
    for row in rows:
        order = flattened({("order_id" if key == own else key): item for key, item in row.items() if key != lists[0]})
        lines = [flattened(item, "lineitem ") for item in row[lists[0]] if isinstance(item, dict)]
        result += [{**order, **line} for line in lines or [{}]]
    return result


_LOOKED_AT = 20


def _items(row: Mapping[str, Any], key: str) -> Sequence[Any]:
    item = row.get(key)
    return item if isinstance(item, list) else ()


def _is_line(item: Any) -> bool:
    return isinstance(item, dict) and not _QUANTITIES.isdisjoint(map(str.casefold, item))


def points(rows: Sequence[Mapping[str, Any]]) -> Rows | None:
    """The points of series, `time` and `value`, each with what its series says, when every object has one list of pairs of a
    moment and a figure; None for any other.
    """
    lists = [key for key, item in rows[0].items() if moment_position(item) is not None]
    if len(lists) != 1:
        return None
    result: Rows = []
    for row in rows:
        pairs = row.get(lists[0])
        at = moment_position(pairs)
        if at is None:
            if pairs:
                return None
            continue
        words = flattened({key: item for key, item in row.items() if key != lists[0]})
        result += [{**words, "time": _moment_text(pair[at]), "value": value_text(pair[1 - at])} for pair in pairs or ()]
    return result


def moment_position(pairs: Any) -> int | None:
    """Which of the two values of each pair of a list is a moment, 0 or 1; None for what is no list of such pairs."""
    if not isinstance(pairs, list) or not pairs:
        return None
    if not all(isinstance(pair, list) and len(pair) == _PAIR for pair in pairs):
        return None
    return next((at for at in range(_PAIR) if all(_is_moment(pair[at]) for pair in pairs)), None)


def _is_moment(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return any(_is_epoch(value / scale) for scale in _SCALES)
    return isinstance(value, str) and bool(DAY.match(value))


def _is_epoch(seconds: float) -> bool:
    return _EPOCHS[0] <= seconds < _EPOCHS[1]


_SCALES = (1, 1000)


def _moment_text(value: Any) -> str | None:
    """A moment as it is written; seconds since 1970 as a date, since a second column of figures would hide what a series is."""
    if not isinstance(value, int | float):
        return value_text(value)
    seconds = next(value / scale for scale in _SCALES if _is_epoch(value / scale))
    return datetime.fromtimestamp(seconds, UTC).isoformat()
