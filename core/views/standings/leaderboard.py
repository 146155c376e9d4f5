"""Everybody's ratings versus those of an earlier day: what a leaderboard shows, filters and sorts, a page at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isnan

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.days import Day
from core.base.json_value import Value
from core.ratings.rating_results import PROVISIONAL, Side
from core.views.standings.leaderboard_filter import Term, parse
from core.views.standings.scorecard_checks import is_sure

_STILL = 0.05
"""Points below which a score has not moved as far as anybody can see."""


@dataclass(frozen=True, slots=True)
class ComponentShare(Value):
    """One component of a leader's score."""

    component: str
    points: float
    weight: float
    """Points that a spotless record would bring."""
    change: float | None
    """Of the points, since the earlier day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardRow(Value):
    """One line of the leaderboard: an account in one role and market, or a seller in one market."""

    id: str
    person_id: str
    role: str
    market: str
    rank: int | None
    """1 = best of those with the same role and market; None without any case."""
    peers: int
    score: float
    interval: tuple[float, float]
    """95 % interval of the score."""
    grade: str
    is_sure: bool
    """Whether the whole interval lies within the grade."""
    change: float | None
    """Of the score since the earlier day; None for who had no case then."""
    why: str
    """The component that did most of the change; empty when nothing moved."""
    orders: int
    gmv: float
    newcomer: bool
    parts: tuple[ComponentShare, ...]

    @property
    def key(self) -> str:
        """Tells it from the others on every day."""
        return "\x1f".join((self.id, self.role, self.market))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally(Value):
    """How many have each grade, now and before; of who had a case on both days."""

    grades: tuple[str, ...]
    now: tuple[int, ...]
    before: tuple[int, ...]
    up: int
    """Got a better grade."""
    down: int


@dataclass(frozen=True, kw_only=True)
class Leaderboard:
    """Ratings as columns, shape (cards,) where nothing else is said; nan and -2 for who had no case on the earlier day."""

    side: Side
    as_of: Day
    since: Day
    names: Sequence[str]
    persons: Sequence[str]
    roles: Sequence[str]
    markets: Sequence[str]
    components: Sequence[str]
    grades: Mapping[str, float]
    """grade -> lowest score, best first."""
    who: Ints
    """Index into names and persons."""
    role: Ints
    market: Ints
    score: Floats
    low: Floats
    high: Floats
    grade: Ints
    """Index into grades; -1 = provisional."""
    rank: Ints
    """0 = no case."""
    peers: Ints
    orders: Ints
    gmv: Floats
    newcomer: Flags
    points: Floats
    """(components, cards)"""
    weight: Floats
    """(components, cards); 0 where a component does not apply."""
    before: Floats
    """Score on the earlier day."""
    grade_before: Ints
    points_before: Floats
    """(components, cards)"""
    _folded: dict[str, list[str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many cards."""
        return len(self.score)

    @cached_property
    def change(self) -> Floats:
        """Of the score since the earlier day; nan for who had no case then."""
        return np.where(self.rank > 0, self.score - self.before, np.nan)

    @cached_property
    def shifts(self) -> Floats:
        """Of the points of each component, (components, cards)."""
        return self.points - self.points_before

    def view(self, words: str = "", sort: str = "", descending: bool = False) -> Ints:
        """Cards that a filter keeps: those that fell most first, the provisional after the graded; or by a column.

        What is unknown comes last. Raises UsageError for a filter that cannot be read.
        """
        keep = np.flatnonzero(self._filter_mask(parse(words, tuple(self.grades))))
        values = self._column(sort or "change")[keep]
        last = np.isnan(values) if values.dtype.kind == "f" else values < 0
        order = np.argsort(np.where(last, np.inf, -values if descending else values), kind="stable")
        if not sort:
            order = order[np.argsort((self.grade[keep] < 0)[order], kind="stable")]
        cards: Ints = keep[order]
        return cards

    def leader(self, card: int) -> LeaderboardRow:
        """One card as a line."""
        who, change, grade = int(self.who[card]), float(self.change[card]), int(self.grade[card])
        return LeaderboardRow(
            id=self.names[who],
            person_id=self.persons[who],
            role=self.roles[self.role[card]],
            market=self.markets[self.market[card]],
            rank=int(self.rank[card]) or None,
            peers=int(self.peers[card]),
            score=float(self.score[card]),
            interval=(float(self.low[card]), float(self.high[card])),
            grade=(*self.grades, PROVISIONAL)[grade],
            is_sure=is_sure(self.grades, grade, float(self.low[card]), float(self.high[card])),
            change=None if isnan(change) else change,
            why=self.components[int(self._drivers[card])] if self._moved[card] else "",
            orders=int(self.orders[card]),
            gmv=float(self.gmv[card]),
            newcomer=bool(self.newcomer[card]),
            parts=self._parts(card),
        )

    def place(self, order: Ints, key: str) -> int | None:
        """Where the leader with that key stands in an order of cards."""
        name, role, market = key.split("\x1f")
        if name not in self._index_of_name or role not in self.roles or market not in self.markets:
            return None
        who, which, where = self._index_of_name[name], self.roles.index(role), self.markets.index(market)
        ranks = np.flatnonzero((self.who[order] == who) & (self.role[order] == which) & (self.market[order] == where))
        return int(ranks[0]) if len(ranks) else None

    @cached_property
    def _index_of_name(self) -> Mapping[str, int]:
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def tally(self) -> Tally:
        """How grades moved."""
        both = (self.rank > 0) & ~np.isnan(self.before)
        now, before = self.grade[both], self.grade_before[both]
        graded = (now >= 0) & (before >= 0)
        width = len(self.grades) + 1
        return Tally(
            grades=(*self.grades, PROVISIONAL),
            now=tuple(np.bincount(now % width, minlength=width).tolist()),
            before=tuple(np.bincount(before % width, minlength=width).tolist()),
            up=int((graded & (now < before)).sum()),
            down=int((graded & (now > before)).sum()),
        )

    def _parts(self, card: int) -> tuple[ComponentShare, ...]:
        shifts = self.shifts[:, card].tolist()
        columns = zip(
            self.components, self.points[:, card].tolist(), self.weight[:, card].tolist(), shifts, strict=True
        )
        return tuple(
            ComponentShare(name, points, weight, None if isnan(shift) else shift)
            for name, points, weight, shift in columns
            if weight
        )

    def _column(self, name: str) -> Floats | Ints:
        """What a column is sorted by; names are in the order of the alphabet already."""
        width = len(self.grades)
        columns: dict[str, Callable[[], Floats | Ints]] = {
            "id": lambda: self.who,
            "role": lambda: _alphabetic(self.roles)[self.role],
            "market": lambda: _alphabetic(self.markets)[self.market],
            "rank": lambda: np.where(self.rank > 0, self.rank, -1),
            "grade": lambda: np.where(self.grade < 0, width, self.grade),
            "score": lambda: self.score,
            "change": lambda: self.change,
            "orders": lambda: self.orders,
            "gmv": lambda: self.gmv,
            "why": lambda: np.where(self._moved, self._drivers, -1),
        }
        return columns[name]()

    @cached_property
    def _moved(self) -> Flags:
        """Whose change anybody can see."""
        has_changed: Flags = np.abs(self.change) >= _STILL
        return has_changed

    @cached_property
    def _drivers(self) -> Ints:
        """Index of the component that did most in the direction of the change."""
        pull = np.nan_to_num(self.shifts * np.sign(self.change), nan=-np.inf)
        return np.asarray(np.argmax(pull, axis=0), np.int64)

    def _filter_mask(self, terms: Sequence[Term]) -> Flags:
        keep = np.ones(self.size, bool)
        for term in terms:
            keep &= self._number_mask(term) if term.sign else self._text_mask(term)
        return keep

    def _number_mask(self, term: Term) -> Flags:
        values = self._column(term.field)
        if term.field == "grade":  # A is the most
            values = np.where(self.grade < 0, np.nan, -self.grade.astype(float))
        present = ~np.isnan(values) if values.dtype.kind == "f" else values >= 0
        matching: Flags = present & term.compare(values)
        return matching

    def _text_mask(self, term: Term) -> Flags:
        """Cards of which a word of the field, or of any field, holds the text."""
        if term.field == "grade":
            grades = [at for at, name in enumerate((*self.grades, PROVISIONAL)) if name.casefold() == term.text]
            width = len(self.grades) + 1
            return np.isin(self.grade % width, grades)
        if term.field == "new":
            return self.newcomer
        columns = {"id": self.who, "person": self.who, "role": self.role, "market": self.market}
        fields = [term.field] if term.field else list(columns)
        keep = np.zeros(self.size, bool)
        for name in fields:
            words = self._words(name)
            contains = np.fromiter((term.text in word for word in words), bool, len(words))
            keep |= contains[columns[name]]
        return keep

    def _words(self, name: str) -> list[str]:
        """The words of a field without regard to case; kept, for a million of them are asked with every key that is pressed."""
        sources = {"id": self.names, "person": self.persons, "role": self.roles, "market": self.markets}
        if name not in self._folded:
            self._folded[name] = [word.casefold() for word in sources[name]]
        return self._folded[name]


def _alphabetic(words: Sequence[str]) -> Ints:
    """The place of each word in the alphabet."""
    order = np.argsort(np.array(words, dtype=object), kind="stable")
    places = np.empty(len(words), np.int64)
    places[order] = np.arange(len(words))
    return places
