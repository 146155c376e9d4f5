"""Peers: with whom a card is compared, and what their evidence says of it before its own."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations, distinct, largest_of
from core.catalogue.rating_rules import Peer
from core.ratings.cases.case_counts import CaseCounts
from core.ratings.cases.case_matrix import CaseMatrix
from core.ratings.scoring.priors import Members, Prior, fit, lean_on
from core.ratings.scoring.scores import run_of
from core.ratings.scoring.shared_quality import SharedQuality, fit_quality
from core.ratings.scoring.size_effect import size_effect

_FEW = 50.0
"""Bad cases from which a component weighs half: with fewer its mean is not known to 14 % (one over the root of fifty), and how
far members differ not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """What each card's peers are like; shape (components, cards) each."""

    mean: Floats
    """Share of bad cases, or cases per 1,000 orders."""
    a: Floats
    """Bad cases that the prior of the peers stands for."""
    reference: Floats
    """The rate that gets the rules' peer score."""
    run: Floats
    weight: Floats
    """Points of each component, adding up to 100 on every card."""
    level: Ints
    """Index of the card's peer group in the rules' `groups`, that of its largest category; shape (cards,)."""
    category: Ints
    """Place of that category; shape (cards,)."""
    factor: SharedQuality
    """What the components tell of each other."""

    def of(self, cards: Ints) -> "Peers":
        """The same of some cards, in their order."""
        return replace(
            self,
            **{entry.name: getattr(self, entry.name)[..., cards] for entry in fields(self) if entry.name != "factor"},
        )


def find(matrix: CaseMatrix, cells: CaseCounts, lately: CaseCounts) -> Peers:
    """The priors of all cards: those of its cells' peer groups, weighed by the cases that it has in each.

    `lately`: the evidence by the half-life of peers, to which priors are fitted.
    """
    weight = weights(matrix)
    counts = weight > 0
    fits: _Fits = {}
    of_cards = cells.by(matrix.cell_card, matrix.cards.size)
    n, k = (np.where(counts, values, 0.0) for values in of_cards.effective())
    sizes = [
        np.ones(len(n[row])) if entry.is_share else size_effect(n[row], k[row])
        for row, entry in enumerate(matrix.components)
    ]
    effect = np.array(sizes).reshape(n.shape)
    sized, sized_lately = (entry.times(effect[:, matrix.cell_card]) for entry in (cells, lately))
    means, shapes, level = _priors(matrix, sized, sized_lately, matrix.rules.groups, counts, fits)
    scale_groups = tuple(dict.fromkeys((matrix.rules.scale, *(("role",),) * ("role" in matrix.rules.scale), ())))
    references = _priors(matrix, sized, sized_lately, scale_groups, counts, fits)[0]
    cases = cells.n + 1e-9
    mean, a, reference = (_mixed(matrix, cases, values) for values in (means, shapes, references))
    mean, reference = mean * effect, reference * effect
    shares = np.array([[entry.is_share] for entry in matrix.components], bool).reshape(-1, 1)
    scale = np.where(shares, 1.0, 1000.0)
    run = [
        run_of(reference[row], matrix.rules.peer_score, entry.is_share) for row, entry in enumerate(matrix.components)
    ]
    runs = np.array(run).reshape(mean.shape) / scale
    largest = largest_of(matrix.cell_card, cells.cases.max(axis=0, initial=0.0))
    factor = fit_quality(mean, a, n, k, noise(matrix, mean), counts)
    category = matrix.cell_category[largest]
    return Peers(
        mean=mean * scale,
        a=a,
        reference=reference * scale,
        run=runs,
        weight=_telling(matrix, weight, of_cards.k, _validity(matrix, weight, n * mean, a, mean)),
        level=level[largest],
        category=category,
        factor=factor,
    )


