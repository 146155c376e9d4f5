"""A user's own keys: `[keys]` of whydrop.toml, such as `explain.pin = "P"`; the names are those of tui.keys."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textual.keys import Keys, _character_to_key, key_to_character

from core.base import settings
from core.base.errors import UsageError, did_you_mean
from tui.keys import BY_ID, KEYS, TOGETHER, label

_TABLE = "keys"
_MODIFIERS = {"ctrl", "alt", "shift", "super", "meta", "hyper"}
_NAMED = {key.value for key in Keys}


def read(workspace: Path) -> dict[str, str]:
    """id -> keys, as far as the settings for a workspace change them. Raises UsageError that names the line of a bad entry."""
    path = settings.find(workspace)
    table = settings.read(path).get(_TABLE, {}) if path else {}
    if path is None or table == {}:
        return {}
    entries = dict(_flat(table))
    for name, value in entries.items():
        _refuse(path, name, _fault(name, value))
    keys_of = {name: ",".join(map(_normal, value.split(","))) for name, value in entries.items()}
    for name in keys_of:
        _refuse(path, name, _clash(keys_of, name))
    return keys_of


def _refuse(path: Path, name: str, fault: str) -> None:
    if fault:
        raise UsageError(f"{path}:{_line(path, name)}: {fault}")


def _flat(table: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values; TOML reads `explain.pin` as a table in a table."""
    if isinstance(table, Mapping):
        for name, value in table.items():
            yield from _flat(value, f"{above}.{name}" if above else name)
    else:
        yield above, table


def _fault(name: str, value: Any) -> str:
    """What is wrong with one entry."""
    if name not in BY_ID:
        return f"no key is named {name!r}.{did_you_mean(name, BY_ID, limit=1)} The names are in tui/keys.py."
    if not isinstance(value, str) or not value.strip():
        return f'{name} is a text such as "P" or "ctrl+x,f5", not {value!r}.'
    unknown = [key.strip() for key in value.split(",") if not _is_key(_normal(key))]
    return f"{name}: no key {unknown[0]!r}. Write a character, or a name such as ctrl+x, f5, enter." if unknown else ""


def _normal(key: str) -> str:
    """A key as Textual names it: `?` is question_mark."""
    text = key.strip()
    return _character_to_key(text) if len(text) == 1 else text


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+")
    named = len(last) == 1 or last in _NAMED or key_to_character(last) is not None
    return named and set(modifiers) <= _MODIFIERS


def _clash(keys_of: Mapping[str, str], name: str) -> str:
    """Which other thing one of these keys does where they hold."""
    mine = BY_ID[name]
    for other in KEYS:
        meet = mine.scope == other.scope or {mine.scope, other.scope} & TOGETHER
        shared = set(keys_of.get(other.id, other.keys).split(",")) & set(keys_of[name].split(","))
        if other.id != name and meet and shared:
            return f"{label(shared.pop())} is {other.id} already. Give one of them another key."
    return ""


def _line(path: Path, name: str) -> int:
    """Where the entry stands, whether written `explain.pin` below [keys] or `pin` below [keys.explain]."""
    text = path.read_text(encoding="utf-8")
    scope, _, last = name.rpartition(".")
    header = settings.line_of(text, _TABLE)
    line = settings.line_of(text, _TABLE, name)
    return line if line != header or not scope else settings.line_of(text, f"{_TABLE}.{scope}", last)
