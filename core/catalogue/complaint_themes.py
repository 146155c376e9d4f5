"""Complaint themes: what buyers complain about, its words in each language as data, and the loader that checks both."""

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
_FOLDER = "complaint_words"


@frozen(kw_only=True)
class ComplaintTheme:
    """One theme."""

    key: str
    name: str
    owner: str
    """Who answers for it."""


@frozen(kw_only=True)
class ComplaintWords:
    """How buyers complain in one language."""

    frequent: tuple[str, ...]
    """Words that tell a text in Latin letters to be in this language; none where its letters tell."""
    phrases: Mapping[str, tuple[str, ...]]
    """theme -> phrases that speak of it."""
    exceptions: Mapping[str, tuple[str, ...]]
    """theme -> phrases that deny it, taken out of a text first."""


@cache
def complaint_themes() -> tuple[ComplaintTheme, ...]:
    """The packaged themes, in the order of THEMES. Raises UsageError for a file that does not fit together."""
    return parse_themes((files("core.catalogue") / "complaint_themes.toml").read_text("utf-8"))


@cache
def complaint_words() -> Mapping[str, ComplaintWords]:
    """The words of each language by its code. Raises UsageError for a file that does not fit."""
    paths = sorted((files("core.catalogue") / _FOLDER).iterdir(), key=lambda path: path.name)
    return {path.name.removesuffix(".toml"): parse_words(path.name, path.read_text("utf-8")) for path in paths}


def parse_themes(text: str) -> tuple[ComplaintTheme, ...]:
    """The themes that a TOML text writes. Raises UsageError that names the table."""
    tables = tomllib.loads(text)
    missing = [key for key in THEMES if key not in tables]
    if missing or len(tables) > len(THEMES):
        extra = [key for key in tables if key not in THEMES]
        raise UsageError(f"{_FILE}: the themes are {', '.join(THEMES)}; missing {missing}, unknown {extra}.")
    return tuple(_theme(key, tables[key]) for key in THEMES)


def _theme(key: str, table: Mapping[str, Any]) -> ComplaintTheme:
    if not isinstance(table.get("name"), str) or not isinstance(table.get("owner"), str):
        raise UsageError(f"{_FILE}: [{key}] needs name and owner, both texts.")
    return ComplaintTheme(key=key, name=table["name"], owner=table["owner"])


def parse_words(name: str, text: str) -> ComplaintWords:
    """The words that the TOML text of a language's file writes, for every theme. Raises UsageError that names the table."""
    tables = tomllib.loads(text)
    file = f"core/catalogue/{_FOLDER}/{name}"
    unfit = [key for key in (*THEMES, *tables) if (key in THEMES) != isinstance(tables.get(key), Mapping)]
    if unfit or tables.keys() - {"words", *THEMES}:
        raise UsageError(f"{file}: it holds words and the tables {', '.join(THEMES)}.")
    return ComplaintWords(
        frequent=_texts(file, tables, "words"),
        phrases={key: _texts(f"{file} [{key}]", tables[key], "phrases") for key in THEMES},
        exceptions={key: _texts(f"{file} [{key}]", tables[key], "except") for key in THEMES},
    )


def _texts(table: str, entry: Mapping[str, Any], field: str) -> tuple[str, ...]:
    texts = entry.get(field, [])
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) and text.strip() for text in texts):
        raise UsageError(f"{table}: {field} must be a list of texts.")
    return tuple(texts)
