"""The ratings of one person without those of everybody: kept in shards, each with a share of all persons.

What a rating rests on follows from everybody's evidence. The first who asks at a day has everybody rated; each shard then keeps
a share of them with the rows behind their cards, so that the next answer reads one shard.
"""

from dataclasses import dataclass, fields, replace
from typing import TypeVar
from zlib import crc32

import numpy as np
from msgspec import msgpack

from core.base.arrays import Flags, Ints
from core.catalogue.rating_rules import RatingRules
from core.ratings import rate
from core.ratings.cases import case_counts
from core.ratings.cases.accounts import Accounts, SortedWords
from core.ratings.cases.case_matrix import CaseMatrix
from core.ratings.cases.case_outcomes import Cases, Violations
from core.ratings.cases.case_streams import Stream
from core.ratings.rating_results import Side
from core.ratings.rating_table import RatingInputs, RatingTable
from core.ratings.scorecard.array_packing import pack, unpack
from core.ratings.scoring.grades import GradeHistory
from core.workspace.read import rating_rows
from core.workspace.read.workspace import Workspace

Table = TypeVar("Table", Cases, Violations)

_SHARDS = 16


@dataclass(frozen=True, slots=True)
class _Shard:
    """The ratings of some persons, packed."""

    data: bytes


def ratings_of(workspace: Workspace, side: Side, id_: str, rules: RatingRules, as_of: int) -> RatingTable:
    """The ratings of a day, of the person behind an account (or of a shop) and of whoever shares the shard.

    Raises NotEnoughData when there are no orders and no reviews by then.
    """
    number = _number(rating_rows.person_of(workspace, id_) if side == "creators" else id_)
    made: list[_Everybody] = []

    def shard(of: int) -> _Shard:
        if not made:
            made.append(_Everybody(rate.rate(workspace, side, rules, as_of)))
        return _Shard(msgpack.encode(pack(made[0].on(of), (RatingRules,))))

    def selected(of: int) -> _Shard:
        return workspace.kept(("ratings", side, rules.fingerprint, as_of, of), _Shard, lambda: shard(of))

    result = selected(number)
    if made and workspace.keeps:
        # the work of rating everybody is done: it is for whoever is asked for next as well
        for other in range(_SHARDS):
            selected(other)
    return unpack(RatingTable, msgpack.decode(result.data), {RatingRules: rules})


def _number(person: str) -> int:
    return crc32(person.encode()) % _SHARDS


class _Everybody:
    """The ratings of all, to be parted."""

    def __init__(self, rated: RatingTable) -> None:
        self._rated = rated
        self._shard = np.array([_number(person) for person in rated.gathered.crowd.persons])

    def on(self, number: int) -> RatingTable:
        """The ratings of the persons of a shard."""
        return only(self._rated, np.flatnonzero(self._shard[self._rated.gathered.frame.cards.who] == number))


def only(rated: RatingTable, cards: Ints) -> RatingTable:
    """The ratings of some cards (ascending), with the rows behind them; ranks and peers stay those among everybody."""
    graded = np.isin(rated.graded, cards)
    return replace(
        rated,
        gathered=_gathered(rated.gathered, cards),
        counts=rated.counts.of(cards),
        n=rated.n[:, cards],
        k=rated.k[:, cards],
        peers=rated.peers.of(cards),
        history=GradeHistory(rated.history.days, rated.history.grades[:, graded]),
        graded=np.searchsorted(cards, rated.graded[graded]),
        **{name: getattr(rated, name)[cards] for name in _BY_CARD},
    )


_BY_CARD = ("score", "low", "high", "grade", "rank", "rivals", "orders", "gmv", "newcomer", "ended")


def _gathered(gathered: RatingInputs, cards: Ints) -> RatingInputs:
    frame, crowd = case_counts.only(gathered.frame, cards), gathered.crowd
    of_people = np.unique(gathered.pool[cards])
    people = case_counts.only(gathered.pooled, of_people)
    here = np.unique(np.concatenate([[0], frame.cards.who, people.cards.who]))
    mine = np.zeros(crowd.size, bool)
    mine[here[1:]] = True
    case, violation = mine[gathered.cases.who], mine[gathered.violations.who]
    who = np.searchsorted(here, frame.cards.who)
    first = np.searchsorted(here, people.cards.who)

    def selected(matrix: CaseMatrix, places: Ints) -> CaseMatrix:
        streams = tuple(_renumbered(entry, violation if entry.of == "orders" else case) for entry in matrix.streams)
        return replace(matrix, cards=replace(matrix.cards, who=places), streams=streams)

    return replace(
        gathered,
        crowd=_crowd(crowd, here),
        frame=selected(frame, who),
        pooled=selected(people, first),
        pool=np.searchsorted(of_people, gathered.pool[cards]),
        cases=_rows(gathered.cases, case, here),
        violations=_rows(gathered.violations, violation, here),
    )


def _renumbered(stream: Stream, selected: Flags) -> Stream:
    """The stream with its bad cases pointing to the rows that are kept."""
    position = np.cumsum(selected) - 1
    return replace(stream, bads=tuple(replace(bad, row=position[bad.row]) for bad in stream.bads))


def _rows(table: Table, selected: Flags, here: Ints) -> Table:
    columns = {entry.name: getattr(table, entry.name)[selected] for entry in fields(table)}
    return replace(table, **{**columns, "who": np.searchsorted(here, columns["who"])})


def _crowd(crowd: Accounts, here: Ints) -> Accounts:
    names = tuple(crowd.names.words[at] for at in here.tolist())
    known = set(names)
    none = np.zeros(0, np.int64)
    return replace(
        crowd,
        names=SortedWords(names, none),
        persons=tuple(crowd.persons[at] for at in here.tolist()),
        own_shop=crowd.own_shop[here],
        market=crowd.market[here],
        joined=crowd.joined[here],
        listed=crowd.listed[here],
        roles=tuple(row for row in crowd.roles if row.creator_id in known),
    )
