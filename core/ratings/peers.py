"""Peers: with whom a card is compared, and what their evidence says of it before its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.rules import Peer
from core.ratings.evidence import Counts
from core.ratings.frame import Frame
from core.ratings.prior import fit
from core.ratings.score import run_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Peers:
    """What each card's peers are like; shape (components, cards) each."""

    mean: Floats
    a: Floats
    b: Floats
    run: Floats
    weight: Floats
    """Points of each component, adding up to 100 on every card."""
    level: Ints
    """Index of the card's peer group in the rules' `groups`, that of its largest category; shape (cards,)."""
    category: Ints
    """Place of that category; shape (cards,)."""


def find(found: Frame, cells: Counts) -> Peers:
    """The priors of all cards: those of its cells' peer groups, weighed by the cases that it has in each."""
    weight = weights(found)
    level, groups = _levels(found, cells)
    size = len(found.cell_card)
    means, shapes = np.zeros((len(found.components), size)), np.zeros((len(found.components), size))
    for at, group in enumerate(groups):
        here = level == at
        if not here.any():
            continue
        pairs, pair = np.unique(found.cell_card * (int(group.max()) + 1) + group, return_inverse=True)
        n, k = cells.by(pair, len(pairs)).effective()
        card, pair_group = pairs // (int(group.max()) + 1), pairs % (int(group.max()) + 1)
        for row, one in enumerate(found.components):
            judged = np.where(weight[row, card] > 0, n[row], 0.0)
            prior = fit(judged, k[row], pair_group, int(group.max()) + 1, one.is_share)
            means[row, here], shapes[row, here] = prior.mean[group[here]], prior.a[group[here]]
    cases = cells.n + 1e-9
    mean, a = _mixed(found, cases, means), _mixed(found, cases, shapes)
    shares = np.array([[one.is_share] for one in found.components], bool).reshape(-1, 1)
    b = np.where(shares, a / mean - a, a / mean)
    scale = np.where(shares, 1.0, 1000.0)
    mean, b = np.where(shares, mean, mean * scale), b / scale
    run = np.stack(
        [run_of(mean[row], found.rules.peer_score, one.is_share) for row, one in enumerate(found.components)]
    )
    largest = _largest(found, cells)
    return Peers(mean, a, b, run, weight, level[largest], found.cell_category[largest])


def weights(found: Frame) -> Floats:
    """Points of each component of each card: the role's, of which those that nothing here tells of are given to the rest."""
    rules, names = found.rules, [one.key for one in found.components]
    by_role = np.array([[rules.role(role).weights.get(name, 0.0) for role in found.cards.roles] for name in names])
    total = by_role.sum(axis=0) if len(names) else np.zeros(len(found.cards.roles))
    share: Floats = (100 * by_role / np.where(total > 0, total, 1.0))[:, found.cards.role]
    return share


def label(found: Frame, peers: Peers, card: int, markets: Sequence[str], categories: Sequence[str]) -> str:
    """The peer group in words, such as "role=affiliate,market=ID"; "everybody" for the widest."""
    words = {
        "role": found.cards.roles[found.cards.role[card]],
        "market": markets[found.cards.market[card]],
        "category": categories[peers.category[card]],
    }
    shared = found.rules.groups[int(peers.level[card])]
    return ",".join(f"{name}={words[name]}" for name in shared) or "everybody"


def _levels(found: Frame, cells: Counts) -> tuple[Ints, list[Ints]]:
    """For each cell the first of the rules' groupings whose group has enough members; and each grouping by cell."""
    seen = (cells.cases > 0).any(axis=0)
    level = np.full(len(found.cell_card), len(found.rules.groups) - 1)
    groups = [_group(found, shared) for shared in found.rules.groups]
    for at in reversed(range(len(groups))):
        width = int(groups[at].max()) + 1
        members = np.unique(found.cell_card[seen] * width + groups[at][seen]) % width
        enough = np.bincount(members, minlength=width) >= found.rules.at_least
        level = np.where(enough[groups[at]], at, level)
    return level, groups


def _group(found: Frame, shared: tuple[Peer, ...]) -> Ints:
    """A number for each cell, the same for those that share all of this."""
    cards, key = found.cards, np.zeros(len(found.cell_card), np.int64)
    columns = {
        "role": cards.role[found.cell_card],
        "market": cards.market[found.cell_card],
        "category": found.cell_category,
    }
    for name in shared:
        key = key * (int(columns[name].max()) + 1) + columns[name]
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def _mixed(found: Frame, cases: Floats, values: Floats) -> Floats:
    """Mean over the cells of each card, weighed by their cases; shape (components, cards)."""

    def added(rows: Floats) -> Floats:
        sums = [np.bincount(found.cell_card, row, found.cards.size) for row in rows]
        return np.array(sums, np.float64).reshape(len(rows), found.cards.size)

    mixed: Floats = added(cases * values) / added(cases)
    return mixed


def _largest(found: Frame, cells: Counts) -> Ints:
    """The cell of each card with the most cases, the first of equals; shape (cards,)."""
    times = cells.cases.max(axis=0) if len(cells.cases) else np.zeros(len(found.cell_card))
    order = np.lexsort((np.arange(len(times)), -times, found.cell_card))
    largest: Ints = order[np.searchsorted(found.cell_card[order], np.arange(found.cards.size))]
    return largest
