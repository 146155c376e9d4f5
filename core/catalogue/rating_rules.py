"""The rules of ratings: data, versioned, and one loader that validates them."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args

from core.base import settings
from core.base.errors import UsageError, did_you_mean
from core.base.frozen import frozen
from core.catalogue.text_folding import folded

Counted = Literal["deliveries", "dispatches", "orders", "reviews"]
"""What a component's cases are; of `orders` it is a rate per 1,000, of the others a share."""
Peer = Literal["role", "market", "category"]
SELLER = "seller"
ANY = "creator"
"""The role whose rules hold for accounts without a role and for roles of an unknown word."""

_FIELDS = {
    "evidence": ("half_life_days", "violation_half_life_days", "mature_after_days", "horizon_days", "newcomer_days"),
    "score": ("peer", "minimum_cases", "scale"),
    "hysteresis": ("probability", "alarm_half_life_days", "alarm_probability"),
}
_TABLES = {
    "reasons": {"words"},
    "components": {"title", "of", "bad", "unit"},
    "roles": {"weights", "controls", "channels", "content_types", "own_shop", "beside"},
}
_TOP = {"version", "grades", "peers", *_FIELDS, *_TABLES}
_RENAMED = {"ripe_days": "mature_after_days"}
"""Fields of older rules files -> what they are called now: the words are too far apart to be offered as a slip."""


@frozen(kw_only=True)
class ComponentRule:
    """One component: what its cases are and which reasons make one bad."""

    key: str
    title: str
    of: Counted
    bad: frozenset[str]
    unit: str
    """What its bad cases are called, in the plural."""

    @property
    def is_share(self) -> bool:
        """Whether its value is a share of cases; else a rate per 1,000 orders."""
        return self.of != "orders"


@frozen(kw_only=True)
class RoleRule:
    """One role: how its components weigh, what it is charged with, and which orders are its own."""

    key: str
    weights: Mapping[str, float]
    """Component -> points; they add up to 100."""
    controls: frozenset[str]
    channels: frozenset[str]
    content_types: frozenset[str]
    own_shop: bool
    """Whether all orders of the account's own shop are this role's."""
    beside: bool
    """Whether it stands beside other roles, which then have the orders."""


def plain_word(written: str) -> str:
    """A word of data as rules write it.

    >>> plain_word("Live Host"), plain_word("SHORT-VIDEO"), plain_word("shop_tab")
    ('live_host', 'short_video', 'shop_tab')
    """
    return "_".join(folded(written).split())


@frozen(kw_only=True)
class RatingRules:
    """How evidence becomes a score and a score a grade."""

    version: str
    half_life_days: float
    violation_half_life_days: float
    mature_after_days: int
    horizon_days: int
    newcomer_days: int
    peer_score: float
    scale: tuple[Peer, ...]
    """What those share whose scores are on one scale."""
    minimum_cases: float
    grades: Mapping[str, float]
    """Grade -> its lowest score, best first; the last one starts at 0."""
    probability: float
    alarm_half_life_days: float
    alarm_probability: float
    peers_half_life_days: float
    at_least: int
    """Members that a peer group needs."""
    groups: tuple[tuple[Peer, ...], ...]
    """What peers share, the narrowest group first; the last one is everybody."""
    reasons: Mapping[str, tuple[str, ...]]
    """Reason -> words that tell it, in the order in which they are looked for."""
    components: Mapping[str, ComponentRule]
    roles: Mapping[str, RoleRule]
    """In order of preference for orders that fit several."""

    def role(self, word: str) -> RoleRule:
        """The rules of a role, in whatever case and with whatever signs it is written; of an unknown word those for any."""
        return self.roles.get(word) or self.roles.get(plain_word(word), self.roles[ANY])

    @property
    def fingerprint(self) -> str:
        """The same text for the same rules, another one for others."""
        return json.dumps(asdict(self), default=sorted)

    def grade_of(self, score: float) -> str:
        """The grade that a score gives.

        >>> packaged().grade_of(100.0)
        'A'
        """
        return next(grade for grade, lowest in self.grades.items() if score >= lowest)