def _telling(matrix: CaseMatrix, weight: Floats, k: Floats, validity: Floats) -> Floats:
    """Points of each component when those that tell little of who is good weigh less.

    A component with K bad cases of others, of any role, weighs K / (K + 50) of its points times its validity, the rest is given
    to the others; the first bad case anywhere so changes little for anybody. Nobody's own cases count: a bad one would give its
    component more weight, and so raise the score of who is good in it.
    """
    bad = np.where(weight > 0, k, 0.0)
    bad = np.maximum(bad.sum(axis=1, keepdims=True) - bad, 0.0)
    reported = weight * (bad + 0.5) / (bad + 0.5 + _FEW) * validity
    total = reported.sum(axis=0)
    share: Floats = 100 * reported / np.where(total > 0, total, 1.0)
    return share


def _validity(matrix: CaseMatrix, weight: Floats, expected: Floats, a: Floats, mean: Floats) -> Floats:
    """How well what is seen of the other members of a role goes with what is true of them; shape (components, cards).

    The root of the mean reliability, which is the correlation of the two (Lord and Novick, Statistical Theories of Mental Test
    Scores, 1968). `expected`: bad cases at the peers' rates.
    """
    rated = (weight > 0) & (expected > 0)
    reliability = np.where(rated, expected / np.maximum(expected + a * noise(matrix, mean), 1e-12), 0.0)
    members = _of_others(matrix, rated.astype(np.float64))
    result: Floats = np.sqrt(np.where(members > 0, _of_others(matrix, reliability) / np.maximum(members, 1), 1.0))
    return result


def _of_others(matrix: CaseMatrix, values: Floats) -> Floats:
    """Sums over the other cards of the role; shape (components, cards)."""
    role, size = matrix.cards.role, len(matrix.cards.roles)
    sums = np.array([np.bincount(role, row, size) for row in values]).reshape(len(values), size)
    result: Floats = np.maximum(sums[:, role] - values, 0.0)
    return result


def noise(matrix: CaseMatrix, mean: Floats) -> Floats:
    """Variance of the number of bad cases over its mean; shape (components, cards)."""
    shares = np.array([[entry.is_share] for entry in matrix.components], bool).reshape(-1, 1)
    return np.where(shares, 1 - mean, 1.0)


_Fits = dict[tuple[tuple[Peer, ...], ...], list[Prior]]
"""The priors of the first of some groupings, which leans on the next, one for each component."""


def _priors(
    matrix: CaseMatrix,
    cells: CaseCounts,
    lately: CaseCounts,
    groupings: Sequence[tuple[Peer, ...]],
    counts: Flags,
    fits: _Fits,
) -> tuple[Floats, Floats, Ints]:
    """(mean, a) of the first grouping whose group has enough members, and its index; by cell.

    Each grouping leans on the next wider one. `fits`: what is fitted already, to which the new ones are added.
    """
    level, groups = _levels(matrix, cells, groupings)
    shape = (len(matrix.components), len(matrix.cell_card))
    means, shapes = np.zeros(shape), np.zeros(shape)
    wider: list[Prior] = []
    for at in reversed(range(int(level.min(initial=0)), len(groupings))):
        outer, group, here = groups[at + 1] if wider else groups[at], groups[at], level == at
        chain = tuple(groupings[at:])
        if chain not in fits:
            whole, recent = (_members(matrix, entry, group, counts) for entry in (cells, lately))
            fits[chain] = _fitted(matrix, whole, recent, group, outer, wider)
        wider = fits[chain]
        for row, prior in enumerate(wider):
            means[row, here], shapes[row, here] = prior.mean[group[here]], prior.a[group[here]]
    return means, shapes, level


