"""Every setting, its value and where it comes from."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base import settings
from core.base.json_value import Value
from core.catalogue.index_definitions import SATISFACTION, index_definitions

_DEFAULTS: Mapping[str, Any] = {
    "time.default": "UTC",
    "time.markets": {},
    "money.currency": None,
    "calendar.holidays": False,
    **{f"satisfaction.{part.key}": part.weight for part in index_definitions()[SATISFACTION].components},
}
"""Settings that hold without a file."""
_OWN_TABLES = ("metrics", "measures", "causes", "keys")
"""Tables whose entries the user makes up: they have no defaults of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Value):
    """One setting."""

    key: str
    value: Any
    """None where nothing is set."""
    origin: str
    """flag, environment, default, or the file that says it."""


def configuration(workspace: Path, *, chosen: bool) -> tuple[Setting, ...]:
    """All settings for a workspace; `chosen`: its path was given by --db. Raises UsageError for a file that does not fit."""
    path = settings.find(workspace)
    options = settings.read(path) if path else {}
    flat = dict(_flat(options))
    rows = [_workspace(workspace, chosen=chosen), _cache()]
    for key, value in _DEFAULTS.items():
        own = [name for name in flat if name == key or name.startswith(f"{key}.")]
        rows += [Setting(key=name, value=flat.pop(name), origin=str(path)) for name in own]
        rows += [] if own else [Setting(key=key, value=value, origin="default")]
    rows += [Setting(key=name, value=value, origin=str(path)) for name, value in flat.items()]
    rows += [Setting(key=name, value=None, origin="default") for name in _OWN_TABLES if name not in options]
    return tuple(rows)


def _workspace(workspace: Path, *, chosen: bool) -> Setting:
    from_environment = os.environ.get("WHYDROP_DB") == str(workspace)
    origin = "environment" if from_environment else "flag" if chosen else "default"
    return Setting(key="db", value=str(workspace), origin=origin)


def _cache() -> Setting:
    from platformdirs import user_cache_path

    return Setting(
        key="cache",
        value=str(user_cache_path("whydrop")),
        origin="environment" if os.environ.get("XDG_CACHE_HOME") else "default",
    )


def _flat(options: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested tables as dotted keys."""
    for name, value in options.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
