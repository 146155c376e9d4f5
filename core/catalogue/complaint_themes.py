"""Complaint themes: the words of what buyers complain about, as data, and the loader that refuses what does not fit."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from core.base.errors import UsageError
from core.base.frozen import frozen

THEMES = ("delivery", "partial", "wrong_item", "quality", "stock", "refund", "service", "price", "content")
"""Keys of the themes, in the order of the catalogue."""
_FILE = "core/catalogue/complaint_themes.toml"


@frozen(kw_only=True)
class ComplaintTheme:
    """One theme in all languages."""

    key: str
    name: str
    owner: str
    """Who answers for it."""
    phrases: Mapping[str, tuple[str, ...]]
    """language -> phrases that speak of it."""
    exceptions: Mapping[str, tuple[str, ...]]
    """language -> phrases that deny it, taken out of a text first."""


@cache
def complaint_themes() -> tuple[ComplaintTheme, ...]:
    """The packaged themes, in the order of THEMES. Raises UsageError for a file that does not fit together."""
    return parse_themes((files("core.catalogue") / "complaint_themes.toml").read_text("utf-8"))


def parse_themes(text: str) -> tuple[ComplaintTheme, ...]:
    """The themes that a TOML text writes. Raises UsageError that names the table."""
    tables = tomllib.loads(text)
    missing = [key for key in THEMES if key not in tables]
    if missing or len(tables) > len(THEMES):
        extra = [key for key in tables if key not in THEMES]
        raise UsageError(f"{_FILE}: the themes are {', '.join(THEMES)}; missing {missing}, unknown {extra}.")
    return tuple(_theme(key, tables[key]) for key in THEMES)


def _theme(key: str, table: Mapping[str, Any]) -> ComplaintTheme:
    languages = {name: entry for name, entry in table.items() if isinstance(entry, Mapping)}
    if not isinstance(table.get("name"), str) or not isinstance(table.get("owner"), str):
        raise UsageError(f"{_FILE}: [{key}] needs name and owner, both texts.")
    return ComplaintTheme(
        key=key,
        name=table["name"],
        owner=table["owner"],
        phrases={name: _texts(f"{key}.{name}", entry, "phrases") for name, entry in languages.items()},
        exceptions={name: _texts(f"{key}.{name}", entry, "except") for name, entry in languages.items()},
    )


def _texts(table: str, entry: Mapping[str, Any], field: str) -> tuple[str, ...]:
    texts = entry.get(field, [])
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) and text.strip() for text in texts):
        raise UsageError(f"{_FILE}: [{table}] {field} must be a list of texts.")
    return tuple(texts)
