"""Other rules on the whole population before they are launched: who moves, who loses, what is at stake."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.catalogue.rating_rules import RatingRules
from core.detection.quality.end_of_exports import day_to_read
from core.ratings.rate import rate
from core.ratings.rating_results import Side
from core.ratings.rating_table import RatingTable
from core.ratings.scoring.grades import PROVISIONAL
from core.ratings.simulation_results import GroupEffect, Mover, MoverKind, Simulation, Transition
from core.workspace.read.workspace import Workspace

_SHOWN, _MOST = 20, 1000
_STILL = 0.05
"""Points below which a score has not moved as far as anybody can see."""
_SURE = 1.96
_SMALL, _LARGE = 30, 300
"""Orders below which a card is small, and from which it is large."""
_WEEKS = 52
_KINDS: tuple[MoverKind, ...] = ("grade", "provisional", "first_grade", "rank", "score")
"""Ways in which a card changes; the first that applies decides whether it loses or wins."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Cards that both rules know and that have a case, and their places in either rating; shape (pairs,)."""

    before: Ints
    after: Ints


def simulate(
    workspace: Workspace, side: Side, rules: RatingRules, other: RatingRules, as_of: int | None = None
) -> Simulation:
    """What `other` rules would do to everybody whom `rules` rate now. Raises NotEnoughData without orders or reviews."""
    day, notes = day_to_read(workspace, as_of)
    return compare(rate(workspace, side, rules, day), rate(workspace, side, other, day), notes)


