"""Signatures: what each known cause does to the metrics, as data, and the loader that refuses what does not fit."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NoReturn

from core.base import settings
from core.base.errors import UsageError, did_you_mean
from core.base.frozen import frozen
from core.catalogue.event_kinds import event_kind
from core.catalogue.metric_tree.metrics import Catalogue

Way = Literal["down", "up", "either"]
_WAYS = ("down", "up", "either")
_SHAPES = ("step", "ramp", "spike", "partial")
NO_EVENT = "-"
"""Among `events`: a cause that the change log does not tell of."""
KIND_OVER = " over"
"""Ends a kind among `events`: the end of such an event tells of the cause, not its start."""
EVERYWHERE = "everything"
"""Among `slices`: a cause that is not confined to a segment."""


@frozen(kw_only=True)
class MovePattern:
    """What a cause does to the metrics of its segment, beyond what they do outside."""

    moves: Mapping[str, Way] = field(default_factory=dict)
    """Metrics that have to move."""
    may: Mapping[str, Way] = field(default_factory=dict)
    """Metrics that often move, or do so later."""
    flat: tuple[str, ...] = ()
    """Metrics that stay."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that it says something about."""
        return tuple(dict.fromkeys((*self.moves, *self.may, *self.flat)))


@frozen(kw_only=True)
class CauseSignature:
    """One cause: how it shows, what is taken for it, and what to do about it."""

    key: str
    name: str
    action: str
    owner: str
    verify: str
    family: str = ""
    decides: str = ""
    """The test that settles it, in words."""
    patterns: tuple[MovePattern, ...] = ()
    """What it may do, one of these: a campaign brings visitors, or buyers, and takes them away when it ends."""
    slices: tuple[str, ...] = ()
    """Dimensions that its segment is named by, the one that matters most first."""
    onset: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    facts: Mapping[str, bool] = field(default_factory=dict)
    """Names of tests in `cause_tests.py`, and whether they hold."""
    words: tuple[str, ...] = ()
    """What the change log may call it, other than by its name and its owner."""
    lookalikes: tuple[str, ...] = ()
    weight: float = 1.0
    """How often it happens, relative to the others."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that it says something about."""
        return tuple(dict.fromkeys(metric for pattern in self.patterns for metric in pattern.metrics))

    @property
    def moves(self) -> tuple[str, ...]:
        """Every metric that has to move by one of its patterns, those of the first one first."""
        return tuple(dict.fromkeys(metric for pattern in self.patterns for metric in pattern.moves))


_LISTS = {"slices", "onset", "events", "words", "lookalikes"}
_WORDS = {"name", "action", "owner", "verify", "family", "decides"}
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(_LISTS, list),
    **dict.fromkeys(_WORDS, str),
    **dict.fromkeys(("moves", "may", "facts"), Mapping),
    "flat": list,
    "or": list,
    "weight": (int, float),
}


def load(catalogue: Catalogue, facts: Collection[str], own: Path | None = None) -> dict[str, CauseSignature]:
    """The packaged signatures and those of the user's whydrop.toml (`[causes.NAME]`, which may replace one), by key.

    `facts` are the tests that exist. Raises UsageError with file and line for an unknown field, metric, test or shape.
    """
    packaged = (files("core.catalogue") / "cause_signatures.toml").read_text("utf-8")
    readers = [_Reader("core/catalogue/cause_signatures.toml", packaged, "", catalogue, facts)]
    if own is not None:
        settings.read(own)
        readers.append(_Reader(str(own), own.read_text("utf-8"), "causes", catalogue, facts))
    signatures = {signature.key: signature for reader in readers for signature in reader.signatures()}
    for reader in readers:
        reader.check_lookalikes(signatures)
    return signatures


def _event(written: str) -> str:
    """An entry of `events` with the kind of event that its words stand for."""
    if written == NO_EVENT:
        return written
    return event_kind(written) + (KIND_OVER if written.endswith(KIND_OVER) else "")


class _Reader:
    """Reads the signatures of one file."""

    def __init__(self, file: str, text: str, table: str, catalogue: Catalogue, facts: Collection[str]) -> None:
        self._file, self._text, self._table = file, text, table
        self._catalogue, self._facts = catalogue, facts
        tables = tomllib.loads(text)
        self._entries: Mapping[str, Any] = tables.get(table, {}) if table else tables

    def signatures(self) -> list[CauseSignature]:
        return [self._signature(key, entry) for key, entry in self._entries.items()]

    def check_lookalikes(self, signatures: Mapping[str, CauseSignature]) -> None:
        for key in self._entries:
            for other in signatures[key].lookalikes:
                self._known(key, "lookalikes", other, signatures, "cause")

    def _signature(self, key: str, entry: Any) -> CauseSignature:
        if not isinstance(entry, Mapping):
            self._refuse(key, None, "a table is expected")
        for name, value in entry.items():
            self._known(key, name, name, _KINDS, "field")
            if not isinstance(value, _KINDS[name]):
                self._refuse(key, name, f"{name} has another form: see core/catalogue/cause_signatures.toml")
        for name in ("name", "action", "owner", "verify"):
            if not entry.get(name):
                self._refuse(key, None, f"{name} is missing")
        self._check(key, entry)
        lists: dict[str, Any] = {name: tuple(entry[name]) for name in _LISTS if name in entry}
        lists["events"] = tuple(map(_event, entry.get("events", ())))
        plain: dict[str, Any] = {name: entry[name] for name in (*_WORDS, "facts", "weight") if name in entry}
        patterns = tuple(self._pattern(key, pattern) for pattern in (entry, *entry.get("or", ())))
        return CauseSignature(key=key, patterns=patterns, **plain, **lists)

    def _pattern(self, key: str, entry: Any) -> MovePattern:
        """The pattern of a signature, or one of those that it lists under `or`."""
        if not isinstance(entry, Mapping):
            self._refuse(key, "or", "a list of tables with moves, may and flat is expected")
        for name in ("moves", "may"):
            for metric, direction in entry.get(name, {}).items():
                self._known(key, name, metric, self._catalogue.metrics, "metric")
                self._known(key, name, direction, _WAYS, "direction")
        for metric in entry.get("flat", ()):
            self._known(key, "flat", metric, self._catalogue.metrics, "metric")
        return MovePattern(moves=entry.get("moves", {}), may=entry.get("may", {}), flat=tuple(entry.get("flat", ())))

    def _check(self, key: str, entry: Mapping[str, Any]) -> None:
        for shape in entry.get("onset", ()):
            self._known(key, "onset", shape, _SHAPES, "shape")
        for fact in entry.get("facts", {}):
            self._known(key, "facts", fact, self._facts, "test")

    def _known(self, key: str, name: str, value: str, names: Collection[str], what: str) -> None:
        if value not in names:
            near = did_you_mean(str(value), names)
            self._refuse(key, name, f"no {what} {value!r}.{near}")

    def _refuse(self, key: str, name: str | None, reason: str) -> NoReturn:
        table = f"{self._table}.{key}" if self._table else key
        raise UsageError(f"{self._file}:{settings.line_of(self._text, table, name)}: {key}: {reason}")
