"""Values of JSON as cells."""

import json
import re
from collections.abc import Mapping
from typing import Any

DAY = re.compile(r"(?:19|20)\d{2}[-/]?\d{2}[-/]?\d{2}")
"""Days as systems write them."""
DEEPEST = 8
"""How far down in a JSON document a list of rows, or the figures of a row, are looked for."""


def flattened(item: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str | None]:
    """The values of an object as text, by their names; those of an object inside of it are `outer.inner`."""
    result: dict[str, str | None] = {}
    for key, value in item.items():
        if isinstance(value, dict) and value and depth < DEEPEST:
            result |= flattened(value, f"{prefix}{key}.", depth + 1)
        else:
            result[f"{prefix}{key}"] = value_text(value)
    return result


def value_text(value: Any) -> str | None:
    """A value of JSON as a cell."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else repr(value)
