"""Members who have more buyers in common than their sizes explain, and who else the same buyers buy from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import combinations, distinct
from core.ecosystem.risk.buyer_patterns import BuyerGroups, Purchases, pairs_of
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import tail

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_LEAST_SHARED = 5
_REGULAR, _FEW = 3, 3
"""Purchases at a member that make a regular buyer, and members up to which two do of one who buys nowhere else. Twelve buyers who
come to three busy members six times each are no more than any two of them share by chance, and nearly all of their regular ones;
of twelve who come to two members two to five times each, half were regular by three purchases."""
_WORDS = {"shared_buyers": "buyers", "shared_regulars": "regular buyers"}
_ROUNDS, _FIRST_DOUBT, _DOUBT = 4, 1e-4, 0.1
"""Of the search for how pairs scatter: the chance below which a pair is left out at first, and that of all pairs later.

With all pairs, three that share 12 regular buyers where 0.4 are usual had a chance of 0.003, without themselves of 1e-14."""
_NOTHING, _LEAST_SPREAD = 1e-9, 0.02
_LEAST: Mapping[str, tuple[float, float]] = {"shared_buyers": (0.1, 0.25), "shared_regulars": (0.1, 2.0)}
"""By kind, what any two members are taken to share at least, and how much pairs scatter at least: some have their fans in common.

Eight regular buyers make a lead among 2,000 tests of 100 members. Of 30 made-up marketplaces, where up to five pairs of creators
have 8 to 24 fans in common, one had leads for two of these pairs with a least scatter of 0.02."""
_RING, _SEEDS = 1e-4, 20
"""Chance of a pair, all pairs counted, from which on others are sought who share its buyers; pairs that are looked at."""
_USUAL_TIMES = 3.0
"""Buyers go to members of one market: how many times more often than anywhere they buy at a member of their own."""


@dataclass(frozen=True, slots=True)
class CreatorBuyers:
    """Through whom a shop's buyers buy; one element an order line, shape (lines,)."""

    member: Ints
    buyer: Ints
    """Number of the creator and the buyer together."""


def regulars(purchases: Purchases) -> Purchases:
    """The purchases of those who buy at a member again and again; these buyers are numbered densely."""
    (_, buyer), position, times = combinations(purchases.member, purchases.buyer)
    comes_back = (times >= _REGULAR) | ((times >= _REGULAR - 1) & (np.bincount(buyer)[buyer] <= _FEW))
    some = purchases.only(comes_back[position])
    return replace(some, buyer=distinct(some.buyer)[1])


