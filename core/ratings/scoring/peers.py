"""Peers: with whom a card is compared, and what their evidence says of it before its own."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations, largest_of
from core.catalogue.rating_rules import Peer
from core.ratings.cases.case_counts import CaseCounts
from core.ratings.cases.case_matrix import CaseMatrix
from core.ratings.scoring.bounded_influence import told
from core.ratings.scoring.group_priors import GroupPriors
from core.ratings.scoring.left_out import felt, has_several, of_others
from core.ratings.scoring.priors import Prior
from core.ratings.scoring.scores import run_of
from core.ratings.scoring.shared_quality import SharedQuality, fit_quality
from core.ratings.scoring.size_effect import size_effect
from core.ratings.scoring.usual_rates import usual_rates

_MOST_BAD = 0.98
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
            factor=self.factor.of(cards),
        )


def find(matrix: CaseMatrix, cells: CaseCounts, lately: CaseCounts) -> Peers:
    """The priors of all cards: those of its cells' peer groups, weighed by the cases that it has in each.

    `lately`: the evidence by the half-life of peers, to which priors are fitted.
    """
    weight = weights(matrix)
    counts = weight > 0
    of_cards = cells.by(matrix.cell_card, matrix.cards.size)
    n, k = of_cards.effective()
    # violations of who has no orders say nothing of a rate
    n, k = (np.where(counts & (n > 0), values, 0.0) for values in (n, k))
    cards = matrix.cards
    effect, on_scale_effect = _effects(matrix, cells, counts, _size_effects(matrix, n, k))
    of_market = combinations(cards.role, cards.market)[1]
    share = told(n * _mixed(matrix, cells.n + 1e-9, effect), k, (cards.role, of_market), cards.who)
    near, on_scale, level = _groups(matrix, cells, lately, effect, share, (n, k), counts)
    most = np.where(matrix.is_share(), _MOST_BAD, np.inf)
    mean, a, reference, scale_a = (
        _mixed(matrix, cells.n + 1e-9, values)
        for values in (
            np.minimum(near.mean * effect, most),
            near.a,
            np.minimum(on_scale.mean * on_scale_effect, most),
            on_scale.a,
        )
    )
    scale = np.where(matrix.is_share(), 1.0, 1000.0)
    run = [
        run_of(reference[row], matrix.rules.peer_score, entry.is_share) for row, entry in enumerate(matrix.components)
    ]
    largest = largest_of(matrix.cell_card, cells.cases.max(axis=0, initial=0.0))
    strength = scale_a * noise(matrix, reference) / reference
    return Peers(
        mean=mean * scale,
        a=a,
        reference=reference * scale,
        run=np.array(run).reshape(mean.shape) / scale,
        weight=_telling(matrix, weight, of_cards.k, _validity(matrix, weight, n, strength)),
        level=level[largest],
        category=matrix.cell_category[largest],
        factor=fit_quality(mean, a, n, k * share, noise(matrix, mean), counts, matrix.cards.who),
    )


def _groups(
    matrix: CaseMatrix, cells: CaseCounts, lately: CaseCounts, effect: Floats, share: Floats,
    evidence: tuple[Floats, Floats], counts: Flags,
) -> tuple[Prior, Prior, Ints]:  # fmt: skip
    """The priors of each cell's peers, and of all on its card's scale; (components, cells) each, and the level of the peers.

    `effect`: of the size of each card, by which its cases count; `share`: of its bad cases, that tells of others (`told`);
    `evidence`: n and k of cards.
    """
    sized, sized_lately = (entry.times(effect) for entry in (cells, lately))
    telling, telling_lately = (entry.telling(share[:, matrix.cell_card]) for entry in (sized, sized_lately))
    who = matrix.cards.who
    apart = felt(who, np.concatenate(evidence)) & (has_several(who) | (share < 1).any(axis=0))
    priors = GroupPriors(matrix, telling, telling_lately, sized, counts, np.flatnonzero(apart))
    near, level = priors.of_cells(matrix.rules.groups)
    scale_groups: tuple[tuple[Peer, ...], ...] = (("role",), ()) if "role" in matrix.rules.scale else ((),)
    return near, priors.of_cells(scale_groups)[0], level


def _effects(matrix: CaseMatrix, cells: CaseCounts, counts: Flags, size_effects: Floats) -> tuple[Floats, Floats]:
    """What is usual where each cell is over the mean of its role, and that for its score; shape (components, cells) each."""
    of_card, who = matrix.cell_card, matrix.cards.who[matrix.cell_card]
    n, k = (np.where(counts[:, of_card], values, 0.0) for values in cells.effective())
    places: dict[Peer, Ints] = {"category": matrix.cell_category, "market": matrix.cards.market[of_card]}
    factors = usual_rates(n, k, matrix.cards.role[of_card], places, who)
    ones = np.ones_like(n)
    all_, own = (
        np.where(matrix.is_share(), np.prod([ones, *chosen], axis=0), size_effects[:, of_card])
        for chosen in (factors.values(), [factor for name, factor in factors.items() if name in matrix.rules.scale])
    )
    return all_, own


def _size_effects(matrix: CaseMatrix, n: Floats, k: Floats) -> Floats:
    """`size_effect` of rates, 1 for shares; shape (components, cards)."""
    rows = zip(matrix.components, n, k, strict=True)
    return np.array([np.ones(len(cases)) if entry.is_share else size_effect(cases, bad) for entry, cases, bad in rows])


def _telling(matrix: CaseMatrix, weight: Floats, k: Floats, validity: Floats) -> Floats:
    """Points of each component when those that tell little of who is good weigh less.

    A component with K bad cases of others, of any role, weighs K / (K + 50) of its points times its validity, the rest is given
    to the others; the first bad case anywhere so changes little for anybody. Nobody's own cases count: a bad one would give its
    component more weight, and so raise the score of who is good in it.
    """
    bad = of_others(np.where(weight > 0, k, 0.0), np.zeros(matrix.cards.size, np.int64), matrix.cards.who)
    reported = weight * (bad + 0.5) / (bad + 0.5 + _FEW) * validity
    total = reported.sum(axis=0)
    share: Floats = 100 * reported / np.where(total > 0, total, 1.0)
    return share


def _validity(matrix: CaseMatrix, weight: Floats, n: Floats, strength: Floats) -> Floats:
    """How well what is seen of the other members of a role goes with what is true of them; shape (components, cards).

    The root of the mean reliability, which is the correlation of the two (Lord and Novick, Statistical Theories of Mental Test
    Scores, 1968). `strength`: how many cases tell as much as the prior of all on the card's scale does.
    """
    rated = (weight > 0) & (n > 0)
    reliability, strengths = np.where(rated, n / np.maximum(n + strength, 1e-300), 0.0), np.where(rated, strength, 0.0)
    members, reliable, usual = (
        of_others(values, matrix.cards.role, matrix.cards.who)
        for values in (rated.astype(np.float64), reliability, strengths)
    )
    # one with as many cases is as reliable as they are on average; here by the prior that leaves the card's person out
    cases = usual / np.maximum(members, 1.0) * reliable / np.maximum(members - reliable, 1e-12)
    result: Floats = np.sqrt(np.where(members > 0, cases / np.maximum(cases + strength, 1e-300), 1.0))
    return result


def noise(matrix: CaseMatrix, mean: Floats) -> Floats:
    """Variance of the number of bad cases over its mean; shape (components, cards)."""
    return np.where(matrix.is_share(), 1 - mean, 1.0)


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


def _mixed(matrix: CaseMatrix, cases: Floats, values: Floats) -> Floats:
    """Mean over the cells of each card, weighed by their cases; shape (components, cards)."""

    def added(rows: Floats) -> Floats:
        sums = [np.bincount(matrix.cell_card, row, matrix.cards.size) for row in rows]
        return np.array(sums, np.float64).reshape(len(rows), matrix.cards.size)

    mixed: Floats = added(cases * values) / added(cases)
    return mixed
