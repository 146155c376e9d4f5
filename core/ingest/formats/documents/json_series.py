"""Lists inside of the objects of a JSON document that are rows of their own: lines of an order, points of a series."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from core.ingest.formats.documents.json_values import DAY, flattened, value_text
from core.ingest.request import LINE

Rows = list[dict[str, str | None]]
_QUANTITIES = frozenset(("quantity", "qty", "units", "amount_of_items"))
"""Keys that tell a list of the lines of an order."""
_ORDER_IDS = ("id", "order_id", "orderId", "order_number", "orderNumber")
_PAIR = 2
_EPOCHS = (631_152_000, 4_102_444_800)
"""Seconds since 1970, from 1990 to 2100."""


def order_lines(rows: Sequence[Mapping[str, Any]]) -> Rows | None:
    """The lines of orders, each with what its order says, when every object has an id and one list of objects with quantities,
    whose amounts add up to one of the order where the keys are of a language that is not known here; None for any other.
    Keys of a line begin with `lineitem `, the id of the order is `order_id`.
    """
    first = rows[:_LOOKED_AT]
    lists = [key for key in rows[0] if any(_is_line(item) for row in first for item in _items(row, key))]
    own = next((key for key in _ORDER_IDS if all(row.get(key) is not None for row in rows)), None)
    if not lists:
        lists = [key for key in rows[0] if _are_order_lines(first, key)]
        own = own or next((key for key in rows[0] if _is_own(rows, key)), None)
    if own is None or len(lists) != 1 or not all(isinstance(row.get(lists[0]), list) for row in rows):
        return None
    result: Rows = []
    for row in rows:
        order = flattened({("order_id" if key == own else key): item for key, item in row.items() if key != lists[0]})
        lines = [flattened(item, LINE) for item in row[lists[0]] if isinstance(item, dict)]
        result += [{**order, **line} for line in lines or [{}]]
    return result


_LOOKED_AT = 20


def _items(row: Mapping[str, Any], key: str) -> Sequence[Any]:
    item = row.get(key)
    return item if isinstance(item, list) else ()


def _is_line(item: Any) -> bool:
    return isinstance(item, dict) and not _QUANTITIES.isdisjoint(map(str.casefold, item))


def _is_own(rows: Sequence[Mapping[str, Any]], key: str) -> bool:
    """Whether each object has a word or number of its own under a key, and no day."""
    values = [row.get(key) for row in rows]
    is_name = all(isinstance(value, str | int) and not isinstance(value, bool) for value in values)
    is_day = all(isinstance(value, str) and _MOMENT.fullmatch(value) for value in values)
    return is_name and not is_day and len({*values}) == len(values)


def _are_order_lines(rows: Sequence[Mapping[str, Any]], key: str) -> bool:
    """Whether the lists under a key are lines of orders: a figure of most objects is the sum of their quantities times prices."""
    lines = [[item for item in _items(row, key) if isinstance(item, dict)] for row in rows]
    if not all(lines):
        return False
    totals = [[amount for value in row.values() if (amount := _amount(value))] for row in rows]
    figures = [name for name, value in lines[0][0].items() if _amount(value) is not None]
    for quantity, price in combinations(figures, 2):
        sums = [
            sum((_amount(item.get(quantity)) or 0) * (_amount(item.get(price)) or 0) for item in own) for own in lines
        ]
        same = (any(abs(total - value) < _CENT for total in own) for own, value in zip(totals, sums, strict=True))
        if any(len(own) > 1 for own in lines) and sum(same) > len(rows) / 2:
            return True
    return False


_CENT = 0.01
_MOMENT = re.compile(rf"{DAY.pattern}(?:[T ].*)?")
_FIGURE = re.compile(r"-?\d{1,12}(?:\.\d+)?")
_TOO_LARGE = 10**12


def _amount(value: Any) -> float | None:
    """The value of a number, which many systems write as text (`"19.90"`); None for other values and for longer numbers."""
    is_figure = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _TOO_LARGE
    return float(value) if is_figure or (isinstance(value, str) and _FIGURE.fullmatch(value)) else None


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
        return any(_is_epoch(value, scale) for scale in _SCALES)
    return isinstance(value, str) and bool(DAY.match(value))


def _is_epoch(value: float, scale: int) -> bool:
    return _EPOCHS[0] * scale <= value < _EPOCHS[1] * scale  # a whole number of any length, which no division takes


_SCALES = (1, 1000)


def _moment_text(value: Any) -> str | None:
    """A moment as it is written; seconds since 1970 as a date, since a second column of figures would hide what a series is."""
    if not isinstance(value, int | float):
        return value_text(value)
    seconds = next(value / scale for scale in _SCALES if _is_epoch(value, scale))
    return datetime.fromtimestamp(seconds, UTC).isoformat()
