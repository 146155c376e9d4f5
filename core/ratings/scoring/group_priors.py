"""Priors of peer groups, each leaning on the next wider one, as the cells of each card see them.

A card is judged by others: no other card of the same person counts in what its peers are like. Bad orders in one role would
otherwise make peers look worse and further apart, and so raise the person's score in another role: thirty by up to 15 points
where a hundred creators have 7,000 orders, by 1 to 3 with this. A group is fitted once, to what its members tell
(`bounded_influence`). Then the members to leave out are taken off its sums and likelihoods, and how far apart peers are follows
for each from all evidence of its own, with the weights and means of the whole: exact but for what those would change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations, distinct
from core.catalogue.rating_rules import Peer
from core.ratings.cases.case_counts import CaseCounts
from core.ratings.cases.case_matrix import CaseMatrix
from core.ratings.scoring import priors
from core.ratings.scoring.left_out import own_others
from core.ratings.scoring.priors import FittedPrior, Lean, Members, Prior


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The priors of the groups of one grouping; shape (components, ...)."""

    of_group: Prior
    of_apart: Prior
    """As the cells of cards that are judged apart see them."""


class GroupPriors:
    """The priors of groupings of cells; what several questions have in common is fitted once.

    `told`: what cards tell of others (`bounded_influence`); `lately`: the same by the half-life of peers; `own`: all their
    evidence; `counts`: which components count for which cards; `apart`: the cards that see what is theirs otherwise than
    everybody does: without other cards of their person, and their own evidence in full.
    """

    def __init__(
        self, matrix: CaseMatrix, told: CaseCounts, lately: CaseCounts, own: CaseCounts, counts: Flags, apart: Ints
    ) -> None:
        self._matrix, self._told, self._lately, self._own, self._counts = matrix, told, lately, own, counts
        is_apart = np.zeros(matrix.cards.size, bool)
        is_apart[apart] = True
        self._apart = np.flatnonzero(is_apart[matrix.cell_card])
        self._fits: dict[tuple[tuple[Peer, ...], ...], _Fitted] = {}

    def of_cells(self, groupings: Sequence[tuple[Peer, ...]]) -> tuple[Prior, Ints]:
        """The prior of the first grouping whose group has enough members, (components, cells), and its index, (cells,)."""
        level, groups = self._levels(groupings)
        means, shapes = (np.zeros((len(self._matrix.components), len(level))) for _ in range(2))
        wider: _Fitted | None = None
        for at in reversed(range(int(level.min(initial=len(groupings) - 1)), len(groupings))):
            group, here, chain = groups[at], level == at, tuple(groupings[at:])
            if chain not in self._fits:
                self._fits[chain] = self._fitted(group, groups[at + 1] if wider else group, wider)
            wider = self._fits[chain]
            seen = here[self._apart]
            for values, name in ((means, "mean"), (shapes, "a")):
                values[:, here] = getattr(wider.of_group, name)[:, group[here]]
                values[:, self._apart[seen]] = getattr(wider.of_apart, name)[:, seen]
        return Prior(means, shapes), level

    def _levels(self, groupings: Sequence[tuple[Peer, ...]]) -> tuple[Ints, list[Ints]]:
        """For each cell the first of the groupings whose group has enough members, else the last; and each grouping by cell."""
        matrix = self._matrix
        visible = (self._own.cases > 0).any(axis=0)
        level = np.full(len(matrix.cell_card), len(groupings) - 1)
        groups = [_group(matrix, shared) for shared in groupings]
        for at in reversed(range(len(groups))):
            width = int(groups[at].max()) + 1
            members = distinct(matrix.cell_card[visible] * width + groups[at][visible])[0] % width
            enough = np.bincount(members, minlength=width) >= matrix.rules.at_least
            level = np.where(enough[groups[at]], at, level)
        return level, groups

    def _fitted(self, group: Ints, outer: Ints, wider: _Fitted | None) -> _Fitted:
        """The priors of groups of cells; `wider`: those of the groups `outer` of the same cells, None for the widest."""
        matrix, members = self._matrix, _Members.of(self._matrix, group, self._apart)
        part_of = np.zeros(members.groups, np.int64)
        part_of[group] = outer
        of_group, of_apart = (_empty(len(matrix.components), size) for size in (members.groups, len(self._apart)))
        evidence = [self._evidence(entry, members) for entry in (self._told, self._lately, self._own)]
        for is_share in (True, False):
            of = np.flatnonzero([entry.is_share == is_share for entry in matrix.components])
            if not len(of):
                continue
            whole, late, own = (members.evidence(n[of], k[of]) for n, k in evidence)
            lean = None
            if wider:
                broad = members.stacked(part_of, wider.of_group.mean.shape[1], len(of))
                lean = priors.lean_on(late, wider.of_group.of(np.ix_(of)), broad, is_share)
            fitted = priors.fit(whole, members.groups * len(of), is_share, lean, late, len(of))
            _put(of_group, of, fitted)
            if len(self._apart):
                view = members.stacked(members.apart, len(members.card), len(of))
                owner = members.stacked(members.owners(matrix.cards.who), len(members.card), len(of))
                if wider:
                    lean = fitted.lean.of(whole.group[view]).around(wider.of_apart.of(np.ix_(of, members.one_cell)))
                else:
                    lean = _everybody_else(whole, view, owner, is_share)
                told, lately, all_own = (entry.of(view) for entry in (whole, late, own))
                left = _as_seen(fitted, told, lately, all_own, owner, lean, is_share)
                _put(of_apart, of, left, members.place)
        return _Fitted(of_group, of_apart)

    def _evidence(self, cells: CaseCounts, members: "_Members") -> tuple[Floats, Floats]:
        """(n, k) of members, 0 where a component does not count; shape (components, members)."""
        counted = self._counts[:, members.card]
        n, k = cells.by(members.cell, len(members.card)).effective()
        return np.where(counted, n, 0.0), np.where(counted, k, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    """The cards of each group of cells; shape (members,) each."""

    card: Ints
    group: Ints
    groups: int
    """How many there are."""
    cell: Ints
    """Member of each cell, shape (cells,)."""
    apart: Ints
    """Members of the cells of cards that are judged apart, ascending;"""
    place: Ints
    """which of these each such cell is of;"""
    one_cell: Ints
    """and one such cell of each."""

    @classmethod
    def of(cls, matrix: CaseMatrix, group: Ints, apart_cells: Ints) -> "_Members":
        width = int(group.max(initial=0)) + 1
        keys, cell = distinct(matrix.cell_card * width + group)
        apart, place = distinct(cell[apart_cells])
        one_cell = np.zeros(len(apart), np.int64)
        one_cell[place] = np.arange(len(place))
        return cls(card=keys // width, group=keys % width, groups=width, cell=cell, apart=apart, place=place,
                   one_cell=one_cell)  # fmt: skip

    def owners(self, who: Ints) -> Ints:
        """A number for each person in each group, of the members that are judged apart; `who` has each card."""
        width = int(who.max(initial=0)) + 1
        return distinct(self.group[self.apart] * width + who[self.card[self.apart]])[1]

    def evidence(self, n: Floats, k: Floats) -> Members:
        """The members with their cases in some components, (components, members), one component after the other."""
        return Members(n.reshape(-1), k.reshape(-1), self.stacked(self.group, self.groups, len(n)))

    @staticmethod
    def stacked(values: Ints, size: int, blocks: int) -> Ints:
        """Numbers below a size, once for each block, those of each block after those of the one before."""
        return (values + size * np.arange(blocks)[:, None]).reshape(-1)


def _everybody_else(members: Members, view: Ints, owner: Ints, is_share: bool) -> Lean:
    """What the widest groups lean to as the members of a view see it, without the others of the same owner."""
    rated = members.capped(is_share)
    group, size = members.group, int(members.group.max(initial=0)) + 1
    k, n = (
        np.maximum(np.bincount(group, values, size)[group[view]] - own_others(values[view], owner), 0.0)
        for values in (rated.k, rated.n)
    )
    return priors.lean_to(k, n, is_share)


def _as_seen(
    fitted: FittedPrior, told: Members, lately: Members, own: Members, owner: Ints, lean: Lean, is_share: bool
) -> Prior:
    """The priors of their groups as these members see them: without the others of the same owner, with their own in full.

    `lean`: what each sees its group lean to.
    """
    group = told.group
    told, lately, own = (entry.capped(is_share) for entry in (told, lately, own))
    likelihood = fitted.likelihood[:, group]
    differs = np.flatnonzero((np.bincount(owner)[owner] > 1) | (own.k > told.k))
    if len(differs):
        telling, all_own = (priors.log_marginal(entry.of(differs), fitted.mean_at, is_share) for entry in (told, own))
        likelihood[:, differs] += all_own - telling - own_others(telling, owner[differs])
    strength = fitted.strength[group]
    weight = strength / (strength + lately.n)
    bad, cases = (
        np.maximum(all_[group] - own_others(weight * values, owner), 0.0)
        for all_, values in ((fitted.bad, lately.k), (fitted.cases, lately.n))
    )
    return Prior(priors.leaned(bad, cases, lean, is_share), priors.shape(likelihood, lean, is_share))


def _empty(rows: int, columns: int) -> Prior:
    return Prior(np.zeros((rows, columns)), np.zeros((rows, columns)))


def _put(table: Prior, rows: Ints, values: Prior, places: Ints | slice = slice(None)) -> None:
    """Writes what was fitted for some components, one after the other, into their rows."""
    for into, of in ((table.mean, values.mean), (table.a, values.a)):
        into[rows] = of.reshape(len(rows), -1)[:, places]


def _group(matrix: CaseMatrix, shared: tuple[Peer, ...]) -> Ints:
    """A number for each cell, the same for those that share all of this."""
    cards = matrix.cards
    columns = {
        "role": cards.role[matrix.cell_card],
        "market": cards.market[matrix.cell_card],
        "category": matrix.cell_category,
    }
    chosen = [columns[name] for name in shared] or [np.zeros_like(matrix.cell_category)]
    return combinations(*chosen)[1]