def compare(before: RatingTable, after: RatingTable, notes: tuple[str, ...] = ()) -> Simulation:
    """Two ratings of the same people at the same day by different rules."""
    pairs = _paired(before, after)
    moves = _moves(before, after, pairs)
    up, down, provisional = moves.up, moves.down, moves.provisional
    gmv = before.gmv[pairs.before]
    return Simulation(
        side=before.gathered.crowd.side,
        as_of=before.gathered.as_of,
        rules_before=before.gathered.rules.version,
        rules_after=after.gathered.rules.version,
        changed=tuple(changes(before.gathered.rules, after.gathered.rules)),
        cards=len(pairs.before),
        up=int(up.sum()),
        down=int(down.sum()),
        gmv=float(gmv.sum()),
        gmv_up=float(gmv[up].sum()),
        gmv_down=float(gmv[down].sum()),
        provisional=int(provisional.sum()),
        gmv_provisional=float(gmv[provisional].sum()),
        rank_down=int((moves.places > 0).sum()),
        gmv_rank_down=float(gmv[moves.places > 0].sum()),
        flips_before=flips_a_year(before),
        flips_after=flips_a_year(after),
        transitions=_transitions(before, after, pairs),
        groups=tuple(_groups(before, after, pairs, up, down)),
        losers=tuple(_movers(before, after, pairs, moves, -1)),
        winners=tuple(_movers(before, after, pairs, moves, 1)),
        notes=notes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moves:
    """What becomes of each pair; shape (pairs,)."""

    up: Flags
    """Has a better grade,"""
    down: Flags
    """a worse one,"""
    provisional: Flags
    """or none any more."""
    places: Ints
    """Ranks lost; negative = won. Without a rank it stands behind all who have one."""
    points: Floats
    """Of the score, won."""
    signs: Ints
    """Whether it loses (-1) or wins (1) by each of `_KINDS`; shape (kinds, pairs)."""

    @property
    def kind(self) -> Ints:
        """The first of `_KINDS` that changes; its number where nothing does."""
        changed = self.signs != 0
        return np.where(changed.any(axis=0), changed.argmax(axis=0), len(_KINDS))

    @property
    def direction(self) -> Ints:
        """-1 = loses, 1 = wins, by what changes first: nobody does both."""
        every = np.vstack([self.signs, np.zeros_like(self.places)])
        chosen: Ints = np.take_along_axis(every, self.kind[None, :], axis=0)[0]
        return chosen


def _moves(before: RatingTable, after: RatingTable, pairs: _Pairs) -> _Moves:
    was, is_ = (before.grade[pairs.before] != PROVISIONAL), (after.grade[pairs.after] != PROVISIONAL)
    standing, rules = _standing(after, pairs.after), after.gathered.rules
    better = np.sign(_standing(before, pairs.before) - standing).astype(np.int64) * (was & is_)
    usual = list(rules.grades).index(rules.grade_of(rules.peer_score)) / max(len(rules.grades) - 1, 1)
    # a first grade below that of the peers is no gain: without one, a card passes for one of them
    first = np.where(standing <= usual, 1, -1) * (~was & is_)
    places = _places(after, pairs.after) - _places(before, pairs.before)
    points = after.score[pairs.after] - before.score[pairs.before]
    moved = np.where(np.abs(points) > _STILL, np.sign(points), 0).astype(np.int64)
    lost = was & ~is_
    signs = np.stack([better, -lost.astype(np.int64), first, -np.sign(places), moved])
    return _Moves(up=better > 0, down=better < 0, provisional=lost, places=places, points=points, signs=signs)


def _places(rated: RatingTable, cards: Ints) -> Ints:
    """The rank of each card; behind all of its peers where it has none."""
    rank = rated.rank[cards]
    return np.where(rank > 0, rank, rated.rivals[cards] + 1)


def _movers(before: RatingTable, after: RatingTable, pairs: _Pairs, moves: _Moves, sign: int) -> Iterator[Mover]:
    """Who loses (-1) or wins (1): by grade, most GMV first, then by most ranks, then by most points."""
    gmv, kind, mine = before.gmv[pairs.before], moves.kind, moves.direction == sign
    by_grade = np.flatnonzero(mine & (kind < _KINDS.index("rank")))
    for at in by_grade[np.lexsort((by_grade, -gmv[by_grade]))][:_MOST].tolist():
        yield _mover(before, after, pairs, at, _KINDS[kind[at]])
    others = np.flatnonzero(mine & (kind >= _KINDS.index("rank")))
    order = np.lexsort((others, -gmv[others], -sign * moves.points[others], sign * moves.places[others]))
    for at in others[order][:_SHOWN].tolist():
        yield _mover(before, after, pairs, at, _KINDS[kind[at]])


def flips_a_year(rated: RatingTable) -> float:
    """How often the grade of a card changes in a year in which it has one, by the refreshes of the past."""
    weeks = int(rated.history.graded_weeks().sum())
    return float(rated.history.flips().sum()) / max(weeks, 1) * _WEEKS


def changes(before: RatingRules, after: RatingRules) -> Iterator[str]:
    """What one set of rules changes in another, a line each; the version left out, and what says nothing in both."""
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    for name in sorted({*old, *new} - {"version"}):
        one, other = old.get(name), new.get(name)
        if one != other and (one or other):
            yield f"{name}: {_said(one)} -> {_said(other)}"


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    parts: Mapping[str, Any] | None = None
    if is_dataclass(value) and not isinstance(value, type):
        parts = {entry.name: getattr(value, entry.name) for entry in fields(value) if entry.name != "key"}
    elif isinstance(value, Mapping):
        parts = value
    if parts is None:
        yield name, value
        return
    for key, entry in parts.items():
        yield from _leaves(f"{name}.{key}".strip("."), entry)


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, tuple) and any(isinstance(part, tuple) for part in value):
        # groups of peers, in the order in which they are tried
        return "; ".join(" and ".join(part) or "everybody" for part in value)
    if isinstance(value, frozenset | tuple):
        return ", ".join(sorted(map(str, value))) or "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _paired(before: RatingTable, after: RatingTable) -> _Pairs:
    """Both ratings list the same crowd, so that places and markets agree; roles agree by name."""
    words = sorted({*before.gathered.frame.cards.roles, *after.gathered.frame.cards.roles})

    def keys(rated: RatingTable) -> Ints:
        cards = rated.gathered.frame.cards
        role = np.array([words.index(word) for word in cards.roles])[cards.role]
        key: Ints = (cards.who * len(words) + role) * len(rated.gathered.crowd.markets.words) + cards.market
        return key

    _, old, new = np.intersect1d(keys(before), keys(after), return_indices=True)
    visible = (before.rank[old] > 0) | (after.rank[new] > 0)
    return _Pairs(old[visible], new[visible])


