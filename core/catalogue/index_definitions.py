"""Indexes: figures counted for a window and a segment as a whole, as data, and the loader that refuses what does not fit."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from core.base.errors import UsageError
from core.base.frozen import frozen
from core.base.settings import NAME, SatisfactionPart

SATISFACTION = "satisfaction_index"
_FILE = "core/catalogue/indexes.toml"
_GOOD = ("up", "down", "neutral")
_UNITS = ("count", "ratio", "points")


@frozen(kw_only=True)
class SatisfactionComponent:
    """One component of the satisfaction index."""

    key: SatisfactionPart
    name: str
    weight: float
    best: float
    """The value that gets 100 points."""
    worst: float
    """The value that gets none."""


@frozen(kw_only=True)
class IndexDefinition:
    """One index."""

    key: str
    name: str
    counts: str
    """What is counted, and divided by what, in words."""
    unit: str
    good: str
    """up | down | neutral: which way is better."""
    complete_after_days: int
    """How old the last day of a window must be before its figure has stopped moving."""
    history_days: int = 0
    """Days of data before a window without which it looks otherwise than it is: everybody is new on the first day."""
    components: tuple[SatisfactionComponent, ...] = ()


@cache
def index_definitions() -> Mapping[str, IndexDefinition]:
    """The packaged indexes by key, in the order of the file."""
    return parse_indexes((files("core.catalogue") / "indexes.toml").read_text("utf-8"))


def parse_indexes(text: str) -> Mapping[str, IndexDefinition]:
    """The indexes that a TOML text writes. Raises UsageError that names the table and the field."""
    return {key: _definition(key, table) for key, table in tomllib.loads(text).items()}


def reweighted(definition: IndexDefinition, weights: Mapping[str, float]) -> IndexDefinition:
    """The index with the weights of some components changed; a component of weight 0 is left out.

    Raises UsageError when none is left.
    """
    components = tuple(
        replace(component, weight=weights.get(component.key, component.weight)) for component in definition.components
    )
    counting = tuple(component for component in components if component.weight > 0)
    if components and not counting:
        raise UsageError(f"{NAME}: [satisfaction] leaves every component out. Give one of them a weight above 0.")
    return replace(definition, components=counting)


def _definition(key: str, table: Mapping[str, Any]) -> IndexDefinition:
    days = _field(key, table, "complete_after_days", int)
    unit, good = _field(key, table, "unit", str), _field(key, table, "good", str)
    if unit not in _UNITS or good not in _GOOD or days < 0:
        raise UsageError(f"{_FILE}: [{key}] needs a unit of {_UNITS}, good of {_GOOD} and days of 0 or more.")
    components = tuple(
        _component(f"{key}.components.{name}", name, part) for name, part in table.get("components", {}).items()
    )
    return IndexDefinition(
        key=key,
        name=_field(key, table, "name", str),
        counts=_field(key, table, "counts", str),
        unit=unit,
        good=good,
        complete_after_days=days,
        history_days=_field(key, {"history_days": 0, **table}, "history_days", int),
        components=components,
    )


def _component(path: str, name: Any, table: Mapping[str, Any]) -> SatisfactionComponent:
    if name not in get_args(SatisfactionPart):
        raise UsageError(f"{_FILE}: [{path}]: the components are {', '.join(get_args(SatisfactionPart))}.")
    weight, best, worst = (float(_field(path, table, field, (int, float))) for field in ("weight", "best", "worst"))
    if weight <= 0 or best == worst:
        raise UsageError(f"{_FILE}: [{path}] needs a weight above 0, and best and worst that differ.")
    return SatisfactionComponent(key=name, name=_field(path, table, "name", str), weight=weight, best=best, worst=worst)


def _field(path: str, table: Mapping[str, Any], field: str, kind: Any) -> Any:
    value = table.get(field)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise UsageError(f"{_FILE}: [{path}] {field} is missing or of another type.")
    return value
