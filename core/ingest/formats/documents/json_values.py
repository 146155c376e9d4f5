"""Values of JSON as cells."""

import json
import re
from collections.abc import Mapping
from typing import Any

DAY = re.compile(r"(?:19|20)\d{2}[-/]?\d{2}[-/]?\d{2}")
"""Days as systems write them."""
DEEPEST = 8
"""How far down in a JSON document a list of rows, or the figures of a row, are looked for."""


_CONTAINERS = frozenset(
    (
        "dimensions",
        "metrics",
        "measures",
        "values",
        "attributes",
        "properties",
        "fields",
        "stats",
        "statistics",
        "insights",
    )
)
"""Objects in which systems put all columns of a sort: their names say nothing of the columns."""


def flattened(item: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str | None]:
    """The values of an object as text, by their names; those of an object inside of it are `outer.inner`, and `inner` alone
    where the outer one only says that they are columns and no other is called so.

    >>> flattened({"dimensions": {"day": "2026-11-05", "id": 7}, "metrics": {"clicks": 3, "cost": {"eur": 1.5}}, "id": 1})
    {'day': '2026-11-05', 'dimensions.id': '7', 'clicks': '3', 'cost.eur': '1.5', 'id': '1'}
    """
    result: dict[str, str | None] = {}
    for key, value in item.items():
        if not (isinstance(value, dict) and value and depth < DEEPEST):
            result[f"{prefix}{key}"] = value_text(value)
        elif key in _CONTAINERS:
            inner = flattened(value, prefix, depth + 1)
            result |= {
                f"{prefix}{key}.{name.removeprefix(prefix)}" if name in result or name in item else name: cell
                for name, cell in inner.items()
            }
        else:
            result |= flattened(value, f"{prefix}{key}.", depth + 1)
    return result


def value_text(value: Any) -> str | None:
    """A value of JSON as a cell."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else repr(value)
