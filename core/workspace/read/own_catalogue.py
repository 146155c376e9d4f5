"""The catalogue that holds for a workspace: the packaged metrics, what its `daily` exports count, the user's own."""

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from core.base import settings
from core.catalogue.metric_tree.metric_loader import load
from core.catalogue.metric_tree.metrics import Catalogue
from core.ingest.headers.column_names import in_english
from core.workspace.read.given_measures import first_and_last_id, given_measures, level_names


def own_catalogue(path: Path, connection: sqlite3.Connection, daily: Mapping[str, str]) -> Catalogue:
    """The catalogue of an open workspace; `daily` has the units of the measures of its `daily` exports."""
    ratios = {
        name: f"{scale:g} x {numerator} / {denominator}" if scale != 1 else f"{numerator} / {denominator}"
        for name, numerator, denominator, scale in connection.execute("SELECT * FROM daily_ratios")
        if numerator in daily and denominator in daily
    }
    kept = dict(
        connection.execute("SELECT key, value FROM meta WHERE key IN ('quick_events', 'payment_days')").fetchall()
    )
    quick_events = frozenset(kept.get("quick_events", "").split())
    days = [int(text) for text in kept.get("payment_days", "").split()]
    payment_days = (days[0], days[1]) if days else None
    result = catalogue_for(path, daily, ratios, quick_events, _own_funnel_counts(connection, daily), payment_days)
    return replace(result, levels=level_names(connection))


def _own_funnel_counts(connection: sqlite3.Connection, daily: Mapping[str, str]) -> frozenset[str]:
    """What is counted of a shop that has no rows of orders, whose funnel the packaged catalogue knows."""
    if first_and_last_id(connection, "orders")[0] is not None:
        return frozenset()
    return frozenset(daily).union(given_measures(connection, "traffic"))


def catalogue_for(
    path: Path,
    daily: Mapping[str, str] = MappingProxyType({}),
    ratios: Mapping[str, str] = MappingProxyType({}),
    quick_events: frozenset[str] = frozenset(),
    funnel: Collection[str] = (),
    payment_days: tuple[int, int] | None = None,
) -> Catalogue:
    """The catalogue that holds for a workspace file. Raises UsageError for a user's metric that does not fit."""
    return replace(load(settings.find(path), daily, ratios, quick_events, funnel, payment_days), in_english=in_english)
