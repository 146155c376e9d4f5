"""The catalogue that holds for a workspace: the packaged metrics, what its `daily` exports count, the user's own."""

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from core.base import settings
from core.catalogue import Catalogue, load
from core.ingest.headers import in_english


def own_catalogue(path: Path, connection: sqlite3.Connection, daily: Mapping[str, str]) -> Catalogue:
    """The catalogue of an open workspace; `daily` has the units of the measures of its `daily` exports."""
    ratios = {
        name: f"{scale:g} x {numerator} / {denominator}" if scale != 1 else f"{numerator} / {denominator}"
        for name, numerator, denominator, scale in connection.execute("SELECT * FROM daily_ratios")
        if numerator in daily and denominator in daily
    }
    row = connection.execute("SELECT value FROM meta WHERE key = 'quick_events'").fetchone()
    quick_events = frozenset(row[0].split() if row else ())
    return catalogue_for(path, daily, ratios, quick_events, () if _has_facts(connection) else tuple(daily))


def _has_facts(connection: sqlite3.Connection) -> bool:
    """Whether there are rows of traffic or orders, whose funnel the packaged catalogue knows."""
    (found,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM traffic_rows) OR EXISTS (SELECT 1 FROM orders_rows)"
    ).fetchone()
    return bool(found)


def catalogue_for(
    path: Path,
    daily: Mapping[str, str] = MappingProxyType({}),
    ratios: Mapping[str, str] = MappingProxyType({}),
    quick_events: frozenset[str] = frozenset(),
    funnel: Collection[str] = (),
) -> Catalogue:
    """The catalogue that holds for a workspace file. Raises UsageError for a user's metric that does not fit."""
    return replace(load(settings.find(path), daily, ratios, quick_events, funnel), in_english=in_english)