def _members(matrix: CaseMatrix, cells: CaseCounts, group: Ints, counts: Flags) -> list[Members]:
    """The cards of each group of cells with their evidence in it, for each component that tells something of them."""
    width = int(group.max(initial=0)) + 1
    pairs, pair = distinct(matrix.cell_card * width + group)
    n, k = cells.by(pair, len(pairs)).effective()
    reported = counts[:, pairs // width]
    return [
        Members(np.where(reported[row], n[row], 0.0), np.where(reported[row], k[row], 0.0), pairs % width)
        for row in range(len(n))
    ]


def _fitted(
    matrix: CaseMatrix, whole: list[Members], recent: list[Members], group: Ints, outer: Ints, wider: list[Prior]
) -> list[Prior]:
    """The priors of groups of cells, one for each component; components of one kind are fitted in one go.

    `wider`: the priors of the groups `outer` of the same cells; empty for the widest grouping.
    """
    width, broad = int(group.max(initial=0)) + 1, int(outer.max(initial=0)) + 1
    part_of = np.zeros(width, np.int64)
    part_of[group] = outer
    priors: dict[int, Prior] = {}
    for is_share in (True, False):
        rows = [row for row, entry in enumerate(matrix.components) if entry.is_share == is_share]
        if not rows:
            continue
        all_, late = (_stacked([members[row] for row in rows], width) for members in (whole, recent))
        lean = None
        if wider:
            around = Prior(*(np.concatenate([getattr(wider[row], name) for row in rows]) for name in ("mean", "a")))
            block = np.repeat(np.arange(len(rows)), width)
            lean = lean_on(late, around, np.tile(part_of, len(rows)) + block * broad, is_share, len(rows))
        fitted = fit(all_, width * len(rows), is_share, lean, late, len(rows))
        means, shapes = (entry.reshape(len(rows), width) for entry in (fitted.mean, fitted.a))
        priors |= {row: Prior(means[at], shapes[at]) for at, row in enumerate(rows)}
    return [priors[row] for row in range(len(matrix.components))]


def _stacked(members: list[Members], width: int) -> Members:
    """Members of several components in one, the groups of each after those of the one before."""
    n, k = (np.concatenate([getattr(entry, name) for entry in members]) for name in ("n", "k"))
    return Members(n, k, np.concatenate([entry.group + at * width for at, entry in enumerate(members)]))


def weights(matrix: CaseMatrix) -> Floats:
    """Points of each component of each card: the role's, of which those that nothing here tells of are given to the rest."""
    rules, names = matrix.rules, [entry.key for entry in matrix.components]
    rows = [[rules.role(role).weights.get(name, 0.0) for role in matrix.cards.roles] for name in names]
    by_role = np.array(rows).reshape(len(names), len(matrix.cards.roles))
    total = by_role.sum(axis=0)
    share: Floats = (100 * by_role / np.where(total > 0, total, 1.0))[:, matrix.cards.role]
    return share


def label(matrix: CaseMatrix, peers: Peers, card: int, markets: Sequence[str], categories: Sequence[str]) -> str:
    """The peer group in words, such as "role=affiliate,market=ID"; "everybody" for the widest."""
    words = {
        "role": matrix.cards.roles[matrix.cards.role[card]],
        "market": markets[matrix.cards.market[card]],
        "category": categories[peers.category[card]],
    }
    shared = matrix.rules.groups[int(peers.level[card])]
    return ",".join(f"{name}={words[name]}" for name in shared) or "everybody"


def _levels(matrix: CaseMatrix, cells: CaseCounts, groupings: Sequence[tuple[Peer, ...]]) -> tuple[Ints, list[Ints]]:
    """For each cell the first of the groupings whose group has enough members, else the last; and each grouping by cell."""
    visible = (cells.cases > 0).any(axis=0)
    level = np.full(len(matrix.cell_card), len(groupings) - 1)
    groups = [_group(matrix, shared) for shared in groupings]
    for at in reversed(range(len(groups))):
        width = int(groups[at].max()) + 1
        members = distinct(matrix.cell_card[visible] * width + groups[at][visible])[0] % width
        enough = np.bincount(members, minlength=width) >= matrix.rules.at_least
        level = np.where(enough[groups[at]], at, level)
    return level, groups


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


def _mixed(matrix: CaseMatrix, cases: Floats, values: Floats) -> Floats:
    """Mean over the cells of each card, weighed by their cases; shape (components, cards)."""

    def added(rows: Floats) -> Floats:
        sums = [np.bincount(matrix.cell_card, row, matrix.cards.size) for row in rows]
        return np.array(sums, np.float64).reshape(len(rows), matrix.cards.size)

    mixed: Floats = added(cases * values) / added(cases)
    return mixed