def packaged() -> RatingRules:
    """The rules that come with the program."""
    return load(None)


def load(own: Path | None) -> RatingRules:
    """The packaged rules, with what a file of one's own changes in them.

    A table of a role or a component in the file replaces single fields; `weights` and lists are replaced whole. Raises
    UsageError with file and line for what is unknown, missing, of the wrong kind or out of range, and for weights that do
    not add up to 100.
    """
    text = (files("core.catalogue") / "rating.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    if own is None:
        return _Reader("core/catalogue/rating.toml", text).rules(tables)
    changed, text = settings.parse(own), own.read_text("utf-8")
    reader = _Reader(str(own), text)
    reader.check_names(changed)
    return reader.rules(_merged(tables, changed))


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Tables within tables one by one, all else replaced; grades and weights are one thing and so replaced whole."""
    merged = dict(base)
    for key, value in changes.items():
        whole = key in {"grades", "weights"} or not isinstance(value, Mapping)
        merged[key] = value if whole else _merged(base.get(key, {}), value)
    return merged


class _Reader:
    """Turns the tables of a file into rules, or says which line is wrong and why."""

    def __init__(self, file: str, text: str) -> None:
        self._file, self._text = file, text

    def _refuse(self, table: str, field: str | None, reason: str) -> NoReturn:
        location = f"{self._file}:{settings.line_of(self._text, table, field)}"
        raise UsageError(f"{location}: {'.'.join(part for part in (table, field) if part)}: {reason}")

    def check_names(self, tables: Mapping[str, Any]) -> None:
        """Raises UsageError for a table or a field that no rules have."""
        self._known("", tables, _TOP)
        for name, allowed in _TABLES.items():
            for key, table in self._table("", tables, name).items():
                self._known(f"{name}.{key}", self._table(name, tables[name], key), allowed)
                if name == "roles" and "weights" in table:
                    self._table(f"roles.{key}", table, "weights")
        for name, fields in _FIELDS.items():
            self._known(name, self._table("", tables, name), {*fields})
        self._known("peers", self._table("", tables, "peers"), {"half_life_days", "at_least", "groups"})
        self._table("", tables, "grades")

    def _table(self, inside: str, tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        table = tables.get(name, {})
        if not isinstance(table, Mapping):
            self._refuse(inside, name, "a table is expected")
        return table

    def _known(self, table: str, fields: Mapping[str, Any], names: set[str]) -> None:
        for field in fields:
            if _RENAMED.get(field) in names:
                self._refuse(table, field, f"is called {_RENAMED[field]} now.")
            if field not in names:
                self._refuse(table, field, f"unknown.{did_you_mean(field, names)} Known: {', '.join(sorted(names))}.")

    def rules(self, tables: Mapping[str, Any]) -> RatingRules:
        """The rules in whole tables."""
        evidence, score, peers, sure = (tables[name] for name in ("evidence", "score", "peers", "hysteresis"))
        reasons = {key: self._words(f"reasons.{key}", reason, "words") for key, reason in tables["reasons"].items()}
        components = {key: self._component(key, component, reasons) for key, component in tables["components"].items()}
        return RatingRules(
            version=str(tables["version"]),
            half_life_days=self._number("evidence", evidence, "half_life_days", 1, 10_000),
            violation_half_life_days=self._number("evidence", evidence, "violation_half_life_days", 1, 10_000),
            mature_after_days=int(self._number("evidence", evidence, "mature_after_days", 0, 365)),
            horizon_days=int(self._number("evidence", evidence, "horizon_days", 7, 10_000)),
            newcomer_days=int(self._number("evidence", evidence, "newcomer_days", 0, 10_000)),
            peer_score=self._number("score", score, "peer", 1, 99),
            scale=self._shared("score", "scale", score.get("scale")),
            minimum_cases=self._number("score", score, "minimum_cases", 0, 1e9),
            grades=self._grades(tables["grades"]),
            probability=self._number("hysteresis", sure, "probability", 0.5, 0.999),
            alarm_half_life_days=self._number("hysteresis", sure, "alarm_half_life_days", 1, 10_000),
            alarm_probability=self._number("hysteresis", sure, "alarm_probability", 0.5, 0.999),
            peers_half_life_days=self._number("peers", peers, "half_life_days", 1, 10_000),
            at_least=int(self._number("peers", peers, "at_least", 1, 1e9)),
            groups=self._groups(peers["groups"]),
            reasons=reasons,
            components=components,
            roles={key: self._role(key, role, components, reasons) for key, role in tables["roles"].items()},
        )

    def _number(self, table: str, fields: Mapping[str, Any], field: str, low: float, high: float) -> float:
        value = fields.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self._refuse(table, field, f"{value!r} is not a number from {low:g} to {high:g}")
        return float(value)

    def _words(self, table: str, fields: Mapping[str, Any], field: str) -> tuple[str, ...]:
        words = fields.get(field, [])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            self._refuse(table, field, "a list of words is expected")
        return tuple(words)

    def _named(
        self, table: str, fields: Mapping[str, Any], field: str, names: Mapping[str, Any], what: str
    ) -> frozenset[str]:
        """A list of names, each of which must exist."""
        words = self._words(table, fields, field)
        for word in words:
            if word not in names:
                self._refuse(table, field, f"no {what} {word!r}.{did_you_mean(word, names)}")
        return frozenset(words)

    def _grades(self, table: Mapping[str, Any]) -> Mapping[str, float]:
        cuts = {grade: self._number("grades", table, grade, 0, 100) for grade in table}
        lows = list(cuts.values())
        if len(lows) < 2 or lows[-1] != 0 or any(a <= b for a, b in pairwise(lows)):
            self._refuse("grades", None, "name the lowest score of two or more grades, best first, the last one 0")
        return cuts

    def _groups(self, groups: Any) -> tuple[tuple[Peer, ...], ...]:
        if not isinstance(groups, list) or not groups or groups[-1] != []:
            self._refuse("peers", "groups", "a list of groups is expected, the last one [] (everybody)")
        shared = tuple(self._shared("peers", "groups", group) for group in groups)
        if any(not {*wider} < {*narrow} for narrow, wider in pairwise(shared)):
            self._refuse("peers", "groups", "each group has to share a part of what the one before it shares")
        return shared

    def _shared(self, table: str, field: str, names: Any) -> tuple[Peer, ...]:
        kinds = get_args(Peer)
        if not isinstance(names, list) or not {*names} <= {*kinds}:
            self._refuse(table, field, f"people share some of {', '.join(kinds)}, not {names!r}")
        return tuple(names)

    def _component(self, key: str, fields: Mapping[str, Any], reasons: Mapping[str, Any]) -> ComponentRule:
        table = f"components.{key}"
        if fields.get("of") not in get_args(Counted):
            self._refuse(table, "of", f"{fields.get('of')!r} is none of {', '.join(get_args(Counted))}")
        bad = self._named(table, fields, "bad", reasons, "reason")
        title = str(fields.get("title", key))
        return ComponentRule(
            key=key,
            title=title,
            of=fields["of"],
            bad=bad,
            unit=str(fields.get("unit", f"bad cases of {title.lower()}")),
        )

    def _role(
        self, key: str, fields: Mapping[str, Any], components: Mapping[str, Any], reasons: Mapping[str, Any]
    ) -> RoleRule:
        table = f"roles.{key}"
        weights = fields.get("weights", {})
        for name in weights:
            if name not in components:
                self._refuse(table, "weights", f"no component {name!r}.{did_you_mean(name, components)}")
            self._number(table, weights, name, 0, 100)
        if abs(sum(weights.values()) - 100) > 1e-6:
            self._refuse(table, "weights", f"they add up to {sum(weights.values()):g}, not to 100")
        return RoleRule(
            key=key,
            weights={name: float(weight) for name, weight in weights.items() if weight > 0},
            controls=self._named(table, fields, "controls", reasons, "reason"),
            channels=frozenset(self._words(table, fields, "channels")),
            content_types=frozenset(self._words(table, fields, "content_types")),
            own_shop=bool(fields.get("own_shop", False)),
            beside=bool(fields.get("beside", False)),
        )
