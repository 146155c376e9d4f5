"""Values of JSON as cells."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

DAY = re.compile(r"(?:19|20)\d{2}[-/]?\d{2}[-/]?\d{2}")
"""Days as systems write them."""
DEEPEST = 8
"""How far down in a JSON document a list of rows, or the figures of a row, are looked for."""

_CONTAINERS = frozenset(
    (
        *("dimensions", "metrics", "measures", "values", "attributes", "properties", "fields", "stats", "statistics"),
        "insights",
    )
)
"""Objects in which systems put all columns of a sort: their names say nothing of the columns."""


def whole_signs(text: str) -> str:
    """The text of JSON, half an emoji in it as U+FFFD: programs that cut texts cut between its two escapes.

    >>> whole_signs(r'"\\ud83d\\ude00 \\ud83d"')
    '"\\\\ud83d\\\\ude00 \\\\ufffd"'
    """
    if r"\ud" not in text and r"\uD" not in text:
        return text
    return re.sub(_ESCAPES, lambda found: found["whole"] or r"\ufffd", text)


_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPES = rf"(?P<whole>{_HIGH}{_LOW}|\\[^u])|{_HIGH}|{_LOW}"
"""A text, which is compiled for the few files that have such an escape."""


def flattened(item: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str | None]:
    """The values of an object as text, by their names; those of an object inside of it are `outer.inner`.

    >>> flattened({"dimensions": {"day": "2026-11-05"}, "metrics": {"clicks": 3, "cost": {"eur": 1.5}}})
    {'dimensions.day': '2026-11-05', 'metrics.clicks': '3', 'metrics.cost.eur': '1.5'}
    """
    result: dict[str, str | None] = {}
    for key, value in item.items():
        if isinstance(value, dict) and value and depth < DEEPEST:
            result |= flattened(value, f"{prefix}{key}.", depth + 1)
        else:
            result[f"{prefix}{key}"] = value_text(value)
    return result


def without_containers(names: Sequence[str]) -> list[str]:
    """The names of all columns of a table without the objects that only say that they are columns, unless two would then be
    called alike.

    >>> without_containers(["dimensions.day", "dimensions.id", "metrics.clicks", "metrics.cost.eur", "id"])
    ['day', 'dimensions.id', 'clicks', 'cost.eur', 'id']
    """
    paths = [name.split(".") for name in names]
    plain = [".".join([*(part for part in path[:-1] if part not in _CONTAINERS), path[-1]]) for path in paths]
    counts = Counter(plain)
    return [short if counts[short] == 1 else name for name, short in zip(names, plain, strict=True)]


def value_text(value: Any) -> str | None:
    """A value of JSON as a cell."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else repr(value)
