"""What is set for a workspace: its clocks, its currency, its holidays, the weights of its satisfaction index."""

import sqlite3
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from core.base import settings
from core.base.time_zones import Zones
from core.workspace.schema.exchange_rates import Rates


class WorkspaceOptions:
    """The options of a workspace, by its file of settings and what was remembered of its loads."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path, self._connection = path, connection

    @property
    def text(self) -> bytes | None:
        """Its file of settings as it is now; None where there is none."""
        path = settings.find(self._path)
        return path.read_bytes() if path else None

    @cached_property
    def _settings(self) -> dict[str, Any]:
        path = settings.find(self._path)
        return settings.read(path) if path else {}

    @property
    def holidays(self) -> bool | list[str]:
        """Whether public holidays are events: of which countries, or of all markets."""
        result: bool | list[str] = self._settings.get("calendar", {}).get("holidays", False)
        return result

    @cached_property
    def satisfaction_weights(self) -> Mapping[str, float]:
        """Weights of components of the satisfaction index that `[satisfaction]` sets."""
        return dict(self._settings.get("satisfaction", {}))

    @cached_property
    def zones(self) -> Zones:
        """The time zone of each market."""
        stored = dict(self._connection.execute("SELECT key, value FROM meta WHERE key = 'zone' OR key LIKE 'zone:%'"))
        default = stored.pop("zone", "UTC")
        return Zones(default, {key.removeprefix("zone:"): zone for key, zone in stored.items()})

    @cached_property
    def rates(self) -> Rates | None:
        """What other currencies are worth in the workspace's own; None where amounts stay as they are."""
        home = settings.currency(self._settings)
        return None if home is None else Rates(self._connection, home)

    @cached_property
    def currency(self) -> str:
        """The currency of amounts: the workspace's own, else the only one that rows name; empty where that is not known."""
        if self.rates is not None:
            return self.rates.home
        query = "SELECT value FROM dictionary WHERE dimension = 'currency' LIMIT 2"
        named = self._connection.execute(query).fetchall()
        return str(named[0][0]) if len(named) == 1 else ""