def _standing(rated: RatingTable, cards: Ints) -> Floats:
    """How far down the grade of each card is, 0 = best, 1 = worst: rules may have grades of other names."""
    standing: Floats = rated.grade[cards] / max(len(rated.gathered.rules.grades) - 1, 1)
    return standing


def _transitions(before: RatingTable, after: RatingTable, pairs: _Pairs) -> tuple[Transition, ...]:
    old, new = before.grades, after.grades
    first, last = before.grade[pairs.before] % len(old), after.grade[pairs.after] % len(new)
    gmv = before.gmv[pairs.before]
    cell = first * len(new) + last
    count, money = np.bincount(cell), np.bincount(cell, gmv)
    return tuple(
        Transition(old[at // len(new)], new[at % len(new)], int(count[at]), float(money[at]))
        for at in np.flatnonzero(count).tolist()
    )


def _groups(before: RatingTable, after: RatingTable, pairs: _Pairs, up: Flags, down: Flags) -> Iterator[GroupEffect]:
    cards, crowd = before.gathered.frame.cards, before.gathered.crowd
    orders = before.orders[pairs.before]
    size = np.where(orders < _SMALL, 0, np.where(orders < _LARGE, 1, 2))
    newcomer = before.newcomer[pairs.before].astype(np.int64)
    sizes = (f"under {_SMALL} orders", f"{_SMALL} to {_LARGE - 1} orders", f"{_LARGE} orders or more")
    for group, code, words in (
        ("market", cards.market[pairs.before], crowd.markets.words),
        ("role", cards.role[pairs.before], cards.roles),
        ("size", size, sizes),
        ("newcomer", newcomer, ("no", "yes")),
    ):
        for value in np.unique(code).tolist():
            yield _effect(
                group=group,
                value=words[value],
                before=before,
                after=after,
                pairs=pairs,
                here=code == value,
                up=up,
                down=down,
            )


def _effect(
    group: str, value: str, before: RatingTable, after: RatingTable, pairs: _Pairs, here: Flags, up: Flags, down: Flags
) -> GroupEffect:
    old, new = before.score[pairs.before[here]], after.score[pairs.after[here]]
    change = new - old
    spread = _SURE * float(change.std()) / max(len(change) - 1, 1) ** 0.5
    mean = float(change.mean())
    return GroupEffect(
        group=group,
        value=value,
        cards=len(change),
        before=float(old.mean()),
        after=float(new.mean()),
        change=mean,
        interval=(mean - spread, mean + spread),
        up=int(up[here].sum()),
        down=int(down[here].sum()),
        gmv_down=float(before.gmv[pairs.before[here & down]].sum()),
    )


def _mover(before: RatingTable, after: RatingTable, pairs: _Pairs, at: int, what: MoverKind) -> Mover:
    old, new = int(pairs.before[at]), int(pairs.after[at])
    gathered = before.gathered
    cards = gathered.frame.cards
    return Mover(
        id=gathered.crowd.names.words[cards.who[old]],
        role=cards.roles[cards.role[old]],
        market=gathered.crowd.markets.words[cards.market[old]],
        before=float(before.score[old]),
        after=float(after.score[new]),
        change=float(after.score[new] - before.score[old]),
        grade_before=before.grades[before.grade[old]],
        grade_after=after.grades[after.grade[new]],
        rank_before=int(before.rank[old]) or None,
        rank_after=int(after.rank[new]) or None,
        what=what,
        orders=int(before.orders[old]),
        gmv=float(before.gmv[old]),
    )