def shared_buyers(
    purchases: Purchases,
    person: Ints,
    names: tuple[str, ...],
    through: CreatorBuyers | None = None,
    kind: str = "shared_buyers",
) -> Leads:
    """Pairs of members of different persons with more buyers in common than their sizes explain.

    `through`: who is loyal to a creator buys at all the shops that it sells for, so buyers whom two shops share through one
    creator do not count. `kind`: "shared_regulars" of the purchases of regular buyers alone.
    """
    if not len(purchases.member):
        return Leads.nothing(kind)
    members, row = distinct(purchases.member)
    bought = _incidence(row, purchases.buyer, len(members))
    common = _independently_shared(bought, members, through).tocoo()
    first, second, count = (np.rint(part).astype(np.int64) for part in (common.row, common.col, common.data))
    sizes = np.zeros((len(members), int(purchases.market.max()) + 1))
    cells = BuyerGroups.by(purchases.buyer, purchases.member, purchases.market)
    sizes[row[cells.first], purchases.market[cells.first]] = cells.size - cells.repeats
    chance = _common_chance(purchases, sizes)
    usual = ((sizes[first] @ chance) * sizes[second]).sum(axis=1)
    expected, spread = _scatter(usual, count, sizes, chance)
    least, least_spread = _LEAST[kind]
    # where to look for others is no lead yet
    doubt = tail(count, expected, spread) * (len(members) - 1)
    known = purchases.first_week > purchases.week.max()
    fans = _in_common(_incidence(row[known], purchases.buyer[known], len(members)))[first, second]
    expected = np.maximum(expected * _without(count - fans - expected, sizes.sum(axis=1), first, second), least)
    p_value = tail(count, expected, max(spread, least_spread)) * (len(members) - 1)
    other = (person[members[first]] != person[members[second]]) & (count >= _LEAST_SHARED)
    pairs = np.flatnonzero(other)
    seeds = pairs[doubt[pairs] * len(members) < _RING]
    seeds = seeds[np.argsort(doubt[seeds], kind="stable")][:_SEEDS]
    joins, of_seed, columns = _wider(bought, first[seeds], second[seeds])
    twice, mate = np.concatenate([pairs, pairs]), np.concatenate([second[pairs], first[pairs]])

    def reasons(at: int) -> tuple[str, ...]:
        if at < len(twice):
            pair = twice[at]
            return (
                f"shares {count[pair]} {_WORDS[kind]} with {names[members[mate[at]]]}, where {expected[pair]:.1f} are usual",
            )
        seed = seeds[of_seed[at - len(twice)]]
        both = f"{names[members[first[seed]]]} and {names[members[second[seed]]]}"
        times = columns[0][at - len(twice)]
        return (f"{times:.0f} of the {count[seed]} {_WORDS[kind]} that {both} share buy here too",)

    return by_member(
        kind=kind,
        member=members[np.concatenate([first[pairs], second[pairs], joins])],
        p_value=np.concatenate([p_value[twice], columns[1] * len(members) * max(len(seeds), 1)]),
        count=np.concatenate([count[twice], columns[0].astype(np.int64)]),
        expected=np.concatenate([expected[twice], columns[2]]),
        reasons=reasons,
        tested=len(members),
    )


def _independently_shared(bought: "csr_array", members: Ints, through: CreatorBuyers | None) -> "csr_array":
    """Buyers that each two members have in common, without those who came to both through one creator."""
    common = _in_common(bought)
    if through is None:
        return common
    known = np.isin(through.member, members)
    loyal = _incidence(np.searchsorted(members, through.member[known]), through.buyer[known], len(members))
    return (common - common.minimum(_in_common(loyal))).tocsr()


def _wider(bought: "csr_array", first: Ints, second: Ints) -> tuple[Ints, Ints, list[Floats]]:
    """Where else the buyers buy whom pairs share: the member, its pair, and how many of these buyers it has, how likely as many
    are, and how many are usual; all of shape (n,).
    """
    rings = [_joined(bought, int(one), int(other)) for one, other in zip(first, second, strict=True)]
    has = [times >= _LEAST_SHARED for times, _, _ in rings]
    joins = np.concatenate([np.zeros(0, np.int64), *map(np.flatnonzero, has)])
    of_pair = np.repeat(np.arange(len(rings)), [int(own.sum()) for own in has])
    columns = [
        np.concatenate([np.zeros(0), *(ring[part][own] for ring, own in zip(rings, has, strict=True))])
        for part in range(3)
    ]
    return joins, of_pair, columns


def _incidence(row: Ints, buyer: Ints, members: int) -> "csr_array":
    """1 where a member has a buyer; shape (members, buyers)."""
    from scipy.sparse import csr_array

    result = csr_array((np.ones(len(row)), (row, buyer)), shape=(members, int(buyer.max(initial=0)) + 1))
    result.data = np.ones_like(result.data)
    return result


def _in_common(bought: "csr_array") -> "csr_array":
    """How many buyers each two members have in common, the first by place before the second; shape (members, members)."""
    from scipy.sparse import triu

    return triu(bought @ bought.T, 1).tocsr()


def _joined(bought: "csr_array", first: int, second: int) -> tuple[Floats, Floats, Floats]:
    """How many of the buyers whom two members share each other member has, its chance, and what is usual; shape (members,)."""
    from scipy.special import bdtrc

    dense = bought[[first, second]].toarray() > 0
    shared = np.flatnonzero(dense.all(axis=0))
    times = np.asarray(bought[:, shared].sum(axis=1)).ravel()
    times[[first, second]] = 0
    size = np.asarray(bought.sum(axis=1)).ravel()
    part = np.minimum(_USUAL_TIMES * size / max(bought.shape[1], 1), 0.9)
    return times, np.asarray(np.where(times > 0, bdtrc(times - 1, len(shared), part), 1.0)), len(shared) * part


def _common_chance(purchases: Purchases, sizes: Floats) -> Floats:
    """The chance that a buyer of one member is a given buyer of another, by the market of either; shape (markets, markets).

    Within a market it is that of all pairs there; two markets have that of all pairs of different ones.
    """
    market, _, buyer = combinations(purchases.market, purchases.member, purchases.buyer)[0]
    buyers, everywhere = BuyerGroups.by(buyer, market), combinations(purchases.member, purchases.buyer)[0]
    total = sizes.sum(axis=0)
    possible, pairs = (total**2 - (sizes**2).sum(axis=0)) / 2, np.zeros(len(total))
    pairs[market[buyers.first]] = buyers.pairs
    all_pairs = pairs_of(np.bincount(everywhere[1])).sum() - pairs.sum()
    all_possible = (total.sum() ** 2 - (sizes.sum(axis=1) ** 2).sum()) / 2 - possible.sum()
    chance = np.full((len(total), len(total)), max(float(all_pairs), 0.0) / max(float(all_possible), 1.0))
    np.fill_diagonal(chance, pairs / np.maximum(possible, 1))
    return chance


def _without(suspects: Floats, buyers: Floats, first: Ints, second: Ints) -> Floats:
    """Part of what is usual that is left without some buyers whom two members share; shape (pairs,).

    The buyers of a ring tell nothing of how many others its members have. `suspects`: more than are usual, without those who have
    been there for long, as fans have; `buyers`: of each member.
    """
    part = np.ones(len(first))
    for member in (first, second):
        part *= (buyers[member] - np.clip(suspects, 0, buyers[member]) + 1) / (buyers[member] + 1)
    return part


def _scatter(usual: Floats, count: Ints, sizes: Floats, chance: Floats) -> tuple[Floats, float]:
    """What was to be expected of pairs that share any buyer, shape (pairs,), and how much all pairs scatter more than Poisson.

    `usual`: by the chance of all pairs. How far it is, and the scatter, are learnt from all, those without any count too, in a
    forward search (Atkinson and Riani 2000): pairs that stand out teach nothing of it, and come back when they fit.
    """
    diagonal, everybody = ((sizes @ chance) * sizes).sum(axis=1), sizes.sum(axis=0)
    cross = chance @ (sizes.T @ sizes)
    squares = (float(np.trace(cross @ cross)) - float((diagonal**2).sum())) / 2
    total = float(everybody @ chance @ everybody - diagonal.sum()) / 2
    pairs = len(sizes) * (len(sizes) - 1) / 2
    expected, spread, doubt = np.maximum(usual, _NOTHING), _LEAST_SPREAD, _FIRST_DOUBT
    for _ in range(_ROUNDS):
        keep = tail(count, expected, spread) >= doubt
        # one case more than was seen: of few that are left nobody knows that they are none
        factor = min((float(count[keep].sum()) + 1) / (total - float(usual[~keep].sum()) + 1), 1.0)
        expected = np.maximum(factor * usual, _NOTHING)
        known = factor**2 * (squares - float((usual[~keep] ** 2).sum()))
        excess = float((count[keep] * (count[keep] - 2 * expected[keep] - 1)).sum()) + known
        spread, doubt = max(excess / known, _LEAST_SPREAD) if known > 0 else _LEAST_SPREAD, _DOUBT / max(pairs, 1)
    return expected, spread
